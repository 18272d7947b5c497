"""What the commands of migrations and rollouts share: the directory, and the extra that they need."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from freehold.migrate.render import Renderer

F = TypeVar("F", bound=Callable[..., Any])


def directory(command: F) -> F:
    """Adds ``--directory``."""
    return click.option(
        "--directory", type=click.Path(path_type=Path), default=Path("migrations"), show_default=True,
        envvar="FREEHOLD_MIGRATIONS", show_envvar=True, help="Where the migration files are.",
    )(command)  # fmt: skip


def renderer(path: Path) -> Renderer:
    """The renderer of a directory.

    Raises:
        click.UsageError: The extra is not installed.
        MigrationError: A file is not as it must be.
    """
    try:
        from freehold.migrate.files import Directory
        from freehold.migrate.render import Renderer
    except ModuleNotFoundError as error:
        raise click.UsageError(f"migrations need {error.name}: pip install 'freehold[migrate]'") from error
    return Renderer(Directory(path))
