"""The application: routes made of the catalog, and what every request passes through."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.middleware.cors import CORSMiddleware
from psycopg.rows import dict_row
from pydantic import SecretStr
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import freehold
from freehold import catalog as catalogs
from freehold.catalog import Catalog
from freehold.context import AsyncTenants, Limits
from freehold.errors import NotAllowed
from freehold.http import (
    console,
    document,
    functions,
    health,
    logs,
    me,
    metrics,
    problem,
    tenant_functions,
    tls,
    tracing,
)
from freehold.http.authentication import Authenticator
from freehold.http.database import Database
from freehold.http.keeping import kept
from freehold.http.middleware import BodyLimit, Gate, declared
from freehold.http.rates import Rates
from freehold.http.service import Service, ending, principal
from freehold.http.settings import Settings, read
from freehold.http.tenant import in_tenant
from freehold.http.trust import trusted
from freehold.web import AsyncMembers, AsyncResolver, Header, PathPrefix, Source, Subdomain

_GARBAGE = 20_000
"""New objects after which the collector looks for cycles among them: some MB at most."""
_ASKING = 2
"""Connections for who calls, and whether the database answers: slow calls do not use them up."""


def create_app(settings: Settings | None = None, *, tenant_router: APIRouter | None = None) -> FastAPI:
    """The service as an ASGI application.

    The database is asked once, for what is installed: it has to be there.

    Args:
        settings: Where None, what the environment says.
        tenant_router: An application's own routes of a tenant, under ``/t/{slug}`` and ``/tenant``.

    Raises:
        psycopg.Error: The database does not answer, or freehold is not installed there.
        NotAllowed: The login lacks a role without which nothing is served.
        InvalidArgument: A setting is none, or the connection is not encrypted.
    """
    settings = settings or read()
    asked, dsn = tls.connect(settings.dsn.get_secret_value(), encrypted=settings.database_tls == "require")
    with asked as connection:
        catalog = catalogs.read(connection)
        login = connection.info.user
    missing = [catalog.role(each) for each in catalogs.SERVING if each not in catalog.reach]
    if missing:
        raise NotAllowed(
            f'login "{login}" may not become {" or ".join(missing)}: freehold service grant {login}, as who installed'
        )
    app = FastAPI(
        title="freehold", version=freehold.__version__, docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        summary="Schema-per-tenant PostgreSQL: the functions of the control plane over HTTP.", lifespan=_lifespan,
        # It would lead to whatever the header Host says.
        redirect_slashes=False,
    )  # fmt: skip
    app.state.service, app.state.dsn = _service(settings, catalog, dsn), SecretStr(dsn)
    app.state.tracing = tracing.Tracing() if tracing.wanted() else None
    own = tenant_functions.router(catalog)
    # Routes are tried one after the other: what is called most stands first, and where it may, before the functions.
    ahead = tenant_router is not None and _apart(tenant_router)
    for prefix in ("/t/{slug}", "/tenant"):
        if tenant_router is not None and ahead:
            app.include_router(tenant_router, prefix=prefix)
        app.include_router(own, prefix=prefix)
        if tenant_router is not None and not ahead:
            app.include_router(tenant_router, prefix=prefix)
    if settings.console:
        console.install(app)
    app.include_router(health.router)
    app.include_router(me.router(catalog))
    app.include_router(functions.router(catalog))
    app.include_router(metrics.router)
    problem.install(app, _known)
    metrics.install(app.state.service)
    document.complete(app, catalog)
    app.add_middleware(BodyLimit, limit=settings.body_limit, timeout=settings.body_timeout, known=_known)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors_origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "X-Request-Id"],
            expose_headers=[
                "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
                "X-Request-Id",
            ],
        )  # fmt: skip
    app.add_middleware(Gate, figures=app.state.service.figures, traces=app.state.tracing)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def worker() -> FastAPI:
    """The service in a process that uvicorn has started, as the environment says."""
    settings = read()
    logs.configure(settings.log_format)
    return create_app(settings)


def _apart(router: APIRouter) -> bool:
    """Whether no route of an application could take a request from the functions of a tenant, ``v1/...``."""
    return all(
        path.startswith("/") and "{" not in (start := path.split("/")[1]) and start != "v1"
        for path in (getattr(route, "path", "") for route in router.routes)
    )


async def _known(request: Request) -> None:
    """Refuses who is not known, where the route asks who calls.

    What he may do is not asked: that his body is none is all that he is told.

    Raises:
        NotAuthenticated: Nobody who is known.
        Refusal: He, or his address, calls too often.
    """
    dependant = getattr(declared(request.scope), "dependant", None)
    if dependant is not None and _asks(dependant):
        await principal(request)


def _asks(dependant: Dependant) -> bool:
    return dependant.call in (principal, in_tenant) or any(_asks(each) for each in dependant.dependencies)


def _service(settings: Settings, catalog: Catalog, dsn: str) -> Service:
    database = Database(
        dsn, size=settings.pool_size, timeout=settings.statement_timeout, encrypted=settings.database_tls == "require"
    )
    asking = Database(dsn, size=_ASKING, timeout=10.0, encrypted=settings.database_tls == "require")
    secret = None if settings.login_secret_file is None else settings.login_secret_file.read_bytes().strip()
    # What one tenant is slow at keeps no other waiting.
    limits = Limits(size=settings.pool_size, per_tenant=max(1, settings.pool_size // 2), wait=10.0)
    tenants = AsyncTenants(_tenants_dsn(settings, dsn), level=settings.level, secret=secret, limits=limits, path="http")
    sources: list[Source] = [PathPrefix("/t/")]
    if settings.tenant_domain is not None:
        sources.append(Subdomain(settings.tenant_domain))
    if settings.tenant_header is not None:
        sources.append(Header(settings.tenant_header))

    async def check(sha256: bytes) -> Mapping[str, Any] | None:
        query = "select * from freehold.api_key_check(%s)"
        async with (
            asking.transaction(catalog.role("resolver"), "freehold-http", "") as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return await (await cursor.execute(query, (sha256,))).fetchone()

    return Service(
        settings=settings, catalog=catalog, database=database, asking=asking, tenants=tenants,
        authenticator=Authenticator(
            check=check, issuers=[trusted(each) for each in settings.issuers], watch=tenants._core.directory
        ),
        sources=tuple(sources),
        rates=Rates(settings.rate_limit, settings.tenant_rate_limit, settings.failure_rate_limit),
        figures=metrics.Figures(),
        resolver=AsyncResolver(tenants, *sources, member=_nobody),
        members={each.issuer: AsyncMembers(tenants, each.issuer) for each in settings.issuers if each.kind == "user"},
    )  # fmt: skip


def _tenants_dsn(settings: Settings, dsn: str) -> str:
    if settings.tenants_dsn is None:
        return dsn
    asked, own = tls.connect(settings.tenants_dsn.get_secret_value(), encrypted=settings.database_tls == "require")
    asked.close()
    return own


def _nobody(_user: str, _tenant_id: str, _slug: str) -> bool:
    # Membership is asked afterwards, by who calls.
    return False


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    here: Service = app.state.service
    await here.database.open()
    await here.asking.open()
    async with here.tenants:
        with ending(here), contextlib.ExitStack() as stack:
            # A second's work, which would keep all requests waiting later, and which no other thread can do.
            app.openapi()
            if here.settings.keeper:
                stack.enter_context(kept(app.state.dsn.get_secret_value(), here.catalog))
            stack.enter_context(_frozen())
            yield
            await here.stop()
    await here.database.close()
    await here.asking.close()
    if app.state.tracing is not None:
        await asyncio.to_thread(app.state.tracing.close)


@contextlib.contextmanager
def _frozen() -> Iterator[None]:
    """Keeps the collector from what is there by now: to look through all of it stops every request for 0.1 to 0.2 s.

    At the rest it looks less often than by Python's own threshold, which took a tenth of each request's time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
