"""``freehold migrate``: where the fleet stands, and one tenant at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.cli.migration import directory_option, renderer_of
from freehold.control import Row

_QUARANTINE = ("slug", "rollout_id", "failed_at", "error_code", "error_message")


@click.group(
    epilog="""
\b
Examples:
  freehold migrate status
  freehold migrate apply acme
  freehold migrate apply @default --to 0012.add_note
  freehold migrate rollback acme 0012.add_note
\b
For a fleet: freehold rollout. A template's own schema is named by @ and its
name.
"""
)
def migrate() -> None:
    """Show which migrations tenants have; migrate one by itself."""


@migrate.command()
@click.option("--template", metavar="NAME", help="Of one template.")
@click.option("--tenants", is_flag=True, help="A line for each tenant.")
@common
@pass_app
def status(app: App, /, template: str | None, tenants: bool) -> None:
    """Show the versions over the fleet.

    Its floor and its ceiling, and who is in quarantine at what.
    """
    with output.busy("asking"):
        rows = app.control().migration_status(template)
    if tenants:
        app.show(rows, _tenant, "no tenants")
        return
    fleet = _fleet(rows)
    if app.as_json:
        output.print_json(fleet)
        return
    output.print_table([_version(version) for each in fleet for version in each["versions"]], "no tenants")
    for each in fleet:
        for row in each["quarantined"]:
            click.echo(f"{row['slug']} failed at {row['failed_at']}: [{row['error_code']}] {row['error_message']}")


@migrate.command()
@click.argument("home", metavar="SLUG|@TEMPLATE")
@click.option("--to", metavar="ID", help="The last migration to apply (all of them).")
@directory_option
@common
@pass_app
def apply(app: App, /, home: str, to: str | None, directory: Path) -> None:
    """Apply to one tenant what it does not have yet."""
    renderer, control = renderer_of(directory), app.control()
    from freehold.migrate.engine import TenantBackend

    backend = TenantBackend(control.connection, home, renderer)
    wanted = renderer.directory.up_to(to)
    ids = {file.id for file in wanted}
    done = []
    for migration in backend.to_apply(backend.migrations().filter(lambda m: m.id in ids)):
        with output.busy(migration.id):
            backend.apply_one(migration)
        done.append(migration.id)
        if not app.as_json:
            click.echo(f"applied {migration.id}")
    app.done(f"{home} has all {len(wanted)}" if not done else f"{len(done)} applied to {home}", {"applied": done})


@migrate.command()
@click.argument("home", metavar="SLUG|@TEMPLATE")
@click.argument("migration_id", metavar="ID")
@directory_option
@common
@pass_app
def rollback(app: App, /, home: str, migration_id: str, directory: Path) -> None:
    """Take a migration back from one tenant.

    What depends on it is taken back first.
    """
    renderer, control = renderer_of(directory), app.control()
    from yoyo.migrations import descendants

    from freehold.migrate.engine import TenantBackend

    backend = TenantBackend(control.connection, home, renderer)
    renderer.directory[migration_id]
    known = backend.migrations()
    chosen = next(migration for migration in known if migration.id == migration_id)
    ids = {migration.id for migration in descendants(chosen, known)} | {migration_id}
    done = []
    for migration in backend.to_rollback(known.filter(lambda m: m.id in ids)):
        with output.busy(migration.id):
            backend.rollback_one(migration)
        done.append(migration.id)
        if not app.as_json:
            click.echo(f"rolled back {migration.id}")
    message = f"{home} does not have {migration_id}" if not done else f"{len(done)} rolled back from {home}"
    app.done(message, {"rolled_back": done})


def _fleet(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows of tenants as versions by template, the floor first."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        name = row["template_name"]
        each = found.setdefault(name, {"template": name, "tenants": 0, "versions": [], "quarantined": []})
        each["tenants"] += 1
        if not each["versions"] or each["versions"][-1]["head"] != row["head"]:
            each["versions"].append({"template": name, "head": row["head"], "tenants": 0, "examples": [], "at": None})
        version = each["versions"][-1]
        version["tenants"] += 1
        if len(version["examples"]) < 3:
            version["examples"].append(row["slug"])
        if row["rollout_id"] is not None:
            each["quarantined"].append({key: row[key] for key in _QUARANTINE})
    for each in found.values():
        first, last = each["versions"][0], each["versions"][-1]
        each["floor"], each["ceiling"] = first["head"], last["head"]
        first["at"], last["at"] = ("all", "all") if first is last else ("floor", "ceiling")
    return list(found.values())


def _version(version: dict[str, Any]) -> dict[str, Any]:
    some = ", ".join(version["examples"])
    return {
        "template": version["template"], "version": version["head"], "tenants": version["tenants"], "at": version["at"],
        "who": some + (", ..." if version["tenants"] > len(version["examples"]) else ""),
    }  # fmt: skip


def _tenant(row: Row) -> dict[str, Any]:
    return {
        "template": row["template_name"], "slug": row["slug"], "state": row["state"], "version": row["head"],
        "migrations": row["migrations"], "unfinished": row["applying"], "failed": row["failed_at"],
    }  # fmt: skip
