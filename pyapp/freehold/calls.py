"""Calls of SQL functions by name, over a connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb, set_json_loads

import freehold.errors  # noqa: F401  registers the error classes with psycopg

Row = dict[str, Any]
"""A row by column name."""
_DIGITS = 640


class Calls:
    """What every group of functions is called by.

    Args:
        connection: A connection to a database that has freehold installed.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def _fetch(self, function: str, arguments: Mapping[str, object]) -> list[Row]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            set_json_loads(loads, cursor)
            return cursor.execute(
                invocation(sql.SQL("select * from {}({})"), function, arguments), arguments
            ).fetchall()

    def _call(self, procedure: str, **arguments: object) -> None:
        sent = given(arguments)
        self.connection.execute(invocation(sql.SQL("call {}({})"), procedure, sent), sent)

    def _rows(self, function: str, **arguments: object) -> list[Row]:
        return self._fetch(function, given(arguments))

    def _row(self, function: str, **arguments: object) -> Row:
        return self._rows(function, **arguments)[0]

    def _value(self, function: str, **arguments: object) -> object:
        return next(iter(self._row(function, **arguments).values()))


def loads(text: str | bytes) -> Any:
    """JSON that anybody may have written: PostgreSQL keeps what Python's own reading fails at.

    Args:
        text: The JSON. A number of more digits than Python reads becomes a Decimal. What is nested too deeply stays a
            text.
    """
    text = text if isinstance(text, str) else text.decode()
    try:
        return _DECODER.decode(text)
    except RecursionError:
        return text


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < _DIGITS else Decimal(digits)


_DECODER = json.JSONDecoder(parse_int=_whole)


def given(arguments: Mapping[str, object]) -> dict[str, object]:
    """The arguments to be sent: those that were given, objects as jsonb."""
    return {
        name: Jsonb(dict(value)) if isinstance(value, Mapping) else value
        for name, value in arguments.items()
        if value is not None
    }


def invocation(text: sql.SQL, name: str, arguments: Mapping[str, object]) -> sql.Composed:
    """The statement that calls a function of the schema with arguments by name."""
    named = (sql.SQL("{} => {}").format(sql.Identifier(each), sql.Placeholder(each)) for each in arguments)
    return text.format(sql.Identifier("freehold", name), sql.SQL(", ").join(named))
