"""What happens to every request: an id, a limit of its body, headers that browsers obey, a line in the log."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.http import logs, problem, tracing
from freehold.http.metrics import Figures

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/health", "/ready", "/metrics")
# What an answer has that does not say otherwise.
_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_SECURE = (b"strict-transport-security", b"max-age=31536000")


class Gate:
    """What every request passes first and last.

    It gets an id, the client's where that sent one that is fit. Its end is logged, counted and traced. What goes wrong
    further in, in other middleware too, is answered with problem details, and every answer has the same headers.
    ``HEAD`` is what ``GET`` would say.

    Args:
        app: What is behind.
        figures: Where requests are counted.
        traces: Where they are traced.
    """

    def __init__(self, app: ASGIApp, *, figures: Figures, traces: tracing.Tracing | None = None) -> None:
        self._app, self._figures, self._traces = app, figures, traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        # It is kept in the log and in the audit trail, which a key that somebody sends as one is not to be.
        request_id = sent if _ID.fullmatch(sent) and logs.clean(sent) == sent else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            if self._traces is None or scope["path"] in _QUIET:
                await _Passage(scope, send, self._figures, None).go(self._app, receive)
                return
            with self._traces.request(scope, request_id) as span:
                structlog.contextvars.bind_contextvars(trace_id=tracing.trace_id(span))
                await _Passage(scope, send, self._figures, span).go(self._app, receive)
        finally:
            structlog.contextvars.unbind_contextvars("request_id", "trace_id")


class _Passage:
    """One request on its way."""

    def __init__(self, scope: Scope, send: Send, figures: Figures, span: Any) -> None:
        self._method, self._head = scope["method"], scope["method"] == "HEAD"
        if self._head:
            # A stream of events has no end to wait for.
            headers = [each for each in scope["headers"] if each[0] != b"accept"]
            scope = {**scope, "method": "GET", "headers": headers}
        self._scope, self._send, self._figures, self._span = scope, send, figures, span
        self._began, self._waited, self._status, self._started = time.monotonic(), 0.0, 500, False

    async def go(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._said)
        except Exception as error:
            if self._started:
                raise
            await problem.of(Request(self._scope), error)(self._scope, receive, self._said)
        finally:
            self._tell()

    async def _said(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._started = message["status"], True
            self._waited = time.monotonic() - self._began
            message = {**message, "headers": _dressed(message["headers"], self._scope)}
        elif self._head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _tell(self) -> None:
        state: dict[str, Any] = self._scope["state"]
        seconds, route = time.monotonic() - self._began, route_of(self._scope)
        self._figures.served(self._method, route, self._status, self._waited or seconds)
        if self._span is not None:
            tracing.ended(self._span, self._method, route, self._status, state.get("tenant"))
        if self._scope["path"] in _QUIET:
            return
        principal = state.get("principal")
        traced = {} if self._span is None else {"trace_id": tracing.trace_id(self._span)}
        # The route, not the path: what stands in a path or a query may be personal.
        logs.request(
            method=self._method, route=route, status=self._status, tenant=state.get("tenant"),
            actor=None if principal is None else principal.actor, seconds=round(seconds, 4),
            request_id=state["request_id"], **traced,
        )  # fmt: skip


def route_of(scope: Scope) -> str | None:
    """The route of a request as it is declared, with what it was included under; None where there is none."""
    path = getattr(declared(scope), "path", None)
    return None if path is None else str(path)


def declared(scope: Scope) -> Any:
    """The route that a request has found, as FastAPI has included it; None where there is none."""
    return scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")


def _dressed(headers: Iterable[tuple[bytes, bytes]], scope: Scope) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with those that every answer has."""
    state = scope["state"]
    dressed = [each for each in headers if each[0] != b"x-request-id"]
    there = {name for name, _ in dressed}
    dressed.append((b"x-request-id", state["request_id"].encode()))
    for name, value in (state.get("rate") or {}).items():
        if (key := name.lower().encode()) not in there:
            dressed.append((key, value.encode("latin-1")))
    dressed += [each for each in _ALWAYS if each[0] not in there]
    if scope.get("scheme") == "https" and _SECURE[0] not in there:
        dressed.append(_SECURE)
    return dressed


class BodyLimit:
    """Refuses a body that is too large, and a client that takes too long to send one.

    Args:
        app: What is behind.
        limit: Bytes.
        timeout: Seconds for the whole body.
        known: Refuses who is not known: nobody's body is parsed.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int, timeout: float, known: Callable[[Request], Awaitable[None]]
    ) -> None:
        self._app, self._limit, self._timeout, self._known = app, limit, timeout, known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        if _announced(scope) > self._limit:
            await self._refuse(scope, receive, send, 413, f"a body has {self._limit} bytes at most")
            return
        body = bytearray()
        deadline = time.monotonic() + self._timeout
        more = True
        while more:
            try:
                message = await asyncio.wait_for(receive(), max(0.0, deadline - time.monotonic()))
            except asyncio.TimeoutError:
                await self._refuse(scope, receive, send, 408, f"the body took longer than {self._timeout:g} s")
                return
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._limit:
                await self._refuse(scope, receive, send, 413, f"a body has {self._limit} bytes at most")
                return
        told = False

        async def whole() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            if body:
                # FastAPI parses a body before it asks anything; the route is known by now.
                try:
                    await self._known(Request(scope))
                except Exception as reason:
                    raise problem.Unheard(reason) from reason
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, whole, send)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
        # What is still on its way is not read.
        answer = problem.answer(Request(scope), status, detail, headers={"Connection": "close"})
        await answer(scope, receive, send)


def _announced(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() and len(value) < 20 else 0
