"""Runs the subjects in turn, in slices of a fraction of a second, and counts their transactions.

In every round each subject has one slice of each case, in an order that moves on from round to round,
so what slows the machine for a while slows all of them. Threads stay over all rounds, as a server's do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import product

from bench.context.subjects import Subject
from bench.measure import Spread, spread


@dataclass(frozen=True, order=True)
class Case:
    """What is measured.

    Attributes:
        statements: Of a transaction.
        clients: Threads that run transactions.
        tenants: Tenants in play.
    """

    statements: int
    clients: int
    tenants: int


@dataclass
class Rates:
    """Transactions per second, by case and subject, round by round."""

    found: dict[tuple[Case, str], dict[int, float]] = field(default_factory=dict)

    def add(self, case: Case, subject: str, number: int, rate: float) -> None:
        """Keeps one."""
        self.found.setdefault((case, subject), {})[number] = rate

    def cases(self) -> list[Case]:
        """What was measured."""
        return sorted({case for case, _ in self.found})

    def rate(self, case: Case, subject: str) -> Spread | None:
        """A subject's rate."""
        found = self.found.get((case, subject))
        return spread(list(found.values())) if found else None

    def ratio(self, case: Case, subject: str, base: str) -> Spread | None:
        """How many times another's rate a subject's is: the spread of the rounds' ratios."""
        ours, theirs = self.found.get((case, subject), {}), self.found.get((case, base), {})
        rounds = sorted(ours.keys() & theirs.keys())
        return spread([ours[number] / theirs[number] for number in rounds]) if rounds else None


class Crew:
    """Threads that stay."""

    def __init__(self, size: int) -> None:
        self._pool = ThreadPoolExecutor(size)
        self.size = size

    def each(self, work: Callable[[int], int]) -> int:
        """What all of them return, together; every thread has one part, whichever."""
        together = threading.Barrier(self.size)

        def part(number: int) -> int:
            together.wait()
            return work(number)

        return sum(self._pool.map(part, range(self.size)))

    def close(self) -> None:
        """Ends them."""
        self._pool.shutdown()


@contextmanager
def crews(sizes: Sequence[int], subjects: Sequence[Subject]) -> Iterator[dict[int, Crew]]:
    """A crew of each size; at the end its threads leave the subjects."""
    made = {size: Crew(size) for size in sizes}

    def leave(_: int) -> int:
        for subject in subjects:
            subject.leave()
        return 0

    try:
        yield made
    finally:
        for crew in made.values():
            crew.each(leave)
            crew.close()


def warm(subject: Subject, crew: Crew, tenants: int) -> None:
    """Every thread meets every tenant, so that sessions have seen what they are going to see."""
    visits = tenants if subject.meets else min(tenants, 20)

    def visit(part: int) -> int:
        for number in range(visits):
            subject.transact(subject.pick(number + part * tenants // crew.size, tenants), number, 5)
        return visits

    crew.each(visit)


def measure(
    subjects: Sequence[Subject], crews: dict[int, Crew], tenants: Sequence[int], rounds: int, seconds: float,
    rates: Rates, say: Callable[[str], None],
) -> None:  # fmt: skip
    """Runs all rounds.

    Args:
        subjects: Who takes turns.
        crews: Threads, by their number.
        tenants: Numbers of tenants in play.
        rounds: That are counted.
        seconds: Of a slice.
        rates: Is added to, slice by slice.
        say: Is told what goes on.
    """
    cases = [Case(s, c, t) for t, c, s in product(tenants, crews, (1, 5))]
    for count in tenants:
        for subject in subjects:
            say(f"warms up: {subject.name} with {count:,} tenants")
            for size, crew in crews.items():
                if subject.bound or size == max(crews):
                    warm(subject, crew, count)
    for number in range(1, rounds + 1):
        say(f"transactions, {number} of {rounds}")
        for case in cases:
            first = number % len(subjects)
            for subject in (*subjects[first:], *subjects[:first]):
                rates.add(case, subject.name, number, _slice(subject, crews[case.clients], case, seconds, number))


def _slice(subject: Subject, crew: Crew, case: Case, seconds: float, seed: int) -> float:
    def run(part: int) -> int:
        done, number = 0, seed * 104_729 + part * 15_485_863
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            number += 1
            subject.transact(subject.pick(number, case.tenants), number, case.statements)
            done += 1
        return done

    began = time.perf_counter()
    done = crew.each(run)
    return done / (time.perf_counter() - began)
