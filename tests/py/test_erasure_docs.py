"""The page about erasing: its commands are typed as they stand, in order, and what it says is so."""

from __future__ import annotations

import json
from pathlib import Path

from freehold.control import Control
from support.database import Database
from support.pages import ROOT, environment, run

PAGE = ROOT / "docs" / "how-to" / "erase.md"


def test_the_page_runs(control: Control, database: Database, tmp_path: Path) -> None:
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")
    typed = {
        section.partition("\n")[0]: [block.partition("\n```")[0] for block in section.split("```sh\n")[1:]]
        for section in sections
    }
    control.template_create("default")
    control.template_apply("default", "create table item (id int primary key)")
    control.template_freeze("default")
    tenant = control.tenant_provision("acme")

    def type_(text: str) -> str:
        return run(["bash", "-eu"], text, environment(database.owner_dsn), tmp_path)[0]

    said = type_(typed["Legal hold"][0])
    assert "court order 12/3" in said
    assert control.hold_list() == []
    type_(typed["What the tenant has elsewhere"][0])
    certificate = typed["The certificate"][0]
    made, _, rest = certificate.partition("freehold erasure certificate")
    said = type_(made)
    assert "open: paper, storage" in said
    (row,) = control.erasure_list("acme")
    for name in ("paper", "storage"):
        control.erasure_task_done(row["operation_id"], name, {"pages": 12})
    said = type_(f"freehold erasure certificate{rest}")
    assert str(tenant["id"]) in said
    assert "logical" in said
    assert json.loads((tmp_path / "acme.json").read_text())["horizon"] is not None
    said = type_(typed["After a restore"][0])
    assert "0 erased again, 1 gone already" in said
