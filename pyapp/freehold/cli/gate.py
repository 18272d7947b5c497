"""``freehold gate``: which logins reach the tenants of a cell."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app

_cell = click.option("--cell", type=click.IntRange(1), metavar="NUMBER", help="The cell (1).")


@click.group(
    epilog="""
\b
Examples:
  freehold gate grant app_login
  freehold gate revoke app_login --cell 2
"""
)
def gate() -> None:
    """Let an application's login act as tenants, or stop it."""


@gate.command()
@click.argument("login")
@_cell
@common
@pass_app
def grant(app: App, login: str, cell: int | None) -> None:
    """Let LOGIN reach the runtime roles of a cell by SET LOCAL ROLE."""
    app.control().gate_grant(login, cell)
    app.done(f"{login} reaches cell {cell or 1}", {"login": login, "cell": cell or 1})


@gate.command()
@click.argument("login")
@_cell
@common
@pass_app
def revoke(app: App, login: str, cell: int | None) -> None:
    """Take a cell's gate back from LOGIN."""
    app.control().gate_revoke(login, cell)
    app.done(f"{login} no longer reaches cell {cell or 1}", {"login": login, "cell": cell or 1})
