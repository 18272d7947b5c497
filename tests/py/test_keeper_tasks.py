"""What each task of the keeper does, and what it leaves alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.cli import main
from freehold.control import Control, Row
from support.database import Database
from support.locks import crowd
from support.trail import Trail

TABLES = 40


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key, body text)")
    control.template_freeze("default")
    return control


@pytest.fixture
def keeper(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> Control:
    """The login of a keeper: an admin, and nothing else."""
    dsn = database.login_dsn("keeping")
    admin.execute("grant freehold_admin to keeping")
    return Control(database.connect(dsn))


def later(admin: psycopg.Connection[Any], interval: str) -> None:
    admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (interval,))


def run(control: Control, name: str, most: int = 1000) -> list[int]:
    """Runs a task until it finds nothing to do, and returns what each run did."""
    done: list[int] = []
    while (result := control.task_run(name)) and len(done) < most:
        done.append(result)
    assert result == 0, next(row for row in control.task_list() if row["name"] == name)
    return done


def value(admin: psycopg.Connection[Any], query: str, *arguments: Any) -> Any:
    row = admin.execute(query.encode(), arguments).fetchone()
    assert row is not None
    return row[0]


# reserve


def test_the_reserve_is_as_it_was_set(keeper: Control) -> None:
    assert run(keeper, "reserve") == []
    keeper.reserve_set(size=2)
    assert [(row["wanted"], row["ready"]) for row in keeper.reserve_status()] == [(2, 0)]
    assert run(keeper, "reserve") == [1, 1]
    keeper.tenant_provision("acme")
    assert run(keeper, "reserve") == [1]
    # Another version: the stale ones go, as many come.
    keeper.template_apply("default", "create table more (id int primary key)")
    keeper.template_freeze("default")
    assert run(keeper, "reserve") == [1, 1, 1, 1]
    assert [(row["ready"], row["stale"]) for row in keeper.reserve_status()] == [(2, 0)]
    keeper.reserve_set(size=0)
    assert run(keeper, "reserve") == [1, 1]
    # Of no concern: what somebody fills by hand stays.
    keeper.reserve_set()
    keeper.reserve_fill(size=1)
    assert run(keeper, "reserve") == []
    assert [row["ready"] for row in keeper.reserve_status()] == [1]


def test_a_template_that_cannot_does_not_keep_the_others(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    for name in ("aaa", "zzz"):
        keeper.template_create(name)
        keeper.template_apply(name, "create table note (id int primary key)")
        keeper.template_freeze(name)
        keeper.reserve_set(name, 1)
    admin.execute("update freehold.template_ddl set ddl = 'create nonsense' where template = 'aaa'")
    assert keeper.task_run("reserve") == 1
    assert [row["template"] for row in keeper.reserve_status() if row["ready"]] == ["zzz"]
    assert keeper.task_run("reserve") is None
    (row,) = [row for row in keeper.task_list() if row["name"] == "reserve"]
    assert (row["last_error_code"], row["failures"]) == ("42601", 1)


def test_a_reserve_that_another_fills_is_left_to_it(keeper: Control, database: Database) -> None:
    keeper.reserve_set(size=2)
    other = database.connect()
    other.execute("begin")
    assert Control(other).reserve_fill_step(size=2) == 1
    assert keeper.task_run("reserve") == 0


def test_a_reserve_is_set_on_the_command_line(ready: Control, database: Database) -> None:
    for arguments, said in ((("--size", "3"), "keeps 3 ready"), ((), "leaves the reserve alone")):
        done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "reserve", "set", *arguments])
        assert done.exit_code == 0, done.output
        assert said in done.stdout
    with pytest.raises(errors.TemplateNotFound):
        ready.reserve_set("none", 1)
    with pytest.raises(errors.InvalidArgument):
        ready.reserve_set(size=10001)
    kinds = [(row["detail"].get("old"), row["detail"].get("new")) for row in ready.event_list(kind="reserve_set")]
    assert kinds == [(3, None), (None, 3)]


# operation


@pytest.fixture
def large(keeper: Control, database: Database, admin: psycopg.Connection[Any]) -> Control:
    """A template that takes several steps where the lock table is nearly full, as it is."""
    keeper.template_apply(
        "default", "".join(f"create table t{n} (id int primary key, body text unique);" for n in range(TABLES))
    )
    keeper.template_freeze("default")
    crowd(database, room=350)
    return keeper


def begun(control: Control, slug: str = "acme") -> Row:
    row = control.tenant_provision_step(slug)
    assert row["state"] == "running"
    return row


def test_an_operation_whose_client_has_gone_is_completed(large: Control, admin: psycopg.Connection[Any]) -> None:
    row = begun(large)
    assert run(large, "operation") == []
    later(admin, "2 minutes")
    done = run(large, "operation")
    assert len(done) > 2, "one step after the other, without waiting for a lease each time"
    assert (large.operation_get(row["id"])["state"], large.tenant_get("acme")["state"]) == ("done", "active")
    assert large.tenant_drift("acme") == []


@pytest.mark.parametrize("kind", ["template", "erasure", "undo"])
def test_all_kinds_are(large: Control, admin: psycopg.Connection[Any], kind: str) -> None:
    if kind == "template":
        admin.execute("create schema legacy; create table legacy.t (id int primary key)")
        admin.execute("grant usage on schema legacy to freehold_owner; grant select on legacy.t to freehold_owner")
        row = large.template_adopt_step("adopted", "legacy")
    elif kind == "undo":
        row = large.operation_undo_step(begun(large)["id"])
    else:
        later(admin, "-1 day")
        row = begun(large)
        while row["state"] == "running":
            row = large.operation_step(row["id"])
        large.tenant_retire("acme", grace="0 days")
        row = large.tenant_erase_step("acme", "over")
    if row["state"] == "running":
        later(admin, "2 minutes")
        assert run(large, "operation") != []
    assert large.operation_get(row["id"])["state"] == "done"


def test_one_that_somebody_is_at_is_left_to_him(
    large: Control, database: Database, admin: psycopg.Connection[Any]
) -> None:
    row = begun(large)
    client = database.connect()
    client.execute("begin")
    Control(client).operation_step(row["id"])
    # However long his step takes.
    later(admin, "1 day")
    assert run(large, "operation") == []
    # And a moment after it.
    client.execute("commit")
    admin.execute("update freehold.operation set stepped_at = freehold._now() where state = 'running'")
    assert run(large, "operation") == []
    later(admin, "2 days")
    assert large.task_run("operation") == 1
    # He comes back in the midst: it is his again, until he goes once more.
    Control(client).operation_step(row["id"])
    assert large.task_run("operation") == 0
    later(admin, "3 days")
    run(large, "operation")
    assert large.operation_get(row["id"])["state"] == "done"


def test_who_is_between_two_steps_does_not_wait_for_another(
    large: Control, database: Database, admin: psycopg.Connection[Any]
) -> None:
    mine = begun(large, "mine")
    gone = begun(large, "gone")
    later(admin, "1 day")
    assert large.operation_step(mine["id"])["state"] == "running"
    keeping = database.connect()
    keeping.execute("begin")
    assert Control(keeping).task_run("operation") == 1
    assert large.operation_step(mine["id"])["state"] == "running"
    keeping.execute("commit")
    assert large.operation_get(gone["id"])["stepped_at"] > large.operation_get(gone["id"])["started_at"]


def test_a_client_that_comes_while_the_keeper_is_at_it_stops_nothing(
    large: Control, database: Database, admin: psycopg.Connection[Any]
) -> None:
    row = begun(large)
    later(admin, "1 day")
    keeping = large.connection
    keeping.execute("begin")
    assert large.task_run("operation") == 1
    client = database.connect()
    client.execute("set lock_timeout = '20s'")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.execute, "call freehold.operation_resume(%s)", (row["id"],))
        command = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "operation", "resume", str(row["id"])])
        assert command.exit_code == 6, command.output
        with pytest.raises(errors.Busy):
            waiting.result()
    keeping.execute("commit")
    assert large.operation_get(row["id"])["state"] == "running"
    run(large, "operation")
    assert large.operation_get(row["id"])["state"] == "done"


def test_what_failed_or_was_stopped_is_left_alone(large: Control, admin: psycopg.Connection[Any]) -> None:
    row = begun(large)
    large.operation_stop(row["id"], "XX000", "stopped")
    other = begun(large, "other")
    admin.execute("update freehold.operation_script set ddl = 'create nonsense' where operation_id = %s and ordinal > 3",
                  (other["id"],))  # fmt: skip
    later(admin, "1 day")
    # Its error is in its own row, and the task goes on.
    assert run(large, "operation") == [1]
    failed = large.operation_get(other["id"])
    assert (failed["state"], failed["error_code"]) == ("failed", "42601")
    later(admin, "2 days")
    assert run(large, "operation") == []
    assert large.operation_get(row["id"])["state"] == "failed"


def test_several_keepers_step_one_after_the_other(
    large: Control, database: Database, admin: psycopg.Connection[Any]
) -> None:
    rows = [begun(large, f"t{n}") for n in range(3)]
    later(admin, "1 day")

    def work(number: int) -> None:
        run(Control(database.connect()), "operation")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    later(admin, "2 days")
    run(large, "operation")
    assert {large.operation_get(row["id"])["state"] for row in rows} == {"done"}


# seal


def test_what_was_written_is_sealed_and_never_read_again(trail: Trail) -> None:
    trail.write("acme", 10)
    trail.write("beta", 5)
    done = run(trail.control, "seal")
    assert sum(done) >= 15
    assert trail.control.audit_verify() == []
    # The sealer knows how far it is: it was the first to write in its transaction.
    rows = trail.admin.execute("select low_id, seen_id from freehold.seal_chain where chain = any (%s)",
                               ([trail.control.tenant_get(slug)["id"] for slug in ("acme", "beta")],)).fetchall()  # fmt: skip
    assert rows
    assert all(low == seen > 0 for low, seen in rows)
    assert run(trail.control, "seal") == []


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


def test_all_homes_have_their_turn(trail: Trail) -> None:
    trail.write("acme")
    trail.write("beta")
    first, last = sorted(UUID(str(trail.control.tenant_get(slug)["id"])) for slug in ("acme", "beta"))
    trail.admin.execute("update freehold.task set resume = %s where name = 'seal'", (last,))
    before = value(trail.admin, "select count(*) from freehold.seal where chain = %s", first)
    assert trail.control.task_run("seal") == 1
    assert value(trail.admin, "select count(*) from freehold.seal where chain = %s", first) == before
    assert value(trail.admin, "select resume is null from freehold.task where name = 'seal'")
    run(trail.control, "seal")
    assert value(trail.admin, "select count(*) from freehold.seal where chain = %s", first) == before + 1


# break_glass, invitation


def test_what_is_overdue_ends(keeper: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    keeper.tenant_provision("acme")
    dsn = database.login_dsn("staff")
    admin.execute("grant freehold_break_glass to staff")
    Control(database.connect(dsn)).break_glass_open("acme", "look", "T-1")
    assert run(keeper, "break_glass") == []
    later(admin, "1 day")
    assert run(keeper, "break_glass") == [1, 1]
    assert value(admin, "select count(*) from pg_roles where rolname ~ '^freehold_bg_'") == 0


def test_answers_to_requests_are_forgotten_after_a_day(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    keep = "insert into freehold.request select 'key:a', 'k' || n, 'version', '', '1', freehold._now() from generate_series(1, 3) as n"
    admin.execute(keep)
    assert run(keeper, "request") == []
    later(admin, "25 hours")
    assert run(keeper, "request") == [3]
    assert value(admin, "select count(*) from freehold.request") == 0


def test_the_mail_of_an_expired_invitation_is_forgotten(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    keeper.tenant_provision("acme")
    keeper.invitation_create("acme", "erika@example.org", "member")
    assert run(keeper, "invitation") == []
    later(admin, "1 year")
    assert run(keeper, "invitation") == [1]
    assert value(admin, "select email is null from freehold.invitation")
    assert [row["state"] for row in keeper.invitation_list("acme", past=True)] == ["expired"]
    (event,) = keeper.event_list(kind="invitation.expired")
    assert (event["slug"], "erika" in str(event)) == ("acme", False)


# retention


def test_the_access_log_is_kept_as_long_as_was_said(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    for slug in ("acme", "held"):
        keeper.access_record(keeper.tenant_provision(slug)["id"], "alice", "read")
    keeper.hold_set("held", "court")
    later(admin, "91 days")
    keeper.access_record(keeper.tenant_get("acme")["id"], "alice", "read")
    assert run(keeper, "access_log") == []
    keeper.setting_set("access_keep", "90 days")
    assert run(keeper, "access_log") == [1]
    assert (len(keeper.access_list("acme")), len(keeper.access_list("held"))) == (1, 1)
    for bad in ("soon", "-1 day"):
        with pytest.raises(errors.InvalidArgument):
            keeper.setting_set("access_keep", bad)


def test_entries_of_row_audit_are_kept_as_long_as_was_said(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    keeper.tenant_provision("acme")
    keeper.audit_enable("acme", "note")
    admin.execute("set role tenant_acme_rw; insert into tenant_acme.note values (1, 'x'); reset role")
    run(keeper, "seal")
    later(admin, "91 days")
    assert run(keeper, "audit") == []
    keeper.audit_retention_set("acme", "90 days")
    assert run(keeper, "audit") == [1]
    assert keeper.audit_history("acme", "note") == []


# erasure


def test_retired_tenants_are_erased_where_that_was_said(large: Control, admin: psycopg.Connection[Any]) -> None:
    for slug in ("acme", "held", "bound", "later"):
        row = begun(large, slug)
        while row["state"] == "running":
            row = large.operation_step(row["id"])
        large.tenant_retire(slug, grace="2 days" if slug == "later" else "0 days")
    large.hold_set("held", "court")
    admin.execute("create view public.outside as select * from tenant_bound.t1")
    assert run(large, "erasure") == []
    large.setting_set("erase_retired", "on")
    later(admin, "1 day")
    assert len(run(large, "erasure")) > 3
    states = {row["slug"]: row["state"] for row in large.tenant_list(state=None)}
    assert {slug: states.get(slug, "erased") for slug in ("acme", "held", "bound", "later")} == {
        "acme": "erased", "held": "retired", "bound": "retired", "later": "retired"}  # fmt: skip
    # One that could not be is in the log, and was not tried again and again.
    (failed,) = [row for row in large.operation_list(slug="bound") if row["state"] == "failed"]
    assert failed["error_code"] == "FH206"
    admin.execute("drop view public.outside")
    assert run(large, "erasure") == []
    later(admin, "49 hours")
    run(large, "erasure")
    assert [row["slug"] for row in large.tenant_list() if row["state"] != "erased"] == ["held"]


# statistics


def test_the_installation_is_measured(keeper: Control, admin: psycopg.Connection[Any]) -> None:
    keeper.tenant_provision("acme")
    keeper.tenant_provision("beta")
    keeper.tenant_suspend("beta")
    keeper.reserve_fill(size=1)
    admin.execute("analyze pg_class")
    assert run(keeper, "statistics") == []
    (row,) = keeper.statistic_list()
    assert (row["tenants"], row["reserve"]) == ({"active": 1, "suspended": 1}, {"default": 1})
    relations = value(admin, "select count(*) from pg_class")
    assert relations * 0.8 < row["catalog_relations"] < relations * 1.2
    assert 0 < row["catalog_bytes"] < row["database_bytes"]
    assert 0 < row["connections"] < row["max_connections"]
    assert 0 < row["locks"] < row["lock_capacity"]
    assert row["oldest_transaction"] is None
    # Who wants to know how long the oldest is open allows it.
    admin.execute("grant pg_read_all_stats to freehold_owner")
    later(admin, "1 minute")
    other = keeper.connection
    admin.execute("begin; select pg_current_xact_id()")
    other.execute("select pg_current_xact_id()")
    assert run(keeper, "statistics") == []
    admin.execute("rollback")
    first, second = keeper.statistic_list()
    assert second["oldest_transaction"] is not None
    assert second["oldest_xids"] > first["oldest_xids"]
    assert second["database_bytes"] is None, "the files are looked at once an hour"
    assert keeper.statistic_list(second["at"]) == [second]
    assert keeper.statistic_list(max_rows=1) == [second]
    # And kept as long as was said.
    keeper.setting_set("statistic_keep", "1 day")
    later(admin, "3 days")
    assert run(keeper, "statistics") == [2]
    (row,) = keeper.statistic_list()
    assert row["at"] > second["at"]


def test_tenants_are_measured_once_a_day(keeper: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    keeper.reserve_fill(size=20)
    for number in range(60):
        keeper.tenant_provision(f"t{number:02}")
    keeper.audit_seal()
    admin.execute("insert into tenant_t07.note select i, repeat(md5(i::text), 50) from generate_series(1, 1000) as i")
    # One that is locked is passed by, and keeps nobody.
    holder = database.connect(database.admin_dsn)
    holder.execute("begin; lock table tenant_t08.note in access exclusive mode")
    assert run(keeper, "tenant_size") == [50]
    sizes = keeper.tenant_size_list()
    assert (len(sizes), sizes[0]["tenant_slug"]) == (59, "t07")
    expected = "select sum(pg_total_relation_size(c.oid))::bigint from pg_class as c where relnamespace = %s::regnamespace and relkind = 'r'"
    assert sizes[0]["bytes"] == value(admin, expected, "tenant_t07")
    assert sizes[0]["relations"] == 1
    holder.execute("rollback")
    run(keeper, "tenant_size")
    assert len(keeper.tenant_size_list()) == 60
    assert len(keeper.tenant_size_list("t07")) == 1
    later(admin, "25 hours")
    run(keeper, "tenant_size")
    history = keeper.tenant_size_list("t07")
    assert len(history) == 2
    assert history[0]["at"] < history[1]["at"]
    assert keeper.tenant_size_list("t07", max_rows=1) == history[1:]
    # They go with the tenant, and so does what a task has noted of it.
    admin.execute(
        "update freehold.task set resume = %s where name = 'tenant_size'", (str(keeper.tenant_get("t07")["id"]),)
    )
    admin.execute("update freehold.task set last_error = 'tenant t07 is busy' where name = 'operation'")
    keeper.tenant_retire("t07", grace="0 days")
    keeper.tenant_erase("t07", "over")
    assert value(admin, "select count(*) from freehold.tenant_size as s where not exists "
                        "(select from freehold.tenant as t where t.id = s.tenant_id and t.state <> 'erased')") == 0  # fmt: skip
    assert value(admin, "select count(*) from freehold.task where resume is not null or last_error is not null") == 0
    done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "statistic", "sizes", "t08"])
    assert "t08" in done.stdout
    assert CliRunner().invoke(main, ["--dsn", database.owner_dsn, "statistic", "list"]).exit_code == 0


def test_what_is_enabled_is_run_by_a_keeper_that_is_only_an_admin(keeper: Control) -> None:
    for row in keeper.task_due():
        assert keeper.task_run(row["name"]) is not None, row
    assert {row["last_error"] for row in keeper.task_list()} == {None}


def test_an_upgrade_keeps_what_was_set(keeper: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    from freehold import bundle

    keeper.task_set("seal", every="7 minutes", enabled=False)
    admin.execute("update freehold.task set description = 'old', routine = 'old' where name = 'seal'")
    admin.execute("delete from freehold.task where name = 'audit'")
    bundle.run(database.connect(), bundle.install_bundle())
    rows = {row["name"]: row for row in keeper.task_list()}
    assert (str(rows["seal"]["every"]), rows["seal"]["enabled"], rows["seal"]["routine"]) == (
        "0:07:00",
        False,
        "_task_seal",
    )
    assert rows["audit"]["enabled"]
