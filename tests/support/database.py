"""Databases to test in: clones of one that has freehold and pgTAP installed, or of one with tenants in it as well.

Roles are the cluster's, not the database's: two clones would make the same ones. So one
clone exists at a time on a server, and what it made in the cluster goes with it.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold import bundle, pgtap_runner
from freehold.control import Control

from .server import TestServer, hash_once

OWNER = "test_owner"
TEMPLATE = "freehold_test_template"
FURNISHED = "freehold_test_furnished"
_numbers = itertools.count(1)


@dataclass
class Database:
    """A database of a test.

    Attributes:
        server: The server it is on.
        name: Its name.
        owner_password: Of the role that owns it and installed freehold: CREATEROLE, no superuser.
    """

    server: TestServer
    name: str
    owner_password: str
    _opened: list[psycopg.Connection[Any]] = field(default_factory=list)

    @property
    def owner_dsn(self) -> str:
        """Connection string of the owner."""
        return self.server.dsn(self.name, user=OWNER, password=self.owner_password)

    @property
    def admin_dsn(self) -> str:
        """Connection string of the superuser."""
        return self.server.dsn(self.name)

    def connect(self, dsn: str | None = None, **parameters: Any) -> psycopg.Connection[Any]:
        """An autocommit connection, of the owner where no dsn is given, closed with the database."""
        connection = psycopg.connect(make_conninfo(dsn or self.owner_dsn, **parameters), autocommit=True)
        self._opened.append(connection)
        return connection

    def control(self) -> Control:
        """The control plane over a new connection of the owner."""
        return Control(self.connect())

    def login_dsn(self, role: str) -> str:
        """Connection string of a role, which gets LOGIN and a password, and is made where it is missing."""
        password = secrets.token_urlsafe(12)
        with self.server.connect(self.name) as admin:
            hash_once(admin)
            known = admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
            admin.execute(
                sql.SQL("{} role {} login password {}").format(
                    sql.SQL("alter" if known else "create"), sql.Identifier(role), sql.Literal(password)
                )
            )
        return self.server.dsn(self.name, user=role, password=password)

    def close(self) -> None:
        """Closes the connections that ``connect`` opened."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()


class Databases:
    """Makes and removes the databases of tests on one server."""

    def __init__(self, server: TestServer) -> None:
        self.server = server
        self.password = secrets.token_urlsafe(12)
        self._live: str | None = None
        self._baseline: list[Any] | None = None
        self._plain: set[str] = set()
        self._furnished: tuple[Callable[[Database], object], list[Any]] | None = None
        with server.connect() as admin:
            self._before = _roles(admin)
            _create_owner(admin, self.password)

    @contextlib.contextmanager
    def clone(self, furnish: Callable[[Database], object] | None = None) -> Iterator[Database]:
        """A database with freehold and pgTAP installed.

        Args:
            furnish: Makes what the database has in it. It runs once for all clones in a row that ask for the same,
                each of which has the database and the roles as they were after it. Of the tenants in it none can be
                erased, as their roles are another database's too; and what was sealed is known to be another's.
        """
        with self._only_one(), self.server.connect() as admin:
            source = self._source(admin, furnish)
            name = f"freehold_test_{next(_numbers)}"
            self._copy(admin, source, name)
            yield from self._lend(admin, name)

    @contextlib.contextmanager
    def bare(self) -> Iterator[Database]:
        """A database without freehold; the cluster has none of its roles either."""
        with self._only_one(), self.server.connect() as admin:
            self._discard(admin)
            name = f"freehold_test_{next(_numbers)}"
            admin.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(OWNER)))
            yield from self._lend(admin, name)

    def close(self) -> None:
        """Removes what is left: for servers that outlive the tests."""
        with self.server.connect() as admin:
            self._discard(admin)
            _drop_roles(admin, {OWNER})

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        if self._live is not None:
            raise RuntimeError("one test database at a time: the roles of two would be the same")
        self._live = "claimed"
        try:
            yield
        finally:
            self._live = None

    def _lend(self, admin: psycopg.Connection[Any], name: str) -> Iterator[Database]:
        keep, before = _roles(admin), _fingerprint(admin)
        database = Database(self.server, name, self.password)
        try:
            yield database
        finally:
            database.close()
            with self._alive(admin) as admin:
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
                try:
                    _drop_roles(admin, _roles(admin) - keep)
                except psycopg.errors.DependentObjectsStillExist:
                    # Renamed, not made: what they own in the furnished database goes with it.
                    self._clear(admin)
                _revoke(admin, [row for row in _fingerprint(admin) if row not in before])

    def _alive(self, admin: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        """The connection, or another one where the test has killed it or the server."""
        try:
            admin.execute("select")
        except psycopg.OperationalError:
            return self.server.connect()
        return admin

    def _source(self, admin: psycopg.Connection[Any], furnish: Callable[[Database], object] | None) -> str:
        """The database to clone, made where it is not there or a test has spoilt its roles."""
        found = _fingerprint(admin)
        if self._furnished is not None:
            if self._furnished == (furnish, found):
                return FURNISHED
            self._clear(admin)
            found = _fingerprint(admin)
        if self._baseline is None or self._baseline != found:
            self._build(admin)
        if furnish is None:
            return TEMPLATE
        self._copy(admin, TEMPLATE, FURNISHED)
        database = Database(self.server, FURNISHED, self.password)
        try:
            furnish(database)
        finally:
            database.close()
        kept = admin.execute(
            "select from pg_db_role_setting as s join pg_database as d on d.oid = s.setdatabase where d.datname = %s",
            (FURNISHED,),
        )
        assert kept.rowcount == 0, "a clone would be without these settings"
        self._furnished = furnish, _fingerprint(admin)
        return FURNISHED

    def _copy(self, admin: psycopg.Connection[Any], source: str, name: str) -> None:
        # Files: copied through the buffers, a clone costs twice as much, and has no cache of its catalogs.
        admin.execute(sql.SQL("create database {} owner {} template {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(source)
        ))  # fmt: skip
        _copy_database_acl(admin, source, name)

    def _clear(self, admin: psycopg.Connection[Any]) -> None:
        """Removes the furnished database and the roles that it has."""
        self._furnished = None
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(FURNISHED)))
        _drop_roles(admin, _roles(admin) - self._plain)

    def _discard(self, admin: psycopg.Connection[Any]) -> None:
        self._furnished = self._baseline = None
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(FURNISHED)))
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(TEMPLATE)))
        _drop_roles(admin, _roles(admin) - self._before - {OWNER})

    def _build(self, admin: psycopg.Connection[Any]) -> None:
        self._discard(admin)
        _create_owner(admin, self.password)
        admin.execute(sql.SQL("create database {} owner {}").format(sql.Identifier(TEMPLATE), sql.Identifier(OWNER)))
        # By the superuser: of what he owns a database keeps no list, which would be copied into every clone.
        with self.server.connect(TEMPLATE) as superuser:
            pgtap_runner.load_pgtap(superuser)
            superuser.execute(sql.SQL("alter schema tap owner to {}").format(sql.Identifier(OWNER)))
        dsn = self.server.dsn(TEMPLATE, user=OWNER, password=self.password)
        with psycopg.connect(dsn, autocommit=True) as owner:
            bundle.run(owner, bundle.install_bundle())
        self._baseline, self._plain = _fingerprint(admin), _roles(admin)


def _create_owner(admin: psycopg.Connection[Any], password: str) -> None:
    hash_once(admin)
    admin.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(OWNER)))
    admin.execute(
        sql.SQL("create role {} login createrole password {}").format(sql.Identifier(OWNER), sql.Literal(password))
    )


def _roles(admin: psycopg.Connection[Any]) -> set[str]:
    return {name for (name,) in admin.execute("select rolname from pg_roles where rolname !~ '^pg_'")}


def _fingerprint(admin: psycopg.Connection[Any]) -> list[Any]:
    """Roles with attributes and memberships: a test that changed them spoils the template."""
    return admin.execute(
        "select to_jsonb(r) - 'rolpassword' from pg_roles as r where rolname !~ '^pg_' union all "
        "select to_jsonb(m) - 'oid' from pg_auth_members as m order by 1"
    ).fetchall()


def _revoke(admin: psycopg.Connection[Any], found: list[Any]) -> None:
    """Takes back the memberships among what was found."""
    for (each,) in found:
        if "roleid" in each:
            names = admin.execute(
                "select x::oid::regrole::text from unnest(array[%(roleid)s, %(member)s, %(grantor)s]) as x", each
            ).fetchall()
            # regrole prints names quoted already.
            admin.execute(sql.SQL("revoke {} from {} granted by {}").format(*(sql.SQL(name) for (name,) in names)))


def _drop_roles(admin: psycopg.Connection[Any], names: set[str]) -> None:
    """All in one statement: roles that were granted by one another go together only."""
    if names:
        listed = sql.SQL(", ").join(map(sql.Identifier, sorted(names)))
        admin.execute(sql.SQL("drop owned by {} cascade").format(listed))
        admin.execute(sql.SQL("drop role {}").format(listed))


def _copy_database_acl(admin: psycopg.Connection[Any], source: str, target: str) -> None:
    """CREATE DATABASE copies no privileges on the database itself."""
    found = admin.execute(
        "select grantor::regrole::text, case grantee when 0 then 'public' else grantee::regrole::text end,"
        "    privilege_type, is_grantable "
        "from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) "
        "where datname = %s order by grantor <> datdba",
        (source,),
    ).fetchall()
    name = sql.Identifier(target)
    with admin.transaction():
        admin.execute(sql.SQL("revoke all on database {} from public").format(name))
        for grantor, grantee, privilege, grantable in found:
            admin.execute("select set_config('role', %s, true)", (grantor,))
            # regrole prints names quoted already; privileges are keywords.
            admin.execute(
                sql.SQL("grant {} on database {} to {}{}").format(
                    sql.SQL(privilege),
                    name,
                    sql.SQL(grantee),
                    sql.SQL(" with grant option" if grantable else ""),
                )
            )
            admin.execute("reset role")
