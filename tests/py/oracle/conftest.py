"""The laboratory: a database with freehold and what the features refer to."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from freehold.binaries import find_client
from support.database import Database, Databases

from .feature import Feature
from .oracle import Oracle
from .place import Place, load, make_place, make_world, unmake_place, unmake_world
from .replay import replay, statements

Connection = psycopg.Connection[Any]


@dataclass
class Laboratory:
    """Where features are loaded, copied and compared.

    Attributes:
        admin: The superuser's connection.
        operator: The connection of who may call the public functions, and is no superuser.
        oracle: The comparison.
        major: The server's major version.
        icu: The server knows ICU.
    """

    admin: Connection
    operator: Connection
    oracle: Oracle
    major: int
    icu: bool

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def place(self, *, superuser: bool = False, name: str | None = None) -> Iterator[Place]:
        """An empty schema with its roles, removed at the end."""
        place = Place.named(name or f"orc_{next(self._numbers):04}_s")
        make_place(self.admin, place, superuser=superuser)
        try:
            yield place
        finally:
            unmake_place(self.admin, place)

    @contextlib.contextmanager
    def source(self, feature: Feature, *, rows: bool = True, name: str | None = None) -> Iterator[Place]:
        """A schema with the feature in it."""
        if feature.min_version > self.major:
            pytest.skip(f"PostgreSQL {feature.min_version} brought this")
        if feature.icu and not self.icu:
            pytest.skip("the server was built without ICU")
        with self.place(superuser=feature.superuser, name=name) as place:
            load(self.admin, place, feature, rows=rows)
            yield place

    @contextlib.contextmanager
    def copy(self, source: Place, *, superuser: bool, name: str | None = None) -> Iterator[Place]:
        """A replayed copy of a schema."""
        with self.place(superuser=superuser, name=name) as place:
            replay(self.admin, statements(self.admin, source, place), place)
            yield place

    def exists(self, pattern: str) -> list[str]:
        """Schemas and roles whose names match."""
        return [
            name
            for (name,) in self.admin.execute(
                "select nspname from pg_namespace where nspname ~ %(p)s union all"
                " select rolname from pg_roles where rolname ~ %(p)s",
                {"p": pattern},
            )
        ]


@pytest.fixture(scope="package")
def oracle_database(databases: Databases) -> Iterator[Database]:
    """The database of all oracle tests."""
    with databases.clone() as database:
        yield database


@pytest.fixture(scope="package")
def laboratory(oracle_database: Database) -> Iterator[Laboratory]:
    """The laboratory."""
    admin = oracle_database.connect(oracle_database.admin_dsn)
    make_world(admin)
    oracle = Oracle(admin, oracle_database.admin_dsn, find_client("pg_dump"))
    yield Laboratory(admin, oracle_database.connect(), oracle, oracle_database.server.major, icu=knows_icu(admin))
    unmake_world(admin)


def knows_icu(admin: Connection) -> bool:
    """Whether the server was built with ICU: its catalog lists such collations even if not."""
    try:
        with admin.transaction(force_rollback=True):
            admin.execute("create collation oracle_shared.probe (provider = icu, locale = 'und')")
    except psycopg.errors.FeatureNotSupported:
        return False
    return True
