from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict

from freehold.cli import main
from support.database import Database, Databases

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "migrations.md"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith(("PG", "FREEHOLD")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def where(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        control = database.control()
        control.template_create("notes")
        control.template_apply("notes", "create table note (id int primary key, at timestamptz)")
        control.template_freeze("notes")
        control.tenant_provision("acme", "notes", settings={"plan": "pro's"})
        yield database


@pytest.fixture
def run(where: Database) -> Run:
    def run(*arguments: str, **options: Any) -> Result:
        dsn = () if arguments[0] in ("new", "list") else ("--dsn", where.owner_dsn)
        return CliRunner().invoke(main, ["migration", *arguments, *dsn], **options)

    return run


def done(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def migration(name: str, text: str) -> None:
    Path("migrations").mkdir(exist_ok=True)
    Path("migrations", name).write_text(text)


def test_new_begins_after_all_that_are_there(run: Run) -> None:
    assert done(run("new", "note", "--rollback")).splitlines() == [
        "migrations/0001.note.sql",
        "migrations/0001.note.rollback.sql",
    ]
    written = Path("migrations/0001.note.sql")
    assert written.read_text().startswith("-- What this changes, and why.\n-- depends:\n\n")
    unwritten = run("new", "more")
    assert (unwritten.exit_code, "holds no statement" in unwritten.stderr) == (2, True)
    for path in Path("migrations").iterdir():
        path.write_text(path.read_text() + "select 1;\n")
    migration("0007.other.sql", "-- depends: 0001.note\nselect 1;\n")
    migration("0003.branch.sql", "-- depends: 0001.note\nselect 1;\n")
    row = json.loads(done(run("new", "more", "--json")))
    assert row == {
        "id": "0008.more",
        "files": ["migrations/0008.more.sql"],
        "depends": ["0003.branch", "0007.other"],
    }
    assert "\n-- depends: 0003.branch 0007.other\n" in Path("migrations/0008.more.sql").read_text()
    Path("migrations/0008.more.sql").unlink()
    assert done(run("new", "script", "--python")) == "migrations/0008.script.py\n"
    assert '__depends__ = {"0003.branch", "0007.other"}' in Path("migrations/0008.script.py").read_text()
    assert [row["id"] for row in json.loads(done(run("list", "--json")))][-1] == "0008.script"


def test_new_in_python_may_be_the_first(run: Run) -> None:
    done(run("new", "first", "--python"))
    assert "__depends__ = set()" in Path("migrations/0001.first.py").read_text()
    assert len(json.loads(done(run("list", "--json")))) == 1


@pytest.mark.parametrize("arguments", [("Add-Note",), ("a.b",), ("a", "--python", "--rollback"), ("a", "--dsn", "x")])
def test_new_refuses(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("new", *arguments).exit_code == 2
    assert not Path("migrations").exists()


def test_list(run: Run) -> None:
    migration("0001.a.sql", "select 1;\n")
    migration("0002.b.sql", "-- depends: 0001.a\n-- contract: 0001.a\n-- backfill: true\ndelete from a;\n")
    migration("0002.b.rollback.sql", "select 1;\n")
    migration("0003.c.sql", "-- transactional: false\nvacuum note;\n")
    migration("0004.d.sql", "select {{ tenant.slug | literal }};\n")
    migration("0005.e.py", "from yoyo import step\n")
    rows = json.loads(done(run("list", "--json")))
    assert [(row["id"], row["depends"], row["contract"], row["runs"], row["rollback"]) for row in rows] == [
        ("0001.a", [], [], "in a transaction", False),
        ("0002.b", ["0001.a"], ["0001.a"], "by batches", True),
        ("0003.c", [], [], "one statement", False),
        ("0004.d", [], [], "as rendered", False),
        ("0005.e", [], [], "python", True),
    ]
    shown = done(run("list"))
    assert rows[0]["digest"][:12] in shown
    assert rows[0]["digest"] not in shown
    Path("none").mkdir()
    assert run("list", "--directory", "none").stderr == "no migrations in none: freehold migration new NAME\n"
    other = run("list", "--directory", "elsewhere")
    assert (other.exit_code, other.stderr.splitlines()[0]) == (2, "error: there is no directory elsewhere")
    moved = run("list", "--json", env={"FREEHOLD_MIGRATIONS": "elsewhere"})
    assert json.loads(moved.stderr)["error"]["kind"] == "MigrationError"


def test_render_prints_what_a_tenant_gets(run: Run) -> None:
    migration(
        "0001.a.sql",
        "-- {{ tenant.kind | literal }}\nselect {{ tenant.settings.plan | default('none') | literal }},"
        " {{ roles.rw | ident }}, {{ size('note') }}, {{ size('nothing') }};\n",
    )
    migration("0001.a.rollback.sql", "select {{ tenant.schema | literal }};\n")
    text = "-- 'tenant'\nselect 'pro''s', \"tenant_acme_rw\", 0, 0;\n"
    assert done(run("render", "0001.a", "--tenant", "acme")) == text
    assert "'template'\nselect 'none', " in done(run("render", "0001.a", "--template", "notes"))
    assert done(run("render", "0001.a", "--tenant", "acme", "--rollback")) == "select 'tenant_acme';\n"
    row = json.loads(done(run("render", "0001.a", "--tenant", "acme", "--json")))
    assert (row["text"], row["transactional"], row["backfill"]) == (text, True, False)


def test_render_measures_tables(run: Run, where: Database) -> None:
    migration("0001.a.sql", "{% if size('note') > 1 %}select 1;{% else %}select 0;{% endif %}\n")
    assert done(run("render", "0001.a", "--tenant", "acme")) == "select 0;"
    with where.connect(where.admin_dsn) as admin:
        admin.execute("insert into tenant_acme.note values (1)")
    assert done(run("render", "0001.a", "--tenant", "acme")) == "select 1;"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("0001.a",), 2, "For whom?"),
        (("0001.a", "--tenant", "acme", "--template", "notes"), 2, "For whom?"),
        (("--tenant", "acme"), 2, "One migration is printed"),
        (("0001.a", "0002.b", "--tenant", "acme"), 2, "One migration is printed"),
        (("0001.a", "--tenant", "nobody"), 3, "error [FH101]: no tenant"),
        (("0001.a", "--template", "nothing"), 3, "error [FH102]: no template is called 'nothing'"),
        (("0009.z", "--tenant", "acme"), 3, "error: no migration is called 0009.z"),
        (("0001.a", "--tenant", "acme", "--rollback"), 2, "has no rollback file"),
        (("0002.b", "--tenant", "acme"), 2, "at: migrations/0002.b.sql:2"),
    ],
)
def test_render_refuses(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    migration("0001.a.sql", "select 1;\n")
    migration("0002.b.sql", "select 1,\n  {{ tenant.slug }};\n")
    result = run("render", *arguments)
    assert (result.exit_code, message in result.stderr) == (code, True), result.output


def test_the_yoyo_command_runs_what_render_writes(run: Run, where: Database) -> None:
    """All of yoyo's own program: its order, its marks, its rollback."""
    migration("0002.b.sql", "-- depends: 0003.a\n{% import 'freehold/online.sql' as online %}\n"
              "{% call online.index('b_plan', 'b') %}(plan) where plan = {{ tenant.settings.plan | literal }}{% endcall %}\n")  # fmt: skip
    migration("0002.b.rollback.sql", "drop index b_plan;\n")
    migration(
        "0003.a.sql", "create table b (plan text);\ninsert into b values ({{ tenant.settings.plan | literal }});\n"
    )
    migration("0003.a.rollback.sql", "drop table b;\n")
    migration("0004.c.sql", "-- depends: 0002.b\n-- transactional: false\ncreate index concurrently c on b (plan);\n")
    migration("0005.d.sql", "-- depends: 0004.c\n-- backfill: true\nupdate b set plan = 'x' where plan is null;\n")
    migration("0006.e.sql", "-- depends: 0005.d\n{% if tenant.tier == 'dedicated' %}select 1;{% endif %}\n")
    migration(
        "0007.f.py", "from yoyo import step\n__depends__ = {'0006.e'}\nstep('create table f ()', 'drop table f')\n"
    )
    written = run("render", "--tenant", "acme", "--out", "out")
    assert done(written) == "6 migrations written to out\n"
    assert written.stderr == "yoyo runs one batch and no more: 0005.d\n"
    with where.connect(where.admin_dsn) as admin:
        admin.execute("create schema stock")
    parts = conninfo_to_dict(where.admin_dsn)
    url = f"postgresql+psycopg://{parts['user']}:{parts.get('password') or ''}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}&schema=stock"
    try:
        yoyo(url, "apply")
        with where.connect(where.admin_dsn) as admin:
            assert admin.execute("select plan from stock.b").fetchall() == [("pro's",)]
            applied = "select migration_id from stock._yoyo_migration order by applied_at_utc"
            assert [row[0] for row in admin.execute(applied)] == [
                "0003.a", "0002.b", "0004.c", "0005.d", "0006.e", "0007.f",
            ]  # fmt: skip
        yoyo(url, "rollback", "--all")
        with where.connect(where.admin_dsn) as admin:
            assert admin.execute("select to_regclass('stock.b'), to_regclass('stock.f')").fetchone() == (None, None)
    finally:
        with where.connect(where.admin_dsn) as admin:
            admin.execute("drop schema stock cascade")


def yoyo(url: str, *verb: str) -> None:
    command = [str(Path(sys.executable).with_name("yoyo")), *verb, "--batch", "--no-config-file", "-d", url, "out"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_lint_without_a_database() -> None:
    migration("0001.a.sql", "create table t (id int);\n")
    migration("0002.b.sql", "-- depends: 0001.a\nset role x;\nalter table t drop column id;\n")
    result = CliRunner().invoke(main, ["migration", "lint"])
    assert result.exit_code == 2
    assert re.search(r"^0002\.b +2 +error +role +the role is changed +Leave it out\.$", result.stdout, re.MULTILINE)
    assert result.stderr == "2 errors to mend, or to acknowledge at the top of the file: -- freehold-ignore: RULE\n"
    told = CliRunner().invoke(main, ["migration", "lint", "--json"])
    assert told.exit_code == 2
    assert [(row["rule"], row["line"], row["blocks"]) for row in json.loads(told.stdout)] == [
        ("role", 2, True),
        ("ban-drop-column", 3, True),
    ]
    assert told.stderr == ""
    one = CliRunner().invoke(main, ["migration", "lint", "0001.a"])
    assert (one.exit_code, one.stderr) == (0, "nothing found in 1 migration\n")
    by_path = CliRunner().invoke(main, ["migration", "lint", "migrations/0002.b.sql", "migrations/0001.a.sql"])
    assert by_path.exit_code == 2
    acknowledged = CliRunner().invoke(
        main, ["migration", "lint", "--acknowledge", "role", "--acknowledge", "ban-drop-column"]
    )
    assert acknowledged.exit_code == 0
    assert acknowledged.stdout.count("acknowledged") == 2
    assert CliRunner().invoke(main, ["migration", "lint", "0009.z"]).exit_code == 3
    assert CliRunner().invoke(main, ["migration", "lint", "--no-trial"]).exit_code == 2


@pytest.mark.parametrize("columns", [60, 80])
def test_findings_fit_the_terminal(columns: int) -> None:
    migration("0001.a.sql", "alter table note add column a int not null;\nset role x;\n")
    said = CliRunner().invoke(main, ["migration", "lint"], env={"COLUMNS": str(columns)}).stdout
    assert "effectively" in said
    assert max(map(len, said.splitlines())) <= columns


def test_lint_with_a_trial(run: Run, where: Database) -> None:
    migration("0001.a.sql", "grant select on note to public;\n")
    tried = run("lint", "--template", "notes")
    assert (tried.exit_code, "granted to PUBLIC" in tried.stdout) == (2, True)
    untried = run("lint", "--template", "notes", "--no-trial")
    assert (untried.exit_code, untried.stdout) == (0, "")
    assert run("lint", "--template", "nothing").exit_code == 3
    with where.connect(where.admin_dsn) as admin:
        assert admin.execute("select count(*) from freehold.template").fetchone() == (1,)


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    migration("0001.a.sql", "select 1;\n")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for command in ("list", "lint"):
        result = CliRunner().invoke(main, ["migration", command])
        assert result.exit_code == 1
        assert result.stderr == "error: jinja2 is missing: pip install 'freehold[migrate]'\n"


def test_the_command_line_starts_without_the_extra() -> None:
    script = "import sys, freehold.cli; print({'jinja2', 'yoyo', 'sqlparse'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


def test_the_page_runs(where: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file of docs/how-to/migrations.md is written, and each command ends as the page shows."""
    page = PAGE.read_text(encoding="utf-8")
    monkeypatch.setenv("FREEHOLD_DSN", where.owner_dsn)
    control = where.control()
    control.template_create("crm")
    control.template_apply(
        "crm", "create table contact (id uuid primary key default gen_random_uuid(), name text not null)"
    )
    control.template_freeze("crm")
    control.tenant_provision("initech", "crm", settings={"country": "CL"})
    ran = 0
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if kind == "sql" and (match := re.match(r"-- (migrations/\S+)\n", block)):
            path = Path(match[1])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.split("\n", 1)[1])
        elif kind == "console":
            for command, said in re.findall(r"^\$ freehold (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
                result = CliRunner().invoke(main, shlex.split(command, comments=True), env={"COLUMNS": "100"})
                assert result.exit_code == (2 if " error" in said else 0), (command, result.output)
                assert [line.rstrip() for line in result.output.splitlines()] == said.splitlines(), command
                ran += 1
    assert ran >= 5
