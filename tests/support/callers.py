"""Who calls a service under test, without keys or issuers; and a tenant's notes, to call for."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Body

from freehold.context.refusals import NotAuthenticated
from freehold.http import InTenant, Principal

from .database import Database
from .service import TestService

NOTE = "create table note (id int primary key, body text not null);"


class Callers:
    """Takes ``Bearer <name>`` for each that is known."""

    def __init__(self, **known: Principal) -> None:
        self.known = known
        self.asked: list[str | None] = []

    async def __call__(self, authorization: str | None) -> Principal:
        """Who it is."""
        self.asked.append(authorization)
        name = (authorization or "").removeprefix("Bearer ")
        if name not in self.known:
            raise NotAuthenticated("that proves nobody")
        return self.known[name]

    def remembered(self, _authorization: str | None) -> None:
        """Nothing is kept."""


def fleet(database: Database, *slugs: str) -> dict[str, str]:
    """Tenants with a table of notes; their ids by slug."""
    control = database.control()
    control.template_create("default")
    control.template_apply("default", NOTE)
    control.template_freeze("default")
    return {slug: str(control.tenant_provision(slug)["id"]) for slug in slugs}


def known(service: TestService, **tenants: str) -> Callers:
    """Lets an admin, an auditor, somebody without roles and, by name, a key of each tenant call."""
    callers = Callers(
        admin=Principal("key:admin", "key", frozenset({"admin"})),
        auditor=Principal("key:auditor", "key", frozenset({"auditor"})),
        nobody=Principal("user:nobody", "user"),
        **{
            slug: Principal(f"key:{slug}", "key", frozenset(), tenant_ids=frozenset({identity}))
            for slug, identity in tenants.items()
        },
    )
    service.app.state.service.authenticator = callers
    return callers


def notes() -> APIRouter:
    """Routes of an application."""
    router = APIRouter()

    @router.post("/notes")
    async def write(tenant: InTenant, number: int = Body(), body: str = Body()) -> int:
        await tenant.connection.execute("insert into note values (%s, %s)", (number, body))
        return number

    @router.get("/notes/{number}")
    async def look(tenant: InTenant, number: int) -> Any:
        row = await (await tenant.connection.execute("select body from note where id = %s", (number,))).fetchone()
        return None if row is None else row[0]

    return router
