"""PgBouncer in transaction mode before a test's database: the one on PATH, or Debian's package, unpacked in the cache."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from freehold.cluster import free_port

from .database import Database

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "pgbouncer"
PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")
FETCH = """
set -e
rm -rf "$1.new" && mkdir -p "$1.new" && cd "$1.new"
apt-get download -qq $2 2>/dev/null || { apt-get update -qq && apt-get download -qq $2; }
for package in ./*.deb; do dpkg-deb -x "$package" .; done
mv -T "$1.new" "$1" 2>/dev/null || rm -rf "$1.new"
"""


def program() -> tuple[str, dict[str, str]]:
    """PgBouncer, and the environment it runs in.

    Raises:
        RuntimeError: There is none, and Debian's package cannot be had.
    """
    found = shutil.which("pgbouncer")
    if found:
        return found, {}
    if not CACHE.exists():
        # Beside the place where another test process unpacks its own; the first one stays.
        command = ["bash", "-c", FETCH, "fetch", f"{CACHE}.{os.getpid()}", " ".join(PACKAGES)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"no pgbouncer on PATH, and Debian's cannot be fetched: {done.stderr[-500:]}")
        with contextlib.suppress(OSError):
            Path(f"{CACHE}.{os.getpid()}").rename(CACHE)
        shutil.rmtree(f"{CACHE}.{os.getpid()}", ignore_errors=True)
    libraries = next((CACHE / "usr" / "lib").glob("*-linux-gnu"))
    return str(CACHE / "usr" / "sbin" / "pgbouncer"), {"LD_LIBRARY_PATH": str(libraries)}


@contextlib.contextmanager
def pooled(database: Database, directory: Path, users: Mapping[str, str], *, size: int = 2) -> Iterator[str]:
    """Runs PgBouncer for the length of a ``with`` block.

    Args:
        database: What is behind it.
        directory: For its files.
        users: Passwords by role, as it gives them to the server and asks for them.
        size: Server connections for each role.

    Yields:
        A connection string without user and password.
    """
    server, port = conninfo_to_dict(database.admin_dsn), free_port()
    (directory / "users.txt").write_text("".join(f'"{name}" "{said}"\n' for name, said in users.items()))
    (directory / "pgbouncer.ini").write_text(
        f"[databases]\n{database.name} = host={server['host']} port={server['port']} dbname={database.name}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = plain\nauth_file = {directory / 'users.txt'}\n"
        f"pool_mode = transaction\ndefault_pool_size = {size}\nmax_client_conn = 100\n"
        f"query_wait_timeout = 3\nserver_login_retry = 1\nlogfile = {directory / 'log'}\npidfile = {directory / 'pid'}\n"
    )
    binary, environment = program()
    command = [binary, "pgbouncer.ini"]
    if os.geteuid() == 0:
        # It does not run as root; in a namespace of its own root is another.
        command = ["unshare", "--user", "--map-user=1000", "--map-group=1000", *command]
    process = subprocess.Popen(
        command, cwd=directory, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    conninfo = make_conninfo("", host="127.0.0.1", port=port, dbname=database.name)
    try:
        name, password = next(iter(users.items()))
        while True:
            assert process.poll() is None, (directory / "log").read_text()
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(conninfo, user=name, password=password).close()
                break
        yield conninfo
    finally:
        process.terminate()
        process.wait()
