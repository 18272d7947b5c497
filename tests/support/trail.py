"""Logs of rows as they are written, and ways to tamper with them."""

from __future__ import annotations

from typing import Any

import psycopg

from .database import Database

# What the trigger says, where a test writes a log's rows itself.
DEFAULTS = {
    "at": "clock_timestamp()", "table_name": "'account'", "action": "'update'", "key": "'{\"id\": 1}'",
    "old": "'{\"name\": \"before\"}'", "new": "'{\"name\": \"after\"}'", "actor": "'alice'", "login": "session_user",
}  # fmt: skip


def furnish_trail(database: Database) -> None:
    """Makes the tenants and their logs, but no seal: a clone's would be known as another database's."""
    control = database.control()
    control.template_create("default")
    control.template_apply("default", "create table account (id int primary key)")
    control.template_freeze("default")
    admin = database.connect(database.admin_dsn)
    for slug in ("acme", "beta"):
        make_log(admin, control.tenant_provision(slug)["id"])


def make_log(admin: psycopg.Connection[Any], chain: object) -> None:
    """A log for a tenant of that id."""
    admin.execute("select freehold._audit_make(%s)", (chain,))
    for column, default in DEFAULTS.items():
        admin.execute(f"alter table {log_of(chain)} alter {column} set default {default}".encode())


def log_of(chain: object) -> str:
    """What the log of a tenant of that id is called."""
    return f"freehold_audit.log_{str(chain).replace('-', '')}"


class Trail:
    """Tenants ``acme`` and ``beta`` of template ``default``, each with a log.

    Args:
        database: Where they are, or are made.
    """

    def __init__(self, database: Database) -> None:
        self.database, self.control = database, database.control()
        self.admin = database.connect(database.admin_dsn)
        if not self.control.tenant_list():
            furnish_trail(database)
        self.logs = {row["slug"]: log_of(row["id"]) for row in self.control.tenant_list()}
        self.seal()

    def make(self, slug: str) -> str:
        """A log for a tenant; returns its name."""
        make_log(self.admin, self.chain(slug))
        self.logs[slug] = log_of(self.chain(slug))
        return self.logs[slug]

    def write(self, slug: str = "acme", rows: int = 1, connection: psycopg.Connection[Any] | None = None) -> None:
        """Writes so many rows in one transaction, which has its number before they have theirs, as those of a trigger."""
        (connection or self.admin).execute(
            f"select pg_current_xact_id(); insert into {self.logs[slug]} (new) select jsonb_build_object('n', i) from generate_series(1, {rows}) as i".encode()
        )

    def seal(self, home: str | None = None) -> None:
        """Seals all there is."""
        self.control.audit_seal(home)

    def seals(self, home: str = "acme") -> list[dict[str, Any]]:
        """The seals of a chain, without leaves."""
        return self.fetch(
            "select (to_jsonb(s) - 'leaves')::jsonb as seal from freehold.seal as s where s.chain = %s order by number",
            self.chain(home),
        )

    def chain(self, home: str = "acme") -> str:
        """The id of a chain."""
        return "00000000-0000-0000-0000-000000000000" if home == "@" else str(self.control.tenant_get(home)["id"])

    def fetch(self, statement: str, *parameters: Any) -> list[Any]:
        """First columns of a query, as the superuser."""
        return [row[0] for row in self.admin.execute(statement.encode(), parameters).fetchall()]

    def findings(self, home: str | None = None, anchor: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Home, seal, number and finding of all that is wrong."""
        rows = self.control.audit_verify(home, anchor)
        return [(row["home_name"], row["seal"], row["sequence"], row["finding"]) for row in rows]
