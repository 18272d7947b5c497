"""Every change of the control plane leaves an event; events cannot be changed; they tell nothing of persons."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import bundle
from freehold.cli import main
from freehold.control import Control
from support.database import Database
from support.fleet import Fleet

# What a call leaves, beside itself: kinds of events in their order.
Call = tuple[str, Callable[[], Any], list[str]]

# These change nothing that outlasts their transaction, or what they change is told by the events of another call.
SILENT = {
    "tenant_enter": "the context of a transaction",
    "tenant_leave": "the context of a transaction",
    "access_record": "the access log is a record itself",
    "audit_reads": "needs pgaudit: test_audit_reads",
    "api_key_check": "when a key was used last",
    "tenant_export_begin": "tenant_export.done: test_tenant_export",
    "tenant_export_end": "tenant_export.done: test_tenant_export",
    "tenant_restore_begin": "tenant_restore.done: test_tenant_export",
    "tenant_restore_rows": "tenant_restore.done: test_tenant_export",
    "tenant_restore_end": "tenant_restore.done: test_tenant_export",
    "tenant_key_add": "tenant_key.added: test_tenant_export",
    "tenant_key_get": "tenant_key.used: test_tenant_export",
    "tenant_key_rewrap": "tenant_key.rewrapped: test_tenant_export",
    "tenant_key_destroy": "tenant_key.destroyed: test_tenant_export",
    "erasure_task_claim": "erasure_task.*",
    "break_glass_list": "what is overdue ends, as by break_glass_expire",
    "outbox_delivered": "the outbox tells of what has its events",
    "audit_seal_step": "seals; audit_chain.begun for the first of a chain: test_seal",
    "mask_suggest": "reads only, as the home's owner",
    "audit_history": "reads only",
    "audit_as_of": "reads only",
    "audit_as_of_table": "reads only",
    "keeper_lead": "who leads is no change of anything",
    "keeper_resign": "who leads is no change of anything",
    "task_run": "what a task does has its own events",
    "task_failed": "what a task does has its own events",
    "fleet_ask": "fleet_query, by fleet_begin",
    "fleet_columns": "fleet_query, by fleet_begin",
    "rollup_refresh": "answers of what rollup_define declared; the access log has each",
    "rollout_claim": "rollout.*",
    "rollout_apply": "rollout.*",
    "rollout_backfill": "rollout.*",
    "rollout_begin": "rollout.*",
    "rollout_end": "rollout.*",
    "rollout_fail": "rollout.*",
    "rollout_release": "rollout.*",
}
# Procedures that do nothing but call their steps.
BY_STEPS = {
    "audit_seal": "audit_seal_step",
    "operation_resume": "operation_step",
    "operation_undo": "operation_undo_step",
    "reserve_fill": "reserve_fill_step",
    "template_adopt_staged": "template_adopt_step",
    "template_drop_staged": "template_drop_step",
    "tenant_clone_staged": "tenant_clone_step",
    "tenant_erase": "tenant_erase_step",
    "tenant_provision_staged": "tenant_provision_step",
}
# In the log of operations, and in no event.
LEFT_OUT = {
    "claim", "home", "id", "made_at", "owner_role", "rw_role", "publications", "reason", "reserve", "residue", "source_changed_at",
    "ordinals", "phase", "tenant_id", "total", "done", "ids", "lsn_begun", "lsn_done", "seen", "before", "after", "control_rows",
    "replay_of", "hold", "until", "description",
}  # fmt: skip
SECRET = "Erika Mustermann"


@pytest.fixture(scope="module")
def fleet(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    return Fleet(module_database, tmp_path_factory.mktemp("fleet") / "migrations", tenants=2)


class Script:
    """Calls in the order in which they can be made."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet, self.control = fleet, fleet.control
        self.admin = fleet.admin
        self.calls: list[Call] = []
        self.admin.execute("create schema legacy; create table legacy.t (id int primary key)")
        self.admin.execute("grant usage on schema legacy to freehold_owner; grant select on legacy.t to freehold_owner")
        self.admin.execute("create role passer login")

    def add(self, name: str, run: Callable[[], Any], *kinds: str) -> None:
        self.calls.append((name, run, list(kinds)))

    def purged(self) -> None:
        self.control.access_record(self.control.tenant_get("acme")["id"], "alice", "write")
        assert self.control.access_purge("0") == 1

    def steps(self, row: dict[str, Any]) -> None:
        while row["state"] == "running":
            row = self.control.operation_step(row["id"])

    def begin(self, function: str, /, **arguments: Any) -> dict[str, Any]:
        return self.control._row(function, **arguments)

    def rollout(self, number: int) -> int:
        self.fleet.add_column(number)
        return self.fleet.start()

    def people(self) -> None:
        c, add = self.control, self.add
        mail = "erika@mustermann.example"

        def user(name: str) -> str:
            return str(c.user_ensure("https://mustermann.example", name)["id"])

        def invited() -> Any:
            return c.invitation_create("acme", mail, "clerk")

        add(
            "user_ensure",
            lambda: c.user_ensure("https://mustermann.example", "one", email=mail, display_name=SECRET),
            "user.created",
        )
        add("user_ensure", lambda: c.user_ensure("https://mustermann.example", "one", display_name=""), "user.changed")
        add("user_ensure", lambda: user("one"))
        add("user_ensure", lambda: user("two"), "user.created")
        add("role_define", lambda: c.role_define("clerk", ["data:read"], slug="acme"), "role.defined")
        add("member_add", lambda: c.member_add("acme", user("one"), "owner"), "member.added")
        add("member_add", lambda: c.member_add("acme", user("one"), "owner"))
        add("invitation_create", invited, "invitation.created")
        add(
            "invitation_revoke",
            lambda: c.invitation_revoke("acme", c.invitation_list("acme")[0]["id"]),
            "invitation.revoked",
        )
        add("invitation_accept", lambda: c.invitation_accept(invited()["token"], user("two")), "invitation.created",
            "invitation.accepted")  # fmt: skip
        add("member_set_role", lambda: c.member_set_role("acme", user("two"), "viewer"), "member.role_set")
        add("role_drop", lambda: c.role_drop("clerk", slug="acme"), "role.dropped")
        add("member_deactivate", lambda: c.member_deactivate("acme", user("two")), "member.deactivated")
        add("member_deactivate", lambda: c.member_deactivate("acme", user("two")))
        add("member_activate", lambda: c.member_activate("acme", user("two")), "member.activated")
        add("user_deactivate", lambda: c.user_deactivate(user("two"), "left"), "user.deactivated")
        add("user_activate", lambda: c.user_activate(user("two")), "user.activated")
        add("member_remove", lambda: c.member_remove("acme", user("two")), "member.removed")
        add("user_erase", lambda: c.user_erase(user("two"), "asked"), "user.erased")

    def keys(self) -> None:
        c, add = self.control, self.add

        def newest() -> int:
            return int(c.api_key_list()[0]["id"])

        add("api_key_create", lambda: c.api_key_create("ci", ["admin"], slugs=["acme"]), "api_key.created")
        add("api_key_rotate", lambda: c.api_key_rotate(newest()), "api_key.rotated")
        add("api_key_revoke", lambda: c.api_key_revoke(newest(), "leaked"), "api_key.revoked")
        add("api_key_purge", lambda: c.api_key_purge("0"), "api_key.purged")
        add("api_key_purge", lambda: c.api_key_purge("0"))

    def signups(self) -> None:
        c, add = self.control, self.add

        def begun(slug: str) -> int:
            row = c.signup_begin(
                "https://mustermann.example", slug, email=f"{slug}@mustermann.example", display_name=SECRET, slug=slug,
                external_id=f"Mustermann {slug}", template="other", settings={"contact": SECRET}, seed={"name": SECRET},
            )  # fmt: skip
            return int(row["id"])

        def newest() -> int:
            return max(int(row["id"]) for row in c.signup_list(max_rows=1000))

        def failed() -> None:
            c.template_seed_set("other", "select (current_setting('freehold.seed')::jsonb ->> 'name')::int")
            assert c.signup_work() == 1

        add("template_seed_set", lambda: c.template_seed_set("other", "select 1"), "template_seed_set.done")
        add("signup_begin", lambda: begun("signed"), "signup.claimed")
        add("signup_step", lambda: c.signup_step(newest()), "tenant_provision.done", "signup.provisioned")
        add("signup_work", lambda: c.signup_work(), "user.created", "member.added", "signup.owned", "signup.seeded")
        add("signup_work", lambda: c.signup_work(), "signup.ready")
        add("signup_begin", lambda: begun("fails"), "signup.claimed")
        add("signup_step", lambda: c.signup_step(newest()), "tenant_provision.done", "signup.provisioned")
        add("signup_step", lambda: c.signup_step(newest()), "user.created", "member.added", "signup.owned")
        add("signup_work", failed, "template_seed_set.done", "signup.failed")
        add("signup_retry", lambda: c.signup_retry(newest()), "signup.retried")
        add("signup_undo", lambda: c.signup_undo(newest(), "twice"), "signup.undoing", "tenant_retire.done", "tenant_erase.begun",
            "tenant_erase.done", "user.erased", "signup.undone")  # fmt: skip

    def glass(self) -> None:
        c, add, staff = self.control, self.add, Control(self.admin)

        def opened() -> Any:
            return staff.break_glass_open("acme", "look", "T-1", access="write")

        def newest() -> int:
            return int(staff.break_glass_list()[0]["id"])

        def overdue() -> Any:
            self.admin.execute("update freehold.break_glass set expires_at = now() where state = 'open'")
            return c.break_glass_expire()

        add("break_glass_open", opened, "break_glass.opened")
        add("break_glass_close", lambda: staff.break_glass_close(newest()), "break_glass.closed")
        add("setting_set", lambda: c.setting_set("break_glass_approval", "on"), "setting_set.done")
        add("break_glass_open", opened, "break_glass.requested")
        add("break_glass_deny", lambda: c.break_glass_deny(newest(), "no"), "break_glass.denied")
        add("break_glass_open", opened, "break_glass.requested")
        add(
            "break_glass_approve", lambda: c.break_glass_approve(newest()), "break_glass.approved", "break_glass.opened"
        )
        add("break_glass_claim", lambda: staff.break_glass_claim(newest()), "break_glass.claimed")
        add("break_glass_expire", overdue, "break_glass.expired")

    def purged_rows(self) -> None:
        (tenant,) = self.admin.execute(
            "select id from freehold.tenant where slug = 'acme' and state = 'active'"
        ).fetchone() or ("",)
        log = f"freehold_audit.log_{str(tenant).replace('-', '')}"
        self.admin.execute(
            f"insert into {log} (at, table_name, action, actor, login) values ('2001-01-01', 'a', 'update', 'x', 'x')".encode()
        )
        assert self.control.audit_purge() == 1

    def later_partitions(self) -> None:
        self.admin.execute("update freehold.audit_log set partitioned_until = partitioned_until - interval '1 day'")
        (last,) = self.admin.execute(
            "select p.relation::regclass::text from freehold.audit_log as l, freehold._audit_partition(l.home_id) as p "
            "where p.lower = l.partitioned_until"
        ).fetchone() or ("",)
        self.admin.execute(f"drop table {last}".encode())
        assert self.control.audit_partition_make() == 1

    def write(self) -> None:
        c, add = self.control, self.add
        add("setting_set", lambda: c.setting_set("retire_grace", "3 days"), "setting_set.done")
        add("template_create", lambda: c.template_create("other"), "template_create.done")
        add(
            "template_apply",
            lambda: c.template_apply("other", "create table a (id int primary key)"),
            "template_apply.done",
        )
        add("template_freeze", lambda: c.template_freeze("other"), "template_freeze.done")
        add("template_copy", lambda: c.template_copy("other", "copied"), "template_copy.done")
        add("template_drop", lambda: c.template_drop("copied"), "template_drop.done")
        add("template_adopt", lambda: c.template_adopt("adopted", "legacy"), "template_adopt.done")
        add("template_drop_step", lambda: self.steps(self.begin("template_drop_step", name="adopted")),
            "template_drop.begun", "template_drop.done")  # fmt: skip
        add("template_adopt_step", lambda: self.steps(self.begin("template_adopt_step", name="again", schema="legacy")),
            "template_adopt.begun", "template_adopt.done")  # fmt: skip
        add("reserve_set", lambda: c.reserve_set("other", 1), "reserve_set.done")
        add("reserve_set", lambda: c.reserve_set("other", 1))
        add("task_set", lambda: c.task_set("seal", every="2 minutes"), "task_set.done")
        add("task_set", lambda: c.task_set("seal", every="2 minutes"))
        add("reserve_fill_step", lambda: c.reserve_fill_step("other", 1), "reserve_make.done")
        add("tenant_provision", lambda: c.tenant_provision("acme", "other", display_name=SECRET, external_id="Mustermann",
            settings={"contact": SECRET}), "tenant_provision.done")  # fmt: skip
        add("tenant_clone", lambda: c.tenant_clone("acme", "copy", display_name=SECRET), "tenant_clone.done")
        add("tenant_rename", lambda: c.tenant_rename("copy", "renamed"), "tenant_rename.done")
        add("tenant_suspend", lambda: c.tenant_suspend("acme", "unpaid"), "tenant_suspend.done")
        add("tenant_clone_step", lambda: self.steps(self.begin("tenant_clone_step", source="acme", target="stepped")),
            "tenant_clone.begun", "tenant_clone.done")  # fmt: skip
        add("tenant_resume", lambda: c.tenant_resume("acme"), "tenant_resume.done")
        add("tenant_provision_step", lambda: self.begin("tenant_provision_step", slug="half"), "tenant_provision.begun")
        add(
            "operation_stop",
            lambda: c.operation_stop(self.running(), "XX000", f"key ({SECRET})"),
            "tenant_provision.failed",
        )
        add(
            "operation_step",
            lambda: self.steps(c.operation_step(self.running())),
            "tenant_provision.resumed",
            "tenant_provision.done",
        )
        add("tenant_provision_step", lambda: self.begin("tenant_provision_step", slug="undo"), "tenant_provision.begun")
        add("operation_undo_step", lambda: self.steps(c.operation_undo_step(self.running())),
            "tenant_provision.undone", "tenant_erase.begun", "tenant_erase.done")  # fmt: skip
        add(
            "operation_failed",
            lambda: c.operation_failed("provision", "acme", "23505", f"key ({SECRET})"),
            "tenant_provision.failed",
        )
        add("operation_failed", lambda: c.operation_failed("<b>", SECRET, "23505", SECRET), "operation.failed")
        add("reader_create", lambda: c.reader_create("acme"), "reader_create.done")
        add("reader_drop", lambda: c.reader_drop("acme"), "reader_drop.done")
        add("login_enable", lambda: c.login_enable("acme"), "login_enable.done")
        add("login_disable", lambda: c.login_disable("acme"), "login_disable.done")
        self.signups()
        add("fleet_prepare", lambda: c.fleet_prepare(1), "reader_create.done", "fleet_prepare")
        add("fleet_query", lambda: Control(self.admin).fleet_query("select 1"), "fleet_query")
        add("fleet_begin", lambda: Control(self.admin).fleet_begin("select 1"), "fleet_query")
        add("rollup_define", lambda: c.rollup_define("one", "select 1", "1 hour"), "rollup_define")
        add("rollup_drop", lambda: c.rollup_drop("one"), "rollup_drop")
        self.glass()
        add("limit_set", lambda: c.limit_set("acme", "statement_timeout", "5s"), "limit_set.done")
        add("limit_reset", lambda: c.limit_reset("acme"), "limit_reset.done")
        self.people()
        self.keys()
        add("access_purge", lambda: self.purged(), "access_purge.done")
        add("gate_grant", lambda: c.gate_grant("passer"), "gate_grant.done")
        add("gate_revoke", lambda: c.gate_revoke("passer"), "gate_revoke.done")
        add(
            "migration_apply",
            lambda: c.migration_apply("acme", "0001.a", "create table b (id int primary key)"),
            "migration.applied",
        )
        add(
            "migration_rollback",
            lambda: c.migration_rollback("acme", "0001.a", "drop table b"),
            "migration.rolled_back",
        )
        add(
            "migration_backfill",
            lambda: c.migration_backfill("acme", "0002.b", "update a set id = 1 where id = 2"),
            "migration.applied",
        )
        add(
            "migration_begin",
            lambda: self.begin("migration_begin", home="acme", migration_id="0003.c"),
            "migration.begun",
        )
        add(
            "migration_end",
            lambda: self.begin("migration_end", home="acme", migration_id="0003.c", done=False),
            "migration.given_up",
        )
        add(
            "migration_mark", lambda: c.migration_mark("@other", ["0004.d"]), "migration.applied", "migration_mark.done"
        )
        add("migration_export", lambda: c.migration_export("acme"), "migration_export.done")
        add("migration_import", lambda: c.migration_import("acme"), "migration_import.done")
        add("rollout_create", lambda: self.add_rollout(1), "rollout_create.done")
        add("rollout_start", lambda: self.start_rollout(), "rollout_start.done")
        add("rollout_pause", lambda: c.rollout_pause(self.open(), "lunch"), "rollout.paused")
        add("rollout_resume", lambda: c.rollout_resume(self.open(), "back"), "rollout.running")
        add("rollout_abort", lambda: c.rollout_abort(self.open(), "wrong"), "rollout.aborted")
        add("rollout_rollback", lambda: self.taken_back(), "rollout_create.done", "rollout_start.done", "template_freeze.done",
            "rollout.done", "rollout_rollback.done")  # fmt: skip
        add(
            "rollout_retry",
            lambda: self.failed_and_tried(),
            "rollout_create.done",
            "rollout_start.done",
            "rollout.halted",
            "rollout.running",
        )
        add("mask_set", lambda: c.mask_set("acme", "a", "id", "keep"), "mask_set.done")
        add("mask_reset", lambda: c.mask_reset("acme", "a", "id"), "mask_reset.done")
        add("audit_enable", lambda: c.audit_enable("acme", "a"), "audit_enable.done")
        add("audit_retention_set", lambda: c.audit_retention_set("acme", "1 second"), "audit_retention.done")
        add("audit_open", lambda: c.audit_open("acme", True), "audit_open.done")
        add("audit_purge", self.purged_rows, "audit_purge.done")
        add("audit_partition_set", lambda: c.audit_partition_set("acme", "1 day"), "audit_partition.done")
        add("audit_partition_make", self.later_partitions, "audit_partition_make.done")
        add("audit_disable", lambda: c.audit_disable("acme", "a"), "audit_disable.done")
        add("audit_epoch", lambda: c.audit_epoch("a test"), "audit_epoch")
        add("tenant_retire", lambda: c.tenant_retire("acme", reason="left"), "tenant_retire.done")
        add("tenant_reinstate", lambda: c.tenant_reinstate("acme"), "tenant_reinstate.done")
        add("hold_set", lambda: c.hold_set("acme", "court"), "hold_set.done")
        add("erasure_request", lambda: c.erasure_request("acme", "request 4711"), "erasure_request")
        add("hold_release", lambda: c.hold_release("acme", "settled"), "hold_release.done")
        for name in ("paper", "boxes", "law"):
            add("eraser_register", partial(c.eraser_register, name, "elsewhere"), "eraser_register.done")
        add("tenant_erase_step", lambda: self.erased(), "tenant_retire.done", "tenant_erase.begun", "tenant_erase.done")
        add("eraser_remove", lambda: c.eraser_remove("law"), "eraser_remove.done")
        add("erasure_task_fail", lambda: c.erasure_task_fail(self.erasure(), "boxes", SECRET), "erasure_task.failed")
        add("erasure_task_done", lambda: [c.erasure_task_done(self.erasure(), name) for name in ("boxes", "paper")],
            "erasure_task.done", "erasure_task.done")  # fmt: skip
        add(
            "erasure_task_exclude",
            lambda: c.erasure_task_exclude(self.erasure(), "law", "tax"),
            "erasure_task.excluded",
        )
        add(
            "erasure_certificate",
            lambda: c.erasure_certificate(c.erasure_list("acme")[0]["tenant_id"]),
            "erasure_certificate",
        )
        add("erasure_replay", lambda: c.erasure_replay(c.tenant_get("renamed")["id"], "2999-01-01"),
            "erasure_replay", "tenant_retire.done")  # fmt: skip

    def erasure(self) -> int:
        return int(self.control.erasure_list("acme")[0]["operation_id"])

    def running(self) -> int:
        row = self.admin.execute("select max(id) from freehold.operation where staged and state <> 'done'").fetchone()
        assert row is not None
        return int(row[0])

    def open(self) -> int:
        row = self.admin.execute("select max(id) from freehold.rollout").fetchone()
        assert row is not None
        return int(row[0])

    def add_rollout(self, number: int) -> None:
        from freehold.migrate.files import Directory
        from freehold.migrate.plan import entries, pending

        self.fleet.add_column(number)
        self.control.rollout_create("default", entries(pending(self.control, "default", Directory(self.fleet.path))))

    def start_rollout(self) -> None:
        row = self.control.rollout_get(self.open())
        self.control.rollout_start(row["id"], row["plan_digest"])

    def taken_back(self) -> None:
        rollout = self.fleet.start()
        assert self.fleet.work(rollout)["state"] == "done"
        self.control.rollout_rollback(rollout)

    def failed_and_tried(self) -> None:
        self.fleet.write("0002.bad", "alter table note add column d int; select 1/0;", "select 1;")
        rollout = self.fleet.start(attempts=1)
        assert self.fleet.work(rollout)["state"] == "halted"
        self.control.rollout_retry(rollout)

    def erased(self) -> None:
        self.control.tenant_retire("acme", grace="0 days", reason="left")
        self.steps(self.begin("tenant_erase_step", slug="acme", reason="contract ended"))


@pytest.fixture(scope="module")
def script(fleet: Fleet) -> Script:
    script = Script(fleet)
    script.write()
    return script


@pytest.fixture(scope="module")
def played(script: Script) -> dict[str, list[tuple[list[str], list[str]]]]:
    """What each call should have left, and left."""
    found: dict[str, list[tuple[list[str], list[str]]]] = {}
    for name, run, kinds in script.calls:
        (last,) = script.admin.execute("select coalesce(max(id), 0) from freehold.event").fetchone() or (0,)
        run()
        rows = script.admin.execute("select kind from freehold.event where id > %s order by id", (last,)).fetchall()
        found.setdefault(name, []).append((kinds, [kind for (kind,) in rows]))
    return found


def test_every_function_that_changes_something_has_its_events(played: dict[str, Any], fleet: Fleet) -> None:
    rows = fleet.admin.execute(
        "select proname from pg_proc where pronamespace = 'freehold'::regnamespace and proname !~ '^_' and provolatile = 'v'"
    ).fetchall()
    assert {name for (name,) in rows} == played.keys() | SILENT.keys() | BY_STEPS.keys()
    assert played.keys().isdisjoint(SILENT.keys() | BY_STEPS.keys())
    assert set(BY_STEPS.values()) <= played.keys() | SILENT.keys()


def test_the_events_are_those(played: dict[str, Any]) -> None:
    assert [
        (name, *pair) for name, pairs in played.items() for pair in pairs if [k for k in pair[1] if k != "audit_chain.begun"] != pair[0]
    ] == []  # fmt: skip


def test_a_reason_goes_along(played: dict[str, Any], fleet: Fleet) -> None:
    reasons = {
        (row["kind"], row["reason"]) for row in fleet.control.event_list(max_rows=1000) if row["reason"] is not None
    }
    assert reasons >= {
        ("tenant_suspend.done", "unpaid"),
        ("tenant_retire.done", "left"),
        ("tenant_erase.begun", "contract ended"),
        ("tenant_erase.done", "contract ended"),
        ("api_key.revoked", "leaked"),
        ("rollout.paused", "lunch"),
        ("rollout.running", "back"),
        ("rollout.aborted", "wrong"),
        ("rollout.running", "retry"),
    }


def test_nothing_of_persons(played: dict[str, Any], fleet: Fleet) -> None:
    rows = fleet.admin.execute("select to_jsonb(e)::text from freehold.event as e").fetchall()
    assert len(rows) > 50
    for (text,) in rows:
        assert "mustermann" not in text.lower()
    # What the log of operations says is told, or left out on purpose.
    row = fleet.admin.execute("select prosrc from pg_proc where proname = '_event_operation'").fetchone()
    assert row is not None
    told = set(re.findall(r"\w+", row[0].partition("new.detail - '{")[2].partition("}")[0]))
    assert told
    keys = {key for (key,) in fleet.admin.execute("select distinct jsonb_object_keys(detail) from freehold.operation")}
    assert keys <= told | LEFT_OUT


def test_a_setting_that_is_changed_by_hand_is_told(fleet: Fleet) -> None:
    fleet.admin.execute("update freehold.setting set value = '1 hour' where name = 'clock_offset'")
    try:
        (row,) = fleet.control.event_list(kind="setting_set", max_rows=1)
    finally:
        fleet.admin.execute("update freehold.setting set value = '0' where name = 'clock_offset'")
    assert (row["login"], row["detail"]) == ("postgres", {"name": "clock_offset", "old": "0", "new": "1 hour"})


@pytest.mark.parametrize(
    "statement",
    ["update freehold.event set actor = 'nobody'", "delete from freehold.event", "truncate freehold.event",
     "set session_replication_role = replica; delete from freehold.event"],
)  # fmt: skip
def test_events_are_added_to_only(module_database: Database, fleet: Fleet, statement: str) -> None:
    with module_database.connect(module_database.admin_dsn) as admin:
        with pytest.raises(psycopg.Error) as caught:
            admin.execute(statement.encode())
        assert caught.value.sqlstate == "FH303"
        admin.execute("set session_replication_role = origin; set role freehold_owner")
        with pytest.raises(psycopg.Error) as caught:
            admin.execute(statement.split("; ")[-1].encode())
        assert caught.value.sqlstate == "FH303"


def test_who_may_read(module_database: Database, fleet: Fleet) -> None:
    for role in ("auditor", "worker", "admin", "tenant", "resolver", "gate_01"):
        with module_database.connect(module_database.admin_dsn) as connection:
            connection.execute(f"set role freehold_{role}".encode())
            if role in ("auditor", "worker", "admin"):
                assert len(Control(connection).event_list(max_rows=1)) == 1
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    Control(connection).event_list(max_rows=1)
            for statement in ("select * from freehold.event", "insert into freehold.event default values"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())


def test_pages_and_filters(fleet: Fleet) -> None:
    control = fleet.control
    everything = control.event_list(max_rows=10_000)
    pages, before = [], None
    while page := control.event_list(before_id=before, max_rows=7):
        pages += page
        before = page[-1]["id"]
    assert pages == everything
    assert [row["id"] for row in everything] == sorted((row["id"] for row in everything), reverse=True)
    assert control.event_list(slug="t01", max_rows=10_000) == [row for row in everything if row["slug"] == "t01"] != []
    kind = control.event_list(kind="tenant_p", max_rows=10_000)
    assert kind == [row for row in everything if row["kind"].startswith("tenant_p")] != []
    middle = everything[len(everything) // 2]["at"]
    assert control.event_list(since=middle, max_rows=10_000) == [row for row in everything if row["at"] >= middle]


def test_the_command_lists_them(module_database: Database, fleet: Fleet) -> None:
    arguments = ["--dsn", module_database.owner_dsn, "event", "list", "--kind", "template_create", "--slug", "default"]
    done = CliRunner().invoke(main, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)
    assert (row["kind"], row["slug"], row["actor"]) == ("template_create.done", "default", "test_owner")
    done = CliRunner().invoke(main, [*arguments, "--since", "2001-01-01"])
    assert "template_create.done" in done.stdout


def test_an_event_says_by_which_way_it_came(module_database: Database, fleet: Fleet) -> None:
    with module_database.connect(application_name="console") as connection, connection.transaction():
        connection.execute(
            "select set_config('freehold.actor', 'alice', true), set_config('freehold.request_id', 'r-17', true)"
        )
        Control(connection).tenant_suspend("t01", "late")
    (row,) = fleet.control.event_list(slug="t01", max_rows=1)
    assert (row["actor"], row["login"], row["application_name"], row["request_id"]) == (
        "alice",
        "test_owner",
        "console",
        "r-17",
    )
    assert str(row["client_address"]) == "127.0.0.1"


def test_a_call_that_fails_leaves_none(fleet: Fleet) -> None:
    before = fleet.control.event_list(max_rows=1)
    with pytest.raises(psycopg.Error):
        fleet.control.tenant_provision("t02")
    assert fleet.control.event_list(max_rows=1) == before


def test_installing_is_told(module_database: Database, fleet: Fleet) -> None:
    bundle.run(module_database.connect(), bundle.install_bundle())
    rows = fleet.control.event_list(kind="install", max_rows=10)
    assert [row["detail"] for row in rows] == [{"version": "0.1.0", "before": "0.1.0"}, {"version": "0.1.0"}]


def test_nothing_else_makes_one(tmp_path: Path, fleet: Fleet) -> None:
    before = fleet.control.event_list(max_rows=1)
    fleet.control.tenant_list()
    fleet.control.doctor()
    fleet.control.fleet_drift()
    assert fleet.control.event_list(max_rows=1) == before
