"""Tenants and templates of a database as migrations see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from freehold.control import Control
from freehold.errors import TemplateNotFound
from freehold.migrate.render import Home


def tenant(control: Control, slug: str) -> Home:
    """A tenant.

    Raises:
        TenantNotFound: No tenant has this slug.
    """
    return Home.of_tenant(control.tenant_get(slug))


def template(control: Control, name: str) -> Home:
    """A template: of the usual tier, and without settings.

    Raises:
        TemplateNotFound: No template has this name.
    """
    for row in control.template_list():
        if row["name"] == name:
            break
    else:
        raise TemplateNotFound(f"no template is called {name!r}")
    found = control.connection.execute(
        "select r.rolname::text from pg_catalog.pg_namespace as n join pg_catalog.pg_roles as r on r.oid = n.nspowner "
        "where n.nspname = %s",
        (row["schema_name"],),
    ).fetchone()
    assert found is not None
    # A template's roles are made together and called alike.
    rw = f"{found[0].removesuffix('_owner')}_rw"
    return Home("template", name, row["schema_name"], "schema", {}, found[0], rw)


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
