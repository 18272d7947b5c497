"""What the database's hints say in SQL, the command line says in commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
import pytest

from freehold import bundle
from freehold.cli import hints, main

SQL = Path(bundle.__file__).parents[2] / "sql"
_HINT = re.compile(r"hint = (.*?);\n", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
_PUBLIC = re.compile(rf"\b({'|'.join(path.stem for path in SQL.rglob('*.sql') if path.stem[0] != '_')})\(")


def sql_hints() -> Iterator[tuple[str, str]]:
    """Every text of a hint in the SQL files, with the file's name."""
    for path in sorted(SQL.rglob("*.sql")):
        for expression in _HINT.findall(path.read_text(encoding="utf-8")):
            yield from ((path.name, text.replace("''", "'")) for text in _LITERAL.findall(expression))
    # Of the state machine, by state.
    yield from (("_tenant_transition.sql", text.replace("''", "'")) for text in re.findall(
        r'^ +"\w+": "(.*)",?$', (SQL / "functions/tenant/_tenant_transition.sql").read_text(), re.MULTILINE))  # fmt: skip


def test_no_hint_is_sql_on_the_command_line() -> None:
    found = [(name, text) for name, text in sql_hints() if _PUBLIC.search(text)]
    assert len(found) > 12
    for name, text in found:
        said = hints.in_commands(text)
        assert not _PUBLIC.search(said), f"{name}: {said}"
        assert "freehold." not in said, f"{name}: {said}"


def test_no_hint_names_what_only_psql_has() -> None:
    for name, text in sql_hints():
        said = hints.in_commands(text)
        assert "PGOPTIONS" not in said, name
        assert "=>" not in said, name


@pytest.mark.parametrize("command", sorted({command[0] for command in hints.COMMANDS.values()}))
def test_the_commands_exist_with_their_options(command: str) -> None:
    found: click.Command = main
    for word in command.split():
        assert isinstance(found, click.Group)
        found = found.commands[word]
    options = {option for parameter in found.params for option in parameter.opts}
    for _, *parameters in (entry for entry in hints.COMMANDS.values() if entry[0] == command):
        assert {name for name in parameters if name.startswith("--")} <= options


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("select slug, state from freehold.tenant_list(); shows them.", "freehold tenant list shows them."),
        ("select slug from freehold.tenant_list(template => 'my crm');", "freehold tenant list --template 'my crm'"),
        ("Try again; select * from freehold.operation_list('a''b'); tells.",
         """Try again; freehold operation list --slug 'a'"'"'b' tells."""),
        ("Say why: call freehold.tenant_erase('acme', '...');", "Say why: freehold tenant erase acme --reason ..."),
        ("select freehold.template_apply('crm', '...'); changes it", "freehold template apply crm FILE changes it"),
        ("PGOPTIONS='-c freehold.naming=opaque', or freehold install --naming opaque.", "freehold install --naming opaque."),
        ("select freehold.unheard_of('x');", "select freehold.unheard_of('x');"),
        ("No function matches (or two).", "No function matches (or two)."),
    ],
)  # fmt: skip
def test_a_call_becomes_a_command(hint: str, said: str) -> None:
    assert hints.in_commands(hint) == said


def test_a_bad_connection_string_is_told_from_other_errors() -> None:
    for dsn in ("nonsense", "host=h nonsense"):
        with pytest.raises(psycopg.Error) as caught:
            psycopg.connect(dsn)
        assert "postgresql://" in hints.of(caught.value)
    with pytest.raises(psycopg.Error) as caught:
        psycopg.connect("host=127.0.0.1 port=1")
    assert hints.of(caught.value) == ""
