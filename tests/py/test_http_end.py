"""The service when something ends in the middle: itself, the database, a tenant; and what it demands to begin."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import APIRouter
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.cli import main
from freehold.errors import InvalidArgument
from freehold.http import InTenant, Settings, create_app, tls
from support.callers import fleet, known, notes
from support.database import Database
from support.patience import until
from support.service import TestService, grant_service, running

APP = """
import sys
import uvicorn
from freehold.http import Principal, create_app, logs
from freehold.http.connection import Protocol
from support.callers import Callers, notes

logs.configure("json")
app = create_app(tenant_router=notes())
app.state.service.authenticator = Callers(
    admin=Principal("key:admin", "key", frozenset({"admin"})),
    acme=Principal("key:acme", "key", frozenset(), tenant_ids=frozenset({sys.argv[1]})),
)
uvicorn.run(app, port=int(sys.argv[2]), http=Protocol, access_log=False, log_config=None, proxy_headers=False,
            timeout_graceful_shutdown=20)
"""
TESTS = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextlib.contextmanager
def process(database: Database, identity: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service as a process of its own, and its URL."""
    settings = {
        "FREEHOLD_DSN": grant_service(database), "FREEHOLD_KEEPER": "false", "FREEHOLD_RATE_LIMIT": "",
        "FREEHOLD_STREAM_INTERVAL": "0.05", "PYTHONPATH": str(TESTS),
    }  # fmt: skip
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", APP, identity, str(port)], env=os.environ | settings, stderr=subprocess.PIPE, text=True
    ) as started:
        lines: list[str] = []
        assert started.stderr is not None
        reader = threading.Thread(target=lambda: lines.extend(started.stderr or ()))
        reader.start()
        url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=url, timeout=30) as client:
                until(lambda: started.poll() is not None or _answers(client))
                assert started.poll() is None, "".join(lines)
            yield started, url
        finally:
            if started.poll() is None:
                started.kill()
            reader.join()


def _answers(client: httpx.Client) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return client.get("/health").status_code == 200
    return False


def waiting(database: Database, count: int = 1) -> bool:
    query = "select count(*) from pg_stat_activity where usename = 'test_service' and wait_event_type = 'Lock'"
    row = database.connect(database.admin_dsn).execute(query).fetchone()
    return row is not None and row[0] >= count


def test_a_service_that_is_told_to_end_finishes_what_runs(database: Database) -> None:
    """A request, a stream, and an operation in the background: none is lost, and the process ends well."""
    identity = fleet(database, "acme")["acme"]
    blocker = database.connect(database.admin_dsn)
    admin = {"Authorization": "Bearer admin"}
    answers: dict[str, Any] = {}
    with process(database, identity) as (service, url), httpx.Client(base_url=url, timeout=60) as client:

        def write() -> None:
            body = {"number": 1, "body": "x"}
            answers["write"] = httpx.post(
                f"{url}/t/acme/notes", json=body, headers={"Authorization": "Bearer acme"}, timeout=60
            ).status_code

        with client.stream("GET", "/v1/tenant_list", headers={**admin, "Accept": "text/event-stream"}) as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: change"
            with blocker.transaction():
                blocker.execute("lock table tenant_acme.note in exclusive mode")
                writer = threading.Thread(target=write)
                writer.start()
                until(lambda: waiting(database))
                service.terminate()
                # The stream ends at once, though a request still runs.
                for _ in lines:
                    pass
                assert service.poll() is None
            writer.join()
        assert service.wait(timeout=60) in (0, -15)
    assert answers == {"write": 200}
    assert blocker.execute("select body from tenant_acme.note").fetchall() == [("x",)]


def test_an_operation_that_the_end_cuts_short_has_a_name_and_goes_on_elsewhere(database: Database) -> None:
    identity = fleet(database, "acme")["acme"]
    blocker = database.connect(database.admin_dsn)
    headers = {"Authorization": "Bearer admin"}
    with process(database, identity) as (service, url), httpx.Client(base_url=url, headers=headers) as client:
        with blocker.transaction():
            # Its first step ends; the next one finds the tenant's row taken.
            answer = client.post("/v1/tenant_provision_staged", json={"slug": "globex"})
            assert answer.status_code == 202
            blocker.execute("select from freehold.operation where id = %s for update", (answer.json()["id"],))
            service.terminate()
        assert service.wait(timeout=60) in (0, -15)
    query = "select state from freehold.operation where id = %s"
    state = blocker.execute(query, (answer.json()["id"],)).fetchone()
    assert state in [("running",), ("done",)]
    with running(database) as second:
        known(second)
        client = second.client("admin")
        if state == ("running",):
            resumed = client.post("/v1/operation_resume", json={"id": answer.json()["id"]})
            assert resumed.status_code == 202, resumed.text
        until(lambda: client.get("/v1/tenant_get", params={"slug": "globex"}).json()["state"] == "active")


class Writers:
    """Who write numbers into a tenant's notes, and remember which were acknowledged."""

    def __init__(self, service: TestService, threads: int = 4) -> None:
        self.done: set[int] = set()
        self.statuses: set[int] = set()
        self.refusals: list[Any] = []
        self._over = threading.Event()
        self._clients = [service.client("acme") for _ in range(threads)]
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(threads)]

    def _write(self, number: int) -> None:
        client, step = self._clients[number], len(self._clients)
        while not self._over.is_set():
            number += step
            answer = client.post("/t/acme/notes", json={"number": number, "body": "x"})
            self.statuses.add(answer.status_code)
            if answer.status_code == 200:
                self.done.add(number)
            else:
                self.refusals.append(answer.json())
            if answer.status_code == 503:
                assert int(answer.headers["retry-after"]) >= 1

    def __enter__(self) -> Writers:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for each in self._threads:
            each.join()

    def more(self, count: int = 20) -> None:
        """Waits until so many more were acknowledged."""
        before = len(self.done)
        until(lambda: len(self.done) >= before + count)


def written(database: Database) -> set[int]:
    rows = database.connect(database.admin_dsn).execute("select id from tenant_acme.note").fetchall()
    return {row[0] for row in rows}


def test_a_tenant_that_is_suspended_in_the_middle_loses_none_either(database: Database) -> None:
    tenants = fleet(database, "acme")
    control = database.control()
    with running(database, tenant_router=notes()) as service:
        known(service, **tenants)
        with Writers(service) as writers:
            writers.more()
            control.tenant_suspend("acme", "unpaid")
            until(lambda: bool(writers.statuses - {200}))
            control.tenant_resume("acme")
            writers.more()
    # Who met it when it was suspended and asked when it was back again, is to try again.
    assert writers.statuses - {503} == {200, 403}, writers.refusals
    assert writers.done == written(database)


def test_who_has_lost_the_tenant_for_a_moment_is_to_try_again(database: Database) -> None:
    tenants, control, routes = fleet(database, "acme"), database.control(), APIRouter()
    changes: list[Callable[[], object]] = []

    @routes.get("/lost")
    async def lost(tenant: InTenant) -> None:
        for change in changes:
            await asyncio.to_thread(change)
        await tenant.connection.execute("select from nothing_of_that_name")

    with running(database, tenant_router=routes) as service:
        known(service, **tenants)
        client, directory = service.client("acme"), service.app.state.service.tenants._core.directory
        assert client.get("/t/acme/lost").status_code == 422
        era = directory.era
        changes += [
            lambda: control.tenant_suspend("acme"), lambda: control.tenant_resume("acme"),
            lambda: until(lambda: directory.era != era),
        ]  # fmt: skip
        answer = client.get("/t/acme/lost")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        changes[1:] = []
        assert client.get("/t/acme/lost").json()["code"] == "FH302"


# The way to the database


SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Relay:
    """An address of this machine that is none of loopback's, from where a server on loopback is reached."""

    def __init__(self, target: tuple[str, int]) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            # Nothing is sent: it says which address would be sent from.
            probe.connect(("192.0.2.1", 9))
            self.host = str(probe.getsockname()[0])
        self.target, self.sent = target, bytearray()
        self.context: ssl.SSLContext | None = None
        self.connections = 0
        self.server = socket.create_server((self.host, 0))
        self.port = int(self.server.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.server.accept()
                threading.Thread(target=self._join, args=(client,), daemon=True).start()

    def _join(self, client: socket.socket) -> None:
        if self.context is not None:
            # As PostgreSQL does: asked whether it speaks TLS, it says yes.
            if client.recv(8) != SSL_REQUEST:
                client.close()
                return
            client.sendall(b"S")
            client = self.context.wrap_socket(client, server_side=True)
        self.connections += 1
        server = socket.create_connection(self.target)
        threading.Thread(target=self._pump, args=(server, client, None), daemon=True).start()
        self._pump(client, server, self.sent)

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if kept is not None:
                    kept += data
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def relay(database: Database) -> Iterator[tuple[Relay, str]]:
    """A relay to the database, and how the service's login would connect by it."""
    dsn = grant_service(database)
    given = conninfo_to_dict(dsn)
    relay = Relay((str(given.get("hostaddr") or given.get("host") or "127.0.0.1"), int(given.get("port") or 5432)))
    yield relay, make_conninfo(dsn, host=relay.host, hostaddr=relay.host, port=relay.port, sslmode="prefer")
    relay.server.close()


def test_the_collector_leaves_alone_what_stands_until_the_end(database: Database) -> None:
    with running(database):
        assert gc.get_freeze_count() > 100_000
    assert gc.get_freeze_count() == 0


def test_a_network_is_not_crossed_in_the_clear_not_even_to_find_that_out(relay: tuple[Relay, str]) -> None:
    way, dsn = relay
    with pytest.raises(InvalidArgument, match="not encrypted"):
        create_app(Settings(dsn=dsn))  # type: ignore[arg-type]
    # All that went over it is libpq's question whether the server speaks TLS.
    assert bytes(way.sent) == SSL_REQUEST
    with pytest.raises(InvalidArgument, match="sslmode=disable does not encrypt"):
        create_app(Settings(dsn=make_conninfo(dsn, sslmode="disable")))  # type: ignore[arg-type]
    create_app(Settings(dsn=dsn, database_tls="off"))  # type: ignore[arg-type]


def test_where_it_went_counts_not_how_it_was_called(
    relay: tuple[Relay, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way, dsn = relay
    for given in ({"host": "localhost", "hostaddr": way.host}, {"host": "", "hostaddr": way.host}):
        with pytest.raises(InvalidArgument, match="not encrypted"):
            create_app(Settings(dsn=make_conninfo(dsn, **given)))  # type: ignore[arg-type]
    parts = conninfo_to_dict(dsn)
    service = tmp_path / "services"
    service.write_text("[far]\n" + "".join(f"{name}={value}\n" for name, value in parts.items()))
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    with pytest.raises(InvalidArgument, match="not encrypted"):
        create_app(Settings(dsn="service=far"))  # type: ignore[arg-type]


def test_a_connection_string_is_pinned_to_tls_where_it_leaves_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for near in ("", "host=/tmp", "host=localhost", "host=127.0.0.1 hostaddr=::1", "host=/tmp,127.0.0.2"):
        assert tls.pinned(near) == near
    for far in ("host=db", "hostaddr=192.0.2.9", "host=/tmp,db", "host=localhost hostaddr=192.0.2.9"):
        assert conninfo_to_dict(tls.pinned(far))["sslmode"] == "require"
    assert tls.pinned("host=db sslmode=verify-full") == "host=db sslmode=verify-full"
    monkeypatch.setenv("PGHOST", "db")
    assert conninfo_to_dict(tls.pinned(""))["sslmode"] == "require"
    monkeypatch.setenv("PGSSLMODE", "allow")
    with pytest.raises(InvalidArgument, match="sslmode=allow"):
        tls.pinned("")


def test_a_network_is_crossed_encrypted_by_every_connection(
    relay: tuple[Relay, str], database: Database, tmp_path: Path
) -> None:
    way, dsn = relay
    tenants = fleet(database, "acme")
    for name, text in zip(("crt", "key"), certificate(), strict=True):
        (tmp_path / name).write_bytes(text)
    way.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    way.context.load_cert_chain(tmp_path / "crt", tmp_path / "key")
    # From now on it speaks TLS and nothing else.
    with running(database, dsn=dsn, tenant_router=notes()) as service:
        known(service, **tenants)
        assert service.client("admin").get("/v1/tenant_list").status_code == 200
        assert service.client("acme").get("/t/acme/notes/1").status_code == 200
    assert way.connections >= 3, "the first one, and both pools"


def certificate() -> tuple[bytes, bytes]:
    """A certificate that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "db")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


# How it begins


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FREEHOLD_RATE_LIMIT", "hunter2", "FREEHOLD_RATE_LIMIT: a rate is as 100/second"),
        ("FREEHOLD_ISSUERS", "{hunter2", "FREEHOLD_ISSUERS: is no JSON"),
        ("FREEHOLD_CORS_ORIGINS", "*", "FREEHOLD_CORS_ORIGINS: an origin is as a browser sends it"),
        ("FREEHOLD_DSN", "hunter2", "FREEHOLD_DSN is no connection string"),
    ],
)
def test_a_bad_setting_ends_the_start_and_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv("FREEHOLD_DSN", database.owner_dsn)
    monkeypatch.setenv(name, value)
    done = CliRunner().invoke(main, ["serve", "--port", "0"])
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert "hunter2" not in done.output


def test_without_the_extra_it_says_what_to_install(database: Database) -> None:
    script = (
        "import sys; sys.modules.update({'fastapi': None, 'uvicorn': None, 'pydantic_settings': None, 'limits': None})\n"
        "from freehold.cli import main; main()"
    )
    for variable in ("FREEHOLD_RATE_LIMIT", "FREEHOLD_NOTHING"):
        done = subprocess.run(
            [sys.executable, "-c", script, "serve"], capture_output=True, text=True,
            env=os.environ | {"FREEHOLD_DSN": database.owner_dsn, variable: "fast"},
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "pip install 'freehold[http]'" in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr


def test_a_database_that_is_not_there_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FREEHOLD_DSN", f"postgresql://service:hunter2@127.0.0.1:{free_port()}/crm")
    done = CliRunner().invoke(main, ["serve"])
    assert done.exit_code == 1
    assert "hunter2" not in done.output
