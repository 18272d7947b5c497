"""Issuers of OIDC access tokens, and who their tokens speak for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from freehold.context.keysets import Keys, RemoteKeys
from freehold.context.refusals import NotAuthenticated
from freehold.context.tokens import Verifier
from freehold.errors import InvalidArgument
from freehold.http.principal import ROLES, Principal, is_actor

KEY_PREFIX = "key:"
_ESCAPE = "sub:"
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,30}:")


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """An issuer whose access tokens the service takes.

    Attributes:
        issuer: ``iss`` of its tokens.
        audience: ``aud`` of those that are for this service.
        keys: The URL of its JWKS, that set itself, a public key in PEM, or several.
        kind: Whom it knows: ``operator`` or ``user``. A user's token gives no role, whatever it claims.
        roles_claim: The claim that says what an operator is: its name, or the names on the way to it. Its value is
            a list of texts, or one with spaces in between.
        roles: What the values of that claim stand for: roles of the installation. Others stand for nothing.
        subject_claim: The claim that says who it is.
        actor_prefix: What its subjects have in front of them in the audit trail, as ``staff:``; it may be empty for
            one issuer.
        algorithms: What tokens may be signed with.
        leeway: Seconds by which clocks may differ.
        types: What ``typ`` of a token may be; ``("at+jwt",)`` for issuers that keep to RFC 9068.
    """

    issuer: str
    audience: str
    keys: Keys
    kind: Literal["operator", "user"] = "user"
    roles_claim: str | Sequence[str] | None = None
    roles: Mapping[str, str | Collection[str]] = field(default_factory=dict)
    subject_claim: str = "sub"
    actor_prefix: str = ""
    algorithms: Collection[str] = ("RS256", "ES256")
    leeway: float = 30.0
    types: Collection[str] = ("at+jwt", "jwt")


class Speaker:
    """Verifies the tokens of one issuer and says who they speak for.

    Args:
        given: The issuer.
        keys: Its keys, where they are shared with another one.
        reserved: What begins the actors of others.

    Raises:
        InvalidArgument: The configuration cannot be trusted, or says what has no effect.
    """

    def __init__(self, given: Issuer, keys: Keys, reserved: frozenset[str]) -> None:
        if given.kind not in ("operator", "user"):
            raise InvalidArgument("an issuer knows operators or users")
        if given.kind == "user" and (given.roles_claim is not None or given.roles):
            raise InvalidArgument("roles of the installation are operators': an issuer of users says none")
        if given.actor_prefix and not _PREFIX.fullmatch(given.actor_prefix):
            raise InvalidArgument("an actor's prefix is a word of small letters and a colon, as staff:")
        self.given, self._reserved = given, reserved
        self._roles = {value: _known(roles) for value, roles in given.roles.items()}
        self._way = [given.roles_claim] if isinstance(given.roles_claim, str) else list(given.roles_claim or ())
        self.verifier = Verifier(
            keys=keys, issuer=given.issuer, audience=given.audience, algorithms=given.algorithms,
            leeway=given.leeway, types=given.types,
        )  # fmt: skip

    async def principal(self, token: str) -> tuple[Principal, float]:
        """Who a token speaks for, and the Unix time from which it does no more.

        Raises:
            NotAuthenticated: It is not good.
            KeysUnavailable: The keys could not be fetched.
        """
        claims = await self.verifier.verified_async(token)
        subject = claims.get(self.given.subject_claim)
        if not isinstance(subject, str) or not subject:
            raise NotAuthenticated(f"the bearer token names nobody: claim {self.given.subject_claim}")
        actor = self._actor(subject)
        if not is_actor(actor):
            raise NotAuthenticated("the bearer token names somebody in more than 200 bytes, or not in printable ones")
        who = Principal(actor, self.given.kind, self._roles_of(claims), issuer=self.given.issuer, subject=subject)
        return who, float(claims["exp"]) + self.given.leeway

    def _actor(self, subject: str) -> str:
        if not self.given.actor_prefix and subject.startswith(tuple(self._reserved)):
            return _ESCAPE + subject
        return self.given.actor_prefix + subject

    def _roles_of(self, claims: Mapping[str, Any]) -> frozenset[str]:
        if not self._way:
            return frozenset()
        value: Any = claims
        for name in self._way:
            value = value.get(name) if isinstance(value, Mapping) else None
        values = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        return frozenset().union(*(self._roles.get(each, frozenset()) for each in values if isinstance(each, str)))


def speakers(issuers: Sequence[Issuer]) -> dict[str, list[Speaker]]:
    """Those who verify, by the issuer that a token names.

    Raises:
        InvalidArgument: Two of them cannot be told apart, or one is not good by itself.
    """
    if len({(each.issuer, each.audience) for each in issuers}) < len(issuers):
        raise InvalidArgument("an issuer is configured twice for one audience")
    by_prefix: dict[str, str] = {}
    for each in issuers:
        if by_prefix.setdefault(each.actor_prefix, each.issuer) != each.issuer:
            raise InvalidArgument(
                "the subjects of two issuers are told apart by actor_prefix: give them different ones"
            )
    reserved = frozenset({KEY_PREFIX, _ESCAPE, *by_prefix}) - {""}
    if reserved & by_prefix.keys() & {KEY_PREFIX, _ESCAPE}:
        raise InvalidArgument(f"an actor's prefix is neither {KEY_PREFIX} nor {_ESCAPE}")
    found: dict[str, list[Speaker]] = {}
    # One URL is asked once, for however many audiences.
    remote: dict[str, RemoteKeys] = {}
    for each in issuers:
        keys = each.keys
        if isinstance(keys, str) and "-----BEGIN" not in keys:
            keys = remote.setdefault(keys, RemoteKeys(keys))
        found.setdefault(each.issuer, []).append(Speaker(each, keys, reserved))
    return found


def _known(roles: str | Collection[str]) -> frozenset[str]:
    found = frozenset({roles} if isinstance(roles, str) else roles)
    if not found or found - ROLES:
        raise InvalidArgument(f"roles are some of {', '.join(sorted(ROLES))}")
    return found
