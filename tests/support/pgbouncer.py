"""PgBouncer in transaction mode before a test's database."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.cluster import free_port

from .database import Database
from .debian import find_program


class Bouncer:
    """PgBouncer, which may be killed and started again on its port.

    Attributes:
        conninfo: A connection string without user and password.

    Args:
        database: What is behind it.
        directory: For its files.
        users: Passwords by role, as it gives them to the server and asks for them.
        size: Server connections for each role.
    """

    def __init__(self, database: Database, directory: Path, users: Mapping[str, str], *, size: int = 2) -> None:
        server, port = conninfo_to_dict(database.admin_dsn), free_port()
        self._directory, self._login = directory, next(iter(users.items()))
        (directory / "users.txt").write_text("".join(f'"{name}" "{said}"\n' for name, said in users.items()))
        (directory / "pgbouncer.ini").write_text(
            f"[databases]\n{database.name} = host={server['host']} port={server['port']} dbname={database.name}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = plain\nauth_file = {directory / 'users.txt'}\n"
            f"pool_mode = transaction\ndefault_pool_size = {size}\nmax_client_conn = 100\nmax_db_connections = 50\n"
            f"query_wait_timeout = 3\nserver_login_retry = 1\nserver_idle_timeout = 10\n"
            f"logfile = {directory / 'log'}\npidfile = {directory / 'pid'}\n"
        )
        self.conninfo = make_conninfo("", host="127.0.0.1", port=port, dbname=database.name)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, and waits until it serves.

        Raises:
            AssertionError: It ended.
        """
        binary, environment = find_program("pgbouncer")
        command = [binary, "pgbouncer.ini"]
        if os.geteuid() == 0:
            # It does not run as root; in a namespace of its own root is another.
            command = ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command]
        (self._directory / "pid").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            command, cwd=self._directory, env={**os.environ, **environment},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        name, password = self._login
        while True:
            assert self._process.poll() is None, (self._directory / "log").read_text()
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.conninfo, user=name, password=password).close()
                return

    def kill(self) -> None:
        """Ends it as a crash would: neither clients nor the server are told."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextlib.contextmanager
def pooled(database: Database, directory: Path, users: Mapping[str, str], *, size: int = 2) -> Iterator[str]:
    """Runs PgBouncer for the length of a ``with`` block, and yields its connection string: ``Bouncer``."""
    bouncer = Bouncer(database, directory, users, size=size)
    try:
        bouncer.start()
        yield bouncer.conninfo
    finally:
        bouncer.kill()
