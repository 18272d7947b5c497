"""Templates of more objects than one transaction has locks for: adopted and dropped by batch."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold import errors
from freehold.cli import main
from freehold.control import Control
from support.database import Database
from support.locks import crowd, fill

TABLES = 60
LEGACY = (
    "create schema legacy; grant usage on schema legacy to freehold_owner;"
    "create function legacy.shout(text) returns text language sql immutable as 'select upper($1)';"
    "create table legacy.guarded (id int primary key, body text);"
    "alter table legacy.guarded enable row level security; alter table legacy.guarded force row level security;"
    "create policy all_of_it on legacy.guarded using (true);"
    "create materialized view legacy.total as select count(*) as n from legacy.guarded;"
) + "".join(
    f"create table legacy.t{n} (id int primary key, body text); create index on legacy.t{n} (body);"
    f"insert into legacy.t{n} values (1, 'row');"
    + (f"alter table legacy.t{n} add foreign key (id) references legacy.t{n - 1};" if n % 10 else "")
    for n in range(TABLES)
)


@pytest.fixture
def legacy(control: Control) -> Control:
    control.connection.execute(LEGACY.encode())
    return control


def to_the_end(control: Control, row: dict[str, Any]) -> int:
    """Steps on; returns how many batches it took."""
    batches = 0
    while row["state"] == "running":
        row, batches = control.operation_step(row["id"]), batches + 1
    assert row["state"] == "done"
    return batches


def states(control: Control) -> dict[str, str]:
    return {t["name"]: t["state"] for t in control.template_list()}


def gone(control: Control, name: str) -> bool:
    """Whether nothing of a template is left."""
    row = control.connection.execute(
        "select to_regnamespace('template_' || %(n)s) is null"
        "    and not exists (select from pg_roles where starts_with(rolname, 'freehold_template_' || %(n)s))",
        {"n": name},
    ).fetchone()
    return row == (True,)


def test_what_one_transaction_cannot_hold_is_refused_before_anything_is_made(
    legacy: Control, database: Database
) -> None:
    legacy.template_adopt("whole", "legacy")
    before = legacy.schema_fingerprint("template_whole")
    crowd(database, room=350)
    with pytest.raises(errors.LockTableFull) as caught:
        legacy.template_adopt("parts", "legacy")
    assert "call freehold.template_adopt_staged('parts', 'legacy')" in str(caught.value.diag.message_hint)
    assert gone(legacy, "parts")
    with pytest.raises(errors.LockTableFull) as caught:
        legacy.template_drop("whole")
    assert "call freehold.template_drop_staged('whole')" in str(caught.value.diag.message_hint)
    assert "max_locks_per_transaction" in str(caught.value.diag.message_hint)
    assert states(legacy) == {"whole": "ready"}
    assert legacy.schema_fingerprint("template_whole") == before


@pytest.mark.parametrize("spare", [40, 150], ids=["while its DDL is read", "while it is made"])
def test_an_estimate_that_fell_short_names_the_staged_form(legacy: Control, database: Database, spare: int) -> None:
    legacy.template_adopt("whole", "legacy")
    full = fill(database, spare=spare)
    for drop, name in ((False, "call freehold.template_adopt_staged('parts', 'legacy')"),
                       (True, "call freehold.template_drop_staged('whole')")):  # fmt: skip
        with pytest.raises(errors.LockTableFull, match="takes more locks than one transaction can have") as caught:
            legacy.template_drop("whole") if drop else legacy.template_adopt("parts", "legacy")
        assert str(caught.value.diag.message_hint).startswith(f"{name} does it in several transactions; or raise max_")
    full.execute("rollback")
    assert states(legacy) == {"whole": "ready"}
    assert gone(legacy, "parts")


def test_what_fits_is_not_refused(legacy: Control, database: Database) -> None:
    crowd(database, room=1500)
    legacy.template_adopt("whole", "legacy")
    legacy.template_drop("whole")
    assert gone(legacy, "whole")


def test_a_staged_adoption_is_the_same_template(legacy: Control, database: Database) -> None:
    legacy.template_adopt("whole", "legacy")
    crowd(database, room=350)
    begun = legacy.template_adopt_step("parts", "legacy")
    assert (begun["kind"], begun["state"], begun["staged"], begun["detail"]["done"]) == (
        "template_adopt", "running", True, 0,
    )  # fmt: skip
    first = legacy.template_adopt_step("parts")
    assert 0 < first["detail"]["done"] < first["detail"]["total"]
    assert states(legacy) == {"parts": "adopting", "whole": "ready"}
    assert to_the_end(legacy, first) > 1
    assert states(legacy) == {"parts": "ready", "whole": "ready"}
    assert legacy.schema_diff("template_whole", "template_parts") == []
    admin = database.connect(database.admin_dsn)
    assert admin.execute("select count(*) from template_parts.t7").fetchone() == (0,), "no rows come along"
    assert admin.execute("select count(*) from freehold.operation_script").fetchone() == (0,)
    assert legacy.template_freeze("parts")["fingerprint"] == legacy.template_freeze("whole")["fingerprint"]
    legacy.tenant_provision_step("acme", "parts")


def test_an_unfinished_template_is_good_for_nothing(legacy: Control, database: Database) -> None:
    begun = legacy.template_adopt_step("half", "legacy")
    for call in (
        lambda: legacy.tenant_provision("acme", "half"),
        lambda: legacy.tenant_provision_step("acme", "half"),
        lambda: legacy.reserve_fill_step("half", 1),
        lambda: legacy.template_apply("half", "create table extra ()"),
        lambda: legacy.template_freeze("half"),
        lambda: legacy.template_drop("half"),
        lambda: legacy.template_drop_step("half"),
        lambda: legacy.template_create("half"),
    ):
        with pytest.raises(errors.WrongState, match="is being adopted") as caught:
            call()
        assert f"operation_undo({begun['id']})" in str(caught.value.diag.message_hint)
    to_the_end(legacy, begun)
    legacy.template_freeze("half")
    crowd(database, room=350)
    dropped = legacy.template_drop_step("half")
    assert (dropped["state"], states(legacy)) == ("running", {"half": "dropping"})
    for call in (lambda: legacy.tenant_provision("acme", "half"), lambda: legacy.template_drop("half")):
        with pytest.raises(errors.WrongState, match="is being dropped") as caught:
            call()
        assert f"operation_resume({dropped['id']})" in str(caught.value.diag.message_hint)


def test_procedures_do_it_in_one_call(legacy: Control, database: Database) -> None:
    crowd(database, room=350)
    owner = database.connect()
    owner.execute("call freehold.template_adopt_staged('crm', 'legacy')")
    assert states(legacy) == {"crm": "ready"}
    owner.execute("call freehold.template_drop_staged('crm')")
    assert states(legacy) == {}
    assert gone(legacy, "crm")
    assert [(o["kind"], o["state"]) for o in legacy.operation_list(slug="crm")] == [
        ("template_drop", "done"), ("template_adopt", "done"),
    ]  # fmt: skip


@pytest.mark.parametrize("statement", ["template_adopt_staged('x', 'legacy')", "template_drop_staged('crm')"])
def test_a_procedure_inside_a_transaction_says_so(legacy: Control, database: Database, statement: str) -> None:
    legacy.template_create("crm")
    owner = database.connect()
    owner.execute("begin")
    with pytest.raises(errors.TransactionOpen) as caught:
        owner.execute(f"call freehold.{statement}".encode())
    assert "_step(" in str(caught.value.diag.message_hint)
    owner.execute("rollback")
    assert states(legacy) == {"crm": "ready"}


@pytest.mark.parametrize(
    "change",
    ["alter table legacy.t3 add column late int", "drop schema legacy cascade", "alter schema legacy rename to x"],
)
def test_a_source_that_changed_is_found_out(legacy: Control, database: Database, change: str) -> None:
    crowd(database, room=450)
    begun = legacy.operation_step(legacy.template_adopt_step("crm", "legacy")["id"])
    assert begun["state"] == "running"
    with database.connect(database.admin_dsn) as admin:
        admin.execute("set client_min_messages = warning")
        for n in range(0, TABLES, 10) if change.startswith("drop") else ():
            admin.execute(", ".join(f"legacy.t{n + i}" for i in range(10)).join(("drop table ", " cascade")).encode())
        admin.execute(change.encode())
    owner = database.connect()
    with pytest.raises(errors.WrongState, match="was changed while it is being adopted") as caught:
        owner.execute("call freehold.operation_resume(%s)", (begun["id"],))
    assert f"operation_undo({begun['id']})" in str(caught.value.diag.message_hint)
    assert legacy.operation_get(begun["id"])["state"] == "failed"
    assert states(legacy) == {"crm": "adopting"}
    owner.execute("call freehold.operation_undo(%s)", (begun["id"],))
    assert gone(legacy, "crm")


def test_undo_frees_the_name(legacy: Control, database: Database) -> None:
    crowd(database, room=350)
    begun = legacy.operation_step(legacy.template_adopt_step("crm", "legacy")["id"])
    undoing = legacy.operation_undo_step(begun["id"])
    assert (undoing["kind"], undoing["state"]) == ("template_drop", "running")
    assert states(legacy) == {"crm": "dropping"}
    with pytest.raises(errors.WrongState, match="was undone"):
        legacy.operation_step(begun["id"])
    # Once more goes on with it.
    assert legacy.operation_undo_step(begun["id"])["id"] == undoing["id"]
    with pytest.raises(errors.WrongState, match="cannot be undone"):
        legacy.operation_undo_step(undoing["id"])
    to_the_end(legacy, legacy.operation_get(undoing["id"]))
    assert legacy.operation_get(begun["id"])["state"] == "undone"
    assert gone(legacy, "crm")
    # The name is somebody else's by now.
    legacy.template_create("crm")
    with pytest.raises(errors.WrongState, match="cannot be undone"):
        legacy.operation_undo_step(begun["id"])
    assert states(legacy) == {"crm": "ready"}


def test_a_template_in_use_is_not_dropped_in_stages_either(legacy: Control, database: Database) -> None:
    legacy.template_adopt("crm", "legacy")
    legacy.template_freeze("crm")
    legacy.reserve_fill_step("crm", 1)
    with pytest.raises(errors.TemplateInUse, match="ready-made"):
        legacy.template_drop_step("crm")
    legacy.tenant_provision("acme", "crm")
    with pytest.raises(errors.TemplateInUse, match="tenants"):
        legacy.template_drop_step("crm")
    admin = database.connect(database.admin_dsn)
    legacy.template_adopt("watched", "legacy")
    admin.execute("create view public.watch as select id from template_watched.t1")
    with pytest.raises(errors.OutsideDependents):
        legacy.template_drop_step("watched")
    assert states(legacy) == {"crm": "ready", "watched": "ready"}
    with pytest.raises(errors.TemplateNotFound):
        legacy.template_drop_step("nothing")


def test_what_comes_to_depend_on_it_meanwhile_stops_it(legacy: Control, database: Database) -> None:
    legacy.template_adopt("crm", "legacy")
    crowd(database, room=350)
    begun = legacy.template_drop_step("crm")
    database.connect(database.admin_dsn).execute("create view public.watch as select id from template_crm.t1")
    with pytest.raises(errors.OutsideDependents):
        to_the_end(legacy, begun)
    legacy.operation_stop(begun["id"], "FH206", "in the way")
    database.connect(database.admin_dsn).execute("drop view public.watch")
    to_the_end(legacy, legacy.template_drop_step("crm"))
    assert gone(legacy, "crm")


def test_bad_arguments(legacy: Control) -> None:
    with pytest.raises(psycopg.errors.InvalidSchemaName):
        legacy.template_adopt_step("crm", "nowhere")
    with pytest.raises(errors.SchemaNotFound):
        legacy.template_adopt_step("crm")
    with pytest.raises(errors.InvalidArgument):
        legacy.template_adopt_step("crm", "pg_catalog")
    with pytest.raises(errors.InvalidArgument):
        legacy.template_adopt_step("No name", "legacy")
    legacy.template_create("crm")
    with pytest.raises(errors.TemplateExists):
        legacy.template_adopt_step("crm", "legacy")


def freehold(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *arguments])


def test_the_command_line_picks_the_form_by_itself(legacy: Control, database: Database) -> None:
    crowd(database, room=350)
    made = freehold(database, "template", "adopt", "crm", "legacy")
    assert (made.exit_code, made.stdout) == (0, "template crm is made from schema legacy: schema template_crm\n"), (
        made.stderr
    )
    listed = freehold(database, "template", "list", "--json")
    assert [(t["name"], t["state"]) for t in json.loads(listed.stdout)] == [("crm", "ready")]
    dropped = freehold(database, "template", "drop", "crm", "--yes")
    assert (dropped.exit_code, dropped.stdout) == (0, "template crm is dropped\n"), dropped.stderr
    assert gone(legacy, "crm")


def test_the_command_line_goes_on_and_takes_back(legacy: Control, database: Database) -> None:
    number = str(legacy.template_adopt_step("crm", "legacy")["id"])
    refused = freehold(database, "template", "freeze", "crm")
    assert (refused.exit_code, f"freehold operation undo {number}" in refused.stderr) == (4, True), refused.stderr
    assert "adopting" in freehold(database, "template", "list").stdout
    assert freehold(database, "operation", "resume", number).stdout == "template_adopt crm is done\n"
    number = str(legacy.template_adopt_step("beta", "legacy")["id"])
    asked = freehold(database, "operation", "undo", number)
    assert (asked.exit_code, "of template beta" in asked.stderr) == (2, True), "it asks first"
    undone = freehold(database, "operation", "undo", number, "--yes")
    assert (undone.exit_code, undone.stdout) == (0, f"operation {number} is undone; beta is free again\n"), (
        undone.stderr
    )
    assert states(legacy) == {"crm": "ready"}
