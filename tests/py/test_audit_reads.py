"""What tenants read, in the server's log: with pgaudit itself, on the server that Debian builds it for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

import freehold
from freehold import Tenants
from freehold.binaries import Binaries
from freehold.cli import main
from freehold.embedded import Ephemeral
from support.database import Database, Databases
from support.debian import unpack
from support.server import TestServer
from support.world import World, provision

MAJOR = 15
TEMPLATE = "create table note (id bigint generated always as identity primary key, body text not null)"


@pytest.fixture(scope="module")
def running() -> Iterator[Ephemeral]:
    programs = Path(f"/usr/lib/postgresql/{MAJOR}/bin")
    if not programs.exists():
        programs = unpack(f"postgresql-{MAJOR}") / str(programs)[1:]
    library = unpack(f"postgresql-{MAJOR}-pgaudit") / f"usr/lib/postgresql/{MAJOR}/lib/pgaudit"
    options = {"shared_preload_libraries": str(library), "log_line_prefix": "%u %d ", "log_statement": "none"}
    with Ephemeral(Binaries.at(programs), options) as server:
        yield server


@pytest.fixture(scope="module")
def fleet(running: Ephemeral) -> Iterator[Database]:
    databases = Databases(TestServer(running.dsn(), MAJOR))
    with databases.clone() as database:
        yield provision(database, TEMPLATE)
    databases.close()


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    world.admin.execute("grant set on parameter pgaudit.log to freehold_cell_00 with grant option")
    yield world
    for slug in ("acme", "beta"):
        world.control.audit_reads(slug, False)
    world.close("note")


class Reads:
    """What the server has logged since it was last asked."""

    def __init__(self, file: Path) -> None:
        self._file, self._seen = file, len(file.read_text())

    def since(self) -> list[str]:
        text = self._file.read_text()
        new, self._seen = text[self._seen :], len(text)
        return [line for line in new.splitlines() if "AUDIT: SESSION" in line]


@pytest.fixture
def reads(running: Ephemeral) -> Reads:
    return Reads(running.log)


def read(tenants: Tenants, slug: str, mark: str) -> None:
    with tenants.transaction(slug, actor="alice") as connection:
        connection.execute(f"select count(*) as {mark} from note".encode())
        connection.execute("insert into note (body) values ('x')")


def test_what_a_tenant_reads_is_logged(world: World, reads: Reads) -> None:
    with Tenants(world.conninfo, **world.options()) as tenants:
        read(tenants, "acme", "before")
        world.control.audit_reads("acme", True)
        freehold_ttl(tenants)
        reads.since()
        read(tenants, "acme", "during")
        read(tenants, "beta", "of_beta")
        with tenants.transaction("acme", access="read") as connection:
            connection.execute("select 1 as reading from note")
        logged = reads.since()
        world.control.audit_reads("acme", False)
        freehold_ttl(tenants)
        reads.since()
        read(tenants, "acme", "after")
        assert not [line for line in reads.since() if "after" in line]
    assert len([line for line in logged if "READ,SELECT" in line and "as during" in line]) == 1
    assert len([line for line in logged if "as reading" in line]) == 1
    assert not [line for line in logged if "of_beta" in line or "insert" in line]
    assert ("tenant_acme_rw " if world.level == "login" else "app ") in logged[0]


def freehold_ttl(tenants: Tenants) -> None:
    """What is kept of the registry is forgotten."""
    tenants._core.directory.clear()


def test_no_tenant_switches_it_off(world: World, reads: Reads) -> None:
    world.control.audit_reads("acme", True)
    with Tenants(world.conninfo, **world.options()) as tenants:
        for attempt in (
            "set pgaudit.log = 'none'",
            "set local pgaudit.log = 'none'",
            "reset pgaudit.log",
            "select set_config('pgaudit.log', 'none', true)",
            "alter role current_user set pgaudit.log = 'none'",
        ):
            with tenants.transaction("acme") as connection:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(attempt.encode())
                reads.since()
                connection.execute("select 1 as still from note")
                assert [line for line in reads.since() if "as still" in line], attempt
        # What a login begins with is what it comes back to; a gate's login begins with nothing.
        with contextlib.suppress(psycopg.ProgrammingError), tenants.transaction("acme") as connection:
            connection.execute("reset all")
            connection.execute("select 1 as resisted from tenant_acme.note")
        assert ([line for line in reads.since() if "as resisted" in line] != []) is (world.level == "login")


def test_sessions_beside_the_pool(world: World, reads: Reads) -> None:
    world.control.audit_reads("acme", True)
    with contextlib.closing(psycopg.connect(world.database.login_dsn("tenant_acme_rw"), autocommit=True)) as own:
        own.execute("select 1 as own from tenant_acme.note")
    if world.level == "role":
        with psycopg.connect(world.conninfo) as entered:
            entered.execute("select freehold.tenant_enter('acme')")
            entered.execute("select 1 as entered from note")
        assert [line for line in reads.since() if "as entered" in line]
    else:
        assert [line for line in reads.since() if "as own" in line]


def test_a_reader_made_later_is_logged_too(world: World) -> None:
    world.control.audit_reads("beta", True)
    world.control.reader_create("beta")
    row = world.admin.execute(
        "select setconfig from pg_db_role_setting where setrole = 'tenant_beta_ro'::regrole"
    ).fetchone()
    assert row == (["pgaudit.log=read"],)
    assert not [f for f in world.control.doctor() if "pgaudit" in f["finding"]]
    world.admin.execute(
        psycopg.sql.SQL("alter role tenant_beta_ro in database {} reset pgaudit.log").format(
            psycopg.sql.Identifier(world.database.name)
        )
    )
    (found,) = [f for f in world.control.doctor() if "pgaudit" in f["finding"]]
    world.admin.execute(found["remedy"].encode())
    assert not [f for f in world.control.doctor() if "pgaudit" in f["finding"]]
    world.control.reader_drop("beta")


def test_it_is_a_superusers_to_allow(fleet: Database) -> None:
    admin = fleet.connect(fleet.admin_dsn)
    admin.execute("revoke set on parameter pgaudit.log from freehold_cell_00 cascade")
    with pytest.raises(freehold.NotAllowed) as refused:
        fleet.control().audit_reads("acme", True)
    hint = str(refused.value.diag.message_hint)
    assert hint.startswith("As a superuser: ")
    admin.execute(hint.removeprefix("As a superuser: ").encode())
    assert fleet.control().audit_reads("acme", True)["audit_reads"] is True
    done = CliRunner().invoke(main, ["--dsn", fleet.owner_dsn, "access-log", "reads", "acme", "off"])
    assert [e["detail"]["enabled"] for e in fleet.control().event_list(slug="acme", kind="audit_reads")][:2] == [
        False,
        True,
    ]
    assert done.output.strip() == "reads of tenant acme are not logged by pgaudit", done.output


def test_without_pgaudit_it_says_so(database: Database) -> None:
    control: Any = provision(database, TEMPLATE).control()
    with pytest.raises(freehold.BadInput, match="pgaudit is not loaded"):
        control.audit_reads("acme", True)
