"""django-tenants: ``Client.save()`` with thirty migrations, and its clone of a schema."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from bench.place import Place
from bench.schema import Schema
from bench.subjects.base import Limits, Subject, Unsuited

ROOT = Path(__file__).resolve().parents[2]
MIGRATIONS = 30


class DjangoTenants(Subject):
    """A Django process of its own, which times its own calls."""

    name = "django-tenants"

    def __init__(self, place: Place, schema: Schema, limits: Limits) -> None:
        super().__init__(place, schema, limits)
        self._admin = place.connect(superuser=True)
        self._process: subprocess.Popen[str] | None = None
        self._stack = contextlib.ExitStack()

    def operations(self) -> tuple[str, ...]:
        """A provision runs the migrations."""
        return ("provision", "clone", "clone data")

    def prepare(self) -> None:
        """Starts Django, makes the shared tables and the schema that clones are made of.

        Raises:
            Unsuited: django-tenants is not installed, or cannot make the schema.
        """
        if find_spec("django_tenants") is None:
            raise Unsuited("not installed: pip install 'freehold[bench]'")
        directory = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="freehold-bench-"))
        self._package = Path(directory) / "bench_tenant"
        _write_app(self._package, self.schema.name)
        dsn: dict[str, Any] = conninfo_to_dict(self.place.server.dsn(superuser=True))
        database = {
            "NAME": dsn["dbname"], "USER": dsn["user"], "PASSWORD": dsn["password"],
            "HOST": dsn["host"], "PORT": dsn["port"],
            "OPTIONS": {"sslmode": "disable", "options": f"-c statement_timeout={int(self.limits.call * 1000)}"},
        }  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            "DJANGO_SETTINGS_MODULE": "bench.django_project.settings",
            "BENCH_DJANGO_DATABASE": json.dumps(database),
            "BENCH_BASE_SCHEMA": f"dj_base_{self.schema.name}",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "pyapp"), directory]),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.django_project.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip
        self._ask("prepare", self.schema.rows)

    def make(self, operation: str, target: str) -> float:
        """``save()``, or ``clone_schema()`` in the mode of the operation."""
        if operation == "provision":
            return self._ask("provision", target)
        return self._ask("clone", target, "DATA" if operation == "clone data" else "NODATA")

    last = f"{MIGRATIONS:04d}_step"
    """The last of the migrations that make a tenant."""

    def write(self, name: str, text: str) -> None:
        """Writes one more migration."""
        (self._package / "migrations" / f"{name}.py").write_text(text, encoding="utf-8")

    def migrate(self) -> float:
        """``migrate_schemas`` for all tenants."""
        return self._ask("migrate")

    def remove(self, target: str) -> float:
        """``delete()``: the schema and the row."""
        return self._ask("remove", target)

    def after(self, target: str) -> None:
        """The schema, where a call failed half-way."""
        self._admin.execute(
            sql.SQL("set client_min_messages = warning; drop schema if exists {} cascade").format(
                sql.Identifier(target)
            )
        )

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._stack.close()
        self._admin.close()

    def _ask(self, *command: str) -> float:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        if process.poll() is None:
            process.stdin.write(json.dumps(command) + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise Unsuited("the Django process ended")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            over = "statement timeout" in answer["error"]
            raise Unsuited("over the limit" if over else f"{answer['class']}: {answer['error']}", over=over)
        return float(answer.get("seconds", 0.0))


class DjangoClone(DjangoTenants):
    """A tenant made by cloning a schema without its rows, as ``TENANT_BASE_SCHEMA`` has it."""

    name = "django-tenants clone"
    erases = False

    def operations(self) -> tuple[str, ...]:
        """Its clones are already measured under the other name."""
        return ("provision",)

    def make(self, operation: str, target: str) -> float:
        """The clone alone: recording thirty migrations as done would come on top."""
        return super().make("clone", target)


def _write_app(package: Path, schema: str) -> None:
    """Writes the app whose migrations make the tenants' tables."""
    steps = package / "migrations"
    steps.mkdir(parents=True)
    for init in (package, steps):
        (init / "__init__.py").touch()
    (package / "models.py").touch()
    for number in range(1, MIGRATIONS + 1):
        (steps / f"{number:04d}_step.py").write_text(
            f"from bench.django_project.operations import migration\n\nMigration = migration({schema!r}, {number})\n"
        )
