"""What all commands share: options, the connection, and how failures end."""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click
import psycopg

from freehold import embedded, settings
from freehold.binaries import ServerError
from freehold.cli import output
from freehold.control import Control
from freehold.errors import FreeholdError

__all__ = ["App", "Main", "click", "common", "confirm", "pass_app"]

# Besides freehold's own classes: what PostgreSQL itself raises, by what the caller can do about it.
_EXIT_CODES = {"42501": 5, "55P03": 6, "40P01": 6, "40001": 6, "53300": 6, "57P03": 6}
_FAMILIES = {"FH0": 2, "FH1": 3, "FH2": 4, "FH3": 5, "FH4": 6, "FH5": 7}
_PASSWORD = re.compile(r"(?i)(//[^\s:/@]*:)[^\s@]+(@)|(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)")

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class App:
    """What the options said, and the connection made from it.

    Attributes:
        dsn: From ``--dsn``.
        as_json: From ``--json``.
    """

    dsn: str | None = None
    as_json: bool = False
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def resolve_dsn(self) -> str:
        """The connection string in force.

        Raises:
            ServerError: Nothing names a server, and the embedded one does not run.
        """
        dsn = self.dsn if self.dsn is not None else settings.dsn_from_environment()
        if dsn is not None:
            return dsn
        server = embedded.Server()
        if server.pid() is not None:
            return server.dsn()
        raise ServerError(
            "no database to connect to",
            detail="--dsn, FREEHOLD_DSN and libpq's variables name none, and the embedded server does not run.",
            hint="freehold embedded start",
        )

    def connect(self) -> psycopg.Connection[Any]:
        """An autocommit connection, closed when the command ends."""
        connection = psycopg.connect(self.resolve_dsn(), autocommit=True, fallback_application_name="freehold")
        self._stack.callback(connection.close)
        return connection

    def control(self) -> Control:
        """The control plane over a new connection."""
        return Control(self.connect())

    @contextlib.contextmanager
    def lifecycle(self, kind: str, slug: str) -> Iterator[Control]:
        """A transaction of one lifecycle call; where it fails, the operation log keeps the failure.

        Args:
            kind: The operation's kind.
            slug: The tenant's slug, or the template's name.
        """
        control = self.control()
        try:
            with output.busy(f"{kind.replace('_', ' ')} {slug}"), control.connection.transaction():
                yield control
        except psycopg.Error as error:
            # The call's own error is what matters, whatever becomes of the record.
            with contextlib.suppress(psycopg.Error), control.connection.transaction():
                message = error.diag.message_primary or str(error)
                control.operation_failed(kind, slug, error.sqlstate or "", message)
            raise

    def close(self) -> None:
        """Closes what the command opened."""
        self._stack.close()

    def show(self, data: Any, columns: Sequence[str] | None = None, empty: str = "none") -> None:
        """Prints a row, rows or a value: as JSON, or for people.

        Args:
            data: What the call returned.
            columns: Which columns of rows to show to people; all where None.
            empty: What to say where there are no rows.
        """
        if self.as_json:
            output.print_json(data)
        elif isinstance(data, dict):
            output.print_record(data, columns)
        elif isinstance(data, list):
            output.print_table(data, columns, empty)
        else:
            click.echo(data)

    def done(self, message: str, data: Any = None) -> None:
        """Says that it is done: ``message`` to people, ``data`` as JSON."""
        if self.as_json:
            output.print_json({"message": message} if data is None else data)
        else:
            output.print_done(message)


pass_app = click.make_pass_decorator(App, ensure=True)


def common(command: F) -> F:
    """Adds ``--dsn`` and ``--json``, which every command takes and the root as well."""

    def take_dsn(context: click.Context, _: click.Parameter, value: str | None) -> None:
        app = context.ensure_object(App)
        app.dsn = value if value is not None else app.dsn

    def take_json(context: click.Context, _: click.Parameter, value: bool) -> None:
        app = context.ensure_object(App)
        app.as_json = value or app.as_json

    dsn = click.option(
        "--dsn", metavar="DSN", expose_value=False, callback=take_dsn, show_default=False,
        help="Connection string or URI; put its password into PGPASSWORD or ~/.pgpass.",
    )  # fmt: skip
    as_json = click.option(
        "--json", is_flag=True, expose_value=False, callback=take_json, help="Print JSON, errors too."
    )
    return dsn(as_json(command))


def confirm(name: str, yes: bool, consequence: str) -> None:
    """Asks for a name to be typed before something is destroyed.

    Args:
        name: What must be typed.
        yes: ``--yes`` was given.
        consequence: What will happen, one sentence.

    Raises:
        click.UsageError: Nobody is there to be asked.
        click.Abort: Something else was typed.
    """
    if yes:
        return
    if not _may_ask():
        raise click.UsageError(f"{consequence} Confirm with --yes.")
    typed = click.prompt(
        f"{consequence}\nType {name} to go on", prompt_suffix=": ", err=True, default="", show_default=False
    )
    if typed != name:
        click.echo("nothing done", err=True)
        raise click.exceptions.Exit(2)


def _may_ask() -> bool:
    return sys.stdin.isatty()


class Main(click.Group):
    """The root: turns every failure into one message and a documented exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs the command line.

        Raises:
            SystemExit: Always, unless ``standalone_mode`` is off.
        """
        argv = list(sys.argv[1:] if args is None else args)
        app = App()
        code: Any = 1
        try:
            code = super().main(argv, prog_name, complete_var, standalone_mode=False, **({"obj": app} | extra))
        except Exception as error:
            if not standalone_mode:
                raise
            code = _fail(error, app.dsn, "--json" in argv)
        finally:
            app.close()
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code


def _fail(error: Exception, dsn: str | None, as_json: bool) -> int:
    """Prints a failure; returns the exit code."""
    if isinstance(error, click.exceptions.Abort):
        output.print_problem("interrupted", as_json=as_json)
        return 130
    if isinstance(error, click.ClickException):
        if as_json or not isinstance(error, click.UsageError):
            output.print_problem(_redact(error.format_message(), dsn), as_json=as_json)
        else:
            error.show()
        return 2 if isinstance(error, click.UsageError | click.FileError) else error.exit_code
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()
        return 1
    if isinstance(error, psycopg.Error):
        diag = error.diag
        output.print_problem(
            _redact(diag.message_primary or str(error).strip() or type(error).__name__, dsn),
            code=error.sqlstate,
            kind=type(error).__name__,
            detail=_redact(diag.message_detail or "", dsn),
            hint=_redact(diag.message_hint or _hint(error), dsn),
            as_json=as_json,
        )
        return exit_code(error)
    if isinstance(error, ServerError):
        detail = _redact(error.detail or "", dsn)
        output.print_problem(error.message, detail=detail, hint=error.hint, as_json=as_json)
        return 1
    if isinstance(error, OSError | ValueError):
        output.print_problem(_redact(str(error), dsn), as_json=as_json)
        return 1
    raise error


def exit_code(error: psycopg.Error) -> int:
    """The documented exit code of a database error."""
    if isinstance(error, FreeholdError):
        return error.exit_code
    state = error.sqlstate or ""
    # A server newer than this client may know codes that have no class here.
    return _FAMILIES.get(state[:3]) or _EXIT_CODES.get(state, 1)


def _hint(error: psycopg.Error) -> str:
    message = str(error.diag.message_primary or "")
    if error.sqlstate in ("3F000", "42883", "42P01") and "freehold" in message:
        return "freehold is not installed in this database, or an older version of it: freehold install"
    if error.sqlstate == "42501" and "freehold" in message:
        return "The role needs membership in the installation's admin role: grant freehold_admin to ..."
    return ""


def _redact(text: str, dsn: str | None) -> str:
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
