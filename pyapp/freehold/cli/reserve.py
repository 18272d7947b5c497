"""``freehold reserve``: ready-made schemas that provisioning claims."""

from __future__ import annotations

import time
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
  freehold reserve keep --template crm --size 20 --every 5
  freehold reserve status
  freehold reserve fill --template crm --size 0
"""
)
def reserve() -> None:
    """Keep ready-made schemas, so that provisioning only renames one."""


@reserve.command()
@_template
@_size
@common
@pass_app
def fill(app: App, /, template: str | None, size: int | None) -> None:
    """Make what is missing and drop what is stale; --size 0 empties it."""
    control = _fill(app, app.control(), template, size)
    app.show(control.reserve_status(), None, "the reserve is empty")


@reserve.command()
@_template
@_size
@click.option("--every", type=click.FloatRange(0.1), default=5.0, metavar="SECONDS", help="How often to look (5).")
@common
@pass_app
def keep(app: App, /, template: str | None, size: int | None, every: float) -> None:
    """Keep filling it, until it is interrupted: for a service manager.

    Several may run and wait for each other; each makes one schema at a time, so provisioning is never held up.
    """
    control = app.control()
    while True:
        control = _fill(app, control, template, size)
        time.sleep(every)


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
