"""Sign-ups: stages, slugs, keys, what fails, what is taken back, and two at once."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold import (
    Busy,
    ExternalIdTaken,
    InvalidArgument,
    InvalidSlug,
    KeyReused,
    SignupOver,
    SlugClaimed,
    TenantExists,
    UnderHold,
    WrongState,
)
from freehold.cli import main
from freehold.control import Control, Row
from support.database import Database
from support.lifecycle import ORPHANS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "sign-up.md"
ISSUER = "https://login.example.com"
SEED = """
    insert into note (body) select current_setting('freehold.seed')::jsonb ->> 'note';
    -- Asked for, it fails.
    select 1 / (current_setting('freehold.seed')::jsonb ->> 'divisor')::int;
"""


@pytest.fixture(scope="module")
def furnish() -> Callable[[Database], object]:
    def make(database: Database) -> None:
        control = database.control()
        control.template_create("default")
        control.template_apply(
            "default",
            "create table note (id int generated always as identity primary key, body text, by name default current_user)",
        )
        control.template_freeze("default")
        control.template_seed_set("default", SEED)

    return make


@pytest.fixture
def ready(control: Control) -> Control:
    return control


def begin(control: Control, subject: str = "1001", **given: Any) -> Row:
    arguments = {"email": f"{subject}@corp.example", "display_name": "Acme", "seed": {"note": subject}} | given
    return control.signup_begin(ISSUER, subject, **arguments)


def finish(control: Control) -> int:
    """Works until nothing is due; returns how many steps that took."""
    steps = 0
    while made := control.signup_work(1):
        steps += made
    return steps


def one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def later(admin: psycopg.Connection[Any]) -> None:
    """Turns the clock on, beyond every back-off."""
    admin.execute(
        "update freehold.setting set value = (value::interval + interval '2 hours')::text where name = 'clock_offset'"
    )


# The way of one


def test_stage_by_stage(ready: Control, admin: psycopg.Connection[Any]) -> None:
    row = begin(ready, external_id="76.123.456-K", settings={"plan": "pro"})
    assert (row["slug"], row["stage"], row["state"]) == ("76123456k", "claimed", "running")
    assert ready.signup_person(row["id"]) == {
        "issuer": ISSUER, "subject": "1001", "email": "1001@corp.example", "display_name": "Acme", "external_id": "76.123.456-K",
    }  # fmt: skip
    stages = []
    while row["state"] == "running":
        row = ready.signup_step(row["id"])
        stages.append((row["stage"], row["state"]))
    assert stages == [("provisioned", "running"), ("owned", "running"), ("seeded", "running"), ("ready", "ready")]
    tenant = ready.tenant_get("76123456k")
    assert (tenant["id"], tenant["display_name"], tenant["external_id"], tenant["settings"]) == (
        row["tenant_id"], "Acme", "76.123.456-K", {"plan": "pro"},
    )  # fmt: skip
    assert [(m["user_id"], m["role"]) for m in ready.member_list("76123456k")] == [(row["user_id"], "owner")]
    assert ready.user_get(row["user_id"])["email"] == "1001@corp.example"
    assert admin.execute("select body, by from tenant_76123456k.note").fetchall() == [
        ("1001", "tenant_76123456k_owner")
    ]
    # Nothing of the person is kept but the user, and a further step changes nothing.
    assert ready.signup_step(row["id"]) == row == ready.signup_get(row["id"])
    assert ready.signup_person(row["id"]) is None
    assert "corp.example" not in one(admin, "select string_agg(to_jsonb(s)::text, '') from freehold.signup as s")
    assert [e["kind"] for e in ready.event_list(kind="signup.", max_rows=9)] == [
        "signup.ready", "signup.seeded", "signup.owned", "signup.provisioned", "signup.claimed",
    ]  # fmt: skip
    assert one(admin, "select coalesce(current_setting('freehold.seed', true), '')") == ""


def test_the_reserve_is_claimed(ready: Control) -> None:
    ready.reserve_fill_step("default", 1)
    begin(ready)
    ready.signup_work(1)
    assert ready.reserve_status() == []
    assert finish(ready) == 3
    assert ready.tenant_drift("acme") == []


def test_without_a_script(ready: Control) -> None:
    ready.template_seed_set("default", " ")
    assert ready.template_seed_get("default") is None
    with pytest.raises(InvalidArgument, match="no script"):
        begin(ready)
    row = begin(ready, seed=None)
    assert (finish(ready), ready.signup_get(row["id"])["state"]) == (4, "ready")


def test_a_copy_of_a_template_has_the_script(ready: Control) -> None:
    ready.template_copy("default", "other")
    assert ready.template_seed_get("other") == SEED
    ready.template_drop("other")
    assert ready.template_seed_get("default") == SEED


# Slugs


@pytest.mark.parametrize(
    ("given", "slug"),
    [
        ({"display_name": "Ácme  & Söhne S.A."}, "acme-sohne-s-a"),
        ({"display_name": "--7 Days--"}, "7-days"),
        ({"display_name": "x" * 31 + " ab" + "y" * 60}, "x" * 31 + "-a"),
        ({"display_name": "x" * 32 + " b"}, "x" * 32),
        ({"display_name": "\ufb01ne \uff12"}, "fine-2"),
        ({"slug": "mine", "external_id": "7-K"}, "mine"),
        ({"external_id": "7-K"}, "7k"),
    ],
)
def test_a_slug_is_made(ready: Control, given: dict[str, Any], slug: str) -> None:
    assert begin(ready, **given)["slug"] == slug


@pytest.mark.parametrize("name", [None, "", "東京", "--"])
def test_no_slug_can_be_made(ready: Control, name: str | None) -> None:
    with pytest.raises(InvalidSlug):
        begin(ready, display_name=name)


def test_a_number_is_put_behind(ready: Control) -> None:
    ready.tenant_provision("acme")
    names = [begin(ready, str(n))["slug"] for n in range(12)]
    assert names[:8] == [f"acme-{n}" for n in range(2, 10)]
    assert all(re.fullmatch(r"acme-\d{6}", name) for name in names[8:])
    assert len(set(names)) == 12


def test_a_claim_is_kept(ready: Control) -> None:
    first = begin(ready, slug="acme", external_id="7-K")
    with pytest.raises(SlugClaimed):
        begin(ready, "2", slug="acme")
    with pytest.raises(ExternalIdTaken):
        begin(ready, "2", slug="other", external_id="7k")
    ready.tenant_provision("other")
    takes: list[Callable[[], Row]] = [
        lambda: ready.tenant_provision("acme"),
        lambda: ready.tenant_rename("other", "acme"),
        lambda: ready.tenant_clone("other", "acme"),
        lambda: ready.tenant_provision_step("acme"),
    ]
    for take in takes:
        with pytest.raises(SlugClaimed):
            take()
    finish(ready)
    with pytest.raises(TenantExists):
        begin(ready, "2", slug="acme")
    with pytest.raises(ExternalIdTaken):
        begin(ready, "2", slug="third", external_id="7.k")
    assert ready.signup_get(first["id"])["state"] == "ready"
    # What was refused is not there.
    assert len(ready.signup_list()) == 1


def test_an_undone_claim_is_free(ready: Control) -> None:
    row = ready.signup_undo(begin(ready, slug="acme", external_id="7-K")["id"], "twice")
    assert (row["state"], row["claim"], ready.signup_person(row["id"])) == ("undone", None, None)
    assert begin(ready, slug="acme", external_id="7-K")["state"] == "running"


# Keys


def test_the_same_key(ready: Control, connection: psycopg.Connection[Any]) -> None:
    row = begin(ready, idempotency_key="k", display_name="Acme")
    assert begin(ready, idempotency_key="k", display_name="Acme") == row
    for other in ({"display_name": "Other"}, {"seed": {"note": "x"}}, {"email": None}, {"slug": "acme"}):
        with pytest.raises(KeyReused):
            begin(ready, idempotency_key="k", **other)
    assert begin(ready, idempotency_key="k2")["id"] != row["id"]
    with connection.transaction():
        connection.execute("set local freehold.actor = 'somebody else'")
        other_row = begin(ready, "7", idempotency_key="k")
    assert other_row["id"] != row["id"]
    finish(ready)
    again = begin(ready, idempotency_key="k", display_name="Acme")
    assert (again["id"], again["state"]) == (row["id"], "ready")


# Two at once


def behind(database: Database, first: Callable[[Control], Any], second: Callable[[Control], Any]) -> tuple[Any, Any]:
    """Runs ``second`` while ``first`` is done but not committed; commits it when the other waits; returns both results."""
    holder, waiter, admin = database.connect(), database.connect(), database.connect(database.admin_dsn)
    with ThreadPoolExecutor(1) as pool:
        holder.execute("begin")
        made = first(Control(holder))
        future = pool.submit(second, Control(waiter))
        _until_blocked(admin, waiter.info.backend_pid, future)
        holder.execute("commit")
        return made, future.result()


def _until_blocked(admin: psycopg.Connection[Any], pid: int, future: Future[Any]) -> None:
    while not future.done():
        row = admin.execute("select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", (pid,)).fetchone()
        if row is not None and row[0]:
            return
    raise AssertionError(f"it never waited: {future.exception() or future.result()}")


def test_one_slug_raced_by_two(ready: Control, database: Database) -> None:
    with pytest.raises(SlugClaimed):
        behind(database, lambda c: begin(c, "1", slug="acme"), lambda c: begin(c, "2", slug="acme"))
    assert [row["slug"] for row in ready.signup_list()] == ["acme"]
    first, second = behind(
        database, lambda c: begin(c, "3", display_name="Beta"), lambda c: begin(c, "4", display_name="Beta")
    )
    assert (first["slug"], second["slug"]) == ("beta", "beta-2")
    with pytest.raises(ExternalIdTaken):
        behind(
            database,
            lambda c: begin(c, "5", slug="x", external_id="7-K"),
            lambda c: begin(c, "6", slug="y", external_id="7.k"),
        )


def test_a_slug_that_passes_to_its_tenant_meanwhile(ready: Control, database: Database) -> None:
    row, holder = begin(ready, "1", slug="acme"), database.connect()
    with holder.transaction():
        Control(holder).signup_step(row["id"])
        with pytest.raises(SlugClaimed):
            begin(ready, "2", slug="acme")
        assert begin(ready, "3")["slug"] == "acme-2"
    with pytest.raises(TenantExists):
        begin(ready, "2", slug="acme")
    assert begin(ready, "4")["slug"] == "acme-3"


def test_a_key_repeated_at_the_same_time(ready: Control, database: Database) -> None:
    first, second = behind(
        database, lambda c: begin(c, idempotency_key="k"), lambda c: begin(c, idempotency_key="k")
    )  # fmt: skip
    assert first == second
    assert len(ready.signup_list()) == 1
    with pytest.raises(KeyReused):
        behind(
            database,
            lambda c: begin(c, "2", idempotency_key="l", slug="one"),
            lambda c: begin(c, "2", idempotency_key="l", slug="two"),
        )


def test_a_key_repeated_by_many(ready: Control, database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda c: begin(c, idempotency_key="k"), [database.control() for _ in range(8)]))
    assert rows == [rows[0]] * 8


def test_what_one_worker_holds_the_other_passes_by(ready: Control, database: Database) -> None:
    held, holder = begin(ready, "1", slug="held"), database.connect()
    ready.signup_work(1)
    free = begin(ready, "2", slug="free")
    with holder.transaction():
        assert Control(holder).signup_work(1) == 1
        assert finish(ready) == 4
        assert ready.signup_get(free["id"])["state"] == "ready"
        with pytest.raises(Busy):
            ready.signup_step(held["id"])
    assert ready.signup_get(held["id"])["stage"] == "owned"
    assert finish(ready) == 2


def test_workers_share(ready: Control, database: Database, admin: psycopg.Connection[Any]) -> None:
    rows = [begin(ready, str(n), slug=f"t{n}") for n in range(12)]
    workers = [database.control() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(finish, workers)) == 4 * 12
    for n, row in enumerate(rows):
        assert ready.signup_get(row["id"])["state"] == "ready"
        assert admin.execute(f"select body from tenant_t{n}.note".encode()).fetchall() == [(str(n),)]
        assert len(ready.member_list(f"t{n}")) == 1


# What fails


def test_a_failure_is_its_own_row_s(ready: Control, admin: psycopg.Connection[Any]) -> None:
    bad = begin(ready, "1", slug="bad", seed={"divisor": 0})
    good = begin(ready, "2", slug="good")
    while ready.signup_work(10):
        pass
    assert ready.signup_get(good["id"])["state"] == "ready"
    row = ready.signup_get(bad["id"])
    assert (row["state"], row["stage"], row["error_code"], row["error_message"], row["attempts"]) == (
        "failed", "owned", "22012", "division by zero", 1,
    )  # fmt: skip
    assert admin.execute("select * from tenant_bad.note").fetchall() == []
    (event,) = ready.event_list(kind="signup.failed")
    assert event["detail"] == {
        "signup": row["id"],
        "stage": "owned",
        "state": "failed",
        "error": "22012",
        "attempts": 1,
    }
    # It waits, then is tried again, and at last no more.
    waits = []
    for attempt in range(2, 11):
        assert ready.signup_work() == 0
        waits.append((row["due_at"] - row["stepped_at"]).total_seconds())
        later(admin)
        assert ready.signup_work() == 1
        row = ready.signup_get(bad["id"])
        assert row["attempts"] == attempt
    assert all(2.4 * 2**n < wait < 7.6 * 2**n for n, wait in enumerate(waits)), waits
    assert row["due_at"] is None
    later(admin)
    assert ready.signup_work() == 0
    # Mended, it goes on.
    admin.execute('update freehold.signup_request set seed = \'{"note": "mended"}\'')
    assert ready.signup_retry(bad["id"])["state"] == "running"
    with pytest.raises(SignupOver):
        ready.signup_retry(bad["id"])
    assert finish(ready) == 2
    assert admin.execute("select body from tenant_bad.note").fetchall() == [("mended",)]


def test_one_that_is_canceled_is_behind_the_others(ready: Control, connection: psycopg.Connection[Any]) -> None:
    ready.template_seed_set("default", "select pg_sleep((current_setting('freehold.seed')::jsonb ->> 'sleep')::int)")
    slow = begin(ready, "1", slug="slow", seed={"sleep": 600})
    fast = begin(ready, "2", slug="fast", seed={"sleep": 0})
    ready.signup_work(1), ready.signup_work(1)
    connection.execute("set statement_timeout = '200ms'")
    assert ready.signup_work() == 1
    connection.execute("reset statement_timeout")
    assert ready.signup_get(slow["id"])["error_code"] == "57014"
    assert finish(ready) == 4
    assert ready.signup_get(fast["id"])["state"] == "ready"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("select * from freehold.signup_request", "42501"),
        ("set search_path = public", "FH303"),
        ("commit", "0A000"),
        ("select set_config('freehold.actor', 'nobody', false)", "FH303"),
        ("set role freehold_owner", "42501"),
        ("declare c cursor with hold for select 1", "FH303"),
    ],
)
def test_a_script_is_the_tenant_s_owner_and_no_more(ready: Control, script: str, code: str) -> None:
    ready.template_seed_set("default", script)
    row = begin(ready)
    finish(ready)
    row = ready.signup_get(row["id"])
    assert (row["state"], row["stage"]) == ("failed", "owned")
    assert row["error_code"] in (code, "42501"), row["error_message"]


def test_one_s_seed_is_not_the_next_one_s(ready: Control, admin: psycopg.Connection[Any]) -> None:
    begin(ready, "1", slug="one", seed={"note": "secret of one"})
    begin(ready, "2", slug="two", seed=None)
    ready.template_seed_set(
        "default", "insert into note (body) values (current_setting('freehold.seed')); set local work_mem = '1GB'"
    )
    with ready.connection.transaction():
        while ready.signup_work(10):
            pass
    assert one(admin, "select body from tenant_one.note") == '{"note": "secret of one"}'
    assert one(admin, "select body from tenant_two.note") == "{}"


# What others do meanwhile


def test_the_person_is_forgotten(ready: Control) -> None:
    user = ready.user_ensure(ISSUER, "1001")
    row = begin(ready)
    ready.signup_step(row["id"])
    ready.user_erase(user["id"], "asked")
    with pytest.raises(SignupOver, match="forgotten"):
        ready.signup_step(row["id"])
    assert ready.signup_undo(row["id"], "forgotten")["state"] == "undone"


def test_the_tenant_is_renamed_suspended_erased(ready: Control, admin: psycopg.Connection[Any]) -> None:
    row = begin(ready)
    ready.signup_step(row["id"])
    ready.tenant_rename("acme", "renamed")
    assert ready.signup_step(row["id"])["stage"] == "owned"
    ready.tenant_suspend("renamed", "a look")
    with pytest.raises(WrongState, match="suspended"):
        ready.signup_step(row["id"])
    ready.signup_work()
    ready.tenant_retire("renamed", grace="0 days")
    ready.tenant_erase("renamed", "over")
    assert one(admin, "select count(*) from freehold.signup_request") == 0
    assert ready.signup_get(row["id"])["error_message"] is None
    (operation,) = (o for o in ready.operation_list() if o["kind"] == "erase")
    assert operation["detail"]["residue"] == []
    with pytest.raises(SignupOver, match="forgotten"):
        ready.signup_step(row["id"])
    assert ready.signup_undo(row["id"], "over")["state"] == "undone"


# Back


@pytest.mark.parametrize("steps", range(4))
def test_back_from_every_stage(ready: Control, admin: psycopg.Connection[Any], steps: int) -> None:
    row = begin(ready)
    for _ in range(steps):
        row = ready.signup_step(row["id"])
    with pytest.raises(InvalidArgument):
        ready.signup_undo(row["id"], " ")
    row = ready.signup_undo(row["id"], "signed up twice")
    assert (row["state"], row["reason"]) == ("undone", "signed up twice")
    assert ready.tenant_list() == []
    assert ready.user_list() == []
    assert one(admin, "select count(*) from freehold.membership") == 0
    assert admin.execute(ORPHANS).fetchall() == []
    assert ready.signup_undo(row["id"], "again") == row
    assert ready.signup_work() == 0
    assert ready.event_list(kind="signup.undone")[0]["reason"] == "signed up twice"
    assert begin(ready, slug="acme")["slug"] == "acme"
    assert finish(ready) == 4


def test_who_was_known_before_stays(ready: Control) -> None:
    user = ready.user_ensure(ISSUER, "1001")
    row = begin(ready)
    ready.signup_work(1), ready.signup_work(1)
    ready.signup_undo(row["id"], "twice")
    assert [u["id"] for u in ready.user_list()] == [user["id"]]


def test_who_is_in_another_tenant_stays(ready: Control) -> None:
    row = begin(ready)
    ready.signup_work(1), ready.signup_work(1)
    user = ready.signup_get(row["id"])["user_id"]
    ready.tenant_provision("other")
    ready.member_add("other", user)
    ready.signup_undo(row["id"], "twice")
    assert [m["user_id"] for m in ready.member_list("other")] == [user]


def test_what_is_ready_stays(ready: Control) -> None:
    row = begin(ready)
    finish(ready)
    with pytest.raises(SignupOver, match="is ready"):
        ready.signup_undo(row["id"], "too late")
    assert ready.tenant_get("acme")["state"] == "active"


def test_a_hold_keeps_it(ready: Control, admin: psycopg.Connection[Any]) -> None:
    row = begin(ready)
    ready.signup_work(1), ready.signup_work(1)
    ready.hold_set("acme", "court")
    with pytest.raises(UnderHold):
        ready.signup_undo(row["id"], "twice")
    assert ready.signup_get(row["id"])["state"] == "running"
    # One that is being undone already stays so until it can be.
    admin.execute("update freehold.signup set state = 'undoing', reason = 'twice'")
    assert ready.signup_work() == 1
    row = ready.signup_get(row["id"])
    assert (row["state"], row["error_code"]) == ("undoing", "FH221")
    ready.hold_release("acme", "settled")
    ready.signup_retry(row["id"])
    assert finish(ready) >= 1
    assert ready.signup_get(row["id"])["state"] == "undone"


# The command line


def run(database: Database, *arguments: Any) -> Result:
    return CliRunner().invoke(main, ["--dsn", database.owner_dsn, *map(str, arguments)])


def test_the_command_line(ready: Control, database: Database, tmp_path: Path, admin: psycopg.Connection[Any]) -> None:
    def rows(*arguments: Any) -> Any:
        done = run(database, *arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    script = tmp_path / "seed.sql"
    script.write_text(SEED)
    assert run(database, "template", "seed", "default", script).exit_code == 0
    assert run(database, "template", "seed", "default").output.strip() == SEED.strip()
    row = rows("signup", "begin", ISSUER, "1", "--email", "a@corp.example", "--display-name", "Acme", "--seed", '{"note": "x"}',
               "--settings", '{"plan": "pro"}', "--idempotency-key", "k")  # fmt: skip
    assert "sign-up 1 has claimed acme" in run(
        database, "signup", "begin", ISSUER, "1", "--email", "a@corp.example", "--display-name", "Acme", "--seed", '{"note": "x"}',
        "--settings", '{"plan": "pro"}', "--idempotency-key", "k",
    ).output  # fmt: skip
    done = run(database, "signup", "begin", ISSUER, "2", "--slug", "acme")
    assert done.exit_code == 4
    assert "freehold signup get 1" in done.output
    assert run(database, "signup", "begin", ISSUER, "2", "--slug", "x", "--seed", "[1]").exit_code == 2
    assert "a@corp.example" in run(database, "signup", "get", row["id"], "--person").output
    assert "a@corp.example" not in run(database, "signup", "get", row["id"]).output
    assert "at provisioned" in run(database, "signup", "step", row["id"]).output
    assert rows("signup", "work") == {"steps": 3}
    assert "is ready at ready" in run(database, "signup", "watch", row["id"]).output
    bad = rows("signup", "begin", ISSUER, "3", "--slug", "bad", "--seed", '{"divisor": 0}')["id"]
    assert rows("signup", "work", "--max-steps", 9) == {"steps": 3}
    assert [row["slug"] for row in rows("signup", "list", "--state", "failed")] == ["bad"]
    assert "division by zero" in run(database, "signup", "list").output
    assert "running" in run(database, "signup", "retry", bad).output
    assert run(database, "signup", "retry", bad).exit_code == 4
    assert run(database, "signup", "undo", bad, "--reason", "twice").exit_code == 2
    assert rows("signup", "undo", bad, "--reason", "twice", "--yes")["state"] == "undone"
    assert run(database, "signup", "get", 4711).exit_code == 3
    assert run(database, "template", "seed", "default", "--none").exit_code == 0
    assert ready.template_seed_get("default") is None


def test_who_watches_is_told(ready: Control, database: Database) -> None:
    row = begin(ready)
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(run, database, "signup", "watch", row["id"], "--json")
        listening = "select 1 from pg_stat_activity where query ~ 'signup_get' and pid <> pg_backend_pid()"
        while not ready.connection.execute(listening.encode()).fetchone():
            assert not watching.done(), watching.result().output
        finish(ready)
        done = watching.result()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert lines[-1]["state"] == "ready"


def test_the_page_runs(ready: Control, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    for language, text in blocks:
        if language == "sql":
            ready.connection.execute(text.encode())
        elif language == "console":
            for command in re.findall(r"^\$ freehold (.*)$", text, re.MULTILINE):
                result = CliRunner().invoke(main, shlex.split(command))
                assert result.exit_code == 0, f"{command}: {result.output}"
        else:
            exec(text, {"control": ready})
    assert {row["slug"]: row["state"] for row in ready.signup_list()} == {
        "acme-ltd": "ready", "globex": "undone", "initech": "ready",
    }  # fmt: skip
