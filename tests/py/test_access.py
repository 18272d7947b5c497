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
