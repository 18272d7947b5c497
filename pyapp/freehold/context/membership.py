"""Who is a member, as the database says: ``member=`` of a resolver."""

from __future__ import annotations

from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg

from freehold.context.resolution import Resolved
from freehold.context.steps import Steps, run, run_async
from freehold.context.tenants import AsyncTenants, Tenants
from freehold.errors import NotAllowed

T = TypeVar("T", Tenants, AsyncTenants)

_BY_SUBJECT = "select freehold.member_check(%s, issuer => %s, subject => %s)::text"
_BY_ID = "select freehold.member_check(%s, user_id => %s)::text"
_PERMISSION = "select freehold.permission_check(%s, %s, %s)"


class _Base(Generic[T]):
    """Its arguments are those of ``Members``."""

    def __init__(self, tenants: T, issuer: str | None = None) -> None:
        self._core, self._issuer = tenants._core, issuer

    def _member(self, user: str, tenant_id: str) -> Steps[str | None]:
        directory = self._core.directory
        found = directory.get_member(self._issuer, user, tenant_id)
        if found is not None:
            return found
        era = directory.era
        if self._issuer is not None:
            found = yield from self._ask(_BY_SUBJECT, (tenant_id, self._issuer, user))
        elif _is_id(user):
            found = yield from self._ask(_BY_ID, (tenant_id, user))
        # Only a yes is kept: whoever is made a member is one at once, and nobody fills it with strangers.
        if found is not None:
            directory.keep_member(self._issuer, user, tenant_id, found, era)
        return found

    def _known(self, user: str, tenant_id: str) -> Steps[bool]:
        return (yield from self._member(user, tenant_id)) is not None

    def _permits(self, user: str | None, tenant_id: str, slug: str, permission: str) -> Steps[bool]:
        member = None if user is None else (yield from self._member(user, tenant_id))
        return member is not None and (yield from self._ask(_PERMISSION, (slug, member, permission))) is True

    def _ask(self, query: str, values: tuple[object, ...]) -> Steps[Any]:
        try:
            row = yield from self._core.ask(query, values)
        except psycopg.errors.InsufficientPrivilege as error:
            raise NotAllowed("the login may not ask who is a member: grant freehold_resolver to it") from error
        return row[0]


class Members(_Base[Tenants]):
    """Whether a user is a member, asked of the database and kept as long as the registry's answers are.

        resolver = Resolver(tenants, Subdomain("example.com"), claim, member=Members(tenants, "https://login.example.com"))

    Args:
        tenants: Whose login asks: it is in ``freehold_resolver``.
        issuer: Of the tokens whose ``sub`` is the user; None where the user's id in ``freehold.app_user`` is.
    """

    def __call__(self, user: str, tenant_id: str, _slug: str) -> bool:
        """Whether a user is an active member of a tenant.

        Raises:
            NotAllowed: The login may not ask.
        """
        return run(self._known(user, tenant_id))

    def member_id(self, user: str, tenant_id: str) -> str | None:
        """The id of a user in ``freehold.app_user`` where he is a member of a tenant, else None.

        Raises:
            NotAllowed: The login may not ask.
        """
        return run(self._member(user, tenant_id))

    def permits(self, found: Resolved, permission: str) -> bool:
        """Whether the user that a request was resolved to has a permission there: asked each time.

        Raises:
            NotAllowed: The login may not ask.
        """
        return run(self._permits(found.user, found.tenant_id, found.slug, permission))


class AsyncMembers(_Base[AsyncTenants]):
    """``Members``, awaited: for ``AsyncResolver``."""

    async def __call__(self, user: str, tenant_id: str, _slug: str) -> bool:
        """Whether a user is an active member: ``Members``, awaited."""
        return await run_async(self._known(user, tenant_id))

    async def member_id(self, user: str, tenant_id: str) -> str | None:
        """The id of a user: ``Members.member_id``, awaited."""
        return await run_async(self._member(user, tenant_id))

    async def permits(self, found: Resolved, permission: str) -> bool:
        """Whether a user has a permission: ``Members.permits``, awaited."""
        return await run_async(self._permits(found.user, found.tenant_id, found.slug, permission))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
