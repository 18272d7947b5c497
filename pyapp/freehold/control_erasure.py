"""The functions of legal holds and erasures, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from freehold.calls import Calls, Row


class Erasures(Calls):
    """Legal holds, what an erasure needs from outside the database, certificates, and the same after a restore."""

    # Legal holds

    def hold_set(self, slug: str, reason: str, until: datetime | str | None = None) -> Row:
        """Keeps a tenant from being erased, until a time or until the hold is released; returns the hold."""
        return self._row("hold_set", slug=slug, reason=reason, until=until)

    def hold_release(self, slug: str, reason: str, id: int | None = None) -> Row:  # noqa: A002  the function's name
        """Ends a hold, of several the one with this number; returns it.

        Raises:
            HoldNotFound: There is none.
            InvalidArgument: Several stand, and no number is given.
        """
        return self._row("hold_release", slug=slug, reason=reason, id=id)

    def hold_list(self, slug: str | None = None, released: bool | None = None) -> list[Row]:
        """The holds that stand, with the last request for an erasure since; ``released``: also those that are over."""
        return self._rows("hold_list", slug=slug, released=released)

    # Erasures

    def erasure_request(self, slug: str, reason: str) -> Row:
        """Records that somebody asked for a tenant to be erased; erases nothing; returns the tenant's registry row."""
        return self._row("erasure_request", slug=slug, reason=reason)

    def erasure_list(self, slug: str | None = None, max_rows: int | None = None) -> list[Row]:
        """Erasures, latest first: what is open of each, and how far it is certified."""
        return self._rows("erasure_list", slug=slug, max_rows=max_rows)

    def erasure_certificate(self, tenant_id: UUID | str, stage: int | None = None) -> dict[str, Any]:
        """The certificate of an erasure, to be signed.

        Args:
            tenant_id: Of the tenant that is erased.
            stage: 1 (the default), or 2 when the longest retention of copies has passed.

        Raises:
            ErasureNotFound: No tenant with this id is erased.
            ErasureOpen: Tasks are open, or something is left over.
            HorizonAhead: Stage 2 is asked for too early, or a retention is unknown.
        """
        content = self._value("erasure_certificate", tenant_id=tenant_id, stage=stage)
        return cast("dict[str, Any]", content)

    def erasure_replay(
        self, tenant_id: UUID | str, erased_at: datetime | str, certificate: str | None = None
    ) -> Row | None:
        """Erases again a tenant that a restore brought back: shut out first, then a step a call.

        Args:
            tenant_id: The tenant's id, as the ledger has it.
            erased_at: When it had been erased.
            certificate: Digest of the certificate.

        Returns:
            The registry row, to be called for again until its state is ``erased``; None where the
            database does not know the tenant.
        """
        rows = self._rows("erasure_replay", tenant_id=tenant_id, erased_at=erased_at, certificate=certificate)
        return rows[0] if rows else None

    # What holds data of tenants outside the database

    def eraser_register(self, name: str, description: str) -> Row:
        """Every erasure that begins from now on gets a task of this name; returns the eraser."""
        return self._row("eraser_register", name=name, description=description)

    def eraser_remove(self, name: str) -> None:
        """Erasures that begin from now on get no task of this name any more."""
        self._row("eraser_remove", name=name)

    def eraser_list(self) -> list[Row]:
        """What an erasure has to erase outside the database."""
        return self._rows("eraser_list")

    def erasure_task_list(
        self,
        slug: str | None = None,
        eraser: str | None = None,
        open: bool | None = None,  # noqa: A002  the function's name
    ) -> list[Row]:
        """Tasks of erasures: of one tenant, of one eraser, only what is open or only what is not."""
        return self._rows("erasure_task_list", slug=slug, eraser=eraser, open=open)

    def erasure_task_claim(
        self,
        eraser: str,
        worker: str | None = None,
        lease: timedelta | str | None = None,
        tenant_id: UUID | str | None = None,
    ) -> Row | None:
        """Takes the next open task of an eraser for as long as the lease; None where there is none."""
        rows = self._rows("erasure_task_claim", eraser=eraser, worker=worker, lease=lease, tenant_id=tenant_id)
        return rows[0] if rows else None

    def erasure_task_done(
        self, operation_id: int, eraser: str, detail: Mapping[str, int] | None = None, token: UUID | str | None = None
    ) -> Row:
        """Says that a task is done and how much was erased; without a token, that somebody did it by hand."""
        return self._row("erasure_task_done", operation_id=operation_id, eraser=eraser, detail=detail, token=token)

    def erasure_task_fail(self, operation_id: int, eraser: str, message: str, token: UUID | str | None = None) -> Row:
        """Says that an attempt at a task failed; it can be claimed again."""
        return self._row("erasure_task_fail", operation_id=operation_id, eraser=eraser, message=message, token=token)

    def erasure_task_exclude(
        self, operation_id: int, eraser: str, reason: str, until: datetime | str | None = None
    ) -> Row:
        """Leaves lawfully where it is what a task would erase; the certificate says why and until when."""
        return self._row("erasure_task_exclude", operation_id=operation_id, eraser=eraser, reason=reason, until=until)
