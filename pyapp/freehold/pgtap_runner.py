"""Runs pgTAP suites under pytest.

A file is one ``begin; ... rollback;`` without psql meta-commands, so that ``pg_prove`` and
psql run it as well. Files are those that match the ini option ``pgtap_files``, by default any
``.sql`` below a directory called ``pgtap``. Where they run is what the fixture ``pgtap_dsn``
returns: override it in a conftest.py, or give ``--pgtap-dsn``, FREEHOLD_DSN or libpq's variables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from freehold import settings, sqltext

PGTAP_FILE = Path(__file__).parent / "vendor" / "pgtap" / "pgtap.sql"
_CONTROL = ("begin", "start", "commit", "end", "rollback", "abort", "prepare")


@dataclass
class Outcome:
    """What a file's assertions said.

    Attributes:
        problems: What is wrong, each with file and line.
        notes: What is not wrong but worth saying: TODO and SKIP.
        planned: The number of assertions announced, None before the plan.
        run: The number made.
        skipped: Why the whole file is skipped, where its plan says so.
    """

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    planned: int | None = None
    run: int = 0
    skipped: str | None = None


class PgTapFailure(Exception):
    """A file did not pass; its arguments are the problems."""


def load_pgtap(connection: psycopg.Connection[Any], schema: str = "tap") -> None:
    """Installs pgTAP, which is SQL only, into a schema that is made for it; anyone may use it.

    Args:
        connection: Of a role that may create schemas; a superuser is not needed.
        schema: Its name.

    Raises:
        psycopg.errors.DuplicateSchema: The schema exists.
    """
    name = sql.Identifier(schema)
    with connection.transaction():
        connection.execute(sql.SQL("create schema {}").format(name))
        connection.execute(sql.SQL("set local search_path = {}").format(name))
        connection.execute("set local client_min_messages = warning")
        connection.execute(PGTAP_FILE.read_bytes())
        connection.execute(sql.SQL("grant usage on schema {} to public").format(name))
        connection.execute(sql.SQL("grant execute on all functions in schema {} to public").format(name))
        connection.execute(sql.SQL("grant select on all tables in schema {} to public").format(name))


def parse(path: Path) -> list[sqltext.Statement]:
    """The statements of a pgTAP file.

    Raises:
        PgTapFailure: It is not of the form that drivers and psql both run.
    """
    try:
        statements = sqltext.split(path.read_text(encoding="utf-8"))
    except sqltext.MetaCommandError as error:
        raise PgTapFailure(f"{path.name}:{error.line}: {error}: only psql understands it") from None
    first = statements[0].words[:1] if statements else ()
    last = statements[-1].words if statements else ()
    if first not in (("begin",), ("start",)) or last not in (("rollback",), ("rollback", "transaction")):
        raise PgTapFailure(f"{path.name}: a pgTAP file is one transaction, begin; ... rollback;")
    for statement in statements[1:-1]:
        savepoint = statement.words[:2] in (("rollback", "to"), ("rollback", "transaction"))
        if statement.words and statement.words[0] in _CONTROL and not savepoint:
            raise PgTapFailure(f"{path.name}:{statement.line}: {statement.words[0]} inside the file's transaction")
    return statements


def run_file(path: Path, connection: psycopg.Connection[Any]) -> Outcome:
    """Runs a pgTAP file.

    Args:
        path: The file.
        connection: In autocommit mode; the file brings its own transaction.

    Returns:
        What its assertions said.

    Raises:
        PgTapFailure: The file is not of the form, or a statement failed.
    """
    # Here, as pytest loads this plugin wherever freehold is installed, with its extra or without.
    from tap.parser import Parser

    outcome, parser = Outcome(), Parser()
    diagnosing = outcome.notes
    for statement in parse(path):
        for text in _output(path, connection, statement):
            line, where = parser.parse_line(text), f"{path.name}:{statement.line}"
            if line.category == "diagnostic":
                # pgTAP explains a failure in the lines after it.
                if diagnosing is outcome.problems:
                    diagnosing.append(f"    {text}")
            elif line.category == "test":
                diagnosing = _judge(line, text, where, outcome)
            elif line.category == "plan":
                outcome.planned = line.expected_tests
                if line.skip:
                    outcome.skipped = str(line.directive.reason or "the plan says so")
            elif line.category == "bail":
                raise PgTapFailure(*outcome.problems, f"{where}: {text}")
    if outcome.planned is None and outcome.skipped is None:
        outcome.problems.append(f"{path.name}: no plan: neither plan(n), no_plan() with finish(), nor skip_all")
    elif outcome.skipped is None and outcome.planned != outcome.run:
        outcome.problems.append(f"{path.name}: {outcome.planned} assertions planned, {outcome.run} made")
    return outcome


def _judge(line: Any, text: str, where: str, outcome: Outcome) -> list[str]:
    outcome.run += 1
    if line.number is not None and line.number != outcome.run:
        outcome.problems.append(f"{where}: assertion {line.number} where {outcome.run} was due")
        return outcome.problems
    if line.todo or line.skip:
        outcome.notes.append(f"{where}: {text}")
        return outcome.notes
    if not line.ok:
        outcome.problems.append(f"{where}: {text}")
        return outcome.problems
    return outcome.notes


def _output(path: Path, connection: psycopg.Connection[Any], statement: sqltext.Statement) -> Iterator[str]:
    """The lines that ``psql -At`` would print for a statement."""
    try:
        cursor = connection.execute(statement.text.encode())
        rows = cursor.fetchall() if cursor.description else []
    except psycopg.Error as error:
        raise PgTapFailure(_explain(path, statement, error)) from None
    for row in rows:
        yield from "|".join("" if value is None else str(value) for value in row).splitlines()


def _explain(path: Path, statement: sqltext.Statement, error: psycopg.Error) -> str:
    diag = error.diag
    line = statement.line_at(int(diag.statement_position)) if diag.statement_position else statement.line
    lines = [f"{path.name}:{line}: {error.sqlstate or 'no SQLSTATE'} {diag.message_primary or error}"]
    lines += [f"    DETAIL: {diag.message_detail}"] if diag.message_detail else []
    lines += [f"    HINT: {diag.message_hint}"] if diag.message_hint else []
    lines += [f"    CONTEXT: {diag.context}"] if diag.context else []
    if error.sqlstate == "42883" and "function plan(" in str(diag.message_primary):
        lines.append("    pgTAP is not on the search_path: `freehold pgtap --load` installs it into schema tap,")
        lines.append("    and the file begins with: set local search_path = tap, public;")
    return "\n".join(lines)


# The pytest plugin


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--pgtap-dsn`` and the ini option ``pgtap_files``."""
    group = parser.getgroup("pgtap", "pgTAP files (freehold)")
    group.addoption("--pgtap-dsn", help="Where pgTAP files run; a password belongs into the environment.")
    parser.addini("pgtap_files", "Which files are pgTAP's.", type="args", default=["*/pgtap/*.sql"])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PgTapFile | None:
    """Collects a pgTAP file."""
    patterns = parent.config.getini("pgtap_files")
    if file_path.suffix == ".sql" and any(fnmatch(file_path.as_posix(), pattern) for pattern in patterns):
        return PgTapFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def pgtap_dsn(pytestconfig: pytest.Config) -> str:
    """Where pgTAP files run; override it to give each a database of its own."""
    dsn = pytestconfig.getoption("--pgtap-dsn") or settings.dsn_from_environment()
    if dsn is None:
        pytest.fail("no database for pgTAP: --pgtap-dsn, FREEHOLD_DSN or PGHOST and its like", pytrace=False)
    return str(dsn)


class PgTapFile(pytest.File):
    """A pgTAP file, one test of pytest's."""

    def collect(self) -> Iterator[pytest.Item]:
        """The file's test."""
        path = self.path

        def run(pgtap_dsn: str) -> None:
            with psycopg.connect(pgtap_dsn, autocommit=True) as connection:
                outcome = run_file(path, connection)
            for note in outcome.notes:
                print(note)
            if outcome.problems:
                raise PgTapFailure(*outcome.problems)
            if outcome.skipped is not None:
                pytest.skip(outcome.skipped)

        yield PgTapItem.from_parent(self, name="pgtap", callobj=run)


class PgTapItem(pytest.Function):
    """Runs a pgTAP file; a failure is told in the file's terms."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ARG002  pytest's
        """The problems, each with file and line, instead of a traceback."""
        if isinstance(excinfo.value, PgTapFailure):
            return "\n".join(str(problem) for problem in excinfo.value.args)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, from its first line."""
        return self.path, 0, self.path.name
