"""Faults under the writers of a service: it ends or is killed, the server restarts, a tenant is suspended. What was said to be written is
there, once; what was not is there once or not at all; and all of it where it belongs."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from freehold.binaries import Binaries
from freehold.embedded import Ephemeral
from support.database import Database, Databases
from support.killer import Killer, waiting
from support.noted import TEMPLATE
from support.patience import until
from support.server import TestServer
from support.service import ServiceProcess, grant_service, key

SLUGS = ("alpha", "beta", "gamma")
WRITERS = 2


@dataclass
class World:
    server: Ephemeral
    database: Database
    service: ServiceProcess
    keys: dict[str, str]
    admin_key: str

    def restart(self, mode: str) -> None:
        self.database.close()
        self.server.restart(mode)


@dataclass
class Journal:
    """What one writer tried, and what it was told."""

    slug: str
    acknowledged: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


class Writers:
    """Write notes of their tenants until they are told to stop; none tries a note twice."""

    def __init__(self, world: World) -> None:
        self._world, self._stop = world, threading.Event()
        self.journals = [Journal(slug) for slug in SLUGS for _ in range(WRITERS)]
        self._threads = [threading.Thread(target=self._write, args=(each,)) for each in self.journals]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        self.go_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def go_on(self, *, without: str | None = None, more: int = 10) -> None:
        """Waits until each has written some more."""
        aims = {id(each): len(each.acknowledged) + more for each in self.journals if each.slug != without}
        until(lambda: all(len(each.acknowledged) >= aims.get(id(each), 0) for each in self.journals), seconds=120)

    def _write(self, journal: Journal) -> None:
        headers = {"Authorization": f"Bearer {self._world.keys[journal.slug]}"}
        with httpx.Client(base_url=self._world.service.url, headers=headers, timeout=60) as client:
            while not self._stop.is_set():
                mark = str(uuid.uuid4())
                try:
                    answer = client.post(f"/t/{journal.slug}/notes", json={"mark": mark})
                except httpx.TransportError:
                    journal.unknown.append(mark)
                    continue
                if answer.status_code == 201:
                    journal.acknowledged.append(mark)
                    if answer.json() != {"mark": mark, "tenant": journal.slug}:
                        journal.strange.append(answer.text)
                elif answer.status_code >= 500:
                    journal.unknown.append(mark)
                else:
                    journal.refused[mark] = str(answer.json().get("code"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service in a process over a server of this module's own, which keeps what it has committed."""
    choice = os.environ.get("FREEHOLD_TEST_PG", "embedded")
    if choice != "embedded" and not Path(choice).is_dir():
        pytest.skip("this server is not the test's to restart")
    binaries = None if choice == "embedded" else Binaries.at(Path(choice).absolute())
    with Ephemeral(binaries, {"synchronous_commit": "on"}) as server:
        with psycopg.connect(server.dsn()) as connection:
            major = connection.info.server_version // 10000
        with Databases(TestServer(server.dsn(), major)).clone() as database:
            control = database.control()
            control.template_create("default")
            control.template_apply("default", TEMPLATE)
            control.template_freeze("default")
            for slug in SLUGS:
                control.tenant_provision(slug)
            keys = {slug: key(database, name=slug, slugs=[slug]) for slug in SLUGS}
            admin_key = key(database, "admin", name="operator")
            log = tmp_path_factory.mktemp("service") / "log"
            with ServiceProcess(grant_service(database), log) as service:
                yield World(server, database, service, keys, admin_key)


@pytest.fixture
def writers(world: World) -> Iterator[Writers]:
    with Writers(world) as writers:
        yield writers


def settled(world: World, writers: Writers) -> None:
    """Stops the writers and compares what is there with what they were told."""
    writers.go_on()
    writers.__exit__()
    with psycopg.connect(world.database.admin_dsn) as admin:
        for slug in SLUGS:
            mine = [each for each in writers.journals if each.slug == slug]
            rows = admin.execute(f"select mark::text, owner from tenant_{slug}.note".encode()).fetchall()
            found = Counter(mark for mark, _ in rows)
            assert {owner for _, owner in rows} == {slug}
            assert [each.strange for each in mine] == [[]] * WRITERS
            lost = [mark for each in mine for mark in each.acknowledged if found[mark] != 1]
            assert lost == [], f"acknowledged and not there once: {len(lost)}"
            assert [mark for each in mine for mark in each.unknown if found[mark] > 1] == []
            assert [mark for each in mine for mark in each.refused if found[mark] > 0] == []
            tried = {mark for each in mine for mark in (*each.acknowledged, *each.unknown)}
            others = {
                mark for each in writers.journals if each.slug != slug for mark in (*each.acknowledged, *each.unknown)
            }
            assert not others & set(found)
            assert tried


def test_the_service_ends_and_is_started_again(world: World, writers: Writers) -> None:
    assert world.service.end(signal.SIGTERM) in (0, -signal.SIGTERM)
    world.service.start()
    settled(world, writers)


def test_the_service_is_killed_and_started_again(world: World, writers: Writers) -> None:
    assert world.service.end(signal.SIGKILL) == -signal.SIGKILL
    world.service.start()
    settled(world, writers)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_the_server_restarts(world: World, writers: Writers, mode: str) -> None:
    world.restart(mode)
    settled(world, writers)


def test_a_tenant_is_suspended_and_resumed(world: World, writers: Writers) -> None:
    operator = httpx.Client(
        base_url=world.service.url, headers={"Authorization": f"Bearer {world.admin_key}"}, timeout=60
    )
    with operator:
        assert operator.post("/v1/tenant_suspend", json={"slug": "beta"}).status_code == 200
        count = "select count(*) from tenant_beta.note"
        with psycopg.connect(world.database.admin_dsn, autocommit=True) as admin:
            before = admin.execute(count).fetchone()
            writers.go_on(without="beta")
            until(lambda: all(each.refused for each in writers.journals if each.slug == "beta"))
            assert admin.execute(count).fetchone() == before
        assert operator.post("/v1/tenant_resume", json={"slug": "beta"}).status_code == 200
    settled(world, writers)
    assert {code for each in writers.journals for code in each.refused.values()} == {"FH302"}


def provision(world: World, slug: str) -> httpx.Response:
    with httpx.Client(base_url=world.service.url, timeout=60) as client:
        return client.post(
            "/v1/tenant_provision", json={"slug": slug},
            headers={"Authorization": f"Bearer {world.admin_key}", "Idempotency-Key": f"make-{slug}"},
        )  # fmt: skip


def made_once(world: World, slug: str) -> None:
    control = world.database.control()
    (operation,) = control.operation_list(slug=slug)
    assert (operation["kind"], operation["state"]) == ("provision", "done")
    assert [tenant["slug"] for tenant in control.tenant_list() if tenant["slug"] == slug] == [slug]


def test_what_was_done_and_whose_answer_was_lost_is_not_done_again(world: World) -> None:
    where, body = urlsplit(world.service.url), json.dumps({"slug": "delta"})
    lines = [
        "POST /v1/tenant_provision HTTP/1.1", f"Host: {where.netloc}", f"Authorization: Bearer {world.admin_key}",
        "Idempotency-Key: make-delta", "Content-Type: application/json", f"Content-Length: {len(body)}", "", body,
    ]  # fmt: skip
    control = world.database.control()
    with socket.create_connection((where.hostname, where.port or 80)) as client:
        client.sendall("\r\n".join(lines).encode())
        until(lambda: bool(control.operation_list(slug="delta")))
    world.service.end(signal.SIGKILL)
    world.service.start()
    answer = provision(world, "delta")
    assert answer.status_code == 200, answer.text
    assert answer.headers["idempotency-replayed"] == "true"
    made_once(world, "delta")


def test_what_was_under_way_when_the_service_was_killed_is_done_once(world: World) -> None:
    killer = Killer(world.database)
    killer.plan(3, "wait")
    lost: list[Exception] = []

    def ask() -> None:
        try:
            provision(world, "epsilon")
        except httpx.TransportError as error:
            lost.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: waiting(killer.admin) is not None)
    world.service.end(signal.SIGKILL)
    asking.join()
    assert len(lost) == 1
    killer.rest()
    world.service.start()
    answer = provision(world, "epsilon")
    assert answer.status_code == 200, answer.text
    made_once(world, "epsilon")
    assert "idempotency-replayed" not in answer.headers
    assert provision(world, "epsilon").headers["idempotency-replayed"] == "true"
    made_once(world, "epsilon")
