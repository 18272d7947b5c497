"""Users and members: two at once, what a check costs, and the command line."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold import (
    InvitationNotFound,
    LastOwner,
    MemberNotFound,
    NotPermitted,
    RoleInUse,
    RoleNotFound,
    Tenants,
    bundle,
)
from freehold.cli import main
from freehold.control import Control
from freehold.web import Parts
from support.database import Database
from support.ghosts import Reads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "members.md"
ISSUER = "https://login.example.com"


@pytest.fixture(scope="module")
def furnish() -> Callable[[Database], object]:
    def make(database: Database) -> None:
        control = database.control()
        control.template_create("default")
        control.template_freeze("default")
        control.tenant_provision("acme")

    return make


@pytest.fixture
def acme(control: Control) -> Control:
    return control


def person(control: Control, subject: str, role: str | None = None) -> Any:
    """The id of a user, who is a member of acme where a role is given."""
    found = control.user_ensure(ISSUER, subject, email=f"{subject}@corp.example")["id"]
    if role is not None:
        control.member_add("acme", found, role)
    return found


# Two at once


def behind(
    database: Database, first: Callable[[Control], Any], second: Callable[[Control], Any], level: str = "read committed"
) -> Any:
    """Runs ``second`` while ``first`` is done but not committed; commits it when the other waits; returns its result."""
    holder, waiter, admin = database.connect(), database.connect(), database.connect(database.admin_dsn)
    waiter.execute(f"begin isolation level {level}".encode())
    # What it sees begins here where the level is such.
    waiter.execute("select count(*) from pg_class")
    with ThreadPoolExecutor(1) as pool:
        holder.execute("begin")
        first(Control(holder))
        future = pool.submit(second, Control(waiter))
        _until_blocked(admin, waiter.info.backend_pid, future)
        holder.execute("commit")
        try:
            return future.result()
        finally:
            waiter.execute("rollback" if future.exception() else "commit")


def _until_blocked(admin: psycopg.Connection[Any], pid: int, future: Future[Any]) -> None:
    while not future.done():
        row = admin.execute("select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", (pid,)).fetchone()
        if row is not None and row[0]:
            return
    raise AssertionError(f"it never waited: {future.exception() or future.result()}")


WAYS: dict[str, Callable[[Control, Any], Any]] = {
    "removed": lambda c, user: c.member_remove("acme", user),
    "leaves": lambda c, user: c.member_remove("acme", user, by_user=user),
    "demoted": lambda c, user: c.member_set_role("acme", user, "admin"),
    "deactivated": lambda c, user: c.member_deactivate("acme", user),
    "user deactivated": lambda c, user: c.user_deactivate(user),
    "user erased": lambda c, user: c.user_erase(user, "asked"),
}


def owners(admin: psycopg.Connection[Any]) -> int:
    row = admin.execute(
        "select count(*) from freehold.membership as m join freehold.app_user as u on u.id = m.user_id "
        "where m.role_name = 'owner' and m.active and u.active"
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("second", WAYS)
@pytest.mark.parametrize("first", ["removed", "demoted", "user deactivated", "user erased"])
def test_of_two_owners_one_stays(
    acme: Control, database: Database, admin: psycopg.Connection[Any], first: str, second: str
) -> None:
    one, two = person(acme, "one", "owner"), person(acme, "two", "owner")
    with pytest.raises(LastOwner):
        behind(database, lambda c: WAYS[first](c, one), lambda c: WAYS[second](c, two))
    assert owners(admin) == 1


@pytest.mark.parametrize("first", ["removed", "demoted", "user deactivated"])
def test_of_two_owners_one_stays_for_who_sees_an_older_state(
    acme: Control, database: Database, admin: psycopg.Connection[Any], first: str
) -> None:
    one, two = person(acme, "one", "owner"), person(acme, "two", "owner")
    with pytest.raises(psycopg.errors.SerializationFailure):
        behind(
            database,
            lambda c: WAYS[first](c, one),
            lambda c: c.member_remove("acme", two),
            level="repeatable read",
        )
    assert owners(admin) == 1


def test_an_invitation_is_spent_once(acme: Control, database: Database) -> None:
    one, two = person(acme, "one"), person(acme, "two")
    token = acme.invitation_create("acme", "x@corp.example")["token"]
    with pytest.raises(InvitationNotFound):
        behind(
            database, lambda c: c.invitation_accept(token, one), lambda c: c.invitation_accept(token, two)
        )  # fmt: skip
    assert [row["user_id"] for row in acme.member_list("acme")] == [one]


def test_an_invitation_that_is_revoked_meanwhile_is_no_good(acme: Control, database: Database) -> None:
    one = person(acme, "one")
    made = acme.invitation_create("acme", "x@corp.example")
    with pytest.raises(InvitationNotFound):
        behind(
            database,
            lambda c: c.invitation_revoke("acme", made["id"]),
            lambda c: c.invitation_accept(made["token"], one),
        )
    assert acme.member_list("acme") == []


def test_who_loses_the_right_meanwhile_gives_nothing(acme: Control, database: Database) -> None:
    person(acme, "owner", "owner")
    admin, new = person(acme, "admin", "admin"), person(acme, "new")
    with pytest.raises(NotPermitted):
        behind(
            database,
            lambda c: c.member_set_role("acme", admin, "viewer"),
            lambda c: c.member_add("acme", new, "member", by_user=admin),
        )


def test_a_role_is_not_dropped_under_who_gets_it(acme: Control, database: Database) -> None:
    one, two = person(acme, "one"), person(acme, "two")
    acme.role_define("clerk", ["invoice:read"])
    with pytest.raises(RoleInUse):
        behind(database, lambda c: c.member_add("acme", one, "clerk"), lambda c: c.role_drop("clerk"))
    acme.role_define("idle", [])
    with pytest.raises(RoleNotFound):
        behind(database, lambda c: c.role_drop("idle"), lambda c: c.member_add("acme", two, "idle"))


def test_one_user_of_two_sign_ins(acme: Control, database: Database) -> None:
    first: list[Any] = []
    row = behind(
        database,
        lambda c: first.append(c.user_ensure(ISSUER, "new")["id"]),
        lambda c: c.user_ensure(ISSUER, "new", display_name="New"),
    )
    assert (row["id"], row["display_name"]) == (first[0], "New")


def test_who_is_erased_is_made_no_member(acme: Control, database: Database) -> None:
    one = person(acme, "one")
    with pytest.raises(psycopg.errors.DatabaseError) as caught:
        behind(database, lambda c: c.user_erase(one, "asked"), lambda c: c.member_add("acme", one))
    assert caught.value.sqlstate == "FH141"
    with pytest.raises(MemberNotFound):
        acme.member_remove("acme", one)


# What it costs, and an upgrade

HOT = {
    "check": "select freehold.permission_check('acme', %s, 'data:read')",
    "member": "select freehold.member_check(%s, %s)",
    "tenants": "select * from freehold.member_tenants(%s)",
    "by subject": "select * from freehold.member_tenants(issuer => %s, subject => 'one')",
}


def test_a_check_reads_no_more_in_a_large_fleet(acme: Control, admin: psycopg.Connection[Any]) -> None:
    one = person(acme, "one", "member")
    tenant = acme.tenant_get("acme")["id"]
    calls = [HOT["check"].replace("%s", f"'{one}'"), HOT["member"].replace("%s", f"'{tenant}'", 1).replace("%s", f"'{one}'"),
             HOT["tenants"].replace("%s", f"'{one}'"), HOT["by subject"].replace("%s", f"'{ISSUER}'")]  # fmt: skip

    def reads() -> list[int]:
        found = Reads(admin)
        taken = []
        with admin.transaction():
            # As often as a plan is made for the values before one is kept for all.
            for call in calls:
                for _ in range(8):
                    rows = found.of(call)
                taken.append(sum(rows.values()))
        return taken

    small = reads()
    admin.execute("""
        insert into freehold.app_user (issuer, subject, created_at, changed_at)
        select 'many', n::text, now(), now() from generate_series(1, 3000) as n;
        insert into freehold.tenant (slug, schema_name, owner_role, rw_role, state, cell, template, template_version)
        select 't' || n, 'tenant_t' || n, 'o', 'r', 'active', t.cell, t.template, t.template_version
        from generate_series(1, 3000) as n, freehold.tenant as t where t.slug = 'acme';
        insert into freehold.member_role (tenant_id, name, permissions, changed_at)
        select t.id, 'member', '{}', now() from freehold.tenant as t where t.slug ~ '^t';
        insert into freehold.membership (user_id, tenant_id, role_name, added_at, changed_at)
        select u.id, t.id, 'member', now(), now()
        from freehold.app_user as u join freehold.tenant as t on t.slug in ('t' || u.subject, 'acme') where u.issuer = 'many';
        analyze freehold.app_user, freehold.tenant, freehold.member_role, freehold.membership
    """)
    large = reads()
    assert max(small) > 0
    assert all(after <= before + 10 for before, after in zip(small, large, strict=True)), (small, large)


def test_an_upgrade_leaves_roles_as_they_are(acme: Control, database: Database) -> None:
    acme.role_define("member", ["data:read"])
    acme.role_drop("viewer")
    before = acme.role_list()
    bundle.run(database.connect(), bundle.install_bundle())
    assert acme.role_list() == before
    assert [row["name"] for row in before] == ["admin", "member", "owner"]


# The command line


def parts(slug: str) -> Parts:
    return Parts("/", (("X-Tenant", slug),))


def run(database: Database, *arguments: Any) -> Result:
    return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *map(str, arguments)])


def test_the_command_line(acme: Control, database: Database) -> None:
    def rows(*arguments: Any) -> Any:
        done = run(database, *arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    ada, bob = (
        rows("user", "ensure", ISSUER, name, "--email", f"{name}@corp.example")["id"] for name in ("ada", "bob")
    )
    assert rows("user", "show", ada)["email"] == "ada@corp.example"
    assert [row["id"] for row in rows("user", "list", "--orphans", "--email", "ADA@corp.example")] == [ada]
    assert (
        f"user {ada} is owner of tenant acme" in run(database, "member", "add", "acme", ada, "--role", "owner").output
    )
    done = run(database, "member", "remove", "acme", ada)
    assert done.exit_code == 4
    assert "freehold member set-role acme USER owner" in done.output
    made = rows(
        "invitation", "create", "acme", "bob@corp.example", "--role", "admin", "--ttl", "1 day", "--by-user", ada
    )
    assert [row["email"] for row in rows("invitation", "list", "acme")] == ["bob@corp.example"]
    assert rows("invitation", "accept", made["token"], bob)["role_name"] == "admin"
    assert run(database, "invitation", "accept", made["token"], bob).exit_code == 3
    assert run(database, "invitation", "revoke", "acme", made["id"]).exit_code == 3
    assert [row["state"] for row in rows("invitation", "list", "acme", "--past")] == ["accepted"]
    assert run(database, "member", "set-role", "acme", bob, "owner", "--by-user", bob).exit_code == 5
    assert rows("role", "define", "clerk", "invoice:read", "--slug", "acme")["permissions"] == ["invoice:read"]
    assert [row["name"] for row in rows("role", "list", "--slug", "acme") if row["own"]] == ["clerk"]
    assert rows("member", "set-role", "acme", bob, "clerk")["role_name"] == "clerk"
    assert run(database, "role", "drop", "clerk", "--slug", "acme").exit_code == 4
    assert run(database, "member", "allowed", "acme", bob, "invoice:read").exit_code == 0
    assert run(database, "member", "allowed", "acme", bob, "data:read").exit_code == 5
    assert run(database, "member", "allowed", "acme", bob, "data:read", "--require").exit_code == 5
    assert run(database, "member", "check", "acme", bob).exit_code == 0
    assert rows("member", "deactivate", "acme", bob)["active"] is False
    assert run(database, "member", "check", "acme", bob).exit_code == 5
    assert rows("member", "activate", "acme", bob)["active"] is True
    assert {row["user_id"] for row in rows("member", "list", "acme")} == {ada, bob}
    assert [row["slug"] for row in rows("user", "tenants", bob)] == ["acme"]
    assert rows("user", "deactivate", bob, "--reason", "left")["active"] is False
    assert rows("user", "tenants", bob) == []
    assert rows("user", "activate", bob)["active"] is True
    assert run(database, "member", "remove", "acme", bob).exit_code == 0
    assert run(database, "role", "drop", "clerk", "--slug", "acme").exit_code == 0
    assert run(database, "user", "erase", bob, "--reason", "asked").exit_code == 0
    assert run(database, "user", "show", bob).exit_code == 3
    # People see tables.
    assert "ada@corp.example" in run(database, "user", "list", "--slug", "acme").output
    assert "owner" in run(database, "member", "list", "acme").output


def test_the_page_runs(
    acme: Control, admin: psycopg.Connection[Any], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    said = []
    app = database.login_dsn("app")
    acme.gate_grant("app")
    for language, text in blocks:
        if language == "sql":
            for statement in text.split(";\n"):
                if statement.strip():
                    said.append(acme.connection.execute(statement.encode()).fetchall())
        elif language == "console":
            for command in re.findall(r"^\$ freehold (.*)$", text, re.MULTILINE):
                result = CliRunner().invoke(main, shlex.split(command))
                assert result.exit_code == 0, result.output
        else:
            admin.execute("grant freehold_resolver to app")
            with Tenants(app, listen=False) as tenants:
                names: dict[str, Any] = {"tenants": tenants, "parts": parts("acme")}
                exec(text, names)
                assert names["found"].user == "1001"
                assert names["members"].permits(names["found"], "data:write") is True
    assert said[1:4] == [[("owner",)], [(True,)], [("acme", "owner")]]
    assert said[4] == [("viewer",)]
    assert said[-1] == [(None, "user.erased")]
    # The table of roles is what there is.
    table = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    for row in acme.role_list():
        assert sorted(re.findall(r"`([a-z]+:[a-z]+|\*)`", table[row["name"]])) == sorted(row["permissions"])
