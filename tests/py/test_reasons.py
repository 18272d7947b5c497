"""A reason is of a sentence's length: a longer one is refused by every function that takes one, and changes nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from freehold import catalog, errors
from freehold.control import Control
from support.database import Database

LONG = "x" * 2001
ADMITTED = "é" * 1000


@pytest.fixture(scope="module")
def scene(module_database: Database) -> dict[str, Any]:
    """What there is to give a reason for, by what it is."""
    control = Control(module_database.connect(module_database.admin_dsn))
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key)")
    control.template_freeze("default")
    for slug in ("acme", "held", "gone"):
        control.tenant_provision(slug)
    control.tenant_provision("careful", settings={"break_glass_approval": True})
    control.hold_set("held", "a lawsuit")
    control.eraser_register("files", "the bucket")
    control.tenant_retire("gone", grace="0 days")
    erasure = control.tenant_erase_step("gone", "over")
    control.tenant_retire("held", grace="0 days")
    user = control.user_ensure("https://login.example.com", "1001")
    control.tenant_key_add("acme", "age1" + "q" * 58, b"k" * 48, "local", "kek")
    control.rollup_define("notes", "select count(*) from note", "1 hour")
    plan = [{"id": "0001.note", "digest": "0" * 64, "contract": []}]
    started = control.rollout_create("default", plan)
    control.rollout_start(started["id"], started["plan_digest"])
    alice = module_database.login_dsn("alice")
    control.connection.execute("grant freehold_break_glass to alice")
    return {
        "control": control,
        "glass": Control(module_database.connect(alice)).break_glass_open("careful", "a ticket", "T-1")["id"],
        "erasure": erasure["id"],
        "user": user["id"],
        "key": control.api_key_create("ops", roles=["admin"])["id"],
        "signup": control.signup_begin("https://login.example.com", "1002", template="default", slug="new")["id"],
        "rollout": started["id"],
    }


CALLS = {
    "api_key_revoke": "select freehold.api_key_revoke(%(key)s, %(reason)s)",
    "audit_epoch": "select freehold.audit_epoch(%(reason)s)",
    "break_glass_close": "select freehold.break_glass_close(%(glass)s, %(reason)s)",
    "break_glass_deny": "select freehold.break_glass_deny(%(glass)s, %(reason)s)",
    "break_glass_open": "select freehold.break_glass_open('acme', %(reason)s, 'T-1')",
    "erasure_request": "select freehold.erasure_request('acme', %(reason)s)",
    "erasure_task_exclude": "select freehold.erasure_task_exclude(%(erasure)s, 'files', %(reason)s)",
    "fleet_begin": "select freehold.fleet_begin('select 1', reason => %(reason)s)",
    "fleet_query": "select freehold.fleet_query('select 1', reason => %(reason)s)",
    "hold_release": "select freehold.hold_release('held', %(reason)s)",
    "hold_set": "select freehold.hold_set('acme', %(reason)s)",
    "rollout_abort": "select freehold.rollout_abort(%(rollout)s, %(reason)s)",
    "rollout_pause": "select freehold.rollout_pause(%(rollout)s, %(reason)s)",
    "rollout_resume": "select freehold.rollout_pause(%(rollout)s); select freehold.rollout_resume(%(rollout)s, %(reason)s)",
    "rollup_define": "select freehold.rollup_define('n', 'select 1', '1 hour', reason => %(reason)s)",
    "rollup_drop": "select freehold.rollup_drop('notes', %(reason)s)",
    "signup_undo": "select freehold.signup_undo(%(signup)s, %(reason)s)",
    "tenant_erase": "call freehold.tenant_erase('held', %(reason)s)",
    "tenant_erase_step": "select freehold.hold_release('held', 'settled'); select freehold.tenant_erase_step('held', %(reason)s)",
    "tenant_key_destroy": "select freehold.tenant_key_destroy('acme', 1, %(reason)s)",
    "tenant_retire": "select freehold.tenant_retire('acme', reason => %(reason)s)",
    "tenant_suspend": "select freehold.tenant_suspend('acme', %(reason)s)",
    "user_deactivate": "select freehold.user_deactivate(%(user)s, %(reason)s)",
    "user_erase": "select freehold.user_erase(%(user)s, %(reason)s)",
}  # fmt: skip
OUTSIDE = "tenant_erase"
"""Commits by itself: what it does is tenant_erase_step()'s."""


def test_the_calls_below_are_all(module_database: Database) -> None:
    functions = catalog.read(module_database.connect()).functions.values()
    assert {f.name for f in functions if any(a.name == "reason" for a in f.main.arguments)} == set(CALLS)


def test_every_function_says_that_it_refuses_one(module_database: Database) -> None:
    functions = catalog.read(module_database.connect()).functions.values()
    takers = [f for f in functions if any(a.name == "reason" for each in f.overloads for a in each.arguments)]
    assert {f.name for f in takers if "FH003" not in f.errors} == set()


@pytest.mark.parametrize("name", sorted(set(CALLS) - {OUTSIDE}))
def test_a_reason_is_limited(scene: dict[str, Any], name: str) -> None:
    connection = scene["control"].connection
    with psycopg.ClientCursor(connection) as cursor:
        for reason, refused in ((LONG, True), (ADMITTED, False)):
            cursor.execute("begin")
            try:
                if refused:
                    with pytest.raises(errors.InvalidArgument, match="reason"):
                        cursor.execute(CALLS[name], {**scene, "control": None, "reason": reason})
                else:
                    cursor.execute(CALLS[name], {**scene, "control": None, "reason": reason})
            finally:
                cursor.execute("rollback")


def test_an_erasure_is_not_begun_for_one(scene: dict[str, Any]) -> None:
    control = scene["control"]
    control.tenant_provision("late")
    control.tenant_retire("late", grace="0 days")
    with pytest.raises(errors.InvalidArgument, match="reason"):
        control.tenant_erase("late", LONG)
    assert control.tenant_get("late")["state"] == "retired"
