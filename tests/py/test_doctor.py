"""``freehold doctor``: what it shows and how it exits."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold.cli import main
from support.database import Database


def doctor(database: Database, *arguments: str, columns: int = 80) -> Result:
    environment = {"COLUMNS": str(columns), "FREEHOLD_DSN": database.owner_dsn}
    return CliRunner().invoke(main, ["doctor", *arguments], env=environment)


@pytest.fixture
def faulty(database: Database, admin: psycopg.Connection[Any]) -> Database:
    """An installation with an error and a warning that no server version and no setting brings."""
    admin.execute("grant select on freehold.tenant to public")
    admin.execute("create schema tenant_nobody")
    return database


def test_an_error_is_an_exit_code(faulty: Database, admin: psycopg.Connection[Any]) -> None:
    assert doctor(faulty).exit_code == 7
    admin.execute("revoke select on freehold.tenant from public")
    errors = [row for row in json.loads(doctor(faulty, "--json").output) if row["severity"] == "error"]
    # A test server runs without autovacuum.
    assert {row["object"] for row in errors} <= {"autovacuum"}
    assert doctor(faulty).exit_code == (7 if errors else 0)
    assert doctor(faulty, "--strict").exit_code == 7


def test_json_has_all_of_a_finding_and_the_table_fits(faulty: Database) -> None:
    found = json.loads(doctor(faulty, "--json").output)
    assert {"severity", "check_name", "object", "finding", "reason", "remedy"} == set(found[0])
    order = ["error", "warning", "note"]
    assert found == sorted(found, key=lambda row: order.index(row["severity"]))
    shown = doctor(faulty, columns=60).output
    assert max(map(len, shown.splitlines())) <= 60
    assert "drop schema tenant_nobody;" in shown


def test_severity_hides_what_is_less(faulty: Database) -> None:
    found = json.loads(doctor(faulty, "--severity", "error", "--json").output)
    assert {row["severity"] for row in found} == {"error"}
    assert "freehold.tenant" in {row["object"] for row in found}


def test_the_declared_grants_are_made_out_once(admin: psycopg.Connection[Any]) -> None:
    with admin.transaction():
        admin.execute("set local track_functions = 'all'")
        admin.execute("select from freehold._doctor_control_grants()")
        calls = admin.execute("select pg_stat_get_xact_function_calls('freehold._grant_declared'::regproc)").fetchone()
    assert calls == (1,)
