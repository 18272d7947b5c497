"""What a script puts off is fired as the owner of the schema, however often a trigger puts off the next."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from freehold.errors import NotAllowed
from support.database import Database
from support.fleet import Fleet


@pytest.fixture
def fleet(database: Database, tmp_path: Path) -> Fleet:
    return Fleet(database, tmp_path / "migrations", tenants=1)


def chain(length: int, last: str) -> str:
    """Tables whose triggers each put off the next one's, without a trace in what is counted of the tables."""
    made = [f"create table d{n} (id int primary key);" for n in range(1, length + 1)]
    for n in range(1, length + 1):
        then = f"set constraints all deferred; truncate spare; insert into d{n + 1} values (1);" if n < length else last
        made.append(
            f"create function f{n}() returns trigger language plpgsql as 'begin {then} return null; end';\n"
            f"create constraint trigger t after insert on d{n} deferrable initially deferred"
            f" for each row execute function f{n}();"
        )
    return "\n".join(["create table spare (id int);", *made, "insert into d1 values (1);"])


@pytest.mark.parametrize("home", ["t01", "@default"])
def test_a_chain_of_deferred_triggers_ends_as_the_owner(fleet: Fleet, home: str) -> None:
    owner = "tenant_t01_owner" if home == "t01" else "freehold_template_default_owner"
    for length in (1, 2, 3, 4, 7):
        with pytest.raises(psycopg.errors.RaiseException) as caught:
            fleet.control.migration_apply(home, "0001.x", chain(length, "raise exception ''%'', current_user;"))
        assert caught.value.diag.message_primary == owner, length
    fleet.control.migration_apply(home, "0001.x", chain(9, ""))


def test_what_a_table_elsewhere_puts_off_is_fired_before_the_end_as_well(fleet: Fleet) -> None:
    """A temporary table is in no schema of the tenant's, where the database still lets everybody make some."""
    fleet.admin.execute(f"grant temporary on database {fleet.database.name} to tenant_t01_owner")
    late = chain(3, "perform set_config(''freehold.actor'', ''mallory'', true);").replace(
        "create table", "create temp table"
    )
    with pytest.raises(NotAllowed, match="set the actor"):
        fleet.control.migration_apply("t01", "0001.x", late)


def test_a_chain_without_end_is_refused(fleet: Fleet) -> None:
    endless = chain(1, "set constraints all deferred; insert into d1 values (new.id + 1);")
    with pytest.raises(NotAllowed, match="without end"):
        fleet.control.migration_apply("t01", "0001.x", endless)


def test_no_path_is_set_at_the_end_of_the_transaction(fleet: Fleet) -> None:
    late = "perform set_config(''search_path'', ''tenant_t01'', false);"
    with pytest.raises(NotAllowed):
        fleet.control.migration_apply("t01", "0001.x", chain(5, late))
    assert "tenant_t01" not in str(fleet.control.connection.execute("show search_path").fetchone())
