"""Every feature, copied by the deparser alone and through the public functions."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from .conftest import Laboratory
from .feature import Feature, all_features
from .feature import feature as by_name
from .place import Place, enter, load_rows

FEATURES = all_features()
every_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
# Names that a copy must quote, and that text replacement would stumble over.
HOSTILE = [("te\"na'nt", "Co.py $1"), ("Sch éma ☃", "%I copy %s"), ("a'source", 'the "copy"; --')]
# Every sort of value and of statement that fills a table.
SEEDED = [
    "combined_hostile", "combined_shop", "composite_nested", "data_generated_identity", "data_inheritance", "data_order",
    "data_regclass", "data_schema_name", "data_types", "enum_labels", "identity_renamed", "names_catalog",
    "partition_column_order", "policy_forced", "range_options", "sequence", "table_typmod", "trigger_enabled",
]  # fmt: skip


@every_feature
def test_replay(feature: Feature, laboratory: Laboratory) -> None:
    if feature.skip_replay:
        pytest.skip("no copy can be made of it")
    with (
        laboratory.source(feature) as source,
        laboratory.copy(source, superuser=feature.superuser) as copy,
    ):
        found = laboratory.oracle.differences(source, copy, rows=True, literal=feature.names_schema)
        assert found == [], "\n".join(found)


@every_feature
def test_public_functions(feature: Feature, laboratory: Laboratory) -> None:
    with laboratory.source(feature, rows=False) as source:
        # Else an administrator could not adopt it: that privilege is its owner's to give.
        schema = sql.Identifier(source.schema)
        laboratory.admin.execute(sql.SQL("grant usage on schema {} to freehold_owner").format(schema))
        if feature.refused is not None:
            assert_refused(laboratory, source, feature.refused)
        else:
            assert_carried(laboratory, source, feature)


@pytest.mark.parametrize("names", HOSTILE, ids=["quotes", "unicode", "statement"])
@pytest.mark.parametrize("name", ["combined_shop", "combined_hostile", "literal_regclass", "acl_everywhere"])
def test_hostile_schema_names(name: str, names: tuple[str, str], laboratory: Laboratory) -> None:
    feature = by_name(name)
    with (
        laboratory.source(feature, name=names[0]) as source,
        laboratory.copy(source, superuser=False, name=names[1]) as copy,
    ):
        found = laboratory.oracle.differences(source, copy, rows=True)
        assert found == [], "\n".join(found)


@pytest.mark.parametrize("name", SEEDED)
def test_rows_of_a_template(name: str, laboratory: Laboratory) -> None:
    """What a template holds when it is frozen is in every tenant, written out as statements."""
    feature, call, oracle = by_name(name), laboratory.operator.execute, laboratory.oracle
    try:
        template = place_of(call("select schema_name, owner_role, rw_role from freehold.template_create('orc')"))
        call("select freehold.template_apply('orc', %s)", (template.fill(feature.ddl + feature.rows + feature.after),))
        call("select freehold.template_freeze('orc')")
        one = place_of(call("select schema_name, owner_role, rw_role from freehold.tenant_provision('orc-one', 'orc')"))
        found = oracle.differences(template, one, rows=True, literal=feature.names_schema)
    finally:
        remove_tenant(laboratory, "orc-one")
        drop_template(laboratory)
    assert found == [], "\n".join(found)


def test_large_objects_refuse_a_clone(laboratory: Laboratory) -> None:
    call = laboratory.operator.execute
    try:
        call("select freehold.template_create('orc')")
        call("select freehold.template_freeze('orc')")
        one = place_of(call("select schema_name, owner_role, rw_role from freehold.tenant_provision('orc-one', 'orc')"))
        with laboratory.admin.transaction():
            enter(laboratory.admin, one, owner=True)
            row = laboratory.admin.execute("select lo_create(0)").fetchone()
        assert row is not None
        before = laboratory.exists("")
        with pytest.raises(psycopg.Error, match=f"large object {row[0]}") as caught:
            call("select freehold.tenant_clone('orc-one', 'orc-two')")
        assert caught.value.sqlstate == "FH006"
        assert laboratory.exists("") == before
    finally:
        remove_tenant(laboratory, "orc-one")
        drop_template(laboratory)


def assert_refused(laboratory: Laboratory, source: Place, pattern: str) -> None:
    """Adoption fails, says why, and leaves nothing."""
    call, before = laboratory.operator.execute, laboratory.exists("")
    try:
        with pytest.raises(psycopg.Error, match=pattern) as caught:
            call("select freehold.template_adopt('orc', %s::regnamespace)", (source.quoted,))
        assert str(caught.value.sqlstate).startswith("FH"), caught.value
        assert laboratory.exists("") == before
    finally:
        drop_template(laboratory)


def assert_carried(laboratory: Laboratory, source: Place, feature: Feature) -> None:
    """The schema goes through adopt, freeze, provision and clone, each step equal to the one before, and is erased."""
    try:
        found = list(differences_on_the_way(laboratory, source, feature))
    finally:
        erased = [remove_tenant(laboratory, slug) for slug in ("orc-two", "orc-one")]
        drop_template(laboratory)
    assert found == [], "\n".join(found)
    assert erased == [[], []]


def differences_on_the_way(laboratory: Laboratory, source: Place, feature: Feature) -> Iterator[str]:
    """What each of adopt, provision and clone changes."""
    oracle, call = laboratory.oracle, laboratory.operator.execute
    adopted = call(
        "select schema_name, owner_role, rw_role from freehold.template_adopt('orc', %s::regnamespace)",
        (source.quoted,),
    )
    template = place_of(adopted)
    call("select freehold.template_freeze('orc')")
    provisioned = call("select schema_name, owner_role, rw_role from freehold.tenant_provision('orc-one', 'orc')")
    one = place_of(provisioned)
    # Rows that a constraint made later would not let in cannot be loaded now.
    if not feature.after:
        load_rows(laboratory.admin, one, feature, source)
    two = place_of(call("select schema_name, owner_role, rw_role from freehold.tenant_clone('orc-one', 'orc-two')"))
    dump = oracle.dump(source, template, one, two)
    literal = feature.names_schema
    yield from oracle.compare(dump, source, template, rows=False, literal=True, privileges=False)
    yield from oracle.compare(dump, template, one, rows=False, literal=literal)
    yield from oracle.compare(dump, one, two, rows=True, literal=literal)


def drop_template(laboratory: Laboratory) -> None:
    """Drops the template where it is there."""
    laboratory.operator.execute("select freehold.template_drop(name) from freehold.template_list() where name = 'orc'")


def remove_tenant(laboratory: Laboratory, slug: str) -> list[str]:
    """Retires and erases a tenant where it is there; what was left of it."""
    call = laboratory.operator.execute
    if not call("select slug from freehold.tenant_list(search => %s)", (slug,)).fetchall():
        return []
    call("select freehold.tenant_retire(%s, '0')", (slug,))
    while True:
        row = call("select state, detail -> 'residue' from freehold.tenant_erase_step(%s, 'test')", (slug,)).fetchone()
        assert row is not None
        if row[0] != "running":
            return list(row[1] or [])


def place_of(cursor: psycopg.Cursor[tuple[str, str, str]]) -> Place:
    """Where a template or tenant lives."""
    row = cursor.fetchone()
    assert row is not None
    schema, owner, rw = row
    return Place(schema, (owner, rw, f"{schema}_ro"))
