"""A sign-up is ended at points all along its way, and on its way back: its backend, or the process of the worker. The next worker goes
on, or one command takes it back, nothing is orphaned, and a neighbour never notices."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import psycopg
import pytest

from freehold.control import Control, Row
from support.database import Database
from support.killer import Killer, waiting
from support.lifecycle import ORPHANS, look, make_ready, states
from support.locks import crowd

WAYS = ("terminate", "cancel", "disk full")
SEED = "insert into account values (1000, current_setting('freehold.seed')::jsonb ->> 'name')"


@pytest.fixture
def ready(control: Control) -> Control:
    make_ready(control)
    control.template_seed_set("default", SEED)
    return control


def begin(control: Control, slug: str) -> int:
    row = control.signup_begin("https://i.example", slug, email=f"{slug}@corp.example", slug=slug, seed={"name": slug})
    return int(row["id"])


def work(control: Control) -> None:
    while control.signup_work(1):
        pass


def clock(admin: psycopg.Connection[Any]) -> None:
    """What waits to be tried again is due."""
    admin.execute("update freehold.setting set value = (value::interval + '2 hours')::text where name = 'clock_offset'")


def whole(control: Control, admin: psycopg.Connection[Any], row: Row) -> None:
    """It is ready, each of its stages was done once, and nothing of what was asked for is left."""
    slug = row["slug"]
    assert row["state"] == "ready"
    assert states(control, slug) == ["active"]
    assert [m["role"] for m in control.member_list(slug)] == ["owner"]
    assert admin.execute(f"select name from tenant_{slug}.account where id = 1000".encode()).fetchall() == [(slug,)]
    kinds = [e["kind"] for e in control.event_list(slug=slug, kind="signup.", max_rows=1000)]
    assert [kinds.count(f"signup.{stage}") for stage in ("claimed", "provisioned", "owned", "seeded", "ready")] == [
        1
    ] * 5
    assert control.signup_person(row["id"]) is None
    assert control.tenant_drift(slug) == []


def gone(control: Control, row: Row) -> None:
    """Nothing of it is left."""
    assert (row["state"], row["claim"]) == ("undone", None)
    assert states(control, row["slug"]) == []
    assert [u for u in control.user_list() if u["subject"] == row["slug"]] == []
    assert control.signup_person(row["id"]) is None


def undo(control: Control, signup: int) -> Row:
    row = control.signup_undo(signup, "test")
    while row["state"] == "undoing":
        row = control.signup_step(signup)
    return row


def spread(points: int, count: int) -> list[int]:
    return sorted({1, 2, *range(3, points, max(1, points // count)), points - 1, points})


@pytest.mark.parametrize("staged", [False, True], ids=["", "staged"])
def test_on_its_way(ready: Control, database: Database, staged: bool) -> None:
    killer = Killer(database)
    held = crowd(database, room=230) if staged else None
    number = begin(ready, "whole")
    killer.plan()
    steps = 0
    while ready.signup_work(1):
        steps += 1
    points = killer.count()
    assert steps > 5 if staged else steps == 4
    whole(ready, killer.admin, ready.signup_get(number))
    before = look(ready, killer.admin)
    for count, point in enumerate(spread(points, 8)):
        way, slug = WAYS[count % len(WAYS)], f"t{count}"
        killer.rest()
        number = begin(ready, slug)
        killer.plan(point, way)
        try:
            work(database.control())
        except psycopg.Error:
            assert way == "terminate"
        killer.rest()
        where = f"{way} at point {point} of {points}"
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        assert look(ready, killer.admin) == before, where
        row = ready.signup_get(number)
        if way == "terminate":
            assert (row["state"], row["attempts"]) == ("running", 0), where
        else:
            assert row["state"] == "failed", where
            assert row["error_code"] == {"cancel": "57014", "disk full": "53100"}[way], where
        if count % 2:
            gone(ready, undo(ready, number))
        else:
            clock(killer.admin)
            work(ready)
            whole(ready, killer.admin, ready.signup_get(number))
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
    if held is not None:
        held.close()


def test_on_its_way_back(ready: Control, database: Database) -> None:
    killer = Killer(database)
    held = crowd(database, room=450)
    number = begin(ready, "whole")
    for _ in range(3):
        ready.signup_work(1)
    killer.plan()
    gone(ready, undo(ready, number))
    points = killer.count()
    before = look(ready, killer.admin)
    for count, point in enumerate(spread(points, 4)):
        way, slug = WAYS[count % len(WAYS)], f"t{count}"
        killer.rest()
        number = begin(ready, slug)
        while ready.signup_get(number)["stage"] != "seeded":
            ready.signup_work(1)
        killer.plan(point, way)
        with pytest.raises(psycopg.Error):
            undo(database.control(), number)
        killer.rest()
        where = f"{way} at point {point} of {points}"
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        row = ready.signup_get(number)
        assert row["state"] in ("running", "undoing"), where
        if row["state"] == "undoing":
            # It is a worker's by now.
            work(ready)
        else:
            undo(ready, number)
        gone(ready, ready.signup_get(number))
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        assert look(ready, killer.admin) == before, where
    held.close()


@pytest.mark.parametrize("stage", ["claimed", "provisioned", "owned", "seeded"])
def test_the_worker_is_killed(ready: Control, database: Database, stage: str) -> None:
    number = begin(ready, "acme")
    while ready.signup_get(number)["stage"] != stage:
        ready.signup_work(1)
    killer = Killer(database)
    killer.plan(1, "wait")
    with subprocess.Popen([sys.executable, "-m", "freehold", "--dsn", database.owner_dsn, "signup", "work"]) as client:
        while (pid := waiting(killer.admin)) is None:
            assert client.poll() is None, "it ended before it came to its point"
        # Another worker passes it by.
        assert ready.signup_work() == 0
        client.kill()
    killer.rest()
    # The backend ends its step, and nobody asks it for the next one.
    while killer.admin.execute("select 1 from pg_stat_activity where pid = %s", (pid,)).fetchone():
        pass
    row = ready.signup_get(number)
    assert row["state"] == "ready" if stage == "seeded" else row["state"] == "running"
    work(ready)
    whole(ready, killer.admin, ready.signup_get(number))
    assert killer.admin.execute(ORPHANS).fetchall() == []
