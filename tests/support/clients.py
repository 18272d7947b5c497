"""Clients of a pool, each a thread or a task of its own, which do one thing at a time as they are told."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from psycopg.pq import TransactionStatus

from freehold import AsyncTenants, Tenants
from freehold.context.current import current_tenant
from freehold.context.steps import Steps, run, run_async


class Client:
    """What a client does; each method is steps, made in the client's own thread or task.

    Attributes:
        connection: Of the outermost block it is in.
    """

    enter_name, exit_name = "__enter__", "__exit__"

    def __init__(self) -> None:
        self.connection: Any = None
        self._blocks: list[Any] = []

    def do(self, steps: Steps[Any]) -> Future[Any]:
        """Has the client make these steps."""
        raise NotImplementedError

    def end(self) -> None:
        """Ends the thread or task."""
        raise NotImplementedError

    def enter(self, tenants: Any, slug: str, **options: Any) -> Steps[int]:
        """Enters a block, and returns the backend's process id."""
        block = tenants.transaction(slug, **options)
        connection = yield getattr(block, self.enter_name)
        assert self.connection in (None, connection)
        self._blocks.append(block)
        self.connection = connection
        return int(connection.info.backend_pid)

    def leave(self, error: BaseException | None) -> Steps[None]:
        """Leaves the innermost block, with an exception or without."""
        block = self._blocks.pop()
        if not self._blocks:
            self.connection = None
        arguments = (None, None, None) if error is None else (type(error), error, error.__traceback__)
        yield partial(getattr(block, self.exit_name), *arguments)
        if error is not None:
            raise error

    def execute(self, query: str, guard: bool) -> Steps[list[tuple[Any, ...]]]:
        """Runs a statement, in a savepoint where guarded."""
        if not guard:
            return (yield from self._execute(query))
        savepoint = self.connection.transaction()
        yield getattr(savepoint, self.enter_name)
        try:
            rows = yield from self._execute(query)
        except BaseException as error:
            yield partial(getattr(savepoint, self.exit_name), type(error), error, error.__traceback__)
            raise
        yield partial(getattr(savepoint, self.exit_name), None, None, None)
        return rows

    def current(self) -> Steps[str]:
        """The tenant that this thread or task is in."""
        yield partial(int, 0)
        return current_tenant()

    def status(self) -> TransactionStatus:
        """Of the connection."""
        return TransactionStatus(self.connection.info.transaction_status)

    def _execute(self, query: str) -> Steps[list[tuple[Any, ...]]]:
        cursor = yield partial(self.connection.execute, query.encode())
        return list((yield cursor.fetchall)) if cursor.description else []


class ThreadClient(Client):
    """A thread."""

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(1)

    def do(self, steps: Steps[Any]) -> Future[Any]:
        return self._thread.submit(run, steps)

    def end(self) -> None:
        self._thread.shutdown()


class TaskClient(Client):
    """A task."""

    enter_name, exit_name = "__aenter__", "__aexit__"

    def __init__(self, crowd: Crowd) -> None:
        super().__init__()
        self._loop = crowd.loop
        self._todo: asyncio.Queue[tuple[Steps[Any], Future[Any]] | None] = asyncio.Queue()
        self._task = crowd.loop.create_task(self._work())

    def do(self, steps: Steps[Any]) -> Future[Any]:
        done: Future[Any] = Future()
        self._loop.call_soon_threadsafe(self._todo.put_nowait, (steps, done))
        return done

    def cancel(self) -> None:
        """Cancels what the task does."""
        self._loop.call_soon_threadsafe(self._task.cancel)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._todo.put_nowait, None)
        asyncio.run_coroutine_threadsafe(self._ended(), self._loop).result()

    async def _ended(self) -> None:
        await self._task

    async def _work(self) -> None:
        while (todo := await self._todo.get()) is not None:
            steps, done = todo
            try:
                done.set_result(await run_async(steps))
            except BaseException as error:
                done.set_exception(error)


class Crowd:
    """Clients of one kind, and the pools they use.

    Attributes:
        loop: Of the tasks; it runs in a thread of its own.

    Args:
        kind: ``Tenants`` or ``AsyncTenants``.
    """

    def __init__(self, kind: type[Tenants] | type[AsyncTenants]) -> None:
        self.kind, self.loop = kind, asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def client(self) -> Client:
        """One more client."""
        if self.kind is Tenants:
            return ThreadClient(self)

        async def make() -> Client:
            return TaskClient(self)

        return asyncio.run_coroutine_threadsafe(make(), self.loop).result()

    def close(self, tenants: Tenants | AsyncTenants) -> None:
        """Closes a pool."""
        if isinstance(tenants, Tenants):
            tenants.close()
        else:
            asyncio.run_coroutine_threadsafe(tenants.close(), self.loop).result()

    def end(self) -> None:
        """Ends the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextlib.contextmanager
def crowd(kind: type[Tenants] | type[AsyncTenants]) -> Iterator[Crowd]:
    """A crowd for the length of a ``with`` block."""
    made = Crowd(kind)
    try:
        yield made
    finally:
        made.end()
