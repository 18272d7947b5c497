"""``freehold eraser``: what holds data of tenants outside the database."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app


@click.group(
    epilog="""
\b
Examples:
  freehold eraser register storage --description 'uploads, bucket files'
  freehold eraser list
"""
)
def eraser() -> None:
    """Register what has to be erased outside the database."""


@eraser.command()
@click.argument("name")
@click.option("--description", metavar="TEXT", required=True, help="What is erased there.")
@common
@pass_app
def register(app: App, name: str, description: str) -> None:
    """Give every erasure from now on a task of this name."""
    app.done(f"eraser {name} is registered", app.control().eraser_register(name, description))


@eraser.command()
@click.argument("name")
@common
@pass_app
def remove(app: App, name: str) -> None:
    """Give erasures from now on no task of this name."""
    app.control().eraser_remove(name)
    app.done(f"eraser {name} is removed", {"name": name})


@eraser.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List what has to be erased outside the database."""
    app.show(app.control().eraser_list(), empty="no erasers")
