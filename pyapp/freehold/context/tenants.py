"""``Tenants`` and ``AsyncTenants``: one transaction, one tenant."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from functools import partial
from typing import Any

import psycopg

from freehold.context.block import AsyncBlock, Block
from freehold.context.core import Core, Level
from freehold.context.credentials import Secret
from freehold.context.current import current_tenant
from freehold.context.handover import Task, Tokens, fit, hand_over
from freehold.context.pool import Limits
from freehold.context.statement import Access, Context, Options, Path
from freehold.context.steps import run, run_async
from freehold.errors import InvalidArgument

Connection = psycopg.Connection[Any]
AsyncConnection = psycopg.AsyncConnection[Any]


# Names of actors are sent as UTF-8.
_OPTIONS: dict[str, Any] = {"autocommit": True, "prepare_threshold": None, "client_encoding": "UTF8"}


class _TaskEvent:
    """An event that one task waits for. That of asyncio takes a task more where the wait has an end."""

    def __init__(self) -> None:
        self._set = False
        self._future: asyncio.Future[None] | None = None

    def set(self) -> None:
        self._set = True
        self._wake()

    def clear(self) -> None:
        self._set = False

    async def wait(self, timeout: float) -> None:
        if self._set:
            return
        loop = asyncio.get_running_loop()
        self._future = loop.create_future()
        timer = loop.call_later(timeout, self._wake)
        try:
            await self._future
        finally:
            timer.cancel()
            self._future = None

    def _wake(self) -> None:
        future = self._future
        if future is None or future.done():
            return
        if asyncio._get_running_loop() is future.get_loop():
            future.set_result(None)
        else:
            # A block that nobody ended is given back by the collector, in whichever thread that runs.
            future.get_loop().call_soon_threadsafe(self._wake)


class _Base:
    def __init__(self, core: Core, tokens: Tokens | None, path: Path) -> None:
        self._core, self._tokens, self._path = core, tokens, path

    @property
    def refused(self) -> dict[str | None, int]:
        """How many transactions found no connection in time, by tenant."""
        return dict(self._core.pool.refused)

    @property
    def unrecorded(self) -> int:
        """How many transactions are missing in the access log, as their connections were lost before their end."""
        return self._core.unrecorded

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

    def _task(self, token: str, purpose: str | None) -> Task:
        task = self._signed().read(token, purpose)
        fit(self._core, task)
        return task

    def _signed(self) -> Tokens:
        if self._tokens is None:
            raise InvalidArgument("tokens are signed: Tenants(..., token_secret=...)")
        return self._tokens


class Tenants(_Base):
    """Transactions for tenants, for threads.

    Args:
        conninfo: How to connect. At level ``role`` as the application's login, which has passed a gate
            (``freehold.gate_grant``); at level ``login`` as one in ``freehold_resolver``.
        level: ``role``: the application's login sets the tenant's role in each transaction; keeps a mistake from
            reaching another tenant, not SQL that an attacker has written. ``login``: connections are
            authenticated as the tenant's own role, which is member of nothing: the boundary against any SQL.
        gates: At level ``role``, logins for cells that the one of ``conninfo`` does not reach, by cell number.
        secret: At level ``login``, the master secret that passwords are derived from, at least 32 bytes; while it is
            rotated, the new one and the old one.
        limits: What the pool may hold.
        ttl: Seconds for which an answer of the registry is kept at most.
        listen: Hear of changes in the registry over one more connection. Of no use behind a pooler.
        token_secret: What the tokens of ``hand_over`` are signed with, at least 32 bytes and not ``secret``; while it
            is rotated, the new one and the old one.
        passwordless: At level ``login``, the server knows the tenants' logins by other means than a password: a
            client certificate or the system's user, by a map in ``pg_ident.conf``. There is no ``secret`` then.
        path: What the access log says of where transactions come from: ``sql``, ``cli``, ``http`` or ``task``.
    """

    def __init__(
        self, conninfo: str, *, level: Level = "role", gates: Mapping[int, str] | None = None,
        secret: Secret | None = None, limits: Limits | None = None, ttl: float = 5.0, listen: bool = True,
        token_secret: Secret | None = None, passwordless: bool = False, path: Path = "sql",
    ) -> None:  # fmt: skip
        tokens = None if token_secret is None else Tokens(token_secret, apart_from=secret)
        super().__init__(
            Core(
                conninfo, level, gates, secret, limits or Limits(), ttl, listen, passwordless, _connect, threading.Event
            ),
            tokens,
            path,
        )

    def transaction(
        self, slug: str, *, actor: str | None = None, access: Access = "write", timeout: float | None = None,
        tenant_id: str | None = None, purpose: str | None = None, request_id: str | None = None,
    ) -> contextlib.AbstractContextManager[Connection]:  # fmt: skip
        """A transaction that is the tenant's; committed at the end, rolled back by an exception.

        Inside one of the same tenant it is a savepoint on the same connection.

        Args:
            slug: The tenant.
            actor: Who acts, for the audit trail; None for the login.
            access: ``write`` or ``read``.
            timeout: Seconds that a statement may take.
            tenant_id: The id that the slug must still belong to, where it was found out earlier.
            purpose: What it is for, for the access log.
            request_id: The request that it is part of, for the audit of rows and the access log.

        Returns:
            A context manager: a connection that acts as the tenant until the block ends; not to be kept.

        Raises:
            TenantNotFound: No tenant has this slug.
            TenantChanged: It belongs to another tenant than ``tenant_id``.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
            OtherTenant: The block is inside another tenant's.
            NotAllowed: It writes inside one that only reads, or the login does not reach the tenant.
            PoolTimeout: No connection came free in time.
        """
        return Block(self._core, slug, Options(actor, access, timeout, tenant_id, purpose, request_id, self._path))

    def find(self, slug: str) -> Context:
        """Where a tenant is: answered from what is kept of the registry, or by it.

        Raises:
            TenantNotFound: No tenant has this slug.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
        """
        return run(self._core.find(slug))

    def hand_over(
        self, slug: str | None = None, *, actor: str | None = None, access: Access | None = None,
        lifetime: float = 3600.0, purpose: str | None = None, tenant_id: str | None = None,
    ) -> str:  # fmt: skip
        """A signed text by which work that runs later, or elsewhere, resumes the tenant.

        Args:
            slug: The tenant; None for the one whose transaction this is inside of.
            actor: Who acts; None for the actor of that transaction, or the login.
            access: ``write`` or ``read``; None for that of the transaction, or ``write``.
            lifetime: Seconds after which it is refused, 30 days at most.
            purpose: What it is for; whoever resumes it says the same.
            tenant_id: The id that the slug must still belong to, where it was found out earlier.

        Raises:
            InvalidArgument: There is no ``token_secret``, or the lifetime or the purpose is none.
            TenantChanged: The slug belongs to another tenant than ``tenant_id``.
            NoTenantContext: Neither a slug was given nor is this inside a transaction.
            OtherTenant: This is inside another tenant's transaction, or another actor's.
            NotAllowed: It would write, and this is inside one that only reads.
        """
        return run(hand_over(
            self._core, self._signed(), slug, actor, access, lifetime=lifetime, purpose=purpose, tenant_id=tenant_id
        ))  # fmt: skip

    @contextlib.contextmanager
    def resume(
        self, token: str, *, purpose: str | None = None, timeout: float | None = None, request_id: str | None = None
    ) -> Iterator[Connection]:
        """The transaction that a token of ``hand_over`` names, however often it is resumed.

        Args:
            token: The text.
            purpose: What it was made for.
            timeout: Seconds that a statement may take.
            request_id: The request or job that it is part of.

        Yields:
            A connection, as ``transaction`` does.

        Raises:
            TokenForged: It was not made with ``token_secret``, or was changed since.
            TokenExpired: Its lifetime is over.
            WrongPurpose: It was made for another purpose.
            TenantChanged: The slug is another tenant's by now.
            NotAllowed: This is inside a transaction that may do more than the token names.
        """
        task = self._task(token, purpose)
        options = Options(task.actor, task.access, timeout, task.tenant_id, purpose, request_id, "task")
        with Block(self._core, task.slug, options) as connection:
            yield connection

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
        token_secret: Secret | None = None, passwordless: bool = False, path: Path = "sql",
    ) -> None:  # fmt: skip
        tokens = None if token_secret is None else Tokens(token_secret, apart_from=secret)
        super().__init__(
            Core(
                conninfo,
                level,
                gates,
                secret,
                limits or Limits(),
                ttl,
                listen,
                passwordless,
                _connect_async,
                _TaskEvent,
                partial(asyncio.sleep, 0),
            ),
            tokens,
            path,
        )

    def transaction(
        self, slug: str, *, actor: str | None = None, access: Access = "write", timeout: float | None = None,
        tenant_id: str | None = None, purpose: str | None = None, request_id: str | None = None,
    ) -> contextlib.AbstractAsyncContextManager[AsyncConnection]:  # fmt: skip
        """A transaction that is the tenant's: ``Tenants.transaction``, awaited."""
        return AsyncBlock(self._core, slug, Options(actor, access, timeout, tenant_id, purpose, request_id, self._path))

    async def find(self, slug: str) -> Context:
        """Where a tenant is: ``Tenants.find``, awaited."""
        return await run_async(self._core.find(slug))

    async def hand_over(
        self, slug: str | None = None, *, actor: str | None = None, access: Access | None = None,
        lifetime: float = 3600.0, purpose: str | None = None, tenant_id: str | None = None,
    ) -> str:  # fmt: skip
        """A token: ``Tenants.hand_over``, awaited."""
        return await run_async(hand_over(
            self._core, self._signed(), slug, actor, access, lifetime=lifetime, purpose=purpose, tenant_id=tenant_id
        ))  # fmt: skip

    @contextlib.asynccontextmanager
    async def resume(
        self, token: str, *, purpose: str | None = None, timeout: float | None = None, request_id: str | None = None
    ) -> AsyncIterator[AsyncConnection]:
        """The transaction that a token names: ``Tenants.resume``, awaited."""
        task = self._task(token, purpose)
        options = Options(task.actor, task.access, timeout, task.tenant_id, purpose, request_id, "task")
        async with AsyncBlock(self._core, task.slug, options) as connection:
            yield connection

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
