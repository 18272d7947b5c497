"""Key-encryption keys in files, one or more for each tenant, and in an environment variable, one for all."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from freehold.datakeys.provider import CannotDestroy, KeyUnavailable

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = b"\x01"
_KEK_ID = re.compile(r"[0-9a-f]{32}")


def _seal(key: bytes, secret: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, secret, context)


def _open(key: bytes, wrapped: bytes, context: bytes) -> bytes:
    nonce, content = wrapped[1 : 1 + _NONCE_BYTES], wrapped[1 + _NONCE_BYTES :]
    if wrapped[:1] == _VERSION:
        with contextlib.suppress(InvalidTag, ValueError):
            return AESGCM(key).decrypt(nonce, content, context)
    raise KeyUnavailable("the key-encryption key did not wrap this key, or it was changed")


class FileProvider:
    """Files below a directory, one directory for each tenant: ``<directory>/<tenant id>/<key>``.

    To destroy a key is to unlink its file. What the file system or the disk under it keeps of an unlinked file, and
    every copy of the directory, is not reached: keep it on a volume that nothing copies or snapshots longer than you
    want a key to live, encrypted by itself.

    Args:
        directory: The directory; it is made with the first key.
    """

    kind = "file"

    def __init__(self, directory: str | Path) -> None:
        self._directory = Path(directory)

    def create(self, tenant: UUID) -> str:
        """Makes a file with a random key that only its owner may read."""
        folder = self._directory / str(tenant)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kek_id = secrets.token_hex(16)
        descriptor = os.open(folder / kek_id, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _sync(folder)
        _sync(self._directory)
        return kek_id

    def wrap(self, tenant: UUID, kek_id: str, secret: bytes, context: bytes) -> bytes:
        """Encrypts a secret (AES-256-GCM)."""
        return _seal(self._key(tenant, kek_id), secret, context)

    def unwrap(self, tenant: UUID, kek_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The secret again."""
        return _open(self._key(tenant, kek_id), wrapped, context)

    def destroy(self, tenant: UUID, kek_id: str | None = None) -> int:
        """Unlinks a key's file, or all of the tenant's."""
        folder = self._directory / str(tenant)
        # A directory that is not there at all is a volume that is not mounted, and its keys live.
        if not self._directory.is_dir():
            raise KeyUnavailable(f"there is no directory {self._directory}")
        if not folder.is_dir():
            return 0
        count = 0
        for path in [self._path(tenant, kek_id)] if kek_id is not None else list(folder.iterdir()):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                count += 1
        _sync(folder)
        with contextlib.suppress(OSError):
            folder.rmdir()
            _sync(self._directory)
        return count

    def _path(self, tenant: UUID, kek_id: str) -> Path:
        # It comes from the database, and leads nowhere else.
        if not _KEK_ID.fullmatch(kek_id):
            raise KeyUnavailable("the key-encryption key is no file provider's")
        return self._directory / str(tenant) / kek_id

    def _key(self, tenant: UUID, kek_id: str) -> bytes:
        try:
            return _decode(self._path(tenant, kek_id).read_bytes())
        except FileNotFoundError:
            raise KeyUnavailable(f"the key-encryption key {kek_id} of tenant {tenant} is not there") from None
        except OSError as error:
            raise KeyUnavailable(f"the key-encryption key {kek_id} cannot be read: {error.strerror}") from None


class EnvironmentProvider:
    """One key for all tenants, in an environment variable: 32 bytes in base64, after a comma those before it.

    It cannot destroy one tenant's: what it wrapped stays readable to whoever has the key and a dump of the database.

    Args:
        variable: The variable's name.
    """

    kind = "env"

    def __init__(self, variable: str) -> None:
        self._variable = variable

    def create(self, tenant: UUID) -> str:  # noqa: ARG002  the port's
        """Makes none: the first key of the variable is everybody's."""
        return next(iter(self._keys()))

    def wrap(self, tenant: UUID, kek_id: str, secret: bytes, context: bytes) -> bytes:  # noqa: ARG002  the port's
        """Encrypts a secret (AES-256-GCM)."""
        return _seal(self._key(kek_id), secret, context)

    def unwrap(self, tenant: UUID, kek_id: str, wrapped: bytes, context: bytes) -> bytes:  # noqa: ARG002  the port's
        """The secret again."""
        return _open(self._key(kek_id), wrapped, context)

    def destroy(self, tenant: UUID, kek_id: str | None = None) -> int:  # noqa: ARG002  the port's
        """Refuses: the key is everybody's."""
        raise CannotDestroy(
            f"the key-encryption key in {self._variable} is all tenants': one tenant's cannot be destroyed. Its "
            "wrapped keys are readable until the last dump of the database that holds them is gone"
        )

    def _keys(self) -> dict[str, bytes]:
        keys = [_decode(part.encode()) for part in os.environ.get(self._variable, "").split(",") if part.strip()]
        if not keys:
            raise KeyUnavailable(f"the variable {self._variable} holds no key")
        return {_digest(key): key for key in keys}

    def _key(self, kek_id: str) -> bytes:
        try:
            return self._keys()[kek_id]
        except KeyError:
            raise KeyUnavailable(f"the variable {self._variable} does not hold the key {kek_id}") from None


def _decode(text: bytes) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise KeyUnavailable("a key-encryption key is 32 bytes in base64")
    return key


def _digest(key: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"freehold key-encryption key" + key)
    return digest.finalize().hex()[:16]


def _sync(folder: Path) -> None:
    """What was made or unlinked in a directory is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
