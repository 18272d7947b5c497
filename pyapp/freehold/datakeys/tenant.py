"""A tenant's keys: made, unwrapped, rotated, wrapped anew, destroyed. Needs the extra ``export``."""

from __future__ import annotations

import contextlib
from uuid import UUID

from pyrage import IdentityError, x25519

from freehold.control import Control, Row
from freehold.datakeys.provider import CannotDestroy, KeyUnavailable, Provider


def current(control: Control, slug: str) -> Row | None:
    """The key that encrypts a tenant's exports, None where it has none."""
    return next((row for row in control.tenant_key_list(slug) if row["state"] == "current"), None)


def rotate(control: Control, provider: Provider, slug: str) -> Row:
    """Gives a tenant a new version of its key; older ones open what they encrypted.

    Args:
        control: Over a connection in autocommit mode.
        provider: Who wraps it.
        slug: The tenant's slug.

    Returns:
        The key, as the database has it.
    """
    tenant: UUID = control.tenant_get(slug)["id"]
    kek_id = provider.create(tenant)
    try:
        pair = x25519.Identity.generate()
        recipient = str(pair.to_public())
        wrapped = provider.wrap(tenant, kek_id, str(pair).encode(), _context(tenant, recipient))
        return control.tenant_key_add(slug, recipient, wrapped, provider.kind, kek_id)
    except BaseException:
        with contextlib.suppress(KeyUnavailable):
            provider.destroy(tenant, kek_id)
        raise


def identity(control: Control, provider: Provider, recipient: str) -> x25519.Identity:
    """The private key of a recipient, which the database keeps an event of.

    Raises:
        KeyNotFound: The database has no such key.
        KeyDestroyed: It is destroyed.
        KeyUnavailable: The provider does not unwrap it.
    """
    return _unwrap(provider, control.tenant_key_get(recipient))


def rewrap(control: Control, provider: Provider, recipient: str, *, old: Provider | None = None) -> Row:
    """Has the same key wrapped by a new key-encryption key; the old one is destroyed where it is the tenant's own.

    Args:
        control: Over a connection in autocommit mode.
        provider: Who wraps it from now on.
        recipient: Which key.
        old: Who wrapped it, if that is another one.

    Returns:
        The key, as the database has it.
    """
    row = control.tenant_key_get(recipient)
    tenant: UUID = row["tenant_id"]
    before = old or provider
    pair = _unwrap(before, row)
    kek_id = provider.create(tenant)
    if (provider.kind, kek_id) == (row["provider"], row["kek_id"]):
        return row
    try:
        wrapped = provider.wrap(tenant, kek_id, str(pair).encode(), _context(tenant, recipient))
        done = control.tenant_key_rewrap(recipient, wrapped, provider.kind, kek_id, row["kek_id"])
    except BaseException:
        with contextlib.suppress(KeyUnavailable):
            provider.destroy(tenant, kek_id)
        raise
    with contextlib.suppress(CannotDestroy):
        before.destroy(tenant, row["kek_id"])
    return done


def destroy(control: Control, provider: Provider, slug: str, version: int, reason: str) -> tuple[Row, bool]:
    """Destroys a version of a tenant's key.

    Returns:
        The key, and whether the provider destroyed the key-encryption key too: dumps of the database open nothing then.
    """
    row = control.tenant_key_destroy(slug, version, reason)
    try:
        return row, provider.destroy(row["tenant_id"], row["kek_id"]) > 0
    except CannotDestroy:
        return row, False


def _unwrap(provider: Provider, row: Row) -> x25519.Identity:
    if provider.kind != row["provider"]:
        raise KeyUnavailable(f"the key was wrapped by a provider of the kind {row['provider']}, not {provider.kind}")
    secret = provider.unwrap(
        row["tenant_id"], row["kek_id"], row["wrapped_key"], _context(row["tenant_id"], row["recipient"])
    )
    try:
        pair = x25519.Identity.from_str(secret.decode("ascii"))
    except (IdentityError, UnicodeDecodeError):
        raise KeyUnavailable("what was wrapped is no private key") from None
    if str(pair.to_public()) != row["recipient"]:
        raise KeyUnavailable("what was wrapped is another private key")
    return pair


def _context(tenant: UUID, recipient: str) -> bytes:
    return f"freehold tenant key\n{tenant}\n{recipient}".encode()
