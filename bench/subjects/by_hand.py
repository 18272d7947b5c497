"""The same statements, sent by hand as one script: what PostgreSQL itself needs."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from bench.place import Place
from bench.schema import Schema
from bench.subjects.base import Clock, Limits, Subject, Unsuited

OWNER, WRITER = "bench_hand", "bench_hand_rw"


class ByHand(Subject):
    """The owner of an empty schema sends one script; schema and roles are there before the clock starts."""

    name = "by hand"

    def __init__(self, place: Place, schema: Schema, limits: Limits) -> None:
        super().__init__(place, schema, limits)
        self._admin = place.connect(superuser=True)
        self._hand = place.connect(superuser=True, timeout=limits.call)
        self._scripts: dict[str, str] = {}

    def operations(self) -> tuple[str, ...]:
        """No claims: there is nothing to claim from."""
        return ("provision", "clone", "clone data")

    def prepare(self) -> None:
        """The owner, and the frozen template's statements with names for schema and roles."""
        self.place.load(self.schema)
        _, source = self.place.source(self.schema)
        for role in (OWNER, WRITER):
            if self._admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone() is None:
                self._admin.execute(sql.SQL("create role {}").format(sql.Identifier(role)))
        # A grant on the source would be a statement of its clones.
        self._admin.execute(sql.SQL("grant pg_read_all_data to {}").format(sql.Identifier(OWNER)))
        self._scripts = {
            "provision": self._value(
                "select string_agg(s.ddl, E';\\n' order by s.ordinal) from freehold.template as t,"
                " freehold._template_statements(t.name, t.version, %s, %s, %s) as s where t.name = %s",
                *(TARGET, OWNER, WRITER, self.schema.template),
            ),
            "clone": self._clone_script(source, with_data=False),
            "clone data": self._clone_script(source, with_data=True),
        }
        # Whose statement it is, is the script's; who connects is not timed.
        self._hand.execute(sql.SQL("set role {}").format(sql.Identifier(OWNER)))

    def ready(self, operation: str, target: str) -> None:
        """An empty schema of the owner's."""
        self._admin.execute(
            sql.SQL("create schema {} authorization {}").format(sql.Identifier(target), sql.Identifier(OWNER))
        )

    def script(self, operation: str, target: str) -> str:
        """What is sent."""
        path = f"set local search_path = {target}, pg_catalog, pg_temp;\nset local check_function_bodies = off;\n"
        return path + self._scripts[operation].replace(TARGET, target)

    def make(self, operation: str, target: str) -> float:
        """One message, one transaction."""
        script = self.script(operation, target).encode()
        with Clock() as clock:
            try:
                self._hand.execute(script)
            except psycopg.errors.QueryCanceled as error:
                raise Unsuited("over the limit", over=True) from error
        return clock.seconds

    def remove(self, target: str) -> float:
        """DROP SCHEMA CASCADE."""
        with Clock() as clock:
            self._hand.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(target)))
        return clock.seconds

    def after(self, target: str) -> None:
        """The schema, where the call failed."""
        self._admin.execute(
            sql.SQL("set client_min_messages = warning; drop schema if exists {} cascade").format(
                sql.Identifier(target)
            )
        )

    def close(self) -> None:
        """Closes its connections."""
        self._admin.close()
        self._hand.close()

    def _clone_script(self, source: str, *, with_data: bool) -> str:
        return self._value(
            """
            select concat(string_agg(d.ddl, E';\n' order by d.ordinal), E';\n', freehold._owner_defaults())
            from freehold.tenant as t
            cross join jsonb_populate_record(t, jsonb_build_object(
                'schema_name', %s::text, 'owner_role', %s::text, 'rw_role', %s::text)) as made
            cross join freehold._clone_ddl(t, made) as d
            where t.schema_name = %s and t.state = 'active' and (%s or d.phase <> 'data')
            """,
            *(TARGET, OWNER, WRITER, source, with_data),
        )

    def _value(self, query: str, *arguments: Any) -> str:
        row = self._admin.execute(query.encode(), arguments).fetchone()
        assert row is not None
        return str(row[0])


TARGET = "bench_target_of_the_script"
"""The schema's name in a script, replaced at each call; no other word of a schema is like it."""


class ByHandWithRoles(ByHand):
    """The same and the roles: owner and runtime role, the schema, and the gate's membership, as freehold makes them."""

    name = "by hand + roles"

    def operations(self) -> tuple[str, ...]:
        """A provision alone: it is here to tell the roles' share."""
        return ("provision",)

    def prepare(self) -> None:
        """Roles are made each time, which takes a superuser."""
        super().prepare()
        self._hand.execute("reset role")

    def ready(self, operation: str, target: str) -> None:
        """Nothing is there before."""

    def script(self, operation: str, target: str) -> str:
        """Roles and schema, then the objects as the owner."""
        owner, writer = f"{target}_owner", f"{target}_rw"
        script = super().script(operation, target).replace(WRITER, writer).replace(OWNER, owner)
        return (
            f"create role {owner} nologin; create role {writer} nologin; grant freehold_tenant to {owner}, {writer};\n"
            f"create schema {target} authorization {owner}; grant usage on schema {target} to freehold_owner;\n"
            f"set local role {owner};\n{script};\nreset role; grant {writer} to freehold_gate_01"
        )

    def remove(self, target: str) -> float:
        """The schema, then the roles."""
        with Clock() as clock:
            self._hand.execute(
                f"drop schema {target} cascade; drop owned by {target}_owner, {target}_rw;"
                f"drop role {target}_owner, {target}_rw".encode()
            )
        return clock.seconds
