"""The hash over the catalogs that fleet_drift() asks first: it is the same for schemas of one version, and misses nothing."""

from __future__ import annotations

import pytest
from psycopg import sql

from .conftest import Laboratory
from .place import Place, enter
from .test_mutation import MUTATIONS
from .test_repair import PLANTED, ROWS, shop  # noqa: F401  the fixture


def state(laboratory: Laboratory, place: Place) -> tuple[str, str | None]:
    """The fingerprint of a schema and its hash."""
    row = laboratory.admin.execute(
        "select freehold.schema_fingerprint(n), h.hash"
        " from (select %s::regnamespace) as s (n), freehold._drift_hash(array[n::oid]) as h",
        (place.quoted,),
    ).fetchone()
    assert row is not None
    return str(row[0]), row[1]


def test_tenants_of_a_version_hash_alike(shop: tuple[Place, Place], laboratory: Laboratory) -> None:  # noqa: F811
    one, two = shop
    with laboratory.admin.transaction(force_rollback=True):
        laboratory.admin.execute(sql.SQL("drop function {}(text)").format(sql.Identifier(two.schema, "own")))
        assert state(laboratory, one) == state(laboratory, two)
        assert state(laboratory, one)[1] is not None


@pytest.mark.parametrize("name", [*(f"mutation_{n}" for n in MUTATIONS if n not in ROWS), *PLANTED])
def test_hash_changes_with_the_fingerprint(name: str, shop: tuple[Place, Place], laboratory: Laboratory) -> None:  # noqa: F811
    one, two = shop
    statement = PLANTED.get(name) or MUTATIONS[name.removeprefix("mutation_")][0]
    before = state(laboratory, one)
    with laboratory.admin.transaction(force_rollback=True):
        enter(laboratory.admin, one, owner=name in PLANTED)
        laboratory.admin.execute(one.fill(statement.replace("{source}", two.schema)).encode())
        laboratory.admin.execute("reset role; reset search_path")
        after = state(laboratory, one)
    assert after[0] != before[0], "no drift was made"
    assert after[1] != before[1]
    assert (after[1] is None) == (name == "mutation_cast_extra")
