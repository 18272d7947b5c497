from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold import bundle
from freehold.migrate import quoting
from freehold.migrate.environment import Environment
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import Directory
from freehold.migrate.render import Home, Rendered, Renderer
from freehold.sqltext import tokens
from support.database import Database
from support.server import TestServer

HOSTILE = "x'; drop table t; --"
HOME = Home(
    kind="tenant",
    slug="acme",
    schema="tenant_acme",
    tier="schema",
    settings={
        "hostile": HOSTILE,
        "regions": ["north", "so'uth"],
        "plan": {"name": "pro's", "seats": 5},
        "seats": 5,
        "debt": -5,
        "open": True,
        "lines": "a\n; drop table t; --",
        "return": "a\r; drop table t; --",
        "dollars": "$$; drop table t; --",
        "comment": "*/; drop table t; /*",
        "backslash": "\\'; drop table t; --",
        "items": "a key that is a method of mappings too",
        "name": "Note",
    },
    owner_role="tenant_acme_owner",
    rw_role="tenant_acme_rw",
)

Render = Callable[..., Rendered]


@pytest.fixture
def render(tmp_path: Path) -> Render:
    def render(text: str, home: Home = HOME, size: int | None = None, **more: str) -> Rendered:
        (tmp_path / "shared").mkdir(exist_ok=True)
        for name, content in more.items():
            (tmp_path / name).write_text(content)
        (tmp_path / "0001.a.sql").write_text(text)
        directory = Directory(tmp_path)
        return Renderer(directory).render(directory["0001.a"], home, None if size is None else lambda _: size)

    return render


def refusal(render: Render, text: str, *arguments: Any, **more: Any) -> MigrationError:
    with pytest.raises(MigrationError) as caught:
        render(text, *arguments, **more)
    return caught.value


def test_the_example_renders_to_itself() -> None:
    directory = Directory(bundle.sql_root() / "migrations" / "example")
    renderer = Renderer(directory)
    for file in directory:
        rendered = renderer.render(file, HOME)
        assert (rendered.text, rendered.rollback) == (file.source, file.rollback_source)
        assert rendered.digest == hashlib.sha256(file.source.encode()).hexdigest()
        assert (rendered.transactional, rendered.backfill, rendered.empty) == (True, False, False)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ tenant.slug | ident }}", '"acme"'),
        ("{{ tenant.slug | literal }}", "'acme'"),
        ("{{ tenant.settings.hostile | literal }}", "'x''; drop table t; --'"),
        ("{{ tenant.settings.backslash | literal }}", " E'\\\\''; drop table t; --'"),
        ("{{ tenant.settings.regions | ident }}", '"north", "so\'uth"'),
        ("{{ tenant.settings.regions | literal }}", "'north', 'so''uth'"),
        ("{{ tenant.settings.plan | literal }}", '\'{"name": "pro\'\'s", "seats": 5}\''),
        ("{{ tenant.settings['items'] | literal }}", "'a key that is a method of mappings too'"),
        ("{{ tenant.settings.open | literal }} {{ none | literal }} {{ 1.5 | literal }}", "true null 1.5"),
        ("{{ tenant.settings.seats }}", "5"),
        ("5 -{{ tenant.settings.debt }}", "5 - -5"),
        ("{{ ('note_' ~ tenant.settings.seats) | ident }}", '"note_5"'),
        ('{{ "a\\"b" | ident }}', '"a""b"'),
        ("{{ roles.owner | ident }} {{ roles.rw | ident }}", '"tenant_acme_owner" "tenant_acme_rw"'),
        ("{% if roles.ro %}{{ roles.ro | ident }}{% else %}nobody{% endif %}", "nobody"),
        ("{{ tenant.kind | literal }} {{ tenant.tier | literal }}", "'tenant' 'schema'"),
        ("{% set x %}a {{ tenant.slug | ident }}{% endset %}{{ x }}, {{ x }}", 'a "acme", a "acme"'),
        ("{% set x %}{{ tenant.slug | ident }}{% endset %}execute {{ x | literal }}", "execute '\"acme\"'"),
        (
            "{% macro m(t) %}on {{ t | ident }} {{ caller() }}{% endmacro %}{% call m('n') %}({{ 5 }}){% endcall %}",
            'on "n" (5)',
        ),
        (
            "{% for r in tenant.settings.regions %}{{ r | literal }}{% if not loop.last %}, {% endif %}{% endfor %}",
            "'north', 'so''uth'",
        ),
        ("{% for n in [1, [2]] recursive %}{% if n is iterable %}{{ loop(n) }}{% else %}{{ n }}{% endif %};{% endfor %}", "1;2;;"),
        ("{{ tenant.settings.regions | map('ident') | first }}", '"north"'),
        ("do $x$ begin perform {{ tenant.settings.dollars | literal }}; end $x$", None),
        ("do $x$ execute $y$ select {{ tenant.slug | literal }} $y$ $x$", None),
        ("-- for {{ tenant.slug | ident }}\nselect 1 /* {{ tenant.slug | ident }} */", None),
        ("{% raw %}'{{1,2},{3,4}}'{% endraw %}", "'{{1,2},{3,4}}'"),
    ],
)  # fmt: skip
def test_what_is_quoted_or_the_authors_own_passes(render: Render, template: str, text: str | None) -> None:
    rendered = render(f"select 1 as one;\n{template}").text
    assert rendered.startswith("select 1 as one;\n")
    assert not any(mark in rendered for mark in quoting.MARKS)
    if text is not None:
        assert rendered == f"select 1 as one;\n{text}"


@pytest.mark.parametrize(
    "expression",
    [
        "{{ tenant.slug }}", "{{ tenant.slug ~ '' }}", "{{ '%s' % tenant.slug }}", "{{ '%s' | format(tenant.slug) }}",
        "{{ tenant.slug | upper }}", "{{ tenant.slug | string }}", "{{ tenant.slug | safe }}", "{{ tenant.slug | e }}",
        "{{ tenant.slug | tojson }}", "{{ 'constant' }}", "{{ true }}", "{{ none }}", "{{ 1.5 }}", "{{ 2 > 1 }}",
        "{{ tenant.settings.plan }}", "{{ tenant.settings.regions }}", "{{ tenant }}", "{{ dict(a=1) }}",
        "{{ tenant.settings.regions | join(', ') }}", "{{ tenant.settings.regions | map('ident') | join(', ') }}",
        "{{ tenant.slug | ident | upper }}", "{{ tenant.slug | ident | string }}", "{{ tenant.slug | ident | trim }}",
        "{{ tenant.slug | ident | replace('\"', '') }}", "{{ (tenant.slug | ident) ~ tenant.slug }}",
        "{{ '%s' % (tenant.slug | ident) }}", "{{ tenant.slug | ident | e }}", "{{ tenant.slug | ident | safe }}",
        "{{ [tenant.slug | ident, 'b'] | last }}", "{{ (1, tenant.slug)[1] }}", "{{ '{}'.format(tenant.slug) }}",
        "{{ tenant.settings.hostile.replace('x', '') }}", "{{ tenant.slug if true }}", "{{ namespace(a='b').a }}",
        "{{ joiner(', ')() }}{{ joiner(', ')() }}", "{{ cycler('a', 'b').next() }}", "{{ tenant.slug[:2] }}",
        "{% set x = tenant.slug %}{{ x }}", "{% set x %}{{ tenant.slug }}{% endset %}{{ x }}",
        "{% set x | upper %}{{ tenant.slug | ident }}{% endset %}{{ x }}",
        "{% set x %}{{ tenant.slug | ident }}{% endset %}{{ x | upper }}",
        "{% macro m() %}{{ tenant.slug }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ varargs[0] }}{% endmacro %}{{ m('a') }}",
        "{% macro m() %}a{% endmacro %}{{ m }}", "{% macro m() %}a{% endmacro %}{{ m.name }}",
        "{% macro m() %}a{% endmacro %}{{ m() ~ m() }}", "{% macro m() %}a{% endmacro %}{{ m() | upper }}",
        "{% call tenant.slug.format() %}{% endcall %}", "{% call dict() %}{% endcall %}",
        "{% call '{}'.format(tenant.slug) %}{% endcall %}", "{% import 'shared/m.sql' as m %}{{ m }}",
        "{% include 'shared/bad.sql' %}", "{% for r in tenant.settings %}{{ r }}{% endfor %}",
        "{% for k, v in tenant.settings.items() %}{{ v }}{% endfor %}", "{{ self }}",
    ],
)  # fmt: skip
def test_what_passed_no_filter_is_refused(render: Render, expression: str) -> None:
    files = {"shared/m.sql": "x", "shared/bad.sql": "{{ tenant.slug }}"}
    error = refusal(render, f"select 1;\n\n{expression}", **files)
    assert "is put into SQL as it is" in error.message
    assert error.place is not None
    assert error.place.line == (1 if "bad.sql" in expression else 3)
    assert error.place.file.endswith("shared/bad.sql" if "bad.sql" in expression else "0001.a.sql")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ tenant.nothing | ident }}", "'dict object' has no attribute 'nothing'"),
        ("{% if tenant.settings.nothing %}x{% endif %}", "'dict object' has no attribute 'nothing'"),
        ("{{ (tenant.slug | ident) if false }}", "an expression has no value"),
        ("{{ tenant.__class__ }}", "access to attribute '__class__' of 'dict' object is unsafe."),
        ("{{ ''.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ tenant['__class__'] }}", "access to attribute '__class__' of 'dict' object is unsafe."),
        ("{{ tenant | attr('__class__') }}", "access to attribute '__class__' of 'dict' object is unsafe."),
        ("{{ '{0.__class__}'.format(tenant) }}", "access to attribute '__class__' of 'dict' object is unsafe."),
        ("{{ size.__globals__ }}", "access to attribute '__globals__' of 'function' object is unsafe."),
        ("{{ (tenant.slug | ident)._text }}", "access to attribute '_text' of 'Sql' object is unsafe."),
        ("{{ (tenant.slug | ident).format() }}", "'freehold.migrate.quoting.Sql object' has no attribute 'format'"),
        ("{{ tenant.update(slug='b') }}", "access to attribute 'update' of 'dict' object is unsafe."),
        ("{{ tenant.settings.regions.append('x') }}", "access to attribute 'append' of 'list' object is unsafe."),
        ("{{ lipsum() }}", "'lipsum' is undefined"),
        ("{{ range(10 ** 9) | list }}", "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000)."),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% filter upper %}{{ tenant.slug | ident }}{% endfilter %}", "{% filter %} would change quoted values"),
        ("{% autoescape true %}{{ tenant.slug | ident }}{% endautoescape %}", "{% autoescape %} is for HTML"),
        ("{{ tenant.slug | shout }}", "No filter named 'shout'."),
        ("{% if true %}", None),
        ("'{{1,2},{3,4}}'", None),
        ("{{ none | ident }}", "a value of type NoneType is no identifier"),
        ("{{ 5 | ident }}", "a value of type int is no identifier"),
        ("{{ '' | ident }}", "an identifier is empty"),
        ("{{ ('ä' * 32) | ident }}", "an identifier is longer than 63 bytes"),
        ("{{ [] | literal }}", "a list is empty"),
        ("{{ range(3) | literal }}", "a value of type range is no constant"),
        ("{{ 'a\\0b' | literal }}", "a value holds a NUL, which no text of PostgreSQL can"),
        ("{{ 'a\\0b' | ident }}", "a value holds a NUL, which no text of PostgreSQL can"),
        ("{{ '\\ud800' | literal }}", "a value holds half a surrogate pair, which is no character"),
        ("{{ '\\ufdd1' | literal }}", "a value holds U+FDD0 or U+FDD1, which are no characters"),
        ("{{ size('note') }}", "size() asks the database, and there is none here"),
        ("{% include 'other.sql' %}", "there is no other.sql to include"),
        ("{% include '0001.a.sql' %}", "there is no 0001.a.sql to include"),
        ("{% include '../_x.sql' %}", "there is no ../_x.sql to include"),
        ("{% include 'shared/../0001.a.sql' %}", "there is no shared/../0001.a.sql to include"),
        ("{% include '/etc/passwd' %}", "there is no /etc/passwd to include"),
    ],
)  # fmt: skip
def test_what_cannot_be_had_is_said_with_its_line(render: Render, expression: str, message: str | None) -> None:
    error = refusal(render, f"select 1;\n\n{expression}")
    assert message is None or error.message == message
    assert error.place is not None
    assert error.place.line == 3
    assert error.place.file.endswith("0001.a.sql")
    assert (message is None) == ("{% raw %}" in (error.hint or ""))


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("select '{{ tenant.settings.hostile | literal }}'", "a value stands inside quotes"),
        ("select e'{{ tenant.settings.hostile | literal }}'", "a value stands inside quotes"),
        ('select "{{ tenant.settings.hostile | ident }}"', "a value stands inside quotes"),
        ("select $${{ tenant.settings.dollars | literal }}$$", "a value ends the quotes it stands in"),
        ("do $$ select '{{ tenant.slug | literal }}' $$", "a value stands inside quotes"),
        ("-- {{ tenant.settings.lines | literal }}\nselect 1", "a value ends the comment it stands in"),
        ("-- {{ tenant.settings['return'] | literal }}\nselect 1", "a value ends the comment it stands in"),
        ("/* {{ tenant.settings.comment | literal }} */ select 1", "a value ends the comment it stands in"),
        ("/* /* {{ '*/' | literal }} */ */ select 1", "a value ends the comment it stands in"),
        ("select e{{ tenant.slug | literal }}", "a value runs together with what is beside it"),
        ("select 'a'{{ tenant.slug | literal }}", "a value runs together with what is beside it"),
        ("select {{ tenant.slug | literal }}{{ tenant.slug | literal }}", "a value runs together with what is beside it"),
        ("select {{ 5 }}0", "a value runs together with what is beside it"),
        ("select ${{ 5 }}", "a value runs together with what is beside it"),
        ("select note_{{ 5 }}", "a value runs together with what is beside it"),
        (
            "{% macro m(x) %}'{{ x | literal }}'{% endmacro %}select {{ m(tenant.settings.hostile) }}",
            "a value stands inside quotes",
        ),
    ],
)  # fmt: skip
def test_a_value_stands_as_a_token_of_its_own(render: Render, template: str, message: str) -> None:
    error = refusal(render, f"select 0;\n{template}")
    assert error.message == message
    assert error.detail is not None
    assert error.detail.startswith("rendered: ")


FRAMES = [
    "select {}", "select {} as a, {};", "select a.{}", "select -{}", "select u&{}", "select $1{}", "select 'a'||{}||'b'",
    "do $$ begin perform {}; end $$", "do $x$ execute $y$ select {} $y$; $x$", "select $a${}$a$", "x$$ {} $$y",
    "-- {}\nselect 1", "/* {} */ select 1", "/* /* {} */ */ select 1", "select '{}'", "select e'{}'", 'select "{}"',
]  # fmt: skip
ENVIRONMENT = Environment(Path())
EDGES = ["'", "''", "\\", "$$", "$x$", "$y$", "$", "--", "/*", "*/", "\n", "\r", '"', ";", "a", "E'", "\u2028", "\x85"]


def outline(text: str) -> list[str]:
    """The tokens of a text but for what is in quotes and comments; bodies are gone into."""
    found = []
    for token in tokens(text):
        if token.kind == "dollar":
            tag = token.text[: token.text.index("$", 1) + 1]
            found += [tag, *outline(token.text[len(tag) :].removesuffix(tag)), tag]
        elif token.kind != "space":
            quoted = token.kind in ("string", "escape", "quoted", "line", "block")
            found.append({"escape": "string"}.get(token.kind, token.kind) if quoted else token.text)
    return found


@given(st.sampled_from(FRAMES), st.sampled_from(["ident", "literal"]), st.lists(st.sampled_from(EDGES), min_size=1))
@settings(max_examples=500, deadline=None)
def test_no_value_changes_what_is_around_it(frame: str, filter_: str, parts: list[str]) -> None:
    template = ENVIRONMENT.prepare(frame.replace("{}", f"{{{{ v | {filter_} }}}}"), "x.sql")
    try:
        text = ENVIRONMENT.run(template, {"v": "".join(parts)})
    except MigrationError:
        return
    assert outline(text) == outline(ENVIRONMENT.run(template, {"v": "a"}))


@pytest.fixture(scope="module")
def session(server: TestServer) -> Iterator[psycopg.Connection[Any]]:
    with server.connect() as connection:
        yield connection


@given(text=st.text(st.characters(exclude_characters="\0\ufdd0\ufdd1", exclude_categories=["Cs"])))
@settings(max_examples=300, deadline=None)
def test_quoting_survives_the_server(session: psycopg.Connection[Any], text: str) -> None:
    quoted = str(quoting.literal(text))
    for conforming in ("on", "off"):
        session.execute(f"set standard_conforming_strings = {conforming}")
        assert session.execute(f"select {quoted}::text").fetchone() == (text,)
    name = text.encode()[:63].decode(errors="ignore")
    if name:
        cursor = session.execute(f"select 1 as {quoting.ident(name)}")
        assert cursor.description is not None
        assert cursor.description[0].name == name


@given(value=st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False))
@settings(max_examples=100, deadline=None)
def test_constants_survive_the_server(session: psycopg.Connection[Any], value: object) -> None:
    cast = "::float8" if isinstance(value, float) else ""
    assert session.execute(f"select 5 -{quoting.literal(1)}, {quoting.literal(value)}{cast}").fetchone() == (4, value)


def test_shared_files_are_included_and_see_the_tenant(render: Render) -> None:
    files = {
        "shared/note.sql": "{% macro note() %}\ncomment on schema {{ tenant.schema | ident }} is 'x';\n{% endmacro %}\n",
        "_constants.sql": "{% set most = 100 %}",
        "shared/plain.sql": "create table {{ table | ident }} ();\n",
    }
    text = (
        "{% from 'shared/note.sql' import note %}\n{% import '_constants.sql' as constants %}\n"
        "{% set table = 'a' %}\n{{ note() }}{% include 'shared/plain.sql' %}select {{ constants.most }};\n"
    )
    assert render(text, **files).text == (
        'comment on schema "tenant_acme" is \'x\';\ncreate table "a" ();\nselect 100;\n'
    )


def test_an_error_in_a_shared_file_says_so(render: Render) -> None:
    text = "select 1;\n{% import 'shared/m.sql' as m %}\n{{ m.m() }}"
    error = refusal(render, text, **{"shared/m.sql": "{% macro m() %}\n\n{{ nothing }}{% endmacro %}"})
    assert error.place is not None
    assert (error.place.file.endswith("shared/m.sql"), error.place.line) == (True, 3)
    assert error.detail is not None
    assert error.detail.endswith("0001.a.sql:3")


def test_texts_differ_by_home_and_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "0001.a.sql").write_text("{% if tenant.tier == 'dedicated' %}\n-- big\n{% endif %}\nselect 1;\n")
    (tmp_path / "0002.b.sql").write_text("select 2;\n")
    directory = Directory(tmp_path)
    renderer = Renderer(directory)
    compiled: list[str] = []
    prepare = renderer._environment.prepare

    def count(source: str, file: str) -> jinja2.Template:
        compiled.append(file)
        return prepare(source, file)

    monkeypatch.setattr(renderer._environment, "prepare", count)
    big = dataclasses.replace(HOME, tier="dedicated")
    for home, text in ((HOME, "select 1;\n"), (big, "-- big\nselect 1;\n"), (HOME, "select 1;\n")):
        assert renderer.render(directory["0001.a"], home).text == text
        assert renderer.render(directory["0002.b"], home).text == "select 2;\n"
    assert len(compiled) == 2


def test_size_is_asked_lazily_and_once(tmp_path: Path) -> None:
    (tmp_path / "0001.a.sql").write_text("{% if size('a') > 5 and size('a') > 6 %}select 1;{% endif %}\n")
    (tmp_path / "0002.b.sql").write_text("select {{ tenant.slug | literal }};\n")
    directory = Directory(tmp_path)
    asked: list[str] = []

    def size(table: str) -> int:
        asked.append(table)
        return 7

    Renderer(directory).render(directory["0002.b"], HOME, size)
    assert asked == []
    assert Renderer(directory).render(directory["0001.a"], HOME, size).text == "select 1;"
    assert asked == ["a"]


def test_python_is_not_rendered(tmp_path: Path) -> None:
    text = "from yoyo import step\n\n__transactional__ = False\nstep('select {{ 1 }}')\n"
    (tmp_path / "0001.a.py").write_text(text)
    directory = Directory(tmp_path)
    rendered = Renderer(directory).render(directory["0001.a"], HOME)
    assert (rendered.text, rendered.transactional, rendered.rollback) == (text, False, None)


def test_a_text_may_hold_nothing_for_a_home(render: Render) -> None:
    text = "-- transactional: false\n-- backfill: true\n{% if tenant.tier == 'dedicated' %}select 1;{% endif %}\n"
    rendered = render(text)
    assert (rendered.empty, rendered.transactional, rendered.backfill) == (True, True, False)


def test_a_macro_may_choose_whether_there_is_a_transaction(render: Render) -> None:
    text = (
        "-- An index.\n-- depends:\n{% import 'freehold/online.sql' as online %}\n"
        "{% call online.index('note_at', 'note', unique=true, above=1000) %}(at desc) where at > '2026-01-01'{% endcall %}\n"
    )
    rollback = "{% import 'freehold/online.sql' as online %}\n{{ online.drop_index('note_at', 'note', above=1000) }}"
    small = render(text, size=1000, **{"0001.a.rollback.sql": rollback})
    large = render(text, size=1001, **{"0001.a.rollback.sql": rollback})
    assert (small.transactional, large.transactional) == (True, False)
    assert '\ncreate unique index "note_at" on "note" (at desc) where at > \'2026-01-01\';' in small.text
    assert '\ncreate unique index concurrently if not exists "note_at" on "note" (at desc) where' in large.text
    assert [str(r.rollback).strip() for r in (small, large)] == [
        'drop index "note_at";',
        'drop index concurrently if exists "note_at";',
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "create index concurrently if not exists a on b (c)",
        "CREATE UNIQUE /* why */ INDEX CONCURRENTLY a on b (lower(c || ';'))",
        "drop index concurrently a",
        "reindex (verbose) table concurrently a",
        "reindex (concurrently, verbose) index a",
        "alter table only a detach partition b concurrently",
        "alter table a detach partition b finalize",
        "vacuum a",
        "vacuum (analyze, verbose) a (b, c)",
        "analyze verbose a",
        "alter type a add value 'b'",
    ],
)
def test_what_may_run_outside_a_transaction(render: Render, statement: str) -> None:
    assert not render(f"-- transactional: false\n{statement};\n").transactional


@pytest.mark.parametrize(
    "statement",
    [
        "create index a on b (c)",
        "drop index a",
        "reindex table a",
        "reindex database concurrently a",
        "reindex (concurrently) database a",
        "reindex (concurrently false) table a",
        "alter table a detach partition b",
        "alter table a add column c text default 'detach partition b concurrently'",
        "vacuum",
        "vacuum (analyze)",
        "analyze verbose",
        "alter type a rename to b",
        "update a set b = 1",
        "select 'create index concurrently'",
        "do $$ begin commit; end $$",
        "call something()",
    ],
)
def test_what_may_not(render: Render, statement: str) -> None:
    error = refusal(render, f"-- Note.\n-- transactional: false\n\n{statement};\n")
    assert error.message == "this statement does not run outside a transaction"
    assert error.place is not None
    assert error.place.line == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "-- transactional: false\nvacuum a; vacuum b",
            "what runs outside a transaction is one statement, and here are 2",
        ),
        (
            "-- backfill: true\nupdate a set b = 1; update a set b = 2",
            "what runs as a backfill is one statement, and here are 2",
        ),
        ("-- backfill: true\nselect fill()", "a backfill is an update, insert, delete or merge"),
        (
            "-- backfill: true\nwith x as (update a set b = 1 returning 1) select 1 from x",
            "a backfill is an update, insert, delete or merge",
        ),
        ("-- backfill: true\ncreate table a ()", "a backfill is an update, insert, delete or merge"),
        (
            "-- backfill: true\n-- transactional: false\nupdate a set b = 1",
            "a backfill runs in transactions, one for each batch",
        ),
        ("-- transactional: false\n\\echo", "psql meta-command \\echo: only psql knows those"),
    ],
)
def test_what_is_run_by_itself_is_one_statement_that_can(render: Render, text: str, message: str) -> None:
    assert refusal(render, text).message == message


def test_a_rollback_outside_a_transaction_is_one_statement_too(render: Render) -> None:
    text = "-- transactional: false\ncreate index concurrently a on b (c)"
    error = refusal(render, text, **{"0001.a.rollback.sql": "drop index a"})
    assert error.place is not None
    assert error.place.file.endswith("0001.a.rollback.sql")


def test_a_backfill_with_a_cte(render: Render) -> None:
    text = "-- backfill: true\nwith x as (select id from a limit 10) update a set b = 1 from x where x.id = a.id"
    assert render(text).backfill


def test_the_online_patterns_do_what_they_say(database: Database) -> None:
    """The whole way on a server: NOT NULL, a foreign key and a backfill, with no row read for NOT NULL itself."""
    connection = database.connect()
    connection.execute("create schema notes")
    connection.execute("set search_path = notes")
    connection.execute("create table person (id int primary key); create table note (id int primary key, author int)")
    connection.execute("insert into person values (1); insert into note select g from generate_series(1, 25) as g")
    renderer = Renderer(Directory(bundle.sql_root() / "migrations" / "example"))
    environment = renderer._environment

    def run(call: str) -> int:
        source = f"{{% import 'freehold/online.sql' as online %}}\n{call}"
        text = environment.run(environment.prepare(source, "x.sql"), {"size": lambda _: 0})
        return connection.execute(text).rowcount

    run("{{ online.not_null_check('note', 'author') }}")
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("insert into note values (100)")
    fill = (
        "{% set change %}author = 1{% endset %}{% set where %}author is null{% endset %}"
        "{{ online.backfill('note', 'id', change, where, batch=10) }}"
    )
    assert [run(fill) for _ in range(4)] == [10, 10, 5, 0]
    run("{{ online.not_null_validate('note', 'author') }}")
    with connection.transaction():
        connection.execute("set local client_min_messages = debug1")
        said: list[str] = []
        connection.add_notice_handler(lambda diag: said.append(str(diag.message_primary)))
        run("{{ online.not_null('note', 'author') }}")
    assert any("existing constraints" in line and "are sufficient" in line for line in said)
    run("{{ online.foreign_key('note_author', 'note', 'author', 'person', 'id') }}")
    run("{{ online.validate('note', 'note_author') }}")
    run("{% call online.foreign_key('b', 'note', ['author'], 'person', ['id']) %}on delete cascade{% endcall %}")
    rows = connection.execute(
        "select conname::text, convalidated, confdeltype::text from pg_constraint "
        "where conrelid = 'note'::regclass and contype in ('c', 'f') order by 1"
    ).fetchall()
    assert rows == [("b", False, "c"), ("note_author", True, "a")]
    assert connection.execute(
        "select attnotnull from pg_attribute where attrelid = 'note'::regclass and attname = 'author'"
    ).fetchone() == (True,)
