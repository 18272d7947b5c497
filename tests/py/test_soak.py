"""Eight clients over many tenants with faults: no foreign row, nobody hangs, nothing is lost for good.

FREEHOLD_SOAK gives the seconds of each run, over two hundred tenants: ``make soak``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.database import Database
from support.soak import Fleet, Soak, provision

SECONDS = float(os.environ.get("FREEHOLD_SOAK", "4"))
TENANTS = 200 if "FREEHOLD_SOAK" in os.environ else 16


@pytest.fixture(scope="module")
def slugs(module_database: Database) -> list[str]:
    return provision(module_database, TENANTS)


@pytest.fixture(autouse=True)
def empty(module_database: Database, slugs: list[str]) -> None:
    admin = module_database.connect(module_database.admin_dsn)
    for slug in slugs:
        admin.execute(f"truncate tenant_{slug}.canary".encode())


@pytest.mark.parametrize("through", ["direct", "pgbouncer"])
@pytest.mark.parametrize("level", ["role", "login"])
def test_nothing_is_lost_and_nothing_is_foreign(
    module_database: Database, slugs: list[str], level: str, through: str, tmp_path: Path
) -> None:
    fleet = Fleet(module_database, slugs, level, tmp_path if through == "pgbouncer" else None)
    try:
        soak = Soak(fleet, SECONDS)
        soak.run()
        soak.show(f"{SECONDS:g} seconds, level {level}, {through}")
        assert soak.faulty() == []
        assert soak.suspended
        assert soak.total("refused")
    finally:
        fleet.close()


def test_a_client_that_leaks_is_caught(module_database: Database, slugs: list[str], tmp_path: Path) -> None:
    """The control: the path set for the session, through PgBouncer."""
    server = module_database.admin_dsn
    fleet = Fleet(module_database, slugs, "role", tmp_path)
    try:
        soak = Soak(fleet, 2, leak=True)
        soak.run()
        assert any("rows of" in fault for fault in soak.faulty()), (server, soak.faulty())
    finally:
        fleet.close()
