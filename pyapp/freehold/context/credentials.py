"""Passwords of the tenants' own logins, derived from one master secret.

A derived password is kept nowhere: whoever holds the secret can say it again. It is 256 bits
of HMAC-SHA-256 over the role's name, so that one of them tells nothing of another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import psycopg

MINIMUM = 32
"""Bytes that a master secret has at least."""


def derive_password(secret: bytes, role: str) -> str:
    """The password of a role.

    Args:
        secret: The master secret, at least 32 random bytes.
        role: The role's name.

    Returns:
        43 characters of URL-safe base64.

    Raises:
        ValueError: The secret is too short.
    """
    if len(secret) < MINIMUM:
        raise ValueError(f"a master secret has at least {MINIMUM} bytes")
    digest = hmac.new(secret, b"freehold login\0" + role.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def derive_verifier(connection: psycopg.Connection[Any], secret: bytes, role: str) -> str:
    """What ``freehold.login_enable()`` takes for a role's derived password: a SCRAM verifier.

    Args:
        connection: To the server that will check it; nothing is sent.
        secret: The master secret.
        role: The role's name.

    Raises:
        ValueError: The secret is too short.
    """
    password = derive_password(secret, role).encode()
    return connection.pgconn.encrypt_password(password, role.encode(), b"scram-sha-256").decode()
