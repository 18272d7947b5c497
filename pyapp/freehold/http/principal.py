"""Who a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["key", "operator", "user"]
ROLES = frozenset({"admin", "auditor", "worker", "break_glass", "analyst"})
"""The installation's groups that a principal may stand for."""
ACTOR_SIZE = 200
"""Bytes of an actor at most."""


@dataclass(frozen=True)
class Principal:
    """Who a request comes from, as far as it was proved.

    Attributes:
        actor: For the audit trail: ``key:<name>``, or the subject of a token behind its issuer's prefix. No two
            principals have the same.
        kind: What proved it: an API key, or a token of an issuer of operators or of users.
        roles: The groups of the installation that it may act as; empty for users.
        tenant_ids: The ids of the tenants that a key is bound to; None: whatever its roles reach. A bound key may use
            the routes of these tenants and no other, whatever its roles.
        issuer: Of a token.
        subject: Of a token.
        key_id: Of a key.
    """

    actor: str
    kind: Kind
    roles: frozenset[str] = frozenset()
    tenant_ids: frozenset[str] | None = None
    issuer: str | None = None
    subject: str | None = None
    key_id: str | None = None

    def reaches(self, tenant_id: str) -> bool:
        """Whether its binding, if it has one, lets it act in a tenant; its roles or membership are another question."""
        return self.tenant_ids is None or str(tenant_id) in self.tenant_ids


def is_actor(text: str) -> bool:
    """Whether a text can stand in the audit trail: printable, of 1 to 200 bytes."""
    return text.isprintable() and 0 < len(text.encode("utf-8", "replace")) <= ACTOR_SIZE
