"""``freehold user``: the people who use the application."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "subject", "issuer", "email", "display_name", "active")}


@click.group(
    epilog="""
\b
Examples:
  freehold user ensure https://login.example.com 1234 --email ada@example.com
  freehold user list --slug acme
  freehold user tenants USER
  freehold user erase USER --reason 'request 4711'
"""
)
def user() -> None:
    """Know who uses the application."""


@user.command()
@click.argument("issuer")
@click.argument("subject")
@click.option("--email", metavar="TEXT", help="Where to write to, verified by the issuer.")
@click.option("--display-name", metavar="TEXT", help="How to address the user.")
@common
@pass_app
def ensure(app: App, /, **options: Any) -> None:
    """Make a user known, or bring e-mail and name up to date."""
    row = app.control().user_ensure(**options)
    app.done(f"user {row['id']}", row)


@user.command()
@click.argument("id", type=click.UUID)
@common
@pass_app
def show(app: App, /, **options: UUID) -> None:
    """Show a user."""
    app.show(app.control().user_get(**options))


@user.command("list")
@click.option("--slug", metavar="SLUG", help="Members of this tenant.")
@click.option("--email", metavar="TEXT", help="With this e-mail, in any case.")
@click.option("--active/--inactive", default=None, help="Only those who are, or are not, active.")
@click.option("--orphans", is_flag=True, default=None, help="Only those who are in no tenant.")
@click.option("--after", metavar="ID", type=click.UUID, help="Go on after this id.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List users."""
    app.show(app.control().user_list(**options), _view, "no users")


@user.command()
@click.argument("id", type=click.UUID)
@common
@pass_app
def tenants(app: App, /, id: UUID) -> None:  # noqa: A002  as the function calls it
    """List the tenants that a user may choose from."""
    app.show(app.control().member_tenants(id), None, "in no tenant")


@user.command()
@click.argument("id", type=click.UUID)
@click.option("--reason", metavar="TEXT", help="Why; the audit keeps it.")
@common
@pass_app
def deactivate(app: App, /, **options: Any) -> None:
    """Keep a user out of all tenants."""
    row = app.control().user_deactivate(**options)
    app.done(f"user {row['id']} is not active", row)


@user.command()
@click.argument("id", type=click.UUID)
@common
@pass_app
def activate(app: App, /, **options: UUID) -> None:
    """Let a user in again."""
    row = app.control().user_activate(**options)
    app.done(f"user {row['id']} is active", row)


@user.command()
@click.argument("id", type=click.UUID)
@click.option("--reason", metavar="TEXT", required=True, help="Why; it is kept, and should name nobody.")
@common
@pass_app
def erase(app: App, /, **options: Any) -> None:
    """Forget a person: the row, its memberships and its invitations."""
    app.control().user_erase(**options)
    app.done(f"user {options['id']} is erased")
