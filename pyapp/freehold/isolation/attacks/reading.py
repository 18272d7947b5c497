"""Attempts to read the victim's rows."""

from __future__ import annotations

from freehold.isolation.attack import Attack

_OID = (
    "(select c.oid from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = c.relnamespace "
    "where n.nspname = '<b_name>' and c.relname = 'freehold_canary')"
)
ATTACKS = (
    Attack(
        "select from its table",
        ("select * from <b>.freehold_canary",),
        "(select string_agg(c::text, ' ') from <b>.freehold_canary as c)",
    ),
    Attack("one column of it", ("select body from <b>.freehold_canary",), "(select max(body) from <b>.freehold_canary)"),
    Attack("select from its view", ("select * from <b>.freehold_canary_view",), "(select max(body) from <b>.freehold_canary_view)"),
    Attack("select from its materialised view", ("select * from <b>.freehold_canary_copy",), "(select max(body) from <b>.freehold_canary_copy)"),
    Attack("select from each of its relations", ("select * from <b_relation> limit 5",)),
    Attack("call each of its functions", ("select <b_function>()",)),
    Attack("call its function", ("select <b>.freehold_canary_read()",), "<b>.freehold_canary_read()"),
    Attack("call its definer function", ("select <b>.freehold_canary_definer()",), "<b>.freehold_canary_definer()"),
    Attack("read its sequence", ("select * from <b>.freehold_counter", "select currval('<b>.freehold_counter')")),
    Attack(
        "read its sequence by number",
        ("select last_value from pg_catalog.pg_sequences where schemaname = '<b_name>'",),
        "(select string_agg(last_value::text, ' ') from pg_catalog.pg_sequences where schemaname = '<b_name>')",
    ),
    Attack("copy its table to the client", ("copy <b>.freehold_canary to stdout",)),
    Attack("copy a query on it to the client", ("copy (select * from <b>.freehold_canary) to stdout",)),
    Attack(
        "in a branch that the planner drops",
        ("select case when false then (select max(body) from <b>.freehold_canary) end", "select * from <b>.freehold_canary where false"),
        "case when false then (select max(body) from <b>.freehold_canary) end",
    ),
    Attack("by a cursor", ("declare fh cursor for select * from <b>.freehold_canary", "fetch all from fh")),
    Attack("by a prepared statement", ("prepare fh as select * from <b>.freehold_canary", "execute fh")),
    Attack("in a union with its own rows", ("select body from freehold_canary union all select body from <b>.freehold_canary",)),
    Attack("into its own table", (
        "insert into freehold_canary (body) select body from <b>.freehold_canary returning body",
        "update freehold_canary set body = (select max(body) from <b>.freehold_canary) returning body",
    )),
    Attack("by merge", (
        "merge into freehold_canary as mine using <b>.freehold_canary as theirs on mine.id = theirs.id "
        "when matched then update set body = theirs.body",
        "select body from freehold_canary",
    )),
    Attack("by explain", ("explain (analyze, verbose) select * from <b>.freehold_canary where body > ''",)),
    Attack("with its schema on the path", ("set local search_path = <b>", "select * from freehold_canary")),
    Attack(
        "its path by set_config and a query in a text",
        ("select set_config('search_path', '<b_name>', true)", "select query_to_xml('select * from freehold_canary', true, true, '')"),
        "set_config('search_path', '<b_name>', true) || query_to_xml('select * from freehold_canary', true, true, '')::text",
    ),
    Attack("a query in a text", ("select query_to_xml('select * from <b>.freehold_canary', true, true, '')",),
           "query_to_xml('select * from <b>.freehold_canary', true, true, '')"),
    Attack("its table as XML, by number", (f"select table_to_xml({_OID}, true, true, '')",), f"table_to_xml({_OID}, true, true, '')"),
    Attack("its schema as XML", ("select schema_to_xml('<b_name>', true, true, '')",), "schema_to_xml('<b_name>', true, true, '')"),
    Attack("by ts_stat", ("select * from ts_stat('select body::tsvector from <b>.freehold_canary')",),
           "(select string_agg(word, ' ') from ts_stat('select to_tsvector(body) from <b>.freehold_canary'))"),
    Attack("by a DO block", ("do $$ begin raise notice '%', (select max(body) from <b>.freehold_canary); end $$",)),
    Attack("by a table that inherits from it", ("create temp table fh () inherits (<b>.freehold_canary)", "select * from <b>.freehold_canary")),
    Attack(
        "the planner's statistics",
        ("select * from pg_catalog.pg_stats where schemaname = '<b_name>'", "select stavalues1::text from pg_catalog.pg_statistic"),
        "(select string_agg(most_common_vals::text, ' ') from pg_catalog.pg_stats where schemaname = '<b_name>')",
    ),
    Attack("a key it has, by inserting the same", ("insert into <b>.freehold_canary (code) values ('<b_code>')",)),
    Attack("a key it has, by a foreign key", ("create temp table fh (code text references <b>.freehold_canary (code))",)),
)  # fmt: skip
"""Each must find nothing."""
