"""Keys of tenants: a pair encrypts a tenant's exports, and only a provider outside can unwrap its private half.

    from freehold import datakeys

    provider = datakeys.load("file:/var/lib/freehold/keys")
    datakeys.tenant.rotate(control, provider, "acme")

The database holds the public half and the wrapped private one; a provider holds key-encryption keys. So whoever
exports needs no secret, whoever reads an export needs the provider, and a key-encryption key that is destroyed
leaves the exports unreadable, whatever dumps of the database there are. ``freehold.datakeys.tenant`` needs the extra
``export``.
"""

from freehold.datakeys.provider import CannotDestroy, KeyUnavailable, Provider, load

__all__ = ["CannotDestroy", "KeyUnavailable", "Provider", "load"]
