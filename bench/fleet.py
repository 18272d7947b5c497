"""What a question to the fleet costs: a loop over its schemas, as each tenant's reader, and one view over all."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg import sql

from bench.about import host, now, versions
from freehold import Control, FleetQuery
from freehold.bundle import install_bundle, run
from freehold.embedded import Ephemeral

QUERY = "select count(*) as n from note"
FLOOR = "bare loop"


def build(connection: psycopg.Connection[Any], tenants: int) -> list[str]:
    """A fleet with readers, a row in each tenant, and the view over all; returns the schemas."""
    control = Control(connection)
    control.template_create("default")
    control.template_apply("default", "create table note (id bigint generated always as identity, body text)")
    control.template_freeze("default")
    for number in range(tenants):
        control.tenant_provision(f"t{number}")
    while control.fleet_prepare():
        pass
    schemas = [f"tenant_t{number}" for number in range(tenants)]
    for schema in schemas:
        connection.execute(sql.SQL("insert into {} (body) values ('x')").format(sql.Identifier(schema, "note")))
    part = sql.SQL("select {}::text as slug, count(*) as n from {}")
    connection.execute(
        sql.SQL("create view public.everyone as {}").format(
            sql.SQL(" union all ").join(part.format(schema, sql.Identifier(schema, "note")) for schema in schemas)
        )
    )
    return schemas


def subjects(dsn: str, schemas: list[str], workers: int) -> dict[str, Callable[[], int]]:
    """By name: what asks every tenant, on a new session, and returns how many answered."""

    def loop() -> int:
        with psycopg.connect(dsn, autocommit=True) as connection:
            for schema in schemas:
                connection.execute(sql.SQL("select count(*) as n from {}").format(sql.Identifier(schema, "note")))
        return len(schemas)

    def view() -> int:
        with psycopg.connect(dsn, autocommit=True) as connection:
            return len(connection.execute("select * from public.everyone").fetchall())

    def call() -> int:
        with psycopg.connect(dsn, autocommit=True) as connection:
            return len(Control(connection).fleet_query(QUERY))

    def client() -> int:
        with FleetQuery(dsn, QUERY, workers=workers, prepare=False) as fleet:
            return sum(answer.error is None for answer in fleet)

    return {FLOOR: loop, "fleet_query()": call, f"FleetQuery, {workers} workers": client, "union all view": view}


@click.command()
@click.option("--tenants", type=click.IntRange(2), default=100, show_default=True, help="How many there are.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="How often each is asked.")
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Connections of the client.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go.")
def main(*, tenants: int, rounds: int, workers: int, json_file: Path | None) -> None:
    """Asks every tenant for a count, in four ways, in turn."""
    seconds: dict[str, list[float]] = {}
    with Ephemeral() as server:
        dsn = server.dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            run(connection, install_bundle())
            schemas = build(connection, tenants)
            (version,) = connection.execute("select version()").fetchone() or ("",)
        for _ in range(rounds):
            for name, ask in subjects(dsn, schemas, workers).items():
                began = time.perf_counter()
                if ask() != tenants:
                    raise click.ClickException(f"{name} did not answer for all")
                seconds.setdefault(name, []).append(time.perf_counter() - began)
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    figures = {name: {"seconds": median, "ratio": median / medians[FLOOR]} for name, median in medians.items()}
    for name, figure in figures.items():
        click.echo(f"{name:24} {figure['seconds'] * 1000:9.1f} ms  {figure['ratio']:6.2f} times the bare loop")
    if json_file is not None:
        data = {
            "at": now(),
            "host": host(),
            "versions": versions(("freehold", "psycopg")) | {"server": version},
            "tenants": tenants,
            "rounds": rounds,
            "figures": figures,
        }
        json_file.write_text(json.dumps(data, indent=2, default=str) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
