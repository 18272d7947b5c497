"""A template that is migrated, statement by statement, and what is built from it are alike for ever."""

from __future__ import annotations

import pytest

from .conftest import Laboratory
from .feature import Feature, all_features
from .test_oracle import drop_template, place_of, remove_tenant

KINDS = (
    "expression_",
    "query_",
    "view",
    "rule",
    "policy",
    "matview",
    "domain",
    "index_",
    "table_default",
    "table_generated",
)
FEATURES = [
    f
    for f in all_features()
    if f.name.startswith(KINDS) and not (f.superuser or f.refused or f.names_schema or "oracle_reader" in f.ddl)
]
# A copy's trees are not its source's here: an OR of ORs is read back as one. The statements are alike all the same.
OR_CHAIN = """
create table t (a integer, b integer, c integer, v varchar, x boolean, y boolean);
create view w as
select a in (b, c, 1, 2) as one, a not in (b, c, b + c, 1) as two, v in (v, 'a', 'b', v) as three, x or (y or x) as four
from t
where a in (b, c, a, 1) or not (x and (y and x)) or (a, b) in ((b, c), (c, b), (1, 2));
create function f(a integer, b integer) returns boolean language sql immutable return a in (b, a, 3) and a not in (b, b, 4, a);
create policy p on t using (a in (b, c, 5)) with check (x and a not in (b, c, 6, a));
create rule r as on update to t where new.a in (new.b, new.c, old.a, 7) do instead nothing;
create function trg() returns trigger language plpgsql as 'begin return new; end';
create trigger g before update on t for each row when (new.a in (new.b, new.c, 8)) execute function trg();
alter table t add check (a in (b, c, 9)), add check (v not in (v, 'a', v));
"""


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_tenants_do_not_drift(feature: Feature, laboratory: Laboratory) -> None:
    if feature.min_version > laboratory.major or (feature.icu and not laboratory.icu):
        pytest.skip("the server does not know this")
    assert_alike(laboratory, feature.ddl + feature.rows + feature.after)


def test_chains_of_or_do_not_drift(laboratory: Laboratory) -> None:
    assert_alike(laboratory, OR_CHAIN)


def assert_alike(laboratory: Laboratory, script: str) -> None:
    """Provisions and clones from a template that ran the script; neither differs from it, nor do their fingerprints."""
    call = laboratory.operator.execute
    try:
        template = place_of(call("select schema_name, owner_role, rw_role from freehold.template_create('orc')"))
        call("select freehold.template_apply('orc', %s)", (template.fill(script),))
        call("select freehold.template_freeze('orc')")
        call("select freehold.tenant_provision('orc-one', 'orc')")
        call("select freehold.tenant_clone('orc-one', 'orc-two')")
        found = [call("select * from freehold.tenant_drift(%s)", (slug,)).fetchall() for slug in ("orc-one", "orc-two")]
        drifted = call("select slug from freehold.fleet_drift() where drifted").fetchall()
    finally:
        for slug in ("orc-two", "orc-one"):
            remove_tenant(laboratory, slug)
        drop_template(laboratory)
    assert found == [[], []]
    assert drifted == []
