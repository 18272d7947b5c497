"""``freehold setting``: the installation's settings, rows that all clients share."""

from __future__ import annotations

from freehold.cli.base import App, click, common, pass_app


@click.group(
    epilog="""
\b
Examples:
  freehold setting list
  freehold setting set retire_grace '14 days'
"""
)
def setting() -> None:
    """Read and change the installation's settings."""


@setting.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List all settings."""
    app.show(app.control().setting_list())


@setting.command()
@click.argument("name")
@common
@pass_app
def get(app: App, name: str) -> None:
    """Print the value of a setting."""
    app.show(app.control().setting_get(name))


@setting.command("set")
@click.argument("name")
@click.argument("value")
@common
@pass_app
def set_(app: App, name: str, value: str) -> None:
    """Change a setting."""
    app.control().setting_set(name, value)
    app.done(f"{name} = {value}", {"name": name, "value": value})
