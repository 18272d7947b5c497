"""Several keepers of one reserve: they wait for each other, and none takes the other's wait for a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from freehold.control import Control
from support.database import Database


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key)")
    control.template_freeze("default")
    return control


def test_one_that_waited_in_vain_says_what_is_left(ready: Control, database: Database) -> None:
    holder, waiter = database.connect(), database.control()
    holder.execute("begin")
    assert Control(holder).reserve_fill_step(size=2) == 1
    # The other's transaction stays open for longer than anybody waits for a lock.
    assert waiter.reserve_fill_step(size=2) == 2
    holder.execute("commit")
    assert waiter.reserve_fill_step(size=2) == 0
    assert [row["ready"] for row in waiter.reserve_status()] == [2]


def test_several_fill_it_and_nobody_fails(ready: Control, database: Database) -> None:
    keepers = [database.control() for _ in range(4)]
    with ThreadPoolExecutor(len(keepers)) as pool:
        for filled in [pool.submit(keeper.reserve_fill, "default", 6) for keeper in keepers]:
            filled.result()
    assert [(row["ready"], row["stale"]) for row in ready.reserve_status()] == [(6, 0)]


def test_a_template_that_is_not_there_is_still_an_error(ready: Control, database: Database) -> None:
    holder = database.connect()
    holder.execute("begin")
    Control(holder).template_create("new")
    with pytest.raises(psycopg.Error, match="no template is called"):
        ready.reserve_fill_step("new", 1)


def test_what_keeps_a_template_names_what_ends_it(ready: Control) -> None:
    """Where the keeper fills the reserve, emptying it by hand is in vain."""
    ready.reserve_fill(size=1)
    with pytest.raises(psycopg.Error) as caught:
        ready.template_drop("default")
    assert "reserve_fill('default', 0)" in str(caught.value.diag.message_hint)
    ready.reserve_set("default", 1)
    with pytest.raises(psycopg.Error) as caught:
        ready.template_drop("default")
    assert "reserve_set('default', 0)" in str(caught.value.diag.message_hint)


def test_a_claim_plans_little(ready: Control, database: Database) -> None:
    """A rename makes every session forget its plans, so what a claim costs is how many statements it has."""
    ready.reserve_fill(size=7)
    session = database.connect()
    claimed = Control(session)
    for number in range(6):
        claimed.tenant_provision(f"warm-{number}")
    plans: list[str] = []
    session.add_notice_handler(lambda notice: plans.append(str(notice.message_primary)))
    session.execute("set debug_print_plan = on; set client_min_messages = log")
    claimed.tenant_provision("counted")
    session.execute("reset client_min_messages")
    assert [row["ready"] for row in ready.reserve_status()] == []
    # Before 18 a function is planned for each statement that calls it.
    assert 0 < sum(plan.startswith("plan") for plan in plans) <= (38 if database.server.major >= 18 else 40)
