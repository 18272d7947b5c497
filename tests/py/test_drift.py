"""Drift of a fleet: who has it, page by page, in what, and the way back, from SQL and from the command line."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold.cli import main
from freehold.control import Control
from freehold.errors import TenantNotFound
from support.database import Database

SHOP = """
create table contact (id integer generated always as identity primary key, name text not null, note text);
create index contact_name on contact (name);
create function shout(t text) returns text language sql immutable return upper(t);
create view loud as select id, shout(name) as name from contact;
"""
LOSS = "alter table contact add column more integer, drop column note; drop view loud; drop index contact_name"


@pytest.fixture
def fleet(control: Control) -> Control:
    """Four tenants; one renamed, one cloned, one suspended, one with a reader."""
    control.template_create("default")
    control.template_apply("default", SHOP)
    control.template_freeze("default")
    for slug in ("acme", "beta", "old"):
        control.tenant_provision(slug)
    control.tenant_clone("acme", "copy")
    control.tenant_rename("old", "new")
    control.reader_create("beta")
    control.tenant_suspend("copy", "unpaid")
    return control


def test_no_life_of_a_tenant_is_drift_nor_costs_a_deparse(fleet: Control, admin: psycopg.Connection[Any]) -> None:
    assert [row for row in fleet.fleet_drift() if row["drifted"]] == []
    hashes = admin.execute(
        "select hash from freehold._drift_hash(array(select schema_name::text::regnamespace::oid from freehold.tenant))"
    ).fetchall()
    assert len(hashes) == 4
    assert len(set(hashes)) == 1
    assert hashes[0] != (None,)


def test_pages_add_up(fleet: Control, admin: psycopg.Connection[Any]) -> None:
    drift(admin, "copy", "drop index contact_name")
    whole, pages, after = fleet.fleet_drift(), [], None
    while page := fleet.fleet_drift(after, 3):
        pages += page
        after = page[-1]["slug"]
    assert pages == whole
    assert [(row["slug"], row["drifted"], row["differences"]) for row in whole] == [
        ("acme", False, 0), ("beta", False, 0), ("copy", True, 1), ("new", False, 0)
    ]  # fmt: skip


def test_a_fleet_that_drifted_alike_is_found(fleet: Control, admin: psycopg.Connection[Any]) -> None:
    """Equal hashes alone say nothing."""
    for slug in ("acme", "beta", "copy", "new"):
        drift(admin, slug, "drop index contact_name")
    assert all(row["drifted"] for row in fleet.fleet_drift())


def test_what_would_lose_data_is_left_to_somebody(fleet: Control, admin: psycopg.Connection[Any]) -> None:
    drift(admin, "acme", "insert into contact (name) values ('Ada')")
    drift(admin, "acme", LOSS)
    rows = fleet.tenant_repair("acme")
    (held,) = [row for row in rows if row["by_hand"]]
    assert "drop column" in held["statement"]
    assert all(line.startswith("-- ") for line in held["statement"].splitlines())
    fleet.connection.execute("select freehold.migration_apply('acme', 'repair', %s)", (script(rows),))
    assert [(row["kind"], row["identity"]) for row in fleet.tenant_drift("acme")] == [("table", "contact")]
    assert not any(row["by_hand"] for row in fleet.tenant_repair("acme", allow_data_loss=True))


def test_empty_tables_lose_nothing(fleet: Control, admin: psycopg.Connection[Any]) -> None:
    drift(admin, "beta", "create table extra (id integer); alter table contact add column more text")
    assert not any(row["by_hand"] for row in fleet.tenant_repair("beta"))


def test_readers_ask_and_unknown_tenants_are_told(fleet: Control, database: Database) -> None:
    fleet.connection.execute("create role looker login password 'looker'")
    fleet.connection.execute("grant freehold_auditor to looker")
    looker = Control(database.connect(user="looker", password="looker"))
    assert looker.tenant_repair("acme") == []
    assert len(looker.fleet_drift(max_rows=2)) == 2
    with pytest.raises(TenantNotFound):
        looker.tenant_repair("nobody")


def test_commands(fleet: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    drift(admin, "acme", "insert into contact (name) values ('Ada')")
    drift(admin, "acme", LOSS)
    assert [row["slug"] for row in json.loads(run(database, "drift", "--json").stdout)] == ["acme"]
    assert len(json.loads(run(database, "drift", "--all", "--json").stdout)) == 4
    both = [run(database, *command, "acme").stdout for command in (("drift",), ("tenant", "drift"))]
    assert both[0] == both[1]
    assert "missing index contact_name" in both[0]
    held = run(database, "drift", "acme", "--repair")
    assert "-- alter table contact drop column" in held.stdout
    assert "left to you" in held.stderr
    text = run(database, "drift", "acme", "--repair", "--allow-data-loss").stdout
    assert text.startswith('begin;\nset local role "tenant_acme_owner";\n')
    admin.execute(text.encode())
    assert json.loads(run(database, "drift", "acme", "--json").stdout) == []
    assert json.loads(run(database, "drift", "acme", "--repair", "--json").stdout) == []
    assert run(database, "drift", "--repair", code=2).stdout == ""
    assert run(database, "drift", "nobody", code=3).stdout == ""


def drift(admin: psycopg.Connection[Any], slug: str, statements: str) -> None:
    """Changes a tenant's schema by hand, as its owner."""
    with admin.transaction():
        admin.execute("select set_config('role', owner_role, true), set_config('search_path', schema_name, true)"
                      " from freehold.tenant where slug = %s", (slug,))  # fmt: skip
        admin.execute(statements.encode())


def script(rows: list[dict[str, Any]]) -> str:
    """The statements as one text."""
    return "\n".join(row["statement"] + ("" if row["by_hand"] else ";") for row in rows)


def run(database: Database, *arguments: str, code: int = 0) -> Result:
    """Runs a command."""
    result = CliRunner().invoke(main, ["--dsn", database.owner_dsn, *arguments])
    assert result.exit_code == code, result.output
    return result
