from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import freehold
from freehold import bundle
from freehold.errors import InvalidArgument, NotAllowed, TenantsExist
from support.database import OWNER, Database, Databases
from support.programs import pg_dump, psql, run

ROOT = Path(__file__).resolve().parents[2]
SHOW = "import freehold.bundle as b; print(b.sql_root()); print(b.install_bundle().text, end='')"
INSTALL = ("-1", "-q", "-f", str(bundle.sql_root() / "install.sql"))


def by_python(database: Database) -> None:
    bundle.run(database.connect(), bundle.install_bundle())


def by_psql(database: Database) -> None:
    psql(database, *INSTALL)


def by_pipe(database: Database) -> None:
    psql(database, "-1", "-q", text=bundle.install_bundle().text)


def by_command(database: Database) -> None:
    run([sys.executable, "-m", "freehold", "install", "--dsn", database.owner_dsn])


def state(database: Database) -> dict[str, object]:
    """All that an installation is: objects with privileges and comments, rows, roles, the database's own rights."""
    queries = {
        "settings": "select name, value, fixed, description from freehold.setting order by name",
        "roles": "select to_jsonb(r) - 'oid' from pg_roles as r where rolname !~ '^pg_' order by rolname",
        "memberships": "select roleid::regrole::text, member::regrole::text, grantor::regrole::text, "
        "to_jsonb(m) - 'oid' - 'roleid' - 'member' - 'grantor' from pg_auth_members as m order by 1, 2, 3",
        "database": "select array(select a::text from unnest(datacl) as a order by 1) from pg_database "
        "where datname = current_database()",
        "defaults": "select defaclrole::regrole::text, defaclnamespace, defaclobjtype, defaclacl::text "
        "from pg_default_acl order by 1, 2, 3",
        "rows": "select (select count(*) from freehold.tenant), (select count(*) from freehold.operation)",
    }
    with database.connect(database.admin_dsn) as admin:
        found: dict[str, object] = {name: admin.execute(query.encode()).fetchall() for name, query in queries.items()}
    return found | {"dump": pg_dump(database, "--schema-only")}


def test_every_way_gives_the_same_database(databases: Databases) -> None:
    states = {}
    for install in (by_psql, by_python, by_pipe, by_command):
        with databases.bare() as database:
            install(database)
            states[install.__name__] = state(database)
    first = states.pop("by_psql")
    assert "comment on" in str(first["dump"]).lower()
    assert "grant" in str(first["dump"]).lower()
    for name, other in states.items():
        assert other == first, name


def test_installing_twice_equals_installing_once(bare_database: Database) -> None:
    by_python(bare_database)
    once = state(bare_database)
    by_python(bare_database)
    assert state(bare_database) == once


def test_an_upgrade_leaves_rows_and_tenants(database: Database) -> None:
    control = database.control()
    control.template_create("default")
    control.template_freeze("default")
    before = control.tenant_provision("acme")
    control.setting_set("retire_grace", "3 days")
    by_python(database)
    assert control.tenant_get("acme") == before
    assert control.setting_get("retire_grace") == "3 days"


def test_a_reserve_of_an_earlier_install_gets_ids(database: Database) -> None:
    control = database.control()
    control.template_create("default")
    control.template_freeze("default")
    control.reserve_fill(size=2)
    with database.connect(database.admin_dsn) as admin:
        once = state(database)
        admin.execute("alter table freehold.reserve drop column tenant_id cascade, drop column operation_id cascade")
        by_python(database)
        assert state(database) == once
        ids = admin.execute("select tenant_id from freehold.reserve order by id").fetchall()
    claimed = [(control.tenant_provision(slug)["id"],) for slug in ("acme", "beta")]
    assert claimed == ids
    assert len(set(ids)) == 2


# Functions of earlier installations, each of which another has taken the place of.
EARLIER = [
    "function freehold.member_list(slug text, after uuid default null, max_rows integer default 1000)"
    " returns table (user_id uuid)",
    "function freehold.invitation_list(slug text, past boolean default false, max_rows integer default 1000)"
    " returns table (id uuid)",
    "function freehold.role_list(slug text default null) returns table (name text)",
    "function freehold.reserve_status() returns table (template text, version integer, ready bigint, stale bigint)",
    "function freehold._owner_run(cell integer, schema_name name, owner_role name, script text, query text default null,"
    " all_rows boolean default false) returns text",
    "function freehold._build_run(cell integer, schema_name name, owner_role name, script text, staged text,"
    " all_rows boolean default false) returns void",
    "function freehold._erase_run(tenant freehold.tenant, operation freehold.operation) returns freehold.operation",
    "function freehold._tenant_build(tenant freehold.tenant, template text, version integer) returns void",
    "function freehold._reserve_make(template text, version integer) returns freehold.reserve",
]


def test_functions_of_an_earlier_install_go(bare_database: Database) -> None:
    """One beside its successor would make the usual call of it ambiguous."""
    by_python(bare_database)
    once = state(bare_database)
    with bare_database.connect(bare_database.admin_dsn) as admin:
        admin.execute("set role freehold_owner")
        admin.execute("drop function freehold.reserve_status()")
        for function in EARLIER:
            admin.execute(f"create {function} language plpgsql as 'begin end'".encode())
    assert state(bare_database) != once
    by_psql(bare_database)
    assert state(bare_database) == once


def test_a_change_by_hand_is_undone_by_installing_again(bare_database: Database) -> None:
    """The test above would pass if installing again did nothing."""
    by_python(bare_database)
    once = state(bare_database)
    with bare_database.connect(bare_database.admin_dsn) as admin:
        admin.execute("grant execute on function freehold.version() to public")
        admin.execute("comment on function freehold.version() is null")
        assert state(bare_database) != once
    by_python(bare_database)
    assert state(bare_database) == once


def test_without_createrole_it_says_what_is_missing(bare_database: Database) -> None:
    with bare_database.connect(bare_database.admin_dsn) as admin:
        admin.execute(f"alter role {OWNER} nocreaterole")
        try:
            with pytest.raises(NotAllowed) as caught:
                by_python(bare_database)
        finally:
            admin.execute(f"alter role {OWNER} createrole")
    assert "createrole" in str(caught.value.diag.message_hint)


def test_prefixes_are_chosen_at_the_first_install(bare_database: Database) -> None:
    options = ["--role-prefix", "crm", "--schema-prefix", "crm_"]
    run([sys.executable, "-m", "freehold", "--dsn", bare_database.owner_dsn, "install", *options])
    control = bare_database.control()
    control.template_create("default")
    control.template_freeze("default")
    row = control.tenant_provision("acme")
    assert (row["schema_name"], row["owner_role"]) == ("crm_acme", "crm_acme_owner")
    roles = {name for (name,) in bare_database.connect().execute("select rolname from pg_roles")}
    assert "crm_admin" in roles
    assert not {name for name in roles if name.startswith("freehold")}
    by_python(bare_database)
    assert control.setting_get("role_prefix") == "crm"


def test_uninstall_leaves_nothing_and_refuses_while_tenants_exist(bare_database: Database) -> None:
    connection = bare_database.connect()
    empty = pg_dump(bare_database), {name for (name,) in connection.execute("select rolname from pg_roles")}
    by_python(bare_database)
    control = bare_database.control()
    control.template_create("default")
    control.template_freeze("default")
    control.tenant_provision("acme")
    with pytest.raises(TenantsExist):
        bundle.run(connection, bundle.uninstall_bundle())
    control.tenant_retire("acme", grace="0")
    control.tenant_erase("acme", "test")
    warnings: list[str | None] = []
    connection.add_notice_handler(lambda notice: warnings.append(notice.message_primary))
    bundle.run(connection, bundle.uninstall_bundle())
    assert warnings == []
    assert (pg_dump(bare_database), {name for (name,) in connection.execute("select rolname from pg_roles")}) == empty


def test_an_installation_of_an_earlier_release_can_be_removed(bare_database: Database) -> None:
    """Of before the roles that came later."""
    connection = bare_database.connect()
    empty = {name for (name,) in connection.execute("select rolname from pg_roles")}
    by_python(bare_database)
    bare_database.connect(bare_database.admin_dsn).execute("drop role freehold_gates")
    bundle.run(connection, bundle.uninstall_bundle())
    assert {name for (name,) in connection.execute("select rolname from pg_roles")} == empty


def public(database: Database) -> list[str]:
    """What PUBLIC may do with the database."""
    rows = database.connect(database.admin_dsn).execute(
        "select p from unnest(array['connect', 'create', 'temporary']) as p "
        "where has_database_privilege('public', current_database(), p)"
    )
    return [privilege for (privilege,) in rows]


@pytest.mark.parametrize("privileges", [["connect", "temporary"], ["connect"], ["temporary"], []])
def test_uninstall_gives_public_what_the_install_took(bare_database: Database, privileges: list[str]) -> None:
    owner, name = bare_database.connect(), bare_database.name
    owner.execute(f"revoke all on database {name} from public".encode())
    if privileges:
        owner.execute(f"grant {', '.join(privileges)} on database {name} to public".encode())
    by_python(bare_database)
    assert public(bare_database) == []
    by_python(bare_database)
    bundle.run(owner, bundle.uninstall_bundle())
    assert public(bare_database) == privileges


def test_what_the_install_took_later_comes_back_too(bare_database: Database) -> None:
    owner, name = bare_database.connect(), bare_database.name
    owner.execute(f"revoke all on database {name} from public".encode())
    by_python(bare_database)
    assert bare_database.control().setting_get("public_revoked") == "none"
    owner.execute(f"grant temporary on database {name} to public".encode())
    by_python(bare_database)
    bundle.run(owner, bundle.uninstall_bundle())
    assert public(bare_database) == ["temporary"]


@pytest.mark.parametrize("again", [False, True])
def test_an_installation_without_account_had_taken_both(bare_database: Database, again: bool) -> None:
    by_python(bare_database)
    with bare_database.connect(bare_database.admin_dsn) as admin:
        admin.execute("delete from freehold.setting where name = 'public_revoked'")
    if again:
        by_python(bare_database)
        assert bare_database.control().setting_get("public_revoked") == "connect, temporary"
    bundle.run(bare_database.connect(), bundle.uninstall_bundle())
    assert public(bare_database) == ["connect", "temporary"]


def test_at_its_end_psql_says_what_is_installed(bare_database: Database) -> None:
    said = f'NOTICE:  freehold {freehold.__version__} is installed in database "{bare_database.name}", role prefix freehold'
    for _ in ("first", "again"):
        lines = psql(bare_database, *INSTALL).stderr.splitlines()
        assert lines[-1].endswith(said)
        assert [line for line in lines if "NOTICE" in line] == lines[-1:]


def test_the_command_says_it_once(bare_database: Database) -> None:
    done = run([sys.executable, "-m", "freehold", "install", "--dsn", bare_database.owner_dsn])
    assert (done.stdout + done.stderr).count(f"freehold {freehold.__version__} is installed") == 1


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [
        ("role_prefix", "pg_mine", "--role-prefix crm"),
        ("role_prefix", "Not usable", "--role-prefix crm"),
        ("schema_prefix", "pg_", "--schema-prefix crm_"),
        ("schema_prefix", "pg_mine_", "--schema-prefix crm_"),
        ("schema_prefix", "template_", "--schema-prefix crm_"),
        ("schema_prefix", "no_underscore", "--schema-prefix crm_"),
        ("naming", "number", "--naming opaque"),
    ],
)
def test_a_bad_choice_is_answered_with_a_good_one(bare_database: Database, name: str, value: str, option: str) -> None:
    connection = bare_database.connect()
    connection.execute("select set_config(%s, %s, false)", (f"freehold.{name}", value))
    with pytest.raises(InvalidArgument) as caught:
        bundle.run(connection, bundle.install_bundle())
    hint = str(caught.value.diag.message_hint)
    assert f"PGOPTIONS='-c freehold.{name}={option.split()[1]}'" in hint
    assert f"freehold install {option}" in hint
    assert value in str(caught.value)


def test_version_is_one(database: Database) -> None:
    assert database.control().version() == freehold.__version__


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)], cwd=ROOT, check=True,
        capture_output=True,
    )  # fmt: skip
    (path,) = target.glob("*.whl")
    return path


def test_a_wheel_carries_the_sql(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
        names = set(archive.namelist())
    assert "freehold/py.typed" in names
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        env={"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    where, text = done.stdout.split("\n", 1)
    assert Path(where) == tmp_path / "freehold" / "sql"
    assert text == bundle.install_bundle().text
    for path in (ROOT / "sql").rglob("*.sql"):
        assert f"freehold/sql/{path.relative_to(ROOT / 'sql').as_posix()}" in names
    assert {"freehold/vendor/pgtap/pgtap.sql", "freehold/vendor/pgtap/LICENSE"} <= names
    assert "freehold/examples/helpdesk/rows.sql" in names
