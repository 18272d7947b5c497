"""What is so of the two tenants, and what changed: asked of the catalogs and of the victim."""

from __future__ import annotations

from collections import Counter

import psycopg

from freehold.isolation.scene import Scene

# By schema and role, so that a live database with thousands of tenants answers as fast, and what others do is not seen.
_STATE = """
with place as (
    select n.oid, n.nspname from pg_namespace as n
    where n.nspname = any (%(schemas)s) or n.nspname in ('public', 'freehold') or n.nspname ~ '^fh_'
), role as (
    select r.* from pg_roles as r where r.rolname = any (%(roles)s) or r.rolname ~ '^fh_'
)
select 'role ' || rolname, to_jsonb(r)::text from role as r
union all
select 'membership', concat_ws(' ', m.roleid::regrole, m.member::regrole, to_jsonb(m) - 'oid')
from pg_auth_members as m
where m.roleid in (select oid from role) or m.member in (select oid from role)
union all
select 'setting', concat_ws(' ', s.setdatabase, s.setrole::regrole, s.setconfig) from pg_db_role_setting as s
where s.setrole in (select oid from role) or s.setrole = 0
union all
select 'ownership or grant',
    concat_ws(' ', d.deptype, d.refobjid::regrole, pg_describe_object(d.classid, d.objid, d.objsubid))
from pg_shdepend as d
where d.refclassid = 'pg_authid'::regclass and d.refobjid in (select oid from role)
    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
union all
select 'schema ' || n.nspname, concat_ws(' ', n.nspowner::regrole, n.nspacl)
from pg_namespace as n where n.oid in (select oid from place)
union all
select 'relation', concat_ws(' ', c.oid::regclass, c.relowner::regrole, c.relfilenode, c.relacl, c.relhastriggers,
                             c.relrowsecurity, c.reloptions)
from pg_class as c where c.relnamespace in (select oid from place)
union all
select 'column', concat_ws(' ', a.attrelid::regclass, a.attname, a.atttypid::regtype, a.attacl)
from pg_attribute as a join pg_class as c on c.oid = a.attrelid
where c.relnamespace in (select oid from place) and a.attnum > 0
union all
select 'rule, trigger, policy', pg_describe_object(d.classid, d.objid, 0)
from pg_depend as d join pg_class as c on d.refclassid = 'pg_class'::regclass and c.oid = d.refobjid
where c.relnamespace in (select oid from place)
    and d.classid in ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
                      'pg_statistic_ext'::regclass)
union all
select 'comment', concat_ws(' ', c.oid::regclass, d.description)
from pg_description as d join pg_class as c on d.classoid = 'pg_class'::regclass and c.oid = d.objoid
where c.relnamespace in (select oid from place)
union all
select 'function', concat_ws(' ', p.oid::regprocedure, p.proowner::regrole, p.proacl, p.prosecdef, p.proconfig,
                             md5(p.prosrc))
from pg_proc as p where p.pronamespace in (select oid from place)
union all
select 'type', t.oid::regtype::text from pg_type as t where t.typnamespace in (select oid from place)
union all
select 'database', concat_ws(' ', d.datdba::regrole, d.datacl)
from pg_database as d where d.datname = current_database()
union all
select 'object of all', x from (
    select 'extension ' || extname from pg_extension
    union all select 'language ' || lanname || coalesce(lanacl::text, '') from pg_language
    union all select 'server ' || srvname from pg_foreign_server
    union all select 'event trigger ' || evtname from pg_event_trigger
    union all select 'publication ' || pubname from pg_publication
    union all select 'tablespace ' || spcname from pg_tablespace
    union all select 'parameter ' || parname || paracl::text from pg_parameter_acl
    union all select 'slot ' || slot_name from pg_replication_slots where slot_name = 'fh'
) as o (x)
union all
select 'large object', concat_ws(' ', l.lomowner::regrole, l.lomacl)
from pg_largeobject_metadata as l where l.lomowner in (select oid from role)
"""


class Observer:
    """Sees what an attack has changed since it last looked.

    Args:
        scene: Whose tenants it watches.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        a, b = scene.attacker, scene.victim
        self._watched = {
            "schemas": [a.schema, b.schema],
            "roles": [a.rw_role, a.owner_role, b.rw_role, b.owner_role],
        }
        row = scene.session.execute(
            "select has_function_privilege('pg_try_advisory_xact_lock(bigint)', 'execute')"
        ).fetchone()
        # freehold harden takes it; then nobody holds one either.
        self._locks = row == (True,)
        self._before = self._state()

    def changes(self) -> list[str]:
        """What is there now and was not, or the other way round."""
        now = self._state()
        appeared, gone = now - self._before, self._before - now
        self._before = now
        self.heard()
        return [*(f"now: {line}" for line in sorted(appeared)), *(f"gone: {line}" for line in sorted(gone))]

    def harm(self) -> list[str]:
        """What the victim cannot do at this moment, or what it hears; it sends to its channel meanwhile."""
        scene, found = self._scene, []
        session = scene.session
        try:
            with session.transaction():
                session.execute("set local lock_timeout = '500ms'")
                session.execute("update freehold_canary set body = body where id = 1")
                if self._locks:
                    row = session.execute("select pg_try_advisory_xact_lock(%s)", (scene.lock_key,)).fetchone()
                    if row != (True,):
                        found.append("the victim does not get its advisory lock")
            session.execute(scene.fill("notify <channel>, '<heard>'").encode())
        except psycopg.Error as error:
            found.append(f"the victim's transaction fails: {error.diag.message_primary or error}")
        return found

    def heard(self) -> list[str]:
        """Whether the victim hears the attacker, or nothing any more."""
        try:
            # What others would read of it in pg_stat_activity.
            self._scene.session.execute(f"select '{self._scene.victim.row_canary}'".encode())
            said = [notify.payload for notify in self._scene.session.notifies(timeout=0)]
        except psycopg.Error as error:
            return [f"the victim's session fails: {error.diag.message_primary or error}"]
        return ["the victim hears what the attacker says"] if self._scene.mark in said else []

    def _state(self) -> Counter[str]:
        scene = self._scene
        state = Counter(f"{kind}: {said}" for kind, said in scene.operator.execute(_STATE.encode(), self._watched))
        registered = scene.control.tenant_list(search=scene.run)
        state[
            "registry: "
            + "; ".join(f"{row['id']} {row['slug']} {row['state']} {row['settings']}" for row in registered)
        ] += 1
        try:
            session = scene.session
            rows = session.execute(
                "select md5(string_agg(c::text, ',' order by c.id)), (select last_value from freehold_counter) "
                "from freehold_canary as c"
            ).fetchone()
        except psycopg.Error as error:
            rows = (type(error).__name__,)
        state[f"the victim's rows: {rows}"] += 1
        return state
