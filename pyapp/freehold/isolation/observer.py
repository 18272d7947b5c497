"""What is so of the two tenants, and what changed: asked of the catalogs and of the victim."""

from __future__ import annotations

from collections import Counter

import psycopg

from freehold.isolation.scene import Scene

# By schema and role, so that a live database with thousands of tenants answers as fast, and what others do is not seen.
# A GRANT that grants nothing writes its row all the same: the xmin would say too much.
_STATE = """
with place as (
    select n.oid, n.nspname, n.nspowner, n.nspacl from pg_namespace as n
    where n.nspname = any (%(schemas)s) or n.nspname in ('public', 'freehold') or n.nspname ~ '^fh_'
), role as (
    select r.* from pg_roles as r where r.rolname = any (%(roles)s) or r.rolname ~ '^fh_'
), relation as (
    select c.oid, p.nspname || '.' || c.relname as name, c.relfilenode, c.relacl, c.relowner, c.reloptions,
        c.relrowsecurity
    from pg_class as c join place as p on p.oid = c.relnamespace
)
select concat_ws(' ', 'role', to_jsonb(r)) from role as r
union all
select concat_ws(' ', 'membership', m.roleid::regrole, m.member::regrole, m.xmin)
from pg_auth_members as m where m.roleid in (select oid from role) or m.member in (select oid from role)
union all
select concat_ws(' ', 'setting', s.setdatabase, s.setrole::regrole, s.setconfig)
from pg_db_role_setting as s where s.setrole in (select oid from role) or s.setrole = 0
union all
select concat_ws(' ', 'ownership or grant', d.deptype, d.refobjid::regrole, d.classid::regclass, d.objid, d.objsubid)
from pg_shdepend as d
where d.refclassid = 'pg_authid'::regclass and d.refobjid in (select oid from role)
    and d.dbid in (0, (select oid from pg_database where datname = current_database()))
union all
select concat_ws(' ', 'schema', p.nspname, p.nspowner, p.nspacl) from place as p
union all
select concat_ws(' ', 'relation', r.name, r.relfilenode, r.relowner, r.relacl, r.reloptions, r.relrowsecurity)
from relation as r
union all
select concat_ws(' ', 'column', r.name, a.attname, a.atttypid, a.attacl)
from relation as r join pg_attribute as a on a.attrelid = r.oid where a.attnum > 0
union all
select concat_ws(' ', d.classid::regclass, d.objid, r.name)
from relation as r join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = r.oid
where d.classid in ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
                    'pg_statistic_ext'::regclass)
union all
select concat_ws(' ', 'comment', r.name, d.description)
from relation as r join pg_description as d on d.classoid = 'pg_class'::regclass and d.objoid = r.oid
union all
select concat_ws(' ', 'function', p.nspname, f.proname, f.oid, f.proowner, f.proacl, f.proconfig, f.prosecdef,
    md5(f.prosrc))
from pg_proc as f join place as p on p.oid = f.pronamespace
union all
select concat_ws(' ', 'type', p.nspname, t.typname, t.xmin) from pg_type as t join place as p on p.oid = t.typnamespace
union all
select concat_ws(' ', 'database', d.datdba::regrole, d.datacl)
from pg_database as d where d.datname = current_database()
union all
select concat_ws(' ', 'extension', extname, xmin) from pg_extension
union all
select concat_ws(' ', 'language', lanname, lanacl) from pg_language
union all
select concat_ws(' ', 'server', srvname, srvacl) from pg_foreign_server
union all
select concat_ws(' ', 'event trigger', evtname, xmin) from pg_event_trigger
union all
select concat_ws(' ', 'publication', pubname, xmin) from pg_publication
union all
select concat_ws(' ', 'tablespace', spcname, spcacl) from pg_tablespace
union all
select concat_ws(' ', 'parameter', parname, paracl) from pg_parameter_acl
union all
select concat_ws(' ', 'slot', slot_name) from pg_replication_slots where slot_name = 'fh'
union all
select concat_ws(' ', 'large object', l.lomowner::regrole, l.lomacl)
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
        state = Counter(said for (said,) in scene.operator.execute(_STATE.encode(), self._watched))
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
