"""Certificates of erasure: signed with a key outside the database, checked without one. Needs the extra ``sign``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from freehold import signing
from freehold.signing import NotAuthentic

__all__ = ["NotAuthentic", "digest", "names", "sign", "verify"]

TYPE = "freehold.erasure"


def sign(content: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The certificate as a file: what ``erasure_certificate`` returned, signed.

    Args:
        content: Of the certificate.
        key: Whose word it is.
    """
    return signing.sign(content, key)


def verify(data: bytes, key: Ed25519PublicKey, logical: bytes | None = None) -> dict[str, Any]:
    """Checks a certificate.

    Args:
        data: The file, byte for byte.
        key: The public key of who should have signed it.
        logical: For a certificate of stage 2, that of stage 1 which it names.

    Returns:
        What it says.

    Raises:
        NotAuthentic: It was changed, is signed by another, is no certificate of erasure, or not of that stage 1.
    """
    content = signing.verify(data, key)
    if content.get("type") != TYPE or content.get("format") != 1 or content.get("stage") not in ("logical", "physical"):
        raise NotAuthentic("it is signed, and no certificate of erasure")
    if logical is not None:
        first = verify(logical, key)
        if content["stage"] != "physical" or content["logical"]["sha256"] != digest(first):
            raise NotAuthentic("it does not belong to that certificate of stage 1")
    return content


def digest(content: Mapping[str, Any]) -> str:
    """sha256 (hex) of a certificate's content in its canonical form: what the event log and the ledger have of it."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def names(content: Mapping[str, Any], slug: str) -> bool:
    """Whether a certificate is that of the tenant which had this slug: it tells only a salted hash."""
    tenant = content["tenant"]
    salted = f"{tenant['slug_salt']}:{slug}".encode()
    return bool(hashlib.sha256(salted).hexdigest() == tenant["slug_sha256"])
