"""Names of tenants' and templates' schemas in a migration.

In the text of a statement the tenant's own schema may be named, by a variable: the deparser takes it out. A body or a
string is text to PostgreSQL, stays as it is in the next tenant that is made of the template, and is refused there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg

from freehold.migrate.lint.finding import Finding
from freehold.migrate.render import Home, Rendered
from freehold.sqltext import Place, tokens

RULE = "schema-name"
NAMES = {RULE}
_NAME = re.compile(r"[^\W\d][\w$]*")
_HELP = "Leave the schema out: names without one are the tenant's."
# A schema of freehold's making is owned by a role that is called after it.
_SCHEMAS = """
    select n.nspname::text
    from pg_catalog.pg_namespace as n
    join pg_catalog.pg_roles as r on r.oid = n.nspowner
    where n.nspname = any (%s) and n.nspname <> 'freehold'
        and right(r.rolname, length(n.nspname) + 6) = n.nspname || '_owner'
"""


def check(rendered: Rendered, home: Home, connection: psycopg.Connection[Any] | None) -> Iterator[Finding]:
    """Where a migration names a tenant's or a template's schema.

    Args:
        rendered: The migration.
        home: What it was rendered for.
        connection: Tells which names are schemas; without one only the home's own is known.
    """
    file = rendered.file
    texts = [(rendered.text, file.source, False), (rendered.rollback or "", file.rollback_source or "", True)]
    known = {home.schema} | _schemas(connection, {name for text, _, _ in texts for name, _, _ in _mentioned(text)})
    for text, source, rollback in texts:
        written = {name for name, _, _ in _mentioned(source)}
        for name, quoted, position in _mentioned(text):
            if name not in known:
                continue
            if quoted:
                message, why = (
                    f"a body or string names schema {name}",
                    "Tenants made of the template would have it too.",
                )
            elif name in written:
                message, why = f"schema {name} is named as it is", "The migration runs for other tenants as well."
            elif name != home.schema:
                message, why = f"schema {name} is named, another tenant's", "It is not this tenant's to change."
            else:
                continue
            line = Place.of("", text, position + 1).line
            yield Finding(file.id, RULE, "error", line, message, why, _HELP, rollback)


def _mentioned(text: str) -> Iterator[tuple[str, bool, int]]:
    """The names in a text: each, whether it stands in a body or string, and where."""
    for token in tokens(text):
        if token.kind == "word":
            yield token.text.lower(), False, token.start
        elif token.kind == "quoted":
            yield token.text[1:-1].replace('""', '"'), False, token.start
        elif token.kind in ("string", "escape"):
            yield from ((match[0], True, token.start + match.start()) for match in _NAME.finditer(token.text))
        elif token.kind == "dollar":
            start = token.text.index("$", 1) + 1
            for name, _, position in _mentioned(token.text[start:].removesuffix(token.text[:start])):
                yield name, True, token.start + start + position


def _schemas(connection: psycopg.Connection[Any] | None, names: set[str]) -> set[str]:
    if connection is None or not names:
        return set()
    return {name for (name,) in connection.execute(_SCHEMAS, (sorted(names),))}
