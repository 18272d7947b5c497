"""The measured part of "Row audit" in docs/performance.md, written from a run's JSON.

``python -m bench.audit.page [FILE]``; without a file the one in bench/results.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: python -m bench.audit.page -->", "<!-- end of what bench.audit measured -->"


def main() -> None:
    """Writes it."""
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "bench" / "results" / "audit.json"
    figures = json.loads(file.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")
    measured = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not measured.search(page):
        raise SystemExit(f"{PAGE} has no place for it")
    text = "\n".join([BEGIN, *_lines(figures), END])
    PAGE.write_text(measured.sub(lambda _: text, page), encoding="utf-8")


def _lines(figures: dict[str, Any]) -> list[str]:
    plan, host = figures["plan"], figures["host"]
    lines = [
        f"PostgreSQL {figures['server']['server_version']}, {plan['rounds']} rounds, {plan['clients']} sessions of "
        f"{plan['seconds']} s each for single rows, {plan['rows']:,} rows at once; load of the machine "
        f"{figures['load_before'][0]:.1f} before and {figures['load_after'][0]:.1f} after, "
        f"{host.get('cpus', host.get('cores', '?'))} cores.",
        "",
        "| | | median | of the unaudited (quartiles) |",
        "|---|---|---|---|",
    ]
    for case in figures["cases"]:
        for row in case["subjects"]:
            median = f"{row['median']:,.2f} s" if case["unit"] == "s" else f"{row['median']:,.0f} a second"
            of = "" if row["subject"] == "unaudited" else "{:.2f} ({:.2f} - {:.2f})".format(*row["ratio"])
            lines.append(f"| {case['operation']} | {row['subject']} | {median} | {of} |")
    lines += ["", "| goal | asked | measured (quartiles) | |", "|---|---|---|---|"]
    for goal in figures["goals"]:
        sign = "≤" if goal["at_most"] else "≥"
        found = f"{goal['value']:.2f} ({goal['low']:.2f} - {goal['high']:.2f})"
        met = "met" if goal["passed"] else "**missed**"
        lines.append(f"| {goal['name']}, {goal['of']} | {sign} {goal['bound']:g} | {found} | {met} |")
    return lines


if __name__ == "__main__":
    main()
