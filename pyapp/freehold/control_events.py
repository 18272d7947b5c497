"""The functions of the control plane's audit, one method each; ``Control`` has them."""

from __future__ import annotations

from datetime import datetime

from freehold.calls import Calls, Row


class Events(Calls):
    """Events of the control plane."""

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
