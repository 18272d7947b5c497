"""``freehold rollout``: migrations over the whole fleet, in waves."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.cli.migration import directory_option, renderer_of
from freehold.cli.problem import Refusal
from freehold.cli.rollout_plan import approved, make, options, show_plan, with_plan
from freehold.cli.rollout_work import leave
from freehold.cli.rollout_work import work as run_workers
from freehold.cli.watch import watch as show
from freehold.control import Control, Row
from freehold.errors import InvalidArgument, RolloutNotFound

_workers = click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N",
    help="Tenants at the same time; more than the server has cores bring nothing.",
)  # fmt: skip
_id = click.argument("rollout_id", metavar="[ID]", type=int, required=False)
_reason = click.option("--reason", metavar="TEXT", help="Why; it is kept.")


@click.group(
    epilog="""
\b
Examples:
  freehold rollout plan --out plan.json
  freehold rollout start plan.json
  freehold rollout work --workers 2
  freehold rollout watch
  freehold rollout run --pause-after canary
  freehold rollout resume 3 && freehold rollout work 3
\b
Where no ID is named, the newest rollout is meant.
\b
States: planned -> running <-> paused or halted -> done or aborted.
Workers run anywhere, any number of them; one that is killed leaves no
tenant half migrated, and another takes its tenants over.
"""
)
def rollout() -> None:
    """Take migrations over the whole fleet, in waves."""


@rollout.command()
@options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to a file, for review.")
@click.option("--dry-run", is_flag=True, help="Lint and show the plan, but keep nothing.")
@common
@pass_app
def plan(app: App, /, out: Path | None, dry_run: bool, **given: Any) -> None:
    """Lint what is pending and plan its rollout; nothing runs yet.

    The plan is approved by its digest: freehold rollout start PLAN.
    """
    if out is not None and not os.access(out.parent, os.W_OK):
        raise Refusal(f"{out.parent} is no directory that can be written to", InvalidArgument)
    control = app.control()
    row, _ = make(app, control, given, keep=not dry_run)
    if out is not None:
        out.write_text(json.dumps(row, default=str, indent=2) + "\n", encoding="utf-8")
    if app.as_json:
        output.print_json(row)
        return
    show_plan(row)
    if not dry_run:
        click.echo(f"\nfreehold rollout start {out or row['id']}   starts it; nothing has run yet", err=True)


@rollout.command()
@click.argument("what", metavar="[PLAN|ID]", required=False)
@click.option("--yes", is_flag=True, help="Approve a plan by its number without being asked.")
@common
@pass_app
def start(app: App, /, what: str | None, yes: bool) -> None:
    """Start a rollout as it was planned.

    PLAN is the file that `rollout plan --out` wrote: exactly that plan is started, or nothing. With an ID the plan is
    shown and confirmed.
    """
    control = app.control()
    if what is None or what.isdecimal():
        planned = control.rollout_get(_newest(control, int(what) if what else None))
        if not yes:
            show_plan(with_plan(control, planned))
            confirm("yes", yes, f"This starts rollout {planned['id']}.")
        rollout_id, digest = planned["id"], planned["plan_digest"]
    else:
        rollout_id, digest = approved(Path(what))
    row = control.rollout_start(rollout_id, digest)
    app.done(f"rollout {row['id']} runs; freehold rollout work {row['id']}", row)


@rollout.command()
@options
@_workers
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def run(app: App, /, workers: int, yes: bool, **given: Any) -> None:
    """Plan, confirm, start and work, in one command."""
    control = app.control()
    row, renderer = make(app, control, given, keep=True)
    if not app.as_json:
        show_plan(row)
    try:
        confirm("yes", yes, f"This starts rollout {row['id']}.")
    except (click.UsageError, click.exceptions.Exit):
        control.rollout_abort(row["id"], "not confirmed")
        raise
    control.rollout_start(row["id"], row["plan_digest"])
    run_workers(app, control, row["id"], renderer, workers)


@rollout.command()
@_id
@directory_option
@_workers
@common
@pass_app
def work(app: App, /, rollout_id: int | None, directory: Path, workers: int) -> None:
    """Work on a rollout until it is over, paused or halted.

    Ctrl-C ends it after the tenants in work; what was claimed and not begun is given back.
    """
    control = app.control()
    run_workers(app, control, _newest(control, rollout_id), renderer_of(directory), workers)


@rollout.command()
@_id
@click.option(
    "--every", type=click.FloatRange(0.1), default=1.0, show_default=True, metavar="SECONDS", help="How often to look."
)
@common
@pass_app
def watch(app: App, /, rollout_id: int | None, every: float) -> None:
    """Watch a rollout: waves, rate, time left.

    With --json a line a look.
    """
    control = app.control()
    row = show(
        control, _newest(control, rollout_id), every=every, as_json=app.as_json, until=lambda: False
    )  # fmt: skip
    leave(row)


@rollout.command()
@_id
@common
@pass_app
def status(app: App, /, rollout_id: int | None) -> None:
    """Show how far a rollout is, wave by wave, and who failed."""
    control = app.control()
    found = _newest(control, rollout_id)
    row = control.rollout_get(found) | {"waves": control.rollout_status(found)}
    failed = control.rollout_tenants(found, "failed", max_rows=100)
    if app.as_json:
        output.print_json(row | {"failed": failed})
        return
    shown = ("id", "template", "direction", "state", "reason", "wave", "created_at", "started_at", "finished_at")
    output.print_record({name: row[name] for name in shown})
    click.echo()
    output.print_table(
        [{key: value for key, value in wave.items() if key not in ("wave", "started_at")} for wave in row["waves"]], ""
    )
    if failed:
        click.echo()
        output.print_table([_failure(each) for each in failed], "")


@rollout.command("list")
@click.option("--template", metavar="NAME", help="Of one template.")
@common
@pass_app
def list_(app: App, /, template: str | None) -> None:
    """List the newest rollouts."""
    app.show(app.control().rollout_list(template), _view, "no rollouts: freehold rollout plan")


@rollout.command()
@_id
@click.option("--state", type=click.Choice(["pending", "claimed", "done", "failed", "skipped"]), help="In one state.")
@common
@pass_app
def tenants(app: App, /, rollout_id: int | None, state: str | None) -> None:
    """List the tenants of a rollout."""
    control, rows, after = app.control(), [], None
    found = _newest(control, rollout_id)
    while page := control.rollout_tenants(found, state, after):
        rows += page
        after = page[-1]["slug"]
    app.show(rows, _tenant, "no tenants")


@rollout.command()
@_id
@_reason
@common
@pass_app
def pause(app: App, /, rollout_id: int | None, reason: str | None) -> None:
    """Stop a rollout after the tenants in work."""
    control = app.control()
    row = control.rollout_pause(_newest(control, rollout_id), reason)
    app.done(f"rollout {row['id']} is paused; freehold rollout resume {row['id']}", row)


@rollout.command()
@_id
@_reason
@common
@pass_app
def resume(app: App, /, rollout_id: int | None, reason: str | None) -> None:
    """Go on with a rollout that was paused or halted.

    Failures so far no longer count against its wave.
    """
    control = app.control()
    row = control.rollout_resume(_newest(control, rollout_id), reason)
    app.done(f"rollout {row['id']} runs; freehold rollout work {row['id']}", row)


@rollout.command()
@_id
@_reason
@common
@pass_app
def abort(app: App, /, rollout_id: int | None, reason: str | None) -> None:
    """End a rollout for good; tenants that have it keep it."""
    control = app.control()
    row = control.rollout_abort(_newest(control, rollout_id), reason)
    taken = f"; freehold rollout rollback {row['id']} takes it back" if row["started_at"] else ""
    app.done(f"rollout {row['id']} is aborted{taken}", row)


@rollout.command()
@_id
@click.option("--tenant", "slugs", multiple=True, metavar="SLUG", help="Only this one, repeatable (all who failed).")
@common
@pass_app
def retry(app: App, /, rollout_id: int | None, slugs: tuple[str, ...]) -> None:
    """Have tenants that failed tried again."""
    control = app.control()
    row = control.rollout_retry(_newest(control, rollout_id), list(slugs) or None)
    app.done(f"rollout {row['id']} is {row['state']}; freehold rollout work {row['id']}", row)


@rollout.command()
@_id
@click.option("--migration", "chosen", multiple=True, metavar="ID", help="Only these, repeatable (all of them).")
@directory_option
@common
@pass_app
def rollback(app: App, /, rollout_id: int | None, chosen: tuple[str, ...], directory: Path) -> None:
    """Plan to take a rollout back.

    The template comes first, then the waves from the last to the first.
    """
    renderer, control = renderer_of(directory), app.control()
    from freehold.migrate.plan import check_rollback

    with control.connection.transaction():
        row = control.rollout_rollback(_newest(control, rollout_id), list(chosen) or None)
        files = [renderer.directory[m["migration_id"]] for m in control.rollout_migrations(row["id"])]
        check_rollback(control, row["template"], renderer.directory, files)
    row = with_plan(control, row)
    if app.as_json:
        output.print_json(row)
        return
    show_plan(row)
    click.echo(f"\nfreehold rollout start {row['id']}   starts it; nothing has run yet", err=True)


def _newest(control: Control, rollout_id: int | None) -> int:
    if rollout_id is not None:
        return rollout_id
    found = control.rollout_list(max_rows=1)
    if not found:
        raise Refusal("there are no rollouts", RolloutNotFound, hint="freehold rollout plan")
    return int(found[0]["id"])


def _view(row: Row) -> dict[str, Any]:
    back = ", back" if row["direction"] == "rollback" else ""
    return {
        "id": row["id"], "template": row["template_name"], "state": row["state"] + back,
        "wave": f"{row['wave']}/{row['last_wave']}", "migrations": ", ".join(row["migrations"]),
        "tenants": row["tenants"], "done": row["done"], "failed": row["failed"], "started": row["started_at"],
    }  # fmt: skip


def _tenant(row: Row) -> dict[str, Any]:
    error = f"[{row['error_code']}] {row['error_message']}" if row["error_code"] else None
    return {
        "slug": row["slug"], "wave": row["wave"], "state": row["state"], "attempts": row["attempts"],
        "migration": row["migration_id"], "error": error, "finished": row["finished_at"],
    }  # fmt: skip


def _failure(row: Row) -> dict[str, Any]:
    return {
        "slug": row["slug"], "migration": row["migration_id"], "error": f"[{row['error_code']}] {row['error_message']}"
    }  # fmt: skip
