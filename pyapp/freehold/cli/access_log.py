"""``freehold access-log``: who was in which tenant."""

from __future__ import annotations

from datetime import datetime

from freehold.cli.base import App, click, common, pass_app

_COLUMNS = ("id", "at", "actor", "access", "path", "duration", "committed", "purpose")


@click.group(
    "access-log",
    epilog="""
\b
Examples:
  freehold setting set access_log on
  freehold access-log list acme --since 2026-11-01
  freehold access-log purge --older-than '90 days'
  freehold access-log reads acme on
""",
)
def access_log() -> None:
    """Tell who was in which tenant, when, through which path."""


@access_log.command("list")
@click.argument("slug")
@click.option("--since", type=click.DateTime(), help="Nothing that began earlier.")
@click.option("--before", type=int, metavar="ID", help="The page that ends before this row.")
@click.option("--max-rows", type=click.IntRange(1), default=100, show_default=True, help="Rows at most.")
@common
@pass_app
def list_(app: App, slug: str, since: datetime | None, before: int | None, max_rows: int) -> None:
    """List a tenant's transactions, the newest first."""
    rows = app.control().access_list(
        slug, since=since.astimezone() if since else None, before=before, max_rows=max_rows
    )
    empty = "no transactions are recorded: freehold setting get access_log"
    app.show(rows, lambda row: {name: row[name] for name in _COLUMNS}, empty)


@access_log.command()
@click.option("--older-than", required=True, metavar="AGE", help="An interval as PostgreSQL writes it: 90 days.")
@common
@pass_app
def purge(app: App, older_than: str) -> None:
    """Delete what is older, by batches."""
    control, rows = app.control(), 0
    while deleted := control.access_purge(older_than):
        rows += deleted
    app.done(f"{rows} rows are deleted", {"rows": rows})


@access_log.command()
@click.argument("slug")
@click.argument("switch", type=click.Choice(["on", "off"]))
@common
@pass_app
def reads(app: App, slug: str, switch: str) -> None:
    """Have pgaudit log what a tenant reads, or no longer."""
    with app.lifecycle("audit_reads", slug) as control:
        row = control.audit_reads(slug, switch == "on")
    app.done(f"reads of tenant {slug} are {'' if switch == 'on' else 'not '}logged by pgaudit", row)
