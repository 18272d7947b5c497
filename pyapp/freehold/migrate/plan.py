"""Which migrations a rollout takes over a fleet, and the lint that comes before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import psycopg

from freehold.control import Control
from freehold.migrate import homes
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import Directory, MigrationFile
from freehold.migrate.lint import Finding, lint
from freehold.migrate.render import Renderer


def pending(control: Control, template: str, directory: Directory, to: str | None = None) -> list[MigrationFile]:
    """The migrations that the template, or a tenant of it, does not have yet, in the order of application.

    Args:
        control: The control plane.
        template: The template's name.
        directory: The files.
        to: The last of them; what it depends on comes with it.

    Raises:
        MigrationNotFound: There is no file ``to``.
    """
    wanted = directory.up_to(to)
    missing = {row["migration_id"] for row in control.migration_missing(template, [file.id for file in wanted])}
    return [file for file in wanted if file.id in missing]


def untried(control: Control, template: str, files: Iterable[MigrationFile]) -> list[MigrationFile]:
    """The migrations that the template's own schema does not have."""
    files = list(files)
    missing = control.migration_missing(template, [file.id for file in files])
    ids = {row["migration_id"] for row in missing if not row["template_has"]}
    return [file for file in files if file.id in ids]


def entries(files: Sequence[MigrationFile]) -> list[dict[str, Any]]:
    """Migrations as ``rollout_create`` takes them."""
    return [{"id": file.id, "digest": file.digest, "contract": list(file.contract)} for file in files]


def check_rollback(control: Control, template: str, directory: Directory, files: Sequence[MigrationFile]) -> None:
    """Refuses to plan a rollback that would stop in the middle, or take away what others stand on.

    Raises:
        MigrationError: One of them cannot be taken back, or one that stays depends on it.
    """
    taken = {file.id for file in files}
    standing = _standing(directory, taken)
    if standing:
        lacking = {row["migration_id"]: row for row in control.migration_missing(template, standing)}
        tenants = len(control.migration_status(template))
        for each in standing:
            row = lacking.get(each)
            if row is None or row["template_has"] or row["tenants"] < tenants:
                raise MigrationError(
                    f"{each} depends on what is to be taken back, and is applied",
                    hint="Roll back its rollout first: freehold rollout list shows which that is.",
                )
    for file in files:
        if not file.python and file.rollback_source is None:
            raise MigrationError(
                f"{file.id} cannot be taken back",
                detail=f"It has no rollback file: {file.rollback_path.name}.",
                hint="Write one, or choose others: freehold rollout rollback --migration ...",
            )


def _standing(directory: Directory, taken: Collection[str]) -> list[str]:
    """Migrations that depend on some of these, directly or not, and are none of them; in the order of application."""
    reached = set(taken)
    for file in directory:
        if reached.intersection(file.depends):
            reached.add(file.id)
    return [file.id for file in directory if file.id in reached and file.id not in taken]


def check(
    connection: psycopg.Connection[Any],
    renderer: Renderer,
    files: Sequence[MigrationFile],
    template: str,
    acknowledge: Collection[str],
) -> list[Finding]:
    """Lints what is about to be taken over a fleet.

    Returns:
        What was found and is acknowledged.

    Raises:
        MigrationError: Something was found that nobody has acknowledged.
    """
    control = Control(connection)
    home = homes.home(control, f"@{template}")
    # What the template has already fails on a copy of it.
    new = untried(control, template, files)
    findings = lint(renderer, [file for file in files if file not in new], home, connection, None, acknowledge)
    findings += lint(renderer, new, home, connection, template, acknowledge)
    blocking = [each for each in findings if not each.acknowledged and each.severity == "error"]
    if blocking:
        raise MigrationError(
            f"lint found {len(blocking)} in what is pending",
            detail="\n".join(
                f"{each.migration}{f':{each.line}' if each.line else ''}: {each.rule}: {each.message}"
                for each in blocking
            ),
            hint="freehold migration lint tells why and what helps; --acknowledge RULE goes on in spite of one.",
        )
    return findings
