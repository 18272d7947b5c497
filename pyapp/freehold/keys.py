"""Pairs of keys for signed documents, as files in PEM. Needs the extra ``sign``."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from freehold import signing


def generate(path: Path) -> tuple[Path, str]:
    """Makes a pair of keys (Ed25519): the private one for its owner's eyes, the public one beside it as ``.pub``.

    Args:
        path: Where the private key goes. No file is overwritten.

    Returns:
        The public key's file, and what signatures call the key.

    Raises:
        FileExistsError: One of the files exists.
    """
    public_path = path.with_name(f"{path.name}.pub")
    if public_path.exists():
        raise FileExistsError(public_path)
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    _create(path, private, 0o600)
    _create(public_path, public, 0o644)
    return public_path, signing.key_id(key.public_key())


def _create(path: Path, content: bytes, mode: int) -> None:
    """Writes a file that is nobody else's to begin with, and is on the disk afterwards."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
