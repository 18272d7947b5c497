from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from freehold import binaries, cluster, embedded
from freehold.binaries import RunAs, ServerError
from freehold.embedded import Ephemeral, Server

ROOT = os.geteuid() == 0
START = "import sys; from pathlib import Path; from freehold.embedded import Server\n"
START += "server = Server(Path(sys.argv[1])); print(server.start(), server.pid())"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "home")
    yield server
    server.stop()


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def data(server: Server) -> Path:
    return Path(json.loads((server.home / "server.json").read_text())["data"])


def modes(path: Path) -> dict[str, tuple[int, int, int]]:
    return {str(p): (p.stat().st_mode, p.stat().st_uid, p.stat().st_gid) for p in (path, *path.parents)}


def started_again(server: Server) -> bool:
    try:
        return server.start()
    except ServerError as error:
        if "shared memory" in str(error.detail):
            return False
        raise


def test_data_and_port_are_kept_and_stop_is_clean(server: Server) -> None:
    assert server.start()
    assert not server.start()
    first = server.dsn()
    with psycopg.connect(first) as connection:
        connection.execute("create table kept as select 42 as answer")
    assert server.stop()
    assert server.pid() is None
    assert not server.stop()
    assert not (data(server) / "postmaster.pid").exists()
    assert "database system is shut down" in server.log.read_text()

    server.log.write_text("")
    assert server.start()
    assert server.dsn() == first
    assert value(first, "select answer from kept") == 42
    assert "not properly shut down" not in server.log.read_text()


def test_two_starts_at_once_make_one_server(server: Server) -> None:
    home = str(server.home.parent)
    both = [subprocess.Popen([sys.executable, "-c", START, home], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted(process.communicate(timeout=120)[0].split() for process in both)
    assert [process.returncode for process in both] == [0, 0]
    assert [started for started, _ in said] == ["False", "True"]
    assert said[0][1] == said[1][1] == str(server.pid())


@pytest.mark.parametrize("taken", [False, True], ids=["free", "taken by another program"])
def test_a_pid_left_by_a_crash_is_no_hindrance(server: Server, taken: bool) -> None:
    server.start()
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while server.pid() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    sleeper = subprocess.Popen(["sleep", "600"])
    try:
        if taken:
            file = data(server) / "postmaster.pid"
            file.write_text(file.read_text().replace(str(pid), str(sleeper.pid), 1))
        assert server.pid() is None
        # Processes of the crashed server may take a moment to notice.
        while not started_again(server):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert value(server.dsn(), "select 1") == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_port_taken_meanwhile_is_given_up(server: Server) -> None:
    server.start()
    port = psycopg.conninfo.conninfo_to_dict(server.dsn())["port"]
    server.stop()
    with socket.socket() as other:
        # The server's own connections may linger on the port for a while.
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(str(port))))
        other.listen()
        assert server.start()
        assert psycopg.conninfo.conninfo_to_dict(server.dsn())["port"] != port
        assert value(server.dsn(), "select 1") == 1


def test_only_who_knows_the_password_gets_in(server: Server) -> None:
    server.start()
    for dsn, method in ((server.dsn(), "operator"), (server.dsn(superuser=True), "postgres")):
        assert value(dsn, "select current_user") == method
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(dsn, password="guessed")
    query = "select string_agg(distinct auth_method, ',') from pg_hba_file_rules"
    assert value(server.dsn(superuser=True), query) == "scram-sha-256"
    assert value(server.dsn(superuser=True), "show listen_addresses") == "127.0.0.1"
    assert value(server.dsn(superuser=True), "show unix_socket_directories") == ""
    assert (server.home / "server.json").stat().st_mode & 0o777 == 0o600
    assert server.log.stat().st_mode & 0o077 == 0
    assert data(server).stat().st_mode & 0o077 == 0


def test_the_operator_is_no_superuser_and_owns_the_database(server: Server) -> None:
    server.start()
    query = "select rolsuper::text || rolcreaterole || rolcreatedb from pg_roles where rolname = current_user"
    assert value(server.dsn(), query) == "falsetruefalse"
    assert value(server.dsn(), "select datdba::regrole::text from pg_database where datname = 'freehold'") == "operator"


def test_nothing_of_the_machine_is_changed(server: Server, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    programs = binaries.find_binaries().directory
    before = modes(tmp_path), modes(programs), pwd.getpwall()
    server.start()
    assert (modes(tmp_path), modes(programs), pwd.getpwall()) == before


def test_libpq_variables_do_not_lead_astray(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, wrong in {"PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGSSLMODE": "require", "PGDATA": "/x"}.items():
        monkeypatch.setenv(name, wrong)
    server.start()
    assert value(server.dsn(), "select 1") == 1


def test_data_of_another_major_version_is_refused(server: Server) -> None:
    server.start()
    server.stop()
    version = data(server) / "PG_VERSION"
    kept = version.read_text()
    version.write_text("9\n")
    with pytest.raises(ServerError, match="PostgreSQL 9's"):
        server.start()
    version.write_text(kept)


@pytest.mark.skipif(not ROOT, reason="an ordinary user runs all of these tests as one")
def test_as_an_ordinary_user() -> None:
    nobody = pwd.getpwnam("nobody")
    script = START + "\nimport os, psycopg\nprint(os.geteuid(), psycopg.connect(server.dsn()).info.user, server.stop())"
    home = Path("/var/tmp") / f"freehold-test-{os.getpid()}"
    home.mkdir(mode=0o700)
    command, options = [sys.executable, "-c", script, str(home)], {"HOME": str(home), "PATH": os.environ["PATH"]}
    try:
        try:
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
            done = subprocess.run(
                command, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/", env=options,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        except PermissionError:
            # Python itself is root's alone here: an ordinary user of a namespace instead.
            os.chown(home, 0, 0)
            user = [f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}"]
            command = ["unshare", "--user", *user, *command]
            done = subprocess.run(command, cwd="/", env=options, capture_output=True, text=True, check=False)
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[2:] == [str(nobody.pw_uid), "operator", "True"]


@pytest.mark.parametrize("how", [binaries.run_as(), *([RunAs.NOBODY] if ROOT else [])])
def test_each_way_to_run(how: RunAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "run_as", lambda: how)
    server = Server(tmp_path)
    try:
        server.start()
        pid, where = server.pid(), data(server)
        assert pid is not None
        owner = pwd.getpwnam("nobody").pw_uid if how is RunAs.NOBODY else os.geteuid()
        assert where.stat().st_uid == owner
        seen = subprocess.run(["ps", "-o", "uid=", "-p", str(pid)], capture_output=True, text=True, check=True)
        assert int(seen.stdout) == owner
        assert value(server.dsn(), "select 1") == 1
    finally:
        server.stop()
        if how is RunAs.NOBODY:
            shutil.rmtree(where.parent)


@pytest.mark.skipif(not ROOT, reason="only root falls back to nobody")
def test_nobody_gets_a_copy_of_programs_it_cannot_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    copy = cluster.copy_binaries(binaries.find_binaries(), closed)
    closed.chmod(0o700)
    monkeypatch.setattr(embedded, "run_as", lambda: RunAs.NOBODY)
    with Ephemeral(copy) as server:
        assert value(server.dsn(), "select 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700


def test_an_ephemeral_server_leaves_nothing() -> None:
    with Ephemeral() as server:
        directory = server._directory
        assert directory is not None
        assert value(server.dsn(), "show fsync") == "off"
    assert not directory.exists()


def test_what_a_killed_process_left_is_swept_up() -> None:
    script = "import os, sys; from freehold.embedded import Ephemeral\nserver = Ephemeral().__enter__()\n"
    script += "print(server._directory, flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    process.kill()
    process.communicate()
    assert left.exists()
    with Ephemeral():
        assert not left.exists()


def test_a_chosen_directory_is_never_passed_over(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="holds no PostgreSQL server"):
        binaries.find_binaries({"PG_BIN": str(tmp_path)})


def test_a_missing_server_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "wheel_directory", lambda: None)
    monkeypatch.setattr(binaries, "system_directories", list)
    with pytest.raises(ServerError, match="no PostgreSQL server is installed") as caught:
        binaries.find_binaries({})
    assert "freehold[embedded]" in str(caught.value.hint)


def test_a_server_that_does_not_start_shows_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_persistent_options", lambda: {"max_connections": "many"})
    with pytest.raises(ServerError, match="did not start") as caught:
        Server(tmp_path).start()
    assert "max_connections" in str(caught.value.detail)


def test_a_free_port_is_free() -> None:
    port = cluster.free_port()
    assert cluster.is_free(port)
