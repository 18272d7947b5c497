"""The functions of the access log, one method each; ``Control`` has them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from freehold.calls import Calls, Row


class AccessLog(Calls):
    """Who was in which tenant, and what was read there."""

    def access_record(
        self,
        tenant_id: UUID | str,
        actor: str | None,
        access: str,
        path: str | None = None,
        *,
        duration: timedelta | str | None = None,
        committed: bool | None = None,
        purpose: str | None = None,
        request_id: str | None = None,
    ) -> None:
        """Writes a row of the access log, of this session's own doing; pools do it by themselves."""
        self._row(
            "access_record",
            tenant_id=tenant_id,
            actor=actor or "",
            access=access,
            path=path,
            duration=duration,
            committed=committed,
            purpose=purpose,
            request_id=request_id,
        )

    def access_list(
        self, slug: str, *, since: datetime | None = None, before: int | None = None, max_rows: int | None = None
    ) -> list[Row]:
        """Who was in a tenant, the newest first.

        Args:
            slug: The tenant.
            since: Nothing that began earlier.
            before: The id of the row that the last page ended with.
            max_rows: Rows at most; 100 where none is given.
        """
        return self._rows("access_list", slug=slug, since=since, before=before, max_rows=max_rows)

    def access_purge(self, older_than: timedelta | str, max_rows: int | None = None) -> int:
        """Deletes what is older, the oldest first; returns how many rows, 0 at the end.

        Args:
            older_than: The age.
            max_rows: Rows at most; 10,000 where none is given.
        """
        return int(str(self._value("access_purge", older_than=older_than, max_rows=max_rows)))

    def audit_reads(self, slug: str, enabled: bool) -> Row:
        """Has pgaudit log what a tenant's roles read, or no longer; returns its registry row."""
        return self._row("audit_reads", slug=slug, enabled=enabled)
