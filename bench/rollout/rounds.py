"""Runs the subjects in turn, a change to one table of each schema a round, and keeps how long each tenant took."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.measure import Spread, spread
from bench.rollout.subjects import Change, Subject, Took, tables

APPLY, FIRST, UNDO, CHECK = "apply", "first", "undo", "nothing to do"


@dataclass
class Times:
    """Seconds a tenant, by operation and subject, round by round."""

    found: dict[tuple[str, str], dict[int, Took]] = field(default_factory=dict)

    def add(self, operation: str, subject: str, number: int, took: Took) -> None:
        """Keeps one."""
        self.found.setdefault((operation, subject), {})[number] = took

    def per_tenant(self, operation: str, subject: str) -> Spread | None:
        """Seconds a tenant."""
        found = self.found.get((operation, subject))
        return spread([took.seconds / took.tenants for took in found.values()]) if found else None

    def apart(self, operation: str, subject: str, part: str) -> Spread | None:
        """Seconds of what is no tenant's: ``template`` or ``plan``."""
        found = [getattr(took, part) for took in self.found.get((operation, subject), {}).values()]
        return spread(found) if found and None not in found else None

    def ratio(self, operation: str, subject: str, base: str) -> Spread | None:
        """How many times as long as another's a subject's tenant takes: the spread of the rounds' ratios."""
        ours, theirs = self.found.get((operation, subject), {}), self.found.get((operation, base), {})
        rounds = sorted(ours.keys() & theirs.keys())
        if not rounds:
            return None
        return spread([ours[n].seconds / ours[n].tenants / (theirs[n].seconds / theirs[n].tenants) for n in rounds])


def measure(
    subjects: Sequence[Subject], rounds: int, times: Times, say: Callable[[str], None], between: Callable[[], None]
) -> None:
    """Runs all rounds, and one before them in which sessions, files and runners are new.

    Args:
        subjects: Who takes turns; prepared.
        rounds: That are counted.
        times: Is added to.
        say: Is told what goes on.
        between: Called before each round.
    """
    # A fleet that was kept has the changes of earlier runs.
    names, number = tables(), time.time_ns() // 1_000_000
    for turn in range(rounds + 1):
        between()
        operation = APPLY if turn else FIRST
        say(f"rollouts, {turn} of {rounds}" if turn else "rollouts, the first")
        first = turn % len(subjects)
        done: list[tuple[Subject, Change]] = []
        for subject in (*subjects[first:], *subjects[:first]):
            number += 1
            change = Change(number, names[turn % len(names)])
            took = subject.apply(change)
            if turn or subject.meets:
                times.add(operation, subject.name, turn, took)
            done.append((subject, change))
            if turn and subject.checks:
                times.add(CHECK, subject.name, turn, subject.check())
        if turn:
            for subject, change in done:
                if subject.undoes:
                    times.add(UNDO, subject.name, turn, subject.undo(change))
