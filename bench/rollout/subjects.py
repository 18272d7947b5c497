"""Who takes a column and an index over many schemas: a bare loop, freehold, yoyo as it comes, django-tenants."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench.place import FLEET_SCHEMA, Place
from bench.schema import find
from bench.subjects.base import Clock, Limits
from bench.subjects.django_tenants import DjangoTenants
from freehold import Control
from freehold.migrate.files import Directory
from freehold.migrate.plan import entries
from freehold.migrate.render import Renderer
from freehold.migrate.worker import Worker

WITHOUT_DISK = "-c synchronous_commit=off"
"""Options of a session that does not wait for the disk."""


@dataclass(frozen=True)
class Change:
    """A column and its index.

    Attributes:
        number: No other change of the run has it.
        table: Which table of each schema gets them.
    """

    number: int
    table: str

    @property
    def name(self) -> str:
        """The column's."""
        return f"c{self.number}"

    @property
    def index(self) -> str:
        """The index's; Django takes at most 30 characters."""
        return f"{self.table[:17]}_{self.name}"

    def apply(self) -> str:
        """What makes them."""
        return (
            f"alter table {self.table} add column {self.name} integer;\n"
            f"create index {self.index} on {self.table} ({self.name});\n"
        )

    def undo(self) -> str:
        """What removes them."""
        return f"alter table {self.table} drop column {self.name};\n"


@dataclass
class Took:
    """How long a change took.

    Attributes:
        tenants: How many schemas got it.
        seconds: For all of them.
        template: Seconds before the first of them: the template's own migration, and its freeze.
        plan: Seconds to plan it.
    """

    tenants: int
    seconds: float
    template: float | None = None
    plan: float | None = None


class Subject:
    """One way to change every schema of a fleet.

    Args:
        place: Where.
        sample: How many schemas those have that have schemas of their own, being too slow for the whole fleet.
    """

    name: ClassVar[str]
    undoes: ClassVar[bool] = False
    checks: ClassVar[bool] = False
    """Whether it is asked how long it takes to see that there is nothing to do."""
    meets: ClassVar[bool] = True
    """Whether it is the first of its kind that meets the schemas, where that costs more."""

    def __init__(self, place: Place, sample: int) -> None:
        self.place, self.sample = place, sample

    def prepare(self) -> None:
        """Makes what is needed once."""

    def apply(self, change: Change) -> Took:
        """Takes a change over the schemas."""
        raise NotImplementedError

    def undo(self, change: Change) -> Took:
        """Takes it back."""
        raise NotImplementedError

    def check(self) -> Took:
        """Finds that there is nothing to do."""
        raise NotImplementedError

    def close(self) -> None:
        """Removes what it made outside the server."""


class Bare(Subject):
    """One connection of a superuser, one message a schema: begin, the path, the change, commit."""

    name = "bare loop"
    undoes = True
    options: ClassVar[str] = ""

    def prepare(self) -> None:
        with self.place.connect(superuser=True) as admin:
            rows = admin.execute(
                "select schema_name from freehold.tenant where template = %s and state = 'active' order by slug",
                (FLEET_SCHEMA,),
            ).fetchall()
        self._schemas = [row[0] for row in rows]

    def apply(self, change: Change) -> Took:
        return self._run(change.apply())

    def undo(self, change: Change) -> Took:
        return self._run(change.undo())

    def _run(self, script: str) -> Took:
        dsn = make_conninfo(self.place.server.dsn(superuser=True), options=self.options)
        with Clock() as clock, psycopg.connect(dsn, autocommit=True) as connection:
            for schema in self._schemas:
                connection.execute(
                    f"begin; set local search_path = {schema}, pg_catalog, pg_temp; {script} commit".encode()
                )
        return Took(len(self._schemas), clock.seconds)


class BareWithoutDisk(Bare):
    """The same with ``synchronous_commit = off``."""

    name = "bare loop async"
    undoes = False
    meets = False
    options = WITHOUT_DISK


class Freehold(Subject):
    """A rollout of one migration file, by workers in one process as ``freehold rollout work`` has them."""

    name = "freehold"
    undoes = True
    workers: ClassVar[int] = 1
    options: ClassVar[str] = ""

    def prepare(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="freehold-bench-")
        self._done: dict[int, int] = {}

    def apply(self, change: Change) -> Took:
        write(Path(self._directory.name), change)
        directory = Directory(Path(self._directory.name))
        file = directory[identity(change)]
        with self.place.connect() as connection:
            control = Control(connection)
            with Clock() as plan:
                row = control.rollout_create(FLEET_SCHEMA, entries([file]))
                control.rollout_start(row["id"], row["plan_digest"])
        self._done[change.number] = row["id"]
        return self._work(row["id"], directory, plan.seconds)

    def undo(self, change: Change) -> Took:
        with self.place.connect() as connection:
            control = Control(connection)
            with Clock() as plan:
                row = control.rollout_rollback(self._done[change.number])
                control.rollout_start(row["id"], row["plan_digest"])
        return self._work(row["id"], Directory(Path(self._directory.name)), plan.seconds)

    def close(self) -> None:
        self._directory.cleanup()

    def _work(self, rollout: int, directory: Directory, plan: float) -> Took:
        dsn = make_conninfo(self.place.server.dsn(), options=self.options)
        crew = [
            Worker(lambda: psycopg.connect(dsn, autocommit=True), rollout, Renderer(directory))
            for _ in range(self.workers)
        ]
        began = time.time()
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
        total = time.time() - began
        if errors:
            raise errors[0]
        with self.place.connect(superuser=True) as admin:
            row = admin.execute(
                "select extract(epoch from min(t.started_at) filter (where t.wave > 0))::float8,"
                " count(*) filter (where t.wave > 0 and t.state = 'done'), count(*) filter (where t.state <> 'done')"
                " from freehold.rollout_tenant as t where t.rollout_id = %s",
                (rollout,),
            ).fetchone()
        assert row is not None
        first, done, others = row
        assert others == 0, f"{others} of rollout {rollout} were not done"
        return Took(done, total - (first - began), first - began, plan)


class FreeholdPair(Freehold):
    """The same with two workers, as the command line has by default."""

    name = "freehold 2 workers"
    undoes = False
    meets = False
    workers = 2


class FreeholdWithoutDisk(Freehold):
    """The same with ``synchronous_commit = off``."""

    name = "freehold async"
    undoes = False
    meets = False
    options = WITHOUT_DISK


class Yoyo(Subject):
    """yoyo as it comes, on psycopg 3, with ``?schema=``, schema by schema."""

    name = "yoyo"
    checks = True

    def prepare(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="freehold-bench-")
        self._schemas = [f"yoyo_{number:04d}" for number in range(1, self.sample + 1)]
        with self.place.connect(superuser=True) as admin:
            for schema in self._schemas:
                with admin.transaction():
                    admin.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
                    admin.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(schema)))
                    if admin.execute(
                        "select 1 from pg_class where relnamespace = %s::regnamespace", (schema,)
                    ).fetchone():
                        continue
                    for script in find(FLEET_SCHEMA).scripts:
                        admin.execute(script.encode())

    def apply(self, change: Change) -> Took:
        write(Path(self._directory.name), change)
        return self._run(apply=True)

    def check(self) -> Took:
        return self._run(apply=False)

    def close(self) -> None:
        self._directory.cleanup()

    def _run(self, *, apply: bool) -> Took:
        from yoyo import get_backend, read_migrations

        dsn: dict[str, Any] = conninfo_to_dict(self.place.server.dsn(superuser=True))
        uri = (
            f"postgresql+psycopg://{dsn['user']}:{dsn['password']}@{dsn['host']}:{dsn['port']}/{dsn['dbname']}?schema="
        )
        migrations = read_migrations(self._directory.name)
        with Clock() as clock:
            for schema in self._schemas:
                backend = get_backend(uri + schema)
                try:
                    with backend.lock():
                        left = backend.to_apply(migrations)
                        assert bool(left) == apply
                        backend.apply_migrations(left)
                finally:
                    backend.connection.close()
        return Took(len(self._schemas), clock.seconds)


class Django(Subject):
    """``migrate_schemas`` with one new migration, its standard executor, in a process that is warm."""

    name = "django-tenants"
    checks = True

    def prepare(self) -> None:
        self._clear()
        self._django = DjangoTenants(self.place, find(FLEET_SCHEMA), Limits(call=3600))
        self._django.prepare()
        for number in range(1, self.sample):
            self._django.make("provision", f"django_{number:04d}")
        # The schema that clones are made of is one more tenant.
        self._before = self._django.last

    def apply(self, change: Change) -> Took:
        name = f"{int(self._before[:4]) + 1:04d}_{change.name}"
        index = f'models.Index(fields=["{change.name}"], name="{change.index}")'
        self._django.write(
            name,
            "from django.db import migrations, models\n\n\n"
            "class Migration(migrations.Migration):\n"
            f'    dependencies = [("bench_tenant", "{self._before}")]\n'
            "    operations = [\n"
            f'        migrations.AddField("{change.table}", "{change.name}", models.IntegerField(null=True)),\n'
            f'        migrations.AddIndex("{change.table}", {index}),\n'
            "    ]\n",
        )
        self._before = name
        return self.check()

    def check(self) -> Took:
        return Took(self.sample, self._django.migrate())

    def close(self) -> None:
        self._django.close()

    def _clear(self) -> None:
        """What an earlier run left in a fleet that was kept has migrations that are no longer there."""
        with self.place.connect(superuser=True) as admin:
            for (schema,) in admin.execute(
                "select nspname from pg_namespace where nspname ~ '^(django_[0-9]+|dj_base_.*)$'"
            ).fetchall():
                admin.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
            if admin.execute("select 1 where to_regclass('public.customers_client') is not null").fetchone():
                admin.execute("delete from public.customers_domain; delete from public.customers_client")


def identity(change: Change) -> str:
    """The migration's id."""
    return f"{change.number:04d}.{change.name}"


def write(directory: Path, change: Change) -> None:
    """Writes the migration's file, and its rollback file."""
    (directory / f"{identity(change)}.sql").write_text(change.apply(), encoding="utf-8")
    (directory / f"{identity(change)}.rollback.sql").write_text(change.undo(), encoding="utf-8")


SUBJECTS: dict[str, type[Subject]] = {
    kind.name: kind for kind in (Bare, Freehold, FreeholdPair, BareWithoutDisk, FreeholdWithoutDisk, Yoyo, Django)
}
"""By name, in the order in which they take turns."""


def tables() -> Sequence[str]:
    """The tables that are changed, one a round."""
    return [table.name for table in find(FLEET_SCHEMA).tables]
