"""What is kept of the registry, and what its listener confirms of it."""

from __future__ import annotations

import psycopg
import pytest

from freehold.context import directory as module
from freehold.context.directory import Directory
from freehold.context.registry import CHANNELS, Listener
from freehold.context.statement import Context
from support.database import Database
from support.patience import until

TENANT = Context("acme", "1", "tenant_acme", "role", False, 1, "tenant_acme")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def idle(database: Database) -> tuple[Listener, Directory]:
    """A listener whose thread has ended: the test does what it does."""
    directory = Directory(5)
    listener = Listener(database.owner_dsn, directory)
    listener.close()
    return listener, directory


def kept(directory: Directory) -> bool:
    return (directory.get("acme", "write") is not None) and (directory.get_member("issuer", "ada", "1") is not None)


def keep(directory: Directory, era: int | None = None) -> None:
    directory.keep("write", TENANT, directory.era if era is None else era)
    directory.keep_member("issuer", "ada", "1", "7", directory.era if era is None else era)


def test_what_nobody_confirms_is_good_for_its_time(clock: Clock) -> None:
    directory = Directory(5)
    keep(directory)
    clock.now += 4.9
    assert kept(directory)
    clock.now += 0.2
    assert directory.get("acme", "write") is None
    assert directory.get_member("issuer", "ada", "1") is None


def test_what_is_confirmed_is_good_for_that_time_from_then(clock: Clock) -> None:
    directory = Directory(5)
    keep(directory)
    clock.now += 4
    directory.confirm(clock.now)
    clock.now += 4.9
    assert kept(directory)
    clock.now += 0.2
    assert not kept(directory)


def test_a_change_counts_whatever_was_confirmed(clock: Clock) -> None:
    directory = Directory(5)
    keep(directory)
    era = directory.era
    directory.confirm(clock.now)
    directory.clear()
    assert not kept(directory)
    # What was asked for before the change, and answered after it.
    keep(directory, era)
    assert not kept(directory)


def test_the_listener_confirms_again_and_again(database: Database) -> None:
    directory = Directory(5)
    listener = Listener(database.owner_dsn, directory)
    try:
        until(lambda: directory.confirmed > float("-inf"))
        before = directory.confirmed
        until(lambda: directory.confirmed > before)
    finally:
        listener.close()


def test_what_was_heard_clears_before_anything_is_confirmed(
    idle: tuple[Listener, Directory], database: Database, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    listener, directory = idle
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        for channel in CHANNELS:
            connection.execute(f"listen {channel}".encode())
        for channel in CHANNELS:
            keep(directory)
            listener._confirm(connection)
            assert kept(directory)
            admin.execute("select pg_notify(%s, '')", (channel,))
            listener._confirm(connection)
            assert not kept(directory)


def test_who_answers_for_another_process_confirms_nothing(
    idle: tuple[Listener, Directory], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, directory = idle
    before = directory.confirmed
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        # As a pooler tells it, whose sessions are others' in a moment.
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", property(lambda _: 1))
        listener._confirm(connection)
    assert directory.confirmed == before
