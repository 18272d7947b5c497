"""Looks for what an erased tenant has left, in its own way: nothing here asks freehold what to look at.

Every column of every system catalog that can hold the number of an object, and every row's text, is
searched for the numbers and names that were noted before; so is a dump of the whole cluster for the
names and for words that were planted. What is found is compared with what may lawfully be there.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from freehold.binaries import find_client
from support.database import Database

NUMBERS = ("oid", "regproc", "regclass", "regtype", "regrole", "regnamespace")
LISTS = ("_oid", "oidvector", "_regtype")
PREFIX = "klondike"


@dataclass
class Trace:
    """What there was of a tenant.

    Attributes:
        tenant_id: Its id.
        slug: Its slug.
        schema: Its schema.
        roles: Its roles.
        numbers: Of everything that hung on schema or roles.
    """

    tenant_id: str
    slug: str
    schema: str
    roles: list[str]
    numbers: set[int] = field(default_factory=set)


def note(admin: psycopg.Connection[Any], slug: str) -> Trace:
    """Notes names and numbers of a tenant that is still there."""
    row = admin.execute(
        "select id::text, slug, schema_name::text, array_remove(array[owner_role, rw_role, ro_role], null)::text[] "
        "from freehold.tenant where slug = %s and state <> 'erased'",
        (slug,),
    ).fetchone()
    assert row is not None
    trace = Trace(*row)
    found = admin.execute(
        """
        with recursive object (classid, objid) as (
            select 'pg_namespace'::regclass::oid, %(schema)s::regnamespace::oid
            union
            select 'pg_authid'::regclass::oid, r.oid from pg_roles as r where r.rolname = any (%(roles)s)
            union
            select x.classid, x.objid
            from object as o
            cross join lateral (
                select d.classid, d.objid from pg_depend as d where d.refclassid = o.classid and d.refobjid = o.objid
                    and d.deptype in ('n', 'a', 'i', 'P', 'S')
                union all
                select s.classid, s.objid from pg_shdepend as s
                where s.refclassid = o.classid and s.refobjid = o.objid and s.deptype = 'o'
                    and s.dbid = (select oid from pg_database where datname = current_database())
            ) as x
        )
        select objid::bigint from object
        union
        select c.reltoastrelid::bigint from object as o join pg_class as c on c.oid = o.objid and o.classid = 'pg_class'::regclass
        """,
        {"schema": trace.schema, "roles": trace.roles},
    ).fetchall()
    trace.numbers = {number for (number,) in found if number >= 16384}
    assert len(trace.numbers) > 5
    return trace


def in_catalogs(admin: psycopg.Connection[Any], trace: Trace) -> list[str]:
    """Rows of system catalogs that hold a number or a name of the tenant's."""
    names = "|".join(
        re.escape(name) for name in {trace.slug, trace.schema, trace.tenant_id, trace.tenant_id.replace("-", "")}
    )
    catalogs = admin.execute(
        """
        select c.relname, coalesce(jsonb_object_agg(a.attname, t.typname) filter (where t.typname = any (%s)), '{}')
        from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and not a.attisdropped
        join pg_type as t on t.oid = a.atttypid
        where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r'
        group by c.relname
        order by c.relname
        """,
        ([*NUMBERS, *LISTS, "_aclitem"],),
    ).fetchall()
    assert len(catalogs) > 50
    # A privilege of a role that is gone is printed with its number.
    numbers = "|".join(map(str, trace.numbers))
    found = []
    for catalog, columns in catalogs:
        table = sql.Identifier("pg_catalog", catalog)
        for column, kind in columns.items():
            name = sql.Identifier("r", column)
            if kind == "_aclitem":
                condition = sql.SQL("{}::text ~ {}").format(name, sql.Literal(f"\\m({numbers})\\M"))
            elif kind in LISTS:
                condition = sql.SQL("{}::oid[] && {}::oid[]").format(name, sql.Literal(list(trace.numbers)))
            else:
                condition = sql.SQL("{}::oid = any ({}::oid[])").format(name, sql.Literal(list(trace.numbers)))
            rows = admin.execute(sql.SQL("select r::text from {} as r where {}").format(table, condition)).fetchall()
            found += [f"{catalog}.{column}: {text}" for (text,) in rows]
        rows = admin.execute(
            sql.SQL("select r::text from {} as r where r::text ~* %s").format(table),
            (rf"(^|[^a-z0-9])({names})($|[^a-z0-9])",),
        ).fetchall()
        found += [f"{catalog}: {text}" for (text,) in rows]
    for view in ("pg_prepared_xacts", "pg_replication_slots", "pg_stat_activity", "pg_locks", "pg_db_role_setting"):
        rows = admin.execute(
            sql.SQL(
                "select to_jsonb(r) - 'query' from pg_catalog.{} as r where (to_jsonb(r) - 'query')::text ~* %s"
            ).format(sql.Identifier(view)),
            (rf"(^|[^a-z0-9])({names})($|[^a-z0-9])",),
        ).fetchall()
        found += [f"{view}: {text}" for (text,) in rows]
    return found


def in_control(admin: psycopg.Connection[Any], trace: Trace) -> dict[str, int]:
    """How many rows of each table outside the system's schemas hold the slug, the id, or a planted word."""
    tables = admin.execute(
        "select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'm') and n.nspname !~ '^(pg_|information_schema)' and n.nspname <> 'killer' order by 1, 2"
    ).fetchall()
    found = {}
    words = rf"(^|[^a-z0-9])({re.escape(trace.slug)}|{re.escape(trace.schema)}|{trace.tenant_id})($|[^a-z0-9])|{PREFIX}"
    for schema, table in tables:
        row = admin.execute(
            sql.SQL("select count(*) from {} as r where to_jsonb(r)::text ~* %s").format(sql.Identifier(schema, table)),
            (words,),
        ).fetchone()
        assert row is not None
        if row[0]:
            found[f"{schema}.{table}"] = row[0]
    return found


def in_dump(database: Database, words: str) -> list[str]:
    """Lines of a dump of database and roles that match, the tables' data of lawful remains left out by name."""
    lawful = (
        "tenant",
        "operation",
        "event",
        "legal_hold",
        "erasure_task",
        "erasure_certificate",
        "rollout_tenant",
        "break_glass",
        "seal",
        "seal_chain",
    )
    commands: tuple[list[str | Path], ...] = (
        [
            find_client("pg_dump"),
            "--dbname",
            database.admin_dsn,
            *(f"--exclude-table-data=freehold.{name}" for name in lawful),
        ],
        [find_client("pg_dumpall"), "--globals-only", "--dbname", database.admin_dsn],
    )
    found = []
    for command in commands:
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert len(text) > 1000
        found += [line for line in text.splitlines() if re.search(words, line, re.IGNORECASE)]
    return found
