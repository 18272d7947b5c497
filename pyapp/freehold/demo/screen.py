"""How the demo looks: numbered steps, one line a call with its time."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_WIDTH = 96


def plain(statement: str) -> str:
    """A statement without the quotes that its names do not need, for the eye."""
    return re.sub(r'"([a-z_][a-z0-9_]*)"', r"\1", statement)


@dataclass(frozen=True)
class Timing:
    """What one call took.

    Attributes:
        step: The heading it stands under.
        call: What was called.
        seconds: Wall time of the call, seen from the client.
        outcome: What came of it, in words.
    """

    step: str
    call: str
    seconds: float
    outcome: str


@dataclass
class _Call:
    """A call that is being made; ``outcome`` is printed behind it."""

    outcome: str = ""


@dataclass
class Screen:
    """Prints steps and remembers their times.

    Attributes:
        console: Where to print.
        timings: All calls so far.
    """

    console: Console
    timings: list[Timing] = field(default_factory=list)
    _step: str = ""
    _number: int = 0

    def opening(self, title: str, text: str) -> None:
        """What is about to happen, and where."""
        self.console.print(Text(title, style="bold"))
        self.console.print(Text(text, style="dim"), width=min(_WIDTH, self.console.width))

    def closing(self, text: str) -> None:
        """What has happened."""
        self.console.print()
        self.console.print(Text(text), width=min(_WIDTH, self.console.width))

    def step(self, title: str, why: str = "") -> None:
        """Begins a step."""
        self._number += 1
        self._step = title
        self.console.print()
        self.console.print(Text(f"{self._number:>2}  {title}", style="bold"))
        if why:
            self.note(why)

    def note(self, text: str) -> None:
        """A sentence under the current step."""
        self._indented(Text(text, style="dim"))

    @contextmanager
    def call(self, text: str) -> Iterator[_Call]:
        """Times what happens inside and prints it as one line."""
        call = _Call()
        start = time.perf_counter()
        yield call
        seconds = time.perf_counter() - start
        self.timings.append(Timing(self._step, text, seconds, call.outcome))
        line = Table.grid(padding=(0, 2), expand=True)
        line.add_column(ratio=1)
        line.add_column(justify="right", style="green")
        line.add_column(justify="right", style="cyan", min_width=8)
        line.add_row(Text(text), Text(call.outcome), f"{seconds * 1000:,.0f} ms")
        self._indented(line)

    def refused(self, statement: str, error: psycopg.Error) -> None:
        """A statement and the error with which PostgreSQL refused it."""
        text = Text(plain(statement) + "\n")
        text.append(f"{error.diag.severity}:  {error.diag.message_primary}", style="red")
        text.append(f"  (SQLSTATE {error.sqlstate})", style="dim")
        self._indented(text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A small table."""
        table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        self._indented(table)

    def _indented(self, what: Text | Table) -> None:
        self.console.print(Padding(what, (0, 0, 0, 4)), width=min(_WIDTH, self.console.width))
