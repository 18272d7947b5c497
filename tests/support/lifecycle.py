"""The lifecycle operations, what they would leave behind if they ended half-way, and how one goes on after that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from freehold.control import Control, Row

TEMPLATE = """
    create type mood as enum ('sad', 'happy');
    create table account (id int primary key, name text not null);
    create table entry (id bigint generated always as identity primary key, account_id int not null references account, mood mood);
    create index on entry (account_id);
    create function shout(text) returns text language sql immutable as 'select upper($1)';
    create function here() returns text language sql set search_path from current as 'select current_schema()';
    create view loud as select id, shout(name) as name from account;
    create materialized view total as select count(*) as n from entry;
    create trigger same before update on account for each row execute function suppress_redundant_updates_trigger();
    insert into account select i, 'account ' || i from generate_series(1, 50) as i;
    insert into entry (account_id) select i from generate_series(1, 50) as i;
""" + "".join(f"create table extra{n} (id int primary key, body text unique);" for n in range(30))
# What would be left over by an operation that ended half-way.
ORPHANS = """
    with known (id, schema_name, owner_role, roles) as (
        select t.id, t.schema_name, t.owner_role, array_remove(array[t.owner_role, t.rw_role, t.ro_role], null)
        from freehold.tenant as t where t.state <> 'erased'
        union all
        select r.tenant_id, r.schema_name, r.owner_role, array[r.owner_role, r.rw_role] from freehold.reserve as r
        union all
        select t.id, t.schema_name, t.owner_role, array[t.owner_role, t.rw_role] from freehold.template as t
    )
    select 'unknown schema ' || n.nspname from pg_namespace as n
    where n.nspname ~ '^(tenant|template)_' and n.nspname not in (select schema_name from known)
    union all
    select 'missing schema ' || k.schema_name from known as k where to_regnamespace(k.schema_name) is null
    union all
    select 'unknown role ' || r.rolname from pg_roles as r
    where r.rolname ~ '^(tenant_|freehold_template_)' and not exists (select from known as k where r.rolname = any (k.roles))
    union all
    select 'missing role ' || r from known as k, unnest(k.roles) as r where to_regrole(r) is null
    union all
    select 'missing runner of ' || k.schema_name from known as k where not exists (
        select from pg_proc as p
        where p.pronamespace = 'freehold_runner'::regnamespace and p.proname = 'run_' || replace(k.id::text, '-', '')
            and p.proowner = to_regrole(k.owner_role))
    union all
    select 'left behind ' || p.oid::regprocedure from pg_proc as p
    where p.pronamespace = 'freehold_runner'::regnamespace and p.proname not in ('execute_script', 'execute_read')
        and not exists (select from known as k where p.proname = 'run_' || replace(k.id::text, '-', ''))
    union all
    select format('%s is a member of %s', m.member::regrole, m.roleid::regrole)
    from pg_auth_members as m join pg_roles as o on o.oid = m.roleid
    where (o.rolname ~ '_owner$' and o.rolname ~ '^(tenant_|freehold_template_)' or o.rolname ~ '^freehold_(owner|cell_)')
        and (coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true) or coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))
    union all
    select 'left behind ' || c.oid::regclass from pg_class as c where c.relname like '\\_freehold\\_%'
    union all
    select 'left behind ' || p.oid::regprocedure from pg_proc as p where p.proname like '\\_freehold\\_%'
    union all
    select format('operation %s (%s) runs, and nobody can go on with it', o.id, o.kind)
    from freehold.operation as o where o.state = 'running' and not o.staged
    union all
    select format('tenant %s is %s without an operation to resume', t.slug, t.state)
    from freehold.tenant as t
    where t.state in ('provisioning', 'erasing') and not exists (
        select from freehold.operation as o where o.tenant_id = t.id and o.staged and o.state in ('running', 'failed'))
    union all
    select format('template %s is %s without an operation to resume', t.name, t.state)
    from freehold.template as t
    where t.state <> 'ready' and not exists (
        select from freehold.operation as o where o.slug = t.name and o.kind ~ '^template_' and o.staged and o.state in ('running', 'failed'))
    union all
    select format('statements of operation %s', s.operation_id)
    from freehold.operation_script as s join freehold.operation as o on o.id = s.operation_id
    where o.state in ('done', 'undone')
"""


@dataclass(frozen=True)
class Lifecycle:
    """An operation on the tenant, or template, ``slug``.

    Attributes:
        prepare: Brings the tenant to where the operation begins.
        run: The operation.
        state: The tenant's state once it is done; None: it is gone.
        begin: Its first step, where it commits on the way.
    """

    prepare: Callable[[Control, str], Any]
    run: Callable[[Control, str], Any]
    state: str | None
    begin: Callable[[Control, str], Row] | None = None


def call(statement: str) -> Callable[[Control, str], Any]:
    return lambda control, slug: control.connection.execute(statement.encode(), {"slug": slug})


def retired(control: Control, slug: str) -> None:
    control.tenant_provision(slug)
    control.tenant_retire(slug, grace="0 days")


def suspended(control: Control, slug: str) -> None:
    control.tenant_provision(slug)
    control.tenant_suspend(slug)


def nothing(control: Control, slug: str) -> None:
    """The tenant is to be made."""


def adopted(control: Control, slug: str) -> None:
    control.template_adopt_staged(slug, "legacy")
    control.template_freeze(slug)


def provisioned(control: Control, slug: str) -> None:
    control.tenant_provision(slug)


LIFECYCLE = {
    "provision": Lifecycle(nothing, provisioned, "active"),
    "provision staged": Lifecycle(
        nothing,
        call("call freehold.tenant_provision_staged(%(slug)s)"),
        "active",
        lambda c, s: c.tenant_provision_step(s),
    ),
    "clone": Lifecycle(nothing, call("select freehold.tenant_clone('held', %(slug)s)"), "active"),
    "clone staged": Lifecycle(
        nothing,
        call("call freehold.tenant_clone_staged('held', %(slug)s)"),
        "active",
        lambda c, s: c.tenant_clone_step("held", s),
    ),
    "rename": Lifecycle(provisioned, call("select freehold.tenant_rename(%(slug)s, %(slug)s || '-new')"), None),
    "suspend": Lifecycle(provisioned, lambda c, s: c.tenant_suspend(s), "suspended"),
    "resume": Lifecycle(suspended, lambda c, s: c.tenant_resume(s), "active"),
    "retire": Lifecycle(provisioned, lambda c, s: c.tenant_retire(s), "retired"),
    "reinstate": Lifecycle(retired, lambda c, s: c.tenant_reinstate(s), "active"),
    "reader": Lifecycle(provisioned, lambda c, s: c.reader_create(s), "active"),
    "login": Lifecycle(provisioned, lambda c, s: c.login_enable(s), "active"),
    "erase": Lifecycle(
        retired, call("call freehold.tenant_erase(%(slug)s, 'test')"), None, lambda c, s: c.tenant_erase_step(s, "test")
    ),
    "adopt": Lifecycle(nothing, lambda c, s: c.template_adopt(s, "legacy"), "ready"),
    "adopt staged": Lifecycle(
        nothing,
        call("call freehold.template_adopt_staged(%(slug)s, 'legacy')"),
        "ready",
        lambda c, s: c.template_adopt_step(s, "legacy"),
    ),
    "drop": Lifecycle(adopted, lambda c, s: c.template_drop(s), None),
    "drop staged": Lifecycle(
        adopted, call("call freehold.template_drop_staged(%(slug)s)"), None, lambda c, s: c.template_drop_step(s)
    ),
}


def make_ready(control: Control) -> None:
    """A template, a neighbour that must not notice anything, a suspended tenant to be cloned, and a schema to be adopted."""
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    control.tenant_provision("neighbour")
    suspended(control, "held")
    with control.connection.transaction():
        control.connection.execute("create schema legacy; grant usage on schema legacy to freehold_owner")
        control.connection.execute("set local search_path = legacy, pg_catalog, pg_temp")
        control.connection.execute(TEMPLATE.encode())


def states(control: Control, slug: str) -> list[str]:
    """The states of the tenants and templates that are called so."""
    tenants = [t["state"] for t in control.tenant_list() if t["slug"] == slug]
    return tenants + [t["state"] for t in control.template_list() if t["name"] == slug]


def look(control: Control, admin: psycopg.Connection[Any]) -> tuple[Any, ...]:
    """What a neighbour has: DDL and rows."""
    rows = admin.execute("select count(*), sum(id) from tenant_neighbour.entry").fetchone()
    return control.schema_fingerprint("tenant_neighbour"), rows


def recover(control: Control, operation: Lifecycle, slug: str, *, undo: bool) -> None:
    """One call: goes on with what was begun, or begins again; every other time takes it back first."""
    begun = [o for o in control.operation_list(slug=slug) if o["staged"] and o["state"] in ("running", "failed")]
    if not begun:
        operation.run(control, slug)
    elif undo and begun[0]["kind"] not in ("erase", "template_drop"):
        control.connection.execute("call freehold.operation_undo(%s)", (begun[0]["id"],))
        assert states(control, slug) == []
        operation.run(control, slug)
    else:
        control.connection.execute("call freehold.operation_resume(%s)", (begun[0]["id"],))
