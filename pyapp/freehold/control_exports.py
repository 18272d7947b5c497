"""The functions of exports, restores and keys of tenants, one method each; ``Control`` has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from freehold.calls import Calls, Row


class Exports(Calls):
    """What ``freehold.export`` writes and reads files with, and the keys that encrypt them."""

    # Exports

    def tenant_export_begin(self, slug: str) -> dict[str, Any]:
        """Begins an export in a transaction that is repeatable read.

        Returns:
            The manifest, the settings to make, the COPY of each table, the query of each sequence.

        Raises:
            TenantNotFound: No tenant has this slug.
            SchemaNotPortable: Its schema holds what cannot be carried.
        """
        return cast("dict[str, Any]", self._value("tenant_export_begin", slug=slug))

    def tenant_export_end(
        self,
        slug: str,
        rows: int,
        bytes: int | None = None,  # noqa: A002  the function's name
        sha256: str | None = None,
        recipient: str | None = None,
    ) -> Row:
        """Ends an export, the login's own role being set again; returns the operation."""
        return self._row("tenant_export_end", slug=slug, rows=rows, bytes=bytes, sha256=sha256, recipient=recipient)

    def tenant_restore_begin(
        self,
        slug: str,
        manifest: Mapping[str, Any],
        *,
        display_name: str | None = None,
        external_id: str | None = None,
    ) -> Row:
        """Begins to make a tenant from an export; returns its registry row.

        Raises:
            TemplateNotFound: The version of the template that it was built from is unknown here.
            TenantExists: The slug is taken.
        """
        return self._row(
            "tenant_restore_begin", slug=slug, manifest=manifest, display_name=display_name, external_id=external_id
        )

    def tenant_restore_rows(self, slug: str, name: str, rows: Sequence[str]) -> int:
        """Brings rows of a table to a restore; returns how many."""
        return cast("int", self._value("tenant_restore_rows", slug=slug, name=name, rows=list(rows)))

    def tenant_restore_end(self, slug: str, manifest: Mapping[str, Any], trailer: Mapping[str, Any]) -> Row:
        """Ends a restore; returns the tenant's registry row.

        Raises:
            ExportMismatch: It is not what the export says. Nothing was made.
        """
        return self._row("tenant_restore_end", slug=slug, manifest=manifest, trailer=trailer)

    # Keys

    def tenant_key_add(self, slug: str, recipient: str, wrapped_key: bytes, provider: str, kek_id: str) -> Row:
        """Gives a tenant a new version of its key; the one before is retired."""
        return self._row(
            "tenant_key_add", slug=slug, recipient=recipient, wrapped_key=wrapped_key, provider=provider, kek_id=kek_id
        )

    def tenant_key_get(self, recipient: str) -> Row:
        """The key of a public half, with the wrapped private one.

        Raises:
            KeyNotFound: There is none.
            KeyDestroyed: It is destroyed.
        """
        return self._row("tenant_key_get", recipient=recipient)

    def tenant_key_list(self, slug: str | None = None) -> list[Row]:
        """The keys of one tenant or all, without the keys themselves."""
        return self._rows("tenant_key_list", slug=slug)

    def tenant_key_rewrap(self, recipient: str, wrapped_key: bytes, provider: str, kek_id: str, old_kek_id: str) -> Row:
        """Puts the key as another key-encryption key wraps it in the place of what was there."""
        return self._row(
            "tenant_key_rewrap",
            recipient=recipient,
            wrapped_key=wrapped_key,
            provider=provider,
            kek_id=kek_id,
            old_kek_id=old_kek_id,
        )

    def tenant_key_destroy(self, slug: str, version: int, reason: str) -> Row:
        """Forgets a version of a tenant's key."""
        return self._row("tenant_key_destroy", slug=slug, version=version, reason=reason)
