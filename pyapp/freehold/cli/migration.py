"""``freehold migration``: the files that change the schemas of tenants."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.cli import output
from freehold.cli.base import App, F, click, common, pass_app, without
from freehold.cli.problem import Refusal
from freehold.errors import InvalidArgument

if TYPE_CHECKING:
    from freehold.migrate.files import Directory, MigrationFile
    from freehold.migrate.render import Rendered, Renderer

_FILES_ONLY = "it reads files and asks no database."
_SQL = """\
-- What this changes, and why.
-- depends: {depends}

-- Names need no schema, it is the tenant's; values pass the filter ident or literal.
-- At the top may also be said: "contract: ID" where every tenant must have that migration before one runs this,
-- "transactional: false" for one statement that runs outside a transaction, CREATE INDEX CONCURRENTLY say,
-- "backfill: true" for one that changes a batch of rows and is run until it changes none.

"""
_ROLLBACK = "-- What takes {id} back, in the reverse order.\n\n"
_PYTHON = '''\
"""What this changes, and why."""

from yoyo import step

__depends__ = {{{depends}}}

steps = [step("", "")]
'''


def directory_option(command: F) -> F:
    """Adds ``--directory``."""
    return click.option(
        "--directory", type=click.Path(file_okay=False, path_type=Path), default=Path("migrations"),
        envvar="FREEHOLD_MIGRATIONS", show_envvar=True, show_default=True, help="Where the migrations are.",
    )(command)  # fmt: skip


def open_directory(path: Path) -> Directory:
    """The migrations of a directory.

    Raises:
        click.ClickException: What reads them is not installed.
    """
    try:
        import jinja2  # noqa: F401

        from freehold.migrate.files import Directory
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing: pip install 'freehold[migrate]'") from None
    return Directory(path)


def renderer_of(path: Path) -> Renderer:
    """The renderer of a directory.

    Raises:
        click.ClickException: What reads it is not installed.
    """
    directory = open_directory(path)
    from freehold.migrate.render import Renderer

    return Renderer(directory)


@click.group(
    epilog="""
\b
Examples:
  freehold migration new add_note --rollback
  freehold migration list
  freehold migration render 0012.add_note --tenant acme
  freehold migration lint --template default
"""
)
def migration() -> None:
    """Write migrations, render them for a tenant, lint them."""


@migration.command()
@click.argument("name")
@click.option("--rollback", is_flag=True, help="A file for what takes it back as well.")
@click.option("--python", is_flag=True, help="A migration in Python, of yoyo's steps.")
@directory_option
@without("--dsn", why=_FILES_ONLY)
@pass_app
def new(app: App, name: str, rollback: bool, python: bool, directory: Path) -> None:
    """Begin a migration: the next number, after all that are there."""
    if not re.fullmatch("[a-z0-9_]+", name):
        raise Refusal(f"{name!r} is not a migration's name", InvalidArgument, detail="a-z, 0-9 and _.")
    if rollback and python:
        raise click.UsageError("In Python a step says how it is rolled back: step(apply, rollback).")
    directory.mkdir(parents=True, exist_ok=True)
    files = list(open_directory(directory))
    numbers = [file.id.split(".")[0] for file in files] or ["0000"]
    id_ = f"{max(map(int, numbers)) + 1:0{max(map(len, numbers))}}.{name}"
    last = [file.id for file in files if not any(file.id in other.depends for other in files)]
    if python:
        depends = ", ".join(f'"{each}"' for each in last)
        written = {directory / f"{id_}.py": _PYTHON.format(depends=depends).replace("{}", "set()")}
    else:
        written = {directory / f"{id_}.sql": _SQL.format(depends=" ".join(last)).replace(": \n", ":\n")}
        if rollback:
            written[directory / f"{id_}.rollback.sql"] = _ROLLBACK.format(id=id_)
    for path, text in written.items():
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    app.done("\n".join(map(str, written)), {"id": id_, "files": list(map(str, written)), "depends": last})


@migration.command("list")
@directory_option
@without("--dsn", why=_FILES_ONLY)
@pass_app
def list_(app: App, directory: Path) -> None:
    """List migrations in the order in which they are applied.

    How one runs is as it says at its top; where a template decides, that depends on the tenant.
    """
    rows = [
        {
            "id": file.id,
            "depends": list(file.depends),
            "contract": list(file.contract),
            "runs": _how(file),
            "rollback": file.python or file.rollback_source is not None,
            "digest": file.digest,
        }
        for file in open_directory(directory)
    ]

    def view(row: dict[str, Any]) -> dict[str, Any]:
        shown = row | {"depends": " ".join(row["depends"]), "digest": row["digest"][:12]}
        return shown | {"contract": " ".join(row["contract"])}

    app.show(rows, view, f"no migrations in {directory}: freehold migration new NAME")


@migration.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--tenant", metavar="SLUG", help="For this tenant.")
@click.option("--template", metavar="NAME", help="For the schema of this template.")
@click.option("--rollback", is_flag=True, help="Print what takes it back.")
@click.option(
    "--out", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Write files into DIR, which the yoyo command can run; all migrations where no ID is given.",
)  # fmt: skip
@directory_option
@common
@pass_app
def render(
    app: App,
    ids: tuple[str, ...],
    tenant: str | None,
    template: str | None,
    rollback: bool,
    out: Path | None,
    directory: Path,
) -> None:
    """Print what a migration is for a tenant or a template.

    The sizes of tables are those of the moment.
    """
    if (tenant is None) == (template is None):
        raise click.UsageError("For whom? --tenant SLUG or --template NAME.")
    if out is None and len(ids) != 1:
        raise click.UsageError("One migration is printed; several are written with --out DIR.")
    migrations = open_directory(directory)
    from freehold.migrate import homes
    from freehold.migrate.render import Renderer

    control = app.control()
    home = homes.home(control, tenant if tenant is not None else f"@{template}")
    size = homes.sizes(control.connection, home.schema)
    renderer = Renderer(migrations)
    chosen = [migrations[id_] for id_ in ids] or list(migrations)
    rendered = [renderer.render(file, home, size) for file in chosen]
    if out is not None:
        _write(app, rendered, out)
    elif app.as_json:
        app.show(_told(rendered[0]))
    elif rollback:
        if rendered[0].rollback is None:
            raise Refusal(f"{ids[0]} has no rollback file", InvalidArgument)
        click.echo(rendered[0].rollback, nl=False)
    else:
        click.echo(rendered[0].text, nl=False)


@migration.command()
@click.argument("files", metavar="[FILE|ID]...", nargs=-1)
@click.option("--template", metavar="NAME", help="Try the migrations on a copy of this template.")
@click.option("--no-trial", is_flag=True, help="Only look at the text, but as the template's.")
@click.option("--acknowledge", metavar="RULE", multiple=True, help="Let this rule stop nothing; may be repeated.")
@directory_option
@common
@pass_app
def lint(
    app: App,
    files: tuple[str, ...],
    template: str | None,
    no_trial: bool,
    acknowledge: tuple[str, ...],
    directory: Path,
) -> None:
    """Look for what would harm a fleet.

    All migrations are linted where none is named, with --template those that it does not have yet. Without it only the
    text is looked at, and no database is needed; with it they are run as well, on a copy of its frozen version, in a
    transaction that is taken back. An error that is acknowledged by nobody ends the command with exit code 2.
    """
    if no_trial and template is None:
        raise click.UsageError("--no-trial goes with --template: without it nothing is tried anyway.")
    migrations = open_directory(directory)
    from freehold.migrate import homes
    from freehold.migrate import lint as linting
    from freehold.migrate.render import Home, Renderer

    chosen = _chosen(migrations, files)
    control = None if template is None else app.control()
    if control is not None and not files:
        from freehold.migrate.plan import untried

        chosen = untried(control, str(template), chosen)
    sample = Home("tenant", "sample", "tenant_sample", "schema", {}, "tenant_sample_owner", "tenant_sample_rw")
    home = sample if control is None else homes.home(control, f"@{template}")
    connection = None if control is None else control.connection
    with output.busy("linting"):
        findings = linting.lint(
            Renderer(migrations),
            chosen,
            home,
            connection,
            None if no_trial else template,
            acknowledge,
        )
    rows = [finding.as_row() for finding in findings]
    app.show(rows, _finding_view, f"nothing found in {_count(len(chosen), 'migration')}")
    stopping = sum(finding.blocks for finding in findings)
    if stopping:
        if not app.as_json:
            told = f"{_count(stopping, 'error')} to mend, or to acknowledge at the top of the file"
            click.echo(f"{told}: -- freehold-ignore: RULE", err=True)
        raise click.exceptions.Exit(InvalidArgument.exit_code)


def _how(file: MigrationFile) -> str:
    from freehold.migrate import directives

    if file.python:
        return "python"
    if any(opening in file.source for opening in ("{{", "{%")):
        return "as rendered"
    said = directives.read(file.source, str(file.path))
    return "by batches" if said.backfill else "in a transaction" if said.transactional else "one statement"


def _chosen(migrations: Directory, named: Sequence[str]) -> list[MigrationFile]:
    """The migrations that were named, by id or by path, in the order of application."""
    ids = {Path(each).name.removesuffix(".rollback.sql").removesuffix(".sql").removesuffix(".py") for each in named}
    chosen = {migrations[id_].id for id_ in sorted(ids)}
    return [file for file in migrations if not named or file.id in chosen]


def _told(rendered: Rendered) -> dict[str, Any]:
    return {
        "id": rendered.file.id,
        "text": rendered.text,
        "rollback": rendered.rollback,
        "digest": rendered.digest,
        "transactional": rendered.transactional,
        "backfill": rendered.backfill,
        "empty": rendered.empty,
    }


def _write(app: App, rendered: Sequence[Rendered], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for each in rendered:
        (out / each.file.path.name).write_text(each.text, encoding="utf-8")
        if each.rollback is not None:
            (out / each.file.rollback_path.name).write_text(each.rollback, encoding="utf-8")
    app.done(f"{_count(len(rendered), 'migration')} written to {out}", [_told(each) for each in rendered])
    batches = [each.file.id for each in rendered if each.backfill]
    if batches and not app.as_json:
        click.echo(f"yoyo runs one batch and no more: {', '.join(batches)}", err=True)


def _finding_view(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "migration": row["migration"] + (" (rollback)" if row["rollback"] else ""),
        "line": row["line"],
        "": "acknowledged" if row["acknowledged"] else row["severity"],
        "rule": row["rule"],
        "what": row["message"],
        "help": row["help"],
    }


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
