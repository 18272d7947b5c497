"""A server of the bench, in a process of its own: ``python -m bench.service.server``, told by standard input what."""

from __future__ import annotations

import json
import socket
import sys
from typing import Any

import uvicorn
from fastapi import APIRouter, FastAPI
from pydantic import AnyHttpUrl, SecretStr

from bench.service import by_hand
from bench.service.rounds import IN_MEMORY, OURS
from bench.service.scene import AUDIENCE
from freehold.http import InTenant, Issuer, Settings, create_app, logs
from freehold.http.connection import Protocol
from freehold.http.problem import Refusal

router = APIRouter()


@router.get("/note/{number}")
async def note(number: int, tenant: InTenant) -> dict[str, Any]:
    """A note of the tenant."""
    row = await (await tenant.connection.execute("select body from note where id = %s", (number,))).fetchone()
    if row is None:
        raise Refusal(404, "there is no such note")
    return {"tenant": tenant.slug, "id": number, "body": row[0]}


def app(told: dict[str, Any]) -> FastAPI:
    """The application."""
    if told["subject"] != OURS:
        hashed = {bytes.fromhex(digest): name for digest, name in told["hashed"].items()}
        return by_hand.create_app(
            told["dsn"], size=told["size"], hashed=hashed if told["subject"] == IN_MEMORY else None,
            public=told["public"], issuer=told["issuer"], audience=AUDIENCE,
        )  # fmt: skip
    settings = Settings(
        dsn=SecretStr(told["dsn"]), pool_size=told["size"], rate_limit="", keeper=False, console=False,
        issuers=[Issuer(issuer=told["issuer"], audience=AUDIENCE, jwks=AnyHttpUrl(f"{told['issuer']}/jwks.json"))],
    )  # fmt: skip
    logs.configure(settings.log_format)
    return create_app(settings, tenant_router=router)


def main() -> None:
    """Serves on the socket that it was given."""
    told = json.load(sys.stdin)
    # As freehold serve has them, for all.
    config = uvicorn.Config(
        app(told), http=Protocol if told["subject"] == OURS else "h11", h11_max_incomplete_event_size=65_536,
        access_log=False, log_config=None, server_header=False, proxy_headers=False, timeout_keep_alive=15,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=told["fd"])])


if __name__ == "__main__":
    main()
