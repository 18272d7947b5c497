"""Operations that commit by batch: when they are called for, what is seen of them on the way, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
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


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    tables = (
        f"create table t{n} (id int primary key, body text); create index on t{n} (body);"
        f"insert into t{n} values (1, 'seed');"
        + (f"alter table t{n} add foreign key (id) references t{n - 1};" if n % 10 else "")
        for n in range(TABLES)
    )
    control.template_apply("default", "".join(tables))
    control.template_freeze("default")
    control.tenant_provision("plain")
    return control


def to_the_end(control: Control, row: dict[str, Any]) -> int:
    """Steps on; returns how many batches it took."""
    batches = 0
    while row["state"] == "running":
        row, batches = control.operation_step(row["id"]), batches + 1
    assert row["state"] == "done"
    return batches


def test_what_one_transaction_cannot_hold_is_refused_before_anything_is_made(
    ready: Control, database: Database
) -> None:
    ready.tenant_suspend("plain")
    before = database.connect(database.admin_dsn).execute("select count(*) from pg_authid").fetchone()
    crowd(database, room=350)
    with pytest.raises(errors.LockTableFull) as caught:
        ready.tenant_provision("acme")
    assert "max_locks_per_transaction" in str(caught.value.diag.message_hint)
    assert "tenant_provision_staged" in str(caught.value.diag.message_hint)
    with pytest.raises(errors.LockTableFull) as caught:
        ready.tenant_clone("plain", "acme")
    assert "tenant_clone_staged" in str(caught.value.diag.message_hint)
    assert database.connect(database.admin_dsn).execute("select count(*) from pg_authid").fetchone() == before
    assert [t["slug"] for t in ready.tenant_list()] == ["plain"]


def test_a_staged_provision_is_the_same_tenant(ready: Control, database: Database) -> None:
    crowd(database, room=350)
    begun = ready.tenant_provision_step("acme")
    assert (begun["state"], begun["staged"], begun["detail"]["done"]) == ("running", True, 0)
    assert begun["detail"]["total"] > TABLES
    first = ready.operation_step(begun["id"])
    assert 0 < first["detail"]["done"] < first["detail"]["total"]
    assert ready.tenant_get("acme")["state"] == "provisioning"
    admin = database.connect(database.admin_dsn)
    member = "select pg_has_role('freehold_gate_01', 'tenant_acme_rw', 'member')"
    assert admin.execute(member).fetchone() == (False,), "nobody gets in before it is done"
    assert to_the_end(ready, first) > 1
    assert ready.tenant_get("acme")["state"] == "active"
    assert admin.execute(member).fetchone() == (True,)
    assert ready.schema_fingerprint("tenant_acme") == ready.schema_fingerprint("tenant_plain")
    assert ready.tenant_drift("acme") == []
    assert admin.execute("select body from tenant_acme.t7").fetchall() == [("seed",)]
    assert admin.execute("select count(*) from freehold.operation_script").fetchone() == (0,)


def test_procedures_do_it_in_one_call(ready: Control, database: Database) -> None:
    crowd(database, room=350)
    owner = database.connect()
    owner.execute("call freehold.tenant_provision_staged('acme')")
    ready.tenant_suspend("acme")
    database.connect(database.admin_dsn).execute("insert into tenant_acme.t10 values (500, 'row')")
    owner.execute("call freehold.tenant_clone_staged('acme', 'copy')")
    assert ready.tenant_get("copy")["state"] == "active"
    admin = database.connect(database.admin_dsn)
    assert admin.execute("select count(*) from tenant_copy.t10").fetchone() == (2,)
    assert ready.schema_diff("tenant_acme", "tenant_copy") == []
    ready.tenant_retire("copy", grace="0 days")
    owner.execute("call freehold.tenant_erase('copy', 'test')")
    assert [o["detail"]["residue"] for o in ready.operation_list(slug="copy") if o["kind"] == "erase"] == [[]]


@pytest.mark.parametrize(
    "statement", ["tenant_provision_staged('x')", "operation_resume(1)", "tenant_clone_staged('plain', 'x', false)"]
)
def test_a_procedure_inside_a_transaction_says_so(ready: Control, database: Database, statement: str) -> None:
    owner = database.connect()
    owner.execute("begin")
    with pytest.raises(errors.TransactionOpen) as caught:
        owner.execute(f"call freehold.{statement}".encode())
    assert "_step(" in str(caught.value.diag.message_hint)
    owner.execute("rollback")
    assert [t["slug"] for t in ready.tenant_list()] == ["plain"]


def test_rows_are_cloned_in_stages_from_a_suspended_source_only(ready: Control, database: Database) -> None:
    with pytest.raises(errors.WrongState, match="active"):
        ready.tenant_clone_step("plain", "copy")
    ready.tenant_suspend("plain")
    crowd(database, room=350)
    begun = ready.tenant_clone_step("plain", "copy")
    ready.tenant_resume("plain")
    ready.tenant_suspend("plain")
    # Suspended again, but there may have been writers in between.
    with pytest.raises(errors.WrongState, match="was changed") as caught:
        to_the_end(ready, begun)
    assert f"operation_undo({begun['id']})" in str(caught.value.diag.message_hint)
    assert ready.tenant_get("copy")["state"] == "provisioning"
    database.connect().execute("call freehold.operation_undo(%s)", (begun["id"],))
    to_the_end(ready, ready.tenant_clone_step("plain", "copy"))
    assert ready.schema_diff("tenant_plain", "tenant_copy") == []


def test_more_functions_than_locks_are_erased(ready: Control, database: Database) -> None:
    ready.template_apply(
        "default",
        "create type text as enum ('odd');"
        + "".join(
            f"create function f{n}(text, pg_catalog.text) returns int language sql return {n};" for n in range(300)
        ),
    )
    ready.template_freeze("default")
    ready.tenant_provision("acme")
    ready.tenant_retire("acme", grace="0 days")
    crowd(database, room=350)
    assert to_the_end(ready, ready.tenant_erase_step("acme", "over")) > 3
    assert ready.operation_list(slug="acme")[0]["detail"]["residue"] == []


def test_undo_frees_the_slug(ready: Control, database: Database) -> None:
    crowd(database, room=350)
    begun = ready.operation_step(ready.tenant_provision_step("acme", display_name="Acme")["id"])
    with pytest.raises(errors.TenantExists):
        ready.tenant_provision("acme")
    database.connect().execute("call freehold.operation_undo(%s)", (begun["id"],))
    assert ready.operation_get(begun["id"])["state"] == "undone"
    admin = database.connect(database.admin_dsn)
    assert admin.execute("select count(*) from pg_roles where rolname like 'tenant\\_acme%'").fetchone() == (0,)
    with pytest.raises(errors.WrongState):
        ready.operation_step(begun["id"])
    to_the_end(ready, ready.tenant_provision_step("acme"))


def test_what_is_done_or_was_never_staged_is_not_undone_or_resumed(ready: Control) -> None:
    plain = ready.operation_list(slug="plain")[0]["id"]
    for call in (ready.operation_step, ready.operation_undo_step):
        with pytest.raises(errors.WrongState):
            call(plain)
        with pytest.raises(errors.OperationNotFound):
            call(-1)
    begun = ready.tenant_provision_step("acme")
    to_the_end(ready, begun)
    with pytest.raises(errors.WrongState):
        ready.operation_undo_step(begun["id"])
    assert ready.operation_step(begun["id"])["state"] == "done", "stepping once more does nothing"


def test_an_operation_that_is_not_there_is_said_not_to_be(ready: Control, database: Database) -> None:
    with pytest.raises(errors.OperationNotFound) as caught:
        database.connect().execute("call freehold.operation_resume(-1)")
    assert caught.value.diag.message_detail is None


def test_an_erasure_that_fails_can_only_go_on(ready: Control, database: Database) -> None:
    ready.tenant_retire("plain", grace="0 days")
    crowd(database, room=350)
    begun = ready.tenant_erase_step("plain", "test")
    admin, owner = database.connect(database.admin_dsn), database.connect()
    admin.execute(
        "create function public.no() returns event_trigger language plpgsql as $$ begin raise 'no more'; end $$"
    )
    admin.execute("create event trigger no on sql_drop execute function public.no()")
    with pytest.raises(psycopg.errors.RaiseException, match="no more") as caught:
        owner.execute("call freehold.operation_resume(%s)", (begun["id"],))
    assert caught.value.diag.message_hint == f"call freehold.operation_resume({begun['id']}); goes on."
    with pytest.raises(errors.WrongState) as refused:
        owner.execute("call freehold.operation_undo(%s)", (begun["id"],))
    assert f"operation_resume({begun['id']})" in str(refused.value.diag.message_hint)
    admin.execute("drop event trigger no")
    owner.execute("call freehold.operation_resume(%s)", (begun["id"],))
    assert ready.operation_get(begun["id"])["state"] == "done"


def test_a_failure_is_on_the_row_until_it_goes_on(ready: Control, database: Database) -> None:
    begun = ready.tenant_provision_step("acme")
    admin = database.connect(database.admin_dsn)
    admin.execute(
        "create function public.no() returns event_trigger language plpgsql as $$ begin raise 'no more'; end $$"
    )
    admin.execute(
        "create event trigger no on ddl_command_end when tag in ('CREATE TABLE') execute function public.no()"
    )
    owner = database.connect()
    with pytest.raises(psycopg.errors.RaiseException, match="no more") as caught:
        owner.execute("call freehold.operation_resume(%s)", (begun["id"],))
    assert f"operation_undo({begun['id']})" in str(caught.value.diag.message_hint)
    assert caught.value.diag.message_detail == "The steps before it are done, and kept."
    row = ready.operation_get(begun["id"])
    assert (row["state"], row["error_code"], row["error_message"]) == ("failed", "P0001", "no more")
    admin.execute("drop event trigger no")
    owner.execute("call freehold.operation_resume(%s)", (begun["id"],))
    row = ready.operation_get(begun["id"])
    assert (row["state"], row["error_code"]) == ("done", None)


def freehold(database: Database, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *arguments])


def test_the_command_line_picks_the_form_by_itself(ready: Control, database: Database) -> None:
    crowd(database, room=350)
    made = freehold(database, "tenant", "provision", "acme", "--display-name", "Acme Ltd", "--json")
    assert made.exit_code == 0, made.stderr
    assert json.loads(made.stdout)["state"] == "active"
    assert json.loads(made.stdout)["display_name"] == "Acme Ltd"
    refused = freehold(database, "tenant", "clone", "acme", "copy")
    assert (refused.exit_code, "freehold tenant suspend acme" in refused.stderr) == (4, True), refused.stderr
    assert freehold(database, "tenant", "suspend", "acme").exit_code == 0
    assert freehold(database, "tenant", "clone", "acme", "copy").exit_code == 0
    assert freehold(database, "tenant", "retire", "copy", "--grace", "0 days").exit_code == 0
    erased = freehold(database, "tenant", "erase", "copy", "--reason", "test", "--yes")
    assert (erased.exit_code, erased.stdout.splitlines()[0]) == (0, "tenant copy is erased; left over: nothing")


def test_the_command_line_goes_on_and_takes_back(ready: Control, database: Database) -> None:
    number = str(ready.tenant_provision_step("acme")["id"])
    assert freehold(database, "operation", "resume", number).stdout == "provision acme is done\n"
    number = str(ready.tenant_provision_step("beta")["id"])
    assert freehold(database, "operation", "undo", number).exit_code == 2, "it asks first"
    undone = freehold(database, "operation", "undo", number, "--yes")
    assert (undone.exit_code, undone.stdout) == (0, f"operation {number} is undone; beta is free again\n"), (
        undone.stderr
    )
    assert [t["slug"] for t in ready.tenant_list()] == ["acme", "plain"]


GUARDED = """
    create table guarded (id int primary key, body text);
    insert into guarded values (1, 'row');
    alter table guarded enable row level security;
    alter table guarded force row level security;
    create policy all_of_it on guarded using (true);
    create materialized view total as select count(*) as n from guarded;
"""


@pytest.mark.parametrize("staged", [False, True], ids=["function", "staged"])
@pytest.mark.parametrize("with_data", [False, True], ids=["empty", "rows"])
def test_a_view_over_guarded_rows_is_refreshed_in_the_copy(
    control: Control, database: Database, staged: bool, with_data: bool
) -> None:
    control.template_create("guard")
    control.template_apply("guard", GUARDED)
    control.template_freeze("guard")
    control.tenant_provision("acme", "guard")
    if staged:
        control.tenant_suspend("acme")
        to_the_end(control, control.tenant_clone_step("acme", "beta", with_data=with_data))
    else:
        control.tenant_clone("acme", "beta", with_data=with_data)
    rows = database.connect(database.admin_dsn).execute("select count(*) from tenant_beta.guarded").fetchone()
    assert rows == (1 if with_data else 0,)


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda control: control.tenant_provision("acme"), "call freehold.tenant_provision_staged() does it"),
        (lambda control: control.tenant_clone("plain", "acme"), "call freehold.tenant_clone_staged() does it"),
        (lambda control: control.template_copy("default", "acme"), "Raise max_locks_per_transaction"),
    ],
    ids=["provision", "clone", "copy"],
)
def test_an_estimate_that_fell_short_names_the_staged_form(
    ready: Control, database: Database, make: Callable[[Control], Any], hint: str
) -> None:
    full = fill(database, spare=250)
    with pytest.raises(errors.LockTableFull, match="takes more locks than one transaction can have") as caught:
        make(ready)
    assert str(caught.value.diag.message_hint).startswith(hint)
    full.execute("rollback")
    assert [t["slug"] for t in ready.tenant_list()] == ["plain"]
    assert [t["name"] for t in ready.template_list()] == ["default"]
