"""Who runs transactions: freehold at both levels, and what one would do without it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from bench.context.scene import CONNECTIONS, ROWS, Scene
from freehold import Limits, Tenants

LOOKUP = "select name, v from item where id = %s"
INSERT = "insert into event (item_id, note) values (%s, %s)"
Execute = Callable[..., Any]


def work(execute: Execute, number: int, statements: int) -> None:
    """What every subject does in a transaction: one look-up, or as many statements of which the last inserts."""
    key = number % ROWS + 1
    row = execute(LOOKUP, (key,)).fetchone()
    for step in range(2, statements):
        execute(LOOKUP, ((key + step) % ROWS + 1,)).fetchone()
    if statements > 1:
        execute(INSERT, (key, "done"))
    if row != (f"item {key}", 0):
        raise AssertionError(f"read {row} for item {key}")


class Subject:
    """One way to run a transaction for a tenant.

    Args:
        scene: Where.
        clients: How many threads there are at most.
    """

    name: ClassVar[str]
    meets: ClassVar[bool] = True
    """Whether its sessions see more with more tenants."""
    bound: ClassVar[bool] = False
    """Whether each thread has a session of its own."""

    def __init__(self, scene: Scene, clients: int) -> None:
        self.scene, self.clients = scene, clients

    def transact(self, tenant: int, number: int, statements: int) -> None:
        """One transaction of the tenant of this number."""
        raise NotImplementedError

    def pick(self, number: int, tenants: int) -> int:
        """Which of so many tenants is next: in an order that is the same for all."""
        return number * 7919 % tenants

    def leave(self) -> None:
        """Closes what the calling thread holds."""

    def close(self) -> None:
        """Closes the rest."""


class Held(Subject):
    """A connection that each client holds, and no pool: the floor."""

    name = "psycopg, no pool"
    meets, bound = False, True

    def __init__(self, scene: Scene, clients: int) -> None:
        super().__init__(scene, clients)
        self._mine = threading.local()
        self._dsn = scene.dsn("bench_plain")

    def transact(self, tenant: int, number: int, statements: int) -> None:
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = psycopg.connect(self._dsn, autocommit=True)
        with connection.transaction():
            work(connection.execute, number, statements)

    def leave(self) -> None:
        if hasattr(self._mine, "connection"):
            self._mine.connection.close()
            del self._mine.connection


class Pooled(Subject):
    """What a good application without tenants does."""

    name = "plain"
    meets = False
    user: ClassVar[str] = "bench_plain"

    def __init__(self, scene: Scene, clients: int) -> None:
        super().__init__(scene, clients)
        self._pool = ConnectionPool(scene.dsn(self.user), min_size=clients, max_size=clients, open=True)
        self._pool.wait()

    def transact(self, tenant: int, number: int, statements: int) -> None:
        with self._pool.connection() as connection:
            self.enter(connection, tenant)
            work(connection.execute, number, statements)

    def enter(self, connection: psycopg.Connection[Any], tenant: int) -> None:
        """Says whose transaction it is."""

    def close(self) -> None:
        self._pool.close()


class Shared(Pooled):
    """Shared tables with row-level security."""

    name = "RLS"
    user = "bench_rls"

    def enter(self, connection: psycopg.Connection[Any], tenant: int) -> None:
        connection.execute("select set_config('app.tenant', %s, true)", (str(tenant),))


class Apart(Pooled):
    """What freehold sets, in statements of their own."""

    name = "SET LOCAL apart"
    meets = True
    user = "bench_apart"

    def __init__(self, scene: Scene, clients: int) -> None:
        super().__init__(scene, clients)
        self._said = [
            (
                sql.SQL("set local role {}").format(sql.Identifier(scene.roles[slug])).as_string(),
                f"set local search_path = tenant_{slug}, pg_catalog, pg_temp",
            )
            for slug in scene.slugs
        ]

    def enter(self, connection: psycopg.Connection[Any], tenant: int) -> None:
        role, path = self._said[tenant]
        connection.execute(role)
        connection.execute(path)
        connection.execute("set local freehold.actor = 'alice'")


class Freehold(Subject):
    """``Tenants`` at level role: a login for each cell, and as many connections as clients."""

    name = "freehold, role"

    def __init__(self, scene: Scene, clients: int) -> None:
        super().__init__(scene, clients)
        self._tenants = self.open()

    def open(self) -> Tenants:
        """The pool."""
        seen = max(len(self.scene.slugs) * 2, 200)
        limits = Limits(size=self.clients * len(self.scene.gates), schemas=seen)
        return Tenants(self.scene.gates[1], gates=self.scene.gates, limits=limits, ttl=3600, listen=False)

    def transact(self, tenant: int, number: int, statements: int) -> None:
        with self._tenants.transaction(self.scene.slugs[tenant], actor="alice") as connection:
            work(connection.execute, number, statements)

    def close(self) -> None:
        self._tenants.close()


class FreeholdLogin(Freehold):
    """``Tenants`` at level login, with a connection for each tenant of the hot set, and more where clients meet."""

    name = "freehold, login"
    HOT: ClassVar[int] = 100
    """How many tenants are in play at most: two or three clients may want the same one."""
    SIZE: ClassVar[int] = CONNECTIONS - 100

    def open(self) -> Tenants:
        limits = Limits(size=self.SIZE)
        return Tenants(
            self.scene.dsn("bench_asker"), level="login", secret=self.scene.secret, limits=limits, ttl=3600,
            listen=False,
        )  # fmt: skip

    def pick(self, number: int, tenants: int) -> int:
        return super().pick(number, min(tenants, self.HOT))


class DjangoTenants(Subject):
    """django-tenants' connection wrapper: ``set_tenant``, ``atomic``, a cursor for each statement as the ORM has."""

    name = "django-tenants"
    bound = True

    def __init__(self, scene: Scene, clients: int) -> None:
        super().__init__(scene, clients)
        self._tenants = _django(scene.dsn("bench_django"), [f"dj_{slug}" for slug in scene.slugs])
        from django.db import connection, transaction

        self._connection, self._atomic = connection, transaction.atomic

    def transact(self, tenant: int, number: int, statements: int) -> None:
        self._connection.set_tenant(self._tenants[tenant], include_public=False)
        with self._atomic():
            work(self._execute, number, statements)

    def _execute(self, query: str, parameters: tuple[Any, ...]) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(query, parameters)
        return cursor

    def leave(self) -> None:
        self._connection.close()


def _django(dsn: str, schemas: list[str]) -> list[Any]:
    import django
    from django.conf import settings

    known: dict[str, Any] = conninfo_to_dict(dsn)
    database = {
        "ENGINE": "django_tenants.postgresql_backend", "CONN_MAX_AGE": None, "NAME": known["dbname"],
        "USER": known["user"], "PASSWORD": known["password"], "HOST": known["host"], "PORT": known["port"],
        "OPTIONS": {"sslmode": "disable"},
    }  # fmt: skip
    if settings.configured:
        raise RuntimeError("Django's settings are made once a process")
    settings.configure(
        DATABASES={"default": database}, DATABASE_ROUTERS=("django_tenants.routers.TenantSyncRouter",),
        INSTALLED_APPS=("django_tenants", "django.contrib.contenttypes", "bench.django_project.customers"),
        TENANT_APPS=("django.contrib.contenttypes",),
        SHARED_APPS=("django_tenants", "django.contrib.contenttypes", "bench.django_project.customers"),
        TENANT_MODEL="customers.Client", TENANT_DOMAIN_MODEL="customers.Domain",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True,
    )  # fmt: skip
    django.setup()
    from django_tenants.postgresql_backend.base import FakeTenant

    return [FakeTenant(schema_name=schema) for schema in schemas]


SUBJECTS: tuple[type[Subject], ...] = (Held, Pooled, Freehold, FreeholdLogin, Apart, DjangoTenants, Shared)
