"""Two tenants, and how to reach them at one isolation level."""

from __future__ import annotations

import secrets
from typing import Any

from psycopg.conninfo import make_conninfo

from freehold.context.credentials import derive_verifier
from freehold.context.pool import Limits

from .database import Database

SLUGS = ("acme", "beta")


def provision(database: Database, template: str) -> Database:
    """Makes both tenants from a template of these statements."""
    control = database.control()
    control.template_create("default")
    control.template_apply("default", template)
    control.template_freeze("default")
    for slug in SLUGS:
        control.tenant_provision(slug)
    return database


class World:
    """The tenants of a database, and the login by which an application reaches them.

    Attributes:
        conninfo: Of that login.
        secret: At level ``login``, what the tenants' passwords are derived from.

    Args:
        database: Whose tenants they are.
        level: ``role`` or ``login``.
    """

    def __init__(self, database: Database, level: str) -> None:
        self.database, self.level, self.control = database, level, database.control()
        self.admin = database.connect(database.admin_dsn)
        self.secret = secrets.token_bytes(32) if level == "login" else None
        login = database.login_dsn("app" if level == "role" else "asker")
        self.conninfo = make_conninfo(login, application_name="under test")
        if level == "role":
            self.control.gate_grant("app", 1)
            return
        self.admin.execute("grant freehold_resolver to asker")
        for slug in SLUGS:
            self.open_login(slug)

    def open_login(self, slug: str) -> None:
        """Gives a tenant's own role its derived password."""
        assert self.secret is not None
        row = self.control.tenant_get(slug)
        verifier = derive_verifier(self.admin.pgconn, self.secret, str(row["id"]), row["rw_role"])
        self.control.login_enable(slug, verifier=verifier)

    def options(self, **limits: Any) -> dict[str, Any]:
        """What ``Tenants`` is to be called with, beside where to connect."""
        return {"level": self.level, "secret": self.secret, "limits": Limits(**({"wait": 5.0} | limits))}

    def close(self, *tables: str) -> None:
        """Empties tables of both tenants, and closes its own connections."""
        for slug in SLUGS:
            for table in tables:
                self.admin.execute(f"truncate tenant_{slug}.{table} cascade".encode())
        self.admin.close()
        self.control.connection.close()
