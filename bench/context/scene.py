"""The server of this bench, and the same two tables in every place that a subject works in."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from bench.schema import find
from freehold.bundle import install_bundle, run
from freehold.context.credentials import derive_verifier
from freehold.embedded import Ephemeral

ROWS = 100
TABLES = """
create table item (id int primary key, name text not null, v int not null default 0);
create table event (id bigint generated always as identity primary key, item_id int not null, note text);
"""
# What one would write for shared tables.
SHARED = """
create schema shared;
create table shared.item (
    tenant int not null default current_setting('app.tenant')::int, id int not null,
    name text not null, v int not null default 0, primary key (tenant, id)
);
create table shared.event (
    tenant int not null default current_setting('app.tenant')::int, id bigint generated always as identity primary key,
    item_id int not null, note text
);
create index event_tenant on shared.event (tenant);
alter table shared.item enable row level security;
alter table shared.event enable row level security;
create policy own on shared.item using (tenant = current_setting('app.tenant')::int);
create policy own on shared.event using (tenant = current_setting('app.tenant')::int);
grant usage on schema shared to bench_rls;
grant select, insert, update, delete on all tables in schema shared to bench_rls;
alter role bench_rls set search_path = shared, pg_catalog;
"""
WIDE = "plain20"
CONNECTIONS = 400


@dataclass
class Scene:
    """Where everything is.

    Attributes:
        server: The server.
        admin: A superuser's connection.
        slugs: The tenants.
        wide: Tenants of twenty tables, for what a backend keeps of a schema.
        secret: What the tenants' passwords are derived from.
        gates: Logins that pass the gate of a cell, by its number.
    """

    server: Ephemeral
    admin: psycopg.Connection[Any]
    slugs: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    gates: dict[int, str] = field(default_factory=dict, repr=False)
    roles: dict[str, str] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict, repr=False)

    def dsn(self, user: str) -> str:
        """How a login connects."""
        return make_conninfo(self.server.dsn("bench"), user=user, password=self.passwords[user])

    def login(self, name: str) -> None:
        """Makes a login."""
        self.passwords[name] = secrets.token_hex(16)
        self.admin.execute(
            sql.SQL("create role {} login password {}").format(sql.Identifier(name), sql.Literal(self.passwords[name]))
        )
        self.admin.execute(sql.SQL("grant connect on database bench to {}").format(sql.Identifier(name)))


@contextlib.contextmanager
def scene(tenants: int, wide: int, logins: int) -> Iterator[Scene]:
    """A server in memory, with everything on it.

    Args:
        tenants: How many tenants of two tables.
        wide: How many of twenty.
        logins: How many of the first have a login of their own.
    """
    with Ephemeral(options={"max_connections": CONNECTIONS, "shared_buffers": "512MB"}) as server:
        with psycopg.connect(server.dsn(), autocommit=True) as first:
            first.execute("create role bench_operator login createrole password 'bench'")
            first.execute("create database bench owner bench_operator")
        operator = make_conninfo(server.dsn("bench"), user="bench_operator", password="bench")
        with psycopg.connect(operator, autocommit=True) as connection:
            run(connection, install_bundle())
        with psycopg.connect(server.dsn("bench"), autocommit=True) as admin:
            made = Scene(server, admin)
            _fleet(made, operator, tenants, wide)
            _logins(made, operator, logins)
            _others(made, tenants)
            admin.execute("vacuum (analyze)")
            admin.execute("checkpoint")
            yield made


def _fleet(made: Scene, operator: str, tenants: int, wide: int) -> None:
    templates = {"narrow": (TABLES,), WIDE: find(WIDE).scripts}
    made.slugs, made.wide = [f"t{n:04}" for n in range(tenants)], [f"w{n:04}" for n in range(wide)]
    with psycopg.connect(operator, autocommit=True) as connection:
        for name, scripts in templates.items():
            connection.execute("select freehold.template_create(%s)", (name,))
            for script in scripts:
                connection.execute("select freehold.template_apply(%s, %s)", (name, script))
            connection.execute("select freehold.template_freeze(%s)", (name,))
    wanted = [(slug, "narrow") for slug in made.slugs] + [(slug, WIDE) for slug in made.wide]

    def provision(part: list[tuple[str, str]]) -> None:
        with psycopg.connect(operator, autocommit=True) as connection:
            for tenant in part:
                connection.execute("select from freehold.tenant_provision(%s, %s)", tenant)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(provision, (wanted[::2], wanted[1::2])))
    for slug, role, schema in made.admin.execute("select slug, rw_role, schema_name from freehold.tenant").fetchall():
        made.roles[slug] = role
        if slug in made.slugs[:tenants]:
            _rows(made.admin, schema)


def _rows(admin: psycopg.Connection[Any], schema: str) -> None:
    admin.execute(
        sql.SQL("insert into {} (id, name) select i, 'item ' || i from generate_series(1, {}) as i").format(
            sql.Identifier(schema, "item"), ROWS
        )
    )


def _logins(made: Scene, operator: str, logins: int) -> None:
    for name in ("bench_asker", "bench_apart"):
        made.login(name)
    made.admin.execute("grant freehold_resolver to bench_asker")
    with psycopg.connect(operator, autocommit=True) as connection:
        for (cell,) in made.admin.execute("select distinct cell from freehold.tenant order by cell").fetchall():
            name = f"bench_app_{cell}"
            made.login(name)
            for login in (name, "bench_apart"):
                connection.execute("select freehold.gate_grant(%s, %s)", (login, cell))
            made.gates[cell] = made.dsn(name)
        for slug in made.slugs[:logins]:
            row = made.admin.execute(
                "select id::text, rw_role from freehold.tenant where slug = %s", (slug,)
            ).fetchone()
            assert row is not None
            verifier = derive_verifier(connection.pgconn, made.secret, *row)
            connection.execute("select from freehold.login_enable(%s, verifier => %s)", (slug, verifier))


def _others(made: Scene, tenants: int) -> None:
    """One schema for those who know no tenants, shared tables, and schemas as django-tenants has them."""
    for name in ("bench_plain", "bench_rls", "bench_django"):
        made.login(name)
    admin = made.admin
    admin.execute(SHARED)
    admin.execute(
        "insert into shared.item (tenant, id, name) select t, i, 'item ' || i "
        "from generate_series(0, %s) as t, generate_series(1, %s) as i",
        (tenants - 1, ROWS),
    )
    admin.execute("alter role bench_plain set search_path = plain, pg_catalog")
    for schema, owner in [("plain", "bench_plain"), *((f"dj_{slug}", "bench_django") for slug in made.slugs)]:
        with admin.transaction():
            admin.execute(
                sql.SQL("create schema {} authorization {}").format(sql.Identifier(schema), sql.Identifier(owner))
            )
            admin.execute(sql.SQL("set local role {}").format(sql.Identifier(owner)))
            admin.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(schema)))
            admin.execute(TABLES)
            _rows(admin, schema)
