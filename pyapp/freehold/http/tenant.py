"""``/t/<slug>/...`` and ``/tenant/...``: what belongs to one tenant, for its users and for keys bound to it.

An application adds routes of its own, each in a transaction that is the tenant's:

    router = APIRouter()

    @router.get("/notes/{number}")
    async def note(number: int, tenant: InTenant) -> str:
        row = await (await tenant.connection.execute("select body from note where id = %s", (number,))).fetchone()
        ...

    app = create_app(tenant_router=router)
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Annotated, Any

import psycopg
from fastapi import Depends, Request

from freehold.context import NotMember
from freehold.context.refusals import RequestMismatch, TenantUnnamed
from freehold.context.request import Parts
from freehold.errors import InvalidSlug, TenantNotFound, TenantRetired, TenantSuspended, WrongState
from freehold.http import tracing
from freehold.http.authentication import Principal
from freehold.http.problem import Refusal
from freehold.http.service import Service, principal, service

HIDDEN = "there is no such tenant for you"


@dataclass(frozen=True)
class Found:
    """Whose request it is.

    Attributes:
        slug: The tenant.
        tenant_id: Its id.
        principal: Who asks.
        user_id: His id in ``freehold.app_user``; None for a key.
    """

    slug: str
    tenant_id: str
    principal: Principal
    user_id: str | None


@dataclass(frozen=True)
class TenantRequest(Found):
    """The same, in the tenant's transaction.

    Attributes:
        connection: Acts as the tenant until the endpoint has returned; committed then, before the answer is sent.
    """

    connection: psycopg.AsyncConnection[Any]


async def found(request: Request, caller: Annotated[Principal, Depends(principal)]) -> Found:
    """The tenant that a request names, where the caller belongs to it.

    Raises:
        Refusal: It names none that is his: whether there is one is not told.
        TenantSuspended: It is his, and suspended.
        TenantRetired: It is his, and retired.
    """
    state: dict[str, Any] = request.scope["state"]
    before: Found | None = state.get("found")
    if before is not None:
        return before
    here = service(request)
    parts = Parts.asgi(request.scope)
    try:
        named = await here.resolver.resolve(parts, anyone=True)
        user_id = await member(here, caller, named.tenant_id, named.slug)
    except (TenantSuspended, TenantRetired, WrongState) as error:
        if not await _belongs(here, caller, state["request_id"], parts):
            raise Refusal(404, HIDDEN) from error
        raise
    except (TenantNotFound, NotMember, TenantUnnamed, RequestMismatch, InvalidSlug) as error:
        raise Refusal(404, HIDDEN) from error
    state["tenant"] = named.slug
    if here.rates.tenant:
        # Only who belongs to it can use up what it may.
        for name, value in (await here.rates.tenant.hit(named.tenant_id)).items():
            given = state.get("rate", {})
            state["rate"] = given | {name: f"{given[name]}, {value}" if name in given else value}
    state["found"] = belongs = Found(named.slug, named.tenant_id, caller, user_id)
    return belongs


async def member(here: Service, caller: Principal, tenant_id: str, slug: str) -> str | None:
    """The id of a user who is a member; None for a key that is bound to the tenant, or an application's own.

    Raises:
        NotMember: The caller is neither.
    """
    if caller.kind == "user":
        members = here.members.get(caller.issuer or "")
        user_id = None if members is None else await members.member_id(caller.subject or "", tenant_id)
        if user_id is not None:
            return user_id
    elif caller.kind == "key" and (caller.tenant_ids is not None or not caller.roles) and caller.reaches(tenant_id):
        # An operator's key is none of a tenant's: staff come by break-glass.
        return None
    raise NotMember(f'the user is no member of tenant "{slug}"')


async def _belongs(here: Service, caller: Principal, request_id: str, parts: Parts) -> bool:
    """Whether a caller belongs to a tenant that is out of service."""
    if caller.kind == "key" and caller.tenant_ids is None:
        # An application's own reaches all tenants, an operator's none.
        return not caller.roles
    said = [source.read(parts) for source in here.sources]
    slug = next(each.slug for each in said if each is not None)
    bound = None if caller.tenant_ids is None else list(caller.tenant_ids)
    query = "select freehold._member_of(%s, %s, %s, %s::uuid[])"
    async with here.asking.transaction(
        here.catalog.role("resolver"), caller.actor, request_id, read_only=True
    ) as connection:
        row = await (await connection.execute(query, (slug, caller.issuer, caller.subject, bound))).fetchone()
    return row is not None and row[0] is True


async def in_tenant(request: Request) -> TenantRequest:
    """The tenant's transaction: one that only reads for GET."""
    here = service(request)
    # Called, as a dependency that is resolved by itself takes longer than what it does.
    known = await found(request, await principal(request))
    access = "read" if request.method in ("GET", "HEAD") else "write"
    # What FastAPI closes when the endpoint has returned or raised, and before the answer is sent: what fails then is
    # not told as done. A dependency that yields ends there, too, and takes longer.
    stack: AsyncExitStack = request.scope["fastapi_function_astack"]
    stack.enter_context(tracing.span("tenant transaction", freehold__tenant=known.slug, freehold__access=access))
    request_id = request.scope["state"]["request_id"]
    transaction = here.tenants.transaction(
        known.slug, actor=known.principal.actor, access=access, tenant_id=known.tenant_id, request_id=request_id,
        timeout=here.settings.statement_timeout,
    )  # fmt: skip
    connection = await stack.enter_async_context(transaction)
    heard = here.tenants._core.directory.era

    async def ended(_kind: object, error: BaseException | None, _trace: object) -> None:
        # Suspended in the middle, it does not find its own tables any more.
        if isinstance(error, psycopg.ProgrammingError):
            await _still_there(here, known, request_id)
            # It may be back again by now.
            if here.tenants._core.directory.era != heard:
                raise Refusal(503, "the tenant was changed meanwhile: try again", {"Retry-After": "1"}) from error

    stack.push_async_exit(ended)
    return TenantRequest(known.slug, known.tenant_id, known.principal, known.user_id, connection)


async def _still_there(here: Service, known: Found, request_id: str) -> None:
    """Asks once more whether a tenant may be entered.

    Raises:
        TenantSuspended: It is suspended by now.
        TenantRetired: It is retired by now.
    """
    async with here.asking.transaction(
        here.catalog.role("resolver"), known.principal.actor, request_id, read_only=True
    ) as connection:
        await connection.execute("select from freehold.tenant_context(%s)", (known.slug,))


# The scope refuses a dependency of an application's that would use the transaction when it is over.
InTenant = Annotated[TenantRequest, Depends(in_tenant, scope="function")]
"""A parameter of an endpoint, or of its dependency with ``scope="function"``: the tenant's transaction."""
OfTenant = Annotated[Found, Depends(found)]
"""A parameter of an endpoint: the tenant, without a transaction."""
