"""What sealing costs: a million rows of one log while others write to it, and a fleet where nothing was written."""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

import click
import psycopg

from bench.about import host, now, versions
from freehold.bundle import install_bundle, run
from freehold.control import Control
from freehold.embedded import Ephemeral

LOG = """
    create table freehold_audit.log_{0} (
        id bigint not null generated always as identity, entry_id uuid not null default gen_random_uuid(),
        xid xid8 not null default pg_current_xact_id(), at timestamptz not null default statement_timestamp(),
        table_name name not null, action text not null, key jsonb, old jsonb, new jsonb, actor text not null,
        login name not null default session_user, application_name text, client_address inet, request_id text);
    create index on freehold_audit.log_{0} using brin (at, id);
    grant select on freehold_audit.log_{0} to freehold_owner;
    grant select on sequence freehold_audit.log_{0}_id_seq to freehold_owner;
    insert into freehold.audit_log (home_id, made_at) values ('{0}', now());
"""
ROW = """
    select pg_current_xact_id();
    insert into freehold_audit.log_{0} (table_name, action, key, old, new, actor)
    select 'account', 'update', jsonb_build_object('id', i),
           jsonb_build_object('name', 'old ' || i, 'balance', i * 1.5),
           jsonb_build_object('name', 'new ' || i, 'balance', i * 2.5), 'alice'
    from generate_series(1, {1}) as i
"""


class Writers:
    """Sessions that write a row a transaction, and how often they did."""

    def __init__(self, dsn: str, chain: str, number: int) -> None:
        self.dsn, self.statement = dsn, ROW.format(chain, 1)
        self.counts, self.longest, self.stopped = [0] * number, 0.0, threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(index,)) for index in range(number)]
        for thread in self.threads:
            thread.start()

    def _run(self, index: int) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("set synchronous_commit = off")
            while not self.stopped.is_set():
                began = time.perf_counter()
                connection.execute(self.statement.encode())
                self.longest = max(self.longest, time.perf_counter() - began)
                self.counts[index] += 1

    def rate(self, seconds: float) -> float:
        """Transactions a second, over so many seconds."""
        before, began = sum(self.counts), time.perf_counter()
        time.sleep(seconds)
        return (sum(self.counts) - before) / (time.perf_counter() - began)

    def stop(self) -> None:
        """Stops them."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def one_log(dsn: str, rows: int, transactions: int, writers: int) -> dict[str, Any]:
    """Seals and verifies a log of so many rows, alone; then as many again while others write."""
    chain = "00000000-0000-4000-8000-000000000001"
    figures: dict[str, Any] = {"rows": rows}
    with psycopg.connect(dsn, autocommit=True) as connection:
        control = Control(connection)
        connection.execute(
            LOG.format(chain.replace("-", "")).replace(f"('{chain.replace('-', '')}'", f"('{chain}'").encode()
        )
        statement = ROW.format(chain.replace("-", ""), rows // transactions).encode()
        for _ in range(transactions):
            connection.execute(statement)
        connection.execute(f"vacuum analyze freehold_audit.log_{chain.replace('-', '')}".encode())
        began = time.perf_counter()
        control.audit_seal()
        figures["seal_s"] = time.perf_counter() - began
        began = time.perf_counter()
        figures["findings"] = len(control.audit_verify())
        figures["verify_s"] = time.perf_counter() - began
        began = time.perf_counter()
        control.audit_seal()
        figures["seal_nothing_s"] = time.perf_counter() - began
        for _ in range(transactions):
            connection.execute(statement)
        crowd = Writers(dsn, chain.replace("-", ""), writers)
        time.sleep(1)
        alone = crowd.rate(5)
        done = threading.Thread(target=control.audit_seal)
        crowd.longest = 0.0
        began = time.perf_counter()
        done.start()
        before = sum(crowd.counts)
        done.join()
        took = time.perf_counter() - began
        figures |= {
            "writers": writers, "writes_per_s_alone": alone,
            "writes_per_s_while_sealing": (sum(crowd.counts) - before) / took,
            "longest_write_while_sealing_s": crowd.longest, "seal_while_writing_s": took,
        }  # fmt: skip
        crowd.stop()
        control.audit_seal()
        figures["findings_after"] = len(control.audit_verify())
    return figures


def fleet(dsn: str, logs: int) -> dict[str, Any]:
    """A pass over so many logs: the first, one where nothing was written, and one where one log was."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        control = Control(connection)
        for number in range(logs):
            chain = f"10000000-0000-4000-8000-{number:012}"
            connection.execute(
                LOG.format(chain.replace("-", "")).replace(f"('{chain.replace('-', '')}'", f"('{chain}'").encode()
            )
        control.audit_seal()
        passes, writes = [], []
        for number in range(5):
            with psycopg.connect(dsn, autocommit=True) as fresh:
                began = time.perf_counter()
                Control(fresh).audit_seal()
                passes.append(time.perf_counter() - began)
            connection.execute(ROW.format(f"10000000000040008000{number:012}", 1).encode())
            began = time.perf_counter()
            control.audit_seal()
            writes.append(time.perf_counter() - began)
        return {
            "logs": logs, "pass_new_session_s": statistics.median(passes),
            "pass_one_changed_s": statistics.median(writes),
        }  # fmt: skip


@click.command()
@click.option("--rows", type=click.IntRange(min=1000), default=1_000_000, show_default=True, help="Rows of the log.")
@click.option("--transactions", type=click.IntRange(min=1), default=100, show_default=True, help="That wrote them.")
@click.option(
    "--writers", type=click.IntRange(min=1), default=2, show_default=True, help="Sessions that go on writing."
)
@click.option("--logs", type=click.IntRange(min=5), default=10_000, show_default=True, help="Logs of the fleet.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Where the figures go.")
def main(*, rows: int, transactions: int, writers: int, logs: int, json_file: Path | None) -> None:
    """Seals a log while others write to it, and passes over a fleet."""
    with Ephemeral() as server:
        dsn = server.dsn()
        with psycopg.connect(dsn, autocommit=True) as connection:
            run(connection, install_bundle())
            connection.execute("create schema if not exists freehold_audit")
            connection.execute("grant usage on schema freehold_audit to freehold_owner")
        figures = {"one_log": one_log(dsn, rows, transactions, writers), "fleet": fleet(dsn, logs)}
        with psycopg.connect(dsn) as connection:
            (version,) = connection.execute("select version()").fetchone() or ("",)
    data = {
        "at": now(),
        "host": host(),
        "versions": versions(("freehold", "psycopg")) | {"server": version},
        "figures": figures,
    }
    text = json.dumps(data, indent=2, default=str)
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    click.echo(text)


if __name__ == "__main__":
    sys.exit(main())
