"""What is sent to open and to end a tenant's transaction: one message each.

Sent apart, BEGIN and three SETs would be four round trips; in one simple query they are the
one that a plain transaction spends on BEGIN.
"""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

Access = str
"""``write`` or ``read``."""

# DISCARD ALL cannot follow a COMMIT in one message, and would throw away every cached plan. RESET ALL leaves the role.
_CLEAN = (
    "reset role; reset all; close all; unlisten *; deallocate all; discard temp; discard sequences; "
    "select pg_catalog.pg_advisory_unlock_all()"
)
COMMIT = f"commit; {_CLEAN}"
ROLLBACK = f"rollback; {_CLEAN}"


@dataclass(frozen=True)
class Context:
    """What a transaction for a tenant sets, as ``freehold.tenant_context()`` answers.

    Attributes:
        slug: The tenant.
        tenant_id: Its id.
        schema_name: Its schema.
        role_name: Its runtime role.
        read_only: Whether the transaction may only read.
        cell: The cell whose gate reaches the role.
        path: The search_path, quoted.
    """

    slug: str
    tenant_id: str
    schema_name: str
    role_name: str
    read_only: bool
    cell: int
    path: str


def opening(context: Context, actor: str | None, timeout: float | None, *, set_role: bool) -> sql.Composed:
    """The message that begins a transaction and makes it the tenant's.

    Args:
        context: What to set.
        actor: Who acts; None for the login.
        timeout: Seconds that a statement may take, or None.
        set_role: Whether the login is a gate's; a tenant's own has its role.
    """
    parts: list[sql.Composable] = [sql.SQL("begin read only" if context.read_only else "begin")]
    parts.append(sql.SQL("set local search_path = {}").format(sql.SQL(context.path)))
    if actor is not None:
        parts.append(sql.SQL("set local freehold.actor = {}").format(sql.Literal(actor)))
    if timeout is not None:
        parts.append(sql.SQL("set local statement_timeout = {}").format(sql.Literal(max(1, round(timeout * 1000)))))
    if set_role:
        parts.append(sql.SQL("set local role {}").format(sql.Identifier(context.role_name)))
    return sql.SQL("; ").join(parts)
