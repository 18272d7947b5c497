"""Faults in the middle of a rollout. After each: no tenant half migrated, nothing applied that is not recorded, and the rest is
completed by one command."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold.control import Control
from freehold.errors import LeaseOver
from support.database import Database, Databases
from support.fleet import Fleet, until
from support.killer import after_recovery
from support.server import start_server


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations")


def reached(fleet: Fleet, rollout: int, count: int, state: str = "done") -> bool:
    return list(fleet.states(rollout).values()).count(state) >= count


def plant(fleet: Fleet, slug: str, sqlstate: str) -> None:
    """One tenant's schema answers a change with an error, as the server would."""
    fleet.admin.execute(
        f"""
        create schema if not exists planted;
        create or replace function planted.fail() returns event_trigger language plpgsql as $$
        begin
            if current_user = 'tenant_{slug}_owner' then
                raise exception 'planted' using errcode = '{sqlstate}';
            end if;
        end $$;
        grant usage on schema planted to public;
        drop event trigger if exists planted;
        create event trigger planted on ddl_command_end execute function planted.fail();
        """.encode()
    )


def gate(fleet: Fleet, slug: str) -> psycopg.Connection[Any]:
    """A session that holds a lock on one tenant's table until it is told to end."""
    holder = fleet.database.connect(fleet.database.admin_dsn)
    holder.execute("begin")
    holder.execute(f"lock table tenant_{slug}.note in access share mode".encode())
    return holder


def test_a_worker_is_killed(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
    holder = gate(fleet, "t06")
    with fleet.process(rollout, "--workers", "1") as worker:
        # It waits for the lock in the middle of its claim, tenants before it being done and others claimed.
        until(lambda: fleet.admin.execute(
            "select 1 from pg_locks where not granted and relation = 'tenant_t06.note'::regclass").fetchone() is not None,
            lambda: worker.poll() is None)  # fmt: skip
        assert reached(fleet, rollout, 2, "claimed")
        worker.kill()
        worker.communicate()
    until(
        lambda: (
            fleet.admin.execute(
                "select 1 from pg_stat_activity where usename = 'roller' and state <> 'active'"
            ).fetchone()
            is None
        )
    )
    fleet.whole()
    holder.execute("rollback")
    # Whoever claims next finds the sessions of the dead worker gone, and does not wait for its leases to end.
    fleet.work(rollout)
    fleet.complete(rollout)


def test_a_worker_is_told_to_end(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
    holder = gate(fleet, "t06")
    with fleet.process(rollout, "--workers", "1") as worker:
        until(lambda: fleet.admin.execute(
            "select 1 from pg_locks where not granted and relation = 'tenant_t06.note'::regclass").fetchone() is not None,
            lambda: worker.poll() is None)  # fmt: skip
        worker.send_signal(signal.SIGTERM)
        holder.execute("rollback")
        assert worker.wait(60) == 0, worker.communicate()
        worker.communicate()
    assert fleet.states(rollout)["t06"] == "done"
    assert not reached(fleet, rollout, 1, "claimed")
    assert fleet.control.rollout_get(rollout)["state"] == "running"
    fleet.work(rollout)
    fleet.complete(rollout)


def test_two_workers_and_a_dozen(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    rollout = fleet.start(canaries=["t01", "t02"], first_wave=2, growth=2)
    fleet.work(rollout, 12, claim=2)
    fleet.complete(rollout)
    assert {r["attempts"] for r in fleet.control.rollout_tenants(rollout) if r["slug"] != "@default"} == {1}


def test_a_lock_that_is_not_granted_is_tried_again(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="20ms", attempts=100)
    holder = gate(fleet, "t06")
    worker = fleet.worker(rollout)
    running = threading.Thread(target=worker.run)
    running.start()
    until(lambda: reached(fleet, rollout, 12), running.is_alive)
    row = next(row for row in fleet.control.rollout_tenants(rollout) if row["slug"] == "t06")
    until(
        lambda: next(r for r in fleet.control.rollout_tenants(rollout) if r["slug"] == "t06")["attempts"] > 1,
        running.is_alive,
    )
    assert row["error_code"] in (None, "55P03")
    assert fleet.control.rollout_get(rollout)["state"] == "running"
    holder.execute("rollback")
    running.join()
    fleet.complete(rollout)


def test_a_lock_that_is_never_granted_quarantines_that_tenant_alone(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="10ms", attempts=2, max_failure_percent=50)
    holder = gate(fleet, "t06")
    assert fleet.work(rollout)["state"] == "done"
    states = fleet.states(rollout)
    assert [slug for slug, state in states.items() if state != "done"] == ["t06"]
    holder.execute("rollback")
    fleet.control.rollout_retry(rollout, ["t06"])
    fleet.work(rollout)
    fleet.complete(rollout)


def test_drift_made_by_hand_is_that_tenants_own(fleet: Fleet) -> None:
    fleet.add_column()
    fleet.admin.execute("alter table tenant_t06.note add column c1 text; create index note_c1 on tenant_t06.note (id)")
    rollout = fleet.start(canaries=["t01"], first_wave=20, max_failure_percent=50)
    assert fleet.work(rollout, 2)["state"] == "done"
    failed = fleet.control.rollout_tenants(rollout, "failed")
    assert [(row["slug"], row["error_code"], row["migration_id"]) for row in failed] == [("t06", "42701", "0001.c1")]
    (quarantined,) = [row for row in fleet.control.migration_status() if row["rollout_id"] is not None]
    assert (quarantined["slug"], quarantined["error_code"]) == ("t06", "42701")
    fleet.admin.execute("alter table tenant_t06.note drop column c1; drop index tenant_t06.note_c1")
    fleet.control.rollout_retry(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)
    assert [row for row in fleet.control.migration_status() if row["rollout_id"] is not None] == []


def test_data_that_violates_a_constraint_is_that_tenants_own(fleet: Fleet) -> None:
    fleet.control.migration_apply("t06", "0000.rows", "insert into note values (2, null)")
    fleet.add_column(1, "alter table note alter column body set not null;")
    rollout = fleet.start(canaries=["t01"], first_wave=20, max_failure_percent=50)
    assert fleet.work(rollout)["state"] == "done"
    assert [(r["slug"], r["error_code"]) for r in fleet.control.rollout_tenants(rollout, "failed")] == [
        ("t06", "23502")
    ]
    fleet.whole()
    fleet.control.migration_apply("t06", "0000.mend", "update note set body = '' where body is null")
    fleet.control.rollout_retry(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)


def test_too_many_failures_halt_a_wave(fleet: Fleet) -> None:
    fleet.add_column()
    for slug in ("t02", "t03", "t04"):
        fleet.admin.execute(
            f"alter table tenant_{slug}.note add column c1 text; create index note_c1 on tenant_{slug}.note (id)".encode()
        )
    rollout = fleet.start(canaries=["t01"], first_wave=20, max_failures=1, max_failure_percent=100)
    row = fleet.work(rollout)
    assert row["state"] == "halted"
    assert row["reason"] == "2 of 11 failed in wave 2"
    # Those who resume it have seen them: two are forgiven, and one more is not too many.
    fleet.control.rollout_resume(rollout)
    assert fleet.work(rollout)["state"] == "done"
    assert len(fleet.control.rollout_tenants(rollout, "failed")) == 3


def test_a_canary_that_fails_halts(fleet: Fleet) -> None:
    fleet.add_column()
    fleet.admin.execute("alter table tenant_t02.note add column c1 text; create index note_c1 on tenant_t02.note (id)")
    rollout = fleet.start(canaries=["t02"])
    assert fleet.work(rollout)["state"] == "halted"
    assert set(fleet.states(rollout).values()) == {"done", "failed", "pending"}


def test_a_template_that_fails_lets_nobody_pass(fleet: Fleet) -> None:
    fleet.add_column()
    fleet.admin.execute(
        "alter table template_default.note add column c1 text; create index note_c1 on template_default.note (id)"
    )
    rollout = fleet.start(max_failure_percent=100)
    assert fleet.work(rollout)["state"] == "halted"
    with pytest.raises(psycopg.Error, match="the template failed"):
        fleet.control.rollout_resume(rollout)
    fleet.admin.execute("alter table template_default.note drop column c1; drop index template_default.note_c1")
    fleet.control.rollout_retry(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)


@pytest.mark.parametrize("sqlstate", ["53100", "53200", "58030", "XX001", "57P01", "25006"])
def test_a_fault_of_the_server_halts_at_once(fleet: Fleet, sqlstate: str) -> None:
    fleet.add_column()
    plant(fleet, "t06", sqlstate)
    rollout = fleet.start(canaries=["t01"], first_wave=20, max_failures=100, max_failure_percent=100)
    row = fleet.work(rollout)
    assert row["state"] == "halted"
    assert row["reason"] == f'{sqlstate} at "t06"'
    # What the error said, which may quote rows, is told of the tenant alone.
    (met,) = (each for each in fleet.control.rollout_tenants(rollout) if each["slug"] == "t06")
    assert (met["error_code"], met["error_message"]) == (sqlstate, "planted")
    (event,) = fleet.control.event_list(kind="rollout.halted")
    assert event["reason"] == row["reason"]
    logged = fleet.admin.execute(
        "select string_agg(x.line, '') from (select e::text from freehold.event as e union all "
        "select o::text from freehold.operation as o union all select r::text from freehold.rollout as r) as x (line)"
    ).fetchone()
    assert logged is not None
    assert "planted" not in logged[0]
    # It is not the tenant's fault, and it is not in quarantine; those behind it were not tried.
    assert fleet.states(rollout)["t06"] == "pending"
    assert fleet.states(rollout)["t12"] == "pending"
    fleet.whole()
    fleet.admin.execute("drop event trigger planted")
    fleet.control.rollout_resume(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)


def test_of_a_code_that_a_worker_made_up_five_letters_are_told(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20)
    session = fleet.database.connect(fleet.worker_dsn)
    (claim,) = Control(session).rollout_claim(rollout, "me", 1)
    assert Control(session).rollout_fail(claim["lease_id"], "53100 planted", "x") == "pending"
    session.close()
    row = fleet.control.rollout_get(rollout)
    assert (row["state"], row["reason"]) == ("halted", '53100 at "@default"')
    (event,) = fleet.control.event_list(kind="rollout.halted", max_rows=1)
    assert event["reason"] == row["reason"]
    fleet.control.rollout_resume(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)


def test_a_template_that_cannot_be_frozen_lets_nobody_pass(fleet: Fleet) -> None:
    fleet.write("0001.wrong", "create function f() returns int language plpgsql as $$ begin return (select id from template_default.note); end $$;",
                "drop function f();")  # fmt: skip
    rollout = fleet.start()
    assert fleet.work(rollout)["state"] == "halted"
    (failed,) = fleet.control.rollout_tenants(rollout, "failed")
    assert (failed["slug"], failed["error_code"]) == ("@default", "FH006")
    assert {state for slug, state in fleet.states(rollout).items() if slug != "@default"} == {"pending"}


def test_a_syntax_error_stops_before_any_tenant(fleet: Fleet) -> None:
    fleet.write("0001.wrong", "alter table note ad column x int;")
    rollout = fleet.start()
    row = fleet.work(rollout)
    assert row["state"] == "halted"
    assert "42601" in row["reason"]
    assert {state for slug, state in fleet.states(rollout).items() if slug != "@default"} == {"pending"}


def test_a_session_that_is_terminated_halts(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
    holder = gate(fleet, "t06")
    worker = fleet.worker(rollout)
    running = threading.Thread(target=worker.run)
    running.start()
    blocked = "select pid from pg_locks where not granted and relation = 'tenant_t06.note'::regclass"
    until(lambda: fleet.admin.execute(blocked).fetchone() is not None, running.is_alive)
    fleet.admin.execute(f"select pg_terminate_backend(pid) from ({blocked}) as b".encode())
    running.join()
    row = fleet.control.rollout_get(rollout)
    assert row["state"] == "halted"
    assert "t06" in row["reason"]
    fleet.whole()
    holder.execute("rollback")
    fleet.control.rollout_resume(rollout)
    fleet.work(rollout)
    fleet.complete(rollout)


def test_a_step_that_runs_too_long_is_that_tenants_own(fleet: Fleet) -> None:
    fleet.add_column(1, "select pg_sleep(case current_user when 'tenant_t06_owner' then 3600 else 0 end);")
    rollout = fleet.start(canaries=["t01"], first_wave=20, statement_timeout="3s", max_failure_percent=50)
    assert fleet.work(rollout)["state"] == "done"
    assert [(r["slug"], r["error_code"]) for r in fleet.control.rollout_tenants(rollout, "failed")] == [
        ("t06", "57014")
    ]
    fleet.whole()


def test_tenants_come_and_go_meanwhile(fleet: Fleet) -> None:
    fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, pause_after="canary")
    fleet.work(rollout)
    control = fleet.control
    control.tenant_provision("after")
    control.tenant_clone("t02", "copy-of-old")
    control.tenant_clone("t01", "copy-of-new")
    control.tenant_rename("t03", "renamed")
    control.tenant_suspend("t04")
    control.tenant_retire("t05")
    control.tenant_retire("t06", grace="0")
    control.tenant_erase("t06", "left")
    control.rollout_resume(rollout)
    fleet.work(rollout, 2)
    fleet.complete(rollout)
    states = fleet.states(rollout)
    # The clone of one that had it not yet came in the sweep; the others had it by birth.
    assert states["copy-of-old"] == "done"
    assert {"after", "copy-of-new"} & set(states) == set()
    assert states["t06"] == "skipped"
    assert {states["t03"], states["t04"], states["t05"]} == {"done"}
    control.tenant_resume("t04")
    control.tenant_reinstate("t05")
    assert [row for row in control.fleet_drift() if row["drifted"]] == []


def test_a_tenant_that_is_being_erased_is_left_alone(fleet: Fleet) -> None:
    migration = fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, pause_after="canary")
    fleet.work(rollout)
    fleet.control.rollout_resume(rollout)
    session = fleet.database.connect(fleet.worker_dsn)
    claims = Control(session).rollout_claim(rollout, "me", 20)
    lease = next(claim["lease_id"] for claim in claims if claim["slug"] == "t06")
    fleet.control.tenant_retire("t06", grace="0")
    fleet.control.tenant_erase("t06", "left")
    with pytest.raises(psycopg.Error) as caught:
        Control(session).rollout_apply(lease, migration, (fleet.path / f"{migration}.sql").read_text())
    assert Control(session).rollout_fail(lease, caught.value.sqlstate or "", "gone") == "skipped"
    session.close()
    fleet.work(rollout)
    fleet.complete(rollout)


def test_a_lease_that_ran_out_is_kept_by_whoever_is_at_it(fleet: Fleet) -> None:
    migration = fleet.add_column()
    rollout = fleet.start(canaries=["t01"], first_wave=20, pause_after="canary")
    fleet.work(rollout)
    fleet.control.rollout_resume(rollout)
    text = (fleet.path / f"{migration}.sql").read_text()
    slow, other = (Control(fleet.database.connect(fleet.worker_dsn)) for _ in range(2))
    claims = {row["slug"]: row["lease_id"] for row in slow.rollout_claim(rollout, "slow", 3, timedelta(milliseconds=1))}
    inside, alone, idle = sorted(claims)
    # One in a transaction of its own, one in a step outside transactions, and one that nobody has begun.
    begun = slow.rollout_begin(claims[alone], migration)
    assert begun["begun"]
    with slow.connection.transaction():
        assert slow.rollout_apply(claims[inside], migration, text) == []
        taken = {row["slug"] for row in other.rollout_claim(rollout, "other", 20)}
    assert idle in taken
    assert not {inside, alone} & taken
    slow.rollout_end(claims[alone], migration, False)
    assert slow.rollout_apply(claims[alone], migration, text) == []
    with pytest.raises(LeaseOver):
        slow.rollout_apply(claims[idle], migration, text)
    other.connection.close()
    fleet.work(rollout)
    fleet.complete(rollout)


def test_what_an_error_quotes_is_not_kept(fleet: Fleet) -> None:
    fleet.control.migration_apply("t06", "0000.rows", "insert into note values (2, 'secret'), (3, 'secret')")
    fleet.add_column(1, "create unique index note_body on note (body);")
    rollout = fleet.start(canaries=["t01"], first_wave=20, max_failure_percent=50)
    fleet.work(rollout)
    (failed,) = fleet.control.rollout_tenants(rollout, "failed")
    assert failed["error_code"] == "23505"
    assert "secret" not in failed["error_message"]
    fleet.control.tenant_retire("t06", grace="0")
    fleet.control.tenant_erase("t06", "left")
    (failed,) = fleet.control.rollout_tenants(rollout, "failed")
    assert failed["error_message"] is None
    assert fleet.control.operation_list(slug="t06", max_rows=1)[0]["detail"]["residue"] == []


def test_the_servers_crash(tmp_path: Path) -> None:
    choice = os.environ.get("FREEHOLD_TEST_PG", "embedded")
    if choice != "embedded" and not Path(choice).is_dir():
        pytest.skip("the processes of this server are not the test's to kill")
    with start_server(choice) as server:
        databases = Databases(server)
        for database in _durable(databases):
            fleet = Fleet(database, tmp_path / "migrations")
            fleet.add_column(1)
            fleet.add_column(2)
            rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
            holder = gate(fleet, "t06")
            worker = fleet.worker(rollout)
            running = threading.Thread(target=worker.run)
            running.start()
            blocked = "select pid from pg_locks where not granted and relation = 'tenant_t06.note'::regclass"
            until(lambda: fleet.admin.execute(blocked).fetchone() is not None, running.is_alive)  # noqa: B023
            row = fleet.admin.execute(blocked).fetchone()
            assert row is not None
            os.kill(row[0], signal.SIGKILL)
            running.join()
            holder.close()
            fleet.admin = after_recovery(database, fleet.admin)
            fleet.control = database.control()
            # The worker waited for the server to come back, and said what had become of its step.
            assert fleet.control.rollout_get(rollout)["state"] == "halted"
            fleet.whole()
            fleet.control.rollout_resume(rollout)
            fleet.work(rollout, 2)
            fleet.complete(rollout)


def _durable(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        # Servers of tests commit without waiting for the log, and a crash takes back what they said was done.
        with databases.server.connect() as admin:
            admin.execute(f"alter database {database.name} set synchronous_commit = on".encode())
            # In a copy a sequence goes on with what it had logged ahead in the template, and a crash before the next checkpoint
            # would take it back.
            admin.execute("checkpoint")
        yield database
