"""The tenant of a transaction, over the wire: what it leaves behind, what happens meanwhile, and plain clients."""

from __future__ import annotations

import subprocess
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.binaries import find_client
from freehold.cli import main
from freehold.control import Control
from support.database import Database

Connection = psycopg.Connection[Any]
STATE = "select current_user::text, current_setting('search_path'), freehold.actor_current()"


@pytest.fixture
def ready(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", "create table note (body text not null)")
    control.template_freeze("default")
    control.tenant_provision("acme")
    control.tenant_provision("beta")
    return control


@pytest.fixture
def app_dsn(ready: Control, database: Database) -> str:
    """Of an application's login, which has passed the gate."""
    dsn = database.login_dsn("app_login")
    ready.gate_grant("app_login")
    return dsn


@pytest.fixture
def app(app_dsn: str, database: Database) -> Connection:
    return database.connect(app_dsn)


def value(connection: Connection, query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_outside_a_transaction_nothing_stays(app: Connection) -> None:
    before = app.execute(STATE).fetchone()
    assert value(app, "select freehold.tenant_enter('acme', 'alice')") == "acme"
    assert app.execute(STATE).fetchone() == before
    with pytest.raises(errors.NoTenantContext):
        app.execute("select freehold.tenant_current()")
    with pytest.raises(psycopg.errors.UndefinedTable):
        app.execute("select * from note")


@pytest.mark.parametrize("end", ["commit", "rollback", "failure"])
def test_it_ends_with_the_transaction(app: Connection, end: str) -> None:
    before = app.execute(STATE).fetchone()
    app.execute("begin")
    app.execute("select freehold.tenant_enter('acme', 'alice', 'read')")
    path = "tenant_acme, pg_catalog, pg_temp"
    assert app.execute(STATE).fetchone() == ("tenant_acme_rw", path, "alice")
    if end == "failure":
        with pytest.raises(psycopg.errors.DivisionByZero):
            app.execute("select 1 / 0")
    app.execute("commit" if end == "commit" else "rollback")
    assert app.execute(STATE).fetchone() == before
    assert value(app, "show transaction_read_only") == "off"
    with pytest.raises(errors.NoTenantContext):
        app.execute("select freehold.tenant_current()")


def test_a_session_that_served_one_tenant_serves_the_next(app: Connection) -> None:
    for _ in range(2):
        for slug in ("acme", "beta"):
            with app.transaction():
                app.execute("select freehold.tenant_enter(%s)", (slug,))
                app.execute("insert into note select freehold.tenant_current()")
                assert set(app.execute("select body from note")) == {(slug,)}


def test_one_message_carries_context_and_statement(app: Connection) -> None:
    app.execute("begin; select freehold.tenant_enter('acme', 'alice'); insert into note values ('x'); commit")
    # Without BEGIN a message is a transaction as well.
    app.execute("select freehold.tenant_enter('acme', 'alice'); insert into note values ('y')")
    with app.pipeline(), app.transaction():
        app.execute("select freehold.tenant_enter(%s, %s)", ("acme", "alice"))
        rows = app.execute("select body from note order by body")
    assert rows.fetchall() == [("x",), ("y",)]
    assert value(app, "select current_user::text") == "app_login"


def test_what_follows_a_refusal_in_the_same_message_is_not_run(
    app: Connection, admin: Connection, ready: Control
) -> None:
    admin.execute("create table public.ledger (entry text); grant select, insert on public.ledger to app_login")
    ready.tenant_suspend("acme")
    for slug in ("acme", "nobody"):
        with pytest.raises((errors.TenantSuspended, errors.TenantNotFound)):
            app.execute(
                f"begin; select freehold.tenant_enter('{slug}'); insert into public.ledger values ('x'); commit".encode()
            )
        app.execute("rollback")
        with pytest.raises((errors.TenantSuspended, errors.TenantNotFound)), app.pipeline(), app.transaction():
            app.execute("select freehold.tenant_enter(%s)", (slug,))
            app.execute("insert into public.ledger values ('x')")
    assert value(app, "select count(*) from public.ledger") == 0


def test_a_tenant_is_suspended_while_a_session_is_inside(
    ready: Control, app: Connection, app_dsn: str, database: Database
) -> None:
    app.execute("begin")
    app.execute("select freehold.tenant_enter('acme', 'alice')")
    app.execute("insert into note values ('before')")
    ready.tenant_suspend("acme")
    # The role is still the session's; there is nothing left that it may do.
    with pytest.raises(psycopg.errors.UndefinedTable), app.transaction():
        app.execute("select * from note")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
        app.execute("insert into tenant_acme.note values ('after')")
    with pytest.raises(errors.TenantSuspended), app.transaction():
        app.execute("select freehold.tenant_enter('acme')")
    app.execute("rollback")
    for session in (app, database.connect(app_dsn)):
        with pytest.raises(errors.TenantSuspended) as caught, session.transaction():
            session.execute("select freehold.tenant_enter('acme')")
        assert "tenant_resume('acme')" in str(caught.value.diag.message_hint)
    with app.transaction():
        app.execute("select freehold.tenant_enter('beta')")
    ready.tenant_resume("acme")
    with app.transaction():
        app.execute("select freehold.tenant_enter('acme')")
        assert app.execute("select * from note").fetchall() == []


def test_a_gate_is_closed_while_a_session_is_outside(ready: Control, app: Connection) -> None:
    with app.transaction():
        app.execute("select freehold.tenant_enter('acme')")
    ready.gate_revoke("app_login")
    # With the gate goes the right to ask.
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("select freehold.tenant_enter('acme')")


def test_a_rename_counts_from_the_next_transaction_on(ready: Control, app: Connection) -> None:
    app.execute("begin")
    app.execute("select freehold.tenant_enter('acme')")
    ready.tenant_rename("acme", "acme-two")
    # The session goes by the name that it set: it finds nothing under it any more.
    with pytest.raises(errors.NoTenantContext), app.transaction():
        app.execute("select freehold.tenant_current()")
    with pytest.raises(psycopg.errors.UndefinedTable), app.transaction():
        app.execute("select * from note")
    app.execute("rollback")
    with app.transaction():
        app.execute("select freehold.tenant_enter('acme-two')")
        assert app.execute("select freehold.tenant_current(), count(*) from note").fetchone() == ("acme-two", 0)


def test_a_tenants_own_login_learns_of_no_other(ready: Control, database: Database) -> None:
    ready.login_enable("acme")
    tenant = database.connect(database.login_dsn("tenant_acme_rw"))
    said = []
    for slug in ("beta", "nobody"):
        for role in ("none", "freehold_tenant"):
            # From 16 on the membership is one without SET; on 15 it may act as the group.
            if role == "none" or database.server.major < 16:
                tenant.execute(f"set role {role}".encode())
            for call in ("tenant_enter", "tenant_context"):
                with pytest.raises(errors.OtherTenant) as caught:
                    tenant.execute(f"select freehold.{call}(%s)".encode(), (slug,))
                diag = caught.value.diag
                said.append((diag.message_primary, diag.message_detail, diag.message_hint, slug))
    assert {(str(text).replace(slug, "?"), detail, hint) for text, detail, hint, slug in said} == {
        ("role \"tenant_acme_rw\" is in no tenant called '?'", *said[0][1:3])
    }


def test_psql_is_a_client_like_any_other(app_dsn: str, app: Connection) -> None:
    def psql(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(find_client("psql")), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", app_dsn],
            input=script, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    done = psql(
        "begin;\n"
        "select freehold.tenant_enter('acme', 'alice');\n"
        "insert into note values ('by psql');\n"
        "select freehold.tenant_current(), freehold.actor_current(), body from note;\n"
        "commit;\n"
        "select current_user;\n"
    )
    assert (done.returncode, done.stdout.split()) == (0, ["acme", "acme|alice|by", "psql", "app_login"]), done.stderr
    refused = psql(
        "\\set VERBOSITY verbose\nbegin;\nselect freehold.tenant_enter('nobody');\ninsert into note values ('x');\n"
    )
    assert refused.returncode == 3
    assert "FH101: no tenant is called 'nobody'" in refused.stderr


def test_harden_leaves_it_alone(ready: Control, app: Connection, database: Database) -> None:
    ready.reader_create("beta")
    ready.login_enable("acme")
    tenant = database.connect(database.login_dsn("tenant_acme_rw"))
    done = CliRunner().invoke(main, ["harden"], env={"FREEHOLD_DSN": database.admin_dsn})
    assert done.exit_code == 0, done.output
    for session in (app, tenant):
        with session.transaction():
            session.execute("select freehold.tenant_enter('acme', 'alice')")
            session.execute("insert into note values (freehold.actor_current())")
            session.execute("select freehold.tenant_enter('acme', 'bob', 'read')")
            assert session.execute("select freehold.tenant_current()").fetchone() == ("acme",)
            with pytest.raises(psycopg.errors.InsufficientPrivilege), session.transaction():
                session.execute("select set_config('role', 'none', true)")
            session.execute("select freehold.tenant_leave()")
    with app.transaction():
        app.execute("select freehold.tenant_enter('acme')")
        app.execute("select freehold.tenant_leave()")
    with app.transaction():
        app.execute("select freehold.tenant_enter('beta', access => 'read')")
        assert value(app, "select current_user::text") == "tenant_beta_ro"


def test_a_role_is_told_by_its_id(ready: Control, app: Connection) -> None:
    """Also one whose name has to be quoted, whatever the path leads to."""
    ids = {slug: value(ready.connection, f"select 'tenant_{slug}_rw'::regrole::oid::int") for slug in ("acme", "beta")}
    with app.transaction():
        app.execute("set local role tenant_acme_rw")
        app.execute(f"call freehold._role_sure({ids['acme']})".encode())
        with pytest.raises(errors.OtherTenant, match="tenant_acme_rw"), app.transaction():
            app.execute(f"call freehold._role_sure({ids['beta']})".encode())
        with pytest.raises(errors.OtherTenant), app.transaction():
            app.execute("call freehold._role_sure(0)")


def test_a_role_whose_name_is_to_be_quoted_is_told_too(ready: Control, database: Database) -> None:
    admin = database.connect(database.admin_dsn)
    with admin.transaction(force_rollback=True):
        admin.execute('create role "Odd.tenant ""rw"')
        admin.execute('grant freehold_tenant to "Odd.tenant ""rw"')
        admin.execute('set local role "Odd.tenant ""rw"')
        known = value(admin, "select oid::int from pg_roles where rolname = current_user")
        admin.execute(f"call freehold._role_sure({known})".encode())
        with pytest.raises(errors.OtherTenant):
            admin.execute(f"call freehold._role_sure({known + 1})".encode())


def test_a_session_is_cleaned_with_or_without_what_is_prepared(app: Connection) -> None:
    """Which the pools keep or deallocate; where they keep it, what SQL prepared is refused."""
    app.execute("select 1", prepare=True)
    app.execute("call freehold._session_clean()")
    app.execute("prepare left_there as select 2")
    app.execute("call freehold._session_reset()")
    assert value(app, "select count(*) from pg_prepared_statements") == 2
    with pytest.raises(psycopg.Error, match="SQL has prepared") as refused:
        app.execute("call freehold._session_clean()")
    assert refused.value.sqlstate == "FH501"
