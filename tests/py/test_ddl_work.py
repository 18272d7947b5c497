"""How much work the deparser makes of a large schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg

from support.database import Database


def test_nothing_is_found_again_for_each_table(database: Database) -> None:
    """The rows that pass through the plan of a kind: its tables against each other at worst, nothing for each such pair."""
    tables = 100
    with database.server.connect(database.name) as admin:
        admin.execute("create schema wide; set search_path = wide, pg_catalog, pg_temp")
        admin.execute(
            "".join(
                f"create table t{n} (id int primary key, body text check (body <> ''), at int default 1);"
                f"create table c{n} (id int primary key, up int references t{n}) inherits (t{n});"
                f"create view v{n} as select id from t{n}; comment on table t{n} is 'One of many.';"
                for n in range(tables)
            ).encode()
        )
        admin.execute("analyze pg_class, pg_depend, pg_attribute, pg_constraint, pg_inherits")
        # As _schema_ddl() has them.
        admin.execute("set enable_seqscan = off; set enable_mergejoin = off; set plan_cache_mode = force_generic_plan")
        admin.execute(
            "select set_config('freehold.ddl_descent', jsonb_agg(to_jsonb(d))::text, false) "
            "from freehold._ddl_descent_find('wide'::regnamespace) as d"
        )
        kinds = admin.execute(
            "select proname from pg_proc where prorettype = 'freehold._ddl_part'::regtype "
            "and pronamespace = 'freehold'::regnamespace "
            "and proname not in ('_ddl_flagged', '_ddl_plain', '_ddl_query', '_ddl_rare', '_ddl_relational', '_ddl_typed')"
        ).fetchall()
        assert len(kinds) > 30
        work = {kind: _work(admin, kind) for (kind,) in kinds}
    assert {kind: rows for kind, rows in work.items() if rows > 5 * (3 * tables) ** 2} == {}


def _work(admin: psycopg.Connection[Any], kind: str) -> float:
    admin.execute(f"prepare {kind} (oid) as select * from freehold.{kind}($1)".encode())
    row = admin.execute("select 'wide'::regnamespace::oid").fetchone()
    assert row is not None
    explained = admin.execute(
        f"explain (analyze, timing off, format json) execute {kind} ({row[0]})".encode()
    ).fetchone()
    assert explained is not None
    return sum(_rows(explained[0][0]["Plan"]))


def _rows(node: dict[str, Any]) -> Iterator[float]:
    yield node["Actual Loops"] * sum(
        node.get(passed, 0) for passed in ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    )
    for inner in node.get("Plans", ()):
        yield from _rows(inner)
