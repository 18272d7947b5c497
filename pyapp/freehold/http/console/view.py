"""How a page is made: templates that escape everything, and how figures, times and states look."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import jinja2

BASE = "/console"
STATIC = {"console.css": "text/css", "console.js": "text/javascript", "icon.svg": "image/svg+xml"}
"""The files beside the pages, and what they are."""
TOO_DEEP = "nested too deeply to be shown"
CLIPPED = 2000
"""Characters of one value that a page shows: others may have written it."""


@dataclass(frozen=True)
class Look:
    """How a state is shown: never by its colour alone."""

    tone: str
    icon: str


@dataclass(frozen=True)
class Segment:
    """A part of a bar, in thousandths of its width."""

    kind: str
    x: float
    width: float


_LOOKS = {
    "good": Look("good", "good"), "warn": Look("warn", "warn"), "bad": Look("bad", "bad"), "busy": Look("busy", "busy"),
    "wait": Look("", "wait"), "pause": Look("warn", "pause"), "gone": Look("", "gone"), "info": Look("", "info"),
}  # fmt: skip
_STATES = {
    "active": "good", "done": "good", "ready": "good", "enabled": "good",
    "provisioning": "busy", "running": "busy", "erasing": "busy", "claimed": "busy",
    "suspended": "pause", "paused": "pause", "disabled": "pause", "inactive": "pause",
    "warning": "warn", "unproven": "warn", "drifted": "warn", "overdue": "warn",
    "failed": "bad", "halted": "bad", "aborted": "bad", "error": "bad", "breach": "bad",
    "retired": "gone", "erased": "gone", "undone": "gone",
    "planned": "wait", "pending": "wait", "visible": "info", "note": "info",
}  # fmt: skip


def look(state: str) -> Look:
    """How a state, a verdict or a severity is shown."""
    return _LOOKS[_STATES.get(state, "info")]


def stamp(moment: datetime) -> str:
    """A time to the second."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")


def full(moment: datetime) -> str:
    """A time, saying that it is UTC."""
    return stamp(moment) + " UTC"


def day(moment: datetime) -> str:
    """A day."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d")


def size(value: float | Decimal) -> str:
    """Bytes in units of 1024."""
    amount = float(value)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if abs(amount) < 1024 or unit == "TB":
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if unit == "bytes" or amount >= 100 else f"{amount:.1f} {unit}"


def number(value: float | Decimal) -> str:
    """A number, its thousands apart."""
    return f"{value:,.0f}" if float(value) == int(value) else f"{value:,.1f}"


def duration(value: timedelta | None) -> str:
    """How long, in the two largest units."""
    if value is None:
        return "\N{EN DASH}"
    seconds = value.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    units = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
    rest, parts = int(seconds), []
    for length, name in units:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2])


def count(value: int, noun: str) -> str:
    """So many of something."""
    return f"{number(value)} {noun}" + ("" if value == 1 else "s")


def words(name: str) -> str:
    """A name of the database as words: ``tenant_suspend.failed`` is Tenant suspend, failed."""
    text = name.replace("_", " ").replace(".", ", ")
    return sentence(re.sub(r"\bapi\b", "API", text))


def url_of(path: str, query: Mapping[str, str]) -> str:
    """Where a page is, and what it is asked."""
    return f"{BASE}/{path}" + (f"?{urlencode(query)}" if query else "")


def sentence(text: str) -> str:
    """A text that begins with a capital."""
    return text[:1].upper() + text[1:]


def compact(value: object) -> str:
    """A value of JSON as a text for people."""
    if isinstance(value, str):
        return value
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, dict | list) and 60 < len(text) < 10 * CLIPPED:
            return json.dumps(value, ensure_ascii=False, indent=1, default=str)
    except RecursionError:
        return TOO_DEEP
    return text


def clipped(text: str) -> str:
    """A text of what a page has room for, and how much it was."""
    return text if len(text) <= CLIPPED else f"{text[:CLIPPED]}… ({number(len(text))} characters)"


def segments(parts: Mapping[str, float], total: float) -> Iterator[Segment]:
    """The parts of a bar, one behind the other; a part that is there is at least a sliver."""
    at = 0.0
    for kind, count in parts.items():
        if count and total:
            width = min(max(count / total * 1000, 6), 1000 - at)
            yield Segment(kind, round(at, 1), round(width, 1))
            at += width


@cache
def asset(name: str) -> bytes:
    """A file beside the pages."""
    return (files("freehold.http.console") / "static" / name).read_bytes()


@cache
def static(name: str) -> str:
    """The URL of a file beside the pages; another one when the file is another."""
    return f"{BASE}/static/{name}?v={hashlib.sha256(asset(name)).hexdigest()[:12]}"


@cache
def environment() -> jinja2.Environment:
    """The templates: everything is escaped, and a name that is not there is an error."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("freehold.http.console"), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters.update(
        look=look, stamp=stamp, full=full, day=day, bytes=size, number=number, duration=duration, words=words,
        sentence=sentence,
        count=count, json=compact, segments=segments,
    )  # fmt: skip
    made.globals.update(base=BASE, static=static)
    return made


def render(template: str, **values: Any) -> str:
    """A page, or a part of one."""
    return environment().get_template(template).render(values)
