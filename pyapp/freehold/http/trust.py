"""From the settings of an issuer to who verifies its tokens."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, get_args
from urllib.parse import urlsplit

from freehold.errors import InvalidArgument
from freehold.http import authentication, settings


def trusted(given: settings.Issuer) -> authentication.Issuer:
    """The issuer as the authenticator takes it.

    Args:
        given: As the settings have it. Where they name no keys, its discovery document is asked.

    Raises:
        InvalidArgument: The document cannot be had, or is another issuer's.
    """
    keys = str(given.jwks) if given.jwks is not None else str(discover(given.issuer)["jwks_uri"])
    if given.kind == "user":
        return authentication.Issuer(
            issuer=given.issuer, audience=given.audience, keys=keys, actor_prefix=given.actor_prefix
        )
    roles = given.roles or {group: [group] for group in get_args(settings.Group)}
    return authentication.Issuer(
        issuer=given.issuer, audience=given.audience, keys=keys, kind="operator", roles_claim=given.roles_claim,
        roles=roles, actor_prefix=given.actor_prefix,
    )  # fmt: skip


def discover(issuer: str) -> dict[str, Any]:
    """The discovery document of an issuer (OpenID Connect Discovery 1.0, section 4).

    Args:
        issuer: Its URL.

    Raises:
        InvalidArgument: It cannot be had, or is another issuer's.
    """
    url = urlsplit(issuer)
    if not (url.scheme == "https" or (url.scheme == "http" and url.hostname in ("localhost", "127.0.0.1", "::1"))):
        raise InvalidArgument(f"issuer {issuer} is no https URL: name its jwks in FREEHOLD_ISSUERS")
    where = issuer.rstrip("/") + "/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(where, timeout=10) as answer:  # noqa: S310  the scheme was checked
            found = json.loads(answer.read(1_000_000))
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise InvalidArgument(f"{where} cannot be read: {error}") from None
    if not isinstance(found, dict) or found.get("issuer") != issuer or "jwks_uri" not in found:
        raise InvalidArgument(f"{where} is not the discovery document of {issuer}")
    return found
