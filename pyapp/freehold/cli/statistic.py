"""``freehold statistic``: what the keeper measured."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freehold.cli.base import App, click, common, pass_app

_COLUMNS = ("at", "tenants", "catalog_relations", "catalog_bytes", "connections", "locks", "oldest_xids", "reserve")


@click.group(
    epilog="""
\b
Examples:
  freehold statistic list --since 2026-11-01
  freehold statistic sizes
  freehold statistic sizes acme --json
"""
)
def statistic() -> None:
    """See how the installation and its tenants grow."""


@statistic.command("list")
@click.option("--since", type=click.DateTime(), help="Nothing earlier.")
@click.option("--max-rows", type=click.IntRange(1), help="The latest so many (1000).")
@common
@pass_app
def list_(app: App, /, since: datetime | None, max_rows: int | None) -> None:
    """List what was measured, the oldest first."""
    rows = app.control().statistic_list(since.astimezone() if since else None, max_rows=max_rows)
    app.show(rows, lambda row: {name: row[name] for name in _COLUMNS}, "nothing was measured: freehold keep")


@statistic.command()
@click.argument("slug", required=False)
@click.option("--max-rows", type=click.IntRange(1), help="The latest so many (1000).")
@common
@pass_app
def sizes(app: App, /, **options: Any) -> None:
    """List what a tenant took over time, or the last of each."""
    app.show(app.control().tenant_size_list(**options), None, "nothing was measured: freehold keep")
