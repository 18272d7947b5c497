"""The functions of break-glass access and of the outbox, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from freehold.calls import Calls, Row


class BreakGlass(Calls):
    """Staff inside a tenant, for a time and a reason; and what somebody outside is to be told."""

    # Break-glass

    def break_glass_open(
        self,
        slug: str,
        reason: str,
        ticket: str,
        *,
        ttl: timedelta | str | None = None,
        access: str | None = None,
        verifier: str | None = None,
    ) -> Row:
        """Gives the caller a login of his own into a tenant, or asks for one where a second person must approve.

        Args:
            slug: The tenant.
            reason: Why; whoever reads the audit sees it.
            ticket: Where that is written down.
            ttl: For how long (an interval); as the setting ``break_glass_ttl`` says where None.
            access: ``read`` (the default) or ``write``.
            verifier: A SCRAM-SHA-256 verifier of a password that the caller made, which then never leaves him; without
                one the server makes a password.

        Returns:
            ``id``, ``state`` (``open`` or ``pending``), ``login``, ``expires_at`` and ``password``.
        """
        return self._row(
            "break_glass_open", slug=slug, reason=reason, ticket=ticket, ttl=ttl, access=access, verifier=verifier
        )

    def break_glass_approve(self, id: int) -> Row:  # noqa: A002  as the function calls it
        """Approves another person's request; returns its row."""
        return self._row("break_glass_approve", id=id)

    def break_glass_deny(self, id: int, reason: str) -> Row:  # noqa: A002
        """Refuses a request; returns its row."""
        return self._row("break_glass_deny", id=id, reason=reason)

    def break_glass_claim(self, id: int, verifier: str | None = None) -> Row:  # noqa: A002
        """Gives the login of an approved request a password; the earlier one ends.

        Returns:
            ``state`` (``open``, or ``expired`` where it was overdue), ``login``, ``expires_at`` and ``password``, which
            is None where a verifier was given.
        """
        return self._row("break_glass_claim", id=id, verifier=verifier)

    def break_glass_close(self, id: int, reason: str | None = None) -> Row:  # noqa: A002
        """Ends a login and its session, or withdraws a request; returns its row."""
        return self._row("break_glass_close", id=id, reason=reason)

    def break_glass_expire(self) -> list[Row]:
        """Ends what is overdue and drops the roles of what has ended; returns what it was at."""
        return self._rows("break_glass_expire")

    def break_glass_list(
        self, slug: str | None = None, *, past: bool | None = None, max_rows: int | None = None
    ) -> list[Row]:
        """Who of the staff is inside, and who asks to be; with ``past`` all that ever were."""
        return self._rows("break_glass_list", slug=slug, past=past, max_rows=max_rows)

    # The outbox

    def outbox_list(self, max_rows: int | None = None) -> list[Row]:
        """What is to be delivered, the oldest first."""
        return self._rows("outbox_list", max_rows=max_rows)

    def outbox_delivered(self, ids: Sequence[int]) -> int:
        """Says that these were delivered; returns how many of them had not been."""
        return int(str(self._value("outbox_delivered", ids=list(ids))))
