"""Hears of changes in the registry, over a connection of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import psycopg

from freehold.context.directory import Directory

CHANNELS = ("freehold_tenant", "freehold_api_key")
"""What tells of a change."""
PAUSE = 1.0
"""Seconds between looks at whether to stop, and before a connection that broke is opened again."""


class Listener:
    """Clears a directory whenever the registry changes, or cannot be heard, and confirms it once a second.

    Behind a pooler nothing is heard, and the directory's own time is what bounds it.

    Args:
        conninfo: Where to listen.
        directory: What to clear.
    """

    def __init__(self, conninfo: str, directory: Directory) -> None:
        self._conninfo, self._directory = conninfo, directory
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="freehold listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops listening."""
        self._stop.set()
        # It may be waiting for a server that does not answer; then it ends with the program.
        self._thread.join(2 * PAUSE)

    def _listen(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
                for channel in CHANNELS:
                    connection.execute(f"listen {channel}")
                self._directory.clear()
                while not self._stop.is_set():
                    for _ in connection.notifies(timeout=PAUSE, stop_after=1):
                        self._directory.clear()
                    self._confirm(connection)
            self._directory.clear()
            self._stop.wait(PAUSE)

    def _confirm(self, connection: psycopg.Connection[Any]) -> None:
        moment = time.monotonic()
        # What was heard until then comes before the answer.
        connection.add_notify_handler(self._heard)
        try:
            row = connection.execute("select pg_catalog.pg_backend_pid()").fetchone()
        finally:
            connection.remove_notify_handler(self._heard)
        # A pooler tells of another process: who answers there need not be who listens.
        if row is not None and row[0] == connection.info.backend_pid:
            self._directory.confirm(moment)

    def _heard(self, _: psycopg.Notify) -> None:
        self._directory.clear()
