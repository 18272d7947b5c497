"""``freehold signup``: tenants by stages, for who comes to one."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import psycopg

from freehold.cli import output
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.control import Control, Row

_OVER = ("ready", "undone")
_FAILED = 4
_id = click.argument("id", type=int)


def _object(value: str) -> dict[str, Any]:
    """An object in JSON."""
    with contextlib.suppress(ValueError):
        found = json.loads(value)
        if isinstance(found, dict):
            return found
    raise click.BadParameter("it must be an object in JSON")


@click.group(
    epilog="""
\b
Examples:
  freehold signup begin https://login.example.com 1001 --display-name Acme
  freehold signup work
  freehold signup watch 7
  freehold signup undo 7 --reason 'signed up twice'
\b
Stages: claimed, provisioned, owned, seeded, ready.
States: running -> ready, or failed; undoing -> undone.
"""
)
def signup() -> None:
    """Take people to a tenant of their own, stage by stage."""


@signup.command()
@click.argument("issuer")
@click.argument("subject")
@click.option("--email", metavar="EMAIL", help="Of the first owner, verified.")
@click.option("--display-name", metavar="NAME", help="Of the tenant; a slug is made of it.")
@click.option("--slug", metavar="SLUG", help="Of the tenant.")
@click.option("--external-id", metavar="ID", help="Of the tenant; a slug is derived from it.")
@click.option("--template", metavar="NAME", help="What it is built from (default).")
@click.option("--settings", type=_object, metavar="JSON", help="Of the tenant.")
@click.option("--seed", type=_object, metavar="JSON", help="For the template's script.")
@click.option("--idempotency-key", metavar="KEY", help="The same again returns the same sign-up.")
@common
@pass_app
def begin(app: App, /, **options: Any) -> None:
    """Begin a sign-up: claim the slug.

    ISSUER and SUBJECT are iss and sub of who becomes the first owner. A worker takes it to its end.
    """
    row = app.control().signup_begin(**options)
    app.done(f"sign-up {row['id']} has claimed {row['slug']}: freehold signup watch {row['id']}", row)


@signup.command()
@_id
@common
@pass_app
def step(app: App, /, **options: int) -> None:
    """Take one sign-up a stage further, now."""
    row = app.control().signup_step(**options)
    app.done(_line(row), row)


@signup.command()
@click.option("--max-steps", type=click.IntRange(1), metavar="N", help="At most so many (until none is due).")
@common
@pass_app
def work(app: App, /, max_steps: int | None) -> None:
    """Take those that are due to their ends, each step by itself.

    What fails is recorded on its sign-up and tried again later.
    """
    control, steps = app.control(), 0
    while (max_steps is None or steps < max_steps) and control.signup_work(1):
        steps += 1
    app.done(f"{steps} steps" if steps != 1 else "1 step", {"steps": steps})


@signup.command()
@_id
@click.option("--person", is_flag=True, help="Also who is behind it, while that is kept.")
@common
@pass_app
def get(app: App, /, id: int, person: bool) -> None:  # noqa: A002
    """Show how far a sign-up is."""
    control = app.control()
    row = control.signup_get(id)
    app.show(row | {"person": control.signup_person(id)} if person else row, lambda row: _shown(row) | _person(row))


@signup.command("list")
@click.option("--state", type=click.Choice(["running", "failed", "ready", "undoing", "undone"]), help="In one state.")
@click.option("--after", type=int, metavar="ID", help="The next page: the last id of the page before.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List sign-ups."""
    app.show(app.control().signup_list(**options), _view, "no sign-ups")


@signup.command()
@_id
@common
@pass_app
def retry(app: App, /, **options: int) -> None:
    """Have one that failed tried again."""
    row = app.control().signup_retry(**options)
    app.done(f"sign-up {row['id']} is {row['state']}; freehold signup work", row)


@signup.command()
@_id
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept and should name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def undo(app: App, /, id: int, reason: str, yes: bool) -> None:  # noqa: A002
    """Take a sign-up back: its tenant is erased."""
    control = app.control()
    row = control.signup_get(id)
    if row["tenant_id"] is not None and row["state"] not in _OVER:
        confirm(row["slug"], yes, f"This erases what sign-up {id} has made of tenant {row['slug']}.")
    row = control.signup_undo(id, reason)
    while row["state"] == "undoing":
        row = control.signup_step(id)
    app.done(f"sign-up {id} is {row['state']}", row)


@signup.command()
@click.argument("id", metavar="[ID]", type=int, required=False)
@common
@pass_app
def watch(app: App, /, id: int | None) -> None:  # noqa: A002
    """Watch one until it is over, or all of them.

    With --json a line a change.
    """
    control = app.control()
    control.connection.execute("listen freehold_signup")
    last: dict[int, Row] = {}
    while True:
        for row in _open(control, last) if id is None else [control.signup_get(id)]:
            if last.get(row["id"]) != row:
                last[row["id"]] = row
                output.print_json_line(row) if app.as_json else click.echo(_line(row))
        if id is not None and (last[id]["state"] in _OVER or last[id]["due_at"] is None):
            raise click.exceptions.Exit(_FAILED if last[id]["state"] == "failed" else 0)
        last = {number: row for number, row in last.items() if row["state"] not in _OVER}
        _wait(control.connection)


def _open(control: Control, known: dict[int, Row]) -> list[Row]:
    """Those that are not over, and those that were not when they were last looked at."""
    rows = [row for state in ("running", "failed", "undoing") for row in control.signup_list(state, max_rows=1000)]
    found = {row["id"] for row in rows}
    return sorted([*rows, *(control.signup_get(i) for i in known if i not in found)], key=lambda row: int(row["id"]))


def _wait(connection: psycopg.Connection[Any]) -> None:
    # A pooler between drops notifications: then every five seconds.
    for _ in connection.notifies(timeout=5, stop_after=1):
        return


def _line(row: Row) -> str:
    error = f": [{row['error_code']}] {row['error_message']}" if row["error_code"] else ""
    return f"sign-up {row['id']} of {row['slug']} is {row['state']} at {row['stage']}{error}"


def _view(row: Row) -> dict[str, Any]:
    error = f"[{row['error_code']}] {row['error_message']}" if row["error_code"] else None
    return {name: row[name] for name in ("id", "slug", "state", "stage", "attempts", "due_at", "stepped_at")} | {
        "error": error
    }


def _shown(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("claim", "digest", "person")}


def _person(row: Row) -> dict[str, Any]:
    return dict(row.get("person") or {})
