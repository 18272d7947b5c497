"""Logins of tenants' own, over the wire: password, path, reach, and the end of their sessions."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold import errors
from freehold.cli import main
from freehold.control import Control
from support.database import Database

PASSWORD = "corréct horse"


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table note (body text)")
    control.template_freeze("default")
    control.tenant_provision("acme")
    control.tenant_provision("beta")
    return control


def verifier(control: Control, role: str) -> str:
    made = control.connection.pgconn.encrypt_password(PASSWORD.encode(), role.encode(), b"scram-sha-256")
    return made.decode()


def log_in(database: Database, role: str, password: str = PASSWORD) -> psycopg.Connection[Any]:
    return database.connect(database.server.dsn(database.name, user=role, password=password))


def test_a_tenant_logs_in_and_is_in_its_schema_only(ready: Control, database: Database) -> None:
    ready.login_enable("acme", verifier=verifier(ready, "tenant_acme_rw"), connection_limit=1)
    tenant = log_in(database, "tenant_acme_rw")
    assert tenant.execute("insert into note values ('hello') returning body").fetchone() == ("hello",)
    assert tenant.execute("show search_path").fetchone() == ("tenant_acme, pg_catalog, pg_temp",)
    for statement in ("select * from tenant_beta.note", "set role tenant_beta_rw", "set role tenant_acme_owner"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            tenant.execute(statement.encode())
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        log_in(database, "tenant_acme_rw")


def test_a_reader_logs_in_and_writes_nothing(ready: Control, database: Database) -> None:
    ready.reader_create("acme")
    ready.login_enable("acme", "read", verifier=verifier(ready, "tenant_acme_ro"))
    reader = log_in(database, "tenant_acme_ro")
    assert reader.execute("select * from note").fetchall() == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("insert into note values ('x')")
    ready.reader_drop("acme")
    with pytest.raises(psycopg.OperationalError):
        reader.execute("select 1")


def test_suspending_ends_the_sessions_and_resuming_keeps_the_password(ready: Control, database: Database) -> None:
    ready.login_enable("acme", verifier=verifier(ready, "tenant_acme_rw"))
    tenant = log_in(database, "tenant_acme_rw")
    ready.tenant_suspend("acme")
    with pytest.raises(psycopg.OperationalError):
        tenant.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        log_in(database, "tenant_acme_rw")
    ready.tenant_resume("acme")
    log_in(database, "tenant_acme_rw")


def test_a_rename_keeps_password_and_follows_with_the_path(ready: Control, database: Database) -> None:
    ready.login_enable("acme", verifier=verifier(ready, "tenant_acme_rw"))
    ready.tenant_rename("acme", "acme-two")
    assert log_in(database, "tenant_acme_two_rw").execute("select count(*) from note").fetchone() == (0,)


def test_a_disabled_login_is_out_and_its_password_is_gone(ready: Control, database: Database) -> None:
    ready.login_enable("acme", verifier=verifier(ready, "tenant_acme_rw"))
    tenant = log_in(database, "tenant_acme_rw")
    ready.login_disable("acme")
    with pytest.raises(psycopg.OperationalError):
        tenant.execute("select 1")
    ready.login_enable("acme")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        log_in(database, "tenant_acme_rw")


def test_a_password_is_refused_and_written_down_nowhere(ready: Control) -> None:
    odd = verifier(ready, "tenant_acme_rw")
    # What the server cannot read as a verifier it would take for a password.
    for almost in (odd[:-1] + "A", odd.replace("$4096:", "$0:"), odd.replace("=$", "$"), odd + "\n", odd[:-2] + "=="):
        with pytest.raises(errors.InvalidArgument):
            ready.login_enable("acme", verifier=almost)
    with pytest.raises(errors.InvalidArgument) as caught:
        ready.login_enable("acme", verifier=PASSWORD)
    ready.login_enable("acme", verifier=verifier(ready, "tenant_acme_rw"))
    told = f"{caught.value} {caught.value.diag.message_detail} {caught.value.diag.context} {ready.operation_list()}"
    assert PASSWORD not in told
    assert "SCRAM" not in str(ready.operation_list())


def test_the_command_line_gives_and_takes_logins(ready: Control, database: Database) -> None:
    def freehold(*arguments: str, given: str = "") -> Result:
        return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *arguments], input=given)

    assert "give --password-stdin or --no-password" in freehold("login", "enable", "acme").stderr
    assert freehold("login", "enable", "acme", "--access", "read", "--no-password").exit_code == 3
    assert freehold("reader", "create", "acme").exit_code == 0
    for role, access in (("tenant_acme_rw", "write"), ("tenant_acme_ro", "read")):
        done = freehold("login", "enable", "acme", "--access", access, "--password-stdin", given=f"{PASSWORD}\n")
        assert (done.exit_code, done.stdout) == (0, f"{role} may log in\n"), done.stderr
        assert log_in(database, role).execute("select count(*) from note").fetchone() == (0,)
        assert freehold("login", "disable", "acme", "--access", access).exit_code == 0
        with pytest.raises(psycopg.OperationalError):
            log_in(database, role)
    assert freehold("reader", "drop", "acme").exit_code == 0
    assert freehold("reader", "drop", "acme").exit_code == 3


def test_a_session_inside_has_no_right_any_more(ready: Control, database: Database) -> None:
    ready.connection.execute("select freehold.gate_grant(current_user)")
    inside = database.connect()
    inside.execute("set role tenant_acme_rw")
    inside.execute("insert into tenant_acme.note values ('before')")
    ready.tenant_suspend("acme")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        inside.execute("insert into tenant_acme.note values ('after')")
    assert ready.tenant_drift("acme") == []
    ready.reader_create("acme")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        inside.execute("select * from tenant_acme.note")
    ready.tenant_clone("acme", "copy")
    inside.execute("reset role; set role tenant_copy_rw")
    assert inside.execute("select * from tenant_copy.note").fetchall() == [("before",)]
    ready.tenant_resume("acme")
    inside.execute("reset role; set role tenant_acme_rw")
    assert inside.execute("select * from tenant_acme.note").fetchall() == [("before",)]
    assert ready.fleet_drift()[0]["drifted"] is False


def test_a_cell_that_is_not_there_is_told_from_those_that_are(ready: Control) -> None:
    with pytest.raises(errors.InvalidArgument, match="no cell 9") as caught:
        ready.gate_grant("app", cell=9)
    assert caught.value.diag.message_detail == "The newest is cell 1."


def test_no_reader_where_public_may_write_through_a_function(ready: Control, database: Database) -> None:
    admin = database.connect(database.admin_dsn)
    admin.execute("create function tenant_acme.bump() returns int language sql security definer return 1")
    admin.execute("alter function tenant_acme.bump() owner to tenant_acme_owner")
    with pytest.raises(errors.NotAllowed) as caught:
        ready.reader_create("acme")
    assert "tenant_acme.bump()" in str(caught.value.diag.message_detail)
    assert ready.tenant_get("acme")["ro_role"] is None
    admin.execute("revoke execute on function tenant_acme.bump() from public")
    said: list[str | None] = []
    ready.connection.add_notice_handler(lambda notice: said.append(notice.message_primary))
    assert ready.reader_create("acme")["ro_role"] == "tenant_acme_ro"
    assert said == []


def test_a_tenant_whose_role_was_dropped_can_still_be_ended(ready: Control, database: Database) -> None:
    admin = database.connect(database.admin_dsn)
    admin.execute("drop owned by tenant_acme_rw; drop role tenant_acme_rw")
    ready.tenant_suspend("acme")
    ready.tenant_retire("acme", grace="0")
    ready.tenant_erase("acme", "over")
    admin.execute("drop schema tenant_beta cascade")
    (row,) = ready.fleet_drift()
    assert (row["slug"], row["drifted"], row["differences"]) == ("beta", True, None)


def test_what_the_owner_has_outside_is_not_erased(ready: Control, database: Database) -> None:
    admin = database.connect(database.admin_dsn)
    admin.execute(
        "create schema shared; create table shared.report (n int); alter table shared.report owner to tenant_acme_owner"
    )
    ready.tenant_retire("acme", grace="0")
    with pytest.raises(errors.FreeholdError) as caught:
        ready.tenant_erase("acme", "over")
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("FH206", "table shared.report")
    admin.execute("drop table shared.report")
    ready.tenant_erase("acme", "over")


def test_a_rename_keeps_the_rest_of_a_path(ready: Control, database: Database) -> None:
    ready.template_apply(
        "default",
        'create function here() returns text language sql set search_path = template_default, "my,schema", pg_temp'
        " return current_setting('search_path')",
    )
    ready.template_freeze("default")
    ready.connection.execute("call freehold.reserve_fill('default', 1)")
    ready.tenant_provision("claimed")
    admin = database.connect(database.admin_dsn)
    shown = "select tenant_claimed.here()"
    assert admin.execute(shown).fetchone() == ('tenant_claimed, "my,schema", pg_temp',)
    ready.template_apply("default", "alter function here() set default_text_search_config = 'template_default.cfg'")
    with pytest.raises(errors.SchemaNotPortable, match="cannot be carried"):
        ready.template_freeze("default")


def test_no_setting_makes_a_cell_a_member_of_what_it_makes(control: Control, admin: psycopg.Connection[Any]) -> None:
    if admin.info.server_version < 160000:
        pytest.skip("the setting came with 16")
    control.template_create("default")
    control.template_freeze("default")
    control.connection.execute("set createrole_self_grant = 'set, inherit'")
    control.tenant_provision("acme")
    held = admin.execute(
        "select m.roleid::regrole::text from pg_auth_members as m where m.member = 'freehold_cell_01'::regrole"
        " and m.roleid::regrole::text like 'tenant_acme_%' and (m.inherit_option or m.set_option)"
    ).fetchall()
    assert held == []
