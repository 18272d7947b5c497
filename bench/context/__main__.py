"""The command line of the bench of tenants' transactions."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.__main__ import choice
from bench.about import host, interrupted, now, settings, versions
from bench.context.report import goals, show, to_json
from bench.context.rounds import Rates, crews, measure
from bench.context.scene import scene
from bench.context.sessions import measure_sessions
from bench.context.subjects import SUBJECTS, FreeholdLogin, Subject

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("freehold", "psycopg", "psycopg-pool", "django", "django-tenants")
SETTINGS = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_connections", "autovacuum")
SIZES = (1, 100, 1000)
CLIENTS = (1, 8)


def _short(kind: type[Subject]) -> str:
    return kind.__name__.lower()


KNOWN = tuple(_short(kind) for kind in SUBJECTS)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--quick", is_flag=True, help="A minute: 1 and 20 tenants, 5 rounds.")
@click.option("--tenants", type=click.IntRange(min=1), help="The most tenants in play. [1000; with --quick 20]")
@click.option("--rounds", "-n", type=click.IntRange(min=1), help="Rounds that are counted. [15; with --quick 5]")
@click.option("--subjects", default=",".join(KNOWN), show_default=True, callback=choice(KNOWN), help="Who takes part.")
@click.option("--seconds", type=click.FloatRange(min=0.001), default=0.15, show_default=True, help="Of a slice.")
@click.option("--wide", type=click.IntRange(min=2), help="Tenants of twenty tables. [60; with --quick 10]")
@click.option("--clients", type=click.IntRange(min=1), default=CLIENTS[-1], show_default=True,
              help="Threads, beside a single one.")  # fmt: skip
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go. [bench/results/<time>.json]"
)
def main(
    *, quick: bool, tenants: int | None, rounds: int | None, subjects: list[str], seconds: float, wide: int | None,
    clients: int, json_file: Path | None,
) -> None:  # fmt: skip
    """Transactions for tenants, per second: freehold at both levels, without tenants, and as others do it."""
    largest = tenants or (20 if quick else SIZES[-1])
    sizes = sorted({*(size for size in SIZES if size < largest), largest})
    threads = sorted({1, clients})
    rounds = rounds or (5 if quick else 15)
    console = Console(width=100) if not sys.stdout.isatty() else Console()
    signal.signal(signal.SIGTERM, interrupted)

    def say(what: str) -> None:
        console.print(what, highlight=False, soft_wrap=True)

    about: dict[str, Any] = {"began_at": now(), "load_before": list(os.getloadavg()), "arguments": sys.argv[1:]}
    rates, sessions = Rates(), None
    with contextlib.ExitStack() as stack:
        say(f"makes {largest:,} tenants")
        made = stack.enter_context(scene(largest, wide or (10 if quick else 60), FreeholdLogin.HOT))
        rows = made.admin.execute("select name, setting, unit from pg_settings where name = any (%s)", ([*SETTINGS],))
        about["server"] = settings(rows)
        taking = []
        for kind in SUBJECTS:
            if _short(kind) in subjects:
                taking.append(kind(made, max(threads)))
                stack.callback(taking[-1].close)
        with crews(threads, taking) as ready:
            measure(taking, ready, sizes, rounds, seconds, rates, say)
        sessions = measure_sessions(made, rounds * 10, say)
    about |= {
        "ended_at": now(),
        "load_after": list(os.getloadavg()),
        "host": host(),
        "versions": versions(PACKAGES),
        "plan": {
            "tenants": sizes, "clients": threads, "rounds": rounds, "seconds": seconds, "hot_logins": FreeholdLogin.HOT
        },
    }  # fmt: skip
    show(rates, sessions, goals(rates), console)
    path = json_file or ROOT / "bench" / "results" / f"context-{about['began_at'].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(to_json(about, rates, sessions), indent=1) + "\n", encoding="utf-8")
    say(f"figures: {path}")


if __name__ == "__main__":
    main()
