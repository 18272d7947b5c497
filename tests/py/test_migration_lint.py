from __future__ import annotations

import dataclasses
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from freehold import bundle
from freehold.migrate.errors import MigrationError
from freehold.migrate.files import Directory
from freehold.migrate.lint import OWN, Finding, lint, rules, squawk, trial
from freehold.migrate.lint.catalog import Owner, State
from freehold.migrate.render import Home, Renderer
from support.database import Database, Databases

HOME = Home("tenant", "acme", "tenant_acme", "schema", {}, "tenant_acme_owner", "tenant_acme_rw")

Lint = Callable[..., list[Finding]]
Texts = dict[str, str]


@pytest.fixture
def check(tmp_path: Path) -> Lint:
    """Lints files, without a database where no connection is given."""

    def check(
        files: str | Texts,
        connection: psycopg.Connection[Any] | None = None,
        template: str | None = None,
        acknowledge: tuple[str, ...] = (),
    ) -> list[Finding]:
        for name, text in ({"0001.a.sql": files} if isinstance(files, str) else files).items():
            (tmp_path / name).write_text(text)
        directory = Directory(tmp_path)
        return lint(Renderer(directory), list(directory), HOME, connection, template, acknowledge)

    return check


def of(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def own(findings: list[Finding]) -> list[str]:
    return [rule for rule in of(findings) if rule in OWN]


# By text


def test_a_migration_of_the_usual_kind_is_clean(check: Lint) -> None:
    text = """
        -- Begin; set role; lock table: words in a comment. /* tenant_acme */
        create table note (id int primary key, at timestamptz, role text, "commit" text, body text);
        comment on table note is 'set role x; commit; lock table note; tenant_';
        create function touch() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
        declare
            role text;
        begin
            -- commit; set role x
            if new.at is null then new.at := now(); else perform 'set role x; rollback'; end if;
            begin new.body := 'a'; exception when others then raise; end;
            return new;
        end
        $$;
        create trigger touch before update on note for each row execute function touch();
        do $$ begin update note set role = 'x' where id = 1; end $$;
        grant select, update (body) on note to tenant_acme_rw;
        revoke execute on function touch() from tenant_acme_rw;
        alter default privileges revoke execute on functions from public;
        create function total(int) returns int language sql begin atomic; update note set role = 'x' where id = 1; end;
        create procedure p() language plpgsql as $$ begin update note set body = 'b' where id = 1; commit; end $$;
        set constraints all immediate;
        insert into note (id) values (1) on conflict do nothing;
        update note set body = 'a; commit' where id = 1;
        refresh materialized view concurrently totals;
    """
    assert check(text) == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("set role postgres", "role"),
        ("set local role postgres", "role"),
        ("SET SESSION AUTHORIZATION x", "role"),
        ("reset role", "role"),
        ("select set_config('role', 'x', true)", "role"),
        ("do $$ begin if true then set local role x; end if; end $$", "role"),
        ("create function f() returns void language plpgsql as $x$ begin set role x; end $x$", "role"),
        ("do $$ begin execute 'set role x'; end $$", "role"),
        ("do 'begin set role x; end'", "role"),
        ('SET/**/"role" = x', "role"),
        ("select set_config(setting_name => 'role', new_value => 'x', is_local => true)", "role"),
        ("do $$ begin execute format('set role %I', 'x'); end $$", "role"),
        ("create function f() returns int language sql set role = x as $$ select 1 $$", "role"),
        ("set session characteristics as transaction read only", "session"),
        ("set search_path = public", "search-path"),
        ("set local search_path to public", "search-path"),
        ("set schema 'public'", "search-path"),
        ("reset all", "search-path"),
        ("select 1, pg_catalog.set_config('search_path', 'x', true)", "search-path"),
        ("set local lock_timeout = '1h'", "timeout"),
        ("set statement_timeout = 0", "timeout"),
        ("create role x", "cluster-object"),
        ("alter user x superuser", "cluster-object"),
        ("drop role if exists x", "cluster-object"),
        ("alter role x set search_path = a", "cluster-object"),
        ("create database x", "cluster-object"),
        ("alter database x set search_path = y", "cluster-object"),
        ("create extension if not exists citext", "cluster-object"),
        ("create tablespace x location '/x'", "cluster-object"),
        ("create schema x", "cluster-object"),
        ("alter system set work_mem = 1", "cluster-object"),
        ("create publication p for all tables", "cluster-object"),
        ("do $$ begin create role x; end $$", "cluster-object"),
        ("grant a to b", "role-membership"),
        ('grant "a b", c to d with admin option', "role-membership"),
        ("revoke admin option for a from b", "role-membership"),
        ("begin", "transaction"),
        ("start transaction", "transaction"),
        ("commit", "transaction"),
        ("rollback to savepoint x", "transaction"),
        ("savepoint x", "transaction"),
        ("abort", "transaction"),
        ("end", "transaction"),
        ("do $$ begin update note set a = 1 where id = 1; commit; end $$", "transaction"),
        ("prepare x as select 1", "session"),
        ("declare c cursor with hold for select 1", "session"),
        ("listen x", "session"),
        ("lock table note", "lock-table"),
        ("lock note in share mode", "lock-table"),
        ("do $$ begin lock table note; end $$", "lock-table"),
        ("copy note to program 'cat'", "copy"),
        ("copy note from '/etc/passwd'", "copy"),
        ("copy note from stdin", "copy"),
        ("drop view v cascade", "drop-cascade"),
        ("alter table note drop column x cascade", "drop-cascade"),
        ("create index concurrently a on note (at)", "concurrently"),
        ("drop index concurrently a", "concurrently"),
        ("reindex table concurrently note", "concurrently"),
        ("alter table note detach partition p concurrently", "concurrently"),
        ("cluster note using a", "vacuum-full"),
        ("update note set a = (select 1 where true)", "whole-table"),
        ("delete from note", "whole-table"),
        ("create function f() returns int language sql as $$ select 1 from tenant_acme.note $$", "schema-name"),
        ("insert into note values ('tenant_acme.note')", "schema-name"),
        ("create table tenant_acme.t ()", "schema-name"),
    ],
)
def test_what_a_migration_has_no_business_with(check: Lint, statement: str, rule: str) -> None:
    found = [f for f in check(f"select 1;\n\n{statement};\n") if f.rule in OWN]
    assert of(found) == [rule]
    assert (found[0].line, found[0].migration) == (3, "0001.a")
    assert found[0].blocks == (rule != "whole-table")
    assert all((found[0].message, found[0].why, found[0].help))


def test_lines_are_those_of_statements_in_bodies(check: Lint) -> None:
    (found,) = check("select 1;\ndo $$\nbegin\n    if true then\n        set role x;\n    end if;\nend $$;\n")
    assert (found.rule, found.line) == ("role", 5)


def test_a_variable_may_name_the_tenants_schema_where_it_is_no_text(check: Lint) -> None:
    statement = "create table {{ tenant.schema | ident }}.t ();\n"
    assert check(statement) == []
    assert of(check("do $$ begin perform {{ tenant.schema | literal }}; end $$;\n")) == ["schema-name"]


def test_a_meta_command_is_psqls(check: Lint) -> None:
    (found,) = [f for f in check("select 1;\n\\set x 1\n") if f.rule in OWN]
    assert (found.rule, found.line) == ("meta-command", 2)


def test_each_place_is_told_once(check: Lint) -> None:
    text = "set role x;\n{% if size('note') > 5 %}\nselect 1;\n{% endif %}\nset role x;\n"
    assert [(f.rule, f.line) for f in check(text)] == [("role", 1), ("role", 2)]
    (found,) = check("{% if size('note') > 5 %}\nset role x;\n{% endif %}\nselect 1;\n")
    assert (found.rule, found.line) == ("role", 1)


def test_rollbacks_are_looked_at_too(check: Lint) -> None:
    (found,) = check(
        {"0001.a.sql": "create table t ();\n", "0001.a.rollback.sql": "-- back\ndrop table t;\nset role x;"}
    )
    assert (found.rule, found.rollback, found.line) == ("role", True, 3)


def test_python_is_not_seen_into(check: Lint) -> None:
    assert of(check({"0001.a.py": "from yoyo import step\nstep('set role x')\n"})) == ["python"]
    (found,) = check({"0001.a.py": "__freehold_ignore__ = 'python'\nfrom yoyo import step\nstep('set role x')\n"})
    assert found.acknowledged


def test_a_migration_outside_a_transaction_may_be_concurrent(check: Lint) -> None:
    assert check("-- transactional: false\ncreate index concurrently if not exists a on note (at);\n") == []


def test_vacuum_full_outside_a_transaction(check: Lint) -> None:
    assert of(check("-- transactional: false\nvacuum (full) note")) == ["vacuum-full"]
    assert check("-- transactional: false\nvacuum (full off) note") == []


def test_a_backfill_is_no_change_of_a_whole_table(check: Lint) -> None:
    text = "-- backfill: true\n{% import 'freehold/online.sql' as online %}\n{% set change %}a = 1{% endset %}\n"
    assert check(f"{text}{{{{ online.backfill('note', 'id', change, change) }}}}") == []


# By squawk


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("alter table note add column a int not null", "adding-required-field"),
        ("alter table note alter column a type bigint", "changing-column-type"),
        ("alter table note alter column a set not null", "adding-not-nullable-field"),
        ("alter table note add constraint c check (a > 0)", "constraint-missing-not-valid"),
        ("alter table note drop column a", "ban-drop-column"),
        ("alter table note rename column a to b", "renaming-column"),
        ("truncate note cascade", "ban-truncate-cascade"),
        ("create index a on note (at)", "require-concurrent-index-creation"),
        ("select from where", "syntax-error"),
    ],
)
def test_squawk_is_asked(check: Lint, statement: str, rule: str) -> None:
    found = check(f"select 1;\n\n{statement};\n")
    assert rule in of(found)
    assert {(f.line, f.severity) for f in found} == {(3, "error")}
    assert all(f.blocks and f.why.startswith("squawk: https://") for f in found)


def test_matters_of_taste_are_not_squawks_to_tell(check: Lint) -> None:
    text = "create table t (id serial primary key, c char(3), n varchar(20), at timestamp, i int, s smallint);\n"
    assert check(text) == []
    ran = subprocess.run([squawk._program(), "--reporter", "gcc", "--stdin-filepath", "x"], input=text, text=True, capture_output=True)  # fmt: skip
    excluded = [line.strip(' ",') for line in squawk.PROFILE.read_text().splitlines() if line.startswith('    "')]
    assert len([rule for rule in excluded if rule in ran.stdout]) >= 5


def test_squawks_comments_hide_nothing_that_they_do_not_name(check: Lint) -> None:
    drop = "alter table note drop column a;\n"
    for comment in ("-- squawk-ignore-file\n", "-- squawk-ignore\n", "-- squawk-disable-assume-in-transaction\n"):
        assert [f.blocks for f in check(f"{comment}{drop}")] == [True]
    (found,) = check(f"-- squawk-ignore ban-drop-column, other\n{drop}")
    assert (found.rule, found.acknowledged) == ("ban-drop-column", True)


def test_an_index_that_is_chosen_by_size_is_asked_of_large_tables(check: Lint) -> None:
    text = "{% import 'freehold/online.sql' as online %}\n{% call online.index('note_at', 'note') %}(at){% endcall %}\n"
    back = "{% import 'freehold/online.sql' as online %}\n{{ online.drop_index('note_at', 'note') }}\n"
    assert check({"0001.a.sql": text, "0001.a.rollback.sql": back}) == []


def test_the_servers_version_is_squawks(check: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    run = subprocess.run

    def keep(command: list[str], **options: Any) -> Any:
        ran.append(command)
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", keep)
    directory = Directory(bundle.sql_root() / "migrations" / "example")
    rendered = Renderer(directory).render(directory["0001.foundation"], HOME)
    list(squawk.check(rendered, 150020))
    assert ran[0][ran[0].index("--pg-version") + 1] == "15.20"
    assert "--assume-in-transaction" in ran[0]


def test_without_squawk_it_says_what_to_install(check: Lint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *a, **o: None)
    with pytest.raises(MigrationError) as caught:
        check("select 1")
    assert caught.value.hint == "pip install 'freehold[migrate]'"


# Acknowledged


def test_a_file_acknowledges_by_name(check: Lint) -> None:
    (role, lock) = check("-- freehold-ignore: role\nset role x;\nlock table note;\n")
    assert (role.rule, role.acknowledged, role.blocks) == ("role", True, False)
    assert (lock.rule, lock.acknowledged, lock.blocks) == ("lock-table", False, True)


def test_a_caller_acknowledges_by_name(check: Lint) -> None:
    found = check("set role x;\nlock table note;\n", acknowledge=("role", "never"))
    assert [(f.rule, f.acknowledged) for f in found] == [("role", True), ("lock-table", False)]


def test_an_acknowledgement_that_nothing_needs_is_a_warning(check: Lint) -> None:
    (found,) = check("-- freehold-ignore: role, table-rewrite\nselect 1;\n")
    assert (found.rule, found.severity, found.blocks) == ("unused-ignore", "warning", False)
    assert "role" in found.message


def test_a_contract_step_may_break_what_it_waited_for(check: Lint) -> None:
    text = "alter table note drop column a;\nalter table note alter column b type int;\n"
    found = check({"0001.expand.sql": "select 1", "0002.contract.sql": f"-- contract: 0001.expand\n{text}"})
    assert {f.rule: f.acknowledged for f in found} == {"ban-drop-column": True, "changing-column-type": False}


# By trial


@pytest.fixture(scope="module")
def where(databases: Databases) -> Iterator[Database]:
    with databases.clone() as database:
        control = database.control()
        control.template_create("notes")
        control.template_apply(
            "notes",
            "create table note (id int primary key, at timestamptz, author int, body text, size int);"
            "insert into note (id) values (1); create view recent as select id from note;",
        )
        control.template_freeze("notes")
        control.tenant_provision("globex", "notes")
        with database.connect(database.admin_dsn) as admin:
            admin.execute(
                "create schema shared; create table shared.country (id int primary key);"
                "create function shared.one() returns int language sql as 'select 1';"
                "create domain shared.money as int; create role reporter;"
                "grant usage on schema shared to public; grant all on shared.country to public;"
                "create extension citext schema shared"
            )
        yield database


@pytest.fixture
def tried(check: Lint, where: Database) -> Lint:
    return lambda files, **more: check(files, where.connect(), "notes", **more)


@pytest.fixture(autouse=True)
def nothing_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "tried" in request.fixturenames:
        where: Database = request.getfixturevalue("where")
        with where.connect(where.admin_dsn) as admin:
            left = admin.execute(
                "select count(*) from pg_namespace where nspname like '%lint%' union all "
                "select count(*) from pg_roles where rolname like '%lint%' union all "
                "select count(*) from freehold.template where name like 'lint%'"
            ).fetchall()
            assert left == [(0,), (0,), (0,)]


CLEAN = {
    "0001.tag.sql": "create table tag (id int primary key, note int not null references note, label text);\n"
    "create index tag_note on tag (note);\ncreate view labels as select label from tag;\n"
    "grant select on labels to {{ roles.rw | ident }};\ninsert into tag values (1, 1, 'a');\n"
    "create function one() returns int language sql return 1;\ncreate type mood as enum ('good');\n",
    "0001.tag.rollback.sql": "drop type mood;\ndrop function one();\ndrop view labels;\ndrop table tag;\n",
    "0002.added.sql": "-- depends: 0001.tag\nalter table note add column mood mood;\n"
    "alter table note add constraint note_size check (size > 0) not valid;\n",
    "0002.added.rollback.sql": "alter table note drop constraint note_size;\nalter table note drop column mood;\n",
    "0003.validated.sql": "-- depends: 0002.added\nalter table note validate constraint note_size;\n",
    "0004.index.sql": "-- depends: 0003.validated\n-- transactional: false\n"
    "create index concurrently if not exists note_at on note (at);\n",
    "0005.filled.sql": "-- depends: 0004.index\n-- backfill: true\n"
    "update note set size = 1 where id in (select id from note where size is null limit 10);\n",
    "0006.nothing.sql": "{% if tenant.tier == 'dedicated' %}select 1;{% endif %}\n",
    "0007.size.sql": "-- depends: 0006.nothing\n{% if size('note') > 0 and size('nothing') == 0 %}\n"
    "select 1;\n{% else %}\nselect 1 / 0;\n{% endif %}\n",
}


def test_migrations_of_the_usual_kind_pass_the_trial(tried: Lint) -> None:
    found = [f for f in tried(CLEAN) if f.rule in OWN]
    assert found == []


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        ("select 1;\nselect\n  nothing;", "fails", 'column "nothing" does not exist'),
        ("alter table note add column body text", "fails", 'column "body" of relation "note" already exists'),
        ("select 0;\nselect 1 / id from (values (0)) as v (id);\nselect 2;", "fails", "division by zero"),
        (
            "alter table note add constraint c foreign key (author) references shared.country not valid",
            "outside-foreign-key",
            "constraint c on table note refers to table shared.country",
        ),
        (
            "create table t (id int references shared.country)",
            "outside-foreign-key",
            "constraint t_id_fkey on table t refers to table shared.country",
        ),
        ("create view v as select shared.one()", "outside-object", "rule _RETURN on view v depends on function shared.one()"),
        ("alter table note add column m shared.money", "outside-object", "table note depends on type shared.money"),
        (
            "insert into shared.country values (1)",
            "outside-lock",
            "locks shared.country, which is not the tenant's (RowExclusiveLock)",
        ),
        (
            "do $$ begin perform 1 from shared.country for update; end $$",
            "outside-lock",
            "locks shared.country, which is not the tenant's (RowShareLock)",
        ),
        ("alter table note alter column size type bigint", "table-rewrite", "table note is written anew"),
        ("alter table note add column r float default random()", "table-rewrite", "table note is written anew"),
        ("do $$ begin truncate note; end $$", "table-rewrite", "table note is written anew"),
        ("alter table note alter column id set not null, add check (id > 0)", "table-scan", "table note is read as a whole"),
        (
            "do $$ begin alter table note add constraint c check (id > 0); end $$",
            "table-scan",
            "table note is read as a whole",
        ),
        (
            "alter table note add constraint c foreign key (author) references note",
            "table-scan",
            "table note is read as a whole",
        ),
        ("grant select on note to public", "grant", "SELECT on table note is granted to PUBLIC"),
        ("grant update (body) on note to public", "grant", "UPDATE on column body of table note is granted to PUBLIC"),
        ("grant select on note to reporter", "grant", "SELECT on table note is granted to reporter"),
        (
            "alter default privileges grant select on tables to public",
            "grant",
            "SELECT on default privileges is granted to PUBLIC",
        ),
    ],
)  # fmt: skip
def test_what_a_trial_finds(tried: Lint, text: str, rule: str, message: str) -> None:
    found = [f for f in tried({"0001.a.sql": "create table before ()", "0002.b.sql": text}) if f.rule in OWN]
    assert [(f.migration, f.rule, f.message, f.severity) for f in found] == [("0002.b", rule, message, "error")]
    assert found[0].blocks
    if rule == "fails":
        assert found[0].line == (3 if "nothing" in message else 2 if "zero" in message else 1)


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        (
            "select * from shared.country",
            "outside-lock",
            "reads shared.country, which is not the tenant's (AccessShareLock)",
        ),
        ("create table t (a shared.citext)", "outside-object", "table t depends on type shared.citext"),
    ],
)
def test_what_a_trial_warns_of(tried: Lint, text: str, rule: str, message: str) -> None:
    (found,) = (f for f in tried(text) if f.rule in OWN)
    assert (found.rule, found.message, found.severity, found.blocks) == (rule, message, "warning", False)


def test_a_trial_ends_where_a_migration_fails(tried: Lint) -> None:
    found = tried({"0001.a.sql": "select nothing;", "0002.b.sql": "grant select on note to public;"})
    assert of(found) == ["fails"]


def test_what_a_trial_cannot_run_is_not_held_against_what_follows(tried: Lint) -> None:
    python = {"0001.a.py": "from yoyo import step\nstep('create table t ()')\n", "0002.b.sql": "select 1 from t;\n"}
    found = tried(python)
    assert [(f.rule, f.migration, f.blocks) for f in found] == [
        ("python", "0001.a", True),
        ("trial-stopped", "0002.b", False),
    ]


def test_a_new_value_of_an_enum_cannot_be_used_in_the_same_transaction(tried: Lint) -> None:
    files = {
        "0001.a.sql": "create type kind as enum ('a'); create table k (kind kind);",
        "0002.b.sql": "alter type kind add value 'b' after 'a';",
        "0003.c.sql": "insert into k values ('b');",
    }
    (found,) = tried(files)
    assert (found.migration, found.rule, found.blocks) == ("0003.c", "trial-stopped", False)


def test_a_rollback_is_tried(tried: Lint) -> None:
    create = {"0001.a.sql": "create table t ();\nalter table note add column x int;\n"}
    good = tried(create | {"0001.a.rollback.sql": "drop table t;\nalter table note drop column x;"})
    assert good == []
    (differs,) = tried(create | {"0001.a.rollback.sql": "drop table t;"})
    assert (differs.rule, differs.severity, differs.rollback) == ("rollback-differs", "warning", True)
    (fails,) = tried(create | {"0001.a.rollback.sql": "drop table u;"})
    assert (fails.rule, fails.message, fails.severity) == ("rollback-fails", 'table "u" does not exist', "error")


def test_a_trial_is_acknowledged_like_the_rest(tried: Lint) -> None:
    (found, unused) = tried("-- freehold-ignore: grant, table-scan\ngrant select on note to public;\n")
    assert (found.rule, found.acknowledged) == ("grant", True)
    assert (unused.rule, "table-scan" in unused.message) == ("unused-ignore", True)


def test_schemas_of_others_are_known_by_the_catalogs(tried: Lint) -> None:
    names = {
        "0001.a.sql": "create function f() returns text language sql return 'x tenant_globex.note';",
        "0002.b.sql": "comment on table note is 'about template_notes';",
        "0003.c.sql": "comment on table note is 'tenant_nobody, shared.country';",
    }
    found = tried(names)
    assert [(f.migration, f.rule, f.message) for f in found] == [
        ("0001.a", "schema-name", "a body or string names schema tenant_globex"),
        ("0002.b", "schema-name", "a body or string names schema template_notes"),
    ]


def test_an_object_that_is_not_the_owners_is_found(where: Database) -> None:
    with where.connect(where.admin_dsn) as admin, admin.transaction(force_rollback=True):
        admin.execute("create schema s; create table s.mine (); create table s.yours (); create role writer")
        admin.execute("alter table s.mine owner to reporter; alter table s.yours owner to writer")
        (oid,) = admin.execute("select 's'::regnamespace::oid").fetchone() or (0,)
        state = State.read(admin, oid, "reporter", "reporter")
        assert Owner("table s.yours", "writer") in state.owners
        assert {owner.owner for owner in state.owners} == {"writer"}
        trials = trial.Trial(admin, Renderer(Directory(bundle.sql_root() / "migrations" / "example")), "notes", HOME)
        rendered = trials._renderer.render(trials._renderer.directory["0001.foundation"], HOME)
        before = dataclasses.replace(state, owners=frozenset())
        assert "owner" in of(list(trials._compare(rendered, before, state, [])))


def test_the_example_passes(where: Database) -> None:
    control = where.control()
    control.template_create("empty")
    control.template_freeze("empty")
    directory = Directory(bundle.sql_root() / "migrations" / "example")
    found = lint(Renderer(directory), list(directory), HOME, where.connect(), "empty")
    assert {f.rule for f in found if f.blocks} <= {"require-concurrent-index-creation"}


def test_every_rule_of_freeholds_is_tested() -> None:
    source = Path(__file__).read_text()
    assert [rule for rule in sorted(OWN) if f'"{rule}"' not in source] == []
    assert {rule.name for rule in rules.RULES} | trial.NAMES <= OWN
