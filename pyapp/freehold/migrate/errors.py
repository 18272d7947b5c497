"""What is wrong with a migration, before a database has seen it."""

from __future__ import annotations

from freehold.errors import BadInput, FreeholdError, NotFound
from freehold.sqltext import Place


class FileProblem(FreeholdError):
    """An error of the files, not of the database: it has no SQLSTATE.

    Args:
        message: One line.
        detail: The facts.
        hint: The way out.
        place: Where in a file.
    """

    def __init__(
        self, message: str, *, detail: str | None = None, hint: str | None = None, place: Place | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.detail, self.hint, self.place = message, detail, hint, place

    def __str__(self) -> str:
        if self.place is None:
            return self.message
        where = self.place.file if self.place.line is None else f"{self.place.file}:{self.place.line}"
        return f"{where}: {self.message}"


class MigrationError(FileProblem, BadInput):
    """A migration file is not acceptable, or cannot be rendered."""


class MigrationNotFound(FileProblem, NotFound):
    """No migration file has this id."""
