"""A schema as the operations of thirty migrations.

A generated schema is made as Django projects make theirs: models with keys, indexes and
constraints as makemigrations writes them, and SQL for what Django has no operation for: enums,
functions, triggers and views. The help desk is more than Django can say, so its own statements are run, in
order; that spares Django most of the work of a migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from django.contrib.postgres.functions import RandomUUID
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from bench.schema import Schema, Table, find, module_sql, view_sql
from freehold.sqltext import split

MIGRATIONS = 30


class EnumField(models.Field):
    """A column of an enum type."""

    def __init__(self, enum: str, **options: object) -> None:
        self.enum = enum
        super().__init__(**options)

    def db_type(self, connection: object) -> str:
        """The type's name."""
        return self.enum

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """As migrations write it."""
        name, path, positional, named = super().deconstruct()
        return name, path, [self.enum, *positional], named


@cache
def _chunks(schema_name: str) -> list[list[Operation]]:
    operations = list(_operations(find(schema_name)))
    edges = [round(i * len(operations) / MIGRATIONS) for i in range(MIGRATIONS + 1)]
    return [operations[a:b] for a, b in pairwise(edges)]


def migration(schema_name: str, number: int) -> type[migrations.Migration]:
    """One of the thirty migrations of a schema, from 1."""
    before = [("bench_tenant", f"{number - 1:04d}_step")] if number > 1 else []
    return type(
        "Migration",
        (migrations.Migration,),
        {"dependencies": before, "operations": _chunks(schema_name)[number - 1], "initial": number == 1},
    )


def _operations(schema: Schema) -> Iterator[Operation]:
    if not schema.tables:
        for script in schema.scripts:
            for statement in split(script):
                yield _run(statement.text)
        return
    for module in dict.fromkeys(table.module for table in schema.tables):
        # Statements one by one: what splits a text for Django cuts function bodies in two.
        for statement in split(module_sql(module)):
            yield _run(statement.text)
    for table in schema.tables:
        yield from _table(table)


def _table(table: Table) -> Iterator[Operation]:
    key = (
        models.BigAutoField(primary_key=True)
        if table.numbered
        else models.UUIDField(primary_key=True, db_default=RandomUUID())
    )
    yield migrations.CreateModel(
        table.name,
        fields=[
            ("id", key),
            ("code", models.TextField()),
            ("name", models.TextField()),
            *(
                (
                    parent,
                    models.ForeignKey(
                        f"bench_tenant.{parent}", models.DO_NOTHING, null=True, db_index=False, related_name="+"
                    ),
                )
                for parent in table.parents
            ),
            ("status", EnumField(f"{table.module}_status", db_default="draft")),
            ("amount", models.DecimalField(max_digits=12, decimal_places=2, db_default=0)),
            ("details", models.JSONField(db_default=RawSQL("'{}'::jsonb", []))),
            ("created_at", models.DateTimeField(db_default=Now())),
            ("updated_at", models.DateTimeField(db_default=Now())),
        ],
        options={
            "db_table": table.name,
            "constraints": [
                models.UniqueConstraint(fields=["code"], name=f"{table.name}_code"),
                models.CheckConstraint(condition=models.Q(amount__gte=0), name=f"{table.name}_amount"),
            ],
            "indexes": [
                _index(table, ["created_at"], "created"),
                *([_index(table, [table.parents[0], "status"], "parent")] if table.parents else []),
            ],
        },
    )
    yield _run(
        f"create trigger {table.name}_touch before update on {table.name} "
        f"for each row execute function {table.module}_touch()"
    )
    if table.viewed:
        yield _run(view_sql(table))


def _index(table: Table, fields: list[str], suffix: str) -> models.Index:
    # Django takes at most 30 characters.
    return models.Index(fields=fields, name=f"{table.name[:22]}_{suffix}")


def _run(statement: str) -> Operation:
    return migrations.RunSQL([statement])
