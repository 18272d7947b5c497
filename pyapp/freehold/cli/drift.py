"""``freehold drift``: which tenants are not what their templates say."""

from __future__ import annotations

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, object]:
    template = f"{row['template']} {row['version']}"
    return {
        "slug": row["slug"], "schema": row["schema_name"], "template": template, "differences": row["differences"]
    }  # fmt: skip


@click.command()
@click.option("--all", "everyone", is_flag=True, help="List the tenants without drift as well.")
@common
@pass_app
def drift(app: App, everyone: bool) -> None:
    """Compare every tenant's schema with its template version."""
    control = app.control()
    with output.busy("comparing"):
        rows = [row for row in control.fleet_drift() if everyone or row["drifted"]]
    app.show(rows, _view, "no drift")
