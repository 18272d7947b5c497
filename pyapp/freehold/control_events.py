"""The functions of the control plane's audit, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from freehold.calls import Calls, Row


class Events(Calls):
    """Events of the control plane; the seals of all that is audited."""

    def event_list(
        self,
        *,
        slug: str | None = None,
        kind: str | None = None,
        since: datetime | str | None = None,
        before_id: int | None = None,
        max_rows: int | None = None,
    ) -> list[Row]:
        """Events, latest first.

        Args:
            slug: Only those of this tenant or template.
            kind: Only those whose kind begins so.
            since: Only those from this time on.
            before_id: The page after the one that ended with this id.
            max_rows: At most so many (100).
        """
        return self._rows("event_list", slug=slug, kind=kind, since=since, before_id=before_id, max_rows=max_rows)

    # A home is a tenant's slug, a template's name after @, or @ alone for the control plane.

    def audit_seal(self, home: str | None = None) -> None:
        """Seals what was written since the last time, of one home or of all.

        Commits by batch.

        Raises:
            TransactionOpen: The connection is not in autocommit mode.
            SealedElsewhere: The seals were made in another cluster or database.
        """
        self._call("audit_seal", home=home)

    def audit_seal_step(self, home: str | None = None, start: UUID | str | None = None) -> Row:
        """One transaction's worth of it; ``next`` is where the next call starts, None at the end."""
        return self._row("audit_seal_step", home=home, start=start)

    def audit_epoch(self, reason: str) -> int:
        """Says that seals go on in this cluster and database; returns the epoch's number."""
        return int(str(self._value("audit_epoch", reason=reason)))

    def audit_verify(self, home: str | None = None, anchor: Mapping[str, Any] | None = None) -> list[Row]:
        """What is not as it was sealed; no row means that nothing was found.

        Args:
            home: Only this one.
            anchor: What ``audit_anchor`` had returned.
        """
        return self._rows("audit_verify", home=home, anchor=anchor)

    def audit_anchor(self) -> dict[str, Any]:
        """The last seal of every chain, to be kept outside the database."""
        anchor = self._value("audit_anchor")
        assert isinstance(anchor, dict)
        return anchor

    def audit_export(self, after: str | None = None, max_rows: int | None = None, home: str | None = None) -> list[Row]:
        """Entries of the audit behind a cursor; where a page is not full, its last row has only a cursor.

        Args:
            after: The cursor of the last row had.
            max_rows: At most so many (1000).
            home: Only of this one.
        """
        return self._rows("audit_export", after=after, max_rows=max_rows, home=home)
