"""``freehold doctor``: what is wrong, and what mends it."""

from __future__ import annotations

from collections import Counter

from rich import box
from rich.table import Table
from rich.text import Text

from freehold.cli import output
from freehold.cli.base import App, click, common, pass_app
from freehold.control import Row

_SEVERITIES = {"error": "bold red", "warning": "yellow", "note": "cyan"}
_FOUND = 7


@click.command(
    epilog="""
\b
Examples:
  freehold doctor
  freehold doctor --deep --strict
  freehold doctor --severity error --json
It exits with 7 when it finds an error, and with --strict a warning.
"""
)
@click.option("--deep", is_flag=True, help="Compare every tenant's schema with its template as well.")
@click.option(
    "--severity", type=click.Choice(list(_SEVERITIES)), default="note", help="Show nothing less than this (note)."
)
@click.option("--strict", is_flag=True, help="Let warnings count as errors do.")
@common
@pass_app
def doctor(app: App, deep: bool, severity: str, strict: bool) -> None:
    """Find what is wrong with server, roles, grants and schemas.

    Each finding says why it matters and what mends it; nothing is changed.
    """
    order = list(_SEVERITIES)
    with output.busy("examining"):
        rows = sorted(app.control().doctor(deep=deep), key=lambda row: order.index(row["severity"]))
    shown = [row for row in rows if order.index(row["severity"]) <= order.index(severity)]
    if app.as_json:
        output.print_json(shown)
    elif shown:
        _print(shown)
    else:
        output.print_done("nothing found")
    if any(row["severity"] == "error" or (strict and row["severity"] == "warning") for row in rows):
        raise click.exceptions.Exit(_FOUND)


def _print(rows: list[Row]) -> None:
    """A finding a paragraph: what, why, and what mends it on lines of its own, to be copied."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    table.add_column("severity", no_wrap=True)
    table.add_column("check", overflow="fold", max_width=18)
    table.add_column("finding", overflow="fold")
    for row in rows:
        finding = Text.assemble(
            (row["object"], "bold"),
            f": {row['finding']}\n",
            (f"{row['reason']}\n", "dim"),
            (f"{row['remedy']}\n", "green"),
        )
        table.add_row(Text(row["severity"], style=_SEVERITIES[row["severity"]]), Text(row["check_name"]), finding)
    out = output.console()
    out.print(table)
    counts = Counter(row["severity"] for row in rows)
    out.print(
        Text(", ".join(f"{counts[name]} {name}{'s' * (counts[name] > 1)}" for name in _SEVERITIES if counts[name]))
    )
