"""What both clients send, and what they make of it: nothing here waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from freehold.errors import InvalidArgument

GRACE = 2.0
"""Seconds that a session has to obey its time limit; then it is ended."""
SESSION = 200
"""Tenants that a session asks: it keeps something of each schema that it has seen."""
LOOKED = 5
"""Tenants that are asked for the columns, until one tells."""

BEGIN = sql.SQL(
    "select run, tenants from freehold.fleet_begin(query => %(query)s, slugs => %(slugs)s, template => %(template)s,"
    " tier => %(tier)s, reason => %(reason)s)"
)
PREPARE = sql.SQL("select freehold.fleet_prepare()")
COLUMNS = sql.SQL("select name, type::text from freehold.fleet_columns(%(run)s, %(slug)s)")
# For the transaction only: a pooler may give the session to somebody else. The interval lets the server see that
# the client is gone in the middle of a query.
LIMITS = sql.SQL(
    "select pg_catalog.pg_backend_pid(), pg_catalog.set_config('statement_timeout', %s, true),"
    " pg_catalog.set_config('client_connection_check_interval', '1s', true)"
)
END = sql.SQL("select pg_catalog.pg_terminate_backend(%s)")
_CALL = sql.SQL(
    " from freehold.fleet_ask(run => %(run)s, slug => %(slug)s, timeout => %(timeout)s, max_rows => %(max_rows)s,"
    " max_bytes => %(max_bytes)s) as f"
)
_PLAIN = sql.SQL("select f.error_code, f.error, true, f.row")
_TYPED = sql.SQL(
    "select f.error_code, f.error,"
    " f.row is null or f.row - %(names)s::text[] = '{{}}' and f.row ?& %(names)s::text[], x.*{call}"
    " left join lateral pg_catalog.jsonb_to_record(f.row) as x ({columns}) on f.row is not null"
)


@dataclass(frozen=True)
class TenantError:
    """What went wrong in a tenant.

    Attributes:
        code: SQLSTATE.
        message: What the tenant's database, or code of the tenant's, said: not to be trusted.
    """

    code: str
    message: str


@dataclass(frozen=True)
class Answer:
    """What one tenant answered.

    Attributes:
        slug: The tenant.
        rows: By column name; those before the error where there was one.
        error: None where all is well.
    """

    slug: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    error: TenantError | None = None


@dataclass
class Question:
    """A query, of whom it is asked, and within which bounds."""

    query: str
    slugs: Sequence[str] | None = None
    template: str | None = None
    tier: str | None = None
    reason: str | None = None
    timeout: float = 30.0
    max_rows: int = 1000
    max_bytes: int = 10_000_000
    workers: int = 4
    prepare: bool = True
    run: int = 0
    tenants: tuple[str, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.workers < 1 or not self.timeout > 0:
            raise InvalidArgument("workers is at least 1, and timeout more than nothing")

    def begin(self) -> dict[str, Any]:
        """The parameters of ``BEGIN``."""
        slugs = None if self.slugs is None else list(self.slugs)
        return {
            "query": self.query,
            "slugs": slugs,
            "template": self.template,
            "tier": self.tier,
            "reason": self.reason,
        }

    def begun(self, row: tuple[Any, ...] | None) -> None:
        """Keeps what ``BEGIN`` returned."""
        assert row is not None
        self.run, self.tenants = row[0], tuple(row[1])

    def limits(self) -> tuple[str]:
        """The parameters of ``LIMITS``."""
        return (f"{max(round(self.timeout * 1000), 1)}ms",)

    def at(self, slug: str) -> dict[str, Any]:
        """The parameters of ``COLUMNS`` and of ``statement()``."""
        return {
            "run": self.run,
            "slug": slug,
            "timeout": f"{max(self.timeout, 0.001):.3f} seconds",
            "max_rows": self.max_rows,
            "max_bytes": self.max_bytes,
            "names": [name for name, _ in self.columns],
        }

    def statement(self) -> sql.Composed:
        """What is sent for a tenant: the server reads the values as the columns' types, if those are known."""
        if not self.columns:
            return _PLAIN + _CALL
        columns = sql.SQL(", ").join(
            # Doubled, as in every text that has parameters.
            sql.SQL("{} {}").format(sql.Identifier(name.replace("%", "%%")), sql.Identifier("pg_catalog", kind))
            for name, kind in self.columns
        )
        return _TYPED.format(call=_CALL, columns=columns)

    def answer(self, slug: str, rows: Sequence[tuple[Any, ...]]) -> Answer:
        """What the rows of ``statement()`` say."""
        found: list[dict[str, Any]] = []
        error = None
        for code, message, same, *values in rows:
            if code is not None:
                error = TenantError(code, message)
            elif not same:
                error = TenantError("42804", "the tenant's columns are others than those of the first tenant")
            elif self.columns:
                found.append({name: value for (name, _), value in zip(self.columns, values, strict=True)})
            else:
                found.append(values[0])
        return Answer(slug, found, error)


def failure(slug: str, error: psycopg.Error, *, ended: bool) -> Answer:
    """The answer of a tenant whose statement failed.

    Args:
        slug: The tenant.
        error: What psycopg raised.
        ended: The session was ended because it did not obey.
    """
    message = error.diag.message_primary or str(error).strip() or type(error).__name__
    if ended:
        return Answer(slug, error=TenantError("57P01", "it did not stop when its time was over: its session was ended"))
    return Answer(slug, error=TenantError(error.sqlstate or "08006", message[:500]))
