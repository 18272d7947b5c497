"""``freehold operation``: the log of lifecycle calls."""

from __future__ import annotations

from typing import Any

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, Any]:
    state = row["state"] if row["error_code"] is None else f"{row['state']} {row['error_code']}"
    shown = {"id": row["id"], "kind": row["kind"], "slug": row["slug"], "state": state, "actor": row["actor"]}
    return shown | {"started": row["started_at"], "took": row["duration"]}


@click.group(
    epilog="""
\b
Examples:
  freehold operation list --slug acme
  freehold operation list --state failed --json
  freehold operation show 42
"""
)
def operation() -> None:
    """Read the operation log: who did what, when, and how it went."""


@operation.command("list")
@click.option("--slug", metavar="SLUG", help="Only those of this tenant or template.")
@click.option("--state", type=click.Choice(["running", "done", "failed"]), help="Only those in this state.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List operations, latest first."""
    app.show(app.control().operation_list(**options), _view, "no operations")


@operation.command()
@click.argument("id", type=int)
@common
@pass_app
def show(app: App, /, **options: int) -> None:
    """Show an operation by its number."""
    app.show(app.control().operation_get(**options))
