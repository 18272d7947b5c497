"""Directives: what the comments at the top of a migration say about it, as ``-- depends: 0003.tickets``.

Of yoyo's format are ``depends`` and ``transactional``; the others are freehold's, and comments to yoyo.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.migrate.errors import MigrationError
from freehold.sqltext import Place

NAMES = ("depends", "transactional", "contract", "backfill", "freehold-ignore")

# Comments, and those of jinja2's blocks that stand between them.
_LEADING = re.compile(r"\s+|--[^\n]*|\{#.*?#\}|\{%.*?%\}|/\*.*?\*/", re.DOTALL)
_DIRECTIVE = re.compile(r"--\s*([A-Za-z][\w-]*)\s*:\s*(.*?)\s*\Z")
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True)
class Directives:
    """What the leading comments of a text say.

    Attributes:
        depends: Ids of the migrations that come before.
        contract: Ids of those that every tenant must have before.
        transactional: Whether it runs in a transaction with its mark.
        backfill: Whether it is one batch, to be run until it changes no row.
        ignore: Rules of lint that it is not to be stopped for.
        ignore_line: Where it says so, from 1.
        body: Where the leading comments end, in characters.
    """

    depends: tuple[str, ...]
    contract: tuple[str, ...]
    transactional: bool
    backfill: bool
    ignore: tuple[str, ...]
    ignore_line: int | None
    body: int


def read(text: str, file: str) -> Directives:
    """The directives of a text, rendered or not.

    Args:
        text: The whole of it.
        file: Its name, for errors.

    Raises:
        MigrationError: A directive has a value that it cannot have, or is misspelt.
    """
    found: dict[str, list[str]] = {name: [] for name in NAMES}
    ignore_line = None
    body = 0
    for comment, start, end in _leading(text):
        body = end
        match = _DIRECTIVE.match(comment)
        if match is None:
            continue
        name, value = match.groups()
        place = Place.of(file, text, start + 1)
        if name not in found:
            _refuse_misspelt(name, place)
            continue
        if name in ("transactional", "backfill"):
            if value not in _TRUTH:
                raise MigrationError(f"-- {name}: {value} is neither true nor false", place=place)
            if found[name] not in ([], [value]):
                raise MigrationError(f"-- {name}: is both true and false", place=place)
            found[name] = [value]
        else:
            found[name] += filter(None, re.split(r"[\s,]+", value))
        if name == "freehold-ignore":
            ignore_line = ignore_line or place.line
    return Directives(
        depends=tuple(dict.fromkeys(found["depends"])),
        contract=tuple(dict.fromkeys(found["contract"])),
        transactional=_TRUTH["".join(found["transactional"]) or "true"],
        backfill=_TRUTH["".join(found["backfill"]) or "false"],
        ignore=tuple(dict.fromkeys(found["freehold-ignore"])),
        ignore_line=ignore_line,
        body=body,
    )


def _leading(text: str) -> Iterator[tuple[str, int, int]]:
    position = 0
    while match := _LEADING.match(text, position):
        position = match.end()
        yield match[0], match.start(), position


def _refuse_misspelt(name: str, place: Place) -> None:
    """A comment may say anything, but not what is a directive but for a letter."""
    for meant in difflib.get_close_matches(name.lower(), NAMES, n=1, cutoff=0.85):
        raise MigrationError(f"-- {name}: is no directive", hint=f"-- {meant}: is.", place=place)
