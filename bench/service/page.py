"""The measured part of "The service" in docs/performance.md, written from a run's JSON.

``python -m bench.service.page`` takes bench/results/service.json, the run that the page quotes; with
another file that one becomes the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.page import goal_rows, place, taken, write
from bench.service.report import FORMAT

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "bench" / "results" / "service.json"
BEGIN, END = "<!-- measured: python -m bench.service.page -->", "<!-- end of what bench.service measured -->"


def page(text: str, figures: dict[str, Any]) -> str:
    """The page with the figures in their place."""
    return place(text, _measured(figures), BEGIN, END)


def _measured(figures: dict[str, Any]) -> Iterator[str]:
    if figures["format"] != FORMAT:
        raise SystemExit(f"the figures are of format {figures['format']}, not {FORMAT}: measure again")
    plan = figures["plan"]
    packages = {"Python": figures["host"]["python"], **figures["versions"]}
    yield taken(figures, packages, f"{plan['rounds']} rounds of {plan['seconds']} s", "bench.service")
    if figures["load_before"][0] > figures["host"]["cpus"] / 2:
        yield ""
        yield "The machine had so much other work meanwhile that not even the ratios are worth quoting: measure again."
    yield ""
    yield f"{plan['tenants']:,} tenants, {plan['pool']} connections to the database, {figures['requests']:,} requests."
    yield ""
    yield "| callers | connections | | requests/s | freehold / it (quartiles) | p50 ms | p99 ms | freehold / it |"
    yield "|---|---|---|---|---|---|---|---|"
    for case in figures["cases"]:
        for subject in case["per_second"]:
            rate, p50, p99 = (case[what][subject][0] for what in ("per_second", "p50_ms", "p99_ms"))
            ratio = late = ""
            if subject in case["ratio"]:
                ratio = "{:.2f} ({:.2f} - {:.2f})".format(*case["ratio"][subject])
                late = f"{case['p99_ratio'][subject][0]:.2f}"
            yield (
                f"| {case['callers']} | {case['connections']} | {subject} | {rate:,.0f} | {ratio} "
                f"| {p50:.1f} | {p99:.1f} | {late} |"
            )
    yield ""
    yield from goal_rows(figures["goals"])


def main() -> None:
    """Writes the page, and the reference where a file is given."""
    write(REFERENCE, page)


if __name__ == "__main__":
    main()
