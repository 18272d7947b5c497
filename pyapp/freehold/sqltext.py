"""Splits SQL text into statements, by the rules of psql's own scanner."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<line>--[^\r\n]*)
    | (?P<block>/\*)
    | (?P<escape>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z))
    | (?P<string>'(?:[^']|'')*(?:'|\Z))
    | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<parameter>\$\d+)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<backslash>\\[^\n]*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"create (or replace )?(function|procedure)\b")


class MetaCommandError(ValueError):
    """The text holds a psql meta-command, which only psql understands.

    Attributes:
        line: Where, from 1.
    """

    def __init__(self, line: int, command: str) -> None:
        super().__init__(f"psql meta-command {command}")
        self.line = line


class Token(NamedTuple):
    """A token of a text, white space and comments among them.

    Attributes:
        kind: ``space``, ``line`` or ``block`` (comments), ``escape``, ``string``, ``quoted`` (a name), ``dollar`` (a
            whole body with its quotes), ``parameter``, ``word``, ``backslash`` (a meta-command) or ``other``.
        text: What it is.
        start: Where it begins, in characters.
        end: Where it ends.
    """

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """A statement of a text.

    Attributes:
        text: Without comments before it and without its semicolon.
        line: The line it begins in, from 1.
        words: Its words outside quotes, in lower case; enough of them to tell its kind.
        end: Where it ends in the whole text, in characters.
    """

    text: str
    line: int
    words: tuple[str, ...]
    end: int

    def line_at(self, position: int) -> int:
        """The line of a character of the statement.

        Args:
            position: As PostgreSQL reports it, from 1.
        """
        return self.line + self.text.count("\n", 0, position - 1)


@dataclass(frozen=True)
class Place:
    """A place in a file.

    Attributes:
        file: The file's name.
        line: From 1, where it is known.
        text: That line.
        column: The character in it, from 1, where it is known.
        hint: What to do about what is there.
    """

    file: str
    line: int | None = None
    text: str | None = None
    column: int | None = None
    hint: str | None = None

    @classmethod
    def of(cls, file: str, text: str, position: int) -> Place:
        """The place of a character.

        Args:
            file: The file's name.
            text: What is in it.
            position: As PostgreSQL reports it, in characters from 1.
        """
        before = text[: position - 1]
        start = before.rfind("\n") + 1
        return cls(file, before.count("\n") + 1, text[start:].split("\n", 1)[0], position - start)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order and without gaps.

    Args:
        text: SQL.
    """
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        kind, start, position = str(match.lastgroup), position, match.end()
        if kind == "block":
            position = _end_of_comment(text, position)
        elif kind == "dollar":
            close = text.find(match[0], position)
            position = len(text) if close < 0 else close + len(match[0])
        yield Token(kind, text[start:position], start, position)


def split(text: str) -> list[Statement]:
    """Splits a text at the semicolons that end statements.

    Args:
        text: SQL, without psql meta-commands.

    Returns:
        Its statements, empty ones left out.

    Raises:
        MetaCommandError: The text holds a meta-command.
    """
    statements: list[Statement] = []
    start: int | None = None
    end = depth = nested = 0
    words: list[str] = []

    def finish() -> None:
        nonlocal start, depth, nested
        if start is not None:
            statements.append(Statement(text[start:end], text.count("\n", 0, start) + 1, tuple(words[:8]), end))
        start, depth, nested = None, 0, 0
        words.clear()

    for token in tokens(text):
        if token.kind in ("space", "line", "block"):
            continue
        if token.kind == "backslash":
            raise MetaCommandError(text.count("\n", 0, token.start) + 1, token.text.split()[0])
        if token.text == ";" and depth == 0 and nested == 0:
            finish()
            continue
        if token.kind == "word":
            word = token.text.lower()
            words.append(word)
            nested = _nesting(word, words, nested)
        elif token.text in ("(", "["):
            depth += 1
        elif token.text in (")", "]"):
            depth = max(depth - 1, 0)
        start = token.start if start is None else start
        end = token.end
    finish()
    return statements


def _end_of_comment(text: str, position: int) -> int:
    level = 1
    while level:
        match = _COMMENT_EDGE.search(text, position)
        if match is None:
            return len(text)
        level += 1 if match[0] == "/*" else -1
        position = match.end()
    return position


def _nesting(word: str, words: list[str], nested: int) -> int:
    """Depth of ``begin atomic ... end`` after a word, ``case ... end`` counted with it."""
    if word not in ("begin", "case", "end") or not _ROUTINE.match(" ".join(words[:4])):
        return nested
    if word == "end":
        return max(nested - 1, 0)
    return nested + 1 if word == "begin" or nested else nested
