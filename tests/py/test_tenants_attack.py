"""What careless and hostile blocks do to a pool, at both levels: the next transaction notices nothing of it."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import psycopg.rows
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold import NotAllowed, OtherTenant, PoolTimeout, TenantChanged, Tenants
from support.database import Database
from support.world import SLUGS, World, provision

Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, "create table note (id bigint generated always as identity, body text)")


class Attacked(World):
    """With pools of one connection, so that the next transaction gets what this one left."""

    @property
    def next(self) -> str:
        """Whom the next transaction is for: a session of a tenant's own only ever serves that tenant."""
        return "beta" if self.level == "role" else "acme"

    def tenants(self, *, conninfo: str | None = None, gates: dict[int, str] | None = None, **limits: Any) -> Tenants:
        options = self.options(**({"size": 1} | limits))
        return Tenants(conninfo or self.conninfo, gates=gates, listen=False, ttl=60, **options)


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[Attacked]:
    world = Attacked(fleet, request.param)
    yield world
    world.close("note")


def copy_in(connection: Connection) -> Any:
    left = connection.cursor().copy("copy note (body) from stdin")
    left.__enter__().write(b"left\n")
    return left


def copy_out(connection: Connection) -> Any:
    left = connection.cursor().copy("copy (select generate_series(1, 100000)) to stdout")
    left.__enter__().read()
    return left


def pipeline(connection: Connection) -> Any:
    left = connection.pipeline()
    left.__enter__()
    connection.execute("insert into note (body) values ('left')")
    return left


def stream(connection: Connection) -> Any:
    left = connection.cursor().stream("select generate_series(1, 100000)")
    next(left)
    return left


def unread(connection: Connection) -> Any:
    connection.pgconn.send_query(b"insert into note (body) values ('left'); select generate_series(1, 100000)")


def closed(connection: Connection) -> Any:
    connection.execute("insert into note (body) values ('left')")
    connection.close()


@pytest.mark.parametrize("leave", [copy_in, copy_out, pipeline, stream, unread, closed], ids=lambda f: f.__name__)
def test_a_session_that_is_busy_is_given_up(world: Attacked, leave: Callable[[Connection], Any]) -> None:
    with world.tenants() as tenants:
        with pytest.raises(psycopg.Error), tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
            left = leave(connection)
        with tenants.transaction(world.next) as connection:
            assert connection.info.backend_pid != pid
            with contextlib.suppress(psycopg.Error):
                if hasattr(left, "__exit__"):
                    left.__exit__(None, None, None)
                elif left is not None:
                    left.close()
            assert connection.execute("select body from note").fetchall() == []
        assert tenants.counts() == {"open": 1, "idle": 1, "waiting": 0}
    with world.tenants() as tenants, tenants.transaction("acme") as connection:
        assert connection.execute("select body from note").fetchall() == []


def test_temporary_objects_are_gone(world: Attacked) -> None:
    name = sql.Identifier(world.database.name)
    world.admin.execute(sql.SQL("grant temporary on database {} to public").format(name))
    try:
        with world.tenants() as tenants:
            with tenants.transaction("acme") as connection:
                pid = connection.info.backend_pid
                connection.execute(
                    "create temp table loot as select 'secret' as x; create temp sequence counter;"
                    "create temp view note as select 'planted' as body;"
                    "create function pg_temp.planted() returns int language sql return 1"
                )
            with tenants.transaction(world.next) as connection:
                assert connection.info.backend_pid == pid
                for query in (
                    "table loot",
                    "table pg_temp.note",
                    "select pg_temp.planted()",
                    "select nextval('counter')",
                ):
                    with pytest.raises(psycopg.ProgrammingError), connection.transaction():
                        connection.execute(query.encode())
    finally:
        world.admin.execute(sql.SQL("revoke temporary on database {} from public").format(name))


def test_what_was_heard_is_not_heard_by_the_next(world: Attacked) -> None:
    """The block ended its transaction, so that its session listens while it is still the block's."""
    heard: list[str] = []
    with world.tenants() as tenants:
        with pytest.raises(psycopg.ProgrammingError), tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
            connection.add_notify_handler(lambda notify: heard.append(notify.payload))
            connection.execute("listen secret; commit")
            world.admin.execute("notify secret, 'early'")
        with tenants.transaction(world.next) as connection:
            assert connection.info.backend_pid == pid
            world.admin.execute("notify secret, 'late'")
            connection.execute("select 1")
            assert list(connection.notifies(timeout=0)) == []
    assert "late" not in heard


def test_what_python_registered_is_gone(world: Attacked) -> None:
    class Planted(psycopg.adapt.Loader):
        def load(self, data: Any) -> str:
            return "planted"

    notices: list[Any] = []
    with world.tenants() as tenants:
        with tenants.transaction("acme") as connection:
            pid = connection.info.backend_pid
            connection.adapters.register_loader("text", Planted)
            connection.add_notice_handler(notices.append)
            connection.row_factory = psycopg.rows.dict_row
            connection.prepare_threshold = 0
            assert connection.execute("select 'x'::text as x").fetchone() == {"x": "planted"}
        with tenants.transaction(world.next) as connection:
            assert connection.info.backend_pid == pid
            assert connection.execute("select 'x'::text as x").fetchone() == ("x",)
            connection.execute("do $$ begin raise notice 'mine'; end $$")
            assert connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)
    assert notices == []


def test_cached_plans_of_a_shared_function_follow_the_tenant(world: Attacked) -> None:
    if world.level == "login":
        pytest.skip("a tenant's own session serves one tenant")
    world.admin.execute("""
        create schema shared;
        grant usage on schema shared to public;
        create function shared.bodies() returns setof text language plpgsql
            as $$ begin return query select body from note; end $$;
        grant execute on function shared.bodies() to public
    """)
    try:
        with world.tenants() as tenants:
            pids = set()
            for slug in SLUGS:
                with tenants.transaction(slug) as connection:
                    connection.execute("insert into note (body) values (%s)", (slug,))
            # Often enough for a generic plan.
            for slug in SLUGS * 8:
                with tenants.transaction(slug) as connection:
                    pids.add(connection.info.backend_pid)
                    assert connection.execute("select shared.bodies()").fetchall() == [(slug,)]
            assert len(pids) == 1
    finally:
        world.admin.execute("drop schema shared cascade")


def test_a_gate_for_each_cell(world: Attacked) -> None:
    if world.level == "login":
        pytest.skip("a tenant's own login passes no gate")
    control = world.control
    capacity = control.setting_get("cell_capacity")
    control.setting_set("cell_capacity", "1")
    cell = control.tenant_provision("solo")["cell"]
    try:
        with world.tenants() as tenants, pytest.raises(psycopg.Error), tenants.transaction("solo"):
            pass
        second = world.database.login_dsn("second_app")
        control.gate_grant("second_app", cell)
        with world.tenants(gates={cell: second}) as tenants:
            for slug, login, other in [("solo", "second_app", "acme"), ("acme", "app", "solo")] * 2:
                with tenants.transaction(slug) as connection:
                    row = connection.execute("select freehold.tenant_current(), session_user::text").fetchone()
                    assert row == (slug, login)
                    with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                        connection.execute(f"set local role tenant_{other}_rw".encode())
                assert tenants.counts()["open"] == 1
    finally:
        control.setting_set("cell_capacity", capacity)
        control.tenant_retire("solo", grace="0")
        control.tenant_erase("solo", "test")


@pytest.mark.parametrize("conforming", ["on", "off"])
def test_an_actor_is_what_was_said(world: Attacked, conforming: str) -> None:
    conninfo = make_conninfo(world.conninfo, options=f"-c standard_conforming_strings={conforming}")
    with world.tenants(conninfo=conninfo) as tenants:
        for actor in ("'; reset role; --", "\\'; reset role; --", "\\", "a\nb", "$$", "%s", "{}", "\u00e9" * 100):
            with tenants.transaction("acme", actor=actor) as connection:
                row = connection.execute("select freehold.actor_current(), current_user::text").fetchone()
                assert row == (actor, "tenant_acme_rw")


def test_a_slug_that_became_anothers_reads_the_others(world: Attacked) -> None:
    if world.level == "login":
        pytest.skip("the new tenant has no login")
    control = world.control
    control.gate_grant("app", control.tenant_provision("first")["cell"])
    try:
        with world.tenants() as deaf:
            with deaf.transaction("first") as connection:
                connection.execute("insert into note (body) values ('of the first')")
            control.tenant_rename("first", "former")
            control.gate_grant("app", control.tenant_provision("first")["cell"])
            for slug, bodies in [("first", []), ("former", [("of the first",)])]:
                with deaf.transaction(slug) as connection:
                    assert connection.execute("select body from note").fetchall() == bodies
    finally:
        for slug in ("first", "former"):
            control.tenant_retire(slug, grace="0")
            control.tenant_erase(slug, "test")


def test_closing_lets_the_block_end_and_turns_away_who_waits(world: Attacked) -> None:
    tenants = world.tenants()

    def wait() -> None:
        with tenants.transaction("acme"):
            pass

    with ThreadPoolExecutor(1) as pool:
        with tenants.transaction("acme") as connection:
            waiting = pool.submit(wait)
            while not tenants.counts()["waiting"]:
                pass
            tenants.close()
            with pytest.raises(PoolTimeout):
                waiting.result()
            connection.execute("insert into note (body) values ('kept')")
        with pytest.raises(PoolTimeout):
            wait()
    assert tenants.counts() == {"open": 0, "idle": 0, "waiting": 0}
    assert world.admin.execute("select body from tenant_acme.note").fetchall() == [("kept",)]


def test_no_connection_is_lost_to_any_of_it(world: Attacked) -> None:
    above: list[int] = []

    def harm(connection: Connection, kind: int) -> None:
        if kind == 0:
            raise ZeroDivisionError
        if kind == 1:
            connection.execute("select 1 / 0")
        elif kind == 2:
            world.database.connect(world.database.admin_dsn).execute(
                "select pg_terminate_backend(%s)", (connection.info.backend_pid,)
            )
            connection.execute("select pg_sleep(60)")
        elif kind == 3:
            connection.rollback()
        elif kind < 7:
            (copy_in, pipeline, closed)[kind - 4](connection)

    with world.tenants(size=3, per_tenant=2, wait=0.5) as tenants:

        def work(number: int) -> None:
            chance = random.Random(number)
            for _ in range(15):
                slug = chance.choice(SLUGS)
                with contextlib.suppress(ZeroDivisionError, psycopg.Error), tenants.transaction(slug) as connection:
                    assert connection.execute("select current_user::text").fetchone() == (f"tenant_{slug}_rw",)
                    above.append(tenants.counts()["open"])
                    harm(connection, chance.randrange(9))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counts = tenants.counts()
        assert counts["open"] == counts["idle"]
        assert counts["waiting"] == 0
        assert max(above) <= 3
        with ThreadPoolExecutor(2) as pool:
            gate = threading.Barrier(2)

            def both(slug: str) -> None:
                with tenants.transaction(slug):
                    gate.wait(60)

            list(pool.map(both, SLUGS))


def test_a_slug_that_changed_hands_leads_to_nobody_else(world: Attacked, fleet: Database) -> None:
    """Role and path are taken by names, which two renames gave to the other tenant."""
    ids = {slug: str(world.control.tenant_get(slug)["id"]) for slug in SLUGS}
    for slug in SLUGS:
        world.admin.execute(f"insert into tenant_{slug}.note (body) values ('of {slug}')".encode())
    with world.tenants(size=2) as tenants:
        for slug in SLUGS:
            with tenants.transaction(slug, tenant_id=ids[slug]) as connection:
                assert connection.execute("select body from note").fetchall() == [(f"of {slug}",)]
        with world.control.connection.transaction():
            for old, new in (("acme", "third"), ("beta", "acme"), ("third", "beta")):
                world.control.tenant_rename(old, new)
        try:
            with pytest.raises(TenantChanged), tenants.transaction("acme", tenant_id=ids["acme"]) as connection:
                connection.execute("select 1")
            with tenants.transaction("beta", tenant_id=ids["acme"]) as connection:
                assert connection.execute("select body from note").fetchall() == [("of acme",)]
        finally:
            with world.control.connection.transaction():
                for old, new in (("acme", "third"), ("beta", "acme"), ("third", "beta")):
                    world.control.tenant_rename(old, new)


def test_a_block_that_only_reads_cannot_be_made_to_write(world: Attacked) -> None:
    with (
        world.tenants() as tenants,
        pytest.raises(psycopg.Error),
        tenants.transaction("acme", access="read") as connection,
    ):
        connection.execute("set transaction read write; insert into note (body) values ('written')")
    with world.tenants() as tenants, tenants.transaction("acme") as connection:
        assert connection.execute("select count(*) from note").fetchone() == (0,)


@pytest.mark.parametrize("leave", [SystemExit, None])
def test_a_fork_inside_a_block_ends_nothing_of_the_parents(world: Attacked, leave: type[BaseException] | None) -> None:
    with world.tenants() as tenants:
        with contextlib.ExitStack() as stack:
            connection = stack.enter_context(tenants.transaction("acme"))
            connection.execute("insert into note (body) values ('first')")
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    if leave is not None:
                        with pytest.raises(leave), stack:
                            raise leave
                    else:
                        with pytest.raises(psycopg.ProgrammingError):
                            stack.close()
                    with tenants.transaction("acme") as other:
                        other.execute("insert into note (body) values ('of the child')")
                    gc.collect()
                    status = 0
                finally:
                    os._exit(status)
            assert os.waitpid(pid, 0)[1] == 0
            connection.execute("insert into note (body) values ('second')")
        with tenants.transaction("acme") as connection:
            rows = {body for (body,) in connection.execute("select body from note").fetchall()}
        assert rows == {"first", "second", "of the child"}


def test_inside_another_pools_block_its_own_still_counts(world: Attacked) -> None:
    with (
        world.tenants() as first,
        world.tenants() as second,
        first.transaction("acme", access="read"),
        second.transaction("acme"),
    ):
        with pytest.raises(OtherTenant), first.transaction("beta"):
            pass
        with pytest.raises(NotAllowed), first.transaction("acme"):
            pass


def test_a_statement_that_takes_the_place_of_psycopgs_ends_with_the_block(world: Attacked) -> None:
    query = "select body from note where id = %s"
    with world.tenants() as tenants:
        with tenants.transaction("acme") as connection:
            connection.execute("insert into note (body) values ('true')")
            for _ in range(8):
                connection.execute(query, (1,))
            kept = connection.execute("select name, parameter_types[1] from pg_prepared_statements").fetchall()
            assert len(kept) == 1
        with tenants.transaction("acme") as connection:
            name, kind = kept[0]
            connection.execute(f"deallocate {name}; prepare {name} ({kind}) as select 'planted'".encode())
        with tenants.transaction("acme") as connection:
            assert ("planted",) not in connection.execute(query, (1,)).fetchall()


def test_a_connection_whose_opening_is_cut_short_is_closed(world: Attacked, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    connect = psycopg.connect

    def watched(*arguments: Any, **options: Any) -> Any:
        opened.append(connect(*arguments, **options))
        return opened[-1]

    class Cut(BaseException):
        pass

    def cut(self: Any, *arguments: Any, **options: Any) -> Any:
        raise Cut

    with world.tenants() as tenants, monkeypatch.context() as patch:
        patch.setattr(psycopg, "connect", watched)
        patch.setattr(psycopg.Connection, "execute", cut)
        with pytest.raises(Cut), tenants.transaction("acme"):
            pass
        assert opened
        assert all(each.closed for each in opened)


def test_ending_a_block_waits_for_no_other_transaction(world: Attacked) -> None:
    """A transaction that is serializable, read only and deferrable begins when no other could disturb it."""
    writer = world.database.connect(world.database.admin_dsn)
    writer.execute("begin isolation level serializable; insert into tenant_beta.note (body) values ('open')")

    def block() -> None:
        with world.tenants() as tenants, tenants.transaction("acme") as connection:
            connection.execute(
                "set session characteristics as transaction isolation level serializable, read only, deferrable"
            )

    ended = threading.Thread(target=block)
    ended.start()
    ended.join(30)
    waited = ended.is_alive()
    writer.execute("rollback")
    ended.join()
    assert not waited
