"""Code of a schema runs as the schema's owner, and leaves nothing behind to be run as anybody else."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from freehold import errors
from freehold.control import Control
from support.database import Database

LOOT = """
    create table loot (who text, what text);
    grant usage on schema template_trap to public;
    grant insert, select on loot to public;
    create function spy(what text) returns void language plpgsql as
        $$begin insert into template_trap.loot values (current_user, what); end$$;
    grant execute on function spy(text) to public;
"""


@pytest.fixture
def trap(control: Control) -> Control:
    control.template_create("trap")
    control.template_apply("trap", LOOT)
    return control


@pytest.fixture
def spied(database: Database, trap: Control) -> Callable[[], set[str]]:
    """Who ran planted code."""
    admin = database.connect(database.admin_dsn)
    return lambda: {who for (who,) in admin.execute("select who from template_trap.loot")}


def state(control: Control) -> object:
    return control.connection.execute(
        "select current_setting('search_path'), nullif(current_setting('freehold.actor', true), ''),"
        " (select array_agg(name order by name) from pg_prepared_statements where name !~ '^_pg3'),"
        " (select count(*) from pg_cursors where is_holdable)"
    ).fetchone()


SHADOW = [
    "\n    create function format(text, variadic \"any\") returns text language internal immutable as 'text_format'",
    "\n    create function format(text, name, name) returns text language plpgsql as\n        $$begin perform template_trap.spy('format'); return pg_catalog.format($1, $2, $3); end$$;\n    create function format(text, name) returns text language plpgsql as\n        $$begin perform template_trap.spy('format'); return pg_catalog.format($1, $2); end$$;\n    grant execute on all functions in schema template_trap to public;\n",
][1]


@pytest.mark.parametrize(
    "script",
    [
        SHADOW + "set search_path = template_trap, pg_catalog",
        SHADOW + "set search_path = template_trap, pg_catalog, pg_temp; set local search_path = pg_catalog, pg_temp",
        SHADOW + "select set_config('search_path', 'template_trap, pg_catalog', false)",
        "set freehold.actor = 'the-boss'",
        "set statement_timeout = 0; set default_transaction_read_only = on",
        "prepare planted as select template_trap.spy('prepared')",
        "prepare planted as select 1; select 1 / 0",
        "declare planted cursor with hold for select template_trap.spy('cursor')",
        "declare planted cursor for select template_trap.spy('cursor')",
    ],
)
def test_a_script_cannot_change_the_session(trap: Control, spied: Callable[[], set[str]], script: str) -> None:
    before = state(trap)
    with pytest.raises((errors.NotAllowed, psycopg.errors.DivisionByZero)):
        trap.template_apply("trap", script)
    assert state(trap) == before
    assert spied() == set()


def test_a_cursor_of_the_caller_cannot_be_replaced(trap: Control) -> None:
    trap.template_apply(
        "trap",
        """create function swap() returns int language plpgsql as $$begin
               close mine;
               execute 'declare mine cursor for select template_trap.spy(''swapped'')';
               return 1;
           end$$""",
    )
    with pytest.raises(errors.NotAllowed), trap.connection.transaction():
        trap.connection.execute("declare mine cursor for select 'of the caller'")
        trap.template_apply("trap", "select swap()")


@pytest.mark.parametrize("again", [False, True])
def test_a_deferred_trigger_never_fires_as_the_caller(
    trap: Control, spied: Callable[[], set[str]], again: bool
) -> None:
    """Before 18 what is left of them at COMMIT runs as whoever commits; code may queue new ones while they fire."""
    trap.template_apply(
        "trap",
        f"""create table t (i int);
            create function late() returns trigger language plpgsql as $$begin
                perform template_trap.spy('deferred');
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
    try:
        trap.template_apply("trap", "insert into t values (1)")
    except psycopg.errors.ObjectInUse:
        assert again
    assert spied() <= {"freehold_template_trap_owner"}


def test_planted_code_in_a_template_stops_the_provision(trap: Control) -> None:
    """A CHECK runs while rows are copied; here it would put its own functions before the control plane's."""
    trap.template_apply(
        "trap",
        """create function ok(int) returns boolean language plpgsql as $$begin
               if current_schema() <> 'template_trap' then
                   perform set_config('search_path', current_schema() || ', pg_catalog', false);
               end if;
               return true;
           end$$;
           create table trigger_happy (i int check (ok(i)));
           insert into trigger_happy values (1);
           revoke usage on schema template_trap from public""",
    )
    trap.template_freeze("trap")
    before = state(trap)
    with pytest.raises(errors.NotAllowed):
        trap.tenant_provision("acme", "trap")
    assert state(trap) == before
    assert trap.tenant_list() == []


def test_a_schema_that_public_may_use_is_not_frozen(trap: Control) -> None:
    with pytest.raises(errors.SchemaNotPortable, match="cannot be carried"):
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
