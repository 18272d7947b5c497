"""``freehold drift``: which tenants are not what their templates say, in what, and how to bring them back."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.cli.problem import Refusal
from freehold.control import Control, Row
from freehold.errors import InvalidArgument

_PAGE = 50


def _view(row: Row) -> dict[str, object]:
    template = f"{row['template']} {row['version']}"
    return {
        "slug": row["slug"], "schema": row["schema_name"], "template": template, "differences": row["differences"]
    }  # fmt: skip


@click.command(
    epilog="""
\b
Examples:
  freehold drift
  freehold drift acme
  freehold drift acme --repair
  freehold drift acme --repair --allow-data-loss > acme.sql
"""
)
@click.argument("slug", required=False)
@click.option("--all", "everyone", is_flag=True, help="List the tenants without drift as well.")
@click.option("--repair", is_flag=True, help="Print the statements that bring the tenant back.")
@click.option("--allow-data-loss", is_flag=True, help="With those that lose rows, columns or parts of values.")
@common
@pass_app
def drift(app: App, slug: str | None, everyone: bool, repair: bool, allow_data_loss: bool) -> None:
    """Compare tenants' schemas with their template versions.

    Without SLUG, every tenant's; with it, what differs in one. A repair runs nothing: it
    prints a script, in which comments tell what is left to you.
    """
    if slug is None and (repair or allow_data_loss):
        raise Refusal("a repair is one tenant's", InvalidArgument, hint="freehold drift SLUG --repair")
    if allow_data_loss and not repair:
        raise Refusal("--allow-data-loss goes with --repair", InvalidArgument)
    control = app.control()
    if slug is None:
        rows = [row for row in fleet(control) if everyone or row["drifted"]]
        app.show(rows, _view, "no drift")
    elif repair:
        show_repair(app, control, slug, allow_data_loss=allow_data_loss)
    else:
        show_differences(app, control, slug)


def fleet(control: Control) -> list[Row]:
    """Every tenant's answer, a page of them at a time."""
    rows: list[Row] = []
    with output.progress("comparing") as report:
        while page := control.fleet_drift(rows[-1]["slug"] if rows else None, _PAGE):
            rows += page
            report(len(rows), None)
    return rows


def show_differences(app: App, control: Control, slug: str) -> None:
    """What differs in one tenant."""
    rows = control.tenant_drift(slug)
    if app.as_json:
        app.show(rows)
    else:
        output.print_differences(rows, f"tenant {slug} is as its template says")


def show_repair(app: App, control: Control, slug: str, *, allow_data_loss: bool) -> None:
    """The statements that bring one tenant back: rows, or a script for psql."""
    rows = control.tenant_repair(slug, allow_data_loss=allow_data_loss)
    if app.as_json:
        app.show(rows)
    elif not rows:
        app.show(rows, empty=f"tenant {slug} is as its template says")
    else:
        click.echo(script(control, control.tenant_get(slug), rows))
        if left := sum(row["by_hand"] for row in rows):
            click.echo(f"{left} of {len(rows)} are left to you: see the comments", err=True)


def script(control: Control, tenant: Row, rows: Sequence[Row]) -> str:
    """A repair in one transaction, as the owner of the schema."""
    path = sql.SQL("set local role {};\nset local search_path = {}, pg_catalog, pg_temp;").format(
        sql.Identifier(tenant["owner_role"]), sql.Identifier(tenant["schema_name"])
    )
    statements = (row["statement"] + ("" if row["by_hand"] else ";") for row in rows)
    return "\n".join(["begin;", path.as_string(control.connection), *statements, "commit;"])
