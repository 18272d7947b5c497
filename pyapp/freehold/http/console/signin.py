"""Signing in, by an operator's key or by OIDC, and out."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from freehold.catalog import GROUPS
from freehold.context.refusals import KeysUnavailable, NotAuthenticated
from freehold.http.authentication import Principal
from freehold.http.console.desk import Visit, goto, local, theme, told
from freehold.http.console.oidc import Client, Try
from freehold.http.console.session import Origin, close_session, find_session, open_session
from freehold.http.console.view import BASE, render
from freehold.http.problem import Refusal
from freehold.http.rates import address_of
from freehold.http.service import Service, proved
from freehold.http.settings import Issuer

LOST = {
    "title": "Your session had ended", "detail": "nothing was done: sign in, and do it again",
    "facts": None, "hint": None, "code": None, "request_id": None,
}  # fmt: skip
"""What is said to whoever has sent a form too late."""
_TRY = 600
"""Seconds that a sign-in at an issuer may take."""


def _issuers(here: Service) -> list[Issuer]:
    return [each for each in here.settings.issuers if each.kind == "operator" and each.client_id]


def gate(
    request: Request, here: Service, origin: Origin, *, trouble: dict[str, Any] | None = None, status: int = 200,
    after: str | None = None,
) -> Response:  # fmt: skip
    """The page to sign in at."""
    if trouble is None and request.query_params.get("lost") == "1":
        trouble = LOST
    here_still = origin.cookie("session") in request.cookies
    went = request.query_params.get("out") == "1" and trouble is None and not here_still
    text = render(
        "sign_in.html", theme=theme(request), problem=trouble, said="You are signed out." if went else None,
        safe=origin.safe, issuers=_issuers(here), next=local(after or request.query_params.get("next", "")),
    )  # fmt: skip
    return HTMLResponse(text, status)


async def by_key(request: Request, here: Service, origin: Origin, form: dict[str, str]) -> Response:
    """Signs in whoever has an API key of an operator."""
    key, after = form.get("key", "").strip(), local(form.get("next", ""))
    try:
        principal = await _known(request, here, origin, key)
        response = await _welcome(request, here, origin, principal, RedirectResponse(after, 303), key)
    except (NotAuthenticated, KeysUnavailable, Refusal) as error:
        return _refused(request, here, origin, error, after)
    return response


async def start(request: Request, here: Service, origin: Origin) -> Response:
    """Sends the browser to an issuer."""
    number = request.path_params["number"]
    issuers = _issuers(here)
    if number >= len(issuers) or not origin.safe:
        raise Refusal(404, "there is no such page")
    secret = secrets.token_urlsafe(32)
    client = Client(issuers[number], f"{origin.url}{BASE}/sign-in/done")
    try:
        # The issuer is asked for whoever comes.
        await here.rates.admit(address_of(request.scope.get("client")), None)
        response = RedirectResponse(await client.authorize_url(Try(secret)), 303)
    except Refusal as error:
        return _refused(request, here, origin, error, None)
    # Lax: the issuer's redirect is another site's, and brings no strict one.
    value = f"{number}.{secret}.{quote(local(request.query_params.get('next', '')).removeprefix(BASE))}"
    origin.set_cookie(response, "sign-in", value, same_site="lax", seconds=_TRY)
    return response


async def done(request: Request, here: Service, origin: Origin) -> Response:
    """Takes the browser back from the issuer."""
    number, _, rest = request.cookies.get(origin.cookie("sign-in"), "").partition(".")
    secret, _, after = rest.partition(".")
    this, issuers = Try(secret), _issuers(here)
    after, address = local(BASE + unquote(after)), address_of(request.scope.get("client"))
    try:
        begun = len(secret) >= 43 and number.isascii() and number.isdecimal() and int(number) < len(issuers)
        if begun and not _answers(request, this):
            # Another tab may have begun one since, whose answer is still to come.
            error = NotAuthenticated("this is the answer to another sign-in: sign in again")
            return _refused(request, here, origin, error, after)
        code = _code(request, begun)
        client = Client(issuers[int(number)], f"{origin.url}{BASE}/sign-in/done")
        counted = await here.rates.admit(address, None)
        principal = await client.principal(here, this, code, request.query_params.get("iss"))
        here.rates.uncount(address, counted)
        # Strict cookies do not go along with what an issuer redirects: the browser comes to the page by itself.
        page = HTMLResponse(render("signed_in.html", theme=theme(request), next=after))
        response = await _welcome(request, here, origin, principal, page)
    except (NotAuthenticated, KeysUnavailable, Refusal) as error:
        response = _refused(request, here, origin, error, after)
    origin.drop_cookie(response, "sign-in")
    return response


def _answers(request: Request, this: Try) -> bool:
    """Whether the browser comes back from this try."""
    return secrets.compare_digest(request.query_params.get("state", "").encode(), this.state.encode())


def _code(request: Request, begun: bool) -> str:
    """What the issuer gave the browser."""
    query = request.query_params
    if not begun:
        raise NotAuthenticated("this sign-in was not begun in this browser, or took too long")
    if "error" in query or not query.get("code"):
        raise NotAuthenticated("the issuer did not sign you in")
    return query["code"]


async def _known(request: Request, here: Service, origin: Origin, key: str) -> Principal:
    """Who has the key; one that is no good counts as a call that proves nobody."""
    if not origin.safe:
        raise Refusal(403, "signing in needs HTTPS")
    address = address_of(request.scope.get("client"))
    if not key.startswith("fh_"):
        await here.rates.admit(address, None)
        raise NotAuthenticated("that is no API key")
    return await proved(here, address, f"Bearer {key}")


async def leave(visit: Visit) -> Response:
    """Signs out."""
    await close_session(visit.here, visit.session, visit.request_id)
    response = goto("sign-in", out="1")
    visit.origin.drop_cookie(response, "session")
    return response


async def colours(visit: Visit) -> Response:
    """Keeps whether pages are light or dark."""
    response = RedirectResponse(local(visit.form.get("back", "")), 303)
    chosen = visit.form.get("theme", "")
    response.set_cookie(
        "freehold-theme", chosen if chosen in ("light", "dark") else "", max_age=31_536_000, path=BASE,
        secure=visit.origin.https, httponly=True, samesite="strict",
    )  # fmt: skip
    return response


async def _welcome(
    request: Request, here: Service, origin: Origin, principal: Principal, response: Response, key: str | None = None
) -> Response:
    if principal.kind == "user" or principal.tenant_ids is not None or not principal.roles.intersection(GROUPS):
        raise Refusal(403, "the console is for operators: this has no role of the installation, or is bound to tenants")
    await here.rates.caller.hit(principal.actor)
    # Who signs in where somebody is signed in, is there in his place.
    request_id = request.state.request_id
    before = await find_session(here, request.cookies.get(origin.cookie("session")), request_id, watching=True)
    if before is not None:
        await close_session(here, before, request_id)
    secret = await open_session(here, principal, request_id, key)
    here.rates.remember(secret)
    origin.set_cookie(response, "session", secret, same_site="strict")
    return response


def _refused(request: Request, here: Service, origin: Origin, error: Exception, after: str | None) -> Response:
    status, trouble = told(request, error)
    return gate(request, here, origin, trouble={**trouble, "title": "Not signed in"}, status=status, after=after)
