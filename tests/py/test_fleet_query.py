"""The clients of fleet queries: several tenants at a time, failures as values, and nothing that goes on running."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import make_conninfo

from freehold import Answer, AsyncFleetQuery, FleetQuery, InvalidArgument, TenantError
from freehold.cli import main
from freehold.control import Control
from support.database import Database
from support.patience import until

TENANTS = 60
BROKEN = {"t07": "42P01", "t19": "P0001", "t23": "22012", "t42": "FH302"}
TEMPLATE = """
    create type mood as enum ('fine', 'sad');
    create domain amount as numeric(10, 2) check (value >= 0);
    create table note (
        id int primary key, body text not null, at timestamptz, due date, price amount, tags text[], mood mood, key uuid, raw bytea,
        took interval, doc jsonb);
    create function probe() returns text language plpgsql volatile as $$begin return 'ok'; end$$;
"""


class Sixty:
    """Sixty tenants; four of them fail, each in its way."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.admin = database.connect(database.admin_dsn)
        control = database.control()
        control.template_create("default")
        control.template_apply("default", TEMPLATE)
        control.template_freeze("default")
        self.slugs = [f"t{number:02}" for number in range(TENANTS)]
        for slug in self.slugs:
            control.tenant_provision(slug)
            self.admin.execute(f"insert into tenant_{slug}.note (id, body) values (1, '{slug}')".encode())
        while control.fleet_prepare():
            pass
        self.dsn = make_conninfo(database.login_dsn("boss"), application_name="asks")
        self.admin.execute("grant freehold_analyst to boss")
        self.admin.execute("alter table tenant_t07.note rename to gone")
        self.admin.execute("alter table tenant_t19.note rename to old")
        self.owner("t19", "create function bad() returns setof old language plpgsql as"
                          " $$begin raise 'mine' using errcode = 'FH101'; end$$; create view note as select * from bad()")  # fmt: skip
        self.admin.execute(
            "grant select on tenant_t19.note to tenant_t19_ro; grant execute on function tenant_t19.bad() to tenant_t19_ro"
        )
        self.admin.execute("alter table tenant_t23.note rename to old")
        self.owner("t23", "create view note as select id, (1 / (id - 1))::text as body from old")
        self.admin.execute("grant select on tenant_t23.note to tenant_t23_ro")
        control.tenant_suspend("t42", "unpaid")

    def owner(self, slug: str, script: str) -> None:
        with self.admin.transaction():
            self.admin.execute(f"set local role tenant_{slug}_owner; set local search_path = tenant_{slug}".encode())
            self.admin.execute(script.encode())

    def busy(self) -> int:
        row = self.admin.execute("select count(*) from pg_stat_activity where application_name = 'asks'").fetchone()
        return int(row[0]) if row else 0

    def sleeping(self) -> int:
        row = self.admin.execute(
            "select count(*) from pg_stat_activity where application_name = 'asks' and wait_event = 'PgSleep'"
        ).fetchone()
        return int(row[0]) if row else 0


@pytest.fixture(scope="module")
def founded(module_database: Database) -> Sixty:
    return Sixty(module_database)


@pytest.fixture
def sixty(founded: Sixty) -> Iterator[Sixty]:
    yield founded
    until(lambda: founded.busy() == 0)


def of_all(dsn: str, query: str, **given: Any) -> list[Answer]:
    with FleetQuery(dsn, query, **given) as fleet:
        return list(fleet)


def of_all_async(dsn: str, query: str, **given: Any) -> list[Answer]:
    async def collected() -> list[Answer]:
        async with AsyncFleetQuery(dsn, query, **given) as fleet:
            return [answer async for answer in fleet]

    return asyncio.run(collected())


Ask = Callable[..., list[Answer]]


@pytest.fixture(params=[of_all, of_all_async], ids=["threads", "asyncio"])
def ask(request: pytest.FixtureRequest) -> Ask:
    found: Ask = request.param
    return found


def test_failures_are_values(sixty: Sixty, ask: Ask) -> None:
    answers = {
        answer.slug: answer
        for answer in ask(sixty.dsn, "select body from note", tenants=[*sixty.slugs, "nobody"], workers=3)
    }
    assert len(answers) == TENANTS + 1
    assert {slug: answer.error.code for slug, answer in answers.items() if answer.error} == BROKEN | {"nobody": "FH101"}
    for slug in set(sixty.slugs) - set(BROKEN):
        assert answers[slug] == Answer(slug, [{"body": slug}])
    assert {len(answers[slug].rows) for slug in BROKEN} == {0}
    # Of all that are active: the suspended one is not asked.
    assert {answer.slug for answer in ask(sixty.dsn, "select 1 as one")} == set(sixty.slugs) - {"t42"}
    assert ask(sixty.dsn, "select 1", tenants=[]) == []


def test_values_have_their_types(sixty: Sixty, ask: Ask) -> None:
    sixty.admin.execute(
        "update tenant_t01.note set at = '2026-01-02 03:04:05.678901+00', due = '2026-01-02', price = 12.30, tags = array['a', null],"
        " mood = 'sad', key = '0b0e5b8e-1111-4222-8333-944444444444', raw = '\\x00ff', took = '1 day 02:00', doc = '{\"a\": [1.50]}'"
    )
    query = 'select *, 12345678901234567890.10::numeric as "50%", array[[1, 2]] as "deep ""er", row(1, \'x\') as both, null as nothing from note'
    (answer,) = ask(sixty.dsn, query, tenants=["t01"])
    assert answer.error is None
    (row,) = answer.rows
    at = row.pop("at")
    assert at == datetime.fromisoformat("2026-01-02 03:04:05.678901+00:00")
    assert row == {
        "id": 1, "body": "t01", "due": date(2026, 1, 2), "price": Decimal("12.30"), "tags": ["a", None], "mood": "sad",
        "key": UUID("0b0e5b8e-1111-4222-8333-944444444444"), "raw": b"\x00\xff", "took": timedelta(days=1, hours=2),
        "doc": {"a": [1.5]}, "50%": Decimal("12345678901234567890.10"), 'deep "er': [[1, 2]], "both": {"f1": 1, "f2": "x"},
        "nothing": None,
    }  # fmt: skip


def test_a_tenant_whose_columns_are_others_says_so(sixty: Sixty, ask: Ask) -> None:
    with sixty.admin.transaction():
        sixty.admin.execute("alter table tenant_t05.note add column extra int")
    try:
        answers = {answer.slug: answer.error for answer in ask(sixty.dsn, "select * from note", tenants=["t01", "t05"])}
        assert answers["t01"] is None
        assert answers["t05"] is not None
        assert answers["t05"].code == "42804"
    finally:
        sixty.admin.execute("alter table tenant_t05.note drop column extra")


def test_what_cannot_be_described_comes_as_it_is(sixty: Sixty, ask: Ask) -> None:
    assert ask(sixty.dsn, "show transaction_read_only", tenants=["t01"]) == [
        Answer("t01", [{"transaction_read_only": "on"}])
    ]
    (answer,) = ask(sixty.dsn, "selec 1", tenants=["t01"])
    assert answer.error == TenantError("42601", 'syntax error at or near "selec"')


def test_a_tenant_has_its_time_and_the_others_theirs(sixty: Sixty, ask: Ask) -> None:
    sixty.owner(
        "t03",
        "create or replace function probe() returns text language plpgsql as $$begin perform pg_sleep(600); end$$",
    )
    try:
        answers = {answer.slug: answer for answer in ask(sixty.dsn, "select probe() as p", timeout=0.5, workers=2)}
        assert answers.pop("t03").error == TenantError("57014", "canceling statement due to statement timeout")
        assert len(answers) == TENANTS - 2
        assert {answer.error for answer in answers.values()} == {None}
    finally:
        sixty.owner(
            "t03", "create or replace function probe() returns text language plpgsql as $$begin return 'ok'; end$$"
        )


SWALLOW = """create or replace function probe() returns text language plpgsql as $$begin
    loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop; end$$"""
TIMEOUTS = """create or replace function probe() returns text language plpgsql as $$begin
    perform set_config('transaction_timeout', '1ms', true); perform pg_sleep(600); end$$"""


def test_code_that_does_not_obey_is_ended(sixty: Sixty, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("query", "aquery"):
        monkeypatch.setattr(f"freehold.fleet.{module}.GRACE", 0.2)
    sixty.owner("t03", SWALLOW)
    try:
        answers = {answer.slug: answer for answer in ask(sixty.dsn, "select probe() as p", timeout=0.3, workers=2)}
        error = answers.pop("t03").error
        assert error is not None
        assert error.code == "57P01"
        assert {answer.error for answer in answers.values()} == {None}
        assert len(answers) == TENANTS - 2
    finally:
        sixty.owner(
            "t03", "create or replace function probe() returns text language plpgsql as $$begin return 'ok'; end$$"
        )


def test_code_that_ends_its_session_ends_no_other(sixty: Sixty, ask: Ask) -> None:
    if sixty.admin.info.server_version < 170000:
        pytest.skip("transaction_timeout is of 17")
    sixty.owner("t03", TIMEOUTS)
    try:
        answers = {
            answer.slug: answer
            for answer in ask(sixty.dsn, "select probe() as p", workers=1, tenants=["t02", "t03", "t04"])
        }
        assert {slug: answer.error and answer.error.code for slug, answer in answers.items()} == {
            "t02": None, "t03": "25P04", "t04": None}  # fmt: skip
    finally:
        sixty.owner(
            "t03", "create or replace function probe() returns text language plpgsql as $$begin return 'ok'; end$$"
        )


def test_leaving_cancels_what_runs(sixty: Sixty) -> None:
    with FleetQuery(
        sixty.dsn, "select pg_sleep(case current_user when 'tenant_t00_ro' then 0 else 600 end)", workers=4
    ) as fleet:
        for answer in fleet:
            assert answer.slug == "t00"
            break
        until(lambda: sixty.sleeping() == 4)
    # A backend is gone some moments after its connection.
    until(lambda: sixty.busy() == 0)


def test_leaving_cancels_what_runs_async(sixty: Sixty) -> None:
    async def run() -> None:
        query = "select pg_sleep(case current_user when 'tenant_t00_ro' then 0 else 600 end)"
        async with AsyncFleetQuery(sixty.dsn, query, workers=4) as fleet:
            async for answer in fleet:
                assert answer.slug == "t00"
                break
            while sixty.sleeping() < 4:
                await asyncio.sleep(0.01)

    asyncio.run(run())
    until(lambda: sixty.busy() == 0)


def test_who_does_not_read_does_not_ask_them_all(sixty: Sixty) -> None:
    with FleetQuery(sixty.dsn, "select 1 as one", workers=2) as fleet:
        until(lambda: fleet._answers.full())
        assert fleet._slugs.qsize() >= TENANTS - 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_client_leaves_nothing_running(sixty: Sixty) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "freehold",
            "fleet",
            "query",
            "select pg_sleep(600)",
            "--dsn",
            sixty.dsn,
            "--timeout",
            "10min",
        ],
        stdout=subprocess.DEVNULL,
    )
    until(lambda: sixty.sleeping() == 4)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    until(lambda: sixty.busy() == 0)


def test_it_is_one_event(sixty: Sixty) -> None:
    with contextlib.closing(sixty.database.connect()) as connection:
        control = Control(connection)
        before = len(control.event_list(kind="fleet_query", max_rows=1000))
        assert len(of_all(sixty.dsn, "select 1 as one", tenants=["t01", "t02"], reason="why")) == 2
        events = control.event_list(kind="fleet_query", max_rows=1000)
        assert len(events) == before + 1
        newest = max(events, key=lambda event: int(event["id"]))
        assert (newest["login"], newest["reason"], newest["detail"]["tenants"]) == ("boss", "why", 2)


def test_arguments(sixty: Sixty) -> None:
    for wrong in ({"workers": 0}, {"timeout": 0.0}):
        with pytest.raises(InvalidArgument):
            FleetQuery(sixty.dsn, "select 1", **wrong)
    with pytest.raises(InvalidArgument), FleetQuery(sixty.dsn, " "):
        pass
    with pytest.raises(psycopg.errors.InsufficientPrivilege), FleetQuery(sixty.database.owner_dsn, "select 1"):
        pass


def run(sixty: Sixty, *arguments: str, columns: int | None = None) -> Any:
    return CliRunner().invoke(
        main, ["fleet", *arguments, "--dsn", sixty.dsn], env={"COLUMNS": str(columns)} if columns else None
    )


def test_the_command(sixty: Sixty) -> None:
    query = "select id, body from note"
    result = run(sixty, "query", query, "--tenants", "t01,t00")
    assert result.exit_code == 0, result.output
    assert [line.split() for line in result.stdout.splitlines()[2:]] == [["t00", "1", "t00"], ["t01", "1", "t01"]]
    result = run(sixty, "query", query, "--tenants", "t01,t00", "--csv")
    assert sorted(csv.reader(io.StringIO(result.stdout)))[:2] == [["slug", "id", "body"], ["t00", "1", "t00"]]
    result = run(sixty, "query", query, "--tenants", "t01,t07", "--json")
    assert result.exit_code == 1
    found = sorted((json.loads(line) for line in result.stdout.splitlines()), key=lambda row: str(row["slug"]))
    assert found[0] == {"slug": "t01", "row": {"id": 1, "body": "t01"}}
    assert (found[1]["slug"], found[1]["error"]["code"]) == ("t07", "42P01")


def test_the_command_sums_failures_up(sixty: Sixty) -> None:
    result = run(sixty, "query", "select body from note", "--workers", "2")
    assert result.exit_code == 1
    assert "3 of 59 tenants failed" in result.stderr
    assert '[42P01] relation "note" does not exist (1: t07)' in result.stderr
    assert len(result.stdout.splitlines()) == 2 + 56
    result = run(sixty, "query", "selec", "--timeout", "500ms")
    assert "59 of 59" in result.stderr
    assert '[42601] syntax error at or near "selec" (59: t00, t01, t02, ...)' in result.stderr


def test_what_a_tenant_says_does_not_move_the_terminal(sixty: Sixty) -> None:
    sixty.owner("t03", "create or replace function probe() returns text language plpgsql as"
                       " $$begin raise exception E'\\x1b[2Jgone'; end$$")  # fmt: skip
    try:
        result = run(sixty, "query", "select probe() as p", "--tenants", "t03")
        assert "\x1b" not in result.output
        assert "\\x1b[2Jgone" in result.stderr
    finally:
        sixty.owner(
            "t03", "create or replace function probe() returns text language plpgsql as $$begin return 'ok'; end$$"
        )


def test_the_table_fits(sixty: Sixty) -> None:
    query = "select 'some words that are long ' || repeat('and longer ', 20) as a, repeat('b', 100) as b, 1 as c"
    result = run(sixty, "query", query, "--tenants", "t01,t02", columns=60)
    assert max(map(len, result.stdout.splitlines())) <= 60


@pytest.mark.parametrize("wrong", [["--timeout", "soon"], ["--timeout", "0"], ["--csv", "--json"], ["--workers", "0"]])
def test_bad_options(sixty: Sixty, wrong: list[str]) -> None:
    assert run(sixty, "query", "select 1", *wrong).exit_code == 2
