"""Rollouts: the list, and one of them as it moves."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import JSONResponse, Response

from freehold.errors import FreeholdError
from freehold.http.console.desk import Visit, goto, told
from freehold.http.console.session import find_session
from freehold.http.problem import Refusal, passing
from freehold.http.stream import Stream, counted

ACTIONS = {
    "start": ("planned",), "pause": ("running",), "resume": ("paused", "halted"),
    "retry": ("running", "paused", "halted", "done"), "abort": ("planned", "running", "paused", "halted"),
}  # fmt: skip
"""What can be done to a rollout, and in which states; the functions ask again."""
ENDED = ("done", "aborted")
FAILURES = 50
_PARTS = ("state", "summary", "figures", "actions", "waves", "failures")
_COUNTS = ("tenants", "pending", "claimed", "done", "failed", "skipped")
_QUIET = 15.0
_WORDS = {
    "planned": "Planned, and not started", "running": "Running", "paused": "Paused", "halted": "Halted",
    "done": "Done", "aborted": "Aborted",
}  # fmt: skip


async def rollouts(visit: Visit) -> Response:
    """The newest rollouts."""
    async with visit.database("rollout_list") as db:
        return visit.page("rollouts.html", "rollouts", rollouts=await db.rows("rollout_list", max_rows=50))


async def rollout(visit: Visit, *, trouble: dict[str, Any] | None = None, status: int = 200) -> Response:
    """A rollout."""
    shown = await _look(visit)
    return visit.page("rollout.html", "rollouts", status=status, problem=trouble, **shown)


async def parts(visit: Visit) -> Response:
    """The parts that move, for whoever asks again and again."""
    shown = await _look(visit)
    return JSONResponse({"parts": _rendered(visit, shown), "end": shown["ended"]})


async def stream(visit: Visit) -> Response:
    """The parts that move, sent as they change."""
    caller = visit.principal.actor
    shown = await counted(visit.here, caller, lambda: _look(visit))
    return Stream(visit.here, caller, _events(visit, shown))


async def act(visit: Visit) -> Response:
    """Starts, pauses, resumes, retries or aborts a rollout."""
    action, number = visit.request.path_params["action"], visit.request.path_params["id"]
    given: dict[str, Any] = {"id": number}
    if action not in ACTIONS:
        raise Refusal(404, "there is no such page")
    visit.role(f"rollout_{action}")
    try:
        if action in ("start", "abort"):
            visit.confirmed(str(number))
        if action == "abort":
            given["reason"] = visit.reason()
        elif action == "start":
            # What was looked at is what starts.
            given["plan_digest"] = visit.form.get("digest", "")
        async with visit.database(f"rollout_{action}", writes=True) as db:
            visit.unchanged((await db.row("rollout_get", id=number))["state"])
            await db.row(f"rollout_{action}", **given)
    except (Refusal, FreeholdError) as error:
        status, trouble = told(visit.request, error)
        if status in (403, 404):
            raise
        return await rollout(visit, trouble=trouble, status=status)
    return goto(f"rollouts/{number}")


async def back(visit: Visit) -> Response:
    """The rollout, for whoever asks for what only a button does."""
    if visit.request.path_params["action"] not in ACTIONS:
        raise Refusal(404, "there is no such page")
    return goto(f"rollouts/{visit.request.path_params['id']}")


async def _look(visit: Visit) -> dict[str, Any]:
    """What the page of a rollout shows."""
    number = visit.request.path_params["id"]
    async with visit.database("rollout_get") as db:
        row = await db.row("rollout_get", id=number)
        waves = await db.rows("rollout_status", id=number)
        failures = await db.rows("rollout_tenants", id=number, progress="failed", max_rows=FAILURES + 1)
        migrations = await db.rows("rollout_migrations", id=number)
    fleet = [wave for wave in waves if wave["wave"] > 0]
    totals = {name: sum(wave[name] for wave in fleet) for name in _COUNTS}
    actions = [
        name for name, states in ACTIONS.items()
        if row["state"] in states and visit.may(f"rollout_{name}") and (name != "retry" or failures)
    ]  # fmt: skip
    return {
        "rollout": row, "waves": waves, "failures": failures[:FAILURES], "more_failures": len(failures) > FAILURES,
        "migrations": migrations, "totals": totals, "actions": actions,
        "can_act": visit.may("rollout_pause"), "ended": row["state"] in ENDED, "summary": _summary(row, waves, totals),
    }  # fmt: skip


def _summary(row: dict[str, Any], waves: list[dict[str, Any]], totals: dict[str, int]) -> str:
    """One sentence, which is read out as it changes."""
    said = _WORDS[row["state"]]
    if row["state"] == "running":
        at = next((wave["name"] for wave in waves if wave["pending"] or wave["claimed"]), None)
        said += f", in {at}" if at else ""
    if row["reason"] and row["state"] in ("paused", "halted", "aborted"):
        said += f" ({row['reason']})"
    failed = f", {totals['failed']} failed" if totals["failed"] else ""
    return f"{said}: {totals['done'] + totals['skipped']} of {totals['tenants']} tenants are through{failed}."


def _rendered(visit: Visit, shown: dict[str, Any]) -> dict[str, str]:
    names = [name for name in _PARTS if name != "actions" or shown["can_act"]]
    return {name: visit.part(f"_rollout_{name}.html", **shown) for name in names}


async def _events(visit: Visit, shown: dict[str, Any]) -> AsyncIterator[bytes]:
    """Sends what has changed since the last look, until the rollout, the session or the stream's time ends."""
    here = visit.here
    sent: dict[str, str] = {}
    said = time.monotonic()
    ends = said + here.settings.stream_lifetime
    while True:
        made = _rendered(visit, shown)
        news = {name: html for name, html in made.items() if sent.get(name) != _hash(html)}
        if news:
            sent, said = {name: _hash(html) for name, html in made.items()}, time.monotonic()
            yield format_sse_event(data_str=json.dumps(news), event="parts")
        elif time.monotonic() - said > _QUIET:
            said = time.monotonic()
            yield KEEPALIVE_COMMENT
        if shown["ended"]:
            yield format_sse_event(data_str="{}", event="end")
            return
        if time.monotonic() > ends or await _stopping(visit):
            return
        try:
            # Who signed out, or whose key was revoked, sees no more of it.
            session = await find_session(here, visit.session.secret, visit.request_id, watching=True)
            if session is None:
                yield format_sse_event(data_str="{}", event="signed-out")
                return
            visit.session = session
            shown = await _look(visit)
        except (Refusal, FreeholdError) as error:
            if passing(error):
                continue
            yield format_sse_event(data_str="{}", event="signed-out")
            return
        except psycopg.Error:
            # The server restarts: look again.
            continue


async def _stopping(visit: Visit) -> bool:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(visit.here.stopping.wait(), visit.here.settings.stream_interval)
    return visit.here.stopping.is_set()


def _hash(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()
