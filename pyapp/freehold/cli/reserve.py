"""``freehold reserve``: ready-made schemas that provisioning claims."""

from __future__ import annotations

from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Control

_template = click.option("--template", metavar="NAME", help="Of which template (default).")
_size = click.option("--size", type=click.IntRange(0, 10000), metavar="NUMBER", help="How many to have ready (10).")

_SESSION = 100
"""Schemas that one session makes."""


@click.group(
    epilog="""
\b
Examples:
  freehold reserve fill --template crm --size 20
  freehold reserve set --template crm --size 20
  freehold reserve status
  freehold reserve fill --template crm --size 0
"""
)
def reserve() -> None:
    """Keep ready-made schemas, for provisioning to rename."""


@reserve.command()
@_template
@_size
@common
@pass_app
def fill(app: App, /, template: str | None, size: int | None) -> None:
    """Make what is missing and drop what is stale; --size 0 empties it."""
    control = _fill(app, app.control(), template, size)
    app.show(control.reserve_status(), None, "the reserve is empty")


@reserve.command("set")
@_template
@click.option(
    "--size", type=click.IntRange(0, 10000), metavar="NUMBER", help="How many; without it, none of its concern."
)
@common
@pass_app
def set_(app: App, /, template: str | None, size: int | None) -> None:
    """Say how many the keeper has ready (freehold keep)."""
    app.control().reserve_set(template, size)
    keeps = "leaves the reserve alone" if size is None else f"keeps {size} ready"
    app.done(
        f"the keeper {keeps} of template {template or 'default'}", {"template": template or "default", "size": size}
    )


@reserve.command()
@common
@pass_app
def status(app: App, /, **options: Any) -> None:
    """Show how many schemas are ready, by template."""
    app.show(app.control().reserve_status(**options), None, "the reserve is empty")


def _fill(app: App, control: Control, template: str | None, size: int | None) -> Control:
    """Makes what is missing; the connection to go on with, as one is slower with each schema that it made."""
    with output.progress(f"reserve of {template or 'default'}") as report:
        done, left = 0, 1
        while left > 0:
            if done and done % _SESSION == 0:
                control.connection.close()
                control = app.control()
            done, left = done + 1, control.reserve_fill_step(template, size)
            report(done, done + left)
    return control
