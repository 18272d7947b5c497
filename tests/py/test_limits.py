"""Limits of tenants: what the server holds them to, what their own SQL can lift, and what the pools keep to."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import make_conninfo

import freehold
from freehold import AsyncTenants, PoolTimeout, Tenants, bundle
from freehold.cli import main
from freehold.context.statement import Options, opening
from freehold.control import Control
from support.database import Database
from support.patience import until
from support.world import SLUGS, World, provision

TEMPLATE = "create table note (id bigint generated always as identity primary key, body text not null)"
ALLOW = "grant set on parameter temp_file_limit to freehold_cell_00 with grant option"


@pytest.fixture
def two(database: Database) -> Database:
    return provision(database, TEMPLATE)


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, two: Database) -> Iterator[World]:
    world = World(two, request.param)
    yield world
    world.close()


def tenant_login(database: Database, slug: str) -> str:
    """Connection string of a tenant's own login."""
    database.control().login_enable(slug)
    return database.login_dsn(f"tenant_{slug}_rw")


# The command


@pytest.fixture
def command(two: Database) -> Callable[..., Result]:
    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--dsn", two.owner_dsn, "limit", *arguments])

    return run


def test_the_command_sets_lists_and_takes_back(command: Callable[..., Result], two: Database) -> None:
    assert command("list").output == "no limits\n"
    assert command("set", "acme", "statement_timeout", "5000ms").output == (
        "tenant acme is limited: statement_timeout = 5s\n"
    )
    assert command("set", "acme", "concurrency", "2").exit_code == 0
    assert json.loads(command("set", "beta", "work_mem", "64MB", "--json").output)["limits"] == {"work_mem": 65536}
    assert json.loads(command("list", "--json").output) == [
        {"tenant": "acme", "name": "concurrency", "value": "2"},
        {"tenant": "acme", "name": "statement_timeout", "value": "5s"},
        {"tenant": "beta", "name": "work_mem", "value": "64MB"},
    ]
    assert [row["name"] for row in json.loads(command("list", "beta", "--json").output)] == ["work_mem"]
    assert command("reset", "acme", "concurrency").output == "tenant acme has no limit concurrency any more\n"
    assert command("reset", "acme").output == "tenant acme has no limit any more\n"
    assert two.control().limit_list("acme") == []


def test_what_the_command_refuses_is_told_and_kept(command: Callable[..., Result], two: Database) -> None:
    for arguments, code in (
        (("set", "acme", "session_replication_role", "replica"), 2),
        (("set", "acme", "statement_timeout", "5 parsecs"), 2),
        (("set", "acme", "temp_file_limit", "1GB"), 5),
        (("set", "nobody", "work_mem", "1MB"), 3),
        (("reset", "nobody"), 3),
        (("list", "nobody"), 3),
    ):
        assert command(*arguments).exit_code == code, arguments
    assert 'Valid units for this parameter are "us"' in command("set", "acme", "lock_timeout", "5x").stderr
    assert "freehold limit reset" in command("set", "acme", "lock_timeout", "0").stderr
    assert "grant set on parameter temp_file_limit to freehold_cell_00 with grant option" in (
        command("set", "acme", "temp_file_limit", "1GB").stderr
    )
    failed = two.control().operation_list(slug="acme", state="failed")
    assert {row["error_code"] for row in failed} == {"FH003", "FH303"}


# What the server holds a tenant's own login to


def test_connections_are_counted_by_the_server(two: Database) -> None:
    dsn = tenant_login(two, "acme")
    two.control().limit_set("acme", "connections", 2)
    with psycopg.connect(dsn, autocommit=True) as first, psycopg.connect(dsn):
        for statement in ("alter role current_user connection limit -1", "select freehold.limit_reset('acme')"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                first.execute(statement.encode())
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            psycopg.connect(dsn)
        with psycopg.connect(tenant_login(two, "beta")) as other:
            assert other.execute("select freehold.tenant_current()").fetchone() == ("beta",)


@pytest.fixture
def allow(two: Database) -> Iterator[Callable[[], None]]:
    """Allows it; all databases of the server have these roles, so it is taken back."""
    admin = two.connect(two.admin_dsn)

    def granted() -> None:
        admin.execute(ALLOW.encode())

    yield granted
    admin.execute("revoke set on parameter temp_file_limit from freehold_cell_00 cascade")


def test_temporary_files_are_bounded_where_a_superuser_allows_it(two: Database, allow: Callable[[], None]) -> None:
    control = two.control()
    dsn = tenant_login(two, "acme")
    with pytest.raises(freehold.NotAllowed) as refused:
        control.limit_set("acme", "temp_file_limit", "1MB")
    # What the error says is enough.
    assert refused.value.diag.message_hint == f"As a superuser: {ALLOW};"
    allow()
    control.limit_set("acme", "temp_file_limit", "1MB")
    control.limit_set("acme", "work_mem", "64kB")
    control.reader_create("acme")
    assert control.tenant_clone("acme", "copy")["limits"] == {"temp_file_limit": 1024, "work_mem": 64}
    with psycopg.connect(dsn, autocommit=True) as tenant:
        for statement in (
            "set temp_file_limit = -1",
            "select set_config('temp_file_limit', '-1', false)",
            "alter role tenant_acme_rw set temp_file_limit = -1",
            f"alter role tenant_acme_rw in database {two.name} set temp_file_limit = -1",
            f"alter role tenant_acme_rw in database {two.name} reset temp_file_limit",
            f"alter database {two.name} set temp_file_limit = -1",
            "grant set on parameter temp_file_limit to tenant_acme_rw",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                tenant.execute(statement.encode())
        # This takes back what a role may set itself, and nothing else.
        tenant.execute(f"alter role tenant_acme_rw in database {two.name} reset all".encode())
        tenant.execute("reset all")
    with pytest.raises(psycopg.OperationalError, match="permission denied to set parameter"):
        psycopg.connect(make_conninfo(dsn, options="-c temp_file_limit=-1"))
    with psycopg.connect(dsn) as tenant:
        tenant.execute("set work_mem = '64kB'")
        with pytest.raises(psycopg.errors.ConfigurationLimitExceeded):
            tenant.execute("select count(*) from (select g from generate_series(1, 1000000) as g order by -g) as s")
    control.limit_reset("acme", "temp_file_limit")
    with psycopg.connect(dsn) as tenant:
        assert tenant.execute("show temp_file_limit").fetchone() == ("-1",)


def test_a_superuser_who_installs_allows_it_and_whoever_uninstalls_is_told(bare_database: Database) -> None:
    with psycopg.connect(bare_database.admin_dsn, autocommit=True) as admin:
        bundle.run(admin, bundle.install_bundle())
    allowed = "select has_parameter_privilege('freehold_cell_00', 'temp_file_limit', 'set with grant option')"
    with psycopg.connect(bare_database.admin_dsn, autocommit=True) as admin:
        assert admin.execute(allowed.encode()).fetchone() == (True,)
        bundle.run(admin, bundle.install_bundle())
        control = Control(admin)
        control.template_create("default")
        control.template_freeze("default")
        control.tenant_provision("acme")
        control.limit_set("acme", "temp_file_limit", "1GB")
        control.tenant_retire("acme", grace="0")
        control.tenant_erase("acme", "over")
        bundle.run(admin, bundle.uninstall_bundle())
        assert admin.execute("select count(*) from pg_roles where rolname like 'freehold%'").fetchone() == (0,)
        assert admin.execute(
            "select count(*) from pg_parameter_acl, aclexplode(paracl) as a where a.grantee <> 10"
        ).fetchone() == (0,)


def test_who_is_no_superuser_is_told_what_to_revoke_first(bare_database: Database) -> None:
    admin = bare_database.connect(bare_database.admin_dsn)
    with psycopg.connect(bare_database.owner_dsn, autocommit=True) as owner:
        bundle.run(owner, bundle.install_bundle())
    admin.execute(ALLOW.encode())
    with psycopg.connect(bare_database.owner_dsn, autocommit=True) as owner:
        with pytest.raises(freehold.NotAllowed) as refused:
            bundle.run(owner, bundle.uninstall_bundle())
        owner.rollback()
    hint = str(refused.value.diag.message_hint)
    statement = hint[hint.index("revoke") : hint.index(";")]
    assert statement == "revoke set on parameter temp_file_limit from freehold_cell_00 cascade"
    admin.execute(statement.encode())
    with psycopg.connect(bare_database.owner_dsn, autocommit=True) as owner:
        bundle.run(owner, bundle.uninstall_bundle())
    assert admin.execute("select count(*) from pg_roles where rolname like 'freehold%'").fetchone() == (0,)


def test_an_installation_of_before_gains_limits(two: Database) -> None:
    admin, owner = two.connect(two.admin_dsn), two.connect()
    fresh = tuple(sorted(two.control().tenant_get("acme")))
    admin.execute(
        "drop function freehold.tenant_context, freehold._context_open, freehold.limit_set, freehold.limit_reset,"
        " freehold.limit_list, freehold._limit_script, freehold._limit_apply, freehold._limit_change"
    )
    admin.execute("alter table freehold.tenant drop column limits")
    admin.execute("set role freehold_owner")
    admin.execute(
        "create function freehold.tenant_context(slug text, access text default 'write', out tenant_id uuid) language sql"
        " as 'select null::uuid'; create function freehold._context_open(slug text, actor text, access text, out x text)"
        " language sql as 'select null::text'"
    )
    bundle.run(owner, bundle.install_bundle())
    control = two.control()
    assert tuple(sorted(control.tenant_get("acme"))) == fresh
    control.limit_set("acme", "work_mem", "1MB")
    assert control.tenant_context("acme")["limits"] == {"work_mem": 1024}
    # What was dropped is the gates' again.
    assert admin.execute(
        "select has_function_privilege('freehold_gate_01', 'freehold.tenant_context(text, text)', 'execute')"
    ).fetchone() == (True,)


# What the pools keep to


def shown(connection: Any, name: str = "statement_timeout") -> str:
    return str(connection.execute(f"show {name}").fetchone()[0])


def test_settings_are_in_force_in_a_transaction_of_the_tenant(world: World) -> None:
    world.control.limit_set("acme", "statement_timeout", "5s")
    world.control.limit_set("acme", "lock_timeout", "1s")
    world.control.limit_set("acme", "idle_in_transaction_session_timeout", "1min")
    world.control.limit_set("acme", "work_mem", "1MB")
    world.control.limit_set("acme", "connections", 5)
    with Tenants(world.conninfo, **world.options(size=1)) as tenants:
        for _ in range(2):
            with tenants.transaction("acme") as connection:
                assert shown(connection) == "5s"
                assert shown(connection, "lock_timeout") == "1s"
                assert shown(connection, "idle_in_transaction_session_timeout") == "1min"
                assert shown(connection, "work_mem") == "1MB"
            with tenants.transaction("acme", access="read") as connection:
                assert shown(connection) == "5s"
            # The same session, at level role.
            with tenants.transaction("beta") as connection:
                assert shown(connection) == "0"
                assert shown(connection, "work_mem") == "4MB"

    async def on_a_loop() -> None:
        async with (
            AsyncTenants(world.conninfo, **world.options()) as tenants,
            tenants.transaction("acme") as connection,
        ):
            assert await (await connection.execute("show statement_timeout")).fetchone() == ("5s",)

    asyncio.run(on_a_loop())


def test_a_statement_that_takes_too_long_is_ended(world: World) -> None:
    world.control.limit_set("acme", "statement_timeout", "50ms")
    with Tenants(world.conninfo, **world.options()) as tenants:
        with pytest.raises(psycopg.errors.QueryCanceled), tenants.transaction("acme") as connection:
            connection.execute("select pg_sleep(600)")
        with tenants.transaction("acme") as connection:
            assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize(("timeout", "expected"), [(None, "5s"), (2.0, "2s"), (60.0, "5s"), (0.0001, "1ms")])
def test_a_call_can_ask_for_less_not_for_more(world: World, timeout: float | None, expected: str) -> None:
    world.control.limit_set("acme", "statement_timeout", "5s")
    with Tenants(world.conninfo, **world.options()) as tenants:
        if expected != "1ms":
            with tenants.transaction("acme", timeout=timeout) as connection:
                assert shown(connection) == expected
            with tenants.transaction("beta", timeout=timeout) as connection:
                assert shown(connection) == ("0" if timeout is None else "2s" if timeout == 2 else "1min")
        context = tenants.find("acme")
        message = opening(world.admin.pgconn, context, Options(None, "write", timeout), role=False)
        assert message.removesuffix(context.set_path).endswith(
            b"statement_timeout = %d" % {"5s": 5000, "2s": 2000, "1ms": 1}[expected]
            if timeout is not None
            else b"; set local statement_timeout = 5000"
        )


def test_a_limit_counts_from_the_next_transaction_on(world: World) -> None:
    # A session that is open already, and an answer of the registry that is kept.
    with Tenants(world.conninfo, **world.options(size=1), ttl=600.0) as tenants:
        with tenants.transaction("acme") as connection:
            assert shown(connection) == "0"
            world.control.limit_set("acme", "statement_timeout", "7s")
            assert shown(connection) == "0"
        until(lambda: tenants.find("acme").limits != {})
        with tenants.transaction("acme") as connection:
            assert shown(connection) == "7s"
        world.control.limit_reset("acme")
        until(lambda: tenants.find("acme").limits == {})
        if world.level == "role":
            with tenants.transaction("acme") as connection:
                assert shown(connection) == "0"


def test_a_burst_of_one_tenant_leaves_the_others_their_connections(world: World) -> None:
    world.control.limit_set("acme", "concurrency", 2)
    release, inside = threading.Event(), threading.Semaphore(0)
    outcomes: list[str] = []

    def work() -> None:
        try:
            with tenants.transaction("acme") as connection:
                connection.execute("select 1")
                inside.release()
                release.wait(30)
            outcomes.append("served")
        except PoolTimeout:
            outcomes.append("refused")

    with Tenants(world.conninfo, **world.options(size=4, wait=1.0), ttl=600.0, listen=False) as tenants:
        for slug in SLUGS:
            tenants.find(slug)
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for _ in range(2):
            assert inside.acquire(timeout=20)
        # While two are inside and others wait or are refused, another tenant is served as if nobody were there.
        for _ in range(20):
            with tenants.transaction("beta") as connection:
                assert connection.execute("select freehold.tenant_current()").fetchone() == ("beta",)
        until(lambda: outcomes.count("refused") == 6)
        assert not inside.acquire(blocking=False)
        release.set()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["refused"] * 6 + ["served"] * 2
        assert tenants.refused == {"acme": 6}


def test_a_burst_on_a_loop_does_the_same(world: World) -> None:
    world.control.limit_set("acme", "concurrency", 1)

    async def burst() -> None:
        inside, release = asyncio.Event(), asyncio.Event()

        async def enter() -> None:
            async with tenants.transaction("acme"):
                inside.set()
                await release.wait()

        options = world.options(size=3, wait=1.0) | {"ttl": 600.0, "listen": False}
        async with AsyncTenants(world.conninfo, **options) as tenants:
            for slug in SLUGS:
                await tenants.find(slug)
            tasks = [asyncio.ensure_future(enter()) for _ in range(4)]
            await inside.wait()
            async with tenants.transaction("beta") as connection:
                await connection.execute("select 1")
            while sum(task.done() for task in tasks) < 3:
                await asyncio.wait([task for task in tasks if not task.done()], return_when=asyncio.FIRST_COMPLETED)
            release.set()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            assert [type(each) for each in ended if each is not None] == [PoolTimeout] * 3
            assert tenants.refused == {"acme": 3}

    asyncio.run(burst())


@pytest.mark.parametrize(("per_tenant", "concurrency"), [(1, 3), (3, 1), (None, 2)])
def test_what_the_registry_says_counts_more_than_the_pool(
    world: World, per_tenant: int | None, concurrency: int
) -> None:
    world.control.limit_set("acme", "concurrency", concurrency)
    with Tenants(world.conninfo, **world.options(size=4, per_tenant=per_tenant, wait=1.0), ttl=600.0) as tenants:
        for slug in SLUGS:
            tenants.find(slug)
        assert entered(tenants, "acme") == concurrency
        assert entered(tenants, "beta") == (per_tenant or 4)
        world.control.limit_reset("acme", "concurrency")
        until(lambda: "concurrency" not in tenants.find("acme").limits)
        assert entered(tenants, "acme") == (per_tenant or 4)


def test_a_rename_begins_no_new_count(world: World) -> None:
    world.control.limit_set("acme", "concurrency", 1)
    with Tenants(world.conninfo, **world.options(size=3, wait=1.0), ttl=600.0) as tenants:
        known = tenants.find("acme").tenant_id
        with tenants.transaction("acme"):
            world.control.tenant_rename("acme", "acme-two")
            assert tenants.find("acme-two").tenant_id == known
            assert entered(tenants, "acme-two") == 0
            assert tenants.refused == {"acme-two": 5}
            # Whoever is given the slug begins one.
            world.control.tenant_provision("acme")
            if world.level == "login":
                world.open_login("acme")
            until(lambda: tenants.find("acme").tenant_id != known)
            assert entered(tenants, "acme") == 2
        assert entered(tenants, "acme-two") == 1


def entered(tenants: Tenants, slug: str) -> int:
    """How many threads are inside a tenant's transactions at a time, of five that want to."""
    gate = threading.Event()
    inside: list[int] = []

    def work() -> None:
        try:
            with tenants.transaction(slug):
                inside.append(1)
                gate.wait(30)
        except PoolTimeout:
            refused.append(1)

    refused: list[int] = []
    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: len(inside) + len(refused) == 5)
    gate.set()
    for thread in threads:
        thread.join()
    return len(inside)
