"""Who a request to the service comes from: what proves it, and everything that does not."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import freehold
from freehold.context.keysets import RemoteKeys
from freehold.context.refusals import KeysUnavailable, NotAuthenticated
from freehold.context.tokens import Verifier
from freehold.errors import InvalidArgument
from freehold.http.api_keys import ApiKeys
from freehold.http.authentication import Authenticator, Issuer, Principal, authorization_of
from freehold.http.spoken import Spoken
from support.issuer import AUDIENCE, OidcIssuer

ROLES = {"fleet-admin": "admin", "fleet-eyes": ("auditor", "worker"), "fleet-door": "break_glass"}
USERS: dict[str, dict[str, Any]] = {"ada": {"roles": ["fleet-admin", "other"]}, "bob": {"roles": ["fleet-admin"]}}
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def shared() -> Iterator[OidcIssuer]:
    with OidcIssuer(users=USERS) as issuer:
        yield issuer


@pytest.fixture
def issuer() -> Iterator[OidcIssuer]:
    with OidcIssuer(users=USERS) as issuer:
        yield issuer


def operators(issuer: OidcIssuer, /, **options: Any) -> Issuer:
    given: dict[str, Any] = {
        "issuer": issuer.url, "audience": AUDIENCE, "keys": issuer.jwks_url, "kind": "operator",
        "roles_claim": "roles", "roles": ROLES,
    }  # fmt: skip
    return Issuer(**(given | options))


def users(issuer: OidcIssuer, /, **options: Any) -> Issuer:
    given: dict[str, Any] = {"issuer": issuer.url, "audience": AUDIENCE, "keys": issuer.jwks_url, "kind": "user"}
    return Issuer(**(given | options))


def who(authenticator: Authenticator, token: str) -> Principal:
    async def ask() -> Principal:
        return await authenticator(f"Bearer {token}")

    return asyncio.run(ask())


def refused(authenticator: Authenticator, authorization: str | None) -> NotAuthenticated:
    async def ask() -> Principal:
        return await authenticator(authorization)

    with pytest.raises(NotAuthenticated) as caught:
        asyncio.run(ask())
    assert caught.value.http_status == 401
    return caught.value


# Tokens that are good.


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_an_operator_and_a_user(shared: OidcIssuer, algorithm: str) -> None:
    token = shared.token("ada", algorithm=algorithm)
    assert who(Authenticator(issuers=[operators(shared)]), token) == Principal(
        "ada", "operator", frozenset({"admin"}), issuer=shared.url, subject="ada"
    )
    found = who(Authenticator(issuers=[users(shared)]), token)
    assert (found.kind, found.roles, found.tenant_ids) == ("user", frozenset(), None)


@pytest.mark.parametrize(
    ("claimed", "roles"),
    [
        (["fleet-admin"], {"admin"}),
        ("fleet-admin fleet-eyes", {"admin", "auditor", "worker"}),
        ("fleet-admins", set()),
        ("fleet", set()),
        (["fleet-admin fleet-eyes"], set()),
        ([["fleet-admin"]], set()),
        ([1, None, {"fleet-admin": True}], set()),
        ({"fleet-admin": True}, set()),
        (["admin"], set()),
        (True, set()),
        (None, set()),
        (..., set()),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)
def test_what_a_roles_claim_says(shared: OidcIssuer, claimed: Any, roles: set[str]) -> None:
    token = shared.token("ada", roles=claimed)
    assert who(Authenticator(issuers=[operators(shared)]), token).roles == roles


def test_a_roles_claim_further_inside(shared: OidcIssuer) -> None:
    keycloak = Authenticator(issuers=[operators(shared, roles_claim=("realm_access", "roles"))])
    assert who(keycloak, shared.token("ada", realm_access={"roles": ["fleet-door"]})).roles == {"break_glass"}
    for claimed in ("fleet-door", ["fleet-door"], {"roles": {"roles": ["fleet-door"]}}, {"role": ["fleet-door"]}, 1):
        assert who(keycloak, shared.token("ada", realm_access=claimed)).roles == set()
    namespaced: dict[str, Any] = {"https://freehold.example/roles": "fleet-door"}
    dotted = Authenticator(issuers=[operators(shared, roles_claim="https://freehold.example/roles")])
    assert who(dotted, shared.token("ada", **namespaced)).roles == {"break_glass"}


def test_a_user_with_an_operators_roles_has_none(shared: OidcIssuer) -> None:
    with OidcIssuer(users=USERS) as staff:
        both = Authenticator(issuers=[operators(staff, actor_prefix="staff:"), users(shared)])
        assert who(both, staff.token("ada")).roles == {"admin"}
        found = who(both, shared.token("ada"))
        assert (found.actor, found.kind, found.roles) == ("ada", "user", frozenset())
        # The users' issuer cannot speak for the operators', nor sign with its own keys in its name.
        refused(both, f"Bearer {shared.token('ada', iss=staff.url)}")
        refused(both, f"Bearer {shared.token('ada', iss=staff.url, headers={'kid': staff.keys['RS256'][0]})}")


def test_one_issuer_of_two_audiences(issuer: OidcIssuer) -> None:
    both = Authenticator(issuers=[operators(issuer, audience="fleet"), users(issuer, audience="app")])
    assert who(both, issuer.token("bob", aud="app")).kind == "user"
    assert who(both, issuer.token("bob", aud="fleet")).kind == "operator"
    refused(both, f"Bearer {issuer.token('bob', aud='other')}")
    assert issuer.asked["/jwks.json"] == 1


def test_no_two_have_one_actor(shared: OidcIssuer) -> None:
    with OidcIssuer(users={}) as staff:
        both = Authenticator(issuers=[users(shared), operators(staff, actor_prefix="staff:")])
        subjects = (
            "ada",
            "key:ada",
            "sub:ada",
            "staff:ada",
            "sub:key:ada",
            "sub:staff:ada",
            "sub:sub:ada",
            "other:ada",
        )
        actors = [who(both, each.token(subject)).actor for each in (shared, staff) for subject in subjects]
        assert len(set(actors)) == len(actors)
        assert not any(actor.startswith("key:") for actor in actors)
        assert {"ada", "staff:ada", "sub:key:ada", "other:ada"} <= set(actors)


# Tokens that are not.


def _pem(issuer: OidcIssuer) -> bytes:
    found: bytes = issuer.keys["RS256"][1].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


def _unsigned(issuer: OidcIssuer, algorithm: str, signature: bytes = b"") -> str:
    _, payload, _ = issuer.token().split(".")
    said = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": issuer.keys["RS256"][0]}).encode())
    return ".".join((said.rstrip(b"=").decode(), payload, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()))


def _encoded(claims: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()


def _with_secret(issuer: OidcIssuer, secret: bytes) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": issuer.keys["RS256"][0]}).encode())
    signing = b".".join((header.rstrip(b"="), issuer.token().split(".")[1].encode()))
    digest = hmac.new(secret, signing, hashlib.sha256).digest()
    return (signing + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def _strange(issuer: OidcIssuer, **headers: Any) -> str:
    claims = jwt.decode(issuer.token(), options={"verify_signature": False})
    return jwt.encode(claims, STRANGER, "RS256", headers=headers)


def _now(seconds: float) -> int:
    return int(time.time() + seconds)


def _mixed(issuer: OidcIssuer) -> str:
    """The claims of one token with the signature of another."""
    first, second = issuer.token("ada").split("."), issuer.token("bob").split(".")
    return ".".join((first[0], first[1], second[2]))


BAD: dict[str, Callable[[OidcIssuer], str]] = {
    "none": lambda i: _unsigned(i, "none"),
    "None": lambda i: _unsigned(i, "NonE"),
    "none, signed": lambda i: _unsigned(i, "none", b"x" * 256),
    "RS256, not signed": lambda i: _unsigned(i, "RS256"),
    "HS256 with the public key": lambda i: _with_secret(i, _pem(i)),
    "HS256 with the public key, no newline": lambda i: _with_secret(i, _pem(i).strip()),
    "HS256 with the JWK": lambda i: _with_secret(i, json.dumps(i.jwks["keys"][0]).encode()),
    "ES256 by RS256's name": lambda i: i.token(algorithm="ES256", headers={"kid": i.keys["RS256"][0]}),
    "an unknown kid": lambda i: i.token(headers={"kid": secrets.token_hex(8)}),
    "no kid": lambda i: i.token(headers={"kid": ...}),
    "a kid that is a path": lambda i: i.token(headers={"kid": "../../dev/null"}),
    "another's key by a good kid": lambda i: _strange(i, kid=i.keys["RS256"][0]),
    "another's key, brought along": lambda i: _strange(
        i, kid="x", jwk=json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key()))
    ),
    "another's key at a URL": lambda i: _strange(i, kid="x", jku="http://127.0.0.1:9/jwks.json"),
    "another issuer": lambda i: i.token(iss="https://evil.example"),
    "the issuer with a slash": lambda i: i.token(iss=i.url + "/"),
    "two issuers": lambda i: ".".join((i.token().split(".")[0], _encoded({"iss": [i.url]}), "eA")),
    "no issuer": lambda i: i.token(iss=...),
    "another audience": lambda i: i.token(aud="https://other.example"),
    "no audience": lambda i: i.token(aud=...),
    "an audience that holds it": lambda i: i.token(aud=AUDIENCE + ".evil"),
    "expired": lambda i: i.token(exp=_now(-31)),
    "never expires": lambda i: i.token(exp=...),
    "expires at a text": lambda i: i.token(exp="tomorrow"),
    "not yet": lambda i: i.token(nbf=_now(90)),
    "issued in the future": lambda i: i.token(iat=_now(90)),
    "an ID token": lambda i: i.id_token("ada", "console", "n"),
    "an ID token for this audience": lambda i: i.id_token("ada", AUDIENCE, "n"),
    "an ID token by its hash": lambda i: i.id_token("ada", AUDIENCE, at_hash="x"),
    "an ID token by its word": lambda i: i.id_token("ada", AUDIENCE, typ="ID"),
    "a refresh token": lambda i: i.id_token("ada", AUDIENCE, typ="Refresh"),
    "a logout token": lambda i: i.token(typ="logout+jwt"),
    "a token of DPoP": lambda i: i.token(typ="dpop+jwt"),
    "a type that is a number": lambda i: i.token(headers={"typ": 1}),
    "a critical header": lambda i: i.token(headers={"crit": ["exp"]}),
    "nobody": lambda i: i.token(sub=...),
    "an empty subject": lambda i: i.token(sub=""),
    "a long subject": lambda i: i.token(sub="a" * 201),
    "a long subject in bytes": lambda i: i.token(sub="é" * 101),
    "a subject with a newline": lambda i: i.token(sub="ada\nroot"),
    "a subject with a zero": lambda i: i.token(sub="ada\0"),
    "a subject that turns around": lambda i: i.token(sub="ada\u202e"),
    "two mixed": _mixed,
    "oversized": lambda i: i.token(padding="x" * 8_192),
    "a newline": lambda i: i.token() + "\n",
    "two in one": lambda i: f"{i.token()}, {i.token()}",
    "two schemes": lambda i: f"{i.token()}, Basic YWRhOng=",
    "dots": lambda i: "..",
    "nothing": lambda i: "",
    "four pieces": lambda i: i.token() + ".x",
    "claims that are no JSON": lambda i: ".".join((i.token().split(".")[0], "bm8", "eA")),
    "claims that are a list": lambda i: ".".join((i.token().split(".")[0], "W10", "eA")),
    "claims that are deep": lambda i: ".".join((i.token().split(".")[0], "W1tb" * 1_500, "eA")),
}  # fmt: skip


@pytest.mark.parametrize("how", BAD)
def test_a_token_that_is_not_good(shared: OidcIssuer, how: str) -> None:
    authenticator = Authenticator(issuers=[operators(shared)])
    assert who(authenticator, shared.token()).actor == "ada"
    token = BAD[how](shared)
    error = refused(authenticator, f"Bearer {token}")
    assert len(str(error)) < 100


def test_types_where_they_are_configured(shared: OidcIssuer) -> None:
    either = Authenticator(issuers=[operators(shared)])
    strict = Authenticator(issuers=[operators(shared, types=("at+jwt",))])
    for typ in ("at+jwt", "AT+JWT", "application/at+jwt"):
        for each in (either, strict):
            assert who(each, shared.token(typ=typ, nonce="n")).actor == "ada"
    for headers in ({"typ": "JWT"}, {"typ": ...}):
        token = shared.token(headers=headers)
        assert who(either, token).actor == "ada"
        refused(strict, f"Bearer {token}")


def test_clocks_may_differ_a_little(shared: OidcIssuer) -> None:
    patient = Authenticator(issuers=[operators(shared, leeway=120)])
    assert who(patient, shared.token(exp=_now(-60))).actor == "ada"
    assert who(patient, shared.token(nbf=_now(60), iat=_now(60))).actor == "ada"
    exact = Authenticator(issuers=[operators(shared, leeway=0)])
    refused(exact, f"Bearer {shared.token(exp=_now(-10))}")
    refused(exact, f"Bearer {shared.token(nbf=_now(60))}")


def test_keys_that_are_given(shared: OidcIssuer) -> None:
    for keys in (shared.jwks, _pem(shared)):
        authenticator = Authenticator(issuers=[operators(shared, keys=keys)])
        assert who(authenticator, shared.token()).actor == "ada"
        refused(authenticator, f"Bearer {_strange(shared, kid=shared.keys['RS256'][0])}")


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic YWRhOng=", "Digest x", "bearer\tx.y.z", "x"]
)
def test_what_is_no_bearer_token(shared: OidcIssuer, authorization: str | None) -> None:
    refused(Authenticator(issuers=[operators(shared)]), authorization)


def test_a_header_that_comes_twice() -> None:
    one = (b"authorization", b"Bearer x")
    assert authorization_of([one, (b"host", b"x")]) == "Bearer x"
    assert authorization_of([]) is None
    for again in (one, (b"Authorization", b"Bearer y"), (b"AUTHORIZATION", b"")):
        with pytest.raises(NotAuthenticated):
            authorization_of([one, again])


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "user"},
        {"kind": "user", "roles_claim": None},
        {"kind": "user", "roles": {}},
        {"kind": "admin"},
        {"roles": {"x": "superuser"}},
        {"roles": {"x": ()}},
        {"roles": {"x": ("admin", "owner")}},
        {"issuer": ""},
        {"audience": ""},
        {"algorithms": ("HS256",)},
        {"algorithms": ("none",)},
        {"types": ()},
        {"keys": "http://login.example.com/jwks.json"},
        {"keys": "file:///etc/passwd"},
        {"actor_prefix": "key:"},
        {"actor_prefix": "sub:"},
        {"actor_prefix": "staff"},
        {"actor_prefix": "a b:"},
        {"leeway": 3600},
    ],
    ids=str,
)
def test_a_configuration_that_could_not_be_trusted(shared: OidcIssuer, options: dict[str, Any]) -> None:
    with pytest.raises(freehold.InvalidArgument):
        Authenticator(issuers=[operators(shared, **options)])


def test_issuers_that_cannot_be_told_apart(shared: OidcIssuer) -> None:
    with pytest.raises(freehold.InvalidArgument):
        Authenticator(issuers=[operators(shared), users(shared)])
    with pytest.raises(freehold.InvalidArgument):
        Authenticator(issuers=[operators(shared), users(shared, issuer="https://other.example")])


# The issuer's keys.


def test_a_rotation(issuer: OidcIssuer) -> None:
    clock = Clock()
    keys = RemoteKeys(issuer.jwks_url, clock=clock)
    authenticator = Authenticator(issuers=[operators(issuer, keys=keys)], ttl=0)
    old = issuer.token()
    assert who(authenticator, old).actor == "ada"
    issuer.rotate()
    new = issuer.token()
    refused(authenticator, f"Bearer {new}")
    clock.now += 10
    assert who(authenticator, new).actor == who(authenticator, old).actor == "ada"
    # A key that is withdrawn is no good once the keys are fetched again.
    issuer.rotate(keep=False)
    clock.now += 300
    assert who(authenticator, issuer.token()).actor == "ada"
    for token in (old, new):
        refused(authenticator, f"Bearer {token}")


def test_a_token_that_was_verified_is_good_for_seconds(issuer: OidcIssuer) -> None:
    clock = Clock()
    authenticator = Authenticator(issuers=[operators(issuer, keys=RemoteKeys(issuer.jwks_url, clock=clock))])
    verified = []

    async def counted(self: Verifier, token: str, ask: Any = Verifier.verified_async) -> dict[str, Any]:
        verified.append(token)
        return cast("dict[str, Any]", await ask(self, token))

    token, other = issuer.token(), issuer.token(sub="bob")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Verifier, "verified_async", counted)
        assert [who(authenticator, each).actor for each in (token, token, other, token)] == ["ada", "ada", "bob", "ada"]
        assert verified == [token, other]
        # What differs by one letter of its signature is another one, and what was refused is asked about again.
        for _ in range(2):
            refused(authenticator, f"Bearer {token[:-5]}{'A' if token[-5] != 'A' else 'B'}{token[-4:]}")
        assert len(verified) == 4
        authenticator = Authenticator(issuers=[operators(issuer)], ttl=0)
        assert who(authenticator, token).actor == who(authenticator, token).actor == "ada"
        assert len(verified) == 6


def test_what_is_kept_of_tokens() -> None:
    clock, today = Clock(), Clock()
    spoken = Spoken(5, most=2, clock=clock, today=today)
    ada, bob = Principal("ada", "user"), Principal("bob", "user")
    spoken.keep("a.b.c", ada, today.now + 3)
    spoken.keep("d.e.f", bob, today.now + 60)
    assert (spoken.get("a.b.c"), spoken.get("d.e.f"), spoken.get("g.h.i")) == (ada, bob, None)
    assert "a.b.c" not in repr(vars(spoken))
    today.now += 3
    assert (spoken.get("a.b.c"), spoken.get("d.e.f")) == (None, bob)
    clock.now += 5
    assert spoken.get("d.e.f") is None
    for token in ("1.1.1", "2.2.2", "3.3.3"):
        spoken.keep(token, ada, today.now + 60)
    assert [spoken.get(token) for token in ("1.1.1", "2.2.2", "3.3.3")] == [None, ada, ada]
    with pytest.raises(InvalidArgument):
        Spoken(301)


def test_a_flood_of_unknown_names_asks_the_issuer_once(issuer: OidcIssuer) -> None:
    clock = Clock()
    keys = RemoteKeys(issuer.jwks_url, clock=clock)
    authenticator = Authenticator(issuers=[operators(issuer, keys=keys)])
    good = issuer.token()

    async def flood() -> list[Any]:
        tokens = [issuer.token(headers={"kid": secrets.token_hex(8)}) for _ in range(200)]
        return await asyncio.gather(*(authenticator(f"Bearer {t}") for t in [good, *tokens]), return_exceptions=True)

    for times in (1, 2):
        found = asyncio.run(flood())
        assert isinstance(found[0], Principal)
        assert all(isinstance(each, NotAuthenticated) for each in found[1:])
        assert issuer.asked["/jwks.json"] == times
        clock.now += 10


def test_an_issuer_that_does_not_answer(issuer: OidcIssuer) -> None:
    clock = Clock()
    keys = RemoteKeys(issuer.jwks_url, clock=clock)
    authenticator = Authenticator(issuers=[operators(issuer, keys=keys)], ttl=0)
    issuer.down = True
    for _ in range(3):
        with pytest.raises(KeysUnavailable) as caught:
            who(authenticator, issuer.token())
    assert caught.value.http_status == 503
    assert issuer.asked["/jwks.json"] == 1
    issuer.down = False
    clock.now += 10
    good = issuer.token()
    assert who(authenticator, good).actor == "ada"
    # What it gave last is good for a while, and no longer.
    issuer.down = True
    for _ in range(11):
        clock.now += 300
        assert who(authenticator, good).actor == "ada"
    with pytest.raises(KeysUnavailable):
        who(authenticator, issuer.token(headers={"kid": "new"}))
    clock.now += 300
    with pytest.raises(KeysUnavailable):
        who(authenticator, good)
    refused(authenticator, "Bearer x.y.z")


def test_nobody_waits_whose_key_is_only_old(issuer: OidcIssuer) -> None:
    clock = Clock()
    keys = RemoteKeys(issuer.jwks_url, clock=clock)
    authenticator = Authenticator(issuers=[operators(issuer, keys=keys)])
    good = issuer.token()
    assert who(authenticator, good).actor == "ada"
    clock.now += 300
    issuer.gate = threading.Event()

    async def meanwhile() -> None:
        for _ in range(3):
            assert (await authenticator(f"Bearer {good}")).actor == "ada"
        issuer.rotate()
        late = asyncio.ensure_future(authenticator(f"Bearer {issuer.token()}"))
        while issuer.asked["/jwks.json"] != 2:
            await asyncio.sleep(0)
        assert not late.done()
        assert issuer.gate is not None
        issuer.gate.set()
        assert (await late).actor == "ada"

    asyncio.run(meanwhile())
    assert issuer.asked["/jwks.json"] == 2


def test_keys_come_from_where_they_were_said_to(issuer: OidcIssuer, shared: OidcIssuer) -> None:
    issuer.moved = shared.jwks_url
    asked = shared.asked["/jwks.json"]
    with pytest.raises(KeysUnavailable):
        who(Authenticator(issuers=[operators(issuer)]), shared.token(iss=issuer.url))
    assert shared.asked["/jwks.json"] == asked


def test_an_issuer_that_takes_its_time(issuer: OidcIssuer) -> None:
    issuer.gate = threading.Event()
    authenticator = Authenticator(issuers=[operators(issuer, keys=RemoteKeys(issuer.jwks_url, timeout=0.1))])
    for _ in range(2):
        with pytest.raises(KeysUnavailable):
            who(authenticator, issuer.token())
    assert issuer.asked["/jwks.json"] == 1


ANSWERS: list[bytes] = [
    b"", b"<html>", b"[]", b"null", b'"x"', b"{}", b'{"keys": []}', b'{"keys": "x"}', b'{"keys": [1]}',
    b'{"keys": [{"kty": "oct", "k": "eHg", "kid": "x"}]}', b'{"keys": [{}]}', b"[" * 100_000, b"\xff", b" " * 300_000,
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_an_issuer_that_answers_nonsense(issuer: OidcIssuer, answer: bytes) -> None:
    clock = Clock()
    keys = RemoteKeys(issuer.jwks_url, clock=clock)
    authenticator = Authenticator(issuers=[operators(issuer, keys=keys)])
    good = issuer.token()
    assert who(authenticator, good).actor == "ada"
    # A JWKS like any other, but for its size.
    issuer.published = json.dumps(issuer.jwks).encode() + answer if answer.isspace() else answer
    clock.now += 300
    assert who(authenticator, good).actor == "ada"
    with pytest.raises((KeysUnavailable, NotAuthenticated)):
        who(Authenticator(issuers=[operators(issuer)]), good)


# API keys.

TOKEN = f"fh_12_{secrets.token_urlsafe(32)}"
ROW: dict[str, Any] = {"id": 12, "name": "billing", "roles": ["auditor"], "tenant_ids": None}


class Keys:
    """What the database would say, and how often it was asked."""

    def __init__(self) -> None:
        self.rows: dict[bytes, Mapping[str, Any]] = {hashlib.sha256(TOKEN.encode()).digest(): ROW}
        self.asked: list[bytes] = []
        self.gate: asyncio.Event | None = None
        self.error: Exception | None = None

    async def __call__(self, digest: bytes) -> Mapping[str, Any] | None:
        self.asked.append(digest)
        found = self.rows.get(digest)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return found


def test_a_key() -> None:
    keys = Keys()
    authenticator = Authenticator(check=keys)
    assert who(authenticator, TOKEN) == Principal("key:billing", "key", frozenset({"auditor"}), key_id="12")
    assert keys.asked == [hashlib.sha256(TOKEN.encode()).digest()]
    keys.rows[keys.asked[0]] = ROW | {"roles": ["superuser", "worker"], "tenant_ids": ["6e9f", "77aa"]}
    authenticator.forget()
    found = who(authenticator, TOKEN)
    assert found.roles == {"worker"}
    assert found.reaches("6e9f")
    assert not found.reaches("x")
    # Bound to tenants of which none is left is bound to nothing, not to everything.
    keys.rows[keys.asked[0]] = ROW | {"tenant_ids": []}
    authenticator.forget()
    assert not who(authenticator, TOKEN).reaches("6e9f")


@pytest.mark.parametrize(
    "token",
    [
        f"fh_12_{secrets.token_urlsafe(32)}",
        TOKEN.replace("_12_", "_13_"),
        TOKEN[:-1],
        TOKEN + "x",
        TOKEN.upper(),
        TOKEN + "\n",
        f"{TOKEN}, {TOKEN}",
        f"fh_12_{hashlib.sha256(TOKEN.encode()).hexdigest()}",
        "fh_" + hashlib.sha256(TOKEN.encode()).hexdigest(),
        "fh_",
        "fh_12_",
        "fh_" + "9" * 100_000,
        "fh_12_" + "é" * 43,
    ],
    ids=range(13),
)
def test_a_key_that_is_not_good(token: str) -> None:
    keys = Keys()
    error = refused(Authenticator(check=keys), f"Bearer {token}")
    assert len(keys.asked) <= 1
    assert token[:20] not in str(error)
    refused(Authenticator(), f"Bearer {TOKEN}")


@dataclasses.dataclass
class Ear:
    """Who hears of changes."""

    era: int = 0
    confirmed: float = 0.0


def test_an_answer_is_good_while_somebody_hears_of_no_change() -> None:
    async def main() -> None:
        clock, keys, ear = Clock(), Keys(), Ear()
        keys.rows = {digest: dict(row) | {"expires_at": None} for digest, row in keys.rows.items()}
        held = ApiKeys(keys, ttl=5, clock=clock, watch=ear)
        began = clock.now

        async def asks_again() -> bool:
            before = len(keys.asked)
            assert (await held.principal(f"Bearer {TOKEN}")).actor == "key:billing"
            return len(keys.asked) > before

        assert await asks_again()
        ear.confirmed = clock.now = began + 20
        clock.now += 4.9
        assert not await asks_again()
        # Nobody hears any more.
        clock.now += 0.2
        assert await asks_again()
        # Whatever is heard, when a key was used is to be known.
        ear.confirmed = clock.now = clock.now + 29
        assert not await asks_again()
        ear.confirmed = clock.now = clock.now + 32
        assert await asks_again()
        # It changed, and what was confirmed before says nothing of that.
        ear.era += 1
        keys.rows.clear()
        with pytest.raises(NotAuthenticated):
            await held.principal(f"Bearer {TOKEN}")

    asyncio.run(main())


def test_answers_that_were_asked_for_at_once_are_not_asked_for_at_once_again() -> None:
    async def main() -> None:
        clock, keys, ear = Clock(), Keys(), Ear()
        tokens = [f"fh_{number}_{'a' * 43}" for number in range(200)]
        keys.rows = {hashlib.sha256(each.encode()).digest(): dict(ROW) | {"expires_at": None} for each in tokens}
        held = ApiKeys(keys, ttl=5, clock=clock, watch=ear)

        async def asked_again() -> int:
            before = len(keys.asked)
            for each in tokens:
                await held.principal(f"Bearer {each}")
            return len(keys.asked) - before

        began = clock.now
        assert await asked_again() == 200
        ear.confirmed = clock.now = began + 29
        assert await asked_again() == 0
        ear.confirmed = clock.now = began + 45
        first = await asked_again()
        assert 50 < first < 150
        # Nobody's is kept for longer than a minute.
        ear.confirmed = clock.now = began + 60
        assert await asked_again() == 200 - first

    asyncio.run(main())


def test_what_is_remembered_is_what_was_asked_for_and_is_still_good(shared: OidcIssuer) -> None:
    async def main() -> None:
        keys, ear = Keys(), Ear()
        authenticator = Authenticator(check=keys, issuers=[operators(shared)], watch=ear)
        token = f"Bearer {shared.token()}"
        for sent, actor in ((f"Bearer {TOKEN}", "key:billing"), (token, "ada")):
            assert authenticator.remembered(sent) is None
            assert (await authenticator(sent)).actor == actor
            found = authenticator.remembered(sent)
            assert found is not None
            assert found.actor == actor
        for other in (None, "", "Bearer", "Bearer fh_", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"{token}x"):
            assert authenticator.remembered(other) is None
        # A key is not good any more, and it was heard.
        ear.era += 1
        keys.rows.clear()
        assert authenticator.remembered(f"Bearer {TOKEN}") is None
        with pytest.raises(NotAuthenticated):
            await authenticator(f"Bearer {TOKEN}")
        # What is known to be no good proves nobody.
        assert authenticator.remembered(f"Bearer {TOKEN}") is None

    asyncio.run(main())


def test_an_answer_about_a_key_that_expires_is_not_good_for_longer() -> None:
    async def main() -> None:
        clock, keys, ear = Clock(), Keys(), Ear()
        keys.rows = {digest: dict(row) | {"expires_at": "soon"} for digest, row in keys.rows.items()}
        held = ApiKeys(keys, ttl=5, clock=clock, watch=ear)
        await held.principal(f"Bearer {TOKEN}")
        ear.confirmed = clock.now = clock.now + 6
        await held.principal(f"Bearer {TOKEN}")
        assert len(keys.asked) == 2

    asyncio.run(main())


def test_answers_are_kept_for_seconds() -> None:
    async def main() -> None:
        clock, keys = Clock(), Keys()
        held = ApiKeys(keys, ttl=5, clock=clock)
        wrong = f"Bearer fh_1_{secrets.token_urlsafe(32)}"
        for _ in range(3):
            assert (await held.principal(f"Bearer {TOKEN}")).actor == "key:billing"
            with pytest.raises(NotAuthenticated):
                await held.principal(wrong)
        assert len(keys.asked) == 2
        # Revoked: refused when the time is over, and at once where the database told.
        keys.rows.clear()
        clock.now += 4.9
        assert (await held.principal(f"Bearer {TOKEN}")).actor == "key:billing"
        clock.now += 0.1
        with pytest.raises(NotAuthenticated):
            await held.principal(f"Bearer {TOKEN}")
        keys.rows[keys.asked[0]] = ROW
        with pytest.raises(NotAuthenticated):
            await held.principal(f"Bearer {TOKEN}")
        held.forget()
        assert (await held.principal(f"Bearer {TOKEN}")).actor == "key:billing"

    asyncio.run(main())


def test_the_time_runs_from_the_question_on() -> None:
    """An answer that was long on its way may be of before a revocation."""

    async def main() -> None:
        clock, keys = Clock(), Keys()
        held = ApiKeys(keys, ttl=5, clock=clock)
        keys.gate = asyncio.Event()
        first = asyncio.ensure_future(held.principal(f"Bearer {TOKEN}"))
        while not keys.asked:
            await asyncio.sleep(0)
        keys.rows.clear()
        clock.now += 5
        keys.gate.set()
        assert (await first).actor == "key:billing"
        with pytest.raises(NotAuthenticated):
            await held.principal(f"Bearer {TOKEN}")
        # And what was under way when the database told of a change is not kept.
        keys.rows[keys.asked[0]] = ROW
        held.forget()
        keys.gate.clear()
        second = asyncio.ensure_future(held.principal(f"Bearer {TOKEN}"))
        while len(keys.asked) < 3:
            await asyncio.sleep(0)
        keys.rows.clear()
        held.forget()
        keys.gate.set()
        assert (await second).actor == "key:billing"
        with pytest.raises(NotAuthenticated):
            await held.principal(f"Bearer {TOKEN}")

    asyncio.run(main())


def test_many_at_once_ask_once_and_one_may_give_up() -> None:
    async def main() -> None:
        keys = Keys()
        keys.gate = asyncio.Event()
        held = ApiKeys(keys)
        waiting = [asyncio.ensure_future(held.principal(f"Bearer {TOKEN}")) for _ in range(20)]
        while not keys.asked:
            await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.wait(waiting[:1])
        keys.gate.set()
        assert {(await each).actor for each in waiting[1:]} == {"key:billing"}
        assert len(keys.asked) == 1
        assert not held._asked

    asyncio.run(main())


def test_wrong_keys_push_no_good_one_out() -> None:
    async def main() -> None:
        keys = Keys()
        held = ApiKeys(keys, most=10)
        await held.principal(f"Bearer {TOKEN}")
        for _ in range(50):
            with pytest.raises(NotAuthenticated):
                await held.principal(f"Bearer fh_1_{secrets.token_urlsafe(32)}")
        await held.principal(f"Bearer {TOKEN}")
        assert len(keys.asked) == 51
        assert (len(held._good), len(held._bad)) == (1, 10)

    asyncio.run(main())


@pytest.mark.parametrize("error", [psycopg.OperationalError("gone"), OSError("gone"), asyncio.TimeoutError()], ids=repr)
def test_a_database_that_does_not_answer(error: Exception) -> None:
    async def main() -> None:
        keys = Keys()
        keys.error = error
        held = ApiKeys(keys)
        with pytest.raises(KeysUnavailable) as caught:
            await held.principal(f"Bearer {TOKEN}")
        assert caught.value.http_status == 503
        keys.error = None
        assert (await held.principal(f"Bearer {TOKEN}")).actor == "key:billing"

    asyncio.run(main())


def test_no_secret_is_said_or_kept(shared: OidcIssuer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    authenticator = Authenticator(check=Keys(), issuers=[operators(shared)])
    good, bad = shared.token(), shared.token(aud="x")
    said = [repr(who(authenticator, TOKEN)), repr(who(authenticator, good))]
    for token in (bad, f"fh_1_{secrets.token_urlsafe(32)}"):
        error = refused(authenticator, f"Bearer {token}")
        said += ["".join(traceback.format_exception(error)), repr(error)]
    said += [repr(vars(authenticator)), repr(vars(authenticator._keys)), caplog.text]
    for secret in (TOKEN[6:], good.split(".")[2], bad.split(".")[2], token[5:]):
        assert not any(secret in text for text in said)


# The issuer of the tests itself.


def test_authorization_code_with_pkce() -> None:
    uri = "http://127.0.0.1:9/callback"
    with OidcIssuer(users=USERS, clients={"console": [uri]}) as issuer, httpx.Client() as client:
        places = client.get(issuer.discovery_url).json()
        verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": "console", "redirect_uri": uri, "scope": "openid", "state": "s",
            "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        page = client.get(places["authorization_endpoint"], params=query)
        assert 'value="bob"' in page.text

        def code(**more: str) -> httpx.URL:
            answer = client.get(places["authorization_endpoint"], params=query | {"login_hint": "ada"} | more)
            return httpx.URL(answer.headers["Location"])

        form = {"grant_type": "authorization_code", "client_id": "console", "redirect_uri": uri}
        assert code().params["state"] == "s"
        wrong = form | {"code": code().params["code"], "code_verifier": "wrong"}
        assert client.post(places["token_endpoint"], data=wrong).json() == {"error": "invalid_grant"}
        right = form | {"code": code().params["code"], "code_verifier": verifier}
        tokens = client.post(places["token_endpoint"], data=right).json()
        assert client.post(places["token_endpoint"], data=right).status_code == 400
        assert code(login_hint="eve").params["error"] == "access_denied"
        assert code(code_challenge_method="plain").params["error"] == "invalid_request"
        assert (
            client.get(places["authorization_endpoint"], params=query | {"redirect_uri": "http://evil"}).status_code
            == 400
        )
        authenticator = Authenticator(issuers=[operators(issuer)])
        assert who(authenticator, tokens["access_token"]).roles == {"admin"}
        refused(authenticator, f"Bearer {tokens['id_token']}")
        assert jwt.decode(tokens["id_token"], options={"verify_signature": False})["nonce"] == "n"
