"""The functions of row audit, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from freehold.calls import Calls, Row


class Audit(Calls):
    """The record of changed rows, of one home: a tenant's slug, or a template's name after ``@``."""

    def audit_enable(
        self, home: str, table_name: str, *, exclude: Sequence[str] | None = None, mask: Sequence[str] | None = None
    ) -> None:
        """Records who changes which rows of a table from now on."""
        self._value("audit_enable", home=home, table_name=table_name, exclude=_list(exclude), mask=_list(mask))

    def audit_disable(self, home: str, table_name: str) -> None:
        """Ends the record of a table; what is recorded stays."""
        self._value("audit_disable", home=home, table_name=table_name)

    def audit_list(self, home: str) -> list[Row]:
        """The audited tables, and what keeps the record from being whole."""
        return self._rows("audit_list", home=home)

    def audit_open(self, slug: str, tenant_reads: bool | None = None) -> None:
        """Lets a tenant's own roles read the history of its rows, or no more."""
        self._value("audit_open", slug=slug, tenant_reads=tenant_reads)

    def audit_history(
        self,
        home: str,
        table_name: str | None = None,
        key: Mapping[str, Any] | None = None,
        *,
        max_rows: int | None = None,
        before: int | None = None,
    ) -> list[Row]:
        """Who changed what, the newest first: of all tables, one, or one row of it by its key."""
        return self._rows("audit_history", home=home, table_name=table_name, key=key, max_rows=max_rows, before=before)

    def audit_as_of(self, home: str, table_name: str, key: Mapping[str, Any], at: datetime | str) -> Any:
        """A row as it was at a time; None where it was not there."""
        return self._value("audit_as_of", home=home, table_name=table_name, key=key, at=at)

    def audit_as_of_table(self, home: str, table_name: str, at: datetime | str) -> list[Any]:
        """All rows of a table as they were at a time."""
        rows = self._rows("audit_as_of_table", home=home, table_name=table_name, at=at)
        return [row["audit_as_of_table"] for row in rows]

    def audit_retention_set(self, home: str, retention: timedelta | str | None = None) -> None:
        """How long entries are kept; None: for as long as the tenant is there."""
        self._value("audit_retention_set", home=home, retention=retention)

    def audit_purge(self, home: str | None = None, batch: int | None = None) -> int:
        """Deletes a batch of entries that are older than their retention; returns how many."""
        return int(str(self._value("audit_purge", home=home, batch=batch)))

    def audit_partition_set(self, home: str, width: timedelta | str | None = None) -> None:
        """Parts a log by time, into partitions of so many days or months; None: it is one table again."""
        self._value("audit_partition_set", home=home, width=width)

    def audit_partition_make(self, home: str | None = None, batch: int | None = None) -> int:
        """Makes a batch of partitions ahead; returns how many."""
        return int(str(self._value("audit_partition_make", home=home, batch=batch)))

    def audit_partition_list(self, home: str) -> list[Row]:
        """The partitions of a log, the oldest first."""
        return self._rows("audit_partition_list", home=home)


def _list(values: Sequence[str] | None) -> list[str] | None:
    return None if values is None else list(values)
