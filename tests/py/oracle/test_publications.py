"""Publications that the control plane owns: templates, tenants and clones join what their source is in."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from .conftest import Laboratory
from .feature import feature
from .place import Place, enter
from .test_oracle import differences_on_the_way, drop_template, place_of, remove_tenant

TABLES = feature("publication_table")
# Who ran the schema's code: its function is watched from outside.
WATCH = """
create schema if not exists watch;
create table if not exists watch.loot (who text);
create or replace function watch.spy() returns boolean language sql as
    'insert into watch.loot values (current_user) returning true';
grant usage on schema watch to public;
grant insert, select on watch.loot to public;
truncate watch.loot;
"""


@pytest.fixture
def source(laboratory: Laboratory) -> Iterator[Place]:
    """A schema that is in a publication of the control plane's owner."""
    with laboratory.source(TABLES, rows=False) as place:
        own(laboratory, f"{place.schema}_pub")
        laboratory.admin.execute(f"grant usage on schema {place.schema} to freehold_owner".encode())
        try:
            yield place
        finally:
            for slug in ("orc-two", "orc-one"):
                remove_tenant(laboratory, slug)
            drop_template(laboratory)
            laboratory.admin.execute(f"drop publication if exists {place.schema}_pub".encode())


def own(laboratory: Laboratory, publication: str) -> None:
    """Gives a publication to the control plane's owner."""
    admin, database = laboratory.admin, laboratory.admin.info.dbname
    with admin.transaction():
        admin.execute(f'grant create on database "{database}" to freehold_owner'.encode())
        admin.execute(f"alter publication {publication} owner to freehold_owner".encode())


def members(laboratory: Laboratory, place: Place) -> list[tuple[str, str | None, str | None]]:
    """The published tables of a schema, with columns and filter."""
    return laboratory.admin.execute(
        "select c.relname, m.prattrs::text, pg_get_expr(m.prqual, c.oid) from pg_publication_rel as m"
        " join pg_class as c on c.oid = m.prrelid where c.relnamespace::regnamespace = %s::regnamespace order by 1",
        (place.quoted,),
    ).fetchall()


def adopt(laboratory: Laboratory, source: Place) -> Place:
    """A frozen template of the schema."""
    call = laboratory.operator.execute
    template = place_of(
        call(
            "select schema_name, owner_role, rw_role from freehold.template_adopt('orc', %s::regnamespace)",
            (source.quoted,),
        )
    )
    call("select freehold.template_freeze('orc')")
    return template


def tenant(laboratory: Laboratory, query: str) -> Place:
    """The tenant that a call makes."""
    return place_of(
        laboratory.operator.execute(f"select schema_name, owner_role, rw_role from freehold.{query}".encode())
    )


def test_tenants_join_and_leave(source: Place, laboratory: Laboratory) -> None:
    expected = members(laboratory, source)
    assert len(expected) == 3
    assert list(differences_on_the_way(laboratory, source, TABLES)) == []
    for slug in ("orc-one", "orc-two"):
        place = tenant(laboratory, f"tenant_get('{slug}')")
        assert members(laboratory, place) == expected
        assert laboratory.operator.execute("select * from freehold.tenant_drift(%s)", (slug,)).fetchall() == []
    left = laboratory.admin.execute(
        "select roleid::regrole::text from pg_auth_members where member = 'freehold_owner'::regrole and roleid::regrole::text ~ 'orc'"
    )
    assert left.fetchall() == []
    laboratory.admin.execute(f'alter publication {source.schema}_pub drop table "{place.schema}".b'.encode())
    drift = laboratory.operator.execute(
        "select change, kind, identity from freehold.tenant_drift('orc-two')"
    ).fetchall()
    assert drift == [("missing", "publication", f"b in {source.schema}_pub")]
    assert remove_tenant(laboratory, "orc-two") == []
    row = laboratory.admin.execute("select count(*) from pg_publication_rel").fetchone()
    assert row == (9,), "those of the source, the template and the other tenant"


def test_filter_of_literals_is_no_way_to_run_statements(source: Place, laboratory: Laboratory) -> None:
    """A backslash before a quote ends no literal, whatever the caller's session has set."""
    filter_text = "v in ('a', E'\\\\'';create table stolen (); --', 'b') and v is not null"
    laboratory.admin.execute(
        f"alter publication {source.schema}_pub set table {source.schema}.a where ({filter_text})".encode()
    )
    adopt(laboratory, source)
    with laboratory.operator.transaction():
        laboratory.operator.execute("set local standard_conforming_strings = off")
        one = tenant(laboratory, "tenant_provision('orc-one', 'orc')")
        two = tenant(laboratory, "tenant_clone('orc-one', 'orc-two')")
    assert members(laboratory, one) == members(laboratory, two) == members(laboratory, source)
    assert laboratory.operator.execute("select * from freehold.tenant_drift('orc-two')").fetchall() == []
    row = laboratory.admin.execute("select to_regclass('freehold.stolen'), to_regclass('public.stolen')").fetchone()
    assert row == (None, None)


def test_type_of_the_schema_is_not_read_for_a_literal(source: Place, laboratory: Laboratory) -> None:
    """Reading a literal runs its type's checks: a type called text must not be taken for the real one."""
    admin = laboratory.admin
    admin.execute(WATCH)
    with admin.transaction():
        enter(admin, source, owner=True)
        admin.execute("create function note() returns boolean language plpgsql as 'begin return watch.spy(); end'")
        admin.execute("create domain checked as pg_catalog.text check (note())")
        admin.execute("create type text as (x checked)")
    admin.execute(f"alter publication {source.schema}_pub set table {source.schema}.a where (v = '(1)')".encode())
    adopt(laboratory, source)
    one = tenant(laboratory, "tenant_provision('orc-one', 'orc')")
    tenant(laboratory, "tenant_clone('orc-one', 'orc-two')")
    assert members(laboratory, one) == members(laboratory, source)
    assert admin.execute("select who from watch.loot").fetchall() == []


@pytest.mark.parametrize("condition", ["f(v)", "v === v", "v::own = 'x'", "(v collate other) = 'x'"])
def test_filter_holds_nothing_of_the_schema(condition: str, source: Place, laboratory: Laboratory) -> None:
    """What the safety of joining rests on is PostgreSQL's rule, and it holds."""
    admin = laboratory.admin
    with admin.transaction():
        enter(admin, source, owner=True)
        admin.execute("create function f(text) returns boolean language sql immutable as 'select true'")
        admin.execute("create operator === (leftarg = text, rightarg = text, function = texteq)")
        admin.execute("create domain own as pg_catalog.text")
        admin.execute("create collation other (locale = 'C')")
    with admin.transaction():
        enter(admin, source, owner=False)
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="invalid publication WHERE expression"):
            admin.execute(f"alter publication {source.schema}_pub set table a where ({condition})".encode())
        raise psycopg.Rollback


def test_publication_of_somebody_else_is_refused_with_the_way_out(source: Place, laboratory: Laboratory) -> None:
    laboratory.admin.execute(f"alter publication {source.schema}_pub owner to current_user".encode())
    with pytest.raises(psycopg.Error) as caught:
        adopt(laboratory, source)
    assert caught.value.sqlstate == "FH006"
    assert f"alter publication {source.schema}_pub owner to freehold_owner" in (caught.value.diag.message_detail or "")


def test_publication_of_all_tables_is_no_hindrance(source: Place, laboratory: Laboratory) -> None:
    laboratory.admin.execute("create publication orc_everything for all tables")
    try:
        adopt(laboratory, source)
        tenant(laboratory, "tenant_provision('orc-one', 'orc')")
        assert laboratory.operator.execute("select * from freehold.tenant_drift('orc-one')").fetchall() == []
        assert remove_tenant(laboratory, "orc-one") == []
    finally:
        laboratory.admin.execute("drop publication orc_everything")
