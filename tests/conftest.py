"""Fixtures of all suites: the server, and databases in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from freehold.control import Control
from support.database import Database, Databases
from support.server import TestServer, start_server


def pytest_configure() -> None:
    """Lets processes hear of an interrupt: a shell's background job hears of none, nor does what it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def server() -> Iterator[TestServer]:
    """The server of this test process, as FREEHOLD_TEST_PG says."""
    with start_server(os.environ.get("FREEHOLD_TEST_PG", "embedded")) as server:
        yield server


@pytest.fixture(scope="session")
def databases(server: TestServer) -> Iterator[Databases]:
    """The maker of test databases; one exists at a time."""
    databases = Databases(server)
    yield databases
    databases.close()


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody says how wide the output is; pytest-xdist would."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def furnish() -> Callable[[Database], object] | None:
    """What makes the tenants that every test of a module finds in its database; nothing where the module does not say."""
    return None


@pytest.fixture
def database(databases: Databases, furnish: Callable[[Database], object] | None) -> Iterator[Database]:
    """A database of the test's own, freehold installed by an owner who is no superuser."""
    with databases.clone(furnish) as database:
        yield database


@pytest.fixture(scope="module")
def module_database(databases: Databases) -> Iterator[Database]:
    """The same for all tests of a module, which then cannot use ``database``."""
    with databases.clone() as database:
        yield database


@pytest.fixture
def bare_database(databases: Databases) -> Iterator[Database]:
    """A database without freehold."""
    with databases.bare() as database:
        yield database


@pytest.fixture
def connection(database: Database) -> psycopg.Connection[Any]:
    """The owner's connection to ``database``, in autocommit mode."""
    return database.connect()


@pytest.fixture
def control(connection: psycopg.Connection[Any]) -> Control:
    """The control plane over ``connection``."""
    return Control(connection)


@pytest.fixture
def admin(database: Database) -> psycopg.Connection[Any]:
    """The superuser's connection to ``database``, in autocommit mode."""
    return database.connect(database.admin_dsn)


@pytest.fixture
def pgtap_dsn(request: pytest.FixtureRequest, database: Database) -> str:
    """pgTAP files run as the owner, or as the superuser where the first line is ``-- session: superuser``."""
    with request.node.path.open() as file:
        return database.admin_dsn if file.readline().strip() == "-- session: superuser" else database.owner_dsn
