"""A claim of a JSON Web Token."""

from __future__ import annotations

from collections.abc import Collection

from freehold.context.keysets import Keys
from freehold.context.refusals import NotAuthenticated
from freehold.context.request import Parts
from freehold.context.sources import Said
from freehold.context.tokens import Verifier, bearer_token


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
        self._claim, self._user = claim, user
        self._verifier = Verifier(
            keys=keys, issuer=issuer, audience=audience, algorithms=algorithms, leeway=leeway, timeout=timeout
        )

    @property
    def slow(self) -> bool:
        """Whether reading it may wait for the network."""
        return self._verifier.keys.slow

    def read(self, parts: Parts) -> Said | None:
        """Verifies the token, where there is one.

        Raises:
            NotAuthenticated: It is not good.
            KeysUnavailable: The keys could not be fetched.
        """
        value = parts.header("Authorization")
        if value is None or value[:6].lower() != "bearer":
            return None
        claims = self._verifier.verified(bearer_token(value))
        slug, user = claims.get(self._claim), claims.get(self._user)
        if not isinstance(user, str) or not user:
            raise NotAuthenticated(f"the bearer token names no user: claim {self._user}")
        if slug is not None and not isinstance(slug, str):
            raise NotAuthenticated(f"claim {self._claim} of the bearer token is no text")
        return Said(slug, user, verified=True)
