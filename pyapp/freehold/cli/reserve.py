"""``freehold reserve``: ready-made schemas that provisioning claims."""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Control
from freehold.errors import InvalidArgument, TemplateNotFound, TemplateNotFrozen, WrongState

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
        had = _schemas(control, template)
        made, total, left = 0, 0, 1
        while left > 0:
            before, left = left, _step(control, template, size)
            # The first step may have ended a schema.
            total = total or left + (_schemas(control, template) != had)
            report(max(0, total - left), total)
            made += left < before
            if made == _SESSION:
                made = 0
                control.connection.close()
                control = app.control()
    return control


def _schemas(control: Control, template: str | None) -> tuple[int, int]:
    """How many are finished: of the current version, and of earlier ones."""
    rows = [row for row in control.reserve_status() if row["template"] == (template or "default")]
    return (rows[0]["ready"], rows[0]["stale"]) if rows else (0, 0)


def _step(control: Control, template: str | None, size: int | None) -> int:
    try:
        return control.reserve_fill_step(template, size)
    except (InvalidArgument, TemplateNotFound, TemplateNotFrozen, WrongState):
        # Refused before it began, which has not stopped what others do.
        raise
    except (KeyboardInterrupt, psycopg.Error) as error:
        click.echo("the next fill goes on with what was begun", err=True)
        if isinstance(error, psycopg.Error):
            with contextlib.suppress(psycopg.Error):
                for row in control.operation_list(slug=template or "default", state="running"):
                    if row["kind"] in ("reserve_make", "reserve_drop"):
                        said = error.diag.message_primary or str(error)
                        control.operation_stop(row["id"], error.sqlstate or "", said)
        raise
