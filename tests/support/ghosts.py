"""A large fleet at the price of a few inserts, and what a call reads of the catalogs because of it.

A ghost is a copy of a schema's catalog rows under numbers of its own, without any files: enough for
whoever reads catalogs, useless for whoever opens a table. Planning sees it as well. Only for databases
that are thrown away.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import psycopg
from psycopg import sql

# Whatever holds rows of a schema's objects. What is keyed by its owner alone is not copied: roles are made, below.
CATALOGS = (
    "pg_namespace", "pg_class", "pg_attribute", "pg_type", "pg_proc", "pg_constraint", "pg_index", "pg_attrdef", "pg_trigger",
    "pg_rewrite", "pg_depend", "pg_description", "pg_sequence", "pg_enum", "pg_range", "pg_policy", "pg_inherits", "pg_cast",
    "pg_operator", "pg_aggregate", "pg_statistic_ext", "pg_collation", "pg_conversion", "pg_ts_dict", "pg_ts_config",
    "pg_ts_config_map", "pg_default_acl", "pg_publication_rel", "pg_seclabel", "pg_foreign_table", "pg_opclass", "pg_opfamily",
    "pg_amop", "pg_amproc",
)  # fmt: skip
WRITTEN = (*CATALOGS, "pg_auth_members", "pg_authid", "pg_shdepend", "pg_db_role_setting", "pg_database")
"""What calls leave dead rows in."""
KEYS = (
    "oid", "attrelid", "aggfnoid", "indexrelid", "objid", "objoid", "seqrelid", "rngtypid", "inhrelid", "mapcfg", "ftrelid"
)  # fmt: skip
STRETCH = 200
"""How many times more rows the planner is told of than there are: what it chooses is what it would choose in a fleet so large."""
AWAY = 3_000_000_000
"""Where the numbers of ghosts begin: out of the way of those that the server gives next."""


def plant(admin: psycopg.Connection[Any], schema: str, roles: int, count: int) -> None:
    """Adds so many copies of a schema to the catalogs, and their statistics.

    Args:
        admin: A superuser's connection.
        schema: Of a tenant.
        roles: How many of the ghosts have a role in the tenants' group: those are real.
        count: How many ghosts.
    """
    admin.execute("create temp table ghost (oid oid)")
    # Everything that hangs on the schema, on its relations and on its types.
    admin.execute(
        """
        with recursive object (classid, objid) as (
            select 'pg_namespace'::regclass::oid, %s::regnamespace::oid
            union
            select d.classid, d.objid
            from object as o
            join pg_depend as d on d.refclassid = o.classid and d.refobjid = o.objid and d.deptype in ('n', 'a', 'i')
            where d.objid >= 16384
        )
        insert into ghost
        select distinct o.objid from object as o
        -- TOAST tables are named in one schema
        where o.objid not in (select c.oid from pg_class as c where c.relnamespace = 'pg_toast'::regnamespace)
        """,
        (schema,),
    )
    row = admin.execute("select max(oid)::bigint - min(oid)::bigint + 1 from ghost").fetchone()
    assert row is not None
    step = int(row[0])
    for catalog in CATALOGS:
        _copy(admin, catalog, count, step)
    admin.execute(
        """
        insert into freehold.tenant (slug, schema_name, owner_role, rw_role, state, template, template_version, cell)
        select 'ghost-' || n, 'ghost_' || n, 'ghost_' || n, 'ghost_' || n, 'active', t.template, t.template_version, t.cell
        from freehold.tenant as t, generate_series(1, %s) as n
        where t.schema_name = %s
        """,
        (count, schema),
    )
    admin.execute(
        "insert into freehold.operation (kind, tenant_id, slug, actor, state, finished_at) "
        "select 'provision', t.id, t.slug, 'ghost', 'done', now() from freehold.tenant as t where t.slug like 'ghost-%'"
    )
    for number in range(roles):
        role = sql.Identifier(f"ghost_{number}")
        admin.execute(sql.SQL("create role {0}; grant freehold_tenant to {0}").format(role))
    grown = (*CATALOGS, "pg_auth_members", "pg_authid", "pg_shdepend", "freehold.tenant", "freehold.operation")
    admin.execute(f"analyze {', '.join(grown)}".encode())
    # What is rare here is missing in a large fleet's sample.
    admin.execute("update pg_statistic set stadistinct = 1 where stakind1 = 1 and stanumbers1[1] > 0.99")
    # The pages are counted when a query is planned, rows by page are what ANALYZE saw.
    admin.execute(
        "update pg_class set reltuples = reltuples * %s where oid = any (%s::regclass[])", (STRETCH, list(grown))
    )


def _copy(admin: psycopg.Connection[Any], catalog: str, count: int, step: int) -> None:
    columns = admin.execute(
        "select attname, format_type(atttypid, null) from pg_attribute "
        "where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
        (catalog,),
    ).fetchall()
    values: list[sql.Composable] = []
    for name, kind in columns:
        column = sql.Identifier("c", name)
        if name == "nspname":
            values.append(sql.SQL("('ghost_' || n)::name"))
        elif kind in ("oid", "regproc"):
            values.append(
                sql.SQL("case when {} then ({}::oid::bigint + {} + n * {})::oid else {} end").format(
                    _is_ghost(column), column, sql.Literal(AWAY), sql.Literal(step), column
                )
            )
        else:
            values.append(column)
    # The column by which a row is, or belongs to, an object of the schema.
    key = next(name for name, _ in columns if name in KEYS)
    admin.execute(
        sql.SQL("insert into {0} select {1} from {0} as c, generate_series(1, {2}) as n where {3}").format(
            sql.Identifier(catalog), sql.SQL(", ").join(values), sql.Literal(count), _is_ghost(sql.Identifier("c", key))
        )
    )


def _is_ghost(column: sql.Composable) -> sql.Composed:
    return sql.SQL("{}::oid in (select g.oid from ghost as g)").format(column)


def sweep(admin: psycopg.Connection[Any]) -> None:
    """Takes away what calls that were taken back have left behind; what the planner believes stays as it was.

    Equal keys of an index share an entry, and those of them that are dead go by nothing but VACUUM: a namespace's
    list of dependencies is read with all that was ever made in the schema and rolled back. How many of them a scan
    has marked on its way depends on its kind and on how the page was filled, not on how many tenants there are.

    Args:
        admin: A superuser's connection.
    """
    kept = admin.execute(
        "select oid, relpages, reltuples, relallvisible from pg_class where oid = any (%s::regclass[])",
        (list(WRITTEN),),
    ).fetchall()
    # All of the index, however few are dead; no page leaves the file, which the planner looks at.
    admin.execute(f"vacuum (index_cleanup on, truncate off) {', '.join(WRITTEN)}".encode())
    admin.cursor().executemany(
        "update pg_class set relpages = %s, reltuples = %s, relallvisible = %s where oid = %s",
        [(pages, rows, visible, oid) for oid, pages, rows, visible in kept],
    )


class Reads:
    """Counts what calls read of the system catalogs and of freehold's tables, index entries and rows alike.

    Args:
        connection: The connection that calls; in a transaction, which is where PostgreSQL counts by itself.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._names = dict(
            connection.execute(
                "select oid, relname from pg_class where relkind in ('r', 'i') "
                "and relnamespace in ('pg_catalog'::regnamespace, 'freehold'::regnamespace)"
            ).fetchall()
        )

    def of(self, call: str) -> Counter[str]:
        """Rows read by a call, by relation; what it did is taken back."""
        with self._connection.transaction(force_rollback=True):
            before = self._taken()
            self._connection.execute(call.encode())
            return self._taken() - before

    def _taken(self) -> Counter[str]:
        found = self._connection.execute(
            "select o, pg_stat_get_xact_tuples_returned(o) from unnest(%s::oid[]) as o", (list(self._names),)
        ).fetchall()
        return Counter({self._names[oid]: rows for oid, rows in found})
