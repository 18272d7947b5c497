"""Servers with fleets of tenants on them.

Each fleet has an embedded server and a data directory of its own, so that small and large
fleets run at the same time and are measured in turn.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.about import settings
from bench.schema import Schema
from freehold.binaries import ServerError
from freehold.bundle import install_bundle, run
from freehold.embedded import Server
from freehold.errors import FreeholdError

Connection = psycopg.Connection[Any]
FLEET_SCHEMA = "plain20"
STOPS = 10
"""How often a server is told to stop; each time it has a minute."""
SESSION = 100
"""Tenants that one session makes."""
SETTINGS = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers", "max_wal_size",
    "maintenance_work_mem", "max_connections", "max_locks_per_transaction", "autovacuum", "recovery_init_sync_method",
)  # fmt: skip


class Place:
    """A server, freehold on it, and a fleet.

    Args:
        home: The directory of the server.
        tenants: How many tenants the fleet has.
        cell_capacity: How many of them a cell takes; freehold's own where none is given.
        template: What they are tenants of.
        naming: What their schemas are named after: ``slug`` or ``opaque``.
    """

    def __init__(
        self, home: Path, tenants: int, cell_capacity: int | None = None, template: str = FLEET_SCHEMA,
        naming: str = "slug",
    ) -> None:  # fmt: skip
        self.home, self.tenants, self.cell_capacity, self.template = home, tenants, cell_capacity, template
        self.naming = naming
        self.server = Server(home)
        self._opened: list[Connection] = []

    @contextlib.contextmanager
    def running(self, *, keep: bool) -> Iterator[Place]:
        """The server, started and installed; stopped at the end, and removed unless kept."""
        try:
            self.server.start()
            with self.connect() as operator:
                operator.execute("select set_config('freehold.naming', %s, false)", (self.naming,))
                run(operator, install_bundle())
                if self.cell_capacity is not None:
                    operator.execute("select freehold.setting_set('cell_capacity', %s)", (str(self.cell_capacity),))
            yield self
        finally:
            for connection in self._opened:
                connection.close()
            self._stop()
            if not keep:
                self._remove()

    def connect(self, *, superuser: bool = False, timeout: float | None = None) -> Connection:
        """An autocommit connection of the operator or the superuser, closed with the place."""
        connection = psycopg.connect(self.server.dsn(superuser=superuser), autocommit=True)
        self._opened.append(connection)
        if timeout is not None:
            connection.execute("select set_config('statement_timeout', %s, false)", (str(int(timeout * 1000)),))
        return connection

    def settings(self) -> dict[str, str]:
        """The settings that bear on the figures."""
        with self.connect(superuser=True) as admin:
            rows = admin.execute("select name, setting, unit from pg_settings where name = any (%s)", ([*SETTINGS],))
            (naming,) = admin.execute("select freehold.setting_get('naming')").fetchone() or ("",)
            return settings(rows) | {"freehold.naming": naming}

    def load(self, schema: Schema) -> None:
        """Makes a template of a schema, frozen, where there is none yet."""
        with self.connect() as operator:
            if operator.execute(
                "select 1 from freehold.template_list() where name = %s and version is not null", (schema.template,)
            ).fetchone():
                return
            with operator.transaction():
                operator.execute("select freehold.template_create(%s)", (schema.template,))
                for script in schema.scripts:
                    operator.execute("select freehold.template_apply(%s, %s)", (schema.template, script))
                operator.execute("select freehold.template_freeze(%s)", (schema.template,))

    def template_shape(self, schema: Schema) -> dict[str, int]:
        """What the template of a schema holds, and how many statements make it."""
        with self.connect(superuser=True) as admin:
            row = admin.execute(
                "select m.schema_name, v.statements from freehold.template as m "
                "join freehold.template_version as v on v.template = m.name and v.version = m.version "
                "where m.name = %s",
                (schema.template,),
            ).fetchone()
            assert row is not None
            return {**self.shape(row[0]), "statements": row[1]}

    def shape(self, name: str) -> dict[str, int]:
        """How many objects of each sort a schema holds."""
        with self.connect(superuser=True) as admin:
            cursor = admin.execute(
                """
                select
                    count(*) filter (where c.relkind in ('r', 'p')) as tables,
                    count(*) filter (where c.relkind in ('i', 'I')) as indexes,
                    count(*) filter (where c.relkind in ('v', 'm')) as views,
                    count(*) filter (where c.relkind = 'S') as sequences,
                    (select count(*) from pg_proc as p where p.pronamespace = n.oid) as functions,
                    (select count(*) from pg_constraint as k
                     where k.connamespace = n.oid and k.contype = 'f') as foreign_keys,
                    (select count(*) from pg_constraint as k
                     where k.connamespace = n.oid and k.contype = 'c') as checks,
                    (select count(*) from pg_trigger as g join pg_class as t on t.oid = g.tgrelid
                     where t.relnamespace = n.oid and not g.tgisinternal) as triggers
                from pg_namespace as n
                left join pg_class as c on c.relnamespace = n.oid
                where n.nspname = %s
                group by n.oid
                """,
                (name,),
            )
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return {column.name: value for column, value in zip(cursor.description, row, strict=True)}

    def source(self, schema: Schema) -> tuple[str, str]:
        """The tenant that clones are made of, with rows in it; its slug and its schema."""
        slug = f"bench-source-{schema.name}"
        with self.connect(superuser=True) as admin:
            found = admin.execute("select schema_name from freehold.tenant_list() where slug = %s", (slug,)).fetchone()
            if found is None:
                with admin.transaction():
                    found = admin.execute(
                        "select schema_name from freehold.tenant_provision(%s, %s)", (slug, schema.template)
                    ).fetchone()
                    assert found is not None
                    admin.execute("select set_config('search_path', %s, true)", (f"{found[0]}, pg_catalog, pg_temp",))
                    admin.execute(schema.rows.encode())
            return slug, found[0]

    def fill(self, workers: int, progress: Callable[[int, int], None]) -> None:
        """Brings the fleet to its size; one that was stopped half-way goes on.

        A tenant that another connection made is passed over. fsync is off for the length of it,
        and on afterwards.

        Args:
            workers: How many connections provision.
            progress: Is told how many there are, of how many.
        """
        with self.connect(superuser=True) as admin:
            there = {
                slug
                for (slug,) in admin.execute(
                    "select slug from freehold.tenant where slug like 'fleet-%' and state = 'active'"
                )
            }
            wanted = [f"fleet-{number:06d}" for number in range(1, self.tenants + 1)]
            missing: queue.SimpleQueue[str] = queue.SimpleQueue()
            todo = [slug for slug in wanted if slug not in there]
            if not todo:
                return
            for slug in todo:
                missing.put(slug)
            self._fsync(admin, on=False)
            try:
                self._provision(missing, workers, lambda left: progress(self.tenants - left, self.tenants))
            finally:
                self._fsync(admin, on=True)
            os.sync()
            self.vacuum(admin, "pg_catalog")
            admin.execute("checkpoint")

    @staticmethod
    def vacuum(admin: Connection, schema: str) -> None:
        """Vacuums and analyzes the tables of one schema; those of a large fleet would take hours."""
        tables = admin.execute(
            "select relname from pg_class where relnamespace = %s::regnamespace and relkind = 'r' and not relisshared",
            (schema,),
        ).fetchall()
        for (table,) in tables:
            admin.execute(sql.SQL("vacuum (analyze) {}").format(sql.Identifier(schema, table)))

    def _provision(self, missing: queue.SimpleQueue[str], workers: int, left: Callable[[int], None]) -> None:
        stop = threading.Event()
        failures: list[BaseException] = []

        def work() -> None:
            with contextlib.suppress(queue.Empty):
                while not stop.is_set():
                    # A session keeps what it planned for each schema it made, and slows down.
                    with psycopg.connect(self.server.dsn(), autocommit=True) as connection:
                        for _ in range(SESSION):
                            if stop.is_set():
                                break
                            provision(connection, missing.get_nowait())

        def provision(connection: Connection, slug: str) -> None:
            try:
                connection.execute("select from freehold.tenant_provision(%s, %s)", (slug, self.template))
            except FreeholdError as error:
                if error.sqlstate not in ("FH201", "FH401"):
                    raise
            left(missing.qsize())

        def guarded() -> None:
            try:
                work()
            except BaseException as error:
                failures.append(error)
                stop.set()

        threads = [threading.Thread(target=guarded) for _ in range(workers)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        if failures:
            raise failures[0]

    def _fsync(self, admin: Connection, *, on: bool) -> None:
        admin.execute("alter system reset fsync" if on else "alter system set fsync = off")
        admin.execute("select pg_reload_conf()")

    def _stop(self) -> None:
        """Stops the server, however many files its last checkpoint has to sync."""
        for _ in range(STOPS):
            try:
                self.server.stop()
            except ServerError:
                continue
            return
        self.server.stop()

    def _remove(self) -> None:
        with contextlib.suppress(ServerError):
            shutil.rmtree(self.server.log.parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)
