"""The files under sql/functions and the functions in the database are the same set."""

from __future__ import annotations

import re
from pathlib import Path

from freehold import bundle
from support.database import Database

ROOT = Path(bundle.__file__).parents[2] / "sql" / "functions"
DECLARED = re.compile(r"^create or replace (?:function|procedure) freehold\.(\w+)", re.MULTILINE)
GENERATED = re.compile(r"^_cell_\d\d+$")


def test_a_file_holds_one_function_of_its_name() -> None:
    for path in ROOT.rglob("*.sql"):
        assert set(DECLARED.findall(path.read_text())) == {path.stem}, path


def test_the_manifest_lists_every_file_once() -> None:
    text = (ROOT.parent / "install.sql").read_text()
    listed = re.findall(r"^\\ir (functions/\S+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(str(path.relative_to(ROOT.parent)) for path in ROOT.rglob("*.sql"))


def test_the_database_holds_what_the_files_declare(database: Database) -> None:
    rows = database.connect().execute(
        "select proname, prosrc, prosqlbody is not null from pg_proc where pronamespace = 'freehold'::regnamespace"
    )
    bodies = {name: None if bound else body for name, body, bound in rows if not GENERATED.match(name)}
    files = {path.stem: path.read_text() for path in ROOT.rglob("*.sql")}
    assert set(bodies) == set(files)
    for name, body in bodies.items():
        assert body is None or body in files[name], f"{name} is not what its file says"
