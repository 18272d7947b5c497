"""Tenants and templates of a database as migrations see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from freehold.control import Control, Row
from freehold.migrate.render import Home


def home(control: Control, name: str) -> Home:
    """What migrations are rendered for.

    Args:
        control: The control plane.
        name: A tenant's slug, or a template's name after ``@``.

    Raises:
        TenantNotFound: No tenant has the slug.
        TemplateNotFound: No template has the name.
    """
    return of_row(control.migration_home(name))


def of_row(row: Row) -> Home:
    """The home that a row of ``migration_home`` or ``rollout_claim`` tells of."""
    roles = row["owner_role"], row["rw_role"], row["ro_role"]
    return Home(row["kind"], row["slug"], row["schema_name"], row["tier"], row["settings"], *roles)


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
