"""The measured part of "Tenant transactions" in docs/performance.md, written from a run's JSON.

``python -m bench.context.page`` takes bench/results/context.json, the run that the page quotes; with
another file that one becomes the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.page import goal_rows, place, taken, write

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "bench" / "results" / "context.json"
BEGIN, END = "<!-- measured: python -m bench.context.page -->", "<!-- end of what bench.context measured -->"


def page(text: str, figures: dict[str, Any]) -> str:
    """The page with the figures in their place."""
    return place(text, _measured(figures), BEGIN, END)


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    from bench.context.report import lines

    plan = figures["plan"]
    packages = {"Python": figures["host"]["python"], **figures["versions"]}
    yield taken(figures, packages, f"{plan['rounds']} rounds of {plan['seconds']:g} s", "bench.context")
    # At the end it is the bench's own: eight clients and their server.
    if figures["load_before"][0] > figures["host"]["cpus"] / 2:
        yield ""
        yield "The machine had so much other work meanwhile that not even the ratios are worth quoting: measure again."
    for statements in sorted({found["statements"] for found in figures["transactions"]}):
        yield ""
        yield f"Transactions of {statements} statement{'s' * (statements > 1)} per second (times plain):"
        yield ""
        yield from _table([found for found in figures["transactions"] if found["statements"] == statements])
    yield ""
    yield "| sessions | median (quartiles) |"
    yield "|---|---|"
    for name, value in lines(figures["sessions"]):
        yield f"| {name} | {value} |"
    yield ""
    yield from goal_rows(figures["goals"])


def _table(found: list[dict[str, Any]]) -> Iterator[str]:
    cases = sorted({(each["clients"], each["tenants"]) for each in found})
    heads = [f"{clients} client{'s' * (clients > 1)}, {tenants:,}" for clients, tenants in cases]
    yield "| | " + " | ".join(heads) + " |"
    yield "|---|" + "---|" * len(cases)
    for name in dict.fromkeys(each["subject"] for each in found):
        cells = {(each["clients"], each["tenants"]): each for each in found if each["subject"] == name}
        yield f"| {name} | " + " | ".join(_cell(cells.get(case)) for case in cases) + " |"


def _cell(found: dict[str, Any] | None) -> str:
    return "-" if found is None else f"{found['per_second']:,.0f} ({found['ratio']:.2f})"


def main() -> None:
    """Writes the page, and the reference where a file is given."""
    write(REFERENCE, page)


if __name__ == "__main__":
    main()
