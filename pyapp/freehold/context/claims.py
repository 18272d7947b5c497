"""A claim of a JSON Web Token, verified by PyJWT."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from freehold.context.refusals import KeysUnavailable, NotAuthenticated
from freehold.context.request import Parts
from freehold.context.sources import Said
from freehold.errors import InvalidArgument

Keys: TypeAlias = str | bytes | Mapping[str, Any] | Collection[str | bytes]
"""The URL of a JWKS, a JWKS, a public key in PEM, or several."""

# What signs with a private key and is verified with a public one: nothing that a verifier holds makes a token.
ASYMMETRIC = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)  # fmt: skip
SIZE = 8_192
"""Characters of a token at most."""
_BEARER = re.compile(r"bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)", re.IGNORECASE | re.ASCII)


class Claim:
    """A claim of the bearer token in ``Authorization``.

    Args:
        claim: Which one names the tenant.
        keys: The URL of the issuer's JWKS, that set itself, a public key in PEM, or several.
        issuer: Who must have issued the token.
        audience: For whom it must have been issued.
        user: Which claim names the user.
        algorithms: What it may be signed with.
        leeway: Seconds by which clocks may differ.
        timeout: Seconds to wait for the JWKS.

    Raises:
        InvalidArgument: There is no key for these algorithms, an algorithm is none that has a public key, issuer
            or audience is empty, or the URL is not ``https``.
    """

    def __init__(
        self, claim: str, *, keys: Keys, issuer: str, audience: str, user: str = "sub",
        algorithms: Collection[str] = ("RS256", "ES256", "EdDSA"), leeway: float = 30.0, timeout: float = 5.0,
    ) -> None:  # fmt: skip
        self.label = f"claim {claim}"
        self._claim, self._user, self._issuer, self._audience = claim, user, issuer, audience
        self._algorithms = [algorithms] if isinstance(algorithms, str) else list(algorithms)
        if not self._algorithms or not ASYMMETRIC.issuperset(self._algorithms):
            raise InvalidArgument(f"algorithms are some of {', '.join(sorted(ASYMMETRIC))}")
        if not issuer or not audience:
            raise InvalidArgument("a token is checked for its issuer and its audience: name both")
        if not 0 <= leeway <= 300:
            raise InvalidArgument(f"leeway is a number of seconds from 0 to 300, not {leeway}")
        self._leeway = leeway
        self._client = self._remote(keys, timeout)
        self._keys = [] if self._client is not None else self._local(keys)

    @property
    def slow(self) -> bool:
        """Whether reading it may wait for the network."""
        return self._client is not None

    def read(self, parts: Parts) -> Said | None:
        """Verifies the token, where there is one.

        Raises:
            NotAuthenticated: It is not good.
            KeysUnavailable: The keys could not be fetched.
        """
        value = parts.header("Authorization")
        if value is None or value[:6].lower() != "bearer":
            return None
        found = _BEARER.fullmatch(value) if len(value) <= SIZE else None
        if found is None:
            raise NotAuthenticated("the bearer token is no signed JSON Web Token")
        try:
            claims = self._verified(found[1])
        except jwt.ExpiredSignatureError:
            raise NotAuthenticated("the bearer token has expired") from None
        except jwt.PyJWTError:
            raise NotAuthenticated("the bearer token is not one of the issuer's for this service") from None
        slug, user = claims.get(self._claim), claims.get(self._user)
        if not isinstance(user, str) or not user:
            raise NotAuthenticated(f"the bearer token names no user: claim {self._user}")
        if slug is not None and not isinstance(slug, str):
            raise NotAuthenticated(f"claim {self._claim} of the bearer token is no text")
        return Said(slug, user, verified=True)

    def _verified(self, token: str) -> dict[str, Any]:
        named = jwt.get_unverified_header(token).get("kid")
        error: jwt.PyJWTError = jwt.InvalidKeyError("no such key")
        for key in self._candidates(named):
            try:
                return jwt.decode(
                    token, key, algorithms=self._algorithms, issuer=self._issuer, audience=self._audience,
                    leeway=self._leeway, options={"require": ["exp", "iss", "aud"], "enforce_minimum_key_length": True},
                )  # fmt: skip
            except (jwt.InvalidSignatureError, jwt.InvalidAlgorithmError) as refused:
                error = refused
        raise error

    def _candidates(self, named: str | None) -> list[jwt.PyJWK]:
        """The keys that may have signed: that of the name, or all where keys or the token have none."""
        if self._client is None:
            return [key for key in self._keys if named is None or key.key_id in (None, named)]
        if named is None:
            raise jwt.InvalidKeyError("the token does not name its key")
        try:
            return [self._client.get_signing_key(named)]
        except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, OSError, ValueError) as error:
            raise KeysUnavailable("the keys of the tokens' issuer could not be fetched") from error

    @staticmethod
    def _remote(keys: Keys, timeout: float) -> jwt.PyJWKClient | None:
        if not isinstance(keys, str) or "-----BEGIN" in keys:
            return None
        url = urlsplit(keys)
        # Whoever can change the answer on its way makes tokens of their own.
        if not (url.scheme == "https" or (url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1"))):
            raise InvalidArgument("the URL of a JWKS begins with https://")
        return jwt.PyJWKClient(keys, timeout=timeout)

    def _local(self, keys: Keys) -> list[jwt.PyJWK]:
        try:
            if isinstance(keys, Mapping):
                found = jwt.PyJWKSet.from_dict(dict(keys)).keys
            else:
                found = [_pem(key) for key in ([keys] if isinstance(keys, str | bytes) else keys)]
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidArgument("keys are a URL, a JWKS, or public keys in PEM") from error
        fit = [key for key in found if key.algorithm_name in self._algorithms and key.public_key_use in (None, "sig")]
        if not fit:
            raise InvalidArgument(f"there is no key for {', '.join(self._algorithms)}")
        return fit


def _pem(text: str | bytes) -> jwt.PyJWK:
    key = load_pem_public_key(text.encode() if isinstance(text, str) else text)
    if isinstance(key, RSAPublicKey):
        return jwt.PyJWK(RSAAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, EllipticCurvePublicKey):
        return jwt.PyJWK(ECAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, Ed25519PublicKey):
        return jwt.PyJWK(OKPAlgorithm.to_jwk(key, as_dict=True))
    raise ValueError(f"no key of a signature: {type(key).__name__}")
