"""Whose request it is: the tenant that its parts agree on, and the user who is a member.

All of it is decided before a transaction is opened: the registry is asked through the directory
of ``Tenants``, and what is refused never reaches the tenant.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from freehold.context.claims import Claim
from freehold.context.refusals import NotAuthenticated, NotMember, RequestMismatch, TenantUnnamed
from freehold.context.request import Parts
from freehold.context.sources import Said, Source, VerifiedClaim
from freehold.context.statement import Options
from freehold.context.steps import Steps, run, run_async
from freehold.context.tenants import AsyncTenants, Tenants
from freehold.errors import InvalidArgument, InvalidSlug

Member: TypeAlias = Callable[[str, str, str], bool]
"""Whether a user is a member: the user, the tenant's id, its slug."""
AsyncMember: TypeAlias = Callable[[str, str, str], bool | Awaitable[bool]]
"""The same, awaited where it is to be."""

_SLUG = re.compile(r"[a-z0-9](-?[a-z0-9])*")


@dataclass(frozen=True)
class Resolved:
    """Whose request it is, for ``tenants.transaction(slug, actor=user, tenant_id=tenant_id)``.

    Attributes:
        slug: The tenant.
        tenant_id: Its id: what was found out about the slug holds for this tenant only.
        user: Who asks; None where anyone may and nobody said.
    """

    slug: str
    tenant_id: str
    user: str | None


class _Base:
    def __init__(
        self, tenants: Tenants | AsyncTenants, sources: tuple[Source, ...], member: Callable[..., Any] | None
    ) -> None:
        if not sources:
            raise InvalidArgument("a resolver reads a tenant from somewhere: Subdomain, Header, PathPrefix, Claim")
        if member is None and not any(isinstance(source, Claim | VerifiedClaim) for source in sources):
            raise InvalidArgument("nobody says who is a member: give member=, or a claim that names the tenant")
        self._tenants, self._sources, self._member = tenants, sources, member

    def _steps(self, parts: Parts, user: str | None, anyone: bool) -> Steps[Resolved]:
        named: tuple[str, str] | None = None
        known = None if user is None else ("the application", user)
        vouched = False
        for source in self._sources:
            said: Said | None = (yield self._reading(source, parts)) if source.slow else source.read(parts)
            if said is None:
                continue
            if said.slug is not None:
                named = _agreed("tenants", named, (source.label, _slug(source.label, said.slug)))
                vouched = vouched or said.verified
            if said.user is not None and said.verified:
                known = _agreed("users", known, (source.label, said.user))
        if named is None:
            raise TenantUnnamed("the request names no tenant")
        who = None if known is None else known[1]
        if who is None and not anyone:
            raise NotAuthenticated("the request proves no user")
        if who is not None:
            if not who:
                raise InvalidArgument("a user has a name")
            Options(who, "write").check()
        context = yield from self._tenants._core.find(named[1])
        if not anyone:
            allowed = (
                vouched if self._member is None else (yield partial(self._member, who, context.tenant_id, named[1]))
            )
            # A coroutine that nobody awaited is true as well.
            if allowed is not True:
                raise NotMember(f'the user is no member of tenant "{named[1]}"')
        return Resolved(named[1], context.tenant_id, who)

    def _reading(self, source: Source, parts: Parts) -> Callable[[], Any]:
        """How one that may wait is read."""
        return partial(source.read, parts)


class Resolver(_Base):
    """Finds out whose a request is, for ``Tenants``.

    Args:
        tenants: Where the tenants are.
        sources: Where in the request they may be named. All that are there must agree.
        member: Whether a user is a member of a tenant; called with the user, the tenant's id and its slug. None where
            a verified claim names the tenant, whose issuer then vouches for the user.

    Raises:
        InvalidArgument: There is no source, or nobody who says who is a member.
    """

    def __init__(self, tenants: Tenants, *sources: Source, member: Member | None = None) -> None:
        if inspect.iscoroutinefunction(member):
            raise InvalidArgument("member is awaited by AsyncResolver only")
        super().__init__(tenants, sources, member)

    def resolve(self, parts: Parts, *, user: str | None = None, anyone: bool = False) -> Resolved:
        """Whose request it is. Nothing was asked of the tenant when it is refused.

        Args:
            parts: The request.
            user: Who asks, where the application knows from a session.
            anyone: Answer for a page that everybody may see, a login page for one: nobody need be known or a member.

        Raises:
            TenantUnnamed: No source names a tenant.
            InvalidSlug: What a source names is no slug.
            RequestMismatch: Two sources name two tenants or users, or a header came with two values.
            NotAuthenticated: No user is proved, or the token is not good.
            NotMember: The user is no member.
            KeysUnavailable: The keys of the tokens' issuer could not be fetched.
            TenantNotFound: No tenant has this slug.
            TenantSuspended: It is suspended.
            TenantRetired: It is retired.
        """
        return run(self._steps(parts, user, anyone))


class AsyncResolver(_Base):
    """Finds out whose a request is, for ``AsyncTenants``; ``member`` may be awaited. Else it is ``Resolver``."""

    def __init__(self, tenants: AsyncTenants, *sources: Source, member: AsyncMember | None = None) -> None:
        super().__init__(tenants, sources, member)

    async def resolve(self, parts: Parts, *, user: str | None = None, anyone: bool = False) -> Resolved:
        """Whose request it is: ``Resolver.resolve``, awaited."""
        return await run_async(self._steps(parts, user, anyone))

    def _reading(self, source: Source, parts: Parts) -> Callable[[], Any]:
        return partial(asyncio.to_thread, source.read, parts)


def _slug(label: str, text: str) -> str:
    if len(text) > 40 or not _SLUG.fullmatch(text):
        shown = ascii(text[:40]) + ("..." if len(text) > 40 else "")
        raise InvalidSlug(f"{label} names no tenant that there could be: {shown}")
    return text


def _agreed(what: str, before: tuple[str, str] | None, found: tuple[str, str]) -> tuple[str, str]:
    if before is not None and before[1] != found[1]:
        raise RequestMismatch(f"{before[0]} and {found[0]} name two {what}")
    return found
