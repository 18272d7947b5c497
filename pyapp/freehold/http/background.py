"""Work that goes on after it was answered: what commits by batch, one step a transaction.

The first step is the request's own, so what is wrong with it is told. A service that ends leaves a named
state: the keeper goes on with it, here or elsewhere.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import psycopg

from freehold.catalog import Catalog, Function
from freehold.http.authentication import Principal
from freehold.http.calling import Answer, call
from freehold.http.service import Service


def first_step(catalog: Catalog, function: Function) -> Function:
    """The function that makes a step of a procedure; a function is its own."""
    if not function.procedure:
        return function
    if function.name == "operation_resume":
        return catalog.functions["operation_step"]
    return catalog.functions[function.name.removesuffix("_staged") + "_step"]


def go_on(
    here: Service,
    role: str,
    caller: Principal,
    request_id: str,
    step: Function,
    arguments: Mapping[str, Any],
    answer: Answer,
) -> dict[str, str]:
    """Lets the rest run beside the requests.

    Args:
        here: The service.
        role: The database role that it runs as.
        caller: Who asked for it.
        request_id: By which request.
        step: What makes a step.
        arguments: Of the first one.
        answer: What that returned.

    Returns:
        Headers that tell where to look how it goes.
    """
    first = json.loads(answer.text or "null")
    if step.name in ("audit_seal_step", "reserve_fill_step"):
        here.start(_repeat(here, role, caller, request_id, step, dict(arguments), first))
        where = "/v1/reserve_status" if step.name == "reserve_fill_step" else "/v1/audit_anchor"
        return {"Location": where}
    onward = step if step.name == "operation_undo_step" else here.catalog.functions["operation_step"]
    if first["state"] == "running":
        here.start(_finish(here, role, caller, request_id, onward, first["id"]))
    return {"Location": f"/v1/operation_get?id={first['id']}"}


async def _finish(here: Service, role: str, caller: Principal, request_id: str, step: Function, number: int) -> None:
    state = "running"
    try:
        while state == "running" and not here.stopping.is_set():
            async with here.database.transaction(role, caller.actor, request_id) as connection:
                state = json.loads((await call(connection, step, {"id": number})).text or "{}")["state"]
    except psycopg.Error as error:
        if error.sqlstate is None:
            # The connection went: another worker goes on.
            return
        with contextlib.suppress(psycopg.Error):
            async with here.database.transaction(role, caller.actor, request_id) as connection:
                stopped = {"id": number, "sqlstate": error.sqlstate, "message": error.diag.message_primary or ""}
                await call(connection, here.catalog.functions["operation_stop"], stopped)


async def _repeat(
    here: Service, role: str, caller: Principal, request_id: str, step: Function, arguments: dict[str, Any], last: Any
) -> None:
    while not here.stopping.is_set():
        if step.name == "audit_seal_step":
            if last["next"] is None:
                return
            arguments["start"] = last["next"]
        elif not last:
            return
        async with here.database.transaction(role, caller.actor, request_id) as connection:
            last = json.loads((await call(connection, step, arguments)).text or "null")
