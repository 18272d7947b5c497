"""Connections that nobody uses at the moment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, Protocol, TypeVar


class Kept(Protocol):
    """What can be kept: whose login it is, and whom it served last."""

    @property
    def login(self) -> Hashable:
        """Whose it is."""

    @property
    def served(self) -> str | None:
        """Whom it served last."""


K = TypeVar("K", bound=Kept)
_LATELY = 64
"""Transactions by which it is judged whether tenants come back."""


class Idle(Generic[K]):
    """Found by login, or by how long they have been here, whatever their number.

    Where no connection has served a tenant last, two aims are at odds. While there are no more tenants in play than
    connections, each keeps its own, if the one that is here longest is taken. Where there are more, they take each
    other's whichever is taken: then it is the one that came last, as a session is fastest that just ran.

    Args:
        size: Connections at most.
    """

    def __init__(self, size: int) -> None:
        self._all: dict[K, None] = {}
        self._login: dict[Hashable, dict[K, None]] = {}
        # As many tenants as there may be connections: those which would each have one, were the longest idle taken.
        self._recent: OrderedDict[str, None] = OrderedDict()
        self._size = size
        self._returning = 1.0

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[K]:
        """All of them, whoever came first, first."""
        return iter(self._all)

    def add(self, entry: K) -> None:
        """Keeps one; its login may not change while it is here."""
        self._all[entry] = None
        self._login.setdefault(entry.login, {})[entry] = None

    def remove(self, entry: K) -> None:
        """Keeps it no longer."""
        del self._all[entry]
        ours = self._login[entry.login]
        del ours[entry]
        if not ours:
            del self._login[entry.login]

    def take(self, login: Hashable, tenant: str | None) -> K | None:
        """One of a login: that which served the tenant last, or that which is here longest or shortest."""
        ours = self._login.get(login)
        if ours is None:
            return None
        self._note(tenant)
        for entry in reversed(ours):
            if entry.served == tenant:
                break
        else:
            entry = next(iter(ours) if self._returning > 0.5 else reversed(ours))
        self.remove(entry)
        return entry

    def _note(self, tenant: str | None) -> None:
        """Learns what share of transactions is of tenants that would find a connection of theirs."""
        if tenant is None:
            return
        self._returning += ((tenant in self._recent) - self._returning) / _LATELY
        self._recent[tenant] = None
        self._recent.move_to_end(tenant)
        if len(self._recent) > self._size:
            self._recent.popitem(last=False)

    def oldest(self) -> K | None:
        """That which is here longest."""
        return next(iter(self._all), None)
