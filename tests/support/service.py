"""The service on a port of loopback: in a thread of the test's, or in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import uvicorn
from fastapi import APIRouter, FastAPI
from pydantic import SecretStr

from freehold.cli.serve import grant_groups
from freehold.http import Settings, create_app, logs
from freehold.http.connection import Protocol

from .database import Database
from .patience import until

LOGIN = "test_service"
GROUPS = ("admin", "auditor", "worker", "break_glass", "analyst")


_dsns: dict[tuple[str, str], str] = {}


def grant_service(database: Database, login: str = LOGIN, groups: tuple[str, ...] = GROUPS) -> str:
    """Makes a login that serves; returns its connection string."""
    # Another password would lock out a service that runs already.
    dsn = _dsns.get((database.name, login)) or database.login_dsn(login)
    _dsns[database.name, login] = dsn
    with psycopg.connect(database.admin_dsn, autocommit=True) as admin:
        grant_groups(admin, "freehold", groups, login)
        admin.execute("select freehold.gate_grant(%s, 1)", (login,))
    return dsn


_documents: dict[str, dict[str, Any]] = {}


class TestService:
    """A service that runs.

    Attributes:
        app: The application.
        url: Where it is.
        server: uvicorn's.
    """

    __test__ = False

    def __init__(self, app: FastAPI, url: str, server: uvicorn.Server) -> None:
        self.app, self.url, self.server = app, url, server
        self._clients: list[httpx.Client] = []

    def client(
        self, token: str | None = None, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Client:
        """A client that sends a bearer token, closed with the service."""
        sent = dict(headers or {}) | ({"Authorization": f"Bearer {token}"} if token is not None else {})
        client = httpx.Client(base_url=self.url, headers=sent, timeout=30, **options)
        self._clients.append(client)
        return client

    def close(self) -> None:
        """Closes the clients."""
        for client in self._clients:
            client.close()


@contextlib.contextmanager
def running(
    database: Database, *, dsn: str | None = None, tenant_router: APIRouter | None = None, **settings: Any
) -> Iterator[TestService]:
    """The service over a database.

    Args:
        database: Where freehold is installed.
        dsn: Of the service's login; made by ``grant_service`` where None.
        tenant_router: An application's own routes.
        settings: Of the service; no limit of calls and no keeper where they do not say so.
    """
    # Else a traceback in the log is drawn with all that the frames hold.
    logs.configure("json")
    given: dict[str, Any] = {"rate_limit": "", "failure_rate_limit": "", "keeper": False} | settings
    app = create_app(Settings(dsn=SecretStr(dsn or grant_service(database)), **given), tenant_router=tenant_router)
    # A second's work, and the same for all services of an installation that have no routes of their own.
    catalog = repr(app.state.service.catalog)
    if tenant_router is None:
        app.openapi_schema = _documents.get(catalog)
        _documents[catalog] = app.openapi()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=5,
        server_header=False, lifespan="on", proxy_headers=False, http=Protocol,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    port = server.servers[0].sockets[0].getsockname()[1]
    service = TestService(app, f"http://127.0.0.1:{port}", server)
    try:
        yield service
    finally:
        service.close()
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive()


def wait_ready(client: httpx.Client, seconds: float = 30) -> None:
    """Waits until the database answers the service."""
    deadline = time.monotonic() + seconds
    while client.get("/ready").status_code != 200:
        assert time.monotonic() < deadline, "the service is not ready"


def key(database: Database, *roles: str, name: str | None = None, slugs: list[str] | None = None) -> str:
    """The token of a new API key."""
    with psycopg.connect(database.admin_dsn, autocommit=True) as admin:
        row = admin.execute(
            "select token from freehold.api_key_create(%s, %s, %s)",
            (name or "-".join(roles) or "tenants", list(roles), slugs),
        ).fetchone()
    assert row is not None
    return str(row[0])


class ServiceProcess:
    """The service in a process of its own, with the routes of ``support.noted``; it may end and be started again.

    Args:
        dsn: Of the service's login.
        log: Where it writes.

    Attributes:
        url: Where it is, whichever process serves.
    """

    def __init__(self, dsn: str, log: Path) -> None:
        self._dsn, self._log = dsn, log
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> ServiceProcess:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end(signal.SIGKILL)
        self._socket.close()

    def start(self) -> None:
        """Starts a process; who asks it waits until it serves."""
        given = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "FREEHOLD_"))}
        own = {"FREEHOLD_DSN": self._dsn, "FREEHOLD_RATE_LIMIT": "", "FREEHOLD_KEEPER": "false", "PYTHONPATH": _PATH}
        number = self._socket.fileno()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "support.noted", str(number)], env=given | own, pass_fds=[number], stderr=log,
                stdout=log,
            )  # fmt: skip

    def end(self, how: signal.Signals) -> int:
        """Sends the process a signal and waits for its end; its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(timeout=60)


_PATH = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parents[1]), os.environ.get("PYTHONPATH")]))
