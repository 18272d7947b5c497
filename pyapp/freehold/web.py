"""Whose a web request is, for any framework. Needs the extra ``freehold[web]``.

    from freehold import Tenants
    from freehold.web import Claim, Parts, Resolver, Subdomain

    resolver = Resolver(
        tenants,
        Subdomain("example.com"),
        Claim("tenant", keys="https://login.example.com/jwks.json", issuer="https://login.example.com", audience="crm"),
    )
    found = resolver.resolve(Parts.asgi(request.scope))
    with tenants.transaction(found.slug, actor=found.user, tenant_id=found.tenant_id) as connection: ...

docs/how-to/web.md has a whole application.
"""

from freehold.context.claims import Claim
from freehold.context.membership import AsyncMembers, Members
from freehold.context.request import Parts
from freehold.context.resolution import AsyncResolver, Resolved, Resolver
from freehold.context.sources import Header, PathPrefix, Said, Source, Subdomain, VerifiedClaim

__all__ = [
    "AsyncMembers",
    "AsyncResolver",
    "Claim",
    "Header",
    "Members",
    "Parts",
    "PathPrefix",
    "Resolved",
    "Resolver",
    "Said",
    "Source",
    "Subdomain",
    "VerifiedClaim",
]
