"""Rollups: answers that are kept, a few tenants at a time, and die with the tenant."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import InvalidArgument, RollupNotFound
from freehold.cli import main
from freehold.control import Control
from support.database import Database
from support.world import provision

TEMPLATE = "create table note (id int generated always as identity primary key, body text)"


class Kept:
    """Four tenants, and who declares, keeps and reads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.admin = database.connect(database.admin_dsn)
        self.control = provision(database, TEMPLATE).control()
        for slug in ("gamma", "delta"):
            self.control.tenant_provision(slug)
        assert self.control.fleet_prepare() == 4
        self.worker = self.login("worker")
        self.analyst = self.login("analyst")

    def login(self, group: str) -> Control:
        dsn = self.database.login_dsn(f"of_{group}")
        self.admin.execute(f"grant freehold_{group} to of_{group}".encode())
        return Control(self.database.connect(dsn))

    def rows(self, name: str = "notes") -> list[tuple[Any, ...]]:
        return [(row["slug"], row["row"], row["error_code"]) for row in self.analyst.rollup_get(name)]

    def due(self) -> None:
        self.admin.execute("update freehold.rollup_tenant set due_at = '2001-01-01'")


@pytest.fixture
def kept(database: Database) -> Kept:
    kept = Kept(database)
    kept.control.rollup_define("notes", "select count(*) as n from note", "1 hour", reason="a dashboard")
    return kept


def test_answers_are_kept_until_they_are_old(kept: Kept) -> None:
    assert kept.rows() == [(slug, None, None) for slug in ("acme", "beta", "delta", "gamma")]
    assert [kept.worker.rollup_refresh(3) for _ in range(3)] == [3, 1, 0]
    assert kept.rows() == [(slug, {"n": 0}, None) for slug in ("acme", "beta", "delta", "gamma")]
    kept.admin.execute("insert into tenant_acme.note (body) values ('x')")
    assert kept.worker.rollup_refresh() == 0
    kept.due()
    before = kept.analyst.rollup_get("notes")[0]["as_of"]
    assert kept.worker.rollup_refresh() == 4
    assert kept.rows()[0] == ("acme", {"n": 1}, None)
    assert kept.analyst.rollup_get("notes")[0]["as_of"] > before
    (row,) = kept.analyst.rollup_list()
    assert (row["name"], row["tenants"], row["answered"], row["failed"], row["reason"]) == (
        "notes",
        4,
        4,
        0,
        "a dashboard",
    )


def test_a_failure_leaves_the_answer_before(kept: Kept) -> None:
    kept.worker.rollup_refresh()
    kept.admin.execute("alter table tenant_beta.note rename to gone; insert into tenant_acme.note (body) values ('x')")
    kept.due()
    assert kept.worker.rollup_refresh() == 4
    assert kept.rows()[:2] == [("acme", {"n": 1}, None), ("beta", {"n": 0}, "42P01")]
    assert kept.analyst.rollup_list()[0]["failed"] == 1
    kept.admin.execute("alter table tenant_beta.gone rename to note")
    kept.due()
    assert kept.worker.rollup_refresh() == 4
    assert kept.rows()[1] == ("beta", {"n": 0}, None)


def test_two_keepers_share_the_work(kept: Kept) -> None:
    other = kept.login("worker")
    with kept.worker.connection.transaction():
        assert kept.worker.rollup_refresh(2) == 2
        # It waits for nobody: the others' rows are locked, and it may not list tenants meanwhile.
        other.connection.execute("set lock_timeout = '1ms'")
        assert other.rollup_refresh(10) == 0
    assert other.rollup_refresh(10) == 2
    kept.due()
    with kept.worker.connection.transaction():
        assert kept.worker.rollup_refresh(3) == 3
        assert other.rollup_refresh(10) == 1
    assert other.rollup_refresh(10) == 0


def test_one_that_never_ends_has_its_turn_and_the_rest_theirs(kept: Kept) -> None:
    # Two of them: when the first was stopped no limit runs any more, so the second is another call's.
    for slug in ("beta", "delta"):
        kept.admin.execute(
            f"set role tenant_{slug}_owner; set search_path = tenant_{slug};"
            "alter table note rename to real; insert into real (body) values ('x');"
            "create function slow() returns boolean language plpgsql as $$begin perform pg_sleep(600); return true; end$$;"
            "create view note as select * from real where slow(); grant select on note to current_user;"
            f"grant select on note, real to tenant_{slug}_ro; grant execute on function slow() to tenant_{slug}_ro;"
            "reset role; reset search_path".encode()
        )
    kept.worker.connection.execute("set statement_timeout = '300ms'")
    counts = []
    while count := kept.worker.rollup_refresh():
        counts.append(count)
    assert sum(counts) == 4
    assert kept.rows() == [
        ("acme", {"n": 0}, None), ("beta", None, "57014"), ("delta", None, "57014"), ("gamma", {"n": 0}, None)]  # fmt: skip


def test_new_tenants_join_and_suspended_ones_leave(kept: Kept) -> None:
    kept.worker.rollup_refresh()
    kept.control.tenant_provision("fresh")
    assert kept.worker.rollup_refresh() == 1
    assert kept.rows()[3] == ("fresh", None, "FH104")
    kept.worker.fleet_prepare()
    kept.control.tenant_suspend("gamma", "unpaid")
    kept.due()
    assert kept.worker.rollup_refresh() == 4
    assert [slug for slug, _, _ in kept.rows()] == ["acme", "beta", "delta", "fresh"]
    assert kept.rows()[3] == ("fresh", {"n": 0}, None)


def test_answers_die_with_the_tenant(kept: Kept) -> None:
    kept.worker.rollup_refresh()
    tenant = kept.control.tenant_get("acme")["id"]
    count = "select count(*) from freehold.rollup_tenant where tenant_id = %s"
    assert kept.admin.execute(count, (tenant,)).fetchone() == (1,)
    kept.control.tenant_retire("acme", grace="0", reason="left")
    kept.control.tenant_erase("acme", "left")
    assert kept.admin.execute(count, (tenant,)).fetchone() == (0,)
    reading = "select count(*) from pg_proc where proname = 'read_' || replace(%s::text, '-', '')"
    assert kept.admin.execute(reading, (tenant,)).fetchone() == (0,)
    assert [row["what"] for row in kept.control.erasure_list("acme")[0].get("residue") or []] == []


def test_a_rollup_of_one_template(kept: Kept) -> None:
    kept.control.template_create("other")
    kept.control.template_freeze("other")
    kept.control.tenant_provision("odd", "other")
    kept.control.rollup_define("odd_ones", "select 1 as one", "1 day", template="other")
    while kept.worker.rollup_refresh():
        kept.worker.fleet_prepare()
    assert [slug for slug, _, _ in kept.rows("odd_ones")] == ["odd"]


def test_defining_again(kept: Kept) -> None:
    kept.worker.rollup_refresh()
    kept.control.rollup_define("notes", "select count(*) as n from note", "1 second")
    assert kept.rows()[0] == ("acme", {"n": 0}, None)
    kept.control.rollup_define("notes", "select max(body) as m from note", "1 second")
    assert kept.rows()[0] == ("acme", None, None)
    kept.worker.rollup_refresh()
    assert kept.rows()[0] == ("acme", {"m": None}, None)
    kept.control.rollup_drop("notes", "enough")
    with pytest.raises(RollupNotFound):
        kept.control.rollup_drop("notes")
    with pytest.raises(RollupNotFound):
        kept.analyst.rollup_get("notes")
    assert kept.admin.execute("select count(*) from freehold.rollup_tenant").fetchone() == (0,)
    events = [(e["kind"], e["reason"]) for e in kept.control.event_list(max_rows=10) if e["kind"].startswith("rollup")]
    assert sorted(events, key=str) == [
        ("rollup_define", "a dashboard"),
        ("rollup_define", None),
        ("rollup_define", None),
        ("rollup_drop", "enough"),
    ]


@pytest.mark.parametrize(
    "wrong", [{"name": "Notes"}, {"query": ""}, {"every": "0"}, {"max_rows": 0}, {"timeout": "-1 second"}]
)
def test_bad_arguments(kept: Kept, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        kept.control.rollup_define(**({"name": "x", "query": "select 1", "every": "1 hour"} | wrong))
    with pytest.raises(InvalidArgument):
        kept.worker.rollup_refresh(0)


def test_who_declares_sees_nothing(kept: Kept) -> None:
    for other in (kept.control, kept.worker):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.rollup_get("notes")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        kept.analyst.rollup_define("x", "select 1", "1 hour")


def test_each_refresh_is_in_the_access_log(kept: Kept) -> None:
    kept.control.setting_set("access_log", "on")
    kept.worker.rollup_refresh()
    (row,) = kept.control.access_list("acme")
    assert (row["login"], row["access"], row["purpose"]) == ("of_worker", "read", "rollup notes")


def test_the_commands(kept: Kept) -> None:
    def run(dsn: str, *arguments: str) -> Any:
        result = CliRunner().invoke(main, ["rollup", *arguments, "--dsn", dsn])
        assert result.exit_code == 0, result.output
        return result.stdout

    owner, analyst = kept.database.owner_dsn, kept.database.login_dsn("of_analyst")
    run(owner, "define", "bodies", "select max(body) as body from note", "--every", "1h", "--max-rows", "1")
    assert "8 answers" in run(owner, "refresh", "--max-tenants", "3")
    assert "acme" in run(analyst, "get", "notes")
    assert [row["name"] for row in json.loads(run(analyst, "list", "--json"))] == ["bodies", "notes"]
    assert "dropped" in run(owner, "drop", "bodies")
