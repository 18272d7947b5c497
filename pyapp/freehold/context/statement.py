"""What is sent to open and to end a tenant's transaction: one message each.

Sent apart, BEGIN and three SETs would be four round trips; in one simple query they are the
one that a plain transaction spends on BEGIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psycopg import pq, sql

from freehold.context.refusals import TenantChanged
from freehold.errors import InvalidArgument

Access = str
"""``write`` or ``read``."""
_SETTINGS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "work_mem")

# DISCARD ALL cannot follow a COMMIT in one message, and would throw away every cached plan.
# The role first: the one that a block has left there may not be allowed to call anything.
# A session may have been made to begin transactions that wait for others to end.
_NEXT = b"set transaction not deferrable; "
_CLEAN = b"reset role; call freehold._session_clean()"
COMMIT_ONLY = b"commit; " + _NEXT + _CLEAN
"""Leaves what is prepared."""
# One of the few settings whose changes the server reports unasked. Set to its other value for the transaction, for
# which it counts no more, it goes back with the transaction: so this end of the wire knows of another one.
_SIGN = b"default_transaction_read_only"
_SET_SIGN = b"; set local default_transaction_read_only = "
_OTHER = {b"off": (b"on", _SET_SIGN + b"on"), b"on": (b"off", _SET_SIGN + b"off")}
COMMIT = b"commit; " + _NEXT + b"deallocate all; " + _CLEAN
ROLLBACK = b"rollback; " + _NEXT + b"deallocate all; " + _CLEAN


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
        limits: The tenant's, by name: settings in milliseconds and kB, and the ``concurrency`` that a pool keeps to.
        owner: Whose prepared statements are at hand: this tenant's, with these rights.
        begin: The statements that begin a transaction, all but those that differ from one to the next.
        set_role: The statement that sets the role.
        ask: The query that asks the registry whose the role is, as that role.
    """

    slug: str
    tenant_id: str
    schema_name: str
    role_name: str
    read_only: bool
    cell: int
    path: str
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
    owner: tuple[str, ...] = field(init=False, repr=False)
    begin: bytes = field(init=False, repr=False)
    set_role: bytes = field(init=False, repr=False)
    ask: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        begin = f"begin{' read only' if self.read_only else ''}; set local search_path = {self.path}"
        begin += "".join(f"; set local {name} = {int(self.limits[name])}" for name in _SETTINGS if name in self.limits)
        object.__setattr__(self, "owner", (self.tenant_id, self.role_name, str(self.read_only), self.path))
        object.__setattr__(self, "begin", begin.encode())
        object.__setattr__(self, "set_role", b"; set local role " + sql.Identifier(self.role_name).as_string().encode())
        ask = sql.SQL("; select tenant_id from freehold.tenant_context({})").format(self.slug)
        object.__setattr__(self, "ask", ask.as_string().encode())

    def confirm(self, tenant_id: bytes | None) -> None:
        """Refuses another answer to ``ask`` than the tenant's id.

        Raises:
            TenantChanged: It is another's.
        """
        if tenant_id != self.tenant_id.encode():
            raise TenantChanged.of(self.slug)


def opening(pgconn: pq.abc.PGconn, context: Context, actor: str | None, timeout: float | None, *, role: bool) -> bytes:
    """The message that begins a transaction and makes it the tenant's.

    Args:
        pgconn: The connection it is for, which quotes by its settings.
        context: What to set.
        actor: Who acts; None for the login.
        timeout: Seconds that a statement may take, or None; no more than the tenant's limit.
        role: Whether the login is a gate's; a tenant's own has its role.
    """
    message = context.begin
    if actor is not None:
        message += b"; set local freehold.actor = " + pq.Escaping(pgconn).escape_literal(actor.encode())
    if timeout is not None:
        asked = max(1, round(timeout * 1000))
        message += b"; set local statement_timeout = %d" % min(asked, context.limits.get("statement_timeout", asked))
    if role:
        message += context.set_role
    # Once a query ran, nothing but another transaction makes it one that writes.
    return message + b"; select 1" if context.read_only else message


def mark(pgconn: pq.abc.PGconn) -> tuple[bytes | None, bytes]:
    """What ``sign`` is to tell while a transaction goes on, and what is added to its opening for that."""
    return _OTHER.get(sign(pgconn) or b"", (None, b""))


def sign(pgconn: pq.abc.PGconn) -> bytes | None:
    """What the server last said of the setting by which transactions are told apart."""
    return pgconn.parameter_status(_SIGN)


def check(actor: str | None, access: Access, timeout: float | None) -> None:
    """Refuses what no transaction could be opened with.

    Raises:
        InvalidArgument: The actor is no text that a server takes, the access none, or the timeout no time.
    """
    if access not in ("write", "read"):
        raise InvalidArgument(f"access is write or read, not {access!r}")
    if actor is not None:
        try:
            named = actor.encode()
        except UnicodeEncodeError as error:
            raise InvalidArgument(f"an actor's name is no text: {error.reason}") from None
        if b"\0" in named or len(named) > 200:
            raise InvalidArgument("an actor is named in 200 bytes at most, none of them NUL")
    if timeout is not None and not 0 < timeout <= 2_000_000:
        raise InvalidArgument(f"a timeout is a number of seconds above 0, not {timeout}")
