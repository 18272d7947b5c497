"""``freehold break-glass``: staff inside a tenant, for a time and a reason."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.binaries import find_client
from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app, without
from freehold.cli.problem import Refusal
from freehold.context.credentials import scram_verifier
from freehold.control import Control, Row
from freehold.errors import InvalidArgument, WrongState

_reason = click.option("--reason", metavar="TEXT", required=True, help="Why; the audit keeps it.")
_ticket = click.option("--ticket", metavar="TEXT", required=True, help="Where that is written down.")
_ttl = click.option("--ttl", metavar="INTERVAL", help="For how long: '30 minutes' (setting break_glass_ttl).")
_access = click.option("--access", type=click.Choice(["read", "write"]), help="What for (read).")
_file = click.option(
    "--password-file", type=click.Path(path_type=Path), help="Write the password there, readable by you alone."
)
_COLUMNS = ("id", "tenant_slug", "state", "person", "access", "ticket", "reason")
_OPEN_ROUNDS = 50


@click.group(
    "break-glass",
    epilog="""
\b
Examples:
  freehold break-glass psql acme --reason 'orders missing' --ticket T-17
  freehold break-glass open acme --reason '...' --ticket T-17 --ttl 30min
  freehold break-glass list
  freehold break-glass approve 3
  freehold break-glass claim 3 --password-file secret
  freehold break-glass close 3
  freehold break-glass keep --every 30
""",
)
def break_glass() -> None:
    """Let staff into a tenant, for a time and a reason."""


@break_glass.command("open")
@click.argument("slug")
@_reason
@_ticket
@_ttl
@_access
@_file
@common
@pass_app
def open_(app: App, /, slug: str, password_file: Path | None, **asked: str | None) -> None:
    """Open a login of your own into a tenant.

    Where a second person must approve, it asks for one, and claim gives the password afterwards. The password is made
    here, and the server gets a verifier of it. It is shown on a terminal, written to --password-file, or is in --json.
    """
    _check_outlet(app, password_file)
    control = app.control()
    row = _open(control, slug, **asked)
    if row["state"] == "pending":
        approve = f"freehold break-glass approve {row['id']}"
        _tell(app, row, [f"request {row['id']} waits for another person: {approve}",
                         f"then: freehold break-glass claim {row['id']}"])  # fmt: skip
        return
    _hand_out(app, control, row, password_file)


@break_glass.command()
@click.argument("id", type=int)
@_file
@common
@pass_app
def claim(app: App, id: int, password_file: Path | None) -> None:  # noqa: A002  as the function calls it
    """Get the password of a request of yours that was approved.

    Again, it makes another one, and the earlier one ends.
    """
    _check_outlet(app, password_file)
    control = app.control()
    _hand_out(app, control, _claim(control, id), password_file)


@break_glass.command()
@click.argument("id", type=int)
@common
@pass_app
def approve(app: App, /, **options: int) -> None:
    """Approve another person's request."""
    row = app.control().break_glass_approve(**options)
    if row["state"] == "expired":
        raise _over(row, options["id"])
    app.done(
        f"request {row['id']} of {row['person']} for tenant {row['slug']} is open until {_time(row)}; "
        f"for {row['requested_by']} to run: freehold break-glass claim {row['id']}",
        row,
    )


@break_glass.command()
@click.argument("id", type=int)
@click.option("--reason", metavar="TEXT", required=True, help="Why not.")
@common
@pass_app
def deny(app: App, /, **options: Any) -> None:
    """Refuse a request."""
    row = app.control().break_glass_deny(**options)
    app.done(f"request {row['id']} of {row['person']} is {row['state']}", row)


@break_glass.command()
@click.argument("id", type=int)
@click.option("--reason", metavar="TEXT", help="Why, or what was found.")
@common
@pass_app
def close(app: App, /, **options: Any) -> None:
    """End a login and its session, or withdraw a request."""
    control = app.control()
    row = control.break_glass_close(**options)
    _sweep(control)
    app.done(f"request {row['id']} of {row['person']} is {row['state']}", row)


@break_glass.command("list")
@click.option("--slug", metavar="SLUG", help="Only of this tenant.")
@click.option("--past", is_flag=True, default=None, help="Those that are over, too.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List who is inside now, and who asks to be."""
    rows = app.control().break_glass_list(**options)
    columns = (*_COLUMNS, *(("opened_at", "closed_at") if options["past"] else ("sessions", "expires_at")))
    app.show(rows, lambda row: {name.removeprefix("tenant_"): row[name] for name in columns}, "nobody is inside")


@break_glass.command()
@common
@pass_app
def expire(app: App) -> None:
    """End what is overdue, and drop what has ended."""
    rows = _expire(app.control())
    app.done("\n".join(map(_ended, rows)) or "nothing is overdue", rows)
    if any(row["failure"] for row in rows):
        raise click.exceptions.Exit(1)


@break_glass.command()
@click.option(
    "--every", type=click.FloatRange(0.1), default=60.0, metavar="SECONDS", help="Seconds between looks (60)."
)
@common
@pass_app
def keep(app: App, every: float) -> None:
    """End what is overdue, again and again until it is stopped."""
    control = app.control()
    while True:
        for row in _expire(control):
            if app.as_json:
                output.print_json_line(row)
            else:
                output.print_done(_ended(row))
        time.sleep(every)


@break_glass.command(
    "psql",
    context_settings={"ignore_unknown_options": True},
    epilog="""
\b
Examples:
  freehold break-glass psql acme --reason 'orders missing' --ticket T-17
  freehold break-glass psql acme --reason '...' --ticket T-17 -- -f look.sql
  freehold break-glass psql --claim 3
""",
)
@click.argument("slug", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PSQL ARGUMENTS]...")
@click.option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
@click.option("--ticket", metavar="TEXT", help="Where that is written down.")
@_ttl
@_access
@click.option(
    "--claim", "claimed", type=int, metavar="ID", help="A request that was approved, in the place of a new one."
)
@without("--json", why="psql prints as its own options say: freehold break-glass psql SLUG -- --csv ...")
@pass_app
def psql(app: App, /, slug: str | None, arguments: tuple[str, ...], claimed: int | None, **asked: str | None) -> None:
    """Open a login, run psql with it, and close it.

    Nobody sees the password: psql gets it in its environment.
    """
    control, dsn = app.control(), app.resolve_dsn()
    if claimed is not None:
        if any(asked.values()):
            raise click.UsageError("--claim takes an approved request; reason, ticket and the rest are said in it.")
        arguments = (*(() if slug is None else (slug,)), *arguments)
        row = _claim(control, claimed)
    elif slug is None or not asked["reason"] or not asked["ticket"]:
        raise click.UsageError("Say SLUG, --reason and --ticket, or --claim ID.")
    else:
        row = _open(control, slug, **asked)
    if row["state"] == "pending":
        raise Refusal(
            f"request {row['id']} waits for another person", WrongState,
            hint=f"freehold break-glass approve {row['id']}; then freehold break-glass psql --claim {row['id']}",
        )  # fmt: skip
    try:
        code = _run_psql(_conninfo(dsn, row["login"]), row["password"], arguments)
    finally:
        # A new connection: a session of hours may have lost the old one.
        control = app.control()
        with contextlib.suppress(WrongState):
            control.break_glass_close(row["id"], "psql has ended")
        _sweep(control)
    raise click.exceptions.Exit(code)


def _open(control: Control, slug: str, **asked: Any) -> Row:
    password = secrets.token_urlsafe(32)
    verifier = scram_verifier(control.connection.pgconn, "", password)
    return control.break_glass_open(slug, verifier=verifier, **asked) | {"password": password}


def _claim(control: Control, request: int) -> Row:
    password = secrets.token_urlsafe(32)
    row = control.break_glass_claim(request, scram_verifier(control.connection.pgconn, "", password))
    if row["state"] == "expired":
        raise _over(row, request)
    return row | {"id": request, "password": password}


def _over(row: Row, request: int) -> Refusal:
    return Refusal(f"request {request} is {row['state']}", WrongState, hint="freehold break-glass open SLUG asks again")


def _check_outlet(app: App, password_file: Path | None) -> None:
    """Refuses before anything is opened where the password could go nowhere."""
    if password_file is None and not app.as_json and not sys.stdout.isatty():
        raise click.UsageError(
            "The password is shown on a terminal only: give --password-file or --json, or use break-glass psql."
        )
    if password_file is not None and password_file.exists():
        raise click.UsageError(f"{password_file} exists.")
    if password_file is not None and not os.access(password_file.absolute().parent, os.W_OK | os.X_OK):
        raise click.UsageError(f"{password_file}: its directory does not exist or cannot be written.")


def _hand_out(app: App, control: Control, row: Row, password_file: Path | None) -> None:
    """Tells how to connect. The password goes to one place, and is on no command line."""
    info = control.connection.info
    target = make_conninfo("", host=info.host, port=info.port, dbname=info.dbname, user=row["login"])
    lines = [f"open until {_time(row)}", f"psql {shlex.quote(target)}"]
    password = row.pop("password")
    if password_file is not None:
        try:
            with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"{password}\n")
        except OSError as error:
            raise Refusal(
                f"{password_file}: {error.strerror}", InvalidArgument,
                detail="The login is open, and its password is lost.",
                hint=f"freehold break-glass claim {row['id']} makes another one",
            ) from None  # fmt: skip
        lines.append(f"password in {password_file}")
    else:
        row["password"] = password
        lines.append(f"password: {password}")
    _tell(app, row | {"conninfo": target}, [*lines, f"at the end: freehold break-glass close {row['id']}"])


def _tell(app: App, row: Row, lines: list[str]) -> None:
    if row["state"] == "pending":
        row = {name: value for name, value in row.items() if name != "password"}
    app.done("\n".join(lines), row)


def _time(row: Row) -> str:
    return str(row["expires_at"].astimezone().strftime("%Y-%m-%d %H:%M:%S"))


def _ended(row: Row) -> str:
    if row["failure"]:
        return f"request {row['id']} of {row['person']} could not be ended: {row['failure']}"
    gone = "is gone" if row["removed_at"] else "can do nothing any more" if row["login"] else "is over"
    return f"request {row['id']} of {row['person']} for tenant {row['slug']} is {row['state']}; its login {gone}"


def _expire(control: Control) -> list[Row]:
    """Ends what is overdue until nothing more can be done; returns how each of it ended up."""
    found: dict[int, Row] = {}
    for _ in range(_OPEN_ROUNDS):
        rows = control.break_glass_expire()
        found |= {row["id"]: row for row in rows}
        # Its session takes a moment to end.
        if not any(row["login"] and not row["removed_at"] and not row["failure"] for row in rows):
            break
        time.sleep(0.02)
    return list(found.values())


def _sweep(control: Control) -> None:
    """Drops the role of one that has ended; what cannot be done now the keeper does."""
    with contextlib.suppress(psycopg.Error):
        _expire(control)


def _conninfo(dsn: str, login: str) -> str:
    parameters: dict[str, Any] = conninfo_to_dict(dsn)
    parameters.pop("password", None)
    return make_conninfo("", **(parameters | {"user": login}))


def _run_psql(conninfo: str, password: str, arguments: tuple[str, ...]) -> int:
    """Runs psql to its end. An interrupt is psql's own; what would end this process ends psql first."""
    environment = os.environ | {"PGPASSWORD": password}
    process = subprocess.Popen([str(find_client("psql")), conninfo, *arguments], env=environment)

    def end(signum: int, _: object) -> None:
        if signum != signal.SIGINT:
            process.terminate()

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return process.wait()
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
