"""A worker takes tenants of a rollout and does to each what is left. Any number may share one, on any machines."""

from __future__ import annotations

import os
import random
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
from freehold.errors import Busy, FreeholdError, LeaseOver, MigrationChanged, NotRendered
from freehold.migrate.direct import require_direct
from freehold.migrate.errors import MigrationError
from freehold.migrate.homes import of_row
from freehold.migrate.render import Renderer
from freehold.migrate.run import Runner
from freehold.migrate.target import LeaseTarget

Connect = Callable[[], "psycopg.Connection[Any]"]

CLAIM = 20
"""Tenants to a claim: few enough that a killed worker's are soon another's."""
SESSION = 250
"""Tenants to a session: a backend keeps something of each schema that it has seen, and goes through what it has planned
at every change of a relation."""
PAUSE = timedelta(seconds=2)
"""How long a backfill goes on in a rollout that does not run any more."""
RECONNECT = timedelta(seconds=30)
"""How long a server that went away is waited for."""
_CONNECTION_LOST = "08006"


class _Interrupted(Exception):
    """A backfill is to stop between two batches."""


@dataclass
class Tally:
    """What a worker did.

    Attributes:
        done: Tenants that have it all.
        failed: Tenants that raised something, each time counted.
        seconds: How long it worked.
    """

    done: int = 0
    failed: int = 0
    seconds: float = 0.0


@dataclass
class Worker:
    """Works on one rollout until it is over, paused or halted.

    Args:
        connect: Makes a connection to the control plane.
        rollout: The rollout's id.
        renderer: Of the directory, whose files must be those that it was planned with.
        name: Who it is, for people.
        stop: Set by whoever wants it to end after the tenant that it is at.
        claim: Tenants to a claim.
        say: Told the slug and what happened: ``done``, or the tenant's state and the error.
    """

    connect: Connect
    rollout: int
    renderer: Renderer
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    stop: threading.Event = field(default_factory=threading.Event)
    claim: int = CLAIM
    say: Callable[[str, str, str], None] = lambda slug, state, message: None  # noqa: ARG005
    tally: Tally = field(default_factory=Tally)
    _connection: psycopg.Connection[Any] | None = None
    _runner: Runner | None = None
    _visited: int = 0

    def run(self) -> Row:
        """Works; returns the rollout's row as it was left.

        Raises:
            MigrationChanged: A file is not the one that the rollout was planned with.
            MigrationNotFound: A file is missing.
            MigrationError: The connection goes through a pooler.
            psycopg.OperationalError: The server went away and did not come back in time.
        """
        began = time.monotonic()
        try:
            return self._run()
        finally:
            self.tally.seconds = time.monotonic() - began
            if self._connection is not None:
                self._connection.close()

    def _run(self) -> Row:
        rollout = Control(self._session()).rollout_get(self.rollout)
        self._check_files()
        wait = 0.05
        while True:
            self._renew()
            claims = Control(self._session()).rollout_claim(self.rollout, self.name, self.claim)
            if claims:
                self._work(rollout, claims)
                wait = 0.05
                if not self.stop.is_set():
                    # The next claim tells whether it goes on.
                    continue
            rollout = Control(self._session()).rollout_get(self.rollout)
            if rollout["state"] != "running" or self.stop.is_set():
                return rollout
            if not claims:
                # Others are at the rest of the wave, or a retry waits.
                self.stop.wait(wait * random.uniform(0.5, 1.0))  # noqa: S311  no secret
                wait = min(wait * 2, 1.0)

    def _check_files(self) -> None:
        for row in Control(self._session()).rollout_migrations(self.rollout):
            file = self.renderer.directory[row["migration_id"]]
            if file.digest != row["source_digest"]:
                raise MigrationChanged(
                    f"{file.path}: not the file that rollout {self.rollout} was planned with; "
                    f"its sha256 is {file.digest[:12]}, not {row['source_digest'][:12]}"
                )

    def _work(self, rollout: Row, claims: list[Row]) -> None:
        for number, claim in enumerate(claims):
            if self.stop.is_set():
                Control(self._session()).rollout_release([each["lease_id"] for each in claims[number:]])
                return
            if not self._tenant(rollout, claim):
                # The rollout has been halted: what is left of the claim is for whoever resumes it.
                Control(self._session()).rollout_release([each["lease_id"] for each in claims[number + 1 :]])
                return

    def _tenant(self, rollout: Row, claim: Row) -> bool:
        """Does what is left to one tenant; whether to go on with the others."""
        target = LeaseTarget(claim["lease_id"], rollout["direction"])
        home = of_row(claim)
        migration = None
        connection = self._session()
        looked = time.monotonic()

        def batch(_: int) -> None:
            nonlocal looked
            if self.stop.is_set():
                raise _Interrupted
            if time.monotonic() - looked >= PAUSE.total_seconds():
                looked = time.monotonic()
                if Control(connection).rollout_get(self.rollout)["state"] != "running":
                    raise _Interrupted

        self._visited += 1
        if self._runner is None or self._runner.connection is not connection:
            self._runner = Runner(connection, self.renderer, rollout["statement_timeout"], rollout["lock_timeout"])
        try:
            for migration in claim["migrations"]:
                self._runner.run(self.renderer.directory[migration], home, target, batch)
        except _Interrupted:
            Control(connection).rollout_release([claim["lease_id"]])
            self.say(claim["slug"], "left", f"in the middle of {migration}, which goes on from there")
            return False
        except LeaseOver:
            # Somebody else has it by now, or the rollout was aborted; either way it is theirs.
            self.say(claim["slug"], "left", "the lease is over")
            return True
        except MigrationError as error:
            return self._failed(claim, migration, NotRendered.sqlstate, str(error))
        except psycopg.Error as error:
            lost = connection.closed or error.sqlstate is None
            code = _CONNECTION_LOST if lost else error.sqlstate
            message = error.diag.message_primary or str(error).strip() or type(error).__name__
            # PostgreSQL's DETAIL quotes rows, which are the tenant's; freehold's own does not.
            if error.diag.message_detail and isinstance(error, FreeholdError):
                message += f" ({error.diag.message_detail})"
            if not connection.closed and error.sqlstate == "FH303":
                # A prepared statement, for one, outlives the transaction that was rolled back.
                connection.close()
            return self._failed(claim, migration, code, message)
        self.tally.done += 1
        self.say(claim["slug"], "done", "")
        return True

    def _failed(self, claim: Row, migration: str | None, code: str | None, message: str) -> bool:
        self.tally.failed += 1
        while True:
            try:
                state = Control(self._session()).rollout_fail(claim["lease_id"], code or "XX000", message, migration)
            except LeaseOver:
                # The server came back and found the claim to be a dead session's; or the step was done after all.
                state = "pending"
            except Busy:
                # Somebody is at the rollout itself, in a transaction that lasts.
                continue
            break
        self.say(claim["slug"], state, f"[{code}] {message}")
        return Control(self._session()).rollout_get(self.rollout)["state"] in ("running", "paused")

    def _renew(self) -> None:
        """Ends a session that has seen many tenants. Between claims: a lease ends with the session that took it."""
        if self._connection is not None and self._visited >= SESSION:
            self._connection.close()

    def _session(self) -> psycopg.Connection[Any]:
        """The connection; a new one where there is none."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self._visited = 0
        until = time.monotonic() + RECONNECT.total_seconds()
        while True:
            try:
                self._connection = self.connect()
            except psycopg.OperationalError as error:
                if (error.sqlstate or "57P03")[:3] not in ("57P", "080") or time.monotonic() > until:
                    raise
                time.sleep(0.2)
            else:
                self._connection.prepare_threshold = None
                require_direct(self._connection)
                return self._connection
