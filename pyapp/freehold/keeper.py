"""The keeper does what is to be done in the background: the tasks of ``freehold.task_list()``.

Any number may run, on any machines: the one that has the lease works, the others wait for it to end. What a task does,
how often, and what becomes of one that fails are the database's rules. Here are two connections: over one the tasks are
run, over the other the lease is renewed meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg

from freehold.calls import Row
from freehold.control import Control
from freehold.errors import NotLeading
from freehold.lease import Lease
from freehold.migrate.direct import require_direct

LEASE = timedelta(seconds=30)
GRACE = timedelta(seconds=10)
"""How long a run may go on once the keeper is to end; then it is cancelled, and changes nothing."""
BURST = 20
"""Runs of one task before the others have their turn."""
SESSION = 100
"""Runs that did something to a session: a backend keeps something of each schema that it has seen."""
_WOKEN = 1.0
"""Seconds between runs of a task that notifications ask for: anybody can send them."""
_LONGEST = 30.0
_HOPELESS = ("28", "3D", "3F", "42")
_LOST = "08006"


@dataclass
class Keeper:
    """Waits for the lease, and works while it has it.

    Args:
        dsn: Where to: a login that is a member of the admin group, and no pooler between.
        holder: Who it is, for people (host and process); something that no other keeper has is added.
        lease: How long it leads without being heard of.
        grace: How long a run may go on once it is to end.
        say: Told what happens: its ``event`` is ``leads``, ``waits``, ``ran``, ``failed``, ``lost`` or ``resigned``.
    """

    dsn: str
    holder: str = ""
    lease: timedelta = LEASE
    grace: timedelta = GRACE
    say: Callable[[Row], None] = lambda event: None  # noqa: ARG005
    _work: psycopg.Connection[Any] | None = None
    _did: int = 0
    _cut: tuple[str, str, str] | None = None
    _last: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        name = self.holder or f"{socket.gethostname()}:{os.getpid()}"
        self.holder = f"{name}/{secrets.token_hex(4)}"

    def run(self, stop: threading.Event) -> None:
        """Works until it is told to end, and comes back after a restart of the server.

        Args:
            stop: Set by whoever wants it to end.

        Raises:
            psycopg.Error: It could not connect at first, or may not do what a keeper does.
            MigrationError: A pooler stands between.
        """
        pause = 0.2
        # The first connection is the one that may fail.
        self._control()
        while not stop.is_set():
            began = time.monotonic()
            try:
                self._session(stop, once=False)
            except psycopg.Error as error:
                if (error.sqlstate or "")[:2] in _HOPELESS:
                    raise
                self._tell("lost", error=str(error).strip().partition("\n")[0])
                pause = 0.2 if time.monotonic() - began > _LONGEST else min(pause * 2, 5.0)
                stop.wait(pause)
        self._close()

    def once(self, stop: threading.Event | None = None) -> bool:
        """Does what is due and ends; False where another keeper leads."""
        return self._session(stop or threading.Event(), once=True)

    def _session(self, stop: threading.Event, *, once: bool) -> bool:
        with contextlib.ExitStack() as stack:
            stack.callback(self._close)
            lease = Lease(self._connect, self.holder, self.lease, stop=stop, grace=self.grace, say=self._tell)
            stack.callback(lease.end)
            lease.start()
            led, told = False, ""
            while not stop.is_set():
                if not lease.leads():
                    lease.check()
                    if lease.answered and told != "waits":
                        told = "waits"
                        self._tell(told, leader=self._control().keeper_get()["holder"])
                    if once and lease.answered:
                        return led
                    lease.wait(_LONGEST)
                    continue
                led = True
                if told != "leads":
                    told = "leads"
                    self._tell(told)
                    self._record_cut()
                name, wait = self._next(lease)
                if name is not None:
                    self._burst(name, lease, stop)
                elif once:
                    return True
                else:
                    lease.wait(wait)
            return led

    def _next(self, lease: Lease) -> tuple[str | None, float]:
        """The task to be run now, or how long there is none."""
        wait = _LONGEST
        rows = self._control().task_due()
        for row in rows:
            if row["due_in"] <= timedelta(0):
                return str(row["name"]), 0.0
            wait = min(wait, row["due_in"].total_seconds())
        enabled = {row["name"] for row in rows}
        for name in lease.woken():
            rest = self._last.get(name, 0.0) + _WOKEN - time.monotonic()
            if name not in enabled or rest <= 0:
                lease.forget(name)
                if name in enabled:
                    return name, 0.0
            else:
                wait = min(wait, rest)
        return None, wait

    def _burst(self, name: str, lease: Lease, stop: threading.Event) -> None:
        for _ in range(BURST):
            result = self._run(name, lease, stop)
            self._last[name] = time.monotonic()
            if not result or stop.is_set() or not lease.leads():
                break

    def _run(self, name: str, lease: Lease, stop: threading.Event) -> int | None:
        control, began = self._control(), time.monotonic()
        try:
            with lease.running(control.connection):
                result = control.task_run(name, self.holder)
        except NotLeading:
            lease.lose()
            return None
        except psycopg.Error as error:
            what = (name, error.sqlstate or _LOST, error.diag.message_primary or str(error).strip())
            if control.connection.closed:
                self._cut = what
                raise
            if stop.is_set() or not lease.leads():
                return None
            with contextlib.suppress(NotLeading):
                self._failed(control.task_failed(*what, self.holder))
            return None
        if result is None:
            self._failed(next(row for row in control.task_list() if row["name"] == name))
        elif result:
            self._did += 1
            self._tell("ran", task=name, result=result, seconds=round(time.monotonic() - began, 3))
        return result

    def _failed(self, row: Row) -> None:
        self._tell(
            "failed", task=row["name"], code=row["last_error_code"], error=row["last_error"], failures=row["failures"]
        )

    def _record_cut(self) -> None:
        """Records the run in whose midst the connection was lost."""
        if self._cut is not None:
            cut, self._cut = self._cut, None
            with contextlib.suppress(NotLeading):
                self._failed(self._control().task_failed(*cut, self.holder))

    def _control(self) -> Control:
        """The control plane over the connection that tasks are run on; a new one from time to time."""
        if self._work is not None and self._did >= SESSION:
            self._close()
        if self._work is None or self._work.closed:
            self._work, self._did = self._connect(), 0
        return Control(self._work)

    def _close(self) -> None:
        if self._work is not None:
            self._work.close()
            self._work = None

    def _connect(self) -> psycopg.Connection[Any]:
        """A connection of the keeper's."""
        connection = psycopg.connect(self.dsn, autocommit=True, fallback_application_name="freehold keep")
        try:
            require_direct(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _tell(self, event: str, **what: Any) -> None:
        self.say({"event": event, "holder": self.holder, **what})
