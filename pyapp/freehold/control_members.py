"""The functions of users, members, roles and invitations, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from freehold.calls import Calls, Row

Id = UUID | str
"""An id, as the database gives it or written out."""


class Members(Calls):
    """Who uses the application, in which tenants, and what they may do there."""

    # Users

    def user_ensure(
        self, issuer: str, subject: str, *, email: str | None = None, display_name: str | None = None
    ) -> Row:
        """Makes a user known, or brings e-mail and name up to date; returns the row.

        Args:
            issuer: ``iss`` of the user's tokens.
            subject: ``sub`` of them; with the issuer it is the identity.
            email: Verified by the issuer; an empty text takes it away.
            display_name: An empty text takes it away.
        """
        return self._row("user_ensure", issuer=issuer, subject=subject, email=email, display_name=display_name)

    def user_get(self, id: Id) -> Row:  # noqa: A002  as the function calls it
        """A user."""
        return self._row("user_get", id=id)

    def user_list(
        self,
        *,
        slug: str | None = None,
        email: str | None = None,
        active: bool | None = None,
        orphans: bool | None = None,
        after: Id | None = None,
        max_rows: int | None = None,
    ) -> list[Row]:
        """Users: of a tenant, with an e-mail, in no tenant; ``after`` an id gives the next page."""
        return self._rows(
            "user_list", slug=slug, email=email, active=active, orphans=orphans, after=after, max_rows=max_rows
        )

    def user_deactivate(self, id: Id, reason: str | None = None) -> Row:  # noqa: A002
        """Keeps a user out of all tenants; returns the row."""
        return self._row("user_deactivate", id=id, reason=reason)

    def user_activate(self, id: Id) -> Row:  # noqa: A002
        """Lets a user in again; returns the row."""
        return self._row("user_activate", id=id)

    def user_erase(self, id: Id, reason: str) -> None:  # noqa: A002
        """Forgets a person: the row, its memberships, and invitations to its e-mail."""
        # An empty reason is refused like none, and by the same message.
        self._row("user_erase", id=id, reason=reason or "")

    # Members

    def member_add(self, slug: str, user_id: Id, role: str | None = None, *, by_user: Id | None = None) -> Row:
        """Makes a user a member of a tenant; returns the membership.

        Args:
            slug: The tenant.
            user_id: The user.
            role: ``member`` where None.
            by_user: The member who does it, whose own permissions then bound it.
        """
        return self._row("member_add", slug=slug, user_id=user_id, role=role, by_user=by_user)

    def member_remove(self, slug: str, user_id: Id, *, by_user: Id | None = None) -> None:
        """Ends a membership."""
        self._row("member_remove", slug=slug, user_id=user_id, by_user=by_user)

    def member_set_role(self, slug: str, user_id: Id, role: str, *, by_user: Id | None = None) -> Row:
        """Gives a member another role; returns the membership."""
        return self._row("member_set_role", slug=slug, user_id=user_id, role=role, by_user=by_user)

    def member_deactivate(self, slug: str, user_id: Id, *, by_user: Id | None = None) -> Row:
        """Keeps a member out of one tenant; returns the membership."""
        return self._row("member_deactivate", slug=slug, user_id=user_id, by_user=by_user)

    def member_activate(self, slug: str, user_id: Id, *, by_user: Id | None = None) -> Row:
        """Lets a member in again; returns the membership."""
        return self._row("member_activate", slug=slug, user_id=user_id, by_user=by_user)

    def member_list(
        self, slug: str, *, after: Id | None = None, max_rows: int | None = None, by_user: Id | None = None
    ) -> list[Row]:
        """Who is a member of a tenant and as what, by id; ``after`` a user's id gives the next page."""
        return self._rows("member_list", slug=slug, after=after, max_rows=max_rows, by_user=by_user)

    def member_tenants(
        self, user_id: Id | None = None, *, issuer: str | None = None, subject: str | None = None
    ) -> list[Row]:
        """The tenants that a user may choose from, named by id or by issuer and subject."""
        return self._rows("member_tenants", user_id=user_id, issuer=issuer, subject=subject)

    def member_check(
        self,
        tenant_id: Id,
        user_id: Id | None = None,
        *,
        issuer: str | None = None,
        subject: str | None = None,
    ) -> UUID | None:
        """The id of a user who is an active member of the tenant, None for everybody else."""
        found = self._value("member_check", tenant_id=tenant_id, user_id=user_id, issuer=issuer, subject=subject)
        return None if found is None else UUID(str(found))

    def permission_check(self, slug: str, user_id: Id, permission: str) -> bool:
        """Whether a user may do something in a tenant."""
        return self._value("permission_check", slug=slug, user_id=user_id, permission=permission) is True

    def permission_require(self, slug: str, user_id: Id, permission: str) -> None:
        """Nothing, where a user may do something in a tenant.

        Raises:
            NotPermitted: He may not.
        """
        self._row("permission_require", slug=slug, user_id=user_id, permission=permission)

    # Roles

    def role_define(
        self, name: str, permissions: Sequence[str], *, slug: str | None = None, by_user: Id | None = None
    ) -> Row:
        """Says what a role permits, in one tenant or in all; returns the definition."""
        return self._row("role_define", name=name, permissions=list(permissions), slug=slug, by_user=by_user)

    def role_list(self, slug: str | None = None, *, by_user: Id | None = None) -> list[Row]:
        """The roles that hold in a tenant, or those for all."""
        return self._rows("role_list", slug=slug, by_user=by_user)

    def role_drop(self, name: str, *, slug: str | None = None, by_user: Id | None = None) -> None:
        """Takes the definition of a role away."""
        self._row("role_drop", name=name, slug=slug, by_user=by_user)

    # Invitations

    def invitation_create(
        self,
        slug: str,
        email: str,
        role: str | None = None,
        *,
        ttl: timedelta | str | None = None,
        by_user: Id | None = None,
    ) -> Row:
        """Invites somebody into a tenant.

        Returns:
            ``id``, ``expires_at`` and ``token``, which is told this once.
        """
        return self._row("invitation_create", slug=slug, email=email, role=role, ttl=ttl, by_user=by_user)

    def invitation_accept(self, token: str, user_id: Id) -> Row:
        """Makes a user a member by the token of an invitation, once; returns the membership."""
        return self._row("invitation_accept", token=token, user_id=user_id)

    def invitation_revoke(self, slug: str, id: Id, *, by_user: Id | None = None) -> None:  # noqa: A002
        """Makes an invitation worthless."""
        self._row("invitation_revoke", slug=slug, id=id, by_user=by_user)

    def invitation_list(
        self, slug: str, *, past: bool | None = None, max_rows: int | None = None, by_user: Id | None = None
    ) -> list[Row]:
        """The open invitations of a tenant; with ``past`` also those that are over."""
        return self._rows("invitation_list", slug=slug, past=past, max_rows=max_rows, by_user=by_user)
