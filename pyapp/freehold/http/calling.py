"""How a function is called: its statement, and what comes back, as JSON that PostgreSQL wrote."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from freehold.calls import loads
from freehold.catalog import Function, invocation, overload
from freehold.http import tracing
from freehold.http.database import Connection

SECRETS = ("token", "password")
"""Columns that are told once: what is kept of an answer has them null."""

ROWS = ("audit_as_of", "audit_as_of_table", "audit_history", "audit_reads", "fleet_ask", "fleet_query")
"""What answers with tenants' rows and changes none: nothing of it is kept, and a repetition asks anew."""


@dataclass(frozen=True)
class Answer:
    """What a call returned.

    Attributes:
        text: JSON; None for nothing.
        rows: The rows, where there may be several.
    """

    text: str | None
    rows: list[str] | None = None

    @property
    def etag(self) -> str:
        """What tells this answer from another."""
        return f'"{hashlib.sha256((self.text or "").encode()).hexdigest()[:32]}"'

    def kept(self) -> str | None:
        """The answer without what is told only once."""
        if self.text is None or not any(f'"{name}"' in self.text for name in SECRETS):
            return self.text
        value = json.loads(self.text)
        if isinstance(value, dict):
            value.update({name: None for name in SECRETS if name in value})
        return json.dumps(value)


async def call(connection: Connection, function: Function, given: Mapping[str, Any]) -> Answer:
    """Calls a function in an open transaction.

    Args:
        connection: Whose transaction.
        function: Which function.
        given: Its arguments by name, as texts or numbers, lists of them for arrays.
    """
    meant = overload(function, given)
    nothing = meant.result == "void" and not meant.columns
    column = sql.SQL("null") if nothing else sql.SQL("case when not x is null then to_json(x)::text end")
    query = sql.SQL("select {} from {} as x").format(column, invocation(function, given))
    with tracing.span(f"freehold.{function.name}", db__system__name="postgresql"):
        rows = await (await connection.execute(query, given)).fetchall()
    if nothing:
        return Answer(None)
    if meant.many:
        texts = [row[0] if row[0] is not None else "null" for row in rows]
        return Answer("[" + ",".join(texts) + "]", texts)
    return Answer(rows[0][0] if rows and rows[0][0] is not None else "null")


def next_page(function: Function, given: Mapping[str, Any], answer: Answer) -> dict[str, Any] | None:
    """The arguments of the next page, where there may be one.

    Args:
        function: That was called.
        given: With which arguments.
        answer: What it returned.
    """
    limit = given.get("max_rows")
    if limit is None or not answer.rows or len(answer.rows) < int(limit):
        return None
    meant = overload(function, given)
    names = {argument.name for argument in meant.arguments}
    last = _columns(answer.rows[-1])
    for argument, columns in _CURSORS:
        if argument in names:
            found = next((last[column] for column in columns if last.get(column) is not None), None)
            return None if found is None else {**given, argument: found}
    return None


def _columns(row: str) -> dict[str, Any]:
    """The columns of a row; the first alone of one that holds what is nested too deeply."""
    found = loads(row)
    if isinstance(found, dict):
        return found
    first = _FIRST.match(row)
    return {} if first is None else {first[1]: json.loads(first[2])}


_FIRST = re.compile(r'\{"(\w+)":("[^"\\]*"|[0-9]+),')
_CURSORS = (("after", ("cursor", "slug", "user_id", "id", "name")), ("before_id", ("id",)), ("before", ("id",)))


def twin(functions: Mapping[str, Function], function: Function) -> Function | None:
    """The function that reads what another one changes: ``tenant_get`` for ``tenant_suspend``.

    Args:
        functions: All, by name.
        function: The one that changes.
    """
    words = function.name.split("_")
    given = {argument.name for argument in function.main.arguments}
    for length in range(len(words) - 1, 0, -1):
        for verb in ("get", "list"):
            found = functions.get("_".join([*words[:length], verb]))
            if found is not None and found.reads and all(a.name in given for a in found.main.arguments if a.required):
                return found
    return None
