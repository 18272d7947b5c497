"""``freehold harden``: what only a superuser can take from PUBLIC."""

from __future__ import annotations

from freehold import bundle
from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app

GROUPS = ("languages", "advisory", "large_objects", "query_text", "set_config", "notify")


@click.command(
    epilog="""
\b
Examples:
  freehold harden --dry-run
  freehold harden --keep etl --leave advisory
  freehold harden --undo
It needs a superuser; with --dry-run anybody may look.
"""
)
@click.option("--keep", metavar="ROLE", multiple=True, help="A role that keeps all of it; may be repeated.")
@click.option("--leave", type=click.Choice(GROUPS), multiple=True, help="What stays PUBLIC's; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Say what would be taken, and change nothing.")
@click.option("--undo", is_flag=True, help="Give everything back as it was.")
@common
@pass_app
def harden(app: App, keep: tuple[str, ...], leave: tuple[str, ...], dry_run: bool, undo: bool) -> None:
    """Take from PUBLIC what tenants could use against others.

    Advisory locks, large objects, functions that run a text as SQL, set_config, pg_notify, and the use of
    languages. The installation's own roles keep them, applications' logins too; tenants' runtime roles do not.
    """
    if undo and (keep or leave or dry_run):
        raise click.UsageError("--undo stands alone.")
    connection = app.connect()
    said: list[dict[str, str | None]] = []
    connection.add_notice_handler(
        lambda diag: said.append({
            "severity": (diag.severity_nonlocalized or "").lower(),
            "message": diag.message_primary,
            "detail": diag.message_detail or diag.message_hint,
        })
    )  # fmt: skip
    options = {"keep": ",".join(keep), "leave": ",".join(leave), "dry_run": "on" if dry_run else "off"}
    for name, value in options.items():
        connection.execute("select set_config(%s, %s, false)", (f"freehold.harden_{name}", value))
    with output.busy("hardening"):
        bundle.run(connection, bundle.harden_bundle(undo=undo))
    if app.as_json:
        output.print_json(said)
        return
    for line in said:
        prefix = "" if line["severity"] == "notice" else f"{line['severity']}: "
        click.echo(f"{prefix}{line['message']}", err=bool(prefix))
