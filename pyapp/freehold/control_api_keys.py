"""The functions of API keys, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from freehold.calls import Calls, Row


class ApiKeys(Calls):
    """Keys by which services and operators prove to the HTTP service who they are."""

    def api_key_create(
        self,
        name: str,
        roles: Sequence[str],
        *,
        slugs: Sequence[str] | None = None,
        ttl: timedelta | str | None = None,
    ) -> Row:
        """Makes a key.

        Args:
            name: Whom the audit trail names: ``key:<name>``.
            roles: Groups that its holder may act as, of ``admin``, ``auditor``, ``worker``, ``break_glass``.
            slugs: The tenants that it is bound to; None: it is not bound.
            ttl: How long it is good for; None: it does not expire.

        Returns:
            ``id``, ``expires_at`` and ``token``, which is told this once.
        """
        bound = None if slugs is None else list(slugs)
        return self._row("api_key_create", name=name, roles=list(roles), slugs=bound, ttl=ttl)

    def api_key_rotate(self, id: int, *, overlap: timedelta | str | None = None) -> Row:  # noqa: A002
        """Gives a key a new token; those before are good for the overlap.

        Returns:
            ``token``, which is told this once, ``overlap_until`` and ``expires_at``.
        """
        return self._row("api_key_rotate", id=id, overlap=overlap)

    def api_key_revoke(self, id: int, reason: str) -> None:  # noqa: A002
        """Makes a key worthless, for good."""
        # An empty reason is refused like none, and by the same message.
        self._row("api_key_revoke", id=id, reason=reason or "")

    def api_key_list(self, *, past: bool | None = None, max_rows: int | None = None) -> list[Row]:
        """The keys; with ``past`` also those that are over."""
        return self._rows("api_key_list", past=past, max_rows=max_rows)

    def api_key_check(self, token_sha256: bytes) -> Row | None:
        """What the key of a token is good for, None where there is no such key."""
        return next(iter(self._rows("api_key_check", token_sha256=token_sha256)), None)

    def api_key_purge(self, older_than: timedelta | str | None = None, *, max_rows: int | None = None) -> int:
        """Deletes keys that have been over for so long; returns how many."""
        return int(str(self._value("api_key_purge", older_than=older_than, max_rows=max_rows)))
