"""Passwords of the tenants' own logins, derived from one master secret.

A derived password is kept nowhere: whoever holds the secret can say it again. It is 256 bits
of HMAC-SHA-256 over the tenant's id, which no rename changes, so that one of them tells
nothing of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from psycopg import pq

from freehold.errors import InvalidArgument

Secret: TypeAlias = bytes | Sequence[bytes]
"""A master secret, or several, the newest first."""
MINIMUM = 32
"""Bytes that a master secret has at least."""


def derive_password(secret: bytes, tenant_id: str, role: str) -> str:
    """The password of a tenant's runtime role.

    Args:
        secret: The master secret, at least 32 random bytes.
        tenant_id: The tenant's id, a uuid.
        role: The role's name, of which the ending counts: ``_rw`` or ``_ro``.

    Returns:
        43 characters of URL-safe base64.

    Raises:
        InvalidArgument: The secret is too short.
    """
    check_secret(secret)
    seed = f"freehold login\0{tenant_id}\0{role.rpartition('_')[2]}"
    digest = hmac.new(secret, seed.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def derive_verifier(pgconn: pq.abc.PGconn, secret: bytes, tenant_id: str, role: str) -> str:
    """What ``freehold.login_enable()`` takes for a derived password: a SCRAM verifier.

    Args:
        pgconn: A connection to the server that will check it; nothing is sent.
        secret: The master secret.
        tenant_id: The tenant's id.
        role: The role's name.

    Raises:
        InvalidArgument: The secret is too short.
    """
    return scram_verifier(pgconn, role, derive_password(secret, tenant_id, role))


def scram_verifier(pgconn: pq.abc.PGconn, role: str, password: str) -> str:
    """What a server keeps of a password; nothing is sent."""
    return pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()


def check_secret(secret: bytes) -> None:
    """Refuses a secret that could be guessed.

    Raises:
        InvalidArgument: It is too short.
    """
    if len(secret) < MINIMUM:
        raise InvalidArgument(f"a master secret has at least {MINIMUM} bytes, not {len(secret)}")


def read_secret(path: Path) -> bytes:
    """A master secret from a file, white space around it left out.

    Raises:
        InvalidArgument: It is too short, or the file cannot be read.
    """
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise InvalidArgument(f"{path}: {error.strerror}") from None
    check_secret(secret)
    return secret
