"""A trial: the migrations are run on a copy of the template, in a transaction that is taken back.

What they made, changed and locked is then known from the catalogs, and from what the server says while it alters a
table. The copy has the template's rows and no tenant's, so the trial tells what is done, not how long it takes.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from freehold.control import Control
from freehold.migrate.files import MigrationFile
from freehold.migrate.homes import sizes
from freehold.migrate.lint.catalog import State
from freehold.migrate.lint.finding import Finding
from freehold.migrate.lint.pieces import pieces
from freehold.migrate.render import Home, Rendered, Renderer
from freehold.migrate.statements import shape
from freehold.sqltext import Place, split, tokens

NAMES = {
    "fails",
    "trial-stopped",
    "outside-object",
    "outside-lock",
    "outside-foreign-key",
    "table-rewrite",
    "table-scan",
    "grant",
    "owner",
    "rollback-fails",
    "rollback-differs",
}
# Messages of level DEBUG1, which are not translated.
_SCAN = re.compile(r'verifying table "(.*)"$|validating foreign key constraint "(.*)"$')
_READ_ONLY = "AccessShareLock"
_ONLINE = re.compile(r"alter table (if exists )?(only )?.* validate constraint \S+$")


class Trial:
    """A trial of migrations.

    Args:
        connection: As a role that may call ``template_copy`` and ``template_apply``.
        renderer: Renders the migrations.
        template: The template, which must have been frozen.
        home: Slug, tier and settings are taken from it; schema and roles are the copy's.
    """

    def __init__(self, connection: psycopg.Connection[Any], renderer: Renderer, template: str, home: Home) -> None:
        self._connection, self._control = connection, Control(connection)
        self._renderer, self._template, self._home = renderer, template, home
        self._name = f"lint_{secrets.token_hex(4)}"

    def run(self, files: Sequence[MigrationFile]) -> list[Finding]:
        """Runs the migrations and takes all back.

        Args:
            files: In the order of application.
        """
        with self._connection.transaction(force_rollback=True):
            row = self._control.template_copy(self._template, self._name)
            self._home = dataclasses.replace(
                self._home,
                schema=row["schema_name"],
                owner_role=row["owner_role"],
                rw_role=row["rw_role"],
                ro_role=None,
            )
            self._namespace = self._value("select %s::regnamespace::oid", _quoted(self._home.schema))
            # What the calls themselves lock is not the migrations'.
            self._control.template_apply(self._name, "select 1")
            self._fingerprint()
            return list(self._apply_all(files))

    def _apply_all(self, files: Sequence[MigrationFile]) -> Iterator[Finding]:
        before = self._state()
        skipped: str | None = None
        for file in files:
            rendered = self._renderer.render(file, self._home, sizes(self._connection, self._home.schema))
            text = None if file.python else in_transaction(rendered)
            if text is None:
                skipped = file.id
                continue
            if rendered.empty:
                continue
            fingerprint = self._fingerprint() if rendered.rollback is not None else None
            said: list[str] = []
            try:
                with self._listening(said), self._connection.transaction():
                    self._control.template_apply(self._name, text)
            except psycopg.Error as error:
                yield from self._failed(rendered, text, error, skipped)
                return
            after = self._state()
            yield from self._compare(rendered, before, after, said)
            if rendered.rollback is not None:
                yield from self._roll_back(rendered, fingerprint)
            before = after

    def _failed(self, rendered: Rendered, text: str, error: psycopg.Error, skipped: str | None) -> Iterator[Finding]:
        message = str(error.diag.message_primary or error).strip()
        line = self._locate(error, text)
        if isinstance(error, psycopg.errors.UnsafeNewEnumValueUsage) or skipped:
            why = f"{skipped} was not tried, as it is no SQL that runs in a transaction." if skipped else message
            help_ = "Nothing is known of this migration, nor of those after it, but their text."
            yield _finding(rendered, "trial-stopped", f"the trial ended here: {message}", why, help_, "warning", line)
            return
        why = str(error.diag.message_detail or f"SQLSTATE {error.sqlstate}; later migrations were not tried.")
        help_ = str(error.diag.message_hint or "It ran after the migrations before it, on a copy of the template.")
        yield _finding(rendered, "fails", message, why, help_, line=line)

    def _locate(self, error: psycopg.Error, text: str) -> int | None:
        """The line of the statement that failed.

        The server tells the place of some errors. For others the shortest beginning of the text is looked for that
        fails, each taken back.
        """
        if error.diag.internal_position and error.diag.internal_query == text:
            return Place.of("", text, int(error.diag.internal_position)).line
        statements = split(text)
        good, bad = 0, len(statements)
        while bad - good > 1:
            middle = (good + bad) // 2
            try:
                with self._connection.transaction(force_rollback=True):
                    self._control.template_apply(self._name, text[: statements[middle - 1].end])
            except psycopg.Error:
                bad = middle
            else:
                good = middle
        return statements[bad - 1].line if statements else None

    def _compare(self, rendered: Rendered, before: State, after: State, said: Sequence[str]) -> Iterator[Finding]:
        parents = set()
        for reach in sorted(after.reaches - before.reaches):
            if reach.foreign_key and reach.parent:
                parents.add(reach.parent)
                yield _finding(
                    rendered,
                    "outside-foreign-key",
                    f"{self._bare(reach.object)} refers to {reach.target}",
                    "Every tenant's migration locks that table against writers, so they run one after another.",
                    "A copy of the table in every tenant, or no foreign key.",
                )
            else:
                yield _finding(
                    rendered,
                    "outside-object",
                    f"{self._bare(reach.object)} depends on {reach.target}",
                    "It is an extension's, which every database must have."
                    if reach.extension
                    else "It cannot be changed apart from all tenants, nor a tenant be moved without it.",
                    "Acknowledge it where it is meant.",
                    "warning" if reach.extension else "error",
                )
        for lock in sorted(after.locks - before.locks):
            if lock.oid not in parents:
                reads = lock.mode == _READ_ONLY
                yield _finding(
                    rendered,
                    "outside-lock",
                    f"{'reads' if reads else 'locks'} {lock.relation}, which is not the tenant's ({lock.mode})",
                    "Each tenant's migration holds that lock until it ends; those that conflict wait for one another.",
                    "Acknowledge it where it is meant.",
                    "warning" if reads else "error",
                )
        for oid, (name, filenode) in sorted(before.tables.items()):
            if oid in after.tables and after.tables[oid][1] != filenode:
                yield _finding(
                    rendered,
                    "table-rewrite",
                    f"table {name} is written anew",
                    "Nobody uses it until that is done, which takes as long as it is large.",
                    "A new column, filled by a backfill, in the place of the old one.",
                )
        yield from self._scans(rendered, before, said)
        for grant in sorted(after.grants - before.grants):
            yield _finding(
                rendered,
                "grant",
                f"{grant.privilege} on {self._bare(grant.object)} is granted to {grant.grantee}",
                "PUBLIC is every tenant." if grant.grantee == "PUBLIC" else "It is no role of the tenant's.",
                "Grant to {{ roles.rw | ident }}, which default privileges do already.",
            )
        for owner in sorted(after.owners - before.owners):
            yield _finding(
                rendered,
                "owner",
                f"{self._bare(owner.object)} is owned by {owner.owner}",
                "What is in a tenant's schema is its owner's; freehold changes and erases it as that role.",
                "Leave ALTER ... OWNER TO out.",
            )

    def _scans(self, rendered: Rendered, before: State, said: Sequence[str]) -> Iterator[Finding]:
        # VALIDATE CONSTRAINT reads a table while others write to it.
        altered = [piece for piece in pieces(rendered.text) if piece.shape.startswith("alter table ")]
        if altered and all(_ONLINE.match(piece.shape) for piece in altered):
            return
        found = (_SCAN.search(line) for line in said)
        for name in dict.fromkeys(match[1] or self._referring(match[2]) for match in found if match):
            if any(name == known for known, _ in before.tables.values()):
                yield _finding(
                    rendered,
                    "table-scan",
                    f"table {name} is read as a whole",
                    "Nobody writes to the table, or uses it at all, until every row has been looked at.",
                    "NOT VALID, and VALIDATE CONSTRAINT in a later migration; freehold/online.sql has both.",
                )

    def _referring(self, constraint: str) -> str | None:
        row = self._connection.execute(
            "select c.relname::text from pg_catalog.pg_constraint as k "
            "join pg_catalog.pg_class as c on c.oid = k.conrelid "
            "where k.conname = %s and k.connamespace = %s",
            (constraint, self._namespace),
        ).fetchone()
        return row and str(row[0])

    def _roll_back(self, rendered: Rendered, fingerprint: str | None) -> Iterator[Finding]:
        text = in_transaction(rendered, rollback=True)
        if text is None:
            return
        with self._connection.transaction(force_rollback=True):
            try:
                with self._connection.transaction():
                    self._control.template_apply(self._name, text)
            except psycopg.Error as error:
                message = str(error.diag.message_primary or error).strip()
                why = "The migration ran, and what takes it back does not."
                yield _finding(rendered, "rollback-fails", message, why, "", rollback=True)
                return
            if self._fingerprint() != fingerprint:
                yield _finding(
                    rendered,
                    "rollback-differs",
                    "the rollback does not lead back to the schema that was there before",
                    "Tenants that are rolled back will be reported as drifted.",
                    "",
                    "warning",
                    rollback=True,
                )

    def _state(self) -> State:
        return State.read(
            self._connection, self._namespace, _quoted(self._home.owner_role), _quoted(self._home.rw_role)
        )

    def _fingerprint(self) -> str:
        return self._control.schema_fingerprint(_quoted(self._home.schema))

    @contextlib.contextmanager
    def _listening(self, said: list[str]) -> Iterator[None]:
        """The server's own account of what it does to tables."""
        hear: Callable[[psycopg.errors.Diagnostic], None] = lambda diag: said.append(str(diag.message_primary))  # noqa: E731
        level = self._value("select current_setting('client_min_messages')")
        self._connection.execute("set local client_min_messages = debug1")
        self._connection.add_notice_handler(hear)
        try:
            yield
        finally:
            self._connection.remove_notice_handler(hear)
            # After an error the savepoint has put it back.
            with contextlib.suppress(psycopg.Error):
                self._connection.execute("select set_config('client_min_messages', %s, true)", (level,))

    def _value(self, query: str, *arguments: object) -> Any:
        row = self._connection.execute(query, arguments).fetchone()
        assert row is not None
        return row[0]

    def _bare(self, described: str) -> str:
        return described.replace(f"{_quoted(self._home.schema)}.", "").replace(f"{self._home.schema}.", "")


def in_transaction(rendered: Rendered, *, rollback: bool = False) -> str | None:
    """The text of a migration as it can run in a transaction; None where there is no such text.

    Args:
        rendered: The migration.
        rollback: Of its rollback.
    """
    text = (rendered.rollback if rollback else rendered.text) or ""
    if rendered.transactional:
        return text
    said = shape(text)
    if said.startswith("vacuum") or said.endswith("finalize"):
        return None
    return "".join("" if token.text.lower() == "concurrently" else token.text for token in tokens(text))


def _finding(
    rendered: Rendered,
    rule: str,
    message: str,
    why: str,
    help_: str,
    severity: str = "error",
    line: int | None = None,
    *,
    rollback: bool = False,
) -> Finding:
    return Finding(rendered.file.id, rule, severity, line, message, why, help_, rollback)


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)
