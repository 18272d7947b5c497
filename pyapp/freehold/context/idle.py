"""Connections that nobody uses at the moment."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Generic, Protocol, TypeVar


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
    """Found by login and tenant, or by how long they have been here, whatever their number."""

    def __init__(self) -> None:
        self._all: dict[K, None] = {}
        self._login: dict[Hashable, dict[K, None]] = {}
        self._warm: dict[tuple[Hashable, str | None], dict[K, None]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[K]:
        """All of them, whoever came first, first."""
        return iter(self._all)

    def add(self, entry: K) -> None:
        """Keeps one; what is said of it may not change while it is here."""
        self._all[entry] = None
        self._login.setdefault(entry.login, {})[entry] = None
        self._warm.setdefault((entry.login, entry.served), {})[entry] = None

    def remove(self, entry: K) -> None:
        """Keeps it no longer."""
        del self._all[entry]
        self._drop(self._login, entry.login, entry)
        self._drop(self._warm, (entry.login, entry.served), entry)

    def take(self, login: Hashable, tenant: str | None) -> K | None:
        """One of a login: that which served the tenant last, or that which is here longest."""
        ours = self._login.get(login)
        if ours is None:
            return None
        warm = self._warm.get((login, tenant))
        entry = next(iter(ours)) if warm is None else next(reversed(warm))
        self.remove(entry)
        return entry

    def oldest(self) -> K | None:
        """That which is here longest."""
        return next(iter(self._all), None)

    @staticmethod
    def _drop(kept: dict[Any, dict[K, None]], key: Hashable, entry: K) -> None:
        found = kept[key]
        del found[entry]
        if not found:
            del kept[key]
