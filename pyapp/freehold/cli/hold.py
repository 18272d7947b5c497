"""``freehold hold``: legal holds, which keep a tenant from being erased."""

from __future__ import annotations

from typing import Any

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, Any]:
    shown = {"id": row["id"], "tenant": row["tenant"], "state": row["state"], "reason": row["reason"]}
    shown |= {"set": row["set_at"], "by": row["set_by"], "until": row["until"], "released": row["released_at"]}
    return shown | {"erasure asked for": row["requested_at"], "why": row["request"]}


@click.group(
    epilog="""
\b
Examples:
  freehold hold set acme --reason 'Smith v. Acme, court order 12/3'
  freehold hold list
  freehold hold release acme --reason 'settled'
"""
)
def hold() -> None:
    """Keep tenants from being erased."""


@hold.command("set")
@click.argument("slug")
@click.option("--reason", metavar="TEXT", required=True, help="Why.")
@click.option("--until", metavar="TIME", help="When it ends by itself, 2030-01-31 say; else when it is released.")
@common
@pass_app
def set_(app: App, /, slug: str, **options: Any) -> None:
    """Keep a tenant from being erased."""
    with app.lifecycle("hold_set", slug) as control:
        row = control.hold_set(slug, **options)
    app.done(f"tenant {slug} is under hold {row['id']}", row)


@hold.command()
@click.argument("slug")
@click.option("--reason", metavar="TEXT", required=True, help="Why it is over.")
@click.option("--id", type=int, metavar="N", help="Which, where several stand.")
@common
@pass_app
def release(app: App, /, slug: str, **options: Any) -> None:
    """End a hold. Nothing is erased by that."""
    with app.lifecycle("hold_release", slug) as control:
        row = control.hold_release(slug, **options)
    app.done(f"hold {row['id']} of tenant {slug} is released", row)


@hold.command("list")
@click.argument("slug", required=False)
@click.option("--released", is_flag=True, default=None, help="Also those that are over.")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List the holds that stand, and who asked for an erasure meanwhile."""
    app.show(app.control().hold_list(**options), _view, "no holds")
