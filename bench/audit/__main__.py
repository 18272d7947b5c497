"""The command line of the bench of row audit."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bench.__main__ import alone
from bench.about import host, interrupted, now, versions
from bench.audit import tables
from bench.audit.tables import FREEHOLD, PLAIN, SUBJECTS
from bench.goals import Goal
from bench.measure import spread
from bench.place import Connection, Place
from bench.report import WIDTH, goal_table
from freehold.binaries import find_binaries

ROOT = Path(__file__).resolve().parents[2]
ONE = {
    "insert of one row": tables.INSERT_ONE,
    "update of one row": tables.UPDATE_ONE,
    "insert in a tenant's transaction": tables.in_tenant(tables.INSERT_ONE),
    "update in a tenant's transaction": tables.in_tenant(tables.UPDATE_ONE),
}
MANY = ("insert of many rows", "update of many rows")
CLIENTS, KEEPS, COSTS = 4, 0.6, 4.0
THERE = 10_000
"""Rows that are there when single ones come and change."""

Found = dict[str, dict[str, list[float]]]


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--quick", is_flag=True, help="Half a minute: 2 rounds of one second.")
@click.option("--rounds", "-n", type=click.IntRange(min=1), help="Rounds that are counted. [5; with --quick 2]")
@click.option("--seconds", type=click.IntRange(min=1), help="Of each run of single rows. [5; with --quick 1]")
@click.option("--transactions", type=click.IntRange(min=1), help="Of each client, instead of a time.")
@click.option(
    "--rows", type=click.IntRange(min=1), default=100_000, show_default=True, help="Of each run of many rows."
)
@click.option("--home", type=click.Path(path_type=Path), default=ROOT / ".cache" / "bench-audit",
              show_default=".cache/bench-audit", help="Where the server's data lies.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path), default=ROOT / "bench" / "results" / "audit.json",
              show_default="bench/results/audit.json", help="Where the figures go.")  # fmt: skip
def main(
    *, quick: bool, rounds: int | None, seconds: int | None, transactions: int | None, rows: int, home: Path,
    json_file: Path,
) -> None:  # fmt: skip
    """One table unaudited, audited, and under a trigger for each row; prints ratios, writes JSON."""
    rounds, seconds = rounds or (2 if quick else 5), seconds or (1 if quick else 5)
    console = Console(width=WIDTH) if not sys.stdout.isatty() else Console()
    signal.signal(signal.SIGTERM, interrupted)
    found: Found = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(home))
        place = Place(home.absolute(), 1, template="audit")
        stack.enter_context(place.running(keep=False))
        _prepare(place)
        about: dict[str, Any] = {
            "began_at": now(), "load_before": list(os.getloadavg()), "arguments": sys.argv[1:], "host": host(),
            "server": place.settings(), "versions": versions(("freehold", "psycopg")),
            "plan": {"rounds": rounds, "seconds": seconds, "transactions": transactions, "rows": rows,
                     "clients": CLIENTS},
        }  # fmt: skip
        for number in range(rounds + 1):
            console.print(f"round {number} of {rounds}" if number else "a round that is not counted", highlight=False)
            length = ["-t", str(transactions)] if transactions else ["-T", str(seconds if number else 1)]
            _round(place, number, length, rows, found if number else {})
        about |= {"ended_at": now(), "load_after": list(os.getloadavg())}
    figures = {"format": 1, **about, "cases": [_case(name, found[name]) for name in found],
               "goals": [goal.to_json() for goal in _goals(found)]}  # fmt: skip
    _show(figures, console)
    console.print(goal_table(_goals(found)))
    json_file.parent.mkdir(parents=True, exist_ok=True)
    json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    console.print(f"figures: {json_file}", highlight=False, soft_wrap=True)


def _prepare(place: Place) -> None:
    with place.connect() as operator:
        operator.execute("select freehold.template_create('audit')")
        operator.execute("select freehold.template_apply('audit', %s)", (tables.template(),))
        operator.execute("select freehold.template_freeze('audit')")
        operator.execute("select freehold.tenant_provision('acme', 'audit')")
    with place.connect(superuser=True) as admin:
        admin.execute(tables.ROW_TRIGGER)


def _round(place: Place, number: int, length: list[str], rows: int, found: Found) -> None:
    names, there = list(SUBJECTS), min(rows, THERE)
    turn = number % len(names)
    for name in (*names[turn:], *names[:turn]):
        with place.connect(superuser=True) as admin:
            admin.execute("set synchronous_commit = off")
            for operation, text in zip(MANY, (tables.INSERT_MANY, tables.UPDATE_MANY), strict=True):
                if operation == MANY[0]:
                    _empty(admin)
                began = time.perf_counter()
                admin.execute(tables.statement(text, SUBJECTS[name], rows))
                found.setdefault(operation, {}).setdefault(name, []).append(time.perf_counter() - began)
    for operation, text in ONE.items():
        for name in (*names[turn:], *names[:turn]):
            with place.connect(superuser=True) as admin:
                _empty(admin)
                admin.execute(tables.statement(tables.INSERT_MANY, SUBJECTS[name], there))
                admin.execute("vacuum analyze")
            found.setdefault(operation, {}).setdefault(name, []).append(
                _rate(place, text.format(table=SUBJECTS[name], there=there), length)
            )


def _empty(admin: Connection) -> None:
    admin.execute("truncate tenant_acme.sale_plain, tenant_acme.sale_audited, tenant_acme.sale_rows restart identity")
    admin.execute("truncate row_audit.record_version")
    log = admin.execute(
        "select 'freehold_audit.' || freehold._audit_name(t.id) from freehold.tenant as t where t.slug = 'acme'"
    ).fetchone()
    assert log is not None
    admin.execute(f"truncate {log[0]}")
    admin.execute("checkpoint")


def _rate(place: Place, script: str, length: list[str]) -> float:
    """Statements a second, of a few sessions at asynchronous commit."""
    file = place.home.parent / "audit.pgbench"
    file.write_text(script, encoding="utf-8")
    protocol = "simple" if "begin" in script else "prepared"
    environment = os.environ | {"PGOPTIONS": "-c synchronous_commit=off"}
    done = subprocess.run(
        [find_binaries().directory / "pgbench", "-n", "-M", protocol, "-c", str(CLIENTS), *length, "-f", str(file),
         place.server.dsn(superuser=True)],
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    file.unlink()
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if rate is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(rate[1])


def _goals(found: Found) -> list[Goal]:
    goals = []
    for operation in found:
        one = operation in ONE
        ratio = spread(
            [ours / theirs for ours, theirs in zip(found[operation][FREEHOLD], found[operation][PLAIN], strict=True)]
        )
        goals.append(Goal(
            f"{FREEHOLD} / {PLAIN}, {'rate' if one else 'time'}", operation, KEEPS if one else COSTS, not one,
            round(ratio.median, 4), round(ratio.low, 4), round(ratio.high, 4),
        ))  # fmt: skip
    return goals


def _case(operation: str, samples: dict[str, list[float]]) -> dict[str, Any]:
    subjects = []
    for name, values in samples.items():
        ratio = spread([ours / theirs for ours, theirs in zip(values, samples[PLAIN], strict=True)])
        subjects.append({
            "subject": name, "median": round(spread(values).median, 4),
            "samples": [round(value, 4) for value in values],
            "ratio": [round(value, 4) for value in (ratio.median, ratio.low, ratio.high)],
        })  # fmt: skip
    return {"operation": operation, "unit": "a second" if operation in ONE else "s", "subjects": subjects}


def _show(figures: dict[str, Any], console: Console) -> None:
    for case in figures["cases"]:
        table = Table(title=case["operation"], title_justify="left", width=WIDTH, box=box.SIMPLE_HEAD)
        table.add_column("", ratio=1)
        table.add_column(case["unit"], justify="right")
        table.add_column("times the unaudited (quartiles)", justify="right")
        for row in case["subjects"]:
            table.add_row(row["subject"], f"{row['median']:,.3g}" if case["unit"] == "s" else f"{row['median']:,.0f}",
                          "{:.2f} ({:.2f} - {:.2f})".format(*row["ratio"]))  # fmt: skip
        console.print(table)


if __name__ == "__main__":
    main()
