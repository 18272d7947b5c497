"""The errors that have no SQLSTATE: Python raises them before the database is asked."""

from __future__ import annotations

from freehold.errors import Denied, NotFound, TryAgain


class TenantChanged(Denied):
    """The slug is another tenant's by now."""

    @classmethod
    def of(cls, slug: str) -> TenantChanged:
        """The error for a slug."""
        return cls(f'"{slug}" is another tenant by now')


class TokenRefused(Denied):
    """A token of ``hand_over`` is not good."""


class TokenForged(TokenRefused):
    """It was not made with this secret, or was changed since."""


class TokenExpired(TokenRefused):
    """Its lifetime is over."""


class WrongPurpose(TokenRefused):
    """It was made for another purpose."""


class TenantUnnamed(NotFound):
    """Nothing in a request names a tenant."""


class RequestMismatch(Denied):
    """Two parts of a request name two tenants, or two users."""


class NotAuthenticated(Denied):
    """A request proves no user."""

    http_status = 401


class NotMember(Denied):
    """The user is no member of the tenant."""


class KeysUnavailable(TryAgain):
    """The keys that tokens are verified with could not be fetched."""
