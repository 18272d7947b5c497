"""``freehold audit``: who changed which rows."""

from __future__ import annotations

import json
from typing import Any

import psycopg

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Control, Row


class Key(click.ParamType):  # type: ignore[type-arg]
    """A row's key: NAME=VALUE pairs with commas between, or a JSON object."""

    name = "key"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The object."""
        if isinstance(value, dict):
            return value
        if value.lstrip().startswith("{"):
            try:
                found = json.loads(value)
            except ValueError as error:
                self.fail(f"not JSON: {error}", param, ctx)
            return dict(found)
        pairs = [pair.partition("=") for pair in value.split(",")]
        if not all(name and equals for name, equals, _ in pairs):
            self.fail("NAME=VALUE, or a JSON object", param, ctx)
        return {name: _value(text) for name, _, text in pairs}


def _value(text: str) -> Any:
    """A number or a truth value as such, all else as text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, (int, float, bool)) else text


def _view(row: Row) -> dict[str, Any]:
    shown = {"id": row["id"], "at": row["at"], "table": row["table_name"], "action": row["action"]}
    who = row["actor"] if row["actor"] == row["login"] else f"{row['actor']} ({row['login']})"
    key = ", ".join(f"{name}={output.plain(value)}" for name, value in (row["key"] or {}).items())
    return shown | {"key": key or None, "change": _change(row["old"] or {}, row["new"] or {}), "actor (login)": who}


def _change(old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """A line for each column: what it became, or from what to what."""
    both = bool(old) and bool(new)
    lines = [
        f"{name}: {output.plain(old.get(name))} -> {output.plain(new.get(name))}"
        if both
        else f"{name}: {output.plain(value)}"
        for name, value in (old | new).items()
    ]
    return "\n".join(lines) or None


def _why_empty(control: Control, home: str, table: str, key: dict[str, Any] | None) -> str:
    """That a table is not audited, or has another key, as a name that was mistyped looks like a clean record."""
    try:
        keys = {row["table_name"]: row["key"] for row in control.audit_list(home)}
    except psycopg.errors.InsufficientPrivilege:
        # A tenant's own roles read their history, and get no list.
        return ""
    if table not in keys:
        return f": no table {table} is audited; freehold audit list {home} shows which are"
    return f": the key of {table} is {', '.join(keys[table])}" if key and set(key) != set(keys[table]) else ""


@click.group(
    epilog="""
\b
HOME is a tenant's slug, or a template's name after @.

\b
Examples:
  freehold audit enable @default invoice --mask iban
  freehold audit list acme
  freehold audit history acme invoice --key id=7
  freehold audit as-of acme invoice 2026-06-30 --key id=7
  freehold audit retention acme '2 years' && freehold audit purge
  freehold audit seal && freehold audit verify acme
  freehold audit anchor --out 2026-11-29.json --key anchor.key
  freehold audit verify --anchor 2026-11-29.json --public-key anchor.key.pub
  freehold audit export --format ocsf --cursor-file siem.cursor --follow
"""
)
def audit() -> None:
    """Record who changes which rows, read it, prove it, hand it on."""


@audit.command()
@click.argument("home")
@click.argument("table")
@click.option("--exclude", multiple=True, metavar="COLUMN", help="Do not record this column at all.")
@click.option("--mask", multiple=True, metavar="COLUMN", help="Record only that it changed.")
@common
@pass_app
def enable(app: App, home: str, table: str, exclude: tuple[str, ...], mask: tuple[str, ...]) -> None:
    """Record who changes a table's rows from now on."""
    with app.lifecycle("audit_enable", home) as control:
        control.audit_enable(home, table, exclude=exclude, mask=mask)
    app.done(f"{home}: {table} is audited")


@audit.command()
@click.argument("home")
@click.argument("table")
@common
@pass_app
def disable(app: App, home: str, table: str) -> None:
    """Record a table's changes no more; what is recorded stays."""
    with app.lifecycle("audit_disable", home) as control:
        control.audit_disable(home, table)
    app.done(f"{home}: {table} is not audited any more")


@audit.command("list")
@click.argument("home")
@common
@pass_app
def list_(app: App, home: str) -> None:
    """List audited tables, and what is wrong with them."""
    app.show(app.control().audit_list(home), empty="no audited tables")


@audit.command("open")
@click.argument("slug")
@click.option("--close", is_flag=True, help="Let them no more.")
@common
@pass_app
def open_(app: App, slug: str, close: bool) -> None:
    """Let a tenant's own roles read the history of its rows."""
    with app.lifecycle("audit_open", slug) as control:
        control.audit_open(slug, not close)
    app.done(f"tenant {slug} reads its history" + (" no more" if close else ""))


@audit.command()
@click.argument("home")
@click.argument("table", required=False)
@click.option("--key", type=Key(), metavar="KEY", help="Only of this row: id=7, or a JSON object.")
@click.option("--max-rows", type=click.IntRange(1), metavar="NUMBER", help="At most so many (100).")
@click.option("--before", type=int, metavar="ID", help="Entries before this one: the next page.")
@common
@pass_app
def history(
    app: App, home: str, table: str | None, key: dict[str, Any] | None, max_rows: int | None, before: int | None
) -> None:
    """Show who changed what, the newest first."""
    control = app.control()
    rows = control.audit_history(home, table, key, max_rows=max_rows, before=before)
    empty = "nothing was recorded"
    if not rows and table is not None and not app.as_json:
        empty += _why_empty(control, home, table, key)
    app.show(rows, _view, empty)


@audit.command("as-of")
@click.argument("home")
@click.argument("table")
@click.argument("at")
@click.option("--key", type=Key(), metavar="KEY", help="Only this row: id=7, or a JSON object.")
@common
@pass_app
def as_of(app: App, home: str, table: str, at: str, key: dict[str, Any] | None) -> None:
    """Show a table, or a row of it, as it was at a time."""
    control = app.control()
    if key is None:
        app.show(control.audit_as_of_table(home, table, at), empty="no rows")
    else:
        row = control.audit_as_of(home, table, key, at)
        app.show([] if row is None else [row], empty="no such row")


@audit.command()
@click.argument("home")
@click.argument("interval", required=False)
@common
@pass_app
def retention(app: App, home: str, interval: str | None) -> None:
    """Keep entries for an INTERVAL; without one, for good."""
    with app.lifecycle("audit_retention", home) as control:
        control.audit_retention_set(home, interval)
    app.done(f"{home}: entries are kept for {interval or 'good'}")


@audit.command()
@click.argument("home")
@click.argument("width", required=False)
@common
@pass_app
def partition(app: App, home: str, width: str | None) -> None:
    """Part a log by time, a WIDTH each; without one, no more."""
    with app.lifecycle("audit_partition", home) as control:
        control.audit_partition_set(home, width)
    app.done(f"{home}: a partition holds {width}" if width else f"{home}: the log is one table")


@audit.command()
@click.argument("home")
@common
@pass_app
def partitions(app: App, home: str) -> None:
    """List the partitions of a log, and their sizes."""
    app.show(app.control().audit_partition_list(home), empty="no partitions")


@audit.command()
@click.argument("home", required=False)
@click.option("--batch", type=click.IntRange(1), metavar="NUMBER", help="Partitions of each transaction (100).")
@common
@pass_app
def ahead(app: App, home: str | None, batch: int | None) -> None:
    """Make the partitions that logs will need."""
    control, total = app.control(), 0
    with output.busy("audit ahead"):
        while count := control.audit_partition_make(home, batch):
            total += count
    app.done(f"{total} partitions made", {"made": total})


@audit.command()
@click.argument("home", required=False)
@click.option("--batch", type=click.IntRange(1), metavar="NUMBER", help="Entries of each transaction (10000).")
@common
@pass_app
def purge(app: App, home: str | None, batch: int | None) -> None:
    """Delete entries older than their retention, by batch."""
    control, total = app.control(), 0
    with output.busy("audit purge"):
        while count := control.audit_purge(home, batch):
            total += count
    app.done(f"{total} entries deleted", {"deleted": total})
