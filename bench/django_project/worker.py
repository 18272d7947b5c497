"""Does what it is told on its standard input, a JSON array a line: ["provision", "dj_1"].

Answers each with a JSON object: seconds, or error. Times are taken here, around Django's own
call, in a process that is warm.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.core.management import call_command
from django.db import connection


def main() -> None:
    """Serves until the input ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what Django prints is not an answer
    django.setup()
    worker = Worker(os.environ["BENCH_BASE_SCHEMA"])
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            answer = getattr(worker, f"do_{command}")(*arguments)
        except Exception as error:
            connection.set_schema_to_public()
            answer = {"error": str(error).strip().split("\n")[0][:400], "class": type(error).__name__}
        print(json.dumps(answer), file=out, flush=True)


class Worker:
    """The operations, each in the way of django-tenants' documentation.

    Args:
        base: The schema that clones are made of.
    """

    def __init__(self, base: str) -> None:
        from bench.django_project.customers.models import Client

        self.base, self.client = base, Client

    def do_prepare(self, rows: str) -> dict[str, Any]:
        """Shared tables, and a tenant with rows to clone."""
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        if not self.client.objects.filter(schema_name=self.base).exists():
            self.client(schema_name=self.base).save(verbosity=0)
            connection.set_schema(self.base)
            with connection.cursor() as cursor:
                cursor.execute(rows)
            connection.set_schema_to_public()
        return {"django": django.__version__}

    def do_provision(self, name: str) -> dict[str, float]:
        """``Client.save()``: CREATE SCHEMA and all migrations."""
        return self._timed(lambda: self.client(schema_name=name).save(verbosity=0))

    def do_clone(self, name: str, mode: str) -> dict[str, float]:
        """``CloneSchema``, as ``TENANT_BASE_SCHEMA`` uses it, without recording migrations as done."""
        from django_tenants.clone import CloneSchema

        return self._timed(lambda: CloneSchema().clone_schema(self.base, name, mode))

    def do_migrate(self) -> dict[str, float]:
        """``migrate_schemas`` over the tenants, of what is new or not."""
        importlib.invalidate_caches()
        return self._timed(
            lambda: call_command(
                "migrate_schemas", tenant=True, executor="standard", interactive=False, verbosity=0, skip_checks=True
            )
        )

    def do_remove(self, name: str) -> dict[str, float]:
        """``Client.delete()``, or DROP SCHEMA where there is no client."""
        found = self.client.objects.filter(schema_name=name).first()
        return self._timed(lambda: self._drop(name) if found is None else found.delete(force_drop=True))

    def _drop(self, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'drop schema if exists "{name}" cascade')

    def _timed(self, call: Callable[[], object]) -> dict[str, float]:
        connection.set_schema_to_public()
        connection.ensure_connection()
        began = time.perf_counter()
        call()
        return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    main()
