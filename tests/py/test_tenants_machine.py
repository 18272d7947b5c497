"""A machine that drives the pools at random, against a model of who may see what.

Three clients, threads or tasks, hold blocks open over each other while sessions are littered, cancelled and terminated, tenants
suspended and renamed, the pool closed and the secret rotated. One thing happens at a time, so that the model knows what each of
them must lead to; what happens at the same time is test_soak.py's. FREEHOLD_SOAK runs more of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import hypothesis
import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from psycopg.pq import TransactionStatus

import freehold
from freehold import AsyncTenants, PoolTimeout, Tenants
from freehold.context.current import current_tenant
from freehold.context.pool import Limits
from support.clients import Client, Crowd, TaskClient, crowd
from support.database import Database
from support.world import SLUGS, World, provision

EXAMPLES = 150 if "FREEHOLD_SOAK" in os.environ else 8
# A failure is told as it was found: shrinking one takes many minutes.
PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
NAMES = (*SLUGS, "gamma")
CLIENTS = 3
IDLE, INTRANS, INERROR = TransactionStatus.IDLE, TransactionStatus.INTRANS, TransactionStatus.INERROR
Errors: TypeAlias = tuple[type[BaseException], ...]
OUT: Errors = (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege)
LITTER = {
    "role": "set role none",
    "other role": "set role tenant_beta_rw",
    "path": "set search_path = public",
    "actor": "set freehold.actor = 'mallory'",
    "work_mem": "set work_mem = '64kB'",
    "read only": "set session characteristics as transaction read only",
    "cursor": "declare c{n} cursor with hold for select 'secret'",
    "prepared": "prepare p{n} as select 1 /* {mark} */",
    "listen": "listen c{n}",
    "lock": "select pg_advisory_lock(4711{n})",
    "temporary": "create temp table t{n} ()",
}
CLEAN = """
    select current_setting('search_path'), current_setting('work_mem'), current_setting('default_transaction_read_only'),
        (select count(*) from pg_cursors where name <> ''),
        (select count(*) from pg_listening_channels()),
        (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()),
        current_user::text, freehold.actor_current(),
        coalesce((select string_agg(statement, ' ') from pg_prepared_statements), '')
"""


class Fail(Exception):
    """What a block fails with."""


@dataclass
class Tenant:
    """A tenant: its slug may go to another, its rows stay."""

    slug: str
    bore: set[str]
    suspended: bool = False
    rows: list[str] = field(default_factory=list)


@dataclass
class Pool:
    """A pool and what it may hold."""

    tenants: Tenants | AsyncTenants
    size: int
    per_tenant: int | None
    secret: bytes | None


@dataclass
class Block:
    """A block that a client is in; ``levels`` are its own rows, savepoint by savepoint."""

    pool: Pool
    slug: str
    tenant: Tenant
    read_only: bool
    actor: str | None
    pid: int
    connection: Any
    levels: list[list[str]] = field(default_factory=lambda: [[]])
    killed: bool = False
    # SQL in the block changed what the block runs as; it may then fail, and still sees nothing else.
    loose: bool = False


POOLS: Any = {
    "size": st.sampled_from([3, 2, 1]), "per_tenant": st.sampled_from([None, 1]), "ttl": st.sampled_from([60.0, 1e-6])
}  # fmt: skip
OFTEN = {
    "enter": 12, "leave": 9, "write": 6, "read": 4, "litter": 5, "enter again": 4, "enter other": 2, "reach out": 3, "suspend": 3,
    "terminate": 1, "terminate idle": 1, "cancel": 1, "timeout": 1, "task": 1, "kill": 1, "commit": 1, "rollback": 1,
    "reopen": 1, "rename": 1,
}  # fmt: skip
WHAT = st.sampled_from([what for what, weight in OFTEN.items() for _ in range(weight)])
clients = st.integers(0, CLIENTS - 1)


class Machine(RuleBasedStateMachine):
    def __init__(self, world: World, crowds: list[Crowd]) -> None:
        super().__init__()
        self.world, self.crowds, self.login = world, crowds, world.level == "login"
        self.crowd = crowds[0]
        self.clients: list[Client] = []
        self.blocks: list[Block | None] = [None] * CLIENTS
        self.tenants = [Tenant(slug, {slug}) for slug in SLUGS]
        self.pools: list[Pool] = []
        self.number = 0

    @initialize(tasks=st.booleans(), **POOLS)
    def begin(self, tasks: bool, **options: Any) -> None:
        self.crowd = self.crowds[tasks]
        self.clients = [self.crowd.client() for _ in range(CLIENTS)]
        self.open_pool(**options)

    def open_pool(self, size: int, per_tenant: int | None, ttl: float) -> None:
        limits = Limits(size=size, per_tenant=per_tenant, wait=0.01, schemas=2)
        options = self.world.options() | {"limits": limits, "listen": False, "ttl": ttl}
        if len(self.pools) and self.login:
            options["secret"] = [self.world.secret, self.pools[-1].secret]
        made = self.crowd.kind(self.world.conninfo, **options)
        self.pools.append(Pool(made, size, per_tenant, self.world.secret))

    # One rule, as hypothesis leaves out whole rules in most of its examples.
    @rule(
        what=WHAT, number=clients, slug=st.sampled_from([*NAMES, *SLUGS]), guard=st.booleans(), fail=st.sampled_from([False, False, True]),
        access=st.sampled_from(["write", "write", "read"]), actor=st.sampled_from([None, "alice", "o'neil"]),
        kind=st.sampled_from(sorted(LITTER)), pool=st.fixed_dictionaries(POOLS),
    )  # fmt: skip
    def step(
        self, what: str, number: int, slug: str, guard: bool, fail: bool, access: str, actor: str | None, kind: str,
        pool: dict[str, Any],
    ) -> None:  # fmt: skip
        operator = {
            # No more than one tenant is suspended.
            "suspend": lambda: self.suspend_or_resume(
                next((each for each in self.tenants if each.suspended), self.tenants[number % len(SLUGS)])
            ),
            "rename": lambda: self.rename(self.tenants[number % len(SLUGS)]),
            "reopen": lambda: self.reopen_pool(rotate=guard, **pool),
            "terminate idle": self.terminate_idle,
        }
        if what in operator:
            operator[what]()
        elif what == "enter" or not any(self.blocks):
            if not all(self.blocks):
                self.enter(number, slug, access, actor, 60.0 if guard else None)
        else:
            block, client = self.inside(number)
            inside = {
                "write": lambda: self.write(block, client, guard),
                "read": lambda: self.read(block, client, guard=True, often=5),
                "enter again": lambda: self.enter_again(block, client, block.slug, access, None),
                "enter other": lambda: self.enter_again(block, client, slug, access, actor),
                "reach out": lambda: self.reach_out(block, client, guard, slug),
                "litter": lambda: self.litter(block, client, guard, kind),
                "terminate": lambda: self.kill(block.pid),
                "leave": lambda: self.leave(block, client, fail),
            }
            if what in inside:
                inside[what]()
            elif what in ("commit", "rollback"):
                self.end_by_hand(block, client, what)
            else:
                self.interrupt(block, client, guard, what)

    def reopen_pool(self, rotate: bool, **options: Any) -> None:
        """Blocks of the closed pool go on."""
        old = self.pools[-1]
        self.crowd.close(old.tenants)
        if rotate and self.login:
            self.world.secret = secrets.token_bytes(32)
            for tenant in self.tenants:
                self.world.open_login(tenant.slug)
        self.open_pool(**options)
        for client, block in zip(self.clients, self.blocks, strict=True):
            if block is None:
                with pytest.raises(PoolTimeout):
                    client.do(client.enter(old.tenants, SLUGS[0])).result()

    def enter(self, number: int, slug: str, access: str, actor: str | None, timeout: float | None) -> None:
        number = [n for n, block in enumerate(self.blocks) if block is None][number % self.blocks.count(None)]
        client, pool = self.clients[number], self.pools[-1]
        inside = [block for block in self.blocks if block is not None and block.pool is pool]
        owner = next((tenant for tenant in self.tenants if tenant.slug == slug), None)
        refusal = freehold.TenantNotFound if owner is None else freehold.TenantSuspended if owner.suspended else None
        allowed: Errors = () if refusal is None else (refusal,)
        full = len(inside) >= pool.size
        if full or pool.per_tenant == sum(block.slug == slug for block in inside):
            allowed = (PoolTimeout,) if full else (*allowed, PoolTimeout)
        try:
            pid = client.do(client.enter(pool.tenants, slug, access=access, actor=actor, timeout=timeout)).result()
        except allowed:
            return
        (row,) = client.do(client.execute(CLEAN, False)).result()
        tenant = next(each for each in self.tenants if row[6] == f"tenant_{each.slug}_rw")
        # A session of a tenant's own outlives a rename, until the pool asks for the slug again.
        assert tenant is owner or (self.login and slug in tenant.bore)
        if tenant is owner:
            assert not allowed
        # Each transaction has the other value than its session, which was left with none of its own.
        assert row[:6] == (f"tenant_{slug}, pg_catalog, pg_temp", "4MB", "on", 0, 0, 0)
        assert actor in (None, row[7])
        # What is prepared may stay for the same tenant, and for nobody else.
        assert not any(f"/* {self.mark(other)} */" in row[8] for other in self.tenants if other is not tenant)
        self.blocks[number] = Block(pool, slug, tenant, access == "read", actor, pid, client.connection)

    def enter_again(self, block: Block, client: Client, slug: str, access: str, actor: str | None) -> None:
        if client.status() == IDLE or len(block.levels) > 3:
            return
        allowed: Errors = ()
        if block.slug != slug or actor not in (None, block.actor):
            allowed = (freehold.OtherTenant,)
        elif block.read_only and access != "read":
            allowed = (freehold.NotAllowed,)
        elif block.killed or client.status() != INTRANS:
            allowed = (psycopg.OperationalError, psycopg.errors.InFailedSqlTransaction)
        done = client.do(client.enter(block.pool.tenants, slug, access=access, actor=actor))
        if allowed:
            with pytest.raises(allowed):
                done.result()
            return
        assert done.result() == block.pid
        block.levels.append([])

    def leave(self, block: Block, client: Client, failing: bool) -> None:
        status = client.status()
        allowed: Errors = ()
        if failing:
            allowed = (Fail,)
        elif block.killed or status not in (IDLE, INTRANS):
            allowed = (psycopg.OperationalError, psycopg.errors.InFailedSqlTransaction, psycopg.ProgrammingError)
        elif status == IDLE:
            allowed = (psycopg.ProgrammingError,)
        done = client.do(client.leave(Fail() if failing else None))
        if allowed:
            # A savepoint of a session that is known to be gone is left without a word.
            gone = not failing and len(block.levels) > 1 and status not in (IDLE, INTRANS, INERROR)
            with contextlib.nullcontext() if gone else pytest.raises(allowed):
                done.result()
            block.levels.pop()
        else:
            done.result()
            (block.levels[-2] if len(block.levels) > 1 else block.tenant.rows).extend(block.levels.pop())
        if not block.levels:
            self.blocks[self.clients.index(client)] = None
            kept = Client()
            kept.connection = block.connection
            kept.enter_name, kept.exit_name = client.enter_name, client.exit_name
            with pytest.raises(psycopg.OperationalError):
                client.do(kept.execute("select 1", False)).result()

    def read(self, block: Block, client: Client, guard: bool, often: int = 1) -> None:
        """Five times, and psycopg prepares it."""
        query = f"select body from note /* {self.mark(block.tenant)} */"
        for _ in range(often):
            rows = self.say(block, client, query, guard, self.refusal(block, client))
            if rows is not None:
                own = [row for level in block.levels for row in level]
                assert sorted(row[0] for row in rows) == sorted(block.tenant.rows + own)

    def write(self, block: Block, client: Client, guard: bool) -> None:
        allowed, status = self.refusal(block, client), client.status()
        if block.read_only and status == INTRANS and not allowed:
            allowed = (psycopg.errors.ReadOnlySqlTransaction,)
        body = f"{self.mark(block.tenant)} {self.next()}"
        query = f"insert into note (body) values ('{body}') returning 1"
        if self.say(block, client, query, guard, allowed) is not None:
            (block.tenant.rows if status == IDLE else block.levels[-1]).append(body)

    def reach_out(self, block: Block, client: Client, guard: bool, slug: str) -> None:
        if slug == block.tenant.slug or block.loose:
            return
        allowed = (*self.refusal(block, client), *OUT)
        assert self.say(block, client, f"select body from tenant_{slug}.note", guard, allowed) is None

    def litter(self, block: Block, client: Client, guard: bool, kind: str) -> None:
        allowed: Errors = ()
        if block.killed or client.status() == INERROR:
            allowed = (psycopg.OperationalError, psycopg.errors.InFailedSqlTransaction)
        # The role may be out of its gate, or have another name; a session that was left by hand may be anybody's.
        elif kind == "other role" or (client.status() == IDLE and kind in ("cursor", "temporary")):
            allowed = (psycopg.Error,)
        elif kind == "temporary":
            allowed = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
        query, certain = LITTER[kind].format(n=self.next(), mark=self.mark(block.tenant)), allowed != (psycopg.Error,)
        if self.say(block, client, query, guard, allowed, certain=certain) is not None:
            block.loose |= kind in ("role", "other role", "path", "actor", "read only")

    def interrupt(self, block: Block, client: Client, guard: bool, how: str) -> None:
        """A statement that would run for long."""
        if block.killed or client.status() != INTRANS:
            return
        limit = "set local statement_timeout = '10ms'; " if how == "timeout" else ""
        done = client.do(client.execute(limit + "select pg_sleep(600)", guard))
        if how != "timeout":
            query = "select wait_event = 'PgSleep' from pg_stat_activity where pid = %s"
            while self.world.admin.execute(query, (block.pid,)).fetchone() != (True,):
                assert not done.done(), done.result()
        if how == "kill":
            self.kill(block.pid)
        elif how == "task" and isinstance(client, TaskClient):
            client.cancel()
        elif how != "timeout":
            self.world.admin.execute("select pg_cancel_backend(%s)", (block.pid,))
        with pytest.raises((psycopg.errors.QueryCanceled, psycopg.OperationalError, asyncio.CancelledError)) as caught:
            done.result()
        assert isinstance(caught.value, (psycopg.errors.QueryCanceled, asyncio.CancelledError)) or how == "kill"

    def end_by_hand(self, block: Block, client: Client, word: str) -> None:
        if len(block.levels) > 1:
            return
        status = client.status()
        if self.say(block, client, word, False, (psycopg.OperationalError,) if block.killed else ()) is not None:
            if word == "commit" and status == INTRANS:
                block.tenant.rows.extend(block.levels[0])
            block.levels[0].clear()

    def terminate_idle(self) -> None:
        """What nobody is inside of; a session that was just closed may still be on its way out."""
        self.world.admin.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
            " where application_name = 'under test' and pid <> all (%s)",
            ([block.pid for block in self.blocks if block is not None],),
        )

    def suspend_or_resume(self, tenant: Tenant) -> None:
        tenant.suspended = not tenant.suspended
        if not tenant.suspended:
            self.world.control.tenant_resume(tenant.slug)
            return
        self.world.control.tenant_suspend(tenant.slug)
        if self.login:
            query = "select count(*) from pg_stat_activity where usename = %s"
            while self.world.admin.execute(query, (f"tenant_{tenant.slug}_rw",)).fetchone() != (0,):
                pass
            for block in self.blocks:
                if block is not None and block.tenant is tenant:
                    block.killed = True

    def rename(self, tenant: Tenant) -> None:
        """To the slug that is free, which may have been the other's."""
        (free,) = set(NAMES) - {each.slug for each in self.tenants}
        self.world.control.tenant_rename(tenant.slug, free)
        tenant.slug = free
        tenant.bore.add(free)

    def who_am_i(self, number: int) -> None:
        block, client = self.blocks[number], self.clients[number]
        done = client.do(client.current())
        if block is None:
            with pytest.raises(freehold.NoTenantContext):
                done.result()
            return
        assert done.result() == block.slug
        # After a rename the transaction goes on under the name that it set.
        certain = not (block.killed or block.loose or block.tenant.suspended or block.tenant.slug != block.slug)
        if client.status() == INTRANS and certain:
            (row,) = client.do(
                client.execute("select freehold.tenant_current(), freehold.actor_current()", False)
            ).result()
            assert row[0] == block.tenant.slug
            assert block.actor in (None, row[1])

    @invariant()
    def everyone_sees_their_own_and_the_pools_add_up(self) -> None:
        with pytest.raises(freehold.NoTenantContext):
            current_tenant()
        for block, client in zip(self.blocks, self.clients, strict=False):
            if block is not None and client.status() == INTRANS and not block.killed:
                self.read(block, client, guard=True)
        for number in range(len(self.clients)):
            self.who_am_i(number)
        for pool in self.pools:
            inside = sum(block is not None and block.pool is pool for block in self.blocks)
            counts = pool.tenants.counts()
            assert counts["open"] <= pool.size
            assert counts["open"] - counts["idle"] == inside
            assert counts["waiting"] == 0

    def inside(self, number: int) -> tuple[Block, Client]:
        """One of the blocks that are open, and its client."""
        found = [(block, client) for block, client in zip(self.blocks, self.clients, strict=True) if block is not None]
        return found[number % len(found)]

    def refusal(self, block: Block, client: Client) -> Errors:
        """What a statement on the tenant's table must fail with; empty where it must not."""
        status = client.status()
        if block.killed or status not in (IDLE, INTRANS, INERROR):
            return (psycopg.OperationalError,)
        if status == INERROR:
            return (psycopg.errors.InFailedSqlTransaction,)
        if (status == IDLE and not self.login) or block.tenant.suspended or block.tenant.slug != block.slug:
            return OUT
        return ()

    def say(
        self, block: Block, client: Client, query: str, guard: bool, allowed: Errors, *, certain: bool = True
    ) -> list[tuple[Any, ...]] | None:
        """What a statement returns, or None for an error that must be one of those; or may, where not ``certain``."""
        if block.loose:
            allowed, certain = (psycopg.Error,), False
        elif allowed == OUT and client.status() == INTRANS:
            # A prepared statement that has run in this transaction goes on when the rights are gone.
            certain = False
        try:
            rows: list[tuple[Any, ...]] = client.do(client.execute(query, guard)).result()
        except allowed:
            return None
        assert not (certain and allowed), (query, allowed)
        return rows

    def kill(self, pid: int) -> None:
        self.world.admin.execute("select pg_terminate_backend(%s, 10000)", (pid,))
        for block in self.blocks:
            if block is not None and block.pid == pid:
                block.killed = True

    def mark(self, tenant: Tenant) -> str:
        """What a tenant's rows and statements are known by, whatever its slug."""
        return SLUGS[self.tenants.index(tenant)]

    def next(self) -> int:
        self.number += 1
        return self.number

    def teardown(self) -> None:
        admin, control = self.world.admin, self.world.control
        try:
            while any(self.blocks):
                self.leave(*self.inside(self.next()), failing=bool(self.number % 2))
            for pool in self.pools:
                counts = pool.tenants.counts()
                assert counts == {"open": counts["idle"], "idle": counts["idle"], "waiting": 0}
            # A session that was closed a moment ago may still be on its way out.
            until, found = time.monotonic() + 30, None
            while found != [] and time.monotonic() < until:
                found = admin.execute(
                    "select state, query from pg_stat_activity as a where application_name = 'under test' and (state <> 'idle'"
                    " or exists (select from pg_locks as l where l.pid = a.pid and l.locktype = 'advisory'))"
                ).fetchall()
            assert found == []
            for tenant in self.tenants:
                found = admin.execute(f"select body from tenant_{tenant.slug}.note".encode()).fetchall()
                assert sorted(row[0] for row in found) == sorted(tenant.rows)
        finally:
            for pool in self.pools:
                self.crowd.close(pool.tenants)
            for client in self.clients:
                client.end()
            for tenant in self.tenants:
                if tenant.suspended:
                    control.tenant_resume(tenant.slug)
            for slug, tenant in zip(SLUGS, self.tenants, strict=True):
                if tenant.slug != slug:
                    for other in self.tenants:
                        if other.slug == slug:
                            control.tenant_rename(slug, "elsewhere")
                            other.slug = "elsewhere"
                    control.tenant_rename(tenant.slug, slug)
                    tenant.slug = slug
                admin.execute(f"truncate tenant_{slug}.note".encode())


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, "create table note (id bigint generated always as identity, body text not null)")


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    yield world
    # Where a test has failed, blocks may be open.
    world.admin.execute(
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = 'under test'"
    )
    world.close("note")


def test_the_pools_show_everyone_their_own(world: World) -> None:
    settings = hypothesis.settings(
        max_examples=EXAMPLES, stateful_step_count=50, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(hypothesis.HealthCheck), print_blob=False,
        phases=PHASES,
    )  # fmt: skip
    with crowd(Tenants) as threads, crowd(AsyncTenants) as tasks:
        machine = partial(Machine, world, [threads, tasks])
        run_state_machine_as_test(machine, settings=settings)  # type: ignore[arg-type]
