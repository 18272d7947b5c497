"""The page about exports: its commands and its Python, typed as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from freehold.control import Control
from support.database import Database
from support.pages import ROOT, environment, run

PAGE = (ROOT / "docs" / "how-to" / "backup.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_page_runs(control: Control, database: Database, tmp_path: Path) -> None:
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key); insert into note values (1)")
    control.template_freeze("default")
    control.tenant_provision("acme")
    variables = {**environment(database.owner_dsn), "FREEHOLD_KEY_PROVIDER": f"file:{tmp_path / 'keys'}"}
    typed = [block.replace("$ ", "").replace("/var/lib/freehold", str(tmp_path)) for block in blocks("console")]
    assert len(typed) == 3
    run(["bash", "-eu"], typed[0], variables, tmp_path)
    assert control.tenant_get("acme-again")["state"] == "active"
    # The same in Python.
    (tmp_path / "acme.freehold").unlink()
    control.tenant_retire("acme-again", grace="0 days", reason="again")
    control.tenant_erase("acme-again", "again")
    run(["freehold", "erasure", "work"], "", variables)
    (code,) = blocks("python")
    exec(code.replace("/var/lib/freehold", str(tmp_path)).replace('Path("', f'Path("{tmp_path}/'),
         {"control": control, "Path": Path})  # fmt: skip
    assert control.tenant_get("acme-again")["state"] == "active"
    run(["bash", "-eu"], typed[1].replace("--reason", "--yes --reason"), variables, tmp_path)
    assert {row["version"]: row["state"] for row in control.tenant_key_list("acme")} == {
        1: "destroyed", 2: "current",
    }  # fmt: skip
    control.tenant_retire("acme", grace="0 days", reason="over")
    run(["bash", "-eu"], typed[2].replace("--reason", "--yes --reason"), variables, tmp_path)
    assert control.erasure_task_list(open=True) == []
    assert list((tmp_path / "keys").iterdir()) == []
