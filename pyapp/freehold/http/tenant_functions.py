"""``/t/<slug>/v1/<function>``: the functions that are a tenant's own business.

Two kinds. What a tenant's own role may call runs in a transaction of the tenant, for members who have the permission.
What has ``by_user`` runs as the role that acts for members: the database asks whether that one may.
"""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Query, Request
from starlette.responses import Response

from freehold.catalog import Catalog, Function
from freehold.http import document, functions, schemas
from freehold.http.calling import call
from freehold.http.database import Connection
from freehold.http.functions import Key
from freehold.http.problem import Refusal
from freehold.http.service import service
from freehold.http.tenant import InTenant, OfTenant

PERMISSIONS = {
    "tenant_current": "tenant:read",
    "actor_current": "tenant:read",
    "audit_history": "audit:read",
    "audit_as_of": "audit:read",
    "audit_as_of_table": "audit:read",
}
"""What a tenant's own role may call, and the permission that it takes."""
_GIVEN = ("slug", "home", "by_user")
"""Arguments that the request itself says."""


def router(catalog: Catalog) -> APIRouter:
    """The routes of the functions of one tenant.

    Args:
        catalog: What is installed.
    """
    routes = APIRouter(prefix="/v1")
    for function in catalog.functions.values():
        names = {argument.name for argument in function.main.arguments}
        if function.name in PERMISSIONS:
            _add(routes, catalog, function, _own(function))
        elif "by_user" in names:
            _add(routes, catalog, function, _for_member(function))
    return routes


def _add(routes: APIRouter, catalog: Catalog, function: Function, endpoint: Any) -> None:
    model = schemas.arguments(f"tenant_{function.name}_arguments", function.main, query=function.reads, without=_GIVEN)
    required = any(a.required for a in function.main.arguments if a.name not in _GIVEN)
    default = inspect.Parameter.empty if required or function.reads else model()
    described = Annotated[model, Query() if function.reads else Body()]  # type: ignore[valid-type]
    endpoint.__signature__ = functions.signature(endpoint, described, default)
    routes.add_api_route(
        f"/{function.name}", endpoint, methods=["GET" if function.reads else "POST"],
        name=f"tenant:{function.name}", tags=["of a tenant"], summary=function.name,
        description=f"{function.comment}\n\nFor members of the tenant, who are `by_user`.", response_class=Response,
        responses=document.responses(catalog, function, 200),
    )  # fmt: skip


def _own(function: Function) -> Any:
    async def own(request: Request, tenant: InTenant, *, given: schemas.Arguments) -> Response:
        here = service(request)
        if tenant.user_id is not None:
            # Not a call of his, which would keep the tenant's connection waiting for his others.
            member, actor = here.catalog.role("member"), tenant.principal.actor
            async with here.asking.transaction(member, actor, request.state.request_id, read_only=True) as asking:
                await require(here.catalog, asking, tenant.slug, tenant.user_id, PERMISSIONS[function.name])
        arguments = functions.plain(given) | _said(function, tenant.slug, None)
        answer = await call(tenant.connection, function, arguments)
        return functions.answered(request, function, arguments, answer, None)

    return own


def _for_member(function: Function) -> Any:
    async def for_member(
        request: Request, tenant: OfTenant, *, given: schemas.Arguments, idempotency_key: Key = None,
        if_match: Annotated[str | None, Header()] = None, if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:  # fmt: skip
        here = service(request)
        if tenant.user_id is None:
            raise Refusal(403, "this is for a user who is a member; a key has no permissions of its own")
        own = functions.plain(given)
        arguments = own | _said(function, tenant.slug, tenant.user_id)
        role, caller = here.catalog.role("member"), tenant.principal
        if not function.reads:

            async def may(connection: Connection) -> None:
                # By the name of its functions: member_add takes member:write.
                permission = function.name.partition("_")[0] + ":write"
                await require(here.catalog, connection, tenant.slug, str(tenant.user_id), permission)

            return await functions.changed(
                request, here, caller, role, function, arguments, idempotency_key, if_match, None, may
            )

        return await functions.looked(request, caller, role, function, arguments, own, if_none_match)

    return for_member


def _said(function: Function, slug: str, user_id: str | None) -> dict[str, Any]:
    values = {"slug": slug, "home": slug, "by_user": user_id}
    names = {argument.name for argument in function.main.arguments}
    return {name: value for name, value in values.items() if name in names and value is not None}


async def require(catalog: Catalog, connection: Connection, slug: str, user_id: str, permission: str) -> None:
    """Refuses a member who lacks a permission.

    Raises:
        NotPermitted: He does.
    """
    given = {"slug": slug, "user_id": user_id, "permission": permission}
    await call(connection, catalog.functions["permission_require"], given)
