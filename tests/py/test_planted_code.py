"""Code of a schema runs as the schema's owner, and leaves nothing behind to be run as anybody else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from freehold import errors
from freehold.control import Control
from support.database import Database

# Where planted code writes whom it ran as; outside the schemas it is planted in, which are closed to PUBLIC.
WATCH = """
    create schema watch;
    create table watch.loot (who text, what text);
    create function watch.spy(what text) returns boolean language sql as
        $$insert into watch.loot values (current_user, what) returning true$$;
    grant usage on schema watch to public;
    grant insert, select on watch.loot to public;
    grant execute on function watch.spy(text) to public;
"""


@pytest.fixture
def trap(control: Control, admin: psycopg.Connection[Any]) -> Control:
    admin.execute(WATCH)
    control.template_create("trap")
    return control


@pytest.fixture
def spied(admin: psycopg.Connection[Any], trap: Control) -> Callable[[], set[str]]:
    """Who ran planted code."""
    return lambda: {who for (who,) in admin.execute("select who from watch.loot")}


def state(control: Control) -> object:
    return control.connection.execute(
        "select current_setting('search_path'), nullif(current_setting('freehold.actor', true), ''),"
        " (select array_agg(name order by name) from pg_prepared_statements where name !~ '^_pg3'),"
        " (select count(*) from pg_cursors where is_holdable)"
    ).fetchone()


SHADOW = [
    "\n    create function format(text, variadic \"any\") returns text language internal immutable as 'text_format'",
    "\n    create function format(text, name, name) returns text language plpgsql as\n        $$begin perform watch.spy('format'); return pg_catalog.format($1, $2, $3); end$$;\n    create function format(text, name) returns text language plpgsql as\n        $$begin perform watch.spy('format'); return pg_catalog.format($1, $2); end$$;\n    grant execute on all functions in schema template_trap to public;\n",
][1]


@pytest.mark.parametrize(
    "script",
    [
        SHADOW + "set search_path = template_trap, pg_catalog",
        SHADOW + "select set_config('search_path', 'template_trap, pg_catalog', false)",
        "set freehold.actor = 'the-boss'",
        "set statement_timeout = 0; set default_transaction_read_only = on",
        "prepare planted as select watch.spy('prepared')",
        "prepare planted as select 1; select 1 / 0",
        SHADOW + "set search_path = template_trap, pg_catalog, pg_temp; set local search_path = pg_catalog, pg_temp",
        "declare planted cursor with hold for select watch.spy('cursor')",
        "declare planted cursor for select watch.spy('cursor')",
    ],
)
def test_a_script_cannot_change_the_session(trap: Control, spied: Callable[[], set[str]], script: str) -> None:
    before = state(trap)
    with contextlib.suppress(psycopg.DatabaseError):
        trap.template_apply("trap", script)
    trap.connection.execute("select format('%s %s', 'a'::name, 'b'::name), format('%s', 'a'::name)")
    assert state(trap) == before
    assert spied() == set()


def test_a_cursor_of_the_caller_cannot_be_replaced(trap: Control) -> None:
    swap = "close mine; declare mine cursor for select watch.spy('swapped')"
    trap.connection.execute("begin; declare mine cursor for select 'of the caller'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        trap.template_apply("trap", swap)
    trap.connection.execute("rollback")


def test_a_script_cannot_open_its_schema_to_public(trap: Control) -> None:
    with pytest.raises(errors.NotAllowed):
        trap.template_apply("trap", "grant usage on schema template_trap to public")


@pytest.mark.parametrize("role", ["freehold_tenant", "freehold_admin", "freehold_gate_01", "tenant_other_rw"])
def test_a_script_cannot_open_its_schema_to_other_tenants(trap: Control, role: str) -> None:
    trap.template_create("plain")
    trap.template_freeze("plain")
    trap.tenant_provision("other", "plain")
    with pytest.raises(errors.NotAllowed, match=role):
        trap.template_apply("trap", f"grant usage on schema template_trap to {role}")


def test_a_script_cannot_pose_as_what_runs_it(trap: Control, spied: Callable[[], set[str]]) -> None:
    """It puts a view of its own in the place of the one that the cell reads its result from."""
    with pytest.raises(psycopg.DatabaseError):
        trap.template_apply(
            "trap",
            """do $$
            declare
                v_name name := (select relname from pg_class
                                where relnamespace = 'template_trap'::regnamespace and relkind = 'm');
            begin
                execute format('alter materialized view %I rename to away', v_name);
                execute format('create view %I as select watch.spy(''posed'')::text as result', v_name);
            end$$""",
        )
    assert spied() == set()


@pytest.mark.parametrize("again", [False, True])
def test_a_deferred_trigger_never_fires_as_the_caller(
    trap: Control, spied: Callable[[], set[str]], again: bool
) -> None:
    """Before 18 what is left of them at COMMIT runs as whoever commits; code may queue new ones while they fire."""
    trap.template_apply(
        "trap",
        f"""create table t (i int);
            create function late() returns trigger language plpgsql as $$begin
                perform watch.spy('deferred');
                if {"new.i < 3" if again else "false"} then
                    set constraints all deferred;
                    insert into template_trap.t values (new.i + 1);
                end if;
                return null;
            end$$;
            grant execute on function late() to public; grant insert on t to public;
            create constraint trigger c after insert on t deferrable initially deferred
                for each row execute function late()""",
    )
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        trap.template_apply("trap", "insert into t values (1)")
    assert spied() <= {"freehold_template_trap_owner"}


def test_planted_code_in_a_template_does_not_reach_the_provision(trap: Control, spied: Callable[[], set[str]]) -> None:
    """A CHECK runs while rows are copied; here it would put its own functions before the control plane's."""
    trap.template_apply(
        "trap",
        SHADOW.replace("template_trap.", "")
        + """;create function ok(int) returns boolean language plpgsql as $$begin
               if current_schema() like 'tenant%' then
                   perform set_config('search_path', current_schema() || ', pg_catalog', false);
               end if;
               return true;
           end$$;
           create table guarded (i int check (ok(i)));
           insert into guarded values (1)""",
    )
    trap.template_freeze("trap")
    before = state(trap)
    assert trap.tenant_provision("acme", "trap")["state"] == "active"
    assert state(trap) == before
    assert spied() == set()


def test_procedures_take_no_name_from_the_path_of_their_caller(
    trap: Control, admin: psycopg.Connection[Any], spied: Callable[[], set[str]]
) -> None:
    trap.template_apply(
        "trap",
        "create function strange(pg_catalog.text) returns boolean language sql as 'select watch.spy($1)';"
        "create domain text as pg_catalog.text check (strange(value));"
        "create function equal(pg_catalog.text, pg_catalog.text) returns boolean language sql as 'select watch.spy($1)';"
        "create operator = (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = equal);"
        "create operator <> (leftarg = pg_catalog.text, rightarg = pg_catalog.text, function = equal)",
    )
    trap.template_freeze("trap")
    for slug in ("evil", "gone"):
        trap.tenant_provision(slug, "trap")
    trap.tenant_retire("gone", grace="0")
    undone = trap.tenant_provision_step("undone", "trap")["id"]
    stopped = trap.tenant_provision_step("stopped", "trap")["id"]
    admin.execute("set search_path = tenant_evil, pg_catalog, pg_temp")
    for call in (
        "tenant_erase('gone', 'over')",
        "tenant_provision_staged('new', 'trap')",
        "tenant_clone_staged('evil', 'copy', false)",
        f"operation_undo({undone})",
        f"operation_resume({stopped})",
        "reserve_fill('trap', 1)",
    ):
        admin.execute(f"call freehold.{call}".encode())
    for call in (
        "tenant_erase('evil', 'over')",
        "tenant_erase('none', 'over')",
        "operation_resume(-1)",
        "operation_undo(-1)",
    ):
        with pytest.raises(errors.FreeholdError):
            admin.execute(f"call freehold.{call}".encode())
    admin.execute("reset search_path")
    assert spied() <= {"template_trap_owner", "freehold_template_trap_owner"}


def test_a_schema_that_public_may_use_is_not_frozen(trap: Control, admin: psycopg.Connection[Any]) -> None:
    admin.execute("grant usage on schema template_trap to public")
    with pytest.raises(errors.SchemaNotPortable):
        trap.template_freeze("trap")


def test_adoption_takes_over_no_right_to_use_the_schema(control: Control) -> None:
    connection = control.connection
    connection.execute("create schema legacy")
    connection.execute("create table legacy.t (id int primary key)")
    connection.execute("grant usage on schema legacy to public, freehold_owner")
    connection.execute("grant select on legacy.t to public")
    control.template_adopt("adopted", "legacy")
    control.template_freeze("adopted")
    control.tenant_provision("acme", "adopted")
    row = connection.execute("select has_schema_privilege('public', 'tenant_acme', 'usage')").fetchone()
    assert row == (False,)


@pytest.mark.parametrize("rule", ["check (judge(body) > 0)", "generated always as (judge(body)) stored"])
@pytest.mark.parametrize("judgement", ["return 0", "return $1::int"])
def test_an_admin_who_clones_is_shown_no_row(
    trap: Control, admin: psycopg.Connection[Any], rule: str, judgement: str
) -> None:
    function = "create or replace function {}judge(text) returns int language plpgsql immutable as $$ begin {}; end $$"
    column = f"body text {rule}" if "check" in rule else f"body text, more int {rule} check (more > 0)"
    trap.template_apply("trap", f"{function.format('', 'return 1')}; create table note ({column})")
    trap.template_freeze("trap")
    trap.tenant_provision("vic", "trap")
    admin.execute("insert into tenant_vic.note values ('123-45-6789')")
    # What the source's own rules refuse by now.
    admin.execute(function.format("tenant_vic.", judgement).encode())
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.DataError)) as caught:
        trap.tenant_clone("vic", "copy")
    diag = caught.value.diag
    assert "123-45" not in f"{caught.value} {diag.message_detail} {diag.message_hint} {diag.context}"
    assert "not shown" in str(diag.message_detail)


def test_an_admin_is_no_owner_and_reads_nothing(control: Control, database: Database) -> None:
    control.template_create("default")
    control.template_apply("default", "create table t (id int primary key)")
    control.template_freeze("default")
    control.tenant_provision("acme")
    dsn = database.login_dsn("some_admin")
    database.connect(database.admin_dsn).execute("grant freehold_admin to some_admin")
    admin = database.connect(dsn)
    assert Control(admin).tenant_get("acme")["state"] == "active"
    for statement in (
        "select * from tenant_acme.t",
        "set role tenant_acme_rw",
        "set role tenant_acme_owner",
        "set role freehold_owner",
        "set role freehold_cell_01",
        "select freehold._cell_01('select 1', null)",
        "select freehold._owner_run(1, 'tenant_acme', 'tenant_acme_owner', 'select 1')",
        "select * from freehold.tenant",
        "create table freehold.x ()",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            admin.execute(statement)
