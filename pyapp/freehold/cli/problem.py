"""How failures end: one message, and a documented exit code."""

from __future__ import annotations

import contextlib
import re
import sys

import click
import psycopg

from freehold import settings
from freehold.binaries import ServerError
from freehold.cli import hints, output
from freehold.control import Control
from freehold.errors import FreeholdError
from freehold.migrate.errors import FileProblem
from freehold.sqltext import Place

# Besides freehold's own classes: what PostgreSQL itself raises, by what the caller can do about it.
_EXIT_CODES = {"22007": 2, "22008": 2, "42501": 5, "55P03": 6, "40P01": 6, "40001": 6, "53300": 6, "57P03": 6}
_FAMILIES = {"FH0": 2, "FH1": 3, "FH2": 4, "FH3": 5, "FH4": 6, "FH5": 7}
_NO_COMMAND = re.compile(r"No such command '([\w-]+)'")
_PASSWORD = re.compile(r"(?i)(//[^\s:/@]*:)[^\s@]+(@)|(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)")


class Refusal(click.ClickException):
    """What the command line itself refuses, in the terms of the database's errors.

    Args:
        message: One line.
        like: The error class whose code and exit code it has.
        detail: The facts.
        hint: The way out.
    """

    def __init__(
        self, message: str, like: type[FreeholdError], *, detail: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.like, self.detail, self.hint = like, detail, hint


def report(error: Exception, dsn: str | None, place: Place | None, as_json: bool) -> int:
    """Prints a failure.

    Args:
        error: What happened.
        dsn: The connection string in use, whose password is not shown.
        place: Where in the user's files it happened.
        as_json: Print JSON.

    Returns:
        The exit code.

    Raises:
        Exception: The failure itself, where it is a defect of freehold's.
    """
    if isinstance(error, click.exceptions.Abort):
        output.print_problem("interrupted", as_json=as_json)
        return 130
    if isinstance(error, Refusal):
        output.print_problem(
            error.message,
            code=error.like.sqlstate,
            kind=error.like.__name__,
            detail=error.detail,
            hint=error.hint,
            as_json=as_json,
        )
        return error.like.exit_code
    if isinstance(error, click.ClickException):
        hint = _function(error)
        if as_json or not isinstance(error, click.UsageError):
            output.print_problem(redact(error.format_message(), dsn), hint=hint, place=place, as_json=as_json)
        else:
            error.show()
            if hint:
                click.echo(f"Hint: {hint}", err=True)
        return 2 if isinstance(error, click.UsageError | click.FileError) else error.exit_code
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 1
    if isinstance(error, FileProblem):
        output.print_problem(
            error.message,
            kind=type(error).__name__,
            detail=error.detail,
            hint=error.hint,
            place=error.place,
            as_json=as_json,
        )
        return error.exit_code
    if isinstance(error, psycopg.Error):
        diag = error.diag
        output.print_problem(
            redact(diag.message_primary or str(error).strip() or type(error).__name__, dsn),
            code=error.sqlstate,
            kind=type(error).__name__,
            detail=redact(diag.message_detail or "", dsn),
            hint=redact((place and place.hint) or hints.of(error), dsn),
            place=place,
            as_json=as_json,
        )
        return exit_code(error)
    if isinstance(error, ServerError):
        detail = redact(error.detail or "", dsn)
        output.print_problem(error.message, detail=detail, hint=error.hint, as_json=as_json)
        return 1
    if isinstance(error, OSError | ValueError):
        output.print_problem(redact(str(error), dsn), place=place, as_json=as_json)
        return 1
    raise error


def _function(error: click.ClickException) -> str | None:
    """How a function is called that somebody believed to be a command of its own."""
    known = _NO_COMMAND.match(error.message)
    if known is None or not isinstance(error, click.UsageError) or error.ctx is None:
        return None
    name = "_".join([*error.ctx.command_path.split()[1:], known[1]]).replace("-", "_")
    return f"freehold call {name}" if hasattr(Control, name) else None


def exit_code(error: psycopg.Error) -> int:
    """The documented exit code of a database error."""
    if isinstance(error, FreeholdError):
        return error.exit_code
    if hints.is_bad_dsn(error):
        return 2
    state = error.sqlstate or ""
    # A server newer than this client may know codes that have no class here.
    return _FAMILIES.get(state[:3]) or _EXIT_CODES.get(state, 1)


def redact(text: str, dsn: str | None) -> str:
    """A text without the password of a connection string, well-formed or not."""
    if dsn:
        with contextlib.suppress(psycopg.Error):
            password = settings.split_password(dsn)[1]
            if password:
                text = text.replace(password, "***")
        for match in _PASSWORD.finditer(dsn):
            secret = match[0].removeprefix(match[1] or match[3]).removesuffix(match[2] or "")
            text = text.replace(secret, "***")
    return _PASSWORD.sub(lambda m: f"{m[1] or m[3]}***{m[2] or ''}", text)
