"""``/v1/<function>``: each public function, by GET where it only reads, else by POST."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, reduce
from operator import or_
from typing import Annotated, Any
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Body, Depends, Header, Query, Request
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from freehold.catalog import Catalog, Function, overload
from freehold.http import background, document, schemas, stream
from freehold.http.authentication import Principal
from freehold.http.calling import ROWS, Answer, call, next_page, twin
from freehold.http.problem import Refusal
from freehold.http.service import Service, principal, service

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")]

# Whose failure the log of operations keeps, as the command line does.
_LOGGED = ("tenant_", "template_", "reader_", "login_", "limit_", "mask_", "hold_", "audit_")


class Named(APIRouter):
    """Routes without parameters in their paths: one is found by its path at once, and not by trying each."""

    @cached_property
    def _by_path(self) -> dict[str, APIRoute]:
        return {route.path: route for route in self.routes if isinstance(route, APIRoute)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether there is one for a request."""
        found = self._by_path.get(get_route_path(scope))
        return (Match.NONE, {}) if found is None else found.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request that one matches."""
        found = self._by_path[get_route_path(scope)]
        scope.update(found.matches(scope)[1])
        await found.handle(scope, receive, send)


def router(catalog: Catalog) -> APIRouter:
    """The routes of all functions.

    Args:
        catalog: What is installed.
    """
    routes = Named(prefix="/v1")
    for function in catalog.functions.values():
        add(routes, catalog, function)
    return routes


def add(routes: APIRouter, catalog: Catalog, function: Function) -> None:
    """Adds the route of a function."""
    models = [
        schemas.arguments(_model(function, at), each, query=function.reads)
        for at, each in enumerate(function.overloads)
    ]
    model = reduce(or_, models)
    optional = not any(argument.required for argument in function.main.arguments)
    other = twin(catalog.functions, function)
    endpoint = _reader(function) if function.reads else _writer(function, other)
    described = Annotated[model, Query()] if function.reads else Annotated[model, Body()]
    default = models[0]() if optional and not function.reads else inspect.Parameter.empty
    endpoint.__signature__ = signature(endpoint, described, default, may(function))  # type: ignore[attr-defined]
    steps = background.work(catalog, function)
    status = 200 if steps is None else 202
    routes.add_api_route(
        f"/{function.name}", endpoint, methods=["GET" if function.reads else "POST"], status_code=status,
        name=function.name, operation_id=function.name, tags=[function.name.partition("_")[0]],
        summary=function.name, description=document.describe(function, other, steps), response_class=Response,
        responses=document.responses(catalog, function, status),
        openapi_extra={"x-freehold-roles": list(function.groups)},
    )  # fmt: skip


def may(function: Function) -> Callable[..., Awaitable[Principal]]:
    """The dependency that refuses who may not call a function, before its arguments are looked at."""

    async def allowed(request: Request, caller: Annotated[Principal, Depends(principal)]) -> Principal:
        service(request).group(caller, function)
        return caller

    return allowed


def signature(
    endpoint: Callable[..., Any], model: Any, default: Any, caller: Callable[..., Any] | None = None
) -> inspect.Signature:
    """The parameters of an endpoint, as FastAPI is to see them.

    Args:
        endpoint: The endpoint.
        model: Of its arguments, ``given``.
        default: Of these.
        caller: The dependency that tells who calls.
    """
    kept = [p for p in inspect.signature(endpoint, eval_str=True).parameters.values() if p.name != "given"]
    if caller is not None:
        who = Annotated[Principal, Depends(caller)]
        kept = [p.replace(annotation=who) if p.name == "caller" else p for p in kept]
    given = inspect.Parameter("given", inspect.Parameter.KEYWORD_ONLY, annotation=model, default=default)
    return inspect.Signature([*kept, given])


def _model(function: Function, at: int) -> str:
    return function.name + "_arguments" + ("" if at == 0 else str(at + 1))


def _reader(function: Function) -> Callable[..., Awaitable[Response]]:
    async def read(
        request: Request, caller: Principal, *, given: schemas.Arguments,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:  # fmt: skip
        here, arguments = service(request), plain(given)
        role = here.catalog.role(here.group(caller, function))
        return await looked(request, caller, role, function, arguments, arguments, if_none_match)

    return read


async def looked(
    request: Request, caller: Principal, role: str, function: Function, arguments: Mapping[str, Any],
    given: Mapping[str, Any], if_none_match: str | None,
) -> Response:  # fmt: skip
    """Calls a function that reads, or streams what it answers where events are asked for.

    Args:
        request: The request.
        caller: Who calls.
        role: The database role that it runs as.
        function: Which function.
        arguments: Its arguments.
        given: Those of them that the caller gave, which lead to the next page.
        if_none_match: ``If-None-Match``.
    """
    here = service(request)

    async def look() -> Answer:
        async with here.transaction(caller, role, request.state.request_id, read_only=True) as connection:
            return await call(connection, function, arguments)

    if stream.wanted(request):
        return await stream.of(request, here, look)
    return answered(request, function, given, await look(), if_none_match)


def _writer(function: Function, other: Function | None) -> Callable[..., Awaitable[Response]]:
    async def write(
        request: Request, caller: Principal, *, given: schemas.Arguments,
        idempotency_key: Key = None, if_match: Annotated[str | None, Header()] = None,
    ) -> Response:  # fmt: skip
        here = service(request)
        role = here.catalog.role(here.group(caller, function))
        return await changed(request, here, caller, role, function, plain(given), idempotency_key, if_match, other)

    return write


async def changed(
    request: Request, here: Service, caller: Principal, role: str, function: Function, arguments: dict[str, Any],
    key: str | None, if_match: str | None, other: Function | None,
    may: Callable[[Any], Awaitable[None]] | None = None,
) -> Response:  # fmt: skip
    """Calls a function that changes something, once where the request has a key of its own.

    Args:
        request: The request.
        here: The service.
        caller: Who calls.
        role: The database role that it runs as.
        function: Which function.
        arguments: Its arguments.
        key: ``Idempotency-Key``.
        if_match: ``If-Match``.
        other: The function whose answer ``If-Match`` speaks of.
        may: Refuses the answer to a repetition, in the call's transaction, where the function itself, which is not
            called then, would refuse.
    """
    steps = background.work(here.catalog, function)
    called = function if steps is None else steps.first
    key = None if function.name in ROWS else key
    if if_match is not None and other is None:
        raise Refusal(422, f"{function.name} changes nothing that has an ETag")
    conditional = if_match is not None
    try:
        async with here.transaction(caller, role, request.state.request_id, repeatable=conditional) as connection:
            if key is not None:
                repeated, kept = await _begin(connection, function, arguments, key)
                if repeated:
                    await _allowed(connection, called, arguments)
                    if may is not None:
                        await may(connection)
                    headers = {"Idempotency-Replayed": "true"}
                    if steps is not None:
                        headers["Location"] = background.where(steps, Answer(kept))
                    return response(Answer(kept), headers, 200 if steps is None else 202)
            # After the key: what was done already is told, though it has changed the tag itself.
            if conditional and other is not None:
                names = {argument.name for argument in other.main.arguments}
                known = {name: value for name, value in arguments.items() if name in names}
                current = await call(connection, other, known)
                if not matches(str(if_match), current.etag):
                    raise Refusal(412, f"it was changed meanwhile: GET /v1/{other.name} tells how it is")
            answer = await call(connection, called, arguments)
            if key is not None:
                await connection.execute("select freehold._request_end(%s, %s)", (key, answer.kept()))
    except psycopg.errors.SerializationFailure:
        if conditional:
            raise Refusal(412, "it was changed at the same moment by somebody else") from None
        raise
    except psycopg.Error as error:
        await _log_failure(request, here, caller, function, arguments, error)
        raise
    if steps is None:
        return response(answer, {})
    return await _accepted(
        request, here, background.Caller(role, caller, request.state.request_id), steps, arguments, answer
    )


async def _accepted(
    request: Request,
    here: Service,
    caller: background.Caller,
    steps: background.Work,
    arguments: dict[str, Any],
    answer: Answer,
) -> Response:
    headers = {"Location": background.where(steps, answer)}
    running = background.go_on(here, caller, steps, arguments, answer)
    seconds = background.patience(request.headers.get("prefer", ""))
    if seconds > 0:
        headers["Preference-Applied"] = f"wait={seconds:g}"
        if running is not None:
            answer = await background.end(here, caller, steps, answer, running, seconds)
    return response(answer, headers, 200 if seconds > 0 and background.over(steps, answer) else 202)


async def _begin(
    connection: Any, function: Function, arguments: Mapping[str, Any], key: str
) -> tuple[bool, str | None]:
    digest = hashlib.sha256(json.dumps([function.name, arguments], sort_keys=True).encode()).digest()
    row = await (
        await connection.execute("select * from freehold._request_begin(%s, %s, %s)", (key, function.name, digest))
    ).fetchone()
    return row[0], row[1]


async def _allowed(connection: Any, function: Function, arguments: Mapping[str, Any]) -> None:
    """Refuses as PostgreSQL does where a call would: what may be called was read when the service started."""
    types = ",".join(argument.type for argument in overload(function, arguments).arguments)
    query = "select has_function_privilege(%s, 'execute')"
    row = await (await connection.execute(query, (f"freehold.{function.name}({types})",))).fetchone()
    if not row[0]:
        raise psycopg.errors.InsufficientPrivilege(f"permission denied for function {function.name}")


async def _log_failure(
    request: Request,
    here: Service,
    caller: Principal,
    function: Function,
    arguments: Mapping[str, Any],
    error: psycopg.Error,
) -> None:
    code = error.sqlstate or ""
    if not function.name.startswith(_LOGGED) or code[:3] in ("FH0", "FH1", "FH3", "") or "admin" not in caller.roles:
        return
    subject = next((arguments[name] for name in ("slug", "target", "name", "home") if arguments.get(name)), None)
    try:
        async with here.transaction(caller, here.catalog.role("admin"), request.state.request_id) as connection:
            await connection.execute(
                "select freehold.operation_failed(%s, %s, %s, %s)",
                (function.name.removeprefix("tenant_"), subject, code, error.diag.message_primary or str(error)),
            )
    except (psycopg.Error, Refusal):
        # The call's own error is what matters, whatever becomes of the record.
        return


def plain(given: schemas.Arguments) -> dict[str, Any]:
    """The arguments that were given; null is not, so that the function's own default holds."""
    return {
        name: value for name, value in given.model_dump(exclude_unset=True, by_alias=True).items() if value is not None
    }


def matches(condition: str, etag: str) -> bool:
    """Whether a header's list of ETags has one."""
    return condition.strip() == "*" or etag in {each.strip().removeprefix("W/") for each in condition.split(",")}


def answered(
    request: Request, function: Function, arguments: Mapping[str, Any], answer: Answer, if_none_match: str | None
) -> Response:
    """The answer to a request that reads."""
    headers = {"ETag": answer.etag}
    following = next_page(function, arguments, answer)
    if following is not None:
        headers["Link"] = f'<{request.url.path}?{urlencode(following, doseq=True)}>; rel="next"'
    if if_none_match is not None and matches(if_none_match, answer.etag):
        return Response(status_code=304, headers=headers)
    return response(answer, headers)


def response(answer: Answer, headers: Mapping[str, str], status: int = 200) -> Response:
    """What is sent."""
    return Response(answer.text if answer.text is not None else "null", status, dict(headers), "application/json")
