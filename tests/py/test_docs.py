"""docs/ says what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

from freehold.control import Control

ROOT = Path(__file__).resolve().parents[2]


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tests" / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_sql_reference_is_current(connection: psycopg.Connection[Any]) -> None:
    written = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")
    assert written == _reference().sql_reference(connection), "make docs"


def test_cli_reference_is_current() -> None:
    written = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert written == _reference().cli_reference(), "make docs"


def test_readme_names_every_function(connection: psycopg.Connection[Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = _public_functions(connection)
    assert [name for name in names if f"`{name}`" not in readme and f"`call {name}`" not in readme] == []


def test_python_has_every_function(connection: psycopg.Connection[Any]) -> None:
    assert [name for name in _public_functions(connection) if not hasattr(Control, name)] == []


def _public_functions(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        """
        select distinct proname::text
        from pg_proc
        where pronamespace = 'freehold'::regnamespace and proname !~ '^_'
        order by 1
        """
    ).fetchall()
    assert rows
    return [name for (name,) in rows]
