"""``freehold verify isolation --active``: what it finds on a sound database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import psycopg
from click.testing import CliRunner

from freehold.cli import main
from freehold.isolation.attack import MODELS
from freehold.isolation.attacks import GROUPS
from freehold.isolation.scene import PREFIX, left_over
from support.database import Database

Connection = psycopg.Connection[Any]


def verify(dsn: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main, ["verify", "isolation", "--json", *arguments], env={"FREEHOLD_DSN": dsn})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, json.loads(done.stdout)


def roles(admin: Connection) -> set[str]:
    return {name for (name,) in admin.execute("select rolname from pg_roles")}


def possible(report: dict[str, Any], model: str) -> set[str]:
    """Attacks on others that got through, by one of the attacker's means."""
    return {
        found["attack"]
        for found in report["attacks"]
        if found["model"] == model and found["verdict"] == "possible" and not found["own_tenant_only"]
    }


HEARD = {"hear its notifications", "send notifications in its name"}


def test_a_sound_database_passes_and_is_left_as_it_was(database: Database, admin: Connection) -> None:
    control = database.control()
    control.template_create("shop")
    control.template_apply("shop", "create table item (id int); create function items() returns bigint language sql "
                           "security definer as 'select count(*) from item'")  # fmt: skip
    control.template_freeze("shop")
    control.tenant_provision("bystander", "shop")
    before = roles(admin)
    code, report = verify(database.owner_dsn, "--active", "--template", "shop")
    assert (code, report["passed"]) == (0, True), [found for found in report["attacks"] if found["surprise"]]
    assert all(control["passed"] for control in report["controls"])
    assert len(report["controls"]) == 17
    assert len(report["attacks"]) == sum(
        attack.tried(model) for group in GROUPS.values() for attack in group for model in MODELS
    )
    assert not any(found["verdict"] == "untried" for found in report["attacks"])
    assert possible(report, "login") == HEARD | {"hold an advisory lock that it needs"}
    assert "reset role, then the victim's" in possible(report, "statement")
    assert "set_config('role') and a function of its own schema" in possible(report, "expression")
    assert [row["slug"] for row in control.tenant_list()] == ["bystander"]
    assert [row["name"] for row in control.template_list()] == ["shop"]
    assert roles(admin) == before
    # Hardened, one injected expression reaches no other tenant.
    assert CliRunner().invoke(main, ["harden"], env={"FREEHOLD_DSN": database.admin_dsn}).exit_code == 0
    code, report = verify(database.owner_dsn, "--active")
    assert code == 0, [found for found in report["attacks"] if found["surprise"]]
    assert possible(report, "expression") == set()
    assert possible(report, "login") == HEARD


def test_a_login_past_all_gates_withstands_what_one_past_one_does(database: Database) -> None:
    control = database.control()
    control.template_create("shop")
    control.template_freeze("shop")
    control.tenant_provision("bystander", "shop")
    gate = database.login_dsn("every")
    control.gate_grant("every")
    code, report = verify(database.owner_dsn, "--active", "--level", "role", "--gate", gate)
    assert (code, report["passed"]) == (0, True), [found for found in report["attacks"] if found["surprise"]]
    prevented = {found["attack"] for found in report["attacks"] if found["verdict"] == "prevented"}
    assert prevented >= {"to the gate", "to all gates", "grant itself the gates", "grant its own role on"}


def test_probes_of_a_killed_run_are_erased(database: Database, admin: Connection) -> None:
    before, control = roles(admin), database.control()
    command = [sys.executable, "-m", "freehold", "verify", "isolation", "--active"]
    running = subprocess.Popen(
        command, env={**os.environ, "FREEHOLD_DSN": database.owner_dsn}, stdout=subprocess.DEVNULL
    )
    try:
        while not any(name.startswith("fh_probe_") for name in roles(admin)):
            assert running.poll() is None
            time.sleep(0.01)
    finally:
        running.kill()
        running.wait()
    left = left_over(control)
    assert len(left) == 2
    assert all(slug.startswith(PREFIX) for slug in left)
    done = CliRunner().invoke(main, ["verify", "isolation", "--clean"], env={"FREEHOLD_DSN": database.owner_dsn})
    assert done.exit_code == 0, done.output
    assert left_over(control) == []
    assert roles(admin) == before


def test_what_cannot_be_tried_is_said(database: Database) -> None:
    run = CliRunner()
    done = run.invoke(
        main, ["verify", "isolation", "--active", "--template", "none"], env={"FREEHOLD_DSN": database.owner_dsn}
    )
    assert done.exit_code == 3
    assert "no template is called" in done.stderr
    done = run.invoke(main, ["verify", "isolation", "--level", "login"], env={"FREEHOLD_DSN": database.owner_dsn})
    assert done.exit_code == 2
    # An application's login that is past no gate.
    gate = database.login_dsn("stranger")
    database.connect(database.admin_dsn).execute("grant freehold_tenant to stranger")
    done = run.invoke(
        main,
        ["verify", "isolation", "--active", "--level", "role", "--gate", gate],
        env={"FREEHOLD_DSN": database.owner_dsn},
    )
    assert done.exit_code == 5, done.output
    assert "gate" in done.stderr
    assert left_over(database.control()) == []
