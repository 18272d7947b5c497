"""Tokens that hand a tenant over to work that runs later, or elsewhere.

The text is signed, not encrypted: whoever has it reads the slug and the actor, and can neither
change it nor use it without a program that holds the secret and reaches the database.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass

from itsdangerous import BadData, URLSafeSerializer
from itsdangerous.encoding import base64_decode, base64_encode

from freehold.context.core import Core
from freehold.context.credentials import Secret, check_secret
from freehold.context.current import frame
from freehold.context.refusals import TokenExpired, TokenForged, WrongPurpose
from freehold.context.statement import Access, Options
from freehold.context.steps import Steps
from freehold.errors import InvalidArgument, NotAllowed, NoTenantContext

LONGEST = 30 * 86_400
"""Seconds that a token lives at most."""
SIZE = 4_096
"""Characters of a token at most."""
# Says what is signed and in which form: a token of another form, or of another library with the same key, is no token.
_SALT = b"freehold hand-over 1"
_TOKEN = re.compile(r"\.?[A-Za-z0-9_-]+\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True)
class Task:
    """What a token names.

    Attributes:
        tenant_id: The tenant, whatever it is called by now.
        slug: What it was called.
        actor: Who acts.
        access: ``write`` or ``read``.
        purpose: What it was made for.
        expires: Until when it is good, in seconds since 1970.
    """

    tenant_id: str
    slug: str
    actor: str | None
    access: Access
    purpose: str | None
    expires: int


class Tokens:
    """Makes and reads tokens.

    Args:
        secret: At least 32 bytes; while it is rotated, the new one and the old one.
        apart_from: A secret that it must not be.

    Raises:
        InvalidArgument: It is too short, or that secret.
    """

    def __init__(self, secret: Secret, apart_from: Secret | None = None) -> None:
        keys = _listed(secret)
        if not keys:
            raise InvalidArgument("there is no secret among the secrets")
        for key in keys:
            check_secret(key)
        if set(keys) & set(_listed(apart_from or ())):
            raise InvalidArgument("the secret of tokens is one of its own, not the one that passwords are derived from")
        self._serializer = URLSafeSerializer(
            # itsdangerous wants the newest last.
            keys[::-1],
            salt=_SALT,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def make(
        self, tenant_id: str, slug: str, actor: str | None, access: Access, *, lifetime: float, purpose: str | None
    ) -> str:
        """A token.

        Raises:
            InvalidArgument: The lifetime is none, or the purpose is empty or too long.
        """
        if not 0 < lifetime <= LONGEST:
            raise InvalidArgument(f"a lifetime is a number of seconds above 0, at most {LONGEST}, not {lifetime}")
        if purpose is not None and not 0 < len(purpose) <= 100:
            raise InvalidArgument("a purpose is named in 1 to 100 characters")
        expires = int(time.time() + lifetime)
        return self._serializer.dumps([tenant_id, slug, actor, access, purpose, expires])

    def read(self, token: object, purpose: str | None) -> Task:
        """What a token names.

        Raises:
            TokenForged: It was not made with this secret, or was changed since.
            TokenExpired: Its lifetime is over.
            WrongPurpose: It was made for another purpose.
        """
        text = token if isinstance(token, str) and len(token) <= SIZE else ""
        found = _TOKEN.fullmatch(text)
        # One text for one token: base64 has bits to spare, which would fool whoever remembers the used ones.
        if found is None or base64_encode(base64_decode(found[1])) != found[1].encode():
            raise TokenForged("this is no token of hand_over()")
        try:
            task = Task(*self._serializer.loads(text))
        except BadData:
            raise TokenForged("the token was not made with this secret, or was changed since") from None
        if time.time() >= task.expires:
            raise TokenExpired(f'the token for tenant "{task.slug}" has expired')
        if task.purpose != purpose:
            raise WrongPurpose(f"the token was made for {_said(task.purpose)}, not for {_said(purpose)}")
        return task


def hand_over(
    core: Core, tokens: Tokens, slug: str | None, actor: str | None, access: Access | None, *,
    lifetime: float, purpose: str | None, tenant_id: str | None,
) -> Steps[str]:  # fmt: skip
    """A token for a tenant, or for the one whose transaction this is.

    Raises:
        NoTenantContext: It is none's, and no slug was given.
        OtherTenant: It is another's, or another actor's.
        NotAllowed: It only reads.
        TenantChanged: The slug is not the tenant's of this id.
    """
    inside = frame(core)
    if slug is None:
        if inside is None:
            raise NoTenantContext("no tenant is set: name the one to hand over")
        slug = inside.slug
    if access is None:
        access = "read" if inside is not None and inside.read_only else "write"
    inside = core.outer(slug, Options(actor, access, tenant_id=tenant_id))
    if inside is not None:
        tenant_id, actor = inside.tenant_id, inside.actor
    else:
        tenant_id = (yield from core.find(slug, access, tenant_id)).tenant_id
    return tokens.make(tenant_id, slug, actor, access, lifetime=lifetime, purpose=purpose)


def fit(core: Core, task: Task) -> None:
    """Refuses a token inside a transaction that is not exactly what it names.

    Raises:
        OtherTenant: It is another tenant's, or another actor's.
        TenantChanged: It is that of another tenant of the same name.
        NotAllowed: It may do more, or less.
    """
    inside = core.outer(task.slug, Options(task.actor, task.access, tenant_id=task.tenant_id))
    if inside is not None and (inside.actor, inside.read_only) != (task.actor, task.access == "read"):
        raise NotAllowed("the token would resume inside a transaction that may do more than it names")


def _listed(secret: Secret) -> list[bytes]:
    return [secret] if isinstance(secret, bytes) else list(secret)


def _said(purpose: str | None) -> str:
    return "no purpose" if purpose is None else f'purpose "{purpose}"'
