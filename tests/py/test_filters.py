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
