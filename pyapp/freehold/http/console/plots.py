"""Plots: where the line of a series goes. The template draws it; nothing here is markup."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from freehold.http.console.view import stamp

WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True)
class Point:
    """A measurement, and how its value is written."""

    at: datetime
    value: float
    shown: str


@dataclass(frozen=True)
class Hit:
    """What a pointer over a measurement is told, and where."""

    x: float
    width: float
    said: str


@dataclass(frozen=True)
class Plot:
    """A line over time, with all that is written around it.

    Attributes:
        title: What is measured.
        said: The same for whoever hears it: from what to what, and in which time.
        points: The measurements, the oldest first.
        last: The last value.
        y_ticks: Written at the left, from the top.
        grid: Where the lines behind those are.
        x_ticks: Written below, from the left.
        path: The line.
        area: What is below it.
        hits: Where a pointer is told what.
    """

    title: str
    said: str
    points: list[Point]
    last: str | None
    y_ticks: list[str] = field(default_factory=list)
    grid: list[float] = field(default_factory=list)
    x_ticks: list[str] = field(default_factory=list)
    path: str = ""
    area: str = ""
    hits: list[Hit] = field(default_factory=list)


def line(
    title: str, series: Sequence[tuple[datetime, float]], show: Callable[[float], str], *, binary: bool = False
) -> Plot:
    """The plot of a series.

    Args:
        title: What is measured.
        series: Times and values, the oldest first; thinned where they are many.
        show: How a value is written.
        binary: Whether the axis goes in units of 1024.
    """
    points = [Point(at, float(value), show(float(value))) for at, value in _thinned(series)]
    if not points:
        return Plot(title, f"{title}: nothing measured", [], None)
    first, last = points[0], points[-1]
    said = f"{title}: {first.shown} at {stamp(first.at)}, {last.shown} at {stamp(last.at)} UTC"
    top, step = _scale(max(point.value for point in points), binary)
    began, length = first.at, max((last.at - first.at).total_seconds(), 1.0)
    at = [
        (round((p.at - began).total_seconds() / length * WIDTH, 1), round(HEIGHT - p.value / top * HEIGHT, 1))
        for p in points
    ]
    path = "M" + " L".join(f"{x} {y}" for x, y in at)
    count = round(top / step)
    return Plot(
        title, said, points, last.shown,
        y_ticks=[show(top - n * step) for n in range(count + 1)],
        grid=[round(n * HEIGHT / count, 1) for n in range(count + 1)],
        x_ticks=_times(began, last.at),
        path=path, area=f"{path} L{at[-1][0]} {HEIGHT} L{at[0][0]} {HEIGHT} Z",
        hits=_hits(points, [x for x, _ in at]),
    )  # fmt: skip


def _thinned(series: Sequence[tuple[datetime, float]], most: int = 200) -> list[tuple[datetime, float]]:
    step = math.ceil(len(series) / most) or 1
    # From the end, so that the last one stays.
    return list(reversed(list(reversed(series))[::step]))


def _scale(largest: float, binary: bool) -> tuple[float, float]:
    """The top of the axis, and the distance of its lines: 2 to 4 of them, at round values."""
    if largest <= 0:
        return 1.0, 1.0
    unit = 1024.0 ** max(math.floor(math.log(largest, 1024)), 0) if binary else 1.0
    goal = largest / unit / 3
    power = 10.0 ** math.floor(math.log10(goal))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= goal * 0.999)
    if unit == 1.0:
        # Counts and bytes have no halves.
        step = max(math.ceil(step), 1)
    return math.ceil(largest / unit / step - 1e-9) * step * unit, step * unit


def _times(began: datetime, ended: datetime) -> list[str]:
    length = ended - began
    form = "%H:%M:%S" if length < timedelta(minutes=10) else "%H:%M" if length < timedelta(days=1) else "%d %b"
    if timedelta(days=1) <= length < timedelta(days=3):
        form = "%d %b %H:%M"
    return [(began + length * n / 2).astimezone(timezone.utc).strftime(form) for n in range(3)]


def _hits(points: Sequence[Point], at: Sequence[float]) -> list[Hit]:
    found = []
    for n, (point, x) in enumerate(zip(points, at, strict=True)):
        left = 0.0 if n == 0 else (at[n - 1] + x) / 2
        right = WIDTH if n == len(at) - 1 else (x + at[n + 1]) / 2
        found.append(Hit(round(left, 1), round(right - left, 1), f"{point.shown}, {stamp(point.at)} UTC"))
    return found
