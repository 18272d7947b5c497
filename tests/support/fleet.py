"""A fleet of small tenants, migration files for it, and what must hold whatever happens to a rollout."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from freehold.control import Row
from freehold.migrate.files import Directory
from freehold.migrate.plan import entries, pending
from freehold.migrate.render import Renderer
from freehold.migrate.worker import Worker

from .database import Database

TEMPLATE = "create table note (id int primary key, body text); insert into note values (1, 'one');"
# A migration adds column cN and index note_cN together: one without the other, or without the ledger, is half a migration.
HALVES = """
    with home as (
        select t.slug, t.id, t.schema_name, t.template, t.base_version from freehold.tenant as t
        where t.state in ('active', 'suspended', 'retired')
        union all
        select '@' || m.name, m.id, m.schema_name, null, null from freehold.template as m
    ), fact as (
        select h.slug, m.id as migration,
               exists (select from pg_attribute as a where a.attrelid = to_regclass(format('%%I.note', h.schema_name))
                       and a.attname = 'c' || left(m.id, 4)::int and not a.attisdropped) as has_column,
               to_regclass(format('%%I.note_c%%s', h.schema_name, left(m.id, 4)::int)) is not null as has_index,
               exists (select from freehold._ledger(h.id, h.template, h.base_version) as l
                       where l.migration_id = m.id and l.state = 'applied') as recorded
        from home as h
        cross join unnest(%s::text[]) as m (id)
    )
    select * from fact as f where f.has_column <> f.has_index or f.has_column <> f.recorded
"""


class Fleet:
    """Tenants ``t01``, ``t02``, ... of one template, and a directory of migrations.

    Args:
        database: Where they are.
        path: Of the directory; made where it is not there.
        tenants: How many.
    """

    def __init__(self, database: Database, path: Path, tenants: int = 12) -> None:
        self.database, self.path, self.control = database, path, database.control()
        path.mkdir(exist_ok=True)
        self.admin = database.connect(database.admin_dsn)
        self.control.template_create("default")
        self.control.template_apply("default", TEMPLATE)
        self.control.template_freeze("default")
        for number in range(1, tenants + 1):
            self.control.tenant_provision(f"t{number:02}")
        self.worker_dsn = database.login_dsn("roller")
        self.admin.execute("grant freehold_worker to roller")
        self.migrations: list[str] = []

    def write(self, name: str, text: str, rollback: str | None = None, *, suffix: str = ".sql") -> str:
        """Writes a migration; returns its id."""
        (self.path / f"{name}{suffix}").write_text(text, encoding="utf-8")
        if rollback is not None:
            (self.path / f"{name}.rollback.sql").write_text(rollback, encoding="utf-8")
        return name

    def add_column(self, number: int = 1, extra: str = "") -> str:
        """Writes a migration that adds a column and its index, whose halves ``whole`` looks for."""
        name = self.write(
            f"{number:04}.c{number}",
            "-- freehold-ignore: require-concurrent-index-creation\n"
            f"alter table note add column c{number} int;\n{extra}\ncreate index note_c{number} on note (c{number});\n",
            f"alter table note drop column c{number};\n",
        )
        self.migrations.append(name)
        return name

    def renderer(self) -> Renderer:
        """Of the directory as it is now."""
        return Renderer(Directory(self.path))

    def start(self, **options: Any) -> int:
        """Plans and starts a rollout of what is pending; returns its id."""
        files = pending(self.control, "default", Directory(self.path))
        row = self.control.rollout_create("default", entries(files), **options)
        self.control.rollout_start(row["id"], row["plan_digest"])
        return int(row["id"])

    def worker(self, rollout: int, **options: Any) -> Worker:
        """A worker of the login that may do nothing else."""
        return Worker(self.connect_worker, rollout, self.renderer(), **options)

    def connect_worker(self) -> psycopg.Connection[Any]:
        """A connection of that login."""
        return psycopg.connect(self.worker_dsn, autocommit=True)

    def work(self, rollout: int, count: int = 1, **options: Any) -> Row:
        """Has so many workers work until they stop; returns the rollout's row."""
        crew = [self.worker(rollout, **options) for _ in range(count)]
        errors: list[BaseException] = []

        def run(worker: Worker) -> None:
            try:
                worker.run()
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=run, args=(worker,)) for worker in crew]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]
        return self.control.rollout_get(rollout)

    def process(self, rollout: int, *arguments: str) -> subprocess.Popen[str]:
        """The command line's worker, as a process that can be killed."""
        return subprocess.Popen(
            [sys.executable, "-m", "freehold", "--dsn", self.worker_dsn, "rollout", "work", str(rollout),
             "--directory", str(self.path), *arguments],
            env={**os.environ, "PGCONNECT_TIMEOUT": "10"}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def states(self, rollout: int) -> dict[str, str]:
        """State by slug."""
        return {row["slug"]: row["state"] for row in self.control.rollout_tenants(rollout)}

    def applied(self, home: str) -> list[str]:
        """The migrations of a home, by the ledger."""
        return [row["migration_id"] for row in self.control.migration_list(home) if row["state"] == "applied"]

    def whole(self) -> None:
        """No home is half migrated, none has something that is not recorded, nobody is left a member of an owner."""
        assert self.admin.execute(HALVES, (self.migrations,)).fetchall() == []
        members = self.admin.execute(
            "select m.roleid::regrole::text, m.member::regrole::text from pg_auth_members as m"
            " join pg_roles as r on r.oid = m.roleid where r.rolname ~ '^(tenant|freehold_template)_.*_owner$'"
            " and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)"
        ).fetchall()
        assert members == []

    def complete(self, rollout: int, migrations: Sequence[str] | None = None) -> None:
        """The rollout is done, and every tenant and the template have it all."""
        self.whole()
        assert self.control.rollout_get(rollout)["state"] == "done"
        wanted = set(migrations or self.migrations)
        for row in self.control.tenant_list():
            if row["state"] in ("active", "suspended", "retired"):
                assert wanted <= set(self.applied(row["slug"])), row["slug"]
        assert wanted <= set(self.applied("@default"))


def until(condition: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
    """Waits for a condition, as long as what brings it about is alive."""
    while not condition():
        assert alive(), "it ended before"
        time.sleep(0.01)
