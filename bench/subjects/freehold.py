"""freehold: one function call each."""

from __future__ import annotations

import psycopg

from bench.measure import CLAIMS
from bench.place import Place
from bench.schema import Schema
from bench.subjects.base import Clock, Limits, Subject, Unsuited

MADE = ("provision", *CLAIMS)
"""What is a call of tenant_provision()."""
RESERVE = "freehold.reserve_fill"
"""The function that keeps schemas in reserve; where it is missing there is nothing to claim from."""


class Freehold(Subject):
    """``tenant_provision``, ``tenant_clone`` and ``tenant_erase``, by an operator without superuser rights."""

    name = "freehold"

    def __init__(self, place: Place, schema: Schema, limits: Limits) -> None:
        super().__init__(place, schema, limits)
        self._connection = place.connect(timeout=limits.call)
        self._keeper = place.connect(timeout=limits.call)
        self._source = ""
        self._first: str | None = None

    def operations(self) -> tuple[str, ...]:
        """Claims only where there is a reserve to claim from."""
        found = self._connection.execute("select to_regproc(%s) is not null", (RESERVE,)).fetchone()
        return ("provision", *(CLAIMS if found == (True,) else ()), "clone", "clone data")

    def prepare(self) -> None:
        """The template, and a tenant to clone."""
        self.place.load(self.schema)
        self._source, _ = self.place.source(self.schema)

    def ready(self, operation: str, target: str) -> None:
        """Puts schemas in reserve before a claim, as ``freehold keep`` does: over another connection.

        One, or two of which this one claims the first.
        """
        if operation not in CLAIMS:
            return
        again = operation == "claim again"
        self._keeper.execute("call freehold.reserve_fill(%s, %s)", (self.schema.template, 2 if again else 1))
        if again:
            first = f"{target}_first"
            self._provision(first)
            self._first = first
            self._check_claim(operation, first)

    def make(self, operation: str, target: str) -> float:
        """One call, in a transaction of its own."""
        with Clock() as clock:
            try:
                if operation in MADE:
                    self._provision(target)
                else:
                    self._connection.execute(
                        "select from freehold.tenant_clone(%s, %s, with_data => %s)",
                        (self._source, _slug(target), operation == "clone data"),
                    )
            except psycopg.errors.QueryCanceled as error:
                raise Unsuited("over the limit", over=True) from error
        self._check_claim(operation, target)
        return clock.seconds

    def schema_of(self, target: str) -> str:
        """As freehold names it."""
        row = self._connection.execute("select schema_name from freehold.tenant_get(%s)", (_slug(target),)).fetchone()
        assert row is not None
        return str(row[0])

    def retire(self, target: str) -> None:
        """A tenant is retired before it can be erased."""
        self._connection.execute("select from freehold.tenant_retire(%s, '0')", (_slug(target),))

    def remove(self, target: str) -> float:
        """Erases it, looks for residue included."""
        with Clock() as clock:
            self._connection.execute("call freehold.tenant_erase(%s, 'bench')", (_slug(target),))
        return clock.seconds

    def after(self, target: str) -> None:
        """Erases what was claimed before the clock started."""
        first, self._first = self._first, None
        if first is not None:
            self.retire(first)
            self.remove(first)

    def _provision(self, target: str) -> None:
        self._connection.execute("select from freehold.tenant_provision(%s, %s)", (_slug(target), self.schema.template))

    def _check_claim(self, operation: str, target: str) -> None:
        if operation not in MADE:
            return
        row = self._connection.execute(
            "select detail ->> 'reserve' from freehold.operation_list(%s) where kind = 'provision'", (_slug(target),)
        ).fetchone()
        assert row is not None
        assert (row[0] is not None) == (operation in CLAIMS), "a reserve was taken from where none was to be, or not"

    def close(self) -> None:
        """Closes its connections."""
        self._connection.close()
        self._keeper.close()


def _slug(target: str) -> str:
    return target.replace("_", "-")
