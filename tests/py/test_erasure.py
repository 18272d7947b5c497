"""Nothing of an erased tenant is found by a search that knows nothing of the eraser; holds, requests, what is noted before."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from freehold import errors
from freehold.control import Control
from support import residue
from support.database import Database

SLUG = "quagga"
# Words that are nowhere else, in every place that can hold one.
RICH = """
    create type mood as enum ('klondike_label', 'happy');
    create domain code as text default 'klondike_domain' check (value <> 'klondike_check');
    create table account (
        id int generated always as identity primary key, name text not null default 'klondike_default', mood mood default 'happy',
        constraint klondike_constraint check (name <> 'klondike_checked')
    );
    create table entry (id bigserial primary key, account_id int not null references account on delete cascade, body text);
    create table part (id int, at date) partition by range (at);
    create table part_one partition of part for values from ('2026-01-01') to ('2027-01-01');
    create index klondike_index on entry (lower(body)) where body <> 'klondike_predicate';
    create statistics klondike_statistics (ndistinct, mcv) on account_id, body from entry;
    create function shout(text) returns text language sql immutable as $$ select 'klondike_body' || upper($1) $$;
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create trigger klondike_trigger before update on account for each row execute function touch();
    alter table account enable row level security;
    create policy klondike_policy on account using (name <> 'klondike_policy');
    create view known as select id, shout(name) as klondike_column from account;
    create materialized view total as select count(*) as n, 'klondike_view' as word from entry;
    create rule klondike_rule as on delete to entry do also select 1;
    comment on table account is 'klondike_comment';
    comment on column account.name is 'klondike_comment_column';
    comment on function shout(text) is 'klondike_comment_function';
    comment on type mood is 'klondike_comment_type';
    insert into account (name) select 'klondike_row_' || n % 3 from generate_series(1, 50) as n;
    insert into entry (account_id, body) select n, 'klondike_row_' || n from generate_series(1, 50) as n;
"""


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", RICH.replace("klondike", "plain"))
    control.template_freeze("default")
    control.tenant_provision("neighbour")
    return control


def plant(control: Control, database: Database) -> None:
    """A tenant that has of everything something, with planted words wherever one fits."""
    admin = database.connect(database.admin_dsn)
    control.tenant_provision(
        SLUG, display_name="Klondike Display Ltd", external_id="KLONDIKE-1", settings={"mail": "klondike@example.com"}
    )
    control.reader_create(SLUG)
    control.login_enable(SLUG)
    control.limit_set(SLUG, "statement_timeout", "31s")
    admin.execute("drop schema if exists other_words cascade")
    with admin.transaction():
        admin.execute("set local role tenant_quagga_owner")
        admin.execute("set local search_path = tenant_quagga, pg_catalog")
        for kind in (
            "materialized view total",
            "view known",
            "table entry cascade",
            "table account",
            "table part",
            "type mood",
        ):
            admin.execute(f"drop {kind}".encode())
        for routine in ("shout(text)", "touch()", "domain"):
            admin.execute(b"drop domain code" if routine == "domain" else f"drop function {routine}".encode())
        admin.execute(RICH.encode())
        admin.execute("select lo_from_bytea(0, 'klondike in a large object')")
        admin.execute("alter default privileges in schema tenant_quagga grant select on tables to tenant_quagga_ro")
        admin.execute("refresh materialized view total")
    admin.execute("comment on schema tenant_quagga is 'klondike_comment_schema'")
    admin.execute("comment on role tenant_quagga_rw is 'klondike_comment_role'")
    admin.execute("alter role tenant_quagga_rw set application_name = 'klondike_setting'")
    admin.execute("analyze tenant_quagga.account; analyze tenant_quagga.entry")
    control.migration_apply(SLUG, "0001.more", "create table more (id int)")
    control.audit_enable(SLUG, "entry")
    with admin.transaction():
        admin.execute("set local role tenant_quagga_rw")
        admin.execute("update tenant_quagga.entry set body = 'klondike_changed' where id < 9")
    control.audit_seal()
    control.mask_set(SLUG, "account", "name", "constant", {"value": "klondike_mask"})
    control.access_record(control.tenant_get(SLUG)["id"], "klondike_actor", "read", purpose="klondike_purpose")
    person = database.login_dsn("staff")
    admin.execute("grant freehold_break_glass to staff")
    row = Control(database.connect(person)).break_glass_open(SLUG, "support case", "T-1")
    assert admin.execute("select from pg_roles where rolname = %s", (row["login"],)).fetchone() is not None
    # Errors may quote rows.
    control.operation_failed("clone", SLUG, "22P02", 'invalid input syntax for type integer: "klondike_row_1"')


def erase(control: Control) -> dict[str, Any]:
    control.tenant_retire(SLUG, grace="0 days", reason="contract ended")
    control.tenant_erase(SLUG, "request 4711")
    return next(row for row in control.operation_list(slug=SLUG) if row["kind"] == "erase")


def test_nothing_is_left(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    roles = "select rolname from pg_roles where rolname <> 'staff' order by 1"
    others = admin.execute(roles.encode()).fetchall()
    plant(ready, database)
    trace = residue.note(admin, SLUG)
    assert len(admin.execute(roles.encode()).fetchall()) == len(others) + 4
    # The search finds what is there, or it would say nothing by finding nothing.
    before = residue.in_catalogs(admin, trace)
    seen = {line.split(":")[0] for line in before}
    assert {
        "pg_namespace", "pg_class.oid", "pg_class", "pg_authid", "pg_proc.oid", "pg_shdescription.objoid", "pg_default_acl",
        "pg_description.objoid", "pg_statistic_ext.oid", "pg_statistic.starelid", "pg_policy.oid", "pg_largeobject_metadata.lomowner",
        "pg_auth_members.member", "pg_db_role_setting.setrole", "pg_shdepend.refobjid",
    } <= seen  # fmt: skip
    assert len(residue.in_dump(database, residue.PREFIX)) > 20
    row = erase(ready)
    assert row["detail"]["residue"] == []
    assert residue.in_catalogs(admin, trace) == []
    assert admin.execute(roles.encode()).fetchall() == others
    assert residue.in_dump(database, f"{residue.PREFIX}|{SLUG}|{trace.tenant_id}") == []
    # What lawfully remains is in these tables, and says nothing that was planted.
    assert set(residue.in_control(admin, trace)) <= {
        "freehold.tenant", "freehold.operation", "freehold.event", "freehold.legal_hold", "freehold.break_glass",
        "freehold.seal", "freehold.seal_chain"
    }  # fmt: skip
    trace.slug = trace.schema = trace.tenant_id = "nobody"
    assert residue.in_control(admin, trace) == {}
    assert ready.tenant_drift("neighbour") == []


def plantings(database: Database) -> dict[str, tuple[str, str]]:
    """What could be left over: how it is planted after an erasure, and what the scan calls it."""
    return {
        "schema": ("create schema tenant_quagga", "schema tenant_quagga"),
        "role": ("create role tenant_quagga_rw", "role tenant_quagga_rw"),
        "publication": ("create publication quagga_feed", "publication 'quagga_feed'"),
        "event trigger": (
            "create event trigger tenant_quagga_x on sql_drop execute function tap.nothing()",
            "event trigger 'tenant_quagga_x'",
        ),
        "replication origin": (
            "select pg_replication_origin_create('from_quagga')",
            "replication origin 'from_quagga'",
        ),
        "ledger": (
            "insert into freehold.tenant_migration (home_id, migration_id, state, applied_at, applied_by) "
            "values ('{id}', 'x', 'applied', now(), 'x')",
            "1 rows of freehold.tenant_migration by home_id",
        ),
        "name": ("update freehold.tenant set display_name = 'x' where id = '{id}'", "registry row of tenant {id}"),
        "error": (
            "insert into freehold.operation (kind, tenant_id, slug, actor, state, finished_at, error_code, error_message) "
            "values ('x', '{id}', 'quagga', 'x', 'failed', now(), '22P02', 'x')",
            "an error of operation",
        ),
        "runner": (
            "create function freehold_runner.run_{hex}(text) returns int language sql as 'select 1'",
            "function freehold_runner.run_{hex}(text)",
        ),
        "audit log": (
            "create schema if not exists freehold_audit; create table freehold_audit.log_{hex} (id int)",
            "audit log freehold_audit.log_{hex}",
        ),
        "part of an audit log": (
            "create schema if not exists freehold_audit; create table freehold_audit.log_{hex}_20260101 (id int)",
            "audit log freehold_audit.log_{hex}_20260101",
        ),
        "audit writer": (
            "create schema if not exists freehold_audit; create function freehold_audit.write_{hex}() returns int language sql as 'select 1'",
            "function freehold_audit.write_{hex}()",
        ),
        "comment": ("create schema tenant_quagga; comment on schema tenant_quagga is 'x'", "schema tenant_quagga"),
        "unknown table": (
            "create table freehold.later (tenant_id uuid); alter table freehold.later owner to freehold_owner; insert into freehold.later values ('{id}')",
            "1 rows of freehold.later by tenant_id",
        ),
        "unknown slug": (
            "create table freehold.later (slug text); alter table freehold.later owner to freehold_owner; insert into freehold.later values ('quagga')",
            "1 rows of freehold.later by slug",
        ),
    }


def test_the_scan_finds_what_is_planted(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    admin.execute("create function tap.nothing() returns event_trigger language plpgsql as 'begin end'")
    ready.tenant_provision(SLUG)
    # Another tenant's longer name is not this one's.
    ready.tenant_provision(f"{SLUG}-two")
    admin.execute(
        "create publication quagga_two_feed; create publication tenant_quagga_two; create publication unrelated"
    )
    row = erase(ready)
    assert row["detail"]["residue"] == []
    identity = str(row["tenant_id"])
    ids = {"id": identity, "hex": identity.replace("-", "")}
    for name, (statement, what) in plantings(database).items():
        with admin.transaction(force_rollback=True):
            admin.execute(statement.format(**ids).encode())
            with pytest.raises(errors.ErasureOpen) as caught:
                admin.execute("select freehold.erasure_certificate(%s)", (identity,))
        assert what.format(**ids) in str(caught.value.diag.message_detail), name
    assert ready.erasure_certificate(identity)["residue"]["found"] == []


def test_every_column_that_may_name_a_tenant_is_declared(admin: psycopg.Connection[Any]) -> None:
    rows = admin.execute(
        """
        select c.relname, a.attname
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'freehold'::regnamespace and c.relkind in ('r', 'p')
            and (a.attname ~ '(slug|tenant_id|home_id)$' or a.atttypid = 'uuid'::regtype)
        except
        select t.table_name, t.column_name from freehold._erasure_table() as t
        """
    ).fetchall()
    assert rows == [], "say in _erasure_table() what becomes of them"


def test_a_hold_beats_an_erasure(ready: Control, database: Database) -> None:
    ready.tenant_provision(SLUG)
    first = ready.hold_set(SLUG, "court order 12/3")
    second = ready.hold_set(SLUG, "audit", "2100-01-01")
    assert ready.tenant_retire(SLUG, grace="0 days")["state"] == "retired"
    with pytest.raises(errors.UnderHold) as caught:
        ready.tenant_erase(SLUG, "request 4711")
    assert "court order 12/3" in str(caught.value.diag.message_detail)
    assert "until 2100-01-01" in str(caught.value.diag.message_detail)
    with pytest.raises(errors.UnderHold):
        ready.tenant_erase_step(SLUG, "request 4711")
    assert ready.tenant_get(SLUG)["state"] == "retired"
    held = ready.hold_list()
    assert [(row["id"], row["request"]) for row in held] == [
        (first["id"], "request 4711"),
        (second["id"], "request 4711"),
    ]
    with pytest.raises(errors.InvalidArgument):
        ready.hold_release(SLUG, "settled")
    ready.hold_release(SLUG, "settled", first["id"])
    with pytest.raises(errors.HoldNotFound):
        ready.hold_release(SLUG, "settled", first["id"])
    with pytest.raises(errors.UnderHold):
        ready.tenant_erase(SLUG, "request 4711")
    ready.hold_release(SLUG, "settled")
    with pytest.raises(errors.HoldNotFound):
        ready.hold_release(SLUG, "settled")
    assert ready.hold_list() == []
    assert len(ready.hold_list(released=True)) == 2
    row = erase_only(ready)
    certificate = ready.erasure_certificate(row["tenant_id"])
    assert [each["reason"] for each in certificate["requests"]] == ["request 4711"] * 2
    assert [each["released_at"] is None for each in certificate["holds"]] == [False, False]


def erase_only(control: Control) -> dict[str, Any]:
    control.tenant_erase(SLUG, "request 4711")
    return next(row for row in control.operation_list(slug=SLUG) if row["kind"] == "erase")


def test_a_hold_ends_by_itself(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.tenant_provision(SLUG)
    ready.tenant_retire(SLUG, grace="0 days")
    for until in ("2020-01-01", "now"):
        with pytest.raises(errors.InvalidArgument):
            ready.hold_set(SLUG, "x", until)
    with pytest.raises(errors.InvalidArgument):
        ready.hold_set(SLUG, " ")
    row = admin.execute("select now() + interval '1 day'").fetchone()
    assert row is not None
    ready.hold_set(SLUG, "x", row[0])
    with pytest.raises(errors.UnderHold):
        ready.tenant_erase_step(SLUG, "y")
    admin.execute("update freehold.setting set value = '2 days' where name = 'clock_offset'")
    assert ready.tenant_erase_step(SLUG, "y")["state"] == "done"


def test_a_hold_stops_an_erasure_on_its_way(ready: Control, database: Database) -> None:
    from support.locks import crowd

    ready.tenant_provision(SLUG)
    ready.tenant_retire(SLUG, grace="0 days")
    admin = database.connect(database.admin_dsn)
    with admin.transaction():
        admin.execute("set local role tenant_quagga_owner")
        for number in range(60):
            admin.execute(f"create table tenant_quagga.t{number} (id int primary key, body text unique)".encode())
    crowd(database, room=350)
    operation = ready.tenant_erase_step(SLUG, "y")
    assert operation["state"] == "running"
    ready.hold_set(SLUG, "too late for some")
    with pytest.raises(errors.UnderHold):
        ready.operation_step(operation["id"])
    with pytest.raises(errors.UnderHold):
        ready.tenant_erase(SLUG, "y")
    assert ready.tenant_get(SLUG)["state"] == "erasing"
    ready.hold_release(SLUG, "settled")
    ready.operation_resume(operation["id"])
    assert ready.tenant_list(state="erased")[0]["slug"] == SLUG


def test_what_there_was_is_noted_before(ready: Control, database: Database) -> None:
    plant(ready, database)
    fingerprint = ready.schema_fingerprint("tenant_quagga")
    detail = erase(ready)["detail"]
    assert detail["fingerprint"] == fingerprint
    assert detail["seen"]["rows by table"] == {"account": 50, "entry": 50, "part_one": 0, "more": 0}
    assert (detail["seen"]["rows"], detail["seen"]["tables counted"]) == (100, 4)
    assert detail["seen"]["bytes"] > 8192
    assert detail["before"]["roles"] == 3
    assert detail["before"]["large objects"] == 1
    assert set(detail["after"].values()) == {0}
    assert detail["seen"]["audit log bytes"] > 8192
    assert detail["control_rows"]["tenant_migration"] == 1


@pytest.mark.parametrize(
    "obstacle",
    [
        # A row that cannot be read.
        "alter table entry enable row level security; alter table entry force row level security;"
        "create policy p on entry using (1 / (id - id) > 0)",
        # Names of the system's, of its own.
        "create aggregate count (*) (sfunc = int8inc, stype = int8, initcond = '99');"
        "create function jsonb_object_agg(text, bigint) returns jsonb language sql as 'select null::jsonb'",
        # What runs in the counting, and would never end.
        "create view pg_class as select 1 / 0 as oid; create table more (id int, n int generated always as (id / 1) stored)",
        # Nothing to count at all.
        "drop table entry cascade; drop table account cascade; drop table part cascade",
    ],
)
def test_no_schema_keeps_itself_from_being_erased(
    ready: Control, admin: psycopg.Connection[Any], obstacle: str
) -> None:
    ready.tenant_provision(SLUG)
    with admin.transaction():
        admin.execute("set local role tenant_quagga_owner")
        admin.execute("set local search_path = tenant_quagga, pg_catalog")
        admin.execute(obstacle.encode())
    row = erase(ready)
    assert (row["state"], row["detail"]["residue"]) == ("done", [])


def test_erasures_are_listed_and_shown(ready: Control, admin: psycopg.Connection[Any]) -> None:
    ready.tenant_provision(SLUG)
    row = erase(ready)
    (listed,) = ready.erasure_list()
    assert (listed["tenant"], listed["state"], listed["residue"], listed["tasks_open"]) == (SLUG, "done", 0, 0)
    assert listed["certificate"] is None
    ready.erasure_certificate(row["tenant_id"])
    assert ready.erasure_list(SLUG)[0]["certificate"] == "logical"
    assert json.dumps(row["detail"]).count("klondike") == 0
    with pytest.raises(errors.InvalidArgument):
        ready.erasure_request("neighbour", "")
