"""What the command line prints."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_UNBOUNDED = 100_000
_STATES = {
    "active": "green", "done": "green", "suspended": "yellow", "running": "yellow", "provisioning": "yellow",
    "retired": "magenta", "erasing": "red", "failed": "red", "erased": "dim",
}  # fmt: skip


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now; nothing is cut off where that is no terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else _UNBOUNDED, highlight=False)


def print_json(data: Any, *, stderr: bool = False) -> None:
    """Prints data as JSON: times in ISO 8601, durations in seconds."""
    click.echo(json.dumps(data, default=_plain, indent=2, ensure_ascii=False), err=stderr)


def print_record(row: Mapping[str, Any], columns: Sequence[str] | None = None) -> None:
    """Prints a row, a line for each column; empty ones are left out unless they are asked for."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name in columns or row:
        if columns or row[name] not in (None, {}, ""):
            grid.add_row(name, _cell(name, row[name]))
    console().print(grid)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None, empty: str) -> None:
    """Prints rows as a table that fits the terminal."""
    if not rows:
        console(stderr=True).print(Text(empty, style="dim"))
        return
    shown = list(columns or rows[0])
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for name in shown:
        numeric = all(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        table.add_column(name.replace("_", " "), overflow="fold", justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in shown))
    console().print(table)


def print_done(message: str) -> None:
    """Says that something is done."""
    console().print(Text(message))


def print_problem(
    message: str,
    *,
    code: str | None = None,
    kind: str | None = None,
    detail: str | None = None,
    hint: str | None = None,
    as_json: bool,
) -> None:
    """Prints a failure to stderr.

    Args:
        message: One line.
        code: SQLSTATE, where the database raised it.
        kind: The error class, for JSON.
        detail: The facts.
        hint: The way out.
        as_json: Print JSON.
    """
    if as_json:
        print_json(
            {
                "error": {
                    "code": code,
                    "kind": kind,
                    "message": message,
                    "detail": detail or None,
                    "hint": hint or None,
                }
            },
            stderr=True,
        )
        return
    out = console(stderr=True)
    out.print(Text.assemble((f"error [{code}]: " if code else "error: ", "bold red"), message))
    for label, text in (("detail", detail), ("hint", hint)):
        if text:
            out.print(Text.assemble((f"  {label}: ", "bold"), text.replace("\n", "\n    ")))


@contextlib.contextmanager
def busy(what: str) -> Iterator[None]:
    """A spinner on stderr while something runs, on a terminal only."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield
        return
    with out.status(Text(f"{what} ..."), spinner="dots"):
        yield


def _cell(name: str, value: Any) -> Text:
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, timedelta):
        return Text(_duration(value))
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, dict | list):
        return Text(json.dumps(value, default=_plain, ensure_ascii=False))
    return Text(str(value), style=_STATES.get(str(value), "") if name == "state" else "")


def _duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    return (
        f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s" if seconds < 60 else str(value).split(".")[0]
    )


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
