"""A lock table with little room left, so that small schemas take several batches."""

from __future__ import annotations

from typing import Any

import psycopg

from .database import Database


def crowd(database: Database, room: int) -> psycopg.Connection[Any]:
    """Holds locks until so many entries are free; they go with the connection.

    Args:
        database: Whose server it is.
        room: Entries of the lock table to leave.
    """
    admin = database.connect(database.admin_dsn)
    admin.execute("begin")
    admin.execute(
        "select count(pg_advisory_xact_lock(i)) from generate_series(1, freehold._lock_room() - %s) as i", (room,)
    )
    return admin
