"""API keys: two at once, what a check costs and waits for, the service's login, the command line."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import sql
from psycopg.rows import dict_row

from freehold import ApiKeyOver, RolesNotHeld
from freehold.cli import main
from freehold.context.refusals import NotAuthenticated
from freehold.control import Control
from freehold.http.authentication import Authenticator, Principal
from freehold.http.settings import Group
from support.database import Database
from support.ghosts import Reads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "api-keys.md"


def digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def provision(control: Control, *slugs: str) -> None:
    control.template_create("default")
    control.template_freeze("default")
    for slug in slugs:
        control.tenant_provision(slug)


@pytest.fixture
def service(database: Database) -> str:
    """The login of a service: it may become what it serves, and from 16 on has nothing of it by itself."""
    dsn = database.login_dsn("service")
    with database.connect(database.admin_dsn) as admin:
        inherit = "with inherit false, set true" if admin.info.server_version >= 160000 else ""
        for group in ("admin", "auditor", "worker", "break_glass"):
            admin.execute(sql.SQL("grant {} to service {}").format(
                sql.Identifier(f"freehold_{group}"), sql.SQL(inherit)
            ))  # fmt: skip
        admin.execute("grant freehold_resolver to service")
    return dsn


def test_a_service_gives_what_the_role_has_that_it_set(database: Database, control: Control, service: str) -> None:
    held = control.api_key_create("other", ["admin"])
    with psycopg.connect(service) as connection:
        served = Control(connection)
        with connection.transaction():
            connection.execute("set local role freehold_admin")
            served.api_key_create("one", ["admin", "worker", "auditor"])
        for roles in (["break_glass"], ["admin", "break_glass"]):
            with pytest.raises(RolesNotHeld), connection.transaction():
                connection.execute("set local role freehold_admin")
                served.api_key_create("two", roles)
        # As itself, and as the others, it makes none and takes none over.
        itself = ("none",) if connection.info.server_version >= 160000 else ()
        for role in (*itself, "freehold_auditor", "freehold_worker", "freehold_break_glass", "freehold_resolver"):
            calls: list[Callable[[], Any]] = [
                lambda: served.api_key_create("two", []),
                lambda: served.api_key_rotate(held["id"]),
            ]
            for call in calls:
                with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
                    call()


@pytest.mark.parametrize("group", get_args(Group))
def test_a_key_is_of_any_group_that_the_service_serves(admin: psycopg.Connection[Any], group: str) -> None:
    control = Control(admin)
    made = control.api_key_create("key", [group])
    found = control.api_key_check(digest(made["token"]))
    assert found is not None
    assert found["roles"] == [group]


def test_whom_the_trail_names(control: Control, admin: psycopg.Connection[Any]) -> None:
    with control.connection.transaction():
        control.connection.execute("select set_config('freehold.actor', 'key:ops', true)")
        control.api_key_create("made", ["worker"])
    (row,) = control.api_key_list()
    assert row["created_by"] == "key:ops"
    (event,) = control.event_list(kind="api_key.")
    assert (event["actor"], event["detail"]["name"], event["detail"]["roles"]) == ("key:ops", "made", ["worker"])


# Two at once


def test_a_check_waits_for_nobody(database: Database, control: Control) -> None:
    made = control.api_key_create("ci", ["worker"])
    holder, asker = database.connect(), database.control()
    asker.connection.execute("set lock_timeout = '1ms'")
    with holder.transaction():
        # Somebody holds the row, and will revoke it.
        Control(holder).api_key_revoke(made["id"], "leaked")
        found = asker.api_key_check(digest(made["token"]))
        assert found is not None
        assert asker.api_key_list()[0]["last_used_at"] is None
    assert asker.api_key_check(digest(made["token"])) is None


def test_two_checks_at_once(database: Database, control: Control) -> None:
    made = control.api_key_create("ci", ["worker"])
    one, two = database.control(), database.control()
    two.connection.execute("set lock_timeout = '1ms'")
    with one.connection.transaction():
        assert one.api_key_check(digest(made["token"])) is not None
        assert two.api_key_check(digest(made["token"])) is not None


def test_a_check_in_any_transaction(database: Database, control: Control) -> None:
    made = control.api_key_create("ci", ["worker"])
    asker = database.control()
    with asker.connection.transaction():
        asker.connection.execute("set transaction read only")
        assert asker.api_key_check(digest(made["token"])) is not None
    assert control.api_key_list()[0]["last_used_at"] is None
    # One that sees an older state than somebody has left meanwhile.
    with asker.connection.transaction():
        asker.connection.execute("set transaction isolation level repeatable read")
        asker.api_key_list()
        assert control.api_key_check(digest(made["token"])) is not None
        assert asker.api_key_check(digest(made["token"])) is not None
    assert control.api_key_list()[0]["last_used_at"] is not None


def test_a_rotation_after_a_revocation(database: Database, control: Control) -> None:
    made = control.api_key_create("ci", ["worker"])
    with database.connect() as other:
        Control(other).api_key_revoke(made["id"], "leaked")
    with pytest.raises(ApiKeyOver):
        control.api_key_rotate(made["id"])


def test_a_check_costs_the_same_however_many_keys(control: Control, admin: psycopg.Connection[Any]) -> None:
    provision(control, "acme")
    made = control.api_key_create("ci", ["worker"], slugs=["acme"])
    call = f"select * from freehold.api_key_check('\\x{digest(made['token']).hex()}')"
    admin.execute(call.encode())

    def reads() -> int:
        found = Reads(admin)
        with admin.transaction():
            for _ in range(8):
                rows = found.of(call)
        return sum(rows.values())

    small = reads()
    admin.execute("""
        insert into freehold.api_key (name, roles, bound, created_at, created_by)
        select 'k' || n, '{}', true, now(), 'x' from generate_series(1, 3000) as n;
        insert into freehold.api_key_secret (token_sha256, key_id, created_at)
        select sha256(k.name::bytea), k.id, now() from freehold.api_key as k where k.name ~ '^k';
        insert into freehold.api_key_tenant (key_id, tenant_id)
        select k.id, t.id from freehold.api_key as k, freehold.tenant as t where k.name ~ '^k';
        analyze freehold.api_key, freehold.api_key_secret, freehold.api_key_tenant
    """)
    assert 0 < reads() <= small + 2


# From end to end


def test_a_key_proves_who_it_is(database: Database, control: Control, service: str) -> None:
    provision(control, "acme", "beta")
    plain = control.api_key_create("ci", ["worker"])
    bound = control.api_key_create("app", [], slugs=["acme"])
    acme, beta = (str(control.tenant_get(slug)["id"]) for slug in ("acme", "beta"))

    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(service, autocommit=True, row_factory=dict_row) as connection:

            async def check(token_sha256: bytes) -> Mapping[str, Any] | None:
                cursor = await connection.execute("select * from freehold.api_key_check(%s)", (token_sha256,))
                return await cursor.fetchone()

            authenticator = Authenticator(check=check, ttl=0)
            assert await authenticator(f"Bearer {plain['token']}") == Principal(
                "key:ci", "key", frozenset({"worker"}), key_id=str(plain["id"])
            )
            found = await authenticator(f"bearer {bound['token']}")
            assert (found.roles, found.reaches(acme), found.reaches(beta)) == (frozenset(), True, False)
            again = control.api_key_rotate(plain["id"], overlap="0")
            with pytest.raises(NotAuthenticated):
                await authenticator(f"Bearer {plain['token']}")
            assert (await authenticator(f"Bearer {again['token']}")).actor == "key:ci"
            control.api_key_revoke(plain["id"], "leaked")
            with pytest.raises(NotAuthenticated):
                await authenticator(f"Bearer {again['token']}")
            await connection.close()

    asyncio.run(run())


def test_the_database_tells_of_a_change(database: Database, control: Control) -> None:
    with database.connect() as listener:
        listener.execute("listen freehold_api_key")
        made = control.api_key_create("ci", [])
        control.api_key_rotate(made["id"])
        control.api_key_revoke(made["id"], "leaked")
        assert [each.payload for each in listener.notifies(timeout=10, stop_after=3)] == ["", "", ""]


# The command line


def run(database: Database, *arguments: Any) -> Result:
    return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *map(str, arguments)])


def test_the_command_line(control: Control, database: Database) -> None:
    provision(control, "acme")

    def rows(*arguments: Any) -> Any:
        done = run(database, *arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    made = rows("api-key", "create", "ci", "--role", "worker", "--role", "auditor", "--ttl", "90 days")
    assert control.api_key_check(digest(made["token"])) is not None
    bound = run(database, "api-key", "create", "app", "--slug", "acme")
    assert re.search(r"^API key \d+, token: fh_\d+_\S{43}$", bound.output.strip())
    assert [(row["name"], row["slugs"]) for row in rows("api-key", "list")] == [("app", ["acme"]), ("ci", None)]
    again = rows("api-key", "rotate", made["id"], "--overlap", "0")
    assert control.api_key_check(digest(made["token"])) is None
    assert control.api_key_check(digest(again["token"])) is not None
    assert rows("api-key", "revoke", made["id"], "--reason", "leaked") == {
        "message": f"API key {made['id']} is revoked"
    }
    assert control.api_key_check(digest(again["token"])) is None
    assert [row["name"] for row in rows("api-key", "list")] == ["app"]
    assert [row["reason"] for row in rows("api-key", "list", "--past")] == [None, "leaked"]
    assert rows("api-key", "purge", "--older-than", "0") == {"rows": 1}
    for arguments, code, said in (
        (("rotate", 99), 3, "freehold api-key list"),
        (("create", "app"), 4, "freehold api-key rotate 2 gives"),
        (("create", "door", "--role", "break_glass"), 5, "break_glass"),
        (("create", "x", "--slug", "nope"), 3, "freehold tenant list"),
        (("create", "x", "--role", "owner"), 2, "break_glass"),
    ):
        result = run(database, "api-key", *arguments)
        assert (result.exit_code, said in result.output) == (code, True), result.output
    # People see a table, without what nobody needs.
    shown = run(database, "api-key", "list").output
    assert "acme" in shown
    assert "sha256" not in shown


def test_the_page_runs(control: Control, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    provision(control, "acme", "globex")
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    said = []
    for language, text in re.findall(
        r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    ):
        if language == "sql":
            for statement in text.split(";\n"):
                if statement.strip():
                    said.append(control.connection.execute(statement.encode()).fetchall())
        elif language == "console":
            for command in re.findall(r"^\$ freehold (.*)$", text, re.MULTILINE):
                result = CliRunner().invoke(main, shlex.split(command))
                assert result.exit_code == 0, result.output
        else:
            names: dict[str, Any] = {}
            exec(text, names)
            assert isinstance(names["authenticator"], Authenticator)
    assert said[:2] == [[(1, True)], [(2, True)]]
    assert [row[0] for row in said[2]] == ["billing", "ci"]
    assert said[3] == []
