"""The console at ``/console``: pages made on the server, for operators, over the same functions.

What guards it, beside the database: each query runs under a role of the visitor's, so a page cannot show, nor a button
do, what he may not. Nothing is served without a session but the page to sign in at. A form is taken from its own page
alone: the browser must say so (``Origin``, ``Sec-Fetch-Site``), and the form must carry the session's token. No script
or style that is not a file of ours runs, no frame holds a page, and everything that is shown is escaped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.http import problem
from freehold.http.console import reports, rollouts, signin, tenants
from freehold.http.console.desk import Handler, Visit, goto, told
from freehold.http.console.session import Origin, Session, find_session
from freehold.http.console.view import BASE, STATIC, asset, static
from freehold.http.problem import Refusal
from freehold.http.rates import address_of

if TYPE_CHECKING:
    from freehold.http.service import Service

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_FIELDS = 30


class Guarded:
    """Says to browsers what pages may do."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app, self._https = app, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = _POLICY
                headers["X-Frame-Options"] = "DENY"
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                # With none at all, browsers say of a form that it came from null.
                headers["Referrer-Policy"] = "same-origin"
                if self._https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, dressed)


def install(app: FastAPI) -> None:
    """Serves the console, before other routes are looked at."""
    app.add_route(BASE, _begin, include_in_schema=False)
    app.mount(BASE, _console(app.state.service))


def _console(here: Service) -> Starlette:
    public = here.settings.public_url

    def origin_of(request: Request) -> Origin:
        return Origin(request, None if public is None else str(public))

    def anyone(handler: Callable[[Request, Origin], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            origin = origin_of(request)
            try:
                return await handler(request, origin)
            except Exception as error:
                status, trouble = told(request, error)
                return signin.gate(request, here, origin, trouble=trouble, status=status)

        return endpoint

    def member(handler: Handler, *, quiet: bool = False) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            origin, visit = origin_of(request), None
            try:
                session = await _session(request, here, request.cookies.get(origin.cookie("session")), watching=quiet)
                if session is None:
                    return _sign_in(request, quiet)
                request.state.principal = session.principal
                request.state.rate = await here.rates.caller.hit(session.principal.actor)
                visit = Visit(request, here, session, origin)
                if request.method == "POST":
                    _same_origin(request, origin)
                    visit.form = await _form(request)
                    visit.check_form()
                return await handler(visit)
            except Exception as error:
                if quiet:
                    return problem.of(request, error)
                status, trouble = told(request, error)
                if visit is None:
                    return signin.gate(request, here, origin, trouble=trouble, status=status)
                return visit.page("problem.html", "", status=status, problem=trouble)

        return endpoint

    async def gate(request: Request, origin: Origin) -> Response:
        return signin.gate(request, here, origin)

    async def by_key(request: Request, origin: Origin) -> Response:
        _same_origin(request, origin)
        return await signin.by_key(request, here, origin, await _form(request))

    async def start(request: Request, origin: Origin) -> Response:
        return await signin.start(request, here, origin)

    async def done(request: Request, origin: Origin) -> Response:
        return await signin.done(request, here, origin)

    pages: list[tuple[str, str, Handler]] = [
        ("GET", "/", _first), ("GET", "/tenants", tenants.tenants), ("GET", "/tenants/{slug}", tenants.tenant),
        ("GET", "/tenants/{slug}/audit", tenants.audit), ("POST", "/tenants/{slug}/{action}", tenants.act),
        ("GET", "/provision", tenants.provision_form), ("POST", "/provision", tenants.provision),
        ("GET", "/rollouts", rollouts.rollouts), ("GET", "/rollouts/{id:int}", rollouts.rollout),
        ("POST", "/rollouts/{id:int}/{action}", rollouts.act), ("GET", "/operations", reports.operations),
        ("GET", "/events", reports.events), ("GET", "/isolation", reports.isolation),
        ("GET", "/doctor", reports.doctor), ("GET", "/capacity", reports.capacity), ("GET", "/tasks", reports.tasks),
        ("POST", "/tasks/{name}/run", reports.run_task), ("POST", "/sign-out", signin.leave),
        ("POST", "/theme", signin.colours),
        # Who loads again what a button led to, and was refused.
        ("GET", "/tenants/{slug}/{action}", tenants.back), ("GET", "/rollouts/{id:int}/{action}", rollouts.back),
        ("GET", "/tasks/{name}/run", reports.back),
    ]  # fmt: skip
    moving = [
        ("/drift", tenants.drift),
        ("/rollouts/{id:int}/parts", rollouts.parts),
        ("/rollouts/{id:int}/stream", rollouts.stream),
    ]
    return Starlette(
        routes=[
            Route("/static/{name}", _static),
            Route("/sign-in", anyone(gate), methods=["GET"]),
            Route("/sign-in", anyone(by_key), methods=["POST"]),
            Route("/sign-in/oidc/{number:int}", anyone(start), methods=["GET"]),
            Route("/sign-in/done", anyone(done), methods=["GET"]),
            *(Route(path, member(handler, quiet=True), methods=["GET"]) for path, handler in moving),
            *(Route(path, member(handler), methods=[method]) for method, path, handler in pages),
            Route("/{path:path}", member(_nowhere)),
        ],
        middleware=[Middleware(Guarded, https=public is not None and public.scheme == "https")],
    )


async def _begin(_request: Request) -> Response:
    return goto("")


async def _first(visit: Visit) -> Response:
    """The first page that he may see."""
    for _, pages in visit.links:
        return goto(pages[0].path)
    raise Refusal(403, "your role has no page here")


async def _nowhere(_visit: Visit) -> Response:
    raise Refusal(404, "there is no such page")


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        return PlainTextResponse("no such file", 404)
    kept = "public, max-age=31536000, immutable" if static(name).endswith(f"?{request.url.query}") else "no-cache"
    return Response(asset(name), media_type=STATIC[name], headers={"Cache-Control": kept})


async def _session(request: Request, here: Service, cookie: str | None, *, watching: bool) -> Session | None:
    """The session of a cookie; one that is none counts as a call that proves nobody."""
    if not cookie:
        return None
    address = address_of(request.scope.get("client"))
    counted = await here.rates.admit(address, cookie)
    try:
        found = await find_session(here, cookie, request.state.request_id, watching=watching)
    except BaseException:
        here.rates.uncount(address, counted)
        raise
    if found is None:
        await here.rates.failed(address, cookie, counted)
    else:
        here.rates.proved(address, cookie, counted)
    return found


def _sign_in(request: Request, quiet: bool) -> Response:
    if quiet:
        return JSONResponse({"detail": "not signed in"}, 401)
    # Of a form, the page that it stood on: what it would have done is not done.
    form = request.method != "GET"
    after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if form:
        after = request.headers.get("referer", "").removeprefix(request.headers.get("origin", "/"))
    asked = {"next": after} if after.removeprefix(BASE) not in ("", "/") else {}
    return goto("sign-in", **asked, **({"lost": "1"} if form else {}))


def _same_origin(request: Request, origin: Origin) -> None:
    """Refuses a form that another site's page sent."""
    fetched = request.headers.get("sec-fetch-site")
    if request.headers.get("origin") != origin.url or fetched not in (None, "same-origin"):
        raise Refusal(
            403,
            "the form did not come from a page of this console; behind a proxy FREEHOLD_PUBLIC_URL says where it is",
        )


async def _form(request: Request) -> dict[str, str]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refusal(415, "a form is application/x-www-form-urlencoded")
    try:
        found: dict[str, Any] = dict(await request.form(max_files=0, max_fields=_FIELDS))
    except HTTPException as error:
        raise Refusal(error.status_code, str(error.detail)) from None
    # PostgreSQL has no NUL in texts.
    return {name: value.replace("\x00", "") for name, value in found.items() if isinstance(value, str)}


__all__ = ["install"]
