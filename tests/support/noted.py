"""The service with an application's routes, in a process of its own: ``python -m support.noted`` and a descriptor.

The socket is the test's: what connects while no process serves waits for the next one.
"""

from __future__ import annotations

import socket
import sys

import uvicorn
from fastapi import APIRouter
from pydantic import BaseModel

from freehold.http import InTenant, create_app

TEMPLATE = (
    "create table note (id bigint generated always as identity primary key, mark uuid not null, owner text not null);"
)
router = APIRouter()


class Note(BaseModel):
    mark: str


@router.post("/notes", status_code=201)
async def add(note: Note, tenant: InTenant) -> dict[str, str]:
    await tenant.connection.execute("insert into note (mark, owner) values (%s, %s)", (note.mark, tenant.slug))
    return {"mark": note.mark, "tenant": tenant.slug}


def main() -> None:
    config = uvicorn.Config(
        create_app(tenant_router=router), access_log=False, server_header=False, timeout_graceful_shutdown=30,
        lifespan="on",
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
