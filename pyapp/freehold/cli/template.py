"""``freehold template``: the blueprints that tenants are built from."""

from __future__ import annotations

from pathlib import Path

from freehold.cli.base import App, click, common, confirm, pass_app

_COLUMNS = ("name", "schema_name", "version", "tenants", "changed", "frozen_at")


@click.group(
    epilog="""
\b
Examples:
  freehold template create default
  freehold template apply default migrations/*.sql
  freehold template freeze default
  freehold template adopt legacy app_customer_1
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
@click.argument("name")
@click.argument("schema")
@common
@pass_app
def adopt(app: App, name: str, schema: str) -> None:
    """Make a template of an existing SCHEMA, written as in SQL: app or '"My App"'; it stays as it is."""
    with app.lifecycle("template_adopt", name) as control:
        row = control.template_adopt(name, schema)
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
    """Run SQL files in a template's schema, as its owner, all in one transaction; - is stdin."""
    with app.lifecycle("template_apply", name) as control:
        for file in files:
            with click.open_file(str(file), encoding="utf-8") as stream:
                control.template_apply(name, stream.read())
    count = "1 file" if len(files) == 1 else f"{len(files)} files"
    app.done(f"{count} applied to template {name}", {"template": name, "files": [str(f) for f in files]})


@template.command()
@click.argument("name")
@common
@pass_app
def freeze(app: App, name: str) -> None:
    """Freeze a template as it is; new tenants are built from the frozen version."""
    with app.lifecycle("template_freeze", name) as control:
        row = control.template_freeze(name)
    app.done(f"template {name} is frozen as version {row['version']}", row)


@template.command("list")
@common
@pass_app
def list_(app: App) -> None:
    """List templates, and whether each has changed since it was frozen."""
    app.show(app.control().template_list(), _COLUMNS, "no templates: freehold template create default")


@template.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def drop(app: App, name: str, yes: bool) -> None:
    """Remove a template, its schema and its versions; refused while tenants are built from it."""
    confirm(name, yes, f"This drops template {name} with its schema.")
    with app.lifecycle("template_drop", name) as control:
        control.template_drop(name)
    app.done(f"template {name} is dropped", {"template": name})
