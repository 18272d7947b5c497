"""What is sent to open and to end a tenant's transaction: one message each.

Sent apart, BEGIN and three SETs would be four round trips; in one simple query they are the
one that a plain transaction spends on BEGIN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from psycopg import pq, sql

from freehold.errors import InvalidArgument

Access = str
"""``write`` or ``read``."""
Path = str
"""Where a transaction comes from: ``sql``, ``cli``, ``http`` or ``task``."""
PATHS = ("sql", "cli", "http", "task")
_SETTINGS = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "work_mem")

# DISCARD ALL cannot follow a COMMIT in one message, and would throw away every cached plan.
# The role first: the one that a block has left there may not be allowed to call anything.
# A session may have been made to begin transactions that wait for others to end.
_NEXT = b"set transaction not deferrable; "
_CLEAN = {
    True: b"reset role; call freehold._session_clean()",
    # One that SQL prepared is gone with them, and need not be looked for.
    False: b"deallocate all; reset role; call freehold._session_reset()",
}
# One of the few settings whose changes the server reports unasked. Set to its other value for the transaction, for
# which it counts no more, it goes back with the transaction: so this end of the wire knows of another one.
_SIGN = b"default_transaction_read_only"
_SET_SIGN = b"; set local default_transaction_read_only = "
_OTHER = {b"off": (b"on", _SET_SIGN + b"on"), b"on": (b"off", _SET_SIGN + b"off")}
_ENDS = {
    (commit, kept): end + _NEXT + clean
    for commit, end in ((True, b"commit; "), (False, b"rollback; "))
    for kept, clean in _CLEAN.items()
}
# A transaction of its own: the block's is over, whatever became of it, and what the record meets is not the cleaning's.
_RECORD = (
    b"begin isolation level read committed read write; set local statement_timeout = 0; reset role; "
    b"select freehold.access_record("
    b"%s::pg_catalog.uuid, %s, %s, %s, %s::pg_catalog.interval, %s::pg_catalog.bool, %s, %s); "
    b"commit; "
)
RECORDED = 5
"""Which statement of the message that ends a transaction commits its row in the access log, counted from 0."""
# Reads the same whatever encoding, and whatever rules for quoting, the block has left.
_TEXT = b"pg_catalog.convert_from(pg_catalog.decode('%s', 'hex'), 'UTF8')"


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
        audit: What is logged of it: ``access``, its transactions; ``reads``, what they read, by pgaudit.
        role_id: The role's id, which another tenant's role has not, though it may have its name by now.
        owner: Whose prepared statements are at hand: this tenant's, with these rights.
        begin: The statements that begin a transaction, all but those that differ from one to the next.
        set_role: The statement that sets the role.
        sure: The statement that refuses to go on if the role is another's.
        set_path: The statement that sets the path.
    """

    slug: str
    tenant_id: str
    schema_name: str
    role_name: str
    read_only: bool
    cell: int
    path: str
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)
    audit: Sequence[str] = field(default=(), hash=False)
    role_id: int = 0
    owner: tuple[str, ...] = field(init=False, repr=False)
    begin: bytes = field(init=False, repr=False)
    set_role: bytes = field(init=False, repr=False)
    sure: bytes = field(init=False, repr=False)
    set_path: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        begin = f"begin{' read only' if self.read_only else ''}"
        begin += "".join(f"; set local {name} = {int(self.limits[name])}" for name in _SETTINGS if name in self.limits)
        begin += "; select freehold._reads_open()" * ("reads" in self.audit)
        object.__setattr__(self, "owner", (self.tenant_id, self.role_name, str(self.read_only), self.path))
        object.__setattr__(self, "begin", begin.encode())
        object.__setattr__(self, "set_role", b"; set local role " + sql.Identifier(self.role_name).as_string().encode())
        object.__setattr__(self, "sure", b"; call freehold._role_sure(%d)" % self.role_id)
        object.__setattr__(self, "set_path", f"; set local search_path = {self.path}".encode())


class Options(NamedTuple):
    """What a caller says of a transaction.

    Attributes:
        actor: Who acts; None for the login.
        access: ``write`` or ``read``.
        timeout: Seconds that a statement may take, or None; no more than the tenant's limit.
        tenant_id: The id that the slug must belong to, or None.
        purpose: What it is for.
        request_id: The request that it is part of.
        path: Where that came from.
    """

    actor: str | None
    access: Access
    timeout: float | None = None
    tenant_id: str | None = None
    purpose: str | None = None
    request_id: str | None = None
    path: Path = "sql"

    def check(self) -> None:
        """Refuses what no transaction could be opened with.

        Raises:
            InvalidArgument: A name is no text that a server takes, the access none, or the timeout no time.
        """
        if self.access not in ("write", "read"):
            raise InvalidArgument(f"access is write or read, not {self.access!r}")
        if self.path not in PATHS:
            raise InvalidArgument(f"a transaction comes from {', '.join(PATHS)}, not {self.path!r}")
        _check_name("an actor", self.actor)
        _check_name("a purpose", self.purpose)
        _check_name("a request id", self.request_id)
        if self.timeout is not None and not 0 < self.timeout <= 2_000_000:
            raise InvalidArgument(f"a timeout is a number of seconds above 0, not {self.timeout}")


def opening(
    pgconn: pq.abc.PGconn, context: Context, options: Options, *, role: bool, sure: bool = False, marking: bytes = b""
) -> bytes:  # fmt: skip
    """The message that begins a transaction and makes it the tenant's.

    Args:
        pgconn: The connection it is for, which quotes by its settings.
        context: What to set.
        options: What the caller says.
        role: Whether the login is a gate's; a tenant's own has its role.
        sure: Refuses another role than that of the context's id.
        marking: What ``mark`` adds.
    """
    message = context.begin
    if options.actor is not None:
        message += b"; set local freehold.actor = " + pq.Escaping(pgconn).escape_literal(options.actor.encode())
    if options.request_id is not None:
        message += b"; set local freehold.request_id = " + pq.Escaping(pgconn).escape_literal(
            options.request_id.encode()
        )
    if options.timeout is not None:
        asked = max(1, round(options.timeout * 1000))
        message += b"; set local statement_timeout = %d" % min(asked, context.limits.get("statement_timeout", asked))
    if role:
        message += context.set_role
    if sure:
        message += context.sure
    message += context.set_path + marking
    # Once a query ran, nothing but another transaction makes it one that writes.
    return message + b"; select 1" if context.read_only and not sure else message


def mark(pgconn: pq.abc.PGconn) -> tuple[bytes | None, bytes]:
    """What ``sign`` is to tell while a transaction goes on, and what is added to its opening for that."""
    return _OTHER.get(sign(pgconn) or b"", (None, b""))


def sign(pgconn: pq.abc.PGconn) -> bytes | None:
    """What the server last said of the setting by which transactions are told apart."""
    return pgconn.parameter_status(_SIGN)


def closing(context: Context, options: Options, *, commit: bool, kept: bool, seconds: float) -> bytes:
    """The message that ends a transaction, leaves its row in the access log where there is one, and cleans the session.

    Args:
        context: What was set.
        options: What the caller said.
        commit: Whether it is committed or rolled back.
        kept: Whether what is prepared stays.
        seconds: For which it was open.
    """
    message = _ENDS[commit, kept]
    if "access" not in context.audit:
        return message
    end, rest = message.split(b" ", 1)
    values = (context.tenant_id, options.actor, options.access, options.path, f"{seconds:.6f} s", str(commit),
              options.purpose, options.request_id)  # fmt: skip
    return (
        end
        + b" "
        + _RECORD % tuple(b"null" if each is None else _TEXT % each.encode().hex().encode() for each in values)
        + rest
    )


def _check_name(what: str, name: str | None) -> None:
    if name is None:
        return
    try:
        encoded = name.encode()
    except UnicodeEncodeError as error:
        raise InvalidArgument(f"{what}'s name is no text: {error.reason}") from None
    if b"\0" in encoded or len(encoded) > 200:
        raise InvalidArgument(f"{what} is named in 200 bytes at most, none of them NUL")
