"""What the runner asks of a subject."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import ClassVar

from bench.place import Place
from bench.schema import Schema


class Unsuited(Exception):
    """A subject cannot do what it was asked to: not a failure of the bench, but a finding.

    Args:
        reason: One line, as the report shows it.
        over: It took longer than the limit.
    """

    def __init__(self, reason: str, *, over: bool = False) -> None:
        super().__init__(reason)
        self.over = over


@dataclass(frozen=True)
class Limits:
    """How long a single call may take, in seconds."""

    call: float


class Subject:
    """One way to make, copy and remove tenants, on one server, for one schema.

    ``ready`` and ``after`` are not timed; ``make`` and ``remove`` return the seconds that the
    work took.

    Args:
        place: Where.
        schema: What is built.
        limits: When to give up.
    """

    name: ClassVar[str]
    erases: ClassVar[bool] = True
    """Whether its removal is worth a line: not where it is another subject's."""

    def __init__(self, place: Place, schema: Schema, limits: Limits) -> None:
        self.place, self.schema, self.limits = place, schema, limits

    def operations(self) -> tuple[str, ...]:
        """What it can do, of provision, claim, claim again, clone and clone data."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Makes what is needed once."""

    def ready(self, operation: str, target: str) -> None:
        """Makes what is needed before each call."""

    def make(self, operation: str, target: str) -> float:
        """Makes a tenant.

        Raises:
            Unsuited: It cannot, or not within the limit.
        """
        raise NotImplementedError

    def schema_of(self, target: str) -> str:
        """The schema that ``make`` made."""
        return target

    def retire(self, target: str) -> None:
        """Does what comes before the removal."""

    def remove(self, target: str) -> float:
        """Removes what ``make`` made."""
        raise NotImplementedError

    def after(self, target: str) -> None:
        """Removes what is left of a call, whether it failed or not."""

    def close(self) -> None:
        """Ends processes and connections."""


class Clock:
    """Wall time of a ``with`` block."""

    seconds = 0.0

    def __enter__(self) -> Clock:
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
