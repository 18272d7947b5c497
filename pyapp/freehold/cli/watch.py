"""How a rollout is shown while it moves."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import click
from rich import box
from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from freehold.calls import Row
from freehold.cli import output
from freehold.control import Control

_OVER = ("done", "aborted", "halted", "paused", "planned")
_WINDOW = 30.0
"""Seconds over which the rate is taken."""


class Pace:
    """How many tenants a second, of late, and how long the rest will take."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def take(self, done: int) -> float | None:
        """Takes how many there are now; returns the rate, None while it is not known."""
        now = time.monotonic()
        self._seen.append((now, done))
        while self._seen and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        then, before = self._seen[0]
        return (done - before) / (now - then) if now - then >= 1 and done > before else None


def watch(control: Control, rollout_id: int, *, every: float, as_json: bool, until: Callable[[], bool]) -> Row:
    """Shows a rollout until it no longer runs, or until somebody says so.

    Args:
        control: The control plane, over a connection in autocommit mode.
        rollout_id: The rollout.
        every: Seconds between two looks.
        as_json: Print a line of JSON for each look.
        until: Asked after each look whether to end.

    Returns:
        The rollout's row at the end.
    """
    pace, out = Pace(), output.console(stderr=True)
    if as_json or not out.is_terminal:
        return _lines(control, rollout_id, pace, every, as_json=as_json, until=until)
    with Live(console=out, auto_refresh=False, transient=False) as live:
        while True:
            rollout, waves = control.rollout_get(rollout_id), control.rollout_status(rollout_id)
            live.update(picture(rollout, waves, pace.take(_finished(waves))), refresh=True)
            if rollout["state"] in _OVER or until():
                return rollout
            time.sleep(every)


def picture(rollout: Row, waves: list[Row], rate: float | None) -> Group:
    """A rollout as a table of its waves with bars."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name in ("wave", "", "tenants", "done", "failed", "in work"):
        table.add_column(name, justify="right" if name not in ("wave", "") else "left", no_wrap=True)
    for wave in waves:
        ended = wave["done"] + wave["skipped"] + wave["failed"]
        table.add_row(
            Text(("> " if wave["wave"] == rollout["wave"] and rollout["state"] != "done" else "  ") + wave["name"]),
            ProgressBar(total=wave["tenants"], completed=ended, width=24),
            str(wave["tenants"]),
            str(wave["done"] + wave["skipped"]),
            Text(str(wave["failed"]), style="red" if wave["failed"] else ""),
            str(wave["claimed"]),
        )
    return Group(Text(summary(rollout, waves, rate)), table)


def summary(rollout: Row, waves: list[Row], rate: float | None) -> str:
    """A rollout in one line."""
    total, ended = sum(wave["tenants"] for wave in waves), _finished(waves)
    failed = sum(wave["failed"] for wave in waves)
    parts = [f"rollout {rollout['id']} is {rollout['state']}", f"{ended} of {total}"]
    if failed:
        parts.append(f"{failed} failed")
    if rollout["state"] == "running" and rate:
        parts += [f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s"]
        parts += [f"{timedelta(seconds=round((total - ended) / rate))} left"]
    if rollout["reason"]:
        parts.append(rollout["reason"])
    return ", ".join(parts)


def _finished(waves: list[Row]) -> int:
    return sum(wave["done"] + wave["skipped"] + wave["failed"] for wave in waves)


def _lines(
    control: Control, rollout_id: int, pace: Pace, every: float, *, as_json: bool, until: Callable[[], bool]
) -> Row:
    """For logs: a line where something has changed, at most one in five seconds; JSON at each look."""
    last, at = "", float("-inf")
    while True:
        rollout, waves = control.rollout_get(rollout_id), control.rollout_status(rollout_id)
        rate = pace.take(_finished(waves))
        over = rollout["state"] in _OVER or until()
        line: Any = summary(rollout, waves, rate)
        if as_json:
            output.print_json_line({**rollout, "waves": waves, "tenants_per_second": rate})
        elif line != last and (over or time.monotonic() - at >= 5):
            click.echo(line, err=True)
            last, at = line, time.monotonic()
        if over:
            return rollout
        time.sleep(every)
