"""freehold: schema-per-tenant PostgreSQL.

The database does the work; ``Control`` calls it, one method per public SQL function:

    import psycopg
    from freehold import Control, TenantExists

    with psycopg.connect() as connection:
        tenant = Control(connection).tenant_provision("acme")

Importing the package makes psycopg raise freehold's own error classes.
"""

from freehold.context import AsyncTenants, Limits, PoolTimeout, Tenants
from freehold.control import Control
from freehold.errors import (
    BadInput,
    Busy,
    Conflict,
    Denied,
    Drift,
    ExternalIdTaken,
    FreeholdError,
    GracePeriod,
    InvalidArgument,
    InvalidExternalId,
    InvalidSlug,
    InvariantBroken,
    LockTableFull,
    NameTaken,
    NameTooLong,
    NotAllowed,
    NoTenantContext,
    NotFound,
    NotSupported,
    OperationNotFound,
    OtherTenant,
    OutsideDependents,
    ReaderNotFound,
    SchemaNotFound,
    SchemaNotPortable,
    SettingNotFound,
    TemplateExists,
    TemplateInUse,
    TemplateNotFound,
    TemplateNotFrozen,
    TenantExists,
    TenantNotFound,
    TenantRetired,
    TenantsExist,
    TenantSuspended,
    TransactionOpen,
    TryAgain,
    Unsound,
    WrongState,
)

__version__ = "0.1.0"

__all__ = [
    "AsyncTenants",
    "BadInput",
    "Busy",
    "Conflict",
    "Control",
    "Denied",
    "Drift",
    "ExternalIdTaken",
    "FreeholdError",
    "GracePeriod",
    "InvalidArgument",
    "InvalidExternalId",
    "InvalidSlug",
    "InvariantBroken",
    "Limits",
    "LockTableFull",
    "NameTaken",
    "NameTooLong",
    "NoTenantContext",
    "NotAllowed",
    "NotFound",
    "NotSupported",
    "OperationNotFound",
    "OtherTenant",
    "OutsideDependents",
    "PoolTimeout",
    "ReaderNotFound",
    "SchemaNotFound",
    "SchemaNotPortable",
    "SettingNotFound",
    "TemplateExists",
    "TemplateInUse",
    "TemplateNotFound",
    "TemplateNotFrozen",
    "TenantExists",
    "TenantNotFound",
    "TenantRetired",
    "TenantSuspended",
    "Tenants",
    "TenantsExist",
    "TransactionOpen",
    "TryAgain",
    "Unsound",
    "WrongState",
    "__version__",
]
