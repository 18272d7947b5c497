from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from freehold import bundle
from support.database import Database
from support.programs import psql


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    write(tmp_path / "schema" / "a.sql", "-- a\ncreate table a (n integer);")
    write(tmp_path / "schema" / "b.sql", "create table b (\n    n integer\n);\n")
    write(tmp_path / "schema" / "all.sql", "-- nested\n\\ir a.sql\n\\ir b.sql\n")
    write(tmp_path / "quoted name.sql", "create function f() returns integer return 1;\n")
    return write(tmp_path / "install.sql", "-- a manifest\n\n\\ir schema/all.sql\n\\ir 'quoted name.sql'\n")


def test_expansion(toy: Path) -> None:
    expanded = bundle.expand(toy)
    assert expanded.text == (
        "-- a manifest\n\n-- nested\n-- a\ncreate table a (n integer);\ncreate table b (\n    n integer\n);\n"
        "create function f() returns integer return 1;\n"
    )
    assert [path.name for path in expanded.files] == ["install.sql", "all.sql", "a.sql", "b.sql", "quoted name.sql"]


def test_a_place_in_the_text_is_a_line_of_a_file(toy: Path) -> None:
    expanded = bundle.expand(toy)
    assert [expanded.locate(expanded.text.index(at)) for at in ("-- a\n", "create table a", "n integer\n", "f()")] == [
        (toy.parent / "schema" / "a.sql", 1),
        (toy.parent / "schema" / "a.sql", 2),
        (toy.parent / "schema" / "b.sql", 2),
        (toy.parent / "quoted name.sql", 1),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("\\i schema/a.sql", "only .* is understood"),
        ("\\set x 1", "only .* is understood"),
        ("\\ir missing.sql", "does not exist"),
        ("\\ir schema/a.sql", "twice"),
        ("\\ir install.sql", "twice"),
    ],
)
def test_a_manifest_that_is_none(toy: Path, line: str, problem: str) -> None:
    with toy.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(bundle.ManifestError, match=problem):
        bundle.expand(toy)


def test_an_error_names_its_file(toy: Path, bare_database: Database) -> None:
    write(toy.parent / "schema" / "b.sql", "create table b (\n    n nonsense\n);\n")
    expanded, connection = bundle.expand(toy), bare_database.connect()
    connection.execute("create schema test; set search_path = test")
    with pytest.raises(psycopg.errors.UndefinedObject) as caught:
        bundle.run(connection, expanded)
    assert bundle.location_of(caught.value, expanded) == "b.sql:2"
    assert connection.execute("select count(*) from pg_class where relnamespace = 'test'::regnamespace").fetchone() == (
        0,
    )


def test_the_session_is_left_as_it_was(toy: Path, bare_database: Database) -> None:
    connection = bare_database.connect()
    write(toy.parent / "schema" / "b.sql", "set role pg_monitor;\nset search_path = nowhere;\n")
    write(toy.parent / "schema" / "a.sql", "select 1;\n")
    write(toy.parent / "quoted name.sql", "select 1;\n")
    with bare_database.connect(bare_database.admin_dsn) as admin:
        bundle.run(admin, bundle.expand(toy))
        row = admin.execute(
            "select current_user = session_user, current_setting('search_path') <> 'nowhere'"
        ).fetchone()
        assert row == (True, True)
    assert not connection.closed


def test_psql_reads_the_same_text(bare_database: Database) -> None:
    """psql echoes what it reads: the bundle's lines, and those that include."""
    done = psql(bare_database, "-q", "-a", "-1", "-f", str(bundle.sql_root() / "install.sql"))
    # It leaves out some blank lines.
    read = [line for line in done.stdout.splitlines() if line and not line.startswith("\\ir ")]
    assert read == [line for line in bundle.install_bundle().text.splitlines() if line]
