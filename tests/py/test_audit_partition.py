"""Logs of row audit that are parted by time: what they hold, what a purge gives back, and that nobody gets round it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from functools import partial
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner

from freehold import bundle
from freehold.cli import main
from support.database import Database, Databases
from support.fleet import until

TEMPLATE = """
create table note (id int primary key, body text);
select freehold.audit_enable('note');
"""
ALL = "select array_agg(to_jsonb(l) order by l.id) from {log} as l"


class World:
    """A tenant ``acme`` with an audited table, and the clock."""

    def __init__(self, database: Database) -> None:
        self.database, self.control = database, database.control()
        self.admin = database.connect(database.admin_dsn)
        if not self.control.tenant_list():
            self.control.template_create("default")
            self.control.template_apply("default", TEMPLATE)
            self.control.template_freeze("default")
            self.control.tenant_provision("acme")
        self.rw = database.connect(database.login_dsn("tenant_acme_rw"))
        self.log = self.one("select 'freehold_audit.' || freehold._audit_name(id) from freehold.tenant")

    def one(self, query: str, *arguments: Any) -> Any:
        """The first column of a row of a query of the superuser's."""
        row = self.admin.execute(query.format(log=getattr(self, "log", "")).encode(), arguments).fetchone()
        assert row is not None
        return row[0]

    def clock(self, offset: str) -> None:
        """Sets the control plane's clock."""
        self.admin.execute("update freehold.setting set value = %s where name = 'clock_offset'", (offset,))

    def write(self, first: int, count: int = 10) -> None:
        """Notes, as the tenant."""
        self.rw.execute("insert into tenant_acme.note select g, 'x' from generate_series(%s::int, %s::int) as g",
                        (first, first + count - 1))  # fmt: skip

    def entry(self, at: str, count: int = 1) -> None:
        """Entries of another time, as the trigger writes them."""
        self.admin.execute(
            f"insert into {self.log} (at, table_name, action, key, new, actor, login) select {at}, 'note', 'insert', "
            "jsonb_build_object('id', g), jsonb_build_object('id', g, 'body', repeat(md5(g::text), 8)), 'alice', "
            f"'tenant_acme_rw' from generate_series(1, {count}) as g".encode()
        )

    def bounds(self) -> list[tuple[Any, Any]]:
        """Of the partitions."""
        return [(row["lower"], row["upper"]) for row in self.control.audit_partition_list("acme")]

    def size(self) -> int:
        """Of all files of the log."""
        return int(self.one("select coalesce(sum(pg_total_relation_size(t.oid)), 0) from ("
                            "    select '{log}'::regclass::oid as oid union all"
                            "    select inhrelid from pg_inherits where inhparent = '{log}'::regclass) as t"))  # fmt: skip

    def doctor(self) -> set[tuple[str, str]]:
        """What it says of the audit: object and finding."""
        return {(r["object"], r["finding"]) for r in self.control.doctor() if r["check_name"] == "audit"}


@pytest.fixture
def world(databases: Databases) -> Iterator[World]:
    """The tenant."""
    with databases.clone(World) as database:
        yield World(database)


@pytest.mark.parametrize("width", ["1 month", "7 days"])
def test_what_was_recorded_stays_and_the_record_goes_on(world: World, width: str) -> None:
    world.write(1)
    world.control.audit_seal("acme")
    world.write(11)
    before, history = world.one(ALL), world.control.audit_history("acme", "note")
    then = world.one("select clock_timestamp()")
    world.control.audit_partition_set("acme", width)
    assert world.one(ALL) == before
    assert world.control.audit_history("acme", "note") == history
    world.rw.execute("update tenant_acme.note set body = 'y' where id <= 5; delete from tenant_acme.note where id = 6")
    ids = "select array_agg(l.id order by l.id) from {log} as l"
    assert world.one(ids) == list(range(1, 27))
    world.control.audit_seal("acme")
    assert world.control.audit_verify() == []
    assert [r["body"] for r in world.control.audit_as_of_table("acme", "note", then)] == ["x"] * 20
    past, *others, rest = world.bounds()
    assert past[0] is None
    assert rest == (None, None)
    assert [lower for lower, _ in others] == [upper for _, upper in [past, *others[:-1]]]
    assert others[-1][1] > datetime.now(timezone.utc)
    assert world.doctor() == set()

    rows = world.one(ALL)
    world.control.audit_partition_set("acme")
    assert world.bounds() == []
    assert world.one(ALL) == rows
    events = world.admin.execute(
        "select detail ->> 'width' from freehold.event where kind = 'audit_partition.done' order by id"
    )
    assert events.fetchall() == [(world.one("select to_jsonb(%s::interval) #>> '{{}}'", width),), (None,)]
    world.write(30)
    assert world.one(ids) == list(range(1, 37))
    world.control.audit_seal("acme")
    assert world.control.audit_verify() == []
    assert world.doctor() == set()
    assert world.one("select count(*) from pg_class where relnamespace = 'freehold_audit'::regnamespace "
                     "and relname like 'log\\_%%' and relname not in (select relname from pg_class where oid = '{log}'::regclass)"
                     " and relkind in ('r', 'p')") == 1  # fmt: skip


def test_nothing_that_others_write_meanwhile_is_lost(world: World) -> None:
    world.write(1)
    with ThreadPoolExecutor(1) as pool:
        with world.rw.transaction():
            world.write(11)
            parted = pool.submit(world.control.audit_partition_set, "acme", "7 days")
            until(lambda: world.one("select count(*) from pg_locks where not granted") == 1, lambda: not parted.done())
        parted.result()
    assert world.one("select count(*) from {log}") == 20
    with world.database.connect() as session, session.transaction():
        session.execute("set transaction isolation level repeatable read")
        session.execute("select 1")
        world.write(21)
        with pytest.raises(psycopg.DatabaseError) as caught, session.transaction():
            session.execute("select freehold.audit_partition_set('acme')")
        assert caught.value.sqlstate == "FH202"
    world.control.audit_partition_set("acme")
    assert world.one("select count(*) from {log}") == 30


def test_a_purge_gives_the_room_back(world: World) -> None:
    """Two years by months: a year is let go."""
    world.clock("-730 days")
    world.control.audit_partition_set("acme", "1 month")
    world.clock("0")
    assert world.control.audit_partition_make(batch=20) == 20
    assert world.control.audit_partition_make() > 3
    assert world.control.audit_partition_make() == 0
    world.entry("now() - g * interval '1 day'", 720)
    assert {count for (count,) in world.admin.execute(
        f"select count(*) from {world.log} where tableoid::regclass::text like '%rest'"
    )} == {0}  # fmt: skip
    for _ in range(5):
        world.admin.execute(f"insert into {world.log} (at, table_name, action, key, new, actor, login)"
                            f" select at, table_name, action, key, new, actor, login from {world.log}".encode())  # fmt: skip
    rows, size = world.one("select count(*) from {log}"), world.size()
    world.control.audit_seal("acme")
    world.control.audit_retention_set("acme", "365 days")
    old = world.one("select count(*) from {log} where at < now() - interval '365 days'")
    gone = 0
    while gone < old and (count := world.control.audit_purge()):
        gone += count
    assert gone == old
    assert world.control.audit_purge() == 0
    assert world.one("select count(*) from {log}") == rows - gone
    assert world.size() < size * 0.56
    assert world.control.audit_verify() == []
    detail = world.one("select detail from freehold.event where kind = 'audit_purge.done' order by id limit 1")
    assert detail["partitions"] > 10
    # The last partition stays, whatever its age: the next begins where it ends.
    world.clock("3650 days")
    while world.control.audit_purge():
        pass
    assert world.one("select count(*) from {log}") == 0
    assert len(world.bounds()) == 2
    world.write(1)
    assert world.one("select count(*) from {log}") == 10


def test_what_is_not_sealed_or_held_stays(world: World) -> None:
    world.control.audit_partition_set("acme", "1 day")
    world.write(1, 5)
    world.control.audit_seal("acme")
    world.write(11, 5)
    world.control.audit_retention_set("acme", "1 day")
    world.clock("3 days")
    # Of one partition some is sealed: that goes by rows.
    assert world.control.audit_purge() == 5
    assert world.control.audit_purge() == 0
    world.control.audit_seal("acme")
    world.control.hold_set("acme", "a lawsuit")
    assert world.control.audit_purge() == 0
    world.control.hold_release("acme", "settled")
    count = len(world.bounds())
    assert world.control.audit_purge() == 5
    assert len(world.bounds()) == count - 1
    assert world.control.audit_verify() == []


def test_a_writer_in_the_way_does_not_keep_what_is_old(world: World) -> None:
    world.control.audit_partition_set("acme", "1 day")
    world.write(1, 5)
    world.control.audit_retention_set("acme", "1 day")
    world.clock("3 days")
    count = len(world.bounds())
    with world.rw.transaction():
        world.write(11, 1)
        world.admin.execute("alter function freehold._audit_purge_partitions(freehold.audit_log, timestamptz, xid8, bigint, integer, bigint) "
                            "set lock_timeout = '10ms'")  # fmt: skip
        assert world.control.audit_purge() == 5
    assert len(world.bounds()) == count
    assert world.control.audit_purge() == 1


def test_what_nobody_made_a_partition_for(world: World) -> None:
    world.control.audit_partition_set("acme", "1 day")
    last = world.bounds()[-2][1]
    world.entry(f"'{last}'::timestamptz + g * interval '1 hour'", 30)
    world.entry("now() - interval '1 year'")
    rows = world.one(ALL)
    assert world.one("select count(*) from {log} where tableoid = '{log}_rest'::regclass") == 31
    world.clock("30 days")
    assert {what for what, _ in world.doctor()} == {"acme"}
    while world.control.audit_partition_make():
        pass
    assert world.doctor() == set()
    assert world.one("select count(*) from {log} where tableoid = '{log}_rest'::regclass") == 1
    assert world.one(ALL) == rows
    # What is there for the rest is never dropped, and what is past in it goes.
    world.control.audit_retention_set("acme", "300 days")
    world.clock("0")
    assert world.control.audit_purge() == 1
    assert world.bounds()[-1] == (None, None)
    # A wider one begins where the last has ended.
    last = world.bounds()[-2][1]
    world.control.audit_partition_set("acme", "1 month")
    world.clock("60 days")
    world.control.audit_partition_make()
    assert (last, True) in [(lower, upper is not None) for lower, upper in world.bounds()]


@pytest.mark.parametrize(
    "width",
    [
        "0 days",
        "-1 days",
        "1 hour",
        "24 hours",
        "1 month 1 day",
        "1 month -29 days",
        "36:00:00",
        "11 years",
        "100000 days",
    ],
)
def test_widths_that_are_none(world: World, width: str) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        world.control.audit_partition_set("acme", width)
    assert caught.value.sqlstate == "FH003"
    assert world.bounds() == []


def test_homes_without_a_log(world: World) -> None:
    world.control.template_create("plain")
    for home, state in (("@plain", "FH202"), ("@none", "FH102"), ("none", "FH101")):
        calls: list[Callable[[], Any]] = [
            partial(world.control.audit_partition_set, home, "1 day"),
            partial(world.control.audit_partition_list, home),
        ]
        for call in calls:
            with pytest.raises(psycopg.DatabaseError) as caught:
                call()
            assert caught.value.sqlstate == state
    with pytest.raises(psycopg.DatabaseError) as caught:
        world.control.audit_partition_make(batch=0)
    assert caught.value.sqlstate == "FH003"
    world.control.audit_partition_set("@default", "1 day")
    assert len(world.control.audit_partition_list("@default")) > 7


def test_a_clone_has_none_and_an_erasure_leaves_none(database: Database) -> None:
    # Its roles may be used in no other database.
    world = World(database)
    world.write(1)
    world.control.audit_partition_set("acme", "1 day")
    world.control.tenant_clone("acme", "copy")
    assert world.control.audit_partition_list("copy") == []
    assert world.one("select freehold._schema_locks('tenant_acme'::regnamespace)"
                     " - freehold._schema_locks('tenant_copy'::regnamespace)") == 16 * len(world.bounds())  # fmt: skip
    # Installing again is an upgrade, and leaves it as it is.
    bounds = world.bounds()
    bundle.run(world.database.connect(), bundle.install_bundle())
    assert world.bounds() == bounds
    seen = world.one(
        "select freehold._erase_rows_seen(t) ->> 'audit log bytes' from freehold.tenant as t where slug = 'acme'"
    )
    assert int(seen) == world.size()
    # More partitions than a third of the lock table takes go before.
    world.admin.execute(
        "create or replace function freehold._lock_room() returns bigint language sql volatile return 300"
    )
    world.control.tenant_retire("acme", grace="0", reason="left")
    count = len(bounds)
    assert world.control.tenant_erase_step("acme", "left")["state"] == "running"
    assert world.one("select count(*) from pg_inherits where inhparent = '{log}'::regclass") == count - 300 // 3 // 16
    done = world.control.tenant_erase_step("acme", "left")
    assert (done["state"], done["detail"]["residue"]) == ("done", [])
    # A template's too.
    world.control.template_create("other")
    world.control.template_apply("other", TEMPLATE)
    world.control.audit_partition_set("@other", "1 day")
    assert [world.control.template_drop_step("other")["state"] for _ in range(2)] == ["running", "done"]
    left = "select count(*) from pg_class where relnamespace = 'freehold_audit'::regnamespace and relname ~ %s"
    assert world.one(left, world.log.split(".")[1]) == 0


def test_publications_take_changes_of_a_parted_log(world: World) -> None:
    world.write(1, 5)
    world.control.audit_partition_set("acme", "1 day")
    world.write(11, 5)
    world.admin.execute("create publication everything for all tables")
    world.control.audit_retention_set("acme", "1 day")
    world.admin.execute(f"update {world.log} set actor = 'bob'; delete from {world.log} where id = 1".encode())
    world.control.audit_partition_set("acme")
    world.admin.execute(f"delete from {world.log} where id = 2".encode())


PLANTED = {
    "a grant on a partition": ("grant select on {part} to tenant_acme_rw", "tenant_acme_rw has select on it"),
    "a table named like one": ("create table {log}_20000101 (i int)", "is no tenant's or template's log, nor what writes one"),
    "a partition of another's": ("alter table {part} owner to tenant_acme_owner", "belongs to role tenant_acme_owner"),
    "one that was detached": ("alter table {log} detach partition {part}", "is no tenant's or template's log, nor what writes one"),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_the_doctor_finds_what_is_planted(world: World, fault: str) -> None:
    world.control.audit_partition_set("acme", "1 day")
    part = world.one("select p.relation::regclass::text from freehold.audit_log as l, freehold._audit_partition(l.home_id) as p "
                     "where l.partition_width is not null and p.lower is not null limit 1")  # fmt: skip
    assert world.doctor() == set()
    statement, finding = PLANTED[fault]
    world.admin.execute(statement.format(part=part, log=world.log).encode())
    assert finding in {found for _, found in world.doctor()}


def test_the_command_line(world: World) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, ["--dsn", world.database.owner_dsn, "audit", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "no partitions" in run("partitions", "acme")
    assert "acme: a partition holds 1 month" in run("partition", "acme", "1 month")
    assert "_rest" in run("partitions", "acme", "--json")
    assert "0 partitions made" in run("ahead")
    world.clock("31 days")
    assert "1 partitions made" in run("ahead", "acme", "--batch", "1")
    assert "the log is one table" in run("partition", "acme")
