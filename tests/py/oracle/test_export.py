"""Features through a file: what is restored equals what was exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql

from freehold import export
from freehold.control import Control

from .conftest import Laboratory
from .feature import Feature
from .feature import feature as by_name
from .place import Place, load_rows
from .test_oracle import SEEDED, drop_template, place_of, remove_tenant

# Every sort of value, and what else a file could lose. The statements are the deparser's, which other tests run through.
NAMES = sorted({*SEEDED, "acl_everywhere", "combined_audit", "combined_tangle", "composite", "comments_everywhere"})


@pytest.mark.parametrize("name", NAMES)
def test_restored(name: str, laboratory: Laboratory, tmp_path: Path) -> None:
    feature = by_name(name)
    with laboratory.source(feature, rows=False) as source:
        schema = sql.Identifier(source.schema)
        laboratory.admin.execute(sql.SQL("grant usage on schema {} to freehold_owner").format(schema))
        try:
            found = list(differences(laboratory, source, feature, tmp_path / "export"))
        finally:
            erased = [remove_tenant(laboratory, slug) for slug in ("orc-two", "orc-one")]
            drop_template(laboratory)
    assert found == [], "\n".join(found)
    assert erased == [[], []]


def differences(laboratory: Laboratory, source: Place, feature: Feature, path: Path) -> Iterator[str]:
    """What a tenant loses on the way."""
    oracle, call = laboratory.oracle, laboratory.operator.execute
    call("select freehold.template_adopt('orc', %s::regnamespace)", (source.quoted,))
    call("select freehold.template_freeze('orc')")
    one = place_of(call("select schema_name, owner_role, rw_role from freehold.tenant_provision('orc-one', 'orc')"))
    if not feature.after:
        load_rows(laboratory.admin, one, feature, source)
    control = Control(laboratory.operator)
    export.write(control, "orc-one", path, None)
    row = export.restore(control, path, "orc-two")
    two = Place(row["schema_name"], (row["owner_role"], row["rw_role"], f"{row['schema_name']}_ro"))
    yield from oracle.compare(oracle.dump(one, two), one, two, rows=True, literal=feature.names_schema)
