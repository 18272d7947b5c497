"""How large a schema's tables are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg


def sizes(connection: psycopg.Connection[Any], schema: str) -> Callable[[str], int]:
    """What ``size`` is to a migration.

    Args:
        connection: To the database.
        schema: The schema.

    Returns:
        A function that gives the bytes of a table with its TOAST and without its indexes: 0 where there is no such
        table, and for a partitioned one, whose partitions have the rows.
    """

    def size(table: str) -> int:
        row = connection.execute(
            "select pg_catalog.pg_table_size(c.oid) from pg_catalog.pg_class as c "
            "join pg_catalog.pg_namespace as n on n.oid = c.relnamespace where n.nspname = %s and c.relname = %s",
            (schema, table),
        ).fetchone()
        return int(row[0] or 0) if row else 0

    return size
