"""``freehold verify isolation --active`` finds what is planted."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from freehold.context import statement
from freehold.isolation.attack import MODELS, Attack, Finding
from freehold.isolation.attacks import GROUPS
from freehold.isolation.runner import Control, run
from freehold.isolation.scene import Scene
from support.database import Database

EVERY = tuple(MODELS)


@pytest.fixture(scope="module")
def scene(module_database: Database) -> Iterator[Scene]:
    with Scene(module_database.owner_dsn, None, EVERY).open(None) as scene:
        yield scene


def attack(name: str) -> Attack:
    return next(each for group in GROUPS.values() for each in group if each.name == name)


# What is planted, how it is taken back, and the attack that must notice.
FAULTS = {
    "a table granted": ("grant usage on schema <b> to <a_rw>; grant select on <b>.freehold_canary to <a_rw>",
                        "revoke usage on schema <b> from <a_rw>; revoke select on <b>.freehold_canary from <a_rw>",
                        "select from its table", {"expression", "statement", "login"}),
    "a column granted": ("grant usage on schema <b> to public; grant select (body) on <b>.freehold_canary to public",
                         "revoke usage on schema <b> from public; revoke select (body) on <b>.freehold_canary from public",
                         "one column of it", {"expression", "statement", "login"}),
    "a definer function": ("grant usage on schema <b> to <a_rw>; grant execute on function <b>.freehold_canary_write(text) to <a_rw>",
                           "revoke usage on schema <b> from <a_rw>; revoke execute on function <b>.freehold_canary_write(text) from <a_rw>",
                           "through its definer function", {"expression", "statement", "login"}),
    "the right to write": ("grant usage on schema <b> to <a_rw>; grant insert on <b>.freehold_canary to <a_rw>",
                           "revoke usage on schema <b> from <a_rw>; revoke insert on <b>.freehold_canary from <a_rw>",
                           "insert, update, delete", {"statement", "login"}),
    "membership": ("grant <b_rw> to <a_rw>", "revoke <b_rw> from <a_rw>", "set local role", {"login"}),
    "all data": ("grant pg_read_all_data to <a_rw>", "revoke pg_read_all_data from <a_rw>", "copy its table to the client", {"statement", "login"}),
    "all statistics": ("grant pg_read_all_stats to <a_rw>", "revoke pg_read_all_stats from <a_rw>",
                       "what the victim's session runs", {"expression", "statement", "login"}),
    "signals": ("grant pg_signal_backend to <a_rw>", "revoke pg_signal_backend from <a_rw>",
                "end or cancel the victim's session", {"expression", "statement", "login"}),
    "the planner's statistics": ("grant select on pg_statistic to public", "revoke select on pg_statistic from public",
                                 "the planner's statistics", {"statement", "login"}),
    "files": ("grant execute on function pg_read_file(text) to public", "revoke execute on function pg_read_file(text) from public",
              "read a file", {"expression", "statement", "login"}),
    "temporary tables": ("grant temporary on database <database> to public", "revoke temporary on database <database> from public",
                         "a temporary table that shadows its own", {"statement", "login"}),
    "public": ("grant create, usage on schema public to public", "revoke create on schema public from public",
               "a function in public", {"statement", "login"}),
    "its own schema": ("grant create on schema <a> to <a_rw>", "revoke create on schema <a> from <a_rw>",
                       "a definer function", {"statement", "login"}),
    "a parameter": ("grant set on parameter session_replication_role to <a_rw>", "revoke set on parameter session_replication_role from <a_rw>",
                    "triggers off", {"expression", "statement", "login"}),
    "large objects": ("alter database <database> set lo_compat_privileges = on", "alter database <database> reset lo_compat_privileges",
                      "a large object", {"expression", "statement", "login"}),
    "the registry": ("grant select on freehold.tenant to public", "revoke select on freehold.tenant from public",
                     "read the registry", {"statement", "login"}),
    "a lifecycle function": ("grant execute on function freehold.tenant_suspend(text, text) to public",
                             "revoke execute on function freehold.tenant_suspend(text, text) from public",
                             "call lifecycle functions on it", {"expression", "statement", "login"}),
    "createrole": ("alter role <a_rw> createrole; grant <b_rw> to <a_rw> with admin option", "revoke <b_rw> from <a_rw>; alter role <a_rw> nocreaterole",
                   "a password for the victim", {"statement", "login"}),
    "a tenant that a setting moves": (
        "create or replace function freehold.tenant_current() returns text language sql as 'select current_setting(''freehold.slug'')'", "",
        "another tenant by a setting", {"statement", "login"}),
    "no mark when a tenant is left": (
        "create or replace function freehold.tenant_leave() returns void language plpgsql as 'begin set local role none; end'", "",
        "tenant_leave() and tenant_enter()", {"expression", "statement"}),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(scene: Scene, module_database: Database, fault: str) -> None:
    plant, undo, name, by = FAULTS[fault]
    admin = module_database.connect(module_database.admin_dsn)
    kept = [
        text
        for (text,) in admin.execute(
            "select pg_get_functiondef(oid) from pg_proc where pronamespace = 'freehold'::regnamespace "
            "and proname in ('tenant_current', 'tenant_leave')"
        )
    ]
    try:
        admin.execute(scene.fill(plant).encode())
        fresh(scene)
        assert surprises(scene, name) == by
    finally:
        for statement in (scene.fill(undo), *kept):
            admin.execute(statement.encode())
        fresh(scene)
    assert surprises(scene, name) == set()


@pytest.mark.parametrize(
    ("forgotten", "name"),
    [
        ("reset all;", "leave a setting by an expression"),
        ("reset all;", "a setting that the victim left"),
        ("close all; ", "a held cursor that the victim left"),
        ("; unlisten *", "a channel the victim listens to"),
        (
            "if pg_catalog.pg_advisory_unlock_all() is null then\n        null;\n    end if;",
            "leave a cursor, a channel, a lock",
        ),
    ],
)
def test_a_session_that_is_not_cleaned_is_found(
    scene: Scene, module_database: Database, forgotten: str, name: str
) -> None:
    admin = module_database.connect(module_database.admin_dsn)
    row = admin.execute("select pg_get_functiondef('freehold._session_reset()'::regprocedure)").fetchone()
    assert row is not None
    assert forgotten in row[0]
    try:
        admin.execute(row[0].replace(forgotten, ""))
        fresh(scene)
        assert surprises(scene, name) & {"statement", "expression"}
    finally:
        admin.execute(row[0])
        fresh(scene)


def test_what_stays_prepared_is_found(scene: Scene, module_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deallocated; or looked for, where what psycopg prepared stays."""
    admin, name = module_database.connect(module_database.admin_dsn), "a statement that the victim prepared"
    row = admin.execute("select pg_get_functiondef('freehold._session_clean()'::regprocedure)").fetchone()
    assert row is not None
    assert "where p.from_sql" in row[0]
    ends = statement._ENDS
    gone = {(commit, kept): ends[commit, False].replace(b"deallocate all; ", b"") for commit, kept in ends}
    looked = {(commit, kept): ends[commit, True] for commit, kept in ends}
    assert looked != ends != gone
    try:
        monkeypatch.setattr(statement, "_ENDS", gone)
        assert surprises(scene, name) == {"statement"}
        fresh(scene)
        monkeypatch.setattr(statement, "_ENDS", looked)
        assert surprises(scene, name) == set()
        admin.execute(row[0].replace("where p.from_sql", "where false"))
        fresh(scene)
        assert surprises(scene, name) == {"statement"}
    finally:
        admin.execute(row[0])
        monkeypatch.undo()
        fresh(scene)


def fresh(scene: Scene) -> None:
    """Has the pools open other sessions: settings of roles and databases are a session's from its beginning."""
    for pool in scene.pools.values():
        with pytest.raises(psycopg.Error), pool.transaction(scene.attacker.slug) as session:
            session.close()


def surprises(scene: Scene, name: str) -> set[str]:
    found = list(run(scene, lambda _done, _of: None, {"planted": (attack(name),)}))
    controls = [each for each in found if isinstance(each, Control)]
    assert all(control.passed for control in controls), controls
    return {each.model for each in found if isinstance(each, Finding) and each.surprise}
