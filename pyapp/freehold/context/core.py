"""What ``Tenants`` and ``AsyncTenants`` have in common: all but the ``await``."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import psycopg
from psycopg import generators
from psycopg.conninfo import make_conninfo
from psycopg.pq import ExecStatus, PGconn, TransactionStatus
from psycopg.pq.abc import PGresult

from freehold.context.cancellation import cancel
from freehold.context.credentials import Secret, check_secret, derive_password
from freehold.context.current import Frame, frame
from freehold.context.directory import Directory
from freehold.context.pool import Entry, Limits, Login, Pool, Waiter
from freehold.context.refusals import TenantChanged
from freehold.context.registry import Listener
from freehold.context.statement import RECORDED, Access, Context, Options, closing, mark, opening, sign
from freehold.context.statements import THRESHOLD
from freehold.context.steps import Steps
from freehold.errors import InvalidArgument, NotAllowed, OtherTenant

Level = Literal["role", "login"]
# The login is shut or gone, the gate has let go of the role, the role has another name by now.
_PERHAPS_STALE = (
    psycopg.OperationalError,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.InvalidParameterValue,
)
_LOG = logging.getLogger("freehold")
_OVER = (TransactionStatus.INTRANS, TransactionStatus.INERROR, TransactionStatus.IDLE)
# What a block ends with that went on after its transaction could not.
_LEFT: dict[TransactionStatus, tuple[type[psycopg.Error], str]] = {
    TransactionStatus.IDLE: (psycopg.ProgrammingError, "the transaction was ended inside the block"),
    TransactionStatus.INTRANS: (psycopg.ProgrammingError, "another transaction was begun inside the block"),
    TransactionStatus.INERROR: (
        psycopg.errors.InFailedSqlTransaction,
        "a statement failed, so the transaction was rolled back",
    ),
    TransactionStatus.ACTIVE: (psycopg.ProgrammingError, "a statement was still under way when the block ended"),
    TransactionStatus.UNKNOWN: (psycopg.OperationalError, "the connection was lost inside the block"),
}
_LOOKUP = """
select tenant_id::text, schema_name::text, role_name::text, read_only, cell, path, limits, audit, role_id
from freehold.tenant_context(%s, %s)
"""


def _dead() -> Any:
    connection = PGconn.connect_start(b"port=-1")
    connection.finish()
    return connection


_DEAD = _dead()


def _raise(result: PGresult) -> None:
    if result.status == ExecStatus.FATAL_ERROR:
        raise psycopg.errors.error_from_result(result)


def _passed(results: list[PGresult], ordinal: int) -> bool:
    """Whether a message got past its statement of this ordinal, counted from 0."""
    return len(results) > ordinal and results[ordinal].status != ExecStatus.FATAL_ERROR


@dataclass
class Lease:
    """A connection that is a tenant's until it is given back.

    Attributes:
        entry: Of the pool.
        context: What was set.
        options: What the caller said.
        connection: What the block gets: an object of its own over the entry's session. Whoever keeps it, or
            a cursor of it, beyond the block holds a closed one, and what the block made of it (its row factory,
            its handlers) ends with it.
        marked: The sign by which the transaction is known to be the same at the end; None: there is none.
        began: When, on the monotonic clock.
    """

    entry: Entry
    context: Context
    options: Options
    connection: Any
    marked: bytes | None
    began: float = field(default_factory=time.monotonic)

    def same(self) -> bool:
        """Whether the transaction that is open is the one that was opened."""
        return self.marked is None or sign(self.entry.connection.pgconn) == self.marked

    def detach(self) -> bool:
        """Cuts the block's object off from the session; whether nobody is inside a call of it."""
        self.connection.pgconn = _DEAD
        # A thread that has the lock has the session too, and may send what it is preparing at any time.
        return not self.connection.lock.locked()


class Core:
    """The logic of both, as steps; their arguments are those of ``Tenants``."""

    def __init__(
        self, conninfo: str, level: Level, gates: Mapping[int, str] | None, secret: Secret | None, limits: Limits,
        ttl: float, listen: bool, passwordless: bool, connect: Callable[[str], Any], waiter: Callable[[], Waiter],
        turn: Callable[[], Any] | None = None,
    ) -> None:  # fmt: skip
        if level not in ("role", "login"):
            raise InvalidArgument(f"the isolation level is role or login, not {level!r}")
        if (level == "login") != (secret is not None or passwordless):
            raise InvalidArgument("level login needs the secret that passwords are derived from, level role none")
        if secret is not None and passwordless:
            raise InvalidArgument("logins without passwords have no secret that those are derived from")
        self._secrets = [secret] if isinstance(secret, bytes) else list(secret or ())
        if secret is not None and not self._secrets:
            raise InvalidArgument("there is no secret among the secrets")
        for each in self._secrets:
            check_secret(each)
        self._level, self._home, self._connect, self._waiter = level, Login(conninfo), connect, waiter
        self._turn = turn
        self._passwordless = passwordless
        self._gates = {cell: Login(gate) for cell, gate in (gates or {}).items()}
        self.directory = Directory(ttl)
        self.pool = Pool(limits, self._open, waiter)
        self._listener = Listener(conninfo, self.directory) if listen else None
        self.unrecorded = 0

    def outer(self, slug: str, options: Options) -> Frame | None:
        """The transaction that one for this tenant would be inside of.

        Raises:
            InvalidArgument: It is none that could be opened: ``Options.check``.
            OtherTenant: It is another tenant's, or another actor's.
            NotAllowed: It only reads.
            TenantChanged: It is that of another id.
        """
        options.check()
        found = frame(self)
        if found is None:
            return None
        if found.slug != slug:
            raise OtherTenant(f'this is inside a transaction of tenant "{found.slug}", not "{slug}"')
        if options.actor not in (None, found.actor):
            raise OtherTenant(f'this is inside a transaction of actor "{found.actor}", not "{options.actor}"')
        if found.read_only and options.access != "read":
            raise NotAllowed("this is inside a transaction that only reads")
        if options.tenant_id not in (None, found.tenant_id):
            raise TenantChanged.of(slug)
        return found

    def frame(self, lease: Lease) -> Frame:
        """What makes a transaction the current one of this thread or task."""
        context = lease.context
        return Frame(self, context.slug, context.tenant_id, lease.options.actor, context.read_only, lease.connection)

    def find(self, slug: str, access: Access = "write", tenant_id: str | None = None) -> Steps[Context]:
        """Where a tenant is, as the registry says or has said some seconds ago."""
        return self._known(slug, access, tenant_id) or (yield from self._look_up(slug, access, tenant_id))

    def begin(self, slug: str, options: Options) -> Steps[Lease]:
        """Takes a connection and opens a transaction for the tenant, where ``outer`` found none.

        Raises:
            TenantChanged: The slug is not the tenant's of this id.
        """
        access, tenant_id = options.access, options.tenant_id
        context = self._known(slug, access, tenant_id)
        # It may be suspended or renamed between the answer and what is made of it: the error of the second time counts.
        asked = int(context is None)
        if context is None:
            context = yield from self._look_up(slug, access, tenant_id)
        # A role is taken by its name, which a rename may have given to another tenant since the registry was asked.
        # Passwords are of the id; where there is one to hold to and no password, the role's own id tells.
        sure = tenant_id is not None or self._passwordless
        while True:
            entry = None
            try:
                login = self._login(context)
                tenant = context.tenant_id
                entry = self.pool.ready(login, tenant) or (yield from self.pool.take(login, tenant, slug))
                marked, marking = mark(entry.connection.pgconn)
                message = entry.statements.claim(context.owner) + opening(
                    entry.connection.pgconn, context, options, role=self._level == "role", sure=sure, marking=marking
                )
                _raise((yield from self._send(entry, message))[-1])
            except (*_PERHAPS_STALE, OtherTenant) as error:
                if entry is not None:
                    yield from self.pool.give(entry, None, clean=False)
                    # The server closed it while it was idle: nothing was done yet.
                    if not entry.fresh and isinstance(error, psycopg.OperationalError):
                        continue
                if asked == 2:
                    if isinstance(error, psycopg.errors.InsufficientPrivilege):
                        raise NotAllowed(
                            f'the login does not reach tenant "{slug}": it passes neither the gate of cell '
                            f"{context.cell} nor all (freehold.gate_grant)"
                        ) from error
                    if isinstance(error, OtherTenant):
                        raise TenantChanged.of(slug) from error
                    raise
                # It may have been suspended or renamed since the registry was asked.
                self.directory.forget(slug)
                asked += 1
                context = yield from self._look_up(slug, access, tenant_id)
            except BaseException:
                if entry is not None:
                    yield from self.pool.give(entry, None, clean=False)
                raise
            else:
                connection = type(entry.connection)(entry.connection.pgconn)
                connection._autocommit = True
                entry.statements.lend(connection)
                # A pooler may have led to a session that began otherwise, or told nothing: then there is no sign.
                return Lease(entry, context, options, connection, marked if sign(connection.pgconn) == marked else None)

    def end(self, lease: Lease, *, failed: bool) -> Steps[None]:
        """Ends the transaction, cleans the session and gives the connection back.

        Raises:
            psycopg.errors.InFailedSqlTransaction: A statement had failed and the block went on as if it had not.
            psycopg.ProgrammingError: The block ended the transaction itself, or began another one.
        """
        entry = lease.entry
        alone = lease.detach()
        if entry.process != os.getpid():
            yield from self.pool.give(entry, None, clean=False)
            if not failed:
                raise psycopg.ProgrammingError(
                    "this process was forked inside the block: its transaction is the parent's"
                )
            return
        status = entry.connection.pgconn.transaction_status if alone else TransactionStatus.ACTIVE
        commit = not failed and status == TransactionStatus.INTRANS and lease.same()
        kept = entry.statements.keep(commit=commit)
        clean, recorded = False, "access" not in lease.context.audit
        try:
            if status in _OVER:
                seconds = time.monotonic() - lease.began
                message = closing(lease.context, lease.options, commit=commit, kept=kept, seconds=seconds)
                results = yield from self._send(entry, message)
                recorded = recorded or _passed(results, RECORDED)
                # What cannot be cleaned, or left no row in the access log, is closed; that is no failure of a commit.
                idle = entry.connection.pgconn.transaction_status == TransactionStatus.IDLE
                clean = idle and results[-1].status != ExecStatus.FATAL_ERROR
                if commit and not clean:
                    if not recorded and not _passed(results, 0):
                        # It was rolled back in the place of a commit.
                        message = closing(lease.context, lease.options, commit=False, kept=False, seconds=seconds)
                        recorded = _passed((yield from self._send(entry, message)), RECORDED)
                    _raise(results[0])
            elif status == TransactionStatus.ACTIVE:
                # Closing alone would leave it at work on the server, its locks held.
                yield from cancel(entry.connection, self._waiter(), alone=alone)
        except psycopg.Error:
            if commit:
                raise
        finally:
            if not recorded:
                self.unrecorded += 1
                _LOG.error('a transaction of tenant "%s" is missing in the access log', lease.context.slug)
            if not (clean and self.pool.keep(entry, lease.context.schema_name)):
                yield from self.pool.give(entry, lease.context.schema_name, clean=False)
        if failed or commit:
            return
        error, told = _LEFT[TransactionStatus(status)]
        raise error(told)

    def drop(self, lease: Lease) -> None:
        """Closes the connection of a transaction that nobody will end."""
        lease.detach()
        self.unrecorded += "access" in lease.context.audit
        self.pool.drop(lease.entry)

    def stop(self) -> None:
        """Stops listening."""
        if self._listener is not None:
            self._listener.close()

    def _known(self, slug: str, access: Access, tenant_id: str | None) -> Context | None:
        found = self.directory.get(slug, access)
        # What is kept may be the older of two tenants of one name.
        return found if found is None or tenant_id in (None, found.tenant_id) else None

    def _send(self, entry: Entry, message: bytes) -> Steps[list[PGresult]]:
        """Sends a message as it is and reads all that is answered; a cursor would do more, for nobody."""
        connection, pgconn = entry.connection, entry.connection.pgconn
        pgconn.send_query(message)
        results: list[PGresult] = []
        if self._turn is not None:
            # While others had their turn the answer has mostly come, and the loop need not watch the socket for it.
            yield self._turn
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    while pgconn.notifies() is not None:
                        # Nobody listens between two blocks.
                        pass
                    return results
                results.append(result)
        results += yield partial(connection.wait, generators.execute(pgconn))
        return results

    def ask(self, query: str, values: tuple[object, ...]) -> Steps[Any]:
        """The one row that the registry answers, over the login that asks it."""
        while True:
            entry = yield from self.pool.take(self._home, None)
            connection, clean = entry.connection, False
            try:
                cursor = yield partial(connection.execute, query, values, prepare=False)
                row = yield cursor.fetchone
                clean = True
            except psycopg.OperationalError:
                if entry.fresh:
                    raise
                continue
            except psycopg.Error:
                clean = connection.info.transaction_status == TransactionStatus.IDLE
                raise
            finally:
                yield from self.pool.give(entry, None, clean=clean)
            return row

    def _look_up(self, slug: str, access: Access, tenant_id: str | None) -> Steps[Context]:
        era = self.directory.era
        row = yield from self.ask(_LOOKUP, (slug, access))
        context = Context(slug, *row)
        # An answer that came late counts where there is no later one: this transaction, too, keeps to its ceiling.
        if self.directory.keep(access, context, era) or self.directory.get(slug, access) is None:
            self.pool.limit(context.tenant_id, context.limits.get("concurrency"))
        if tenant_id not in (None, context.tenant_id):
            raise TenantChanged.of(slug)
        return context

    def _login(self, context: Context) -> Login:
        if self._level == "role":
            return self._gates.get(context.cell, self._home)
        return Login(self._home.conninfo, context.role_name, context.tenant_id)

    def _open(self, login: Login) -> Steps[Any]:
        connection = yield from self._log_in(login)
        try:
            cursor = yield partial(connection.execute, "select pg_catalog.pg_backend_pid()")
            row = yield cursor.fetchone
        except BaseException:
            # Nobody has it yet, and whoever was cancelled waits for nothing.
            connection.pgconn.finish()
            raise
        # A pooler has told another process: the next transaction may find another session, and prepared nothing there.
        if row[0] == connection.info.backend_pid:
            connection.prepare_threshold = THRESHOLD
        return connection

    def _log_in(self, login: Login) -> Steps[Any]:
        if login.role is None or login.tenant_id is None:
            return (yield partial(self._connect, login.conninfo))
        if not self._secrets:
            return (yield partial(self._connect, make_conninfo(login.conninfo, user=login.role)))
        # The newest secret first; while it is rolled out, some logins have the one before.
        for secret in self._secrets[:-1]:
            with contextlib.suppress(psycopg.OperationalError):
                return (yield self._derived(login, secret))
        return (yield self._derived(login, self._secrets[-1]))

    def _derived(self, login: Login, secret: bytes) -> Callable[[], Any]:
        password = derive_password(secret, login.tenant_id or "", login.role or "")
        return partial(self._connect, make_conninfo(login.conninfo, user=login.role, password=password))
