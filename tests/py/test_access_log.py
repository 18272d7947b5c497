"""The access log: one row a transaction, in the message that ends it, whatever became of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import AsyncTenants, InvalidArgument, Tenants
from freehold.cli import main
from freehold.context import core, statement
from support.database import Database
from support.patience import until
from support.world import World, provision

TEMPLATE = """
    create table note (id bigint generated always as identity primary key, body text not null);
    create table link (id int primary key, note_id bigint references note deferrable initially deferred);
"""


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    return provision(module_database, TEMPLATE)


@pytest.fixture(params=["role", "login"])
def world(request: pytest.FixtureRequest, fleet: Database) -> Iterator[World]:
    world = World(fleet, request.param)
    world.control.setting_set("access_log", "on")
    yield world
    world.control.setting_set("access_log", "off")
    world.admin.execute("delete from freehold.access_log")
    world.close("note", "link")


def rows(world: World, slug: str = "acme") -> list[dict[str, Any]]:
    return list(reversed(world.control.access_list(slug)))


@contextlib.contextmanager
def pool(world: World, **options: Any) -> Iterator[Tenants]:
    with Tenants(world.conninfo, **world.options(), **options) as tenants:
        yield tenants


def test_a_transaction_leaves_a_row(world: World) -> None:
    with pool(world, path="http") as tenants:
        with tenants.transaction("acme", actor="alice", purpose="invoicing", request_id="r-1") as connection:
            assert connection.execute("select current_setting('freehold.request_id')").fetchone() == ("r-1",)
            connection.execute("insert into note (body) values ('one')")
            with tenants.transaction("acme"):
                pass
        with tenants.transaction("acme", access="read") as connection:
            connection.execute("select 1 from note")
        with pytest.raises(ZeroDivisionError), tenants.transaction("acme", actor="bob"):
            raise ZeroDivisionError
        with tenants.transaction("beta"):
            pass
        assert tenants.unrecorded == 0
    found = rows(world)
    login = "app" if world.level == "role" else "tenant_acme_rw"
    keys = ("actor", "login", "purpose", "path", "access", "committed", "request_id", "slug", "application_name")
    assert [tuple(row[key] for key in keys) for row in found] == [
        ("alice", login, "invoicing", "http", "write", True, "r-1", "acme", "under test"),
        (login, login, None, "http", "read", True, None, "acme", "under test"),
        ("bob", login, None, "http", "write", False, None, "acme", "under test"),
    ]
    assert all(row["duration"].total_seconds() >= 0 for row in found)
    assert len(rows(world, "beta")) == 1


def test_off_leaves_none(world: World) -> None:
    with pool(world, ttl=600.0) as tenants:
        with tenants.transaction("acme"):
            pass
        world.control.setting_set("access_log", "off")
        until(lambda: "access" not in tenants.find("acme").audit)
        with tenants.transaction("acme"):
            pass
    assert len(rows(world)) == 1


def test_tasks_leave_one_too(world: World) -> None:
    async def main() -> str:
        secret = secrets.token_bytes(32)
        async with AsyncTenants(world.conninfo, token_secret=secret, **world.options()) as tenants:
            async with tenants.transaction("acme", actor="alice"):
                token = await tenants.hand_over(purpose="report")
            async with tenants.resume(token, purpose="report", request_id="job 7") as connection:
                await connection.execute("select 1")
        return token

    asyncio.run(main())
    assert [(r["actor"], r["path"], r["purpose"], r["request_id"]) for r in rows(world)] == [
        ("alice", "sql", None, None),
        ("alice", "task", "report", "job 7"),
    ]


def test_no_round_trip_is_added(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    send = core.Core._send

    def noted(self: core.Core, entry: Any, message: bytes) -> Any:
        sent.append(message)
        return send(self, entry, message)

    monkeypatch.setattr(core.Core, "_send", noted)
    with pool(world) as tenants, tenants.transaction("acme"):
        pass
    assert len(sent) == 2
    assert len(rows(world)) == 1


@pytest.mark.parametrize(
    "left",
    [
        "set client_encoding = 'SJIS'",
        "set local client_encoding = 'LATIN1'",
        "set standard_conforming_strings = off",
        "set statement_timeout = 1",
        "set default_transaction_read_only = on; set local default_transaction_read_only = on",
        "set default_transaction_isolation = 'serializable'",
        "create schema if not exists nowhere",
        "select no_such_function()",
        "set search_path = nowhere",
        "commit",
    ],
)
def test_whatever_a_block_leaves(world: World, left: str) -> None:
    actor = "Zoë \\' ü; drop table note; --\u30bd'"
    with pool(world) as tenants:
        with contextlib.suppress(psycopg.Error), tenants.transaction("acme", actor=actor) as connection:
            connection.execute(left.encode())
        assert tenants.unrecorded == 0
    (found,) = rows(world)
    assert found["actor"] == actor


def test_a_commit_that_fails_is_told_as_such(world: World) -> None:
    with pool(world) as tenants:
        with pytest.raises(psycopg.errors.ForeignKeyViolation), tenants.transaction("acme") as connection:
            connection.execute("insert into link values (1, 1)")
        assert tenants.unrecorded == 0
    assert [r["committed"] for r in rows(world)] == [False]


def test_a_lost_connection_is_counted(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with pool(world) as tenants, caplog.at_level(logging.ERROR, "freehold"):
        with pytest.raises(psycopg.OperationalError), tenants.transaction("acme") as connection:
            world.admin.execute("select pg_terminate_backend(%s)", (connection.info.backend_pid,))
            connection.execute("select 1")
        assert tenants.unrecorded == 1
    assert "missing in the access log" in caplog.text
    assert rows(world) == []


def test_a_session_stays_after_it(world: World) -> None:
    with pool(world) as tenants:
        with tenants.transaction("acme") as connection:
            first = connection.info.backend_pid
        with tenants.transaction("acme") as connection:
            assert connection.info.backend_pid == first
            source = "select source from pg_settings where name = 'synchronous_commit'"
            assert connection.execute(source).fetchone() != ("session",)


def test_a_suspension_in_between_hides_nothing(world: World) -> None:
    with pool(world) as tenants:
        # Sessions of its own logins are ended; they leave the tenant without a row, which is counted.
        lost = world.level == "login"
        with contextlib.suppress(psycopg.OperationalError), tenants.transaction("acme"):
            world.control.tenant_suspend("acme", "late")
        world.control.tenant_resume("acme")
        assert tenants.unrecorded == int(lost)
    assert len(rows(world)) == int(not lost)


def test_who_enters_by_sql_leaves_a_row(world: World) -> None:
    with psycopg.connect(world.conninfo if world.level == "role" else world.database.login_dsn("tenant_acme_rw")) as c:
        c.execute("select freehold.tenant_enter('acme', 'alice', 'read')")
    assert [(r["actor"], r["access"], r["path"], r["duration"], r["committed"]) for r in rows(world)] == [
        ("alice", "read", "sql", None, None)
    ]


def test_who_opens_psql_leaves_one(world: World) -> None:
    if world.level == "login":
        return
    done = subprocess.run(
        [sys.executable, "-m", "freehold", "psql", "acme", "-c", "select 1"],
        env=os.environ | {"FREEHOLD_DSN": world.database.admin_dsn}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [(r["path"], r["login"], r["duration"]) for r in rows(world)] == [("cli", "postgres", None)]


def test_the_command_shows_and_deletes(world: World) -> None:
    with pool(world, path="http") as tenants, tenants.transaction("acme", actor="alice", purpose="invoicing"):
        pass
    said = CliRunner().invoke(main, ["--dsn", world.database.owner_dsn, "access-log", "list", "acme", "--json"])
    (row,) = json.loads(said.output)
    assert (row["actor"], row["purpose"], row["path"], row["committed"]) == ("alice", "invoicing", "http", True)
    shown = CliRunner().invoke(main, ["--dsn", world.database.owner_dsn, "access-log", "list", "acme"]).output
    assert "alice" in shown
    assert "invoicing" in shown
    assert max(map(len, shown.splitlines())) <= 80
    purge = ["--dsn", world.database.owner_dsn, "access-log", "purge", "--older-than", "0"]
    assert CliRunner().invoke(main, purge).output == "1 rows are deleted\n"


def test_a_tenants_login_writes_of_itself_only(world: World) -> None:
    ids = {slug: world.control.tenant_get(slug)["id"] for slug in ("acme", "beta")}
    with psycopg.connect(world.database.login_dsn("tenant_acme_rw"), autocommit=True) as c:
        c.execute("select freehold.access_record(%s, 'mallory', 'write')", (ids["acme"],))
        for attack in (
            "select freehold.access_record('{beta}', 'mallory', 'write')",
            "select freehold.access_list('acme')",
            "select freehold.access_purge('0')",
            "delete from freehold.access_log",
            "update freehold.access_log set actor = 'x'",
            "insert into freehold.access_log default values",
            "select * from freehold.access_log",
        ):
            with pytest.raises(psycopg.DatabaseError) as refused:
                c.execute(attack.format(**ids).encode())
            assert refused.value.sqlstate in ("FH305", "42501"), attack
    assert [(r["actor"], r["login"]) for r in rows(world)] == [("mallory", "tenant_acme_rw")]


def test_names_have_a_length(world: World) -> None:
    with pool(world) as tenants:
        wrong: list[dict[str, Any]] = [
            {"actor": "x" * 201}, {"purpose": "x" * 201}, {"request_id": "a\0"}, {"request_id": "\ud800"}
        ]  # fmt: skip
        for names in wrong:
            with pytest.raises(InvalidArgument), tenants.transaction("acme", **names):
                pass
    with pytest.raises(InvalidArgument), pool(world, path="fax") as tenants, tenants.transaction("acme"):
        pass


def test_no_row_is_from_the_future(world: World) -> None:
    tenant = world.control.tenant_get("acme")["id"]
    with (
        psycopg.connect(world.conninfo)
        if world.level == "role"
        else psycopg.connect(world.database.login_dsn("tenant_acme_rw")) as login
    ):
        for duration in ("-1 second", "-1000 years", "2 years"):
            with pytest.raises(psycopg.DatabaseError) as caught, login.transaction():
                login.execute(
                    "select freehold.access_record(%s, 'mallory', 'read', 'sql', %s::interval)", (tenant, duration)
                )
            assert caught.value.sqlstate == "FH003"
    assert rows(world) == []


def test_who_enters_by_sql_waits_for_the_disk(world: World) -> None:
    with psycopg.connect(
        world.conninfo if world.level == "role" else world.database.login_dsn("tenant_acme_rw")
    ) as login:
        login.execute("set local synchronous_commit = on")
        login.execute("select freehold.tenant_enter('acme', 'alice')")
        assert login.execute("show synchronous_commit").fetchone() == ("on",)
    assert len(rows(world)) == 1


def test_it_is_read_by_pages_and_purged(world: World) -> None:
    with pool(world) as tenants:
        for n in range(7):
            with tenants.transaction("acme", actor=f"user {n}"):
                pass
    page = world.control.access_list("acme", max_rows=3)
    assert [row["actor"] for row in page] == ["user 6", "user 5", "user 4"]
    page = world.control.access_list("acme", before=page[-1]["id"], max_rows=3)
    assert [row["actor"] for row in page] == ["user 3", "user 2", "user 1"]
    assert [r["actor"] for r in world.control.access_list("acme", since=rows(world)[5]["at"])] == ["user 6", "user 5"]
    assert world.control.access_purge("1 day") == 0
    assert [world.control.access_purge("0", max_rows=4) for _ in range(3)] == [4, 3, 0]
    with pytest.raises(InvalidArgument):
        world.control.access_purge("-1 day")


def test_a_row_that_cannot_be_written_takes_no_commit_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "_RECORD", statement._RECORD.replace(b"access_record", b"no_such_record"))
    with pool(world) as tenants:
        with tenants.transaction("acme") as connection:
            connection.execute("insert into note (body) values ('kept')")
        assert tenants.unrecorded == 1
    assert rows(world) == []
    assert world.admin.execute("select body from tenant_acme.note").fetchall() == [("kept",)]
