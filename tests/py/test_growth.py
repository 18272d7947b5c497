"""What a tenant costs does not grow with their number: no call reads more of the catalogs because others are there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from support.database import Database, Databases
from support.fleet import until
from support.ghosts import Reads, plant, sweep

GHOSTS = 500
Grown = dict[str, tuple[Counter[str], Counter[str]]]
"""By call: what it read in a fleet of one, and in a large one."""
# Of each kind of object one; and little but tables, since a column that is the same in nearly all rows leads a planner astray.
RICH = """
    create type mood as enum ('sad', 'happy');
    create type pair as (a int, b text);
    create type span as range (subtype = int);
    create domain code as text constraint code_short check (length(value) < 9);
    create collation plain from "C";
    create text search dictionary words (template = simple);
    create text search configuration english (copy = simple);
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create function loud(text) returns text language sql immutable return upper($1);
    create function mood_of(pair) returns mood language sql immutable return 'sad'::mood;
    create aggregate longest (text) (sfunc = textcat, stype = text, initcond = '');
    create operator <~> (leftarg = text, rightarg = text, function = texteq);
    create cast (pair as mood) with function mood_of(pair);
    create table account (
        id int generated always as identity primary key, name code not null unique, mood mood default 'sad', at span,
        constraint account_name check (loud(name) <> '')
    );
    create table entry (
        id bigserial primary key, account_id int not null constraint entry_account references account, body text collate plain
    );
    create table entry_old () inherits (entry);
    create index entry_body on entry (account_id, loud(body));
    create statistics entry_seen (ndistinct) on account_id, body from entry;
    create trigger touched before update on account for each row execute function touch();
    alter table account enable row level security;
    create policy all_of_it on account using (name <> '');
    create view known as select id, loud(name) as name from account;
    create materialized view total as select count(*) as n from entry;
    create rule kept as on delete to entry do instead nothing;
    comment on table account is 'Who owes.';
    comment on column account.name is 'As it is known.';
    comment on function touch() is 'Does nothing.';
    insert into account (name) select 'a' || n from generate_series(1, 9) as n;
"""
PLAIN = "create type mood as enum ('sad', 'happy');" + "".join(
    f"create table t{n} (id int primary key, body text not null unique check (body <> ''), mood mood default 'sad');"
    for n in range(20)
)
TEMPLATES = {"rich": RICH, "plain": PLAIN}
# A call that is measured, after what makes it possible; and how many functions' names are looked up in it. For that PostgreSQL
# reads all functions of a name, whatever schema they are in, and again after any function has changed: the statements
# of a trigger and of a grant do, whoever sends them. The functions of a new schema need no grants: what is left are the three names that
# a trigger, a cast and a check call. What deparses the schema does not, once the session has seen it.
CALLS = {
    "provision": ("", "select freehold.tenant_provision('new', 'fleet')", 3),
    "claim": ("select freehold.reserve_fill_step('fleet', 1)", "select freehold.tenant_provision('new', 'fleet')", 0),
    "clone": ("", "select freehold.tenant_clone('one', 'new', with_data => false)", 7),
    "clone with data": ("", "select freehold.tenant_clone('one', 'new')", 7),
    "rename": ("", "select freehold.tenant_rename('one', 'new')", 0),
    "suspend": ("", "select freehold.tenant_suspend('one')", 0),
    "resume": ("select freehold.tenant_suspend('one')", "select freehold.tenant_resume('one')", 0),
    "retire": ("", "select freehold.tenant_retire('one', '0')", 0),
    "reinstate": ("select freehold.tenant_retire('one', '0')", "select freehold.tenant_reinstate('one')", 0),
    "erase": ("select freehold.tenant_retire('one', '0')", "select freehold.tenant_erase_step('one', 'test')", 3),
    "reserve": ("", "select freehold.reserve_fill_step('fleet', 1)", 3),
    "reader": ("", "select freehold.reader_create('one')", 9),
    "ddl": ("", "select * from freehold.schema_ddl('tenant_one')", 0),
    "drift": ("", "select * from freehold.tenant_drift('one')", 0),
    "freeze": (
        "select freehold.template_apply('fleet', 'create table more ()')",
        "select freehold.template_freeze('fleet')",
        3,
    ),
    "get": ("", "select freehold.tenant_get('one')", 0),
    "enter": ("", "select freehold.tenant_enter('one', 'alice')", 0),
    "context": ("", "select freehold.tenant_context('one')", 0),
    "operations": ("", "select freehold.operation_list('one')", 0),
    "older operations": ("", "select freehold.operation_list(max_rows => 1, before => 3)", 0),
    "limits": ("", "select freehold.limit_set('one', 'statement_timeout', '1s')", 0),
}
VACUUM = b"vacuum pg_shdepend, pg_authid, pg_auth_members, pg_db_role_setting, pg_database"
OTHERS = "select from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1"
BY_NAME = "pg_proc_proname_args_nsp_index"


@pytest.fixture(scope="module", params=TEMPLATES)
def grown(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Grown]:
    """What each call read in a fleet of one, and in a large one."""
    with databases.clone() as database:
        yield _grow(database, TEMPLATES[request.param])
    # The catalogs that databases share keep the dead rows of those that are gone, and nobody else vacuums on this server. What the
    # sessions that dropped it have to say of that arrives when their processes have ended.
    with databases.server.connect() as admin:
        until(lambda: admin.execute(OTHERS).fetchone() is None)
        admin.execute(VACUUM)


def _grow(database: Database, template: str) -> Grown:
    control = database.control()
    control.template_create("fleet")
    control.template_apply("fleet", template)
    control.template_freeze("fleet")
    control.tenant_provision("one", "fleet")
    control.tenant_provision("two", "fleet")
    with database.server.connect(database.name) as admin:
        small = _reads(database, admin)
        plant(admin, "tenant_two", GHOSTS // 2, GHOSTS)
        # Cell 1 counts as full now; the next one is opened here.
        admin.execute("update freehold.setting set value = '100' where name = 'cell_capacity'")
        control.tenant_provision("three", "fleet")
        large = _reads(database, admin)
    return {call: (small[call], large[call]) for call in CALLS}


def _reads(database: Database, admin: psycopg.Connection[Any]) -> dict[str, Counter[str]]:
    """The second time counts: the first one fills the session's caches."""
    found: dict[str, Counter[str]] = {}
    for name, (before, call, _) in CALLS.items():
        connection = database.connect(database.admin_dsn)
        reads = Reads(connection)
        for _ in range(2):
            # What earlier tests and calls have left behind would be read on the way.
            sweep(admin)
            with connection.transaction(force_rollback=True):
                if before:
                    connection.execute(before.encode())
                found[name] = reads.of(call)
    return found


@pytest.mark.parametrize("call", CALLS)
def test_nothing_reads_what_belongs_to_others(call: str, grown: Grown) -> None:
    small, large = grown[call]
    lists = {BY_NAME: CALLS[call][2] * (GHOSTS + 3)}
    more = {name: large[name] - small[name] - lists.get(name, 0) for name in large}
    assert {name: rows for name, rows in more.items() if rows > GHOSTS // 2} == {}
