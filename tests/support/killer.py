"""Ends an operation at a chosen point: at the n-th change it makes to the catalog or the registry.

An event trigger and triggers on the registry's tables count; at the point they end the backend, fail as a full disk does,
or wait until the test has killed somebody.
"""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg

from .database import Database

_INSTALL = """
create schema killer;
grant usage on schema killer to public;
create sequence killer.passed;
create table killer.plan (point bigint, way text);
create function killer.pass() returns void language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    v_way text := (select p.way from killer.plan as p where p.point = nextval('killer.passed'));
begin
    case v_way
        when 'terminate' then
            perform pg_terminate_backend(pg_backend_pid());
            perform pg_sleep(1);
        when 'cancel' then
            raise exception 'canceling statement due to statement timeout' using errcode = 'query_canceled';
        when 'disk full' then
            raise exception 'could not extend file: No space left on device' using errcode = 'disk_full';
        when 'wait' then
            while exists (select from killer.plan as p where p.way = 'wait') loop
                perform pg_sleep(0.02);
            end loop;
        else null;
    end case;
end $$;
create function killer.on_event() returns event_trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as
    $$ begin perform killer.pass(); end $$;
create function killer.on_row() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as
    $$ begin perform killer.pass(); return null; end $$;
create event trigger killer_ddl on ddl_command_end execute function killer.on_event();
create event trigger killer_drop on sql_drop execute function killer.on_event();
create trigger killer_tenant after insert or update on freehold.tenant execute function killer.on_row();
create trigger killer_template after insert or update on freehold.template execute function killer.on_row();
create trigger killer_signup after insert or update on freehold.signup execute function killer.on_row();
create trigger killer_operation after insert or update on freehold.operation execute function killer.on_row();
alter event trigger killer_ddl enable always;
"""


class Killer:
    """Counts the points of an operation, and ends it at one of them.

    Args:
        database: Where freehold is installed; its superuser sets the triggers.
        installed: They are there already, and only the connection was lost.
    """

    def __init__(self, database: Database, *, installed: bool = False) -> None:
        self.admin = database.connect(database.admin_dsn)
        if not installed:
            self.admin.execute(_INSTALL)

    def count(self) -> int:
        """How many points were passed since ``plan`` was called."""
        row = self.admin.execute("select last_value - 1 + is_called::int from killer.passed").fetchone()
        assert row is not None
        return int(row[0])

    def plan(self, point: int = 0, way: str = "none") -> None:
        """Counts anew, and ends what reaches the point: ``terminate``, ``cancel``, ``disk full`` or ``wait``; 0: nothing."""
        self.admin.execute("delete from killer.plan")
        self.admin.execute("select setval('killer.passed', 1, false)")
        self.admin.execute("insert into killer.plan values (%s, %s)", (point, way))

    def rest(self) -> None:
        """Nothing is ended any more."""
        self.plan()


def waiting(admin: psycopg.Connection[Any]) -> int | None:
    """The backend that has come to its point and waits there."""
    row = admin.execute(
        "select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    ).fetchone()
    return row and int(row[0])


def after_recovery(database: Database, witness: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """A superuser's connection to a server that was crashed.

    Args:
        database: Where to.
        witness: Of before. It is thrown out when the server has noticed; until then new connections are still taken.
    """
    with contextlib.suppress(psycopg.OperationalError):
        while True:
            witness.execute("select pg_sleep(600)")
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            return database.connect(database.admin_dsn)
