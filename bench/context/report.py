"""The goals, the tables on the terminal, and the JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.context.rounds import Case, Rates
from bench.context.subjects import Freehold, FreeholdLogin, Pooled, Shared
from bench.goals import Goal
from bench.measure import Spread
from bench.report import goal_table

PLAIN, RLS = Pooled.name, Shared.name
OURS_ALL = "freehold, "
OURS = (Freehold.name, FreeholdLogin.name)
NEAR, JUDGED_UP_TO = 0.9, 100
"""What is asked of the plain transaction's rate, and with how many tenants at most."""


def goals(rates: Rates) -> list[Goal]:
    """What is asked for, and what was found."""
    return [*_near(rates), *_never_behind(rates)]


def _near(rates: Rates) -> Iterator[Goal]:
    for case in rates.cases():
        for name in OURS:
            found = rates.ratio(case, name, PLAIN)
            if found is not None and case.tenants <= JUDGED_UP_TO:
                yield _goal(f"{name.removeprefix(OURS_ALL)} / {PLAIN}", case, NEAR, found)


def _never_behind(rates: Rates) -> Iterator[Goal]:
    for case in rates.cases():
        for name in OURS:
            found = rates.ratio(case, name, RLS)
            if found is not None:
                yield _goal(f"{name.removeprefix(OURS_ALL)} / {RLS}", case, 1.0, found)


def _goal(name: str, case: Case, bound: float, found: Spread) -> Goal:
    return Goal(name, said(case), bound, False, round(found.median, 4), round(found.low, 4), round(found.high, 4))


def said(case: Case) -> str:
    """A case in words."""
    return (
        f"{case.clients} client{'s' * (case.clients > 1)}, {case.tenants:,} tenant{'s' * (case.tenants > 1)}, "
        f"{case.statements} statement{'s' * (case.statements > 1)}"
    )


def show(rates: Rates, sessions: dict[str, Any], found: list[Goal], console: Console) -> None:
    """Prints all of it."""
    for statements in sorted({case.statements for case in rates.cases()}):
        console.print(_table(rates, statements))
    console.print(_sessions(sessions))
    console.print(goal_table(found))


def _table(rates: Rates, statements: int) -> Table:
    cases = [case for case in rates.cases() if case.statements == statements]
    title = f"transactions of {statements} statement{'s' * (statements > 1)}, per second (times {PLAIN})"
    table = Table(title=title, title_justify="left", width=100, box=box.SIMPLE_HEAD)
    table.add_column("clients x tenants")
    for case in cases:
        table.add_column(f"{case.clients} x {case.tenants:,}", justify="right")
    for name in dict.fromkeys(name for _, name in rates.found):
        table.add_row(name, *(_cell(rates, case, name) for case in cases))
    return table


def _cell(rates: Rates, case: Case, name: str) -> str:
    rate, times = rates.rate(case, name), rates.ratio(case, name, PLAIN)
    return "" if rate is None or times is None else f"{rate.median:,.0f}\n({times.median:.2f})"


def _sessions(sessions: dict[str, Any]) -> Table:
    table = Table(title="sessions", title_justify="left", width=100, box=box.SIMPLE_HEAD)
    table.add_column("", ratio=1)
    table.add_column("median (quartiles)", justify="right", no_wrap=True)
    for name, value in lines(sessions):
        table.add_row(name, value)
    return table


def lines(sessions: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What was found of sessions, for a table."""
    kib = sessions["kib_per_schema"]
    yield f"a backend grows by schema of {sessions['tables']} tables", "-" if kib is None else f"{kib:,.0f} KiB"
    yield "transaction in a schema that its session has not seen, ms", _spread(sessions["cold_ms"])
    yield "the same again, ms", _spread(sessions["warm_ms"])
    yield "times the warm one is the cold one", _spread(sessions["cold"])
    yield "times the transaction of the tenant before is that of another one seen", _spread(sessions["other"])
    yield "the first transaction of a login, ms", _spread(sessions["login_ms"])


def _spread(of: list[float]) -> str:
    return f"{of[0]:.3g} ({of[1]:.3g} - {of[2]:.3g})"


def to_json(about: dict[str, Any], rates: Rates, sessions: dict[str, Any]) -> dict[str, Any]:
    """The run as JSON has it."""
    return {
        "format": 1,
        **about,
        "transactions": [_json(rates, case, name) for case, name in rates.found],
        "sessions": sessions,
        "goals": [goal.to_json() for goal in goals(rates)],
    }


def _json(rates: Rates, case: Case, name: str) -> dict[str, Any]:
    rate, times = rates.rate(case, name), rates.ratio(case, name, PLAIN)
    return {
        "statements": case.statements,
        "clients": case.clients,
        "tenants": case.tenants,
        "subject": name,
        "per_second": rate and round(rate.median, 1),
        "ratio": times and round(times.median, 4),
        "ratio_q1": times and round(times.low, 4),
        "ratio_q3": times and round(times.high, 4),
        "samples": {str(number): round(value, 1) for number, value in rates.found[case, name].items()},
    }
