"""The page about fleet queries runs as it is written."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from click.testing import CliRunner

from freehold.cli import main
from support.database import Database
from support.pages import ROOT
from support.world import provision

PAGE = ROOT / "docs" / "how-to" / "fleet-queries.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_runs(database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    provision(database, "create table note (id int primary key, body text)")
    admin = database.connect(database.admin_dsn)
    dsns = {name: database.login_dsn(name) for name in ("ada", "grace")}
    grants, asked, begun, ask, kept, read = blocks("sql")
    admin.execute(grants.encode())
    ada, grace = (database.connect(dsns[name]) for name in ("ada", "grace"))
    for number, command in enumerate("".join(blocks("console")).splitlines()):
        words = shlex.split(command.removeprefix("$ "))
        monkeypatch.setenv("FREEHOLD_DSN", dsns["grace" if words[1] == "rollup" else "ada"])
        done = CliRunner().invoke(main, words[1:])
        assert (number, done.exit_code) == (number, 0), done.output
    prepare, query = asked.split("\nselect slug")
    assert ada.execute(prepare.encode()).fetchone() == (0,)
    assert ada.execute(f"select slug{query}".encode()).fetchall() == [
        ("acme", {"notes": 0}, None, None),
        ("beta", {"notes": 0}, None, None),
    ]
    (run, tenants) = ada.execute(begun.encode()).fetchone() or (0, [])
    assert tenants == ["acme", "beta"]
    timeout, call = ask.strip().splitlines()
    ada.execute(timeout.encode())
    assert ada.execute(call.replace("(1,", f"({run},").encode()).fetchall() == [({"notes": 0}, None, None)]
    for statement in kept.strip().splitlines():
        grace.execute(statement.encode())
    assert [row[1] for row in ada.execute(read.encode()).fetchall()] == [{"notes": 0}] * 2
    (python,) = blocks("python")
    scope: dict[str, Any] = {"dsn": dsns["ada"]}
    exec(compile(python, str(PAGE), "exec"), scope)
    assert "acme [{'notes': 0}] None" in capsys.readouterr().out
