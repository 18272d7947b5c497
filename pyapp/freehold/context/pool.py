"""Connections that are kept for the next transaction: which one to take, to open, to close.

A pool of one login knows nothing of tenants. This one prefers the connection that served the
tenant last, whose caches are warm; closes one that has seen too many schemas, as each costs a
backend memory that it never gives back; and shares one ceiling among many logins, closing the
one that was idle longest for a login that has none.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

import psycopg

from freehold.context.idle import Idle
from freehold.context.statements import Statements
from freehold.context.steps import Steps
from freehold.errors import InvalidArgument, TryAgain


class PoolTimeout(TryAgain):
    """No connection came free in time."""


class Waiter(Protocol):
    """An event of threads or of tasks."""

    def set(self) -> None:
        """Wakes who waits."""

    def clear(self) -> None:
        """Takes that back."""

    def wait(self, timeout: float) -> Any:
        """Waits at most so many seconds."""


@dataclass(frozen=True)
class Limits:
    """What a pool may hold.

    Attributes:
        size: Connections at most, of all logins together.
        per_tenant: Transactions of one tenant at a time; None is no limit of its own. A tenant's limit ``concurrency``
            counts instead.
        wait: Seconds to wait for a connection.
        idle: Seconds after which an idle connection is closed, when the pool is next used.
        lifetime: Seconds after which a connection is not used again.
        schemas: Schemas after which a connection is not used again; one of twenty tables costs some 0.5 MB.
    """

    size: int = 10
    per_tenant: int | None = None
    wait: float = 30.0
    idle: float = 300.0
    lifetime: float = 3600.0
    schemas: int = 200

    def __post_init__(self) -> None:
        for name in ("size", "per_tenant", "wait", "idle", "lifetime", "schemas"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise InvalidArgument(f"{name} is a number above 0, not {value}")


class Login(NamedTuple):
    """Whom a connection is authenticated as.

    Attributes:
        conninfo: How to connect.
        role: A tenant's own role, in the place of the user that ``conninfo`` names.
        tenant_id: Of that tenant.
    """

    conninfo: str
    role: str | None = None
    tenant_id: str | None = None

    def __repr__(self) -> str:
        # Not the password.
        return f"Login(role={self.role!r}, tenant_id={self.tenant_id!r})"


@dataclass(eq=False)
class Entry:
    """A connection of the pool.

    Attributes:
        connection: It.
        login: Whose it is.
        serving: The id of the tenant it serves; None for a question to the registry.
        served: That of the one it served last.
        fresh: It was opened for this very transaction.
        opened: When it was opened, on the monotonic clock.
        since: When it was given back.
        visited: The schemas it has seen.
        process: The process that opened it; a child has no part in it.
        statements: What is prepared in its session.
    """

    connection: Any
    login: Login
    serving: str | None = None
    served: str | None = None
    fresh: bool = True
    opened: float = field(default_factory=time.monotonic)
    since: float = 0.0
    visited: set[str] = field(default_factory=set)
    process: int = field(default_factory=os.getpid)
    statements: Statements = field(init=False)

    def __post_init__(self) -> None:
        self.statements = Statements(self.connection.prepare_threshold)


@dataclass(eq=False, slots=True)
class Ticket:
    """Who waits.

    Attributes:
        login: Whose connection it is to be.
        tenant: The id of the tenant that it is for.
        waiter: What wakes it.
        entry: What it was given meanwhile.
    """

    login: Login
    tenant: str | None
    waiter: Waiter
    entry: Entry | None = None

    def tell(self) -> bool:
        """Wakes who waits; False: his loop is closed, and he is not coming back."""
        try:
            self.waiter.set()
        except RuntimeError:
            return False
        return True


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _forked() -> None:
    for pool in list(_pools):
        pool.disown()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Pool:
    """Connections of several logins under one ceiling.

    Args:
        limits: What it may hold.
        connect: Opens a connection for a login.
        waiter: Makes an event to wait on.
    """

    def __init__(self, limits: Limits, connect: Callable[[Login], Steps[Any]], waiter: Callable[[], Waiter]) -> None:
        self.limits = limits
        self._connect, self._waiter = connect, waiter
        # Reentrant: the collector may end an abandoned block, and give its connection back, while its thread is inside.
        self._lock = threading.RLock()
        self._idle: Idle[Entry] = Idle(limits.size)
        self._open = 0
        self._busy: dict[str | None, int] = {}
        self._ceiling = limits.per_tenant or limits.size
        self._ceilings: dict[str, int] = {}
        self._queue: list[Ticket] = []
        self._closed = False
        self.refused: Counter[str | None] = Counter()
        self._parents: list[Entry] = []
        _pools.add(self)

    def disown(self) -> None:
        """In a child process: the sessions are the parent's, and so is the lock that a thread of it may hold."""
        self._lock = threading.RLock()
        # Kept, for to close them would say good-bye to the server in the parent's name.
        self._parents += self._idle
        self._idle, self._queue, self._open = Idle(self.limits.size), [], 0
        self._busy.clear()

    def ready(self, login: Login, tenant: str | None) -> Entry | None:
        """An idle connection, if nothing is to be waited for or closed first; ``take`` without its steps."""
        with self._lock:
            if self._queue or self._closed or self._stale(time.monotonic()) is not None or self._full(tenant):
                return None
            return self._pick(login, tenant)

    def take(self, login: Login, tenant: str | None, slug: str | None = None) -> Steps[Entry]:
        """A connection of a login, the one that served the tenant last if it is idle.

        Args:
            login: Whose.
            tenant: The id of the tenant, whose transactions are counted by it.
            slug: Its name, by which those that were refused are counted.

        Raises:
            PoolTimeout: None came free in time.
            psycopg.OperationalError: It could not be opened, or the pool is closed.
        """
        deadline = time.monotonic() + self.limits.wait
        for each in self._expired():
            yield from self._shut(each, freed=True)
        ticket = Ticket(login, tenant, self._waiter())
        entry = evicted = None
        try:
            while True:
                with self._lock:
                    entry, room = ticket.entry, False
                    if entry is None:
                        if self._closed:
                            raise PoolTimeout("the pool is closed")
                        if self._turn(ticket):
                            entry, evicted, room = self._choose(login, tenant)
                    served = entry is not None or room
                    if not served:
                        ticket.waiter.clear()
                        if ticket not in self._queue:
                            self._queue.append(ticket)
                if served:
                    break
                if time.monotonic() >= deadline:
                    self.refused[slug] += 1
                    raise PoolTimeout(f"no connection came free in {self.limits.wait:g} seconds")
                yield partial(ticket.waiter.wait, max(0.0, deadline - time.monotonic()))
        finally:
            if entry is None or entry is not ticket.entry:
                # Served, late or cancelled: whoever is next hears of what is left.
                with self._lock:
                    if ticket in self._queue:
                        self._queue.remove(ticket)
                    if ticket.entry is not None:
                        self._return(ticket.entry)
                    self._wake()
        if entry is not None:
            return entry
        try:
            if evicted is not None:
                yield from self._shut(evicted, freed=False)
            return Entry((yield from self._connect(login)), login, tenant)
        except BaseException:
            with self._lock:
                self._open -= 1
                self._free(tenant)
            raise

    def keep(self, entry: Entry, schema: str | None) -> bool:
        """Takes a clean connection back, if it has not done its time; ``give`` without its steps.

        Args:
            entry: What ``take`` returned.
            schema: The schema it was used for.

        Returns:
            Whether it is kept; if not, it is yet to be given.
        """
        if entry.process != os.getpid():
            return True
        if schema is not None:
            entry.visited.add(schema)
        now = time.monotonic()
        if now - entry.opened > self.limits.lifetime or len(entry.visited) > self.limits.schemas:
            return False
        with self._lock:
            if self._closed:
                return False
            entry.served = entry.serving or entry.served
            entry.since, entry.fresh = now, False
            self._idle.add(entry)
            self._free(entry.serving)
        return True

    def give(self, entry: Entry, schema: str | None, *, clean: bool) -> Steps[None]:
        """Takes a connection back; one that is not clean, or has done its time, is closed.

        Args:
            entry: What ``take`` returned.
            schema: The schema it was used for.
            clean: Nothing of the transaction is left in its session.
        """
        if entry.process != os.getpid() or (clean and self.keep(entry, schema)):
            return
        try:
            yield from self._shut(entry, freed=True)
        finally:
            with self._lock:
                self._free(entry.serving)

    def drop(self, entry: Entry) -> None:
        """Closes a connection at once, without its steps: what is called where nothing can be waited for."""
        if entry.process != os.getpid():
            return
        with self._lock:
            entry.connection.pgconn.finish()
            self._open -= 1
            self._free(entry.serving)
            self._wake()

    def limit(self, tenant: str, transactions: int | None) -> None:
        """Gives a tenant a ceiling of its own in the place of ``per_tenant``, or takes it back."""
        with self._lock:
            if transactions is None:
                self._ceilings.pop(tenant, None)
            else:
                self._ceilings[tenant] = transactions
            self._wake()

    def close(self) -> Steps[None]:
        """Closes what is idle; what is in use is closed when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, Idle(self.limits.size)
            for each in self._queue:
                each.tell()
        for entry in idle:
            yield from self._shut(entry, freed=True)

    def counts(self) -> dict[str, int]:
        """How many connections are open, how many of them idle, and how many callers wait."""
        with self._lock:
            return {"open": self._open, "idle": len(self._idle), "waiting": len(self._queue)}

    def _stale(self, now: float) -> Entry | None:
        """The connection that is idle longest, if that is too long."""
        oldest = self._idle.oldest()
        return oldest if oldest is not None and now - oldest.since > self.limits.idle else None

    def _expired(self) -> list[Entry]:
        expired = []
        with self._lock:
            while (entry := self._stale(time.monotonic())) is not None:
                self._idle.remove(entry)
                expired.append(entry)
        return expired

    def _full(self, tenant: str | None) -> bool:
        """Whether a tenant has all the connections it may have."""
        return tenant is not None and self._busy.get(tenant, 0) >= self._ceilings.get(tenant, self._ceiling)

    def _pick(self, login: Login, tenant: str | None) -> Entry | None:
        """An idle connection, which is now the tenant's."""
        entry = self._idle.take(login, tenant)
        if entry is not None:
            entry.serving = tenant
            self._busy[tenant] = self._busy.get(tenant, 0) + 1
        return entry

    def _choose(self, login: Login, tenant: str | None) -> tuple[Entry | None, Entry | None, bool]:
        """An idle connection; one to be closed for a new one; whether there is room to open that."""
        if self._full(tenant):
            return None, None, False
        entry = self._pick(login, tenant)
        if entry is not None:
            return entry, None, False
        evicted = None
        if self._open < self.limits.size:
            self._open += 1
        else:
            evicted = self._idle.oldest()
            if evicted is None:
                return None, None, False
            self._idle.remove(evicted)
        self._busy[tenant] = self._busy.get(tenant, 0) + 1
        return None, evicted, True

    def _return(self, entry: Entry) -> None:
        """Takes back what was given to one who is gone."""
        if entry.process != os.getpid():
            return
        if self._closed:
            self.drop(entry)
        else:
            self._idle.add(entry)
            self._free(entry.serving)

    def _shut(self, entry: Entry, *, freed: bool) -> Steps[None]:
        """Closes a connection, and only then counts its place as free."""
        try:
            with contextlib.suppress(psycopg.Error):
                yield entry.connection.close
        finally:
            if freed:
                with self._lock:
                    self._open -= 1
                    self._wake()

    def _free(self, tenant: str | None) -> None:
        left = self._busy.get(tenant, 0) - 1
        if left > 0:
            self._busy[tenant] = left
        else:
            self._busy.pop(tenant, None)
        if self._queue:
            self._wake()

    def _turn(self, ticket: Ticket) -> bool:
        """Whether nobody who has waited longer could go first."""
        return self._first() in (None, ticket)

    def _first(self) -> Ticket | None:
        for each in self._queue:
            if not self._full(each.tenant):
                return each
        return None

    def _wake(self) -> None:
        """Gives what is idle to those who have waited longest: they need not look for it once more."""
        while self._queue and (self._idle or self._open < self.limits.size) and (first := self._first()) is not None:
            first.entry = self._pick(first.login, first.tenant)
            if not first.tell():
                self._queue.remove(first)
                if first.entry is not None:
                    entry, first.entry = first.entry, None
                    self._return(entry)
                continue
            if first.entry is None:
                # It opens one, in the place of another login's if need be.
                return
            self._queue.remove(first)
