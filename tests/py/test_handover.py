"""Tokens of ``hand_over``: what they resume, and what is refused."""

from __future__ import annotations

import asyncio
import base64
import contextvars
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

import freehold
from freehold import AsyncTenants, Tenants
from freehold.context.handover import SIZE, Tokens
from support.database import Database
from support.world import World, provision

TEMPLATE = "create table note (id bigint generated always as identity primary key, body text not null, by text)"
WHO = "select freehold.tenant_current(), freehold.actor_current(), current_setting('transaction_read_only')"
SECRET = secrets.token_bytes(32)
NOW = time.time()


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, TEMPLATE)


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    yield world
    world.close("note")


@pytest.fixture
def tenants(world: World) -> Iterator[Tenants]:
    with Tenants(world.conninfo, **world.options(), listen=False, token_secret=SECRET) as tenants:
        yield tenants


def who(tenants: Tenants, token: str, purpose: str | None = None) -> tuple[Any, ...] | None:
    with tenants.resume(token, purpose=purpose) as connection:
        return connection.execute(WHO).fetchone()


def remove(world: World, slug: str) -> None:
    world.control.tenant_retire(slug, grace="0")
    world.control.tenant_erase(slug, "test")


def signed(payload: list[Any], secret: bytes = SECRET) -> str:
    """A token of any content, as only one who has the secret can make it."""
    return Tokens(secret)._serializer.dumps(payload)


# What it is for.


def test_a_token_resumes_tenant_actor_and_access(tenants: Tenants) -> None:
    assert who(tenants, tenants.hand_over("acme", actor="alice")) == ("acme", "alice", "off")
    assert who(tenants, tenants.hand_over("beta", actor="bob", access="read")) == ("beta", "bob", "on")


def test_inside_a_block_it_is_that_of_the_block(tenants: Tenants) -> None:
    with tenants.transaction("acme", actor="alice"):
        token = tenants.hand_over()
    with tenants.transaction("acme", actor="alice", access="read"):
        reading = tenants.hand_over("acme")
    assert who(tenants, token) == ("acme", "alice", "off")
    assert who(tenants, reading) == ("acme", "alice", "on")


def test_a_thread_that_has_no_part_in_the_block_resumes_it(world: World, tenants: Tenants) -> None:
    with ThreadPoolExecutor(1) as threads, tenants.transaction("acme", actor="alice"):
        token, here = tenants.hand_over(), contextvars.copy_context()
        with pytest.raises(freehold.NoTenantContext):
            threads.submit(here.run, tenants.current).result()
        assert threads.submit(here.run, who, tenants, token).result() == ("acme", "alice", "off")


def test_and_so_it_is_on_a_loop(world: World) -> None:
    async def main() -> None:
        async with AsyncTenants(world.conninfo, **world.options(), listen=False, token_secret=SECRET) as tenants:

            async def job(token: str) -> Any:
                async with tenants.resume(token, purpose="mail") as connection:
                    return await (await connection.execute(WHO)).fetchone()

            async with tenants.transaction("acme", actor="alice"):
                token = await tenants.hand_over(purpose="mail")
                assert await asyncio.create_task(job(token)) == ("acme", "alice", "off")
            with pytest.raises(freehold.TokenForged):
                await job(token[:-1])
            assert (await tenants.find("acme")).slug == "acme"

    asyncio.run(main())


def test_it_is_good_at_the_other_kind_of_tenants(world: World, tenants: Tenants) -> None:
    token = tenants.hand_over("acme", actor="alice")

    async def main() -> Any:
        others = AsyncTenants(world.conninfo, **world.options(), listen=False, token_secret=SECRET)
        async with others, others.resume(token) as connection:
            return await (await connection.execute(WHO)).fetchone()

    assert asyncio.run(main()) == ("acme", "alice", "off")


def test_within_its_lifetime_it_may_be_resumed_again(world: World, tenants: Tenants) -> None:
    token = tenants.hand_over("acme")
    for _ in range(2):
        with tenants.resume(token) as connection:
            connection.execute("insert into note (body) values ('again')")
    assert world.admin.execute("select count(*) from tenant_acme.note").fetchone() == (2,)


def test_an_exception_rolls_back(world: World, tenants: Tenants) -> None:
    with pytest.raises(ZeroDivisionError), tenants.resume(tenants.hand_over("acme")) as connection:
        connection.execute("insert into note (body) values ('lost')")
        raise ZeroDivisionError
    assert world.admin.execute("select count(*) from tenant_acme.note").fetchone() == (0,)


def test_a_secret_is_rotated(world: World, tenants: Tenants) -> None:
    token, new = tenants.hand_over("acme"), secrets.token_bytes(32)
    with Tenants(world.conninfo, **world.options(), listen=False, token_secret=[new, SECRET]) as rotating:
        assert who(rotating, token) is not None
        newer = rotating.hand_over("acme")
    with Tenants(world.conninfo, **world.options(), listen=False, token_secret=new) as rotated:
        assert who(rotated, newer) is not None
        with pytest.raises(freehold.TokenForged):
            who(rotated, token)
    with pytest.raises(freehold.TokenForged):
        who(tenants, newer)


# Who may make one.


def test_only_for_what_the_block_may(tenants: Tenants) -> None:
    with pytest.raises(freehold.NoTenantContext):
        tenants.hand_over()
    with tenants.transaction("acme", actor="alice", access="read"):
        with pytest.raises(freehold.NotAllowed):
            tenants.hand_over(access="write")
        with pytest.raises(freehold.OtherTenant):
            tenants.hand_over("beta")
        with pytest.raises(freehold.OtherTenant):
            tenants.hand_over(actor="root")


def test_only_for_a_tenant_that_works(world: World, tenants: Tenants) -> None:
    with pytest.raises(freehold.TenantNotFound):
        tenants.hand_over("nobody")
    token = tenants.hand_over("beta")
    world.control.tenant_suspend("beta", "unpaid")
    try:
        with pytest.raises((freehold.TenantSuspended, psycopg.errors.InsufficientPrivilege)):
            who(tenants, token)
        with Tenants(world.conninfo, **world.options(), listen=False, token_secret=SECRET) as fresh:
            with pytest.raises(freehold.TenantSuspended):
                fresh.hand_over("beta")
            with pytest.raises(freehold.TenantSuspended):
                who(fresh, token)
    finally:
        world.control.tenant_resume("beta")
        if world.level == "login":
            world.open_login("beta")


@pytest.mark.parametrize(
    "arguments",
    [
        {"lifetime": 0},
        {"lifetime": -1},
        {"lifetime": float("nan")},
        {"lifetime": float("inf")},
        {"lifetime": 31 * 86_400},
        {"purpose": ""},
        {"purpose": "x" * 101},
        {"actor": "x" * 201},
        {"actor": "\0"},
        {"actor": "\ud800"},
        {"access": "all"},
    ],
)
def test_what_no_token_can_say(tenants: Tenants, arguments: dict[str, Any]) -> None:
    with pytest.raises(freehold.InvalidArgument):
        tenants.hand_over("acme", **arguments)


@pytest.mark.parametrize("secret", [b"", b"x" * 31, [], [b"x" * 32, b"short"]])
def test_a_secret_that_could_be_guessed(secret: Any) -> None:
    with pytest.raises(freehold.InvalidArgument):
        Tenants("host=127.0.0.1", listen=False, token_secret=secret)


def test_the_secret_of_logins_is_not_that_of_tokens() -> None:
    with pytest.raises(freehold.InvalidArgument):
        Tenants("host=127.0.0.1", listen=False, level="login", secret=[SECRET], token_secret=[b"y" * 32, SECRET])


def test_without_a_secret_there_are_no_tokens(world: World, tenants: Tenants) -> None:
    token = tenants.hand_over("acme")
    with Tenants(world.conninfo, **world.options()) as unsigned:
        with pytest.raises(freehold.InvalidArgument):
            unsigned.hand_over("acme")
        with pytest.raises(freehold.InvalidArgument), unsigned.resume(token):
            pass


# What is refused: by the text alone.

TOKENS = Tokens(SECRET)
TOKEN = TOKENS.make("id", "acme", "alice", "write", lifetime=86_400, purpose=None)


def test_every_other_character_anywhere_is_refused() -> None:
    assert TOKENS.read(TOKEN, None).slug == "acme"
    for place, right in enumerate(TOKEN):
        for wrong in "ABghz09-_.=+/ \0é":
            if wrong != right:
                with pytest.raises(freehold.TokenForged):
                    TOKENS.read(TOKEN[:place] + wrong + TOKEN[place + 1 :], None)


def test_every_single_bit_counts() -> None:
    text = TOKEN.encode()
    for place in range(len(text) * 8):
        flipped = bytearray(text)
        flipped[place // 8] ^= 1 << place % 8
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(flipped.decode("latin-1"), None)


def test_truncated_and_padded() -> None:
    for n in range(len(TOKEN)):
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(TOKEN[:n], None)
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(TOKEN[n + 1 :], None)
    for more in ("=", ".", "\n", " ", "A", "\0", "=="):
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(TOKEN + more, None)
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(more + TOKEN, None)


def test_oversized_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(freehold.TokenForged):
        TOKENS.read("A" * 50_000_000, None)
    # Signed by the secret itself, and too long all the same: it may be a bomb.
    with pytest.raises(freehold.TokenForged):
        TOKENS.read(signed([secrets.token_hex(SIZE), "acme", None, "write", None, int(NOW) + 86_400]), None)


def _foreign() -> Iterator[str]:
    payload, kwargs = ["id", "acme", "alice", "write", None, int(NOW) + 86_400], {"digest_method": hashlib.sha256}
    yield Tokens(secrets.token_bytes(32))._serializer.dumps(payload)
    for salt in (b"itsdangerous", b"cookie-session", b"freehold hand-over 2", b"", b"freehold login"):
        for derivation in ("hmac", "django-concat", "none"):
            yield URLSafeSerializer(SECRET, salt=salt, signer_kwargs=kwargs | {"key_derivation": derivation}).dumps(
                payload
            )
    yield URLSafeTimedSerializer(SECRET, salt=b"freehold hand-over 1").dumps(payload)
    yield URLSafeSerializer(SECRET, salt=b"freehold hand-over 1").dumps(payload)  # SHA-1


def test_another_secret_salt_derivation_or_digest() -> None:
    for token in _foreign():
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(token, None)


def _unsigned() -> Iterator[Any]:
    payload, _ = TOKEN.rsplit(".", 1)
    yield payload
    yield payload + "."
    yield payload + "." + "A" * 43
    yield payload + ".none"
    for header in ({"alg": "none"}, {"alg": "HS256"}, {"alg": "None", "kid": "/dev/null"}):
        head, body = (
            base64.urlsafe_b64encode(json.dumps(x).encode()).rstrip(b"=").decode() for x in (header, {"slug": "acme"})
        )
        yield f"{head}.{body}."
        yield f"{head}.{body}.{'A' * 43}"
    yield from ("", ".", "..", "null", "[]", "\ud800", "é" * 80, "..." + TOKEN, None, 1, TOKEN.encode(), [TOKEN])


def test_none_is_no_algorithm() -> None:
    for token in _unsigned():
        with pytest.raises(freehold.TokenForged):
            TOKENS.read(token, None)


def test_two_tokens_make_no_third() -> None:
    other = TOKENS.make("id2", "beta", "alice", "write", lifetime=60, purpose=None)
    with pytest.raises(freehold.TokenForged):
        TOKENS.read(TOKEN.rsplit(".", 1)[0] + "." + other.rsplit(".", 1)[1], None)


@pytest.mark.parametrize("ago", [0, 1, 86_400])
def test_expired(ago: int) -> None:
    with pytest.raises(freehold.TokenExpired):
        TOKENS.read(signed(["id", "acme", None, "write", None, int(NOW) - ago]), None)


@pytest.mark.parametrize(("made", "used"), [("a", "b"), ("a", None), (None, "a"), ("a", "A"), ("a", "a "), ("a", "")])
def test_made_for_another_purpose(made: str | None, used: str | None) -> None:
    token = TOKENS.make("id", "acme", None, "write", lifetime=60, purpose=made)
    assert TOKENS.read(token, made).purpose == made
    with pytest.raises(freehold.WrongPurpose):
        TOKENS.read(token, used)


@given(
    st.text().filter(lambda s: "\0" not in s and len(s.encode("utf-8", "surrogatepass")) <= 200) | st.none(),
    st.text(min_size=1, max_size=100) | st.none(),
    st.sampled_from(["write", "read"]),
)
def test_whatever_is_named_comes_back(actor: str | None, purpose: str | None, access: str) -> None:
    token = TOKENS.make("9" * 36, "s" * 40, actor, access, lifetime=60, purpose=purpose)
    task = TOKENS.read(token, purpose)
    assert (task.actor, task.purpose, task.access) == (actor, purpose, access)


@given(st.text() | st.text(alphabet="ABab01-_.=", min_size=44))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(freehold.TokenForged) as caught:
        TOKENS.read(text, None)
    assert len(str(caught.value)) < 100


# What is refused: by where it is resumed.


def test_inside_another_tenants_block(tenants: Tenants) -> None:
    token = tenants.hand_over("beta", actor="alice")
    with tenants.transaction("acme", actor="alice") as connection:
        with pytest.raises(freehold.OtherTenant), tenants.resume(token):
            pass
        # The block goes on as if nothing had been.
        assert connection.execute(WHO).fetchone() == ("acme", "alice", "off")


def test_inside_a_block_that_is_the_tokens_it_is_a_savepoint(tenants: Tenants) -> None:
    token = tenants.hand_over("acme", actor="alice")
    with tenants.transaction("acme", actor="alice") as outer, tenants.resume(token) as inner:
        assert inner is outer


@pytest.mark.parametrize(
    ("made", "block"),
    [
        ({"actor": "alice", "access": "read"}, {"actor": "alice"}),
        ({"actor": "alice"}, {"actor": "alice", "access": "read"}),
        ({}, {"actor": "alice"}),
        ({"actor": "mallory"}, {"actor": "alice"}),
        ({"actor": "alice"}, {}),
    ],
)
def test_inside_a_block_that_may_what_the_token_may_not(
    tenants: Tenants, made: dict[str, Any], block: dict[str, Any]
) -> None:
    token = tenants.hand_over("acme", **made)
    refused = pytest.raises((freehold.NotAllowed, freehold.OtherTenant))
    with tenants.transaction("acme", **block), refused, tenants.resume(token):
        pass


def test_a_readers_token_does_not_write(tenants: Tenants) -> None:
    token = tenants.hand_over("acme", access="read")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), tenants.resume(token) as connection:
        connection.execute("insert into note (body) values ('x')")


def test_a_slug_that_is_another_tenants_by_now(world: World, tenants: Tenants) -> None:
    world.control.tenant_provision("gamma")
    if world.level == "login":
        world.open_login("gamma")
    known = tenants.find("gamma").tenant_id
    token = tenants.hand_over("gamma", actor="alice")
    world.control.tenant_rename("gamma", "delta")
    try:
        with pytest.raises(freehold.TenantNotFound):
            who(tenants, token)
        world.control.tenant_provision("gamma")
        if world.level == "login":
            world.open_login("gamma")
        with pytest.raises(freehold.TenantChanged):
            tenants.hand_over("gamma", tenant_id=known)
        reached: list[Any] = []
        with Tenants(world.conninfo, **world.options(), listen=False, token_secret=SECRET) as fresh:
            for each in (tenants, fresh):
                with pytest.raises(freehold.TenantChanged):
                    who(each, token)
                refused = pytest.raises(freehold.TenantChanged)
                with refused, each.transaction("gamma", tenant_id=known) as connection:
                    reached.append(connection)
                with each.transaction("gamma", actor="alice"), refused, each.resume(token) as connection:
                    reached.append(connection)
                assert who(each, each.hand_over("gamma")) is not None
        assert reached == []
    finally:
        for slug in ("gamma", "delta"):
            remove(world, slug)


def test_what_is_kept_of_an_older_tenant_does_not_refuse_the_new_one(world: World) -> None:
    """One process knows the slug as the older tenant's; a token for the younger one is good all the same."""
    world.control.tenant_provision("gamma")
    options = world.options() | {"ttl": 3600.0, "listen": False, "token_secret": SECRET}
    with Tenants(world.conninfo, **options) as stale, Tenants(world.conninfo, **options) as other:
        older = stale.find("gamma").tenant_id
        world.control.tenant_rename("gamma", "delta")
        world.control.tenant_provision("gamma")
        if world.level == "login":
            world.open_login("gamma")
        try:
            assert stale.find("gamma").tenant_id == older
            token = other.hand_over("gamma", actor="alice")
            assert who(stale, token) == ("gamma", "alice", "off")
        finally:
            for slug in ("gamma", "delta"):
                remove(world, slug)
