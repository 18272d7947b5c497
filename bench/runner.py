"""Runs the subjects in turn and keeps their times.

Every round of an operation calls each subject once on each server, so what slows the machine
for a while slows all of them. The first round warms up and is not counted.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.measure import CLAIMS, Key, Results
from bench.place import Place
from bench.schema import Schema
from bench.subjects import SUBJECTS, Limits, Subject, Unsuited

OPERATIONS = ("provision", *CLAIMS, "clone", "clone data", "erase")
SLOW = 10.0
"""Seconds from which a call is repeated only a few times, the warm-up among them."""
SLOW_ROUNDS = 2

_targets = itertools.count(time.time_ns() // 1_000_000)
"""Names that no run before, on a data directory that was kept, has used."""


@dataclass(frozen=True)
class Plan:
    """What to measure.

    Attributes:
        schemas: Built one after the other.
        subjects: Names; see ``SUBJECTS``.
        operations: Of ``OPERATIONS``. An erasure is timed after each provision.
        repetitions: Rounds that are counted.
        limit: Seconds after which a call is given up.
    """

    schemas: Sequence[Schema]
    subjects: Sequence[str]
    operations: Sequence[str]
    repetitions: int
    limit: float


def measure(plan: Plan, places: Sequence[Place], results: Results, say: Callable[[str], None]) -> None:
    """Runs a plan; ``results`` holds what was measured when it is interrupted, too.

    Args:
        plan: What to measure.
        places: Where.
        results: Is added to.
        say: Is told what goes on.
    """
    for schema in plan.schemas:
        subjects: list[Subject] = []
        try:
            for place in places:
                for name in plan.subjects:
                    say(f"{schema.name}: {name} at {place.tenants} tenants prepares")
                    subject = SUBJECTS[name](place, schema, Limits(plan.limit))
                    subjects.append(subject)
                    _prepare(subject, plan, results)
            for operation in plan.operations:
                if operation == "erase" and "provision" in plan.operations:
                    continue
                _rounds(operation, subjects, plan, results, say)
        finally:
            for subject in subjects:
                subject.close()


def _prepare(subject: Subject, plan: Plan, results: Results) -> None:
    try:
        subject.prepare()
    except Unsuited as error:
        for operation in subject.operations():
            if operation in plan.operations:
                results.case(_key(subject, operation)).failure = str(error)


def _rounds(operation: str, subjects: list[Subject], plan: Plan, results: Results, say: Callable[[str], None]) -> None:
    made = "provision" if operation == "erase" else operation
    able = [
        subject for subject in subjects if made in subject.operations() and (subject.erases or operation != "erase")
    ]
    for number in range(plan.repetitions + 1):
        for subject in able:
            case = results.case(_key(subject, operation))
            slow = any(seconds > SLOW for seconds in case.samples.values())
            if case.failure is not None or (slow and len(case.samples) >= SLOW_ROUNDS):
                continue
            what = f"{operation}, {'warm-up' if number == 0 else f'{number} of {plan.repetitions}'}"
            say(f"{subject.schema.name} at {subject.place.tenants}: {what}: {subject.name}")
            _call(subject, made, operation, number, plan, results)


def _call(subject: Subject, made: str, operation: str, number: int, plan: Plan, results: Results) -> None:
    case = results.case(_key(subject, operation))
    target = f"bench_{next(_targets)}"
    try:
        subject.ready(made, target)
        seconds = subject.make(made, target)
        if number == 0:
            case.made = subject.place.shape(subject.schema_of(target))
        subject.retire(target)
        gone = subject.remove(target)
    except Unsuited as error:
        case.failure = str(error)
        case.limit = plan.limit if error.over else None
        return
    finally:
        subject.after(target)
    if operation != "erase" and (number > 0 or seconds > SLOW):
        case.samples[number] = seconds
    if made == "provision" and subject.erases and "erase" in plan.operations and (number > 0 or gone > SLOW):
        results.case(_key(subject, "erase")).samples[number] = gone


def _key(subject: Subject, operation: str) -> Key:
    return Key(subject.schema.name, operation, subject.place.tenants, subject.name)
