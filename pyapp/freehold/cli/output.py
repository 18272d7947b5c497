"""What the command line prints."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import click
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from freehold.sqltext import Place

_UNBOUNDED = 100_000
_NARROWEST = 40
_DOCUMENT = 14
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_STATES = {
    "active": "green", "done": "green", "ready": "green", "suspended": "yellow", "running": "yellow",
    "provisioning": "yellow", "adopting": "yellow", "planned": "yellow", "paused": "yellow", "retired": "magenta",
    "pending": "yellow", "open": "green",
    "erasing": "red", "dropping": "red", "halted": "red", "aborted": "red", "failed": "red", "erased": "dim",
}  # fmt: skip


def console(*, stderr: bool = False) -> Console:
    """A console on the stream as it is now.

    Where that is no terminal it is as wide as COLUMNS says, and without that nothing is folded.
    """
    stream = sys.stderr if stderr else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    given = max(int(columns), _NARROWEST) if columns.isdecimal() and int(columns) > 0 else _UNBOUNDED
    return Console(file=stream, width=None if stream.isatty() else given, highlight=False)


def plain(value: Any) -> str:
    """A value of JSON in a line of text: strings without quotes."""
    return value if isinstance(value, str) else json.dumps(value, default=_plain, ensure_ascii=False)


def print_json(data: Any) -> None:
    """Prints data as JSON: times in ISO 8601, durations in seconds."""
    click.echo(json.dumps(data, default=_plain, indent=2, ensure_ascii=False))


def print_json_line(data: Any, *, stderr: bool = False) -> None:
    """Prints data as one line of JSON, at once."""
    click.echo(json.dumps(data, default=_plain, ensure_ascii=False), err=stderr)


def print_record(row: Mapping[str, Any]) -> None:
    """Prints a row, a line for each column; empty ones are left out."""
    grid = _grid()
    for name, value in row.items():
        if value not in (None, {}, [], ""):
            grid.add_row(Text(name, style="bold"), _cell(name, value))
    _print(grid)


def print_table(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Prints rows as a table that fits the terminal: what is too wide is folded, nothing is cut off."""
    if not rows:
        console(stderr=True).print(Text(empty, style="dim"))
        return
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    columns = {name: [Text(name.replace("_", " ")), *(_cell(name, row[name]) for row in rows)] for name in rows[0]}
    for (name, cells), width in zip(columns.items(), _widths(list(columns.values()), console().width), strict=True):
        numeric = all(isinstance(row[name], int | float) and not isinstance(row[name], bool) for row in rows)
        table.add_column(cells[0], width=width, overflow="fold", justify="right" if numeric else "left")
    for row in zip(*(cells[1:] for cells in columns.values()), strict=True):
        table.add_row(*row)
    _print(table)


def print_differences(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Prints what differs between two schemas: an object a paragraph, what is expected above what is there."""
    if not rows:
        console(stderr=True).print(Text(empty, style="dim"))
    for row in rows:
        _print(Text.assemble((row["change"], "bold"), f" {row['kind']} {row['identity']}"))
        grid = _grid()
        for name, style in (("expected", "red"), ("actual", "green")):
            if row[name] is not None:
                grid.add_row(f"  {name}", Text(row[name], style=style))
        _print(grid)


def print_done(message: str) -> None:
    """Says that something is done."""
    console().print(Text(visible(message)))


def print_problem(
    message: str,
    *,
    code: str | None = None,
    kind: str | None = None,
    detail: str | None = None,
    hint: str | None = None,
    place: Place | None = None,
    as_json: bool,
) -> None:
    """Prints a failure to stderr.

    Args:
        message: One line.
        code: SQLSTATE, where the database raised it.
        kind: The error class, for JSON.
        detail: The facts.
        hint: The way out.
        place: Where in a file.
        as_json: Print JSON.
    """
    if as_json:
        # One line, as the command may have printed a line a look, and both may go to one place.
        print_json_line(
            {
                "error": {
                    "code": code,
                    "kind": kind,
                    "message": message,
                    "file": place and place.file,
                    "line": place and place.line,
                    "detail": detail or None,
                    "hint": hint or None,
                }
            },
            stderr=True,
        )
        return
    out = console(stderr=True)
    out.print(Text.assemble((f"error [{code}]: " if code else "error: ", "bold red"), visible(message)))
    for label, text in (("at", place and _pointed(place, out.width)), ("detail", detail), ("hint", hint)):
        if text:
            out.print(Text.assemble((f"  {label}: ", "bold"), visible(text).replace("\n", "\n    ")))


@contextlib.contextmanager
def busy(what: str) -> Iterator[None]:
    """A spinner on stderr while something runs, on a terminal only."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield
        return
    with out.status(Text(f"{what} ..."), spinner="dots"):
        yield


@contextlib.contextmanager
def progress(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on stderr, on a terminal only; what it yields takes how much is done, and of how much or None."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    out = console(stderr=True)
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _pointed(place: Place, width: int) -> str:
    """A place as psql shows it: the line, and a caret below the character."""
    where = place.file if place.line is None else f"{place.file}:{place.line}"
    if place.text is None:
        return where
    shown, column = place.text.expandtabs(1).rstrip(), place.column
    room = max(min(width, 100) - 10, 20)
    start = max((column or 0) - room * 2 // 3, 0)
    cut = shown[start : start + room]
    lead, tail = "..." if start else "", "..." if start + room < len(shown) else ""
    caret = "" if column is None else "\n" + " " * (len(lead) + column - 1 - start) + "^"
    return f"{where}\n{lead}{cut}{tail}{caret}"


def _widths(columns: Sequence[Sequence[Text]], room: int) -> list[int]:
    """Widths of columns, two spaces between them, that fit: between words is broken first, in a name or a time last."""
    widths = [max(cell.cell_len for cell in column) for column in columns]
    words = [max((cell_len(word) for cell in column for word in cell.plain.split()), default=1) for column in columns]
    # Documents stay readable however they are broken, down to a width.
    loose = [
        index for index, column in enumerate(columns) if any(cell.plain.startswith(("{", "[")) for cell in column[1:])
    ]
    times = {index for index, column in enumerate(columns) if any(_TIME.fullmatch(cell.plain) for cell in column[1:])}
    while sum(widths) + 2 * (len(widths) - 1) > room and max(widths) > 1:
        several = [index for index, width in enumerate(widths) if width > words[index]]
        several = several or [index for index in loose if widths[index] > _DOCUMENT]
        several = several or [index for index, width in enumerate(widths) if index not in times and width > 1]
        widest = max(several or range(len(widths)), key=widths.__getitem__)
        widths[widest] -= 1
    return widths


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    return grid


def _print(what: Table | Text) -> None:
    """Prints to stdout, without the spaces that fill up the last column."""
    out = console()
    with out.capture() as captured:
        out.print(what, soft_wrap=isinstance(what, Text))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _cell(name: str, value: Any) -> Text:
    if value is None or value == []:
        return Text("-", style="dim")
    if isinstance(value, datetime):
        return Text(value.astimezone().strftime("%Y-%m-%d %H:%M:%S"))
    if isinstance(value, timedelta):
        return Text(_duration(value))
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float) and value.is_integer():
        return Text(str(int(value)))
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return Text(visible(", ".join(map(str, value))))
    if isinstance(value, dict | list):
        return Text(json.dumps(value, default=_plain, ensure_ascii=False))
    return Text(visible(str(value)), style=_STATES.get(str(value), "") if name == "state" else "")


def visible(text: str) -> str:
    """A text that somebody may have written, without what a terminal would obey: controls and changes of direction."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


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
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    return str(value)
