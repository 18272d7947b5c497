"""The port to whoever holds key-encryption keys, and the providers by name."""

from __future__ import annotations

import importlib
from typing import Protocol, runtime_checkable
from uuid import UUID

VARIABLE = "FREEHOLD_KEY_PROVIDER"
"""Where the command line and the eraser find the provider."""


class KeyUnavailable(Exception):
    """A key cannot be had: the provider has none, refuses, or does not answer. The message holds no key."""


class CannotDestroy(KeyUnavailable):
    """The provider has no key of this tenant's own that it could destroy."""


@runtime_checkable
class Provider(Protocol):
    """Holds key-encryption keys outside the database. Every call may be made again after one that nobody heard of.

    A context says what is wrapped: what was wrapped in one is not unwrapped in another.
    """

    @property
    def kind(self) -> str:
        """What the database calls it: a word in lower case."""

    def create(self, tenant: UUID) -> str:
        """Makes a key-encryption key, the tenant's own where the provider has such; returns what it is called."""

    def wrap(self, tenant: UUID, kek_id: str, secret: bytes, context: bytes) -> bytes:
        """Encrypts a secret by a key-encryption key.

        Raises:
            KeyUnavailable: There is no such key.
        """

    def unwrap(self, tenant: UUID, kek_id: str, wrapped: bytes, context: bytes) -> bytes:
        """The secret again.

        Raises:
            KeyUnavailable: There is no such key, or it did not wrap this in this context.
        """

    def destroy(self, tenant: UUID, kek_id: str | None = None) -> int:
        """Destroys one key-encryption key of a tenant, or all of its; returns how many there were.

        Raises:
            CannotDestroy: It is not the tenant's own.
            KeyUnavailable: It may be there still.
        """


def load(reference: str) -> Provider:
    """The provider of a reference.

    Args:
        reference: ``file:DIRECTORY``, ``env:VARIABLE``, ``command:PROGRAM ARGUMENT ...``, or
            ``python:MODULE:OBJECT``: a provider, or what makes one when it is called.

    Raises:
        ValueError: It names none.
    """
    kind, _, rest = reference.partition(":")
    if kind not in ("file", "env", "command", "python") or not rest:
        raise ValueError("a key provider is file:DIRECTORY, env:VARIABLE, command:PROGRAM or python:MODULE:OBJECT")
    if kind == "python":
        return _named(rest)
    if kind == "command":
        from freehold.datakeys.command import CommandProvider

        return CommandProvider(rest)
    from freehold.datakeys.local import EnvironmentProvider, FileProvider

    return FileProvider(rest) if kind == "file" else EnvironmentProvider(rest)


def _named(reference: str) -> Provider:
    module, _, attribute = reference.partition(":")
    try:
        found: object = importlib.import_module(module)
        for name in attribute.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{reference} names no key provider: {error}") from None
    if isinstance(found, type) or (callable(found) and not isinstance(found, Provider)):
        found = found()
    if not isinstance(found, Provider):
        raise ValueError(f"{reference} is no key provider")  # noqa: TRY004 - a wrong reference
    return found
