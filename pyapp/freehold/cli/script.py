"""The user's SQL files: read, run in a template's schema, and where in them an error is."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import click
import psycopg

from freehold.control import Control
from freehold.errors import FreeholdError, InvalidArgument
from freehold.sqltext import MetaCommandError, Place, Statement, split

_TRANSACTION = {"abort", "begin", "commit", "end", "release", "rollback", "savepoint", "start"}
_NO_TRANSACTION = "The command runs all files in one transaction of its own: take begin, commit and the like out."
_NO_META = "Only psql knows meta-commands: take them out."
_NO_COPY = "COPY ... FROM STDIN needs a client that sends the rows: write them as INSERT (pg_dump --inserts)."
# A script that took longer is not run again for the sake of a line number.
_PATIENCE = 3.0


def apply(control: Control, template: str, file: Path, failed: Callable[[Place | None], None]) -> None:
    """Applies a file to a template.

    Args:
        control: Over a connection in a transaction.
        template: The template.
        file: The file; ``-`` is standard input.
        failed: Told where in the file an error is, before that is raised.
    """
    name, text = _read(file)
    start = time.monotonic()
    try:
        with control.connection.transaction():
            control.template_apply(template, text)
    except psycopg.Error as error:
        patient = time.monotonic() - start < _PATIENCE
        failed(_locate(error, name, text, control if patient else None, template))
        raise


def _read(file: Path) -> tuple[str, str]:
    name = "<stdin>" if str(file) == "-" else str(file)
    try:
        with click.open_file(str(file), encoding="utf-8-sig") as stream:
            return name, stream.read()
    except UnicodeDecodeError as error:
        raise click.FileError(name, f"not UTF-8: {error.reason} at byte {error.start}") from None


def _locate(error: psycopg.Error, file: str, text: str, control: Control | None, template: str) -> Place | None:
    """Where an error is in a script; None where the script is not at fault.

    The server tells the character for some errors only. For the others the statement is found by applying
    shorter and shorter parts of the script, each taken back.
    """
    if isinstance(error, psycopg.OperationalError | FreeholdError):
        return Place(file) if isinstance(error, InvalidArgument) else None
    try:
        statements = split(text)
    except MetaCommandError as meta:
        line = text.split("\n")[meta.line - 1]
        return Place(file, meta.line, line, hint=_NO_COPY if line.strip() == "\\." else _NO_META)
    diag = error.diag
    if diag.internal_position and diag.internal_query == text:
        place = Place.of(file, text, int(diag.internal_position))
        copied = any(s.words[:1] == ("copy",) and s.line < (place.line or 0) for s in statements)
        return dataclasses.replace(place, hint=_NO_COPY) if copied else place
    if isinstance(error, psycopg.errors.FeatureNotSupported):
        for statement in statements:
            if statement.words and statement.words[0] in _TRANSACTION:
                return _beginning(file, statement, _NO_TRANSACTION)
            if statement.words[:1] == ("copy",):
                return _beginning(file, statement, _NO_COPY)

    def fails(script: str) -> bool:
        assert control is not None
        try:
            with control.connection.transaction(force_rollback=True):
                control.template_apply(template, script)
        except psycopg.Error:
            return True
        return False

    if control is None or not statements:
        return Place(file)
    if fails("select 1"):
        return None
    good, bad = 0, len(statements)
    while bad - good > 1:
        middle = (good + bad) // 2
        if fails(text[: statements[middle - 1].end]):
            bad = middle
        else:
            good = middle
    return _beginning(file, statements[bad - 1])


def _beginning(file: str, statement: Statement, hint: str | None = None) -> Place:
    return Place(file, statement.line, statement.text.split("\n", 1)[0], hint=hint)
