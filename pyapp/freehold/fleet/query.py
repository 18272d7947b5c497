"""Asked over threads."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

import psycopg

from freehold.fleet.question import (
    BEGIN,
    COLUMNS,
    END,
    GRACE,
    LIMITS,
    LOOKED,
    PREPARE,
    SESSION,
    Answer,
    Question,
    failure,
)


class FleetQuery:
    """One query, asked of many tenants, several at a time; iterating gives their answers as they come.

        with FleetQuery(dsn, "select count(*) as notes from note", timeout=5.0) as fleet:
            for answer in fleet:
                print(answer.slug, answer.rows, answer.error)

    What fails in a tenant is its answer's error. Leaving the block, or breaking out of the loop and leaving it, cancels
    what still runs.

    Args:
        conninfo: Connection string of an analyst's login.
        query: One statement that only reads.
        tenants: Their slugs; all that are active where None.
        template: Of this template only.
        tier: Of this tier only.
        workers: Connections, so tenants at a time.
        timeout: Seconds that a tenant is given.
        max_rows: Rows of a tenant at most.
        max_bytes: Bytes of a tenant at most.
        reason: Why, for the event.
        prepare: Give tenants that have none a reader first: ``fleet_prepare``.

    Attributes:
        question: With the number of the query, the slugs and the columns once it is entered.
    """

    def __init__(
        self,
        conninfo: str,
        query: str,
        tenants: Sequence[str] | None = None,
        *,
        template: str | None = None,
        tier: str | None = None,
        workers: int = 4,
        timeout: float = 30.0,
        max_rows: int = 1000,
        max_bytes: int = 10_000_000,
        reason: str | None = None,
        prepare: bool = True,
    ) -> None:
        self.question = Question(query, tenants, template, tier, reason, timeout, max_rows, max_bytes, workers, prepare)
        self._conninfo = conninfo
        self._stop = threading.Event()
        self._slugs: queue.SimpleQueue[str] = queue.SimpleQueue()
        # Bounded: who does not read does not have the fleet's answers in memory.
        self._answers: queue.Queue[Answer | BaseException] = queue.Queue(2 * workers)
        self._lock = threading.Lock()
        # By worker: connection, the backend behind it, and when its time is over.
        self._live: dict[int, tuple[psycopg.Connection[Any], int, float]] = {}
        self._ended: set[int] = set()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FleetQuery:
        """Begins: the event is written."""
        question = self.question
        with self._connect() as connection:
            while question.prepare and self._value(connection, PREPARE):
                pass
            question.begun(connection.execute(BEGIN, question.begin()).fetchone())
            for slug in question.tenants[:LOOKED]:
                with contextlib.suppress(psycopg.Error), connection.transaction():
                    connection.execute(LIMITS, question.limits())
                    question.columns = tuple(connection.execute(COLUMNS, question.at(slug)).fetchall())
                if question.columns or connection.closed:
                    break
        for slug in question.tenants:
            self._slugs.put(slug)
        for number in range(min(question.workers, len(question.tenants))):
            self._threads.append(threading.Thread(target=self._work, args=(number,), daemon=True))
        if self._threads:
            self._threads.append(threading.Thread(target=self._watch, daemon=True))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancels what still runs."""
        self.close()

    def __iter__(self) -> Iterator[Answer]:
        """The answers, in the order in which they come.

        Raises:
            psycopg.OperationalError: The server cannot be reached any more.
        """
        for _ in self.question.tenants:
            found = self._answers.get()
            if isinstance(found, BaseException):
                raise found
            yield found

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The rows with their slugs; tenants that fail have none, or fewer."""
        return ((answer.slug, row) for answer in self for row in answer.rows)

    def close(self) -> None:
        """Cancels what still runs, and ends the connections."""
        self._stop.set()
        while any(thread.is_alive() for thread in self._threads):
            with self._lock:
                live = list(self._live.values())
            for connection, _, _ in live:
                with contextlib.suppress(psycopg.Error):
                    connection.cancel()
            # Who waits for room is let go.
            with contextlib.suppress(queue.Empty):
                while True:
                    self._answers.get_nowait()
            for thread in self._threads:
                thread.join(0.05)

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._conninfo, autocommit=True, fallback_application_name="freehold fleet")
        connection.prepare_threshold = None
        return connection

    @staticmethod
    def _value(connection: psycopg.Connection[Any], statement: Any) -> Any:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return row[0]

    def _work(self, number: int) -> None:
        connection, asked = None, 0
        try:
            while not self._stop.is_set():
                try:
                    slug = self._slugs.get_nowait()
                except queue.Empty:
                    return
                if connection is not None and asked % SESSION == 0:
                    connection.close()
                if connection is None or connection.closed:
                    connection = self._connect()
                asked += 1
                self._answers.put(self._ask(number, connection, slug))
        except BaseException as error:
            self._answers.put(error)
        finally:
            if connection is not None:
                connection.close()

    def _ask(self, number: int, connection: psycopg.Connection[Any], slug: str) -> Answer:
        question = self.question
        try:
            with connection.transaction():
                backend = connection.execute(LIMITS, question.limits()).fetchone()
                assert backend is not None
                with self._lock:
                    self._live[number] = (connection, backend[0], time.monotonic() + question.timeout + GRACE)
                try:
                    rows = connection.execute(question.statement(), question.at(slug)).fetchall()
                finally:
                    # From here on the backend may be somebody else's.
                    with self._lock:
                        del self._live[number]
            return question.answer(slug, rows)
        except psycopg.Error as error:
            with self._lock:
                ended = number in self._ended
                self._ended.discard(number)
            return failure(slug, error, ended=ended)

    def _watch(self) -> None:
        """Ends sessions whose code swallows the cancel that a time limit is."""
        workers = self._threads[:-1]
        while any(thread.is_alive() for thread in workers):
            workers[0].join(0.1) if workers[0].is_alive() else time.sleep(0.1)
            now = time.monotonic()
            over = now if not self._stop.is_set() else now + self.question.timeout
            with self._lock:
                late = [(n, pid) for n, (_, pid, until) in self._live.items() if until < over and n not in self._ended]
                if not late:
                    continue
                # Under the lock: nobody's turn ends before its backend is told.
                with contextlib.suppress(psycopg.Error), self._connect() as connection:
                    for number, backend in late:
                        connection.execute(END, (backend,))
                        self._ended.add(number)
