"""Rules on the text of a migration: what a tenant's migration has no business with, as its statements begin."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.migrate.lint.finding import Finding
from freehold.migrate.lint.pieces import Piece, pieces
from freehold.migrate.render import Rendered
from freehold.migrate.statements import top_words
from freehold.sqltext import MetaCommandError

_EVERYWHERE = ("top", "do", "routine")
_NOW = ("top", "do")
_ROLE = r'([\w$]+|"([^"]|"")+")'
# Of a cluster or a database, not of a schema.
_WIDE = (
    r"(role|user(?! mapping)|group|database|tablespace|extension|schema|publication|subscription|event trigger|server"
    r"|foreign data wrapper|user mapping|(trusted |procedural )*language|access method)"
)


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        name: By which it is acknowledged.
        pattern: What a statement's shape begins with.
        contexts: Where.
        message: What is there.
        why: What comes of it.
        help: What to do instead.
        severity: ``error`` or ``warning``.
    """

    name: str
    pattern: re.Pattern[str]
    contexts: tuple[str, ...]
    message: str
    why: str
    help: str
    severity: str = "error"


def _rule(name: str, pattern: str, contexts: tuple[str, ...], message: str, why: str, help_: str) -> Rule:
    return Rule(name, re.compile(pattern), contexts, message, why, help_)


RULES = (
    _rule(
        "role",
        r"set( local| session)? (role|session authorization)\b|reset (role|session authorization)\b"
        r"|(create|alter)( or replace)? (function|procedure|routine) (?:(?! begin atomic ).)* set role\b",
        _EVERYWHERE,
        "the role is changed",
        "A migration runs as the owner of its tenant's schema, and as nobody else.",
        "Leave it out.",
    ),
    _rule(
        "search-path",
        r"set( local| session)? (search_path|schema)\b|reset (search_path|all)\b|discard all\b",
        _NOW,
        "search_path is changed",
        "Names without a schema are the tenant's; with another path they are somebody else's.",
        "Leave it out; names need no schema.",
    ),
    _rule(
        "timeout",
        r"(set( local| session)?|reset) (lock|statement|transaction|idle_in_transaction_session)_timeout\b",
        _NOW,
        "a timeout is changed",
        "A rollout sets timeouts, so that a tenant's traffic never waits longer than they say.",
        "Leave it out, or make the statements shorter: NOT VALID, batches, concurrently.",
    ),
    _rule(
        "cluster-object",
        rf"(create|alter|drop)( or replace)? {_WIDE}\b|alter system\b|(drop|reassign) owned\b|load ''"
        r"|security label\b|comment on (role|database|tablespace|extension)\b|import foreign schema\b",
        _EVERYWHERE,
        "something is made, changed or dropped that belongs to the database or the cluster",
        "There is one of it, and a migration runs once for every tenant.",
        "Do it apart from the migrations, once.",
    ),
    _rule(
        "role-membership",
        rf"(grant|revoke) ((admin|inherit|set) option for )?{_ROLE}( , {_ROLE})* (to|from)\b",
        _EVERYWHERE,
        "a role is granted or revoked",
        "Who may act as a tenant is freehold's to say.",
        "freehold gate grant, freehold reader create.",
    ),
    _rule(
        "transaction",
        r"(begin|start transaction|commit|rollback|abort|end|savepoint|release|prepare transaction|set transaction)\b",
        ("top",),
        "the transaction is ended, begun or divided",
        "A migration and the mark that it ran are one transaction, which the rollout begins and ends.",
        "Take it out; for several transactions write several migrations.",
    ),
    _rule(
        "transaction",
        r"(commit|rollback)( work| transaction)?( and( no)? chain)?$",
        ("do",),
        "the transaction is ended in a DO block",
        "A migration and the mark that it ran are one transaction, which the rollout begins and ends.",
        "Take it out; for many rows -- backfill: true.",
    ),
    _rule(
        "session",
        r"prepare (?!transaction\b)|declare .* with hold\b|listen\b|set session characteristics\b",
        _NOW,
        "something is left in the session",
        "The connection serves other tenants afterwards.",
        "Leave it out.",
    ),
    _rule(
        "lock-table",
        r"lock( table)?( only)? [\w\"]",
        _NOW,
        "a table is locked",
        "Nobody uses it until the migration ends.",
        "Statements take the locks that they need.",
    ),
    _rule(
        "copy",
        r"copy .*\b(program\b|from (''|stdin\b|stdout\b)|to (''|stdout\b|stdin\b))",
        _NOW,
        "rows are copied from or to something outside the database",
        "A migration is text that runs on the server: it has no client with rows, and must have no files or programs.",
        "Write rows as INSERT.",
    ),
    _rule(
        "drop-cascade",
        r"drop .* cascade$|alter table .* drop .* cascade\b",
        _NOW,
        "CASCADE drops what it does not name",
        "In a tenant with a view, key or column of its own that goes too, in another schema as well.",
        "Name what is to be dropped.",
    ),
    _rule(
        "vacuum-full",
        r"vacuum (\( [^()]*\bfull\b(?! (false|off|0)\b)|full\b)|cluster\b",
        _EVERYWHERE,
        "a table is written anew",
        "Nobody uses it until that is done.",
        "Leave it out, or acknowledge it for tables that nobody uses.",
    ),
)
_CONCURRENTLY = re.compile(
    r"(create( unique)? index|drop index|reindex \w+) concurrently\b|reindex \( .*\bconcurrently\b"
    r"|alter table .* detach .* concurrently$"
)
_CONFIG = ("role", "session_authorization", "search_path")
NAMES = {rule.name for rule in RULES} | {"concurrently", "whole-table", "meta-command"}


def check(rendered: Rendered) -> Iterator[Finding]:
    """What the rules say of a migration and of its rollback.

    Args:
        rendered: The migration.
    """
    for text, rollback in ((rendered.text, False), (rendered.rollback, True)):
        try:
            found = pieces(text or "")
        except MetaCommandError as error:
            yield Finding(
                rendered.file.id,
                "meta-command",
                "error",
                error.line,
                str(error),
                "Only psql knows those; the server would stop there.",
                "Leave it out.",
                rollback,
            )
            continue
        for piece in found:
            yield from _check(rendered, piece, rollback)


def _check(rendered: Rendered, piece: Piece, rollback: bool) -> Iterator[Finding]:
    id_ = rendered.file.id
    for rule in RULES:
        if piece.context in rule.contexts and rule.pattern.match(piece.shape):
            yield Finding(id_, rule.name, rule.severity, piece.line, rule.message, rule.why, rule.help, rollback)
    for name in _configured(piece):
        yield Finding(
            id_,
            "search-path" if name == "search_path" else "role",
            "error",
            piece.line,
            f"set_config() changes {name}",
            "A migration runs as the owner of its tenant's schema, with that schema on the path.",
            "Leave it out.",
            rollback,
        )
    if rendered.transactional and piece.context in _NOW and _CONCURRENTLY.match(piece.shape):
        yield Finding(
            id_,
            "concurrently",
            "error",
            piece.line,
            "CONCURRENTLY in a transaction",
            "PostgreSQL refuses it there.",
            "-- transactional: false as a comment at the top, or online.index of freehold/online.sql.",
            rollback,
        )
    if not rendered.backfill and piece.context == "top" and _is_whole(piece):
        yield Finding(
            id_,
            "whole-table",
            "warning",
            piece.line,
            f"{piece.shape.split()[0]} of all rows of a table",
            "They stay locked until the migration ends, and one tenant may have many.",
            "-- backfill: true, or online.backfill of freehold/online.sql.",
            rollback,
        )


def _configured(piece: Piece) -> Iterator[str]:
    for index, token in enumerate(piece.tokens):
        if token.text.lower() in ("set_config", '"set_config"'):
            # The name comes first, or after setting_name =>.
            strings = (t.text for t in piece.tokens[index : index + 6] if t.kind in ("string", "escape"))
            value = next(strings, "''").split("'")[1].lower()
            if value in _CONFIG:
                yield value


def _is_whole(piece: Piece) -> bool:
    words = top_words(piece.tokens)
    return words[:1] in (["update"], ["delete"]) and "where" not in words
