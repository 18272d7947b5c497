"""How much an operation has PostgreSQL plan: it forgets all plans whenever a schema is made, renamed or dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from freehold.control import Control
from support.database import Database


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key)")
    control.template_freeze("default")
    return control


def planned(session: psycopg.Connection[Any], call: Callable[[], object]) -> list[str]:
    """Where each plan that a call makes comes from, outermost last."""
    contexts: list[str] = []

    def note(notice: psycopg.errors.Diagnostic) -> None:
        # PostgreSQL before 18 plans a function's statements for each statement that calls it.
        if str(notice.message_primary).startswith("plan") and not str(notice.context).startswith("SQL function"):
            contexts.append(str(notice.context))

    session.add_notice_handler(note)
    session.execute("set debug_print_plan = on; set client_min_messages = log")
    call()
    session.execute("reset client_min_messages; reset debug_print_plan")
    return contexts


def test_a_built_provision_and_an_erasure_plan_little(ready: Control, database: Database) -> None:
    session = database.connect()
    control = Control(session)
    for number in range(3):
        control.tenant_provision(f"warm-{number}")
        control.tenant_retire(f"warm-{number}", grace=timedelta(0))
        control.tenant_erase(f"warm-{number}", "over")
    plans = planned(session, lambda: control.tenant_provision("counted"))
    assert 0 < len([plan for plan in plans if "function _freehold_" not in plan]) <= 85
    control.tenant_retire("counted", grace=timedelta(0))
    plans = planned(session, lambda: control.tenant_erase("counted", "over"))
    assert 0 < len(plans) <= 186
    # No row was in its tables: nothing ran as their owner.
    assert [plan for plan in plans if "_owner_run" in plan] == []


@pytest.mark.parametrize(
    ("script", "group"),
    [
        ("", None),
        ("comment on index note_pkey is 'x'", "comment"),
        ("comment on column note.body is 'x'", "comment"),
        ("comment on schema planned is 'x'", "comment"),
        ("create policy p on note using (true)", "flagged"),
        ("alter table note enable row level security", "flagged"),
        ("alter table note replica identity full", "flagged"),
        ("cluster note using note_pkey", "flagged"),
        ("create view planned.v as select * from note; alter view v alter body set default 'x'", "flagged"),
        ("create domain d as int", "typed"),
        ("create type c as (a int)", "typed"),
        ("create cast (state as text) with inout", "typed"),
        # What has no entry of its own under the schema: the row type of a table, an array.
        ("create cast (note as json) with function pg_catalog.row_to_json(record)", "typed"),
        ("create cast (state[] as text) with inout as assignment", "typed"),
        ("create cast (note as text) with inout; comment on cast (note as text) is 'x'", "comment typed"),
        ("create publication planned_publication", "publication"),
    ],
)
def test_the_deparser_plans_what_a_schema_has(database: Database, script: str, group: str | None) -> None:
    """A group that is left out wrongly shows in the oracle's suite; one that is planned in vain shows here."""
    with database.server.connect(database.name) as admin:
        admin.execute(
            "create schema planned; set search_path = planned; create type state as enum ('on', 'off');"
            f"create table note (id int primary key, body text, at state); {script}".encode()
        )
        row = admin.execute("select freehold._ddl_group('planned'::regnamespace)").fetchone()
        assert row is not None
        query = ["query"] if "view" in script else []
        assert sorted(row[0]) == sorted(["plain", "relational", *query, *(group or "").split()])
