"""A connection that no pooler shares: what a worker's session sets, and the sign that it is alive, are its own."""

from __future__ import annotations

from typing import Any

import psycopg

from freehold.migrate.errors import MigrationError


def require_direct(connection: psycopg.Connection[Any]) -> None:
    """Refuses a connection through a pooler, by which one client's role and settings would become another's.

    A pooler gives its clients process ids of its own.

    Args:
        connection: In autocommit mode.

    Raises:
        MigrationError: Somebody stands between.
    """
    row = connection.execute("select pg_catalog.pg_backend_pid()").fetchone()
    if row != (connection.info.backend_pid,):
        raise MigrationError(
            "a pooler stands between this session and the server",
            detail="Migrations set a role for the moment, which a pooler would hand to the next client.",
            hint="Connect to PostgreSQL itself: host and port of the server, not of PgBouncer.",
        )
