"""Row audit: what is recorded, who cannot get round it, and where it goes with its table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg import errors, sql

from freehold import NotAllowed
from freehold.cli import main
from freehold.control import Control
from support.database import Database, Databases
from support.pages import ROOT, environment, run

TEMPLATE = """
create type mood as enum ('good', 'bad');
create table customer (id int primary key, name text not null, iban text, secret text);
create table invoice (
    id bigint generated always as identity primary key, customer int references customer on update cascade on delete cascade,
    amount numeric not null, note text, half numeric generated always as (amount / 2) stored);
create table line (invoice bigint, number int, text text, primary key (invoice, number));
create table feeling (id int primary key, feels mood, span int4range);
create table part (id int, region text, value text, primary key (id, region)) partition by list (region);
create table part_eu partition of part for values in ('eu');
create table part_us partition of part for values in ('us');
create table parent (id int primary key, value text);
create table child (extra text, primary key (id)) inherits (parent);
insert into customer values (1, 'seed', null, null);
select freehold.audit_enable('customer', exclude => '{secret}', mask => '{iban}');
select freehold.audit_enable('invoice');
select freehold.audit_enable('line');
select freehold.audit_enable('feeling');
select freehold.audit_enable('part');
select freehold.audit_enable('parent');
"""


class World:
    """A tenant ``acme`` with audited tables, and who may do what in it."""

    def __init__(self, database: Database, template: str = TEMPLATE) -> None:
        self.database, self.control, self.number = database, database.control(), 0
        self.admin = database.connect(database.admin_dsn)
        if self.control.tenant_list():
            return
        self.control.template_create("default")
        self.control.template_apply("default", template)
        self.control.template_freeze("default")
        role = self.control.tenant_provision("acme")["rw_role"]
        self.admin.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))

    def rw(self, slug: str = "acme") -> psycopg.Connection[Any]:
        """A login of the tenant's own runtime role."""
        schema, role = self.one("select schema_name, rw_role from freehold.tenant where slug = %s", slug)
        connection = self.database.connect(self.database.login_dsn(role))
        connection.execute(sql.SQL("set search_path = {}").format(sql.Identifier(schema)))
        return connection

    def own(self, script: str, slug: str = "acme") -> None:
        """Runs a script as the schema's owner."""
        self.number += 1
        self.control.migration_apply(slug, f"{self.number:04}.m", script)

    def one(self, query: str, *arguments: Any) -> Any:
        """One row of a query of the superuser's."""
        return self.admin.execute(query, arguments).fetchone()

    def log(self, slug: str = "acme") -> str:
        """The tenant's log."""
        return str(self.one(
            "select 'freehold_audit.' || freehold._audit_name(id) from freehold.tenant where slug = %s", slug
        )[0])  # fmt: skip

    def entries(self, slug: str = "acme", clear: bool = True) -> list[Any]:
        """What was recorded since the last call: table, action, key, old, new."""
        found = self.admin.execute(
            f"select table_name, action, key, old, new from {self.log(slug)} order by id"
        ).fetchall()
        if clear:
            self.admin.execute(f"truncate {self.log(slug)}")
        return found


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    """The tenant."""
    with databases.clone(World) as database:
        yield World(database)


def test_what_is_recorded(world: World) -> None:
    rw = world.rw()
    assert world.entries() == []  # the template's rows are not
    rw.execute("insert into customer values (2, 'two', 'DE1', 'x'), (3, 'three', null, 'y')")
    assert world.entries() == [
        ("customer", "insert", {"id": 2}, None, {"id": 2, "name": "two", "iban": "***"}),
        ("customer", "insert", {"id": 3}, None, {"id": 3, "name": "three", "iban": "***"}),
    ]
    rw.execute("update customer set name = upper(name), secret = 'z' where id in (2, 3)")
    assert world.entries() == [
        ("customer", "update", {"id": 2}, {"name": "two"}, {"name": "TWO"}),
        ("customer", "update", {"id": 3}, {"name": "three"}, {"name": "THREE"}),
    ]
    rw.execute("update customer set iban = 'DE2' where id = 2; update customer set secret = 'q', name = name")
    assert world.entries() == [("customer", "update", {"id": 2}, {"iban": "***"}, {"iban": "***"})]
    rw.execute("update customer set id = 4 where id = 3")
    assert world.entries() == [
        (
            "customer",
            "update",
            {"id": 3},
            {"id": 3, "name": "THREE", "iban": "***"},
            {"id": 4, "name": "THREE", "iban": "***"},
        )
    ]
    rw.execute("insert into line values (1, 1, 'a'); update line set text = 'b'; delete from line")
    assert world.entries() == [
        ("line", "insert", {"invoice": 1, "number": 1}, None, {"invoice": 1, "number": 1, "text": "a"}),
        ("line", "update", {"invoice": 1, "number": 1}, {"text": "a"}, {"text": "b"}),
        ("line", "delete", {"invoice": 1, "number": 1}, {"invoice": 1, "number": 1, "text": "b"}, None),
    ]
    world.own("truncate line")
    assert world.entries() == [("line", "truncate", None, None, None)]


def test_who_did_it(world: World) -> None:
    rw = world.rw()
    with rw.transaction():
        rw.execute(
            "set local freehold.actor = 'alice'; set local freehold.request_id = 'r-1'; set application_name = 'shop'"
        )
        rw.execute("insert into customer values (2, 'two')")
    row = world.one(f"""select actor, login::text, application_name, request_id, client_address is not null,
                               xid = xmin::text::xid8 from {world.log()}""")
    assert row == ("alice", "tenant_acme_rw", "shop", "r-1", True, True)
    assert world.one(f"select count(distinct entry_id) = count(*), min(at) <= now() from {world.log()}") == (True, True)


def test_who_did_it_where_the_session_names_nobody(world: World) -> None:
    world.own(
        "create table other (id int primary key, secret text); select freehold.audit_enable('other', mask => '{secret}')"
    )
    insert = "insert into customer values ({0}, 'x'); insert into other values ({0}, 'x'); update customer set name = 'y' where id = {0}"
    for setting in ("reset application_name", "set application_name = ''"):
        rw = world.rw()
        rw.execute(setting.encode())
        rw.execute(insert.format(2).encode())  # nothing was ever set
        with rw.transaction():
            rw.execute("set local freehold.actor = 'alice'; set local freehold.request_id = 'r-1'")
            rw.execute(insert.format(3).encode())
        rw.execute(insert.format(4).encode())  # and what was is empty now
        nobody, alice = ("tenant_acme_rw", "tenant_acme_rw", None, None), ("alice", "tenant_acme_rw", None, "r-1")
        expected = [nobody] * 3 + [alice] * 3 + [nobody] * 3
        columns = ("actor", "login", "application_name", "request_id")
        history = world.control.audit_history("acme")
        assert [tuple(entry[column] for column in columns) for entry in history] == expected
        exported = [row["entry"] for row in world.control.audit_export(home="acme") if row["entry_id"]]
        assert [tuple(entry[column] for column in columns) for entry in exported] == expected
        rw.execute("delete from customer where id > 1; delete from other")
        world.entries()


@pytest.mark.parametrize("rows", [1, 2, 100, 101, 3000])
def test_updates_of_any_size_pair_old_and_new(world: World, rows: int) -> None:
    rw = world.rw()
    rw.execute("update customer set name = name")  # the plan for one row is the one that is kept
    rw.execute(
        "insert into customer select g, 'c' || g, 'i' || g, 's' || g from generate_series(10, 9 + %s) as g", (rows,)
    )
    world.entries()
    rw.execute("update customer set name = case when id % 3 = 0 then name else name || '!' end, iban = 'x' || iban, "
               "secret = 'n' where id >= 10")  # fmt: skip
    found = world.entries()
    assert found == [
        ("customer", "update", {"id": i},
         {"iban": "***"} | ({} if i % 3 == 0 else {"name": f"c{i}"}),
         {"iban": "***"} | ({} if i % 3 == 0 else {"name": f"c{i}!"}))
        for i in range(10, 10 + rows)
    ]  # fmt: skip
    rw.execute("update customer set id = id + 100000 where id >= 10")
    found = world.entries()
    assert [(e[2]["id"] + 100000, e[3]["id"] + 100000) for e in found] == [(e[4]["id"], e[4]["id"]) for e in found]
    assert len(found) == rows
    assert all(set(e[3]) == {"id", "name", "iban"} for e in found)
    assert world.one(f"select count(*) from {world.log()}") == (0,)


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 8, 9, 101])
def test_tables_of_which_all_is_recorded_are_recorded_alike(world: World, rows: int) -> None:
    """Their rows go a shorter way than those of a table with a column that is left out."""
    world.own("""
        create table short (id int primary key, name text, feels mood);
        create table other (id int primary key, name text, feels mood, never text);
        select freehold.audit_enable('short'); select freehold.audit_enable('other', exclude => '{never}')""")
    rw = world.rw()
    found = []
    (source,) = world.one("select freehold._audit_source(id) from freehold.tenant where slug = 'acme'")
    for table in ("short", "other"):
        with rw.transaction():
            rw.execute("set local freehold.actor = 'alice'; set local freehold.request_id = 'r-1'")
            for statement in (
                f"insert into {{}} select g, 'n' || g, 'good' from generate_series(1, {rows}) as g",
                "update {} set name = name",
                "update {} set feels = 'bad', name = case when id % 2 = 0 then name else upper(name) end",
                "update {} set feels = 'good' where id % 2 = 0",
                "update {} set name = null where id = 1",
                "update {} set id = id + 1000, name = 'moved'",
                "update {} set id = -id, name = 'alone' where id = 1001",
                "delete from {} where id = -1001",
                "delete from {}",
            ):
                rw.execute("select setseed(0.5)")  # which makes no two entries one
                rw.execute(statement.format(table).encode())
        found.append(world.admin.execute(f"""
            select l.action, l.key, l.old, l.new, l.actor, l.login, l.application_name, l.client_address, l.request_id,
                   l.xid = r.xmin::text::xid8
            from {source} as l join {world.log()} as r using (id)
            where l.table_name = %s order by id""".encode(), (table,)).fetchall())  # fmt: skip
    assert found[0] == found[1]
    assert len(found[0]) == 4 * rows + rows // 2 + 2 * (rows > 0)
    assert {(entry[4], entry[5], entry[8], entry[9]) for entry in found[0]} <= {
        ("alice", "tenant_acme_rw", "r-1", True)
    }
    assert world.one(f"select count(distinct entry_id) = count(*) from {world.log()}") == (True,)


def test_every_way_to_write(world: World) -> None:
    rw = world.rw()
    with rw.cursor().copy("copy customer (id, name) from stdin") as copy:
        copy.write("20\tcopied\n")
    rw.execute("insert into customer values (20, 'again') on conflict (id) do update set name = excluded.name")
    rw.execute("""merge into customer as c using (values (20, 'merged'), (21, 'new')) as v (id, name) on c.id = v.id
                  when matched then update set name = v.name when not matched then insert (id, name) values (v.id, v.name)""")
    assert sorted((e[1], e[2]["id"], e[4]["name"]) for e in world.entries()) == [
        ("insert", 20, "copied"), ("insert", 21, "new"), ("update", 20, "again"), ("update", 20, "merged")
    ]  # fmt: skip
    rw.execute("insert into invoice (customer, amount) values (20, 5), (20, 6), (21, 7)")
    world.entries()
    rw.execute("update customer set id = 30 where id = 20")
    assert [(e[0], e[1], e[3].get("customer"), e[4].get("customer")) for e in world.entries() if e[0] == "invoice"] == [
        ("invoice", "update", 20, 30), ("invoice", "update", 20, 30)
    ]  # fmt: skip
    rw.execute("delete from customer where id in (30, 21)")
    assert sorted((e[0], e[1]) for e in world.entries()) == [("customer", "delete")] * 2 + [("invoice", "delete")] * 3


def test_partitions_and_children_are_recorded_once(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into part values (1, 'eu', 'a'), (2, 'us', 'b')")
    rw.execute("insert into part_eu values (3, 'eu', 'c'); update part_eu set value = 'd' where id = 3")
    rw.execute("update part set region = 'us' where id = 1; delete from part_us where id = 2")
    assert [(e[0], e[1], e[2]["id"]) for e in world.entries()] == [
        ("part", "insert", 1), ("part", "insert", 2), ("part_eu", "insert", 3), ("part_eu", "update", 3),
        ("part", "update", 1), ("part_us", "delete", 2)
    ]  # fmt: skip
    rw.execute("insert into child values (1, 'v', 'e'); update parent set value = 'w'; delete from child")
    assert [(e[0], e[1]) for e in world.entries()] == [("child", "insert"), ("parent", "update"), ("child", "delete")]
    # A partition that comes later is found by doctor, and covered by the same call.
    world.own("create table part_as partition of part for values in ('as')")
    faults = [f for f in world.control.doctor() if f["check_name"] == "audit"]
    assert [(f["severity"], f["object"]) for f in faults] == [("error", "tenant_acme.part_as")]
    world.own("select freehold.audit_enable('part')")
    assert [f for f in world.control.doctor() if f["check_name"] == "audit"] == []
    rw.execute("insert into part_as values (9, 'as', 'z'); insert into part values (8, 'as', 'z')")
    assert [(e[0], e[1]) for e in world.entries()] == [("part_as", "insert"), ("part", "insert")]


def test_columns_come_and_go(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer values (2, 'two')")
    world.own("alter table customer add column colour text default 'red'; alter table invoice drop column note")
    world.entries()
    rw.execute("update customer set colour = 'blue' where id = 2; insert into invoice (customer, amount) values (2, 1)")
    first, second = world.entries()
    assert first[3:] == ({"colour": "red"}, {"colour": "blue"})
    assert "note" not in second[4]
    # What is masked by name must not be recorded under another one.
    world.own("alter table customer rename column iban to account")
    for statement in ("insert into customer values (3, 'three')", "update customer set name = 'x' where id = 2",
                      "delete from customer", "update customer set account = 'x'"):  # fmt: skip
        with pytest.raises(psycopg.DatabaseError) as caught:
            rw.execute(statement)
        assert caught.value.sqlstate == "FH503"
    world.own("select freehold.audit_enable('customer', exclude => '{secret}', mask => '{account}')")
    rw.execute("insert into customer values (3, 'three', 'DE3')")
    assert world.entries()[-1][4]["account"] == "***"


def test_many_rows_with_a_renamed_mask_are_refused(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer select g, 'x', 'DE' || g from generate_series(10, 300) as g")
    world.own("alter table customer rename column iban to account")
    with pytest.raises(psycopg.DatabaseError) as caught:
        rw.execute("update customer set account = 'y'")
    assert caught.value.sqlstate == "FH503"


CAST = """
create function planted(m {type}) returns json language plpgsql as $$
begin
    {attack}
    return '"cast"'::json;
end $$;
create cast ({type} as json) with function planted({type});
"""


@pytest.mark.parametrize("attack", [
    "delete from LOG;", "insert into LOG (at, table_name, action, actor, login) values (now(), 't', 'delete', 'a', 'b');",
    "drop table LOG;", "execute 'set role freehold_audit_owner';", "create table LOGSCHEMA.t (i int);",
    "perform LOGSCHEMA.execute_statement('select 1');", "execute 'alter table LOG owner to tenant_acme_owner';",
])  # fmt: skip
def test_a_tenants_cast_runs_as_nobody(world: World, attack: str) -> None:
    rw = world.rw()
    rw.execute("insert into feeling values (1, 'good')")
    script = CAST.format(type="mood", attack=attack.replace("LOGSCHEMA", "freehold_audit").replace("LOG", world.log()))
    world.own(script)
    for statement in (
        "insert into feeling values (2, 'bad')",
        "update feeling set feels = 'bad'",
        "delete from feeling",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            rw.execute(statement)
    assert [e[1] for e in world.entries()] == ["insert"]


@pytest.mark.parametrize("rows", [1, 9])
def test_a_cast_leads_the_writer_nowhere(world: World, rows: int) -> None:
    """It sets the path: what the writer looks up after that is not the tenant's, who planted it where the owner of logs reaches."""
    world.own("create table other (id int primary key, feels mood, secret text);"
              "select freehold.audit_enable('other', mask => '{secret}')")  # fmt: skip
    attack = "perform pg_catalog.set_config('search_path', 'tenant_acme, pg_catalog', true);"
    world.own(
        CAST.format(type="mood", attack=attack)
        + """
        create function current_setting(name text) returns text language plpgsql as $$
        begin
            raise exception 'planted, as %', current_user;
        end $$;
        grant execute on function current_setting(text) to public"""
    )
    world.admin.execute("grant usage on schema tenant_acme to public")  # which a migration may not
    rw = world.rw()
    rw.execute(f"insert into other select g, 'good' from generate_series(1, {rows}) as g".encode())
    assert [entry[4]["feels"] for entry in world.entries()] == ["cast"] * rows


def test_a_cast_of_a_new_column_is_nobodys_too(world: World) -> None:
    """The type comes after the audit, in a table that had none; and in an array, a composite and a domain."""
    rw = world.rw()
    rw.execute("insert into line values (1, 1, 'a')")
    world.own(CAST.format(type="mood", attack="raise exception 'it is %', current_user using errcode = 'P0099';"))
    world.own("create type pair as (m mood, n int); create domain temper as mood;"
              "alter table line add column a mood[], add column p pair, add column t temper")  # fmt: skip
    for value in ("a = '{good}'", "p = '(good,1)'", "t = 'good'"):
        with pytest.raises(psycopg.DatabaseError) as caught:
            rw.execute(f"update line set {value}")
        assert caught.value.diag.message_primary == "it is freehold_nobody"
    rw.execute("alter role current_user set search_path = default")
    assert [e[1] for e in world.entries()] == ["insert"]


@pytest.mark.parametrize("level", ["read committed", "repeatable read", "serializable"])
@pytest.mark.parametrize("rows", [1, 3, 9, 300])
def test_a_column_that_is_newer_than_the_snapshot(world: World, level: str, rows: int) -> None:
    """It is recorded, and the cast of its type is nobody's: it waits for somebody else to run as."""
    rw = world.rw()
    world.own("create table short (id int primary key, name text); select freehold.audit_enable('short')")
    rw.execute(f"insert into line select 1, g, 'a' from generate_series(1, {rows}) as g")
    rw.execute(f"insert into short select g, 'a' from generate_series(1, {rows}) as g")
    world.entries()
    rw.execute(f"begin isolation level {level}; select 1 from customer")
    world.own(CAST.format(type="mood", attack="""
        if current_user::text <> 'freehold_nobody' then raise exception 'it is %', current_user; end if;"""))  # fmt: skip
    world.own("alter table line add column a mood; alter table short add column a mood")
    rw.execute(f"insert into line select 2, g, 'a', 'good' from generate_series(1, {rows}) as g")
    rw.execute(f"insert into short select -g, 'a', 'good' from generate_series(1, {rows}) as g")
    rw.execute("update line set a = 'bad'; update short set a = 'bad'; delete from line; delete from short; commit")
    found = world.entries()
    assert [(e[0], e[1], (e[4] or e[3])["a"]) for e in found] == [
        (table, action, "cast")
        for action, times in (("insert", 1), ("update", 1), ("delete", 2))
        for table in ("line", "short")
        for _ in range(rows * times)
    ]


def test_columns_may_be_called_like_the_writers_own(world: World) -> None:
    names = (
        "t",
        "r",
        "o",
        "n",
        "j",
        "i",
        "e",
        "key",
        "v_own",
        "v_old",
        "v_key",
        "tg_op",
        "new_rows",
        "old_rows",
        "c_many",
    )
    world.own("alter table line " + ", ".join(f"add column {name} text default '{name}'" for name in names))
    rw = world.rw()
    rw.execute("insert into line values (1, 1, 'a')")
    rw.execute("insert into line select 2, i, 'a' from generate_series(1, 200) as i")
    for where in ("invoice = 1", "number in (2, 3)", "true"):
        rw.execute(
            " ".join(
                ["update line set", ", ".join(f"{name} = {name} || 'x'" for name in names), "where", where]
            ).encode()
        )
    rw.execute("delete from line where number = 1")
    entries = world.entries()
    assert len(entries) == 1 + 200 + 1 + 2 + 201 + 2
    assert entries[0][4].items() >= {name: name for name in names}.items()
    (single, *several), last = entries[201:204], entries[-1]
    assert (single[3], single[4]) == ({name: name for name in names}, {name: f"{name}x" for name in names})
    assert all(each[4] == {name: f"{name}x" for name in names} for each in several)
    assert last[3]["t"] == "txx"


def test_a_harmless_cast_is_served(world: World) -> None:
    rw = world.rw()
    world.own(CAST.format(type="mood", attack=""))
    rw.execute("insert into feeling values (1, 'good', '[1,3)')")
    assert world.entries()[0][4] == {"id": 1, "feels": "cast", "span": "[1,3)"}


def test_the_runtime_role_cannot_get_round_it(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer values (2, 'two')")
    log, writer = world.log(), world.log().replace("log_", "write_")
    for statement in (
        f"select * from {log}", f"delete from {log}", f"update {log} set actor = 'x'", f"truncate {log}", f"drop table {log}",
        f"insert into {log} (at, table_name, action, actor, login) values (now(), 't', 'insert', 'a', 'b')",
        f"begin; lock table {log}", "rollback; set session_replication_role = replica", "alter table customer disable trigger all",
        "alter table customer disable trigger user", "drop trigger freehold_audit_insert on customer",
        "alter trigger freehold_audit_insert on customer rename to t", "truncate customer",
        "select freehold.audit_disable('customer')", "select freehold.audit_enable('customer')",
        "select freehold.audit_disable('acme', 'customer')", "select freehold.audit_enable('acme', 'customer')",
        "select freehold._audit_attach('customer', '{}', '{}')", f"select {writer}()", "select freehold_audit.to_json(1)",
        "select freehold_audit.execute_statement('select 1')", "select freehold.audit_purge()",
        "select freehold.audit_open('acme')", "set role freehold_audit_owner", "set role freehold_nobody",
        "drop owned by freehold_nobody", f"create trigger t after insert on customer execute function {writer}()",
    ):  # fmt: skip
        with pytest.raises((errors.InsufficientPrivilege, NotAllowed)):
            rw.execute(statement)
    for statement in (
        "select * from freehold.audit_history('acme')",
        "select freehold.audit_as_of('acme', 'customer', '{}', now())",
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            rw.execute(statement)
        assert caught.value.sqlstate == "FH303"
    assert [e[:3] for e in world.entries()] == [("customer", "insert", {"id": 2})]


def test_the_owner_cannot_touch_the_log(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer values (2, 'two')")
    log, writer = world.log(), world.log().replace("log_", "write_")
    for statement in (
        f"select * from {log}", f"delete from {log}", f"drop table {log}", f"alter table {log} owner to current_user",
        f"grant select on {log} to current_user", f"create trigger t before insert on {log} execute function x()",
        f"drop function {writer}() cascade", f"alter function {writer}() reset all", "create table freehold_audit.x (i int)",
        f"create table mine (id int); create trigger t after insert on mine execute function {writer}('', '', '', '', '')",
        f"create table mine (like customer); create rule r as on insert to mine do instead delete from {log}; "
        "insert into mine values (1, 'x')",
        "select freehold_audit.execute_statement('select 1')", "select freehold_audit.to_json(1)",
        "select freehold._audit_attach('customer', '{}', '{}')", "set local role freehold_audit_owner",
        "select freehold.audit_disable('acme', 'customer')", "select freehold._audit_run('select 1')",
    ):  # fmt: skip
        with pytest.raises((errors.InsufficientPrivilege, NotAllowed)):
            world.own(statement)
    assert [e[:3] for e in world.entries()] == [("customer", "insert", {"id": 2})]


def test_what_the_owner_takes_away_is_found(world: World) -> None:
    def faults() -> list[tuple[str, str]]:
        return [(f["object"], f["finding"]) for f in world.control.doctor() if f["check_name"] == "audit"]

    assert faults() == []
    assert world.control.tenant_drift("acme") == []
    for script in (
        "alter table customer disable trigger freehold_audit_update", "alter table customer disable trigger user",
        "drop trigger freehold_audit_delete on customer", "select freehold.audit_disable('customer')",
        "alter table customer enable replica trigger freehold_audit_insert",
    ):  # fmt: skip
        world.own(script)
        assert [o for o, _ in faults()] == ["tenant_acme.customer"], script
        drift = world.control.tenant_drift("acme")
        assert [(d["kind"], d["identity"]) for d in drift] == [("audit", "customer")], script
        assert [f["drifted"] for f in world.control.fleet_drift()] == [True]
        repair = world.control.tenant_repair("acme")
        world.own(";\n".join(r["statement"] for r in repair))
        assert faults() == []
        assert world.control.tenant_drift("acme") == []
    assert [f["drifted"] for f in world.control.fleet_drift()] == [False]


def test_a_log_or_function_that_is_gone_stops_writers(world: World) -> None:
    rw = world.rw()
    world.admin.execute(f"drop table {world.log()}")
    with pytest.raises(errors.UndefinedTable) as caught:
        rw.execute("insert into customer values (2, 'secret name')")
    assert world.log() in str(caught.value)
    assert "secret name" not in str(caught.value)
    assert rw.execute("select count(*) from customer").fetchone() == (1,)
    assert "is missing" in str([f["finding"] for f in world.control.doctor() if f["check_name"] == "audit"])
    with pytest.raises(errors.DependentObjectsStillExist):
        world.admin.execute(f"drop function {world.log().replace('log_', 'write_')}()")


def test_temporary_tables_shadow_nothing(world: World) -> None:
    rw = world.rw()
    world.admin.execute(sql.SQL("grant temporary on database {} to public").format(sql.Identifier(world.database.name)))
    rw.execute("create temp table old_rows (id int); create temp table new_rows (id int); create temp table pg_depend (i int);"
               "create temp table pg_attribute (i int)")  # fmt: skip
    rw.execute(
        "set search_path = pg_temp, tenant_acme, pg_catalog; insert into customer values (2, 'two'); update customer set name = 'x'"
    )
    assert [e[1] for e in world.entries()] == ["insert", "update", "update"]


def test_tables_that_cannot_be_audited(world: World) -> None:
    for script, state in (
        ("create table bare (i int); select freehold.audit_enable('bare')", "FH003"),
        ("create view v as select 1; select freehold.audit_enable('v')", "FH003"),
        ("select freehold.audit_enable('customer', exclude => '{nothing}')", "FH003"),
        ("select freehold.audit_enable('customer', exclude => '{id}')", "FH003"),
        ("select freehold.audit_enable('customer', exclude => '{iban}', mask => '{iban}')", "FH003"),
        ("select freehold.audit_enable(null)", "FH003"),
        ("select freehold.audit_enable('pg_catalog.pg_class')", "FH303"),
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            world.own(script)
        assert caught.value.sqlstate == state, script
    with pytest.raises(psycopg.DatabaseError) as caught:
        world.admin.execute(
            "create table public.mine (id int primary key); select freehold.audit_enable('public.mine')"
        )
    assert caught.value.sqlstate == "FH303"


def test_no_grant_is_left(world: World) -> None:
    assert world.one(
        "select count(*) from pg_shdepend as s where s.refobjid = 'freehold_audit_owner'::regrole and s.deptype = 'a' "
        "and s.dbid = (select oid from pg_database where datname = current_database())"
    ) == (3,)  # to_json(), and _break_glass_person() in its schema


ODD = """
create table "it's ""odd" ("a key" int primary key, "c,d" text, "e'f" text, "ключ\\" text);
select freehold.audit_enable('"it''s ""odd"', exclude => '{"c,d"}', mask => '{"e''f","ключ\\\\"}')
"""


def test_names_that_need_quotes(database: Database) -> None:
    world = World(database, ODD)
    world.rw().execute("""insert into "it's ""odd" values (1, 'x', 'y', 'z')""")
    assert world.entries() == [
        ("it's \"odd", "insert", {"a key": 1}, None, {"a key": 1, "e'f": "***", "ключ\\": "***"})
    ]
    assert world.control.tenant_drift("acme") == []
    world.control.tenant_clone("acme", "copy")
    assert world.control.schema_diff("tenant_acme", "tenant_copy") == []


def test_it_goes_where_the_table_goes(database: Database) -> None:
    # Its roles may be used in no other database.
    world = World(database)
    control = world.control
    world.rw().execute("insert into customer select g, 'x' from generate_series(100, 150) as g")
    world.entries()
    control.tenant_clone("acme", "copy")
    control.reserve_fill("default", 1)
    made = world.one("select tenant_id from freehold.reserve")[0]
    assert world.one("select to_regclass('freehold_audit.' || freehold._audit_name(%s)) is not null", made) == (True,)
    claimed = control.tenant_provision("claimed")
    assert claimed["id"] == made
    control.template_copy("default", "other")
    control.tenant_rename("acme", "renamed")
    for slug in ("copy", "claimed", "renamed"):
        assert control.tenant_drift(slug) == [], slug
        assert world.entries(slug) == [], slug
        world.rw(slug).execute("insert into customer values (2, 'two')")
        assert [e[:3] for e in world.entries(slug)] == [("customer", "insert", {"id": 2})], slug
    assert {r["drifted"] for r in control.fleet_drift()} == {False}
    assert [f for f in control.doctor() if f["check_name"] == "audit"] == []
    assert [r["table_name"] for r in control.audit_list("@other")] == [
        r["table_name"] for r in control.audit_list("copy")
    ]
    # ... and goes with it.
    control.reserve_fill("default", 1)
    control.reserve_fill("default", 0)
    for slug in ("copy", "claimed", "renamed"):
        control.tenant_retire(slug, grace="0 s", reason="test")
        control.tenant_erase(slug, reason="test")
    control.template_drop("other")
    control.template_drop("default")
    assert world.one("select count(*) from pg_class where relnamespace = 'freehold_audit'::regnamespace") == (0,)
    assert world.one("select count(*) from pg_proc where pronamespace = 'freehold_audit'::regnamespace") == (4,)
    assert world.one("select count(*) from freehold.audit_log") == (0,)


def test_staged_forms(world: World) -> None:
    control = world.control
    control.tenant_provision_staged("staged")
    control.tenant_suspend("acme", "test")
    control.tenant_clone_staged("acme", "copy")
    for slug in ("staged", "copy"):
        assert control.tenant_drift(slug) == []
        assert world.entries(slug) == []
        world.rw(slug).execute("insert into customer values (2, 'two')")
        assert [e[1] for e in world.entries(slug)] == ["insert"]


def test_history_and_the_past(world: World) -> None:
    control, rw = world.control, world.rw()

    def now() -> Any:
        return world.one("select clock_timestamp()")[0]

    t0 = now()
    rw.execute("insert into customer values (2, 'two', 'DE2', 's'), (3, 'three', null, null)")
    t1 = now()
    rw.execute("update customer set name = 'TWO' where id = 2")
    rw.execute("update customer set name = 'Two', iban = 'DE3' where id = 2")
    t2 = now()
    rw.execute("update customer set id = 9 where id = 3")
    t3 = now()
    rw.execute("delete from customer where id = 2")
    rw.execute("insert into customer values (2, 'second life'); update customer set name = 'first' where id = 1")
    t4 = now()

    def past(at: Any) -> dict[int, str]:
        return {r["id"]: r["name"] for r in control.audit_as_of_table("acme", "customer", at)}

    assert past(t0) == {1: "seed"}
    assert past(t1) == {1: "seed", 2: "two", 3: "three"}
    assert past(t2) == {1: "seed", 2: "Two", 3: "three"}
    assert past(t3) == {1: "seed", 2: "Two", 9: "three"}
    assert past(t4) == {1: "first", 2: "second life", 9: "three"}
    assert control.audit_as_of("acme", "customer", {"id": 2}, t1) == {"id": 2, "name": "two", "iban": "***"}
    assert control.audit_as_of("acme", "customer", {"id": 9}, t2) is None
    assert control.audit_as_of("acme", "customer", {"id": 3}, t2) == {"id": 3, "name": "three", "iban": "***"}
    history = control.audit_history("acme", "customer", {"id": 9})
    assert [(h["action"], h["key"]) for h in history] == [("update", {"id": 3})]
    history = control.audit_history("acme", "customer", {"id": 2}, max_rows=2)
    assert [h["action"] for h in history] == ["insert", "delete"]
    history = control.audit_history("acme", "customer", {"id": 2}, before=history[-1]["id"])
    assert [h["action"] for h in history] == ["update", "update", "insert"]
    with pytest.raises(psycopg.DatabaseError) as caught:
        control.audit_as_of_table("acme", "customer", "2020-01-01")
    assert caught.value.sqlstate == "FH202"
    world.own("truncate customer cascade")
    with pytest.raises(psycopg.DatabaseError) as caught:
        control.audit_as_of_table("acme", "customer", t4)
    assert caught.value.sqlstate == "FH202"
    assert "truncated" in str(caught.value.diag.message_detail)


def test_who_reads_the_history(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer values (2, 'two')")
    world.control.tenant_provision("other")
    world.control.audit_open("acme")
    assert rw.execute("select action from freehold.audit_history('acme', 'customer')").fetchall() == [("insert",)]
    assert rw.execute(
        "select freehold.audit_as_of('acme', 'customer', '{\"id\": 2}', now()) ->> 'name'"
    ).fetchone() == ("two",)
    for login, slug in ((rw, "other"), (world.rw("other"), "acme"), (world.rw("other"), "other")):
        with pytest.raises(psycopg.DatabaseError) as caught:
            login.execute("select * from freehold.audit_history(%s)", (slug,))
        assert caught.value.sqlstate == "FH303"
    for group, state in (("freehold_auditor", "FH303"), ("freehold_worker", "FH303"), ("freehold_tenant", "FH303")):
        dsn = world.database.login_dsn("looker")
        world.admin.execute(f"grant freehold_tenant to looker; grant {group} to looker")
        login = world.database.connect(dsn)
        with pytest.raises(psycopg.DatabaseError) as caught:
            login.execute("select * from freehold.audit_history('acme')")
        assert caught.value.sqlstate == state
        world.admin.execute(f"revoke {group} from looker")
    world.control.audit_open("acme", False)
    with pytest.raises(psycopg.DatabaseError):
        rw.execute("select * from freehold.audit_history('acme')")


@pytest.mark.parametrize("column", ["mood", "mood[]", "held", "pair"])
def test_a_cast_that_hides_changes_is_found(world: World, column: str) -> None:
    world.own(f"""
        create domain held as mood; create type pair as (a int, b mood[]);
        create table hiding (id int primary key, what {column}); select freehold.audit_enable('hiding')""")
    assert [row["fault"] for row in world.control.audit_list("acme") if row["fault"]] == []
    world.own("""create function lie(mood) returns json language sql as $f$ select '1'::json $f$;
                 create cast (mood as json) with function lie(mood)""")
    faults = {row["table_name"]: row["fault"] for row in world.control.audit_list("acme") if row["fault"]}
    assert faults.keys() == {"hiding", "feeling"}
    assert all("cast" in fault for fault in faults.values())
    assert [row["object"] for row in world.control.doctor() if row["check_name"] == "audit"] == [
        "tenant_acme.feeling", "tenant_acme.hiding",
    ]  # fmt: skip


def test_code_of_a_tenant_reads_no_log_through_whoever_runs_it(world: World) -> None:
    world.control.tenant_provision("other")
    world.rw("other").execute("insert into customer values (2, 'secret of other')")
    world.admin.execute("grant freehold_admin to looker" if world.one(
        "select 1 from pg_roles where rolname = 'looker'") else "create role looker in role freehold_admin")  # fmt: skip
    admin = Control(world.database.connect(world.database.login_dsn("looker")))
    assert admin.audit_history("other", "customer")
    looks = (
        "select new::text from freehold.audit_history('other')",
        "select freehold.audit_as_of_table('other', 'customer', now())::text",
        "select freehold.audit_as_of('other', 'customer', '{\"id\": 2}', now())::text",
        "select new::text from freehold._audit_history_any('other', null, null, 9, null)",
        "select freehold._audit_rows_any('other', 'customer', now(), null)::text",
    )
    for number, look in enumerate(looks):
        for control in (world.control, admin):
            with pytest.raises((errors.InsufficientPrivilege, NotAllowed)):
                control.migration_apply("acme", f"7{number:03}.m", f"create table loot as {look}")
    # The cast runs while an administrator looks at acme's own past.
    world.own(f"""
        create table loot (what text);
        create function look(mood) returns json language plpgsql as $f$
        begin
            insert into {world.one("select schema_name from freehold.tenant where slug = 'acme'")[0]}.loot {looks[0]};
            return to_json($1::text);
        exception when others then
            return to_json(sqlstate);
        end $f$;
        create cast (mood as json) with function look(mood)""")
    world.rw().execute("insert into feeling values (1, 'good')")
    assert [row["feels"] for row in admin.audit_as_of_table("acme", "feeling", "now")] == ["FH303"]
    assert world.one("select count(*) from tenant_acme.loot") == (0,)


def test_a_tenant_learns_no_name_of_another(world: World) -> None:
    world.control.tenant_provision("other")
    said = set()
    for slug in ("other", "nobody", "@default", "@nobody"):
        for call in (
            "audit_history({})",
            "audit_as_of({}, 'customer', '{{}}', now())",
            "audit_as_of_table({}, 'customer', now())",
        ):
            with pytest.raises(psycopg.DatabaseError) as caught:
                world.rw().execute(f"select freehold.{call.format(repr(slug))}")
            said.add((caught.value.sqlstate, caught.value.diag.message_primary))
    assert len(said) == 1


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_no_setting_of_a_session_hides_a_change(world: World, rows: int) -> None:
    world.own("""
        create table account (id int primary key, balance float8, spot point, span numrange, feels mood, at interval, tz timestamptz,
                              raw bytea, kind money);
        select freehold.audit_enable('account')""")
    rw = world.rw()
    rw.execute(
        "set extra_float_digits = -15; set intervalstyle = sql_standard; set datestyle = 'SQL, DMY'; set bytea_output = escape"
    )
    rw.execute(
        f"insert into account (id, balance, spot) select g, 1000.5, '(1000.5,1)' from generate_series(1, {rows}) as g"
    )
    rw.execute("update account set balance = 1400.25")
    rw.execute("update account set spot = '(1400.25,1)'")
    found = world.entries()
    assert [e[1] for e in found] == ["insert"] * rows + ["update"] * 2 * rows
    assert {e[4]["balance"] for e in found[:rows]} == {1000.5}
    assert {(e[3]["balance"], e[4]["balance"]) for e in found[rows : 2 * rows]} == {(1000.5, 1400.25)}
    assert {(e[3]["spot"], e[4]["spot"]) for e in found[2 * rows :]} == {("(1000.5,1)", "(1400.25,1)")}


COLUMNS = ("t", "o", "n", "i", "j", "r", "q", "p", "c", "d", "l", "e", "k", "a", "old", "new", "v_own", "v_rows", "v_simple", "c_many",
           "v_context", "tg_relid", "tg_op", "tg_argv", "tg_table_name", "old_rows", "new_rows", "one row", "session_user")  # fmt: skip


@pytest.mark.parametrize("rest", ["", ", exclude => '{gone}'", ", mask => '{gone}'"])
@pytest.mark.parametrize("key", ["id", "id, also"])
@pytest.mark.parametrize("rows", [1, 3, 300])
def test_columns_called_as_what_the_writer_uses(world: World, rest: str, key: str, rows: int) -> None:
    names = ", ".join(f'"{c}"' for c in COLUMNS)
    types = ", ".join(f'"{c}" jsonb' for c in COLUMNS)
    world.own(f"""
        create table named (id int, also int, gone text, {types}, primary key ({key}));
        select freehold.audit_enable('named'{rest});
        create table plain (id int primary key, v_own mood, t jsonb); select freehold.audit_enable('plain')""")
    rw = world.rw()
    fake = '{"id": 777, "also": 777, "gone": "x"}'
    values = ", ".join(f"'{fake}'" for _ in COLUMNS)
    rw.execute(f"insert into named (id, also, {names}) select g, 1, {values} from generate_series(1, {rows}) as g")
    rw.execute("update named set gone = 'y', t = '1', o = '2', n = '3'")
    at = world.one("select clock_timestamp()")[0]
    rw.execute("delete from named")
    found = world.entries()
    assert len(found) == 3 * rows
    assert {e[1] for e in found} == {"insert", "update", "delete"}
    assert sorted(e[2]["id"] for e in found) == sorted(3 * [*range(1, rows + 1)])
    assert all(e[4]["t"] == json.loads(fake) and set(COLUMNS) < set(e[4]) for e in found if e[1] == "insert")
    assert all((e[3]["o"], e[4]["o"]) == (json.loads(fake), 2) for e in found if e[1] == "update")
    assert len(world.control.audit_as_of_table("acme", "named", at)) == 0
    rw.execute(f"insert into plain select g, 'good', '{fake}' from generate_series(1, {rows}) as g")
    rw.execute("update plain set v_own = 'bad'")
    assert {(e[1], e[2]["id"]) for e in world.entries()} == {
        (a, g) for a in ("insert", "update") for g in range(1, rows + 1)
    }
    then = world.control.audit_as_of_table("acme", "plain", world.one("select clock_timestamp()")[0])
    assert [row["t"] for row in then] == rows * [json.loads(fake)]


def test_retention(world: World) -> None:
    rw, control = world.rw(), world.control
    rw.execute("insert into customer select g, 'x' from generate_series(10, 29) as g")
    assert control.audit_purge() == 0
    control.audit_retention_set("acme", "1 day")
    assert control.audit_purge() == 0
    world.admin.execute(f"update {world.log()} set at = at - interval '2 days' where (new ->> 'id')::int < 20")
    assert [control.audit_purge(batch=6) for _ in range(3)] == [6, 4, 0]
    assert world.one(f"select count(*) from {world.log()}") == (10,)
    with pytest.raises(psycopg.DatabaseError) as caught:
        control.audit_retention_set("acme", "0 s")
    assert caught.value.sqlstate == "FH003"
    # Entries that are not sealed yet stay, once entries are.
    world.admin.execute(f"update {world.log()} set at = at - interval '2 days'")
    world.admin.execute("""create or replace function freehold._audit_sealed_until(home_id uuid) returns xid8
                               language sql stable security invoker return '3'::xid8""")
    assert control.audit_purge("acme") == 0
    world.admin.execute("""create or replace function freehold._audit_sealed_until(home_id uuid) returns xid8
                               language sql stable security invoker return null::xid8""")
    assert control.audit_purge("acme") == 10


def test_administrators_by_name(world: World) -> None:
    control = world.control
    control.audit_disable("acme", "line")
    assert "line" not in [r["table_name"] for r in control.audit_list("acme")]
    control.audit_enable("acme", "line", mask=["text"])
    row = next(r for r in control.audit_list("acme") if r["table_name"] == "line")
    assert (row["key"], row["exclude"], row["mask"], row["fault"]) == (["invoice", "number"], [], ["text"], None)
    control.audit_enable("@default", "line", exclude=["text"])
    assert next(r for r in control.audit_list("@default") if r["table_name"] == "line")["exclude"] == ["text"]


def test_control_is_public(control: Control) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        control.audit_history("nobody")
    assert caught.value.sqlstate == "FH101"


def test_the_page(database: Database, tmp_path: Path) -> None:
    """What the page says is typed as it stands, in order."""
    page = (ROOT / "docs" / "how-to" / "audit.md").read_text(encoding="utf-8")
    control = database.control()
    control.template_create("default")
    for kind, block in re.findall(r"^```(sql|console)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if kind == "sql":
            database.connect().execute(block.encode())
            continue
        for line in block.splitlines():
            run(["bash", "-eu"], line.removeprefix("$ "), environment(database.owner_dsn), tmp_path)
            if line.endswith("--mask iban"):
                database.connect(database.admin_dsn).execute(
                    "insert into tenant_acme.invoice (customer, iban, amount) values ('Ada', 'DE1', 1)"
                )
    assert [(e["action"], e["new"]["iban"]) for e in control.audit_history("acme")] == [("insert", "***")]
    assert control.audit_list("acme") == []


def test_the_command_line(world: World, tmp_path: Path) -> None:
    def freehold(command: str) -> Any:
        out, _ = run(
            ["bash", "-eu"], f"freehold audit {command} --json", environment(world.database.owner_dsn), tmp_path
        )
        return json.loads(out)

    world.rw().execute("insert into line values (7, 1, 'a'), (7, 2, 'b'); update line set text = 'c' where number = 2")
    assert [e["action"] for e in freehold("history acme line --key invoice=7,number=2")] == ["update", "insert"]
    assert [e["action"] for e in freehold("""history acme line --key '{"invoice": 7, "number": 1}'""")] == ["insert"]
    assert freehold("as-of acme line tomorrow --key invoice=7,number=2") == [{"invoice": 7, "number": 2, "text": "c"}]
    assert [r["text"] for r in freehold("as-of acme line tomorrow")] == ["a", "c"]
    assert freehold("purge") == {"deleted": 0}


def test_the_command_shows_changes_and_says_why_there_are_none(world: World) -> None:
    rw = world.rw()
    rw.execute("insert into customer values (2, 'two')")
    rw.execute("update customer set name = 'three' where id = 2")

    def history(*arguments: str) -> Result:
        done = CliRunner().invoke(main, ["--dsn", world.database.owner_dsn, "audit", "history", "acme", *arguments])
        assert done.exit_code == 0, done.output
        return done

    assert "name: two -> three" in history("customer", "--key", "id=2").stdout
    assert "no table custumer is audited" in history("custumer").stderr
    assert "the key of customer is id" in history("customer", "--key", "number=2").stderr
    assert history("customer", "--key", "id=3").stderr == "nothing was recorded\n"
