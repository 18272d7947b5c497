"""How an export runs: a page at a time, written, flushed, and only then accounted for."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

import psycopg

from freehold.cli import output
from freehold.cli.base import App
from freehold.cli.problem import Refusal
from freehold.control import Control
from freehold.errors import BadInput

_LONGEST_PAUSE = 30.0


class Stop:
    """When to end, and how long to wait.

    Args:
        interval: Seconds between two questions; None ends where there is nothing more.
    """

    def __init__(self, interval: float | None) -> None:
        self.interval = interval
        self._failures = 0

    def ends(self) -> bool:
        """Nothing more is there: whether that is the end; otherwise it has waited."""
        self._failures = 0
        if self.interval is None:
            return True
        time.sleep(self.interval)
        return False

    def bears(self, error: psycopg.Error) -> bool:
        """Whether to try again after an error; it has waited then, each time longer."""
        lost = isinstance(error, psycopg.OperationalError) and not isinstance(error, psycopg.errors.QueryCanceled)
        if self.interval is None or not lost:
            return False
        time.sleep(min(self.interval * 2**self._failures, _LONGEST_PAUSE))
        self._failures = min(self._failures + 1, 10)
        return True


class Sink:
    """Where lines go, and where is kept how far they got.

    Args:
        out: A file to be added to; ``-`` is standard output.
        cursor_file: Of the cursor; None keeps none.
        home: What is exported; a cursor of another home would leave out what this one has.
    """

    def __init__(self, out: str, cursor_file: Path | None, home: str | None = None) -> None:
        self.cursor_file = cursor_file
        self._home = f"home={home or ''}"
        if cursor_file is not None and not cursor_file.absolute().parent.is_dir():
            raise Refusal(f"{cursor_file}: its directory does not exist", BadInput)
        try:
            self._stream: BinaryIO = sys.stdout.buffer if out == "-" else Path(out).open("ab")  # noqa: SIM115  closed by close()
        except OSError as error:
            raise Refusal(f"{out}: {error.strerror}", BadInput) from error
        self._file = out != "-"
        # Whoever was killed in the middle of a line leaves half of it.
        if self._file and self._stream.tell() > 0:
            with Path(out).open("rb") as written:
                written.seek(-1, os.SEEK_END)
                if written.read(1) != b"\n":
                    self._stream.write(b"\n")

    def cursor(self) -> str | None:
        """How far it got; None where nobody knows."""
        if self.cursor_file is None or not self.cursor_file.exists():
            return None
        cursor, *rest = self.cursor_file.read_text(encoding="utf-8").splitlines() or [""]
        if rest and rest[0] != self._home:
            raise Refusal(
                f"{self.cursor_file} is the cursor of another export: {rest[0]}",
                BadInput,
                hint="Give each --home a cursor file of its own.",
            )
        return cursor.strip() or None

    def write(self, lines: Iterable[str], cursor: str) -> None:
        """Writes lines, and once they are out the cursor behind them."""
        for line in lines:
            self._stream.write(line.encode("utf-8", "backslashreplace") + b"\n")
        self._stream.flush()
        if self._file:
            os.fsync(self._stream.fileno())
        if self.cursor_file is not None:
            beside = self.cursor_file.with_name(f"{self.cursor_file.name}.new")
            with beside.open("w", encoding="utf-8") as file:
                file.write(f"{cursor}\n{self._home}\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.cursor_file)

    def close(self) -> None:
        """Closes a file."""
        if self._file:
            self._stream.close()


def run(
    app: App, sink: Sink, line: Callable[[dict[str, Any]], str], *, home: str | None, page: int, stop: Stop
) -> None:
    """Exports until the end, which with ``--follow`` does not come by itself.

    Nothing is asked for before what was had is written: a slow receiver slows it down, and no more.
    """
    cursor, control = sink.cursor(), None
    # A lap in which an earlier run was stopped ends with what there was when it began: one of this run's own follows.
    own = cursor is None
    with contextlib.closing(sink):
        while True:
            try:
                control = control or Control(app.connect())
                rows = control.audit_export(cursor, page, home)
            except psycopg.Error as error:
                if control is not None:
                    control.connection.close()
                control = None
                if not stop.bears(error):
                    raise
                output.console(stderr=True).print(f"waiting for the server: {str(error).splitlines()[0]}", style="dim")
                continue
            found = rows[-1]["cursor"]
            lines = [line(row) for row in rows if row["entry_id"] is not None]
            # Without a line it is worth keeping only at the end.
            if lines or stop.interval is None:
                sink.write(lines, found)
            cursor = found
            if rows[-1]["entry_id"] is None and not rows[-1]["more"]:
                if own and stop.ends():
                    return
                own = True
