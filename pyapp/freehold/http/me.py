"""``/me/v1/...``: what a user may ask of himself, before he has chosen a tenant."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from freehold.catalog import Catalog
from freehold.http import document, functions
from freehold.http.authentication import Principal
from freehold.http.calling import call
from freehold.http.problem import Refusal
from freehold.http.service import principal, service


class Acceptance(BaseModel):
    """What accepts an invitation.

    Attributes:
        token: That the invitation came with.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    token: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


def router(catalog: Catalog) -> APIRouter:
    """The routes of a user who is known by his token.

    Args:
        catalog: What is installed.
    """
    routes = APIRouter(prefix="/me/v1", tags=["of a user"])

    @routes.get(
        "/member_tenants", summary="member_tenants", response_class=Response,
        description="The tenants that the user of the token may choose from.",
        responses=document.responses(catalog, catalog.functions["member_tenants"], 200),
    )  # fmt: skip
    async def member_tenants(request: Request, caller: Annotated[Principal, Depends(_user)]) -> Response:
        here = service(request)
        function = here.catalog.functions["member_tenants"]
        async with here.transaction(
            caller, here.catalog.role("resolver"), request.state.request_id, read_only=True
        ) as connection:
            answer = await call(connection, function, {"issuer": caller.issuer, "subject": caller.subject})
        return functions.answered(request, function, {}, answer, None)

    @routes.post(
        "/invitation_accept", summary="invitation_accept", response_class=Response,
        description="Makes the user of the token a member, by the token of an invitation, once.",
        responses=document.responses(catalog, catalog.functions["invitation_accept"], 200),
    )  # fmt: skip
    async def invitation_accept(
        request: Request, caller: Annotated[Principal, Depends(_user)], given: Acceptance
    ) -> Response:
        here = service(request)
        async with here.transaction(caller, here.catalog.role("member"), request.state.request_id) as connection:
            known = {"issuer": caller.issuer, "subject": caller.subject}
            user = json.loads((await call(connection, here.catalog.functions["user_ensure"], known)).text or "{}")
            accepted = {"token": given.token, "user_id": user["id"]}
            answer = await call(connection, here.catalog.functions["invitation_accept"], accepted)
        return Response(answer.text, media_type="application/json")

    return routes


async def _user(caller: Annotated[Principal, Depends(principal)]) -> Principal:
    if caller.kind != "user":
        raise Refusal(403, "this is for users, by their own tokens")
    return caller
