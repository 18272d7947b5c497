"""Rollouts where nobody planned for it: steps that outlive their leases, sessions that end in the middle of one, rollbacks over a
fleet that does not stand at one version, scripts that set something in the worker's session."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold.control import Control
from freehold.errors import InvalidArgument, RolloutNotFound, WrongState
from support.database import Database
from support.fleet import Fleet, until

HOMES = ("@default", "t01", "t02", "t03", "t04", "t05")
INDEX = "0001.index"


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations", tenants=5)


def start_index(fleet: Fleet) -> int:
    """Starts a rollout of an index that no transaction can build."""
    fleet.write(
        INDEX,
        "-- transactional: false\ncreate index concurrently if not exists note_body on note (body);\n",
        "-- transactional: false\ndrop index concurrently if exists note_body;\n",
    )
    return fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")


@contextmanager
def held(fleet: Fleet, mode: str) -> Iterator[psycopg.Connection[Any]]:
    """Holds a lock on the table of t03 until the end."""
    holder = fleet.database.connect(fleet.database.admin_dsn)
    holder.execute(f"begin; lock table tenant_t03.note in {mode} mode".encode())
    try:
        yield holder
    finally:
        holder.execute("rollback")


def waits(fleet: Fleet) -> None:
    """Until somebody waits who is at t03: a step at another tenant may wait for a moment, too."""
    query = (
        "select 1 from pg_locks as w where not w.granted and exists (select from pg_locks as h"
        " where h.pid = w.pid and h.relation = 'tenant_t03.note'::regclass)"
    )
    until(lambda: fleet.admin.execute(query).fetchone() is not None)


def roll_back(fleet: Fleet, rollout: int, migrations: list[str] | None = None) -> int:
    row = fleet.control.rollout_rollback(rollout, migrations)
    fleet.control.rollout_start(row["id"], row["plan_digest"])
    assert fleet.work(row["id"])["state"] == "done"
    return int(row["id"])


def members(fleet: Fleet) -> list[str]:
    """Owners that the worker's login may become."""
    query = "select r.rolname from pg_roles as r where r.rolname ~ '_owner$' and pg_has_role('roller', r.oid, 'member')"
    return [row[0] for row in fleet.admin.execute(query).fetchall()]


def kill_in_t03(fleet: Fleet, rollout: int) -> None:
    """A worker's process and session die while t03 waits for its index."""
    with held(fleet, "row exclusive"), fleet.process(rollout, "--workers", "1") as worker:
        waits(fleet)
        worker.kill()
        worker.communicate()
        fleet.admin.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity where usename = 'roller'")


def test_a_rollback_takes_what_its_rollout_brought_and_no_more(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.admin.execute("alter table tenant_t03.note add column c1 text")
    first = fleet.start(canaries=["t01"], max_failure_percent=90)
    assert fleet.work(first)["state"] == "done"
    # The next rollout has the older one for the tenant that was in quarantine, and the newer for all.
    fleet.admin.execute("alter table tenant_t03.note drop column c1")
    fleet.add_column(2)
    second = fleet.start(canaries=["t01"])
    fleet.work(second)
    fleet.complete(second)
    fleet.control.tenant_provision("born")
    fleet.control.tenant_clone("t01", "cloned")
    roll_back(fleet, second)
    fleet.whole()
    assert fleet.applied("t03") == []
    others = (set(HOMES) | {"born", "cloned"}) - {"t03"}
    assert [slug for slug in others if fleet.applied(slug) != ["0001.c1"]] == []


def test_a_rollback_takes_along_what_a_worker_is_at(fleet: Fleet) -> None:
    fleet.add_column(1)
    rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
    running = threading.Thread(target=fleet.worker(rollout).run)
    with held(fleet, "access share") as holder:
        running.start()
        waits(fleet)
        freed = threading.Timer(0.5, holder.execute, ["rollback"])
        freed.start()
        row = fleet.control.rollout_rollback(rollout)
        freed.join()
    fleet.control.rollout_start(row["id"], row["plan_digest"])
    running.join()
    fleet.work(row["id"])
    fleet.whole()
    assert [slug for slug in HOMES if fleet.applied(slug)] == []


def test_a_rollback_itself_or_a_rollout_never_started_has_none(fleet: Fleet) -> None:
    fleet.add_column(1)
    rollout = fleet.start()
    fleet.work(rollout)
    back = roll_back(fleet, rollout)
    with pytest.raises(WrongState, match="is a rollback itself"):
        fleet.control.rollout_rollback(back)
    files = [{"id": "0001.c1", "digest": fleet.renderer().directory["0001.c1"].digest}]
    planned = fleet.control.rollout_create("default", files)["id"]
    fleet.control.rollout_abort(planned)
    with pytest.raises(WrongState, match="has applied nothing"):
        fleet.control.rollout_rollback(planned)
    with pytest.raises(RolloutNotFound):
        fleet.control.rollout_rollback(999)


@pytest.mark.parametrize("concurrently", [False, True])
def test_a_step_may_outlive_its_lease(fleet: Fleet, concurrently: bool) -> None:
    if concurrently:
        rollout = start_index(fleet)
    else:
        fleet.add_column(1)
        rollout = fleet.start(canaries=["t01"], first_wave=20, lock_timeout="1 hour")
    running = threading.Thread(target=fleet.worker(rollout).run)
    other = Control(fleet.database.connect(fleet.worker_dsn))
    with held(fleet, "row exclusive" if concurrently else "access share"):
        running.start()
        waits(fleet)
        fleet.admin.execute("update freehold.setting set value = '1 hour' where name = 'clock_offset'")
        # The rest of its claim is free, and nobody waits for what the first is at.
        claims = other.rollout_claim(rollout, "other", 20)
        assert [row["slug"] for row in claims] == ["t04", "t05"]
        other.rollout_release([row["lease_id"] for row in claims])
    running.join()
    fleet.complete(rollout, [INDEX] if concurrently else None)
    assert members(fleet) == []


def test_what_was_begun_is_ended_in_an_aborted_rollout(fleet: Fleet) -> None:
    rollout = start_index(fleet)
    running = threading.Thread(target=fleet.worker(rollout).run)
    with held(fleet, "row exclusive"):
        running.start()
        waits(fleet)
        assert members(fleet) == ["tenant_t03_owner"]
        fleet.control.rollout_abort(rollout)
        assert members(fleet) == []
    running.join()
    assert fleet.applied("t03") == [INDEX]
    assert fleet.applied("t04") == []
    assert members(fleet) == []


def test_an_aborted_rollout_leaves_no_dead_worker_a_member(fleet: Fleet) -> None:
    rollout = start_index(fleet)
    kill_in_t03(fleet, rollout)
    assert members(fleet) == ["tenant_t03_owner"]
    fleet.control.rollout_abort(rollout)
    assert members(fleet) == []


@pytest.mark.parametrize("direction", ["apply", "rollback"])
def test_what_a_killed_worker_left_half_done_is_taken_back(fleet: Fleet, direction: str) -> None:
    rollout = start_index(fleet)
    if direction == "apply":
        kill_in_t03(fleet, rollout)
        roll_back(fleet, rollout)
    else:
        fleet.work(rollout)
        row = fleet.control.rollout_rollback(rollout)
        fleet.control.rollout_start(row["id"], row["plan_digest"])
        kill_in_t03(fleet, row["id"])
        assert fleet.work(row["id"])["state"] == "done"
    ledger = {(row["migration_id"], row["state"]) for row in fleet.control.migration_list("t03")}
    assert ledger == {(INDEX, "rolled back")}
    assert fleet.admin.execute("select to_regclass('tenant_t03.note_body')").fetchone() == (None,)
    assert members(fleet) == []


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_a_long_backfill_stops_between_two_batches(fleet: Fleet, how: str) -> None:
    fleet.write("0001.fill", "-- backfill: true\nupdate note set body = body || '.' where id = 1;\n")
    rollout = fleet.start()
    stop = threading.Event()
    running = threading.Thread(target=fleet.worker(rollout, stop=stop).run, daemon=True)
    running.start()
    until(lambda: fleet.admin.execute("select 1 from freehold.tenant_migration where rows > 3").fetchone() is not None)
    if how == "stop":
        stop.set()
    else:
        fleet.control.rollout_pause(rollout)
    running.join(20)
    alive = running.is_alive()
    states = fleet.states(rollout)
    fleet.control.rollout_abort(rollout)
    running.join()
    assert not alive
    assert states["@default"] == "pending"


def test_a_script_names_no_other_actor(fleet: Fleet) -> None:
    fleet.write("0001.forge", "set freehold.actor = 'boss'; create table x (id int);")
    rollout = fleet.start()
    assert fleet.work(rollout)["state"] == "halted"
    assert [row["error_code"] for row in fleet.control.rollout_tenants(rollout, "failed")] == ["FH303"]
    assert fleet.applied("@default") == []


def test_no_setting_of_a_script_outlives_it(fleet: Fleet) -> None:
    fleet.write("0001.set", "set default_transaction_read_only = on; set client_encoding = 'SQL_ASCII'; select 1;")
    rollout = fleet.start()
    assert fleet.work(rollout)["state"] == "done"


def test_an_error_is_kept_without_the_rows_of_the_tenant(fleet: Fleet) -> None:
    fleet.admin.execute("insert into tenant_t03.note values (2, 'secret'), (3, 'secret')")
    fleet.write("0001.unique", "alter table note add constraint note_body unique (body);")
    rollout = fleet.start(canaries=["t01"], max_failure_percent=90)
    fleet.work(rollout)
    assert [row["error_message"] for row in fleet.control.rollout_tenants(rollout, "failed")] == [
        'could not create unique index "note_body"'
    ]
    fleet.control.tenant_retire("t03", grace="0")
    while fleet.control.tenant_erase_step("t03", "test")["state"] == "running":
        pass
    assert fleet.control.rollout_tenants(rollout, "failed")[0]["error_message"] is None


def test_code_that_comes_back_to_the_workers_login_claims_nobody(fleet: Fleet) -> None:
    fleet.control.migration_apply(
        "t01",
        "0000.planted",
        "create table seen (what text);"
        "create function back() returns trigger language plpgsql as $$ begin"
        "    execute 'reset role';"
        "    begin perform * from freehold.rollout_claim((select max(id) from freehold.rollout_list()), 'planted');"
        "    exception when others then perform set_config('planted.said', sqlstate, false); end;"
        "    return new; end $$;"
        "create trigger back before update on note for each row execute function back();",
    )
    fleet.write(
        "0001.python",
        "from yoyo import step\n"
        "def touch(connection):\n"
        "    connection.execute('update note set body = body')\n"
        "    said = connection.execute(\"select current_setting('planted.said', true)\").fetchone()[0]\n"
        "    assert said in (None, '', 'FH007'), said\n"
        "    if said: connection.execute('select 1/0')\n"
        "step(touch)\n",
        suffix=".py",
    )
    rollout = fleet.start(canaries=["t01"])
    fleet.work(rollout)
    # It was found out: the code did come back, and was refused.
    (failed,) = fleet.control.rollout_tenants(rollout, "failed")
    assert (failed["slug"], failed["error_code"]) == ("t01", "22012")
    assert "planted" not in {row["worker"] for row in fleet.control.rollout_tenants(rollout)}
    fleet.whole()


def test_steps_are_taken_in_their_order(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    rollout = fleet.start()
    worker = Control(fleet.database.connect(fleet.worker_dsn))
    (claim,) = worker.rollout_claim(rollout, "me", 1)
    text = (fleet.path / "0002.c2.sql").read_text()
    with pytest.raises(InvalidArgument, match="comes before"):
        worker.rollout_apply(claim["lease_id"], "0002.c2", text)
    with pytest.raises(InvalidArgument, match="comes before"):
        worker.rollout_begin(claim["lease_id"], "0002.c2")
    fleet.whole()
    worker.connection.close()
    fleet.work(rollout)
    fleet.complete(rollout)
