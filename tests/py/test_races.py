"""Two operators at once. Waits are on pg_stat_activity, never on a clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql

from freehold import errors
from freehold.control import Control
from support.database import Database

TEMPLATE = """
    create table account (id int primary key, owner text not null);
    create table entry (id bigint generated always as identity primary key,
                        account_id int not null references account, amount int not null);
    create table mirror (id bigint primary key, account_id int not null references account, amount int not null);
    insert into account values (1, 'one'), (2, 'two');
"""


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    return control


def wait_until_blocked(admin: psycopg.Connection[Any], pid: int, future: Future[Any]) -> None:
    """Returns once a backend waits for a lock; fails if its call ended instead."""
    query = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
    while not future.done():
        row = admin.execute(query, (pid,)).fetchone()
        if row is not None and row[0]:
            return
    raise AssertionError(f"it never waited: {future.exception() or future.result()}")


def behind(database: Database, first: Callable[[Control], Any], second: Callable[[Control], Any], end: str) -> Any:
    """Runs ``second`` while ``first`` is done but not ended; ends it when the other waits; returns its result."""
    holder, waiter, admin = database.connect(), database.connect(), database.connect(database.admin_dsn)
    with ThreadPoolExecutor(1) as pool:
        holder.execute("begin")
        first(Control(holder))
        future = pool.submit(second, Control(waiter))
        wait_until_blocked(admin, waiter.info.backend_pid, future)
        holder.execute(sql.SQL("commit" if end == "commit" else "rollback"))
        return future.result()


def test_one_of_two_provisions_of_a_slug_wins(ready: Control, database: Database) -> None:
    with pytest.raises(errors.TenantExists):
        behind(database, lambda c: c.tenant_provision("acme"), lambda c: c.tenant_provision("acme"), "commit")
    assert [t["slug"] for t in ready.tenant_list()] == ["acme"]


def test_the_second_provision_goes_on_when_the_first_rolls_back(ready: Control, database: Database) -> None:
    row = behind(database, lambda c: c.tenant_provision("acme"), lambda c: c.tenant_provision("acme"), "rollback")
    assert row["state"] == "active"


def test_one_external_id_of_two_wins(ready: Control, database: Database) -> None:
    with pytest.raises(errors.ExternalIdTaken):
        behind(
            database,
            lambda c: c.tenant_provision("acme", external_id="A-1"),
            lambda c: c.tenant_provision("beta", external_id="a1"),
            "commit",
        )


def test_a_provision_waits_for_the_erasure_of_its_slug(ready: Control, database: Database) -> None:
    ready.tenant_provision("acme")
    ready.tenant_retire("acme", grace="0")
    row = behind(database, lambda c: c.tenant_erase_step("acme", "x"), lambda c: c.tenant_provision("acme"), "commit")
    assert row["state"] == "active"
    assert [t["state"] for t in ready.tenant_list(state="erased")] == ["erased"]


def test_a_provision_meets_the_tenant_whose_erasure_was_taken_back(ready: Control, database: Database) -> None:
    ready.tenant_provision("acme")
    ready.tenant_retire("acme", grace="0")
    with pytest.raises(errors.TenantExists):
        behind(database, lambda c: c.tenant_erase_step("acme", "x"), lambda c: c.tenant_provision("acme"), "rollback")


def test_a_suspension_and_a_retirement_come_one_after_the_other(ready: Control, database: Database) -> None:
    ready.tenant_provision("acme")
    row = behind(database, lambda c: c.tenant_suspend("acme"), lambda c: c.tenant_retire("acme"), "commit")
    assert row["state"] == "retired"


def test_a_source_is_not_erased_under_its_clone(ready: Control, database: Database) -> None:
    ready.tenant_provision("acme")
    row = behind(
        database, lambda c: c.tenant_clone("acme", "copy"), lambda c: c.tenant_retire("acme", grace="0"), "commit"
    )
    assert row["state"] == "retired"
    assert ready.tenant_get("copy")["state"] == "active"


def test_a_busy_tenant_says_so(ready: Control, database: Database) -> None:
    ready.tenant_provision("acme")
    holder = database.connect()
    holder.execute("begin")
    Control(holder).tenant_suspend("acme")
    with pytest.raises(errors.Busy):
        ready.tenant_resume("acme")
    holder.execute("rollback")
    assert ready.tenant_get("acme")["state"] == "active"


def test_a_clone_of_a_written_tenant_is_of_one_moment(ready: Control, database: Database) -> None:
    """Each transaction of the writer adds a row to two tables; no clone may hold one without the other."""
    ready.tenant_provision("acme")
    ready.connection.execute("select freehold.gate_grant(current_user)")
    stop, wrote = threading.Event(), threading.Semaphore(0)

    def write() -> int:
        count = 0
        with database.connect() as writer:
            writer.execute("set role tenant_acme_rw")
            while not stop.is_set():
                with writer.transaction():
                    writer.execute(
                        "with e as (insert into tenant_acme.entry (account_id, amount) values (1, 1) returning *)"
                        " insert into tenant_acme.mirror select * from e"
                    )
                count += 1
                wrote.release()
        return count

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(write)
        try:
            for number in range(5):
                wrote.acquire()
                ready.connection.execute("begin")
                ready.tenant_clone("acme", f"copy-{number}")
                # The clone is made and not yet committed: the writer must be able to go on.
                while wrote.acquire(blocking=False):
                    pass
                assert wrote.acquire(timeout=30), "the clone stops writers of its source"
                ready.connection.execute("commit")
        finally:
            stop.set()
        assert future.result() > 5
    for number in range(5):
        with database.connect() as reader:
            reader.execute(sql.SQL("set role {}").format(sql.Identifier(f"tenant_copy_{number}_rw")))
            name = sql.Identifier(f"tenant_copy_{number}")
            lone = reader.execute(
                sql.SQL("select count(*) from {0}.entry full join {0}.mirror using (id)"
                        " where entry.amount is null or mirror.amount is null").format(name)
            ).fetchone()  # fmt: skip
            assert lone == (0,)
            new = reader.execute(
                sql.SQL("insert into {}.entry (account_id, amount) values (1, 1) returning id").format(name)
            ).fetchone()
            assert new is not None, "the copy's sequence is not behind its rows"


@pytest.mark.parametrize(
    "build",
    [
        lambda c: c.tenant_provision("slow-two", "slow"),
        lambda c: c.tenant_clone("slow", "slow-two"),
        lambda c: c.template_adopt("again", "tenant_slow"),
    ],
    ids=["provision", "clone", "adopt"],
)
def test_nobody_waits_while_another_builds(ready: Control, database: Database, build: Callable[[Control], Any]) -> None:
    ready.tenant_provision("seed")
    ready.template_create("slow")
    ready.template_apply("slow", "create materialized view held as select pg_advisory_xact_lock_shared(7) is null as v")
    ready.template_freeze("slow")
    ready.tenant_provision("slow", "slow")
    admin, builder, other = database.connect(database.admin_dsn), database.connect(), database.connect()
    admin.execute("select pg_advisory_lock(7)")
    other.execute("set lock_timeout = '5s'")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(build, Control(builder))
        try:
            wait_until_blocked(admin, builder.info.backend_pid, future)
            side = Control(other)
            side.tenant_provision("beside")
            side.tenant_clone("seed", "seed-two")
            side.reader_create("seed")
            side.template_create("empty")
            side.template_adopt("adopted", "tenant_seed")
            side.reserve_fill("default", 1)
            assert not future.done()
        finally:
            admin.execute("select pg_advisory_unlock(7)")
        future.result()
    assert ready.tenant_drift("seed-two") == []


def test_a_build_may_need_what_the_group_was_granted(ready: Control, database: Database) -> None:
    """Membership comes last, and yet a view over a shared table can be made."""
    admin = database.connect(database.admin_dsn)
    admin.execute(
        "create schema shared; create table shared.country (code text); insert into shared.country values ('cl')"
    )
    admin.execute("grant usage on schema shared to freehold_tenant; grant select on shared.country to freehold_tenant")
    ready.template_create("crm")
    ready.template_apply("crm", "create materialized view country as select * from shared.country")
    ready.template_freeze("crm")
    ready.tenant_provision("acme", "crm")
    ready.tenant_clone("acme", "beta")
    assert admin.execute("select code from tenant_beta.country").fetchall() == [("cl",)]
