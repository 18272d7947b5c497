"""The service: the control plane's functions over HTTP. Needs the extra ``freehold[http]``.

    freehold serve

or, with an application's own routes of a tenant beside them,

    from fastapi import APIRouter
    from freehold.http import InTenant, create_app

    router = APIRouter()

    @router.get("/notes/{number}")
    async def note(number: int, tenant: InTenant): ...

    app = create_app(tenant_router=router)

docs/how-to/service.md tells the rest.
"""

from freehold.http.app import create_app
from freehold.http.authentication import Principal
from freehold.http.settings import Issuer, Settings
from freehold.http.tenant import Found, InTenant, OfTenant, TenantRequest

__all__ = ["Found", "InTenant", "Issuer", "OfTenant", "Principal", "Settings", "TenantRequest", "create_app"]
