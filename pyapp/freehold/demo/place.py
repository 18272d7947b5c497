"""Where the demo happens: a database and roles of its own, made anew by each run."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import InsufficientPrivilege

from freehold.bundle import sql_root

DATABASE = "freehold_demo"
ROLE_PREFIX = "freehold_demo"
SCHEMA_PREFIX = "demo_"
OPERATOR = "freehold_demo_operator"
APP = "demo_helpdesk_app"

Connection = psycopg.Connection[Any]


@cache
def migrations() -> tuple[Path, ...]:
    """The example migrations in the order of their numbers, without the rollbacks."""
    files = (sql_root() / "migrations" / "example").glob("[0-9]*.sql")
    return tuple(sorted(path for path in files if not path.name.endswith(".rollback.sql")))


@cache
def rows_script() -> str:
    """The script that fills one tenant of the help desk.

    Raises:
        FileNotFoundError: The package was installed without it.
    """
    package = Path(__file__).resolve().parents[1]
    for root in (package, package.parents[1]):
        path = root / "examples" / "helpdesk" / "rows.sql"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError("examples/helpdesk/rows.sql: the package is incomplete")


class Place:
    """The demo's database, with its three kinds of connection.

    Args:
        dsn: A connection as superuser, to any database of the server.
    """

    def __init__(self, dsn: str) -> None:
        self._server = dsn
        self._passwords = {OPERATOR: secrets.token_urlsafe(24), APP: secrets.token_urlsafe(24)}

    def recreate(self) -> str:
        """Makes database and roles anew, those of an earlier run dropped; returns the server's version.

        Raises:
            psycopg.errors.InsufficientPrivilege: The connection is no superuser's.
        """
        with psycopg.connect(self._server, autocommit=True) as connection:
            if connection.info.parameter_status("is_superuser") != "on":
                raise InsufficientPrivilege(
                    f"the demo needs a superuser: it makes and drops the database {DATABASE} and its roles"
                )
            _remove(connection)
            for role, attributes in ((OPERATOR, sql.SQL("createrole")), (APP, sql.SQL(""))):
                connection.execute(
                    sql.SQL("create role {} login {} password {}").format(
                        sql.Identifier(role), attributes, sql.Literal(self._passwords[role])
                    )
                )
            connection.execute(
                sql.SQL("create database {} owner {} template template0 encoding 'UTF8'").format(
                    sql.Identifier(DATABASE), sql.Identifier(OPERATOR)
                )
            )
            return str(connection.info.parameter_status("server_version")).split()[0]

    def remove(self) -> None:
        """Drops the database and all roles of the demo."""
        with psycopg.connect(self._server, autocommit=True) as connection:
            _remove(connection)

    @contextmanager
    def superuser(self) -> Iterator[Connection]:
        """Someone with all rights, who can do by hand what nobody should."""
        with psycopg.connect(make_conninfo(self._server, dbname=DATABASE), autocommit=True) as connection:
            yield connection

    @contextmanager
    def operator(self) -> Iterator[Connection]:
        """Who runs freehold: owns the database and may create roles, but is no superuser."""
        options = (
            f"-c freehold.role_prefix={ROLE_PREFIX} -c freehold.schema_prefix={SCHEMA_PREFIX}"
            " -c freehold.actor=demo -c client_min_messages=error"
        )
        with self._connect(OPERATOR, options) as connection:
            yield connection

    @contextmanager
    def app(self) -> Iterator[Connection]:
        """What an application has: a login that may pass the gates it was granted, and nothing else."""
        with self._connect(APP, "") as connection:
            yield connection

    def _connect(self, role: str, options: str) -> Connection:
        dsn = make_conninfo(self._server, dbname=DATABASE, user=role, password=self._passwords[role])
        return psycopg.connect(dsn, autocommit=True, options=options, application_name="freehold demo")


@contextmanager
def inside(connection: Connection, tenant: dict[str, Any]) -> Iterator[None]:
    """A transaction as a tenant's runtime role, with its schema on the path; both end with it."""
    with connection.transaction():
        connection.execute(
            sql.SQL("set local role {}; set local search_path = {}, pg_catalog, pg_temp").format(
                sql.Identifier(tenant["rw_role"]), sql.Identifier(tenant["schema_name"])
            )
        )
        yield


def _remove(connection: Connection) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
    if roles := _roles(connection):
        # In one statement: a role that granted a membership to another can only go together with it.
        connection.execute(sql.SQL("drop role {}").format(sql.SQL(", ").join(map(sql.Identifier, roles))))


def _roles(connection: Connection) -> list[str]:
    """The demo's roles: those of its installation's prefix, and its tenants'."""
    found = connection.execute(
        """
        select r.rolname
        from pg_roles as r
        where r.rolname = %(app)s
            or starts_with(r.rolname, %(prefix)s)
            or starts_with(r.rolname, %(schema)s) and exists (
                select from pg_auth_members as m
                join pg_roles as g on g.oid = m.roleid
                where m.member = r.oid and g.rolname = %(group)s
            )
        order by r.rolname
        """,
        {"app": APP, "prefix": f"{ROLE_PREFIX}_", "group": f"{ROLE_PREFIX}_tenant", "schema": SCHEMA_PREFIX},
    )
    return [name for (name,) in found]
