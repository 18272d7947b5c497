"""The README's code blocks do what they say, and its links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import Control, TenantExists
from freehold.cli import main
from freehold.embedded import Server
from support.database import Database
from support.pages import EMBEDDED, ROOT, environment, run
from support.service import running

README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    language: str
    text: str


def blocks() -> list[Block]:
    return [Block(language, text) for language, text in _BLOCK.findall(README.read_text(encoding="utf-8"))]


def said(command: list[str], text: str, environment: dict[str, str], directory: Path = ROOT) -> str:
    return run(command, text, environment, directory)[0]


def test_blocks_run_in_order(bare_database: Database) -> None:
    # As the README says: the owner of a database, with CREATEROLE, no superuser.
    dsn = environment(bare_database.owner_dsn)
    ran: dict[str, list[str]] = {"sh": [], "python": []}
    for block in blocks():
        if block.language == "sh" and EMBEDDED not in block.text:
            commands = "\n".join(line for line in block.text.splitlines() if not line.startswith("make "))
            ran["sh"].append(said(["bash", "-euo", "pipefail"], commands, dsn))
        elif block.language == "python":
            ran["python"].append(said([sys.executable, "-X", "dev", "-"], block.text, dsn))
    shell, python = "".join(ran["sh"]), "".join(ran["python"])
    assert "tenant_acme_rw" in shell
    assert "acme-staging" in shell
    # The comments in the Python block are what it prints.
    promised = re.findall(r"print\(.*\)  # (.+)", "".join(b.text for b in blocks() if b.language == "python"))
    assert python.splitlines() == promised
    assert promised


def test_the_command_line_block_runs(tmp_path: Path) -> None:
    (block,) = (block for block in blocks() if EMBEDDED in block.text)
    home = {name: value for name, value in environment("").items() if name != "FREEHOLD_DSN"}
    home |= {"FREEHOLD_HOME": str(tmp_path / "home")}
    try:
        output = said(["bash", "-euo", "pipefail"], block.text, home, tmp_path)
        assert "INSERT 0 1" in output
        assert json.loads(output[output.index("[\n") :])[0]["slug"] == "acme"
    finally:
        Server(tmp_path / "home").stop()


def test_the_session_over_http(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    control = Control(database.connect())
    control.template_create("crm")
    control.template_freeze("crm")
    control.tenant_provision("acme", "crm")
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    dsn = database.login_dsn("service")
    (session,) = (block.text for block in blocks() if block.language == "console")
    token, requests = "", []
    for command in re.findall(r"^\$ (.*(?:\n    .*)*)", session, re.MULTILINE):
        words = shlex.split(command.rpartition("&&")[2], comments=True)
        if words[0] == "curl":
            requests.append(command)
        elif words[0] == "freehold":
            done = CliRunner().invoke(main, [*words[1:], "--json"])
            assert done.exit_code == 0, (command, done.output)
            token = json.loads(done.stdout).get("token", token)
    with running(database, dsn=dsn) as service:
        variables = environment("") | {"KEY": token, "HOME": str(tmp_path)}
        answers = [
            json.loads(said(["sh", "-eu"], each.replace("http://localhost:8080", service.url), variables))
            for each in requests
        ]
    assert (answers[0]["slug"], answers[0]["state"]) == ("acme", "active")
    assert (answers[1]["slug"], answers[1]["state"]) == ("initech", "ready")


def test_provisioning_from_a_web_request(control: Control, connection: psycopg.Connection[Any]) -> None:
    page = (ROOT / "docs" / "how-to" / "provision.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    for language, text in _BLOCK.findall(page):
        assert language == "python"
        exec(compile(text, "provision.md", "exec"), names)
    control.template_create("crm")
    control.template_freeze("crm")
    first = names["sign_up"](connection, "acme", "Acme Ltd", "76.123.456-K")
    assert names["sign_up"](connection, "acme", "Acme Ltd", "76.123.456-K")["id"] == first["id"]
    with pytest.raises(TenantExists):
        names["sign_up"](connection, "acme", "Other Ltd", "77.000.000-0")


def test_make_targets_exist() -> None:
    targets = re.findall(r"^make (\w+)", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert targets == ["demo", "test"]
    subprocess.run(["make", "-n", *targets], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("page", sorted([README, *(ROOT / "docs").rglob("*.md")]), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) < 250
