"""What psycopg prepares in a session stays while the session stays with one tenant, and no longer."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from freehold import Tenants
from freehold.context.idle import Idle
from freehold.context.pool import Login
from freehold.context.statement import Options, opening
from support.database import Database
from support.world import World, provision

QUERY = "select body from note where id = %s"
PREPARED = "select count(*) from pg_prepared_statements where statement like 'select body%'"


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, "create table note (id bigint primary key, body text)")


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    yield world
    world.close("note")


@pytest.fixture
def tenants(world: World) -> Iterator[Tenants]:
    with Tenants(world.conninfo, listen=False, **world.options(size=1)) as tenants:
        yield tenants


def repeat(tenants: Tenants, slug: str = "acme", **options: Any) -> int:
    for _ in range(8):
        with tenants.transaction(slug, **options) as connection:
            connection.execute(QUERY, (1,))
    return prepared(tenants, slug, **options)


def prepared(tenants: Tenants, slug: str = "acme", **options: Any) -> int:
    with tenants.transaction(slug, **options) as connection:
        row = connection.execute(PREPARED, prepare=False).fetchone()
        assert row is not None
        return int(row[0])


def test_what_is_repeated_is_prepared(tenants: Tenants) -> None:
    assert repeat(tenants) == 1


def test_another_tenant_finds_nothing_prepared(world: World, tenants: Tenants) -> None:
    assert repeat(tenants) == 1
    with tenants.transaction("beta") as connection:
        assert connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)
    assert prepared(tenants) == 0
    assert repeat(tenants) == 1


def test_nor_does_a_name_that_was_planted_reach_one(world: World, tenants: Tenants) -> None:
    """psycopg would send the name alone, and run what an attacker of the tenant before gave it."""
    repeat(tenants)
    with tenants.transaction("acme") as connection:
        connection.execute("deallocate _pg3_0; prepare _pg3_0 as select 'planted'")
    with tenants.transaction("beta") as connection:
        for _ in range(8):
            assert connection.execute(QUERY, (1,)).fetchall() == []


def test_what_sql_prepares_costs_no_session_where_all_is_deallocated(world: World, tenants: Tenants) -> None:
    with tenants.transaction("acme") as connection:
        pid = connection.info.backend_pid
        connection.execute("prepare left_there as select 1", prepare=False)
    with tenants.transaction("acme") as connection:
        assert connection.info.backend_pid == pid
        assert connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)


def test_the_role_is_made_sure_of_ahead_of_the_path(world: World, tenants: Tenants) -> None:
    """A plan is kept for one path: after the tenant's, the procedure would be planned anew for each tenant."""
    context = tenants.find("acme")
    message = opening(world.admin.pgconn, context, Options(None, "write"), role=True, sure=True)
    role, sure, path = (
        message.index(each) for each in (context.set_role, b"call freehold._role_sure(", context.set_path)
    )
    assert role < sure < path
    assert b"select" not in message


def test_nor_do_other_rights_of_the_same_tenant(world: World, tenants: Tenants) -> None:
    assert repeat(tenants) == 1
    assert prepared(tenants, access="read") == 0


def test_a_transaction_that_failed_leaves_none(tenants: Tenants) -> None:
    assert repeat(tenants) == 1
    with contextlib.suppress(ZeroDivisionError), tenants.transaction("acme"):
        raise ZeroDivisionError
    assert prepared(tenants) == 0
    assert repeat(tenants) == 1


def test_a_plan_that_no_longer_fits_fails_once(world: World, tenants: Tenants) -> None:
    star = "select * from note"
    for _ in range(8):
        with tenants.transaction("acme") as connection:
            connection.execute(star)
    world.admin.execute("alter table tenant_acme.note add column extra int")
    try:
        with pytest.raises(psycopg.errors.FeatureNotSupported), tenants.transaction("acme") as connection:
            connection.execute(star)
        with tenants.transaction("acme") as connection:
            cursor = connection.execute(star)
            assert [column.name for column in cursor.description or ()] == ["id", "body", "extra"]
    finally:
        world.admin.execute("alter table tenant_acme.note drop column extra")


@pytest.mark.parametrize("setting", ["prepare_threshold", "prepared_max"])
def test_what_a_block_makes_of_it_ends_with_the_block(tenants: Tenants, setting: str) -> None:
    with tenants.transaction("acme") as connection:
        setattr(connection, setting, 0)
        connection.execute(QUERY, (1,))
    with tenants.transaction("acme") as connection:
        assert connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)
        assert (connection.prepare_threshold, connection.prepared_max) == (5, 100)


class Resting:
    """A connection as the pool keeps it."""

    def __init__(self, login: Login, served: str | None) -> None:
        self.login, self.served = login, served


def test_idle_connections_are_found_by_login_then_by_tenant_then_by_age() -> None:
    idle: Idle[Resting] = Idle(3)
    one, two = Login("host=a password=secret"), Login("host=a password=secret", "r", "i")
    first, second, third = Resting(one, "acme"), Resting(one, "beta"), Resting(two, "acme")
    for entry in (first, second, third):
        idle.add(entry)
    assert "secret" not in repr(one)
    assert (list(idle), idle.oldest()) == ([first, second, third], first)
    assert idle.take(one, "beta") is second
    assert idle.take(Login("host=b"), "acme") is None
    assert idle.take(one, "gamma") is first
    assert idle.take(one, "acme") is None
    assert idle.take(two, None) is third
    assert (len(idle), idle.oldest()) == (0, None)


def turns(idle: Idle[Resting], login: Login, tenants: Iterator[str]) -> tuple[int, int]:
    """How many transactions found a connection that had served their tenant last, and how many another than the one before."""
    kept, other, before = 0, 0, None
    for tenant in tenants:
        entry = idle.take(login, tenant)
        assert entry is not None
        kept, entry.served = kept + (entry.served == tenant), tenant
        other, before = other + (entry is not before), entry
        idle.add(entry)
    return kept, other


def test_a_few_tenants_keep_their_connections_and_many_share_the_warmest() -> None:
    login, chance = Login("host=a"), random.Random(7)
    idle: Idle[Resting] = Idle(10)
    for _ in range(10):
        idle.add(Resting(login, None))
    few, many = [f"f{n}" for n in range(8)], [f"m{n}" for n in range(200)]
    assert turns(idle, login, iter(few)) == (0, 8)
    kept, other = turns(idle, login, (chance.choice(few) for _ in range(500)))
    assert (kept, other > 400) == (500, True)
    turns(idle, login, (chance.choice(many) for _ in range(200)))
    _, other = turns(idle, login, (chance.choice(many) for _ in range(500)))
    assert other < 50
    # And back again.
    turns(idle, login, (chance.choice(few) for _ in range(200)))
    kept, _ = turns(idle, login, (chance.choice(few) for _ in range(500)))
    assert kept == 500


def test_a_session_that_cannot_be_cleaned_is_closed_and_what_was_committed_is(world: World, tenants: Tenants) -> None:
    who = "freehold_gate_01" if world.level == "role" else "freehold_tenant"
    try:
        with tenants.transaction("acme") as connection:
            connection.execute("insert into note (id, body) values (1, 'kept')")
            world.admin.execute(f"revoke execute on procedure freehold._session_reset() from {who}".encode())
        assert tenants.counts()["open"] == 0
    finally:
        world.admin.execute(f"grant execute on procedure freehold._session_reset() to {who}".encode())
    with tenants.transaction("acme") as connection:
        assert connection.execute("select body from note").fetchall() == [("kept",)]
    assert tenants.counts() == {"open": 1, "idle": 1, "waiting": 0}
