"""The export of the audit: nothing is lost and nothing repeated, whatever order transactions end in; formats that parse."""

from __future__ import annotations

import json
import random
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import errors
from freehold.cli import main
from freehold.control import Control
from freehold.siem import FORMATS
from support.database import Database
from support.trail import Trail, furnish_trail


@pytest.fixture(scope="module")
def furnish() -> Callable[[Database], object]:
    return furnish_trail


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


def drain(control: Control, after: str | None = None, **options: Any) -> tuple[list[dict[str, Any]], str]:
    """All there is behind a cursor, and the cursor behind that: the lap that the cursor is in, and a whole one."""
    found, own = [], after is None
    while True:
        for row in control.audit_export(after, **options):
            after = row["cursor"]
            if row["entry_id"] is not None:
                found.append(row)
            elif not row["more"]:
                assert after is not None
                if own:
                    return found, after
                own = True


def test_in_the_order_of_transactions(trail: Trail) -> None:
    trail.write(rows=3)
    trail.write("beta", rows=2)
    trail.seal()
    trail.write(rows=2)
    rows, cursor = drain(trail.control)
    assert Counter(row["home_name"] for row in rows)["acme"] == 5
    assert {row["home_name"] for row in rows} == {"@", "acme", "beta"}
    for home in ("@", "acme", "beta"):
        places = [(int(row["entry"]["xid"]), row["entry"]["id"]) for row in rows if row["home_name"] == home]
        assert places == sorted(places)
    assert [row["sequence"] for row in rows if row["home_name"] == "acme"] == [1, 2, 3, None, None]
    assert [row["entry"]["new"] for row in rows if row["home_name"] == "beta"] == [{"n": 1}, {"n": 2}]
    assert drain(trail.control, cursor)[0] == []
    trail.write("beta")
    rows, _ = drain(trail.control, cursor)
    assert [row["home_name"] for row in rows] == ["beta"]


def test_pages_of_any_size_are_the_same(trail: Trail) -> None:
    for turn in range(12):
        trail.write(rows=turn % 4 + 1)
        trail.write("beta", rows=turn % 3 + 1)
        if turn % 5 == 4:
            trail.seal()
    everything, _ = drain(trail.control)
    for size in (1, 2, 7, 50):
        rows, _ = drain(trail.control, max_rows=size)
        assert [row["entry_id"] for row in rows] == [row["entry_id"] for row in everything]
    rows, _ = drain(trail.control, home="acme", max_rows=3)
    assert [row["entry_id"] for row in rows] == [row["entry_id"] for row in everything if row["home_name"] == "acme"]
    rows, _ = drain(trail.control, home="@")
    assert [row["entry_id"] for row in rows] == [row["entry_id"] for row in everything if row["home_name"] == "@"]


def test_from_any_cursor_on(trail: Trail) -> None:
    for _ in range(4):
        trail.write(rows=2)
    everything, _ = drain(trail.control)
    for position, row in enumerate(everything):
        rest, _ = drain(trail.control, row["cursor"])
        assert [each["entry_id"] for each in rest] == [each["entry_id"] for each in everything[position + 1 :]]


def test_an_entry_that_is_not_what_was_sealed_has_no_number(trail: Trail) -> None:
    trail.write(rows=3)
    trail.seal()
    trail.admin.execute(f"update {trail.logs['acme']} set actor = 'bob' where id = 2".encode())
    rows, _ = drain(trail.control, home="acme")
    assert [row["sequence"] for row in rows] == [1, None, 3]


def test_many_homes_in_several_calls(trail: Trail) -> None:
    source = trail.fetch("select pg_get_functiondef(oid) from pg_proc where proname = 'audit_export'")[0]
    trail.admin.execute(source.replace("constant integer := 200", "constant integer := 1").encode())
    trail.write()
    trail.write("beta")
    rows, cursor = drain(trail.control, max_rows=1)
    assert {row["home_name"] for row in rows} == {"@", "acme", "beta"}
    trail.write("beta")
    again, _ = drain(trail.control, cursor)
    assert [row["home_name"] for row in again] == ["beta"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "1:2:3", "1:0:0:00000000-0000-0000-0000-000000000000:0:0:0; drop table x", "1:" * 6]
)
def test_what_is_no_cursor(trail: Trail, cursor: str) -> None:
    with pytest.raises(errors.InvalidArgument):
        trail.control.audit_export(cursor)
    with pytest.raises(errors.InvalidArgument):
        trail.control.audit_export(max_rows=0)


def test_after_a_restore_it_begins_anew(trail: Trail) -> None:
    trail.write(rows=3)
    trail.seal()
    before, cursor = drain(trail.control)
    trail.admin.execute("update freehold.seal_epoch set place = '1/2'")
    with pytest.raises(errors.SealedElsewhere):
        trail.control.audit_export(cursor)
    trail.control.audit_epoch("restored")
    with pytest.raises(errors.SealedElsewhere):
        trail.control.audit_export(cursor)
    with pytest.raises(errors.SealedElsewhere) as caught:
        trail.control.audit_export()
    assert "audit_seal" in str(caught.value.diag.message_hint)
    trail.seal()
    trail.write()
    rows, cursor = drain(trail.control, max_rows=2)
    ids = [row["entry_id"] for row in rows]
    assert {row["entry_id"] for row in before} < set(ids)
    assert len(ids) == len(set(ids))
    trail.write()
    trail.seal()
    assert len(drain(trail.control, cursor)[0]) == 1


def test_who_may(trail: Trail, database: Database) -> None:
    trail.write()
    for role in ("admin", "auditor", "worker", "tenant", "resolver", "gate_01"):
        with database.connect(database.admin_dsn) as connection:
            connection.execute(f"set role freehold_{role}".encode())
            if role in ("admin", "auditor", "worker"):
                rows = [
                    each["entry"]
                    for each in Control(connection).audit_export()
                    if (each["entry"] or {}).get("table_name")
                ]
                assert rows
                shown = {name for row in rows for name in ("key", "old", "new") if row[name] is not None}
                assert shown == ({"key", "old", "new"} if role == "admin" else set())
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    Control(connection).audit_export()


class Writer(threading.Thread):
    """Writes to both logs and changes settings, in transactions of any length, some rolled back."""

    def __init__(self, trail: Trail, number: int, turns: int) -> None:
        super().__init__()
        self.trail, self.turns, self.random = trail, turns, random.Random(number)
        self.connection = trail.database.connect(trail.database.admin_dsn)

    def run(self) -> None:
        control = Control(self.connection)
        for turn in range(self.turns):
            with self.connection.transaction(force_rollback=self.random.random() < 0.2):
                for _ in range(self.random.randint(1, 4)):
                    self.trail.write(self.random.choice(["acme", "beta"]), self.random.randint(1, 3), self.connection)
                    # Not to synchronise: so that transactions overlap.
                    self.connection.execute("select pg_sleep(%s)", (self.random.random() / 100,))
                if turn % 4 == 0:
                    self.connection.execute("select freehold._event_record('test', null, null)")
        assert control.version()


def written(trail: Trail) -> Counter[str]:
    """The ids of all entries there are."""
    tables = {"freehold.event": "event_id"} | dict.fromkeys(trail.logs.values(), "entry_id")
    return Counter(
        str(value) for table, column in tables.items() for value in trail.fetch(f"select {column} from {table}")
    )


def naive(connection: psycopg.Connection[Any], log: str) -> Iterator[list[str]]:
    """What a cursor by id hands out."""
    last = 0
    while True:
        rows = connection.execute(
            f"select id, entry_id from {log} where id > %s order by id".encode(), (last,)
        ).fetchall()
        last = rows[-1][0] if rows else last
        yield [str(entry) for _, entry in rows]


def test_eight_writers_and_transactions_held_open(trail: Trail) -> None:
    held = [trail.database.connect(trail.database.admin_dsn) for _ in range(3)]
    for number, connection in enumerate(held):
        connection.execute("begin")
        trail.write(("acme", "beta", "acme")[number], connection=connection)
    writers = [Writer(trail, number, 25) for number in range(8)]
    for writer in writers:
        writer.start()
    reader = trail.database.connect(trail.database.admin_dsn)
    cursors = {log: naive(reader, log) for log in trail.logs.values()}
    lost_by_id: Counter[str] = Counter()
    got: Counter[str] = Counter()
    after: str | None = None
    control = trail.database.control()
    sizes, turn = random.Random(7), 0
    while any(writer.is_alive() for writer in writers):
        turn += 1
        rows = control.audit_export(after, max_rows=sizes.choice([1, 3, 20, 500]))
        after = rows[-1]["cursor"]
        got.update(str(row["entry_id"]) for row in rows if row["entry_id"])
        for cursor in cursors.values():
            lost_by_id.update(next(cursor))
        if turn % 5 == 0:
            trail.seal()
        if turn % 40 == 0 and held:
            held.pop().execute("commit")
    for writer in writers:
        writer.join()
    for connection in held:
        connection.execute("commit")
    for cursor in cursors.values():
        lost_by_id.update(next(cursor))
    rows, _ = drain(control, after, max_rows=50)
    got.update(str(row["entry_id"]) for row in rows)
    everything = written(trail)
    assert got == everything
    # The control: a cursor by id had lost some.
    logged = Counter(str(value) for log in trail.logs.values() for value in trail.fetch(f"select entry_id from {log}"))
    assert logged - lost_by_id
    assert trail.findings() == []


# Formats.

NASTY = 'a|b=c\\d"e]f[g\nh\r\ni\u2028j\x85k\x1b[31m\U0001f600 x="1" | CEF:0|\t'


@pytest.fixture
def entries(trail: Trail) -> dict[str, dict[str, Any]]:
    """An entry of each kind, with what breaks formats wherever somebody could put it."""
    with trail.admin.transaction():
        trail.admin.execute(
            "select set_config('freehold.actor', %(x)s, true), set_config('freehold.request_id', %(x)s, true),"
            " set_config('application_name', 'app', true)",
            {"x": NASTY},
        )
        trail.admin.execute("select freehold.tenant_suspend('acme', %s)", (NASTY,))
        for action in ("insert", "update", "delete", "truncate"):
            trail.admin.execute(
                f"insert into {trail.logs['acme']} (action, new, actor, application_name, request_id, client_address) values"
                " (%(action)s, jsonb_build_object('x', %(x)s::text), %(x)s::text, %(x)s::text, %(x)s::text, '2001:db8::1')".encode(),
                {"x": NASTY, "action": action},
            )
    trail.control.gate_grant("app") if trail.database.login_dsn("app") else None
    trail.control.login_enable("acme")
    trail.control.operation_failed("provision", "acme", "23505", NASTY)
    trail.seal()
    rows, _ = drain(trail.control)
    return {row["entry"].get("kind") or row["entry"]["action"]: row for row in rows}


def test_plain_json_carries_all(entries: dict[str, dict[str, Any]]) -> None:
    for row in entries.values():
        line = FORMATS["jsonl"](row)
        assert len(line.splitlines()) == 1
        said = json.loads(line)
        assert said.items() >= row["entry"].items()
        assert (said["home"], said["sequence"]) == (row["home_name"], row["sequence"])


def test_ocsf(entries: dict[str, dict[str, Any]]) -> None:
    said = {}
    for kind, row in entries.items():
        line = FORMATS["ocsf"](row)
        assert len(line.splitlines()) == 1
        said[kind] = event = json.loads(line)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["category_uid"] == event["class_uid"] // 1000
        assert event["metadata"]["uid"] == str(row["entry_id"])
        assert event["metadata"]["version"] == "1.3.0"
        assert event["metadata"]["product"]["vendor_name"]
        assert abs(event["time"] - row["at"].timestamp() * 1000) < 1
        assert {"actor", "src_endpoint", "severity_id", "status_id"} <= event.keys()
        needed = {6005: {"table", "database"}, 6003: {"api", "resources"}, 3001: {"user"}, 3005: {"user", "privileges"}}
        assert needed[event["class_uid"]] <= event.keys()
    classes = {kind: event["type_uid"] for kind, event in said.items()}
    assert classes.items() >= {
        "insert": 600506, "update": 600502, "delete": 600507, "truncate": 600507, "tenant_suspend.done": 600303,
        "tenant_provision.done": 600301, "gate_grant.done": 300501, "login_enable.done": 300102,
    }.items()  # fmt: skip
    row = said["update"]
    assert row["actor"]["user"]["name"] == row["unmapped"]["new"]["x"] == NASTY
    assert row["src_endpoint"]["ip"] == "2001:db8::1"
    assert row["metadata"]["tenant_uid"] == str(entries["update"]["chain"])
    assert said["tenant_suspend.done"]["message"] == NASTY
    assert said["tenant_provision.failed"]["status_id"] == 2
    assert said["tenant_provision.failed"]["status_code"] == "23505"


def cef_parts(line: str) -> tuple[list[str], dict[str, str]]:
    """A line of CEF, taken apart as a collector would."""
    head = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    extension = {}
    for found in re.finditer(r"(?:^| )(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)", head[7]):
        value = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), found[2])
        extension[found[1]] = value
    return head[:7], extension


def test_cef(entries: dict[str, dict[str, Any]]) -> None:
    for row in entries.values():
        line = FORMATS["cef"](row)
        assert len(line.splitlines()) == 1
        head, extension = cef_parts(line)
        assert head[:3] == ["CEF:0", "freehold", "freehold"]
        assert extension["externalId"] == str(row["entry_id"])
        assert extension["rt"] == str(int(row["at"].timestamp() * 1000))
    shown = re.sub(r"[\x1b\t\x85\u2028]", " ", NASTY)
    head, extension = cef_parts(FORMATS["cef"](entries["update"]))
    assert head[4] == "row_update"
    assert extension["suser"] == extension["requestContext"] == shown
    assert extension["c6a2"] == "2001:db8::1"
    assert "src" not in extension
    assert json.loads(extension["cs4"]) == {"x": NASTY}
    assert extension["cs4Label"] == "new"
    head, extension = cef_parts(FORMATS["cef"](entries["tenant_suspend.done"]))
    assert (extension["src"], extension["reason"]) == ("127.0.0.1", shown)
    assert cef_parts(FORMATS["cef"](entries["tenant_provision.failed"]))[1]["outcome"] == "failure"


def test_syslog(entries: dict[str, dict[str, Any]]) -> None:
    grammar = re.compile(
        r"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) - freehold - ([\x21-\x7e]{1,32}) "
        r'\[freehold@32473((?: [\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\] (.*)'
    )
    for kind, row in entries.items():
        line = FORMATS["syslog"](row)
        assert len(line.splitlines()) == 1
        matched = grammar.fullmatch(line)
        assert matched, line
        assert int(matched[1]) == (108 if kind.endswith(".failed") else 110)
        assert json.loads(matched[5])["actor"] == row["entry"]["actor"]
        data = {m[1]: re.sub(r"\\(.)", r"\1", m[2]) for m in re.finditer(r'(\w+)="((?:[^"\\\]]|\\.)*)"', matched[4])}
        assert data["id"] == str(row["entry_id"])
        assert data["actor"] == re.sub(r"[\x00-\x1f\x85\u2028]", " ", row["entry"]["actor"])


# The command.


def export(database: Database, *arguments: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "audit", "export", *arguments])
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_command_goes_on_where_it_was(trail: Trail, database: Database, tmp_path: Path) -> None:
    trail.write(rows=5)
    file, out = tmp_path / "cursor", tmp_path / "out.jsonl"
    first = export(database, "--cursor-file", str(file), "--page", "2")
    assert {row["home"] for row in first} == {"@", "acme", "beta"} - {"beta"}
    assert export(database, "--cursor-file", str(file)) == []
    trail.write("beta", rows=3)
    assert export(database, "--cursor-file", str(file), "--out", str(out)) == []
    assert [json.loads(line)["home"] for line in out.read_text().splitlines()] == ["beta"] * 3
    # Half a line of one that was killed.
    out.write_text(out.read_text() + '{"half": ')
    trail.write("beta")
    export(database, "--cursor-file", str(file), "--out", str(out))
    assert [len(line) > 20 for line in out.read_text().splitlines()] == [True] * 3 + [False, True]
    assert export(database, "--home", "acme")[-1]["home"] == "acme"
    assert {row["type"] for row in export(database, "--home", "@")} == {"event"}


def test_a_run_that_goes_on_in_a_lap_has_what_came_after_it(trail: Trail, database: Database, tmp_path: Path) -> None:
    trail.write(rows=5)
    file = tmp_path / "cursor"
    # An earlier run was killed behind its first page.
    file.write_text(f"{trail.control.audit_export(max_rows=1)[-1]['cursor']}\nhome=\n")
    trail.write("beta", rows=3)
    trail.write(rows=2)
    homes = Counter(line["home"] for line in export(database, "--cursor-file", str(file)))
    assert (homes["acme"], homes["beta"]) == (7, 3)
    assert export(database, "--cursor-file", str(file)) == []


def test_a_cursor_of_another_home_is_refused(trail: Trail, database: Database, tmp_path: Path) -> None:
    trail.write(rows=2)
    file = tmp_path / "cursor"
    # The control plane's cursor is behind acme's entries as well: they would be left out.
    assert export(database, "--home", "@", "--cursor-file", str(file))
    for home in (["--home", "acme"], []):
        arguments = ["--dsn", database.owner_dsn, "audit", "export", *home, "--cursor-file", str(file)]
        done = CliRunner().invoke(main, arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "home=@" in done.stderr
    assert export(database, "--home", "@", "--cursor-file", str(file)) == []


@pytest.mark.parametrize("option", ["--cursor-file", "--out"])
def test_a_file_that_cannot_be_written_is_found_before_a_line_is_out(
    option: str, trail: Trail, database: Database, tmp_path: Path
) -> None:
    arguments = ["--dsn", database.owner_dsn, "audit", "export", option, str(tmp_path / "none" / "file")]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "none/file: " in done.stderr


def test_the_cursor_is_kept_once_lines_are_out(
    trail: Trail, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail.write(rows=9)
    file, out = tmp_path / "cursor", tmp_path / "out.jsonl"
    seen: list[tuple[int, bool]] = []
    replace = Path.replace

    def dies(self: Path, target: Path) -> Path:
        seen.append((len(out.read_text().splitlines()), file.exists()))
        if len(seen) == 2:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", dies)
    arguments = ["--cursor-file", str(file), "--out", str(out), "--home", "acme", "--page", "3"]
    done = CliRunner().invoke(main, ["--dsn", database.owner_dsn, "audit", "export", *arguments])
    assert done.exit_code == 130
    assert seen == [(3, False), (6, True)]
    monkeypatch.undo()
    export(database, *arguments)
    ids = [json.loads(line)["entry_id"] for line in out.read_text().splitlines()]
    assert len(ids) == 12
    assert len(set(ids)) == 9
    assert ids[3:6] == ids[6:9]


def test_follow_waits_and_survives_a_lost_connection(trail: Trail, database: Database, tmp_path: Path) -> None:
    trail.write(rows=2)
    process = subprocess.Popen(
        [sys.executable, "-m", "freehold", "--dsn", database.owner_dsn, "audit", "export", "--home", "acme", "--follow",
         "--interval", "0.05", "--cursor-file", str(tmp_path / "cursor")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        got = [json.loads(process.stdout.readline()) for _ in range(2)]
        for _ in range(3):
            trail.admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_owner' and application_name = 'freehold'"
            )
            trail.write(rows=2)
            got += [json.loads(process.stdout.readline()) for _ in range(2)]
        assert [row["id"] for row in got] == list(range(1, 9))
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "waiting for the server" in said
