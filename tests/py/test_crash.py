"""A process of the server is killed with SIGKILL in the middle of an operation: the server throws all sessions out and recovers from
its log. Or the client is. One call goes on with what was begun, and the other tenants are as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from support.database import Database, Databases
from support.killer import Killer, after_recovery, waiting
from support.lifecycle import LIFECYCLE, ORPHANS, look, make_ready, recover, states
from support.locks import crowd
from support.server import start_server


@pytest.fixture(scope="module")
def victims() -> Iterator[Databases]:
    """Databases on a server of this module's own."""
    choice = os.environ.get("FREEHOLD_TEST_PG", "embedded")
    if choice != "embedded" and not Path(choice).is_dir():
        pytest.skip("the processes of this server are not the test's to kill")
    with start_server(choice) as server:
        yield Databases(server)


@pytest.fixture
def victim(victims: Databases) -> Iterator[Database]:
    with victims.clone() as database:
        # Servers of tests commit without waiting for the log, and a crash takes back what they said was done.
        with victims.server.connect() as admin:
            admin.execute(f"alter database {database.name} set synchronous_commit = on".encode())
            # In a copy a sequence goes on with what it had logged ahead in the template, and a crash before the next checkpoint
            # would take it back.
            admin.execute("checkpoint")
        make_ready(database.control())
        yield database


def until_one_waits(killer: Killer, ended: Callable[[], bool]) -> int:
    """The backend that has come to its point."""
    while (pid := waiting(killer.admin)) is None:
        assert not ended(), "it ended before it came to its point"
    return pid


@pytest.mark.parametrize(
    "name", ["provision", "provision staged", "clone", "clone staged", "rename", "erase", "adopt staged", "drop staged"]
)
def test_the_server_crashes(victim: Database, name: str) -> None:
    operation = LIFECYCLE[name]
    killer, control = Killer(victim), victim.control()
    if operation.begin:
        crowd(victim, room=450)
    operation.prepare(control, "whole")
    killer.plan()
    operation.run(control, "whole")
    points = killer.count()
    before = look(control, killer.admin)
    for number, share in enumerate((0.3, 0.8)):
        slug = f"t{number}"
        killer.rest()
        operation.prepare(control, slug)
        killer.plan(max(1, int(points * share)), "wait")
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(operation.run, victim.control(), slug)
            os.kill(until_one_waits(killer, running.done), signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                running.result()
        admin = after_recovery(victim, killer.admin)
        killer, control = Killer(victim, installed=True), victim.control()
        killer.rest()
        where = f"{name}: at {share} of {points} points"
        assert admin.execute(ORPHANS).fetchall() == [], where
        assert look(control, admin) == before, where
        if operation.begin:
            crowd(victim, room=450)
        recover(control, operation, slug, undo=number == 1)
        assert admin.execute(ORPHANS).fetchall() == [], where
        assert states(control, slug) == ([] if operation.state is None else [operation.state]), where


def test_the_server_crashes_while_the_reserve_is_filled(victim: Database) -> None:
    killer, control = Killer(victim), victim.control()
    killer.plan()
    control.reserve_fill("default", 1)
    points = killer.count()
    for share in (0.1, 0.6, 0.9):
        control.reserve_fill("default", 0)
        before = look(control, killer.admin)
        killer.plan(int(points * share), "wait")
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(victim.control().reserve_fill, "default", 1)
            os.kill(until_one_waits(killer, running.done), signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                running.result()
        admin = after_recovery(victim, killer.admin)
        killer, control = Killer(victim, installed=True), victim.control()
        killer.rest()
        assert admin.execute(ORPHANS).fetchall() == [], share
        assert look(control, admin) == before, share
        control.reserve_fill("default", 1)
        assert admin.execute(ORPHANS).fetchall() == [], share
        assert [(row["ready"], row["unfinished"]) for row in control.reserve_status()] == [(1, 0)], share
    control.tenant_provision("claimed")
    assert control.tenant_drift("claimed") == []


def test_the_client_is_killed(victim: Database) -> None:
    killer, control = Killer(victim), victim.control()
    crowd(victim, room=230)
    killer.plan(60, "wait")
    command = [sys.executable, "-m", "freehold", "--dsn", victim.owner_dsn, "tenant", "provision", "new"]
    with subprocess.Popen(command) as client:
        pid = until_one_waits(killer, lambda: client.poll() is not None)
        client.kill()
    killer.rest()
    # The backend ends its batch, and nobody asks it for the next one.
    while killer.admin.execute("select 1 from pg_stat_activity where pid = %s", (pid,)).fetchone():
        pass
    (begun,) = (o for o in control.operation_list(slug="new") if o["staged"])
    assert (begun["state"], control.tenant_get("new")["state"]) == ("running", "provisioning")
    control.operation_resume(begun["id"])
    assert control.tenant_get("new")["state"] == "active"
    assert control.tenant_drift("new") == []
    assert killer.admin.execute(ORPHANS).fetchall() == []
