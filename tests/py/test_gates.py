"""Which logins reach the tenants of which cells, and who decides it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg import sql

from freehold import bundle, errors
from freehold.context import Tenants
from freehold.control import Control
from support.database import OWNER, Database
from support.patience import until

Connection = psycopg.Connection[Any]
DENIED = (psycopg.errors.InsufficientPrivilege, errors.NotAllowed)


@pytest.fixture
def cells(control: Control) -> Control:
    """Two cells, a tenant to each."""
    furnish(control)
    return control


def furnish(control: Control) -> None:
    control.template_create("default")
    control.template_apply("default", "create table note (body text)")
    control.template_freeze("default")
    control.setting_set("cell_capacity", "1")
    for slug in ("acme", "beta"):
        control.tenant_provision(slug)


@pytest.fixture
def app(database: Database) -> Connection:
    """An application's login, past no gate."""
    return log_in(database, "app")


def log_in(database: Database, role: str) -> Connection:
    """A session of a role, which may connect whatever it is a member of."""
    dsn = database.login_dsn(role)
    database.connect(database.admin_dsn).execute(
        sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database.name), sql.Identifier(role))
    )
    return database.connect(dsn)


def reached(connection: Connection, *slugs: str) -> list[str]:
    """Those of some tenants that a login can become."""
    found = []
    for slug in slugs:
        try:
            with connection.transaction():
                connection.execute("select freehold.tenant_enter(%s)", (slug,))
                connection.execute("insert into note values ('here')")
                found.append(slug)
        except DENIED:
            pass
    return found


def passed(database: Database, login: str) -> list[str]:
    """What a login is a member of, and not only may grant."""
    rows = database.connect(database.admin_dsn).execute(
        "select roleid::regrole::text from pg_auth_members as m where member = %s::regrole "
        """and not to_jsonb(m) @> '{"inherit_option": false, "set_option": false}' order by 1""",
        (login,),
    )
    return [name for (name,) in rows]


def changes(control: Control) -> list[tuple[str, str, object]]:
    """The operations on gates, oldest first: kind, state, cell."""
    rows = [row for row in control.operation_list() if row["kind"].startswith("gate_")]
    return [(row["kind"], row["state"], row["detail"]["cell"]) for row in sorted(rows, key=lambda row: row["id"])]


def test_a_cell_that_opens_is_reached_at_once(cells: Control, database: Database, app: Connection) -> None:
    cells.gate_grant("app")
    assert reached(app, "acme", "beta") == ["acme", "beta"]
    assert cells.tenant_provision("gamma")["cell"] == 3
    assert reached(app, "gamma") == ["gamma"]
    with Tenants(database.login_dsn("app"), listen=False) as tenants:
        assert cells.tenant_provision("later")["cell"] == 4
        with tenants.transaction("later") as connection:
            assert connection.execute("select count(*) from note").fetchone() == (0,)
    cells.gate_revoke("app")
    assert cells.tenant_provision("delta")["cell"] == 5
    assert reached(app, "acme", "beta", "gamma", "delta") == []


def test_one_cell_is_one_cell(cells: Control, app: Connection) -> None:
    cells.gate_grant("app", 1)
    cells.tenant_provision("gamma")
    assert reached(app, "acme", "beta", "gamma") == ["acme"]
    cells.gate_grant("app", 3)
    assert reached(app, "acme", "beta", "gamma") == ["acme", "gamma"]
    cells.gate_revoke("app", 1)
    assert reached(app, "acme", "beta", "gamma") == ["gamma"]


def test_all_is_taken_back_at_once_and_every_change_is_logged(
    cells: Control, database: Database, app: Connection
) -> None:
    for cell in (None, 1, 2, None, 1):
        cells.gate_grant("app", cell)
    assert passed(database, "app") == ["freehold_gate_01", "freehold_gate_02", "freehold_gates"]
    for _ in range(2):
        cells.gate_revoke("app")
        assert passed(database, "app") == []
    assert reached(app, "acme", "beta") == []
    given = [("gate_grant", "done", cell) for cell in ("all", 1, 2, "all", 1)]
    assert changes(cells) == [*given, ("gate_revoke", "done", "all"), ("gate_revoke", "done", "all")]
    kinds = [row["kind"] for row in cells.event_list() if row["kind"].startswith("gate_")]
    assert sorted(kinds) == ["gate_grant.done"] * 5 + ["gate_revoke.done"] * 2


def test_a_revoked_gate_leaves_no_other_way(cells: Control, database: Database, app: Connection) -> None:
    cells.gate_grant("app")
    cells.gate_grant("app", 2)
    with pytest.raises(errors.WrongState, match="passes all gates") as caught:
        cells.gate_revoke("app", 2)
    assert "cell 2" in str(caught.value.diag.message_detail)
    assert "freehold.gate_revoke('app')" in str(caught.value.diag.message_hint)
    assert passed(database, "app") == ["freehold_gate_02", "freehold_gates"]
    assert [kind for kind, *_ in changes(cells)] == ["gate_grant", "gate_grant"]
    with cells.connection.transaction():
        cells.gate_revoke("app")
        cells.gate_grant("app", 1)
    assert reached(app, "acme", "beta") == ["acme"]


def test_the_hint_names_one_cell_and_all(cells: Control, app: Connection) -> None:
    cells.gate_grant("app", 1)
    with pytest.raises(errors.NotAllowed) as caught:
        app.execute("select freehold.tenant_enter('beta')")
    hint = str(caught.value.diag.message_hint)
    assert "select freehold.gate_grant('app', 2);" in hint
    assert "select freehold.gate_grant('app');" in hint


@pytest.mark.parametrize("gate", ["freehold_gates", "freehold_gate_02"])
def test_what_another_granted_is_not_passed_over(
    cells: Control, database: Database, app: Connection, gate: str
) -> None:
    cells.gate_grant("app", 1)
    database.connect(database.admin_dsn).execute(sql.SQL("grant {} to app").format(sql.Identifier(gate)))
    if database.server.major < 16:
        cells.gate_revoke("app")
        assert passed(database, "app") == []
        return
    with pytest.raises(errors.Unsound, match="still a member"):
        cells.gate_revoke("app")
    assert passed(database, "app") == sorted(["freehold_gate_01", gate])


@pytest.mark.parametrize("cell", [None, 1])
def test_nor_is_a_way_by_a_group_of_somebody_elses(
    cells: Control, database: Database, app: Connection, cell: int | None
) -> None:
    admin = database.connect(database.admin_dsn)
    admin.execute("create role apps nologin")
    try:
        admin.execute("grant freehold_gates to apps")
        admin.execute("grant apps to app")
        cells.gate_grant("app", 1)
        with pytest.raises(errors.Unsound, match='"app" still passes freehold_gate_01'):
            cells.gate_revoke("app", cell)
        assert passed(database, "app") == ["apps", "freehold_gate_01"], "nothing was changed"
        admin.execute("revoke apps from app")
        cells.gate_revoke("app", cell)
        assert reached(app, "acme", "beta") == []
    finally:
        admin.execute("drop role apps")


def test_nor_what_was_granted_since_the_snapshot(cells: Control, database: Database, app: Connection) -> None:
    other = database.control()
    with other.connection.transaction():
        other.connection.execute("set transaction isolation level repeatable read; select from pg_class limit 1")
        cells.gate_grant("app")
        with pytest.raises(errors.Unsound, match="still passes"), other.connection.transaction():
            other.gate_revoke("app")
    other.gate_revoke("app")
    assert reached(app, "acme", "beta") == []


def test_the_group_has_no_tenants_rights(cells: Control, database: Database, app: Connection) -> None:
    cells.gate_grant("app")
    reached(app, "acme")
    for role in ("none", "freehold_gates", "freehold_gate_01"):
        app.execute(f"set role {role}".encode())
        for statement in (
            "select * from tenant_acme.note", "insert into tenant_beta.note values ('x')",
            "create table tenant_acme.made ()", "select * from freehold.tenant", "select freehold.tenant_list()",
        ):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())
    app.execute("reset role")
    admin = database.connect(database.admin_dsn)
    rights = (
        "select count(*) from pg_class as c, unnest(array['select', 'insert', 'update', 'delete']) as p "
        "where c.relnamespace::regnamespace::text ~ '^(tenant_|template_|freehold)' "
        "and c.relkind in ('r', 'p', 'v') and has_table_privilege(%s, c.oid, p)"
    )
    assert [admin.execute(rights, (role,)).fetchone() for role in ("freehold_gates", "app")] == [(0,), (0,)]
    usable = (
        "select count(*) from pg_namespace where nspname ~ '^(tenant_|template_)' "
        "and has_schema_privilege('freehold_gates', oid, 'usage, create')"
    )
    assert admin.execute(usable).fetchone() == (0,)


def test_nobody_takes_the_group_himself(cells: Control, database: Database, app: Connection) -> None:
    """A tenant's role, as a login and taken, a login past one gate, a nobody, and an administrator."""
    cells.gate_grant("app", 1)
    cells.login_enable("acme")
    admin = database.connect(database.admin_dsn)
    admin.execute("create role an_admin login; grant freehold_admin to an_admin")
    inside = log_in(database, "app")
    inside.execute("set role tenant_acme_rw")
    attackers = {name: log_in(database, name) for name in ("tenant_acme_rw", "nobody_at_all", "an_admin")} | {
        "app": app,
        "inside": inside,
    }
    for name, connection in attackers.items():
        for statement in (
            "set role freehold_gates", "set role freehold_gate_02", "grant freehold_gates to current_user",
            "grant freehold_gate_02 to current_user", "grant app to freehold_gates",
            "grant tenant_acme_rw to freehold_gates", "grant freehold_gates to tenant_acme_rw",
            "alter role freehold_gates login", "drop role freehold_gates",
            *(["select freehold.gate_grant(session_user)"] if name != "an_admin" else []),
        ):  # fmt: skip
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(statement.encode())
            assert caught.value.sqlstate == "42501", (name, statement, caught.value)
    assert reached(app, "acme", "beta") == ["acme"]
    for name in ("tenant_acme_rw", "nobody_at_all", "an_admin", "app"):
        assert "freehold_gates" not in passed(database, name)
    Control(attackers["an_admin"]).gate_grant("an_admin")
    assert reached(attackers["an_admin"], "acme", "beta") == ["acme", "beta"]
    row = cells.operation_list(max_rows=1)[0]
    assert (row["kind"], row["detail"]) == ("gate_grant", {"login": "an_admin", "cell": "all"})
    assert row["actor"] == "an_admin"


def test_the_installations_roles_pass_no_gate(cells: Control, database: Database) -> None:
    database.connect(database.admin_dsn).execute("create role a_group")
    for role in ("freehold_gates", "freehold_admin", "freehold_owner", "tenant_acme_rw", "a_group", "missing"):
        for call in (cells.gate_grant, cells.gate_revoke):
            with pytest.raises(errors.InvalidArgument, match="cannot pass a gate"):
                call(role)


def test_a_login_that_inherits_nothing_reaches_all_cells(cells: Control, database: Database) -> None:
    shy = log_in(database, "shy")
    database.connect(database.admin_dsn).execute("alter role shy noinherit")
    cells.gate_grant("shy")
    for slug in ("acme", "beta"):
        shy.execute(f"set role tenant_{slug}_rw".encode())
        shy.execute(f"select * from tenant_{slug}.note".encode())
    cells.gate_revoke("shy")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shy.execute("set role tenant_acme_rw")


def wait_until_blocked(admin: Connection, pid: int) -> None:
    query = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
    until(lambda: admin.execute(query, (pid,)).fetchone() == (True,))


@pytest.mark.parametrize("cell", [None, 1])
def test_two_changes_at_once_come_one_after_the_other(
    cells: Control, database: Database, app: Connection, cell: int | None
) -> None:
    first, second = database.control(), database.control()
    admin = database.connect(database.admin_dsn)
    pid = second.connection.info.backend_pid
    with ThreadPoolExecutor(1) as pool:
        with first.connection.transaction():
            first.gate_grant("app", cell)
            waits = pool.submit(second.gate_grant, "app", cell)
            wait_until_blocked(admin, pid)
        waits.result()
        with first.connection.transaction():
            first.gate_grant("app")
            waits = pool.submit(second.gate_revoke, "app", 1)
            wait_until_blocked(admin, pid)
        with pytest.raises(errors.WrongState):
            waits.result()
    assert reached(app, "acme", "beta") == ["acme", "beta"]


def test_a_tenant_is_provisioned_while_a_gate_is_granted(cells: Control, database: Database, app: Connection) -> None:
    other = database.control()
    with other.connection.transaction():
        other.gate_grant("app")
        assert cells.tenant_provision("gamma")["cell"] == 3
    assert reached(app, "acme", "beta", "gamma") == ["acme", "beta", "gamma"]


def test_whoever_installs_passes_no_gate_whatever_his_settings(bare_database: Database) -> None:
    admin = bare_database.connect(bare_database.admin_dsn)
    if bare_database.server.major < 16:
        pytest.skip("15 has no such setting")
    admin.execute(sql.SQL("alter role {} set createrole_self_grant = 'set, inherit'").format(sql.Identifier(OWNER)))
    try:
        bundle.run(bare_database.connect(), bundle.install_bundle())
    finally:
        admin.execute(sql.SQL("alter role {} reset createrole_self_grant").format(sql.Identifier(OWNER)))
    # An administrator, as whoever installs is made one by name.
    assert passed(bare_database, OWNER) == ["freehold_admin"]


def test_an_installation_of_before_the_group_of_all_gates_gets_it(bare_database: Database) -> None:
    """Every cell that is there opens its gate to the group; the capacity stays what it was."""
    bundle.run(bare_database.connect(), bundle.install_bundle())
    control = bare_database.control()
    assert control.setting_get("cell_capacity") == "100"
    furnish(control)
    admin = bare_database.connect(bare_database.admin_dsn)
    admin.execute("drop role freehold_gates")
    admin.execute("update freehold.setting set value = '500' where name = 'cell_capacity'")
    bundle.run(bare_database.connect(), bundle.install_bundle())
    assert control.setting_get("cell_capacity") == "500"
    app = log_in(bare_database, "app")
    control.gate_grant("app")
    for slug in ("acme", "beta"):
        app.execute(f"set role tenant_{slug}_rw".encode())
