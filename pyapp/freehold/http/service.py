"""What the parts of the service share."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections import Counter
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import psycopg
import structlog
from fastapi import Request

from freehold.catalog import Catalog, Function
from freehold.context import AsyncTenants
from freehold.http.authentication import Authenticator, NotAuthenticated, Principal, authorization_of
from freehold.http.database import Connection, Database
from freehold.http.problem import Refusal
from freehold.http.rates import Rates, address_of
from freehold.http.settings import Settings
from freehold.web import AsyncMembers, AsyncResolver, Source

if TYPE_CHECKING:
    from freehold.http.metrics import Figures

log = structlog.get_logger("freehold.http")

_PATIENCE = 10.0
"""Seconds that a call waits for others of the same caller."""


@dataclass
class Service:
    """The service: its settings, the database behind it, and what runs beside the requests.

    Attributes:
        settings: What the environment says.
        catalog: What is installed.
        database: Connections to the control plane.
        asking: Connections of their own, by which it is known who calls: calls cannot use them up.
        tenants: Transactions of tenants.
        authenticator: Who calls.
        sources: Where a request may name a tenant.
        resolver: Which tenant a request names.
        rates: How many calls.
        figures: What is measured.
        members: Who is a member, by the issuer of users' tokens.
        streams: How many streams of events are open.
        watching: How many of them are whose.
        stopping: Set when the service ends: streams end, and work in the background stops after its step.
    """

    settings: Settings
    catalog: Catalog
    database: Database
    asking: Database
    tenants: AsyncTenants
    authenticator: Authenticator
    sources: tuple[Source, ...]
    resolver: AsyncResolver
    members: dict[str, AsyncMembers]
    rates: Rates
    figures: Figures
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    streams: int = 0
    watching: Counter[str] = field(default_factory=Counter)
    _shares: WeakValueDictionary[str, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def group(self, principal: Principal, function: Function) -> str:
        """The group as which a principal calls a function: the one of his that may least.

        Raises:
            Refusal: None of his may call it.
        """
        if principal.tenant_ids is not None:
            raise Refusal(403, "this key is bound to tenants: it may use their routes, /t/<slug>/...")
        for group in function.groups:
            if group in principal.roles:
                return group
        raise Refusal(403, f"this takes the role {' or '.join(function.groups)}")

    @contextlib.asynccontextmanager
    async def transaction(
        self, caller: Principal, role: str, request_id: str, *, read_only: bool = False, repeatable: bool = False
    ) -> AsyncIterator[Connection]:
        """A transaction for a caller. One caller has half of the connections at most: his calls wait for each other.

        Args:
            caller: Who calls; he acts, for the audit trail.
            role: The database role that it runs as.
            request_id: The request that it is part of.
            read_only: Whether it may change nothing.
            repeatable: Whether what it has read may not change before it writes: it fails (40001) then.

        Raises:
            Refusal: He waited too long for his own.
        """
        share = self._shares.get(caller.actor)
        if share is None:
            share = self._shares[caller.actor] = asyncio.Semaphore(max(1, self.settings.pool_size // 2))
        try:
            await asyncio.wait_for(share.acquire(), _PATIENCE) if share.locked() else await share.acquire()
        except asyncio.TimeoutError:
            raise Refusal(503, "calls of yours that began before are still under way", {"Retry-After": "5"}) from None
        try:
            async with self.database.transaction(
                role, caller.actor, request_id, read_only=read_only, repeatable=repeatable
            ) as connection:
                yield connection
        finally:
            share.release()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Lets something run beside the requests; its failure is logged."""
        task = asyncio.create_task(self._watched(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def stop(self) -> None:
        """Ends what runs beside the requests: each finishes the step that it is in."""
        self.stopping.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=30)
        for task in self._tasks:
            task.cancel()

    @staticmethod
    async def _watched(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except psycopg.Error as error:
            log.error("background.failed", error=type(error).__name__, code=error.sqlstate)  # noqa: TRY400
        except Exception as error:
            log.exception("background.failed", error=type(error).__name__)


@contextlib.contextmanager
def ending(here: Service) -> Iterator[None]:
    """Hears the signals by which a process ends, before the server that waits for its streams."""
    kept: dict[int, Any] = {}
    loop = asyncio.get_running_loop()

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(here.stopping.set)
        kept[number](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            before = signal.getsignal(number)
            if callable(before):
                kept[number] = before
                signal.signal(number, heard)
    try:
        yield
    finally:
        for each, before in kept.items():
            signal.signal(each, before)


def service(request: Request) -> Service:
    """The service that a request came to."""
    found: Service = request.scope["app"].state.service
    return found


async def principal(request: Request) -> Principal:
    """Who calls; counted among his calls.

    Raises:
        NotAuthenticated: Nobody who is known.
        Refusal: He, or his address, calls too often.
    """
    state: dict[str, Any] = request.scope["state"]
    known: Principal | None = state.get("principal")
    if known is not None:
        return known
    found = await authenticated(request)
    rate = service(request).rates.caller
    if rate:
        state["rate"] = await rate.hit(found.actor)
    return found


async def authenticated(request: Request) -> Principal:
    """Who calls, where that is asked again in the course of a request.

    Raises:
        NotAuthenticated: Nobody who is known.
        Refusal: His address has proved nobody too often.
    """
    here, scope = service(request), request.scope
    try:
        authorization = authorization_of(scope["headers"])
    except NotAuthenticated:
        await here.rates.admit(address_of(scope.get("client")), None)
        raise
    # What is known to prove somebody counts as no failure, wherever it comes from.
    found = here.authenticator.remembered(authorization)
    if found is None:
        found = await proved(here, address_of(scope.get("client")), authorization)
    scope["state"]["principal"] = found
    return found


async def proved(here: Service, address: str, authorization: str | None) -> Principal:
    """Who a credential proves; one that is no good counts as a call of its address that proves nobody.

    Args:
        here: The service.
        address: Where it came from.
        authorization: As the header of that name has it.

    Raises:
        NotAuthenticated: Nobody who is known.
        Refusal: The address has proved nobody too often.
    """
    counted = await here.rates.admit(address, authorization)
    try:
        found = await here.authenticator(authorization)
    except NotAuthenticated:
        await here.rates.failed(address, authorization, counted)
        raise
    except BaseException:
        # Nobody knows whether it would have proved somebody.
        here.rates.uncount(address, counted)
        raise
    here.rates.proved(address, authorization, counted)
    return found
