"""``freehold invitation``: how somebody becomes a member by a token."""

from __future__ import annotations

from typing import Any

from freehold.cli.base import App, click, common, pass_app

_by = click.option("--by-user", metavar="ID", type=click.UUID, help="Act for this member, who must be allowed to.")


@click.group(
    epilog="""
\b
Examples:
  freehold invitation create acme ada@example.com --role admin --ttl '2 days'
  freehold invitation list acme
  freehold invitation accept TOKEN USER
  freehold invitation revoke acme ID
"""
)
def invitation() -> None:
    """Invite people into tenants."""


@invitation.command()
@click.argument("slug")
@click.argument("email")
@click.option("--role", metavar="NAME", help="As what (member).")
@click.option("--ttl", metavar="INTERVAL", help="How long it is good for (7 days).")
@_by
@common
@pass_app
def create(app: App, /, **options: Any) -> None:
    """Invite somebody; the token is shown this once."""
    row = app.control().invitation_create(**options)
    app.done(f"invitation {row['id']} until {row['expires_at']:%Y-%m-%d %H:%M %Z}, token: {row['token']}", row)


@invitation.command()
@click.argument("token")
@click.argument("user_id", metavar="USER", type=click.UUID)
@common
@pass_app
def accept(app: App, /, **options: Any) -> None:
    """Make a user a member by the token of an invitation."""
    row = app.control().invitation_accept(**options)
    app.done(f"user {row['user_id']} is {row['role_name']}", row)


@invitation.command()
@click.argument("slug")
@click.argument("id", type=click.UUID)
@_by
@common
@pass_app
def revoke(app: App, /, **options: Any) -> None:
    """Make an invitation worthless."""
    app.control().invitation_revoke(**options)
    app.done(f"invitation {options['id']} is revoked")


@invitation.command("list")
@click.argument("slug")
@click.option("--past", is_flag=True, default=None, help="Also those that are over.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List the open invitations of a tenant."""
    app.show(app.control().invitation_list(**options), None, "no invitations")
