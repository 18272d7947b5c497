"""``freehold limit``: what a tenant may use."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app

_NAMES = """
\b
Names:
  statement_timeout lock_timeout idle_in_transaction_session_timeout work_mem
                   against mistakes: SQL of the tenant's can set others
  temp_file_limit  of logins of its own; no SQL lifts it
  connections      sessions of each such login; no SQL lifts it
  concurrency      transactions under way at a time, in each pool
"""


@click.group(
    epilog="""
\b
Examples:
  freehold limit set acme statement_timeout 5s
  freehold limit set acme concurrency 4
  freehold limit list acme
  freehold limit reset acme statement_timeout
"""
)
def limit() -> None:
    """Limit what a tenant may use."""


@limit.command("set", epilog=_NAMES)
@click.argument("slug")
@click.argument("name")
@click.argument("value")
@common
@pass_app
def set_(app: App, slug: str, name: str, value: str) -> None:
    """Set a limit: VALUE as PostgreSQL writes it, 5s or 64MB."""
    with app.lifecycle("limit_set", slug) as control:
        row = control.limit_set(slug, name, value)
        shown = next(each["value"] for each in control.limit_list(slug) if each["name"] == name)
    app.done(f"tenant {slug} is limited: {name} = {shown}", row)


@limit.command("list")
@click.argument("slug", required=False)
@common
@pass_app
def list_(app: App, slug: str | None) -> None:
    """List a tenant's limits, or those of all tenants."""
    app.show(app.control().limit_list(slug), empty="no limits")


@limit.command()
@click.argument("slug")
@click.argument("name", required=False)
@common
@pass_app
def reset(app: App, slug: str, name: str | None) -> None:
    """Take a limit back, or all of a tenant's."""
    with app.lifecycle("limit_reset", slug) as control:
        row = control.limit_reset(slug, name)
    app.done(f"tenant {slug} has {'no limit' if name is None else f'no limit {name}'} any more", row)
