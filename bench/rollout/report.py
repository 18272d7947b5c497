"""The goals, the tables on the terminal, and the JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from bench.goals import Goal
from bench.measure import Spread
from bench.report import WIDTH, goal_table
from bench.rollout.rounds import APPLY, CHECK, FIRST, UNDO, Times
from bench.rollout.subjects import (
    SUBJECTS,
    Bare,
    BareWithoutDisk,
    Django,
    Freehold,
    FreeholdPair,
    FreeholdWithoutDisk,
    Yoyo,
)

BASES = {FreeholdWithoutDisk.name: BareWithoutDisk.name, BareWithoutDisk.name: BareWithoutDisk.name}
"""What a subject is compared with, where that is not the bare loop."""
TITLES = {
    APPLY: "A column and an index",
    FIRST: "The same as a fleet's first rollout",
    UNDO: "Taken back",
    CHECK: "Nothing to do",
}
NEAR, DJANGO, YOYO, CHECK_MS, FLAT = 2.0, 50, 20, 1.0, 1.25


def goals(times: Times, fleets: list[dict[str, Any]], tenants: int) -> list[Goal]:
    """What is asked for, and what was found."""
    return [*_speed(times, f"{tenants:,} tenants"), *_fleets(fleets)]


def _speed(times: Times, of: str) -> Iterator[Goal]:
    for name in (Freehold.name, FreeholdPair.name, FreeholdWithoutDisk.name):
        base = BASES.get(name, Bare.name)
        found = times.ratio(APPLY, name, base)
        if found is not None:
            yield _goal(f"{name} / {base}", of, NEAR, found, at_most=True)
    for name, bound in ((Django.name, DJANGO), (Yoyo.name, YOYO)):
        found = times.ratio(APPLY, name, Freehold.name)
        if found is not None:
            yield _goal(f"{name} / {Freehold.name}, a tenant", of, bound, found, at_most=False)


def _fleets(fleets: list[dict[str, Any]]) -> Iterator[Goal]:
    for fleet in fleets:
        of = f"{fleet['tenants']:,} tenants"
        each = Spread(*(value / fleet["tenants"] for value in fleet["check_ms"]))
        yield _goal("nothing to do, ms a tenant", of, CHECK_MS, each, at_most=True)
        first, last = fleet["memory"][0], fleet["memory"][-1]
        if first["tenants"] < last["tenants"]:
            for process, what in (("client", "a worker's memory"), ("server", "its server process's")):
                if first[f"{process}_mib"]:
                    grown = last[f"{process}_mib"] / first[f"{process}_mib"]
                    name = f"{what} / after {first['tenants']:,}"
                    yield _goal(name, of, FLAT, Spread(grown, grown, grown), at_most=True)


def _goal(name: str, of: str, bound: float, found: Spread, *, at_most: bool) -> Goal:
    return Goal(name, of, bound, at_most, round(found.median, 4), round(found.low, 4), round(found.high, 4))


def show(figures: dict[str, Any], found: list[Goal], console: Console) -> None:
    """Prints all of it."""
    for operation, rows in operations(figures):
        table = _new(TITLES[operation], "ms a tenant (quartiles)", "times")
        for row in rows:
            table.add_row(row["subject"], said(row["per_tenant_ms"]), times_said(row["ratio"]))
        console.print(table)
    table = _new("nothing to do in a whole fleet, ms", "missing", "plan", "status", "a tenant")
    for fleet in figures["fleets"]:
        table.add_row(*check_cells(fleet))
    console.print(table)
    table = _new("a worker's memory at most, MiB", "client", "server process")
    for fleet in figures["fleets"]:
        for mark in fleet["memory"]:
            table.add_row(*memory_cells(fleet, mark))
    console.print(table)
    console.print(goal_table(found))


def operations(figures: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What was measured, by operation."""
    for operation in TITLES:
        rows = [row for row in figures["rollouts"] if row["operation"] == operation]
        if rows:
            yield operation, rows


def check_cells(fleet: dict[str, Any]) -> list[str]:
    """A fleet's row of what it costs to find nothing to do."""
    parts = [said(fleet[f"{part}_ms"]) for part in ("missing", "create", "status")]
    return [f"{fleet['tenants']:,} of {fleet['template']}", *parts, f"{fleet['check_ms'][0] / fleet['tenants']:.3f}"]


def memory_cells(fleet: dict[str, Any], mark: dict[str, Any]) -> list[str]:
    """A row of what a worker had."""
    label = f"{mark['tenants']:,} of {fleet['tenants']:,} of {fleet['template']}"
    return [label, f"{mark['client_mib']:.1f}", f"{mark['server_mib']:.1f}"]


def said(of: list[float]) -> str:
    """A median and its quartiles."""
    median, low, high = (f"{value:,.0f}" if value >= 100 else f"{value:.3g}" for value in of)
    return f"{median} ({low} - {high})"


def times_said(ratio: list[float] | None) -> str:
    """How many times as long as the bare loop."""
    return "" if ratio is None else said(ratio)


def _new(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
    table.add_column("", ratio=1)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def to_json(about: dict[str, Any], times: Times, fleets: list[dict[str, Any]], tenants: int) -> dict[str, Any]:
    """The run as JSON has it."""
    order = list(SUBJECTS)
    cases = sorted(times.found, key=lambda case: (list(TITLES).index(case[0]), order.index(case[1])))
    return {
        "format": 1,
        **about,
        "rollouts": [_json(times, operation, subject) for operation, subject in cases],
        "fleets": fleets,
        "goals": [goal.to_json() for goal in goals(times, fleets, tenants)],
    }


def _json(times: Times, operation: str, subject: str) -> dict[str, Any]:
    base = BASES.get(subject, Bare.name)
    samples = times.found[operation, subject]
    return {
        "operation": operation,
        "subject": subject,
        "tenants": next(iter(samples.values())).tenants,
        "per_tenant_ms": _list(times.per_tenant(operation, subject), 1000),
        "ratio": None if operation == CHECK else _list(times.ratio(operation, subject, base), 1),
        "template_ms": _list(times.apart(operation, subject, "template"), 1000),
        "plan_ms": _list(times.apart(operation, subject, "plan"), 1000),
        "samples_ms": {str(n): round(took.seconds / took.tenants * 1000, 4) for n, took in samples.items()},
    }


def _list(of: Spread | None, scale: float) -> list[float] | None:
    return None if of is None else [round(value * scale, 4) for value in (of.median, of.low, of.high)]
