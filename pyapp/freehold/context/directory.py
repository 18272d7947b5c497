"""Where tenants are: the registry's answers, kept for some seconds."""

from __future__ import annotations

import threading
import time

from freehold.context.statement import Access, Context


class Directory:
    """Answers of ``freehold.tenant_context()`` and ``freehold.member_check()``, each kept for at most ``ttl`` seconds.

    A notification from the registry clears it earlier, and whoever listens may confirm that there was none: then all
    that is kept is good for ``ttl`` seconds from that moment. What it says too late is no danger: a
    tenant that was suspended meanwhile has lost its rights in the database; a member who was
    removed stays one for these seconds.

    Args:
        ttl: Seconds.
        size: Answers that are kept.

    Attributes:
        confirmed: The moment until which whatever changed has cleared what was kept of it, on the monotonic clock.
    """

    def __init__(self, ttl: float, size: int = 10_000) -> None:
        self._ttl, self._size = ttl, size
        self._lock = threading.RLock()
        self._known: dict[tuple[str, Access], tuple[float, Context]] = {}
        self._members: dict[tuple[str | None, str, str], tuple[float, str]] = {}
        self._cleared = 0
        self.confirmed = float("-inf")

    @property
    def era(self) -> int:
        """Changes with every ``clear``: an answer asked for before one is not kept after it."""
        return self._cleared

    def get(self, slug: str, access: Access) -> Context | None:
        """An answer that is fresh, or None."""
        found = self._known.get((slug, access))
        return found[1] if found is not None and self._fresh(found[0]) else None

    def keep(self, access: Access, context: Context, era: int) -> bool:
        """Keeps an answer that was asked for in this era; whether it does."""
        with self._lock:
            if era != self._cleared:
                return False
            if len(self._known) >= self._size:
                self._known.clear()
            self._known[context.slug, access] = (time.monotonic(), context)
            return True

    def get_member(self, issuer: str | None, user: str, tenant_id: str) -> str | None:
        """The id of a user who is a member, as an answer that is fresh says, or None."""
        found = self._members.get((issuer, user, tenant_id))
        return found[1] if found is not None and self._fresh(found[0]) else None

    def keep_member(self, issuer: str | None, user: str, tenant_id: str, member: str, era: int) -> None:
        """Keeps that a user is a member, as was asked for in this era."""
        with self._lock:
            if era != self._cleared:
                return
            if len(self._members) >= self._size:
                self._members.clear()
            self._members[issuer, user, tenant_id] = (time.monotonic(), member)

    def confirm(self, moment: float) -> None:
        """Says that whatever changed before a moment, on the monotonic clock, has cleared what was kept of it."""
        self.confirmed = moment

    def _fresh(self, kept: float) -> bool:
        return max(kept, self.confirmed) + self._ttl > time.monotonic()

    def forget(self, slug: str) -> None:
        """Drops what is known of a tenant."""
        with self._lock:
            for access in ("write", "read"):
                self._known.pop((slug, access), None)

    def clear(self) -> None:
        """Drops everything."""
        with self._lock:
            self._known.clear()
            self._members.clear()
            self._cleared += 1
