"""What a superuser takes from PUBLIC: tenants lose it, freehold goes on without noticing, and all of it can be given back."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql

from freehold import bundle, pgtap_runner
from freehold.cli import main
from freehold.cli.harden import GROUPS
from freehold.control import Control
from support.database import Database
from support.programs import psql

SUITES = sorted((Path(__file__).resolve().parents[1] / "pgtap").rglob("*.sql"))
ACCESS_LISTS = """
    select 'function', oid::regprocedure::text, proacl::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace
    union all select 'language', lanname, lanacl::text from pg_language
    order by 1, 2
"""
ATTACKS = {
    "languages": ("do $$ begin end $$",),
    "advisory": ("select pg_advisory_lock(1)", "select pg_try_advisory_xact_lock_shared(1, 2)"),
    "large_objects": ("select lo_create(0)", "select lo_from_bytea(0, 'x')", "select lo_unlink(lo_create(0))"),
    "query_text": (
        "select query_to_xml('select 1', true, true, '')",
        "select schema_to_xml('tenant_acme', true, true, '')",
        "select * from ts_stat('select ''a''::tsvector')",
        "select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, ''b''::tsquery')",
    ),
    "set_config": ("select set_config('role', 'none', true)",),
    "notify": ("select pg_notify('everybody', 'x')",),
}
"""What a tenant does with each group; all of it works on a server as it comes."""

CODE = (
    "create table note (id bigint generated always as identity primary key, body text not null);"
    "create function shout() returns trigger language plpgsql as 'begin new.body := upper(new.body); return new; end';"
    "create trigger shout before insert on note for each row execute function shout();"
    "create function notes() returns bigint language sql stable as 'select count(*) from note';"
    "do 'begin insert into note (body) values (''seed''); end'"
)


def harden(dsn: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["harden", *arguments], env={"FREEHOLD_DSN": dsn})


def lists(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(ACCESS_LISTS).fetchall()


@pytest.fixture
def tenants(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", CODE)
    control.template_freeze("default")
    control.tenant_provision("acme")
    return control


@pytest.fixture
def tenant(tenants: Control, database: Database) -> psycopg.Connection[Any]:
    """A session that logged in as the tenant's runtime role."""
    tenants.login_enable("acme")
    return database.connect(database.login_dsn("tenant_acme_rw"))


@pytest.fixture
def hardened(database: Database) -> Database:
    """The database after ``freehold harden``."""
    done = harden(database.admin_dsn)
    assert done.exit_code == 0, done.output
    # What earlier tests left in the catalogs that databases share: nobody else vacuums on this server.
    database.connect(database.admin_dsn).execute("vacuum pg_shdepend, pg_authid, pg_auth_members, pg_database")
    return database


def test_every_attack_works_before_and_none_after(tenant: psycopg.Connection[Any], database: Database) -> None:
    assert ATTACKS.keys() == set(GROUPS)
    statements = [statement for group in ATTACKS.values() for statement in group]
    for statement in statements:
        # A server may be built without XML; the privilege is asked first, so that it counts afterwards.
        with contextlib.suppress(psycopg.errors.FeatureNotSupported):
            tenant.execute(statement.encode())
    assert harden(database.admin_dsn).exit_code == 0
    for statement in statements:
        with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
            tenant.execute(statement.encode())
        assert caught.value.sqlstate == "42501"


def test_a_tenant_has_nothing_that_was_taken(
    tenants: Control, hardened: Database, admin: psycopg.Connection[Any]
) -> None:
    taken = admin.execute("select kind, object from freehold_harden.privilege where kind <> 'role'").fetchall()
    assert len(taken) > 50
    for role in ("tenant_acme_rw", "freehold_tenant", "public"):
        kept = [
            name
            for kind, name in taken
            if admin.execute(
                "select case %(k)s when 'function' then has_function_privilege(%(r)s, %(n)s, 'execute')"
                " else has_language_privilege(%(r)s, %(n)s, 'usage') end",
                {"k": kind, "r": role, "n": name},
            ).fetchone()
            == (True,)
        ]
        assert kept == []


@pytest.mark.usefixtures("hardened")
def test_rows_triggers_and_functions_of_a_tenant_go_on(tenant: psycopg.Connection[Any]) -> None:
    with tenant.transaction():
        tenant.execute("set local freehold.actor = 'ada'")
        assert tenant.execute("insert into note (body) values ('x') returning body").fetchone() == ("X",)
    assert tenant.execute("select notes()").fetchone() == (2,)


@pytest.mark.usefixtures("hardened")
def test_a_tenants_life_goes_on(tenants: Control) -> None:
    tenants.tenant_provision("beta")
    tenants.tenant_clone("beta", "gamma")
    tenants.reader_create("gamma")
    tenants.tenant_rename("gamma", "delta")
    assert [row["slug"] for row in tenants.fleet_drift() if row["drifted"]] == []
    tenants.template_apply("default", "do 'begin create function later() returns int language sql return 1; end'")
    tenants.template_freeze("default")
    tenants.tenant_provision("epsilon")
    for slug in ("beta", "delta", "epsilon"):
        tenants.tenant_retire(slug, grace="0")
        tenants.tenant_erase(slug, "over")
    log = tenants.operation_list()
    assert [row["detail"]["residue"] for row in log if row["kind"] == "erase"] == [[], [], []]


def test_the_fleet_can_still_be_asked(tenants: Control, hardened: Database, admin: psycopg.Connection[Any]) -> None:
    tenants.tenant_provision("beta")
    while tenants.fleet_prepare():
        pass
    query = "select count(*) as n from note"
    asked = [(row["slug"], row["row"], row["error"]) for row in Control(admin).fleet_query(query)]
    assert asked == [("acme", {"n": 1}, None), ("beta", {"n": 1}, None)]
    tenants.rollup_define("notes", query, "1 hour")
    while tenants.rollup_refresh():
        pass
    assert [(row["row"], row["error"]) for row in Control(admin).rollup_get("notes")] == [({"n": 1}, None)] * 2


@pytest.mark.usefixtures("hardened")
def test_a_cell_that_is_opened_later_can_work(tenants: Control) -> None:
    tenants.setting_set("cell_capacity", "1")
    assert tenants.tenant_provision("beta")["cell"] == 2


def test_install_again_and_doctor_are_content(tenants: Control, hardened: Database) -> None:
    with psycopg.connect(hardened.owner_dsn, autocommit=True) as owner:
        bundle.run(owner, bundle.install_bundle())
    odd = [row for row in tenants.doctor(deep=True) if row["check_name"] not in ("server_version", "createrole")]
    # A test server runs without autovacuum; no login, no limit.
    assert [row for row in odd if row["object"] != "autovacuum"] == []


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.stem)
def test_the_suites_pass(hardened: Database, suite: Path) -> None:
    with suite.open() as file:
        first = file.readline().strip()
    dsn = hardened.admin_dsn if first == "-- session: superuser" else hardened.owner_dsn
    outcome = pgtap_runner.run_file(suite, hardened.connect(dsn))
    assert outcome.problems == []
    assert outcome.run > 0 or outcome.skipped


def test_undo_restores_every_access_list(tenants: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create role before; grant execute on function pg_notify(text, text) to before with grant option")
    admin.execute("revoke execute on function lo_create(oid) from public")
    state = lists(admin), admin.execute("select count(*) from pg_shdepend").fetchone()
    assert harden(database.admin_dsn, "--keep", "before").exit_code == 0
    once = lists(admin)
    assert once != state[0]
    assert harden(database.admin_dsn).exit_code == 0
    assert lists(admin) == once, "a second run changes nothing"
    undone = harden(database.admin_dsn, "--undo")
    assert (undone.exit_code, undone.output.strip()) == (0, "PUBLIC has what it had before")
    assert (lists(admin), admin.execute("select count(*) from pg_shdepend").fetchone()) == state
    assert admin.execute("select to_regrole('freehold_trusted'), to_regnamespace('freehold_harden')").fetchone() == (
        None,
        None,
    )
    assert harden(database.admin_dsn, "--undo").output.strip() == "there is nothing to undo"
    tenants.tenant_provision("beta")


def test_what_others_granted_in_between_stays(database: Database, admin: psycopg.Connection[Any]) -> None:
    assert harden(database.admin_dsn).exit_code == 0
    admin.execute("create role later; grant execute on function pg_notify(text, text) to later")
    undone = harden(database.admin_dsn, "--undo", "--json")
    assert [row["message"] for row in json.loads(undone.output) if row["severity"] == "warning"] == [
        "function pg_notify(text,text) was granted to others in between"
    ]
    for role in ("later", "public"):
        allowed = admin.execute("select has_function_privilege(%s, 'pg_notify(text,text)', 'execute')", (role,))
        assert allowed.fetchone() == (True,)


def test_uninstalling_does_not_need_the_superuser(bare_database: Database) -> None:
    owner = bare_database.connect()
    admin = bare_database.connect(bare_database.admin_dsn)
    before = lists(admin)
    bundle.run(owner, bundle.install_bundle())
    assert harden(bare_database.admin_dsn).exit_code == 0
    bundle.run(owner, bundle.uninstall_bundle())
    left = "select rolname::text from pg_roles where rolname ~ '^freehold_'"
    assert admin.execute(left).fetchall() == [("freehold_trusted",)]
    assert harden(bare_database.admin_dsn, "--undo").exit_code == 0
    assert admin.execute(left).fetchall() == []
    assert lists(admin) == before


def test_psql_alone_does_it(database: Database, admin: psycopg.Connection[Any]) -> None:
    before = lists(admin)
    for script in ("harden.sql", "unharden.sql"):
        psql(database, "-q", "-1", "-d", database.admin_dsn, "-f", str(bundle.sql_root() / script))
        assert (lists(admin) == before) == (script == "unharden.sql")


def test_roles_are_kept_and_groups_left(
    tenant: psycopg.Connection[Any], database: Database, admin: psycopg.Connection[Any]
) -> None:
    admin.execute("create role etl")
    assert harden(database.admin_dsn, "--keep", "etl", "--leave", "advisory", "--leave", "notify").exit_code == 0
    for group, statements in ATTACKS.items():
        for statement in statements:
            if group in ("advisory", "notify"):
                tenant.execute(statement.encode())
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    tenant.execute(statement.encode())
    with admin.transaction():
        admin.execute("set local role etl")
        for statement in ATTACKS["set_config"] + ATTACKS["languages"]:
            admin.execute(statement.encode())


def test_an_applications_login_keeps_it(tenants: Control, database: Database) -> None:
    dsn = database.login_dsn("app_login")
    tenants.gate_grant("app_login")
    assert harden(database.admin_dsn).exit_code == 0
    app = database.connect(dsn)
    app.execute("select set_config('application_name', 'app', false)")
    with app.transaction():
        app.execute("set local role tenant_acme_rw")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
            app.execute("select set_config('application_name', 'app', false)")


def test_a_dry_run_changes_nothing_and_needs_nobody(database: Database, admin: psycopg.Connection[Any]) -> None:
    before = lists(admin)
    looked = harden(database.owner_dsn, "--dry-run")
    assert looked.exit_code == 0
    assert "advisory: 16 would be taken from PUBLIC" in looked.output
    assert lists(admin) == before
    refused = harden(database.owner_dsn)
    assert refused.exit_code == 5
    assert "is no superuser" in refused.output
    assert harden(database.owner_dsn, "--undo").exit_code == 5
    assert harden(database.admin_dsn, "--undo", "--dry-run").exit_code == 2
    assert harden(database.admin_dsn, "--keep", "nobody").exit_code == 2
    assert lists(admin) == before


def test_nothing_that_is_run_as_the_superuser_is_anybody_elses(
    hardened: Database, connection: psycopg.Connection[Any], admin: psycopg.Connection[Any]
) -> None:
    for statement in (
        "select * from freehold_harden.privilege",
        "create table freehold_harden.own (n int)",
        "drop schema freehold_harden cascade",
        "drop event trigger freehold_harden",
        "create or replace function freehold_harden.schema_made() returns event_trigger language plpgsql as 'begin end'",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
    owned = admin.execute(
        "select p.proacl::text ~ '[{,]=', p.proconfig, r.rolsuper from pg_proc as p join pg_roles as r on r.oid = p.proowner"
        " where p.pronamespace = 'freehold_harden'::regnamespace"
    ).fetchall()
    assert owned == [(False, ["search_path=pg_catalog, pg_temp"], True)]


@pytest.mark.parametrize("arguments", [(), ("--undo",)])
def test_a_schema_that_somebody_put_there_is_refused(database: Database, arguments: tuple[str, ...]) -> None:
    with psycopg.connect(database.owner_dsn, autocommit=True) as owner:
        owner.execute("create schema freehold_harden")
        owner.execute(
            sql.SQL("create table freehold_harden.privilege (kind text, object text, acl text, taken_at timestamptz)")
        )
        owner.execute("insert into freehold_harden.privilege values ('function', 'pg_read_file(text)')")
    done = harden(database.admin_dsn, *arguments)
    assert done.exit_code == 4
    assert "freehold_harden" in done.output
