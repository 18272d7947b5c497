"""The public keys that tokens are verified with: given, or fetched from their issuer and kept for a while."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Collection, Mapping
from http.client import HTTPException
from typing import Any, Protocol, TypeAlias
from urllib.error import HTTPError
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from freehold.context.refusals import KeysUnavailable
from freehold.errors import InvalidArgument

LARGEST = 262_144
"""Bytes of a JWKS at most."""


class KeySet(Protocol):
    """Keys by their names."""

    slow: bool

    def wants_fetch(self, named: str | None) -> bool:
        """Whether ``fetch`` should come first for a key of this name."""

    def fetch(self, named: str | None) -> None:
        """Asks the issuer, where that is due; waits for the network."""

    async def fetch_async(self, named: str | None) -> None:
        """The same on a loop."""

    def candidates(self, named: str | None) -> list[jwt.PyJWK]:
        """The keys that may have signed; never waits."""


class LocalKeys:
    """Keys that were given: a JWKS, or public keys in PEM."""

    slow = False

    def __init__(
        self, keys: str | bytes | Mapping[str, Any] | Collection[str | bytes], algorithms: Collection[str]
    ) -> None:
        try:
            if isinstance(keys, Mapping):
                found = jwt.PyJWKSet.from_dict(dict(keys)).keys
            else:
                found = [_pem(key) for key in ([keys] if isinstance(keys, str | bytes) else keys)]
        except (jwt.PyJWTError, ValueError) as error:
            raise InvalidArgument("keys are a URL, a JWKS, or public keys in PEM") from error
        self._keys = [key for key in found if key.algorithm_name in algorithms and key.public_key_use in (None, "sig")]
        if not self._keys:
            raise InvalidArgument(f"there is no key for {', '.join(algorithms)}")

    def wants_fetch(self, named: str | None) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def fetch(self, named: str | None) -> None:
        """There is nobody to ask."""

    async def fetch_async(self, named: str | None) -> None:
        """There is nobody to ask."""

    def candidates(self, named: str | None) -> list[jwt.PyJWK]:
        """That of the name, or all where keys or the token have none."""
        return [key for key in self._keys if named is None or key.key_id in (None, named)]


class RemoteKeys:
    """The JWKS at a URL.

    The issuer is asked when the keys are older than ``lifespan``, and for a name that is not among them; at most once
    in ``pause`` seconds, whatever comes and whether it answered or not. While it does not answer, the keys that it
    gave last are good until they are ``keep`` seconds old.

    Args:
        url: ``https``, or ``http`` on loopback.
        timeout: Seconds to wait for it.
        lifespan: Seconds after which keys are fetched anew.
        pause: Seconds between two attempts.
        keep: Seconds after which keys are no good, whatever the issuer does.
        clock: What tells the seconds.

    Raises:
        InvalidArgument: The URL is not ``https``, or a time is out of range.
    """

    slow = True

    def __init__(
        self, url: str, *, timeout: float = 5.0, lifespan: float = 300.0, pause: float = 10.0, keep: float = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        parts = urlsplit(url)
        loopback = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        # Whoever can change the answer on its way makes tokens of their own.
        if not (parts.scheme == "https" or loopback):
            raise InvalidArgument("the URL of a JWKS begins with https://")
        if not (0 < timeout <= 60 and 0 <= pause <= lifespan <= keep):
            raise InvalidArgument(
                "the times of a JWKS are 0 <= pause <= lifespan <= keep, and a timeout up to 60 seconds"
            )
        self._url, self._timeout = url, timeout
        self._lifespan, self._pause, self._keep, self._clock = lifespan, pause, keep, clock
        self._lock = threading.Lock()
        self._keys: list[jwt.PyJWK] = []
        self._fetched_at = self._tried_at = float("-inf")
        self._failed = False
        self._task: asyncio.Future[None] | None = None

    def wants_fetch(self, named: str | None) -> bool:
        """Whether the issuer should be asked for a key of this name, and may be by now."""
        now = self._clock()
        if named is None or now - self._tried_at < self._pause:
            return False
        return now - self._fetched_at >= self._lifespan or not self._named(named)

    def fetch(self, named: str | None) -> None:
        """Asks the issuer, where that is still due once nobody else does; a failure is told by ``candidates``."""
        # Whoever has the key in what is only old does not wait for somebody else's question.
        if not self._lock.acquire(blocking=not self._usable(named)):
            return
        try:
            if self.wants_fetch(named):
                self._ask()
        finally:
            self._lock.release()

    async def fetch_async(self, named: str | None) -> None:
        """The same in one thread, however many wait; nobody waits whose key is only old."""
        if not self.wants_fetch(named):
            return
        loop, task = asyncio.get_running_loop(), self._task
        if task is None or task.done() or task.get_loop() is not loop:
            self._task = task = asyncio.ensure_future(asyncio.to_thread(self.fetch, named))
        if not self._usable(named):
            await asyncio.shield(task)

    def candidates(self, named: str | None) -> list[jwt.PyJWK]:
        """The keys of a name.

        Raises:
            KeysUnavailable: There is none, and the issuer's last answer is none or too old to say so.
        """
        if named is None:
            raise jwt.InvalidKeyError("the token does not name its key")
        if self._usable(named):
            return self._named(named)
        if self._failed or self._clock() - self._fetched_at >= self._keep:
            raise KeysUnavailable("the keys of the tokens' issuer could not be fetched")
        raise jwt.InvalidKeyError("no such key")

    def _named(self, named: str) -> list[jwt.PyJWK]:
        return [key for key in self._keys if key.key_id == named]

    def _usable(self, named: str | None) -> bool:
        return named is not None and self._clock() - self._fetched_at < self._keep and bool(self._named(named))

    def _ask(self) -> None:
        try:
            found = jwt.PyJWKSet.from_dict(self._document()).keys
        except (jwt.PyJWTError, OSError, HTTPException, ValueError, RecursionError, TypeError, LookupError) as error:
            self._failed = True
            if isinstance(error, HTTPError):
                error.close()
        else:
            self._keys = [key for key in found if key.public_key_use in (None, "sig")]
            self._fetched_at, self._failed = self._clock(), False
        # Last: until then others who lack a key wait for this answer.
        self._tried_at = self._clock()

    def _document(self) -> dict[str, Any]:
        over = time.monotonic() + self._timeout
        with _OPENER.open(self._url, timeout=self._timeout) as answer:
            text = b""
            while piece := answer.read1(65_536):
                text += piece
                if len(text) > LARGEST or time.monotonic() > over:
                    raise OSError("the answer is too large, or too slow")
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError("no JWKS")  # noqa: TRY004  one kind of error for what is no key set
        return found


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where keys come from is what was configured, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follows none."""


_OPENER = urllib.request.build_opener(_NoRedirect())

Keys: TypeAlias = str | bytes | Mapping[str, Any] | Collection[str | bytes] | RemoteKeys
"""The URL of a JWKS, a JWKS, a public key in PEM, or several."""


def key_set(keys: Keys, algorithms: Collection[str], timeout: float) -> KeySet:
    """Keys, however they were given.

    Raises:
        InvalidArgument: There is none for these algorithms, or the URL is not ``https``.
    """
    if isinstance(keys, RemoteKeys):
        return keys
    if isinstance(keys, str) and "-----BEGIN" not in keys:
        return RemoteKeys(keys, timeout=timeout)
    return LocalKeys(keys, algorithms)


def _pem(text: str | bytes) -> jwt.PyJWK:
    key = load_pem_public_key(text.encode() if isinstance(text, str) else text)
    if isinstance(key, RSAPublicKey):
        return jwt.PyJWK(RSAAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, EllipticCurvePublicKey):
        return jwt.PyJWK(ECAlgorithm.to_jwk(key, as_dict=True))
    if isinstance(key, Ed25519PublicKey):
        return jwt.PyJWK(OKPAlgorithm.to_jwk(key, as_dict=True))
    raise ValueError(f"no key of a signature: {type(key).__name__}")
