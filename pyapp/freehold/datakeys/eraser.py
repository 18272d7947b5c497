"""The eraser ``tenant-keys``: destroys the key-encryption keys of a tenant that is erased."""

from __future__ import annotations

import os
from collections.abc import Mapping

from freehold.datakeys.provider import VARIABLE, KeyUnavailable, Provider, load
from freehold.erasure.tasks import Tenant


class TenantKeys:
    """Has the provider destroy what wrapped the tenant's keys; the wrapped keys themselves go with its rows.

    Where the provider has one key for all tenants the task fails and says so: exclude it then, with the reason and the
    day when the last dump of the database that holds the wrapped keys is gone. The certificate carries both.

    Args:
        provider: Whose keys; by default the one that FREEHOLD_KEY_PROVIDER names.
    """

    name = "tenant-keys"

    def __init__(self, provider: Provider | None = None) -> None:
        self._provider = provider

    def erase(self, tenant: Tenant) -> Mapping[str, int]:
        """Destroys the tenant's keys.

        Raises:
            KeyUnavailable: No provider is named, or it cannot destroy them.
        """
        provider = self._provider
        if provider is None:
            reference = os.environ.get(VARIABLE)
            if not reference:
                raise KeyUnavailable(f"{VARIABLE} names no key provider")
            provider = load(reference)
        return {"key_encryption_keys": provider.destroy(tenant.id)}
