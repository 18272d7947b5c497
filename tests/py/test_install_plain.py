"""Installing as a role that has CREATE on the database, but neither owns it nor may pass the privilege on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold import bundle, pgtap_runner
from freehold.control import Control
from freehold.errors import NameTaken, NotAllowed
from support.database import OWNER, Database
from support.programs import pg_dump, psql

INSTALLER = "plain_installer"
OTHER = "plain_other"
MAKER = "freehold._installer_schema(name,name,name)"
PGTAP = Path(__file__).resolve().parents[1] / "pgtap"
SCRIPT = """
    create table note (id bigint generated always as identity primary key, body text);
    create function notes() returns bigint language sql stable set search_path = template_default
        as 'select count(*) from note';
    insert into note (body) values ('seed')
"""
# Everything that an installation is, of a role that makes the schemas itself.
STATE = {
    "settings": "select name, value, fixed, description from freehold.setting order by name",
    "memberships": "select roleid::regrole::text, member::regrole::text, grantor::regrole::text, "
    "to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor' from pg_auth_members as m order by 1, 2, 3",
    "database": "select array(select a::text from unnest(datacl) as a order by 1) from pg_database "
    "where datname = current_database()",
}


@dataclass
class Plain:
    """A database and a login that installs in it.

    Attributes:
        database: Owned by another role, a login as well.
        dsn: Connection string of the installing role.
        warnings: What the last install warned of, with its hint.
    """

    database: Database
    dsn: str

    def __post_init__(self) -> None:
        self.warnings: list[tuple[str, str]] = []

    def install(self, dsn: str | None = None) -> None:
        connection = self.database.connect(dsn or self.dsn)
        self.warnings = []
        connection.add_notice_handler(self._note)
        bundle.run(connection, bundle.install_bundle())

    def _note(self, diag: psycopg.errors.Diagnostic) -> None:
        message = str(diag.message_primary)
        # Of PostgreSQL 15 every install says one thing more.
        if diag.severity_nonlocalized == "WARNING" and "CREATEROLE" not in message:
            self.warnings.append((message, str(diag.message_hint)))

    def control(self) -> Control:
        return Control(self.database.connect(self.dsn))

    def admin(self) -> psycopg.Connection[Any]:
        return self.database.connect(self.database.admin_dsn)

    def fill(self) -> Control:
        """Installs, and makes the template default."""
        self.install()
        control = self.control()
        control.template_create("default")
        control.template_apply("default", SCRIPT)
        control.template_freeze("default")
        return control

    def as_owner(self) -> None:
        """What the warning asks of the database's owner."""
        ((_, hint),) = self.warnings
        self.database.connect().execute(hint.removeprefix("As the database's owner: ").encode())

    def state(self) -> dict[str, object]:
        admin = self.admin()
        found: dict[str, object] = {name: admin.execute(query.encode()).fetchall() for name, query in STATE.items()}
        return found | {"dump": pg_dump(self.database, "--schema-only")}

    def value(self, query: str) -> object:
        row = self.admin().execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def newcomer(database: Database, role: str) -> str:
    """Connection string of a login with CREATEROLE, and CREATE on the database."""
    dsn = database.login_dsn(role)
    with database.server.connect(database.name) as admin:
        admin.execute(f"alter role {role} createrole".encode())
    database.connect().execute(f"grant create on database {database.name} to {role}".encode())
    return dsn


@pytest.fixture
def plain(bare_database: Database) -> Plain:
    return Plain(bare_database, newcomer(bare_database, INSTALLER))


def test_it_lives_a_whole_life(plain: Plain) -> None:
    before = pg_dump(plain.database), plain.value("select count(*) from pg_roles")
    connect = "select has_database_privilege('public', current_database(), 'connect')"
    control = plain.fill()
    assert ["PUBLIC still has" in message for message, _ in plain.warnings] == [True]
    control.setting_set("cell_capacity", "1")
    acme = control.tenant_provision("acme")
    copy = control.tenant_clone("acme", "copy")
    assert (acme["cell"], copy["cell"]) == (1, 2)
    assert control.tenant_rename("copy", "other")["schema_name"] == "tenant_other"
    assert not [row for row in control.fleet_drift() if row["drifted"]]
    runners = "select count(*) from pg_proc where pronamespace = 'freehold_runner'::regnamespace and proname ~ '^run_'"
    assert plain.value(runners) == 3

    app = plain.database.login_dsn("plain_app")
    control.gate_grant("plain_app", 1)
    control.gate_grant("plain_app", 2)
    with psycopg.connect(app) as session:
        session.execute("set local role tenant_other_rw")
        assert session.execute("select body, tenant_other.notes() from tenant_other.note").fetchall() == [("seed", 1)]
        session.execute("reset role")
        session.execute("set local role tenant_acme_rw")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("select from tenant_other.note")
    control.tenant_suspend("other")
    with psycopg.connect(app) as session, pytest.raises(psycopg.errors.InsufficientPrivilege):
        session.execute("set local role tenant_other_rw")

    for slug in ("acme", "other"):
        control.tenant_retire(slug, grace="0")
        control.tenant_erase(slug, "test")
    assert plain.value(connect) is True
    plain.admin().execute("drop role plain_app")
    bundle.run(plain.database.connect(plain.dsn), bundle.uninstall_bundle())
    assert (pg_dump(plain.database), plain.value("select count(*) from pg_roles")) == before


def test_what_the_warning_asks_of_the_owner_is_enough(plain: Plain) -> None:
    control = plain.fill()
    plain.as_owner()
    plain.install()
    assert plain.warnings == []
    control.setting_set("cell_capacity", "1")
    for slug in ("acme", "other"):
        control.tenant_provision(slug)
    dsn = plain.database.login_dsn("plain_app")
    with pytest.raises(psycopg.OperationalError, match="CONNECT"):
        psycopg.connect(dsn)
    # The gate of a cell that was opened since, too.
    control.gate_grant("plain_app", 2)
    with psycopg.connect(dsn) as session:
        session.execute("set local role tenant_other_rw")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("create temporary table t ()")
    for slug in ("acme", "other"):
        control.tenant_retire(slug, grace="0")
        control.tenant_erase(slug, "test")
    plain.admin().execute("drop role plain_app")
    with pytest.raises(NotAllowed) as caught:
        bundle.run(plain.database.connect(plain.dsn), bundle.uninstall_bundle())
    statement = (
        str(caught.value.diag.message_hint).removeprefix(f"As {OWNER}: ").removesuffix(" Or uninstall as a superuser.")
    )
    plain.database.connect().execute(statement.encode())
    bundle.run(plain.database.connect(plain.dsn), bundle.uninstall_bundle())
    assert plain.value("select count(*) from pg_roles where rolname ~ '^(freehold|tenant)_'") == 0
    # The install did not take them from PUBLIC, so the uninstall does not give them.
    assert plain.value("select has_database_privilege('public', current_database(), 'connect')") is False


def test_a_superuser_uninstalls_what_others_granted(plain: Plain) -> None:
    plain.install()
    plain.as_owner()
    bundle.run(plain.admin(), bundle.uninstall_bundle())
    assert plain.value("select count(*) from pg_roles where rolname ~ '^freehold_'") == 0


def test_psql_and_python_give_the_same_and_twice_is_once(plain: Plain) -> None:
    plain.install()
    once = plain.state()
    plain.install()
    assert plain.state() == once
    bundle.run(plain.database.connect(plain.dsn), bundle.uninstall_bundle())
    install = str(bundle.sql_root() / "install.sql")
    psql(plain.database, "-q", "-1", "-d", plain.dsn, "-f", install)
    assert plain.state() == once


@pytest.mark.parametrize("suite", ["contract", "isolation/probes", "erase"])
def test_the_suites_hold(plain: Plain, suite: str) -> None:
    plain.install()
    plain.as_owner()
    # The suites make temporary tables, and a schema for what they are made of.
    plain.database.connect().execute(f"grant temporary on database {plain.database.name} to {INSTALLER}".encode())
    connection = plain.database.connect(plain.dsn)
    pgtap_runner.load_pgtap(connection)
    outcome = pgtap_runner.run_file(PGTAP / f"{suite}.sql", connection)
    assert not outcome.problems, "\n".join(outcome.problems)
    assert outcome.run > 10


def test_nobody_but_the_owner_role_can_call_what_makes_schemas(plain: Plain) -> None:
    control = plain.fill()
    control.tenant_provision("acme")
    admin = plain.admin()
    may = admin.execute(
        "select rolname from pg_roles where not rolsuper and has_function_privilege(rolname, %s, 'execute') order by 1",
        (MAKER,),
    ).fetchall()
    assert may == [("freehold_owner",), (INSTALLER,)]
    assert plain.value(f"select prosecdef from pg_proc where oid = '{MAKER}'::regprocedure") is True
    # Whoever may call what calls it has no way in either.
    for role in ("freehold_admin", "tenant_acme_owner", "tenant_acme_rw", "freehold_gate_01"):
        with admin.transaction(force_rollback=True):
            admin.execute(f"set local role {role}".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                admin.execute("select freehold._installer_schema('tenant_evil', 'tenant_evil_owner', null)")


@pytest.mark.parametrize(
    ("schema", "owner", "old"),
    [
        ("evil", "evil_owner", None),
        ("tenant_evil", "freehold_owner", None),
        ("tenant_evil", INSTALLER, None),
        ("tenant_evil", "tenant_acme_owner", None),
        ("tenant_evil", None, None),
        (None, "tenant_evil_owner", None),
        ("Tenant_evil", "Tenant_evil_owner", None),
        ('tenant_evil" authorization postgres; --', 'tenant_evil" authorization postgres; --_owner', None),
        ("tenant_evil\n", "tenant_evil\n_owner", None),
        ("template_evil", "template_evil_owner", None),
        ("template_Evil", "freehold_template_Evil_owner", None),
        ("tenant_evil", "public_owner", "public"),
        ("tenant_evil", "freehold_owner", "freehold"),
        ("freehold", "tenant_acme_owner", "tenant_acme"),
        ("public2", "tenant_acme_owner", "tenant_acme"),
        ("template_evil", "freehold_template_default_owner", "template_default"),
    ],
)
def test_what_makes_schemas_makes_no_others(plain: Plain, schema: str, owner: str, old: str | None) -> None:
    plain.fill().tenant_provision("acme")
    admin = plain.admin()
    # Nothing but the function's own check is to stand in the way.
    for role in ("freehold_owner", "tenant_acme_owner", "freehold_template_default_owner"):
        admin.execute(f"grant {role} to {INSTALLER}".encode())
    with admin.transaction(force_rollback=True):
        admin.execute("set local role freehold_owner")
        with pytest.raises(NotAllowed):
            admin.execute("select freehold._installer_schema(%s, %s, %s)", (schema, owner, old))
    for role in ("freehold_owner", "tenant_acme_owner", "freehold_template_default_owner"):
        admin.execute(f"revoke {role} from {INSTALLER}".encode())


def test_the_installing_role_keeps_no_tenants_rights(plain: Plain) -> None:
    control = plain.fill()
    control.tenant_provision("acme")
    control.tenant_rename("acme", "other")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.database.connect(plain.dsn).execute("select from tenant_other.note")
    members = (
        "select count(*) from pg_auth_members where roleid::regrole::text ~ '^(tenant|freehold_template)_.*_owner$'"
    )
    usable = f"{members} and coalesce((to_jsonb(pg_auth_members) ->> 'set_option')::boolean, true)"
    assert plain.value(usable) == 0


def test_with_the_grant_option_the_cells_take_over(plain: Plain) -> None:
    control = plain.fill()
    control.tenant_provision("acme")
    owner = plain.database.connect()
    owner.execute(f"grant create on database {plain.database.name} to {INSTALLER} with grant option".encode())
    plain.install()
    assert plain.value(f"select to_regprocedure('{MAKER}') is null") is True
    assert plain.value("select has_database_privilege('freehold_cell_01', current_database(), 'create')") is True
    assert control.tenant_rename("acme", "other")["state"] == "active"
    assert control.tenant_provision("acme")["state"] == "active"
    # And back: without CREATE the cells cannot, and the next install finds that out.
    owner.execute(f"revoke create on database {plain.database.name} from {INSTALLER} cascade".encode())
    with pytest.raises(NotAllowed) as caught:
        control.tenant_provision("third")
    assert "install again" in str(caught.value.diag.message_hint).lower()
    owner.execute(f"grant create on database {plain.database.name} to {INSTALLER}".encode())
    plain.install()
    assert control.tenant_provision("third")["state"] == "active"


def test_without_create_it_says_what_is_missing(plain: Plain) -> None:
    owner = plain.database.connect()
    owner.execute(f"revoke create on database {plain.database.name} from {INSTALLER}".encode())
    with pytest.raises(NotAllowed) as caught:
        plain.install()
    hint = str(caught.value.diag.message_hint)
    owner.execute(hint.removeprefix("As its owner: ").encode())
    control = plain.fill()
    control.tenant_provision("acme")
    # Lost again: so says every call that needs it.
    owner.execute(f"revoke create on database {plain.database.name} from {INSTALLER}".encode())
    for call, arguments in ((control.tenant_provision, ["other"]), (control.tenant_rename, ["acme", "other"])):
        with pytest.raises(NotAllowed) as caught:
            call(*arguments)
        assert f"grant create on database {plain.database.name} to {INSTALLER}" in str(caught.value.diag.message_hint)
    owner.execute(f"grant create on database {plain.database.name} to {INSTALLER}".encode())
    assert control.tenant_rename("acme", "other")["state"] == "active"


def test_when_the_installing_role_goes_another_installs_again(plain: Plain) -> None:
    before = plain.fill().tenant_provision("acme")
    other = newcomer(plain.database, OTHER)
    admin = plain.admin()
    control = Control(admin)
    admin.execute(f"drop owned by {INSTALLER}; drop role {INSTALLER}".encode())
    with pytest.raises(NotAllowed) as caught:
        control.tenant_provision("other")
    assert "Install again" in str(caught.value.diag.message_hint)
    if plain.database.server.major >= 16:
        # Only ADMIN on the installation's roles lets another one grant them; the refusal names the statement.
        with pytest.raises(NameTaken) as refused:
            plain.install(other)
        admin.execute(str(refused.value.diag.message_hint).split("as one: ")[1].encode())
    plain.install(other)
    mine = Control(plain.database.connect(other))
    assert mine.tenant_get("acme") == before
    assert mine.tenant_provision("other")["state"] == "active"
    with psycopg.connect(plain.database.login_dsn("plain_app")) as session:
        mine.gate_grant("plain_app")
        session.execute("set local role tenant_other_rw")
    admin.execute("drop role plain_app")


def test_a_role_that_inherits_nothing_by_itself(plain: Plain) -> None:
    plain.admin().execute(f"alter role {INSTALLER} noinherit".encode())
    if plain.database.server.major < 16:
        # There the role's attribute decides, later ones ask for each membership.
        with pytest.raises(NotAllowed) as caught:
            plain.install()
        plain.database.connect(plain.dsn).execute(str(caught.value.diag.message_hint).encode())
    plain.install()
    plain.install()
    bundle.run(plain.database.connect(plain.dsn), bundle.uninstall_bundle())


def test_the_databases_owner_installs_as_before(bare_database: Database) -> None:
    bundle.run(bare_database.connect(), bundle.install_bundle())
    admin = bare_database.connect(bare_database.admin_dsn)
    assert admin.execute("select to_regprocedure(%s)", (MAKER,)).fetchone() == (None,)
    assert admin.execute(
        "select pg_get_userbyid(datdba) from pg_database where datname = current_database()"
    ).fetchone() == (OWNER,)
