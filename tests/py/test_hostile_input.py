"""Bad and odd input: each gets its error and changes nothing, or is carried to the letter."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from freehold import errors
from freehold.control import Control
from support.database import Database

SLUG = re.compile(r"[a-z0-9](-?[a-z0-9])*")
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=300)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
sluggish = st.text("abz09-_A.é '\"", max_size=44)
identifiers = texts.filter(lambda s: 0 < len(s.encode()) <= 63)


@pytest.fixture(scope="module")
def shared(module_database: Database) -> Control:
    control = module_database.control()
    control.template_create("default")
    control.template_apply("default", "create table t (id int primary key)")
    control.template_freeze("default")
    return control


class Undo(Exception):
    """Ends a test's transaction."""


def leftovers(control: Control) -> Any:
    return control.connection.execute(
        "select (select array_agg(nspname order by 1) from pg_namespace where nspname !~ '^pg_temp'),"
        "       (select array_agg(rolname order by 1) from pg_roles), (select count(*) from freehold.tenant_list())"
    ).fetchone()


@MANY
@given(slug=st.one_of(sluggish, texts))
def test_a_slug_is_a_dns_label_or_refused(shared: Control, slug: str) -> None:
    before = leftovers(shared)
    valid = SLUG.fullmatch(slug) is not None and len(slug) <= 40
    try:
        with shared.connection.transaction():
            row = shared.tenant_provision(slug)
            assert valid, f"{slug!r} was taken"
            assert row["schema_name"] == "tenant_" + slug.replace("-", "_")
            raise Undo
    except Undo:
        pass
    except errors.InvalidSlug:
        assert not valid, f"{slug!r} was refused"
    assert leftovers(shared) == before


@FEW
@given(a=sluggish, b=sluggish)
def test_two_slugs_never_meet_in_one_schema(shared: Control, a: str, b: str) -> None:
    try:
        with shared.connection.transaction():
            schemas = [shared.tenant_provision(slug)["schema_name"] for slug in dict.fromkeys([a, b])]
            assert len(set(schemas)) == len({a, b})
            raise Undo
    except (Undo, errors.InvalidSlug):
        pass


@FEW
@given(display_name=texts, external_id=texts, actor=texts)
def test_free_texts_are_kept_to_the_letter(shared: Control, display_name: str, external_id: str, actor: str) -> None:
    try:
        with shared.connection.transaction():
            shared.connection.execute("select set_config('freehold.actor', %s, true)", (actor,))
            row = shared.tenant_provision("acme", display_name=display_name, external_id=external_id)
            assert (row["display_name"], row["external_id"]) == (display_name, external_id)
            assert shared.operation_list(slug="acme")[0]["actor"] == (actor or "test_owner")
            raise Undo
    except Undo:
        pass
    except errors.InvalidExternalId:
        assert not any(c.isalnum() for c in external_id)


@FEW
@given(table=identifiers, column=identifiers, label=identifiers, comment=texts, value=texts)
def test_any_identifier_is_carried(
    shared: Control, table: str, column: str, label: str, comment: str, value: str
) -> None:
    """Names with quotes, unicode and reserved words, up to 63 bytes: template, tenant and clone agree, rows included."""
    script = sql.SQL(
        "create type {mood} as enum ({label}); create table {table} ({column} text primary key, extra {mood} default {label});"
        "comment on column {table}.{column} is {comment}; create index on {table} (lower({column}));"
        "create view {view} as select {column} as {table} from {table};"
        "insert into {table} ({column}) values ({value})"
    ).format(
        mood=sql.Identifier("mood"), label=sql.Literal(label), table=sql.Identifier(table), column=sql.Identifier(column),
        comment=sql.Literal(comment), view=sql.Identifier("v"), value=sql.Literal(value),
    )  # fmt: skip
    if table in ("mood", "v") or column == "extra":
        return
    try:
        with shared.connection.transaction():
            shared.template_create("odd")
            try:
                with shared.connection.transaction():
                    shared.template_apply("odd", script.as_string(shared.connection))
            except psycopg.errors.DuplicateTable:
                return  # the table's own index or type has that name
            shared.template_freeze("odd")
            shared.tenant_provision("acme", "odd")
            shared.tenant_clone("acme", "copy")
            shared.connection.execute("select freehold.gate_grant(current_user)")
            for slug in ("acme", "copy"):
                assert shared.tenant_drift(slug) == []
                shared.connection.execute(sql.SQL("set local role {}").format(sql.Identifier(f"tenant_{slug}_rw")))
                rows = shared.connection.execute(
                    sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(f"tenant_{slug}", table))
                ).fetchall()
                assert rows == [(value,)]
                shared.connection.execute("reset role")
            raise Undo
    except Undo:
        pass


@pytest.mark.parametrize("name", ["", "Shop", "1shop", "sh-op", "a" * 21, "x; drop table t", 'q"x', "é"])
def test_a_bad_template_name_is_refused(shared: Control, name: str) -> None:
    before = leftovers(shared)
    with pytest.raises(errors.InvalidArgument):
        shared.template_create(name)
    assert leftovers(shared) == before


def test_a_failing_script_leaves_the_template_as_it_was(shared: Control) -> None:
    before = shared.template_list()
    with pytest.raises(psycopg.errors.UndefinedTable):
        shared.template_apply("default", "create table a (); drop table nothing_there")
    assert shared.template_list() == before


@pytest.mark.parametrize(
    "script",
    [
        "set role freehold_cell_01",
        "reset role",
        "set session authorization postgres",
        "alter role freehold_owner superuser",
        "grant freehold_template_default_owner to public",
        "create schema mine",
        "select freehold.tenant_list()",
        "select freehold._cell_01('select 1', null)",
    ],
)
def test_a_script_cannot_leave_its_role(shared: Control, script: str) -> None:
    before = leftovers(shared)
    with pytest.raises(psycopg.DatabaseError):
        shared.template_apply("default", script)
    assert leftovers(shared) == before
