"""The measured part of "Tenant transactions" in docs/performance.md, written from a run's JSON.

``python -m bench.context.page`` takes bench/results/context.json, the run that the page quotes; with
another file that one becomes the reference.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.page import PAGE, goal_rows

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "bench" / "results" / "context.json"
BEGIN, END = "<!-- measured: python -m bench.context.page -->", "<!-- end of what bench.context measured -->"


def page(text: str, figures: dict[str, Any]) -> str:
    """The page with the figures in their place."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return head + BEGIN + "\n\n" + "\n".join(_measured(figures)) + "\n" + END + tail


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    from bench.context.report import lines

    host, server, plan = figures["host"], figures["server"], figures["plan"]
    packages = [f"{name} {said}" for name, said in figures["versions"].items() if said is not None]
    settings = [f"`{name} = {value}`" for name, value in server.items() if name != "server_version"]
    yield (
        f"Taken {figures['began_at'][:10]} on {host['cpus']} CPUs and {host['memory_gib']} GiB ({host['system']}); "
        f"load {figures['load_before'][0]:.1f} at the beginning, {figures['load_after'][0]:.1f} at the end; PostgreSQL "
        f"{server['server_version']}, Python {host['python']}, {', '.join(packages)}; {plan['rounds']} rounds of "
        f"{plan['seconds']:g} s. Command: `python -m bench.context {' '.join(figures['arguments'])}`. "
        f"Settings: {', '.join(settings)}."
    )
    # At the end it is the bench's own: eight clients and their server.
    if figures["load_before"][0] > host["cpus"] / 2:
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
    if sys.argv[1:]:
        REFERENCE.write_text(Path(sys.argv[1]).read_text(encoding="utf-8"), encoding="utf-8")
    figures = json.loads(REFERENCE.read_text(encoding="utf-8"))
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
