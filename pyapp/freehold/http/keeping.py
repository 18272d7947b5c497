"""The background keeper inside the service: a thread of its own, as the admins' role."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psycopg
import structlog
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.calls import Row
from freehold.catalog import Catalog
from freehold.keeper import Keeper
from freehold.migrate.errors import MigrationError

_RETRY = 10.0
"""Seconds after which a keeper that could not begin begins again."""

log = structlog.get_logger("freehold.keeper")


@contextlib.contextmanager
def kept(dsn: str, catalog: Catalog) -> Iterator[None]:
    """Keeps while the block lasts; where another keeper leads, it waits for the lease.

    Args:
        dsn: How to connect, as the service's login.
        catalog: What is installed.
    """
    if "admin" not in catalog.reach:
        log.warning("keeper.off", reason=f"the login may not become {catalog.role('admin')}")
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(as_role(dsn, catalog.role("admin")), stop), name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=20)


def as_role(dsn: str, role: str) -> str:
    """A connection string of sessions that are a role's from the start: of a connection that nobody shares."""
    options = conninfo_to_dict(dsn).get("options") or ""
    return make_conninfo(dsn, options=f"{options} -c role={role}".strip())


def _run(dsn: str, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            Keeper(dsn, say=_say).run(stop)
        except (psycopg.Error, MigrationError) as error:
            log.warning("keeper.failed", error=str(error).strip().partition("\n")[0])
            stop.wait(_RETRY)


def _say(event: Row) -> None:
    log.info(f"keeper.{event['event']}", **{name: str(value) for name, value in event.items() if name != "event"})
