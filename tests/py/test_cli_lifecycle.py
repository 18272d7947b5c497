"""Ends of a tenant's life: what is asked for first, and what a retirement can be taken back to."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.cli import main
from freehold.control import Control
from support.database import Database

INSIDE = {
    "begin": "begin; call freehold.tenant_erase({}, 'over')",
    "one text": "select 1; call freehold.tenant_erase({}, 'over')",
    "handler": "do $$ begin begin call freehold.tenant_erase({}, 'over'); exception when unique_violation then null; end; end $$",
}


@pytest.fixture
def tenant(control: Control) -> Control:
    control.template_create("default")
    control.template_freeze("default")
    control.tenant_provision("acme")
    return control


@pytest.mark.parametrize("statement", INSIDE.values(), ids=INSIDE)
def test_an_erasure_inside_a_transaction_says_what_to_do(tenant: Control, database: Database, statement: str) -> None:
    tenant.tenant_retire("acme", grace="0")
    before = tenant.tenant_get("acme"), tenant.operation_list()
    with database.connect() as caller, pytest.raises(errors.TransactionOpen) as caught:
        caller.execute(statement.format("'acme'").encode())
    assert "tenant_erase_step('acme', 'over')" in str(caught.value.diag.message_hint)
    assert (tenant.tenant_get("acme"), tenant.operation_list()) == before


def test_what_stands_in_the_way_is_said_first(tenant: Control, database: Database) -> None:
    for slug, error in (("acme", errors.WrongState), ("nobody", errors.TenantNotFound)):
        with database.connect() as caller, pytest.raises(error):
            caller.execute(INSIDE["begin"].format(f"'{slug}'").encode())


def test_a_driver_outside_a_transaction_erases(tenant: Control, database: Database) -> None:
    tenant.tenant_retire("acme", grace="0")
    with psycopg.connect(database.owner_dsn) as connection:
        with pytest.raises(errors.TransactionOpen):
            Control(connection).tenant_erase("acme", "over")
        connection.rollback()
        connection.autocommit = True
        Control(connection).tenant_erase("acme", "over")
    (operation,) = tenant.operation_list(slug="acme", max_rows=1)
    # Without objects there is an inventory all the same.
    detail = operation["detail"]
    assert {name: detail[name] for name in ("reason", "residue", "inventory")} == {
        "reason": "over", "residue": [], "inventory": {}
    }  # fmt: skip
    assert (detail["seen"]["tables"], detail["seen"]["rows"]) == (0, 0)


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_an_erasure_needs_a_reason(tenant: Control, reason: Any) -> None:
    tenant.tenant_retire("acme", grace="0")
    with pytest.raises(errors.InvalidArgument):
        tenant.tenant_erase("acme", reason)
    with pytest.raises(errors.InvalidArgument):
        tenant.tenant_erase_step("acme", reason)
    assert tenant.tenant_get("acme")["state"] == "retired"


@pytest.mark.parametrize("reason", [None, "invoice unpaid"])
def test_a_suspended_tenant_comes_back_suspended(tenant: Control, reason: str | None) -> None:
    tenant.connection.execute("select freehold.gate_grant(current_user)")
    tenant.tenant_suspend("acme", reason)
    assert tenant.tenant_retire("acme", reason="contract ended")["state_reason"] == "contract ended"
    # Retired, it is not suspended again by the way.
    with pytest.raises(errors.WrongState):
        tenant.tenant_suspend("acme")
    row = tenant.tenant_reinstate("acme")
    assert (row["state"], row["state_reason"], row["suspension"]) == ("suspended", reason, None)
    assert (row["retired_at"], row["erase_after"]) == (None, None)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        tenant.connection.execute("set role tenant_acme_rw")
    assert tenant.tenant_resume("acme")["state"] == "active"
    tenant.connection.execute("set role tenant_acme_rw")


def test_an_active_tenant_comes_back_active(tenant: Control) -> None:
    tenant.tenant_suspend("acme")
    tenant.tenant_resume("acme")
    tenant.tenant_retire("acme")
    assert tenant.tenant_reinstate("acme")["state"] == "active"


def test_an_erased_tenant_keeps_no_word_of_its_suspension(tenant: Control) -> None:
    tenant.tenant_suspend("acme", "Mrs Doe did not pay")
    tenant.tenant_retire("acme", grace="0")
    tenant.tenant_erase("acme", "over")
    (row,) = tenant.tenant_list(state="erased")
    assert row["suspension"] is None


def test_a_suspended_tenant_is_retired_without_a_warning(tenant: Control) -> None:
    said: list[str] = []
    tenant.connection.add_notice_handler(lambda diag: said.append(str(diag.message_primary)))
    tenant.tenant_suspend("acme")
    tenant.tenant_retire("acme")
    assert said == []


@pytest.mark.parametrize("schema", ["null", "99999"])
def test_no_schema_is_adopted(control: Control, schema: str) -> None:
    with pytest.raises(errors.SchemaNotFound):
        control.connection.execute(f"select freehold.template_adopt('old', {schema})".encode())


def test_a_wrong_state_says_where_it_can_go(tenant: Control) -> None:
    with pytest.raises(errors.WrongState) as caught:
        tenant.tenant_erase_step("acme", "over")
    assert caught.value.diag.message_detail == "From there it can become suspended or retired, not erasing."


def test_what_somebody_wrote_does_not_steer_the_terminal(tenant: Control, database: Database) -> None:
    tenant.tenant_suspend("acme", "over\x1b[2J\u202egnp")
    shown = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "tenant", "show", "acme"])
    assert "over\\x1b[2J\\u202egnp" in shown.stdout
    refused = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "psql", "acme"])
    assert refused.exit_code != 0
    assert "\x1b[2J" not in refused.output
