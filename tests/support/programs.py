"""PostgreSQL's client programs, on a test's database."""

from __future__ import annotations

import os
import subprocess

from freehold.binaries import find_client

from .database import Database


def psql(database: Database, *arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs psql as the database's owner.

    Raises:
        AssertionError: It failed.
    """
    command = [str(find_client("psql")), "-X", "-v", "ON_ERROR_STOP=1", "-d", database.owner_dsn, *arguments]
    return run(command, text)


def pg_dump(database: Database, *arguments: str) -> str:
    """A dump as the superuser, without the lines that differ between any two dumps."""
    dump = run([str(find_client("pg_dump")), "-d", database.admin_dsn, *arguments]).stdout
    return "\n".join(line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def run(command: list[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a program.

    Raises:
        AssertionError: It failed.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    done = subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done
