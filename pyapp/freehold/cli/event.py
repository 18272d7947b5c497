"""``freehold event``: what was done to the control plane, by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, Any]:
    shown = {"id": row["id"], "at": row["at"], "kind": row["kind"], "actor": row["actor"]}
    detail = ", ".join(f"{name}={output.plain(value)}" for name, value in row["detail"].items())
    return shown | {"about": "\n".join(filter(None, (row["slug"], row["reason"], detail))) or None}


@click.group(
    epilog="""
\b
Examples:
  freehold event list --slug acme
  freehold event list --kind tenant_erase --since 2026-11-01
  freehold event list --before-id 4711 --json
"""
)
def event() -> None:
    """Read the audit of the control plane."""


@event.command("list")
@click.option("--slug", metavar="SLUG", help="Only those of this tenant or template.")
@click.option("--kind", metavar="KIND", help="Only those whose kind begins so: tenant_, tenant_erase.done.")
@click.option("--since", type=click.DateTime(), help="Only those from this time on (local time).")
@click.option("--before-id", type=int, metavar="ID", help="The next page: the last id of the page before.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, since: datetime | None, **options: Any) -> None:
    """List events, latest first."""
    when = since.astimezone() if since is not None else None
    app.show(app.control().event_list(since=when, **options), _view, "no events")
