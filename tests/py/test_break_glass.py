"""Break-glass over the wire: real logins, live sessions that lose their access, interruptions, races, and the commands."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from freehold import errors
from freehold.cli import main
from freehold.control import Control, Row
from support.database import Database, Databases

OVER = (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege)


class Scene:
    """Two tenants, a neighbour that wants two persons, and the staff."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.owner = database.control()
        self.admin = database.connect(database.admin_dsn)
        if not self.owner.tenant_list():
            self.owner.template_create("default")
            self.owner.template_apply("default", "create table note (id int primary key); insert into note values (1)")
            self.owner.template_freeze("default")
            for slug in ("acme", "beta"):
                self.owner.tenant_provision(slug)
            self.owner.tenant_provision("careful", settings={"break_glass_approval": True})
        self.dsns: dict[str, str] = {}
        for person, group in (("alice", "break_glass"), ("bob", "break_glass"), ("carol", "admin"), ("dan", "admin")):
            self.dsns[person] = database.login_dsn(person)
            self.admin.execute(f"grant freehold_{group} to {person}".encode())

    def person(self, name: str) -> Control:
        return Control(self.database.connect(self.dsns[name]))

    def log_in(self, row: Row) -> psycopg.Connection[Any]:
        dsn = self.database.server.dsn(self.database.name, user=row["login"], password=row["password"])
        return self.database.connect(dsn, application_name="staff")

    def opened(self, slug: str = "acme", **options: Any) -> Row:
        return self.person("alice").break_glass_open(slug, "look", "T-1", **options)

    def later(self, interval: str) -> None:
        self.admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (interval,))

    def expire(self) -> None:
        """Until nothing is left that can be ended."""
        while any(row["login"] and not row["removed_at"] for row in self.owner.break_glass_expire()):
            pass

    def left(self) -> list[Any]:
        """Roles of break-glass, and what they are members of."""
        return self.admin.execute(
            "select rolname, (select count(*) from pg_auth_members as m where m.member = r.oid) from pg_roles as r"
            " where rolname ~ '^freehold_bg_'"
        ).fetchall()

    def freehold(self, person: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["--dsn", self.dsns[person], "break-glass", *arguments])


@pytest.fixture
def scene(databases: Databases) -> Iterator[Scene]:
    with databases.clone(Scene) as database:
        yield Scene(database)


@pytest.mark.parametrize("password", ["pencil", "x" * 64, "4b5c8b0ad2d94ab1b2a2ae7a0b7b3c2f"])
def test_the_database_s_own_verifier_is_scram_s(scene: Scene, password: str) -> None:
    salt = bytes(range(16))
    made = scene.admin.execute("select freehold._scram_verifier(%s, %s)", (password, salt)).fetchone()
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 4096)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    assert made == (f"SCRAM-SHA-256$4096:{encoded[0]}${encoded[1]}:{encoded[2]}",)


def test_a_person_gets_in_with_the_password_and_is_out_afterwards(scene: Scene) -> None:
    alice = scene.person("alice")
    row = alice.break_glass_open("acme", "look", "T-1")
    inside = scene.log_in(row)
    assert inside.execute("select id, freehold.actor_current() from note").fetchall() == [(1, "alice")]
    with pytest.raises(psycopg.OperationalError, match="too many connections"):
        scene.log_in(row)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        scene.log_in(row | {"password": "guess"})
    assert [(r["person"], r["sessions"]) for r in alice.break_glass_list()] == [("alice", 1)]
    alice.break_glass_close(row["id"])
    with pytest.raises(OVER):
        inside.execute("select * from note")
    with pytest.raises(psycopg.OperationalError):
        scene.log_in(row)
    scene.expire()
    assert scene.left() == []
    (past,) = alice.break_glass_list(past=True)
    assert (past["state"], past["removed_at"] is not None, past["sessions"]) == ("closed", True, 0)


def test_a_verifier_of_the_client_s_own_keeps_the_password_at_home(scene: Scene) -> None:
    alice = scene.person("alice")
    verifier = alice.connection.pgconn.encrypt_password(b"at home", b"", b"scram-sha-256").decode()
    row = alice.break_glass_open("acme", "look", "T-1", verifier=verifier)
    assert row["password"] is None
    assert scene.log_in(row | {"password": "at home"}).execute("table note").fetchall() == [(1,)]


@pytest.mark.parametrize("ended_by", ["close", "expire", "suspend", "retire"])
def test_a_session_in_the_middle_of_a_transaction_loses_its_access(scene: Scene, ended_by: str) -> None:
    row = scene.opened(access="write", ttl="1 hour")
    inside = scene.log_in(row)
    inside.execute("begin")
    inside.execute("insert into note values (2)")
    match ended_by:
        case "close":
            scene.person("carol").break_glass_close(row["id"], "enough")
        case "expire":
            scene.later("61 minutes")
            assert [r["state"] for r in scene.owner.break_glass_expire()] == ["expired"]
        case "suspend":
            scene.owner.tenant_suspend("acme")
        case _:
            scene.owner.tenant_retire("acme")
    with pytest.raises(OVER):
        inside.execute("insert into note values (3)")
    scene.expire()
    assert scene.left() == []
    assert scene.admin.execute("select id from tenant_acme.note").fetchall() == [(1,)]


def test_who_comes_in_while_it_is_being_closed_can_do_nothing(scene: Scene) -> None:
    row = scene.opened()
    first = scene.log_in(row)
    closing = scene.person("alice")
    with closing.connection.transaction():
        closing.break_glass_close(row["id"])
        while scene.admin.execute("select 1 from pg_stat_activity where usename = %s", (row["login"],)).fetchall():
            """The first session takes a moment to end."""
        late = scene.log_in(row)
        assert late.execute("table note").fetchall() == [(1,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        late.execute("table tenant_acme.note")
    # It is still there, and its role with it: so it can be ended.
    assert scene.owner.break_glass_expire()[0]["removed_at"] is not None
    with pytest.raises(psycopg.OperationalError):
        late.execute("select 1")
    assert scene.left() == []
    with pytest.raises(OVER):
        first.execute("table note")


KILLS = {
    "event": "after insert on freehold.event",
    "outbox": "after insert on freehold.outbox",
    "row": "after update on freehold.break_glass",
}


def plant_kill(scene: Scene, point: str) -> None:
    scene.admin.execute(
        "create function public.kill() returns trigger language plpgsql security definer as"
        " $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); return null; end $$"
    )
    scene.admin.execute(f"create trigger kill {KILLS[point]} execute function public.kill()".encode())


@pytest.mark.parametrize("point", KILLS)
@pytest.mark.parametrize("what", ["open", "close", "expire"])
def test_what_was_killed_is_done_again(scene: Scene, what: str, point: str) -> None:
    actions: dict[str, Callable[[Row], object]] = {
        "open": lambda _: scene.opened("beta"),
        "close": lambda row: scene.person("alice").break_glass_close(row["id"]),
        "expire": lambda _: scene.person("dan").break_glass_expire(),
    }
    row = scene.opened()
    before = scene.left()
    if what == "expire":
        scene.later("2 hours")
    plant_kill(scene, point)
    with pytest.raises(psycopg.OperationalError):
        actions[what](row)
    assert scene.left() == before
    scene.admin.execute("drop function public.kill() cascade")
    actions[what](row)
    scene.later("2 hours")
    scene.expire()
    assert scene.left() == []
    assert {r["state"] for r in scene.owner.break_glass_list(past=True)} <= {"closed", "expired"}


def test_who_died_between_the_two_steps_leaves_it_to_the_next(scene: Scene) -> None:
    row = scene.opened()
    scene.person("alice").break_glass_close(row["id"])
    assert scene.left() == [(row["login"], 0)]
    (note,) = [f for f in scene.owner.doctor() if f["check_name"] == "break_glass"]
    assert (note["severity"], note["remedy"]) == ("note", "select freehold.break_glass_expire();")
    # In one transaction the second step waits for another.
    owner = scene.owner
    with owner.connection.transaction():
        second = scene.opened("beta")
        scene.later("2 hours")
        owner.break_glass_expire()
        owner.break_glass_list()
        held = owner.connection.execute("select 1 from pg_roles where rolname = %s", (second["login"],)).fetchall()
        assert held == [(1,)]
    scene.opened("acme")
    assert [login for login, _ in scene.left() if login == row["login"]] == []


def test_one_that_cannot_be_ended_does_not_keep_the_others(scene: Scene) -> None:
    stuck, other = scene.opened(), scene.opened("beta")
    scene.later("2 hours")
    scene.admin.execute(
        "create function public.refuse() returns trigger language plpgsql as"
        f" $$ begin if new.id = {stuck['id']} and new.state = 'expired' then raise exception 'stuck'; end if; return new; end $$"
    )
    scene.admin.execute(
        "create trigger refuse before update on freehold.break_glass for each row execute function public.refuse()"
    )
    rows = {row["id"]: row for row in scene.owner.break_glass_expire()}
    assert "stuck" in rows[stuck["id"]]["failure"]
    assert (rows[stuck["id"]]["state"], rows[other["id"]]["state"]) == ("open", "expired")
    result = scene.freehold("carol", "expire")
    assert (result.exit_code, "could not be ended: stuck" in result.stdout) == (1, True)
    (error,) = [f for f in scene.owner.doctor() if f["check_name"] == "break_glass" and f["severity"] == "error"]
    assert "stuck" in error["reason"]
    scene.admin.execute("drop function public.refuse() cascade")
    scene.expire()
    assert scene.left() == []


def test_of_two_approvers_at_once_one_wins(scene: Scene) -> None:
    request = scene.opened("careful")
    assert request["state"] == "pending"
    carol, dan = scene.person("carol"), scene.person("dan")
    waits = "select wait_event_type = 'Lock' from pg_stat_activity where pid = %s"
    with ThreadPoolExecutor(1) as pool:
        with carol.connection.transaction():
            carol.break_glass_approve(request["id"])
            second = pool.submit(dan.break_glass_approve, request["id"])
            while scene.admin.execute(waits, (dan.connection.info.backend_pid,)).fetchone() != (True,):
                assert not second.done()
        with pytest.raises(errors.WrongState, match="is open"):
            second.result()
    (row,) = scene.owner.break_glass_list()
    assert (row["state"], row["approved_by"]) == ("open", "carol")
    claimed = scene.person("alice").break_glass_claim(request["id"])
    assert scene.log_in(claimed).execute("table note").fetchall() == [(1,)]
    again = scene.person("alice").break_glass_claim(request["id"])
    with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|too many connections"):
        scene.log_in(claimed)
    assert again["password"] != claimed["password"]


def test_nothing_is_left_of_it_when_the_tenant_is_erased(database: Database) -> None:
    # Its roles may be used in no other database.
    scene = Scene(database)
    row = scene.opened(access="write")
    inside = scene.log_in(row)
    inside.execute("select lo_create(0)")
    scene.owner.tenant_retire("acme", grace="0")
    scene.owner.tenant_erase("acme", "over")
    assert scene.left() == []
    assert scene.admin.execute("select count(*) from pg_largeobject_metadata").fetchone() == (0,)
    assert scene.owner.operation_list(slug="acme")[0]["detail"]["residue"] == []
    assert scene.admin.execute("select count(*) from freehold.outbox").fetchone() == (0,)
    assert [r["state"] for r in scene.owner.break_glass_list("acme", past=True)] == ["closed"]


def test_a_rename_keeps_a_session_working_and_a_new_one_in_the_schema(scene: Scene) -> None:
    row = scene.opened()
    inside = scene.log_in(row)
    scene.owner.tenant_rename("acme", "apex")
    assert inside.execute("select id from tenant_apex.note").fetchall() == [(1,)]
    assert inside.execute("select freehold.tenant_current()").fetchone() == ("apex",)
    inside.close()
    while scene.admin.execute("select 1 from pg_stat_activity where usename = %s", (row["login"],)).fetchall():
        pass
    assert scene.log_in(row).execute("table note").fetchall() == [(1,)]
    assert [r["tenant_slug"] for r in scene.owner.break_glass_list("apex")] == ["apex"]


def test_a_tenant_s_limits_hold_for_staff(scene: Scene) -> None:
    scene.owner.limit_set("acme", "statement_timeout", "7s")
    scene.owner.limit_set("acme", "connections", "9")
    inside = scene.log_in(scene.opened())
    assert inside.execute("show statement_timeout").fetchone() == ("7s",)
    assert inside.execute("show default_transaction_read_only").fetchone() == ("on",)


def test_the_audit_of_rows_has_the_person_whatever_the_session_says(scene: Scene) -> None:
    scene.owner.audit_enable("acme", "note")
    inside = scene.log_in(row := scene.opened(access="write"))
    inside.execute("set freehold.actor = 'mallory'")
    inside.execute("insert into note values (2)")
    inside.execute("update note set id = 3 where id = 2")
    inside.execute("delete from note")
    seen = scene.owner.audit_history("acme")
    assert {(entry["actor"], entry["login"]) for entry in seen} == {("alice", row["login"])}
    assert {entry["action"] for entry in seen} == {"insert", "update", "delete"}


def test_no_reader_where_public_may_write_through_a_function(scene: Scene) -> None:
    scene.admin.execute("create function tenant_acme.bump() returns int language sql security definer return 1")
    scene.admin.execute("alter function tenant_acme.bump() owner to tenant_acme_owner")
    with pytest.raises(errors.NotAllowed, match="a reader of tenant"):
        scene.opened()
    assert scene.left() == []
    assert scene.owner.break_glass_list(past=True) == []


def test_who_listens_hears_that_something_happened_and_no_more(scene: Scene) -> None:
    hearing = scene.person("carol").connection
    hearing.execute("listen freehold_break_glass")
    scene.opened()
    heard = next(hearing.notifies(timeout=30, stop_after=1))
    assert (heard.channel, heard.payload) == ("freehold_break_glass", "")


def test_the_password_is_in_no_statement_that_the_server_sees(scene: Scene) -> None:
    scene.admin.execute("create table public.seen (query text)")
    scene.admin.execute(
        "create function public.see() returns trigger language plpgsql security definer as $$ begin insert into public.seen"
        " select query from pg_stat_activity where pid = pg_backend_pid(); return null; end $$"
    )
    scene.admin.execute(
        "create trigger see after insert or update on freehold.break_glass execute function public.see()"
    )
    result = scene.freehold("alice", "open", "acme", *asked("--json"))
    row = json.loads(result.stdout)
    password = row["password"]
    assert scene.log_in(row).execute("table note").fetchall() == [(1,)]
    seen = str(scene.admin.execute("select query from public.seen").fetchall())
    assert "break_glass_open" in seen
    assert password not in seen
    secret = scene.opened("beta")["password"]
    assert secret not in str(scene.admin.execute("select query from public.seen").fetchall())


# The commands.


def asked(*more: str) -> tuple[str, ...]:
    return ("--reason", "orders missing", "--ticket", "T-17", *more)


def test_open_writes_the_password_where_it_was_told_to(scene: Scene, tmp_path: Path) -> None:
    refused = scene.freehold("alice", "open", "acme", *asked())
    assert refused.exit_code == 2
    assert "--password-file" in refused.stderr
    assert scene.owner.break_glass_list() == []
    secret = tmp_path / "secret"
    done = scene.freehold("alice", "open", "acme", *asked("--ttl", "30 minutes", "--password-file", str(secret)))
    assert done.exit_code == 0, done.stderr
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    password = secret.read_text().strip()
    assert password not in done.stdout
    (row,) = scene.owner.break_glass_list()
    assert row["login"] in done.stdout
    assert f"freehold break-glass close {row['id']}" in done.stdout
    scene.log_in(row | {"password": password})
    assert scene.freehold("alice", "open", "acme", *asked("--password-file", str(secret))).exit_code == 2
    closed = scene.freehold("alice", "close", str(row["id"]))
    assert (closed.exit_code, closed.stdout) == (0, f"request {row['id']} of alice is closed\n")
    assert scene.left() == []
    nowhere = scene.freehold("alice", "open", "acme", *asked("--password-file", str(tmp_path / "none" / "secret")))
    assert (nowhere.exit_code, "directory" in nowhere.stderr) == (2, True)
    assert scene.left() == []
    # What only writing it shows.
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "none" / "secret")
    lost = scene.freehold("alice", "open", "acme", *asked("--password-file", str(dangling)))
    assert (lost.exit_code, "break-glass claim" in lost.stderr) == (2, True)
    hint = scene.freehold("carol", "open", "acme", *asked("--password-file", str(secret) + "2")).stderr
    assert "grant freehold_break_glass to" in hint


def test_two_persons_on_the_command_line(scene: Scene, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    pending = scene.freehold("alice", "open", "careful", *asked("--password-file", str(secret)))
    (row,) = scene.owner.break_glass_list()
    number = str(row["id"])
    assert f"freehold break-glass approve {number}" in pending.stdout
    assert not secret.exists()
    early = scene.freehold("alice", "claim", number, "--password-file", str(secret))
    assert (early.exit_code, f"freehold break-glass approve {number}" in early.stderr) == (4, True)
    assert scene.freehold("alice", "approve", number).exit_code == 5
    approved = scene.freehold("carol", "approve", number)
    assert (approved.exit_code, "claim" in approved.stdout) == (0, True)
    assert scene.freehold("bob", "claim", number, "--password-file", str(secret)).exit_code == 5
    assert not secret.exists()
    assert scene.freehold("alice", "claim", number, "--password-file", str(secret)).exit_code == 0
    scene.log_in(row | scene.owner.break_glass_list()[0] | {"password": secret.read_text().strip()})
    denied = scene.opened("careful")
    assert scene.freehold("carol", "deny", str(denied["id"]), "--reason", "no").stdout == (
        f"request {denied['id']} of alice is denied\n"
    )
    assert scene.freehold("alice", "claim", "4711", "--password-file", str(tmp_path / "x")).exit_code == 3
    listed = scene.freehold("bob", "list")
    assert "T-17" in listed.stdout


def test_psql_opens_runs_and_closes(scene: Scene) -> None:
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "freehold", "--dsn", scene.dsns["alice"], "break-glass", "psql"]
    told = subprocess.run(
        [*command, "acme", *asked(), "--", "-X", "-At", "-c", "select session_user, freehold.actor_current(), count(*) from note"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    login, actor, rows = told.stdout.strip().split("|")
    assert (login.startswith("freehold_bg_"), actor, rows) == (True, "alice", "1")
    assert scene.left() == []
    failed = subprocess.run(
        [*command, "acme", *asked(), "--", "-X", "-v", "ON_ERROR_STOP=1", "-c", "insert into note values (9)"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert failed.returncode != 0
    assert scene.left() == []
    pending = subprocess.run(
        [*command, "careful", *asked()], capture_output=True, text=True, check=False, env=environment
    )
    assert pending.returncode == 4
    (row,) = scene.owner.break_glass_list()
    scene.person("carol").break_glass_approve(row["id"])
    claimed = subprocess.run(
        [*command, "--claim", str(row["id"]), "--", "-X", "-At", "-c", "table note"],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    assert claimed.stdout == "1\n"
    assert scene.left() == []
    assert {r["state"] for r in scene.owner.break_glass_list(past=True)} == {"closed"}


def test_psql_that_is_ended_from_outside_is_closed_too(scene: Scene) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "freehold", "--dsn", scene.dsns["alice"], "break-glass", "psql", "acme", *asked(),
         "--", "-X", "-c", "select pg_sleep(600)"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        while not scene.admin.execute(
            "select 1 from pg_stat_activity where usename ~ '^freehold_bg_' and wait_event = 'PgSleep'"
        ).fetchall():
            assert running.poll() is None
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) != 0
    assert scene.left() == []
    assert [r["state"] for r in scene.owner.break_glass_list(past=True)] == ["closed"]


def test_the_keeper_ends_what_is_overdue(scene: Scene) -> None:
    row = scene.opened()
    inside = scene.log_in(row)
    scene.later("2 hours")
    with subprocess.Popen(
        [sys.executable, "-m", "freehold", "--dsn", scene.dsns["carol"], "--json", "break-glass", "keep", "--every", "0.1"],
        stdout=subprocess.PIPE, text=True,
    ) as keeper:  # fmt: skip
        assert keeper.stdout is not None
        ended = json.loads(keeper.stdout.readline())
        keeper.terminate()
    assert (ended["id"], ended["state"], ended["removed_at"] is not None) == (row["id"], "expired", True)
    with pytest.raises(psycopg.OperationalError):
        inside.execute("select 1")
    assert scene.left() == []
    assert "nothing is overdue" in scene.freehold("carol", "expire").stdout


def test_the_outbox_is_delivered(scene: Scene) -> None:
    scene.opened()

    def outbox(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--dsn", scene.dsns["carol"], "--json", "outbox", *arguments])

    (waiting,) = json.loads(outbox("list").stdout)
    assert (waiting["topic"], waiting["payload"]["ticket"]) == ("break_glass.opened", "T-1")
    assert json.loads(outbox("delivered", str(waiting["id"])).stdout) == {"delivered": 1}
    assert json.loads(outbox("list").stdout) == []


def test_the_page_runs(scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/how-to/break-glass.md from top to bottom, each block by who would."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "break-glass.md").read_text(encoding="utf-8")
    granted, by_sql, approval, told = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    commands = re.findall(r"^\$ freehold break-glass (.*?)(?: +#.*)?$", page, re.MULTILINE)
    alone, opening, listing, closing, approving, claiming, keeping, expiring = commands
    monkeypatch.chdir(tmp_path)
    scene.admin.execute(granted.encode())
    assert subprocess.run(
        [sys.executable, "-m", "freehold", "--dsn", scene.dsns["alice"], "break-glass", *shlex.split(alone), "--", "-c", "table note"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert scene.freehold("alice", *shlex.split(opening)).exit_code == 0
    assert "T-18" in scene.freehold("alice", *shlex.split(listing)).stdout
    assert scene.freehold("alice", *shlex.split(closing)).exit_code == 0
    assert scene.person("alice").connection.execute(by_sql.encode()).fetchone()
    scene.owner.tenant_rename("careful", "was-careful")
    carol = scene.person("carol").connection
    carol.execute(approval.encode())
    assert scene.person("alice").break_glass_open("careful", "look", "T-20")["id"] == 4
    assert scene.freehold("carol", *shlex.split(approving)).exit_code == 0
    assert scene.freehold("alice", *shlex.split(claiming)).exit_code == 0
    assert keeping.startswith("keep ")
    assert scene.freehold("carol", *shlex.split(expiring)).exit_code == 0
    told_to = carol.execute(told.encode())
    while told_to.nextset():
        rows = told_to.fetchall()
    assert [(row[1], row[3]) for row in rows] == [("alice", "T-19"), ("alice", "T-18"), ("alice", "T-17")]
    kinds = {f"break_glass.{kind}" for kind in re.findall(r"`(?:break_glass)?\.([a-z]+)`", page)}
    known = scene.admin.execute("select distinct kind from freehold.event where kind ~ '^break_glass'").fetchall()
    assert {kind for (kind,) in known} <= kinds
