"""Server-sent events: what a GET answers, sent anew whenever it changes, to whoever accepts ``text/event-stream``."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import psycopg
from fastapi import Request
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from freehold.errors import FreeholdError
from freehold.http.calling import Answer
from freehold.http.problem import Refusal, passing
from freehold.http.service import Service, authenticated

_QUIET = 15.0
"""Seconds without a change after which a comment keeps the connection; of two looks, at most so many apart."""
_CHECKED = 10.0
"""Seconds after which the caller is asked again who he is: a key may be revoked, a token expire."""

_UNCHECKED = 60.0
"""Seconds for which a stream goes on where he cannot be asked, as the database or an issuer does not answer."""

_LOOKING = 0.1
"""Of a stream's time, what its looks take at most: what takes long is looked at less often."""

_SHARE = 0.5
"""Of all streams, what one caller may have."""

T = TypeVar("T")


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
    caller: str = request.state.principal.actor
    begun = time.monotonic()
    first = await counted(here, caller, look)
    return Stream(here, caller, _events(request, here, look, first, time.monotonic() - begun))


async def counted(here: Service, caller: str, look: Callable[[], Awaitable[T]]) -> T:
    """Counts a stream of a caller's, and looks for the first time; ``Stream`` counts it out again.

    Raises:
        Refusal: There are too many.
    """
    if here.streams >= here.settings.idle_streams:
        raise Refusal(503, "too many streams are open", {"Retry-After": "5"})
    if here.watching[caller] >= max(1, round(here.settings.idle_streams * _SHARE)):
        raise Refusal(503, "too many streams of yours are open", {"Retry-After": "5"})
    # Counted from here on, so that many at once are not one too many.
    _count(here, caller, 1)
    try:
        return await look()
    except BaseException:
        _count(here, caller, -1)
        raise


def _count(here: Service, caller: str, number: int) -> None:
    here.streams += number
    here.watching[caller] += number
    if not here.watching[caller]:
        del here.watching[caller]


class Stream(StreamingResponse):
    """A stream that is counted as open until it has ended, however that comes."""

    def __init__(self, here: Service, caller: str, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._here, self._caller = here, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        try:
            # A client that reads nothing would keep it from noticing that its time is over.
            await asyncio.wait_for(super().__call__(scope, receive, send), self._here.settings.stream_lifetime + _QUIET)
        except asyncio.TimeoutError:
            return
        finally:
            _count(self._here, self._caller, -1)


async def _events(
    request: Request, here: Service, look: Callable[[], Awaitable[Answer]], answer: Answer, took: float
) -> AsyncIterator[bytes]:
    shown, said = None, time.monotonic()
    ends, checked = said + here.settings.stream_lifetime, said
    while True:
        now = time.monotonic()
        if answer.etag != shown:
            shown, said = answer.etag, now
            yield format_sse_event(data_str=answer.text or "null", event="change", id=answer.etag.strip('"'))
        elif now - said > _QUIET:
            said = now
            yield KEEPALIVE_COMMENT
        if now > ends or await _stopped(here, took):
            return
        try:
            if now - checked > _CHECKED:
                await authenticated(request)
                checked = now
            begun = time.monotonic()
            answer = await look()
            took = time.monotonic() - begun
        except (Refusal, FreeholdError) as error:
            if passing(error):
                if time.monotonic() - checked > _UNCHECKED:
                    return
                continue
            yield format_sse_event(data_str=str(error).splitlines()[0], event="end")
            return
        except psycopg.Error:
            # The server restarts: look again.
            continue


async def _stopped(here: Service, took: float) -> bool:
    pause = max(here.settings.stream_interval, min(took * (1 / _LOOKING - 1), _QUIET))
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(here.stopping.wait(), pause)
    return here.stopping.is_set()
