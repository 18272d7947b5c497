"""Work that goes on after it was answered, one step a transaction: what commits by batch, and sign-ups.

The first step is the request's own, so what is wrong with it is told. A service that ends leaves a named
state: the keeper goes on with it, here or elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from freehold.catalog import Catalog, Function
from freehold.http.authentication import Principal
from freehold.http.calling import Answer, call
from freehold.http.service import Service

LONGEST = 60
"""Seconds that a request waits for the end at most."""
_WAIT = re.compile(r"(?:^|[,;\s])wait=([0-9]{1,5})(?:$|[,;\s])")
_GOING = ("running", "undoing")
_SIGNUPS = ("signup_begin", "signup_retry", "signup_undo")


@dataclass(frozen=True)
class Work:
    """Work of several steps.

    Attributes:
        first: The function that makes the first step, with the request's arguments.
        onward: The one that makes each other step, by the id of the row that the first returned; None where it is
            the same one with the same arguments.
        look: The one that tells how it goes.
        stopped: The one that records why a step failed; None where another worker does.
    """

    first: Function
    onward: Function | None
    look: Function
    stopped: Function | None


def work(catalog: Catalog, function: Function) -> Work | None:
    """The steps that a call takes; None for a function that is done when it returns.

    Args:
        catalog: What is installed.
        function: What is called.
    """
    known = catalog.functions
    if function.name in _SIGNUPS:
        return Work(function, known["signup_step"], known["signup_get"], None)
    if not function.procedure:
        return None
    if function.name == "audit_seal":
        return Work(known["audit_seal_step"], None, known["audit_anchor"], None)
    if function.name == "reserve_fill":
        return Work(known["reserve_fill_step"], None, known["reserve_status"], None)
    step = "operation_step" if function.name == "operation_resume" else f"{function.name.removesuffix('_staged')}_step"
    onward = step if step == "operation_undo_step" else "operation_step"
    return Work(known[step], known[onward], known["operation_get"], known["operation_stop"])


@dataclass(frozen=True)
class Caller:
    """As whom the steps are made.

    Attributes:
        role: The database role.
        principal: Who asked for it.
        request_id: By which request.
    """

    role: str
    principal: Principal
    request_id: str


def where(steps: Work, answer: Answer) -> str:
    """The path that tells how it goes."""
    row = json.loads(answer.text or "null")
    return f"/v1/{steps.look.name}" + (f"?id={row['id']}" if steps.onward is not None else "")


def go_on(
    here: Service, caller: Caller, steps: Work, arguments: Mapping[str, Any], answer: Answer
) -> asyncio.Task[None] | None:
    """Lets the rest run beside the requests.

    Args:
        here: The service.
        caller: As whom.
        steps: The work.
        arguments: Of the first step.
        answer: What that returned.

    Returns:
        What runs; None where the first step was the last.
    """
    first = json.loads(answer.text or "null")
    if steps.onward is None:
        return here.start(_repeat(here, caller, steps, dict(arguments), first))
    return here.start(_finish(here, caller, steps, first["id"])) if first["state"] in _GOING else None


def patience(prefer: str) -> float:
    """Seconds that a client would wait, by its header ``Prefer`` (RFC 7240)."""
    found = _WAIT.search(prefer)
    return 0.0 if found is None else float(min(int(found[1]), LONGEST))


async def end(
    here: Service, caller: Caller, steps: Work, answer: Answer, running: asyncio.Task[None], seconds: float
) -> Answer:
    """Waits for the end, so long as it may.

    Args:
        here: The service.
        caller: As whom it is looked at.
        steps: The work.
        answer: What the first step returned.
        running: What runs.
        seconds: How long to wait at most.

    Returns:
        How it is then.
    """
    await asyncio.wait({running}, timeout=seconds)
    if steps.onward is None:
        return answer
    number = json.loads(answer.text or "null")["id"]
    async with here.transaction(caller.principal, caller.role, caller.request_id) as connection:
        return await call(connection, steps.look, {"id": number})


def over(steps: Work, answer: Answer) -> bool:
    """Whether nothing is left to be done."""
    return steps.onward is None or json.loads(answer.text or "null")["state"] not in _GOING


async def _finish(here: Service, caller: Caller, steps: Work, number: int) -> None:
    assert steps.onward is not None
    state = _GOING[0]
    try:
        while state in _GOING and not here.stopping.is_set():
            state = json.loads((await _step(here, caller, steps.onward, {"id": number})).text or "{}")["state"]
    except psycopg.Error as error:
        if error.sqlstate is None or steps.stopped is None:
            # Another worker goes on, or records what is wrong.
            return
        with contextlib.suppress(psycopg.Error):
            why = {"id": number, "sqlstate": error.sqlstate, "message": error.diag.message_primary or ""}
            await _step(here, caller, steps.stopped, why)


async def _repeat(here: Service, caller: Caller, steps: Work, arguments: dict[str, Any], last: Any) -> None:
    while not here.stopping.is_set():
        if isinstance(last, dict):
            if last["next"] is None:
                return
            arguments["start"] = last["next"]
        elif not last:
            return
        last = json.loads((await _step(here, caller, steps.first, arguments)).text or "null")


async def _step(here: Service, caller: Caller, function: Function, arguments: dict[str, Any]) -> Answer:
    """A call of what was accepted: it has no share of the caller's connections to wait for, and takes one at a time."""
    async with here.database.transaction(caller.role, caller.principal.actor, caller.request_id) as connection:
        return await call(connection, function, arguments)
