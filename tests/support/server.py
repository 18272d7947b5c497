"""The server that the suites run on, as FREEHOLD_TEST_PG says.

``embedded`` (the default), ``container:<image>``, a directory of PostgreSQL's programs, or the
connection string of a superuser on a scratch server. A choice that cannot be met fails.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold.binaries import Binaries
from freehold.embedded import Ephemeral


@dataclass(frozen=True)
class TestServer:
    """A server and its superuser.

    Attributes:
        base: Connection string of the superuser, to any database.
        major: Major version.
    """

    __test__ = False
    base: str
    major: int

    def dsn(self, dbname: str = "postgres", *, user: str | None = None, password: str | None = None) -> str:
        """Connection string to a database, as the superuser where no user is given."""
        other = {"user": user, "password": password} if user else {}
        return make_conninfo(self.base, dbname=dbname, **other)

    def connect(self, dbname: str = "postgres") -> psycopg.Connection[Any]:
        """An autocommit connection of the superuser."""
        return psycopg.connect(self.dsn(dbname), autocommit=True)


@contextlib.contextmanager
def start_server(choice: str) -> Iterator[TestServer]:
    """The server of a choice, stopped at the end where it was started here.

    Raises:
        ValueError: The choice is none.
        Exception: It cannot be met.
    """
    with contextlib.ExitStack() as stack:
        kind, _, rest = choice.partition(":")
        if choice == "embedded":
            dsn = _own(stack.enter_context(Ephemeral()))
        elif kind == "container" and rest:
            dsn = stack.enter_context(_container(rest))
        elif "=" in choice or "://" in choice:
            if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
                raise ValueError("one server serves one test process, as roles are the cluster's: run with -n 0")
            dsn = choice
        elif Path(choice).is_dir():
            dsn = _own(stack.enter_context(Ephemeral(Binaries.at(Path(choice).absolute()))))
        else:
            raise ValueError(
                f"FREEHOLD_TEST_PG={choice}: not embedded, container:<image>, a directory or a connection string"
            )
        with psycopg.connect(dsn) as connection:
            major = connection.info.server_version // 10000
        yield TestServer(dsn, major)


def hash_once(connection: psycopg.Connection[Any]) -> None:
    """Passwords that this session sets cost a login one round of hashing instead of 4096: they are random."""
    if connection.info.server_version >= 160000:
        connection.execute("set scram_iterations = 1")


def _own(server: Ephemeral) -> str:
    dsn = server.dsn()
    with psycopg.connect(dsn, autocommit=True) as admin:
        hash_once(admin)
        admin.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(admin.info.user), sql.Literal(admin.info.password)
            )
        )
    return dsn


@contextlib.contextmanager
def _container(image: str) -> Iterator[str]:
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer(image, driver=None) as container:
        yield str(container.get_connection_url())
