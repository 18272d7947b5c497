"""What no function of the database can run: statements outside a transaction and steps in Python; and backfills, batch by batch."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.control import Control
from freehold.migrate import homes
from freehold.migrate.engine import TenantBackend
from freehold.migrate.errors import MigrationError
from freehold.migrate.run import Runner
from freehold.migrate.target import HomeTarget
from support.database import Database
from support.fleet import Fleet
from support.pgbouncer import pooled

INDEX = "-- transactional: false\ncreate index concurrently if not exists note_body on note (body);\n"
DROP = "drop index concurrently if exists note_body;\n"
PYTHON = """
from yoyo import step

def fill(connection):
    with connection.cursor() as cursor:
        cursor.execute("select id from note")
        for (id_,) in cursor.fetchall():
            cursor.execute("update note set body = %s || ' ' || current_user where id = %s", (f"row {id_}", id_))

step("alter table note add column py int", "alter table note drop column py")
step(fill)
"""


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations", tenants=3)


def valid(fleet: Fleet, schema: str) -> bool | None:
    row = fleet.admin.execute(
        "select i.indisvalid from pg_index as i where i.indexrelid = to_regclass(%s)", (f"{schema}.note_body",)
    ).fetchone()
    return row and bool(row[0])


def test_an_index_is_built_concurrently(fleet: Fleet) -> None:
    migration = fleet.write("0001.index", INDEX, DROP)
    rollout = fleet.start()
    assert fleet.work(rollout, 2)["state"] == "done"
    fleet.complete(rollout, [migration])
    assert [valid(fleet, f"tenant_t0{n}") for n in (1, 2, 3)] == [True] * 3
    back = fleet.control.rollout_rollback(rollout)
    fleet.control.rollout_start(back["id"], back["plan_digest"])
    fleet.work(back["id"])
    fleet.whole()
    assert [valid(fleet, f"tenant_t0{n}") for n in (1, 2, 3)] == [None] * 3
    assert fleet.applied("t01") == []


def test_an_index_that_was_left_invalid_is_built_again(fleet: Fleet) -> None:
    migration = fleet.write(
        "0001.index",
        "-- transactional: false\ncreate unique index concurrently if not exists note_body on note (body);",
    )
    fleet.control.migration_apply("t02", "0000.twins", "insert into note values (2, 'one')")
    rollout = fleet.start(canaries=["t01"], max_failure_percent=60)
    fleet.work(rollout)
    assert [(r["slug"], r["error_code"]) for r in fleet.control.rollout_tenants(rollout, "failed")] == [
        ("t02", "23505")
    ]
    assert valid(fleet, "tenant_t02") is False
    assert fleet.applied("t02") == ["0000.twins"]
    fleet.whole()
    fleet.control.migration_apply("t02", "0000.mend", "delete from note where id = 2")
    # IF NOT EXISTS would take the invalid index for done.
    fleet.control.rollout_retry(rollout)
    fleet.work(rollout)
    fleet.complete(rollout, [migration])
    assert valid(fleet, "tenant_t02") is True


def test_an_index_that_is_not_valid_at_the_end_is_an_error(fleet: Fleet) -> None:
    connection = fleet.database.connect()
    begun = fleet.database.control()
    begun.connection = connection
    row = begun.migration_begin("t01", "0001.index")
    assert row["begun"]
    fleet.admin.execute("insert into tenant_t01.note values (2, 'one')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        fleet.admin.execute("create unique index concurrently note_body on tenant_t01.note (body)")
    with pytest.raises(psycopg.Error) as caught:
        begun.migration_end("t01", "0001.index", True, invalid=row["invalid"])
    assert caught.value.sqlstate == "FH501"
    begun.migration_end("t01", "0001.index", False)
    fleet.whole()


def test_a_session_that_died_is_taken_over(fleet: Fleet) -> None:
    migration = fleet.write("0001.index", INDEX)
    fleet.admin.execute("create role other login in role freehold_worker")
    first = fleet.database.connect(fleet.database.login_dsn("other"))
    rollout = fleet.start()
    fleet.work(rollout, claim=1, say=lambda *_: None)
    fleet.complete(rollout, [migration])
    second = fleet.write("0002.index", INDEX.replace("note_body", "note_more"))
    rollout = fleet.start()
    (claim,) = Control(first).rollout_claim(rollout, "doomed", 1)
    assert Control(first).rollout_begin(claim["lease_id"], second)["begun"]
    first.execute("set role freehold_template_default_owner")
    (pid,) = first.execute("select pg_backend_pid()").fetchone() or (0,)
    fleet.admin.execute("select pg_terminate_backend(%s, 10000)", (pid,))
    fleet.work(rollout)
    # The dead session's login has lost the role that it was given.
    fleet.complete(rollout, [migration, second])


def test_two_sessions_do_not_build_one_index(fleet: Fleet) -> None:
    fleet.write("0001.index", INDEX)
    one, two = fleet.database.control(), fleet.database.control()
    assert one.migration_begin("t01", "0001.index")["begun"]
    with pytest.raises(psycopg.Error) as caught:
        two.migration_begin("t01", "0001.index")
    assert caught.value.sqlstate == "FH401"
    one.migration_end("t01", "0001.index", False)
    assert two.migration_begin("t01", "0001.index")["begun"]
    with pytest.raises(psycopg.Error) as caught:
        one.migration_end("t01", "0001.index")
    assert caught.value.sqlstate == "FH216"
    two.migration_end("t01", "0001.index")
    assert not one.migration_begin("t01", "0001.index")["begun"]
    fleet.whole()


def test_steps_in_python(fleet: Fleet) -> None:
    migration = fleet.write("0001.python", PYTHON, suffix=".py")
    rollout = fleet.start()
    fleet.work(rollout, 2)
    fleet.complete(rollout, [migration])
    rows = fleet.admin.execute("select body, py from tenant_t02.note").fetchall()
    assert rows == [("row 1 tenant_t02_owner", None)]
    back = fleet.control.rollout_rollback(rollout)
    fleet.control.rollout_start(back["id"], back["plan_digest"])
    fleet.work(back["id"])
    with pytest.raises(psycopg.errors.UndefinedColumn):
        fleet.admin.execute("select py from tenant_t02.note")
    fleet.whole()


@pytest.mark.parametrize("fault", ["raise ValueError('mine')", "connection.execute('select 1/0')"])
def test_a_step_that_fails_takes_all_of_it_back(fleet: Fleet, fault: str) -> None:
    fleet.write(
        "0001.python",
        PYTHON.replace("    with connection", f"    if connection.info.dbname: {fault}\n    with connection"),
        suffix=".py",
    )
    rollout = fleet.start()
    row = fleet.work(rollout)
    assert row["state"] == "halted"
    (failed,) = fleet.control.rollout_tenants(rollout, "failed")
    assert failed["slug"] == "@default"
    assert "mine" in failed["error_message"] or failed["error_code"] == "22012"
    fleet.whole()
    with pytest.raises(psycopg.errors.UndefinedColumn):
        fleet.admin.execute("select py from template_default.note")


def test_a_step_that_stays_somebody_else_ends_with_its_transaction(fleet: Fleet) -> None:
    fleet.write(
        "0001.python",
        PYTHON + "\ndef stray(connection):\n    connection.execute('set local search_path = public')\nstep(stray)\n",
        suffix=".py",
    )
    rollout = fleet.start()
    assert fleet.work(rollout)["state"] == "done"
    fleet.whole()


def test_a_python_file_that_cannot_be_loaded(fleet: Fleet) -> None:
    fleet.write("0001.python", "import nothing_of_that_name\n", suffix=".py")
    rollout = fleet.start()
    row = fleet.work(rollout)
    assert row["state"] == "halted"
    assert "nothing_of_that_name" in fleet.control.rollout_tenants(rollout, "failed")[0]["error_message"]


def test_a_backfill_goes_batch_by_batch_and_on_from_where_it_was(fleet: Fleet) -> None:
    fleet.control.migration_apply("t02", "0000.rows", "insert into note select i, 'x' from generate_series(2, 95) as i")
    backfill = fleet.write(
        "0001.fill",
        "-- backfill: true\nupdate note set body = 'filled' where id in (select id from note where body <> 'filled' order by id limit 10);",
    )
    runner = Runner(fleet.database.connect(), fleet.renderer())
    file, home = fleet.renderer().directory[backfill], homes.home(Control(runner.connection), "t02")
    batches: list[int] = []

    def stop(batch: int) -> None:
        batches.append(batch)
        if batch == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run(file, home, HomeTarget("t02"), stop)
    (row,) = [row for row in fleet.control.migration_list("t02") if row["migration_id"] == backfill]
    assert (row["state"], row["rows"]) == ("applying", 30)
    (status,) = [row for row in fleet.control.migration_status() if row["slug"] == "t02"]
    assert status["applying"] == backfill
    rollout = fleet.start()
    fleet.work(rollout)
    fleet.complete(rollout, [backfill])
    (row,) = [row for row in fleet.control.migration_list("t02") if row["migration_id"] == backfill]
    assert (row["state"], row["rows"]) == ("applied", 95)


def test_a_migration_without_a_rollback_file_is_not_taken_back(fleet: Fleet) -> None:
    migration = fleet.write("0001.plain", "create table one_way (id int);")
    backend = TenantBackend(fleet.database.connect(), "t01", fleet.renderer())
    backend.apply_one(backend.migrations()[0])
    with pytest.raises(MigrationError, match="cannot be taken back"):
        backend.rollback_one(backend.migrations()[0])
    assert fleet.applied("t01") == [migration]


def test_a_text_differs_by_tenant(fleet: Fleet) -> None:
    fleet.admin.execute(
        "update freehold.tenant set settings = '{\"wide\": true}', tier = 'dedicated' where slug = 't02'"
    )
    migration = fleet.write(
        "0001.wide",
        "alter table note add column tier text default {{ tenant.tier | literal }};\n"
        "{% if tenant.settings.get('wide') %}alter table note add column wide int;{% endif %}\n"
        "{% if size('note') > 100000000 %}select 1/0;{% endif %}\n",
    )
    rollout = fleet.start()
    fleet.work(rollout)
    fleet.complete(rollout, [migration])
    assert len(fleet.admin.execute("select tier, wide from tenant_t02.note").fetchall()) == 1
    with pytest.raises(psycopg.errors.UndefinedColumn):
        fleet.admin.execute("select wide from tenant_t01.note")
    digests = {slug: fleet.control.migration_list(slug)[0]["text_digest"] for slug in ("t01", "t02", "t03")}
    assert digests["t01"] == digests["t03"] != digests["t02"]


def test_a_setting_that_a_tenant_lacks_is_its_own(fleet: Fleet) -> None:
    fleet.admin.execute("update freehold.tenant set settings = '{\"region\": \"eu\"}' where slug <> 't02'")
    fleet.write(
        "0001.region",
        "{% if tenant.kind == 'tenant' %}comment on table note is {{ tenant.settings.region | literal }};{% endif %}",
    )
    rollout = fleet.start(canaries=["t01"], max_failure_percent=60)
    fleet.work(rollout)
    assert [(r["slug"], r["error_code"]) for r in fleet.control.rollout_tenants(rollout, "failed")] == [
        ("t02", "FH008")
    ]


def test_a_session_that_a_pooler_shares_is_refused(fleet: Fleet, tmp_path: Path) -> None:
    migration = fleet.write("0001.index", INDEX)
    owner, worker = conninfo_to_dict(fleet.database.owner_dsn), conninfo_to_dict(fleet.worker_dsn)
    users = {str(login["user"]): str(login["password"]) for login in (owner, worker)}
    rollout = fleet.start()
    with pooled(fleet.database, tmp_path, users) as conninfo:
        # Its role would be the next client's.
        shared = fleet.database.connect(make_conninfo(conninfo, user=owner["user"], password=owner["password"]))
        backend = TenantBackend(shared, "t01", fleet.renderer())
        with pytest.raises(MigrationError, match="a pooler stands between"):
            backend.apply_one(backend.migrations()[0])
        crew = fleet.worker(rollout)
        crew.connect = lambda: psycopg.connect(
            make_conninfo(conninfo, user=worker["user"], password=worker["password"]), autocommit=True
        )
        with pytest.raises(MigrationError, match="a pooler stands between"):
            crew.run()
        shared.close()
    assert fleet.control.rollout_tenants(rollout, "claimed") == []
    fleet.whole()
    fleet.work(rollout)
    fleet.complete(rollout, [migration])
