from __future__ import annotations

import pytest

from freehold.sqltext import MetaCommandError, split


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        ("-- no; here\nselect ';';;\n", ["select ';'"]),
        ("/* a /* nested; */ ; */ select 1;", ["select 1"]),
        ("select $$ a; b $$, $x$ $$; $x$;", ["select $$ a; b $$, $x$ $$; $x$"]),
        (r"select E'\';', 'a'';', "
         '"odd;""name";', [r"select E'\';', 'a'';', " '"odd;""name"']),
        ("do (select 1; select 2); select 3", ["do (select 1; select 2)", "select 3"]),
        (
            "create function f() returns int begin atomic select 1; select case when a then 2 end; end; select 3",
            ["create function f() returns int begin atomic select 1; select case when a then 2 end; end", "select 3"],
        ),
        ("select $1; select a$b$c from t;", ["select $1", "select a$b$c from t"]),
        ("begin; rollback;", ["begin", "rollback"]),
        ("select 'unfinished; ", ["select 'unfinished; "]),
        ("", []),
    ],
)  # fmt: skip
def test_split(text: str, statements: list[str]) -> None:
    assert [statement.text for statement in split(text)] == statements


def test_lines() -> None:
    first, second = split("-- one\nselect 1;\n\n/* x\n*/ select\n  2,\n  nonsense;")
    assert (first.line, second.line) == (2, 5)
    assert second.line_at(second.text.index("nonsense") + 1) == 7


@pytest.mark.parametrize("text", ["select 1;\n\\i other.sql\n", "select 1 \\gset\n"])
def test_meta_commands_are_refused(text: str) -> None:
    with pytest.raises(MetaCommandError, match="meta-command") as caught:
        split(text)
    assert caught.value.line == text[: text.index("\\")].count("\n") + 1


def test_a_backslash_in_quotes_is_none() -> None:
    assert len(split(r"select '\d', $$ \d $$, E'\\';")) == 1
