"""``freehold outbox``: what somebody outside is to be told."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app


@click.group(
    epilog="""
\b
Examples:
  freehold outbox list --json
  freehold outbox delivered 17 18
"""
)
def outbox() -> None:
    """What is to be told outside: read it, mark it as told."""


@outbox.command("list")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (100).")
@common
@pass_app
def list_(app: App, /, **options: int) -> None:
    """List what is to be delivered, the oldest first."""
    columns = ("id", "at", "topic", "payload")
    app.show(app.control().outbox_list(**options), lambda row: {name: row[name] for name in columns}, "nothing waits")


@outbox.command()
@click.argument("ids", type=int, nargs=-1, required=True)
@common
@pass_app
def delivered(app: App, ids: tuple[int, ...]) -> None:
    """Say by number what was delivered."""
    count = app.control().outbox_delivered(ids)
    app.done(f"{count} delivered", {"delivered": count})
