"""What was done, and how the installation is: operations, events, isolation, doctor, capacity, tasks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

from starlette.responses import Response

from freehold.calls import Row
from freehold.http.console import plots
from freehold.http.console.desk import Visit, goto
from freehold.http.console.plots import Plot
from freehold.http.console.view import duration, number, size, url_of
from freehold.http.problem import Refusal

PAGE = 50
MOST = 500
"""Findings that are shown at most."""
OPERATION_STATES = ("running", "done", "failed", "undone")


async def operations(visit: Visit) -> Response:
    """The newest operations."""
    asked = {"slug": visit.asked("slug"), "state": visit.one_of("state", OPERATION_STATES)}
    return await _log(visit, "operations", "operation_list", asked, "before", states=OPERATION_STATES)


async def events(visit: Visit) -> Response:
    """The control plane's audit."""
    asked = {"slug": visit.asked("slug"), "kind": visit.asked("kind")}
    return await _log(visit, "events", "event_list", asked, "before_id")


async def _log(visit: Visit, name: str, function: str, asked: dict[str, str], cursor: str, **more: Any) -> Response:
    """A page of a log, the newest first; what it is asked for is the next page's as well."""
    given = {each: value or None for each, value in asked.items()}
    async with visit.database(function) as db:
        found = await db.rows(function, **given, **{cursor: visit.number(cursor)}, max_rows=PAGE + 1)
    shown, following = found[:PAGE], None
    if len(found) > PAGE:
        kept = {each: value for each, value in asked.items() if value}
        following = url_of(name, {**kept, cursor: str(shown[-1]["id"])})
    values: dict[str, Any] = {name: shown, "asked": asked, "next_page": following, **more}
    return visit.page(f"{name}.html", name, **values)


async def isolation(visit: Visit) -> Response:
    """What tenants reach that is not theirs."""
    async with visit.database("isolation_check") as db:
        found = await db.rows("isolation_check")
        coverage = await db.rows("isolation_coverage") if visit.may("isolation_coverage") else []
    counts = Counter(each["verdict"] for each in found)
    order = {"breach": 0, "unproven": 1, "visible": 2, "note": 3}
    found.sort(key=lambda each: order.get(each["verdict"], 9))
    return visit.page(
        "isolation.html", "isolation", findings=found[:MOST], total=len(found), more=len(found) > MOST, counts=counts,
        coverage=coverage, isolated=not counts["breach"] and not counts["unproven"],
        questions=sum(each["questions"] for each in coverage),
    )  # fmt: skip


async def doctor(visit: Visit) -> Response:
    """What is wrong."""
    async with visit.database("doctor") as db:
        found = await db.rows("doctor")
    order = {"error": 0, "warning": 1, "note": 2}
    found.sort(key=lambda each: order.get(each["severity"], 9))
    counts = Counter(each["severity"] for each in found)
    return visit.page("doctor.html", "doctor", findings=found[:MOST], counts=counts)


async def capacity(visit: Visit) -> Response:
    """How the fleet fills its database."""
    days = visit.number("days")
    days = days if days in (1, 7, 30) else 7
    since = datetime.now(timezone.utc) - timedelta(days=days)
    async with visit.database("statistic_list") as db:
        found = await db.rows("statistic_list", since=since, max_rows=10_000)
        reserve = await db.rows("reserve_status") if visit.may("reserve_status") else []
    return visit.page(
        "capacity.html", "capacity", asked={"days": days}, reserve=reserve,
        tiles=_tiles(found[-1], found) if found else [], plots=[plot for plot in _plots(found) if plot.points],
    )  # fmt: skip


async def tasks(visit: Visit) -> Response:
    """What the keeper does, and how it went."""
    async with visit.database("task_list") as db:
        found = await db.rows("task_list")
        keeper = await db.row("keeper_get") if visit.may("keeper_get") else None
    said = "The task has run." if visit.asked("said") == "run" else None
    return visit.page("tasks.html", "tasks", tasks=found, keeper=keeper, may_run=visit.may("task_run"), said=said)


async def run_task(visit: Visit) -> Response:
    """Runs a task once; how it went stands in its row."""
    name = visit.request.path_params["name"]
    async with visit.database("task_run", writes=True) as db:
        # Somebody has stopped it, and it may be the one that erases.
        if any(each["name"] == name and not each["enabled"] for each in await db.rows("task_list")):
            raise Refusal(409, f"the task is disabled: freehold task run {name} runs it all the same")
        await db.row("task_run", name=name)
    return goto("tasks", said="run")


async def back(_visit: Visit) -> Response:
    """The tasks, for whoever asks for what only a button does."""
    return goto("tasks")


def _tile(label: str, value: str, part: float | None = None, whole: float | None = None, of: str | None = None) -> Row:
    return {"label": label, "value": value, "of": of, "part": part, "whole": whole}


def _tiles(last: Row, found: list[Row]) -> list[Row]:
    tiles = [
        _tile("Tenants", number(_alive(last))),
        _tile("Connections", number(last["connections"]), last["connections"], last["max_connections"],
              number(last["max_connections"])),
        _tile("Locks", number(last["locks"]), last["locks"], last["lock_capacity"], number(last["lock_capacity"])),
        _tile("Catalogs", size(last["catalog_bytes"])),
    ]  # fmt: skip
    whole = next((each["database_bytes"] for each in reversed(found) if each["database_bytes"] is not None), None)
    if whole is not None:
        tiles.append(_tile("Database", size(whole)))
    if last["oldest_transaction"] is not None:
        tiles.append(_tile("Oldest transaction", duration(last["oldest_transaction"])))
    else:
        tiles.append(_tile("Transactions behind", number(last["oldest_xids"])))
    return tiles


def _plots(found: list[Row]) -> list[Plot]:
    def series(name: str) -> list[tuple[datetime, Any]]:
        return [(each["at"], each[name]) for each in found if each[name] is not None]

    return [
        plots.line("Tenants", [(each["at"], _alive(each)) for each in found], number),
        plots.line("Size of the catalogs", series("catalog_bytes"), size, binary=True),
        plots.line("Relations", series("catalog_relations"), number),
        plots.line("Size of the database", series("database_bytes"), size, binary=True),
        plots.line("Connections", series("connections"), number),
        plots.line("Locks held", series("locks"), number),
        plots.line("Transactions behind the oldest open one", series("oldest_xids"), number),
        plots.line("Schemas in reserve", [(each["at"], sum(each["reserve"].values())) for each in found], number),
    ]


def _alive(row: Row) -> int:
    return int(sum(count for state, count in row["tenants"].items() if state != "erased"))
