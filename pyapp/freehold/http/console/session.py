"""Sessions: who is signed in, by a cookie that is 32 random bytes and no more.

Its hash is a row of ``freehold.console_session``, so that a session outlives a restart, is the same in every process,
ends for all of them when somebody signs out, and with the API key that opened it: the key is asked for anew by each
request. The cookie is ``__Host-``, HttpOnly and SameSite=Strict; over plain HTTP, where nobody signs in but on
loopback, it has another name and no Secure.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from psycopg.rows import dict_row
from starlette.requests import Request
from starlette.responses import Response

from freehold.http.authentication import Principal
from freehold.http.service import Service

LIFETIME = timedelta(hours=8)
IDLE = timedelta(minutes=30)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OPEN = "select freehold._console_session_open(%s, %s, %s, %s, %s, %s, %s, %s)"
_USE = "select * from freehold._console_session_use(%s, %s)"
_CLOSE = "select freehold._console_session_close(%s)"


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        secret: What the cookie holds.
        principal: Who it is, and what he may now.
        expires_at: When it ends, used or not.
    """

    secret: str = field(repr=False)
    principal: Principal
    expires_at: datetime

    @property
    def csrf(self) -> str:
        """What forms of this session carry, and those of no other."""
        return derived("csrf", self.secret)


class Origin:
    """Where the browser believes it is.

    Attributes:
        url: Scheme, host and port.
        https: Whether it came by TLS.
        safe: Whether somebody may sign in: by TLS, or on this machine.
    """

    def __init__(self, request: Request, public_url: str | None) -> None:
        parts = urlsplit(public_url or str(request.url))
        self.url = f"{parts.scheme}://{parts.netloc}"
        self.https = parts.scheme == "https"
        self.safe = self.https or parts.hostname in _LOOPBACK

    def cookie(self, name: str) -> str:
        """The name of a cookie, which over TLS no other host, and no page without TLS, can set."""
        return f"__Host-freehold-{name}" if self.https else f"freehold-{name}"

    def set_cookie(
        self, response: Response, name: str, value: str, *, same_site: Literal["strict", "lax"],
        seconds: int | None = None,
    ) -> None:  # fmt: skip
        """Sets a cookie that no script reads."""
        response.set_cookie(
            self.cookie(name), value, max_age=seconds, path="/", secure=self.https, httponly=True, samesite=same_site
        )

    def drop_cookie(self, response: Response, name: str) -> None:
        """Takes a cookie away."""
        response.delete_cookie(self.cookie(name), path="/", secure=self.https, httponly=True)


async def open_session(here: Service, principal: Principal, request_id: str, key: str | None = None) -> str:
    """Opens a session; returns its secret.

    Args:
        here: The service.
        principal: Who proved who he is.
        request_id: By which request.
        key: The API key that he did it with.
    """
    secret = secrets.token_urlsafe(32)
    # What a key may is asked each time; what an issuer says of somebody, when he signs in again.
    lifetime = LIFETIME if key is not None else min(LIFETIME, timedelta(seconds=here.settings.console_issuer_lifetime))
    given = (
        _digest(secret), principal.actor, principal.kind, sorted(principal.roles),
        None if key is None else hashlib.sha256(key.encode()).digest(), principal.issuer, principal.subject, lifetime,
    )  # fmt: skip
    async with here.asking.transaction(here.catalog.role("resolver"), principal.actor, request_id) as connection:
        await connection.execute(_OPEN, given)
    return secret


async def find_session(here: Service, secret: str | None, request_id: str, *, watching: bool = False) -> Session | None:
    """The session of a cookie, where there is one and it has not ended.

    Args:
        here: The service.
        secret: What the cookie holds.
        request_id: Of the request.
        watching: Whether the page asks by itself: nobody need sit there, and the session is not used by that.
    """
    if not secret or len(secret) > 64:
        return None
    async with (
        here.asking.transaction(
            here.catalog.role("resolver"), "freehold-http", request_id, read_only=watching
        ) as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        row = await (await cursor.execute(_USE, (_digest(secret), IDLE))).fetchone()
    if row is None or row["actor"] is None:
        return None
    known = {each.issuer for each in here.settings.issuers if each.kind == "operator"}
    if row["kind"] == "operator" and row["issuer"] not in known:
        return None
    principal = Principal(
        row["actor"], row["kind"], frozenset(row["roles"]), issuer=row["issuer"], subject=row["subject"],
        key_id=row["key_id"],
    )  # fmt: skip
    return Session(secret, principal, row["expires_at"])


async def close_session(here: Service, session: Session, request_id: str) -> None:
    """Ends a session, in every browser that has its cookie."""
    resolver = here.catalog.role("resolver")
    async with here.asking.transaction(resolver, session.principal.actor, request_id) as connection:
        await connection.execute(_CLOSE, (_digest(session.secret),))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def derived(use: str, secret: str) -> str:
    """A token for one use, which tells nothing of the secret."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"freehold {use} {secret}".encode()).digest()).rstrip(b"=").decode()
