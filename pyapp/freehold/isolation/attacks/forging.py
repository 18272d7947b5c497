"""Attempts to count as another tenant, or as another actor."""

from __future__ import annotations

from freehold.isolation.attack import Attack, Model

_EVERYWHERE: frozenset[Model] = frozenset({"expression", "statement", "login"})
ATTACKS = (
    Attack(
        "another tenant by a setting",
        ("set local freehold.tenant = '<b_slug>'", "set local freehold.slug = '<b_slug>'", "select 'fh-' || (freehold.tenant_current() = '<b_slug>')"),
        "set_config('freehold.tenant', '<b_slug>', true) || 'fh-' || (freehold.tenant_current() = '<b_slug>')",
        mark="fh-true",
    ),
    Attack(
        "another tenant by shadowed names",
        (
            "create temp table tenant as select * from freehold.tenant_context('<a_slug>')",
            "create function pg_temp.tenant_get(text) returns text language sql as 'select ''<b_slug>'''",
            "set local search_path = pg_temp, <a>, pg_catalog",
            "select 'fh-' || (freehold.tenant_current() = '<b_slug>')",
        ),
        mark="fh-true",
    ),
    Attack(
        "ask where the victim is",
        ("select 'fh-' || (role_name is not null) from freehold.tenant_context('<b_slug>')",),
        "(select 'fh-' || (role_name is not null) from freehold.tenant_context('<b_slug>'))",
        mark="fh-true",
    ),
    Attack(
        "whether there is such a tenant, by the error",
        (
            "do $$ declare a text; b text; begin begin perform freehold.tenant_enter('<b_slug>'); exception when others then "
            "a := replace(sqlerrm, '<b_slug>', ''); end; begin perform freehold.tenant_enter('fh-nobody'); exception when others then "
            "b := replace(sqlerrm, 'fh-nobody', ''); end; raise notice 'fh-%', a is distinct from b; end $$",
        ),
        mark="fh-true",
    ),
    Attack("read the registry", ("select 'fh-' || count(*) from freehold.tenant", "select freehold.tenant_get('<b_slug>')", "select freehold.tenant_list()",
                                 "select 'fh-' || count(*) from freehold.operation"), "(select count(*) from freehold.tenant)", mark="fh-"),
    Attack(
        "another actor",
        ("set local freehold.actor = 'fh-forged'", "select freehold.actor_current()"),
        "set_config('freehold.actor', 'fh-' || 'forged', true) || freehold.actor_current()",
        mark="fh-forged", known=_EVERYWHERE, own=True,
        close="the actor is the application's word; whoever runs SQL may set it",
    ),
)  # fmt: skip
"""Which tenant a session is, its role says; who acts, a setting."""
