"""Statements of a text and of the bodies in it, as far as they can be told apart without a parser.

A body is what stands in dollar quotes, and in plain ones after DO, AS, EXECUTE or EXECUTE format(. Comments and other
strings are not looked into. A body in PL/pgSQL is cut where a statement can begin; what comes of a cut in the wrong
place is a piece that resembles no statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freehold.sqltext import Token, split, tokens

# What a statement of PL/pgSQL may follow.
_OPENERS = {"begin", "then", "else", "loop", "declare", "execute"}
_BODIES = (["do"], ["as"], ["execute"])
_PLAIN = re.compile(r'"([a-z_][a-z0-9_$]*)"')
_SILENT = ("space", "line", "block")


@dataclass(frozen=True)
class Piece:
    """A statement.

    Attributes:
        shape: Its tokens with single spaces between them, in lower case: '' for a string, $$ for a body, a name that
            needs no quotes without them.
        context: ``top``, ``do`` (it runs when the migration does) or ``routine`` (it runs when somebody calls it).
        line: In the whole text, from 1.
        tokens: The tokens.
    """

    shape: str
    context: str
    line: int
    tokens: Sequence[Token]


def pieces(text: str) -> list[Piece]:
    """The statements of a text, those in bodies after the one that holds them.

    Args:
        text: SQL.

    Raises:
        MetaCommandError: The text holds one of psql's own commands.
    """
    result: list[Piece] = []
    for statement in split(text):
        start = statement.end - len(statement.text)
        inside = [_moved(token, start) for token in tokens(statement.text) if token.kind not in _SILENT]
        result.append(_piece(text, inside, "top"))
        context = "do" if result[-1].shape.startswith("do ") else "routine"
        for body, at in _bodies(inside):
            result += _body(text, body, at, context)
    return result


def _body(text: str, body: str, at: int, context: str) -> Iterator[Piece]:
    inside = [_moved(token, at) for token in tokens(body) if token.kind not in _SILENT]
    current: list[Token] = []
    for token in inside:
        opener = token.kind == "word" and token.text.lower() in _OPENERS
        if token.text == ";" or opener:
            if current:
                yield _piece(text, [*current, token] if opener else current, context)
            current = []
        else:
            current.append(token)
    if current:
        yield _piece(text, current, context)
    for inner, start in _bodies(inside):
        yield from _body(text, inner, start, context)


def _bodies(inside: Sequence[Token]) -> Iterator[tuple[str, int]]:
    for index, token in enumerate(inside):
        before = [earlier.text.lower() for earlier in inside[max(index - 3, 0) : index]]
        if token.kind == "dollar":
            tag = token.text.index("$", 1) + 1
            yield token.text[tag:].removesuffix(token.text[:tag]), token.start + tag
        elif token.kind in ("string", "escape") and (before[-1:] in _BODIES or before == ["execute", "format", "("]):
            quote = token.text.index("'") + 1
            # As long as the original, so that lines stay what they are.
            yield token.text[quote:-1].replace("''", " '"), token.start + quote


def _piece(text: str, inside: Sequence[Token], context: str) -> Piece:
    shape = " ".join(map(_shown, inside))
    return Piece(shape, context, text.count("\n", 0, inside[0].start) + 1, inside)


def _shown(token: Token) -> str:
    if token.kind in ("string", "escape"):
        return "''"
    if token.kind == "dollar":
        return "$$"
    if token.kind == "quoted":
        plain = _PLAIN.fullmatch(token.text)
        return plain[1] if plain else token.text
    return token.text.lower()


def _moved(token: Token, by: int) -> Token:
    return token._replace(start=token.start + by, end=token.end + by)
