"""``freehold tenant``: the life of a tenant."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import psycopg

from freehold.cli import export, files, staged
from freehold.cli.base import App, click, common, confirm, pass_app
from freehold.cli.drift import show_differences
from freehold.cli.erasure import check_ledger, write_ledger
from freehold.cli.problem import Refusal
from freehold.control import Row
from freehold.errors import LockTableFull, TenantNotFound, UnderHold

_STATES = ["provisioning", "active", "suspended", "retired", "erasing", "erased"]


def _json_object(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, Any] | None:
    if value is None:
        return None
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise click.BadParameter("not a JSON object")
    return parsed


def _view(row: Row) -> dict[str, Any]:
    template = None if row["template"] is None else f"{row['template']} {row['template_version']}"
    return {
        "slug": row["slug"], "state": row["state"], "schema": row["schema_name"], "template": template,
        "name": row["display_name"], "created": row["created_at"].astimezone().date(),
    }  # fmt: skip


@click.group(
    epilog="""
\b
Examples:
  freehold tenant provision acme --external-id 76.123.456-K
  freehold tenant clone acme acme-test --no-data
  freehold tenant clone acme acme-dev --mask
  freehold tenant list --state active --json
  freehold tenant retire acme --grace '30 days' --reason 'contract ended'
  freehold tenant erase acme --reason 'GDPR request 4711'
"""
)
def tenant() -> None:
    """Provision, clone, suspend, retire and erase tenants."""


@tenant.command(
    epilog="""
\b
Examples:
  freehold tenant provision acme
  freehold tenant provision acme --template crm --settings '{"plan": "pro"}'
"""
)
@click.argument("slug")
@click.option("--template", metavar="NAME", help="What to build it from (default).")
@click.option("--display-name", metavar="TEXT", help="The name to show.")
@click.option("--external-id", metavar="TEXT", help="The business's own identifier, unique.")
@click.option("--settings", callback=_json_object, metavar="JSON", help="Settings of the tenant, an object.")
@common
@pass_app
def provision(app: App, /, slug: str, **options: Any) -> None:
    """Make a tenant from a template."""
    try:
        with app.lifecycle("provision", slug) as control:
            row = control.tenant_provision(slug, **options)
    except LockTableFull:
        with app.lifecycle("provision", slug) as control:
            begun = control.tenant_provision_step(slug, **options)
        staged.run(control, begun)
        row = control.tenant_get(slug)
    app.done(f"tenant {slug} is {row['state']}: schema {row['schema_name']}", row)


@tenant.command()
@click.argument("source")
@click.argument("target")
@click.option("--no-data", is_flag=True, help="The structure only.")
@click.option("--mask", is_flag=True, help="Mask personal data on the way, as freehold mask set says.")
@click.option("--display-name", metavar="TEXT", help="The name to show.")
@click.option("--external-id", metavar="TEXT", help="The business's own identifier, unique.")
@common
@pass_app
def clone(app: App, /, source: str, target: str, no_data: bool, mask: bool, **options: Any) -> None:
    """Make a tenant TARGET from the tenant SOURCE, with its rows."""
    options |= {"with_data": False if no_data else None, "mask": True if mask else None}
    try:
        with app.lifecycle("clone", target) as control:
            row = control.tenant_clone(source, target, **options)
    except LockTableFull:
        with app.lifecycle("clone", target) as control:
            begun = control.tenant_clone_step(source, target, **options)
        staged.run(control, begun)
        row = control.tenant_get(target)
    app.done(f"tenant {target} is {row['state']}: schema {row['schema_name']}", row)


@tenant.command("list")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--template", metavar="NAME", help="Only those of this template.")
@click.option("--search", metavar="TEXT", help="Only those whose slug, name or external id holds this.")
@click.option("--after", metavar="SLUG", help="The page after this slug.")
@click.option("--max-rows", type=click.IntRange(1), help="At most so many (1000).")
@common
@pass_app
def list_(app: App, /, **options: Any) -> None:
    """List tenants in the order of their slugs."""
    app.show(app.control().tenant_list(**options), _view, "no tenants")


@tenant.command()
@click.argument("slug")
@common
@pass_app
def show(app: App, slug: str) -> None:
    """Show a tenant's registry row."""
    control = app.control()
    try:
        app.show(control.tenant_get(slug))
    except TenantNotFound as error:
        times = [row["erased_at"] for row in control.tenant_list(state="erased", search=slug) if row["slug"] == slug]
        if not times:
            raise
        last = f"{max(times).astimezone():%Y-%m-%d %H:%M}"
        raise Refusal(
            f"tenant {slug} is erased, since {last}" if len(times) == 1 else
            f"{len(times)} tenants called {slug} are erased, the last since {last}",
            TenantNotFound, hint=f"freehold tenant list --state erased --search {slug}",
        ) from error  # fmt: skip


@tenant.command("slug")
@click.argument("external_id")
@common
@pass_app
def slug_(app: App, external_id: str) -> None:
    """Print the slug that is derived from an external id."""
    app.show(app.control().tenant_slug(external_id))


@tenant.command()
@click.argument("slug")
@click.argument("new_slug")
@common
@pass_app
def rename(app: App, slug: str, new_slug: str) -> None:
    """Give a tenant another slug, schema and roles with it."""
    with app.lifecycle("rename", slug) as control:
        row = control.tenant_rename(slug, new_slug)
    app.done(f"tenant {slug} is now {new_slug}: schema {row['schema_name']}", row)


@tenant.command()
@click.argument("slug")
@click.option("--reason", metavar="TEXT", help="Why, for the log.")
@common
@pass_app
def suspend(app: App, slug: str, reason: str | None) -> None:
    """Keep a tenant's roles out; its data stays."""
    with app.lifecycle("suspend", slug) as control:
        row = control.tenant_suspend(slug, reason)
    app.done(f"tenant {slug} is {row['state']}", row)


@tenant.command()
@click.argument("slug")
@common
@pass_app
def resume(app: App, slug: str) -> None:
    """End a suspension."""
    with app.lifecycle("resume", slug) as control:
        row = control.tenant_resume(slug)
    app.done(f"tenant {slug} is {row['state']}", row)


@tenant.command()
@click.argument("slug")
@click.option("--grace", metavar="INTERVAL", help="How long it is kept, '30 days' say (the setting retire_grace).")
@click.option("--reason", metavar="TEXT", help="Why, for the log.")
@common
@pass_app
def retire(app: App, slug: str, grace: str | None, reason: str | None) -> None:
    """Take a tenant out of service, to be erased later.

    It is kept for the grace period; until it is erased, reinstate brings it back.
    """
    with app.lifecycle("retire", slug) as control:
        row = control.tenant_retire(slug, grace=grace, reason=reason)
    app.done(f"tenant {slug} is {row['state']}, kept until {row['erase_after']:%Y-%m-%d %H:%M %Z}", row)


@tenant.command()
@click.argument("slug")
@common
@pass_app
def reinstate(app: App, slug: str) -> None:
    """Bring a retired tenant back.

    It is suspended again if it was that when it was retired.
    """
    with app.lifecycle("reinstate", slug) as control:
        row = control.tenant_reinstate(slug)
    app.done(f"tenant {slug} is {row['state']}", row)


@tenant.command()
@click.argument("slug")
@click.option("--reason", metavar="TEXT", required=True, help="Why, for the log.")
@click.option(
    "--ledger", type=files.FILE, metavar="FILE", envvar=files.LEDGER_VARIABLE,
    help=f"Append it to the erasure ledger, signed with --key; or {files.LEDGER_VARIABLE}.",
)  # fmt: skip
@files.key_option(required=False)
@click.option(
    "--final-export", type=files.FILE, metavar="FILE",
    help="Write it to a file first, not encrypted: who has the file can read it.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@common
@pass_app
def erase(
    app: App, slug: str, reason: str, ledger: Path | None, key: Path | None, final_export: Path | None, yes: bool
) -> None:
    """Erase a retired tenant: schema, rows and roles.

    What outside the schema depends on it is listed, and nothing is erased then. Stopped on
    the way, the same command goes on. Under a legal hold the request is recorded.
    """
    if ledger is not None and key is None:
        raise click.UsageError(f"--ledger needs --key, or {files.KEY_VARIABLE}.")
    if ledger is not None and key is not None:
        # What cannot be signed and written is said before anything is gone.
        check_ledger(ledger, key)
    confirm(slug, yes, f"This erases tenant {slug} with all its data. It cannot be undone.")
    exported = final_export is not None and export.final(app, slug, final_export)
    try:
        with app.lifecycle("erase", slug) as control:
            begun = control.tenant_erase_step(slug, reason)
    except psycopg.Error as error:
        if exported and final_export is not None:
            final_export.unlink()
        # The refusal is what matters, whatever becomes of the record.
        if isinstance(error, UnderHold):
            with contextlib.suppress(psycopg.Error):
                app.control().erasure_request(slug, reason)
        raise
    row = staged.run(control, begun)
    if ledger is not None and key is not None:
        write_ledger(control, ledger, key)
    left = row["detail"].get("residue") or []
    tasks = [
        task["task"] for task in control.erasure_task_list(slug=slug, open=True) if task["operation_id"] == row["id"]
    ]
    message = f"tenant {slug} is erased; left over: {', '.join(left) or 'nothing'}"
    if tasks:
        message += f"\nopen: {', '.join(tasks)}; to do them: freehold erasure work {slug}"
    message += f"\nthe certificate: freehold erasure certificate {row['tenant_id']} --key FILE --out FILE"
    app.done(message, row)


@tenant.command()
@click.argument("slug")
@common
@pass_app
def drift(app: App, slug: str) -> None:
    """Show where a tenant's schema differs from its template version."""
    show_differences(app, app.control(), slug)
