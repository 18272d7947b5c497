"""The demo and the example schema that it, the tests and the benchmarks use."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from rich.console import Console

from freehold import demo
from freehold.control import Control
from freehold.demo.place import DATABASE, Place, migrations, rows_script
from freehold.embedded import Server
from support.database import Database
from support.server import TestServer


@pytest.fixture
def demo_server(server: TestServer) -> Iterator[str]:
    """A server, left without the demo."""
    try:
        yield server.dsn()
    finally:
        Place(server.dsn()).remove()


def test_demo_shows_what_it_promises(demo_server: str) -> None:
    demo.run(demo_server)
    output = io.StringIO()
    timings = demo.run(demo_server, Console(file=output, width=100, color_system=None))
    text = output.getvalue()
    assert "permission denied for schema demo_globex" in text
    assert 'relation "ticket" does not exist' in text
    assert 'permission denied to set role "demo_globex_rw"' in text
    found = {timing.call: timing.outcome for timing in timings}
    assert found["schema_diff() of the two"] == "0 differences"
    drift = [timing.outcome for timing in timings if timing.call == "tenant_drift('globex')"]
    assert drift == ["2 differences", "0 differences"]
    assert found["rollout_create(canaries => array['acme'], ...)"] == "template: 1, canary: 1, wave 2: 3"
    assert found["rollout_start(), rollout_claim(), rollout_apply(), ..."] == "4 done"
    assert 'initech is in quarantine: column "severity" of relation "ticket" already exists' in text
    assert found["rollout_retry(), when that is mended"] == "1 done"
    assert int(found["call tenant_erase('globex', 'contract ended')"].removesuffix(" objects")) > 200
    assert "Left over, as the operation's row says: nothing." in text
    assert 'role "demo_globex_rw" does not exist' in text
    assert found["tenant_drift('initrode')"] == "0 differences"
    assert sum(timing.seconds for timing in timings) < 60


def test_demo_says_what_still_runs(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "FREEHOLD"))}
    environment |= {"FREEHOLD_HOME": str(tmp_path), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def said(command: str) -> str:
        done = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    try:
        look, stop = (line.strip() for line in said("freehold demo").splitlines()[-2:])
        assert said(f"{look} -Atc 'select count(*) > 0 from demo_acme.ticket'") == "t\n"
        assert "PostgreSQL stopped" in said(stop)
    finally:
        Server(tmp_path).stop()


def test_demo_touches_nothing_else(demo_server: str, bare_database: Database) -> None:
    with psycopg.connect(demo_server, autocommit=True) as connection:
        before = _cluster(connection)
        demo.run(demo_server)
        during = _cluster(connection)
        Place(demo_server).remove()
        assert _cluster(connection) == before
    extra = {name for _, name in during - before}
    assert DATABASE in extra
    assert all(name.startswith(("freehold_demo", "demo_")) for name in extra)


@pytest.fixture
def helpdesk(control: Control) -> dict[str, Any]:
    """A tenant of the example schema."""
    control.template_create("helpdesk")
    for path in migrations():
        control.template_apply("helpdesk", path.read_text(encoding="utf-8"))
    control.template_freeze("helpdesk")
    return control.tenant_provision("acme", "helpdesk")


def test_every_table_has_a_primary_key(helpdesk: dict[str, Any], connection: psycopg.Connection[Any]) -> None:
    rows = connection.execute(
        """
        select c.relname
        from pg_class as c
        where c.relnamespace = %s::regnamespace and c.relkind in ('r', 'p')
            and not exists (select from pg_index as i where i.indrelid = c.oid and i.indisprimary)
        """,
        (helpdesk["schema_name"],),
    )
    assert rows.fetchall() == []


def test_rows_are_the_same_for_the_same_seed(
    helpdesk: dict[str, Any], control: Control, admin: psycopg.Connection[Any]
) -> None:
    other = control.tenant_provision("globex", "helpdesk")
    for tenant in (helpdesk, other):
        with admin.transaction():
            admin.execute(
                sql.SQL(
                    "set local role {}; set local search_path = {}, pg_catalog, pg_temp;"
                    " set local helpdesk.seed = 'one'; set local helpdesk.tickets = '20'"
                ).format(sql.Identifier(tenant["rw_role"]), sql.Identifier(tenant["schema_name"]))
            )
            admin.execute(rows_script().encode())
    for table in ("customer", "contact", "message", "article_revision", "satisfaction_rating"):
        query = sql.SQL("select to_jsonb(t) - array['created_at', 'updated_at'] from {} as t order by 1")
        one, two = (
            admin.execute(query.format(sql.Identifier(tenant["schema_name"], table))).fetchall()
            for tenant in (helpdesk, other)
        )
        assert one == two
        assert one


def _cluster(connection: psycopg.Connection[Any]) -> set[tuple[str, str]]:
    """Roles, databases and memberships."""
    rows = connection.execute(
        """
        select 'role', rolname::text from pg_roles
        union all
        select 'database', datname from pg_database
        union all
        select 'membership', roleid::regrole::text || ' ' || member::regrole::text from pg_auth_members
        """
    )
    return set(rows.fetchall())
