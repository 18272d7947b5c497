"""The server of this bench: 200 tenants with notes and who may read them, and one plain schema beside them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold.bundle import install_bundle, run
from freehold.cli.serve import grant_groups
from freehold.control import Control
from freehold.embedded import Ephemeral

ROWS = 100
TABLE = "create table note (id bigint primary key, body text not null)"
KEYS = """
create table api_key (
    sha256 bytea primary key, name text not null, created_at timestamptz not null default now(),
    expires_at timestamptz, revoked_at timestamptz
)
"""
AUDIENCE = "https://service.example"
CONNECTIONS = 100


@dataclass
class Scene:
    """Where everything is.

    Attributes:
        server: The server.
        admin: A superuser's connection.
        slugs: The tenants.
        issuer: Of users' tokens; its keys are at ``<issuer>/jwks.json``.
        public: Its public key, as JWK.
        keys: API keys, by tenant.
        tokens: Users' tokens, by tenant.
    """

    server: Ephemeral
    admin: psycopg.Connection[Any]
    slugs: list[str]
    issuer: str
    public: dict[str, Any]
    keys: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _passwords: dict[str, str] = field(default_factory=dict, repr=False)

    def dsn(self, user: str) -> str:
        """How a login connects."""
        return make_conninfo(self.server.dsn("bench"), user=user, password=self._passwords[user])

    def login(self, name: str) -> None:
        """Makes a login."""
        self._passwords[name] = secrets.token_hex(16)
        self.admin.execute(
            sql.SQL("create role {} login password {}").format(sql.Identifier(name), sql.Literal(self._passwords[name]))
        )
        self.admin.execute(sql.SQL("grant connect on database bench to {}").format(sql.Identifier(name)))

    def hashed(self) -> dict[str, str]:
        """Whose API key has which SHA-256."""
        return {hashlib.sha256(token.encode()).hexdigest(): slug for slug, token in self.keys.items()}


@contextlib.contextmanager
def scene(tenants: int) -> Iterator[Scene]:
    """A server in memory, with everything on it.

    Args:
        tenants: How many.
    """
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True) | {"kid": "bench", "use": "sig", "alg": "RS256"}
    with Ephemeral(options={"max_connections": CONNECTIONS, "shared_buffers": "256MB"}) as server, _keys(public) as url:
        with psycopg.connect(server.dsn(), autocommit=True) as first:
            first.execute("create role bench_operator login createrole password 'bench'")
            first.execute("create database bench owner bench_operator")
        operator = make_conninfo(server.dsn("bench"), user="bench_operator", password="bench")
        with (
            psycopg.connect(operator, autocommit=True) as connection,
            psycopg.connect(server.dsn("bench"), autocommit=True) as admin,
        ):
            run(connection, install_bundle())
            made = Scene(server, admin, [f"t{n:04}" for n in range(tenants)], url, public)
            _fleet(made, connection)
            _callers(made, Control(connection), private)
            _logins(made, connection)
            admin.execute("vacuum (analyze)")
            admin.execute("checkpoint")
            yield made


def _fleet(made: Scene, operator: psycopg.Connection[Any]) -> None:
    operator.execute("select freehold.template_create('notes')")
    operator.execute("select freehold.template_apply('notes', %s)", (TABLE,))
    operator.execute("select freehold.template_freeze('notes')")
    for slug in made.slugs:
        row = operator.execute("select schema_name from freehold.tenant_provision(%s, 'notes')", (slug,)).fetchone()
        assert row is not None
        _rows(made.admin, row[0], slug)


def _rows(admin: psycopg.Connection[Any], schema: str, owner: str) -> None:
    admin.execute(
        sql.SQL("insert into {} (id, body) select i, {} || ' note ' || i from generate_series(1, {}) as i").format(
            sql.Identifier(schema, "note"), sql.Literal(owner), ROWS
        )
    )


def _callers(made: Scene, control: Control, private: rsa.RSAPrivateKey) -> None:
    """A user and a key of each tenant."""
    now = int(time.time())
    for slug in made.slugs:
        subject = f"user-{slug}"
        user = control.user_ensure(made.issuer, subject)
        control.member_add(slug, user["id"], "owner")
        claims = {"iss": made.issuer, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 86_400}
        made.tokens[slug] = jwt.encode(claims, private, "RS256", headers={"kid": "bench", "typ": "at+jwt"})
        made.keys[slug] = control.api_key_create(f"bench-{slug}", [], slugs=[slug])["token"]


def _logins(made: Scene, operator: psycopg.Connection[Any]) -> None:
    for name in ("bench_service", "bench_plain"):
        made.login(name)
    grant_groups(made.admin, "freehold", ("admin", "auditor", "worker", "break_glass"), "bench_service")
    operator.execute("select freehold.gate_grant('bench_service')")
    made.admin.execute("create schema plain authorization bench_plain")
    made.admin.execute("alter role bench_plain set search_path = plain, pg_catalog")
    with made.admin.transaction():
        made.admin.execute("set local role bench_plain")
        made.admin.execute("set local search_path = plain")
        made.admin.execute(TABLE)
        _rows(made.admin, "plain", "plain")
        made.admin.execute(KEYS)
        with made.admin.cursor() as cursor:
            cursor.executemany(
                "insert into api_key (sha256, name) values (decode(%s, 'hex'), %s)", list(made.hashed().items())
            )


@contextlib.contextmanager
def _keys(public: dict[str, Any]) -> Iterator[str]:
    """The keys of the issuer, on loopback."""
    text = json.dumps({"keys": [public]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
