"""``freehold member``: who is in which tenant, and what he may do there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from freehold.cli.base import App, click, common, pass_app

_slug = click.argument("slug")
_user = click.argument("user_id", metavar="USER", type=click.UUID)
_by = click.option("--by-user", metavar="ID", type=click.UUID, help="Act for this member, who must be allowed to.")


@click.group(
    epilog="""
\b
Examples:
  freehold member add acme USER --role owner
  freehold member list acme
  freehold member set-role acme USER viewer
  freehold member allowed acme USER data:write
"""
)
def member() -> None:
    """Say who is in which tenant."""


@member.command()
@_slug
@_user
@click.option("--role", metavar="NAME", help="As what (member).")
@_by
@common
@pass_app
def add(app: App, /, **options: Any) -> None:
    """Make a user a member of a tenant."""
    row = app.control().member_add(**options)
    app.done(f"user {row['user_id']} is {row['role_name']} of tenant {options['slug']}", row)


@member.command()
@_slug
@_user
@_by
@common
@pass_app
def remove(app: App, /, **options: Any) -> None:
    """End a membership."""
    app.control().member_remove(**options)
    app.done(f"user {options['user_id']} is no member of tenant {options['slug']}")


@member.command("set-role")
@_slug
@_user
@click.argument("role")
@_by
@common
@pass_app
def set_role(app: App, /, **options: Any) -> None:
    """Give a member another role."""
    row = app.control().member_set_role(**options)
    app.done(f"user {row['user_id']} is {row['role_name']} of tenant {options['slug']}", row)


@member.command()
@_slug
@_user
@_by
@common
@pass_app
def deactivate(app: App, /, **options: Any) -> None:
    """Keep a member out of one tenant."""
    row = app.control().member_deactivate(**options)
    app.done(f"user {row['user_id']} is not active in tenant {options['slug']}", row)


@member.command()
@_slug
@_user
@_by
@common
@pass_app
def activate(app: App, /, **options: Any) -> None:
    """Let a member in again."""
    row = app.control().member_activate(**options)
    app.done(f"user {row['user_id']} is active in tenant {options['slug']}", row)


@member.command("list")
@_slug
@click.option("--after", metavar="ID", type=click.UUID, help="Go on after this user.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List the members of a tenant, by id."""
    app.show(app.control().member_list(**options), None, "no members")


@member.command()
@_slug
@_user
@common
@pass_app
def check(app: App, /, slug: str, user_id: UUID) -> None:
    """Tell whether a user is an active member; exits 5 where not."""
    control = app.control()
    found = control.member_check(control.tenant_get(slug)["id"], user_id) is not None
    _answer(app, found, f"user {user_id} is {'a' if found else 'no'} member of tenant {slug}")


@member.command()
@_slug
@_user
@click.argument("permission")
@click.option("--require", is_flag=True, help="Fail with the error that an application would get.")
@common
@pass_app
def allowed(app: App, /, slug: str, user_id: UUID, permission: str, require: bool) -> None:
    """Tell whether a user has a permission; exits 5 where not."""
    control = app.control()
    if require:
        control.permission_require(slug, user_id, permission)
    found = require or control.permission_check(slug, user_id, permission)
    _answer(app, found, f"user {user_id} {'has' if found else 'has not'} {permission} in tenant {slug}")


def _answer(app: App, found: bool, message: str) -> None:
    app.done(message, found)
    if not found:
        raise click.exceptions.Exit(5)
