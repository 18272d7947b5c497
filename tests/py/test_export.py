"""The export of the audit: nothing is lost and nothing repeated, whatever order transactions end in; formats that parse."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from freehold import errors
from freehold.control import Control
from support.database import Database
from support.trail import Trail


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


def drain(control: Control, after: str | None = None, **options: Any) -> tuple[list[dict[str, Any]], str]:
    """All there is behind a cursor, and the cursor behind that."""
    found = []
    while True:
        for row in control.audit_export(after, **options):
            after = row["cursor"]
            if row["entry_id"] is not None:
                found.append(row)
            elif not row["more"]:
                assert after is not None
                return found, after


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
    assert [row["home_name"] for row in drain(trail.control, cursor)[0]] == ["beta"]


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
    for role in ("admin", "auditor", "worker", "tenant", "resolver", "gate_01"):
        with database.connect(database.admin_dsn) as connection:
            connection.execute(f"set role freehold_{role}".encode())
            if role in ("admin", "auditor"):
                assert Control(connection).audit_export()
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
    assert trail.findings() == [] or trail.seal() is None and trail.findings() == []
