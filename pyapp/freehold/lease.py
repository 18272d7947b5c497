"""The lease of the keeper that leads, and what wakes it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import sql

from freehold.calls import Row
from freehold.control import Control

CHANNEL = "freehold_keeper"
_POLL = 0.25

Connect = Callable[[], "psycopg.Connection[Any]"]


class Lease(threading.Thread):
    """Takes the lease and renews it, and hears what wakes the keeper; it ends with the session.

    A run goes on only while the lease holds by this machine's clock. Where it does not, the run is cancelled, and the
    database would refuse it in any case.
    """

    def __init__(
        self,
        connect: Connect,
        holder: str,
        length: timedelta,
        *,
        stop: threading.Event,
        grace: timedelta,
        say: Callable[[str], None],
    ) -> None:
        super().__init__(name="freehold keep", daemon=True)
        self.holder, self.length = holder, length
        self._connect, self._stop_asked, self._grace, self._say = connect, stop, grace.total_seconds(), say
        self.answered = False
        self._until = 0.0
        self._error: BaseException | None = None
        self._over, self._changed, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._running: psycopg.Connection[Any] | None = None
        self._woken: set[str] = set()
        self._tasks: list[Row] = []
        self._stopped_at: float | None = None

    def leads(self) -> bool:
        """Whether the lease holds."""
        return time.monotonic() < self._until

    def lose(self) -> None:
        """The database says that it does not: it is asked for anew."""
        self._until = 0.0
        self.answered = False

    def check(self) -> None:
        """Raises what this thread ended with."""
        if self._error is not None:
            raise self._error

    def wait(self, seconds: float) -> None:
        """Waits until something has changed, or so long."""
        self._changed.wait(seconds)
        self._changed.clear()

    def woken(self) -> list[str]:
        """The tasks that notifications asked for."""
        with self._lock:
            return sorted(self._woken)

    def forget(self, name: str) -> None:
        """It is about to be run."""
        with self._lock:
            self._woken.discard(name)

    @contextlib.contextmanager
    def running(self, connection: psycopg.Connection[Any]) -> Iterator[None]:
        """A run over this connection, to be cancelled where the lease is lost."""
        with self._lock:
            self._running = connection
        try:
            yield
        finally:
            with self._lock:
                self._running = None

    def end(self) -> None:
        """Gives the lease up."""
        self._over.set()
        self.join()

    def run(self) -> None:
        """Until it is ended, or the connection is lost."""
        try:
            with self._connect() as connection:
                control = Control(connection)
                self._tasks = control.task_list()
                for channel in {CHANNEL} | {row["channel"] for row in self._tasks if row["channel"]}:
                    connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                while not self._over.is_set():
                    self._renew(control)
                if self._until and control.keeper_resign(self.holder):
                    self._say("resigned")
        except Exception as error:
            self._error = error
        finally:
            self._until = 0.0
            self._cancel()
            self._changed.set()

    def _renew(self, control: Control) -> None:
        asked, length = time.monotonic(), self.length.total_seconds()
        self._until = asked + length if control.keeper_lead(self.holder, self.length) else 0.0
        self.answered = True
        self._changed.set()
        while self.answered and not self._over.is_set() and (left := asked + length / 3 - time.monotonic()) > 0:
            heard = list(control.connection.notifies(timeout=min(left, _POLL), stop_after=1))
            if heard and self._heard(heard) and not self.leads():
                self._over.wait(_POLL)
                return
            self._watch()

    def _heard(self, heard: list[psycopg.Notify]) -> bool:
        """Wakes what waits; whether it may have to do with who leads."""
        with self._lock:
            for notify in heard:
                self._woken |= {
                    row["name"]
                    for row in self._tasks
                    if notify.channel == row["channel"] or (notify.channel, notify.payload) == (CHANNEL, row["name"])
                }
        self._changed.set()
        return any(notify.channel == CHANNEL for notify in heard)

    def _watch(self) -> None:
        """Cancels what may not go on."""
        if self._stop_asked.is_set():
            self._changed.set()
            self._stopped_at = self._stopped_at or time.monotonic()
        late = self._stopped_at is not None and time.monotonic() > self._stopped_at + self._grace
        if late or not self.leads():
            self._cancel()

    def _cancel(self) -> None:
        with self._lock, contextlib.suppress(psycopg.Error):
            if self._running is not None:
                self._running.cancel_safe(timeout=5.0)
