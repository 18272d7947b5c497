"""``Tenants`` and ``AsyncTenants``: one transaction, one tenant."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import psycopg

from freehold.context.core import Core, Level
from freehold.context.credentials import Secret
from freehold.context.current import current_tenant
from freehold.context.pool import Limits
from freehold.context.statement import Access
from freehold.context.steps import run, run_async

Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]


# Names of actors are sent as UTF-8.
_OPTIONS: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "client_encoding": "UTF8"}


class _TaskEvent(asyncio.Event):
    async def wait(self, timeout: float) -> None:  # type: ignore[override]
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(super().wait(), timeout)


class _Base:
    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def refused(self) -> dict[str | None, int]:
        """How many transactions found no connection in time, by tenant."""
        return dict(self._core.pool.refused)

    def counts(self) -> dict[str, int]:
        """How many connections are open and idle, and how many callers wait."""
        return self._core.pool.counts()

    @staticmethod
    def current() -> str:
        """The slug of the tenant whose transaction this thread or task is in.

        Raises:
            NoTenantContext: It is in none.
        """
        return current_tenant()


class Tenants(_Base):
    """Transactions for tenants, for threads.

    Args:
        conninfo: How to connect. At level ``role`` as the application's login, which has passed a gate
            (``freehold.gate_grant``); at level ``login`` as one in ``freehold_resolver``.
        level: ``role``: the application's login sets the tenant's role in each transaction; keeps a mistake from
            reaching another tenant, not SQL that an attacker has written. ``login``: connections are
            authenticated as the tenant's own role, which is member of nothing: the boundary against any SQL.
        gates: At level ``role``, logins for other cells than that of ``conninfo``, by cell number.
        secret: At level ``login``, the master secret that passwords are derived from, at least 32 bytes; while it is
            rotated, the new one and the old one.
        limits: What the pool may hold.
        ttl: Seconds for which an answer of the registry is kept at most.
        listen: Hear of changes in the registry over one more connection. Of no use behind a pooler.
    """

    def __init__(
        self, conninfo: str, *, level: Level = "role", gates: Mapping[int, str] | None = None,
        secret: Secret | None = None, limits: Limits | None = None, ttl: float = 5.0, listen: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(
            Core(conninfo, level, gates, secret, limits or Limits(), ttl, listen, _connect, threading.Event)
        )

    @contextlib.contextmanager
    def transaction(
        self, slug: str, *, actor: str | None = None, access: Access = "write", timeout: float | None = None
    ) -> Iterator[Connection]:
        """A transaction that is the tenant's; committed at the end, rolled back by an exception.

        Inside one of the same tenant it is a savepoint on the same connection.

        Args:
            slug: The tenant.
            actor: Who acts, for the audit trail; None for the login.
            access: ``write`` or ``read``.
            timeout: Seconds that a statement may take.

        Yields:
            A connection that acts as the tenant until the block ends; not to be kept.

        Raises:
            TenantNotFound: No tenant has this slug.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
            OtherTenant: The block is inside another tenant's.
            NotAllowed: It writes inside one that only reads, or the login does not reach the tenant.
            PoolTimeout: No connection came free in time.
        """
        outer = self._core.outer(slug, actor, access, timeout)
        if outer is not None:
            with outer.connection.transaction():
                yield outer.connection
            return
        lease = run(self._core.begin(slug, actor, access, timeout))
        try:
            with self._core.entered(lease):
                yield lease.connection
        except BaseException:
            run(self._core.end(lease, failed=True))
            raise
        run(self._core.end(lease, failed=False))

    def close(self) -> None:
        """Closes what is idle, and what is in use when it is given back."""
        self._core.stop()
        run(self._core.pool.close())

    def __enter__(self) -> Tenants:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncTenants(_Base):
    """Transactions for tenants, for asyncio. Its arguments are those of ``Tenants``."""

    def __init__(
        self, conninfo: str, *, level: Level = "role", gates: Mapping[int, str] | None = None,
        secret: Secret | None = None, limits: Limits | None = None, ttl: float = 5.0, listen: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(
            Core(conninfo, level, gates, secret, limits or Limits(), ttl, listen, _connect_async, _TaskEvent)
        )

    @contextlib.asynccontextmanager
    async def transaction(
        self, slug: str, *, actor: str | None = None, access: Access = "write", timeout: float | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """A transaction that is the tenant's: ``Tenants.transaction``, awaited."""
        outer = self._core.outer(slug, actor, access, timeout)
        if outer is not None:
            async with outer.connection.transaction():
                yield outer.connection
            return
        lease = await run_async(self._core.begin(slug, actor, access, timeout))
        try:
            with self._core.entered(lease):
                yield lease.connection
        except BaseException:
            await run_async(self._core.end(lease, failed=True))
            raise
        await run_async(self._core.end(lease, failed=False))

    async def close(self) -> None:
        """Closes what is idle, and what is in use when it is given back."""
        await asyncio.to_thread(self._core.stop)
        await run_async(self._core.pool.close())

    async def __aenter__(self) -> AsyncTenants:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _connect(conninfo: str) -> Connection:
    return psycopg.connect(conninfo, **_OPTIONS)


async def _connect_async(conninfo: str) -> AsyncConnection:
    return await psycopg.AsyncConnection.connect(
        conninfo, autocommit=True, prepare_threshold=None, client_encoding="UTF8"
    )
