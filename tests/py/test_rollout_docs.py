"""The page about rollouts: its commands are typed as they stand, in order, and what it says of the fleet is so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.database import OWNER, Database
from support.pages import EMBEDDED, ROOT, environment, run

PAGE = ROOT / "docs" / "how-to" / "rollouts.md"
SECTIONS = ["A fleet to try on", "Expand", "A failure", "Contract waits", "Taking one back"]


def commands() -> dict[str, str]:
    """The commands of each section that has some."""
    found: dict[str, str] = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        blocks = [block.partition("\n```")[0] for block in body.split("```sh\n")[1:]]
        if blocks:
            found[title] = "\n".join(blocks)
    return found


class Shell:
    """A shell in a directory, with libpq's variables."""

    def __init__(self, database: Database, path: Path) -> None:
        self.path, self.environment = path, environment(database.owner_dsn)

    def type(self, text: str) -> tuple[str, str]:
        text = text.replace(f"{EMBEDDED} && ", "").replace("gate grant operator", f"gate grant {OWNER}")
        return run(["bash", "-eu"], text, self.environment, self.path)

    def heads(self) -> dict[str, list[str]]:
        """Tenants by the highest migration that they have."""
        rows = json.loads(self.type("freehold migrate status --tenants --json")[0])
        found: dict[str, list[str]] = {}
        for row in rows:
            found.setdefault(row["head"], []).append(row["slug"])
        return found


@pytest.fixture
def shell(database: Database, tmp_path: Path) -> Shell:
    return Shell(database, tmp_path)


def test_a_column_is_split(shell: Shell) -> None:
    typed = commands()
    assert list(typed) == SECTIONS
    everybody = ["acme", "globex", "hooli", "initech", "umbrella"]
    shell.type(typed["A fleet to try on"])
    assert shell.heads() == {"0001.contact": everybody}
    shell.type(typed["Expand"])
    assert shell.heads() == {"0003.fill": everybody}
    out, err = shell.type(typed["A failure"])
    assert "somebody was left behind" in out
    assert "globex" in err
    others = [slug for slug in everybody if slug != "globex"]
    assert shell.heads() == {"0004.family_name_check": ["globex"], "0005.family_name_validate": others}
    out, err = shell.type(typed["Contract waits"])
    assert "refused" in out
    assert "FH213" in err
    assert "globex" in err
    assert "no drift" in err
    assert shell.heads() == {"0006.drop_name": everybody}
    said, _ = shell.type("freehold psql globex -c 'select given_name, family_name from contact order by id'")
    assert [line.split("|")[0].strip() for line in said.splitlines()[2:5]] == ["Ada", "Grace", "Cher"]
    shell.type(typed["Taking one back"])
    assert shell.heads() == {"0006.drop_name": everybody}
