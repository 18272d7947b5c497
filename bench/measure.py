"""What was measured, and what can be said of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

FLOOR = "by hand"
CLAIMS = ("claim", "claim again")
"""Provisions from the reserve: in a session beside which it was filled, and in one that has claimed since."""


@dataclass(frozen=True, order=True)
class Key:
    """What is measured.

    Attributes:
        schema: Name of the schema that is built.
        operation: provision, claim, claim again, clone, clone data or erase.
        tenants: How many tenants the database held.
        subject: Who does it.
    """

    schema: str
    operation: str
    tenants: int
    subject: str


@dataclass
class Case:
    """The measurements of one thing.

    Attributes:
        key: What is measured.
        samples: Seconds, by the round in which they were taken.
        failure: Why it could not be measured, or not again.
        limit: The seconds after which it was given up, where it was.
        made: How many objects of each sort the first call made.
    """

    key: Key
    samples: dict[int, float] = field(default_factory=dict)
    failure: str | None = None
    limit: float | None = None
    made: dict[str, int] | None = None

    @property
    def median(self) -> float | None:
        """The median in seconds; where it was given up, the time that did not suffice."""
        return statistics.median(self.samples.values()) if self.samples else self.limit


@dataclass
class Gate:
    """How long the first SET ROLE of a login takes that passes the gate of a cell.

    Attributes:
        tenants: How many tenants the fleet has.
        cell: The cell's number.
        members: Roles that the gate is a member of.
        first: Seconds of a backend's first SET ROLE, by the round in which they were taken.
        again: The same of its second.
    """

    tenants: int
    cell: int
    members: int
    first: dict[int, float] = field(default_factory=dict)
    again: dict[int, float] = field(default_factory=dict)

    def times(self, other: Gate) -> Spread | None:
        """How many times another's the first SET ROLE takes: the spread of the rounds' ratios."""
        rounds = sorted(self.first.keys() & other.first.keys())
        return spread([self.first[r] / other.first[r] for r in rounds]) if rounds else None


@dataclass(frozen=True)
class Spread:
    """A median and its quartiles."""

    median: float
    low: float
    high: float


def spread(values: list[float]) -> Spread:
    """Median and quartiles of at least one value."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(statistics.median(values), low, high)


def ratio(case: Case, base: Case | None) -> Spread | None:
    """How many times dearer a case is than another: the spread of the rounds' ratios.

    Within a round the two ran one after the other, so a load that comes and goes touches
    both. A case that was given up has the ratio of its limit: at least that many times.
    """
    if base is None or not base.samples:
        return None
    if not case.samples:
        return None if case.limit is None else _flat(case.limit / statistics.median(base.samples.values()))
    rounds = sorted(case.samples.keys() & base.samples.keys())
    if not rounds:
        return _flat(statistics.median(case.samples.values()) / statistics.median(base.samples.values()))
    return spread([case.samples[r] / base.samples[r] for r in rounds])


def _flat(value: float) -> Spread:
    return Spread(value, value, value)


@dataclass
class Results:
    """A run's measurements and what they were taken on."""

    about: dict[str, Any]
    cases: dict[Key, Case] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)
    copy: dict[str, Any] | None = None

    def case(self, key: Key) -> Case:
        """The case of a key, made where it is new."""
        return self.cases.setdefault(key, Case(key))

    def get(self, schema: str, operation: str, tenants: int, subject: str) -> Case | None:
        """A case that was measured or given up."""
        return self.cases.get(Key(schema, operation, tenants, subject))

    def missing(self, case: Case) -> str:
        """What a case's first call did not make of what the template holds, in words."""
        if case.made is None:
            return ""
        shape = self.about["schemas"][case.key.schema]
        few = {sort: n for sort, n in case.made.items() if n < shape[sort]}
        return ", ".join(f"{n} of {shape[sort]} {sort.replace('_', ' ')}" for sort, n in few.items())

    def floor(self, key: Key) -> Case | None:
        """What a case is compared with: the same by hand; for a claim, a provision by freehold."""
        if key.operation in CLAIMS:
            return self.get(key.schema, "provision", key.tenants, "freehold")
        return self.get(key.schema, key.operation, key.tenants, FLOOR)

    def to_json(self) -> dict[str, Any]:
        """The run as JSON has it; times in milliseconds."""
        from bench.goals import goals

        return {
            "format": 1,
            **self.about,
            "measurements": [self._case_json(case) for case in self.cases.values()],
            "gates": [_gate_json(gate) for gate in self.gates if gate.first],
            "copy": self.copy,
            "goals": [goal.to_json() for goal in goals(self)],
        }

    def _case_json(self, case: Case) -> dict[str, Any]:
        of = spread([s * 1000 for s in case.samples.values()]) if case.samples else None
        times = ratio(case, self.floor(case.key))
        return {
            "schema": case.key.schema,
            "operation": case.key.operation,
            "tenants": case.key.tenants,
            "subject": case.key.subject,
            "repetitions": len(case.samples),
            "median_ms": of and round(of.median, 3),
            "q1_ms": of and round(of.low, 3),
            "q3_ms": of and round(of.high, 3),
            "samples_ms": {str(r): round(s * 1000, 3) for r, s in sorted(case.samples.items())},
            "ratio": times and round(times.median, 4),
            "ratio_q1": times and round(times.low, 4),
            "ratio_q3": times and round(times.high, 4),
            "given_up_after_s": case.limit,
            "failure": case.failure,
            "made": case.made,
        }


def _gate_json(gate: Gate) -> dict[str, Any]:
    of = spread([s * 1000 for s in gate.first.values()])
    again = spread([s * 1000 for s in gate.again.values()])
    return {
        "tenants": gate.tenants,
        "cell": gate.cell,
        "members": gate.members,
        "repetitions": len(gate.first),
        "first_median_ms": round(of.median, 3),
        "first_q1_ms": round(of.low, 3),
        "first_q3_ms": round(of.high, 3),
        "again_median_ms": round(again.median, 3),
        "first_ms": {str(r): round(s * 1000, 3) for r, s in sorted(gate.first.items())},
        "again_ms": {str(r): round(s * 1000, 3) for r, s in sorted(gate.again.items())},
    }
