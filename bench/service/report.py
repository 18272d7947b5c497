"""The goals, the table on the terminal, and the JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.goals import Goal
from bench.measure import Spread
from bench.report import WIDTH, goal_table
from bench.service.rounds import OURS, Found

FORMAT = 2
"""Of the JSON."""
NEAR = 0.85
"""What is asked of the hand-written endpoint's rate."""


def goals(found: Found) -> Iterator[Goal]:
    """What is asked for, and what was found."""
    for case in found.cases():
        for subject in case.subjects[1:]:
            median, low, high = _said(found.ratio(case, "per_second", subject))
            yield Goal(f"{OURS} / {subject}, requests per second", str(case), NEAR, False, median, low, high)
    for what, name in (("foreign", "answers with a foreign row"), ("failed", "answers that are not 200"),
                       ("broken", "requests without an answer")):  # fmt: skip
        total = found.total(what)
        yield Goal(name, "all runs", 0, True, total, total, total)


def show(found: Found, console: Console) -> None:
    """Prints all of it."""
    table = Table(title="a tenant's point query", title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
    table.add_column("", ratio=1)
    for head in ("requests/s", "freehold / it", "p50 ms", "p99 ms", "freehold / it"):
        table.add_column(head, justify="right")
    for case in found.cases():
        for subject in case.subjects:
            rate, p50, p99 = (found.of(case, subject, what).median for what in ("per_second", "p50_ms", "p99_ms"))
            rates, late = (found.ratio(case, what, subject).median for what in ("per_second", "p99_ms"))
            theirs = subject != OURS
            table.add_row(f"{case}: {subject}", f"{rate:,.0f}", f"{rates:.2f}" * theirs, f"{p50:.1f}",
                          f"{p99:.1f}", f"{late:.2f}" * theirs)  # fmt: skip
    console.print(table)
    console.print(goal_table(list(goals(found))))


def to_json(about: dict[str, Any], found: Found) -> dict[str, Any]:
    """The run as JSON has it."""
    return {
        "format": FORMAT,
        **about,
        "requests": found.total("requests"),
        "cases": [
            {
                "callers": case.callers,
                "connections": case.connections,
                **{
                    what: {subject: _said(found.of(case, subject, what)) for subject in case.subjects}
                    for what in ("per_second", "p50_ms", "p99_ms")
                },
                **{
                    name: {subject: _said(found.ratio(case, what, subject)) for subject in case.subjects[1:]}
                    for name, what in (("ratio", "per_second"), ("p99_ratio", "p99_ms"))
                },
                "runs": {subject: found.runs[case, subject] for subject in case.subjects},
            }
            for case in found.cases()
        ],
        "goals": [goal.to_json() for goal in goals(found)],
    }


def _said(of: Spread) -> list[float]:
    return [round(of.median, 4), round(of.low, 4), round(of.high, 4)]
