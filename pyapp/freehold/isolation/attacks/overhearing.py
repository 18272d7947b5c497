"""Attempts to see or hear what other sessions do, and to disturb them; and what the catalogs show to every role."""

from __future__ import annotations

from freehold.isolation.attack import Attack, Model

_EVERYWHERE: frozenset[Model] = frozenset({"expression", "statement", "login"})
_ANY: frozenset[Model] = frozenset({"statement", "login"})
_NAMESPACE = "(select oid from pg_namespace where nspname = '<b_name>')"


def _shown(name: str, query: str) -> Attack:
    return Attack(
        name,
        (f"select string_agg(x, ' ') from ({query}) as q (x)",),
        f"(select string_agg(x, ' ') from ({query}) as q (x))",
        shows=True,
    )


ATTACKS = (
    Attack("what the victim's session runs", ("select query from pg_stat_activity", "select query from pg_stat_get_activity(null)"),
           "(select string_agg(query, ' ') from pg_stat_activity)"),
    Attack("its prepared statements and cursors", ("select statement from pg_prepared_statements", "select statement from pg_cursors")),
    Attack("statements of all", ("select query from pg_stat_statements",)),
    Attack("prepared transactions", ("select gid from pg_prepared_xacts",)),
    Attack("a large object", ("select convert_from(lo_get(<b_lo>), 'UTF8')", "select data from pg_largeobject", "select lo_open(<b_lo>, 131072)",
                              "select lo_unlink(<b_lo>)"), "convert_from(lo_get(<b_lo>), 'UTF8')"),
    Attack("make large objects", ("select 'fh-' || (lo_unlink(lo_from_bytea(0, 'made')) = 1)",), "'fh-' || (lo_unlink(lo_from_bytea(0, 'made')) = 1)",
           mark="fh-true", known=_EVERYWHERE, own=True, close="freehold harden takes lo_* from PUBLIC; else they stay when a tenant is erased"),
    Attack("hear its notifications", ("listen <channel>", "commit"), known=_ANY, mark="<heard>",
           close="every role may LISTEN to every channel: a payload must hold nothing that matters"),
    Attack("send notifications in its name", ("notify <channel>, '<mark>'",), "pg_notify('<channel_name>', '<mark>')", known=_EVERYWHERE,
           close="every role may NOTIFY (freehold harden takes pg_notify() away, the command stays): who listens must not believe what it hears"),
    Attack("hold an advisory lock that it needs", ("select pg_advisory_xact_lock(<b_lock>)",), "(select pg_advisory_xact_lock(<b_lock>))::text", known=_EVERYWHERE,
           close="freehold harden takes pg_advisory_* from PUBLIC"),
    Attack("lock what all read", ("lock table pg_catalog.pg_class in access exclusive mode", "lock table freehold.tenant in access exclusive mode",
                                  "select count(*) from pg_class")),
    _shown("names of schemas, roles, tables", "select 'fh-' || (count(*) = 1) from pg_namespace where nspname = '<b_name>'"),
    _shown("comments", f"select d.description from pg_description as d join pg_class as c on c.oid = d.objoid where c.relnamespace = {_NAMESPACE}"),
    _shown("defaults", f"select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef as d join pg_class as c on c.oid = d.adrelid where c.relnamespace = {_NAMESPACE}"),
    _shown("labels of enums", f"select e.enumlabel::text from pg_enum as e join pg_type as t on t.oid = e.enumtypid where t.typnamespace = {_NAMESPACE}"),
    _shown("source of functions", f"select p.prosrc from pg_proc as p where p.pronamespace = {_NAMESPACE}"),
    _shown("text of views", f"select pg_get_viewdef(c.oid) from pg_class as c where c.relnamespace = {_NAMESPACE} and c.relkind = 'v'"),
    _shown("conditions of checks", f"select pg_get_constraintdef(c.oid) from pg_constraint as c where c.connamespace = {_NAMESPACE}"),
    _shown("who is connected, from which application", "select concat_ws(' ', usename, application_name) from pg_stat_activity"),
    Attack("how many rows were written", ("select 'fh-' || (n_tup_ins > 0) from pg_stat_user_tables where schemaname = '<b_name>' and relname = 'freehold_canary'",),
           "(select 'fh-' || (n_tup_ins > 0) from pg_stat_user_tables where schemaname = '<b_name>' and relname = 'freehold_canary')", mark="fh-true", shows=True),
    Attack("sizes", (f"select 'fh-' || (sum(pg_relation_size(oid)) > 0) from pg_class where relnamespace = {_NAMESPACE}",),
           f"(select 'fh-' || (sum(pg_relation_size(oid)) > 0) from pg_class where relnamespace = {_NAMESPACE})", mark="fh-true", shows=True),
    Attack("settings of the victim's role", ("select setconfig from pg_db_role_setting",),
           "(select 'fh-' || (count(*) > 0) from pg_db_role_setting where setrole = '<b_rw_name>'::regrole)", mark="fh-true", shows=True),
)  # fmt: skip
"""What the catalogs show is told apart from what must stay hidden."""
