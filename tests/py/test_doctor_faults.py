"""Every check of the doctor finds what it is for: faults are planted one by one, and the remedy is run as it is printed."""

from __future__ import annotations

import dataclasses
from typing import Any

import psycopg
import pytest

from freehold import bundle, sqltext
from freehold.control import Control, Row
from support.database import Database

DOCUMENTED = {"server_version", "createrole", "hardening"}
"""What the how-to page says that a healthy installation may show; and a test server runs without autovacuum."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """What is done to the database, and what the doctor should say.

    Attributes:
        check: The name of the check.
        object: The finding's object, or the beginning of it.
        plant: Statements, run by the superuser.
        undo: Statements that clean up afterwards; they alone mend it where the remedy is no SQL.
        deep: Only a deep run finds it.
        since: The major version from which on it can be planted.
        before: The major version from which on it no longer can.
    """

    check: str
    object: str
    plant: str
    undo: str = ""
    deep: bool = False
    since: int = 0
    before: int = 99

    def __str__(self) -> str:
        return f"{self.check}: {' '.join(self.plant.split())[:60]}"


RUNNER = (
    "select freehold.migration_apply('acme', 'x' || gen_random_uuid(), 'select'); do $$ declare v text; begin select "
)
EACH = (
    " into v from pg_proc as p where p.pronamespace = 'freehold_runner'::regnamespace and p.proowner = 'tenant_acme_owner'::regrole;"
    " execute v; end $$"
)
ROLLOUT = (
    'delete from freehold.rollout; select freehold.rollout_create(\'default\', \'[{{"id": "0001.x", "digest": "d"}}]\');'
    "select freehold.rollout_start(r.id, r.plan_digest) from freehold.rollout_list() as r;"
)

AUDITED = "select freehold.audit_enable('acme', 'note');"
UNAUDITED = "select freehold.audit_disable('acme', 'note')"
GLASS = "select freehold.break_glass_open('gamma', 'why', 'T-1');"
SHUT = (
    "select freehold.break_glass_close(g.id) from freehold.break_glass as g where g.state = 'open';"
    "select freehold.break_glass_expire()"
)


def glass(statement: str) -> str:
    """A statement about the one break-glass login, %I."""
    return (
        "do $$ begin execute format('"
        + statement
        + "', (select rolname from pg_roles where rolname ~ '^freehold_bg_')); end $$"
    )


FAULTS = (
    Fault(
        "keeper",
        "keeper",
        "update freehold.keeper set seen_at = now() - interval '1 day'",
        "update freehold.keeper set seen_at = null",
    ),
    Fault(
        "keeper",
        "task audit",
        "update freehold.task set failures = 3, last_error_code = 'XX000', last_error = 'x' where name = 'audit'",
    ),
    Fault(
        "break_glass",
        "role freehold_bg_",
        GLASS + "update freehold.break_glass set expires_at = now() - interval '1 minute' where state = 'open'",
        "select freehold.break_glass_expire()",
    ),
    Fault(
        "break_glass",
        "break-glass request ",
        "update freehold.setting set value = 'on' where name = 'break_glass_approval';"
        + GLASS
        + "update freehold.setting set value = 'off' where name = 'break_glass_approval';"
        "update freehold.break_glass set expires_at = now() - interval '1 minute' where state = 'pending'",
    ),
    Fault("break_glass", "role freehold_bg_0", "create role freehold_bg_00000000000000000000 login"),
    Fault("break_glass", "role freehold_bg_", GLASS + SHUT.partition(";")[0]),
    Fault(
        "break_glass",
        "role freehold_bg_",
        GLASS + SHUT.partition(";")[0] + ";" + glass("grant tenant_gamma_rw to %I"),
        "select freehold.break_glass_expire()",
    ),
    Fault("break_glass", "role freehold_bg_", GLASS + glass("drop owned by %1$I; drop role %1$I")),
    Fault("break_glass", "role freehold_bg_", GLASS + glass("alter role %I valid until ''infinity''"), SHUT),
    Fault("break_glass", "role freehold_bg_", GLASS + glass("alter role %I connection limit 5"), SHUT),
    Fault("break_glass", "role freehold_bg_", GLASS + glass("alter role %I bypassrls"), SHUT),
    Fault("break_glass", "freehold_bg_", GLASS + glass("grant %I to shady"), SHUT),
    Fault("break_glass", "freehold_bg_", GLASS + glass("grant pg_read_all_data to %I"), SHUT),
    Fault(
        "break_glass",
        "freehold_bg_",
        GLASS + "set role freehold_cell_01;" + glass("revoke tenant_gamma_ro from %I") + "; reset role",
        "select freehold.break_glass_expire()",
    ),
    Fault(
        "runtime_members",
        "tenant_gamma_ro",
        GLASS + "set role freehold_cell_01;" + glass("grant tenant_gamma_ro to %I with set true") + "; reset role",
        SHUT,
        since=16,
    ),
    Fault("runtime_members", "tenant_acme_rw", GLASS + glass("grant tenant_acme_rw to %I"), SHUT),
    Fault(
        "audit",
        "tenant_acme.note",
        AUDITED + "alter table tenant_acme.note disable trigger freehold_audit_update",
        UNAUDITED,
    ),
    Fault("audit", "tenant_acme.note", AUDITED + "drop trigger freehold_audit_truncate on tenant_acme.note", UNAUDITED),
    Fault(
        "audit",
        "acme",
        AUDITED + "do $$ begin execute (select format('alter function freehold_audit.%I() security invoker',"
        "freehold._audit_writer(t.id)) from freehold.tenant as t where t.slug = 'acme'); end $$",
        UNAUDITED,
    ),
    Fault("audit", "role freehold_audit_owner", "grant freehold_audit_owner to tenant_acme_rw"),
    Fault("audit", "schema freehold_audit", "grant usage on schema freehold_audit to tenant_acme_rw"),
    Fault("audit", "table tenant_acme.note", "grant trigger on tenant_acme.note to freehold_audit_owner"),
    Fault("audit", "freehold_audit.planted", "create table freehold_audit.planted (i int)"),
    Fault("settings", "password_encryption", "alter database {db} set password_encryption = 'md5'"),
    Fault("settings", "log_statement", "alter database {db} set log_statement = 'all'"),
    Fault("settings", "row_security", "alter database {db} set row_security = off"),
    Fault("settings", "track_activities", "alter database {db} set track_activities = off"),
    Fault("settings", "track_counts", "alter database {db} set track_counts = off"),
    Fault("logins", "tenant_acme_rw", "select freehold.login_enable('acme')", "select freehold.login_disable('acme')"),
    Fault(
        "logins",
        "max_connections",
        "select freehold.login_enable('acme', connection_limit => 100000)",
        "select freehold.login_disable('acme')",
    ),
    Fault(
        "control_grants",
        "freehold.tenant",
        "grant select on freehold.tenant to shady",
    ),
    Fault("control_grants", "freehold.tenant_get(text)", "grant execute on function freehold.tenant_get to public"),
    Fault("control_grants", "freehold.tenant.slug", "grant select (slug) on freehold.tenant to shady"),
    Fault(
        "control_grants",
        "freehold.tenant_get(text)",
        "revoke execute on function freehold.tenant_get from freehold_admin",
    ),
    Fault("control_grants", "freehold._cell_01(text,text)", "grant execute on function freehold._cell_01 to shady"),
    Fault(
        "control_objects",
        "function freehold.extra()",
        "create function freehold.extra() returns int language sql return 1;"
        "revoke all on function freehold.extra() from public",
        "drop function freehold.extra()",
    ),
    Fault("control_objects", "table freehold.operation", "alter table freehold.operation owner to shady"),
    Fault(
        "default_privileges",
        "tenant_acme_owner",
        "alter default privileges for role tenant_acme_owner grant execute on functions to public",
    ),
    Fault("members_at_rest", "freehold_owner", "grant freehold_owner to shady"),
    Fault("members_at_rest", "freehold_cell_01", "grant freehold_cell_01 to shady"),
    Fault("members_at_rest", "tenant_acme_owner", "grant tenant_acme_owner to shady"),
    Fault("gate_members", "shady", "grant freehold_gate_01 to shady"),
    Fault("gate_members", "postgres", "grant freehold_gate_01 to {superuser}"),
    Fault("gate_members", "shady", "alter role shady login bypassrls; grant freehold_gate_01 to shady"),
    Fault("gate_members", "shady", "grant freehold_gates to shady"),
    Fault("gate_members", "shady", "alter role shady login bypassrls; grant freehold_gates to shady"),
    Fault("runtime_members", "tenant_acme_rw", "grant tenant_acme_rw to shady"),
    Fault("runtime_members", "tenant_acme_rw", "grant tenant_acme_rw to freehold_gates"),
    Fault("runtime_members", "tenant_beta_rw", "grant tenant_beta_rw to freehold_gate_01"),
    Fault("runtime_members", "tenant_acme_rw", "grant tenant_acme_rw to freehold_gate_01", since=16),
    Fault(
        "runtime_members",
        "tenant_acme_rw",
        "set role freehold_cell_01;grant tenant_acme_rw to freehold_gate_01 with inherit true; reset role",
        since=16,
    ),
    Fault("runtime_members", "tenant_acme_rw", "alter role freehold_gate_01 inherit", before=16),
    Fault("runtime_members", "freehold_tenant", "grant freehold_tenant to shady"),
    Fault("foreign_groups", "tenant_acme_rw", "grant pg_read_all_data to tenant_acme_rw"),
    Fault("foreign_groups", "tenant_acme_rw", "grant freehold_admin to tenant_acme_rw"),
    Fault("foreign_groups", "freehold_gate_01", "grant shady to freehold_gate_01"),
    Fault("foreign_groups", "freehold_gates", "grant shady to freehold_gates"),
    Fault(
        "missing_grants",
        "cell 0",
        "set role freehold_cell_00; revoke freehold_gate_01 from freehold_gates; reset role",
        "install",
    ),
    Fault(
        "missing_grants",
        "cell 1",
        "set role freehold_cell_01; revoke tenant_acme_rw from freehold_gate_01; reset role",
        "install",
    ),
    Fault(
        "missing_grants",
        "cell 0",
        "set role freehold_cell_00; revoke create on database {db} from freehold_cell_01; reset role",
        "install",
    ),
    Fault(
        "missing_grants",
        "freehold_gate_01",
        "set role freehold_cell_00; revoke connect on database {db} from freehold_gate_01; reset role",
    ),
    Fault("role_attributes", "tenant_acme_rw", "alter role tenant_acme_rw login"),
    Fault("role_attributes", "tenant_acme_rw", "alter role tenant_acme_rw bypassrls"),
    Fault("role_attributes", "tenant_acme_owner", "alter role tenant_acme_owner superuser"),
    Fault("role_attributes", "freehold_admin", "alter role freehold_admin createdb"),
    Fault("role_attributes", "freehold_cell_01", "alter role freehold_cell_01 nocreaterole"),
    Fault(
        "role_attributes",
        "tenant_acme_rw",
        "select freehold.login_enable('acme', connection_limit => 2); alter role tenant_acme_rw nologin",
        "select freehold.login_disable('acme')",
    ),
    Fault("role_settings", "tenant_acme_rw", "alter role tenant_acme_rw set work_mem = '1GB'"),
    Fault("role_settings", "freehold_owner", "alter role freehold_owner in database {db} set search_path = public"),
    Fault(
        "role_settings",
        "tenant_acme_rw",
        "select freehold.login_enable('acme', connection_limit => 2);"
        "alter role tenant_acme_rw in database {db} reset search_path",
        "select freehold.login_disable('acme')",
    ),
    Fault("database_settings", "database", "alter database {db} set search_path = public"),
    Fault(
        "missing_objects",
        "tenant acme",
        "alter schema tenant_acme rename to away",
        "alter schema away rename to tenant_acme",
    ),
    Fault(
        "missing_objects",
        "tenant acme",
        "alter role tenant_acme_rw rename to away_rw",
        "alter role away_rw rename to tenant_acme_rw",
    ),
    Fault("orphans", "schema tenant_nobody", "create schema tenant_nobody"),
    Fault("orphans", "schema template_nothing", "create schema template_nothing"),
    Fault("orphans", "role tenant_nobody_rw", "create role tenant_nobody_rw"),
    Fault("orphans", "role freehold_gate_77", "create role freehold_gate_77"),
    Fault(
        "leftovers",
        "tenant_acme._freehold_00000000000000000000000000000000",
        "set role tenant_acme_owner;"
        "create function tenant_acme._freehold_00000000000000000000000000000000() returns int language sql return 1;"
        "create materialized view tenant_acme._freehold_00000000000000000000000000000000 as"
        " select tenant_acme._freehold_00000000000000000000000000000000(); reset role",
    ),
    Fault(
        "indexes",
        "tenant_acme.note_body",
        "set role tenant_acme_owner; create index note_body on tenant_acme.note (body); reset role;"
        "update pg_index set indisvalid = false where indexrelid = 'tenant_acme.note_body'::regclass",
        "drop index tenant_acme.note_body",
    ),
    Fault(
        "large_objects",
        "large object 777777",
        "select lo_create(777777); alter large object 777777 owner to tenant_acme_rw",
    ),
    Fault("public_access", "database", "grant temporary on database {db} to public"),
    Fault("public_access", "database", "grant connect on database {db} to public"),
    Fault("public_access", "database", "grant create on database {db} to tenant_acme_rw"),
    Fault("public_access", "schema public", "grant create on schema public to public"),
    Fault("public_access", "schema public", "grant create on schema public to freehold_tenant"),
    Fault("public_access", "schema tenant_acme", "grant usage on schema tenant_acme to public"),
    Fault("public_access", "schema tenant_acme", "grant create on schema tenant_acme to tenant_acme_rw"),
    Fault("object_grants", "table tenant_acme.note", "grant select on tenant_acme.note to tenant_beta_rw"),
    Fault("object_grants", "table tenant_acme.note", "grant select (body) on tenant_acme.note to freehold_tenant"),
    Fault("object_grants", "table tenant_acme.note", "grant select on tenant_acme.note to public"),
    Fault("object_grants", "table tenant_acme.note", "grant select on tenant_acme.note to pg_monitor"),
    Fault("object_grants", "schema tenant_acme", "grant usage on schema tenant_acme to shady"),
    Fault("object_grants", "view tenant_acme.short", "grant update on tenant_acme.short to freehold_gate_01"),
    Fault("object_grants", "type tenant_acme.mood", "grant usage on type tenant_acme.mood to tenant_beta_owner"),
    Fault(
        "object_grants",
        "function tenant_acme.one()",
        "grant usage on schema tenant_acme to shady;"
        "grant execute on function tenant_acme.one to shady with grant option;"
        "set role shady; grant execute on function tenant_acme.one to tenant_beta_rw; reset role",
        "revoke usage on schema tenant_acme from shady",
    ),
    Fault(
        "shared_grants",
        "public.country",
        "create table public.country (code text primary key); grant select, references on country to freehold_tenant",
        "drop table public.country",
    ),
    Fault("ownership", "table tenant_acme.note", "alter table tenant_acme.note owner to shady"),
    Fault("ownership", "schema tenant_acme", "alter schema tenant_acme owner to {superuser}"),
    Fault(
        "ownership",
        "function tenant_acme.planted()",
        "create function tenant_acme.planted() returns int language sql security definer return 1",
        "drop function tenant_acme.planted()",
    ),
    Fault("ownership", "type tenant_acme.mood", "alter type tenant_acme.mood owner to {superuser}"),
    Fault(
        "extensions",
        "extension citext",
        "create extension citext schema tenant_acme",
        "drop extension citext; drop schema extension",
    ),
    Fault(
        "operations",
        "tenant acme",
        "update freehold.tenant set state = 'provisioning' where slug = 'acme'",
        "update freehold.tenant set state = 'active' where slug = 'acme'",
    ),
    Fault(
        "operations",
        "tenant gone",
        "select freehold.tenant_provision('gone'); select freehold.tenant_retire('gone', '0');"
        "update freehold.tenant set state = 'erasing' where slug = 'gone'",
    ),
    Fault(
        "signups",
        "sign-up ",
        "insert into freehold.signup (slug, template, state, requested_by, digest, created_at, stepped_at, error_code)"
        " values ('late', 'default', 'failed', 'x', '', now(), now(), '22012')",
        "delete from freehold.signup",
    ),
    Fault("operations", "tenant half", "select freehold.tenant_provision_step('half')"),
    Fault(
        "operations",
        "template half",
        "create schema source; create table source.note (id int); grant usage on schema source to freehold_owner;"
        "select freehold.template_adopt_step('half', 'source')",
        "select freehold.template_drop('half'); drop schema source cascade",
    ),
    Fault(
        "runners",
        "freehold_runner.extra()",
        "create function freehold_runner.extra() returns int language sql return 1;"
        "revoke all on function freehold_runner.extra() from public",
    ),
    Fault(
        "runners",
        "freehold_runner.execute_script(text,text)",
        "grant execute on function freehold_runner.execute_script(text, text) to shady",
    ),
    Fault("runners", "schema freehold_runner", "grant usage on schema freehold_runner to shady"),
    Fault(
        "runners",
        "freehold_runner.run_",
        RUNNER + "format('grant execute on function %s to shady', p.oid::regprocedure)" + EACH,
    ),
    Fault(
        "runners",
        "freehold_runner.run_",
        RUNNER + "format('alter function %s security invoker', p.oid::regprocedure)" + EACH,
    ),
    Fault(
        "runners",
        "freehold_runner.run_",
        RUNNER + "format('alter function %s owner to tenant_beta_owner', p.oid::regprocedure)" + EACH,
    ),
    Fault(
        "masks",
        "tenant acme",
        "insert into freehold.mask_rule select id, 'gone', 'name', 'hash', '{{}}', now(), 'x' from freehold.tenant where slug = 'acme'",
    ),
    Fault(
        "masks",
        "template default",
        "insert into freehold.mask_rule select id, 'gone', 'name', 'hash', '{{}}', now(), 'x' from freehold.template",
    ),
    Fault("rollouts", "rollout ", ROLLOUT + "select freehold.rollout_pause((freehold.rollout_list()).id)"),
    Fault("rollouts", "rollout ", ROLLOUT, "select freehold.rollout_abort((freehold.rollout_list()).id)"),
    Fault(
        "rollouts",
        "tenant beta",
        ROLLOUT + "select freehold.rollout_abort((freehold.rollout_list()).id);"
        "update freehold.rollout_tenant set state = 'failed', error_message = 'x' where slug = 'beta'",
        "delete from freehold.rollout",
    ),
    Fault(
        "rollouts",
        "tenant beta",
        "insert into freehold.tenant_migration (home_id, migration_id, state, applied_at, applied_by, backend_pid)"
        " select id, '0001.x', 'applying', now(), 'x', 1 from freehold.tenant where slug = 'beta'",
        "delete from freehold.tenant_migration where migration_id = '0001.x'",
    ),
    Fault(
        "erasures",
        "erasure of left",
        "select freehold.eraser_register('paper', 'x'); select freehold.tenant_provision('left');"
        "select freehold.tenant_retire('left', '0'); select freehold.tenant_erase_step('left', 'x');"
        "select freehold.erasure_task_fail(operation_id, task, 'x') from freehold.erasure_task_list()",
        "select freehold.erasure_task_done(operation_id, task) from freehold.erasure_task_list();"
        "select freehold.eraser_remove('paper')",
    ),
    Fault(
        "erasures",
        "erasure of left",
        "select freehold.eraser_register('paper', 'x'); select freehold.tenant_provision('left');"
        "select freehold.tenant_retire('left', '0'); select freehold.tenant_erase_step('left', 'x');"
        "update freehold.erasure_task set changed_at = now() - interval '8 days'",
        "select freehold.erasure_task_done(operation_id, task) from freehold.erasure_task_list('left', open => true);"
        "select freehold.eraser_remove('paper')",
    ),
    Fault(
        "erasures",
        "erasure of left",
        "select freehold.tenant_provision('left'); select freehold.tenant_retire('left', '0');"
        "select freehold.tenant_erase_step('left', 'x');"
        "update freehold.operation set detail = detail || '{{\"residue\": [\"role x\"]}}' where kind = 'erase' and slug = 'left'",
    ),
    Fault(
        "retention",
        "tenant late",
        "select freehold.tenant_provision('late'); select freehold.tenant_retire('late', '0')",
    ),
    Fault(
        "templates",
        "template default",
        "select freehold.template_apply('default', 'create table later (n int)');"
        "select freehold.template_freeze('default')",
        "select freehold.template_apply('default', 'drop table later'); select freehold.template_freeze('default')",
    ),
    Fault(
        "templates",
        "template default",
        "select freehold.template_apply('default', 'create table later (n int)')",
        "select freehold.template_apply('default', 'drop table later'); select freehold.template_freeze('default')",
        deep=True,
    ),
    Fault(
        "drift",
        "tenant acme",
        "alter table tenant_acme.note add column extra int",
        "alter table tenant_acme.note drop column extra",
        deep=True,
    ),
    Fault(
        "event_triggers",
        "event trigger spy",
        "create function public.spy() returns event_trigger language plpgsql as 'begin end';"
        "create event trigger spy on ddl_command_end execute function public.spy()",
        "drop event trigger spy; drop function public.spy()",
    ),
    Fault("foreign_code", "extension dblink", "create extension dblink", "drop extension dblink"),
    Fault(
        "foreign_code",
        "function public.reach()",
        "create language wild handler plpgsql_call_handler;"
        "create function public.reach() returns int language wild as 'begin return 1; end'",
        "drop language wild cascade",
    ),
    Fault(
        "foreign_servers",
        "foreign server far",
        "create foreign data wrapper away; create server far foreign data wrapper away;"
        "grant usage on foreign server far to public",
        "drop foreign data wrapper away cascade",
    ),
    Fault(
        "foreign_servers",
        "foreign server far",
        "create foreign data wrapper away; create server far foreign data wrapper away;"
        "create user mapping for public server far",
        "drop foreign data wrapper away cascade",
    ),
    Fault(
        "foreign_servers",
        "foreign data wrapper away",
        "create foreign data wrapper away; grant usage on foreign data wrapper away to freehold_tenant",
        "drop foreign data wrapper away cascade",
    ),
)

# Checks of what only a restart, or a fleet of thousands, would change: they take it as an argument.
ARGUED = {
    "server_version": ("version_num => 180006, listen_addresses => '*'", "error"),
    "createrole": ("version_num => 150020", "note"),
    "settings": ("relations => 1000000000", "warning"),
    "locks": ("budget => 10", "warning"),
    "catalog": ("max_bytes => 1000000", "note"),
    "hardening": ("", "note"),
    "gate_reach": ("max_roles => 2", "warning"),
}


@pytest.fixture(scope="module")
def patient(module_database: Database) -> Database:
    """An installation with three tenants, one of them suspended, a reserve, an application's login, and somebody who is nobody."""
    control = module_database.control()
    control.template_create("default")
    control.template_apply(
        "default",
        "create table note (id int primary key, body text);"
        "create view short as select id from note;"
        "create type mood as enum ('good', 'bad'); create type span as range (subtype = int4);"
        "create function one() returns int language sql return 1",
    )
    control.template_freeze("default")
    for slug in ("acme", "beta", "gamma"):
        control.tenant_provision(slug)
    control.tenant_suspend("beta")
    control.reader_create("gamma")
    control.login_enable("gamma", "read", connection_limit=2)
    control.reserve_fill_step(size=1)
    run(module_database, "create role app_login login; create role shady")
    control.gate_grant("app_login")
    # What earlier tests left in the catalogs that databases share: nobody else vacuums on this server.
    run(module_database, "vacuum pg_shdepend, pg_authid, pg_auth_members, pg_db_role_setting, pg_database")
    return module_database


def examine(database: Database, *, deep: bool = False) -> list[Row]:
    """What the doctor says to the installing role, which is a member of the admin group and no superuser."""
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        return Control(connection).doctor(deep=deep)


def run(database: Database, text: str) -> None:
    """Runs statements one by one as the superuser, as psql does."""
    with psycopg.connect(database.admin_dsn, autocommit=True) as admin:
        for statement in sqltext.split(text):
            admin.execute(statement.text.encode())


@pytest.fixture(scope="module")
def healthy(patient: Database) -> list[Row]:
    return examine(patient, deep=True)


def test_a_healthy_installation_shows_what_is_documented(healthy: list[Row]) -> None:
    odd = [row for row in healthy if row["check_name"] not in DOCUMENTED]
    assert [row for row in odd if row["object"] not in ("autovacuum", "temp_file_limit")] == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_found_and_its_remedy_mends_it(patient: Database, healthy: list[Row], fault: Fault) -> None:
    if not fault.since <= patient.server.major < fault.before:
        pytest.skip("the server has no such state")
    with psycopg.connect(patient.admin_dsn) as admin:
        names = {"db": patient.name, "superuser": admin.info.user}
    run(patient, fault.plant.format(**names))
    present = examine(patient, deep=fault.deep)
    new = [row for row in present if row not in healthy]
    wanted = fault.object.replace("postgres", names["superuser"])
    found = [row for row in new if row["check_name"] == fault.check and row["object"].startswith(wanted)]
    assert found, new
    assert all(row["severity"] and row["finding"] and row["reason"] and row["remedy"] for row in new)
    mended = [row for row in found if row["remedy"].endswith(";") and not row["remedy"].startswith("select * from")]
    while left := [row for row in mended if row in present]:
        run(patient, left[0]["remedy"])
        mended.remove(left[0])
        present = examine(patient, deep=fault.deep)
        assert left[0] not in present
    if fault.undo == "install":
        with psycopg.connect(patient.owner_dsn, autocommit=True) as owner:
            bundle.run(owner, bundle.install_bundle())
    elif fault.undo:
        run(patient, fault.undo)
    run(patient, "alter role shady nologin nobypassrls")
    assert [row for row in examine(patient, deep=True) if row not in healthy] == []


@pytest.mark.parametrize("check", ARGUED)
def test_what_a_restart_would_change_is_found(patient: Database, check: str) -> None:
    arguments, severity = ARGUED[check]
    with psycopg.connect(patient.admin_dsn, autocommit=True) as admin:
        found = admin.execute(f"select severity from freehold._doctor_{check}({arguments})".encode()).fetchall()
    assert (severity,) in found


def test_every_check_has_a_fault(patient: Database) -> None:
    rows = patient.connect(patient.admin_dsn).execute(
        "select regexp_replace(proname, '^_doctor_(deep_)?', '') from pg_proc "
        "where pronamespace = 'freehold'::regnamespace and proname ~ '^_doctor_'"
    )
    assert {name for (name,) in rows} == {fault.check for fault in FAULTS} | ARGUED.keys()


def test_a_check_that_cannot_look_says_so(patient: Database, healthy: list[Row]) -> None:
    run(patient, "revoke select on pg_catalog.pg_event_trigger from public")
    try:
        new = [row for row in examine(patient) if row not in healthy]
    finally:
        run(patient, "grant select on pg_catalog.pg_event_trigger to public")
    assert [(row["check_name"], row["object"]) for row in new] == [("event_triggers", "doctor")]
    assert "pg_event_trigger" in new[0]["finding"]


def test_an_interrupted_erasure_is_none_while_a_session_is_at_it(patient: Database) -> None:
    run(patient, "update freehold.tenant set state = 'erasing' where slug = 'beta'")
    with psycopg.connect(patient.admin_dsn) as busy:
        busy.execute("select from freehold.tenant where slug = 'beta' for update")
        assert [row for row in examine(patient) if row["check_name"] == "operations"] == []
    assert [row["object"] for row in examine(patient) if row["check_name"] == "operations"] == ["tenant beta"]
    run(patient, "update freehold.tenant set state = 'suspended' where slug = 'beta'")


def test_doctor_is_for_admin_and_auditor_and_no_tenant(patient: Database) -> None:
    run(patient, "create role an_auditor login; grant freehold_auditor to an_auditor")
    for role, allowed in (("an_auditor", True), ("app_login", False)):
        connection: psycopg.Connection[Any] = patient.connect(patient.login_dsn(role))
        if allowed:
            assert connection.execute("select count(*) > 0 from freehold.doctor()").fetchone() == (True,)
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from freehold.doctor()")
