"""What one tenant's transaction leaves in a session of the pool, for the next one of another tenant."""

from __future__ import annotations

from freehold.isolation.attack import Attack

ATTACKS = (
    Attack("a held cursor that the victim left", ("fetch all from fh",), before=(
        "declare fh cursor with hold for select body from freehold_canary", "commit", "begin")),
    Attack("a statement that the victim prepared", ("execute fh",), before=("prepare fh as select max(body) from <b>.freehold_canary",)),
    Attack("a setting that the victim left", ("select current_setting('fh.left', true)",), "current_setting('fh.left', true)", before=(
        "select set_config('fh.left', (select max(body) from freehold_canary), false)",)),
    Attack("the victim's role and path", ("select max(body) from freehold_canary", "select max(body) from <b>.freehold_canary"),
           "(select max(body) from freehold_canary)",
           before=("commit", "set session search_path = <b>", "set session role <b_rw>", "begin")),
    Attack("the victim's sequence value", ("select 'fh-' || (lastval() > 0)", "select currval('freehold_counter')"), "'fh-' || (lastval() > 0)",
           before=("select nextval('freehold_counter')",), mark="fh-true"),
    Attack("the victim's temporary table", ("select * from pg_temp.fh",), before=("create temp table fh as select body from freehold_canary",)),
    Attack("a channel the victim listens to", ("commit",), before=("listen <channel>",), mark="<heard>"),
    Attack("an advisory lock the victim holds", ("select 'fh-' || count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() having count(*) > 0",),
           before=("select pg_advisory_lock(<b_lock> + 1)",), mark="fh-"),
    Attack("leave a path", ("commit", "set session search_path = <a>", "begin")),
    Attack("leave a role", ("commit", "set session role <a_rw>", "begin")),
    Attack("leave settings", ("commit", "set statement_timeout = 1", "set default_transaction_read_only = on", "set row_security = off", "set datestyle = 'SQL, DMY'",
                              "set default_transaction_isolation = 'serializable'", "set client_encoding = 'LATIN1'", "set standard_conforming_strings = off",
                              "set bytea_output = 'escape'", "set timezone = 'Pacific/Apia'", "set freehold.actor = 'fh-left'", "begin")),
    Attack("leave characteristics of the session", ("commit", "set session characteristics as transaction read only", "begin")),
    Attack("leave a setting by an expression", (), "set_config('statement_timeout', '1', false) || set_config('freehold.actor', 'fh-left', false)"),
    Attack("leave a statement of the next one's name", ("prepare fh as select 'fh-left'", "deallocate all", "prepare _pg3_0 as select 'fh-left'")),
    Attack("leave an open transaction", ("commit", "begin", "select 1", "savepoint fh")),
    Attack("leave a failed transaction", ("commit", "begin", "select 1/0")),
    Attack("leave a temporary table that shadows", ("create temp table freehold_canary (body text default 'fh-left')", "create temp view freehold_canary_view as select 'fh-left' as body")),
    Attack("leave a cursor, a channel, a lock", ("listen fh", "declare fh cursor with hold for select 1", "select pg_advisory_lock(<b_lock> + 1)", "commit", "begin")),
)  # fmt: skip
"""The victim's next transaction must find its session as a new one."""
