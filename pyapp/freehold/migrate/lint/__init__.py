"""Lint: what a migration would do to a fleet, said before it runs.

Three look at it: squawk at the statements, rules of freehold's own at what no tenant's migration has business with, and
a trial on a copy of the template at what was really made, locked and rewritten.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import psycopg

from freehold.migrate.files import MigrationFile
from freehold.migrate.lint import names, rules, squawk, trial
from freehold.migrate.lint.finding import Finding
from freehold.migrate.render import Home, Rendered, Renderer

__all__ = ["Finding", "lint"]

PYTHON = "python"
UNUSED = "unused-ignore"
OWN = rules.NAMES | names.NAMES | trial.NAMES | {PYTHON, UNUSED}
# Larger than any table is.
_HUGE = 2**62


def lint(
    renderer: Renderer,
    files: Sequence[MigrationFile],
    home: Home,
    connection: psycopg.Connection[Any] | None,
    template: str | None,
    acknowledge: Collection[str] = (),
) -> list[Finding]:
    """Lints migrations.

    Each is rendered twice, for small and for large tables, since a macro may choose by size.

    Args:
        renderer: Renders them.
        files: The migrations, in the order of application; for a trial those that the template lacks.
        home: What they are rendered for.
        connection: Tells the server's version and which names are schemas; without one neither is known.
        template: What to try them on a copy of; None for no trial.
        acknowledge: Rules that nothing is to be stopped for.

    Returns:
        The findings, in the order of the migrations.

    Raises:
        MigrationError: A migration cannot be rendered, or squawk does not work.
    """
    version = connection.info.server_version if connection is not None else None
    tried = connection is not None and template is not None
    found: dict[str, list[Finding]] = {file.id: [] for file in files}
    rendered: dict[str, Rendered] = {}
    for file in files:
        small, large = (renderer.render(file, home, size) for size in (lambda _: 0, lambda _: _HUGE))
        rendered[file.id] = small
        found[file.id] += _look(small, large, home, connection, version)
    if connection is not None and template is not None:
        for finding in trial.Trial(connection, renderer, template, home).run(files):
            found[finding.migration].append(finding)
    return [
        finding
        for file in files
        for finding in _judged(rendered[file.id], found[file.id], frozenset(acknowledge), tried)
    ]


def _look(
    small: Rendered, large: Rendered, home: Home, connection: psycopg.Connection[Any] | None, version: int | None
) -> list[Finding]:
    if small.file.python:
        return [_python(small)]
    found = list(_look_at(small, home, connection, version))
    if small.text == large.text and small.rollback == large.rollback:
        return found
    found = [finding for finding in found if finding.rule not in squawk.BY_SIZE]
    known = {(finding.rule, finding.message, finding.rollback) for finding in found}
    more = _look_at(large, home, connection, version)
    return found + [finding for finding in more if (finding.rule, finding.message, finding.rollback) not in known]


def _look_at(
    rendered: Rendered, home: Home, connection: psycopg.Connection[Any] | None, version: int | None
) -> Iterator[Finding]:
    yield from rules.check(rendered)
    yield from names.check(rendered, home, connection)
    yield from squawk.check(rendered, version)


def _python(rendered: Rendered) -> Finding:
    return Finding(
        rendered.file.id,
        PYTHON,
        "error",
        None,
        "the migration is Python",
        "What it does is not known before it runs, and nothing of it is linted.",
        "SQL where SQL will do.",
    )


def _judged(
    rendered: Rendered, found: Sequence[Finding], acknowledge: Collection[str], tried: bool
) -> Iterator[Finding]:
    """The findings with their acknowledgement, and those of acknowledgements that nothing needed."""
    text = "" if rendered.file.python else rendered.text
    named = {*rendered.ignore, *squawk.ignored(text), *acknowledge}
    for finding in sorted(found, key=lambda f: (f.rollback, f.line is None, f.line or 0)):
        contract = bool(rendered.file.contract and squawk.BREAKING.match(finding.rule))
        yield dataclasses.replace(finding, acknowledged=finding.rule in named or contract)
    used = {finding.rule for finding in found}
    for rule in rendered.ignore:
        if rule not in used and (tried or rule not in trial.NAMES):
            yield Finding(
                rendered.file.id,
                UNUSED,
                "warning",
                None,
                f"nothing is found that {rule} names",
                "One day it would hide what it was not meant for.",
                "Take it out of -- freehold-ignore:",
            )
