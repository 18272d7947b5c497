"""Tenants and AsyncTenants, at both levels: who sees what, and what a session keeps. Every test runs both."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import psycopg.rows
import psycopg.sql
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

import freehold
from freehold import AsyncTenants, PoolTimeout, Tenants
from freehold.cli import main
from freehold.context.credentials import derive_password
from freehold.context.current import current_tenant
from freehold.context.pool import Pool
from freehold.context.statement import Context
from freehold.context.steps import Steps, run
from freehold.control import Control
from support.database import Database
from support.patience import until
from support.world import SLUGS, World, provision

TEMPLATE = """
    create table note (id bigint generated always as identity primary key, body text not null, by text);
    create table link (id int primary key, note_id bigint references note deferrable initially deferred);
"""


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, TEMPLATE)


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    yield world
    world.close("note", "link")


def bodies(world: World, slug: str) -> list[str]:
    return [r[0] for r in world.admin.execute(f"select body from tenant_{slug}.note order by id".encode())]


@pytest.fixture
def tenants(world: World) -> Iterator[Tenants]:
    with Tenants(world.conninfo, **world.options()) as tenants:
        yield tenants


def on_loop(world: World, work: Callable[[AsyncTenants], Awaitable[Any]], **limits: Any) -> Any:
    async def main() -> Any:
        async with AsyncTenants(world.conninfo, **world.options(**limits)) as tenants:
            return await work(tenants)

    return asyncio.run(main())


def test_a_transaction_is_the_tenants(world: World, tenants: Tenants) -> None:
    with tenants.transaction("acme", actor="alice") as connection:
        row = connection.execute(
            "select current_user::text, current_setting('search_path'), freehold.tenant_current(), freehold.actor_current()"
        ).fetchone()
        assert row == ("tenant_acme_rw", "tenant_acme, pg_catalog, pg_temp", "acme", "alice")
        assert tenants.current() == "acme"
        connection.execute("insert into note (body, by) values (%s, freehold.actor_current())", ("hello",))
    with tenants.transaction("beta") as connection:
        assert connection.execute("select count(*) from note").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
            connection.execute("select * from tenant_acme.note")
    assert bodies(world, "acme") == ["hello"]
    with pytest.raises(freehold.NoTenantContext):
        tenants.current()


def test_and_so_it_is_on_a_loop(world: World) -> None:
    async def work(tenants: AsyncTenants) -> None:
        async with tenants.transaction("acme", actor="alice") as connection:
            row = await (
                await connection.execute("select freehold.tenant_current(), freehold.actor_current()")
            ).fetchone()
            assert row == ("acme", "alice")
            await connection.execute("insert into note (body) values ('async')")
        with contextlib.suppress(ZeroDivisionError):
            async with tenants.transaction("acme") as connection:
                await connection.execute("insert into note (body) values ('lost')")
                raise ZeroDivisionError

    on_loop(world, work)
    assert bodies(world, "acme") == ["async"]


def test_an_exception_rolls_back(world: World, tenants: Tenants) -> None:
    with pytest.raises(ZeroDivisionError), tenants.transaction("acme") as connection:
        connection.execute("insert into note (body) values ('lost')")
        raise ZeroDivisionError
    assert bodies(world, "acme") == []


def test_a_failure_that_was_swallowed_is_told(world: World, tenants: Tenants) -> None:
    with pytest.raises(psycopg.errors.InFailedSqlTransaction), tenants.transaction("acme") as connection:
        connection.execute("insert into note (body) values ('lost')")
        with contextlib.suppress(psycopg.Error):
            connection.execute("select nothing")
    assert bodies(world, "acme") == []


def test_a_commit_that_fails_raises_and_the_next_one_works(world: World, tenants: Tenants) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation), tenants.transaction("acme") as connection:
        connection.execute("insert into link values (1, 4711)")
    with tenants.transaction("acme") as connection:
        assert connection.execute("select count(*) from link").fetchone() == (0,)


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_a_block_may_not_end_its_transaction(world: World, tenants: Tenants, end: str) -> None:
    with pytest.raises(psycopg.ProgrammingError), tenants.transaction("acme") as connection:
        connection.execute(end)
        if world.level == "role":
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("select * from tenant_acme.note")


@pytest.mark.parametrize("access", ["write", "read"])
@pytest.mark.parametrize("end", ["rollback; begin", "commit; begin", "rollback and chain", "commit and chain"])
def test_nor_begin_another_one(world: World, tenants: Tenants, end: str, access: str) -> None:
    """Whose actor, limits and right to write would not be what was said."""
    with (
        pytest.raises(psycopg.ProgrammingError, match="another transaction was begun inside the block"),
        tenants.transaction("acme", access=access) as connection,
    ):
        connection.execute(end.encode())
        connection.execute("set transaction read write; set local role tenant_acme_rw")
        connection.execute("insert into tenant_acme.note (body) values ('of nobody')")
    assert bodies(world, "acme") == []
    with tenants.transaction("acme"):
        pass


@pytest.mark.parametrize("before", ["on", "off"])
def test_what_a_session_begins_with_is_no_other_transaction(world: World, before: str) -> None:
    """By this setting it is told; it may be either, counts as it did, and is what it was when the block has ended."""
    conninfo = make_conninfo(world.conninfo, options=f"-c default_transaction_read_only={before}")
    with Tenants(conninfo, **world.options(size=1)) as tenants:
        for _ in range(3):
            with tenants.transaction("acme") as connection:
                assert connection.execute("show transaction_read_only").fetchone() == (before,)
            (idle,) = tenants._core.pool._idle
            assert idle.connection.execute("show default_transaction_read_only").fetchone() == (before,)


def test_reading_only_reads(world: World, tenants: Tenants) -> None:
    with tenants.transaction("acme", access="read") as connection:
        assert connection.execute("select count(*) from note").fetchone() == (0,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), connection.transaction():
            connection.execute("insert into note (body) values ('x')")
        with pytest.raises(freehold.NotAllowed), tenants.transaction("acme"):
            pass
        with tenants.transaction("acme", access="read") as inner:
            assert inner is connection


def test_nesting_is_a_savepoint_or_an_error(world: World, tenants: Tenants) -> None:
    with tenants.transaction("acme", actor="alice") as outer:
        outer.execute("insert into note (body) values ('kept')")
        with contextlib.suppress(ZeroDivisionError), tenants.transaction("acme") as inner:
            assert inner is outer
            inner.execute("insert into note (body) values ('lost')")
            raise ZeroDivisionError
        with pytest.raises(freehold.OtherTenant), tenants.transaction("beta"):
            pass
        with pytest.raises(freehold.OtherTenant), tenants.transaction("acme", actor="mallory"):
            pass
        assert tenants.current() == "acme"
    assert bodies(world, "acme") == ["kept"]


def test_a_block_is_entered_once(world: World, tenants: Tenants) -> None:
    block = tenants.transaction("acme")
    with block as connection:
        connection.execute("insert into note (body) values ('once')")
        with pytest.raises(RuntimeError, match="opened once"), block:
            pass
    with pytest.raises(RuntimeError, match="opened once"), block:
        pass
    assert bodies(world, "acme") == ["once"]


def test_a_block_that_nobody_ends_loses_no_place_in_the_pool(world: World) -> None:
    def abandon(tenants: Tenants) -> Any:
        block = tenants.transaction("acme")
        connection = block.__enter__()
        connection.execute("insert into note (body) values ('lost')")
        return connection

    async def work(tenants: AsyncTenants) -> None:
        async def leave_open() -> None:
            block = tenants.transaction("acme")
            await (await block.__aenter__()).execute("insert into note (body) values ('lost')")

        await leave_open()
        async with tenants.transaction("beta") as connection:
            await connection.execute("insert into note (body) values ('async')")
        assert tenants.counts() == {"open": 1, "idle": 1, "waiting": 0}

    with Tenants(world.conninfo, **world.options(size=1, wait=5)) as tenants:
        connection = abandon(tenants)
        with pytest.raises(freehold.NoTenantContext):
            tenants.current()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
        with tenants.transaction("beta") as connection:
            connection.execute("insert into note (body) values ('kept')")
        assert tenants.counts() == {"open": 1, "idle": 1, "waiting": 0}
    on_loop(world, work, size=1, wait=5)
    assert (bodies(world, "acme"), bodies(world, "beta")) == ([], ["kept", "async"])


def test_a_statement_may_take_so_long(world: World, tenants: Tenants) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled), tenants.transaction("acme", timeout=0.05) as connection:
        connection.execute("select pg_sleep(30)")
    with tenants.transaction("acme") as connection:
        assert connection.execute("select current_setting('statement_timeout')").fetchone() == ("0",)


def test_threads_and_tasks_inherit_no_tenant(world: World, tenants: Tenants) -> None:
    def alone() -> bool:
        with contextlib.suppress(freehold.NoTenantContext):
            current_tenant()
            return False
        return True

    async def work(tenants: AsyncTenants) -> None:
        async with tenants.transaction("acme"):
            assert await asyncio.to_thread(alone)

            async def task() -> None:
                assert alone()
                async with tenants.transaction("beta") as connection:
                    await connection.execute("insert into note (body) values ('of the task')")

            await asyncio.create_task(task())
            assert tenants.current() == "acme"

    with tenants.transaction("acme"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(alone).result()
    on_loop(world, work)
    assert bodies(world, "beta") == ["of the task"]


@pytest.mark.parametrize("change", ["suspend", "retire", "rename", "unknown"])
def test_what_the_registry_says_counts_at_once(world: World, tenants: Tenants, change: str) -> None:
    """The answer was kept a moment ago, and nobody hears the notification here."""
    with Tenants(world.conninfo, listen=False, ttl=60, **world.options()) as deaf:
        with deaf.transaction("acme"):
            pass
        control = world.control
        if change == "unknown":
            with pytest.raises(freehold.TenantNotFound), deaf.transaction("nobody"):
                pass
            return
        {"suspend": lambda: control.tenant_suspend("acme", "test"),
         "retire": lambda: control.tenant_retire("acme"),
         "rename": lambda: control.tenant_rename("acme", "acme-two")}[change]()  # fmt: skip
        error: dict[str, type[psycopg.Error]] = {
            "suspend": freehold.TenantSuspended,
            "retire": freehold.TenantRetired,
            # A session of the tenant's own stays one; its path leads nowhere until the answer is asked for again.
            "rename": freehold.TenantNotFound if world.level == "role" else psycopg.errors.UndefinedTable,
        }
        try:
            with pytest.raises(error[change]), deaf.transaction("acme") as connection:
                connection.execute("select count(*) from note")
        finally:
            {"suspend": lambda: control.tenant_resume("acme"),
             "retire": lambda: control.tenant_reinstate("acme"),
             "rename": lambda: control.tenant_rename("acme-two", "acme")}[change]()  # fmt: skip
        if world.level == "login" and change != "rename":
            world.open_login("acme")
        with deaf.transaction("acme"):
            pass


def test_a_tenant_that_is_suspended_while_the_registry_answers_is_suspended(world: World) -> None:
    """And not out of the login's reach, as the refusal of its role alone would have it."""
    with Tenants(world.conninfo, listen=False, **world.options()) as tenants:
        look_up, answered = tenants._core._look_up, []

        def late(slug: str, access: str, tenant_id: str | None) -> Steps[Context]:
            context = yield from look_up(slug, access, tenant_id)
            answered.append(context)
            if len(answered) == 1:
                world.control.tenant_suspend("acme", "test")
            return context

        tenants._core._look_up = late  # type: ignore[method-assign]
        try:
            with pytest.raises(freehold.TenantSuspended), tenants.transaction("acme"):
                pass
        finally:
            world.control.tenant_resume("acme")
            if world.level == "login":
                world.open_login("acme")
        assert len(answered) == 1


RESIDUE = {
    "role": "set role none",
    "search_path": "set search_path = public",
    "setting": "set freehold.actor = 'mallory'",
    "work_mem": "set work_mem = '64kB'",
    "cursor": "declare held cursor with hold for select 'secret'",
    "prepared": "prepare secret as select 'secret'",
    "listen": "listen secret",
    "lock": "select pg_advisory_lock(4711)",
    "sequence": "insert into note (body) values ('x')",
}
CLEAN = """
    select current_user = session_user, current_setting('search_path'), current_setting('freehold.actor', true),
           current_setting('work_mem'), (select count(*) from pg_cursors), (select count(*) from pg_prepared_statements),
           (select count(*) from pg_listening_channels()), (select count(*) from pg_locks where locktype = 'advisory')
"""


@pytest.mark.parametrize("failed", [False, True], ids=["committed", "rolled back"])
@pytest.mark.parametrize("residue", RESIDUE)
def test_nothing_is_left_in_a_session(world: World, residue: str, failed: bool) -> None:
    with Tenants(world.conninfo, **world.options(size=2)) as tenants:
        with tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
        with contextlib.suppress(ZeroDivisionError), tenants.transaction("acme") as connection:
            assert connection.info.backend_pid == pid
            connection.execute(RESIDUE[residue].encode())
            if failed:
                raise ZeroDivisionError
        core = tenants._core.pool
        entry = next(e for e in core._idle if e.connection.info.backend_pid == pid)
        fresh = run(core._connect(entry.login))
        row, expected = entry.connection.execute(CLEAN).fetchone(), fresh.execute(CLEAN).fetchone()
        fresh.close()
        assert row is not None
        assert expected is not None
        assert [v or "" for v in row] == [v or "" for v in expected]
        if residue == "sequence":
            with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
                entry.connection.execute("select lastval()")


def test_what_is_kept_beyond_the_block_is_closed(world: World) -> None:
    with Tenants(world.conninfo, **world.options(size=2)) as tenants:
        with tenants.transaction("acme") as kept:
            cursor = kept.execute("insert into note (body) values ('mine')")
            kept.row_factory = psycopg.rows.dict_row
            pid = kept.info.backend_pid
        assert kept.closed
        with tenants.transaction("acme") as connection:
            assert connection.info.backend_pid == pid
            for stray in (kept, cursor):
                with pytest.raises(psycopg.OperationalError):
                    stray.execute("insert into note (body) values ('stray')")
            assert connection.execute("select body from note").fetchall() == [("mine",)]
    assert bodies(world, "acme") == ["mine"]


def test_nor_does_a_task_keep_one(world: World) -> None:
    async def work(tenants: AsyncTenants) -> None:
        async with tenants.transaction("acme") as kept:
            cursor = await kept.execute("select 1")
        async with tenants.transaction("acme"):
            with pytest.raises(psycopg.OperationalError):
                await kept.execute("select 1")
            with pytest.raises(psycopg.OperationalError):
                await cursor.execute("select 1")

    on_loop(world, work)


def test_a_connection_that_died_idle_is_replaced(world: World, tenants: Tenants) -> None:
    for _ in range(3):
        with tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
        world.admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'under test'"
        )
    assert pid


def test_one_that_dies_inside_is_an_error_and_not_kept(world: World, tenants: Tenants) -> None:
    with pytest.raises(psycopg.OperationalError), tenants.transaction("acme") as connection:
        world.admin.execute("select pg_terminate_backend(%s, 5000)", (connection.info.backend_pid,))
        connection.execute("select 1")
    with tenants.transaction("acme") as connection:
        connection.execute("select 1")
    assert tenants.counts()["open"] == tenants.counts()["idle"]


def test_the_same_tenant_gets_the_same_connection(world: World) -> None:
    with Tenants(world.conninfo, **world.options(size=8)) as tenants, contextlib.ExitStack() as stack:
        with ThreadPoolExecutor(2) as pool:
            gate = threading.Barrier(2)

            def use(slug: str) -> int:
                with tenants.transaction(slug) as connection:
                    gate.wait()
                    return connection.info.backend_pid

            served = dict(zip(SLUGS, pool.map(use, SLUGS), strict=True))
        for slug in ("acme", "beta", "beta", "acme"):
            with tenants.transaction(slug) as connection:
                assert connection.info.backend_pid == served[slug]
        stack.close()


def test_a_ceiling_for_all_and_one_for_each(world: World) -> None:
    with Tenants(world.conninfo, **world.options(size=3, per_tenant=1, wait=0.2)) as tenants:
        with tenants.transaction("acme"), ThreadPoolExecutor(1) as pool:

            def second(slug: str) -> str:
                with tenants.transaction(slug):
                    return slug

            with pytest.raises(PoolTimeout):
                pool.submit(second, "acme").result()
            assert pool.submit(second, "beta").result() == "beta"
            assert tenants.refused == {"acme": 1}
        with tenants.transaction("acme"):
            pass
        assert tenants.counts()["open"] <= 3


def test_who_waits_is_served_in_turn(world: World) -> None:
    async def work(tenants: AsyncTenants) -> list[int]:
        done: list[int] = []

        async def one(number: int) -> None:
            async with tenants.transaction("acme") as connection:
                await connection.execute("select pg_sleep(0.01)")
                done.append(number)

        await asyncio.gather(*(one(n) for n in range(12)))
        assert tenants.counts()["waiting"] == 0
        return done

    assert sorted(on_loop(world, work, size=2)) == list(range(12))


@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
def test_what_was_given_to_one_who_is_cancelled_goes_to_the_next(world: World, closed: bool) -> None:
    async def work(tenants: AsyncTenants) -> None:
        served: list[str] = []

        async def wait(name: str) -> None:
            async with tenants.transaction("acme"):
                served.append(name)

        block = tenants.transaction("acme")
        await block.__aenter__()
        waiting = [asyncio.create_task(wait(name)) for name in ("first", "second")]
        while tenants.counts()["waiting"] < 2:
            await asyncio.sleep(0)
        first, second = waiting
        pool = tenants._core.pool

        def given(pool: Pool = pool, wake: Callable[[Pool], None] = Pool._wake) -> None:
            wake(pool)
            if not first.done() and tenants.counts()["waiting"] == 1:
                # It has the connection, and is cancelled before it runs.
                first.cancel()
                if closed:
                    pool._closed = True

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pool, "_wake", given)
            await block.__aexit__(None, None, None)
            with pytest.raises(asyncio.CancelledError):
                await first
        if closed:
            assert tenants.counts()["open"] == 0
            second.cancel()
            await asyncio.gather(second, return_exceptions=True)
            return
        await second
        assert served == ["second"]
        assert tenants.counts() == {"open": 1, "idle": 1, "waiting": 0}
        await wait("third")

    on_loop(world, work, size=1)


def test_one_who_was_cancelled_leaves_the_pool_whole(world: World) -> None:
    async def work(tenants: AsyncTenants) -> None:
        async def hang() -> None:
            async with tenants.transaction("acme") as connection:
                await connection.execute("select pg_sleep(60)")

        async def wait() -> None:
            async with tenants.transaction("acme"):
                pass

        first = asyncio.create_task(hang())
        while tenants.counts()["open"] == tenants.counts()["idle"]:
            await asyncio.sleep(0)
        waiting = asyncio.create_task(wait())
        while not tenants.counts()["waiting"]:
            await asyncio.sleep(0)
        for task in (waiting, first):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await wait()
        assert tenants.counts()["open"] == tenants.counts()["idle"]
        assert tenants.counts()["waiting"] == 0

    on_loop(world, work, size=1)


def test_connections_are_recycled_by_schemas_seen(world: World) -> None:
    if world.level == "login":
        pytest.skip("a tenant's own connection sees one schema")
    with Tenants(world.conninfo, **world.options(size=1, schemas=1)) as tenants:
        pids = []
        for slug in ("acme", "acme", "beta", "acme"):
            with tenants.transaction(slug) as connection:
                pids.append(connection.info.backend_pid)
    assert pids[0] == pids[1] == pids[2] != pids[3]


def test_bad_settings_are_refused(world: World) -> None:
    with pytest.raises(freehold.InvalidArgument):
        Tenants(world.conninfo, level="both")  # type: ignore[arg-type]
    with pytest.raises(freehold.InvalidArgument):
        Tenants(world.conninfo, level="login", listen=False)
    with pytest.raises(freehold.InvalidArgument):
        Tenants(world.conninfo, secret=b"x" * 32, listen=False)
    with pytest.raises(freehold.InvalidArgument, match="32 bytes"):
        derive_password(b"short", "id", "a_rw")
    told = {derive_password(s * 32, i, r) for s in (b"x", b"y") for i in ("1", "2") for r in ("a_rw", "a_ro")}
    assert len(told) == 8
    assert derive_password(b"x" * 32, "1", "a_rw") == derive_password(b"x" * 32, "1", "renamed_rw")


def test_many_threads_read_only_their_own(world: World) -> None:
    with Tenants(world.conninfo, **world.options(size=4, wait=60)) as tenants:

        def work(number: int) -> None:
            slug = SLUGS[number % 2]
            for _ in range(10):
                with tenants.transaction(slug, actor=f"worker {number}") as connection:
                    connection.execute("insert into note (body) values (%s)", (slug,))
                    assert connection.execute("select distinct body from note").fetchall() == [(slug,)]
                    assert connection.execute("select freehold.actor_current()").fetchone() == (f"worker {number}",)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
    assert bodies(world, "acme") == ["acme"] * 40


def test_the_client_of_a_task_queue_needs_no_pool(world: World) -> None:
    """Control's methods do the same over any connection, inside a transaction of its own."""
    if world.level == "login":
        pytest.skip("the login of a gate")
    with psycopg.connect(world.conninfo) as connection:
        control = Control(connection)
        assert control.tenant_enter("acme", actor="bob") == "acme"
        assert (control.tenant_current(), control.actor_current()) == ("acme", "bob")
        control.tenant_leave()
        with pytest.raises(freehold.NoTenantContext):
            control.tenant_current()


def test_secrets_are_rotated_by_one_command(world: World, tmp_path: Path) -> None:
    if world.level == "role":
        pytest.skip("only the tenants' own logins have derived passwords")

    def freehold_cli(*arguments: str) -> dict[str, Any]:
        result = CliRunner().invoke(main, [*arguments, "--dsn", world.database.owner_dsn, "--json"])
        assert result.exit_code == 0, result.output
        found = json.loads(result.stdout)
        assert isinstance(found, dict)
        return found

    # A file of random bytes may end with a line feed, which is taken for its end of line.
    old, new = world.secret, secrets.token_urlsafe(48).encode()
    assert old is not None
    (tmp_path / "new").write_bytes(new)
    options = world.options() | {"secret": [new, old]}
    with Tenants(world.conninfo, **options) as tenants, tenants.transaction("acme"):
        pass
    assert freehold_cli("login", "rotate", "--secret-file", str(tmp_path / "new")) == {"logins": 2}
    for secret in ([new, old], new):
        with Tenants(world.conninfo, **(options | {"secret": secret})) as tenants:
            for slug in SLUGS:
                with tenants.transaction(slug) as connection:
                    assert connection.execute("select freehold.tenant_current()").fetchone() == (slug,)
    with Tenants(world.conninfo, **(options | {"secret": old})) as tenants:
        with pytest.raises(psycopg.OperationalError) as caught, tenants.transaction("acme"):
            pass
        row = world.control.tenant_get("acme")
        assert derive_password(old, str(row["id"]), row["rw_role"]) not in str(caught.value)
    assert freehold_cli("login", "enable", "acme", "--secret-file", str(tmp_path / "new"))["rw_login"] is True
    (tmp_path / "short").write_bytes(b"guess me")
    result = CliRunner().invoke(main, ["login", "rotate", "--secret-file", str(tmp_path / "short"), "--dsn", "x=y"])
    assert result.exit_code == 2
    assert "32 bytes" in result.output


def test_a_thread_that_is_still_inside_a_call_meets_no_other_tenant(world: World) -> None:
    """It holds a cursor of the session, and goes on when the block has long ended."""
    inside, go_on = threading.Event(), threading.Event()

    class Slow(psycopg.sql.Composable):
        def as_bytes(self, context: Any = None) -> bytes:
            inside.set()
            go_on.wait()
            return b"insert into note (body) values ('stray')"

        def as_string(self, context: Any = None) -> str:
            return self.as_bytes().decode()

    with Tenants(world.conninfo, **world.options(size=1)) as tenants, ThreadPoolExecutor(1) as pool:
        with pytest.raises(psycopg.ProgrammingError), tenants.transaction("acme") as connection:
            stray = pool.submit(lambda: connection.execute(Slow("")))  # type: ignore[call-overload]
            inside.wait()
        with tenants.transaction("beta") as connection:
            go_on.set()
            with pytest.raises(psycopg.OperationalError):
                stray.result()
            assert connection.execute("select count(*) from note").fetchone() == (0,)
    assert bodies(world, "acme") == bodies(world, "beta") == []


def test_a_child_process_has_no_part_in_the_parents_sessions(world: World) -> None:
    with Tenants(world.conninfo, listen=False, **world.options(size=2)) as tenants:
        with tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(BaseException), tenants.transaction("beta") as connection:
                row = connection.execute("select freehold.tenant_current()").fetchone()
                status = 0 if row == ("beta",) and connection.info.backend_pid != pid else 2
            os._exit(status)
        os.close(reader)
        os.close(writer)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with tenants.transaction("acme") as connection:
            assert connection.info.backend_pid == pid
            assert connection.execute("select freehold.tenant_current()").fetchone() == ("acme",)


def test_who_waited_longest_goes_first(world: World) -> None:
    async def work(tenants: AsyncTenants) -> None:
        stop = False

        async def greedy() -> None:
            while not stop:
                async with tenants.transaction("acme"):
                    pass

        task = asyncio.create_task(greedy())
        for _ in range(5):
            async with tenants.transaction("beta"):
                pass
        stop = True
        await task

    on_loop(world, work, size=1)


def test_a_block_in_a_generator_that_is_dropped_leaves_no_tenant_behind(world: World, tenants: Tenants) -> None:
    def rows() -> Iterator[int]:
        with tenants.transaction("acme") as connection:
            yield from (row[0] for row in connection.execute("select generate_series(1, 3)"))

    stream = rows()
    assert next(stream) == 1
    with ThreadPoolExecutor(1) as pool:
        pool.submit(stream.close).result()  # type: ignore[attr-defined]
    with pytest.raises(freehold.NoTenantContext):
        tenants.current()
    with tenants.transaction("beta"):
        assert tenants.current() == "beta"


@pytest.mark.parametrize(
    "arguments",
    [{"actor": "a\0b"}, {"actor": "\udc80"}, {"actor": "x" * 201}, {"access": "admin"}, {"timeout": 0.0},
     {"timeout": float("nan")}, {"timeout": float("inf")}],
    ids=str,
)  # fmt: skip
def test_what_no_transaction_can_say_is_refused(tenants: Tenants, arguments: dict[str, Any]) -> None:
    with pytest.raises(freehold.InvalidArgument), tenants.transaction("acme", **arguments):
        pass


@pytest.mark.parametrize("actor", ["o'neil", "back\\slash", "new\nline", "é漢"])
def test_an_actor_is_kept_as_it_is(tenants: Tenants, actor: str) -> None:
    with tenants.transaction("acme", actor=actor) as connection:
        assert connection.execute("select freehold.actor_current()").fetchone() == (actor,)


def running(world: World, pid: int) -> bool:
    query = "select from pg_stat_activity where pid = %s and state = 'active' and query ~ 'pg_sleep'"
    return world.admin.execute(query, (pid,)).fetchone() is not None


@pytest.mark.parametrize("overtaken", [False, True])
@pytest.mark.parametrize("where", ["here", "in a thread"])
def test_a_statement_that_was_left_running_is_stopped(
    world: World, tenants: Tenants, monkeypatch: pytest.MonkeyPatch, where: str, overtaken: bool
) -> None:
    """On a busy machine the request to cancel may come first; it finds the session idle, and is lost."""
    asked, cancel = [not overtaken], psycopg.Connection.cancel_safe

    def cancel_safe(connection: psycopg.Connection[Any], *, timeout: float) -> None:
        if asked.pop():
            cancel(connection, timeout=timeout)
        asked.append(True)

    monkeypatch.setattr(psycopg.Connection, "cancel_safe", cancel_safe)

    def sleep() -> None:
        with contextlib.suppress(psycopg.Error):
            connection.execute("select pg_sleep(600)")

    with pytest.raises(psycopg.ProgrammingError), tenants.transaction("acme") as connection:
        pid = connection.info.backend_pid
        if where == "here":
            connection.pgconn.send_query(b"select pg_sleep(600)")
        else:
            threading.Thread(target=sleep, daemon=True).start()
            until(lambda: running(world, pid))
    until(lambda: not running(world, pid))
