"""Whether the process lives, and whether it can work."""

from __future__ import annotations

from typing import Any

import psycopg
from fastapi import APIRouter, Request
from psycopg_pool import PoolTimeout

from freehold.http.problem import Refusal
from freehold.http.service import service

router = APIRouter(tags=["health"])


@router.get("/")
async def root(request: Request) -> dict[str, str]:
    """Says what is here."""
    console = {"console": "/console"} if service(request).settings.console else {}
    return {"service": "freehold", "openapi": "/openapi.json", **console}


@router.get("/health")
async def health() -> dict[str, str]:
    """Says that the process lives; the database is not asked."""
    return {"status": "ok"}


@router.get("/ready", responses={503: {"description": "The database does not answer, or the service is ending."}})
async def ready(request: Request) -> dict[str, Any]:
    """Says that the database answers."""
    here = service(request)
    if here.stopping.is_set():
        raise Refusal(503, "the service is ending")
    try:
        async with here.database.transaction(
            here.catalog.role("resolver"), "health", request.state.request_id, read_only=True, timeout=5
        ):
            return {"status": "ok"}
    except (psycopg.Error, PoolTimeout):
        raise Refusal(503, "the database does not answer") from None
