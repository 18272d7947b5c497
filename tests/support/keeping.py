"""Keepers, and tasks that are planted for them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg

from freehold.control import Control, Row
from freehold.keeper import Keeper

from .database import Database
from .patience import until


class Running:
    """A keeper in a thread of its own.

    Args:
        keeper: It; what it says is kept in ``said``.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper, self.stop = keeper, threading.Event()
        self.said: list[Row] = []
        self.error: BaseException | None = None
        keeper.say = self.said.append
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.keeper.run(self.stop)
        except BaseException as error:
            self.error = error

    def events(self, event: str) -> list[Row]:
        """What it said of a kind."""
        return [row for row in list(self.said) if row["event"] == event]

    def has(self, event: str, count: int = 1) -> None:
        """Waits until it has said that so often."""
        until(lambda: len(self.events(event)) >= count or not self._thread.is_alive())
        assert len(self.events(event)) >= count, (self.said, self.error)

    def join(self) -> None:
        """Waits for its end."""
        self._thread.join(60)
        assert not self._thread.is_alive()

    def end(self) -> None:
        """Ends it."""
        self.stop.set()
        self.join()


class Keeping:
    """A database whose keepers do what a test plants; what was installed is disabled.

    Args:
        database: Where.
    """

    def __init__(self, database: Database) -> None:
        self.database, self.control = database, database.control()
        self.admin = database.connect(database.admin_dsn)
        self.dsn = database.login_dsn("keeping")
        self.admin.execute("grant freehold_admin to keeping")
        self.admin.execute("update freehold.task set enabled = false")
        self.admin.execute(
            "create table freehold.trace (name text); alter table freehold.trace owner to freehold_owner"
        )
        self.running: list[Running] = []
        self.processes: list[subprocess.Popen[str]] = []

    def plant(
        self, name: str, body: str = "", *, every: str = "1 hour", result: int = 0, channel: str | None = None
    ) -> None:
        """A task that leaves a row, and does what the body says."""
        self.admin.execute(
            f"""
            create or replace function freehold._planted_{name}() returns integer language plpgsql
                set search_path = pg_catalog, pg_temp set lock_timeout = 0 as $$
            begin
                insert into freehold.trace values ('{name}');
                {body}
                return {result};
            end $$;
            insert into freehold.task (name, routine, every, channel, description)
            values ('{name}', '_planted_{name}', '{every}', nullif('{channel or ""}', ''), 'planted')
            on conflict (name) do nothing;
            """.encode()
        )

    def gate(self) -> psycopg.Connection[Any]:
        """Plants a task that waits until this session ends its transaction."""
        holder = self.database.connect(self.database.admin_dsn)
        self.plant("gated", "perform from freehold.setting as s where s.name = 'naming' for update;")
        holder.execute("begin")
        holder.execute("select from freehold.setting where name = 'naming' for update")
        return holder

    def at_the_gate(self) -> int | None:
        """The backend that waits there."""
        row = self.admin.execute(
            "select pid from pg_stat_activity where query like '%task_run%' and wait_event_type = 'Lock'"
        ).fetchone()
        return row and int(row[0])

    def traces(self, name: str) -> int:
        """How many runs have left something."""
        row = self.admin.execute("select count(*) from freehold.trace where name = %s", (name,)).fetchone()
        assert row is not None
        return int(row[0])

    def task(self, name: str) -> Row:
        """A task's row."""
        return next(row for row in self.control.task_list() if row["name"] == name)

    def later(self, interval: str) -> None:
        """Sets the clock, and has all keepers look at it."""
        self.admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (interval,))
        self.admin.execute("notify freehold_keeper")

    def start(self, **options: Any) -> Running:
        """A keeper in this process."""
        self.running.append(Running(Keeper(self.dsn, **({"grace": timedelta(0)} | options))))
        return self.running[-1]

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line's keeper, which tells what happens by lines of JSON."""
        self.processes.append(subprocess.Popen(
            [sys.executable, "-m", "freehold", "--dsn", self.dsn, "--json", "keep", *arguments],
            stdout=subprocess.PIPE, text=True,
        ))  # fmt: skip
        return self.processes[-1]

    def close(self) -> None:
        """Ends what runs."""
        for running in self.running:
            running.end()
        for process in self.processes:
            process.kill()
            process.communicate()


def lines(process: subprocess.Popen[str]) -> Iterator[Row]:
    """What a keeper's process tells."""
    assert process.stdout is not None
    for line in process.stdout:
        yield json.loads(line)


def heard(process: subprocess.Popen[str], event: str) -> Row:
    """Reads until it tells that."""
    for row in lines(process):
        if row["event"] == event:
            return row
    raise AssertionError(f"it ended before it said {event}")


def as_keeper(keeping: Keeping) -> Control:
    """The control plane of the keepers' login."""
    return Control(keeping.database.connect(keeping.dsn))
