"""A template of more tables than one transaction can lock is refused by name, and can be dropped in parts."""

from __future__ import annotations

import psycopg
import pytest

from .conftest import Laboratory

MAKE = """
do $$
begin
    for n in 1..%s loop
        execute pg_catalog.format('create table t%%s (a integer unique, b integer unique, c integer unique)', n);
    end loop;
end
$$
"""


def test_more_than_the_lock_table_takes(laboratory: Laboratory) -> None:
    call = laboratory.operator.execute
    row = call(
        "select current_setting('max_locks_per_transaction')::integer * (current_setting('max_connections')::integer"
        " + current_setting('max_prepared_transactions')::integer)"
    ).fetchone()
    assert row is not None
    # A table of these holds some twenty objects, each locked when it is dropped; shared memory has room to spare.
    count, part = row[0] // 2, row[0] // 100
    call("select freehold.template_create('orc')")
    try:
        for _ in range(count // part):
            made = call("select count(*) from pg_class where relname ~ '^t[0-9]+$'").fetchone()
            assert made is not None
            script = MAKE.replace("1..%s", f"{made[0] + 1}..{made[0] + part}").replace("%%", "%")
            call("select freehold.template_apply('orc', %s)", (script,))
        with pytest.raises(psycopg.Error) as caught:
            call("select freehold.template_drop('orc')")
        assert caught.value.sqlstate == "FH402"
        assert "max_locks_per_transaction" in (caught.value.diag.message_hint or "")
    finally:
        while True:
            names = call(
                "select string_agg(c.relname, ', ') from (select relname from pg_class"
                " where relname ~ '^t[0-9]+$' and relkind = 'r' limit %s) as c",
                (part,),
            ).fetchone()
            if names is None or names[0] is None:
                break
            call("select freehold.template_apply('orc', %s)", (f"drop table {names[0]} cascade",))
        call("select freehold.template_drop('orc')")
