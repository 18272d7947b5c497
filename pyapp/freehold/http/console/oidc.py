"""Sign-in by OIDC: the authorization code flow with PKCE, state and nonce.

One secret of the browser's, in a cookie that lives for the sign-in, makes all three: they are bound to this browser
and to this try, and nothing is kept here. What the issuer answers is verified twice: the ID token is for this client
and this try, and the access token is one that the service takes from anybody, which says what its owner may.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog

from freehold.context.keysets import RemoteKeys
from freehold.context.refusals import NotAuthenticated
from freehold.context.tokens import Verifier
from freehold.http.authentication import Principal
from freehold.http.console.session import derived
from freehold.http.problem import Refusal
from freehold.http.service import Service
from freehold.http.settings import Issuer

_TIMEOUT = 10.0
_SIZE = 262_144
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
log = structlog.get_logger("freehold.http")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: what is asked has a URL of its own."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: it is an error."""
        return


class Try:
    """One try to sign in: what is derived from the browser's secret."""

    def __init__(self, secret: str) -> None:
        self.state = derived("state", secret)
        self.nonce = derived("nonce", secret)
        self.verifier = derived("verifier", secret)

    @property
    def challenge(self) -> str:
        """What the issuer is told of the verifier."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Client:
    """The console as a client of an issuer.

    Args:
        issuer: The issuer, which has a ``client_id``.
        redirect_uri: Where it sends the browser back to.
    """

    def __init__(self, issuer: Issuer, redirect_uri: str) -> None:
        assert issuer.client_id is not None
        self._issuer, self._client_id, self._redirect_uri = issuer, issuer.client_id, redirect_uri

    async def authorize_url(self, this: Try) -> str:
        """Where the browser goes.

        Raises:
            Refusal: The issuer does not answer, or not as it should.
        """
        asked = {
            "response_type": "code", "client_id": self._client_id, "redirect_uri": self._redirect_uri,
            "scope": "openid", "state": this.state, "nonce": this.nonce, "code_challenge": this.challenge,
            "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = (await self._discovery())["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def principal(self, here: Service, this: Try, code: str, said: str | None) -> Principal:
        """Who the browser came back as.

        Args:
            here: The service.
            this: The try.
            code: What the issuer gave the browser.
            said: Which issuer the answer says it is of (RFC 9207): another one's code is not for this one's ears.

        Raises:
            NotAuthenticated: It is nobody that the service knows, or not of this try.
            Refusal: The issuer does not answer, or refuses the code.
        """
        found = await self._discovery()
        names_itself = found.get("authorization_response_iss_parameter_supported") is True
        if said != self._issuer.issuer and (said is not None or names_itself):
            raise NotAuthenticated("this is the answer of another issuer")
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect_uri,
            "client_id": self._client_id, "code_verifier": this.verifier,
        }  # fmt: skip
        if self._issuer.client_secret is not None:
            asked["client_secret"] = self._issuer.client_secret.get_secret_value()
        tokens = await _fetch(found["token_endpoint"], asked)
        access, identity = tokens.get("access_token"), tokens.get("id_token")
        if not isinstance(access, str) or not isinstance(identity, str):
            raise Refusal(502, "the issuer answered without an access token and an ID token")
        keys = str(self._issuer.jwks or found["jwks_uri"])
        # An ID token by its audience, which is this client's.
        verifier = Verifier(keys=RemoteKeys(keys), issuer=self._issuer.issuer, audience=self._client_id, types=None)
        claims = await verifier.verified_async(identity)
        principal = await here.authenticator(f"Bearer {access}")
        same = principal.issuer == self._issuer.issuer and claims.get("sub") == principal.subject
        if claims.get("nonce") != this.nonce or not same:
            raise NotAuthenticated("the ID token is not of this sign-in")
        return principal

    async def _discovery(self) -> Mapping[str, Any]:
        found = await _fetch(self._issuer.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self._issuer.issuer:
            raise Refusal(502, "the issuer's discovery document is another's")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _secure(found.get(name)):
                raise Refusal(502, f"the issuer's discovery document has no {name} that begins with https://")
        return found


async def _fetch(url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        return await asyncio.to_thread(_ask, url, form)
    except (OSError, ValueError) as error:
        # Not what it said: it may hold what was sent.
        status = error.code if isinstance(error, urllib.error.HTTPError) else None
        log.warning("issuer.failed", url=url, error=type(error).__name__, status=status)
        raise Refusal(502, "the issuer does not answer as it should; try again") from None


def _ask(url: str, form: Mapping[str, str] | None) -> dict[str, Any]:
    if not _secure(url):
        raise ValueError("not https")
    body = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(url, body, {"Accept": "application/json"})  # noqa: S310
    with urllib.request.build_opener(_Stay).open(request, timeout=_TIMEOUT) as answer:
        found = json.loads(answer.read(_SIZE))
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004
    return found


def _secure(url: object) -> bool:
    parts = urlsplit(url) if isinstance(url, str) else urlsplit("")
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
