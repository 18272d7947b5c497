"""What all commands share: options, the connection, and how failures end."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click
import psycopg

from freehold import embedded, settings
from freehold.binaries import ServerError
from freehold.cli import output, problem
from freehold.control import Control
from freehold.sqltext import Place

__all__ = ["App", "Main", "click", "common", "confirm", "pass_app", "without"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass
class App:
    """What the options said, and the connection made from it.

    Attributes:
        dsn: From ``--dsn``.
        as_json: From ``--json``.
        place: Where in the user's files the error is that is about to be raised.
    """

    dsn: str | None = None
    as_json: bool = False
    place: Place | None = None
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

    def show(self, data: Any, view: Callable[[Any], dict[str, Any]] | None = None, empty: str = "none") -> None:
        """Prints a row, rows or a value: as JSON, or for people.

        Args:
            data: What the call returned.
            view: What people are shown of a row; all of it where None.
            empty: What to say where there are no rows.
        """
        if self.as_json:
            output.print_json(data)
        elif isinstance(data, dict):
            output.print_record(view(data) if view else data)
        elif isinstance(data, list):
            output.print_table([view(row) for row in data] if view else data, empty)
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
    """Adds ``--dsn`` and ``--json``, which nearly every command takes and the root as well."""
    return _dsn(_json(command))


def without(*options: str, why: str) -> Callable[[F], F]:
    """``common`` for a command that cannot take both: what it would pass over in silence, it refuses.

    Args:
        options: ``--dsn``, ``--json`` or both.
        why: The reason, a sentence.
    """

    def decorate(command: F) -> F:
        command = _refused("--json", why)(command) if "--json" in options else _json(command)
        return _refused("--dsn", why)(command) if "--dsn" in options else _dsn(command)

    return decorate


def _dsn(command: F) -> F:
    def take(context: click.Context, _: click.Parameter, value: str | None) -> None:
        app = context.ensure_object(App)
        app.dsn = value if value is not None else app.dsn

    return click.option(
        "--dsn", metavar="DSN", expose_value=False, callback=take, show_default=False,
        help="Connection string or URI; put its password into PGPASSWORD or ~/.pgpass.",
    )(command)  # fmt: skip


def _json(command: F) -> F:
    def take(context: click.Context, _: click.Parameter, value: bool) -> None:
        app = context.ensure_object(App)
        app.as_json = value or app.as_json

    return click.option("--json", is_flag=True, expose_value=False, callback=take, help="Print JSON, errors too.")(
        command
    )


def _refused(option: str, why: str) -> Callable[[F], F]:
    def refuse(context: click.Context, _: click.Parameter, value: object) -> None:
        app = context.ensure_object(App)
        if value or (app.as_json if option == "--json" else app.dsn is not None):
            raise click.UsageError(f"{context.command_path} takes no {option}: {why}")

    return click.option(
        option, is_flag=option == "--json", hidden=True, expose_value=False, callback=refuse, help="Refused."
    )


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
            code = problem.report(error, app.dsn, app.place, "--json" in argv)
        finally:
            app.close()
        if standalone_mode:
            sys.exit(code if isinstance(code, int) else 0)
        return code
