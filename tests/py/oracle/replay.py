"""Copies a schema by replaying the deparser's statements, without the functions that manage tenants."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from .place import Place, enter, quote

Connection = psycopg.Connection[Any]


class ReplayError(Exception):
    """A statement of the deparser's does not run."""


def statements(admin: Connection, source: Place, copy: Place) -> list[tuple[str, str, str, str]]:
    """What makes the copy: phase, kind, identity and text."""
    roles = {theirs: quote(ours) for theirs, ours in zip(source.roles, copy.roles, strict=True)}
    return admin.execute(
        "select phase, kind, identity, ddl from freehold._schema_ddl(%s::regnamespace, target => %s, roles => %s)"
        " order by ordinal",
        (source.quoted, copy.quoted, Jsonb(roles)),
    ).fetchall()


def replay(admin: Connection, script: list[tuple[str, str, str, str]], copy: Place) -> None:
    """Makes the copy in its empty schema, rows included.

    Raises:
        ReplayError: A statement failed; the schema is empty again.
    """
    with admin.transaction():
        enter(admin, copy, owner=False)
        admin.execute("set local check_function_bodies = off")
        for phase, kind, identity, ddl in script:
            # Rows are read from the source, which the copy's owner cannot.
            admin.execute(
                "reset role" if phase == "data" else sql.SQL("set local role {}").format(sql.Identifier(copy.owner))
            )
            try:
                admin.execute(ddl.encode())
            except psycopg.Error as error:
                raise ReplayError(f"{phase} {kind} {identity}: {error}\n{ddl}") from error
        admin.execute("reset role")
