"""Who calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from freehold.context.refusals import NotAuthenticated


@dataclass(frozen=True)
class Principal:
    """Who calls, as the service knows him."""

    actor: str
    kind: Literal["key", "operator", "user"]
    roles: frozenset[str]
    tenant_ids: frozenset[str] | None = None
    issuer: str | None = None
    subject: str | None = None
    key_id: str | None = None


class Authenticator:
    """Interim."""

    def __init__(self, check: Callable[[bytes], Awaitable[Mapping[str, Any] | None]], issuers: Any = ()) -> None:
        self._check = check

    async def __call__(self, authorization: str | None) -> Principal:
        """Interim."""
        if authorization is None or not authorization.startswith("Bearer fh_"):
            raise NotAuthenticated("the request proves nobody")
        row = await self._check(sha256(authorization[7:].encode()).digest())
        if row is None:
            raise NotAuthenticated("the key is not good")
        return Principal("key:" + row["name"], "key", frozenset(row["roles"]), key_id=str(row["id"]))
