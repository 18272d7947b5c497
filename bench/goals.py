"""The goals: ratios of two things measured in one run, and whether they were met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bench.measure import CLAIMS, FLOOR, Results, Spread, ratio

UNFIT = ("helpdesk",)
"""Schemas that django-tenants cannot clone, and whose migrations are raw SQL: no goal is judged by them."""
GROWTH_FROM = 10
"""The fleet that larger ones are compared with."""


@dataclass(frozen=True)
class Goal:
    """A goal and the ratio that was measured.

    Attributes:
        name: What is asked for.
        of: On which schema, with how many tenants.
        bound: The ratio that is asked for.
        at_most: The ratio may be at most the bound; else at least.
        value: The median of the ratio, or None where it was not measured.
        low: Its lower quartile.
        high: Its upper quartile.
        bounded: The other was given up: the ratio is at least this.
    """

    name: str
    of: str
    bound: float
    at_most: bool
    value: float | None
    low: float | None = None
    high: float | None = None
    bounded: bool = False

    @property
    def passed(self) -> bool | None:
        """Whether it was met; None where it was not measured."""
        if self.value is None:
            return None
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def to_json(self) -> dict[str, Any]:
        """As the JSON has it."""
        return {**asdict(self), "passed": self.passed}


def goals(results: Results) -> list[Goal]:
    """All goals that the run says something about."""
    return [*_pairs(results), *_growth(results), *_gates(results), *_copy(results)]


def _pairs(results: Results) -> Iterator[Goal]:
    asked = (
        ("provision / the same script by hand", "provision", "freehold", "provision", FLOOR, 1.25, True),
        ("django-tenants, 30 migrations / provision", "provision", "django-tenants", "provision", "freehold", 3, False),
        ("django-tenants' clone / provision", "provision", "django-tenants clone", "provision", "freehold", 20, False),
        *((f"{claim} / provision", claim, "freehold", "provision", "freehold", 1 / 50, True) for claim in CLAIMS),
    )
    for schema, tenants in _scopes(results):
        for name, operation, who, other, whom, bound, at_most in asked:
            case = results.get(schema, operation, tenants, who)
            found = ratio(case, results.get(schema, other, tenants, whom)) if case else None
            if case is not None and found is not None and not (schema in UNFIT and who.startswith("django")):
                yield _goal(name, _of(schema, tenants), bound, found, at_most=at_most, bounded=case.limit is not None)


def _growth(results: Results) -> Iterator[Goal]:
    for schema, tenants in _scopes(results):
        if tenants <= GROWTH_FROM:
            continue
        for operation in ("provision", *CLAIMS, "clone", "clone data", "erase"):
            case = results.get(schema, operation, tenants, "freehold")
            small = results.get(schema, operation, GROWTH_FROM, "freehold")
            found = ratio(case, small) if case else None
            if found is not None:
                yield _goal(f"{operation} at {tenants:,} tenants / at {GROWTH_FROM}", schema, 1.5, found, at_most=True)


def _gates(results: Results) -> Iterator[Goal]:
    for newest in results.gates:
        oldest = next(gate for gate in results.gates if gate.tenants == newest.tenants)
        found = newest.times(oldest) if newest is not oldest else None
        if found is not None:
            name = f"first statement of a gate login in cell {newest.cell} / in cell {oldest.cell}"
            yield _goal(name, f"{newest.tenants:,} tenants", 1.5, found, at_most=True)


def _copy(results: Results) -> Iterator[Goal]:
    if results.copy is not None:
        found = Spread(results.copy["speed"], results.copy["speed_q1"], results.copy["speed_q3"])
        of = f"{results.copy['rows']:,} rows"
        yield _goal("speed of a clone with data, of create table as", of, 0.8, found, at_most=False)


def _scopes(results: Results) -> list[tuple[str, int]]:
    return list(dict.fromkeys((key.schema, key.tenants) for key in results.cases))


def _of(schema: str, tenants: int) -> str:
    return f"{schema}, {tenants:,} tenants"


def _goal(name: str, of: str, bound: float, found: Spread, *, at_most: bool, bounded: bool = False) -> Goal:
    return Goal(name, of, bound, at_most, round(found.median, 4), round(found.low, 4), round(found.high, 4), bounded)
