"""How workers of a rollout run below the command line, and what it exits with."""

from __future__ import annotations

import contextlib
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg

from freehold.cli import output
from freehold.cli.base import App, click
from freehold.cli.watch import watch
from freehold.control import Control, Row

if TYPE_CHECKING:
    from freehold.migrate.render import Renderer
    from freehold.migrate.worker import Worker

_HALTED = 4


def work(app: App, control: Control, rollout_id: int, renderer: Renderer, count: int) -> None:
    """Runs workers in threads, shows how far they are, and exits with what became of the rollout."""
    from freehold.migrate.worker import Worker

    stop = threading.Event()

    def said(slug: str, state: str, message: str) -> None:
        if state != "done" and not app.as_json:
            click.echo(f"{slug}: {state}: {message}", err=True)

    def connect() -> psycopg.Connection[Any]:
        return psycopg.connect(app.resolve_dsn(), autocommit=True, fallback_application_name="freehold worker")

    previous = {sign: signal.signal(sign, lambda *_: stop.set()) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        with ThreadPoolExecutor(count) as pool:
            crew = [Worker(connect, rollout_id, renderer, stop=stop, say=said) for _ in range(count)]
            futures: list[Future[Row]] = [pool.submit(worker.run) for worker in crew]
            # Where the server went away, the workers wait for it to come back, and know better.
            with contextlib.suppress(psycopg.OperationalError):
                watch(
                    control, rollout_id, every=0.5, as_json=app.as_json,
                    until=lambda: all(future.done() for future in futures),
                )  # fmt: skip
            for future in futures:
                future.result()
    finally:
        for sign, handler in previous.items():
            signal.signal(sign, handler)
    _finish(app, Control(connect()), rollout_id, crew)


def _finish(app: App, control: Control, rollout_id: int, crew: list[Worker]) -> None:
    row = control.rollout_get(rollout_id)
    done, seconds = sum(worker.tally.done for worker in crew), max(worker.tally.seconds for worker in crew)
    failed = sum(wave["failed"] for wave in control.rollout_status(rollout_id))
    control.connection.close()
    if not app.as_json:
        output.print_done(f"{done} done in {seconds:.1f} s; rollout {rollout_id} is {row['state']}")
        if failed:
            click.echo(f"{failed} failed: freehold rollout tenants {rollout_id} --state failed", err=True)
    leave(row, failed)


def leave(row: Row, failed: int = 0) -> None:
    """Exits with 4 where the rollout halted, or left somebody behind."""
    if row["state"] in ("halted", "aborted") or failed:
        raise click.exceptions.Exit(_HALTED)
