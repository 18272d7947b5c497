"""``freehold api-key``: keys of services and operators for the HTTP service."""

from __future__ import annotations

from typing import Any

from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row


def _view(row: Row) -> dict[str, Any]:
    bound = "all" if row["slugs"] is None else ", ".join(row["slugs"]) or "none left"
    shown = {name: row[name] for name in ("id", "name", "state")}
    return shown | {
        "roles": ", ".join(row["roles"]), "tenants": bound, "expires_at": row["expires_at"],
        "last_used_at": row["last_used_at"],
    }  # fmt: skip


@click.group(
    "api-key",
    epilog="""
\b
Examples:
  freehold api-key create ci --role worker --ttl '90 days'
  freehold api-key create billing --slug acme --slug globex
  freehold api-key list
  freehold api-key rotate 1 --overlap '2 hours'
  freehold api-key revoke 1 --reason leaked
""",
)
def api_key() -> None:
    """Manage keys for the HTTP service."""


@api_key.command()
@click.argument("name")
@click.option(
    "--role", "roles", metavar="ROLE", multiple=True, help="admin, auditor, worker, break_glass, analyst; repeatable."
)
@click.option("--slug", "slugs", metavar="SLUG", multiple=True, help="Bind it to this tenant; repeatable.")
@click.option("--ttl", metavar="INTERVAL", help="How long it is good for; without, it does not expire.")
@common
@pass_app
def create(app: App, /, **options: Any) -> None:
    """Make a key; the token is shown this once."""
    row = app.control().api_key_create(**(options | {"slugs": options["slugs"] or None}))
    app.done(f"API key {row['id']}{_until(row)}, token: {row['token']}", row)


@api_key.command("list")
@click.option("--past", is_flag=True, default=None, help="Also those that are over.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List the keys; nothing of their tokens is kept."""
    app.show(app.control().api_key_list(**options), _view, "no API keys")


@api_key.command()
@click.argument("id", type=int)
@click.option("--overlap", metavar="INTERVAL", help="How long the token before stays good (1 hour).")
@common
@pass_app
def rotate(app: App, /, **options: Any) -> None:
    """Give a key a new token, shown this once."""
    row = app.control().api_key_rotate(**options)
    until = f"{row['overlap_until']:%Y-%m-%d %H:%M %Z}"
    app.done(f"API key {options['id']}, the token before is good until {until}, token: {row['token']}", row)


@api_key.command()
@click.argument("id", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the audit.")
@common
@pass_app
def revoke(app: App, /, **options: Any) -> None:
    """Make a key worthless."""
    app.control().api_key_revoke(**options)
    app.done(f"API key {options['id']} is revoked")


@api_key.command()
@click.option("--older-than", metavar="INTERVAL", help="Over for so long (90 days).")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def purge(app: App, /, **options: Any) -> None:
    """Delete keys that have long been over."""
    rows = app.control().api_key_purge(**options)
    app.done(f"{rows} API keys deleted", {"rows": rows})


def _until(row: Row) -> str:
    return "" if row["expires_at"] is None else f" until {row['expires_at']:%Y-%m-%d %H:%M %Z}"
