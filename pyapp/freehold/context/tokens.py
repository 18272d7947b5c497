"""JSON Web Tokens of one issuer, verified by PyJWT."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection
from typing import Any

import jwt

from freehold.context.keysets import Keys, key_set
from freehold.context.refusals import NotAuthenticated
from freehold.errors import InvalidArgument

# What signs with a private key and is verified with a public one: nothing that a verifier holds makes a token.
ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)  # fmt: skip
SIZE = 8_192
"""Characters of a token at most."""
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE | re.ASCII)
# What only ID tokens carry, and what Keycloak calls those of its tokens that are not for a service.
_OF_AN_ID_TOKEN = ("nonce", "at_hash", "c_hash", "s_hash")
_NOT_GOOD = "the bearer token is not one of the issuer's for this service"
_NOT_FOR_A_SERVICE = ("id", "refresh", "offline", "logout")


class Verifier:
    """Tells the tokens that one issuer made for one audience from all others.

    Args:
        keys: The URL of the issuer's JWKS, that set itself, a public key in PEM, or several.
        issuer: Who must have issued the token.
        audience: For whom it must have been issued.
        algorithms: What it may be signed with.
        leeway: Seconds by which clocks may differ.
        timeout: Seconds to wait for the JWKS.
        types: What ``typ`` of the header may be: ``at+jwt``, ``jwt``, of which none at all is one too. Those that are
            not ``at+jwt`` must then not be ID tokens by their claims. None: whatever it is.

    Raises:
        InvalidArgument: There is no key for these algorithms, an algorithm is none that has a public key, issuer
            or audience is empty, or the URL is not ``https``.
    """

    def __init__(
        self, *, keys: Keys, issuer: str, audience: str, algorithms: Collection[str] = ("RS256", "ES256", "EdDSA"),
        leeway: float = 30.0, timeout: float = 5.0, types: Collection[str] | None = None,
    ) -> None:  # fmt: skip
        self._algorithms = [algorithms] if isinstance(algorithms, str) else list(algorithms)
        if not self._algorithms or not ASYMMETRIC.issuperset(self._algorithms):
            raise InvalidArgument(f"algorithms are some of {', '.join(sorted(ASYMMETRIC))}")
        if not issuer or not audience:
            raise InvalidArgument("a token is checked for its issuer and its audience: name both")
        if not 0 <= leeway <= 300:
            raise InvalidArgument(f"leeway is a number of seconds from 0 to 300, not {leeway}")
        self.issuer, self.audience, self._leeway = issuer, audience, leeway
        self._types = None if types is None else frozenset(_media_type(each) for each in types)
        if self._types is not None and not self._types:
            raise InvalidArgument("types are some of at+jwt, jwt")
        self.keys = key_set(keys, self._algorithms, timeout)

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that is good; may wait for the issuer's keys.

        Raises:
            NotAuthenticated: It is not good. Nothing of it is said.
            KeysUnavailable: The keys could not be fetched.
        """
        named = _key_name(token)
        if self.keys.wants_fetch(named):
            self.keys.fetch(named)
        return self._checked(token, named)

    async def verified_async(self, token: str) -> dict[str, Any]:
        """The same on a loop, which only a token whose key is not known yet waits for."""
        named = _key_name(token)
        await self.keys.fetch_async(named)
        return self._checked(token, named)

    def _checked(self, token: str, named: str | None) -> dict[str, Any]:
        try:
            return self._decoded(token, named)
        except jwt.ExpiredSignatureError:
            raise NotAuthenticated("the bearer token has expired") from None
        except jwt.PyJWTError:
            raise NotAuthenticated(_NOT_GOOD) from None

    def _decoded(self, token: str, named: str | None) -> dict[str, Any]:
        error: jwt.PyJWTError = jwt.InvalidKeyError("no such key")
        for key in self.keys.candidates(named):
            try:
                found = jwt.decode_complete(
                    token, key, algorithms=self._algorithms, issuer=self.issuer, audience=self.audience,
                    leeway=self._leeway, options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
                )  # fmt: skip
            except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as refused:
                error = refused
            else:
                claims: dict[str, Any] = found["payload"]
                self._check_type(found["header"], claims)
                return claims
        raise error

    def _check_type(self, header: dict[str, Any], claims: dict[str, Any]) -> None:
        if self._types is None:
            return
        given = header.get("typ", "jwt")
        kind = _media_type(given) if isinstance(given, str) else ""
        if kind not in self._types:
            raise NotAuthenticated("the bearer token is of a type that is not for this service")
        said = claims.get("typ")
        if kind != "at+jwt" and (
            any(claims.get(name) is not None for name in _OF_AN_ID_TOKEN)
            or (isinstance(said, str) and said.lower() in _NOT_FOR_A_SERVICE)
        ):
            raise NotAuthenticated("the bearer token is no access token")


def bearer_token(authorization: str) -> str:
    """The JSON Web Token of ``Authorization: Bearer``.

    Raises:
        NotAuthenticated: There is none, or it is larger than any should be.
    """
    found = _BEARER.fullmatch(authorization) if len(authorization) <= SIZE else None
    if found is None:
        raise NotAuthenticated("the bearer token is no signed JSON Web Token")
    return found[1]


def claimed_issuer(token: str) -> str:
    """Whose a token says it is, which nobody has verified; empty where it does not say."""
    issuer = _piece(token, 1).get("iss")
    return issuer if isinstance(issuer, str) else ""


def _key_name(token: str) -> str | None:
    # PyJWT would take the whole token apart for that, and once more to verify it.
    named = _piece(token, 0).get("kid")
    if named is not None and not isinstance(named, str):
        raise NotAuthenticated(_NOT_GOOD)
    return named


def _piece(token: str, which: int) -> dict[str, Any]:
    """The header or the claims as they stand there; empty where they are none."""
    try:
        piece = token.split(".")[which]
        found = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (ValueError, RecursionError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}


def _media_type(text: str) -> str:
    return text.lower().removeprefix("application/")
