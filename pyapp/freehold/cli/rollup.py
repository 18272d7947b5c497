"""``freehold rollup``: queries whose answers are kept."""

from __future__ import annotations

from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app

_COLUMNS = ("name", "every", "tenants", "answered", "failed", "oldest", "query")


@click.group(
    epilog="""
\b
Examples:
  freehold rollup define notes 'select count(*) as n from note' --every 1h
  freehold rollup refresh
  freehold rollup get notes
"""
)
def rollup() -> None:
    """Keep the answers of tenants to a query."""


@rollup.command()
@click.argument("name")
@click.argument("query")
@click.option("--every", required=True, metavar="AGE", help="How old an answer may become: 1 hour.")
@click.option("--template", metavar="NAME", help="Of this template's tenants only.")
@click.option("--tier", type=click.Choice(["pooled", "schema", "dedicated"]), help="Of this tier only.")
@click.option("--timeout", metavar="TIME", help="What a tenant is given (10 seconds).")
@click.option("--max-rows", type=click.IntRange(1), help="Of a tenant, at most (100).")
@click.option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
@common
@pass_app
def define(app: App, /, name: str, query: str, every: str, **given: Any) -> None:
    """Declare NAME, a QUERY that only reads, or replace it."""
    row = app.control().rollup_define(name, query, every, **given)
    app.done(f"rollup {name} is asked every {every}", row)


@rollup.command()
@click.argument("name")
@click.option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
@common
@pass_app
def drop(app: App, name: str, reason: str | None) -> None:
    """Drop NAME and the answers that are kept of it."""
    app.control().rollup_drop(name, reason)
    app.done(f"rollup {name} is dropped", {"name": name})


@rollup.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List rollups, and how far tenants have answered."""
    app.show(app.control().rollup_list(), lambda row: {name: row[name] for name in _COLUMNS}, "no rollups")


@rollup.command()
@click.argument("name")
@common
@pass_app
def get(app: App, name: str) -> None:
    """Print the answers that are kept of NAME."""
    columns = ("slug", "row", "as_of", "error")
    app.show(app.control().rollup_get(name), lambda row: {name: row[name] for name in columns}, "no tenants")


@rollup.command()
@click.option("--max-tenants", type=click.IntRange(1), help="Answers to a transaction (50).")
@common
@pass_app
def refresh(app: App, max_tenants: int | None) -> None:
    """Ask what is due, by batches."""
    control, answers = app.control(), 0
    with output.busy("rollup refresh"):
        while some := control.rollup_refresh(max_tenants):
            answers += some
    app.done(f"{answers} answers are refreshed", {"answers": answers})
