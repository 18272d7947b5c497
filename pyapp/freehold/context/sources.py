"""Where in a request a tenant may be named: host, header, path, claims that the application verified.

A source says what is written there, not whether it is true: a client writes what it likes. What
is malformed is given back as it is, for the resolver to refuse; absent is what is not there at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from freehold.context.request import Parts
from freehold.errors import InvalidArgument

_HOST = re.compile(r"([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::[0-9]{0,5})?")
_ADDRESS = re.compile(r"\[[0-9a-f:.]+\](?::[0-9]{0,5})?")
_DOTS = frozenset({".", ".."})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True)
class Said:
    """What a source found.

    Attributes:
        slug: The tenant it names, not checked; None if it names none.
        user: Whom it proves; None if it proves nobody.
        verified: Whether somebody who is trusted said so, and not the client.
    """

    slug: str | None
    user: str | None = None
    verified: bool = False


class Source(Protocol):
    """A place in a request that may name a tenant; an application may write its own.

    Attributes:
        label: What it is called in errors.
        slow: Whether reading it may wait for the network.
    """

    @property
    def label(self) -> str:
        """What it is called in errors."""

    @property
    def slow(self) -> bool:
        """Whether reading it may wait for the network."""

    def read(self, parts: Parts) -> Said | None:
        """What is written there; None if nothing is."""


class Subdomain:
    """The label before a domain: ``acme`` in ``acme.example.com``.

    The domain itself and every other host name no tenant. ``X-Forwarded-Host`` is what a client writes, unless a
    proxy in front overwrites it: only then name it.

    Args:
        domain: What follows the label.
        besides: Labels that are no tenants', such as ``www``.
        header: Where the host is written.
    """

    slow = False

    def __init__(self, domain: str, *, besides: Collection[str] = (), header: str = "Host") -> None:
        found = _HOST.fullmatch(domain.lower())
        if found is None or ":" in domain:
            raise InvalidArgument(f"{domain!r} is no domain")
        if isinstance(besides, str):
            raise InvalidArgument("besides is a collection of labels")
        self._ending, self._header, self.label = "." + found[1], _header(header), f"header {header}"
        self._besides = {found[1], *(f"{label.lower()}.{found[1]}" for label in besides)}

    def read(self, parts: Parts) -> Said | None:
        """The label; all of the host if it is none."""
        value = parts.header(self._header)
        if value is None:
            return None
        # Lower case is for ASCII alone: the Kelvin sign would become a k.
        host = value.lower() if value.isascii() and len(value) <= 260 else value
        if _ADDRESS.fullmatch(host):
            return None
        found = _HOST.fullmatch(host)
        if found is None:
            return Said(value)
        name = found[1]
        if name in self._besides or not name.endswith(self._ending):
            return None
        return Said(name[: -len(self._ending)])


class Header:
    """A header whose value is the slug. A client writes what it likes: membership is what protects.

    Args:
        name: Of the header, such as ``X-Tenant``.
    """

    slow = False

    def __init__(self, name: str) -> None:
        self._name = _header(name)
        self.label = f"header {name}"

    def read(self, parts: Parts) -> Said | None:
        """The value."""
        value = parts.header(self._name)
        return None if value is None else Said(value)


class PathPrefix:
    """The segment after a prefix: ``acme`` in ``/t/acme/orders``.

    Args:
        prefix: From the first slash of the whole path, with one at the end.
    """

    slow = False
    label = "the path"

    def __init__(self, prefix: str) -> None:
        if not re.fullmatch(r"/(?:[A-Za-z0-9_~-]+/)*", prefix):
            raise InvalidArgument(f"a prefix begins and ends with a slash and has plain segments, not {prefix!r}")
        self._prefix = prefix

    def read(self, parts: Parts) -> Said | None:
        """The segment; all of the path if whoever routes it may see another one there."""
        path = parts.path
        if "\\" in path or not _DOTS.isdisjoint(path.split("/")):
            return Said(path)
        if not path.startswith(self._prefix):
            return None
        slug = path[len(self._prefix) :].partition("/")[0]
        # What is encoded reads differently to a proxy, which may have let the request through by it.
        sent = parts.raw_path
        return Said(slug if sent is None or (sent + "/").startswith(f"{self._prefix}{slug}/") else sent)


class VerifiedClaim:
    """A claim that the application has verified: ``Parts(..., claims=...)``, of a session or its own token check.

    Args:
        claim: Which one names the tenant.
        user: Which one names the user.
    """

    slow = False

    def __init__(self, claim: str, *, user: str = "sub") -> None:
        self._claim, self._user = claim, user
        self.label = f"claim {claim}"

    def read(self, parts: Parts) -> Said | None:
        """The claims, where there are any."""
        if parts.claims is None:
            return None
        slug, user = parts.claims.get(self._claim), parts.claims.get(self._user)
        for each in (slug, user):
            if each is not None and not isinstance(each, str):
                raise InvalidArgument(f"claims {self._claim} and {self._user} are texts")
        return Said(slug, user, verified=True)


def _header(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidArgument(f"{name!r} is no header's name")
    return name
