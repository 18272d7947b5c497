"""The functions of fleet queries and rollups, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from freehold.calls import Calls, Row


class Fleet(Calls):
    """One query asked of many tenants, each as its reader; ``freehold.FleetQuery`` asks several at a time."""

    def fleet_prepare(self, max_tenants: int | None = None) -> int:
        """Gives tenants what fleet queries are run by, a reader too; returns how many, 0 at the end."""
        return int(str(self._value("fleet_prepare", max_tenants=max_tenants)))

    def fleet_query(
        self,
        query: str,
        slugs: Sequence[str] | None = None,
        *,
        template: str | None = None,
        tier: str | None = None,
        timeout: timedelta | str | None = None,
        max_rows: int | None = None,
        max_bytes: int | None = None,
        reason: str | None = None,
    ) -> list[Row]:
        """The answers of tenant after tenant: rows with the slug, and errors.

        Args:
            query: One statement that only reads.
            slugs: The tenants; all that are active where None.
            template: Of this template only.
            tier: Of this tier only.
            timeout: What a tenant is given, looked at between two rows.
            max_rows: Rows of a tenant at most; 1000 where None.
            max_bytes: Bytes of a tenant at most; ten million where None.
            reason: Why, for the event.
        """
        return self._rows(
            "fleet_query",
            query=query,
            slugs=None if slugs is None else list(slugs),
            template=template,
            tier=tier,
            timeout=timeout,
            max_rows=max_rows,
            max_bytes=max_bytes,
            reason=reason,
        )

    def fleet_begin(
        self,
        query: str,
        slugs: Sequence[str] | None = None,
        *,
        template: str | None = None,
        tier: str | None = None,
        reason: str | None = None,
    ) -> Row:
        """Begins a query that is asked by ``fleet_ask``; returns its number and the slugs. To be committed first."""
        return self._row(
            "fleet_begin",
            query=query,
            slugs=None if slugs is None else list(slugs),
            template=template,
            tier=tier,
            reason=reason,
        )

    def fleet_ask(
        self,
        run: int,
        slug: str,
        *,
        timeout: timedelta | str | None = None,
        max_rows: int | None = None,
        max_bytes: int | None = None,
    ) -> list[Row]:
        """The answer of one tenant: its rows, and a row with the error where there was one."""
        return self._rows("fleet_ask", run=run, slug=slug, timeout=timeout, max_rows=max_rows, max_bytes=max_bytes)

    def fleet_columns(self, run: int, slug: str) -> list[Row]:
        """The columns of a query as a tenant has them: names, and the types they can be read as."""
        return self._rows("fleet_columns", run=run, slug=slug)

    def rollup_define(
        self,
        name: str,
        query: str,
        every: timedelta | str,
        *,
        template: str | None = None,
        tier: str | None = None,
        timeout: timedelta | str | None = None,
        max_rows: int | None = None,
        reason: str | None = None,
    ) -> Row:
        """Declares a query whose answers are kept; returns it.

        Args:
            name: Its name.
            query: One statement that only reads.
            every: How old an answer may become.
            template: Of this template's tenants only.
            tier: Of this tier only.
            timeout: What a tenant is given, looked at between two rows.
            max_rows: Rows of a tenant at most; 100 where None.
            reason: Why, for the event.
        """
        return self._row(
            "rollup_define",
            name=name,
            query=query,
            every=every,
            template=template,
            tier=tier,
            timeout=timeout,
            max_rows=max_rows,
            reason=reason,
        )

    def rollup_drop(self, name: str, reason: str | None = None) -> None:
        """Drops a rollup and what is kept of it."""
        self._row("rollup_drop", name=name, reason=reason)

    def rollup_list(self) -> list[Row]:
        """The rollups, and how far their tenants have answered."""
        return self._rows("rollup_list")

    def rollup_get(self, name: str) -> list[Row]:
        """What is kept of a rollup: rows with slug and time, and errors."""
        return self._rows("rollup_get", name=name)

    def rollup_refresh(self, max_tenants: int | None = None) -> int:
        """Asks what is due, so many answers at most; returns how many, 0 where nothing is due."""
        return int(str(self._value("rollup_refresh", max_tenants=max_tenants)))
