"""Clients over many tenants while sessions are ended, PgBouncer is killed and tenants are suspended; and what came of it."""

from __future__ import annotations

import contextlib
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from rich.console import Console
from rich.table import Table

import freehold
from freehold import Limits, PoolTimeout, Tenants
from freehold.context.credentials import derive_password, derive_verifier

from .database import Database
from .pgbouncer import Bouncer

CLIENTS = 8
NAME = "under soak"
TEMPLATE = "create table canary (id bigint generated always as identity, slug text not null, client int not null)"
PATIENCE = 60.0
"""Seconds after which a client that does not come back hangs."""


@dataclass
class Tally:
    """What a client saw.

    Attributes:
        done: Commits that were acknowledged, by tenant.
        unsure: Commits whose answer was lost, by tenant.
        refused: Transactions that failed, by the class of the error.
        foreign: Rows of other tenants.
        strange: Errors that nothing explains.
        last: When it last committed.
    """

    done: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    last: float = 0.0


class Fleet:
    """Tenants, and how to reach them at one level, directly or through PgBouncer.

    Args:
        database: Where they are, made by ``provision``.
        slugs: They.
        level: ``role`` or ``login``.
        directory: For PgBouncer's files; None: without it.
    """

    def __init__(self, database: Database, slugs: Sequence[str], level: str, directory: Path | None) -> None:
        self.database, self.slugs, self.level = database, slugs, level
        self.admin, self.control = database.connect(database.admin_dsn), database.control()
        login = conninfo_to_dict(database.login_dsn("app" if level == "role" else "asker"))
        users = {str(login["user"]): str(login["password"])}
        secret, server = None, conninfo_to_dict(database.admin_dsn)
        # For the control, whose clients are not freehold's.
        users[str(server["user"])] = str(server.get("password") or "")
        if level == "role":
            self.control.gate_grant("app")
        else:
            secret = secrets.token_bytes(32)
            self.admin.execute("grant freehold_resolver to asker")
            for slug in slugs:
                row = self.control.tenant_get(slug)
                known, role = str(row["id"]), row["rw_role"]
                self.control.login_enable(slug, verifier=derive_verifier(self.admin.pgconn, secret, known, role))
                users[role] = derive_password(secret, known, role)
        self.bouncer = Bouncer(database, directory, users) if directory else None
        where = database.admin_dsn
        if self.bouncer is not None:
            self.bouncer.start()
            where = self.bouncer.conninfo
        self.conninfo = make_conninfo(
            where, user=login["user"], password=login["password"], application_name=NAME, connect_timeout=10
        )
        self.options: dict[str, Any] = {
            "level": level, "secret": secret, "listen": self.bouncer is None, "limits": Limits(size=6 if level == "role" else 24, wait=10, schemas=50),
        }  # fmt: skip

    def close(self) -> None:
        """Ends PgBouncer."""
        if self.bouncer is not None:
            self.bouncer.kill()


def provision(database: Database, count: int) -> list[str]:
    """Makes so many tenants of one table."""
    control = database.control()
    control.template_create("default")
    control.template_apply("default", TEMPLATE)
    control.template_freeze("default")
    slugs = [f"t{number:03}" for number in range(count)]
    for slug in slugs:
        control.tenant_provision(slug)
    return slugs


class Soak:
    """One run.

    Attributes:
        faults: What was done to it, and how often.
        suspended: Tenants that were suspended at some time.

    Args:
        fleet: Whom it is over.
        seconds: How long.
        leak: Clients set the path for the session, as others do, on connections of a superuser: for the control.
    """

    def __init__(self, fleet: Fleet, seconds: float, *, leak: bool = False) -> None:
        self.fleet, self.seconds, self.leak = fleet, seconds, leak
        self.tallies = [Tally() for _ in range(CLIENTS)]
        self.faults: Counter[str] = Counter()
        self.suspended: set[str] = set()
        self.hung = 0
        self.last_fault = 0.0
        self.counts: dict[str, int] = {}
        self._over = threading.Event()

    def run(self) -> None:
        """Runs clients and faults, then clients alone until each has committed once more."""
        with self._tenants() as transaction:
            threads = [
                threading.Thread(target=self._client, args=(number, transaction), daemon=True)
                for number in range(CLIENTS)
            ]
            for thread in threads:
                thread.start()
            if self.leak:
                self._over.wait(self.seconds)
            else:
                self._make_faults(time.monotonic() + self.seconds)
            self.last_fault = time.monotonic()
            until = self.last_fault + (0 if self.leak else PATIENCE)
            while not all(tally.last > self.last_fault for tally in self.tallies) and time.monotonic() < until:
                self._over.wait(0.05)
            self._over.set()
            for thread in threads:
                thread.join(PATIENCE)
            self.hung = sum(thread.is_alive() for thread in threads)

    @contextlib.contextmanager
    def _tenants(self) -> Iterator[Callable[[str, str], contextlib.AbstractContextManager[Any]]]:
        if self.leak:
            yield self._leaking
            return
        with Tenants(self.fleet.conninfo, **self.fleet.options) as tenants:
            yield lambda slug, actor: tenants.transaction(slug, actor=actor)
            self.counts = tenants.counts()

    @contextlib.contextmanager
    def _leaking(self, slug: str, actor: str) -> Iterator[Any]:
        """What many applications do: the path is the session's."""
        del actor
        server = conninfo_to_dict(self.fleet.database.admin_dsn)
        where = make_conninfo(self.fleet.conninfo, user=server["user"], password=server.get("password"))
        with psycopg.connect(where, autocommit=True, prepare_threshold=None) as connection:
            connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(f"tenant_{slug}")))
            with connection.transaction():
                yield connection

    def _client(self, number: int, transaction: Callable[[str, str], Any]) -> None:
        pick, tally = random.Random(number), self.tallies[number]
        actor = f"client {number}"
        while not self._over.is_set():
            # Few tenants are busy, as everywhere.
            slug = self.fleet.slugs[min(int(pick.expovariate(8 / len(self.fleet.slugs))), len(self.fleet.slugs) - 1)]
            written = False
            try:
                with transaction(slug, actor) as connection:
                    row = connection.execute(
                        "insert into canary (slug, client) values (%s, %s) returning freehold.actor_current()",
                        (slug, number),
                    ).fetchone()
                    rows = connection.execute("select distinct slug from canary").fetchall()
                    if (row != (actor,) and not self.leak) or rows != [(slug,)]:
                        tally.foreign.append(f"{slug} as {actor}: {row}, {rows}")
                    if pick.random() < 0.05:
                        connection.execute(b"select pg_advisory_lock(4711); set work_mem = '65kB'; listen soak")
                    if pick.random() < 0.05:
                        raise InterruptedError
                    written = True
            except InterruptedError:
                pass
            except Exception as error:
                if written:
                    tally.unsure[slug] += 1
                name = type(error).__name__
                tally.refused[name] += 1
                if not self._explained(slug, error):
                    tally.strange.append(f"{slug}: {name}: {error}")
            else:
                tally.done[slug] += 1
                tally.last = time.monotonic()

    def _explained(self, slug: str, error: BaseException) -> bool:
        """Whether a fault leads to this error."""
        if isinstance(error, freehold.TenantSuspended):
            return slug in self.suspended
        # Suspended while inside: its rights, or its session, are gone.
        if isinstance(error, (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege)):
            return slug in self.suspended
        if isinstance(error, PoolTimeout):
            return False
        return isinstance(error, psycopg.OperationalError)

    def _make_faults(self, until: float) -> None:
        pick = random.Random(0)
        kinds = ["terminate", "terminate", "terminate", "suspend", "suspend"]
        if self.fleet.bouncer is not None:
            kinds.append("restart")
        # Each at least once, and then as many as the time allows.
        todo = list(dict.fromkeys(kinds))
        while todo or time.monotonic() < until:
            kind = todo.pop() if todo else pick.choice(kinds)
            self.faults[kind] += 1
            getattr(self, f"_{kind}")(pick)
            self._over.wait(min(1.0, self.seconds / 10))

    def _terminate(self, pick: random.Random) -> None:
        self.fleet.admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and usename::text = any (%s) order by random() limit %s",
            (["app", "asker", *(f"tenant_{slug}_rw" for slug in self.fleet.slugs)], pick.randint(1, 4)),
        )

    def _suspend(self, pick: random.Random) -> None:
        slug = pick.choice(self.fleet.slugs[: max(4, len(self.fleet.slugs) // 8)])
        self.suspended.add(slug)
        self.fleet.control.tenant_suspend(slug, "soak")
        self._over.wait(min(0.5, self.seconds / 20))
        self.fleet.control.tenant_resume(slug)

    def _restart(self, pick: random.Random) -> None:
        assert self.fleet.bouncer is not None
        self.fleet.bouncer.kill()
        self.fleet.bouncer.start()

    def total(self, name: str) -> Counter[str]:
        """Of all clients."""
        return sum((getattr(tally, name) for tally in self.tallies), Counter())

    def faulty(self) -> list[str]:
        """All that is not as it must be."""
        found = [each for tally in self.tallies for each in tally.foreign + tally.strange]
        if self.hung:
            found.append(f"{self.hung} clients hang")
        for number, tally in enumerate(self.tallies):
            if tally.last <= self.last_fault:
                found.append(f"client {number} committed nothing after the last fault")
        if self.counts.get("open") != self.counts.get("idle") or self.counts.get("waiting"):
            found.append(f"the pool does not add up: {self.counts}")
        query = "select pid, state, query from pg_stat_activity where application_name = %s and state <> 'idle'"
        until, left = time.monotonic() + 30, None
        while left != [] and time.monotonic() < until:
            left = self.fleet.admin.execute(query, (NAME,)).fetchall()
        found += [f"left behind: {row}" for row in left or []]
        done, unsure = self.total("done"), self.total("unsure")
        for slug in self.fleet.slugs:
            rows = dict(
                self.fleet.admin.execute(
                    sql.SQL("select slug, count(*) from {} group by 1").format(
                        sql.Identifier(f"tenant_{slug}", "canary")
                    )
                ).fetchall()
            )
            own = rows.pop(slug, 0)
            found += [f"{slug} has {count} rows of {other}" for other, count in rows.items()]
            if not done[slug] <= own <= done[slug] + unsure[slug]:
                found.append(f"{slug} has {own} rows, with {done[slug]} commits and {unsure[slug]} that may be")
        return found

    def show(self, title: str) -> None:
        """Prints a summary."""
        table = Table(title=title, show_header=False)
        table.add_row("tenants", str(len(self.fleet.slugs)))
        table.add_row("commits", str(self.total("done").total()))
        table.add_row("commits whose answer was lost", str(self.total("unsure").total()))
        for name, count in sorted(self.total("refused").items()):
            table.add_row(f"refused: {name}", str(count))
        for name, count in sorted(self.faults.items()):
            table.add_row(f"fault: {name}", str(count))
        Console().print(table)
