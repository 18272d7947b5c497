"""``freehold gate``: which logins reach the tenants of a cell."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app

_NUMBER = click.IntRange(1)


@click.group(
    epilog="""
\b
Examples:
  freehold gate grant app_login
  freehold gate grant app_login --cell 2
  freehold gate revoke app_login
"""
)
def gate() -> None:
    """Let an application's login act as tenants, or stop it."""


@gate.command()
@click.argument("login")
@click.option("--cell", type=_NUMBER, metavar="NUMBER", help="One cell; else all, those to come too.")
@common
@pass_app
def grant(app: App, login: str, cell: int | None) -> None:
    """Let LOGIN reach the tenants' runtime roles by SET LOCAL ROLE."""
    app.control().gate_grant(login, cell)
    app.done(f"{login} reaches {_said(cell)}", {"login": login, "cell": cell})


@gate.command()
@click.argument("login")
@click.option("--cell", type=_NUMBER, metavar="NUMBER", help="One cell; else all.")
@common
@pass_app
def revoke(app: App, login: str, cell: int | None) -> None:
    """Take gates back from LOGIN."""
    app.control().gate_revoke(login, cell)
    app.done(f"{login} no longer reaches {_said(cell) if cell else 'any cell'}", {"login": login, "cell": cell})


def _said(cell: int | None) -> str:
    return f"cell {cell}" if cell else "all cells"
