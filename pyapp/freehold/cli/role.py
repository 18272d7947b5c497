"""``freehold role``: what members may do, by the name of their role."""

from __future__ import annotations

from typing import Any

from freehold.cli.base import App, click, common, pass_app

_slug = click.option("--slug", metavar="SLUG", help="In this tenant alone.")
_by = click.option("--by-user", metavar="ID", type=click.UUID, help="Act for this member, who must be allowed to.")


@click.group(
    epilog="""
\b
Examples:
  freehold role list
  freehold role define clerk invoice:read invoice:write
  freehold role define viewer data:read --slug acme
  freehold role drop viewer --slug acme
"""
)
def role() -> None:
    """Say what members may do."""


@role.command()
@click.argument("name")
@click.argument("permissions", nargs=-1, metavar="[RESOURCE:VERB]...")
@_slug
@_by
@common
@pass_app
def define(app: App, /, **options: Any) -> None:
    """Say what a role permits, in place of what was said before."""
    row = app.control().role_define(**options)
    app.done(f"role {row['name']} permits {', '.join(row['permissions']) or 'nothing'}", row)


@role.command("list")
@click.option("--slug", metavar="SLUG", help="Those that hold in this tenant.")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List roles and what they permit."""
    app.show(app.control().role_list(**options))


@role.command()
@click.argument("name")
@_slug
@_by
@common
@pass_app
def drop(app: App, /, **options: Any) -> None:
    """Take the definition of a role away."""
    app.control().role_drop(**options)
    app.done(f"role {options['name']} is dropped")
