"""Connections that nobody uses at the moment."""

from __future__ import annotations

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


class Idle(Generic[K]):
    """Found by login, or by how long they have been here, whatever their number."""

    def __init__(self) -> None:
        self._all: dict[K, None] = {}
        self._login: dict[Hashable, dict[K, None]] = {}

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
        """One of a login: that which served the tenant last, or that which is here longest."""
        ours = self._login.get(login)
        if ours is None:
            return None
        for entry in reversed(ours):
            if entry.served == tenant:
                break
        else:
            entry = next(iter(ours))
        self.remove(entry)
        return entry

    def oldest(self) -> K | None:
        """That which is here longest."""
        return next(iter(self._all), None)
