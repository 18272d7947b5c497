"""The command line of the bench of rollouts."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.__main__ import alone, choice, fill
from bench.about import host, interrupted, now, versions
from bench.place import Place
from bench.report import WIDTH
from bench.rollout.fleets import measure_fleet
from bench.rollout.report import goals, show, to_json
from bench.rollout.rounds import Times, measure
from bench.rollout.subjects import SUBJECTS, Django, tables

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("freehold", "psycopg", "yoyo-migrations", "django", "django-tenants")
SMALL, SMALL_TABLE = "note", "create table note (id bigint generated always as identity primary key, body text)"
"""The template of a fleet of which only the number counts."""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--quick", is_flag=True, help="A minute or two: 50 tenants, 3 rounds.")
@click.option("--tenants", type=click.IntRange(min=1), help="Tenants of twenty tables. [1000; with --quick 50]")
@click.option("--large", type=click.IntRange(min=1),
              help="One more fleet for check and memory: so many tenants of one table.")  # fmt: skip
@click.option("--rounds", "-n", type=click.IntRange(min=1), help="Rounds that are counted. [7; with --quick 3]")
@click.option("--sample", type=click.IntRange(min=1),
              help="Schemas of yoyo's and of django-tenants'. [20; with --quick 5]")  # fmt: skip
@click.option("--subjects", default=",".join(SUBJECTS), callback=choice(tuple(SUBJECTS)), help="Who takes part.",
              show_default=True)  # fmt: skip
@click.option("--home", type=click.Path(path_type=Path), default=ROOT / ".cache" / "bench", show_default=".cache/bench",
              help="Where the servers' data lies.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the data directories: the next run takes the fleets from there.")
@click.option("--fill-only", is_flag=True, help="Fill the fleets, measure nothing; implies --keep.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go. [bench/results/<time>.json]"
)
def main(
    *, quick: bool, tenants: int | None, large: int | None, rounds: int | None, sample: int | None,
    subjects: list[str], home: Path, keep: bool, fill_only: bool, json_file: Path | None,
) -> None:  # fmt: skip
    """A column and an index over a fleet: a bare loop, freehold, yoyo, django-tenants; prints ratios, writes JSON."""
    largest, rounds = tenants or (50 if quick else 1000), rounds or (3 if quick else 7)
    sample = min(sample or (5 if quick else 20), largest)
    console = Console(width=WIDTH) if not sys.stdout.isatty() else Console()
    signal.signal(signal.SIGTERM, interrupted)

    def say(what: str) -> None:
        console.print(what, highlight=False, soft_wrap=True)

    times, fleets = Times(), []
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(home))
        sizes = sorted({*(size for size in (100,) if size < largest), largest})
        places = [Place(home.absolute() / f"fleet-{size}", size) for size in sizes]
        if large is not None:
            places.append(Place(home.absolute() / f"notes-{large}", large, template=SMALL))
        for place in places:
            stack.enter_context(place.running(keep=keep or fill_only))
            if place.template == SMALL:
                _small(place)
        fill(places, os.cpu_count() or 1, console)
        if fill_only:
            return
        about: dict[str, Any] = {
            "began_at": now(), "load_before": list(os.getloadavg()), "arguments": sys.argv[1:],
            "host": host(), "server": places[0].settings(), "versions": versions(PACKAGES),
            "plan": {"tenants": largest, "rounds": rounds, "sample": sample, "large": large},
        }  # fmt: skip
        main_place = places[len(sizes) - 1]
        taking = []
        for name in subjects:
            if name == Django.name and find_spec("django_tenants") is None:
                say("django-tenants is not installed: pip install 'freehold[bench]'")
                continue
            say(f"prepares {name}")
            taking.append(SUBJECTS[name](main_place, sample))
            stack.callback(taking[-1].close)
            taking[-1].prepare()
        measure(taking, rounds, times, say, lambda: _vacuum(main_place))
        for place in places:
            table = "note" if place.template == SMALL else tables()[-1]
            fleets.append(measure_fleet(place, place.template, table, say))
        about |= {"ended_at": now(), "load_after": list(os.getloadavg())}
    figures = to_json(about, times, fleets, largest)
    show(figures, goals(times, fleets, largest), console)
    path = json_file or ROOT / "bench" / "results" / f"rollout-{about['began_at'].replace(':', '')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    say(f"figures: {path}")


def _vacuum(place: Place) -> None:
    """What is dead from the round before costs the next one nothing, whoever comes first."""
    with place.connect(superuser=True) as admin:
        for schema in ("freehold", "pg_catalog"):
            place.vacuum(admin, schema)


def _small(place: Place) -> None:
    with place.connect() as operator:
        if operator.execute("select 1 from freehold.template_list() where name = %s", (SMALL,)).fetchone() is None:
            operator.execute("select freehold.template_create(%s)", (SMALL,))
            operator.execute("select freehold.template_apply(%s, %s)", (SMALL, SMALL_TABLE))
            operator.execute("select freehold.template_freeze(%s)", (SMALL,))


if __name__ == "__main__":
    main()
