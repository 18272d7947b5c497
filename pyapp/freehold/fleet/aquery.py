"""The same over asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
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


class AsyncFleetQuery:
    """``FleetQuery`` for asyncio: ``async with`` and ``async for``; arguments and answers are the same."""

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
        self._answers: asyncio.Queue[Answer | BaseException] = asyncio.Queue(2 * workers)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> AsyncFleetQuery:
        """Begins: the event is written."""
        question = self.question
        async with await self._connect() as connection:
            while question.prepare:
                made = await (await connection.execute(PREPARE)).fetchone()
                if not made or not made[0]:
                    break
            question.begun(await (await connection.execute(BEGIN, question.begin())).fetchone())
            for slug in question.tenants[:LOOKED]:
                with contextlib.suppress(psycopg.Error):
                    async with connection.transaction():
                        await connection.execute(LIMITS, question.limits())
                        found = await connection.execute(COLUMNS, question.at(slug))
                        question.columns = tuple(await found.fetchall())
                if question.columns or connection.closed:
                    break
        slugs = iter(question.tenants)
        self._tasks = [
            asyncio.create_task(self._work(slugs)) for _ in range(min(question.workers, len(question.tenants)))
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancels what still runs."""
        await self.close()

    async def __aiter__(self) -> AsyncIterator[Answer]:
        """The answers, in the order in which they come.

        Raises:
            psycopg.OperationalError: The server cannot be reached any more.
        """
        for _ in self.question.tenants:
            found = await self._answers.get()
            if isinstance(found, BaseException):
                raise found
            yield found

    async def rows(self) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """The rows with their slugs; tenants that fail have none, or fewer."""
        async for answer in self:
            for row in answer.rows:
                yield answer.slug, row

    async def close(self) -> None:
        """Cancels what still runs, and ends the connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        connection = await psycopg.AsyncConnection.connect(
            self._conninfo, autocommit=True, fallback_application_name="freehold fleet"
        )
        connection.prepare_threshold = None
        return connection

    async def _work(self, slugs: Any) -> None:
        connection = None
        try:
            for asked, slug in enumerate(slugs):
                if connection is not None and asked % SESSION == 0:
                    await connection.close()
                if connection is None or connection.closed:
                    connection = await self._connect()
                await self._answers.put(await self._ask(connection, slug))
        except Exception as error:
            await self._answers.put(error)
        finally:
            if connection is not None:
                await connection.close()

    async def _ask(self, connection: psycopg.AsyncConnection[Any], slug: str) -> Answer:
        question = self.question
        ended = False

        async def end(backend: int) -> None:
            nonlocal ended
            await asyncio.sleep(question.timeout + GRACE)
            async with await self._connect() as other:
                ended = True
                await other.execute(END, (backend,))

        async def asked() -> list[tuple[Any, ...]]:
            async with connection.transaction():
                backend = await (await connection.execute(LIMITS, question.limits())).fetchone()
                assert backend is not None
                watch = asyncio.create_task(end(backend[0]))
                try:
                    return await (await connection.execute(question.statement(), question.at(slug))).fetchall()
                finally:
                    # From here on the backend may be somebody else's.
                    watch.cancel()
                    await asyncio.gather(watch, return_exceptions=True)

        try:
            return question.answer(slug, await asked())
        except psycopg.Error as error:
            return failure(slug, error, ended=ended)
