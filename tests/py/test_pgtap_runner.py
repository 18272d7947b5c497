from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold.pgtap_runner import Outcome, PgTapFailure, load_pgtap, run_file
from support.database import Database, Databases

HEAD = "begin;\nset local search_path = tap, public;\n"
TAIL = "select * from finish();\nrollback;\n"
FILES = {
    "pass": HEAD + "select plan(2);\nselect ok(true, 'one');\nselect is(1, 1, 'two');\n" + TAIL,
    "fail": HEAD + "select plan(2);\nselect ok(true, 'one');\n\nselect is(\n    1, 2, 'two');\n" + TAIL,
    "todo": HEAD + "select plan(3);\nselect todo('later', 1);\nselect ok(false, 'not yet');\n"
    "select skip('no such thing here', 1);\nselect pass('three');\n" + TAIL,
    "skip_all": HEAD + "select '1..0 # SKIP nothing to do';\nrollback;\n",
    "too_few": HEAD + "select plan(3);\nselect pass('one');\n" + TAIL,
    "no_plan": HEAD + "select no_plan();\nselect pass('one');\nselect pass('two');\n" + TAIL,
    "planless": HEAD + "select 1;\nrollback;\n",
    "error": HEAD + "select plan(1);\nselect\n    missing_function(1);\n" + TAIL,
    "raise": HEAD + "select plan(1);\ndo $$ begin raise 'no' using detail = 'why', hint = 'how'; end $$;\n" + TAIL,
    "meta": HEAD + "select plan(1);\n\\echo hello\nselect pass('one');\n" + TAIL,
    "outside": "select 1;\n" + HEAD + "select plan(1);\nselect pass('one');\n" + TAIL,
    "commits": HEAD + "select plan(1);\ncommit;\nselect pass('one');\n" + TAIL,
    "savepoint": HEAD + "select plan(1);\nsavepoint s;\nselect 1;\nrollback to s;\nselect pass('one');\n" + TAIL,
    "path": "begin;\nselect plan(1);\nrollback;\n",
    "role": HEAD + "select plan(1);\nset local role pg_monitor;\nselect is(current_user::text, 'pg_monitor');\n" + TAIL,
    "bail": HEAD + "select plan(1);\nselect 'Bail out!  no use';\n" + TAIL,
}


@pytest.fixture(scope="module")
def where(databases: Databases) -> Iterator[Database]:
    with databases.bare() as database:
        load_pgtap(database.connect())
        yield database


def run(where: Database, tmp_path: Path, name: str) -> Outcome:
    path = tmp_path / f"{name}.sql"
    path.write_text(FILES[name])
    with psycopg.connect(where.admin_dsn, autocommit=True) as connection:
        return run_file(path, connection)


@pytest.mark.parametrize("name", ["pass", "no_plan", "savepoint", "role"])
def test_a_good_file(where: Database, tmp_path: Path, name: str) -> None:
    outcome = run(where, tmp_path, name)
    assert outcome.problems == []
    assert outcome.planned == outcome.run


def test_a_failing_assertion_has_file_and_line(where: Database, tmp_path: Path) -> None:
    outcome = run(where, tmp_path, "fail")
    assert outcome.problems[0] == "fail.sql:6: not ok 2 - two"
    assert "    #         have: 1" in outcome.problems
    assert "    #         want: 2" in outcome.problems


def test_todo_and_skip_do_not_fail(where: Database, tmp_path: Path) -> None:
    outcome = run(where, tmp_path, "todo")
    assert outcome.problems == []
    assert outcome.notes[0].startswith("todo.sql:5: not ok 1")
    assert any("SKIP" in note for note in outcome.notes)


def test_a_file_may_skip_itself(where: Database, tmp_path: Path) -> None:
    assert run(where, tmp_path, "skip_all").skipped == "nothing to do"


@pytest.mark.parametrize(
    ("name", "problem"),
    [("too_few", "too_few.sql: 3 assertions planned, 1 made"), ("planless", "planless.sql: no plan")],
)
def test_a_plan_not_kept(where: Database, tmp_path: Path, name: str, problem: str) -> None:
    assert run(where, tmp_path, name).problems[-1].startswith(problem)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("error", "error.sql:5: 42883 function missing_function(integer) does not exist"),
        ("raise", "raise.sql:4: P0001 no\n    DETAIL: why\n    HINT: how\n    CONTEXT: PL/pgSQL"),
        ("meta", "meta.sql:4: psql meta-command \\echo"),
        ("outside", "outside.sql: a pgTAP file is one transaction"),
        ("commits", "commits.sql:4: commit inside the file's transaction"),
        ("path", "path.sql:2: 42883 function plan(integer) does not exist"),
        ("bail", "bail.sql:4: Bail out!"),
    ],
)
def test_a_file_that_cannot_run(where: Database, tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(PgTapFailure) as caught:
        run(where, tmp_path, name)
    assert str(caught.value.args[-1]).startswith(problem)


def test_nothing_is_left_behind(where: Database, tmp_path: Path) -> None:
    path = tmp_path / "table.sql"
    path.write_text(HEAD + "select plan(1);\ncreate table public.left_behind ();\nselect pass('one');\n" + TAIL)
    with psycopg.connect(where.admin_dsn, autocommit=True) as connection:
        run_file(path, connection)
        assert connection.execute("select to_regclass('public.left_behind')").fetchone() == (None,)


def pytest_over(directory: Path, dsn: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "PYTEST", "FREEHOLD"))}
    if dsn is not None:
        environment["FREEHOLD_DSN"] = dsn
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", *arguments, str(directory)],
        env=environment, cwd=directory, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "pgtap").mkdir()
    for name in ("pass", "fail", "todo", "skip_all", "error"):
        (tmp_path / "pgtap" / f"{name}.sql").write_text(FILES[name])
    (tmp_path / "other.sql").write_text("not pgTAP")
    return tmp_path


def test_under_pytest(where: Database, suite: Path) -> None:
    done = pytest_over(suite, where.owner_dsn)
    assert done.returncode == 1
    assert "2 failed, 2 passed, 1 skipped" in done.stdout
    assert "fail.sql:6: not ok 2 - two" in done.stdout
    assert "error.sql:5: 42883" in done.stdout
    assert "Traceback" not in done.stdout
    assert "PgTapFailure" not in done.stdout.split("short test summary")[0]


def test_without_a_database_it_fails(suite: Path) -> None:
    done = pytest_over(suite, None, "-k", "pass")
    assert done.returncode == 1
    assert "no database for pgTAP" in done.stdout


def test_a_conftest_may_say_where(where: Database, suite: Path) -> None:
    text = f"import pytest\n@pytest.fixture\ndef pgtap_dsn():\n    return {where.owner_dsn!r}\n"
    (suite / "conftest.py").write_text(text)
    done = pytest_over(suite, None, "-k", "pass")
    assert done.returncode == 0, done.stdout


def test_pgtap_serves_any_role(where: Database) -> None:
    connection: psycopg.Connection[Any] = where.connect(where.login_dsn("somebody"))
    assert connection.execute("select tap.pgtap_version()").fetchone() is not None
