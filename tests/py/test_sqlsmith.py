"""Random statements as a tenant's own login: nothing of another tenant's rows comes back, and nothing changes outside.

FREEHOLD_SOAK makes it thousands (``make soak``).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from psycopg import sql

from freehold.demo.place import migrations, rows_script
from support.database import Database
from support.sqlsmith import Report, generate, plant_catalog, plant_rows, replay, state

OWN, ROWS, CATALOG, PLANE = "zqacmerow", "zqbetarow", "zqbetacat", "zqplane"
SMALL = 200
COUNT = 2000 if "FREEHOLD_SOAK" in os.environ else SMALL
# What a login of the tenant's own may know: what it may read; its tables alone; or, from elsewhere, every name there is.
KNOWS = {"what it reads": (False, True), "its own tables": (False, False), "every name": (True, True)}


@dataclass
class Desk:
    """Two tenants of the example schema, full of canaries, and the login of one."""

    database: Database
    dsn: str

    def attack(self, knows: str, *, count: int = SMALL, until: str | None = None) -> Report:
        """Runs so many statements, and more of them until a canary was seen: ten times as many at most."""
        everything, catalog = KNOWS[knows]
        report = Report()
        for seed in range(10):
            told = self.database.admin_dsn if everything else self.dsn
            statements = generate(told, max(SMALL, count), seed, catalog=catalog)
            report.add(replay(self.dsn, statements, (OWN, ROWS, CATALOG, PLANE)))
            if report.run >= count * 0.9 and (until is None or until in report.seen):
                break
        return report


@pytest.fixture(scope="module")
def desk(module_database: Database) -> Desk:
    control, admin = module_database.control(), module_database.connect(module_database.admin_dsn)
    control.template_create("default")
    for path in migrations():
        control.template_apply("default", path.read_text(encoding="utf-8"))
    control.template_freeze("default")
    for slug, canary in (("acme", OWN), ("beta", ROWS)):
        tenant = control.tenant_provision(slug)
        schema = tenant["schema_name"]
        with admin.transaction():
            admin.execute(
                sql.SQL(
                    "set local role {}; set local search_path = {}, pg_catalog, pg_temp;"
                    " set local helpdesk.seed = {}; set local helpdesk.tickets = '10'"
                ).format(sql.Identifier(tenant["rw_role"]), sql.Identifier(schema), slug)
            )
            admin.execute(rows_script().encode())
        assert plant_rows(admin, schema, canary) > 20
        control.login_enable(slug)
    plant_catalog(admin, "tenant_beta", CATALOG)
    # An operator's words, in the registry and in the journal.
    control.tenant_suspend("beta", PLANE)
    control.tenant_resume("beta")
    dsn = {slug: module_database.login_dsn(f"tenant_{slug}_rw") for slug in ("acme", "beta")}
    # Somebody of the other tenant is there, and its last statement is remembered.
    module_database.connect(dsn["beta"]).execute(f"select '{ROWS}'".encode())
    return Desk(module_database, dsn["acme"])


@pytest.mark.parametrize("knows", KNOWS)
def test_random_statements_bring_back_nothing_of_another_tenant(desk: Desk, knows: str) -> None:
    admin = desk.database.connect(desk.database.admin_dsn)
    before = state(admin, "tenant_acme_rw", ("tenant_beta", "freehold"))
    report = desk.attack(knows, count=COUNT, until=None if knows == "every name" else OWN)
    after = state(admin, "tenant_acme_rw", ("tenant_beta", "freehold"))
    print(f"\n{knows}: {report.run} statements, {report.succeeded} without error;", end=" ")
    print({canary: len(report.seen.get(canary, [])) for canary in (OWN, ROWS, CATALOG, PLANE)}, f"lost {report.lost}")
    assert {name: (value, after.get(name)) for name, value in before.items() if value != after.get(name)} == {}
    assert ROWS not in report.seen, report.seen[ROWS][0]
    assert PLANE not in report.seen, report.seen[PLANE][0]
    assert report.succeeded > 0
    if knows != "every name":
        assert report.seen.get(OWN), "its own rows did not come back either"


def test_a_right_too_many_is_noticed(desk: Desk) -> None:
    """The control: what the same would say, once the tenant may read the other's rows."""
    admin = desk.database.connect(desk.database.admin_dsn)
    before = state(admin, "tenant_acme_rw", ())
    for way in ("grant {} to", "revoke {} from"):
        for right in ("usage on schema tenant_beta", "select on all tables in schema tenant_beta"):
            admin.execute(f"{way.format(right)} tenant_acme_rw".encode())
        assert (state(admin, "tenant_acme_rw", ()) == before) == way.startswith("revoke")
        report = desk.attack("its own tables", until=ROWS if way.startswith("grant") else None)
        assert (ROWS in report.seen) == way.startswith("grant"), report.errors
