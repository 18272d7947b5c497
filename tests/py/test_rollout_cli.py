"""Rollouts from the command line: what is printed, what it exits with, and what is refused before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from freehold.cli import main
from support.database import Database
from support.fleet import Fleet


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations", tenants=5)


def freehold(fleet: Fleet, *arguments: str, exits: int = 0, text: str | None = None) -> tuple[str, str]:
    """Runs the command line as the database's owner; returns what it printed, and on stderr."""
    done = CliRunner().invoke(
        main, ["--dsn", fleet.database.owner_dsn, *arguments],
        env={"FREEHOLD_MIGRATIONS": str(fleet.path), "COLUMNS": "100"}, input=text,
    )  # fmt: skip
    assert done.exit_code == exits, done.output
    return done.stdout, done.stderr


def parsed(fleet: Fleet, *arguments: str, exits: int = 0) -> Any:
    return json.loads(freehold(fleet, *arguments, "--json", exits=exits)[0])


def refused(fleet: Fleet, *arguments: str, exits: int) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(freehold(fleet, *arguments, "--json", exits=exits)[1])["error"]
    return error


def test_a_plan_is_a_file_and_is_started_as_it_was_reviewed(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add_column()
    file = tmp_path / "plan.json"
    out, err = freehold(fleet, "rollout", "plan", "--canary", "t03", "--first-wave", "2", "--out", str(file))
    assert "0001.c1" in out
    assert "canary" in out
    assert f"freehold rollout start {file}" in err
    plan = json.loads(file.read_text())
    assert [(wave["name"], wave["slugs"]) for wave in plan["waves"]] == [
        ("template", ["@default"]), ("canary", ["t03"]), ("wave 2", ["t01", "t02"]), ("wave 3", ["t04", "t05"]),
    ]  # fmt: skip
    (tmp_path / "other.json").write_text(json.dumps(plan | {"plan_digest": "0" * 64}))
    assert refused(fleet, "rollout", "start", str(tmp_path / "other.json"), exits=4)["code"] == "FH215"
    assert refused(fleet, "rollout", "start", str(tmp_path / "none.json"), exits=2)["code"] == "FH003"
    (tmp_path / "wrong.json").write_text("[]")
    assert refused(fleet, "rollout", "start", str(tmp_path / "wrong.json"), exits=2)["code"] == "FH003"
    assert fleet.control.rollout_get(plan["id"])["state"] == "planned"
    freehold(fleet, "rollout", "start", str(file))
    out, err = freehold(fleet, "rollout", "work")
    assert "6 done in" in out
    assert f"rollout {plan['id']} is done" in err
    fleet.complete(plan["id"])
    waves = parsed(fleet, "rollout", "status")["waves"]
    assert [(wave["name"], wave["done"]) for wave in waves] == [
        ("template", 1),
        ("canary", 1),
        ("wave 2", 2),
        ("wave 3", 2),
    ]
    assert "no rollouts" not in freehold(fleet, "rollout", "list")[0]
    assert [row["slug"] for row in parsed(fleet, "rollout", "tenants", "--state", "done")] == [
        "@default",
        "t01",
        "t02",
        "t03",
        "t04",
        "t05",
    ]
    # JSON Lines, one a look: this one is over.
    lines = freehold(fleet, "rollout", "watch", "--json")[0].splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["done"]
    error = freehold(fleet, "rollout", "watch", str(plan["id"] + 1), "--json", exits=3)[1].splitlines()
    assert [json.loads(line)["error"]["code"] for line in error] == ["FH107"]


def test_a_dry_run_keeps_nothing(fleet: Fleet) -> None:
    fleet.add_column()
    assert parsed(fleet, "rollout", "plan", "--dry-run")["state"] == "planned"
    assert fleet.control.rollout_list() == []
    assert "no rollouts" in freehold(fleet, "rollout", "list")[1]
    assert refused(fleet, "rollout", "status", exits=3)["code"] == "FH107"


def test_lint_blocks_unless_it_is_acknowledged_by_name(fleet: Fleet) -> None:
    fleet.write("0001.drop", "alter table note drop column body;")
    error = refused(fleet, "rollout", "plan", exits=2)
    assert "ban-drop-column" in error["detail"]
    assert "--acknowledge" in error["hint"]
    assert fleet.control.rollout_list() == []
    refused(fleet, "rollout", "plan", "--acknowledge", "renaming-column", exits=2)
    row = parsed(fleet, "rollout", "plan", "--acknowledge", "ban-drop-column")
    assert row["acknowledged"] == ["ban-drop-column"]


def test_the_trial_finds_what_no_text_tells(fleet: Fleet) -> None:
    fleet.write("0001.again", "create table note (id int primary key);")
    assert "already exists" in refused(fleet, "rollout", "plan", exits=2)["detail"]


def test_nobody_starts_without_saying_so(fleet: Fleet) -> None:
    fleet.add_column()
    freehold(fleet, "rollout", "run", exits=2)
    assert [row["state"] for row in fleet.control.rollout_list()] == ["aborted"]
    assert fleet.applied("@default") == []
    freehold(fleet, "rollout", "plan")
    freehold(fleet, "rollout", "start", exits=2)
    freehold(fleet, "rollout", "start", "--yes")


def test_somebody_who_failed_is_shown_and_the_exit_code_says_so(fleet: Fleet) -> None:
    fleet.add_column()
    fleet.admin.execute("alter table tenant_t04.note add column c1 text; create index note_c1 on tenant_t04.note (id)")
    out, err = freehold(fleet, "rollout", "run", "--yes", "--canary", "t01", "--max-failure-percent", "50", exits=4)
    assert "t04: failed: [42701]" in err
    assert "1 failed: freehold rollout tenants" in err
    out, _ = freehold(fleet, "migrate", "status")
    assert "t04 failed at 0001.c1: [42701]" in out
    fleet_status = parsed(fleet, "migrate", "status")[0]
    assert (fleet_status["floor"], fleet_status["ceiling"]) == (None, "0001.c1")
    assert [row["slug"] for row in fleet_status["quarantined"]] == ["t04"]
    assert max(map(len, out.splitlines())) <= 100
    fleet.admin.execute("alter table tenant_t04.note drop column c1; drop index tenant_t04.note_c1")
    freehold(fleet, "rollout", "retry", "--tenant", "t04")
    freehold(fleet, "rollout", "work")
    assert parsed(fleet, "migrate", "status")[0]["floor"] == "0001.c1"
    assert refused(fleet, "rollout", "retry", exits=4)["code"] == "FH202"


def test_pause_resume_abort(fleet: Fleet) -> None:
    fleet.add_column()
    freehold(fleet, "rollout", "run", "--yes", "--canary", "t01", "--pause-after", "canary")
    assert parsed(fleet, "rollout", "status")["state"] == "paused"
    freehold(fleet, "rollout", "resume", "--reason", "looks well")
    freehold(fleet, "rollout", "pause", "--reason", "lunch")
    assert parsed(fleet, "rollout", "status")["reason"] == "lunch"
    freehold(fleet, "rollout", "abort", "--reason", "enough")
    assert refused(fleet, "rollout", "resume", exits=4)["code"] == "FH202"
    operations = {row["kind"] for row in fleet.control.operation_list(slug="default")}
    assert {"rollout_create", "rollout_start", "rollout_paused", "rollout_running", "rollout_aborted"} <= operations


def test_an_edited_file_and_nothing_to_do(fleet: Fleet) -> None:
    migration = fleet.add_column()
    freehold(fleet, "rollout", "run", "--yes")
    assert "nothing is pending" in refused(fleet, "rollout", "plan", exits=4)["message"]
    (fleet.path / f"{migration}.sql").write_text("select 1;\n")
    error = refused(fleet, "rollout", "plan", exits=4)
    assert error["code"] == "FH212"
    assert "t01" in error["detail"]


def test_a_rollback_that_would_stop_in_the_middle_is_not_planned(fleet: Fleet) -> None:
    fleet.add_column()
    fleet.write("0002.one_way", "create table one_way (id int primary key);")
    freehold(fleet, "rollout", "run", "--yes")
    error = refused(fleet, "rollout", "rollback", exits=2)
    assert "0002.one_way.rollback.sql" in error["detail"]
    assert len(fleet.control.rollout_list()) == 1
    row = parsed(fleet, "rollout", "rollback", "--migration", "0001.c1")
    freehold(fleet, "rollout", "start", str(row["id"]), "--yes")
    freehold(fleet, "rollout", "work")
    fleet.whole()
    assert fleet.applied("t01") == ["0002.one_way"]


def test_what_others_depend_on_is_not_taken_back(fleet: Fleet) -> None:
    fleet.add_column(1)
    freehold(fleet, "rollout", "run", "--yes")
    fleet.write("0002.more", "-- depends: 0001.c1\ncreate table more (id int primary key);", "drop table more;")
    freehold(fleet, "rollout", "run", "--yes")
    first, second = (row["id"] for row in reversed(fleet.control.rollout_list()))
    assert "0002.more depends on" in refused(fleet, "rollout", "rollback", str(first), exits=2)["message"]
    assert len(fleet.control.rollout_list()) == 2
    for rollout in (second, first):
        row = parsed(fleet, "rollout", "rollback", str(rollout))
        freehold(fleet, "rollout", "start", str(row["id"]), "--yes")
        freehold(fleet, "rollout", "work")
    assert fleet.applied("t01") == []


def test_nothing_is_kept_or_worked_on_in_vain(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add_column()
    assert refused(fleet, "rollout", "plan", "--out", str(tmp_path / "none" / "plan.json"), exits=2)["code"] == "FH003"
    assert refused(fleet, "rollout", "start", str(tmp_path), exits=2)["code"] == "FH003"
    assert fleet.control.rollout_list() == []
    row = parsed(fleet, "rollout", "plan")
    assert refused(fleet, "rollout", "work", exits=4)["hint"] == f"freehold rollout start {row['id']}"
    assert "rollback" not in freehold(fleet, "rollout", "abort")[0]
    assert refused(fleet, "rollout", "work", exits=4)["code"] == "FH202"


def test_one_tenant_by_itself(fleet: Fleet) -> None:
    fleet.add_column(1)
    fleet.add_column(2)
    out, _ = freehold(fleet, "migrate", "apply", "t02", "--to", "0001.c1")
    assert "applied 0001.c1" in out
    assert parsed(fleet, "migrate", "apply", "t02") == {"applied": ["0002.c2"]}
    assert "t02 has all 2" in freehold(fleet, "migrate", "apply", "t02")[0]
    assert [row["migration_id"] for row in parsed(fleet, "migration", "show", "t02")] == ["0001.c1", "0002.c2"]
    assert parsed(fleet, "migrate", "rollback", "t02", "0002.c2") == {"rolled_back": ["0002.c2"]}
    assert "does not have" in freehold(fleet, "migrate", "rollback", "t02", "0002.c2")[0]
    assert refused(fleet, "migrate", "apply", "nobody", exits=3)["code"] == "FH101"
    assert refused(fleet, "migrate", "apply", "@nobody", exits=3)["code"] == "FH102"
    freehold(fleet, "migrate", "rollback", "t02", "0009.none", exits=3)
    freehold(fleet, "migration", "mark", "t02", "0002.c2")
    assert fleet.applied("t02") == ["0001.c1", "0002.c2"]
    freehold(fleet, "migration", "mark", "t02", "0002.c2", "--not-applied")
    assert parsed(fleet, "migration", "export", "t02")["migrations"] == 1
    assert parsed(fleet, "migration", "import", "t02")["changed"] == 0
    fleet.whole()
