"""Whose request it is: every source, what is refused, and that it is refused before the tenant is reached."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

import freehold
from freehold import AsyncTenants, Tenants
from freehold.web import (
    AsyncResolver,
    Claim,
    Header,
    Parts,
    PathPrefix,
    Resolved,
    Resolver,
    Said,
    Source,
    Subdomain,
    VerifiedClaim,
)
from support.database import Database
from support.jwks import published
from support.world import SLUGS, World, provision

ISSUER, AUDIENCE = "https://login.example.com", "crm"
RSA, OTHER_RSA = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
EC, ED = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
KEYS: dict[str, Any] = {"RS256": RSA, "ES256": EC, "EdDSA": ED}


@pytest.fixture(scope="module")
def world(module_database: Database) -> Iterator[World]:
    # At this level a connection as the tenant shows in pg_stat_activity.
    world = World(provision(module_database, "create table note (body text)"), "login")
    world.control.tenant_provision("idle")
    world.control.tenant_suspend("idle", "unpaid")
    yield world
    world.close("note")


@pytest.fixture(scope="module")
def tenants(world: World) -> Iterator[Tenants]:
    with Tenants(world.conninfo, **world.options(), listen=False) as tenants:
        yield tenants


@pytest.fixture
def untouched(world: World) -> Iterator[None]:
    """Nobody connects as a tenant meanwhile."""
    query = "select count(*) from pg_stat_activity where usename ~ '^tenant_'"
    before = world.admin.execute(query).fetchone()
    yield
    assert world.admin.execute(query).fetchone() == before == (0,)


def parts(path: str = "/", **said: Any) -> Parts:
    claims = said.pop("claims", None)
    return Parts(path, tuple((name.replace("_", "-"), value) for name, value in said.items()), claims=claims)


def anyone(tenants: Tenants, source: Source) -> Resolver:
    return Resolver(tenants, source, member=lambda user, tenant_id, slug: True)


def named(tenants: Tenants, source: Source, request: Parts) -> str:
    return anyone(tenants, source).resolve(request, anyone=True).slug


def token(key: Any = RSA, algorithm: str = "RS256", headers: dict[str, Any] | None = None, **claims: Any) -> str:
    given = {"tenant": "acme", "sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600} | claims
    payload = {name: value for name, value in given.items() if value is not ...}
    return jwt.encode(payload, key, algorithm, headers=headers)


def pem(key: Any) -> bytes:
    found: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


def claim(**options: Any) -> Claim:
    given = {"keys": [pem(key) for key in KEYS.values()], "issuer": ISSUER, "audience": AUDIENCE}
    return Claim("tenant", **(given | options))


def bearer(text: str, **more: str) -> Parts:
    return parts("/", Authorization=f"Bearer {text}", **more)


# The host.


@pytest.mark.parametrize(
    "host",
    ["acme.example.com", "ACME.Example.COM", "acme.example.com.", "acme.example.com:8443", "acme.example.com.:80"],
)
def test_a_subdomain(tenants: Tenants, host: str) -> None:
    assert named(tenants, Subdomain("example.com"), parts(Host=host)) == "acme"
    assert named(tenants, Subdomain("Example.COM."), parts(HOST=host)) == "acme"


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "example.com.",
        "example.com:443",
        "www.example.com",
        "WWW.example.com:80",
        "acme.example.com.evil.org",
        "acmeexample.com",
        "evil-example.com",
        "acme.example.org",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]",
        "[::1]:8000",
        "[::ffff:127.0.0.1]",
    ],
)
def test_a_host_that_is_no_tenants(tenants: Tenants, host: str, untouched: None) -> None:
    with pytest.raises(freehold.TenantUnnamed):
        named(tenants, Subdomain("example.com", besides=["www"]), parts(Host=host))


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        ".example.com",
        "..example.com",
        "acme..example.com",
        "acme.example.com..",
        "a.acme.example.com",
        "acme.beta.example.com",
        "-acme.example.com",
        "acme-.example.com",
        "a_b.example.com",
        "xn--mnchen-3ya.example.com",
        "münchen.example.com",
        "acme\u3002example.com",
        "\u212aacme.example.com",
        "ac\u00admne.example.com",
        "acme.example.com:99999999",
        "acme.example.com:80:80",
        "acme.example.com:evil",
        "acme.example.com/",
        "acme.example.com/../beta",
        "acme.example.com?x",
        "acme.example.com#",
        "acme.example.com\\@beta.example.com",
        "user@acme.example.com",
        "user:pass@acme.example.com",
        "acme.example.com, beta.example.com",
        "acme.example.com beta.example.com",
        " acme.example.com",
        "acme.example.com\n",
        "acme.example.com\r\nX-Tenant: beta",
        "acme\0.example.com",
        "acme.example.com\0.evil.org",
        "ac%6de.example.com",
        "*.example.com",
        "'; drop schema--.example.com",
        "a" * 41 + ".example.com",
        "a." * 5_000 + "example.com",
        "[acme.example.com]",
        "[::1].example.com",
    ],
)
def test_a_host_that_is_hostile(tenants: Tenants, host: str, untouched: None) -> None:
    with pytest.raises(freehold.InvalidSlug) as caught:
        named(tenants, Subdomain("example.com"), parts(Host=host))
    assert len(str(caught.value)) < 300
    assert str(caught.value).isascii()
    assert str(caught.value).isprintable()


def test_a_forwarded_host_counts_where_it_is_asked_for(tenants: Tenants) -> None:
    request = parts(Host="acme.example.com", X_Forwarded_Host="beta.example.com", Forwarded="host=beta.example.com")
    assert named(tenants, Subdomain("example.com"), request) == "acme"
    assert named(tenants, Subdomain("example.com", header="X-Forwarded-Host"), request) == "beta"
    chain = parts(X_Forwarded_Host="beta.example.com, proxy.example.com")
    with pytest.raises(freehold.InvalidSlug):
        named(tenants, Subdomain("example.com", header="X-Forwarded-Host"), chain)


# Headers and paths.


@pytest.mark.parametrize("name", ["X-Tenant", "x-tenant", "X-TENANT"])
def test_a_header(tenants: Tenants, name: str) -> None:
    assert named(tenants, Header("X-Tenant"), Parts("/", ((name, "acme"),))) == "acme"
    # The same said twice is said.
    assert named(tenants, Header("X-Tenant"), Parts("/", ((name, "acme"), ("x-tenant", "acme")))) == "acme"


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", " acme", "acme ", "ACME", "acme,beta", "acme, acme", "acme;", "acme\n", "a b", "a--b", "acme\xff"),
        *("\0", "../beta", "ac%6de", "%61cme", "\u0430cme", "acme\u200b", "\ufb01", "a" * 41, "null", "acme'"),
        "a" * 1_000_000,
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_a_header_that_is_hostile(tenants: Tenants, value: str, untouched: None) -> None:
    wanted = freehold.TenantNotFound if value == "null" else freehold.InvalidSlug
    with pytest.raises(wanted) as caught:
        named(tenants, Header("X-Tenant"), parts(X_Tenant=value))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("source", [Header("X-Tenant"), Subdomain("example.com", header="X-Tenant")])
def test_a_header_that_came_twice(tenants: Tenants, source: Source, untouched: None) -> None:
    for second in ("beta.example.com", "", "acme.example.com.", "www.example.com"):
        twice = Parts("/", (("X-Tenant", "acme.example.com"), ("x-tenant", second)))
        with pytest.raises(freehold.RequestMismatch):
            named(tenants, source, twice)


@pytest.mark.parametrize("path", ["/t/acme", "/t/acme/", "/t/acme/orders/7", "/t/acme/t/beta", "/t/acme//"])
def test_a_path(tenants: Tenants, path: str) -> None:
    assert named(tenants, PathPrefix("/t/"), Parts(path, ())) == "acme"
    assert named(tenants, PathPrefix("/t/"), Parts(path, (), raw_path=path)) == "acme"


@pytest.mark.parametrize("path", ["", "/", "/t", "/T/acme", "t/acme", "//t/acme", "/api/t/acme", "/tt/acme"])
def test_a_path_that_is_no_tenants(tenants: Tenants, path: str, untouched: None) -> None:
    with pytest.raises(freehold.TenantUnnamed):
        named(tenants, PathPrefix("/t/"), Parts(path, (), raw_path=path))


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("/t/", None),
        ("/t//acme", None),
        ("/t/ACME", None),
        ("/t/acme;v=1", None),
        ("/t/acme\0", "/t/acme%00"),
        ("/t/acme ", "/t/acme%20"),
        ("/t/acme", "/t/%61cme"),
        ("/t/acme", "/%74/acme"),
        ("/t/acme", "/t%2Facme"),
        ("/t/acme/x", "/t/acme%2Fx"),
        ("/t/acme/../beta", "/t/acme/../beta"),
        ("/t/acme/../beta", "/t/acme/%2e%2e/beta"),
        ("/t/acme/../beta", "/t/acme%2f..%2fbeta"),
        ("/t/../t/acme", None),
        ("/x/../t/acme", None),
        ("/t/./acme", None),
        ("/t/acme\\..\\beta", None),
        ("/t/%61cme", "/t/%2561cme"),
        ("/t/m\ufffdnchen", "/t/m%FCnchen"),
        ("/t/" + "a" * 41, None),
        ("/t/" + "a" * 1_000_000, None),
    ],
)
def test_a_path_that_is_hostile(tenants: Tenants, path: str, raw: str | None, untouched: None) -> None:
    with pytest.raises(freehold.InvalidSlug) as caught:
        named(tenants, PathPrefix("/t/"), Parts(path, (), raw_path=raw))
    assert len(str(caught.value)) < 300


def test_a_scope_and_an_environ() -> None:
    scope = {
        "path": "/t/acmé",
        "raw_path": b"/t/acm%C3%A9?x",
        "headers": [(b"host", b"acme.example.com"), (b"x-tenant", b"\xff"), (b"x-tenant", b"b")],
    }
    found = Parts.asgi(scope, claims={"tenant": "acme"})
    assert (found.path, found.raw_path, found.claims) == ("/t/acmé", "/t/acm%C3%A9", {"tenant": "acme"})
    assert found.headers == (("host", "acme.example.com"), ("x-tenant", "\xff"), ("x-tenant", "b"))
    environ = {"SCRIPT_NAME": "/app", "PATH_INFO": "/t/\xc3\xa9\xff", "HTTP_X_TENANT": "acme", "HTTP_HOST": "h"}
    found = Parts.wsgi(environ)
    assert found.path == "/app/t/é\ufffd"
    assert (found.header("X-Tenant"), found.header("host"), found.header("none")) == ("acme", "h", None)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Subdomain(""),
        lambda: Subdomain("https://example.com"),
        lambda: Subdomain("example.com:80"),
        lambda: Subdomain("münchen.de"),
        lambda: Subdomain("example.com", besides="www"),
        lambda: Subdomain("example.com", header="X Tenant"),
        lambda: Header(""),
        lambda: Header("X-Tenant:"),
        lambda: PathPrefix("t/"),
        lambda: PathPrefix("/t"),
        lambda: PathPrefix("/../"),
        lambda: PathPrefix(""),
    ],
)
def test_a_source_that_could_never_be(make: Any) -> None:
    with pytest.raises(freehold.InvalidArgument):
        make()


# What is known of the tenant and the user.


def test_every_source_that_is_there_must_agree(tenants: Tenants, untouched: None) -> None:
    sources: tuple[Source, ...] = (Subdomain("example.com"), Header("X-Tenant"), PathPrefix("/t/"), claim())
    resolver = Resolver(tenants, *sources, member=lambda user, tenant_id, slug: True)
    said = {"Host": "acme.example.com", "X_Tenant": "acme", "Authorization": f"Bearer {token()}"}
    assert resolver.resolve(parts("/t/acme/", **said)).user == "alice"
    other = {"Host": "beta.example.com", "X_Tenant": "beta", "Authorization": f"Bearer {token(tenant='beta')}"}
    for name, value in other.items():
        with pytest.raises(freehold.RequestMismatch):
            resolver.resolve(parts("/t/acme/", **(said | {name: value})))
    with pytest.raises(freehold.RequestMismatch):
        resolver.resolve(parts("/t/beta/", **said))
    # Nobody is asked about a tenant that another source would not have named.
    with pytest.raises(freehold.InvalidSlug):
        resolver.resolve(parts("/t/acme/", **(said | {"X_Tenant": ""})))


def test_unknown_and_suspended(tenants: Tenants, untouched: None) -> None:
    asked: list[str] = []

    def member(user: str, tenant_id: str, slug: str) -> bool:
        asked.append(slug)
        return True

    resolver = Resolver(tenants, Header("X-Tenant"), member=member)
    with pytest.raises(freehold.TenantNotFound):
        resolver.resolve(parts(X_Tenant="nobody"), user="alice")
    with pytest.raises(freehold.TenantSuspended):
        resolver.resolve(parts(X_Tenant="idle"), user="alice")
    with pytest.raises(freehold.TenantUnnamed):
        resolver.resolve(parts(), user="alice")
    assert asked == []


def test_who_is_no_member(world: World, tenants: Tenants, untouched: None) -> None:
    ids = {slug: str(world.control.tenant_get(slug)["id"]) for slug in SLUGS}
    rows = {("alice", ids["acme"], "acme")}
    resolver = Resolver(tenants, Header("X-Tenant"), member=lambda *asked: asked in rows)
    assert resolver.resolve(parts(X_Tenant="acme"), user="alice") == Resolved("acme", ids["acme"], "alice")
    for slug, user in (("beta", "alice"), ("acme", "bob")):
        with pytest.raises(freehold.NotMember):
            resolver.resolve(parts(X_Tenant=slug), user=user)
    with pytest.raises(freehold.NotAuthenticated):
        resolver.resolve(parts(X_Tenant="acme"))
    assert resolver.resolve(parts(X_Tenant="beta"), anyone=True) == Resolved("beta", ids["beta"], None)


@pytest.mark.parametrize("answer", [False, None, 0, 1, "yes", [1], object()])
def test_only_true_is_yes(tenants: Tenants, answer: Any) -> None:
    resolver = Resolver(tenants, Header("X-Tenant"), member=lambda *asked: answer)
    with pytest.raises(freehold.NotMember):
        resolver.resolve(parts(X_Tenant="acme"), user="alice")


def test_a_coroutine_that_nobody_awaits_is_no_yes(tenants: Tenants) -> None:
    async def member(user: str, tenant_id: str, slug: str) -> bool:
        return True

    with pytest.raises(freehold.InvalidArgument):
        Resolver(tenants, Header("X-Tenant"), member=member)  # type: ignore[arg-type]
    made: list[Any] = []

    def hidden(*asked: Any) -> Any:
        made.append(member(*asked))
        return made[-1]

    with pytest.raises(freehold.NotMember):
        Resolver(tenants, Header("X-Tenant"), member=hidden).resolve(parts(X_Tenant="acme"), user="alice")
    made[0].close()


@pytest.mark.parametrize("user", ["", "x" * 201, "\0", "\ud800"])
def test_a_user_that_could_be_no_actor(tenants: Tenants, user: str, untouched: None) -> None:
    with pytest.raises(freehold.InvalidArgument):
        anyone(tenants, Header("X-Tenant")).resolve(parts(X_Tenant="acme"), user=user)


def test_somebody_must_say_who_is_a_member(tenants: Tenants) -> None:
    with pytest.raises(freehold.InvalidArgument):
        Resolver(tenants, Header("X-Tenant"))
    with pytest.raises(freehold.InvalidArgument):
        Resolver(tenants, member=lambda *asked: True)


def test_without_member_a_verified_claim_must_name_the_tenant(tenants: Tenants, untouched: None) -> None:
    resolver = Resolver(tenants, Header("X-Tenant"), VerifiedClaim("tenant"))
    found = resolver.resolve(parts(X_Tenant="acme", claims={"tenant": "acme", "sub": "alice"}))
    assert (found.slug, found.user) == ("acme", "alice")
    with pytest.raises(freehold.RequestMismatch):
        resolver.resolve(parts(X_Tenant="beta", claims={"tenant": "acme", "sub": "alice"}))
    # A user of the issuer's, of whom it does not say where: the header alone is no proof.
    with pytest.raises(freehold.NotMember):
        resolver.resolve(parts(X_Tenant="acme", claims={"sub": "alice"}))
    with pytest.raises(freehold.NotMember):
        resolver.resolve(parts(X_Tenant="acme"), user="alice")
    with pytest.raises(freehold.NotAuthenticated):
        resolver.resolve(parts(X_Tenant="acme"))
    with pytest.raises(freehold.NotAuthenticated):
        resolver.resolve(parts(claims={"tenant": "acme"}))
    with pytest.raises(freehold.RequestMismatch):
        resolver.resolve(parts(claims={"tenant": "acme", "sub": "alice"}), user="mallory")
    for claims in ({"tenant": ["acme"], "sub": "alice"}, {"tenant": "acme", "sub": 7}):
        with pytest.raises(freehold.InvalidArgument):
            resolver.resolve(parts(claims=claims))


def test_a_source_of_ones_own_proves_nobody_by_default(tenants: Tenants) -> None:
    class Cookie:
        label, slow = "the cookie", False

        def read(self, parts: Parts) -> Said | None:
            return Said("acme", user="root")

    with pytest.raises(freehold.NotAuthenticated):
        anyone(tenants, Cookie()).resolve(parts())


def test_what_was_resolved_holds_for_that_tenant_only(world: World) -> None:
    with Tenants(world.conninfo, **world.options(), listen=False) as tenants:
        found = anyone(tenants, Header("X-Tenant")).resolve(parts(X_Tenant="acme"), user="alice")
        with tenants.transaction(found.slug, actor=found.user, tenant_id=found.tenant_id) as connection:
            assert connection.execute("select freehold.tenant_current()").fetchone() == ("acme",)
        with pytest.raises(freehold.TenantChanged), tenants.transaction("beta", tenant_id=found.tenant_id):
            pass
    gone = "select count(*) from pg_stat_activity where usename ~ '^tenant_'"
    while world.admin.execute(gone).fetchone() != (0,):
        pass


# Tokens.


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_claim(tenants: Tenants, algorithm: str) -> None:
    text = token(KEYS[algorithm], algorithm)
    found = Resolver(tenants, claim()).resolve(bearer(text))
    assert (found.slug, found.user) == ("acme", "alice")
    assert Resolver(tenants, claim()).resolve(parts(Authorization=f"bEARER  {text}")).slug == "acme"
    alone = claim(keys=pem(KEYS[algorithm]), algorithms=[algorithm], user="email")
    assert Resolver(tenants, alone).resolve(bearer(token(KEYS[algorithm], algorithm, email="a@b"))).user == "a@b"


def _encoded(header: dict[str, Any], payload: Any = None, signature: bytes = b"x") -> str:
    body = {"tenant": "acme", "sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600}
    pieces = (json.dumps(header).encode(), json.dumps(payload or body).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(piece).rstrip(b"=").decode() for piece in pieces)


def _signed(claims: dict[str, Any]) -> str:
    """By the issuer's own key, with claims that PyJWT would not write."""
    body = {"tenant": "acme", "sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600} | claims
    return jwt.PyJWS().encode(json.dumps(body).encode(), RSA, "RS256")


def _nested(depth: int) -> str:
    head = base64.urlsafe_b64encode(b"[" * depth).rstrip(b"=").decode()
    return f"{head}.{head}.AAAA"


def _hmac_with_the_public_key() -> str:
    head, body, _ = _encoded({"alg": "HS256", "typ": "JWT"}).split(".")
    mac = hmac.new(pem(RSA), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


NOW = int(time.time())
FORGED: dict[str, Callable[[], str]] = {
    "expired": lambda: token(exp=NOW - 60),
    "no expiry": lambda: token(exp=...),
    "an expiry that is no number": lambda: token(exp="never"),
    "not yet": lambda: token(nbf=NOW + 6_000),
    "issued in the future": lambda: token(iat=NOW + 6_000),
    "no issuer": lambda: token(iss=...),
    "another issuer": lambda: token(iss="https://evil.example.com"),
    "almost the issuer": lambda: token(iss=ISSUER + "/"),
    "a list of issuers": lambda: _signed({"iss": [ISSUER]}),
    "a user that is a number": lambda: _signed({"sub": 7}),
    "no audience": lambda: token(aud=...),
    "another audience": lambda: token(aud="billing"),
    "no user": lambda: token(sub=...),
    "an empty user": lambda: token(sub=""),
    "a list of tenants": lambda: token(tenant=["acme", "beta"]),
    "a tenant that is a map": lambda: token(tenant={"acme": 1}),
    "another key": lambda: token(OTHER_RSA),
    "an algorithm that is not on the list": lambda: token(RSA, "RS512"),
    "PS256 by an RS256 key": lambda: token(RSA, "PS256"),
    "none": lambda: jwt.encode({"tenant": "acme", "sub": "alice"}, None, "none"),  # type: ignore[arg-type]
    "none in capitals": lambda: _encoded({"alg": "NONE"}),
    "none without a signature": lambda: _encoded({"alg": "none"}, signature=b""),
    "no algorithm": lambda: _encoded({}),
    "an algorithm that is a list": lambda: _encoded({"alg": ["RS256"]}),
    "HMAC with the public key": _hmac_with_the_public_key,
    "HMAC with nothing": lambda: token("x" * 32, "HS256"),
    "a key of its own": lambda: token(OTHER_RSA, headers={"jwk": _jwks(x=OTHER_RSA)["keys"][0]}),
    "a key at a URL": lambda: token(OTHER_RSA, headers={"jku": "http://127.0.0.1:9/jwks.json", "kid": "x"}),
    "a kid that is a path": lambda: token(OTHER_RSA, headers={"kid": "../../dev/null"}),
    "a kid that is a number": lambda: _encoded({"alg": "RS256", "kid": 1}),
    "a critical header": lambda: token(headers={"crit": ["exp"]}),
    "a header that is a list": lambda: _encoded([1]),  # type: ignore[arg-type]
    "claims that are a list": lambda: _encoded({"alg": "RS256"}, [1]),
    "nested deeply": lambda: _nested(2_500),
    "nothing": lambda: "",
    "dots": lambda: "..",
    "two pieces": lambda: "a.b",
    "four pieces": lambda: "a.b.c.d",
    "no base64": lambda: "é.é.é",
    "a quoted one": lambda: f'"{token()}"',
    "two": lambda: f"{token()}, {token()}",
    "a newline": lambda: token() + "\n",
    "very long": lambda: token(padding="x" * 10_000),
    "endless": lambda: "a" * 10_000_000,
}


@pytest.mark.parametrize("how", FORGED)
def test_a_token_that_is_not_good(tenants: Tenants, how: str, untouched: None) -> None:
    resolver = Resolver(tenants, claim(), member=lambda *asked: True)
    with pytest.raises(freehold.NotAuthenticated) as caught:
        resolver.resolve(bearer(FORGED[how]()))
    assert caught.value.http_status == 401
    assert len(str(caught.value)) < 100


def test_each_character_of_a_signature_counts(tenants: Tenants) -> None:
    text = token(ED, "EdDSA")
    reader = claim()
    assert reader.read(bearer(text)) is not None
    for place in range(len(text) - 1):
        wrong = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(freehold.NotAuthenticated):
            reader.read(bearer(wrong))


def test_what_is_no_bearer_token_is_none(tenants: Tenants) -> None:
    resolver = Resolver(tenants, Header("X-Tenant"), claim())
    for value in ("Basic YWxpY2U6eA==", token(), "", "Digest x"):
        with pytest.raises(freehold.NotAuthenticated):
            resolver.resolve(parts(X_Tenant="acme", Authorization=value))
    assert resolver.resolve(parts(X_Tenant="acme"), anyone=True).user is None
    twice = Parts("/", (("Authorization", f"Bearer {token()}"), ("authorization", f"Bearer {token(sub='bob')}")))
    with pytest.raises(freehold.RequestMismatch):
        resolver.resolve(twice)


def test_clocks_may_differ_a_little(tenants: Tenants) -> None:
    assert claim(leeway=120).read(bearer(token(exp=int(time.time()) - 20))) is not None
    with pytest.raises(freehold.NotAuthenticated):
        claim(leeway=0).read(bearer(token(exp=int(time.time()) - 20)))


def _jwks(**keys: Any) -> dict[str, Any]:
    made = []
    for kid, key in keys.items():
        kinds = {rsa.RSAPrivateKey: RSAAlgorithm, ec.EllipticCurvePrivateKey: ECAlgorithm}
        which: Any = next((found for cls, found in kinds.items() if isinstance(key, cls)), OKPAlgorithm)
        made.append(which.to_jwk(key.public_key(), as_dict=True) | {"kid": kid, "use": "sig"})
    return {"keys": made}


def test_keys_by_their_names(tenants: Tenants) -> None:
    reader = claim(keys=_jwks(old=RSA, new=EC))
    for text in (token(headers={"kid": "old"}), token(EC, "ES256", headers={"kid": "new"}), token()):
        assert reader.read(bearer(text)) is not None
    for text in (token(headers={"kid": "new"}), token(OTHER_RSA, headers={"kid": "old"}), token(headers={"kid": "x"})):
        with pytest.raises(freehold.NotAuthenticated):
            reader.read(bearer(text))


def test_a_shared_secret_in_a_key_set_is_no_key() -> None:
    secret = {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 32).decode(), "kid": "s"}
    with pytest.raises(freehold.InvalidArgument):
        claim(keys={"keys": [secret]})
    reader = claim(keys={"keys": [secret, *_jwks(r=RSA)["keys"]]})
    with pytest.raises(freehold.NotAuthenticated):
        reader.read(bearer(token("x" * 32, "HS256", headers={"kid": "s"})))


def test_keys_from_the_issuer(tenants: Tenants) -> None:
    shown = _jwks(one=RSA)
    with published(shown) as (url, served):
        resolver = Resolver(tenants, claim(keys=url))
        first = bearer(token(headers={"kid": "one"}))
        assert resolver.resolve(first).slug == "acme"
        for _ in range(20):
            for text in (
                token(headers={"kid": secrets.token_hex(4)}),
                token(),
                token(OTHER_RSA, headers={"kid": "one"}),
            ):
                with pytest.raises(freehold.NotAuthenticated):
                    resolver.resolve(bearer(text))
        # Tokens that name no key of the issuer's do not make it be asked each time.
        assert served() == 1

        async def main() -> None:
            async with AsyncTenants(tenants._core._home.conninfo, listen=False) as others:
                found = await AsyncResolver(others, claim(keys=url)).resolve(first)
                assert (found.slug, found.user) == ("acme", "alice")

        asyncio.run(main())
    with pytest.raises(freehold.KeysUnavailable) as caught:
        claim(keys=url).read(first)
    assert caught.value.http_status == 503
    answers: tuple[Any, ...] = ([1], {"keys": []}, {"keys": "x"}, "x", None, b"<html>")
    for nonsense in answers:
        with published(nonsense) as (url, _), pytest.raises((freehold.KeysUnavailable, freehold.NotAuthenticated)):
            claim(keys=url).read(first)


@pytest.mark.parametrize(
    "options",
    [
        {"algorithms": ["HS256"]},
        {"algorithms": ["RS256", "HS256"]},
        {"algorithms": ["none"]},
        {"algorithms": []},
        {"algorithms": ["ES256K"]},
        {"issuer": ""},
        {"audience": ""},
        {"leeway": -1},
        {"leeway": 301},
        {"keys": []},
        {"keys": {}},
        {"keys": {"keys": []}},
        {"keys": "secret"},
        {"keys": b"secret"},
        {"keys": "http://login.example.com/jwks.json"},
        {"keys": "file:///etc/passwd"},
        {"keys": "http://localhost.evil.org/jwks.json"},
        {"keys": [RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())]},
        {"keys": [pem(EC)], "algorithms": ["RS256"]},
    ],
    ids=lambda options: str(options)[:40],
)
def test_a_claim_that_could_not_be_trusted(options: dict[str, Any]) -> None:
    with pytest.raises(freehold.InvalidArgument):
        claim(**options)


# On a loop.


def test_on_a_loop_member_is_awaited(world: World) -> None:
    async def member(user: str, tenant_id: str, slug: str) -> bool:
        await asyncio.sleep(0)
        return (user, slug) == ("alice", "acme")

    async def main() -> None:
        async with AsyncTenants(world.conninfo, **world.options(), listen=False) as tenants:
            resolver = AsyncResolver(tenants, Header("X-Tenant"), member=member)
            assert (await resolver.resolve(parts(X_Tenant="acme"), user="alice")).slug == "acme"
            for slug, user in (("beta", "alice"), ("acme", "bob")):
                with pytest.raises(freehold.NotMember):
                    await resolver.resolve(parts(X_Tenant=slug), user=user)
            with pytest.raises(freehold.TenantSuspended):
                await resolver.resolve(parts(X_Tenant="idle"), user="alice")
            plain = AsyncResolver(tenants, Header("X-Tenant"), member=lambda *asked: True)
            assert (await plain.resolve(parts(X_Tenant="beta"), user="bob")).slug == "beta"

    asyncio.run(main())


# Whatever comes.

READER = claim()
TEXT = st.text(max_size=60) | st.text(alphabet="acmebt.-/%20:\0é", max_size=40)
HOSTS = TEXT | st.builds("{}{}example.com{}".format, TEXT, st.sampled_from([".", "", ".."]), TEXT)


@given(HOSTS, st.none() | TEXT, TEXT.map("/t/{}".format) | TEXT, st.none() | TEXT)
def test_whatever_comes_is_one_tenant_or_an_error(
    tenants: Tenants, host: str, header: str | None, path: str, authorization: str | None
) -> None:
    resolver = Resolver(
        tenants, Subdomain("example.com"), Header("X-Tenant"), PathPrefix("/t/"), claim(), member=lambda *asked: True
    )
    given = {"Host": host, "X_Tenant": header, "Authorization": authorization}
    request = parts(path, **{name: value for name, value in given.items() if value is not None})
    refused: freehold.FreeholdError | None = None
    try:
        found = resolver.resolve(request, user="alice")
    except freehold.FreeholdError as error:
        refused = error
    if refused is not None:
        assert refused.http_status in (401, 403, 404, 422)
        assert len(str(refused)) < 400
        return
    assert found.slug in SLUGS
    assert header in (None, found.slug)
    under = host.lower().partition(":")[0].removesuffix(".")
    assert not under.endswith(".example.com") or under == f"{found.slug}.example.com"
    assert not path.startswith("/t/") or path.split("/")[2] == found.slug


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
CLAIMS = st.dictionaries(st.sampled_from(["tenant", "sub", "iss", "aud", "exp", "nbf", "iat", "jti"]), JSON, max_size=3)
HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk", "jku", "x5c"]), JSON, max_size=3)


@given(CLAIMS, HEADERS, st.booleans())
def test_no_token_of_any_form_is_another_error(claims: dict[str, Any], headers: dict[str, Any], good: bool) -> None:
    """What the issuer's own key has signed is read, and what another has signed never is."""
    now = int(time.time())
    body: dict[str, Any] = {"tenant": "acme", "sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "exp": now + 600} | claims
    pieces = [json.dumps({"alg": "EdDSA"} | headers).encode(), json.dumps(body).encode()]
    signing = b".".join(base64.urlsafe_b64encode(piece).rstrip(b"=") for piece in pieces)
    signature = (ED if good else ed25519.Ed25519PrivateKey.generate()).sign(signing)
    text = (signing + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()
    said: Said | None = None
    with contextlib.suppress(freehold.NotAuthenticated):
        said = READER.read(bearer(text))
    if said is not None:
        assert good
        assert said == Said(body["tenant"], body["sub"], verified=True)


@given(st.sampled_from(SLUGS), st.sampled_from(SLUGS), st.sampled_from(SLUGS))
def test_two_names_are_never_one(tenants: Tenants, host: str, header: str, path: str) -> None:
    resolver = Resolver(
        tenants, Subdomain("example.com"), Header("X-Tenant"), PathPrefix("/t/"), member=lambda *asked: True
    )
    request = parts(f"/t/{path}/x", Host=f"{host}.example.com", X_Tenant=header)
    if host == header == path:
        assert resolver.resolve(request, user="alice").slug == host
    else:
        with pytest.raises(freehold.RequestMismatch):
            resolver.resolve(request, user="alice")
