"""Transactions of the service, each under the database role that its caller has."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from freehold.http import tls

Connection = psycopg.AsyncConnection[Any]

# The answer's form does not depend on the server's settings.
_ENTER = """
select set_config('role', %(role)s, true), set_config('freehold.actor', %(actor)s, true),
       set_config('freehold.request_id', %(request_id)s, true), set_config('statement_timeout', %(timeout)s, true),
       set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),
       set_config('intervalstyle', 'postgres', true)
"""


class Database:
    """The service's connections to the control plane.

    Args:
        dsn: How to connect, as a login that may become the groups' roles.
        size: Connections at most.
        timeout: Seconds that a statement may take.
        encrypted: Whether a connection over a network has to be encrypted.
    """

    def __init__(self, dsn: str, *, size: int, timeout: float, encrypted: bool) -> None:
        self._timeout, self._encrypted = timeout, encrypted
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn, min_size=1, max_size=size, open=False, timeout=10.0, name="freehold", configure=self._configure,
            kwargs={"autocommit": True, "application_name": "freehold-http"},
        )  # fmt: skip

    async def open(self) -> None:
        """Begins to connect; the database need not answer yet."""
        await self._pool.open()

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.close()

    def counts(self) -> dict[str, int]:
        """How many connections are open and idle, how many callers wait, and how many got none in time."""
        stats = self._pool.get_stats()
        return {
            "open": stats.get("pool_size", 0),
            "idle": stats.get("pool_available", 0),
            "waiting": stats.get("requests_waiting", 0),
            "refused": stats.get("requests_errors", 0),
        }

    @contextlib.asynccontextmanager
    async def transaction(
        self, role: str, actor: str, request_id: str, *, read_only: bool = False, repeatable: bool = False,
        timeout: float | None = None,
    ) -> AsyncIterator[Connection]:  # fmt: skip
        """A transaction under a role.

        Args:
            role: The database role that it runs as.
            actor: Who acts, for the audit trail.
            request_id: The request that it is part of.
            read_only: Whether it may change nothing.
            repeatable: Whether what it has read may not change before it writes: it fails (40001) then.
            timeout: Seconds that a statement may take, where not the usual.
        """
        begin = (
            "begin" + (" isolation level repeatable read" if repeatable else "") + (" read only" if read_only else "")
        )
        milliseconds = str(round((timeout or self._timeout) * 1000))
        entered = {"role": role, "actor": actor, "request_id": request_id, "timeout": milliseconds}
        connection = await self._begun(begin, entered)
        done = False
        try:
            yield connection
            await connection.execute("commit")
            done = True
        finally:
            if not done:
                with contextlib.suppress(psycopg.Error):
                    await connection.rollback()
            await self._pool.putconn(connection)

    async def _begun(self, begin: str, entered: dict[str, str]) -> Connection:
        """A connection in its transaction; others than those that the server has closed while they were idle."""
        left = self._pool.max_size
        while True:
            connection = await self._pool.getconn()
            try:
                async with connection.pipeline():
                    await connection.execute(begin)
                    await connection.execute(_ENTER, entered)
            except BaseException as error:
                # Nothing was done yet.
                again = isinstance(error, psycopg.OperationalError) and connection.broken and left > 0
                if not connection.closed:
                    with contextlib.suppress(psycopg.Error):
                        await connection.rollback()
                await self._pool.putconn(connection)
                if not again:
                    raise
                left -= 1
            else:
                return connection

    async def _configure(self, connection: Connection) -> None:
        if self._encrypted:
            tls.demand(connection)
