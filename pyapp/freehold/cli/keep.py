"""``freehold keep`` and ``freehold task``: what is done in the background."""

from __future__ import annotations

import contextlib
import signal
import threading
from datetime import timedelta
from typing import Any

import psycopg

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.cli.problem import Refusal
from freehold.control import Row
from freehold.errors import FreeholdError
from freehold.keeper import LEASE, Keeper

_COLUMNS = ("name", "every", "last_finished_at", "last_result", "failures", "last_error", "next_due_at")


@click.command(
    epilog="""
\b
Examples:
  freehold keep
  freehold keep --once
  freehold keep --json --lease 10
"""
)
@click.option("--once", is_flag=True, help="Do what is due, and end: for cron.")
@click.option("--holder", metavar="NAME", help="Who it is, for people (host and process).")
@click.option(
    "--lease", type=click.FloatRange(1, 3600), default=LEASE.total_seconds(), metavar="SECONDS",
    help="How long it leads without being heard of (30).",
)  # fmt: skip
@common
@pass_app
def keep(app: App, /, once: bool, holder: str | None, lease: float) -> None:
    """Do what is due in the background, until it is stopped.

    Several may run: one works, and the others wait for it to end. SIGTERM ends it after the run that it is at.
    """
    failed: set[str] = set()

    def say(event: Row) -> None:
        if event["event"] == "failed":
            failed.add(event["task"])
        if app.as_json:
            output.print_json_line(event)
        else:
            output.print_done(_line(event))

    keeper = Keeper(app.resolve_dsn(), holder=holder or "", lease=timedelta(seconds=lease), say=say)
    stop = threading.Event()
    previous = {sign: signal.signal(sign, lambda *_: stop.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        if once:
            keeper.once(stop)
        else:
            keeper.run(stop)
    finally:
        for sign, handler in previous.items():
            signal.signal(sign, handler)
    if once and failed:
        raise click.exceptions.Exit(1)


@click.group(
    epilog="""
\b
Examples:
  freehold task list
  freehold task run seal
  freehold task set reserve --every '2 seconds'
  freehold task set erasure --disable
"""
)
def task() -> None:
    """See what the keeper does, run it by hand, change how often."""


@task.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List the tasks, and how each ended."""
    control = app.control()
    app.show(
        control.task_list(),
        lambda row: {name: row[name] for name in _COLUMNS} | ({} if row["enabled"] else {"every": "off"}),
    )
    if not app.as_json:
        keeper = control.keeper_get()
        click.echo(f"{keeper['holder']} leads" if keeper["leads"] else "no keeper leads: freehold keep", err=True)


@task.command()
@click.argument("name")
@common
@pass_app
def run(app: App, name: str) -> None:
    """Run a task until it finds nothing to do."""
    control, total = app.control(), 0
    try:
        with output.progress(f"task {name}") as report:
            while result := control.task_run(name):
                total += result
                report(total, None)
    except psycopg.Error as error:
        with contextlib.suppress(psycopg.Error):
            control.task_failed(name, error.sqlstate or "", error.diag.message_primary or str(error))
        raise
    row = next(row for row in control.task_list() if row["name"] == name)
    if result is None:
        raise Refusal(
            f"task {name} has failed", FreeholdError, detail=f"[{row['last_error_code']}] {row['last_error']}"
        )
    app.done(f"task {name} has done {total}", row | {"done": total})


@task.command("set")
@click.argument("name")
@click.option("--every", metavar="INTERVAL", help="How often: '5 minutes'.")
@click.option("--enable/--disable", "enabled", default=None, help="Whether the keeper runs it.")
@common
@pass_app
def set_(app: App, /, **options: Any) -> None:
    """Say how often the keeper runs a task, and whether."""
    row = app.control().task_set(**options)
    app.done(f"task {row['name']} {'is run' if row['enabled'] else 'is not run, else'} every {row['every']}", row)


def _line(event: Row) -> str:
    match event["event"]:
        case "ran":
            return f"{event['task']}: {event['result']} in {event['seconds']:.1f} s"
        case "failed":
            return f"{event['task']} has failed {event['failures']} times: [{event['code']}] {event['error']}"
        case "waits":
            return f"{event['holder']} waits: {event['leader'] or 'nobody'} leads"
        case "lost":
            return f"the connection is lost: {event['error']}"
        case other:
            return f"{event['holder']} {other}"
