"""SQL, the command line and HTTP have the same functions, by the same names and with the same arguments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from freehold import catalog as catalogs
from freehold.cli import main
from support.database import Database
from support.service import TestService, running


@pytest.fixture(scope="module")
def catalog(module_database: Database) -> catalogs.Catalog:
    return catalogs.read(module_database.connect(module_database.admin_dsn))


@pytest.fixture(scope="module")
def document(module_database: Database) -> dict[str, Any]:
    service: TestService
    with running(module_database) as service:
        found: dict[str, Any] = service.client().get("/openapi.json").json()
        return found


def run_cli(*arguments: str, dsn: str, **options: Any) -> Result:
    return CliRunner().invoke(main, ["--dsn", dsn, *arguments], **options)


def public(database: Database) -> set[str]:
    rows = database.connect().execute(
        "select distinct proname::text from pg_proc where pronamespace = 'freehold'::regnamespace and proname !~ '^_'"
    )
    return {row[0] for row in rows.fetchall()}


def test_the_three_lists_are_one(module_database: Database, document: dict[str, Any]) -> None:
    names = public(module_database)
    assert len(names) > 150
    listed = run_cli("call", "--json", dsn=module_database.owner_dsn)
    assert {row["function"] for row in json.loads(listed.stdout)} == names
    assert {path.removeprefix("/v1/") for path in document["paths"] if path.startswith("/v1/")} == names


def test_arguments_are_the_functions_own(
    module_database: Database, document: dict[str, Any], catalog: catalogs.Catalog
) -> None:
    rows = module_database.connect().execute(
        "select p.proname::text, p.proargnames[:p.pronargs] from pg_proc as p "
        "where p.pronamespace = 'freehold'::regnamespace and p.proname !~ '^_' and p.proargmodes is null"
    )
    checked = 0
    for name, arguments in rows.fetchall():
        if len(catalog.functions[name].overloads) > 1:
            continue
        operation = next(each for method, each in document["paths"][f"/v1/{name}"].items() if method in ("get", "post"))
        if catalog.functions[name].reads:
            over_http = {p["name"] for p in operation.get("parameters", []) if p["in"] == "query"}
        else:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            reference = schema.get("$ref") or next(each["$ref"] for each in schema["anyOf"] if "$ref" in each)
            over_http = set(document["components"]["schemas"][reference.rpartition("/")[2]].get("properties", {}))
        assert over_http == set(arguments or []), name
        checked += 1
    assert checked > 80


def test_call_says_what_a_function_takes(module_database: Database) -> None:
    said = run_cli("call", "limit_set", "--describe", "--json", dsn=module_database.owner_dsn)
    assert [(row["argument"], row["required"]) for row in json.loads(said.stdout)] == [
        ("slug", True), ("name", True), ("value", True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nothing"], 2, "freehold call lists them"),
        (["tenant_get"], 2, "needs slug"),
        (["tenant_get", "slug"], 2, "name=value"),
        (["tenant_get", "slug=x", "y=z"], 2, "takes no y"),
        (["tenant_get", "slug=nobody"], 3, "nobody"),
    ],
)
def test_a_call_that_cannot_be_made_says_why(
    module_database: Database, arguments: list[str], code: int, words: str
) -> None:
    done = run_cli("call", *arguments, dsn=module_database.owner_dsn)
    assert done.exit_code == code
    assert words in done.stderr


def test_a_call_takes_arguments_of_every_kind(module_database: Database) -> None:
    dsn = module_database.owner_dsn
    made = run_cli("call", "role_define", "name=clerk", "permissions={note:read,note:write}", "--json", dsn=dsn)
    assert json.loads(made.stdout)["permissions"] == ["note:read", "note:write"]
    body = json.dumps({"name": "clerk", "permissions": ["note:read"]})
    assert json.loads(run_cli("call", "role_define", "--body", "-", "--json", dsn=dsn, input=body).stdout)[
        "permissions"
    ] == ["note:read"]
    assert run_cli("call", "version", dsn=dsn).stdout.strip()
    assert run_cli("call", "audit_seal", dsn=dsn).exit_code == 0
