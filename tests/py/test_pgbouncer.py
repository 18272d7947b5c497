"""The pools behind PgBouncer in transaction mode: eight clients, two server connections, and not one foreign row."""

from __future__ import annotations

import contextlib
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import freehold
from freehold import Limits, Tenants
from freehold.context.credentials import derive_password, derive_verifier
from support.database import Database
from support.pgbouncer import pooled

SLUGS = tuple(f"t{n}" for n in range(6))
CLIENTS, ROUNDS = 8, 60


@pytest.fixture(scope="module")
def fleet(module_database: Database) -> Database:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", "create table canary (slug text primary key, hits int not null default 0)")
    control.template_freeze("default")
    admin = module_database.connect(module_database.admin_dsn)
    for slug in SLUGS:
        control.tenant_provision(slug)
        admin.execute(f"insert into tenant_{slug}.canary values ('{slug}')".encode())
    return module_database


@pytest.fixture(params=["role", "login"])
def behind(request: pytest.FixtureRequest, fleet: Database, tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A connection string through PgBouncer, and the options of ``Tenants``."""
    admin, control = fleet.connect(fleet.admin_dsn), fleet.control()
    login = conninfo_to_dict(fleet.login_dsn("app" if request.param == "role" else "asker"))
    users = {str(login["user"]): str(login["password"])}
    options: dict[str, Any] = {"level": request.param, "listen": False, "limits": Limits(size=CLIENTS, wait=60)}
    if request.param == "role":
        control.gate_grant("app")
    else:
        admin.execute("grant freehold_resolver to asker")
        options["secret"] = secret = secrets.token_bytes(32)
        for slug in SLUGS:
            row = control.tenant_get(slug)
            role, known = row["rw_role"], str(row["id"])
            control.login_enable(slug, verifier=derive_verifier(admin.pgconn, secret, known, role))
            users[role] = derive_password(secret, known, role)
    with pooled(fleet, tmp_path, users) as conninfo:
        yield make_conninfo(conninfo, **{k: login[k] for k in ("user", "password")}), options
    admin.execute("select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where pid <> pg_backend_pid()")


def test_eight_clients_over_two_connections_read_their_own(behind: tuple[str, dict[str, Any]], fleet: Database) -> None:
    conninfo, options = behind
    with Tenants(conninfo, **options) as tenants:

        def client(number: int) -> Counter[str]:
            pick, seen = random.Random(number), Counter[str]()
            for _ in range(ROUNDS):
                slug = pick.choice(SLUGS)
                with tenants.transaction(slug, actor=f"client {number}") as connection:
                    connection.execute("update canary set hits = hits + 1")
                    for row in connection.execute("select slug, freehold.actor_current() from canary"):
                        assert row == (slug, f"client {number}")
                    seen[slug] += 1
            return seen

        with ThreadPoolExecutor(CLIENTS) as pool:
            done = sum(pool.map(client, range(CLIENTS)), Counter[str]())
    admin = fleet.connect(fleet.admin_dsn)
    for slug in SLUGS:
        assert admin.execute(f"select slug, hits from tenant_{slug}.canary".encode()).fetchall() == [(slug, done[slug])]
        admin.execute(f"update tenant_{slug}.canary set hits = 0".encode())


def test_a_session_left_dirty_meets_nobody(behind: tuple[str, dict[str, Any]]) -> None:
    """What a transaction sets for its session is gone when the next client gets the server connection."""
    conninfo, options = behind
    with Tenants(conninfo, **options) as tenants:
        for _ in range(20):
            with tenants.transaction("t0") as connection:
                connection.execute("set work_mem = '65kB'")
                connection.execute("select pg_advisory_lock(7)")
            with tenants.transaction("t0") as connection:
                row = connection.execute(
                    "select current_setting('work_mem'), (select count(*) from pg_locks where locktype = 'advisory')"
                ).fetchone()
                assert row == ("4MB", 0)


def test_another_transaction_is_no_more_the_tenants_here(behind: tuple[str, dict[str, Any]]) -> None:
    conninfo, options = behind
    with Tenants(conninfo, **options) as tenants:
        for _ in range(3):
            with pytest.raises(psycopg.ProgrammingError, match="another"), tenants.transaction("t0") as connection:
                connection.execute("rollback; begin")
            with tenants.transaction("t0") as connection:
                assert connection.execute("select slug from canary").fetchone() == ("t0",)


def test_a_suspended_tenant_is_told_apart(behind: tuple[str, dict[str, Any]], fleet: Database) -> None:
    conninfo, options = behind
    control = fleet.control()
    with Tenants(conninfo, **options) as tenants:
        with tenants.transaction("t1"):
            pass
        control.tenant_suspend("t1", "unpaid")
        try:
            with pytest.raises(freehold.TenantSuspended), tenants.transaction("t1") as connection:
                connection.execute("select * from canary")
            with tenants.transaction("t2") as connection:
                assert connection.execute("select slug from canary").fetchone() == ("t2",)
        finally:
            control.tenant_resume("t1")


def test_a_path_set_for_the_session_leaks_here(fleet: Database, tmp_path: Path) -> None:
    """The control: what every test above would see if freehold set the path as others do."""
    server = conninfo_to_dict(fleet.admin_dsn)
    user, password = str(server["user"]), str(server.get("password") or "")
    with pooled(fleet, tmp_path, {user: password}) as conninfo:
        admin = make_conninfo(conninfo, user=user, password=password)

        def client(number: int) -> int:
            pick, foreign = random.Random(number), 0
            with psycopg.connect(admin, autocommit=True, prepare_threshold=None) as connection:
                for _ in range(ROUNDS):
                    slug = pick.choice(SLUGS)
                    connection.execute(f"set search_path = tenant_{slug}".encode())
                    # A server connection on which nobody has set a path yet finds no table.
                    with contextlib.suppress(psycopg.errors.UndefinedTable):
                        foreign += connection.execute("select slug from canary").fetchone() != (slug,)
            return foreign

        with ThreadPoolExecutor(CLIENTS) as pool:
            assert sum(pool.map(client, range(CLIENTS))) > 0
