"""The measured part of "Rollouts" in docs/performance.md, written from a run's JSON.

``python -m bench.rollout.page`` takes bench/results/rollout.json, the run that the page quotes; with another file that
one becomes the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.page import goal_rows, place, taken, write
from bench.rollout.report import TITLES, check_cells, memory_cells, operations, said, times_said

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "bench" / "results" / "rollout.json"
BEGIN, END = "<!-- measured: python -m bench.rollout.page -->", "<!-- end of what bench.rollout measured -->"


def page(text: str, figures: dict[str, Any]) -> str:
    """The page with the figures in their place."""
    return place(text, _measured(figures), BEGIN, END)


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    packages = {"Python": figures["host"]["python"], **figures["versions"]}
    yield taken(figures, packages, f"{figures['plan']['rounds']} rounds", "bench.rollout")
    if figures["load_before"][0] > figures["host"]["cpus"] / 2:
        yield ""
        yield "The machine had more work than processors meanwhile: look at the ratios, not at the times."
    for operation, rows in operations(figures):
        yield ""
        yield f"{TITLES[operation]}:"
        yield ""
        yield "| | schemas | ms a tenant (quartiles) | times the bare loop | the template, ms | the plan, ms |"
        yield "|---|---|---|---|---|---|"
        for row in rows:
            apart = [said(row[part]) if row[part] else "" for part in ("template_ms", "plan_ms")]
            cells = [
                row["subject"],
                f"{row['tenants']:,}",
                said(row["per_tenant_ms"]),
                times_said(row["ratio"]),
                *apart,
            ]
            yield f"| {' | '.join(cells)} |"
    yield ""
    yield "Nothing to do in a whole fleet, ms:"
    yield ""
    yield "| tenants | `migration_missing` | `rollout_create` | `migration_status` | a tenant |"
    yield "|---|---|---|---|---|"
    for fleet in figures["fleets"]:
        yield f"| {' | '.join(check_cells(fleet))} |"
    yield ""
    yield "What a worker had in memory at most, MiB, up to so many tenants:"
    yield ""
    yield "| tenants | the worker | its server process |"
    yield "|---|---|---|"
    for fleet in figures["fleets"]:
        for mark in fleet["memory"]:
            yield f"| {' | '.join(memory_cells(fleet, mark))} |"
    yield ""
    yield from goal_rows(figures["goals"])


def main() -> None:
    """Writes the page, and the reference where a file is given."""
    write(REFERENCE, page)


if __name__ == "__main__":
    main()
