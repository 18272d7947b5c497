"""What the catalogs say of a schema: to be compared before and after a migration.

Objects are found through pg_depend by their schema, so the cost does not grow with the number of schemas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import tuple_row

# The schema's objects, and what is a part of one: constraints, indexes, defaults, triggers, rules, policies.
_OBJECTS = """
    with recursive own (classid, objid) as (
        select d.classid, d.objid from pg_catalog.pg_depend as d
        where d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = %(namespace)s
        union
        select d.classid, d.objid from own as o
        join pg_catalog.pg_depend as d
            on d.refclassid = o.classid and d.refobjid = o.objid and d.deptype in ('a', 'i', 'P', 'S')
    )
    select o.classid, o.objid from own as o
"""
_REACHES = """
    with own (classid, objid) as (select * from unnest(%(classes)s::oid[], %(objects)s::oid[]))
    select pg_describe_object(o.classid, o.objid, 0) as object,
           case k.contype when 'f' then pg_describe_object('pg_catalog.pg_class'::regclass, k.confrelid, 0)
                else pg_describe_object(d.refclassid, d.refobjid, 0) end as target,
           exists (
               select from pg_catalog.pg_depend as e
               where e.classid = d.refclassid and e.objid = d.refobjid and e.deptype = 'e'
           ) as extension,
           coalesce(k.contype = 'f', false) as foreign_key,
           coalesce(k.confrelid, 0) as parent
    from own as o
    join pg_catalog.pg_depend as d on d.classid = o.classid and d.objid = o.objid
    cross join lateral pg_identify_object(d.refclassid, d.refobjid, 0) as i
    left join pg_catalog.pg_constraint as k
        on o.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = o.objid
    where i.schema <> all (array['pg_catalog', 'information_schema', 'pg_toast'])
        and (d.refclassid, d.refobjid) not in (select w.classid, w.objid from own as w)
    group by 1, 2, 3, 4, 5
"""
_LOCKS = """
    select c.oid::regclass::text as relation, c.oid as oid, l.mode as mode
    from pg_catalog.pg_locks as l
    join pg_catalog.pg_class as c on c.oid = l.relation
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where l.pid = pg_backend_pid() and l.granted and l.locktype = 'relation'
        and l.database = (select b.oid from pg_catalog.pg_database as b where b.datname = current_database())
        and n.oid <> %(namespace)s and n.nspname !~ '^(pg_|information_schema$)' and c.relkind <> all ('{i,I,t}')
"""
_TABLES = """
    select c.oid, c.relname::text as name, c.relfilenode as filenode
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_class as c on c.oid = d.objid
    where d.refclassid = 'pg_catalog.pg_namespace'::regclass and d.refobjid = %(namespace)s
        and d.classid = 'pg_catalog.pg_class'::regclass and c.relkind in ('r', 'p', 'm')
"""
_GRANTS = """
    with own (classid, objid) as (select * from unnest(%(classes)s::oid[], %(objects)s::oid[])), acl (object, acl) as (
        select pg_describe_object('pg_catalog.pg_class'::regclass, c.oid, 0), c.relacl
        from own as o join pg_catalog.pg_class as c on o.classid = 'pg_catalog.pg_class'::regclass and c.oid = o.objid
        union all
        select pg_describe_object('pg_catalog.pg_class'::regclass, a.attrelid, a.attnum), a.attacl
        from own as o
        join pg_catalog.pg_attribute as a on o.classid = 'pg_catalog.pg_class'::regclass and a.attrelid = o.objid
        union all
        select pg_describe_object('pg_catalog.pg_proc'::regclass, p.oid, 0), p.proacl
        from own as o join pg_catalog.pg_proc as p on o.classid = 'pg_catalog.pg_proc'::regclass and p.oid = o.objid
        union all
        select pg_describe_object('pg_catalog.pg_type'::regclass, t.oid, 0), t.typacl
        from own as o join pg_catalog.pg_type as t on o.classid = 'pg_catalog.pg_type'::regclass and t.oid = o.objid
        union all
        select 'the schema', n.nspacl from pg_catalog.pg_namespace as n where n.oid = %(namespace)s
        union all
        select 'default privileges', d.defaclacl
        from pg_catalog.pg_default_acl as d
        where d.defaclrole = %(owner)s::regrole or d.defaclnamespace = %(namespace)s
    )
    select a.object, e.privilege_type as privilege,
           case e.grantee when 0 then 'PUBLIC' else e.grantee::regrole::text end as grantee
    from acl as a
    cross join lateral aclexplode(a.acl) as e
    where e.grantee <> %(owner)s::regrole and e.grantee <> %(rw)s::regrole
    group by 1, 2, 3
"""
_OWNERS = """
    with own (classid, objid) as (select * from unnest(%(classes)s::oid[], %(objects)s::oid[]))
    select pg_describe_object(s.classid, s.objid, 0) as object, s.refobjid::regrole::text as owner
    from own as o
    join pg_catalog.pg_shdepend as s on s.classid = o.classid and s.objid = o.objid
    where s.dbid = (select b.oid from pg_catalog.pg_database as b where b.datname = current_database())
        and s.deptype = 'o' and s.refclassid = 'pg_catalog.pg_authid'::regclass and s.refobjid <> %(owner)s::regrole
    group by 1, 2
"""


class Reach(NamedTuple):
    """An object of the schema that depends on one outside."""

    object: str
    target: str
    extension: bool
    foreign_key: bool
    parent: int


class Lock(NamedTuple):
    """A lock of this transaction on a relation outside the schema."""

    relation: str
    oid: int
    mode: str


class Grant(NamedTuple):
    """A privilege of somebody who is neither the schema's owner nor its runtime role."""

    object: str
    privilege: str
    grantee: str


class Owner(NamedTuple):
    """An object that is not the owner's."""

    object: str
    owner: str


@dataclass(frozen=True)
class State:
    """What a schema is like.

    Attributes:
        tables: Name and file number by oid.
        reaches: What depends on something outside.
        locks: What the transaction has locked outside.
        grants: What others may do.
        owners: What others own.
    """

    tables: dict[int, tuple[str, int]]
    reaches: frozenset[Reach]
    locks: frozenset[Lock]
    grants: frozenset[Grant]
    owners: frozenset[Owner]

    @classmethod
    def read(cls, connection: psycopg.Connection[Any], namespace: int, owner: str, rw: str) -> State:
        """The state of a schema as the transaction sees it.

        Args:
            connection: In the transaction.
            namespace: The schema's oid.
            owner: Who is to own what is in it, as SQL writes it.
            rw: Its runtime role, as SQL writes it.
        """
        given: dict[str, Any] = {"namespace": namespace, "owner": owner, "rw": rw}
        with connection.cursor(row_factory=tuple_row) as cursor:
            objects = cursor.execute(_OBJECTS, given).fetchall()
            given |= {"classes": [o[0] for o in objects], "objects": [o[1] for o in objects]}
            tables = {oid: (name, filenode) for oid, name, filenode in cursor.execute(_TABLES, given)}
            reaches = frozenset(Reach(*row) for row in cursor.execute(_REACHES, given))
            locks = frozenset(Lock(*row) for row in cursor.execute(_LOCKS, given))
            grants = frozenset(Grant(*row) for row in cursor.execute(_GRANTS, given))
            owners = frozenset(Owner(*row) for row in cursor.execute(_OWNERS, given))
        return cls(tables, reaches, locks, grants, owners)
