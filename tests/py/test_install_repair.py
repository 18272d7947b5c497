"""Installing again gives back what was taken from cells, gates and tenants by hand, and nothing else."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import sql

from freehold import bundle
from freehold.errors import FreeholdError
from support.database import OWNER, Database

# All that is granted around the tenants.
STATE = {
    "memberships": "select roleid::regrole::text, member::regrole::text, grantor::regrole::text, "
    "to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor' from pg_auth_members as m order by 1, 2, 3",
    "database": "select array(select a::text from unnest(datacl) as a order by 1) from pg_database "
    "where datname = current_database()",
    "schemas": "select nspname, array(select a::text from unnest(nspacl) as a order by 1) from pg_namespace "
    "where nspname ~ '^(freehold$|tenant_|template_)' order by 1",
}
# Who takes what; a membership is taken by who granted it.
TAKEN = [
    ("freehold_cell_01", "revoke tenant_acme_rw from freehold_gate_01"),
    ("freehold_cell_01", "revoke tenant_acme_ro from freehold_gate_01"),
    ("freehold_cell_02", "revoke tenant_second_rw from freehold_gate_02"),
    ("freehold_cell_01", "revoke freehold_tenant from tenant_acme_rw"),
    ("freehold_cell_01", "revoke freehold_tenant from tenant_acme_ro"),
    ("freehold_cell_01", "revoke freehold_tenant from tenant_acme_owner"),
    ("freehold_cell_01", "revoke freehold_tenant from freehold_template_default_owner"),
    ("freehold_cell_02", "revoke freehold_tenant from tenant_quiet_rw"),
    ("freehold_cell_00", "revoke freehold_tenant from freehold_cell_01 cascade"),
    ("freehold_cell_00", "revoke freehold_tenant from freehold_cell_02 cascade"),
    (OWNER, "revoke freehold_tenant from freehold_cell_00 cascade"),
    ("freehold_cell_00", "revoke freehold_gate_02 from freehold_gates"),
    ("freehold_cell_00", "revoke create on database {database} from freehold_cell_02"),
    ("freehold_cell_00", "revoke connect on database {database} from freehold_gate_02"),
    (
        "freehold_cell_00",
        "revoke connect on database {database} from freehold_tenant, freehold_admin, freehold_gate_01",
    ),
    (OWNER, "revoke all on database {database} from freehold_cell_00 cascade"),
    ("tenant_acme_owner", "revoke usage on schema tenant_acme from freehold_owner"),
    ("tenant_quiet_owner", "revoke usage on schema tenant_quiet from freehold_owner"),
    ("freehold_template_default_owner", "revoke usage on schema template_default from freehold_owner"),
]


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    """Two cells with tenants in every state; acme has a reader."""
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", "create table note (body text)")
    control.template_freeze("default")
    control.setting_set("cell_capacity", "2")
    for slug in ("acme", "first", "second", "quiet", "ended"):
        control.tenant_provision(slug)
    control.reader_create("acme")
    control.tenant_suspend("quiet")
    control.tenant_retire("ended")
    control.tenant_retire("first", grace="0")
    control.tenant_erase("first", "test")
    return module_database


def state(database: Database) -> dict[str, object]:
    with database.server.connect(database.name) as admin:
        return {name: admin.execute(query.encode()).fetchall() for name, query in STATE.items()}


def install(database: Database) -> None:
    connection = database.connect()
    bundle.run(connection, bundle.install_bundle())
    connection.close()


def take(database: Database, role: str, statement: str) -> None:
    with database.server.connect(database.name) as admin:
        admin.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        admin.execute(statement.format(database=database.name).encode())


@pytest.mark.parametrize(("role", "statement"), TAKEN, ids=[statement for _, statement in TAKEN])
def test_what_was_taken_is_given_back(fleet: Database, role: str, statement: str) -> None:
    before = state(fleet)
    take(fleet, role, statement)
    assert state(fleet) != before
    install(fleet)
    assert state(fleet) == before


def test_all_at_once(fleet: Database) -> None:
    before = state(fleet)
    for role, statement in TAKEN:
        # What went along with an earlier one is not there any more.
        if "cascade" not in statement:
            take(fleet, role, statement)
    take(fleet, OWNER, "revoke freehold_tenant from freehold_cell_00 cascade")
    take(fleet, OWNER, "revoke all on database {database} from freehold_cell_00 cascade")
    with pytest.raises((FreeholdError, psycopg.Error)):
        fleet.control().tenant_provision("never")
    install(fleet)
    assert state(fleet) == before
    control = fleet.control()
    assert control.tenant_get("acme")["state"] == "active"
    assert [row["slug"] for row in control.fleet_drift() if row["drifted"]] == []


def test_who_grants_the_group_of_all_gates_can_again(fleet: Database) -> None:
    if fleet.server.major < 16:
        pytest.skip("CREATEROLE is enough")
    before = state(fleet)
    take(fleet, OWNER, "revoke freehold_gates from freehold_cell_00 cascade")
    assert state(fleet) != before
    install(fleet)
    assert state(fleet) == before


def test_a_membership_of_another_kind_is_put_right(fleet: Database) -> None:
    if fleet.server.major < 16:
        take(fleet, "freehold_cell_01", "grant tenant_acme_rw to freehold_gate_01")
        return
    before = state(fleet)
    take(fleet, "freehold_cell_01", "grant tenant_acme_rw to freehold_gate_01 with set false")
    take(fleet, "freehold_cell_01", "grant freehold_tenant to tenant_acme_rw with inherit false")
    take(fleet, "freehold_cell_00", "revoke admin option for freehold_tenant from freehold_cell_02 cascade")
    install(fleet)
    assert state(fleet) == before


def test_who_is_suspended_or_retired_stays_out(fleet: Database) -> None:
    take(fleet, "freehold_cell_01", "revoke tenant_acme_rw from freehold_gate_01")
    install(fleet)
    with fleet.server.connect(fleet.name) as admin:
        inside = admin.execute(
            "select roleid::regrole::text from pg_auth_members where member::regrole::text ~ '^freehold_gate_' order by 1"
        ).fetchall()
        logins = admin.execute("select rolname from pg_roles where rolname ~ '^tenant_' and rolcanlogin").fetchall()
    assert inside == [("tenant_acme_ro",), ("tenant_acme_rw",), ("tenant_second_rw",)]
    assert logins == []


def test_where_nothing_is_missing_nothing_is_run(fleet: Database) -> None:
    """Ten thousand tenants installed again must not be ten thousand statements: the cells' functions run them all."""
    with fleet.server.connect(fleet.name) as admin:
        admin.execute(f"alter role {OWNER} set track_functions = 'all'".encode())
        try:
            assert calls(fleet, admin, "revoke tenant_acme_rw from freehold_gate_01") == 1
            assert calls(fleet, admin, "revoke freehold_tenant from tenant_acme_rw, tenant_acme_owner") == 2
            assert calls(fleet, admin) == 0
        finally:
            admin.execute(f"alter role {OWNER} reset track_functions".encode())


def calls(fleet: Database, admin: psycopg.Connection[Any], statement: str | None = None) -> int:
    """How many statements an install runs as a cell, after one that took something."""
    if statement:
        take(fleet, "freehold_cell_01", statement)
    admin.execute("select pg_stat_reset()")
    connection = fleet.connect()
    bundle.run(connection, bundle.install_bundle())
    assert connection.execute("select pg_stat_force_next_flush()") is not None
    connection.execute("select 1")
    connection.close()
    (tracked,) = admin.execute(
        "select sum(calls) from pg_stat_user_functions where funcname !~ '^_cell_\\d'"
    ).fetchall()
    assert tracked[0] > 0
    row = admin.execute(
        "select coalesce(sum(calls), 0)::int from pg_stat_user_functions where schemaname = 'freehold' and funcname ~ '^_cell_\\d'"
    ).fetchone()
    assert row is not None
    return int(row[0])
