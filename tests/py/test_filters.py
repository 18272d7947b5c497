"""A list that is asked for one state, or one template, refuses what is none, and says which there are."""

from __future__ import annotations

import re
from typing import Any

import click
import psycopg
import pytest
from click.testing import CliRunner

from freehold import catalog
from freehold.cli import main
from freehold.control import Control
from freehold.errors import InvalidArgument, TemplateNotFound
from freehold.http.console import reports, tenants
from support.database import Database
from support.service import key, running

GIVEN: dict[str, dict[str, Any]] = {
    "operation_list": {},
    "rollout_tenants": {"id": 1},
    "signup_list": {},
    "tenant_list": {},
}
"""The lists, and what else they are to be given."""
TABLES = {name: name.removesuffix("_list").removesuffix("s") for name in GIVEN}
"""Whose state it is."""
FILTERS = ("state", "progress")
"""What such an argument is called."""


@pytest.fixture(scope="module")
def control(module_database: Database) -> Control:
    control = Control(module_database.connect(module_database.admin_dsn))
    control.template_create("default")
    control.template_apply("default", "create table note (id int primary key)")
    control.template_freeze("default")
    control.tenant_provision("acme")
    control.rollout_create("default", [{"id": "0001.note", "digest": "0" * 64, "contract": []}])
    return control


@pytest.fixture(scope="module")
def functions(control: Control) -> dict[str, catalog.Function]:
    return {
        name: function for name, function in catalog.read(control.connection).functions.items()
        if function.reads and any(argument.name in FILTERS for argument in function.main.arguments)
    }  # fmt: skip


def ask(control: Control, function: catalog.Function, word: str) -> list[dict[str, Any]]:
    """The list of those in a state."""
    (parameter,) = (argument.name for argument in function.main.arguments if argument.name in FILTERS)
    rows: list[dict[str, Any]] = getattr(control, function.name)(**GIVEN[function.name], **{parameter: word})
    return rows


def words(control: Control, function: catalog.Function) -> list[str]:
    """The words that a list names when it refuses another one."""
    with pytest.raises(InvalidArgument) as caught:
        ask(control, function, "actve")
    found = re.fullmatch("(state|progress) is one of (.*), not 'actve'", caught.value.diag.message_primary or "")
    assert found is not None
    return found[2].split(", ")


def holds(connection: psycopg.Connection[Any], table: str, word: str) -> bool:
    """Whether a table's state may be a word, as the server says."""
    row = connection.execute(
        "select pg_get_expr(c.conbin, c.conrelid) from pg_constraint as c "
        "join pg_attribute as a on a.attrelid = c.conrelid and c.conkey = array[a.attnum] "
        "where c.contype = 'c' and a.attname = 'state' and c.conrelid = %s::regclass",
        (f"freehold.{table}",),
    ).fetchone()
    assert row is not None
    found = connection.execute(f"select {row[0]} from (values (%s)) as t (state)".encode(), (word,)).fetchone()
    assert found is not None
    return bool(found[0])


def test_the_lists_above_are_all(functions: dict[str, catalog.Function]) -> None:
    assert set(functions) == set(GIVEN)


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_what_is_no_state_is_refused(control: Control, functions: dict[str, catalog.Function], name: str) -> None:
    function, known = functions[name], words(control, functions[name])
    assert len(known) > 3
    for word in known:
        assert holds(control.connection, TABLES[name], word)
        assert {row["state"] for row in ask(control, function, word)} <= {word}
    for word in ("", known[0].upper(), f" {known[0]}", "'", f"{{{known[0]}}}", ", ".join(known)):
        with pytest.raises(InvalidArgument):
            ask(control, function, word)
    assert "FH003" in function.errors, "the document tells it"


def test_words_are_read_as_a_constraint_has_them(control: Control) -> None:
    control.connection.execute("select freehold._word_check('state', 'rolled back', 'freehold.tenant_migration')")
    control.connection.execute("select freehold._word_check('tier', 'dedicated', 'freehold.tenant', 'tier')")
    with pytest.raises(InvalidArgument, match="one of applying, applied, rolled back, not"):
        control.connection.execute("select freehold._word_check('state', 'rolled', 'freehold.tenant_migration')")


@pytest.mark.parametrize("name", sorted(GIVEN))
def test_the_command_line_offers_the_same(control: Control, functions: dict[str, catalog.Function], name: str) -> None:
    command: Any = main
    for word in name.split("_"):
        command = command.commands[word]
    (option,) = (each for each in command.params if each.name == "state")
    assert isinstance(option.type, click.Choice)
    assert sorted(option.type.choices) == sorted(words(control, functions[name]))


def test_the_console_offers_the_same(control: Control, functions: dict[str, catalog.Function]) -> None:
    assert sorted(tenants.STATES) == sorted(words(control, functions["tenant_list"]))
    assert sorted(reports.OPERATION_STATES) == sorted(words(control, functions["operation_list"]))


def test_over_http_it_is_bad_input(module_database: Database, functions: dict[str, catalog.Function]) -> None:
    with running(module_database) as service:
        admin = service.client(key(module_database, "admin"))
        for name, function in functions.items():
            (parameter,) = (argument.name for argument in function.main.arguments if argument.name in FILTERS)
            answer = admin.get(f"/v1/{name}", params={**GIVEN[name], parameter: "actve"})
            assert (answer.status_code, answer.json()["code"]) == (422, "FH003"), name


def test_the_document_offers_the_same(
    module_database: Database, control: Control, functions: dict[str, catalog.Function]
) -> None:
    with running(module_database) as service:
        document = service.client().get("/openapi.json").json()
    for name, function in functions.items():
        (given,) = (p for p in document["paths"][f"/v1/{name}"]["get"]["parameters"] if p["name"] in FILTERS)
        assert given["schema"]["enum"] == words(control, function), name
    known = document["components"]["schemas"]
    assert known["tenant"]["properties"]["state"]["enum"] == words(control, functions["tenant_list"])
    assert known["tenant"]["properties"]["schema_name"] == {"type": "string"}
    assert known["event"]["properties"]["kind"] == {"type": "string"}, "a pattern is no set of words"
    assert known["event"]["properties"]["detail"] == {}
    access = known["break_glass_open_arguments"]["properties"]["access"]
    assert {"type": "string", "enum": ["read", "write"]} in access["anyOf"]


def test_what_a_document_calls_a_closed_set_is_one(module_database: Database, control: Control) -> None:
    """Each argument with words is asked for one that is none; each column's words are those that its table takes."""
    known = catalog.read(control.connection)
    taken = {
        (name, argument.name): argument.words
        for name, function in known.functions.items() for argument in function.main.arguments if argument.words
    }  # fmt: skip
    assert set(taken) == {(name, "progress" if name == "rollout_tenants" else "state") for name in GIVEN} | {
        ("break_glass_open", "access"), ("rollout_create", "pause_after")
    }  # fmt: skip
    with running(module_database) as service:
        admin = service.client(key(module_database, "admin", "break_glass", name="both"))
        for name, given in (
            ("break_glass_open", {"slug": "acme", "reason": "a test", "ticket": "T-1", "access": "reads"}),
            (
                "rollout_create",
                {"template": "default", "pause_after": "wav", "migrations": [{"id": "1", "digest": "1"}]},
            ),
        ):
            answer = admin.post(f"/v1/{name}", json=given)
            assert (answer.status_code, answer.json()["code"]) == (422, "FH003"), name
            assert " is one of " in answer.json()["detail"]
    for table, columns in known.composites.items():
        for column in columns:
            for word in column.words:
                control.connection.execute(
                    "select freehold._word_check('a', %s, %s::regclass, %s)", (word, f"freehold.{table}", column.name)
                )


def test_a_template_that_is_none_is_refused(module_database: Database, control: Control) -> None:
    control.template_create("empty")
    assert [row["slug"] for row in control.tenant_list(template="default")] == ["acme"]
    assert control.tenant_list(template="empty") == []
    for name in ("defalt", "Default", "", "default%"):
        with pytest.raises(TemplateNotFound, match=f"no template is called '{name}'") as caught:
            control.tenant_list(template=name)
        assert "template_list" in str(caught.value.diag.message_hint)
    assert "FH102" in catalog.read(control.connection).functions["tenant_list"].errors, "the document tells it"
    said = CliRunner().invoke(main, ["--dsn", module_database.admin_dsn, "tenant", "list", "--template", "defalt"])
    assert said.exit_code == 3
    assert "freehold template list" in said.output
    with running(module_database) as service:
        token = key(module_database, "admin", name="ada")
        answer = service.client(token).get("/v1/tenant_list", params={"template": "defalt"})
        assert (answer.status_code, answer.json()["code"]) == (404, "FH102")
        browser = service.client(headers={"Origin": service.url})
        assert browser.post("/console/sign-in", data={"key": token}).status_code == 303
        page = browser.get("/console/tenants", params={"template": "defalt"})
        assert page.status_code == 404
        assert "template is called" in page.text
