"""The tables on the terminal, a hundred columns wide at most."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.goals import Goal, goals
from bench.measure import Case, Gate, Results, ratio, spread

WIDTH = 100


def show(results: Results, console: Console) -> None:
    """Prints measurements and goals."""
    for schema in dict.fromkeys(key.schema for key in results.cases):
        console.print(_times(schema, results))
    if any(gate.first for gate in results.gates):
        console.print(_gates(results.gates))
    if results.copy is not None:
        console.print(_copy(results.copy))
    console.print(goal_table(goals(results)))
    for case in results.cases.values():
        if case.failure is not None and case.limit is None:
            console.print(f"{_what(case)}: {case.failure}", highlight=False, markup=False)
        elif missing := results.missing(case):
            console.print(f"{_what(case)}: made only {missing}", highlight=False, markup=False)


def _what(case: Case) -> str:
    key = case.key
    return f"{key.subject}, {key.operation} of {key.schema} at {key.tenants:,} tenants"


def _times(schema: str, results: Results) -> Table:
    shape = results.about["schemas"][schema]
    title = f"{schema}: {shape['tables']} tables, {shape['indexes']} indexes, {shape['statements']} statements"
    table = Table(title=title, title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
    table.add_column("operation", no_wrap=True)
    table.add_column("tenants", justify="right")
    table.add_column("subject", no_wrap=True)
    table.add_column("median ms", justify="right", no_wrap=True)
    table.add_column("quartiles", justify="right", no_wrap=True)
    table.add_column("n", justify="right")
    table.add_column("x by hand", justify="right", no_wrap=True, ratio=1)
    before = None
    for key, case in sorted(results.cases.items(), key=lambda item: _order(item[0].operation, item[0].tenants)):
        if key.schema != schema or (not case.samples and case.failure is None):
            continue
        if before not in (None, (key.operation, key.tenants)):
            table.add_section()
        before = (key.operation, key.tenants)
        table.add_row(key.operation, f"{key.tenants:,}", key.subject, *_cells(case, results))
    return table


def _order(operation: str, tenants: int) -> tuple[int, int]:
    from bench.runner import OPERATIONS

    return OPERATIONS.index(operation), tenants


def _cells(case: Case, results: Results) -> list[str]:
    if not case.samples:
        if case.limit is not None:
            times = ratio(case, results.floor(case.key))
            return [f"> {case.limit * 1000:,.0f}", "", "0", f"> {times.median:,.0f}" if times else "given up"]
        return ["-", "", "0", "[red]failed: see below[/red]"]
    of = spread([s * 1000 for s in case.samples.values()])
    times = ratio(case, results.floor(case.key))
    return [
        _number(of.median),
        f"{_number(of.low)}-{_number(of.high)}",
        str(len(case.samples)),
        f"{_number(times.median)} ({_number(times.low)}-{_number(times.high)})" if times else "",
    ]


def _gates(gates: list[Gate]) -> Table:
    table = Table(title="set role of a gate login", title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
    for name in ("tenants", "cell", "members", "first ms", "quartiles", "again ms", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for gate in gates:
        if gate.first:
            of = spread([s * 1000 for s in gate.first.values()])
            table.add_row(
                f"{gate.tenants:,}",
                str(gate.cell),
                f"{gate.members:,}",
                _number(of.median),
                f"{_number(of.low)}-{_number(of.high)}",
                _number(spread([s * 1000 for s in gate.again.values()]).median),
                str(len(gate.first)),
            )
    return table


def _copy(copy: dict[str, Any]) -> Table:
    table = Table(
        title=f"clone with data, {copy['rows']:,} rows, under writes",
        title_justify="left",
        width=WIDTH,
        box=box.SIMPLE_HEAD,
    )
    for name in ("subject", "median s", "commits/s meanwhile", "longest wait ms"):
        table.add_column(name, justify="left" if name == "subject" else "right")
    writer = copy["writer"]
    table.add_row("no clone", "", str(writer["alone"]["per_second"]), str(writer["alone"]["longest_wait_ms"]))
    for name, seconds in copy["seconds"].items():
        done = writer[name]
        table.add_row(
            name,
            f"{spread(seconds).median:,.2f}",
            f"{spread([w['per_second'] for w in done]).median:,.1f}",
            f"{max(w['longest_wait_ms'] for w in done):,.1f}",
        )
    return table


def goal_table(found: list[Goal]) -> Table:
    """Goals, and whether they were met."""
    table = Table(title="goals", title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
    table.add_column("")
    table.add_column("goal", ratio=1)
    table.add_column("on", no_wrap=True)
    table.add_column("asked", justify="right", no_wrap=True)
    table.add_column("measured (quartiles)", justify="right", no_wrap=True)
    for goal in found:
        mark = {True: "[green]pass[/green]", False: "[red]FAIL[/red]", None: "-"}[goal.passed]
        value = f"{'> ' if goal.bounded else ''}{_number(goal.value)} ({_number(goal.low)} - {_number(goal.high)})"
        table.add_row(mark, goal.name, goal.of, f"{'<=' if goal.at_most else '>='} {_number(goal.bound)}", value)
    return table


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
