"""``freehold fleet``: one query, asked of many tenants."""

from __future__ import annotations

import csv
import sys
from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.fleet import Answer, FleetQuery

_FAILED = 1
_SHOWN = 10


@click.group(
    epilog="""
\b
Examples:
  freehold fleet query 'select count(*) as notes from note'
  freehold fleet query 'select * from plan' --tenants acme,beta --csv
  freehold fleet query 'table plan' --timeout 500ms --json | jq .row
  freehold fleet prepare
"""
)
def fleet() -> None:
    """Ask one query of many tenants, each as its reader."""


class _Duration(click.ParamType["float"]):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds of ``5``, ``5s``, ``500ms`` or ``2min``."""
        text = str(value).strip()
        for suffix, seconds in (("ms", 0.001), ("min", 60.0), ("s", 1.0), ("", 1.0)):
            if text.endswith(suffix):
                try:
                    found = float(text.removesuffix(suffix)) * seconds
                except ValueError:
                    break
                if 0.001 <= found <= 86400:
                    return found
                break
        return self.fail(f"{value!r} is no duration: 5s, 500ms or 2min, a day at most", param, ctx)


@fleet.command("query")
@click.argument("sql")
@click.option("--tenants", metavar="SLUGS", help="Of these only, with commas between them.")
@click.option("--template", metavar="NAME", help="Of this template's only.")
@click.option("--tier", type=click.Choice(["pooled", "schema", "dedicated"]), help="Of this tier only.")
@click.option("--workers", type=click.IntRange(1, 100), default=4, show_default=True, help="Tenants at a time.")
@click.option("--timeout", type=_Duration(), default="30s", show_default=True, help="What a tenant is given.")
@click.option("--max-rows", type=click.IntRange(1), default=1000, show_default=True, help="Of a tenant, at most.")
@click.option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--no-prepare", is_flag=True, help="Make no readers for tenants that have none.")
@common
@pass_app
def query(
    app: App, /, sql: str, tenants: str | None, as_csv: bool, no_prepare: bool, reason: str | None, **given: Any
) -> None:
    """Ask SQL, a single statement that only reads.

    Rows come as the tenants answer, with --json one to a line. Errors are told on stderr; the exit code is 1
    where a tenant failed, whatever the others answered.
    """
    if as_csv and app.as_json:
        raise click.UsageError("--csv and --json are two things")
    slugs = None if tenants is None else [slug.strip() for slug in tenants.split(",") if slug.strip()]
    asked = FleetQuery(app.resolve_dsn(), sql, slugs, reason=reason, prepare=not no_prepare, **given)
    rows: list[dict[str, Any]] = []
    failed: list[Answer] = []
    sink = _Csv() if as_csv else None
    with output.progress("fleet query") as show, asked as running:
        for done, answer in enumerate(running, 1):
            if answer.error is not None:
                failed.append(answer)
            for row in answer.rows:
                if app.as_json:
                    output.print_json_line({"slug": answer.slug, "row": row})
                elif sink is not None:
                    sink.write(answer.slug, row)
                else:
                    rows.append({"slug": answer.slug, **_apart(row)})
            if app.as_json and answer.error is not None:
                error = {"code": answer.error.code, "message": answer.error.message}
                output.print_json_line({"slug": answer.slug, "error": error})
            show(done, len(running.question.tenants))
    if not app.as_json and sink is None:
        rows.sort(key=lambda row: str(row["slug"]))
        output.print_table(_filled(rows), "no rows")
    if failed:
        if not app.as_json:
            _summary(failed, len(asked.question.tenants))
        raise click.exceptions.Exit(_FAILED)


@fleet.command()
@common
@pass_app
def prepare(app: App) -> None:
    """Give tenants that have none a reader for fleet queries."""
    control, made = app.control(), 0
    with output.busy("fleet prepare"):
        while some := control.fleet_prepare():
            made += some
    app.done(f"{made} tenants are prepared", {"prepared": made})


class _Csv:
    """Rows as CSV, below the columns of the first one."""

    def __init__(self) -> None:
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._names: list[str] | None = None

    def write(self, slug: str, row: dict[str, Any]) -> None:
        if self._names is None:
            self._names = list(row)
            self._writer.writerow(["slug", *self._names])
        self._writer.writerow([slug, *(row.get(name) for name in self._names)])


def _apart(row: dict[str, Any]) -> dict[str, Any]:
    """A query's own column of that name stays beside the tenant's."""
    return {f"{name}_" if name == "slug" else name: value for name, value in row.items()}


def _filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name) for name in names} for row in rows]


def _summary(failed: list[Answer], total: int) -> None:
    errors: dict[tuple[str, str], list[str]] = {}
    for answer in failed:
        if answer.error is not None:
            first = (answer.error.message.splitlines() or [""])[0]
            errors.setdefault((answer.error.code, first), []).append(answer.slug)
    click.echo(f"{len(failed)} of {total} tenants failed", err=True)
    for (code, message), slugs in sorted(errors.items(), key=lambda item: -len(item[1]))[:_SHOWN]:
        named = ", ".join(sorted(slugs)[:3]) + (", ..." if len(slugs) > 3 else "")
        click.echo(output.visible(f"  [{code}] {message} ({len(slugs)}: {named})"), err=True)
    if len(errors) > _SHOWN:
        click.echo(f"  and {len(errors) - _SHOWN} other errors: --json tells all", err=True)
