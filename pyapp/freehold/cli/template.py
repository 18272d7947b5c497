"""``freehold template``: the blueprints that tenants are built from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from freehold.cli import script, staged
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.cli.problem import Refusal
from freehold.control import Row
from freehold.errors import LockTableFull, SchemaNotFound


def _view(row: Row) -> dict[str, Any]:
    shown = {"name": row["name"], "state": row["state"], "schema": row["schema_name"], "version": row["version"]}
    shown |= {"tenants": row["tenants"]}
    return shown | {"changed": row["changed"], "frozen": row["frozen_at"]}


@click.group(
    epilog="""
\b
Examples:
  freehold template create default
  freehold template apply default migrations/*.sql
  freehold template freeze default
  freehold template adopt legacy app_customer_1
  freehold template seed default seed.sql
"""
)
def template() -> None:
    """Make, change and freeze templates."""


@template.command()
@click.argument("name")
@common
@pass_app
def create(app: App, name: str) -> None:
    """Make a template with an empty schema."""
    with app.lifecycle("template_create", name) as control:
        row = control.template_create(name)
    app.done(f"template {name} is made: schema {row['schema_name']}", row)


@template.command()
@click.argument("source")
@click.argument("name")
@common
@pass_app
def copy(app: App, source: str, name: str) -> None:
    """Make a template from the frozen version of SOURCE, rows included."""
    with app.lifecycle("template_copy", name) as control:
        row = control.template_copy(source, name)
    app.done(f"template {name} is made: schema {row['schema_name']}; freeze it to make tenants of it", row)


@template.command()
@click.argument("name")
@click.argument("schema")
@common
@pass_app
def adopt(app: App, name: str, schema: str) -> None:
    """Make a template of an existing SCHEMA.

    The schema stays as it is. Its name is given without SQL's quotes: 'My App'.
    """
    try:
        with app.lifecycle("template_adopt", name) as control:
            quoted = sql.Identifier(schema).as_string(control.connection)
            try:
                row = control.template_adopt(name, quoted)
            except psycopg.errors.InvalidSchemaName as error:
                if error.diag.message_primary and schema not in error.diag.message_primary:
                    raise
                raise Refusal(
                    f'there is no schema "{schema}" in database {control.connection.info.dbname}', SchemaNotFound
                ) from error
    except LockTableFull:
        with app.lifecycle("template_adopt", name) as control:
            begun = control.template_adopt_step(name, quoted)
        staged.run(control, begun)
        row = next(row for row in control.template_list() if row["name"] == name)
    app.done(f"template {name} is made from schema {schema}: schema {row['schema_name']}", row)


@template.command()
@click.argument("name")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)  # fmt: skip
@common
@pass_app
def apply(app: App, name: str, files: tuple[Path, ...]) -> None:
    """Run SQL files in a template's schema, as its owner.

    All in one transaction; - is stdin.
    """
    with app.lifecycle("template_apply", name) as control:
        for file in files:
            script.apply(control, name, file, lambda place: setattr(app, "place", place))
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    app.done(f"{count} applied to template {name}", {"template": name, "files": [str(f) for f in files]})


@template.command()
@click.argument("name")
@common
@pass_app
def freeze(app: App, name: str) -> None:
    """Freeze a template as it is, for new tenants to be built from."""
    with app.lifecycle("template_freeze", name) as control:
        row = control.template_freeze(name)
    app.done(f"template {name} is frozen as version {row['version']}", row)


@template.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List templates, and whether each has changed since it was frozen."""
    app.show(app.control().template_list(), _view, "no templates: freehold template create default")


@template.command()
@click.argument("name")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--none", is_flag=True, help="Take the script away.")
@common
@pass_app
def seed(app: App, name: str, file: Path | None, none: bool) -> None:
    """Say what sign-ups run in new tenants, or show it.

    FILE is a script; - is stdin.
    """
    if file is None and not none:
        app.show(app.control().template_seed_get(name) or "")
        return
    if file is not None and none:
        raise click.UsageError("It is either FILE or --none.")
    text = "" if file is None else sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    app.control().template_seed_set(name, text)
    app.done(f"template {name} has {'a' if text.strip() else 'no'} script for sign-ups", {"template": name})


@template.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def drop(app: App, name: str, yes: bool) -> None:
    """Remove a template, its schema and its versions.

    Refused while there are tenants of it.
    """
    confirm(name, yes, f"This drops template {name} with its schema.")
    try:
        with app.lifecycle("template_drop", name) as control:
            control.template_drop(name)
    except LockTableFull:
        with app.lifecycle("template_drop", name) as control:
            begun = control.template_drop_step(name)
        staged.run(control, begun)
    app.done(f"template {name} is dropped", {"template": name})
