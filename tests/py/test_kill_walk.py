"""Every lifecycle operation is ended at points all along its way, in every way that ends one. Afterwards a tenant is in its old
state or in a named one, one call goes on or takes it back, nothing is orphaned, and its neighbours never noticed."""

from __future__ import annotations

import psycopg
import pytest

from freehold.control import Control, Row
from support.database import Database
from support.killer import Killer
from support.lifecycle import LIFECYCLE, ORPHANS, look, make_ready, recover, states
from support.locks import crowd

WAYS = ("terminate", "cancel", "disk full")


@pytest.fixture
def ready(control: Control) -> Control:
    make_ready(control)
    return control


@pytest.mark.parametrize("name", LIFECYCLE)
def test_the_walk(ready: Control, database: Database, name: str) -> None:
    operation = LIFECYCLE[name]
    killer = Killer(database)
    if operation.begin:
        crowd(database, room=450)
        operation.prepare(ready, "steps")
        assert batches(ready, operation.begin(ready, "steps")) > 2
    operation.prepare(ready, "whole")
    killer.plan()
    operation.run(ready, "whole")
    points = killer.count()
    assert points > 1
    before = look(ready, killer.admin)
    step = max(1, points // 4)
    for number, point in enumerate(sorted({1, 2, *range(3, points, step), points - 1, points})):
        way = WAYS[number % len(WAYS)]
        slug = f"t{number}"
        killer.rest()
        operation.prepare(ready, slug)
        killer.plan(point, way)
        with pytest.raises(psycopg.Error):
            operation.run(database.control(), slug)
        killer.rest()
        where = f"{name}: {way} at point {point} of {points}"
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        assert look(ready, killer.admin) == before, where
        recover(ready, operation, slug, undo=number % 2 == 1)
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        assert states(ready, slug) == ([] if operation.state is None else [operation.state]), where
    drifted = [t["slug"] for t in ready.fleet_drift() if t["drifted"]]
    assert drifted == []


def batches(control: Control, row: Row) -> int:
    """Steps on to the end; returns how many transactions it took."""
    count = 1
    while row["state"] == "running":
        row, count = control.operation_step(row["id"]), count + 1
    return count
