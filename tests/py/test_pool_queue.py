"""Who waits for a connection of a pool is given one that comes free: not when he is gone, and in no other process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator
from typing import Any

import psycopg
import pytest

from freehold.context.pool import Entry, Limits, Login, Pool
from freehold.context.steps import Steps, run, run_async
from freehold.context.tenants import _TaskEvent
from support.database import Database


@pytest.fixture
def login(database: Database) -> Login:
    return Login(database.owner_dsn)


def pool_of(size: int) -> Pool:
    def connect(login: Login) -> Steps[Any]:
        return (yield lambda: psycopg.connect(login.conninfo))

    return Pool(Limits(size=size), connect, _TaskEvent)


def test_one_whose_loop_is_closed_is_passed_over(login: Login) -> None:
    """He never hears of it: whoever gives a connection back is not told, and none is lost."""
    pool = pool_of(2)
    held = [run(pool.take(login, "a")) for _ in range(2)]
    loop = asyncio.new_event_loop()
    gone = loop.create_task(run_async(pool.take(login, "b")))
    while not pool.counts()["waiting"]:
        loop.run_until_complete(asyncio.sleep(0))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    for entry in held:
        assert pool.keep(entry, None)
    assert pool.counts() == {"open": 2, "idle": 2, "waiting": 0}
    assert [run(pool.take(login, "c")) for _ in range(2)] != []
    for entry in held:
        entry.connection.close()
    # It is not awaited any more; what asyncio would say of that is no concern of the test.
    gone._log_destroy_pending = False  # type: ignore[attr-defined]


def test_a_child_process_keeps_nothing_that_was_given_in_the_parent(login: Login) -> None:
    pool = pool_of(1)
    held = run(pool.take(login, "a"))
    waiting: Generator[Any, Any, Entry] = pool.take(login, "b")
    next(waiting)
    assert pool.keep(held, None)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            # As the collector does, or who cancels the child's copy of the task.
            waiting.close()
            status = 0 if pool.ready(login, "c") is None and not pool.counts()["idle"] else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    waiting.close()
    assert pool.counts() == {"open": 1, "idle": 1, "waiting": 0}
    assert held.connection.execute("select 1").fetchone() == (1,)
    held.connection.close()
