"""Masked clones: what is refused, what becomes of values and keys, and that no byte of the copy has what was masked."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg import sql

from freehold import InvalidArgument, MaskIncomplete
from freehold.cli import main
from freehold.control import Control
from freehold.demo.place import migrations, rows_script
from support.database import Database
from support.killer import Killer
from support.lifecycle import ORPHANS
from support.locks import crowd
from support.programs import pg_dump

ROOT = Path(__file__).resolve().parents[2]
Admin = psycopg.Connection[Any]

# A secret in every column that can hold one. EXTERNAL keeps the long ones as they are, so that a search can find them.
NASTY = """
    create domain mail as text check (value ~ '^[^@ ]+@[^@ ]+$');
    create domain code as varchar(40) check (length(value) > 3);
    create type mood as enum ('sad', 'happy', 'neither');
    create table person (
        id bigint generated always as identity primary key,
        email mail not null unique,
        "full Name" text,
        phone varchar(20), born date, seen timestamptz, doc jsonb, old_doc json, tags text[], blob bytea, ip inet, ssn text unique,
        iban varchar(30), card text, feel mood, number int unique, amount numeric(12,2), note text, code code, fixed char(30),
        site text, token uuid, words tsvector, whole text,
        lowered text generated always as (lower("full Name")) stored);
    alter table person alter note set storage external, alter blob set storage external, alter doc set storage external;
    create index on person using gin (doc);
    create index on person (lower("full Name"));
    create materialized view names as select id, "full Name" from person;
    create table letter (id int primary key, person_email varchar(60) references person (email), body text);
    create table reply (id int primary key, person_email text references person (email), answers int references letter);
    create table log (id int, at date not null, who text) partition by range (at);
    create table log_2020 partition of log for values from ('2020-01-01') to ('2021-01-01');
    create table log_other partition of log default;
    create table base (id int, remark text);
    create table derived (extra text) inherits (base);
    create table hidden (id int primary key, body text);
    alter table hidden enable row level security, force row level security;
    create policy none on hidden using (false);
"""
ROWS = """
    insert into person (email, "full Name", phone, born, seen, doc, old_doc, tags, blob, ip, ssn, iban, card, feel, number, amount,
                        note, code, fixed, site, token, words, whole)
    select 'SECRETmail' || i || '@corp.example', 'SECRETname ' || i, 'SECRET+56 ' || i, date '1980-01-01' + i, now() - i * interval '1 day',
        jsonb_build_object('k', 'SECRETdoc' || i, 'n', 4711000 + i, 'list', jsonb_build_array('SECRET"esc' || i, true, null, -3.5)),
        json_build_object('k', 'SECRETjson' || i), array['SECRETtag' || i, null, 'x'], convert_to('SECRETblob' || i || repeat('b', 3000), 'UTF8'),
        '203.0.113.7', 'SECRETssn-' || i, 'SECRETiban' || i, 'SECRETcard' || i, (enum_range(null::mood))[1 + i % 3], i * 7, i * 1.25,
        'SECRETnote' || i || repeat(md5(i::text), 150), 'SECRETcode' || i, 'SECRETfix' || i, 'SECRETsite' || i, gen_random_uuid(),
        to_tsvector('simple', 'SECRETword' || i), 'SECRETwhole' || i
    from generate_series(1, 60) as i;
    insert into letter select i, 'SECRETmail' || i || '@corp.example', 'SECRETbody' || i from generate_series(1, 60) as i;
    insert into reply select i, 'SECRETmail' || i || '@corp.example', i from generate_series(1, 60) as i;
    insert into log select i, date '2020-06-01' + i * 20, 'SECRETwho' || i from generate_series(1, 60) as i;
    insert into base select i, 'SECRETbase' || i from generate_series(1, 9) as i;
    insert into derived select i, 'SECRETderived' || i, 'SECRETextra' || i from generate_series(1, 9) as i;
    insert into hidden select i, 'SECREThidden' || i from generate_series(1, 9) as i;
"""
RULES: list[tuple[Any, ...]] = [
    ("person", "email", "fake", {"kind": "email"}), ("person", "full Name", "fake", {"kind": "name"}), ("person", "phone", "partial"),
    ("person", "born", "fake", {"kind": "date", "days": 10}), ("person", "seen", "fake", {"kind": "date"}),
    ("person", "doc", "json_values"), ("person", "old_doc", "json_values"), ("person", "tags", "hash"), ("person", "blob", "hash"),
    ("person", "ip", "fake", {"kind": "ip"}), ("person", "ssn", "keep_format"), ("person", "iban", "fake", {"kind": "iban"}),
    ("person", "card", "fake", {"kind": "card"}), ("person", "feel", "shuffle"), ("person", "number", "keep_format"),
    ("person", "amount", "keep_format"), ("person", "note", "fake", {"kind": "text"}), ("person", "code", "hash", {"length": 12}),
    ("person", "fixed", "keep_format"), ("person", "site", "fake", {"kind": "url"}), ("person", "token", "hash"), ("person", "words", "null"),
    ("person", "whole", "constant", {"value": "it's # {+} <v> ~salt~"}), ("letter", "body", "hash"), ("log", "who", "hash"), ("base", "remark", "hash"),
    ("derived", "extra", "keep_format"), ("hidden", "body", "hash"),
]  # fmt: skip


@pytest.fixture
def nasty(control: Control, admin: Admin) -> Control:
    """A tenant with secrets, and rules for all of them on its template."""
    make(control, admin, NASTY, ROWS)
    declare(control, RULES)
    return control


def make(control: Control, admin: Admin, ddl: str, rows: str = "", slug: str = "acme") -> None:
    control.template_create("default")
    control.template_apply("default", ddl)
    control.template_freeze("default")
    control.tenant_provision(slug)
    # The superuser, since a policy hides a table from its owner too.
    admin.execute(f"begin; set local search_path = tenant_{slug}; {rows}; commit".encode())


def declare(control: Control, rules: list[tuple[Any, ...]], home: str = "@default") -> None:
    for rule in rules:
        control.mask_set(home, *rule)


def rows(admin: Admin, query: str) -> list[Any]:
    return admin.execute(query.encode()).fetchall()


def column(admin: Admin, query: str) -> list[Any]:
    return [row[0] for row in rows(admin, query)]


def bytes_of(admin: Admin, schema: str, needle: bytes) -> list[str]:
    """The relations of a schema, TOAST and indexes included, in whose files the needle is."""
    admin.execute("checkpoint")
    found = rows(admin, f"""
        with own as (select c.oid, c.reltoastrelid from pg_class as c where c.relnamespace = '{schema}'::regnamespace)
        select c.oid::regclass::text, pg_read_binary_file(pg_relation_filepath(c.oid))
        from pg_class as c
        where pg_relation_filepath(c.oid) is not null and pg_relation_size(c.oid) > 0
            and c.oid in (select oid from own union select reltoastrelid from own union
                          select i.indexrelid from pg_index as i join own as o on i.indrelid in (o.oid, o.reltoastrelid))
    """)  # fmt: skip
    assert len(found) > 10
    return [name for name, body in found if needle in body]


def written(admin: Admin, since: str) -> bytes:
    """The WAL from a position on; not what a file, used again, held before."""
    return b"".join(
        column(
            admin,
            f"""
            select pg_read_binary_file('pg_wal/' || f.name, 0, case when f.name = e.file_name then e.file_offset else 1 << 29 end)
            from pg_ls_waldir() as f, pg_walfile_name_offset(pg_current_wal_lsn()) as e
            where f.name ~ '^[0-9A-F]{{24}}$' and f.name between pg_walfile_name('{since}') and e.file_name
            order by f.name
            """,
        )
    )


def test_no_byte_of_the_copy_has_a_secret(nasty: Control, admin: Admin, database: Database) -> None:
    """Dump, files and statistics of the copy, and all that was written while it was made."""
    # Nothing is left to write about the source: no hint bits, no statistics.
    admin.execute("vacuum (freeze, analyze)")
    admin.execute("checkpoint")
    # At the very end of a file a position counts as the file before.
    admin.execute("select pg_switch_wal()")
    admin.execute("select pg_logical_emit_message(false, 'test', 'a new file')")
    since = column(admin, "select pg_current_wal_insert_lsn()")[0]
    nasty.tenant_clone("acme", "masked", mask=True)
    admin.execute(
        "analyze tenant_masked.person, tenant_masked.letter, tenant_masked.log, tenant_masked.base, tenant_masked.derived"
    )
    wal = written(admin, since)
    assert b"tenant_masked" in wal
    # The source's names of columns have none; only its rows do.
    assert wal.count(b"SECRET") == 0
    assert bytes_of(admin, "tenant_masked", b"SECRET") == []
    assert "SECRET" not in pg_dump(database, "-n", "tenant_masked")
    assert (
        column(admin, "select s::text from pg_stats as s where schemaname = 'tenant_masked' and s::text ~ 'SECRET'")
        == []
    )

    nasty.tenant_clone("acme", "plain")
    plain = bytes_of(admin, "tenant_plain", b"SECRET")
    for table in ("person", "letter", "log_2020", "log_other", "base", "derived", "hidden", "names"):
        assert f"tenant_plain.{table}" in plain
    assert any("toast" in name for name in plain)
    assert any("idx" in name or "key" in name for name in plain)
    assert written(admin, since).count(b"SECRET") > 1000
    assert pg_dump(database, "-n", "tenant_plain").count("SECRET") > 1000


def test_keys_hold(nasty: Control, admin: Admin) -> None:
    """Every row is there, every foreign key leads where it led, nothing unique became equal."""
    nasty.tenant_clone("acme", "masked", mask=True)
    for table in ("person", "letter", "reply", "log", "log_2020", "only base", "derived", "hidden"):
        assert rows(admin, f"select count(*) from {table.replace('only ', 'only tenant_masked.') if ' ' in table else 'tenant_masked.' + table}") \
            == rows(admin, f"select count(*) from {table.replace('only ', 'only tenant_acme.') if ' ' in table else 'tenant_acme.' + table}")  # fmt: skip
    pairs = "select p.id, l.id, r.id from {0}.person as p join {0}.letter as l on l.person_email = p.email join {0}.reply as r on r.person_email = p.email order by 1"
    assert rows(admin, pairs.format("tenant_masked")) == rows(admin, pairs.format("tenant_acme"))
    for name in ("email", "ssn", "number"):
        assert rows(admin, f"select count(distinct {name}), count(*) from tenant_masked.person") == [(60, 60)]
    assert (
        column(
            admin,
            "select conname from pg_constraint where connamespace = 'tenant_masked'::regnamespace and not convalidated",
        )
        == []
    )
    assert nasty.tenant_drift("masked") == []
    for query in ("select feel from {}.person order by 1", "select id, at from {}.log order by 1"):
        assert rows(admin, query.format("tenant_masked")) == rows(admin, query.format("tenant_acme"))


def luhn(number: str) -> bool:
    digits = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number))]
    return sum(d - 9 if d > 9 else d for d in digits) % 10 == 0


def iban(text: str) -> bool:
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


def test_what_becomes_of_values(nasty: Control, admin: Admin) -> None:
    nasty.tenant_clone("acme", "masked", mask=True)
    query = "select * from tenant_{}.person order by id"
    with admin.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        before, after = (cursor.execute(query.format(slug).encode()).fetchall() for slug in ("acme", "masked"))
    for old, new in zip(before, after, strict=True):
        assert re.fullmatch(r"[a-z]+\.[0-9a-f]{16}@example\.com", new["email"])
        assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", new["full Name"])
        assert new["lowered"] == new["full Name"].lower()
        assert new["phone"] == old["phone"][0] + "*" * (len(old["phone"]) - 2) + old["phone"][-1]
        assert 0 < abs((new["born"] - old["born"]).days) <= 10
        assert 0 < abs((new["seen"] - old["seen"]).days) <= 31
        assert luhn(new["card"])
        assert iban(new["iban"])
        assert re.fullmatch(r"[A-Z]{6}[a-z]{3}-[0-9]+", new["ssn"])
        assert len(new["ssn"]) == len(old["ssn"])
        assert len(str(new["number"])) == len(str(old["number"]))
        assert new["amount"] != 0
        assert len(new["blob"]) == 32
        assert len(new["note"]) == len(old["note"])
        assert re.fullmatch("[0-9a-f]{12}", new["code"])
        assert new["tags"][1] is None
        assert [len(each) for each in new["tags"] if each] == [32, 32]
        assert new["doc"].keys() == old["doc"].keys()
        assert [type(each) for each in new["doc"]["list"]][:3] == [str, bool, type(None)]
        assert new["doc"]["n"] != old["doc"]["n"]
        assert new["words"] is None
        assert new["whole"] == "it's # {+} <v> ~salt~"
        assert str(new["ip"]).startswith("10.")
        assert new["site"].startswith("https://example.com/")
        assert new["token"] != old["token"]


def test_each_clone_has_a_key_of_its_own(nasty: Control, admin: Admin) -> None:
    nasty.tenant_clone("acme", "one", mask=True)
    nasty.tenant_clone("acme", "two", mask=True)
    assert column(admin, "select count(*) from tenant_one.person as a join tenant_two.person as b using (email)") == [0]
    assert column(admin, "select o.detail::text || coalesce(o.error_message, '') from freehold.operation as o") != []
    assert column(admin, "select count(*) from freehold.operation_script") == [0]
    assert column(admin, "select current_setting('freehold.mask_salt', true)") in ([None], [""])


def test_null_stays_null(control: Control, admin: Admin) -> None:
    make(
        control,
        admin,
        "create table t (id int primary key, a text, b text[], c jsonb, d text)",
        "insert into t values (1, null, null, null, null), (2, '', '{}', '{}', 'x')",
    )
    declare(
        control,
        [
            ("t", "a", "keep_format"),
            ("t", "b", "hash"),
            ("t", "c", "json_values"),
            ("t", "d", "constant", {"value": "y"}),
        ],
    )
    control.tenant_clone("acme", "masked", mask=True)
    assert rows(admin, "select a, b, c, d from tenant_masked.t order by id") == [(None,) * 4, ("", [], {}, "y")]


TYPES = {
    "text": "'Ada 12'", "varchar(40)": "'Ada 12'", "char(40)": "'Ada 12'", "bytea": "'Ada 12'", "zip": "'12345-abcdefghijk'", "zip[]": "'{12345-abcdefghijk}'",
    "mood": "'sad'", "mood[]": "'{sad}'", "pair": "'(1,sad)'", "int4": "123456", "int8": "123456789", "numeric(12,2)": "-99.75", "float8": "12.5", "bool": "false", "date": "'2020-02-02'", "timestamptz": "'2020-02-02 12:00+00'", "uuid": "'00000000-0000-0000-0000-000000000001'",
    "inet": "'198.51.100.1'", "macaddr": "'08:00:2b:01:02:03'", "jsonb": """'{"a": ["x", 17]}'""", "text[]": "'{Ada 12,NULL}'", "int4[]": "'{123456}'", "date[]": "'{2020-02-02}'",
    "jsonb[]": """array['{"a": "x"}']::jsonb[]""", "uuid[]": "'{00000000-0000-0000-0000-000000000001}'", "daterange": "'[2020-02-02,2020-03-03)'",
    "point": "'(1,2)'", "tsvector": "'ada'", "regclass": "'pg_class'", "name": "'Ada 12'", "bit(4)": "'1010'",
}  # fmt: skip
SOME = [("null",), ("hash",), ("partial",), ("keep_format",), ("json_values",), ("shuffle",), ("constant", {"value": "{}"}), ("constant", {"value": "1"}),
        ("constant", {"value": "happy"}), *(("fake", {"kind": kind}) for kind in ("email", "ip", "uuid", "date"))]  # fmt: skip


def test_every_rule_on_every_type(control: Control, admin: Admin) -> None:
    """What is accepted works: the clone is made, and no value is what it was."""
    names = {
        f"c{number}": (kind, rule)
        for number, (kind, rule) in enumerate((kind, rule) for kind in TYPES for rule in SOME)
    }
    tables: dict[str, dict[str, Any]] = {}
    for name, (kind, rule) in names.items():
        tables.setdefault("t" + str(list(TYPES).index(kind)), {})[name] = rule
    kinds = dict(zip(tables, TYPES, strict=True))
    make(control, admin, """
        create domain zip as varchar(60) check (value <> ''); create type mood as enum ('sad', 'happy'); create type pair as (a int, b mood);
        """ + "".join(f"create table {table} (id int primary key, {', '.join(f'{c} {kinds[table]}' for c in columns)});"
                      for table, columns in tables.items()),
         "".join(f"insert into {table} select i, {', '.join([TYPES[kinds[table]]] * len(columns))} from generate_series(1, 3) as i;"
                 f"insert into {table} (id) values (4);" for table, columns in tables.items()))  # fmt: skip
    accepted = set()
    with control.connection.transaction():
        for table, columns in tables.items():
            for name, rule in columns.items():
                with contextlib.suppress(InvalidArgument), control.connection.transaction():
                    control.mask_set("acme", table, name, *rule)
                    accepted.add((kinds[table], rule[0]))
    admin.execute("""
        insert into freehold.mask_rule
        select t.id, c.relname, a.attname, 'keep', '{}', now(), 'x'
        from freehold.tenant as t, pg_class as c, pg_attribute as a
        where t.slug = 'acme' and c.relnamespace = 'tenant_acme'::regnamespace and a.attrelid = c.oid and a.attname ~ '^c[0-9]' and c.relkind = 'r'
        on conflict do nothing
    """)
    control.tenant_clone("acme", "masked", mask=True)
    assert len(accepted) > 100
    assert {(kind, "null") for kind in TYPES} | {(kind, "shuffle") for kind in TYPES} <= accepted
    assert {
        ("text", "fake"),
        ("zip", "hash"),
        ("jsonb[]", "json_values"),
        ("mood[]", "constant"),
        ("int4[]", "keep_format"),
    } <= accepted
    rules = {row["column_name"]: row["rule"] for row in control.mask_list("acme")}
    for table, columns in tables.items():
        for name in columns:
            pairs = rows(
                admin,
                f"select a.{name}::text, b.{name}::text from tenant_acme.{table} as a join tenant_masked.{table} as b using (id) order by id",
            )
            assert len(pairs) == 4
            if rules[name] not in ("keep", "shuffle"):
                assert all(old != new for old, new in pairs[:3]), (names[name], pairs[0])
            if rules[name] != "shuffle":
                assert pairs[3] == (None, None)


@pytest.mark.parametrize(
    "many", ["lpad(i::text, 4, '0')", "i::text", "chr(65 + i % 26) || '-' || i", "'ü' || i || 'é 日本' || i % 7"]
)
def test_keep_format_is_a_permutation(control: Control, admin: Admin, many: str) -> None:
    make(
        control,
        admin,
        "create table t (id int primary key, a text unique, b int unique)",
        f"insert into t select i, {many}, i from generate_series(1, 3000) as i",
    )
    declare(control, [("t", "a", "keep_format"), ("t", "b", "keep_format")])
    control.tenant_clone("acme", "masked", mask=True)
    shape = "select regexp_replace(regexp_replace(a, '[0-9]', '9', 'g'), '[a-z]', 'a', 'g'), length(b::text) from tenant_{}.t order by 1, 2"
    if many.isascii():
        shape = shape.replace("[a-z]", "[A-Z]")
        assert rows(admin, shape.format("masked")) == rows(admin, shape.format("acme"))
    assert column(admin, "select count(*) from tenant_masked.t") == [3000]
    for name in ("a", "b"):
        assert (
            column(admin, f"select count(*) from tenant_masked.t join tenant_acme.t as o using (id, {name})")[0] < 100
        )


def test_keep_format_stays_in_the_range_of_an_integer(control: Control, admin: Admin) -> None:
    make(
        control,
        admin,
        "create table t (id int primary key, a smallint unique, b int unique, c bigint unique, d int[])",
        """
        insert into t select i, 32767 - i, 2147483647 - i, 9223372036854775807 - i, array[-2147483647 + i, 7] from generate_series(0, 400) as i
        """,
    )
    declare(control, [("t", name, "keep_format") for name in "abcd"])
    control.tenant_clone("acme", "masked", mask=True)
    count = "select count(*), bool_and(a > 9999 and b > 999999999 and c > 999999999999999999 and d[1] < -999999999) from tenant_masked.t"
    assert rows(admin, count) == [(401, True)]
    assert column(
        admin,
        "select count(*) from tenant_masked.t as m join tenant_acme.t as o using (id) where m.b = o.b or m.c = o.c",
    ) == [0]


def test_personal_columns_need_a_rule(control: Control, admin: Admin) -> None:
    """By name in several languages, by type, and by what a sample holds, whatever it is called; and no value is told."""
    make(control, admin, """
        create table t (id bigint primary key, vorname text, "eMail" text, direccion text, geburtsdatum date, passport_no text, client_ip text,
            x1 text, x2 text, x3 varchar(40), x4 text, x5 jsonb, x6 text[], x7 bytea, x8 text, x9 bigint, x10 jsonb, addr inet,
            file_name text, colour text, amount numeric, created_at timestamptz, plain text, number text);
    """, """
        insert into t (id, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, colour, plain, number)
        select i, 'write to ada' || i || '@corp.example please', 'DE89370400440532013000', '+56 2 2345678' || i, 'from 198.51.100.' || i,
            '{"a": {"b": "grace@corp.example"}}', array['x', 'hopper@corp.example'], 'key sk_live_abcdefghijklmnop', '4111 1111 1111 1111',
            4111111111111111, '{"last_name": "Lovelace"}', 'red', 'DE89370400440532013001', '4111 1111 1111 1112'
        from generate_series(1, 5) as i
    """)  # fmt: skip
    personal = {
        "vorname",
        "eMail",
        "direccion",
        "geburtsdatum",
        "passport_no",
        "client_ip",
        "addr",
        *(f"x{i}" for i in range(1, 11)),
    }
    suggested = control.mask_suggest("acme")
    assert {row["column_name"] for row in suggested} == personal
    with pytest.raises(MaskIncomplete) as refused:
        control.tenant_clone("acme", "masked", mask=True)
    detail = str(refused.value.diag.message_detail)
    assert {line.split(":")[0].removeprefix("t.") for line in detail.splitlines()} == personal
    for value in ("corp.example", "4111", "DE89", "Lovelace", "sk_live"):
        assert value not in str(refused.value) + detail + str(refused.value.diag.message_hint) + str(suggested)
    assert "freehold.mask_set('@default', 't', 'addr', 'keep')" in str(refused.value.diag.message_hint)
    assert control.tenant_list(search="masked") == []
    for row in suggested:
        control.connection.execute(row["command"].encode())
    control.tenant_clone("acme", "masked", mask=True)
    text = str(rows(admin, "select t::text from tenant_masked.t"))
    assert not re.search("corp.example|DE89370400440532013000|Lovelace|sk_live", text)


def test_strict_wants_a_rule_for_all_that_can_hold_text(control: Control, admin: Admin) -> None:
    make(
        control,
        admin,
        "create type mood as enum ('sad'); create table t (id int primary key, a text, b jsonb, c bytea[], m mood, n numeric, at date)",
    )
    assert control.mask_suggest("acme") == []
    control.setting_set("mask_strict", "on")
    assert [row["column_name"] for row in control.mask_suggest("acme")] == ["a", "b", "c"]
    with pytest.raises(MaskIncomplete, match="without a rule"):
        control.tenant_clone("acme", "masked", mask=True)
    with pytest.raises(InvalidArgument):
        control.setting_set("mask_strict", "perhaps")


def test_a_late_row_is_in_the_sample_of_a_large_table(control: Control, admin: Admin) -> None:
    make(control, admin, "create table t (id int primary key, x text)", """
        insert into t select i, case when i > 15000 then 'ada' || i || '@corp.example' else repeat('x', 60) end
        from generate_series(1, 30000) as i""")  # fmt: skip
    admin.execute("analyze tenant_acme.t")
    assert [row["column_name"] for row in control.mask_suggest("acme")] == ["x"]


def test_rules_travel(control: Control, admin: Admin) -> None:
    """A template's hold for its tenants, a tenant's own wins and goes along with its clones, and both go with their homes."""
    make(
        control,
        admin,
        "create table t (id int primary key, name text, other text)",
        "insert into t values (1, 'Ada', 'x')",
    )
    declare(control, [("t", "name", "constant", {"value": "template"})])
    control.tenant_clone("acme", "one", mask=True)
    declare(control, [("t", "name", "constant", {"value": "tenant"})], "acme")
    control.tenant_clone("acme", "two", mask=True)
    control.tenant_clone("two", "three", mask=True)
    names = [column(admin, f"select name from tenant_{slug}.t") for slug in ("one", "two", "three")]
    assert names == [["template"], ["tenant"], ["tenant"]]
    assert [(r["declared_for"], r["options"]) for r in control.mask_list("three")] == [("three", {"value": "tenant"})]
    assert [(r["declared_for"], r["stale"]) for r in control.mask_list("one")] == [("@default", False)]
    control.tenant_rename("three", "drei")
    assert control.mask_reset("drei", "t", "name")[0]["rule"] == "constant"
    assert [r["declared_for"] for r in control.mask_list("drei")] == ["@default"]
    control.template_copy("default", "branch")
    assert {r["declared_for"] for r in control.mask_list()} == {"@default", "@branch", "acme", "two"}
    control.tenant_retire("two", grace="0")
    control.tenant_erase("two", "test")
    control.template_drop("branch")
    assert {r["declared_for"] for r in control.mask_list()} == {"@default", "acme"}
    kinds = [(o["kind"], o["slug"]) for o in control.operation_list() if o["kind"].startswith("mask")]
    assert kinds == [("mask_reset", "drei"), ("mask_set", "acme"), ("mask_set", "default")]


def test_a_renamed_column_does_not_go_unmasked(control: Control, admin: Admin) -> None:
    make(control, admin, "create table t (id int primary key, label text)", "insert into t values (1, 'Ada')")
    declare(control, [("t", "label", "hash")], "acme")
    control.migration_apply("acme", "0001.rename", "alter table t rename label to title")
    with pytest.raises(MaskIncomplete, match="stale") as refused:
        control.tenant_clone("acme", "masked", mask=True)
    assert "t.label" in str(refused.value.diag.message_detail)
    assert [r["stale"] for r in control.mask_list("acme")] == [True]
    (found,) = [f for f in rows(admin, "select check_name, object, remedy from freehold.doctor()") if f[0] == "masks"]
    assert found[1] == "tenant acme"
    control.connection.execute(found[2].encode())
    control.tenant_clone("acme", "masked", mask=True)

    declare(control, [("t", "label", "hash")])
    control.template_apply("default", "alter table t rename label to name")
    # A tenant that is behind has the column still; acme has neither.
    with pytest.raises(MaskIncomplete, match="stale"):
        control.tenant_clone("acme", "again", mask=True)
    assert ("masks", "template default") in rows(admin, "select check_name, object from freehold.doctor()")


@pytest.mark.parametrize(("rule", "why"), [
    (("t", "id", "null"), "not null"), (("t", "a", "partial"), "key"), (("t", "a", "constant", {"value": "x"}), "unique"),
    (("t", "a", "fake", {"kind": "name"}), "key"), (("t", "a", "hash", {"length": 8}), "key"), (("t", "b", "fake", {"kind": "iban"}), "characters"),
    (("t", "c", "hash"), "type"), (("t", "c", "fake", {"kind": "date"}), "type"), (("t", "d", "hash"), "generated"),
    (("p", "at", "fake", {"kind": "date"}), "partition"), (("t", "e", "shuffle"), "several"), (("t", "nothing", "hash"), "column"),
    (("t", "b", "blur"), "rule"), (("t", "b", "fake"), "kind"), (("t", "b", "fake", {"kind": "dog"}), "kind"),
    (("t", "b", "hash", {"size": 3}), "option"), (("t", "c", "constant", {"value": "many"}), "constant"), (("t", "b", "partial", {"fill": "ab"}), "fill"),
])  # fmt: skip
def test_what_cannot_be_declared(control: Control, admin: Admin, rule: tuple[Any, ...], why: str) -> None:
    make(control, admin, """
        create table t (id int primary key, a text unique, b varchar(10), c int, d text generated always as (b) stored, e text, f text, unique (e, f));
        create table p (id int, at date not null) partition by range (at);
    """)  # fmt: skip
    with pytest.raises(InvalidArgument) as refused:
        control.mask_set("acme", *rule)
    diag = refused.value.diag
    assert why in f"{diag.message_primary} {diag.message_detail} {diag.message_hint}"
    assert control.mask_list() == []


def test_rules_that_break_keys_are_refused_before_anything_is_made(control: Control, admin: Admin) -> None:
    make(control, admin, """
        create table a (id int primary key, ref text unique); create table b (id int primary key, ref text references a (ref));
    """, "insert into a values (1, 'x'); insert into b values (1, 'x')")  # fmt: skip
    declare(control, [("a", "ref", "hash"), ("b", "ref", "keep_format")])
    with pytest.raises(MaskIncomplete, match="keys") as refused:
        control.tenant_clone("acme", "masked", mask=True)
    assert "b.ref: references a.ref" in str(refused.value.diag.message_detail)
    control.mask_reset("@default", "b")
    control.tenant_clone("acme", "masked", mask=True)
    assert rows(admin, "select a.ref = b.ref, a.ref <> 'x' from tenant_masked.a, tenant_masked.b") == [(True, True)]
    # A key that came after the rule.
    declare(control, [("a", "ref", "hash")], "acme")
    control.mask_reset("@default")
    control.connection.execute("select freehold.mask_set('acme', 'b', 'ref', 'null')")
    control.tenant_clone("acme", "nulls", mask=True)
    assert column(admin, "select ref from tenant_nulls.b") == [None]


def test_a_check_that_masked_values_break_names_column_and_rule(control: Control, admin: Admin) -> None:
    make(control, admin, """
        create domain zip as text check (value ~ '^[0-9]{5}$');
        create table t (id int primary key, code zip, email text constraint ours check (email ~ '@corp'));
    """, "insert into t values (1, '12345', 'ada@corp.example')")  # fmt: skip
    declare(control, [("t", "code", "hash"), ("t", "email", "fake", {"kind": "email"})])
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        control.tenant_clone("acme", "masked", mask=True)
    assert "t.code (hash)" in str(refused.value)
    declare(control, [("t", "code", "keep_format")])
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        control.tenant_clone("acme", "masked", mask=True)
    assert "t.email (fake)" in str(refused.value)
    assert "ours" in str(refused.value.diag.message_detail)
    assert "corp" not in f"{refused.value} {refused.value.diag.message_detail} {refused.value.diag.context}"
    assert rows(admin, ORPHANS) == []


def test_what_a_schema_defines_does_not_come_before_the_masks(control: Control, admin: Admin) -> None:
    """Functions, operators and types of the schema's own, called as those of PostgreSQL."""
    make(control, admin, """
        create function sha256(bytea) returns bytea language sql immutable as 'select $1';
        create function leak(text, text) returns text language sql immutable as 'select $2';
        create operator || (leftarg = text, rightarg = text, function = leak);
        create function concat(variadic text[]) returns text language sql immutable as 'select array_to_string($1, '''')';
        create function "left"(text, integer) returns text language sql immutable as 'select $1';
        create function length(text) returns integer language sql immutable as 'select 0';
        create function same(integer, integer) returns boolean language sql immutable as 'select true';
        create operator = (leftarg = integer, rightarg = integer, function = same);
        create domain uuid as text;
        create table t (id int primary key, a text, b text, c text, d pg_catalog.uuid, e jsonb, f text);
    """, "insert into t select 1, 'SECRETa', 'SECRETb', 'SECRETc', gen_random_uuid(), '{\"a\": \"SECRETe\"}', 'SECRETf'")  # fmt: skip
    declare(control, [("t", "a", "hash"), ("t", "b", "keep_format"), ("t", "c", "fake", {"kind": "email"}), ("t", "d", "hash"),
                      ("t", "e", "json_values"), ("t", "f", "partial")])  # fmt: skip
    control.tenant_clone("acme", "masked", mask=True)
    (text,) = column(admin, "select t::text from tenant_masked.t")
    assert "SECRET" not in text
    assert "S*****f" in text


def test_staged_and_killed_on_the_way(control: Control, admin: Admin, database: Database) -> None:
    """The copy is masked from the first batch on, after every one of them, and the key is gone at the end."""
    tables = "".join(f"create table t{n} (id int primary key, name text);" for n in range(60))
    make(control, admin, tables + "create table z (name text)",
         "".join(f"insert into t{n} select i, 'SECRET' || i from generate_series(1, 20) as i;" for n in range(60)))  # fmt: skip
    declare(control, [(f"t{n}", "name", "hash") for n in range(60)])
    with pytest.raises(MaskIncomplete):
        control.tenant_clone("acme", "masked", mask=True)
    declare(control, [("z", "name", "keep")])
    control.tenant_suspend("acme")
    holder = crowd(database, room=300)
    begun = control.tenant_clone_step("acme", "masked", mask=True)
    partly = 0
    while begun["state"] == "running":
        broken = database.connect()
        with broken.transaction(force_rollback=True):
            Control(broken).operation_step(begun["id"])
        broken.close()
        fresh = database.connect()
        begun = Control(fresh).operation_step(begun["id"])
        fresh.close()
        held = [
            t
            for (t,) in rows(
                admin,
                "select relname from pg_class where relnamespace = 'tenant_masked'::regnamespace and relkind = 'r'",
            )
        ]
        for table in held:
            copied = column(admin, f"select name from tenant_masked.{table}")
            assert not any("SECRET" in name for name in copied)
            partly += len(copied) > 0
    holder.close()
    assert partly > 60
    assert begun["state"] == "done"
    unkeyed = "select count(*) from tenant_masked.t0 where name = left(encode(sha256(convert_to('SECRET' || id, 'UTF8')), 'hex'), 32)"
    assert column(admin, unkeyed) == [0]
    assert column(admin, "select count(*) from freehold.operation_script") == [0]
    assert column(
        admin,
        "select count(distinct name) from (select * from tenant_masked.t0 union all select * from tenant_masked.t59) as t",
    ) == [20]

    holder = crowd(database, room=300)
    again = control.tenant_clone_step("acme", "undone", mask=True)
    again = control.operation_step(again["id"])
    assert column(admin, "select count(*) from freehold.operation_script where ordinal = 0") == [1]
    control.operation_undo(again["id"])
    holder.close()
    assert column(admin, "select count(*) from freehold.operation_script") == [0]
    assert rows(admin, ORPHANS) == []


def test_killed_at_any_point_nothing_unmasked_is_left(nasty: Control, admin: Admin, database: Database) -> None:
    """The backend of a staged clone is ended all along its way; what is there by then is masked, and resuming ends it so."""
    nasty.tenant_suspend("acme")
    holder = crowd(database, room=300)
    killer = Killer(database)

    def clone(slug: str) -> None:
        database.connect().execute("call freehold.tenant_clone_staged('acme', %s, mask => true)", (slug,))

    def texts(slug: str) -> list[str]:
        namespace = f"to_regnamespace('tenant_{slug}')"
        tables = column(
            admin, f"select oid::regclass::text from pg_class where relnamespace = {namespace} and relkind = 'r'"
        )
        return [text for table in tables for text in column(admin, f"select t::text from {table} as t")]

    killer.plan()
    clone("whole")
    points = killer.count()
    assert points > 20
    partly = 0
    for number, point in enumerate(range(points // 8, points, points // 8)):
        slug = f"k{number}"
        killer.rest()
        killer.plan(point, "terminate")
        with pytest.raises(psycopg.Error):
            clone(slug)
        killer.rest()
        left = texts(slug)
        partly += len(left)
        assert not any("SECRET" in text for text in left)
        clone(slug)
        assert nasty.tenant_get(slug)["state"] == "active"
        assert len(texts(slug)) == 276
        assert not any("SECRET" in text for text in texts(slug))
    holder.close()
    assert partly > 0
    assert rows(admin, ORPHANS) == []


def test_what_was_audited_stays_behind(control: Control, admin: Admin) -> None:
    """The log of changes has the values as they were; a copy is audited from its first row on, and begins with none."""
    make(control, admin, "create table t (id int primary key, name text)")
    control.audit_enable("acme", "t")
    admin.execute("insert into tenant_acme.t values (1, 'SECRETname'); update tenant_acme.t set name = 'SECRETother'")
    declare(control, [("t", "name", "hash")])
    control.tenant_clone("acme", "masked", mask=True)
    logs = "select coalesce(string_agg(l::text, ' '), '') from freehold_audit.{} as l"
    (old, new) = (
        column(admin, logs.format("log_" + str(control.tenant_get(slug)["id"]).replace("-", "")))[0]
        for slug in ("acme", "masked")
    )
    assert "SECRET" in old
    assert "SECRET" not in new


def test_the_help_desk(control: Control, admin: Admin) -> None:
    """Rules as they are suggested, on a schema that was not made for this; no long text of the source is in the copy."""
    control.template_create("helpdesk")
    for path in migrations():
        control.template_apply("helpdesk", path.read_text(encoding="utf-8"))
    control.template_freeze("helpdesk")
    tenant = control.tenant_provision("acme", "helpdesk")
    with admin.transaction():
        admin.execute(
            sql.SQL(
                "set local role {}; set local search_path = {}, pg_catalog, pg_temp; set local helpdesk.seed = 'one'; set local helpdesk.tickets = '40'"
            ).format(sql.Identifier(tenant["rw_role"]), sql.Identifier(tenant["schema_name"]))
        )
        admin.execute(rows_script().encode())
    for row in control.mask_suggest("acme"):
        options: dict[str, Any] = row["options"]
        control.mask_set("@helpdesk", row["table_name"], row["column_name"], row["rule"], options)
    declare(control, [("organisation_setting", "name", "keep")], "@helpdesk")
    control.tenant_clone("acme", "masked", mask=True)
    assert control.tenant_drift("masked") == []
    people = (
        "select full_name, email, phone from tenant_{}.contact union select full_name, email, null from tenant_{}.agent"
    )
    old, new = (
        {value for row in rows(admin, people.format(slug, slug)) for value in row if value}
        for slug in ("acme", "masked")
    )
    assert len(old) > 20
    assert not {value for value in old & new if "@" in value or value.startswith("+")}
    bodies = "select body from tenant_{}.message"
    assert not set(column(admin, bodies.format("acme"))) & set(column(admin, bodies.format("masked")))
    tables = column(
        admin, "select relname from pg_class where relnamespace = 'tenant_acme'::regnamespace and relkind = 'r'"
    )
    assert len(tables) > 20
    for table in tables:
        assert column(admin, f"select count(*) from tenant_masked.{table}") == column(
            admin, f"select count(*) from tenant_acme.{table}"
        )


def test_the_page_runs(control: Control, admin: Admin, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "how-to" / "masked-clones.md").read_text(encoding="utf-8")
    (console,) = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (text,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    control.template_create("crm")
    control.template_apply("crm", "create table contact (id int primary key, email text unique, full_name text, notes text);"
                                  "create table product (id int primary key, name text)")  # fmt: skip
    control.template_freeze("crm")
    control.tenant_provision("acme", "crm")
    admin.execute(
        "insert into tenant_acme.contact values (1, 'ada@corp.example', 'Ada', 'likes tea'); insert into tenant_acme.product values (1, 'tea')"
    )
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    said = ""
    for command in re.findall(r"^\$ freehold (.*)$", console, re.MULTILINE):
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, result.output
        said += result.output
    assert "contact.email of @crm is masked by fake" in said
    assert "--kind email" in said
    for statement in text.strip().splitlines():
        control.connection.execute(statement.encode())
    for slug in ("acme_dev", "acme_test"):
        (row,) = rows(
            admin,
            f"select email, full_name, notes, (select name from tenant_{slug}.product) from tenant_{slug}.contact",
        )
        assert row[0].endswith("@example.com")
        assert row[2:] == (None, "tea")
    refused = CliRunner().invoke(main, ["mask", "set", "acme", "contact", "email", "fake", "{"])
    assert refused.exit_code == 2
    assert "--json" not in CliRunner().invoke(main, ["mask", "list", "acme"]).output
    assert "1 rule of @crm taken back" in CliRunner().invoke(main, ["mask", "reset", "@crm", "contact", "notes"]).output
    told = CliRunner().invoke(main, ["tenant", "clone", "acme", "acme-no", "--mask"])
    assert told.exit_code == 4
    assert "freehold mask suggest acme" in told.output
    assert "freehold mask set @crm contact notes keep" in told.output


def test_who_may(control: Control, admin: Admin, database: Database) -> None:
    make(control, admin, "create table t (id int primary key, name text)")
    dsns = {role: database.login_dsn(role) for role in ("boss", "reader")}
    admin.execute("grant freehold_admin to boss; grant freehold_auditor to reader")
    boss, reader = (Control(database.connect(dsn)) for dsn in dsns.values())
    boss.mask_set("acme", "t", "name", "hash")
    boss.mask_suggest("acme")
    boss.tenant_clone("acme", "masked", mask=True)
    assert len(reader.mask_list("acme")) == 1
    calls: list[Callable[[], Any]] = [
        lambda: reader.mask_set("acme", "t", "name", "keep"), lambda: reader.mask_reset("acme"), lambda: reader.mask_suggest("acme"),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            call()


@pytest.mark.parametrize("code", [
    "create domain code as text check (peek(value) is not null); alter table person add c code",
    "alter table person add g text generated always as (peek(id::text)) stored",
    "create type mood as enum ('good'); create function told(mood) returns text language sql as 'select peek(null)'; "
    "create cast (mood as text) with function told(mood); alter table person add m mood",
    "create operator ~~~ (rightarg = text, function = peek); create domain code as text check ((~~~ value) is not null)",
    "create table part (id int, v text) partition by list (peek(v)); create table part_all partition of part default",
])  # fmt: skip
def test_no_code_of_the_schema_sees_what_is_masked(database: Database, code: str) -> None:
    control = database.control()
    control.template_create("default")
    control.template_apply(
        "default",
        """
        create table person (id int primary key, email text);
        insert into person values (1, 'planted@secret.example');
        create function peek(v text) returns text language plpgsql immutable as
            $f$ begin return coalesce((select p.email from person as p limit 1), 'x'); end $f$""",
    )
    control.template_freeze("default")
    control.tenant_provision("acme")
    control.migration_apply("acme", "0001.code", code)
    for table, column in (("person", "email"), ("person", "m"), ("part", "v")):
        with contextlib.suppress(InvalidArgument):
            control.mask_set("acme", table, column, "keep" if table == "part" else "null")
    for clone in (control.tenant_clone, control.tenant_clone_step):
        control.tenant_suspend("acme", "to be copied") if clone == control.tenant_clone_step else None
        with pytest.raises(MaskIncomplete, match="its own functions would run"):
            clone("acme", "copy", mask=True)
