"""How a rollout is planned on the command line: options, lint, and what people are shown of a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.cli import output
from freehold.cli.base import App, click
from freehold.cli.migration import directory_option, renderer_of
from freehold.cli.problem import Refusal
from freehold.control import Control, Row
from freehold.errors import InvalidArgument, MigrationChanged, WrongState

if TYPE_CHECKING:
    from freehold.migrate.render import Renderer

_PARAMETERS = (
    "canaries", "first_wave", "growth", "lock_timeout", "statement_timeout", "max_failures", "max_failure_percent",
    "attempts", "pause_after",
)  # fmt: skip


def options(command: Any) -> Any:
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
            click.option("--max-failures", type=click.IntRange(0), metavar="N", help="Of a wave, that halt (10)."),
            click.option("--max-failure-percent", type=click.FloatRange(0, 100), metavar="P", help="The same (5)."),
            click.option("--attempts", type=click.IntRange(1), metavar="N", help="Where a lock is not granted (6)."),
            click.option("--pause-after", type=click.Choice(["never", "canary", "wave"]), help="Wait there (never)."),
            click.option("--acknowledge", multiple=True, metavar="RULE", help="A finding of lint to pass over."),
            directory_option,
        )
    ):  # fmt: skip
        command = option(command)
    return command


def make(app: App, control: Control, options: dict[str, Any], *, keep: bool) -> tuple[Row, Renderer]:
    """Lints what is pending and plans it; the plan is kept or not."""
    renderer = renderer_of(options["directory"])
    from freehold.migrate.plan import check, entries, pending

    template, connection = options["template"], control.connection
    files = pending(control, template, renderer.directory, options["to"])
    changed = control.migration_changed(template, {file.id: file.digest for file in renderer.directory})
    if changed:
        first = changed[0]
        raise Refusal(
            f"migration {first['migration_id']} was changed after it had been applied",
            MigrationChanged,
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
        return with_plan(control, row), renderer


def with_plan(control: Control, row: Row) -> Row:
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


def show_plan(row: Row) -> None:
    """Prints a plan for people."""
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


def approved(path: Path) -> tuple[int, str]:
    """The rollout and the digest of a plan file.

    Raises:
        Refusal: There is no such file, or it is no plan.
    """
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
        return int(plan["id"]), str(plan["plan_digest"])
    except FileNotFoundError:
        raise Refusal(
            f"there is no plan {path}", InvalidArgument, hint="freehold rollout plan --out plan.json writes one."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise Refusal(f"{path} is no plan", InvalidArgument, hint="freehold rollout plan --out writes one.") from None
