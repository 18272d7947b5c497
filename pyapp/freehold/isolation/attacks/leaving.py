"""Attempts to leave the role that the transaction has: what level *role* cannot withstand."""

from __future__ import annotations

from freehold.isolation.attack import Attack, Model

ANY_SQL: frozenset[Model] = frozenset({"statement"})
_LOGIN = "level login: the session has no other role to go back to"
_READ = "select string_agg(body, ' ') from <b>.freehold_canary"


def _other(name: str, role: str) -> Attack:
    """An attempt at a role that no login of a tenant's or an application's may take."""
    return Attack(f"to {name}", ("reset role", f"set role {role}", _READ, "create table public.fh_made ()"))


ATTACKS = (
    Attack("reset role, then the victim's", ("reset role", "set role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack("set role none", ("set role none", "set local role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack("set local role", ("set local role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack("in a transaction of its own", ("rollback", "begin", "set local role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack("set session authorization", ("set session authorization <b_rw>", _READ)),
    Attack("reset session authorization", ("reset session authorization", "set role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack("discard all", ("commit", "discard all", "begin", "set local role <b_rw>", _READ), known=ANY_SQL, close=_LOGIN),
    Attack(
        "set_config('role') and a query in a text",
        ("select set_config('role', '<b_rw_name>', true)", f"select query_to_xml($q${_READ}$q$, true, true, '')"),
        f"set_config('role', '<b_rw_name>', true) || query_to_xml($q${_READ}$q$, true, true, '')::text",
        known=frozenset({"statement", "expression"}),
        close="freehold harden takes set_config() and query_to_xml() from PUBLIC; any SQL: " + _LOGIN,
    ),
    Attack(
        "set_config('role') and a function of its own schema",
        ("select set_config('role', '<b_rw_name>', true), set_config('search_path', '<b_name>', true)", "select freehold_canary_read()"),
        "set_config('role', '<b_rw_name>', true) || set_config('search_path', '<b_name>', true) || <a>.freehold_canary_read()",
        known=frozenset({"statement", "expression"}),
        close="freehold harden takes set_config() from PUBLIC; any SQL: " + _LOGIN,
    ),
    Attack(
        "tenant_leave() and tenant_enter()",
        ("select freehold.tenant_leave()", "select freehold.tenant_enter('<b_slug>')", _READ),
        "concat(freehold.tenant_leave(), freehold.tenant_enter('<b_slug>'), freehold_canary_read())",
    ),
    Attack("tenant_enter() alone", ("select freehold.tenant_enter('<b_slug>')", _READ), "freehold.tenant_enter('<b_slug>') || freehold_canary_read()"),
    Attack(
        "by a DO block", ("do $$ begin set local role <b_rw>; raise notice '%', (select max(body) from <b>.freehold_canary); end $$",),
        known=ANY_SQL, close="freehold harden takes the languages from PUBLIC; any SQL: " + _LOGIN,
    ),
    Attack(
        "a held cursor", ("set local role <b_rw>", "declare fh cursor with hold for select body from <b>.freehold_canary", "commit", "fetch all from fh"),
        known=ANY_SQL, close=_LOGIN,
    ),
    _other("the victim's owner", "<b_owner>"),
    _other("its own owner", "<a_owner>"),
    _other("the gate", "<gate>"),
    _other("all gates", "<gates>"),
    _other("the cell", "<cell>"),
    _other("the control plane's owner", "<control_owner>"),
    _other("the administrators", "<admin>"),
    _other("the operator", "<operator>"),
    _other("a superuser", "<superuser>"),
    _other("pg_read_all_data", "pg_read_all_data"),
    _other("pg_execute_server_program", "pg_execute_server_program"),
)  # fmt: skip
"""A shared login may take every role of its cell; a tenant's own login none."""
