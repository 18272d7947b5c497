"""Statements that are run by themselves: outside a transaction, or again and again."""

from __future__ import annotations

import re
from collections.abc import Iterable

from freehold.migrate.errors import MigrationError
from freehold.sqltext import MetaCommandError, Place, Statement, Token, split, tokens

# In all of these PostgreSQL runs the tenant's own code (of an index's expression, say) as the table's owner and refuses
# it whatever would outlast that: a "security-restricted operation". Nothing else may run outside a transaction.
_OUTSIDE = re.compile(
    r"create( unique)? index concurrently\b"
    r"|drop index concurrently\b"
    r"|reindex( \( [^()]*\))? (index|table) concurrently\b"
    r"|reindex \( ([^()]* )?concurrently( true| on| ,[^()]*)? \) (index|table)\b"
    r"|alter table (.* )?detach partition .*(concurrently|finalize)$"
    r"|alter type .* add value\b"
)
# These are the whole database's where no table is named.
_CLEANING = re.compile(r"(vacuum|analy[sz]e)\b( \( [^()]* \)| (full|freeze|verbose|analy[sz]e)\b)*")
_KINDS = (
    "create index concurrently, drop index concurrently, reindex index|table concurrently, "
    "alter table ... detach partition ... concurrently or finalize, alter type ... add value, "
    "vacuum TABLE, analyze TABLE"
)
_CHANGING = {"update", "delete", "insert", "merge"}


def check_single(text: str, file: str) -> None:
    """Looks whether a text may run outside a transaction.

    Raises:
        MigrationError: It holds several statements, or one of a kind that may not.
    """
    statement = _only(text, file, "outside a transaction")
    said = shape(statement.text)
    cleaning = _CLEANING.match(said)
    runs = _OUTSIDE.match(said) is not None if cleaning is None else cleaning.end() < len(said)
    if not runs:
        raise MigrationError(
            "this statement does not run outside a transaction",
            detail=f"What does: {_KINDS}.",
            hint="Take -- transactional: false out.",
            place=_place(file, statement),
        )


def check_backfill(text: str, file: str) -> None:
    """Looks whether a text is one batch of a backfill.

    Raises:
        MigrationError: It holds several statements, or one that tells no number of rows changed.
    """
    statement = _only(text, file, "as a backfill")
    words = top_words(tokens(statement.text))
    if not _CHANGING & set(words if words[:1] == ["with"] else words[:1]):
        raise MigrationError(
            "a backfill is an update, insert, delete or merge",
            detail="It is run until it changes no row.",
            place=_place(file, statement),
        )


def shape(text: str) -> str:
    """A statement in lower case, single spaces between its tokens, comments left out."""
    shown = (token.text.lower() for token in tokens(text) if token.kind not in ("space", "line", "block"))
    return " ".join(shown).removesuffix(" ;")


def top_words(statement: Iterable[Token]) -> list[str]:
    """The words of a statement that stand in no brackets, in lower case."""
    found, depth = [], 0
    for token in statement:
        if token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
        elif token.kind == "word" and depth == 0:
            found.append(token.text.lower())
    return found


def _only(text: str, file: str, how: str) -> Statement:
    try:
        found = split(text)
    except MetaCommandError as error:
        raise MigrationError(f"{error}: only psql knows those", place=Place(file, error.line)) from None
    if len(found) != 1:
        raise MigrationError(
            f"what runs {how} is one statement, and here are {len(found) or 'none'}",
            hint="Give each a migration of its own.",
            place=_place(file, found[1]) if found else Place(file),
        )
    return found[0]


def _place(file: str, statement: Statement) -> Place:
    return Place(file, statement.line, statement.text.split("\n", 1)[0])
