"""``freehold embedded``: the PostgreSQL that freehold brings along."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo

from freehold.binaries import ServerError
from freehold.cli import output
from freehold.cli.base import App, click, pass_app, without
from freehold.cli.psql import run_psql
from freehold.embedded import Server


@click.group(
    epilog="""
\b
Examples:
  freehold embedded start
  freehold embedded psql
  freehold embedded stop
It listens on loopback only, asks for a password, and keeps its data in
FREEHOLD_HOME (by default the user's data directory). It serves development,
not production.
"""
)
def embedded() -> None:
    """Start and stop a PostgreSQL of one's own, for development."""


_common = without("--dsn", why="it is for the embedded server.")


def _row(server: Server) -> dict[str, object]:
    pid = server.pid()
    row: dict[str, object] = {"state": "stopped" if pid is None else "running", "home": str(server.home)}
    if pid is not None:
        row |= {"pid": pid, "uri": server.uri(), "log": str(server.log)}
    return row


@embedded.command()
@_common
@pass_app
def start(app: App) -> None:
    """Start the server; the first time, make it."""
    server = Server()
    with output.busy("starting PostgreSQL"):
        started = server.start()
    row = _row(server)
    app.done(f"PostgreSQL {'started' if started else 'was running'}: {row['uri']}", row)


@embedded.command()
@_common
@pass_app
def stop(app: App) -> None:
    """Stop the server; its data stays."""
    server = Server()
    stopped = server.stop()
    app.done("PostgreSQL stopped" if stopped else "PostgreSQL was not running", _row(server))


@embedded.command()
@_common
@pass_app
def status(app: App) -> None:
    """Show whether the server runs, and where."""
    app.show(_row(Server()))


@embedded.command(context_settings={"ignore_unknown_options": True})
@click.option("--superuser", is_flag=True, help="As postgres instead of the operator.")
@click.option("-d", "--dbname", metavar="NAME", help="Another database than the operator's.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PSQL ARGUMENTS]...")
@without("--dsn", "--json", why="psql opens on the embedded server, and prints as its own options say.")
def psql(superuser: bool, dbname: str | None, arguments: tuple[str, ...]) -> None:
    """Open psql on the server, as the operator who owns its database."""
    server = Server()
    dsn = server.dsn(superuser=superuser)
    if server.pid() is None:
        raise ServerError("the embedded server does not run", hint="freehold embedded start")
    run_psql(make_conninfo(dsn, dbname=dbname) if dbname else dsn, arguments, {})
