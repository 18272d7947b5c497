"""``freehold rollout``: migrations over the whole fleet, in waves."""

from __future__ import annotations

import json
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from freehold.cli import migrations, output
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.cli.problem import Refusal
from freehold.cli.watch import watch as show
from freehold.control import Control, Row
from freehold.errors import InvalidArgument, WrongState

if TYPE_CHECKING:
    from freehold.migrate.files import MigrationFile
    from freehold.migrate.render import Renderer
    from freehold.migrate.worker import Worker

_HALTED = 4
_PARAMETERS = (
    "canaries", "first_wave", "growth", "lock_timeout", "statement_timeout", "max_failures", "max_failure_percent",
    "attempts", "pause_after",
)  # fmt: skip


def _options(command: Any) -> Any:
    """What a plan can be told."""
    for option in reversed(
        (
            click.option("--template", default="default", show_default=True, metavar="NAME", help="Whose tenants."),
            click.option("--to", metavar="ID", help="The last migration to take along (all of them)."),
            click.option("--canary", "canaries", multiple=True, metavar="SLUG",
                         help="Who goes first, repeatable (one of each tier and decile by size)."),
            click.option("--first-wave", type=click.IntRange(1), metavar="N", help="Tenants in the first wave (10)."),
            click.option("--growth", type=click.FloatRange(1), metavar="X", help="Each wave by the last one (5)."),
            click.option("--lock-timeout", metavar="INTERVAL", help="How long a step waits for a lock (2s)."),
            click.option("--statement-timeout", metavar="INTERVAL", help="How long a step runs (1min)."),
            click.option("--max-failures", type=click.IntRange(0), metavar="N", help="Of a wave, before it halts (10)."),
            click.option("--max-failure-percent", type=click.FloatRange(0, 100), metavar="P", help="The same (5)."),
            click.option("--attempts", type=click.IntRange(1), metavar="N", help="Where a lock is not granted (6)."),
            click.option("--pause-after", type=click.Choice(["never", "canary", "wave"]), help="Where to wait (never)."),
            click.option("--acknowledge", multiple=True, metavar="RULE", help="A finding of lint to pass over."),
            migrations.directory,
        )
    ):  # fmt: skip
        command = option(command)
    return command


_workers = click.option(
    "--workers", type=click.IntRange(1, 64), default=2, show_default=True, metavar="N",
    help="Tenants at the same time; more than the server has cores bring nothing.",
)  # fmt: skip
_id = click.argument("rollout_id", metavar="ID", type=int)
_reason = click.option("--reason", metavar="TEXT", help="Why; it is kept.")


@click.group(
    epilog="""
\b
Examples:
  freehold rollout plan --out plan.json
  freehold rollout start plan.json
  freehold rollout work 3 --workers 2
  freehold rollout watch 3
  freehold rollout run --pause-after canary
  freehold rollout resume 3 && freehold rollout work 3
\b
States: planned -> running <-> paused or halted -> done or aborted. Workers run
anywhere, any number of them; one that is killed leaves no tenant half migrated,
and another takes its tenants over.
"""
)
def rollout() -> None:
    """Take migrations over the whole fleet: template, canaries, waves."""


@rollout.command()
@_options
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan to a file, for review.")
@click.option("--dry-run", is_flag=True, help="Lint and show the plan, but keep nothing.")
@common
@pass_app
def plan(app: App, /, out: Path | None, dry_run: bool, **options: Any) -> None:
    """Lint what is pending and plan its rollout; nothing runs yet.

    The plan is approved by its digest: freehold rollout start PLAN.
    """
    control = app.control()
    row, _, _ = _plan(app, control, options, keep=not dry_run)
    if out is not None:
        out.write_text(json.dumps(row, default=str, indent=2) + "\n", encoding="utf-8")
    if app.as_json:
        output.print_json(row)
        return
    _show_plan(row)
    if not dry_run:
        click.echo(f"\nfreehold rollout start {out or row['id']}   starts it; nothing has run yet", err=True)


@rollout.command()
@click.argument("what", metavar="PLAN|ID")
@click.option("--yes", is_flag=True, help="Approve a plan by its number without being asked.")
@common
@pass_app
def start(app: App, /, what: str, yes: bool) -> None:
    """Start a rollout as it was planned.

    PLAN is the file that `rollout plan --out` wrote: exactly that plan is started, or nothing. With an ID the plan is
    shown and confirmed.
    """
    control = app.control()
    if what.isdecimal():
        planned = control.rollout_get(int(what))
        if not yes:
            _show_plan(_with_plan(control, planned))
            confirm("yes", yes, f"This starts rollout {what}.")
        rollout_id, digest = planned["id"], planned["plan_digest"]
    else:
        rollout_id, digest = _approved(Path(what))
    row = control.rollout_start(rollout_id, digest)
    app.done(f"rollout {row['id']} runs; freehold rollout work {row['id']}", row)


@rollout.command()
@_options
@_workers
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def run(app: App, /, workers: int, yes: bool, **options: Any) -> None:
    """Plan, confirm, start and work, in one command."""
    control = app.control()
    row, renderer, _ = _plan(app, control, options, keep=True)
    if not app.as_json:
        _show_plan(row)
    try:
        confirm("yes", yes, f"This starts rollout {row['id']}.")
    except (click.UsageError, click.exceptions.Exit):
        control.rollout_abort(row["id"], "not confirmed")
        raise
    control.rollout_start(row["id"], row["plan_digest"])
    _work(app, control, row["id"], renderer, workers)


@rollout.command()
@_id
@migrations.directory
@_workers
@common
@pass_app
def work(app: App, /, rollout_id: int, directory: Path, workers: int) -> None:
    """Work on a rollout until it is over, paused or halted.

    Ctrl-C ends it after the tenants in work; what was claimed and not begun is given back.
    """
    _work(app, app.control(), rollout_id, migrations.renderer(directory), workers)


@rollout.command()
@click.argument("rollout_id", metavar="[ID]", type=int, required=False)
@click.option("--every", type=click.FloatRange(0.1), default=1.0, show_default=True, metavar="SECONDS")
@common
@pass_app
def watch(app: App, /, rollout_id: int | None, every: float) -> None:
    """Watch a rollout, the newest where none is named: waves, rate, time left.

    With --json a line a look.
    """
    control = app.control()
    row = show(
        control, _newest(control, rollout_id), every=every, as_json=app.as_json, until=lambda: False
    )  # fmt: skip
    _exit(row)


@rollout.command()
@click.argument("rollout_id", metavar="[ID]", type=int, required=False)
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
def tenants(app: App, /, rollout_id: int, state: str | None) -> None:
    """List the tenants of a rollout."""
    control, rows, after = app.control(), [], None
    while page := control.rollout_tenants(rollout_id, state, after):
        rows += page
        after = page[-1]["slug"]
    app.show(rows, _tenant, "no tenants")


@rollout.command()
@_id
@_reason
@common
@pass_app
def pause(app: App, /, rollout_id: int, reason: str | None) -> None:
    """Stop a rollout after the tenants in work."""
    row = app.control().rollout_pause(rollout_id, reason)
    app.done(f"rollout {rollout_id} is paused; freehold rollout resume {rollout_id}", row)


@rollout.command()
@_id
@_reason
@common
@pass_app
def resume(app: App, /, rollout_id: int, reason: str | None) -> None:
    """Go on with a rollout that was paused or halted; failures so far no longer count against its wave."""
    row = app.control().rollout_resume(rollout_id, reason)
    app.done(f"rollout {rollout_id} runs; freehold rollout work {rollout_id}", row)


@rollout.command()
@_id
@_reason
@common
@pass_app
def abort(app: App, /, rollout_id: int, reason: str | None) -> None:
    """End a rollout for good; tenants that have it keep it."""
    row = app.control().rollout_abort(rollout_id, reason)
    app.done(f"rollout {rollout_id} is aborted; freehold rollout rollback {rollout_id} takes it back", row)


@rollout.command()
@_id
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@common
@pass_app
def retry(app: App, /, rollout_id: int, slugs: tuple[str, ...]) -> None:
    """Have tenants that failed tried again, all of them or by slug."""
    row = app.control().rollout_retry(rollout_id, list(slugs) or None)
    app.done(f"rollout {rollout_id} is {row['state']}; freehold rollout work {rollout_id}", row)


@rollout.command()
@_id
@click.option("--migration", "chosen", multiple=True, metavar="ID", help="Only these, repeatable (all of them).")
@migrations.directory
@common
@pass_app
def rollback(app: App, /, rollout_id: int, chosen: tuple[str, ...], directory: Path) -> None:
    """Plan to take a rollout back: template first, then its waves from the last to the first."""
    renderer, control = migrations.renderer(directory), app.control()
    from freehold.migrate.plan import check_rollback

    with control.connection.transaction():
        row = control.rollout_rollback(rollout_id, list(chosen) or None)
        check_rollback([renderer.directory[m["migration_id"]] for m in control.rollout_migrations(row["id"])])
    row = _with_plan(control, row)
    if app.as_json:
        output.print_json(row)
        return
    _show_plan(row)
    click.echo(f"\nfreehold rollout start {row['id']}   starts it; nothing has run yet", err=True)


def _plan(
    app: App, control: Control, options: dict[str, Any], *, keep: bool
) -> tuple[Row, Renderer, list[MigrationFile]]:
    """Lints what is pending and plans it; the plan is kept or not."""
    renderer = migrations.renderer(options["directory"])
    from freehold.migrate.plan import check, entries, pending

    template, connection = options["template"], control.connection
    files = pending(control, template, renderer.directory, options["to"])
    changed = control.migration_changed(template, {file.id: file.digest for file in renderer.directory})
    if changed:
        first = changed[0]
        raise Refusal(
            f"migration {first['migration_id']} was changed after it had been applied",
            _class_of("FH212"),
            detail="\n".join(
                f"{row['migration_id']}: {row['homes']} ran the text with sha256 {row['source_digest'][:12]}: "
                f"{', '.join(row['examples'])}" for row in changed
            ),
            hint="Put the file back as it was, and make the change in a new migration.",
        )  # fmt: skip
    if not files:
        raise Refusal(
            f"nothing is pending: every tenant of template {template} has all {len(renderer.directory)} migrations",
            WrongState,
            hint="freehold migration new NAME",
        )
    with output.busy("lint"):
        check(app.connect(), renderer, files, template, options["acknowledge"])
    given = {name: options[name] for name in _PARAMETERS if options[name] not in (None, ())}
    with connection.transaction(force_rollback=not keep):
        row = control.rollout_create(template, entries(files), acknowledged=options["acknowledge"], **given)
        return _with_plan(control, row), renderer, files


def _class_of(code: str) -> Any:
    from freehold.errors import error_classes

    return error_classes()[code]


def _with_plan(control: Control, row: Row) -> Row:
    """A rollout's row with its migrations, and who comes when."""
    waves: dict[int, list[str]] = {}
    after = None
    while page := control.rollout_tenants(row["id"], after=after):
        for each in page:
            waves.setdefault(each["wave"], []).append(each["slug"])
        after = page[-1]["slug"]
    named = {wave["wave"]: wave["name"] for wave in control.rollout_status(row["id"])}
    return row | {
        "migrations": [
            {"id": m["migration_id"], "digest": m["source_digest"], "contract": m["contract"]}
            for m in control.rollout_migrations(row["id"])
        ],
        "waves": [
            {"wave": wave, "name": named[wave], "tenants": len(slugs), "slugs": slugs}
            for wave, slugs in sorted(waves.items())
        ],
    }


def _show_plan(row: Row) -> None:
    shown = {
        "rollout": row["id"], "template": row["template"], "direction": row["direction"],
        "migrations": ", ".join(m["id"] for m in row["migrations"]),
        "lock timeout": row["lock_timeout"], "statement timeout": row["statement_timeout"],
        "halts at": f"{row['max_failures']} failures in a wave, or {float(row['max_failure_percent']):g} %",
        "pauses after": row["pause_after"], "plan": row["plan_digest"],
    }  # fmt: skip
    output.print_record(shown)
    click.echo()
    output.print_table(
        [
            {"wave": wave["name"], "tenants": wave["tenants"], "who": _some(wave["slugs"])}
            for wave in row["waves"]
        ],
        "",
    )  # fmt: skip


def _some(slugs: list[str]) -> str:
    return ", ".join(slugs[:5]) + (f" and {len(slugs) - 5} more" if len(slugs) > 5 else "")


def _approved(path: Path) -> tuple[int, str]:
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return int(plan["id"]), str(plan["plan_digest"])
    except FileNotFoundError:
        raise Refusal(
            f"there is no plan {path}", InvalidArgument, hint="freehold rollout plan --out plan.json writes one."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise Refusal(f"{path} is no plan", InvalidArgument, hint="freehold rollout plan --out writes one.") from None


def _newest(control: Control, rollout_id: int | None) -> int:
    if rollout_id is not None:
        return rollout_id
    found = control.rollout_list(max_rows=1)
    if not found:
        raise Refusal("there are no rollouts", _class_of("FH107"), hint="freehold rollout plan")
    return int(found[0]["id"])


def _work(app: App, control: Control, rollout_id: int, renderer: Renderer, count: int) -> None:
    """Runs workers in threads, shows how far they are, and exits with what became of the rollout."""
    from freehold.migrate.worker import Worker

    stop = threading.Event()

    def said(slug: str, state: str, message: str) -> None:
        if state != "done" and not app.as_json:
            click.echo(f"{slug}: {state}: {message}", err=True)

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(app.resolve_dsn(), autocommit=True, fallback_application_name="freehold worker")

    previous = {sign: signal.signal(sign, lambda *_: stop.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        with ThreadPoolExecutor(count) as pool:
            crew = [Worker(connect, rollout_id, renderer, stop=stop, say=said) for _ in range(count)]
            futures: list[Future[Row]] = [pool.submit(worker.run) for worker in crew]
            try:
                show(
                    control, rollout_id, every=0.5, as_json=app.as_json,
                    until=lambda: all(future.done() for future in futures),
                )  # fmt: skip
            except psycopg.OperationalError:
                # The server went away: the workers wait for it to come back, and know better.
                pass
            for future in futures:
                future.result()
    finally:
        for sign, handler in previous.items():
            signal.signal(sign, handler)
    _finish(app, Control(connect()), rollout_id, crew)


def _finish(app: App, control: Control, rollout_id: int, crew: list[Worker]) -> None:
    row = control.rollout_get(rollout_id)
    done, seconds = sum(worker.tally.done for worker in crew), max(worker.tally.seconds for worker in crew)
    failed = sum(wave["failed"] for wave in control.rollout_status(rollout_id))
    control.connection.close()
    if not app.as_json:
        output.print_done(f"{done} done in {seconds:.1f} s; rollout {rollout_id} is {row['state']}")
        if failed:
            click.echo(f"{failed} failed: freehold rollout tenants {rollout_id} --state failed", err=True)
    _exit(row, failed)


def _exit(row: Row, failed: int = 0) -> None:
    """Exits with 4 where the rollout halted, or left somebody behind."""
    if row["state"] in ("halted", "aborted") or failed:
        raise click.exceptions.Exit(_HALTED)


def _view(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"], "template": row["template_name"], "direction": row["direction"], "state": row["state"],
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
