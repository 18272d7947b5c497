"""The reserve is filled by batch: small commits, whatever the template's size, and a half-made schema is gone on with or dropped."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.cli import main
from freehold.control import Control, Row
from support.database import Database
from support.killer import Killer
from support.lifecycle import ORPHANS, TEMPLATE, look, make_ready
from support.locks import crowd
from support.patience import until

WAYS = ("terminate", "cancel", "disk full")
LARGE = "".join(f"create table t{n} (id int primary key, body text unique);" for n in range(40))
# What a commit tells the other sessions stands in its record.
MESSAGES = """
    select coalesce(array_length(regexp_split_to_array(substring(r.description from 'inval msgs: *([^;]*)'),
                                                       ' (?=catcache|relcache|snapshot|relmap)'), 1), 0)
    from pg_get_wal_records_info(%s, %s) as r
    where r.resource_manager = 'Transaction' and r.record_type like 'COMMIT%%'
"""


@pytest.fixture
def admin(database: Database) -> psycopg.Connection[Any]:
    return database.connect(database.admin_dsn)


@pytest.fixture
def ready(control: Control) -> Control:
    """A template that takes several batches."""
    control.template_create("default")
    control.template_apply("default", LARGE)
    control.template_freeze("default")
    return control


def status(control: Control) -> tuple[int, int, int]:
    (row,) = control.reserve_status()
    return row["ready"], row["stale"], row["unfinished"]


def begun(control: Control) -> Row:
    (row,) = control.operation_list(slug="default", state="running")
    return row


def steps(control: Control, size: int) -> int:
    """Fills it; returns how many transactions that took."""
    count = 1
    while control.reserve_fill_step(size=size):
        count += 1
    return count


def test_commits_are_small(ready: Control, admin: psycopg.Connection[Any]) -> None:
    """A session that is 4,096 messages behind forgets its catalog caches; at 2,048 it is woken to catch up."""
    admin.execute("create extension pg_walinspect")
    positions: list[Any] = []
    for size in (0, 2):
        ready.reserve_fill(size=size)
        # Servers of tests commit without waiting for the log.
        admin.execute("checkpoint")
        positions.append(admin.execute("select pg_current_wal_flush_lsn()").fetchone())
    (before,), (after,) = positions
    sizes = [row[0] for row in admin.execute(MESSAGES, (before, after))]
    assert sum(sizes) > 2 * 3000, "each would be more than one commit should have"
    assert max(sizes) < 1200


def test_a_small_template_is_one_transaction(control: Control) -> None:
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key)")
    control.template_freeze("default")
    assert steps(control, 2) == 2
    assert {(row["staged"], row["state"]) for row in control.operation_list(slug="default")} == {(False, "done")}


def test_a_template_of_any_size_is_held_in_reserve(ready: Control, database: Database) -> None:
    crowd(database, room=350)
    with pytest.raises(errors.LockTableFull):
        ready.tenant_provision("built")
    ready.reserve_fill(size=2)
    ready.tenant_provision("claimed")
    assert ready.tenant_drift("claimed") == []
    # Nor could one transaction drop it.
    assert ready.reserve_fill_step(size=0) == 1
    (dropping,) = ready.operation_list(slug="default", state="running")
    assert (dropping["kind"], dropping["staged"]) == ("reserve_drop", True)
    with pytest.raises(errors.WrongState, match="cannot be undone") as caught:
        ready.operation_undo_step(dropping["id"])
    assert f"operation_resume({dropping['id']})" in str(caught.value.diag.message_hint)
    ready.reserve_fill(size=0)
    assert ready.reserve_status() == []
    assert database.connect(database.admin_dsn).execute(ORPHANS).fetchall() == []


def test_what_is_filled_in_stages_is_what_is_built(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.template_apply(
        "default",
        "create function here() returns text language sql set search_path from current as 'select current_schema()';"
        "create function later() returns bigint language sql as 'select count(*) from t7';"
        "insert into t7 values (1, 'seed');"
        "select freehold.audit_enable('t7')",
    )
    admin.execute("create publication told")
    admin.execute("alter publication told add table template_default.t3")
    admin.execute(f"grant create on database {admin.info.dbname} to freehold_owner".encode())
    admin.execute("alter publication told owner to freehold_owner")
    ready.template_freeze("default")
    ready.tenant_provision("built")
    assert steps(ready, 1) > 3
    assert [o["detail"]["version"] for o in ready.operation_list(slug="default") if o["kind"] == "reserve_make"] == [2]
    claimed = ready.tenant_provision("claimed")
    assert ready.reserve_status() == []
    assert ready.operation_list(slug="claimed")[0]["detail"]["reserve"].startswith("tenant_reserve_")
    assert ready.schema_fingerprint("tenant_claimed") == ready.schema_fingerprint("tenant_built")
    assert ready.tenant_drift("claimed") == []
    assert admin.execute("select body from tenant_claimed.t7").fetchall() == [("seed",)]
    assert [row["table_name"] for row in ready.audit_list(claimed["slug"])] == ["t7"]
    told = admin.execute("select schemaname from pg_publication_tables where tablename = 't3' order by 1").fetchall()
    assert told == [("template_default",), ("tenant_built",), ("tenant_claimed",)]
    assert admin.execute("select count(*) from freehold.operation_script").fetchone() == (0,)


def test_nobody_gets_an_unfinished_one(ready: Control, admin: psycopg.Connection[Any]) -> None:
    assert ready.reserve_fill_step(size=1) == 1
    for slug in ("first", "second"):
        assert ready.reserve_fill_step(size=1) == 1
        assert status(ready) == (0, 0, 1)
        ready.tenant_provision(slug)
        assert "reserve" not in ready.operation_list(slug=slug)[0]["detail"], "it was built"
        assert ready.tenant_drift(slug) == []
    operation = begun(ready)
    assert (operation["kind"], operation["staged"]) == ("reserve_make", True)
    assert 0 < operation["detail"]["done"] < operation["detail"]["total"]
    assert ready.doctor() == [] or not [row for row in ready.doctor() if "reserve" in row["object"]]
    assert not [row for row in ready.isolation_check() if row["verdict"] == "breach"]
    # Held in its midst, as a filler that is at work on it.
    steps(ready, 1)
    assert status(ready) == (1, 0, 0)
    ready.tenant_provision("third")
    assert "reserve" in ready.operation_list(slug="third")[0]["detail"]


def test_one_that_is_at_work_is_waited_for_and_gone_on_with(ready: Control, database: Database) -> None:
    holder = database.connect()
    assert Control(holder).reserve_fill_step(size=1) == 1
    holder.execute("begin")
    assert Control(holder).reserve_fill_step(size=1) == 1
    done = begun(ready)["detail"]["done"]
    # The other's batch is not run once more, nor another schema begun.
    assert ready.reserve_fill_step(size=1) == 1
    assert begun(ready)["detail"]["done"] == done
    ready.tenant_provision("beside")
    holder.close()
    assert begun(ready)["detail"]["done"] == done
    steps(ready, 1)
    assert status(ready) == (1, 0, 0)
    assert [o["kind"] for o in ready.operation_list(slug="default")][:2] == ["reserve_make", "template_freeze"]


def test_several_fillers_take_turns(ready: Control, database: Database) -> None:
    fillers = [database.control() for _ in range(3)]
    with ThreadPoolExecutor(len(fillers)) as pool:
        for filled in [pool.submit(filler.reserve_fill, "default", 3) for filler in fillers]:
            filled.result()
    assert status(ready) == (3, 0, 0)
    for number in range(3):
        ready.tenant_provision(f"t{number}")
    assert [row["slug"] for row in ready.fleet_drift() if row["drifted"]] == []


@pytest.mark.parametrize("size", [0, 1])
def test_a_stale_half_made_one_is_dropped(ready: Control, admin: psycopg.Connection[Any], size: int) -> None:
    for _ in range(3):
        ready.reserve_fill_step(size=1)
    half = begun(ready)["detail"]["schema_name"]
    if size:
        ready.template_apply("default", "create table another (id int primary key)")
        ready.template_freeze("default")
    with pytest.raises(errors.TemplateInUse):
        ready.template_drop("default")
    ready.reserve_fill(size=size)
    assert admin.execute("select to_regnamespace(%s)", (half,)).fetchone() == (None,)
    assert ready.reserve_status() == [] if size == 0 else status(ready) == (1, 0, 0)
    assert admin.execute(ORPHANS).fetchall() == []
    if size == 0:
        ready.template_drop("default")
        assert ready.template_list() == []
    else:
        assert ready.tenant_provision("acme")["template_version"] == 2
        assert ready.tenant_drift("acme") == []


def test_it_is_undone_once(ready: Control, database: Database) -> None:
    for _ in range(3):
        ready.reserve_fill_step(size=1)
    operation = begun(ready)
    CliRunner().invoke(main, ["--dsn", database.owner_dsn, "operation", "undo", str(operation["id"])])
    undone = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "operation", "undo", str(operation["id"]), "--yes"])
    assert (undone.exit_code, undone.stdout) == (0, f"operation {operation['id']} is undone\n"), undone.stderr
    assert ready.operation_get(operation["id"])["state"] == "undone"
    assert ready.reserve_status() == []
    with pytest.raises(errors.WrongState, match="cannot be undone"):
        ready.operation_undo_step(operation["id"])
    with pytest.raises(errors.WrongState, match="was undone"):
        ready.operation_step(operation["id"])
    ready.reserve_fill_step(size=1)
    database.connect().execute("call freehold.operation_resume(%s)", (begun(ready)["id"],))
    assert status(ready) == (1, 0, 0)


def test_a_failure_is_on_the_row_until_it_goes_on(ready: Control, database: Database) -> None:
    admin = database.connect(database.admin_dsn)
    admin.execute(
        "create function public.no() returns event_trigger language plpgsql as $$ begin raise 'no more'; end $$"
    )
    admin.execute(
        "create event trigger no on ddl_command_end when tag in ('CREATE INDEX') execute function public.no()"
    )
    ready.template_apply("default", "create table last (id int); alter table last add at timestamptz")
    admin.execute("alter event trigger no disable")
    ready.template_apply("default", "create index on last (at)")
    ready.template_freeze("default")
    admin.execute("alter event trigger no enable")
    with pytest.raises(psycopg.errors.RaiseException, match="no more"):
        database.connect().execute("call freehold.reserve_fill('default', 1)")
    (row,) = ready.operation_list(slug="default", state="failed")
    assert (row["kind"], row["error_code"], row["error_message"]) == ("reserve_make", "P0001", "no more")
    assert [each["remedy"] for each in ready.doctor() if each["object"].startswith("reserve ")] == [
        f"call freehold.operation_resume({row['id']});"
    ]
    # What is refused before it begins is no failure of it.
    with pytest.raises(errors.InvalidArgument):
        database.connect().execute("call freehold.reserve_fill('default', -1)")
    admin.execute("drop event trigger no")
    ready.reserve_fill(size=1)
    assert ready.operation_get(row["id"])["state"] == "done"
    assert status(ready) == (1, 0, 0)


def test_the_command_line_shows_schemas_and_keeps_failures(ready: Control, database: Database) -> None:
    filled = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "reserve", "fill", "--size", "2", "--json"])
    assert filled.exit_code == 0, filled.stderr
    assert [(row["ready"], row["unfinished"]) for row in json.loads(filled.stdout)] == [(2, 0)]
    admin = database.connect(database.admin_dsn)
    ready.reserve_fill_step(size=3)
    admin.execute("update freehold.operation_script set ddl = 'create nonsense' where ordinal = 2")
    refused = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "reserve", "fill", "--size", "3"])
    assert refused.exit_code != 0
    assert [row["error_code"] for row in ready.operation_list(slug="default", state="failed")] == ["42601"]


def test_code_of_a_template_changes_nothing_of_the_session(control: Control, database: Database) -> None:
    control.template_create("default")
    control.template_apply("default", LARGE + """
        create function poison() returns boolean language plpgsql as $$
        begin
            perform set_config('freehold.request_id', 'forged', false), set_config('statement_timeout', '7777', false);
            begin
                listen planted;
            exception when others then
                null;
            end;
            return true;
        end
        $$;
        create table seed (id int check (poison()));
        insert into seed values (1);
    """)  # fmt: skip
    control.template_freeze("default")
    filler = database.control()
    left = (
        "select coalesce(current_setting('freehold.request_id', true), ''), current_setting('statement_timeout'), "
        "array(select pg_listening_channels())"
    )
    before = filler.connection.execute(left).fetchone()
    filler.reserve_fill(size=1)
    assert status(filler) == (1, 0, 0)
    assert filler.connection.execute(left).fetchone() == before


def test_the_keeper_says_on_the_operation_why_it_stopped(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.reserve_set(size=1)
    ready.task_run("reserve")
    admin.execute("update freehold.operation_script set ddl = 'create nonsense' where ordinal = 2")
    for _ in range(4):
        ready.task_run("reserve")
    (row,) = ready.operation_list(slug="default", state="failed")
    assert row["error_code"] == "42601"
    (task,) = (each for each in ready.task_list() if each["name"] == "reserve")
    assert "nonsense" in str(task["last_error"])


def test_the_keeper_takes_a_step_a_run(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.reserve_set(size=1)
    runs = 0
    while ready.task_run("reserve"):
        runs += 1
    assert runs > 3
    assert status(ready) == (1, 0, 0)
    # What another has begun and left, the task of operations ends, whatever the reserve's is to do.
    ready.reserve_set()
    ready.reserve_fill_step(size=2)
    assert ready.task_run("operation") == 0, "somebody may be at work on it"
    admin.execute("update freehold.operation set stepped_at = stepped_at - interval '1 hour' where state = 'running'")
    while ready.task_run("operation"):
        pass
    assert status(ready) == (2, 0, 0)


@pytest.fixture
def walked(control: Control) -> Control:
    make_ready(control)
    control.template_create("walk")
    control.template_apply("walk", TEMPLATE)
    control.template_freeze("walk")
    return control


@pytest.mark.parametrize("size", [1, 0], ids=["fill", "empty"])
def test_the_walk(walked: Control, database: Database, size: int) -> None:
    """Ended at points all along its way; the next fill, or one call, leaves it as if nothing had been."""
    killer = Killer(database)

    def prepare() -> None:
        walked.reserve_fill("walk", 1 - size)

    prepare()
    killer.plan()
    walked.reserve_fill("walk", size)
    points = killer.count()
    before = look(walked, killer.admin)
    whole = walked.tenant_provision("whole", "walk")["schema_name"] if size else None
    for number, point in enumerate(sorted({1, 2, *range(3, points, max(1, points // 10)), points - 1, points})):
        killer.rest()
        prepare()
        killer.plan(point, WAYS[number % len(WAYS)])
        with pytest.raises(psycopg.Error):
            database.control().reserve_fill("walk", size)
        killer.rest()
        where = f"point {point} of {points}"
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        assert look(walked, killer.admin) == before, where
        left = [o for o in walked.operation_list(slug="walk") if o["staged"] and o["state"] in ("running", "failed")]
        call = "undo" if number % 3 == 1 and left and left[0]["kind"] == "reserve_make" else "resume"
        if left and number % 3:
            walked.connection.execute(f"call freehold.operation_{call}(%s)".encode(), (left[0]["id"],))
        walked.reserve_fill("walk", size)
        assert killer.admin.execute(ORPHANS).fetchall() == [], where
        ready = killer.admin.execute("select count(*) from freehold.reserve where operation_id is null").fetchone()
        assert ready == (size,), where
        if whole:
            made = walked.tenant_provision(f"t{number}", "walk")["schema_name"]
            assert walked.schema_diff(whole, made) == [], where


def test_a_filler_that_vanishes_leaves_a_named_state(ready: Control, database: Database) -> None:
    """A client that is gone in the midst of a batch: the server takes that back."""
    killer = Killer(database)
    killer.plan(40, "wait")
    with ThreadPoolExecutor(1) as pool:
        filler = database.connect()
        running = pool.submit(filler.execute, "call freehold.reserve_fill('default', 1)")
        until(lambda: killer.count() >= 40)
        ready.tenant_provision("beside")
        assert "reserve" not in ready.operation_list(slug="beside")[0]["detail"]
        killer.admin.execute("select pg_terminate_backend(%s)", (filler.info.backend_pid,))
        with pytest.raises(psycopg.Error):
            running.result()
    killer.rest()
    assert killer.admin.execute(ORPHANS).fetchall() == []
    assert ready.reserve_fill_step(size=1) == 1
    steps(ready, 1)
    assert status(ready) == (1, 0, 0)
