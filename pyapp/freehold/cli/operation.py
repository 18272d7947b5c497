"""``freehold operation``: the log of lifecycle calls."""

from __future__ import annotations

from typing import Any

from freehold.cli import staged
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.control import Row

_OF = {"template_adopt": "template", "reserve_make": "a ready-made schema of template"}


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
  freehold operation resume 42
"""
)
def operation() -> None:
    """Read the operation log; resume or undo what stopped."""


@operation.command("list")
@click.option("--slug", metavar="SLUG", help="Only those of this tenant or template.")
@click.option("--state", type=click.Choice(["running", "done", "failed", "undone"]), help="Only those in this state.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@click.option("--before", type=int, metavar="ID", help="Operations before this one: the next page.")
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


@operation.command()
@click.argument("id", type=int)
@common
@pass_app
def resume(app: App, /, **options: int) -> None:
    """Go on with an operation in stages that was interrupted or failed."""
    control = app.control()
    row = staged.run(control, control.operation_step(**options))
    app.done(f"{row['kind']} {row['slug']} is done", row)


@operation.command()
@click.argument("id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def undo(app: App, /, id: int, yes: bool) -> None:  # noqa: A002  as the function calls it
    """Take back what was begun in stages and has not ended."""
    control = app.control()
    row = control.operation_get(id)
    slug = row["slug"]
    # What cannot be undone at all is said without asking.
    if row["staged"] and row["kind"] not in staged.ONWARD and row["state"] in ("running", "failed"):
        confirm(slug, yes, f"This erases what there is of {_OF.get(row['kind'], 'tenant')} {slug}.")
    freed = "" if row["kind"] == "reserve_make" else f"; {slug} is free again"
    row = staged.run(control, control.operation_undo_step(id))
    app.done(f"operation {id} is undone{freed}", row)
