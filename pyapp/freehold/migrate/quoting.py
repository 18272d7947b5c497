"""Values in SQL: quoted by PostgreSQL's rules, and known as such until they stand in the text.

A template's output is what its author wrote, or what one of the two filters quoted, or a whole number. Both kinds are
``Sql``, which is no string and has nothing that a template could call: a string method, ``~``, ``%`` or ``join`` makes
a plain string of it, and that is refused.

A quoted value is safe as a token of its own, and not inside quotes, in a comment that it could end, or in a body whose
dollar quotes it holds. So values are put between marks, and when all is rendered ``settle`` looks where they stand.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from decimal import Decimal

from jinja2 import Undefined

from freehold.migrate.errors import MigrationError
from freehold.sqltext import Place, Token, tokens

# Noncharacters of Unicode, meant for such use and for no text.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
MARKS = (_OPEN, _CLOSE)

_VALUE = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")

_IDENTIFIER_BYTES = 63


class Sql:
    """Text that may stand in a migration.

    Args:
        text: The text, values in it between marks.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __str__(self) -> str:
        return unmarked(self._text)

    def __repr__(self) -> str:
        return f"Sql({unmarked(self._text)!r})"


def marked(sql: Sql) -> str:
    """The text of an ``Sql``, with its marks."""
    return sql._text


def unmarked(text: str) -> str:
    """A text without marks."""
    return text.replace(_OPEN, "").replace(_CLOSE, "")


def ident(value: object) -> Sql:
    """The filter ``ident``: a name, or a list of names with commas between them, quoted.

    Raises:
        MigrationError: No identifier can be that.
    """
    return _value(", ".join(map(_identifier, _members(value))))


def literal(value: object) -> Sql:
    """The filter ``literal``: a constant, or a list of them with commas between them.

    Text is quoted, a mapping becomes JSON in quotes, none is null.

    Raises:
        MigrationError: No constant can be that.
    """
    return _value(", ".join(map(_constant, _members(value))))


def output(value: object) -> str:
    """What an expression puts into the text.

    Raises:
        MigrationError: The value did not pass a filter.
    """
    if type(value) is Sql:
        return marked(value)
    if type(value) is int:
        return marked(literal(value))
    _refuse_undefined(value)
    raise MigrationError(
        f"a value of type {type(value).__name__} is put into SQL as it is",
        detail="What an expression puts there must come out of ident or literal, or of a macro, or be a whole number.",
        hint="{{ ... | ident }} for a name, {{ ... | literal }} for a constant; for other SQL {% if %} or a macro.",
    )


def settle(text: str) -> str:
    """A rendered text without marks, once each value in it stands as a token of its own.

    Raises:
        MigrationError: One does not.
    """
    if _OPEN in text:
        _check(text, 0, text)
    return unmarked(text)


def _value(text: str) -> Sql:
    return Sql(f"{_OPEN}{text}{_CLOSE}")


def _refuse_undefined(value: object) -> None:
    if isinstance(value, Undefined):
        # One that knows what is missing raises that; an if without else does not.
        str(value)
        raise MigrationError("an expression has no value", hint="{% if ... %} around it.")


def _members(value: object) -> Iterator[object]:
    _refuse_undefined(value)
    if isinstance(value, list | tuple):
        if not value:
            raise MigrationError("a list is empty", hint="{% if ... %} around it.")
        yield from value
    else:
        yield value


def _identifier(value: object) -> str:
    if type(value) is not str:
        raise MigrationError(f"a value of type {type(value).__name__} is no identifier")
    text = _text(value)
    if not text:
        raise MigrationError("an identifier is empty")
    if len(text.encode()) > _IDENTIFIER_BYTES:
        raise MigrationError(f"an identifier is longer than {_IDENTIFIER_BYTES} bytes", detail=text)
    return '"' + text.replace('"', '""') + '"'


def _constant(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        if not math.isfinite(value):
            return f"'{value}'"
        # A minus sign after another one would begin a comment.
        return f" {value}" if value < 0 else f"{value}"
    if isinstance(value, Sql):
        value = str(value)
    if isinstance(value, dict):
        try:
            value = json.dumps(value, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as error:
            raise MigrationError("a mapping cannot be written as JSON", detail=str(error)) from None
    if type(value) is not str:
        raise MigrationError(f"a value of type {type(value).__name__} is no constant")
    text = _text(value).replace("'", "''")
    # A backslash in '' is what standard_conforming_strings says; in E'' a doubled one is always itself.
    return " E'" + text.replace("\\", "\\\\") + "'" if "\\" in text else f"'{text}'"


def _text(value: str) -> str:
    if "\0" in value:
        raise MigrationError("a value holds a NUL, which no text of PostgreSQL can")
    if any(mark in value for mark in MARKS):
        raise MigrationError("a value holds U+FDD0 or U+FDD1, which are no characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MigrationError("a value holds half a surrogate pair, which is no character") from None
    return value


def _check(text: str, offset: int, whole: str) -> None:
    """Looks at the values of a text, which begins at an offset of the whole one."""
    value: int | None = None
    for token in tokens(text):
        if token.text == _OPEN:
            _apart(text, token.start, offset, whole, ahead=True)
            value = token.start
        elif token.text == _CLOSE:
            _apart(text, token.start, offset, whole, ahead=False)
            value = None
        elif _OPEN in token.text or _CLOSE in token.text:
            _check_inside(token, offset, whole)
    if value is not None:
        raise _misplaced("a value ends the quotes it stands in", whole, offset + value)


def _check_inside(token: Token, offset: int, whole: str) -> None:
    start = offset + token.start
    if token.kind == "dollar":
        tag = token.text[: token.text.index("$", 1) + 1]
        _check(token.text[len(tag) :].removesuffix(tag), start + len(tag), whole)
        return
    first = start + min(at for at in map(token.text.find, MARKS) if at >= 0)
    if token.kind not in ("line", "block"):
        hint = "The filter brings the quotes: take the others out."
        raise _misplaced("a value stands inside quotes", whole, first, hint)
    # A line ends with the value's, and so there is no closing mark; edges in a nested comment only shift its end.
    values = _VALUE.findall(token.text)
    if len(values) != token.text.count(_OPEN) or any("/*" in value or "*/" in value for value in values):
        raise _misplaced("a value ends the comment it stands in", whole, first)


def _apart(text: str, mark: int, offset: int, whole: str, *, ahead: bool) -> None:
    at = mark
    while 0 <= at < len(text) and text[at] in MARKS:
        at += -1 if ahead else 1
    if 0 <= at < len(text) and (text[at].isalnum() or text[at] in "_$'\"\\"):
        hint = "A space between them, or one value: ('a' ~ b) | ident."
        raise _misplaced("a value runs together with what is beside it", whole, offset + mark, hint)


def _misplaced(message: str, whole: str, position: int, hint: str | None = None) -> MigrationError:
    line = Place.of("", unmarked(whole), len(unmarked(whole[:position])) + 1).text or ""
    return MigrationError(
        message, detail=f"rendered: {line.strip()}", hint=hint or "Put the value where it is a constant or a name."
    )
