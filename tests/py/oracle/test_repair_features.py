"""Whatever a schema can hold is removed when it is too much, and made again when it is missing; no change escapes the hash."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest

from .conftest import Laboratory
from .feature import Feature, all_features
from .place import Place, enter
from .test_oracle import drop_template, place_of, remove_tenant
from .test_repair import drift, repair, script

every_feature = pytest.mark.parametrize(
    "feature",
    [f for f in all_features() if not (f.superuser or f.refused or f.skip_replay or f.name.startswith("publication"))],
    ids=lambda feature: feature.name,
)
# A column that was dropped comes back at the end, and a type that a column has cannot be dropped to be made otherwise.
REASONS = re.compile("another order|it is used by")
# What a repair does not bring back: PostgreSQL adds no check to a domain within a composite type or an array of a column; a child
# has what its parent has not validated, valid; a partition gets an index for each of its parent's, and one that a foreign
# partition has no part of is made whole too late.
LIMITS = {
    "combined_inherit_partition_types": {"alter domain safe_level drop constraint safe_level_check"},
    "composite_nested": {"alter domain positive drop constraint positive_check"},
    "inheritance_constraints": {"drop table child cascade", "drop table late cascade"},
    "partition_index_attached": {"drop table p2 cascade"},
    "partition_index_detached": {"drop table p1 cascade"},
    "partition_index_foreign": {"drop foreign table p1 cascade"},
}
# So many objects of a feature at most are dropped.
_MOST = 12
_ON = re.compile(r'(constraint) ("(?:[^"]|"")+"|[^" ]+) on (.*)')


@pytest.fixture(scope="module")
def tenant(laboratory: Laboratory) -> Iterator[Place]:
    """A tenant of an empty template."""
    call = laboratory.operator.execute
    try:
        call("select freehold.template_create('orc')")
        call("select freehold.template_freeze('orc')")
        yield place_of(call("select schema_name, owner_role, rw_role from freehold.tenant_provision('orc-one', 'orc')"))
    finally:
        remove_tenant(laboratory, "orc-one")
        drop_template(laboratory)


@every_feature
def test_extra_objects_are_dropped(feature: Feature, tenant: Place, laboratory: Laboratory) -> None:
    admin = laboratory.admin
    with admin.transaction(force_rollback=True):
        make(laboratory, tenant, feature)
        rows = repair(admin, allow_data_loss=True)
        text = script(rows)
        assert not [row for row in rows if row["by_hand"]], text
        assert run(admin, text) is None, text
        assert drift(admin) == [], text


@every_feature
def test_missing_objects_are_made_again(feature: Feature, tenant: Place, laboratory: Laboratory) -> None:
    admin, found = laboratory.admin, {}
    with admin.transaction(force_rollback=True):
        make(laboratory, tenant, feature)
        # What is there is what the template says from now on.
        admin.execute("delete from freehold.template_ddl where template = 'orc'")
        admin.execute(
            "insert into freehold.template_ddl select 'orc', 1, d.* from freehold._ddl_normal(%s::regnamespace) as d"
            " where d.phase <> 'data'",
            (tenant.quoted,),
        )
        whole = hash_of(admin, tenant)
        statements = drops(admin, tenant)
        step = 1 if feature.name in LIMITS else len(statements) // _MOST + 1
        for statement in statements[::step]:
            with admin.transaction(force_rollback=True):
                try:
                    with admin.transaction():
                        enter(admin, tenant, owner=True)
                        admin.execute(statement.encode())
                except psycopg.Error:
                    # A key's index, a rule that makes a view: not droppable by themselves.
                    continue
                admin.execute("reset role; reset search_path")
                assert whole is None or hash_of(admin, tenant) != whole, statement
                rows = repair(admin, allow_data_loss=True)
                text = script(rows)
                manual = "\n".join(row["statement"] for row in rows if row["by_hand"])
                if manual and REASONS.search(manual):
                    continue
                if manual or (problem := run(admin, text) or drift(admin)):
                    found[statement] = f"-- after {statement}: {manual or problem}\n{text}"
    assert set(found) == LIMITS.get(feature.name, set()), "\n".join(found.values())


def make(laboratory: Laboratory, place: Place, feature: Feature) -> None:
    """Makes the feature in a schema, as its owner, where the server knows it."""
    if feature.min_version > laboratory.major or (feature.icu and not laboratory.icu):
        pytest.skip("the server does not know this")
    try:
        with laboratory.admin.transaction():
            enter(laboratory.admin, place, owner=True)
            laboratory.admin.execute(place.fill(feature.ddl).encode())
    finally:
        laboratory.admin.execute("reset role; reset search_path")


def drops(admin: psycopg.Connection, place: Place) -> list[str]:
    """Statements that drop one object each, with all that depends on it."""
    enter(admin, place, owner=False)
    targets = [
        t for (t,) in admin.execute("select target from freehold._schema_object(%s::regnamespace)", (place.quoted,))
    ]
    admin.execute("reset search_path")
    statements = []
    for target in targets:
        match = _ON.fullmatch(target)
        if match and match[3].startswith("domain "):
            statements.append(f"alter {match[3]} drop constraint {match[2]}")
        elif match:
            statements.append(f"alter table {match[3]} drop constraint {match[2]} cascade")
        else:
            statements.append(f"drop {target}" + ("" if target.startswith("policy ") else " cascade"))
    return statements


def hash_of(admin: psycopg.Connection, place: Place) -> str | None:
    """The hash that fleet_drift() asks first."""
    row = admin.execute(
        "select hash from freehold._drift_hash(array[%s::regnamespace::oid])", (place.quoted,)
    ).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def run(admin: psycopg.Connection, text: str) -> str | None:
    """Runs a script as the owner; what became of it where it failed."""
    try:
        with admin.transaction():
            admin.execute("select freehold.migration_apply('orc-one', 'repair', %s)", (text,))
    except psycopg.Error as error:
        return str(error)
    return None
