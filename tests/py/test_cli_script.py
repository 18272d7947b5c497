"""``freehold template apply``: an error names file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from freehold.cli import main
from freehold.sqltext import Place
from support.database import Database, Databases


@pytest.fixture(scope="module")
def where(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        database.control().template_create("crm")
        yield database


def apply(where: Database, *files: Path, text: str | None = None, json: bool = False) -> Result:
    arguments = ["--dsn", where.owner_dsn, "template", "apply", "crm", *map(str, files)]
    return CliRunner().invoke(main, [*arguments, "--json"] if json else arguments, input=text)


@pytest.mark.parametrize(
    ("script", "line", "shown"),
    [
        # The server says where.
        ("create table a ();\n\ncreate tabel b ();\n", 3, "create tabel b ();\n           ^"),
        ("create table a ();\ncreate table b (\n  m nonsense\n);\n", 3, "  m nonsense\n        ^"),
        ("select 'äöü', x\n", 1, "select 'äöü', x\n                  ^"),
        # It does not.
        ("create table a ();\ncreate table b ();\n\n  create table a ();\ncreate table c ();", 4, "create table a ()"),
        ("create table a (n int);\n-- half\ninsert into a\nvalues (1 / 0);\nselect 1", 3, "insert into a"),
        ("select 1; do $$ begin\n    perform nope();\nend $$;", 1, "do $$ begin"),
        ("alter table nope add x int", 1, "alter table nope add x int"),
    ],
)  # fmt: skip
def test_the_line_is_found_and_shown(where: Database, tmp_path: Path, script: str, line: int, shown: str) -> None:
    good, bad = tmp_path / "1.sql", tmp_path / "2.sql"
    good.write_text("create table before ();")
    bad.write_text(script)
    result = apply(where, good, bad)
    assert result.exit_code == 1
    assert f"  at: {bad}:{line}\n    {shown}\n" in result.stderr
    error = json.loads(apply(where, good, bad, json=True).stderr)["error"]
    assert (error["file"], error["line"]) == (str(bad), line)
    # Looking for it has left nothing.
    assert where.connect().execute("select count(*) from pg_class where relname = 'before'").fetchone() == (0,)


@pytest.mark.parametrize(
    ("script", "line", "hint"),
    [
        ("create table a ();\nbegin;\ncreate table b ();\ncommit;\n", 2, "take begin, commit and the like out"),
        ("create table a ();\n\\i other.sql\n", 2, "Only psql knows meta-commands"),
        ("create table a (n int);\ncopy a from stdin;\n1\n\\.\n", 4, "pg_dump --inserts"),
        ("create table a (n int);\ncopy a (n) from stdin;\n", 2, "pg_dump --inserts"),
    ],
)
def test_what_a_script_cannot_hold_is_said(where: Database, script: str, line: int, hint: str) -> None:
    result = apply(where, Path("-"), text=script)
    assert f"  at: <stdin>:{line}\n" in result.stderr
    assert hint in result.stderr


def test_a_file_without_sql_is_named(where: Database, tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty.sql", tmp_path / "binary.sql"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    result = apply(where, empty)
    assert (result.exit_code, f"  at: {empty}\n" in result.stderr) == (2, True)
    result = apply(where, binary)
    assert (result.exit_code, str(binary) in result.stderr, "UTF-8" in result.stderr) == (2, True, True)


def test_a_byte_order_mark_is_no_syntax_error(where: Database, tmp_path: Path) -> None:
    file = tmp_path / "bom.sql"
    file.write_bytes(b"\xef\xbb\xbfselect 1;")
    assert apply(where, file).exit_code == 0


def test_where_no_script_is_at_fault_no_line_is_named(where: Database, tmp_path: Path) -> None:
    file = tmp_path / "1.sql"
    file.write_text("select 1;")
    stranger = where.login_dsn("stranger")
    where.connect(where.admin_dsn).execute("grant freehold_tenant to stranger")
    for arguments in (
        ["--dsn", stranger, "template", "apply", "crm"],
        ["--dsn", where.owner_dsn, "template", "apply", "no"],
    ):
        result = CliRunner().invoke(main, [*arguments, str(file)])
        assert result.exit_code in (3, 5)
        assert "at:" not in result.stderr


def test_long_lines_are_cut_around_the_place(capsys: Any) -> None:
    from freehold.cli import output

    text = "select " + "a, " * 200 + "!" + ", b" * 200
    output.print_problem("m", place=Place.of("f.sql", "\n\n" + text, 3 + text.index("!")), as_json=False)
    _, head, line, caret = capsys.readouterr().err.splitlines()
    assert head == "  at: f.sql:3"
    assert len(line) <= 110
    assert line[caret.index("^")] == "!"
