"""The commands of ``freehold migration`` that ask the ledger of one tenant, or of a template's own schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from freehold.cli.base import App, click, common, pass_app
from freehold.cli.migration import directory_option, open_directory
from freehold.control import Row

_home = click.argument("home", metavar="SLUG|@TEMPLATE")


@click.command()
@_home
@common
@pass_app
def show(app: App, /, home: str) -> None:
    """Show what was applied to a tenant, or to a template's own schema."""
    app.show(app.control().migration_list(home), _view, f"nothing was applied to {home}")


@click.command()
@_home
@common
@pass_app
def export(app: App, /, home: str) -> None:
    """Write the ledger into yoyo's tables in the tenant's schema.

    From then on the stock yoyo command lists, applies and rolls back there, with the files of `migration render --out`.
    """
    count = app.control().migration_export(home)
    app.done(f"{count} exported to the tables of yoyo in the schema of {home}", {"home": home, "migrations": count})


@click.command("import")
@_home
@common
@pass_app
def import_(app: App, /, home: str) -> None:
    """Read yoyo's tables in the tenant's schema into the ledger."""
    count = app.control().migration_import(home)
    app.done(f"{count} rows of the ledger of {home} changed", {"home": home, "changed": count})


@click.command()
@_home
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--not-applied", is_flag=True, help="Say that they were not.")
@directory_option
@common
@pass_app
def mark(app: App, /, home: str, ids: tuple[str, ...], not_applied: bool, directory: Path) -> None:
    """Say that migrations were applied by other means; nothing runs."""
    files = [open_directory(directory)[each] for each in ids]
    count = app.control().migration_mark(
        home, [file.id for file in files], [file.digest for file in files], not not_applied
    )
    app.done(f"{count} rows of the ledger of {home} changed", {"home": home, "changed": count})


COMMANDS = (show, export, import_, mark)


def _view(row: Row) -> dict[str, Any]:
    return {
        "migration": row["migration_id"], "state": row["state"], "at": row["applied_at"], "by": row["applied_by"],
        "took": row["duration"], "rollout": row["rollout_id"], "rows": row["rows"],
        "file": row["source_digest"] and row["source_digest"][:12], "from birth": row["inherited"],
    }  # fmt: skip
