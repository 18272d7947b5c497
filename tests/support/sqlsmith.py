"""Random SQL of sqlsmith (Debian's package), run as one tenant, and what of another tenant came back.

sqlsmith only writes the statements. They are run from here, so that every value, error and notice can be looked at for a
canary. Letters that a function has turned into others (a hash, a reversed text) are not found again.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.string import TextLoader

from .debian import find_program

_TEXTS = """
select c.relname, a.attname, format_type(a.atttypid, null)
from pg_class as c join pg_attribute as a on a.attrelid = c.oid join pg_type as t on t.oid = a.atttypid
where c.relnamespace = %s::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0
    and a.attgenerated = '' and a.attidentity = '' and not a.attisdropped
    and (t.typcategory = 'S' or t.typname in ('jsonb', '_text'))
order by 1, 2
"""
_MARKED = {
    "jsonb": "case jsonb_typeof({0}) when 'object' then {0} || jsonb_build_object({1}, {1}) else {0} end",
    "text[]": "{0} || {1}::text",
}
_OUTSIDE = """
select 'class', oid::regclass::text, relowner::regrole::text, relacl::text from pg_class union all
select 'function', oid::regprocedure::text, proowner::regrole::text, md5(concat(proacl, prosrc)) from pg_proc union all
select 'type', oid::regtype::text, typowner::regrole::text, typacl::text from pg_type union all
select 'schema', nspname, nspowner::regrole::text, nspacl::text from pg_namespace union all
select 'role', rolname, md5(concat_ws(' ', rolsuper, rolcanlogin, rolpassword, rolconnlimit)), null from pg_authid union all
select 'member', roleid::regrole::text, member::regrole::text, null from pg_auth_members union all
select 'setting', setdatabase::text, setrole::text, setconfig::text from pg_db_role_setting union all
select 'comment', classoid::text, objoid::text || ' ' || objsubid, md5(description) from pg_description union all
-- Any role may make large objects; they are its own.
select 'large object', oid::text, lomowner::regrole::text, lomacl::text from pg_largeobject_metadata
where lomowner <> %(role)s::regrole
"""


@dataclass
class Report:
    """What came of the statements.

    Attributes:
        run: How many there were.
        succeeded: How many raised no error.
        seen: Statements, by the canary that was found in what they returned, raised or told.
        errors: SQLSTATEs, and how often.
        lost: Connections that ended.
    """

    run: int = 0
    succeeded: int = 0
    seen: dict[str, list[str]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    lost: int = 0

    def add(self, other: Report) -> None:
        """Takes in what came of more."""
        self.run, self.succeeded, self.lost = (
            self.run + other.run,
            self.succeeded + other.succeeded,
            self.lost + other.lost,
        )
        self.errors += other.errors
        for canary, statements in other.seen.items():
            self.seen.setdefault(canary, []).extend(statements)


def generate(dsn: str, count: int, seed: int, *, catalog: bool = True) -> list[str]:
    """Statements over all that a role knows the names of.

    Args:
        dsn: As whom sqlsmith reads the catalogs; it runs nothing there.
        count: How many.
        seed: The same seed and the same catalogs make the same statements.
        catalog: With the system's own tables.
    """
    program, environment = find_program("sqlsmith")
    command = [program, f"--target={dsn}", "--dry-run", f"--max-queries={count}", f"--seed={seed}"]
    done = subprocess.run(
        command if catalog else [*command, "--exclude-catalog"],
        env={**os.environ, **environment}, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert "Generating indexes...done" in done.stderr, done.stderr[-2000:]
    statements = [each.strip() for each in done.stdout.split(";\n")]
    return [each for each in statements if each]


def replay(dsn: str, statements: Iterable[str], canaries: Iterable[str]) -> Report:
    """Runs statements, every second one rolled back, and looks at all that comes back."""
    report, known = Report(), list(canaries)
    connection = _connect(dsn)

    def look(statement: str, text: str) -> None:
        lower = text.lower()
        for canary in known:
            if canary in lower:
                report.seen.setdefault(canary, []).append(statement)

    told: list[str] = []
    for number, statement in enumerate(statements):
        if connection.closed:
            connection, report.lost = _connect(dsn), report.lost + 1
        if not told:
            connection.add_notice_handler(lambda notice: told.append(_said(notice)))
            told.append("")
        try:
            connection.execute("begin")
            cursor = connection.execute(statement.encode())
            if cursor.description:
                for row in cursor.fetchmany(1000):
                    look(statement, "\n".join(map(str, row)))
            connection.execute("rollback" if number % 2 else "commit")
            report.succeeded += 1
        except psycopg.Error as error:
            report.errors[error.sqlstate or type(error).__name__] += 1
            look(statement, _said(error.diag) + str(error))
        with contextlib.suppress(psycopg.Error):
            connection.rollback()
        look(statement, "\n".join(told))
        told[:] = [] if connection.closed else [""]
        report.run += 1
    connection.close()
    return report


def _connect(dsn: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(dsn, autocommit=True, prepare_threshold=None, options="-c statement_timeout=1000")
    # Dates and numbers beyond what Python has are text here, like all else.
    for known in connection.adapters.types:
        connection.adapters.register_loader(known.oid, TextLoader)
        if known.array_oid:
            connection.adapters.register_loader(known.array_oid, TextLoader)
    return connection


def _said(diag: psycopg.errors.Diagnostic) -> str:
    fields = (diag.message_primary, diag.message_detail, diag.message_hint, diag.context, diag.internal_query)
    return "\n".join(each for each in fields if each)


def plant_rows(admin: psycopg.Connection[Any], schema: str, canary: str) -> int:
    """Adds a canary to every text of a schema's rows that takes it, and to statistics; returns how many columns have it."""
    marked = 0
    columns = admin.execute(_TEXTS, (schema,)).fetchall()
    for table, column, kind in columns:
        value = sql.SQL(_MARKED.get(kind, "{0} || {1}")).format(sql.Identifier(column), sql.Literal(canary))
        with contextlib.suppress(psycopg.IntegrityError, psycopg.DataError), admin.transaction():
            admin.execute("select set_config('search_path', %s, true)", (schema,))
            marked += (
                admin.execute(
                    sql.SQL("update {} set {} = {}").format(sql.Identifier(table), sql.Identifier(column), value)
                ).rowcount
                > 0
            )
    for (table,) in dict.fromkeys((each[0],) for each in columns):
        admin.execute(sql.SQL("analyze {}").format(sql.Identifier(schema, table)))
    return marked


def plant_catalog(admin: psycopg.Connection[Any], schema: str, canary: str) -> None:
    """Adds a canary to what every role may read in the catalogs: comments, defaults, labels, bodies."""
    for table, column, kind in admin.execute(_TEXTS, (schema,)).fetchall():
        name = sql.Identifier(schema, table)
        admin.execute(sql.SQL("comment on table {} is {}").format(name, sql.Literal(canary)))
        if kind == "text":
            admin.execute(
                sql.SQL("alter table {} alter {} set default {}").format(
                    name, sql.Identifier(column), sql.Literal(canary)
                )
            )
    for (label,) in admin.execute(
        "select oid::regtype::text from pg_type where typtype = 'e' and typnamespace = %s::regnamespace", (schema,)
    ).fetchall():
        admin.execute(sql.SQL("alter type {} add value {}").format(sql.SQL(label), sql.Literal(canary)))


def state(admin: psycopg.Connection[Any], role: str, schemas: Iterable[str]) -> dict[str, Any]:
    """What a tenant must leave as it is: rows and sequences of schemas, objects, roles, privileges, settings, comments."""
    found: dict[str, Any] = {"objects": sorted(map(str, admin.execute(_OUTSIDE, {"role": role}).fetchall()))}
    for schema in schemas:
        for name, kind in admin.execute(
            "select oid::regclass::text, relkind from pg_class"
            " where relnamespace = %s::regnamespace and relkind in ('r', 'p', 'm', 'S')", (schema,)
        ).fetchall():  # fmt: skip
            value = "last_value::text || is_called" if kind == "S" else "t::text"
            query = f"select md5(string_agg({value}, ',' order by {value})) from {name} as t"
            found[name] = admin.execute(query.encode()).fetchone()
    return found
