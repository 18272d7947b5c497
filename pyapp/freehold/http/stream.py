"""Server-sent events: what a GET answers, sent anew whenever it changes, to whoever accepts ``text/event-stream``."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import Response, StreamingResponse

from freehold.errors import FreeholdError
from freehold.http.calling import Answer
from freehold.http.problem import Refusal
from freehold.http.service import Service, principal

_QUIET = 15.0
"""Seconds without a change after which a comment keeps the connection."""
_CHECKED = 10.0
"""Seconds after which the caller is asked again who he is: a key may be revoked, a token expire."""


def wanted(request: Request) -> bool:
    """Whether a request is for events."""
    return request.headers.get("accept", "").partition(";")[0].strip() == "text/event-stream"


async def of(request: Request, here: Service, look: Callable[[], Awaitable[Answer]]) -> Response:
    """Streams what a call answers.

    Args:
        request: The request.
        here: The service.
        look: Calls it.

    Raises:
        Refusal: There are too many streams.
        psycopg.Error: The first look failed.
    """
    if here.streams >= here.settings.idle_streams:
        raise Refusal(503, "too many streams are open")
    first = await look()
    return StreamingResponse(
        _events(request, here, look, first), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _events(
    request: Request, here: Service, look: Callable[[], Awaitable[Answer]], answer: Answer
) -> AsyncIterator[bytes]:
    shown, said = None, time.monotonic()
    ends, checked = said + here.settings.stream_lifetime, said
    here.streams += 1
    try:
        while True:
            now = time.monotonic()
            if answer.etag != shown:
                shown, said = answer.etag, now
                yield format_sse_event(data_str=answer.text or "null", event="change", id=answer.etag.strip('"'))
            elif now - said > _QUIET:
                said = now
                yield KEEPALIVE_COMMENT
            if now > ends or await _stopped(here):
                return
            try:
                if now - checked > _CHECKED:
                    await principal(request)
                    checked = now
                answer = await look()
            except (Refusal, FreeholdError) as error:
                yield format_sse_event(data_str=str(error).splitlines()[0], event="end")
                return
            except psycopg.Error:
                # The server restarts: look again.
                continue
    finally:
        here.streams -= 1


async def _stopped(here: Service) -> bool:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(here.stopping.wait(), here.settings.stream_interval)
    return here.stopping.is_set()
