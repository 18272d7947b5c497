"""Signed documents: JSON in its canonical form (RFC 8785) with an Ed25519 signature (RFC 8032) inside.

A document's bytes *are* its canonical form, so that a change of any byte, white space and the
order of keys included, is found. Needs the extra ``sign`` (cryptography, rfc8785).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["NotAuthentic", "key_id", "private_key", "public_key", "sign", "verify"]

ALGORITHM = "Ed25519"


class NotAuthentic(ValueError):
    """A document is not what the holder of the key signed; the message says in what way."""


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """Reads a private key.

    Args:
        pem: The key in PEM (PKCS #8), without a passphrase.

    Raises:
        ValueError: It is no Ed25519 key. The message does not quote it.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not a private key in PEM without a passphrase") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the private key is not Ed25519")  # noqa: TRY004 - the file is wrong, not the type
    return key


def public_key(pem: bytes) -> Ed25519PublicKey:
    """Reads a public key.

    Args:
        pem: The key in PEM (SubjectPublicKeyInfo).

    Raises:
        ValueError: It is no Ed25519 key.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("the public key is not Ed25519")  # noqa: TRY004 - the file is wrong, not the type
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """What a signature calls its key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))
    return digest.finalize().hex()[:16]


def sign(document: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """Signs a document.

    Args:
        document: What is signed: JSON values, whole numbers below 2**53, no member ``signature``.
        key: The private key.

    Returns:
        The canonical form with the member ``signature``: algorithm, key and value (base64).

    Raises:
        ValueError: It has a signature, or a value that JSON cannot carry.
    """
    if "signature" in document:
        raise ValueError("the document is signed already")
    content = _canonical(document)
    signature = {
        "algorithm": ALGORITHM,
        "key": key_id(key.public_key()),
        "value": base64.b64encode(key.sign(content)).decode("ascii"),
    }
    return _canonical({**document, "signature": signature})


def verify(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """Checks a signed document.

    Args:
        data: The document as it was written, byte for byte.
        key: The public key of who should have signed it.

    Returns:
        The document without its signature.

    Raises:
        NotAuthentic: It was changed, or signed with another key.
    """
    try:
        loaded = json.loads(data.decode("utf-8"))
        document: dict[str, Any] = loaded if isinstance(loaded, dict) else {}
        exact = _canonical(document) == data
    except (ValueError, RecursionError):
        raise NotAuthentic("it is not JSON in canonical form") from None
    if not exact:
        raise NotAuthentic("it is not in canonical form: bytes were changed")
    signature = document.pop("signature", None)
    if not isinstance(signature, dict) or set(signature) != {"algorithm", "key", "value"}:
        raise NotAuthentic("it has no signature")
    if signature["algorithm"] != ALGORITHM:
        raise NotAuthentic("its signature is of another algorithm than Ed25519")
    if signature["key"] != key_id(key):
        raise NotAuthentic(f"it was signed with another key than {key_id(key)}")
    try:
        value = base64.b64decode(signature["value"], validate=True)
        if base64.b64encode(value).decode("ascii") != signature["value"]:
            raise NotAuthentic("its signature is not in canonical form")
        key.verify(value, _canonical(document))
    except (InvalidSignature, binascii.Error, TypeError, AttributeError):
        raise NotAuthentic("its signature is not that of its content") from None
    return document


def _canonical(document: Mapping[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(dict(document))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"a value has no canonical form: {error}") from None
