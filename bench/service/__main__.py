"""The command line of the bench of the service."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.about import host, interrupted, now, settings, versions
from bench.report import WIDTH
from bench.service.report import show, to_json
from bench.service.rounds import KEYS, SIZE, SUBJECTS, TOKENS, Case, Driver, measure, serving
from bench.service.scene import scene

ROOT = Path(__file__).resolve().parents[2]
# Which finds wrk as the tests find such programs.
sys.path.append(str(ROOT / "tests"))
PACKAGES = ("freehold", "fastapi", "uvicorn", "uvloop", "psycopg", "psycopg-pool", "pyjwt")
SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections")
CALLERS = (KEYS, TOKENS)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--quick", is_flag=True, help="Two minutes: 2 rounds of 2 seconds.")
@click.option("--tenants", type=click.IntRange(min=1), default=200, show_default=True, help="How many.")
@click.option("--rounds", "-n", type=click.IntRange(min=1), help="Rounds that are counted. [9; with --quick 2]")
@click.option("--seconds", type=click.IntRange(min=1), help="Of each run of wrk. [6; with --quick 2]")
@click.option("--connections", type=click.IntRange(min=1), multiple=True, default=(8, 32), show_default=True,
              help="Of wrk; may come more than once.")  # fmt: skip
@click.option("--callers", type=click.Choice(CALLERS), multiple=True, default=CALLERS, show_default=True,
              help="How they prove who they are; may come more than once.")  # fmt: skip
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go. [bench/results/<time>.json]"
)
def main(
    *, quick: bool, tenants: int, rounds: int | None, seconds: int | None, connections: tuple[int, ...],
    callers: tuple[str, ...], json_file: Path | None,
) -> None:  # fmt: skip
    """A tenant's point query through the service, and the same endpoint written by hand without tenants."""
    from support.debian import find_program

    rounds, seconds = rounds or (2 if quick else 9), seconds or (2 if quick else 6)
    console = Console(width=WIDTH) if not sys.stdout.isatty() else Console()
    signal.signal(signal.SIGTERM, interrupted)

    def say(what: str) -> None:
        console.print(what, highlight=False, soft_wrap=True)

    about: dict[str, Any] = {"began_at": now(), "load_before": list(os.getloadavg()), "arguments": sys.argv[1:]}
    cases = [Case(each, number) for each in dict.fromkeys(callers) for number in sorted({*connections})]
    with contextlib.ExitStack() as stack:
        driver = Driver(*find_program("wrk"), Path(stack.enter_context(tempfile.TemporaryDirectory())))
        say(f"makes {tenants:,} tenants")
        made = stack.enter_context(scene(tenants))
        driver.prepare(made)
        rows = made.admin.execute("select name, setting, unit from pg_settings where name = any (%s)", ([*SETTINGS],))
        about["server"] = settings(rows)
        subjects = [each for each in SUBJECTS if any(each in case.subjects for case in cases)]
        urls = {subject: stack.enter_context(serving(made, subject)) for subject in subjects}
        found = measure(driver, tenants, urls, cases, rounds, seconds, say)
    about |= {
        "ended_at": now(),
        "load_after": list(os.getloadavg()),
        "host": host(),
        "versions": versions(PACKAGES),
        "plan": {"tenants": tenants, "rounds": rounds, "seconds": seconds, "pool": SIZE},
    }
    show(found, console)
    path = json_file or ROOT / "bench" / "results" / f"service-{about['began_at'].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(about, found), indent=1) + "\n", encoding="utf-8")
    say(f"figures: {path}")


if __name__ == "__main__":
    main()
