"""Functions of a new schema are made with their privileges instead of being granted them: the same ones, whichever way it is made."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from freehold.bundle import install_bundle, run
from freehold.control import Control
from support.database import Database
from support.locks import crowd

USUAL = """
    create function touch() returns trigger language plpgsql as 'begin return new; end';
    create function loud(text) returns text language sql immutable return upper($1);
    create function loud(int) returns text language sql immutable return loud($1::text);
    create procedure tidy(inout removed int, at timestamptz) language plpgsql as 'begin end';
    create aggregate longest(text, text) (sfunc = replace, stype = text);
    create aggregate counted(*) (sfunc = int8inc, stype = bigint, initcond = '0');
    create type "to public" as (a int, b text);
    create function "Odd, to ""x"("to public", int) returns int language sql return 1;
    create table account (id int primary key, name text check (loud(name) <> ''));
    create trigger touched before update on account for each row execute function touch();
    comment on function loud(text) is 'Louder.';
"""
# What is to be granted changes from one to the next, and back.
UNUSUAL = """
    create function a_public() returns int language sql return 1;
    grant execute on function a_public() to public;
    create function b_usual() returns int language sql return 1;
    create function c_reader() returns int language sql return 1;
    grant execute on function c_reader() to function_reader;
    create function d_nobody() returns int language sql return 1;
    revoke execute on function d_nobody() from {rw};
    create function e_public_alone() returns int language sql return 1;
    revoke execute on function e_public_alone() from {rw};
    grant execute on function e_public_alone() to public;
    create function f_passed_on() returns int language sql return 1;
    grant execute on function f_passed_on() to {owner}, function_reader with grant option;
    create function g_disowned() returns int language sql return 1;
    revoke execute on function g_disowned() from {owner};
    create aggregate h_public(int) (sfunc = int4pl, stype = int);
    grant execute on function h_public(int) to public;
    create aggregate h_named(a int) (sfunc = int4pl, stype = int);
    create procedure i_reader() language plpgsql as 'begin end';
    grant execute on procedure i_reader() to function_reader;
    create function j_usual() returns int language sql return 1;
    create aggregate "k, l"(int) (sfunc = int4pl, stype = int);
    create function "k,l"(int) returns int language sql return 1;
    grant execute on function "k,l"(int) to function_reader;
    create aggregate "m(*)"(int) (sfunc = int4pl, stype = int);
    create function "m()"(int) returns int language sql return 1;
    grant execute on function "m()"(int) to public;
"""
GRANT = re.compile(r"^(?:grant|revoke) execute on .*", re.MULTILINE)
OWNER, WRITER = "owner execute", "rw execute"


@pytest.fixture
def usual(control: Control) -> Control:
    control.template_create("default")
    control.template_apply("default", USUAL)
    control.template_freeze("default")
    return control


@pytest.fixture
def unusual(usual: Control, admin: psycopg.Connection[Any]) -> Control:
    admin.execute("create role function_reader")
    row = admin.execute("select owner_role, rw_role from freehold.template").fetchone()
    assert row is not None
    usual.template_apply("default", UNUSUAL.format(owner=row[0], rw=row[1]))
    usual.template_freeze("default")
    return usual


def grants(admin: psycopg.Connection[Any]) -> list[str]:
    """What is granted on functions and revoked where a tenant is built."""
    rows = admin.execute(
        "select s.ddl from freehold.template as t,"
        " freehold._template_statements(t.name, t.version, 's', 's_owner', 's_rw') as s order by s.ordinal"
    ).fetchall()
    return [found for (ddl,) in rows for found in GRANT.findall(ddl)]


def privileges(admin: psycopg.Connection[Any], schema: str) -> dict[str, list[str] | None]:
    """By function who may execute it, and what its owner grants by default; roles by what they are to the schema."""
    rows = admin.execute(
        """
        with home as (
            select schema_name, owner_role, rw_role, ro_role from freehold.tenant
            union all
            select schema_name, owner_role, rw_role, null from freehold.template
        ), item as (
            select format('%%s(%%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as name, p.proacl as acl
            from pg_proc as p where p.pronamespace = quote_ident(%(schema)s)::regnamespace
            union all
            select format('default %%s %%s', d.defaclobjtype, case d.defaclnamespace when 0 then 'anywhere' else 'here' end), d.defaclacl
            from pg_default_acl as d join home as h on d.defaclrole = h.owner_role::regrole
            where h.schema_name = %(schema)s::text
        )
        select i.name, i.acl is null, array(
            select concat_ws(' ', case a.grantee::regrole::text
                when '-' then 'public' when h.owner_role then 'owner' when h.rw_role then 'rw' when h.ro_role then 'ro'
                else a.grantee::regrole::text end, lower(a.privilege_type), case when a.is_grantable then 'with grant option' end)
            from aclexplode(i.acl) as a
            where a.grantor = h.owner_role::regrole
            order by 1)
        from item as i, home as h
        where h.schema_name = %(schema)s::text
        """,
        {"schema": schema},
    ).fetchall()
    assert len(rows) > 7
    assert len(rows) == len({name for name, *_ in rows})
    return {name.replace(schema, "*"): None if default else acl for name, default, acl in rows}


def test_nothing_is_granted_on_functions_of_the_usual_kind(usual: Control, admin: psycopg.Connection[Any]) -> None:
    assert grants(admin) == []
    usual.tenant_provision("acme")
    found = privileges(admin, "tenant_acme")
    assert found.pop("default f anywhere") == [OWNER]
    made = {name: acl for name, acl in found.items() if not name.startswith("default")}
    assert list(made.values()) == [[OWNER, WRITER]] * 7


def test_unusual_privileges_are_those_that_statements_would_give(
    unusual: Control, admin: psycopg.Connection[Any]
) -> None:
    assert [found for found in grants(admin) if not re.search('f_passed_on|g_disowned|h_named|"[km]', found)] == []
    unusual.tenant_provision("acme")
    admin.execute("update freehold.template_ddl set script = null")
    assert len(grants(admin)) > 20
    unusual.tenant_provision("granted")
    found = privileges(admin, "tenant_acme")
    assert found == privileges(admin, "tenant_granted")
    assert found["a_public()"] == [OWNER, "public execute", WRITER]
    assert found["d_nobody()"] == [OWNER]
    assert found["e_public_alone()"] is None
    assert found["g_disowned()"] == [WRITER]


def test_every_way_to_make_a_schema_gives_the_same(
    unusual: Control, admin: psycopg.Connection[Any], connection: psycopg.Connection[Any]
) -> None:
    unusual.tenant_provision("acme")
    expected = privileges(admin, "tenant_acme")
    connection.execute("call freehold.tenant_provision_staged('staged')")
    unusual.reserve_fill(size=1)
    unusual.tenant_provision("claimed")
    unusual.template_copy("default", "copied")
    unusual.tenant_clone("claimed", "cloned")
    unusual.tenant_suspend("claimed")
    connection.execute("call freehold.tenant_clone_staged('claimed', 'cloned-staged')")
    for schema in ("tenant_staged", "tenant_claimed", "template_copied", "tenant_cloned", "tenant_cloned_staged"):
        assert privileges(admin, schema) == expected, schema
    assert [row for row in unusual.fleet_drift() if row["drifted"]] == []


def test_a_clone_has_the_readers_privileges(unusual: Control, admin: psycopg.Connection[Any]) -> None:
    unusual.tenant_provision("acme")
    unusual.reader_create("acme")
    unusual.tenant_clone("acme", "copy")
    found = privileges(admin, "tenant_copy")
    assert found == privileges(admin, "tenant_acme")
    assert found["loud(text)"] == [OWNER, "ro execute", WRITER]


def test_nobody_else_may_execute_what_a_batch_has_made(
    usual: Control, admin: psycopg.Connection[Any], database: Database
) -> None:
    usual.template_apply("default", "".join(f"create table t{n} (id int primary key);" for n in range(60)))
    usual.template_freeze("default")
    holder = crowd(database, room=350)
    row, seen = usual.tenant_provision_step("acme"), []
    while row["state"] == "running":
        row = usual.operation_step(row["id"])
        seen.append(
            admin.execute(
                "select count(*), count(*) filter (where has_function_privilege('public', p.oid, 'execute'))"
                " from pg_proc as p where p.pronamespace = 'tenant_acme'::regnamespace"
            ).fetchone()
        )
    holder.close()
    assert len(seen) > 1
    assert seen == [(7, 0)] * len(seen)


def test_what_an_earlier_install_froze_is_run_the_same_way(
    unusual: Control, admin: psycopg.Connection[Any], database: Database
) -> None:
    rows = "select * from freehold.template_ddl order by template, version, ordinal"
    frozen = admin.execute(rows).fetchall()
    admin.execute("update freehold.template_ddl set script = null")
    run(database.connect(), install_bundle())
    assert admin.execute(rows).fetchall() == frozen
