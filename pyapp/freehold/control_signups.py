"""The functions of sign-ups, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from freehold.calls import Calls, Row


class Signups(Calls):
    """Tenants by stages, for who comes to one."""

    def signup_begin(
        self,
        issuer: str,
        subject: str,
        *,
        email: str | None = None,
        display_name: str | None = None,
        slug: str | None = None,
        external_id: str | None = None,
        template: str | None = None,
        settings: Mapping[str, Any] | None = None,
        seed: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Row:
        """Begins a sign-up and claims its slug; returns the row.

        Args:
            issuer: ``iss`` of who becomes the first owner.
            subject: ``sub`` of who becomes the first owner.
            email: Verified by the issuer.
            display_name: The tenant's; a slug is made of it where neither that nor an external id is given.
            slug: The tenant's.
            external_id: The tenant's; the slug is derived from it where none is given.
            template: ``default`` where None.
            settings: The tenant's.
            seed: What the template's script reads as ``freehold.seed``.
            idempotency_key: The same key with the same arguments returns the same sign-up.
        """
        return self._row(
            "signup_begin", issuer=issuer, subject=subject, email=email, display_name=display_name, slug=slug,
            external_id=external_id, template=template, settings=settings, seed=seed, idempotency_key=idempotency_key,
        )  # fmt: skip

    def signup_step(self, id: int) -> Row:  # noqa: A002  as the function calls it
        """The next stage of a sign-up; returns the row."""
        return self._row("signup_step", id=id)

    def signup_work(self, max_steps: int | None = None) -> int:
        """Takes sign-ups that are due a step further, in one transaction; returns how many steps it made."""
        return int(str(self._value("signup_work", max_steps=max_steps)))

    def signup_undo(self, id: int, reason: str) -> Row:  # noqa: A002
        """Takes a sign-up back; while the row it returns is ``undoing``, another step goes on with that."""
        # An empty reason is refused like none, and by the same message.
        return self._row("signup_undo", id=id, reason=reason or "")

    def signup_retry(self, id: int) -> Row:  # noqa: A002
        """Has a sign-up tried again that failed; returns the row."""
        return self._row("signup_retry", id=id)

    def signup_get(self, id: int) -> Row:  # noqa: A002
        """How far a sign-up is."""
        return self._row("signup_get", id=id)

    def signup_list(
        self, state: str | None = None, after: int | None = None, *, max_rows: int | None = None
    ) -> list[Row]:
        """Sign-ups by number, in one state or in all; ``after`` an id gives the next page."""
        return self._rows("signup_list", state=state, after=after, max_rows=max_rows)

    def signup_person(self, id: int) -> Row | None:  # noqa: A002
        """Who is behind a sign-up that is not over; None where that is not kept any more."""
        return next(iter(self._rows("signup_person", id=id)), None)

    def template_seed_set(self, template: str, script: str) -> None:
        """The script that a sign-up runs in its new tenant; an empty one takes it away."""
        self._row("template_seed_set", template=template, script=script)

    def template_seed_get(self, template: str) -> str | None:
        """The script that a sign-up runs in its new tenant, None where there is none."""
        found = self._value("template_seed_get", template=template)
        return None if found is None else str(found)
