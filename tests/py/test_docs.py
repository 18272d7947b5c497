"""docs/ says what the code says."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg

from freehold.control import Control
from support.database import Database

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


def test_the_page_of_the_context_runs(control: Control, database: Database) -> None:
    page = (ROOT / "docs" / "how-to" / "context.md").read_text(encoding="utf-8")
    entered, cached, granted = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    control.template_create("crm")
    control.template_apply("crm", "create table contact (id uuid default gen_random_uuid(), name text not null)")
    control.template_freeze("crm")
    control.tenant_provision("acme", "crm")
    dsn = database.login_dsn("app_login")
    control.gate_grant("app_login")
    app = database.connect(dsn)
    app.execute(entered.encode())
    # What a driver sets by itself is what tenant_enter() sets.
    state = "select current_user::text, current_setting('search_path'), freehold.actor_current()"
    app.execute("begin; select freehold.tenant_enter('acme', 'alice')")
    expected = app.execute(state.encode()).fetchone()
    app.execute("rollback")
    app.execute(cached.encode())
    assert app.execute(state.encode()).fetchone() == expected
    assert app.execute("select name from contact").fetchall() == [("Ada",)]
    app.execute("rollback")
    dsn = database.login_dsn("app_resolver")
    database.connect().execute(granted.encode())
    resolver = database.connect(dsn)
    assert resolver.execute("select role_name::text from freehold.tenant_context('acme')").fetchone() == (
        "tenant_acme_rw",
    )
