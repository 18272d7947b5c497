"""What is answered when a call fails: problem details (RFC 9457), by the class of the error."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from psycopg_pool import PoolTimeout as NoConnection
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from freehold.errors import BadInput, FreeholdError

MEDIA = "application/problem+json"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457) of freehold's errors and PostgreSQL's.",
    "properties": {
        "type": {"type": "string", "description": "`urn:freehold:` and the code, or `about:blank`."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": ["string", "null"], "description": "SQLSTATE: docs/errors.md lists those of class FH."},
        "hint": {"type": ["string", "null"], "description": "The way out."},
        "facts": {"type": ["string", "null"], "description": "DETAIL of the database's error."},
        "errors": {"type": "array", "items": {"type": "object"}, "description": "What is wrong with the arguments."},
        "request_id": {"type": ["string", "null"]},
    },
    "required": ["type", "title", "status", "detail"],
}
STATUSES: dict[int, str] = {
    400: "Bad request", 401: "Not authenticated", 403: "Not allowed", 404: "Not found", 405: "Method not allowed",
    406: "Not acceptable", 408: "Too slow", 409: "Conflict", 411: "Length required", 412: "Changed meanwhile",
    413: "Too large", 415: "Unsupported media type", 422: "Bad input", 429: "Too many requests",
    500: "Internal error", 503: "Busy, try again",
}  # fmt: skip

log = structlog.get_logger("freehold.http")


class Refusal(Exception):
    """A refusal of the service's own, which no error of the database stands for.

    Args:
        status: HTTP status.
        detail: What is wrong.
        headers: Headers of the answer.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}


class Unheard(HTTPException):
    """Why a body is not parsed, as what FastAPI lets pass while it reads one.

    Args:
        reason: What is answered.
    """

    def __init__(self, reason: Exception) -> None:
        super().__init__(400)
        self.reason = reason


def passing(error: Refusal | FreeholdError) -> bool:
    """Whether what failed may go well a moment later."""
    return (error.status if isinstance(error, Refusal) else error.http_status) == 503


def answer(
    request: Request, status: int, detail: str, *, code: str | None = None, hint: str | None = None,
    facts: str | None = None, title: str | None = None, headers: dict[str, str] | None = None, **more: Any,
) -> JSONResponse:  # fmt: skip
    """The answer of a failed call."""
    content: dict[str, Any] = {
        "type": f"urn:freehold:{code}" if code else "about:blank",
        "title": title or STATUSES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
        "facts": facts,
        "request_id": getattr(request.state, "request_id", None),
        **more,
    }
    headers = dict(headers or {})
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if status == 503:
        headers.setdefault("Retry-After", "1")
    return JSONResponse(content, status, headers, media_type=MEDIA)


def of(request: Request, error: Exception) -> Response:
    """The answer that an error stands for."""
    if isinstance(error, Refusal):
        return answer(request, error.status, error.detail, headers=error.headers)
    if isinstance(error, FreeholdError):
        return answer(
            request, error.http_status, error.diag.message_primary or str(error), code=error.sqlstate,
            hint=error.diag.message_hint, facts=error.diag.message_detail, title=_title(error),
        )  # fmt: skip
    if isinstance(error, psycopg.DataError) and error.sqlstate is None:
        return answer(request, 422, "an argument holds what PostgreSQL cannot store")
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return _database(request, error)
    if isinstance(error, psycopg.Error | NoConnection):
        log.warning("database.unreachable", error=type(error).__name__)
        return answer(request, 503, "the database does not answer")
    log.error("request.failed", error=type(error).__name__, exc_info=error)
    return answer(request, 500, "this is a fault of the service; its log has the request's id")


def _database(request: Request, error: psycopg.Error) -> Response:
    state = str(error.sqlstate)
    status = _status(state)
    if status == 500:
        # Not its DETAIL, which has values of rows.
        log.error("database.failed", code=state, error=type(error).__name__, message=error.diag.message_primary)
        return answer(request, 500, "the database failed; the service's log has the request's id", code=state)
    if state in ("42501", "25006") or state[:2] in ("08", "28", "53", "57", "3D"):
        # What it would say is of roles and servers.
        text = {"42501": "the role that this runs as may not do it", "57014": "it took too long"}.get(state)
        return answer(request, status, text or STATUSES[status].lower(), code=state)
    return answer(
        request, status, error.diag.message_primary or str(error), code=state, hint=error.diag.message_hint,
        facts=error.diag.message_detail,
    )  # fmt: skip


def _status(state: str) -> int:
    if state == "42501":
        return 403
    if state in ("55P03", "40001", "40P01", "57014", "55006"):
        return 503
    if state[:2] == "23":
        return 409
    # Of the caller's own SQL, a migration or a query, and of values that no type takes.
    if state[:2] in (
        "22",
        "42",
        "2B",
        "2D",
        "0A",
        "0L",
        "21",
        "24",
        "25",
        "26",
        "27",
        "2F",
        "34",
        "38",
        "39",
        "3F",
        "44",
        "54",
        "55",
        "P0",
    ):
        return 422
    return 503 if state[:2] in ("08", "53", "57", "58", "3D", "28") else 500


def _title(error: FreeholdError) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__)
    return words[:1] + words[1:].lower()


def install(app: FastAPI, known: Callable[[Request], Awaitable[None]]) -> None:
    """Makes all failures of an application problem details.

    Args:
        app: The application.
        known: Refuses who is not known, where a request that could not be read has not come so far.
    """

    async def failed(request: Request, error: Exception) -> Response:
        return of(request, error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        await known(request)
        errors = [
            {"where": ".".join(str(part) for part in each["loc"]), "message": _plain(each["msg"])}
            for each in error.errors()[:20]
        ]
        first = errors[0] if errors else {"where": "", "message": "is malformed"}
        return answer(
            request, BadInput.http_status, f"{first['where']}: {first['message']}", title="Bad input", errors=errors
        )

    async def unheard(request: Request, error: Exception) -> Response:
        assert isinstance(error, Unheard)
        return of(request, error.reason)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers, detail = dict(error.headers or {}), str(error.detail)
        if error.status_code == 405:
            headers["Allow"] = _allowed(headers.get("Allow", ""))
            detail = f"{request.method} is not for this route: it takes {headers['Allow']}"
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=headers)
        elif error.status_code == 404 and detail == HTTPStatus.NOT_FOUND.phrase:
            detail = "there is no such route: /openapi.json lists them"
        return answer(request, error.status_code, detail, headers=headers)

    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Unheard, unheard)
    app.add_exception_handler(HTTPException, http)
    for kind in (Refusal, psycopg.Error, NoConnection):
        app.add_exception_handler(kind, failed)
    app.add_exception_handler(Exception, failed)


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")


def _allowed(methods: str) -> str:
    named = {each.strip() for each in methods.split(",") if each.strip()} | {"OPTIONS"}
    return ", ".join(sorted(named | {"HEAD"} if "GET" in named else named))
