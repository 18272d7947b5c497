"""``pg_dump -n | sed | psql``: what needs nothing but PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
import tempfile
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from bench.place import Place
from bench.schema import Schema
from bench.subjects.base import Clock, Limits, Subject, Unsuited
from freehold.binaries import find_client


class PgDump(Subject):
    """Dumps one schema of the fleet, replaces its name, and loads it in one transaction."""

    name = "pg_dump | psql"
    erases = False

    def __init__(self, place: Place, schema: Schema, limits: Limits) -> None:
        super().__init__(place, schema, limits)
        self._admin = place.connect(superuser=True)
        self._dump, self._psql = find_client("pg_dump"), find_client("psql")
        dsn: dict[str, Any] = conninfo_to_dict(place.server.dsn(superuser=True))
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {
            f"PG{variable}": str(dsn[key])
            for variable, key in (("HOST", "host"), ("PORT", "port"), ("USER", "user"), ("PASSWORD", "password"),
                                  ("DATABASE", "dbname"), ("SSLMODE", "sslmode"))
        }  # fmt: skip
        self._token = ""

    def operations(self) -> tuple[str, ...]:
        """A provision is a copy of a schema's objects, too."""
        return ("provision", "clone", "clone data")

    def prepare(self) -> None:
        """A tenant to dump: its schema's name is also the beginning of its roles' names."""
        self.place.load(self.schema)
        _, self._token = self.place.source(self.schema)

    def ready(self, operation: str, target: str) -> None:
        """A dump of a schema holds no roles."""
        self._admin.execute(f"create role {target}_owner; create role {target}_rw".encode())

    def make(self, operation: str, target: str) -> float:
        """Three programs in a pipe."""
        only = [] if operation == "clone data" else ["--schema-only"]
        commands = [
            [str(self._dump), "--no-sync", *only, "-n", self._token],
            ["sed", f"s/{self._token}/{target}/g"],
            [str(self._psql), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull],
        ]
        with Clock() as clock:
            self._pipe(commands)
        return clock.seconds

    def remove(self, target: str) -> float:
        """DROP SCHEMA CASCADE."""
        with Clock() as clock:
            self._admin.execute(f"drop schema {target} cascade".encode())
        return clock.seconds

    def after(self, target: str) -> None:
        """Schema and roles."""
        self._admin.execute(f"set client_min_messages = warning; drop schema if exists {target} cascade".encode())
        for role in (f"{target}_owner", f"{target}_rw"):
            if self._admin.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone():
                self._admin.execute(f"drop owned by {role}; drop role {role}".encode())

    def close(self) -> None:
        """Closes its connection."""
        self._admin.close()

    def _pipe(self, commands: list[list[str]]) -> None:
        processes: list[subprocess.Popen[bytes]] = []
        with tempfile.TemporaryFile() as errors:
            try:
                for command in commands:
                    before = processes[-1].stdout if processes else subprocess.DEVNULL
                    last = command is commands[-1]
                    processes.append(
                        subprocess.Popen(
                            command,
                            stdin=before,
                            stdout=subprocess.DEVNULL if last else subprocess.PIPE,
                            stderr=errors,
                            env=self._environment,
                        )
                    )
                    if processes[:-1]:
                        # Only the next program may hold the pipe, else one that fails leaves the others waiting.
                        pipe = processes[-2].stdout
                        assert pipe is not None
                        pipe.close()
                for process in processes:
                    process.wait(self.limits.call)
            except subprocess.TimeoutExpired as error:
                raise Unsuited("over the limit", over=True) from error
            finally:
                for process in processes:
                    process.kill()
                    process.wait()
            if any(process.returncode for process in processes):
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip().splitlines()
                raise Unsuited(said[0] if said else "a program of the pipe failed")
