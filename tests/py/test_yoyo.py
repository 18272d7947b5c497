"""yoyo's own API over the ledger, and the stock yoyo command line over an exported tenant: they agree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from yoyo.migrations import MigrationList

from freehold.control import Control
from freehold.migrate import homes
from freehold.migrate.engine import TenantBackend
from freehold.migrate.run import Runner
from support.database import Database
from support.fleet import Fleet


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    fleet = Fleet(database, tmp_path / "migrations", tenants=4)
    for number in (1, 2, 3):
        fleet.add_column(number)
    fleet.write(
        "0004.depends", "-- depends: 0001.c1\ncreate view total as select count(c1) as n from note;", "drop view total;"
    )
    fleet.write(
        "0005.quoted",
        "create table {{ ('for ' ~ tenant.slug) | ident }} (id int);",
        "drop table {{ ('for ' ~ tenant.slug) | ident }};",
    )
    return fleet


def ids(migrations: MigrationList) -> list[str]:
    return [migration.id for migration in migrations]


def test_yoyos_api_lists_applies_and_rolls_back(fleet: Fleet) -> None:
    connection, renderer = fleet.database.connect(), fleet.renderer()
    # Two tenants at the same time in one process: yoyo keeps migrations by id, and these must not meet.
    one, two = (TenantBackend(connection, slug, renderer) for slug in ("t01", "t02"))
    mine, theirs = one.migrations(), two.migrations()
    everything = ["0001.c1", "0002.c2", "0003.c3", "0004.depends", "0005.quoted"]
    assert sorted(ids(one.to_apply(mine))) == everything
    with one.lock():
        for migration in one.to_apply(mine):
            one.apply_one(migration)
    assert ids(one.to_apply(mine)) == []
    assert sorted(ids(two.to_apply(theirs))) == everything
    for migration in two.to_apply(theirs):
        two.apply_one(migration)
    assert fleet.admin.execute('select 1 from tenant_t01."for t01", tenant_t02."for t02"').fetchall() == []
    assert one.is_applied(mine[0])
    back = one.to_rollback(mine)
    assert ids(back)[-1] == "0001.c1"
    for migration in back[:2]:
        one.rollback_one(migration)
    assert sorted(ids(one.to_apply(mine))) == sorted(ids(back)[:2])
    one.mark_migrations(one.to_apply(mine))
    assert ids(one.to_apply(mine)) == []
    one.unmark_migrations(mine[:1])
    assert ids(one.to_apply(mine)) == ["0001.c1"]
    for wrong in ({"force": True}, {"mark": False}):
        with pytest.raises(ValueError, match="one transaction"):
            one.apply_one(mine[0], **wrong)


def test_no_table_of_yoyos_is_made(fleet: Fleet) -> None:
    before = fleet.admin.execute(
        "select count(*) from pg_class where relnamespace = 'tenant_t01'::regnamespace"
    ).fetchone()
    backend = TenantBackend(fleet.database.connect(), "t01", fleet.renderer())
    backend.apply_one(next(m for m in backend.migrations() if m.id == "0001.c1"))
    backend.rollback_one(next(m for m in backend.migrations() if m.id == "0001.c1"))
    after = fleet.admin.execute(
        "select count(*) from pg_class where relnamespace = 'tenant_t01'::regnamespace"
    ).fetchone()
    assert before == after


def stock(fleet: Fleet, slug: str, directory: Path, *arguments: str) -> str:
    """The stock command line, as the tenant's own owner."""
    schema = f"tenant_{slug}"
    role = f"{schema}_owner"
    fleet.admin.execute(f"alter role {role} login password 'yoyo'".encode())
    info = conninfo_to_dict(fleet.database.admin_dsn)
    uri = f"postgresql+psycopg://{role}:yoyo@{info['host']}:{info['port']}/{info['dbname']}?schema={schema}"
    command, *rest = arguments
    done = subprocess.run(
        [sys.executable, "-m", "yoyo", command, "--batch", "--no-config-file", "--database", uri, *rest, str(directory)],
        env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    fleet.admin.execute(f"alter role {role} nologin password null".encode())
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(output: str) -> dict[str, str]:
    rows = [line.split() for line in output.splitlines() if line[:2].strip() in ("A", "U")]
    return {row[1]: row[0] for row in rows}


def rendered(fleet: Fleet, slug: str, path: Path) -> Path:
    """The migrations of one tenant as files for the stock command line."""
    path.mkdir()
    runner = Runner(fleet.database.connect(), fleet.renderer())
    home = homes.home(Control(runner.connection), slug)
    for file in runner.renderer.directory:
        text = runner.render(file, home)
        (path / f"{file.id}.sql").write_text(text.text)
        if text.rollback is not None:
            (path / f"{file.id}.rollback.sql").write_text(text.rollback)
    return path


def test_the_stock_command_line_agrees_after_a_rollout(fleet: Fleet, tmp_path: Path) -> None:
    rollout = fleet.start()
    fleet.work(rollout, 2)
    fleet.complete(rollout)
    fleet.control.migration_rollback("t03", "0003.c3", "alter table note drop column c3")
    fleet.control.tenant_provision("born")
    for slug in ("t01", "t03", "born"):
        directory = rendered(fleet, slug, tmp_path / slug)
        assert fleet.control.migration_export(slug) == len(fleet.applied(slug))
        said = listed(stock(fleet, slug, directory, "list"))
        assert {name for name, state in said.items() if state == "A"} == set(fleet.applied(slug)), slug
        assert set(said) == {file.id for file in fleet.renderer().directory}
    # It applies what is missing and takes back what is there, and the ledger learns that.
    directory = tmp_path / "t03"
    stock(fleet, "t03", directory, "apply")
    assert fleet.admin.execute("select count(c3) from tenant_t03.note").fetchone() == (0,)
    assert fleet.control.migration_import("t03") == 1
    assert "0003.c3" in fleet.applied("t03")
    stock(fleet, "t03", directory, "rollback", "--revision", "0004.depends")
    assert fleet.control.migration_import("t03") == 1
    assert "0004.depends" not in fleet.applied("t03")
    assert fleet.control.migration_import("t03") == 0
    fleet.whole()


def test_a_schema_that_yoyo_has_migrated_is_adopted(fleet: Fleet, tmp_path: Path) -> None:
    fleet.admin.execute(
        "create schema legacy authorization test_owner; grant usage on schema legacy to freehold_owner; create table legacy.note (id int primary key, body text)"
    )
    fleet.admin.execute("alter table legacy.note owner to test_owner")
    info = conninfo_to_dict(fleet.database.owner_dsn)
    directory = rendered(fleet, "t01", tmp_path / "legacy")
    uri = f"postgresql+psycopg://{info['user']}:{info['password']}@{info['host']}:{info['port']}/{info['dbname']}?schema=legacy"
    done = subprocess.run(
        [sys.executable, "-m", "yoyo", "apply", "--batch", "--no-config-file", "--revision", "0004.depends", "--database", uri, str(directory)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    fleet.control.template_adopt("legacy", "legacy")
    # A template takes no rows along: what yoyo said of the schema it was made from is marked.
    marked = fleet.admin.execute(
        "select freehold.migration_mark('@legacy', array(select migration_id from legacy._yoyo_migration order by applied_at_utc))"
    ).fetchone()
    assert marked == (2,)
    assert fleet.applied("@legacy") == ["0001.c1", "0004.depends"]
    assert fleet.control.template_freeze("legacy")["migrations"] == ["0001.c1", "0004.depends"]
    with pytest.raises(psycopg.Error) as caught:
        fleet.control.migration_import("t02")
    assert caught.value.sqlstate == "FH106"
