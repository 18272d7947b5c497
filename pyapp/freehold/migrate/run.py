"""Runs one migration for one home, by whichever way it needs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import ClientCursor, sql

from freehold.migrate.direct import require_direct
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import MigrationFile
from freehold.migrate.homes import sizes
from freehold.migrate.render import Home, Rendered, Renderer
from freehold.migrate.steps import Steps, run_steps
from freehold.migrate.target import Begun, Target
from freehold.sqltext import Place, tokens

Progress = Callable[[int], None]
"""Called after each batch of a backfill, with how many there were."""


class Runner:
    """Runs migrations over one connection.

    What a function of the database can run, it runs: script and ledger in one transaction and one round trip, as the
    schema's owner and without anybody becoming a member of that role. What it cannot (statements outside a
    transaction, steps in Python) the session does itself, while its login is such a member.

    Args:
        connection: In autocommit mode, this runner's alone.
        renderer: Of the directory.
        statement_timeout: Of each step.
        lock_timeout: Of each step that the session does itself; a rollout has its own.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        renderer: Renderer,
        statement_timeout: timedelta = timedelta(minutes=1),
        lock_timeout: timedelta = timedelta(seconds=2),
    ) -> None:
        self.connection, self.renderer = connection, renderer
        self.timeouts = {"statement_timeout": statement_timeout, "lock_timeout": lock_timeout}
        self._python: dict[str, Steps] = {}
        self._cursor = ClientCursor(connection)
        self._messages: dict[str, bytes] = {}

    def render(self, file: MigrationFile, home: Home) -> Rendered:
        """A migration for a home; it may ask for the size of a table."""
        return self.renderer.render(file, home, sizes(self.connection, home.schema))

    def run(self, file: MigrationFile, home: Home, target: Target, progress: Progress | None = None) -> Rendered:
        """Does a migration to a home, or takes it back, and writes the ledger.

        Args:
            file: The migration.
            home: What it is rendered for.
            target: Where it goes, and in which direction.
            progress: Of a backfill.

        Returns:
            What was run.

        Raises:
            MigrationError: It cannot be rendered, or cannot be taken back.
            psycopg.Error: The database refused it; nothing of it is there, but for an unfinished index.
        """
        rendered = self.render(file, home)
        # The database refuses an empty script; that there is nothing to do for this home is none of its errors.
        text = rendered.text if not rendered.empty else f"-- nothing for {home.slug}\n"
        if target.direction == "rollback" and not file.python:
            if rendered.rollback is None:
                raise MigrationError(
                    f"{file.id} cannot be taken back",
                    hint=f"It has no rollback file: {file.rollback_path.name}.",
                    place=Place(str(file.path)),
                )
            text = rendered.rollback
        if file.python:
            self._run_python(rendered, target)
        elif not rendered.transactional:
            self._run_alone(rendered, text, target)
        else:
            backfill = rendered.backfill and target.direction == "apply"
            batches = 1
            while not self._call(*target.statement(file, text, backfill=backfill)) and backfill:
                batches += 1
                if progress is not None:
                    progress(batches)
        return rendered

    def _call(self, query: sql.SQL, arguments: tuple[Any, ...]) -> bool:
        """Timeouts and the call in one message, which is one transaction; no setting of the script's outlives it."""
        text = query.as_string()
        message = self._messages.get(text)
        if message is None:
            limit = _milliseconds(self.timeouts["statement_timeout"])
            composed = sql.SQL("set local statement_timeout = {}; {}; reset all").format(limit, query)
            message = self._messages[text] = composed.as_bytes(self.connection)
        self._cursor.execute(message, arguments)
        self._cursor.nextset()
        row = self._cursor.fetchone()
        return row is None or bool(row[0])

    def _run_python(self, rendered: Rendered, target: Target) -> None:
        file = rendered.file
        steps = self._python.get(file.id)
        if steps is None:
            steps = self._python[file.id] = Steps(file, transactional=rendered.transactional)
            steps.load()
        if rendered.transactional:
            with self.connection.transaction():
                begun = target.begin(self.connection, file, rendered.digest)
                if begun is not None:
                    with self._acting(begun, local=True):
                        run_steps(self.connection, steps, target.direction)
                    target.end(self.connection, file, done=True, invalid=begun.invalid)
            # What code of the schema set by a plain SET came into force when the transaction ended.
            self.connection.execute("reset all")
            return
        self._outside(rendered, target, lambda _: run_steps(self.connection, steps, target.direction))

    def _run_alone(self, rendered: Rendered, text: str, target: Target) -> None:
        def statement(begun: Begun) -> None:
            # An index that an earlier try left unfinished would be taken for done by IF NOT EXISTS.
            for name in _named(begun.invalid, text):
                self.connection.execute(sql.SQL("drop index concurrently if exists {}").format(sql.Identifier(name)))
            self.connection.execute(text.encode())

        self._outside(rendered, target, statement)

    def _outside(self, rendered: Rendered, target: Target, work: Callable[[Begun], None]) -> None:
        """A step outside a transaction: its beginning is committed, and so is its end, well or not."""
        require_direct(self.connection)
        begun = target.begin(self.connection, rendered.file, rendered.digest)
        if begun is None:
            return
        kept = [name for name in begun.invalid if name not in _named(begun.invalid, rendered.text)]
        try:
            with self._acting(begun, local=False):
                work(begun)
        except BaseException:
            # Whatever becomes of this, the step's own error is what matters; the next try takes over.
            with contextlib.suppress(psycopg.Error):
                target.end(self.connection, rendered.file, done=False, invalid=kept)
            raise
        target.end(self.connection, rendered.file, done=True, invalid=kept)

    @contextlib.contextmanager
    def _acting(self, begun: Begun, *, local: bool) -> Iterator[None]:
        """As the owner, its schema first on the path, with the timeouts; afterwards as before."""
        word = sql.SQL("set local" if local else "set")
        settings = sql.SQL("; ").join(
            sql.SQL("{} {} = {}").format(word, sql.Identifier(name), sql.Literal(_milliseconds(value)))
            for name, value in self.timeouts.items()
        )
        self.connection.execute(
            sql.SQL("{}; {word} search_path = {}, pg_catalog, pg_temp; {word} role {}").format(
                settings, sql.Identifier(begun.schema), sql.Identifier(begun.owner_role), word=word
            )
        )
        try:
            yield
            if local:
                self.connection.execute("set constraints all immediate")
        finally:
            if self.connection.info.transaction_status != psycopg.pq.TransactionStatus.INERROR and not (
                self.connection.closed
            ):
                reset = "set local role none; set local search_path = pg_catalog, pg_temp"
                self.connection.execute(reset if local else "reset role; reset all")


def _named(names: tuple[str, ...], text: str) -> list[str]:
    """The names that a text mentions, as words or in quotes."""
    mentioned = {
        token.text.lower() if token.kind == "word" else token.text[1:-1].replace('""', '"')
        for token in tokens(text)
        if token.kind in ("word", "quoted")
    }
    return [name for name in names if name in mentioned]


def _milliseconds(value: timedelta) -> str:
    return f"{max(1, round(value.total_seconds() * 1000))}ms"
