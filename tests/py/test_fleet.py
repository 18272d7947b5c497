"""Fleet queries: as each tenant's reader, read-only, and nothing of one tenant's code reaches another or the caller."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from freehold import FleetQueryNotBegun, FleetQueryNotFound, InvalidArgument
from freehold.control import Control
from support.database import Database
from support.patience import until
from support.world import provision

TEMPLATE = """
    create table note (id int generated always as identity primary key, body text not null);
    create function probe() returns text language plpgsql volatile as $$begin return 'ok'; end$$;
    create view looks as select probe() as p;
"""
FINE = [("beta", {"p": "ok"}, None), ("gamma", {"p": "ok"}, None)]


class Party:
    """Three tenants, of which acme's code is hostile, and a login that may ask, and is neither owner nor superuser."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.admin = database.connect(database.admin_dsn)
        provision(database, TEMPLATE).control().tenant_provision("gamma")
        self.admin.execute("create role boss login")
        self.dsn = database.login_dsn("boss")
        self.admin.execute("grant freehold_admin, freehold_analyst to boss")
        assert Control(self.connect()).fleet_prepare() == 3
        for slug in ("acme", "beta", "gamma"):
            self.admin.execute(f"insert into tenant_{slug}.note (body) values ('{slug}')".encode())

    def connect(self) -> psycopg.Connection[Any]:
        return self.database.connect(self.dsn)

    def plant(self, body: str, kind: str = "volatile", slug: str = "acme") -> None:
        """Replaces the function that the view calls, as the tenant's owner."""
        with self.admin.transaction():
            self.admin.execute(f"set local role tenant_{slug}_owner".encode())
            self.admin.execute(
                f"create or replace function tenant_{slug}.probe() returns text language plpgsql {kind} as "
                f"$code$ {body} $code$".encode()
            )


@pytest.fixture(scope="module")
def founded(module_database: Database) -> Party:
    return Party(module_database)


@pytest.fixture
def party(founded: Party) -> Iterator[Party]:
    yield founded
    founded.plant("begin return 'ok'; end")
    founded.admin.execute("delete from freehold.access_log")


@pytest.fixture
def boss(party: Party) -> Iterator[Control]:
    connection = party.connect()
    yield Control(connection)
    connection.close()


def asked(control: Control, query: str = "select * from looks", **given: Any) -> list[tuple[Any, ...]]:
    return [(row["slug"], row["row"], row["error_code"]) for row in control.fleet_query(query, **given)]


def state(connection: psycopg.Connection[Any]) -> Any:
    return connection.execute(
        "select current_user, current_setting('search_path'), coalesce(current_setting('freehold.actor', true), ''),"
        " current_setting('transaction_read_only'), current_setting('statement_timeout'), current_setting('work_mem'),"
        " (select array_agg(name) from pg_prepared_statements where from_sql), (select count(*) from pg_cursors),"
        " (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()),"
        " (select array_agg(c) from pg_listening_channels() as c)"
    ).fetchone()


def test_each_tenant_answers_as_its_reader(boss: Control) -> None:
    query = "select current_user::text as u, session_user::text as s, freehold.tenant_current() as t, body from note"
    assert asked(boss, query) == [
        (slug, {"u": f"tenant_{slug}_ro", "s": "boss", "t": slug, "body": slug}, None)
        for slug in ("acme", "beta", "gamma")
    ]
    assert asked(boss, "select body from note;", slugs=["gamma", "nobody", "acme"]) == [
        ("acme", {"body": "acme"}, None),
        ("gamma", {"body": "gamma"}, None),
        ("nobody", None, "FH101"),
    ]
    assert asked(boss, "select 1", template="other") == []
    assert asked(boss, "select 1", tier="dedicated") == []
    assert len(asked(boss, "select 1", tier="schema", template="default")) == 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("select 1; select 2", "42P11"),
        ("commit; drop schema freehold cascade", "42P11"),
        ("select 1; commit; drop table note", "42P11"),
        ("commit", "42P11"),
        ("begin", "42P11"),
        ("insert into note (body) values ('x')", "42P11"),
        ("insert into note (body) values ('x') returning id", "25006"),
        ("with gone as (delete from note returning id) select * from gone", "25006"),
        ("select * from note for update", "25006"),
        ("select * into copied from note", "42P11"),
        ("create table t (id int)", "42P11"),
        ("create temp table t (id int)", "42P11"),
        ("copy note to program 'id'", "42P11"),
        ("copy note to stdout", "42P11"),
        ("do $$begin end$$", "42P11"),
        ("set role none", "42P11"),
        ("reset role", "42P11"),
        ("select nextval('note_id_seq')", "42501"),
        ("select set_config('role', 'none', false)", "42501"),
        ("select set_config('role', 'boss', true)", "42501"),
        ("select set_config('session_authorization', 'boss', false)", "42501"),
        ("select set_config('transaction_read_only', 'off', true)", "25001"),
        ("select set_config('transaction_read_only', 'off', false)", "25001"),
        ("select * from tenant_beta.note", "42501"),
        ("select freehold.tenant_suspend('beta', 'because')", "42501"),
        ("select * from freehold.fleet_query('select 1')", "42501"),
        ("select * from freehold.tenant", "42501"),
        ("select * from freehold.event", "42501"),
        ("select freehold_runner.execute_script('select 1', 'public')", "42501"),
        ("select 1 as a, 2 as a", "42701"),
        ("select pg_read_file('/etc/passwd')", "42501"),
        ("(select 1) as q; drop table note; select * from (select 1", "42601"),
        ("selec 1", "42601"),
    ],
)
def test_what_an_operator_may_not_ask(party: Party, boss: Control, query: str, code: str) -> None:
    before = state(boss.connection)
    found = asked(boss, query, slugs=["acme", "gamma"])
    assert found == [("acme", None, code), ("gamma", None, code)]
    assert state(boss.connection) == before
    assert party.admin.execute("select body from tenant_acme.note").fetchall() == [("acme",)]


WRITE = "insert into note (body) values ('planted')"


def test_the_planted_function_does_write_elsewhere(party: Party) -> None:
    """The control of the attacks: what they plant works for who may."""
    party.plant(f"begin {WRITE}; perform set_config('role', 'none', true); return 'done'; end")
    with party.admin.transaction(force_rollback=True):
        party.admin.execute("set local role tenant_acme_rw; set local search_path = tenant_acme, pg_catalog")
        assert party.admin.execute("select * from looks").fetchone() == ("done",)
        assert party.admin.execute("select count(*) from tenant_acme.note").fetchone() == (2,)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (f"begin {WRITE}; return 'x'; end", "25006"),
        ("begin perform nextval('note_id_seq'); return 'x'; end", "42501"),
        (f"begin begin {WRITE}; exception when others then null; end; {WRITE}; return 'x'; end", "25006"),
        ("begin set role none; return 'x'; end", "42501"),
        ("begin reset role; return 'x'; end", "42501"),
        ("begin set session authorization default; return 'x'; end", "42501"),
        ("begin perform set_config('role', 'tenant_acme_owner', true); return 'x'; end", "42501"),
        ("begin set local transaction_read_only = off; return 'x'; end", "25001"),
        (
            "begin set session characteristics as transaction read write; set transaction read write; return 'x'; end",
            "25001",
        ),
        ("begin commit; return 'x'; end", "2D000"),
        ("begin rollback; return 'x'; end", "2D000"),
        ("begin create temp table t (id int); return 'x'; end", "25006"),
        ("begin create table t (id int); return 'x'; end", "25006"),
        ("begin perform * from tenant_beta.note; return 'x'; end", "42501"),
        ("begin execute 'copy note to program ''id'''; return 'x'; end", "42501"),
        ("begin perform freehold.tenant_enter('beta'); return 'x'; end", "P0001"),
        ("begin perform freehold.tenant_enter('acme'); return 'x'; end", "P0001"),
        ("begin perform freehold.tenant_context('beta'); return 'x'; end", "P0001"),
        ("begin perform freehold.tenant_context('nobody'); return 'x'; end", "P0001"),
        ("begin perform * from freehold.audit_history('beta'); return 'x'; end", "P0001"),
        ("begin perform * from freehold.fleet_query('select 1'); return 'x'; end", "42501"),
        ("begin perform * from freehold_runner.execute_script('select 1', 'public'); return 'x'; end", "42501"),
        ("begin delete from freehold.fleet_turn; return 'x'; end", "25006"),
        ("declare t record; begin select * into t from freehold.tenant_list(); return t::text; end", "42501"),
        ("begin execute 'prepare evil as select 1'; return 'x'; end", "FH303"),
        ("begin raise exception 'x' using errcode = 'FH501'; end", "P0001"),
        ("begin raise exception 'x' using errcode = '57014'; end", "57014"),
        ("begin raise exception 'x' using errcode = '57P01'; end", "57P01"),
        ("begin raise exception 'x' using errcode = '40001'; end", "40001"),
        ("begin raise exception 'x' using errcode = '25P02'; end", "25P02"),
        ("begin assert false; end", "P0004"),
        ("begin return probe(); end", "54001"),
        ("begin return repeat('x', 2000000000); end", "54000"),
        ("begin return repeat('x', 20000000); end", "FH271"),
    ],
)
def test_planted_code_reaches_nobody_else(party: Party, boss: Control, body: str, code: str) -> None:
    party.plant(body)
    before = state(boss.connection)
    found = asked(boss)
    assert found[1:] == FINE
    assert found[0] == ("acme", None, code)
    assert state(boss.connection) == before
    assert party.admin.execute("select count(*) from tenant_acme.note").fetchone() == (1,)
    # What was planned at the time of the query is caught as well.
    party.plant(body, "immutable")
    assert asked(boss)[1:] == FINE
    assert state(boss.connection) == before


@pytest.mark.parametrize(
    "body",
    [
        "begin set search_path = tenant_acme, pg_catalog; return 'ok'; end",
        "begin perform set_config('search_path', 'tenant_acme', false); return 'ok'; end",
        "begin perform set_config('freehold.actor', 'somebody', false); return 'ok'; end",
        "begin set work_mem = '64kB'; set statement_timeout = '1ms'; return 'ok'; end",
        "begin reset all; return 'ok'; end",
        "begin execute 'declare held cursor with hold for select 1'; return 'ok'; end",
        "begin execute 'declare open cursor for select 1'; return 'ok'; end",
        "begin perform pg_advisory_lock(4711); perform pg_advisory_lock(4711); return 'ok'; end",
        "begin perform pg_advisory_lock(-4711); perform pg_advisory_lock_shared(1, -2); return 'ok'; end",
        "begin perform pg_advisory_lock(9223372036854775807), pg_advisory_lock_shared(-1); return 'ok'; end",
        "begin listen planted; perform pg_notify('planted', 'x'); return 'ok'; end",
        "begin perform set_config('freehold.left_role', 'tenant_beta_rw', false); return 'ok'; end",
    ],
)
def test_nothing_is_left_for_the_next(party: Party, boss: Control, body: str) -> None:
    boss.connection.execute("select pg_advisory_lock(1)")
    boss.connection.execute("prepare mine as select 1")
    before = state(boss.connection)
    party.plant(body)
    party.plant(
        "begin return current_setting('search_path') || coalesce(current_setting('freehold.actor', true), ''); end",
        slug="beta",
    )
    try:
        assert asked(boss) == [
            ("acme", {"p": "ok"}, None),
            ("beta", {"p": "tenant_beta, pg_catalog, pg_temp"}, None),
            ("gamma", {"p": "ok"}, None),
        ]
    finally:
        party.plant("begin return 'ok'; end", slug="beta")
    assert state(boss.connection) == before
    assert list(boss.connection.notifies(timeout=0)) == []


def test_a_prepared_statement_is_not_changed_for_another(party: Party, boss: Control) -> None:
    boss.connection.execute("prepare mine as select 'mine'")
    party.plant("begin deallocate mine; execute 'prepare mine as select ''planted'''; return 'ok'; end")
    assert asked(boss) == [("acme", None, "FH303"), *FINE]
    with pytest.raises(psycopg.errors.InvalidSqlStatementName):
        boss.connection.execute("execute mine")


def test_names_that_a_tenant_shadows_falsify_nothing(party: Party, boss: Control) -> None:
    with party.admin.transaction(force_rollback=True):
        party.admin.execute(
            "set local role tenant_acme_owner; set local search_path = tenant_acme, pg_catalog;"
            "create function to_jsonb(anyelement) returns jsonb language sql as $$select '{\"p\": 1}'::jsonb$$;"
            "create function pg_column_size(jsonb) returns int language sql as $$select 0$$;"
            "create function gt(bigint, bigint) returns boolean language sql as $$select false$$;"
            "create operator > (leftarg = bigint, rightarg = bigint, function = gt);"
            "grant execute on all functions in schema tenant_acme to public; reset role"
        )
        assert asked(Control(party.admin), max_bytes=10, slugs=["acme"]) == [("acme", None, "FH271")]
        assert asked(Control(party.admin), slugs=["acme"]) == [("acme", {"p": "ok"}, None)]


def test_a_long_answer_is_cut_and_says_so(boss: Control) -> None:
    found = asked(boss, "select generate_series(1, 1000000000) as n", slugs=["acme"], max_rows=3)
    assert found == [
        ("acme", {"n": 1}, None),
        ("acme", {"n": 2}, None),
        ("acme", {"n": 3}, None),
        ("acme", None, "FH271"),
    ]
    assert asked(boss, "select generate_series(1, 3) as n", slugs=["acme"], max_rows=3) == found[:3]
    found = asked(
        boss, "select repeat('x', 1000) as x from generate_series(1, 1000000)", slugs=["acme"], max_bytes=5000
    )
    assert len(found) == 5
    assert found[-1] == ("acme", None, "FH271")


@pytest.mark.parametrize(
    "given", [{"query": " "}, {"query": "x" * 100_001}, {"timeout": "0"}, {"max_rows": 0}, {"max_bytes": 0}]
)
def test_arguments_are_checked(boss: Control, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        boss.fleet_query(**({"query": "select 1"} | given))


def test_a_tenant_has_its_time(boss: Control) -> None:
    query = "select pg_sleep(0.02), n from generate_series(1, 1000) as n"
    assert asked(boss, query, slugs=["acme"], timeout="1 millisecond") == [("acme", None, "57014")]
    boss.connection.execute("set statement_timeout = '200ms'")
    with pytest.raises(psycopg.errors.QueryCanceled) as refused:
        boss.fleet_query("select pg_sleep(600)")
    assert refused.value.diag.message_detail == 'It was at tenant "acme".'


def test_a_lock_in_a_tenant_stops_that_one_only(party: Party, boss: Control) -> None:
    with party.admin.transaction(force_rollback=True):
        party.admin.execute("lock table tenant_acme.note")
        found = asked(boss, "select body from note", timeout="50 milliseconds")
    assert found[0] == ("acme", None, "55P03")
    assert len(found) == 3


def test_states(boss: Control) -> None:
    control = boss
    for slug in ("sleeps", "goes", "fresh"):
        control.tenant_provision(slug)
    assert asked(control, slugs=["fresh"]) == [("fresh", None, "FH104")]
    assert control.fleet_prepare(2) == 2
    assert control.fleet_prepare(2) == 1
    assert control.fleet_prepare() == 0
    assert asked(control, slugs=["fresh"]) == [("fresh", {"p": "ok"}, None)]
    control.tenant_rename("fresh", "stale")
    assert asked(control, slugs=["stale"]) == [("stale", {"p": "ok"}, None)]
    control.tenant_suspend("sleeps", "unpaid")
    control.tenant_retire("goes", reason="left")
    assert asked(control, slugs=["sleeps", "goes"]) == [("goes", None, "FH304"), ("sleeps", None, "FH302")]
    assert {slug for slug, _, _ in asked(control)} == {"acme", "beta", "gamma", "stale"}
    control.reader_drop("stale")
    assert asked(control, slugs=["stale"]) == [("stale", None, "FH104")]
    assert control.fleet_prepare() == 1
    assert [row for row in control.doctor() if row["severity"] == "error" and row["check_name"] != "settings"] == []
    for slug in ("sleeps", "goes", "stale"):
        control.connection.execute(
            "select freehold.tenant_retire(%s, '0', 'test')", (slug,)
        ) if slug != "goes" else None
        control.connection.execute("call freehold.tenant_erase(%s, 'test')", (slug,)) if slug != "goes" else None


def test_it_is_an_event_and_leaves_access_records(party: Party, boss: Control) -> None:
    boss.setting_set("access_log", "on")
    try:
        boss.fleet_query("select 1 as one", ["acme", "beta"], reason="a count")
        boss.connection.execute("set freehold.actor = 'alice'")
        run = boss.fleet_begin("select 2 as two", ["acme"], reason="another")
        assert run["tenants"] == ["acme"]
        assert boss.fleet_ask(run["run"], "acme") == [{"row": {"two": 2}, "error_code": None, "error": None}]
    finally:
        boss.connection.execute("reset freehold.actor")
        boss.setting_set("access_log", "off")
    found = [
        (e["actor"], e["login"], e["reason"], e["detail"]["query"], e["detail"]["tenants"], e["tenant_id"])
        for e in boss.event_list(kind="fleet_query", max_rows=2)
    ]
    assert sorted(found) == [
        ("alice", "boss", "another", "select 2 as two", 1, None),
        ("boss", "boss", "a count", "select 1 as one", 2, None),
    ]
    rows = [(r["actor"], r["login"], r["access"], r["purpose"]) for r in boss.access_list("acme")]
    assert rows == [
        ("alice", "boss", "read", f"fleet query {run['run']}"),
        ("boss", "boss", "read", "fleet query"),
    ]
    assert len(boss.access_list("beta")) == 1
    assert boss.access_list("gamma") == []


def test_a_beginning_is_committed_before_anybody_is_asked(party: Party, boss: Control) -> None:
    with boss.connection.transaction():
        run = boss.fleet_begin("select 1 as one")["run"]
        with pytest.raises(FleetQueryNotBegun), boss.connection.transaction():
            boss.fleet_ask(run, "acme")
        with pytest.raises(FleetQueryNotBegun), boss.connection.transaction():
            boss.fleet_columns(run, "acme")
    assert boss.fleet_ask(run, "acme")[0]["row"] == {"one": 1}
    assert boss.fleet_columns(run, "acme") == [{"name": "one", "type": "int4"}]
    with pytest.raises(FleetQueryNotFound):
        Control(party.admin).fleet_ask(run, "acme")
    party.admin.execute("update freehold.fleet_run set at = at - interval '25 hours' where id = %s", (run,))
    with pytest.raises(FleetQueryNotFound):
        boss.fleet_ask(run, "acme")
    boss.fleet_begin("select 1")
    assert party.admin.execute("select count(*) from freehold.fleet_run where id = %s", (run,)).fetchone() == (0,)


ASKS = {"fleet_query", "fleet_begin", "fleet_ask", "fleet_columns", "rollup_get"}
MAY = {
    "admin": {"rollup_define", "rollup_drop", "rollup_list", "rollup_refresh", "fleet_prepare"},
    "analyst": ASKS | {"fleet_prepare", "rollup_list"},
    "auditor": {"rollup_list"},
    "worker": {"rollup_list", "rollup_refresh", "fleet_prepare"},
    "tenant": set(),
    "resolver": set(),
    "gate_01": set(),
}


@pytest.mark.parametrize("role", MAY)
def test_who_may(party: Party, role: str) -> None:
    (names,) = party.admin.execute(
        "select array_agg(p.proname) from pg_proc as p where p.pronamespace = 'freehold'::regnamespace"
        " and p.proname ~ '^_?(fleet_(?!drift|home|role|pending|brought)|rollup_|reading_)'"
        " and has_function_privilege(%s, p.oid, 'execute')",
        (f"freehold_{role}",),
    ).fetchone() or ([],)
    assert set(names or []) == MAY[role]
    for table in ("fleet_run", "fleet_turn", "rollup", "rollup_tenant"):
        assert party.admin.execute(
            "select has_table_privilege(%s, %s, 'select')", (f"freehold_{role}", f"freehold.{table}")
        ).fetchone() == (False,)


def test_no_tenant_reaches_what_runs_it(party: Party) -> None:
    (name,) = party.admin.execute(
        "select oid::regproc::text from pg_proc where proowner = 'tenant_acme_ro'::regrole"
    ).fetchone() or ("",)
    connection = party.connect()
    for role in ("tenant_acme_ro", "tenant_acme_rw", "tenant_beta_ro", "tenant_acme_owner"):
        with party.admin.transaction(force_rollback=True):
            party.admin.execute(f"set local role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege), party.admin.transaction():
                party.admin.execute(f"select {name}('select 1', '', now(), 1, 1)".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege), party.admin.transaction():
                party.admin.execute(
                    "create table tenant_acme.t (id int)" if "owner" not in role else "select * from freehold.rollup"
                )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select {name}('select 1', '', now(), 1, 1)".encode())
    assert party.admin.execute(
        "select count(*) from freehold.isolation_check() where verdict = 'breach'"
    ).fetchone() == (0,)


def test_two_at_once_do_not_wait_for_each_other(party: Party, boss: Control) -> None:
    party.plant("begin perform pg_sleep(600); return 'ok'; end")
    other = party.connect()
    failed: list[psycopg.Error] = []

    def ask() -> None:
        try:
            other.execute("select * from freehold.fleet_query('select * from looks')")
        except psycopg.Error as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    pid = other.info.backend_pid
    until(lambda: party.admin.execute(
        "select 1 from pg_stat_activity where pid = %s and wait_event = 'PgSleep'", (pid,)).fetchone() is not None)  # fmt: skip
    assert asked(boss, slugs=["beta", "gamma"]) == FINE
    other.cancel()
    thread.join()
    assert isinstance(failed[0], psycopg.errors.QueryCanceled)
