"""The page about events, seals, anchors and export runs as it is written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from freehold.cli import main
from support.database import Database
from support.trail import Trail

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "audit-trail.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture
def trail(database: Database) -> Trail:
    trail = Trail(database)
    trail.write(rows=3)
    return trail


def test_the_statements_run(trail: Trail) -> None:
    (text,) = blocks("sql")
    statements = [statement for statement in text.split(";\n") if statement.strip()]
    results = [trail.control.connection.execute(statement.encode()) for statement in statements]
    assert results[0].fetchall()[0][1:3] == ("tenant_provision.done", "acme")
    assert results[2].fetchall() == []
    assert results[3].fetchone() == (2,)
    assert results[4].fetchall()[-1][1] is False


def test_the_commands_run(trail: Trail, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    ran = set()
    for line in "\n".join(blocks("console")).splitlines():
        # What needs an object store, another cluster or no end has tests of its own.
        command = line.removeprefix("$ ").split("   #")[0].split(" | ")[0]
        if not command or "s3://" in command:
            continue
        words = [word for word in shlex.split(command, comments=True) if word != "--follow"]
        assert words[0] == "freehold"
        done = CliRunner().invoke(main, words[1:])
        assert done.exit_code == 0, (line, done.output)
        ran.add(tuple(words[1:3]))
        # As the page says of what comes after it.
        if words[2] == "epoch":
            (tmp_path / "siem.cursor").unlink(missing_ok=True)
    assert ran == {
        ("event", "list"), ("audit", "seal"), ("key", "generate"), ("audit", "anchor"), ("audit", "verify"),
        ("audit", "export"), ("audit", "epoch"),
    }  # fmt: skip


def test_finding_nothing_says_how_much_was_sealed(database: Database) -> None:
    control = database.control()
    control.template_create("default")
    control.template_freeze("default")
    control.tenant_provision("acme")

    def verify(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "audit", "verify", *arguments])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "nothing is sealed: freehold audit seal" in verify()
    control.audit_seal("@")
    entries = len(control.event_list(max_rows=1000))
    assert verify("@") == f"nothing was found in {entries} sealed entries of @\n"
    assert "nothing of acme is sealed" in verify("acme")
    assert verify("acme", "--json") == "[]\n"


def test_an_anchor_goes_into_a_file_or_a_store_that_writes_once(
    trail: Trail, database: Database, tmp_path: Path
) -> None:
    key = str(tmp_path / "key")
    assert CliRunner().invoke(main, ["key", "generate", "--out", key]).exit_code == 0
    arguments = ["--dsn", database.owner_dsn, "audit", "anchor", "--out", "http://127.0.0.1:1/a/b", "--key", key]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, "s3://" in done.stderr) == (2, True), done.output
