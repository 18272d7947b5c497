"""A lock table with little room left, so that small schemas take several batches, or do not fit."""

from __future__ import annotations

from typing import Any

import psycopg

from .database import Database
from .patience import until


def crowd(database: Database, room: int) -> psycopg.Connection[Any]:
    """Holds locks until so many entries are free; they go with the connection.

    Args:
        database: Whose server it is.
        room: Entries of the lock table to leave.
    """
    admin = database.connect(database.admin_dsn)
    # Those of another such connection are held until its process has ended.
    until(lambda: admin.execute("select from pg_locks where locktype = 'advisory' limit 1").fetchone() is None)
    admin.execute("begin")
    admin.execute(
        "select count(pg_advisory_xact_lock(i)) from generate_series(1, freehold._lock_room() - %s) as i", (room,)
    )
    return admin


def fill(database: Database, spare: int) -> psycopg.Connection[Any]:
    """Holds locks until so many more can be had, while the estimates believe that there is room for everything.

    The lock table has slack beyond what it counts, so it is filled to its end first.

    Args:
        database: Whose server it is.
        spare: Locks that can still be taken.
    """
    admin = database.connect(database.admin_dsn)
    admin.execute(
        """
        create or replace function freehold._lock_capacity() returns bigint
            language sql stable security invoker
            set search_path = pg_catalog, pg_temp
        as 'select 1000000000';
        create function public.fill(spare integer) returns void language plpgsql as $$
        declare
            v_taken integer := 0;
        begin
            begin
                loop
                    perform pg_advisory_xact_lock(-1, v_taken);
                    v_taken := v_taken + 1;
                end loop;
            exception when out_of_memory then null;
            end;
            perform pg_advisory_xact_lock(-1, i) from generate_series(1, v_taken - spare) as i;
        end
        $$
        """
    )
    admin.execute("begin")
    admin.execute("select public.fill(%s)", (spare,))
    return admin
