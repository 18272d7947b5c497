"""However it was installed, an installation that nobody touched is isolated: by a superuser or not, under other names, twice in a
cluster, with the example's template, hardened or not.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from freehold import bundle
from freehold.control import Control
from support.database import Database

HELPDESK = Path(bundle.__file__).parents[2] / "sql" / "migrations" / "example"
NAMES = {"role_prefix": "crm", "schema_prefix": "crm_", "naming": "opaque"}


def install(connection: psycopg.Connection[Any], **settings: str) -> Control:
    """Installs, and makes of the example's template two active tenants, one that is suspended and one that is retired."""
    for name, value in settings.items():
        connection.execute("select set_config(%s, %s, false)", (f"freehold.{name}", value))
    bundle.run(connection, bundle.install_bundle())
    control = Control(connection)
    control.template_create("default")
    for path in sorted(HELPDESK.glob("*.sql")):
        if "rollback" not in path.name:
            control.template_apply("default", path.read_text(encoding="utf-8"))
    control.template_freeze("default")
    for slug in ("acme", "beta", "late", "gone"):
        control.tenant_provision(slug)
    control.reader_create("acme")
    control.login_enable("acme", connection_limit=3)
    control.login_enable("acme", "read", connection_limit=3)
    control.tenant_suspend("late")
    control.tenant_retire("gone")
    control.tenant_clone("acme", "copy")
    control.reserve_fill_step(size=1)
    return control


def findings(control: Control) -> list[Any]:
    return [row for row in control.isolation_check() if row["verdict"] != "visible"]


@pytest.mark.parametrize(("by_superuser", "renamed"), list(itertools.product((False, True), repeat=2)))
def test_an_untouched_installation_is_isolated(bare_database: Database, by_superuser: bool, renamed: bool) -> None:
    admin = bare_database.connect(bare_database.admin_dsn)
    connection = admin if by_superuser else bare_database.connect()
    control = install(connection, **(NAMES if renamed else {}))
    admin.execute("create role app_login login")
    control.gate_grant("app_login")
    assert findings(control) == []
    covered = connection.execute("select sum(questions) > 10000, bool_and(held is null or held = questions and held > 0)"
                                 " from freehold.isolation_coverage()").fetchone()  # fmt: skip
    assert covered == (True, True)
    bundle.run(admin, bundle.harden_bundle())
    control.tenant_provision("delta")
    assert findings(control) == []
    assert {row["object_kind"] for row in control.isolation_check()} == {"database"}
    bundle.run(admin, bundle.harden_bundle(undo=True))
    assert findings(control) == []


def test_a_second_installation_is_apart_from_the_first(bare_database: Database) -> None:
    admin = bare_database.connect(bare_database.admin_dsn)
    first = install(bare_database.connect())
    name = f"{bare_database.name}_second"
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        with psycopg.connect(bare_database.server.dsn(name), autocommit=True) as connection:
            second = install(connection, role_prefix="crm", schema_prefix="crm_")
            assert findings(first) == findings(second) == []
            admin.execute("grant crm_acme_rw to tenant_acme_rw")
            (row,) = findings(first)
            assert (row["verdict"], row["role_name"], row["object"]) == ("breach", "tenant_acme_rw", "crm_acme_rw")
            assert [r["object"] for r in findings(second) if r["role_name"] == "tenant_acme_rw"] == ["crm_acme_rw"]
    finally:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_an_installation_without_tenants_proves_nothing(bare_database: Database) -> None:
    connection = bare_database.connect()
    bundle.run(connection, bundle.install_bundle())
    (row,) = findings(Control(connection))
    assert (row["verdict"], row["object_kind"], row["object"]) == ("unproven", "tenant", "none")


def test_the_check_is_for_admin_and_auditor_and_no_tenant(bare_database: Database) -> None:
    install(bare_database.connect())
    admin = bare_database.connect(bare_database.admin_dsn)
    admin.execute("create role an_auditor; grant freehold_auditor to an_auditor")
    auditor = bare_database.connect(bare_database.login_dsn("an_auditor"))
    for connection, allowed in (
        (auditor, True),
        (bare_database.connect(bare_database.login_dsn("tenant_acme_rw")), False),
    ):
        for function in ("isolation_check", "isolation_coverage"):
            if allowed:
                assert connection.execute(f"select count(*) > 0 from freehold.{function}()".encode()).fetchone() == (
                    True,
                )
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select * from freehold.{function}()".encode())


def test_the_installing_role_at_a_gate_is_named_once_and_sent_away(bare_database: Database) -> None:
    """Its rights are its office; what is wrong is that an application may log in as it."""
    connection = bare_database.connect()
    control = install(connection)
    control.gate_grant("test_owner")
    found = findings(control)
    assert {row["role_name"] for row in found} == {"test_owner"}
    assert len(found) <= 2
    first = next(row for row in found if row["object"] == "freehold_owner")
    assert first["remedy"] == "select freehold.gate_revoke('test_owner');"
    connection.execute(first["remedy"].encode())
    assert findings(control) == []
    assert control.tenant_provision("after")["state"] == "active"
