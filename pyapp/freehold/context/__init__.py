"""Transactions for one tenant: pools that cannot leak.

    from freehold import Tenants

    with Tenants("host=db dbname=crm user=app") as tenants:
        with tenants.transaction("acme", actor="alice") as connection:
            connection.execute("insert into note (body) values ('hello')")

What is set is set for the transaction only, and what a transaction left behind in its session
is taken back before anybody else gets the connection. docs/how-to/pools.md tells the rest.
"""

from freehold.context.pool import Limits, PoolTimeout
from freehold.context.refusals import (
    KeysUnavailable,
    NotAuthenticated,
    NotMember,
    RequestMismatch,
    TenantChanged,
    TenantUnnamed,
    TokenExpired,
    TokenForged,
    TokenRefused,
    WrongPurpose,
)
from freehold.context.tenants import AsyncTenants, Tenants

__all__ = [
    "AsyncTenants",
    "KeysUnavailable",
    "Limits",
    "NotAuthenticated",
    "NotMember",
    "PoolTimeout",
    "RequestMismatch",
    "TenantChanged",
    "TenantUnnamed",
    "Tenants",
    "TokenExpired",
    "TokenForged",
    "TokenRefused",
    "WrongPurpose",
]
