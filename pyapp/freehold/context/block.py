"""A tenant's transaction as a ``with`` statement has it, or a savepoint where it is inside one of the same tenant.

Classes, as a generator would take longer than much of what is done at its ends.
"""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Any

import psycopg

from freehold.context.core import Core, Lease
from freehold.context.current import Frame, enter, leave
from freehold.context.statement import Options
from freehold.context.steps import run, run_async


class _Block:
    """What both have in common; it can be entered once.

    Args:
        core: Of the ``Tenants`` that opens it.
        slug: The tenant.
        options: What the caller says.
    """

    def __init__(self, core: Core, slug: str, options: Options) -> None:
        self._core, self._slug, self._options = core, slug, options
        self._savepoint: Any = None
        self._lease: Lease | None = None
        self._frame: Frame | None = None
        self._used = False

    def _outer(self) -> Any:
        """The connection of the transaction that it is inside of, or None."""
        if self._used:
            raise RuntimeError("a transaction is opened once: call transaction() again")
        self._used = True
        outer = self._core.outer(self._slug, self._options)
        return None if outer is None else outer.connection

    def _entered(self, lease: Lease) -> Any:
        """Makes it the current one of this thread or task; its connection."""
        self._lease, self._frame = lease, self._core.frame(lease)
        enter(self._frame)
        return lease.connection

    def _left(self) -> Lease:
        """Makes it the current one no longer; what is to be ended."""
        assert self._frame is not None
        assert self._lease is not None
        leave(self._frame)
        lease, self._lease = self._lease, None
        return lease

    def __del__(self) -> None:
        # Nobody will end it any more: the place in the pool is not to be lost with it.
        if self._lease is not None:
            self._core.drop(self._left())


class Block(_Block, contextlib.AbstractContextManager[psycopg.Connection[Any]]):
    """For threads."""

    def __enter__(self) -> psycopg.Connection[Any]:
        outer = self._outer()
        if outer is None:
            return self._entered(run(self._core.begin(self._slug, self._options)))  # type: ignore[no-any-return]
        self._savepoint = outer.transaction()
        self._savepoint.__enter__()
        return outer  # type: ignore[no-any-return]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if self._savepoint is not None:
            return self._savepoint.__exit__(kind, error, trace)  # type: ignore[no-any-return]
        run(self._core.end(self._left(), failed=kind is not None))
        return None


class AsyncBlock(_Block, contextlib.AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]):
    """For asyncio."""

    async def __aenter__(self) -> psycopg.AsyncConnection[Any]:
        outer = self._outer()
        if outer is None:
            return self._entered(await run_async(self._core.begin(self._slug, self._options)))  # type: ignore[no-any-return]
        self._savepoint = outer.transaction()
        await self._savepoint.__aenter__()
        return outer  # type: ignore[no-any-return]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if self._savepoint is not None:
            return await self._savepoint.__aexit__(kind, error, trace)  # type: ignore[no-any-return]
        await run_async(self._core.end(self._left(), failed=kind is not None))
        return None
