"""``freehold drift``: which tenants are not what their templates say."""

from __future__ import annotations

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app

DIFFERENCES = ("change", "kind", "identity", "expected", "actual")


@click.command()
@click.option("--all", "everyone", is_flag=True, help="List the tenants without drift as well.")
@common
@pass_app
def drift(app: App, everyone: bool) -> None:
    """Compare every tenant's schema with its template version."""
    control = app.control()
    with output.busy("comparing"):
        rows = [row for row in control.fleet_drift() if everyone or row["drifted"]]
    app.show(rows, ("slug", "schema_name", "template", "version", "drifted", "differences"), "no drift")
