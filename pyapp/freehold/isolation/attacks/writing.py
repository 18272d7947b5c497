"""Attempts to change what is the victim's, or the control plane's."""

from __future__ import annotations

from freehold.isolation.attack import Attack

_BODY = "returns text language sql as 'select ''fh'''"
ATTACKS = (
    Attack("insert, update, delete", (
        "insert into <b>.freehold_canary (body) values ('<mark>')",
        "update <b>.freehold_canary set body = '<mark>'",
        "delete from <b>.freehold_canary",
    )),
    Attack("truncate", ("truncate <b>.freehold_canary",)),
    Attack("merge into it", (
        "merge into <b>.freehold_canary as t using freehold_canary as s on false when not matched then insert (body) values (s.body)",
    )),
    Attack("through its view", ("update <b>.freehold_canary_view set body = '<mark>'",)),
    Attack("through its definer function", ("select <b>.freehold_canary_write('<mark>')",), "<b>.freehold_canary_write('<mark>')"),
    Attack("advance its sequence", ("select nextval('<b>.freehold_counter')", "select setval('<b>.freehold_counter', 1)"),
           "nextval('<b>.freehold_counter')"),
    Attack("write by a query in a text",
           ("select query_to_xml('update <b>.freehold_canary set body = ''<mark>'' returning 1', true, true, '')",),
           "query_to_xml('update <b>.freehold_canary set body = ''<mark>'' returning 1', true, true, '')"),
    Attack("alter, rename, drop its table", (
        "alter table <b>.freehold_canary add column fh int",
        "alter table <b>.freehold_canary rename to fh",
        "alter table <b>.freehold_canary owner to <a_rw>",
        "drop table <b>.freehold_canary cascade",
    )),
    Attack("drop or rename its schema", ("alter schema <b> rename to fh_taken", "drop schema <b> cascade")),
    Attack("a trigger on its table", (
        "create trigger fh before insert on <b>.freehold_canary for each row execute function suppress_redundant_updates_trigger()",
        "alter table <b>.freehold_canary disable trigger all",
    )),
    Attack("a rule or a policy on its table", (
        "create rule fh as on insert to <b>.freehold_canary do instead nothing",
        "create policy fh on <b>.freehold_canary",
    )),
    Attack("an index or statistics on its table", (
        "create index on <b>.freehold_canary (body)", "create statistics fh on id, body from <b>.freehold_canary",
    )),
    Attack("objects in its schema", (
        "create table <b>.fh ()", f"create function <b>.fh() {_BODY}", "create view <b>.fhv as select 1", "create type <b>.fht as enum ()",
        f"create or replace function <b>.freehold_canary_read() {_BODY}",
    )),
    Attack("comment on its table", ("comment on table <b>.freehold_canary is '<mark>'",)),
    Attack("rights on it", (
        "grant all on <b>.freehold_canary to <a_rw>", "grant usage on schema <b> to <a_rw>", "grant all on all tables in schema <b> to public",
        "revoke all on <b>.freehold_canary from <b_rw>",
    )),
    Attack("drop or reassign what is its", ("drop owned by <b_owner> cascade", "drop owned by <b_rw>", "reassign owned by <b_owner> to <a_rw>")),
    Attack("a lock on its table", ("lock table <b>.freehold_canary in access exclusive mode",)),
    Attack("call lifecycle functions on it", (
        "select freehold.tenant_suspend('<b_slug>')", "select freehold.tenant_rename('<b_slug>', '<b_slug>-x')",
        "select freehold.tenant_retire('<b_slug>')", "select freehold.tenant_erase_step('<b_slug>', 'x')",
        "select freehold.login_enable('<b_slug>')", "select freehold.reader_create('<b_slug>')",
        "select freehold.gate_grant('<a_rw_name>')", "select freehold.tenant_clone('<b_slug>', '<b_slug>-x')",
    ), "freehold.tenant_suspend('<b_slug>')"),
    Attack("write to the control plane", (
        "update freehold.tenant set state = 'suspended'", "delete from freehold.operation",
        "insert into freehold.setting (name, value) values ('fh', 'fh')", "truncate freehold.tenant cascade",
        "create or replace function freehold.version() returns text language sql as 'select ''fh'''",
        "create table freehold.fh ()",
    )),
    Attack("run code by the functions of a cell", (
        "select freehold._cell_01('select 1', null)", "select freehold._owner_run(1, '<b_name>', '<b_owner_name>', 'drop table freehold_canary')",
        "select freehold._cell_run(1, 'alter role <a_rw> superuser')",
    )),
)  # fmt: skip
"""Each must change nothing."""
