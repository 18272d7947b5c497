"""What happens to every request: an id, a limit of its body, headers that browsers obey, a line in the log."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.http import problem

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_QUIET = ("/health", "/ready", "/metrics")

log = structlog.get_logger("freehold.access")


class RequestId:
    """Gives each request an id, the client's where it sent one that is fit, and logs its end.

    Args:
        app: What is behind.
        https: Whether browsers are to come by TLS only.
    """

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app, self._https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        request_id = sent if _ID.fullmatch(sent) else uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began, status = time.monotonic(), 500

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            if not scope["path"].startswith(_QUIET):
                self._say(scope, status, began)
            structlog.contextvars.clear_contextvars()

    def _dress(self, headers: MutableHeaders, request_id: str) -> None:
        headers["X-Request-Id"] = request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if self._https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")

    @staticmethod
    def _say(scope: Scope, status: int, began: float) -> None:
        state: dict[str, Any] = scope["state"]
        principal = state.get("principal")
        # The route, not the path: what stands in a path or a query may be personal.
        route = getattr(scope.get("route"), "path", None)
        log.info(
            "request", method=scope["method"], route=route, status=status, tenant=state.get("tenant"),
            actor=None if principal is None else principal.actor, seconds=round(time.monotonic() - began, 4),
        )  # fmt: skip


class BodyLimit:
    """Refuses a body that is too large, and a client that takes too long to send one.

    Args:
        app: What is behind.
        limit: Bytes.
        timeout: Seconds for the whole body.
    """

    def __init__(self, app: ASGIApp, *, limit: int, timeout: float) -> None:
        self._app, self._limit, self._timeout = app, limit, timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
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
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, whole, send)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, detail: str) -> None:
        # What is still on its way is not read.
        answer = problem.answer(Request(scope), status, detail, headers={"Connection": "close"})
        await answer(scope, receive, send)
