"""Splits SQL text into statements, by the rules of psql's own scanner."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<line>--[^\n]*)
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
    end = depth = nested = position = 0
    words: list[str] = []

    def finish() -> None:
        nonlocal start, depth, nested
        if start is not None:
            statements.append(Statement(text[start:end], text.count("\n", 0, start) + 1, tuple(words[:8]), end))
        start, depth, nested = None, 0, 0
        words.clear()

    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None
        kind, begin, position = match.lastgroup, position, match.end()
        if kind in ("space", "line"):
            continue
        if kind == "block":
            position = _end_of_comment(text, position)
            continue
        if kind == "backslash":
            raise MetaCommandError(text.count("\n", 0, begin) + 1, match[0].split()[0])
        if match[0] == ";" and depth == 0 and nested == 0:
            finish()
            continue
        if kind == "dollar":
            close = text.find(match[0], position)
            position = len(text) if close < 0 else close + len(match[0])
        elif kind == "word":
            word = match[0].lower()
            words.append(word)
            nested = _nesting(word, words, nested)
        elif match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth = max(depth - 1, 0)
        start = begin if start is None else start
        end = position
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
