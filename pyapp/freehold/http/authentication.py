"""Authentication: who a request comes from, by its header ``Authorization`` alone.

    authenticator = Authenticator(check=check, issuers=[Issuer(issuer=..., audience=..., keys=...)])
    principal = await authenticator(authorization_of(request.scope["headers"]))

What is refused is refused alike, and no message quotes what was sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from freehold.context.refusals import KeysUnavailable, NotAuthenticated
from freehold.context.tokens import bearer_token, claimed_issuer
from freehold.http.api_keys import ApiKeys, Check, Watch
from freehold.http.issuers import Issuer, speakers
from freehold.http.principal import ROLES, Kind, Principal
from freehold.http.spoken import Spoken

__all__ = [
    "ROLES",
    "Authenticator",
    "Check",
    "Issuer",
    "KeysUnavailable",
    "Kind",
    "NotAuthenticated",
    "Principal",
    "authorization_of",
]
_KEY = "fh_"


class Authenticator:
    """Finds out who a request comes from.

    Args:
        check: Asks the database for an API key, by the SHA-256 of its token; None: no keys are taken.
        issuers: Whose access tokens are taken.
        ttl: Seconds that an answer about an API key or a token is good for: a key that was revoked is refused after
            that at the latest, and a token whose issuer has withdrawn its key so long after that was heard. One that
            expires is no good from then on.
        watch: Who hears of changes of keys: ``ApiKeys``.

    Raises:
        InvalidArgument: An issuer's configuration cannot be trusted, or two cannot be told apart.
    """

    def __init__(
        self, *, check: Check | None = None, issuers: Sequence[Issuer] = (), ttl: float = 5.0,
        watch: Watch | None = None,
    ) -> None:  # fmt: skip
        self._keys = None if check is None else ApiKeys(check, ttl=ttl, watch=watch)
        self._speakers, self._spoken = speakers(issuers), Spoken(ttl)

    async def __call__(self, authorization: str | None) -> Principal:
        """Who a request comes from.

        Args:
            authorization: The value of its header ``Authorization``, where it has one.

        Raises:
            NotAuthenticated: It proves nobody.
            KeysUnavailable: What it is to be verified with could not be asked for.
        """
        if not authorization:
            raise NotAuthenticated("the request has no bearer token")
        scheme, _, token = authorization[:64].partition(" ")
        if scheme.lower() != "bearer":
            raise NotAuthenticated("the request has no bearer token")
        if token.lstrip(" ").startswith(_KEY):
            if self._keys is None:
                raise NotAuthenticated("the API key is not good")
            return await self._keys.principal(authorization)
        if not self._speakers:
            raise NotAuthenticated("the bearer token is no API key: they begin with fh_")
        return await self._speak(authorization)

    def remembered(self, authorization: str | None) -> Principal | None:
        """Who a request comes from, where that was found out moments ago and is still good; None: ask.

        Args:
            authorization: The value of its header ``Authorization``, where it has one.
        """
        if authorization is None:
            return None
        if authorization.startswith(_KEY, len("bearer ")):
            return None if self._keys is None else self._keys.remembered(authorization)
        return self._spoken.get(authorization)

    def forget(self) -> None:
        """Drops what is kept of API keys; to be called when the channel ``freehold_api_key`` tells of a change."""
        if self._keys is not None:
            self._keys.forget()

    async def _speak(self, authorization: str) -> Principal:
        known = self._spoken.get(authorization)
        if known is not None:
            return known
        token = bearer_token(authorization)
        refused = NotAuthenticated("the bearer token is not one of the issuers' for this service")
        # One issuer may serve several audiences.
        for speaker in self._speakers.get(claimed_issuer(token), ()):
            try:
                who, expires = await speaker.principal(token)
            except NotAuthenticated as error:
                refused = error
            else:
                self._spoken.keep(authorization, who, expires)
                return who
        raise refused


def authorization_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The header ``Authorization`` of an ASGI scope, or None where it did not come.

    Raises:
        NotAuthenticated: It came more than once: which one somebody else believed, nobody knows.
    """
    found = [value for name, value in headers if name.lower() == b"authorization"]
    if len(found) > 1:
        raise NotAuthenticated("the request has more than one header Authorization")
    return found[0].decode("latin-1") if found else None
