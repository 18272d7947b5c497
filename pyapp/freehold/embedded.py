"""The embedded PostgreSQL: a server of one's own, on loopback, without an installation.

``Server`` is the one behind the command line: its data stays between runs. ``Ephemeral`` is
for tests: as fast as it can be, gone at the end. Both ask for a password (SCRAM) even on
loopback, where any account of the machine can connect; neither changes anything outside its
own directory.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from freehold import settings
from freehold.binaries import (
    Binaries,
    RunAs,
    ServerError,
    find_binaries,
    hand_to_server,
    run_as,
    run_program,
)

DATABASE = "freehold"
OPERATOR = "operator"
SUPERUSER = "postgres"
_HOST = "127.0.0.1"
_START_SECONDS = 60


@dataclass
class State:
    """What a persistent server remembers, in a file that only its owner can read.

    Attributes:
        port: TCP port on loopback, kept while it is free.
        superuser_password: Of the role ``postgres``.
        operator_password: Of the role ``operator``, which owns the database and may create roles.
        data: The data directory.
        run_as: As whom the server runs.
        ready: The operator and its database exist.
    """

    port: int
    superuser_password: str
    operator_password: str
    data: str
    run_as: str
    ready: bool = False


class Cluster:
    """A data directory and the server on it.

    Args:
        binaries: The server's programs.
        data: The data directory; made by ``create``.
        how: As whom the server runs.
        log: The server's log file.
    """

    def __init__(self, binaries: Binaries, data: Path, how: RunAs, log: Path) -> None:
        self.binaries, self.data, self.how, self.log = binaries, data, how, log

    def create(self, password: str, *, sync: bool) -> None:
        """Makes the data directory, with ``postgres`` as superuser.

        Raises:
            ServerError: initdb failed.
        """
        locale = ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--locale=C", "--lc-ctype=UTF-8"]
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        hand_to_server(fresh, self.how)
        descriptor, name = tempfile.mkstemp(dir=self.data.parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(password)
            hand_to_server(Path(name), self.how)
            run_program(
                [self.binaries.directory / "initdb", "-D", fresh, "-U", SUPERUSER, "-A", "scram-sha-256",
                 f"--pwfile={name}", "-E", "UTF8", *locale, *([] if sync else ["--no-sync"])],
                self.how,
            )  # fmt: skip
        finally:
            Path(name).unlink()
        fresh.rename(self.data)

    def pid(self) -> int | None:
        """The server's process, or None where it does not run.

        A process id left by a crash may belong to another program by now.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            command = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self.data) in command.stdout and "postgres" in command.stdout else None

    def start(self, port: int, options: Mapping[str, str | int]) -> None:
        """Starts the server on loopback; a process id left by a crash is no hindrance.

        Raises:
            ServerError: It did not start; ``detail`` is the end of its log.
        """
        if self.pid() is None:
            self._disown()
        self.log.touch(mode=0o600)
        hand_to_server(self.log, self.how)
        told = ["-h", _HOST, "-p", str(port), "-k", ""]
        for name, value in options.items():
            told += ["-c", f"{name}={value}"]
        try:
            run_program(
                [self.binaries.directory / "pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", str(_START_SECONDS),
                 "-o", shlex.join(told), "start"],
                self.how,
            )  # fmt: skip
        except ServerError as error:
            lines = self.log.read_text(errors="replace").splitlines()
            raise ServerError(
                "the embedded PostgreSQL did not start",
                detail="\n".join(lines[-8:]) or error.detail,
                hint=f"Its log is {self.log}.",
            ) from error

    def _disown(self) -> None:
        """Puts the id of a process that has ended into a pid file left by a crash.

        PostgreSQL takes any live process of that id for its own. The rest of the file stays:
        by it PostgreSQL sees whether processes of the crashed server are still at work.
        """
        path = self.data / "postmaster.pid"
        if path.exists():
            ended = subprocess.Popen(["true"])
            ended.wait()
            path.write_text("\n".join([str(ended.pid), *path.read_text().split("\n")[1:]]))

    def stop(self, mode: str = "fast") -> bool:
        """Stops the server; returns whether it ran."""
        if self.pid() is None:
            return False
        run_program(
            [self.binaries.directory / "pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", "60", "stop"],
            self.how,
        )
        return True


class Server:
    """The command line's own server, kept in freehold's home.

    Args:
        home: Where it lives; ``settings.home()`` where none is given.
        binaries: The server's programs; looked for where none are given.
    """

    def __init__(self, home: Path | None = None, binaries: Binaries | None = None) -> None:
        self.home = (home or settings.home()) / "embedded"
        self._binaries = binaries

    @property
    def log(self) -> Path:
        """The server's log file."""
        return Path(self._state().data).parent / "server.log"

    def start(self) -> bool:
        """Starts the server, made at the first call; returns whether it was stopped before.

        Raises:
            ServerError: It cannot be started.
        """
        with self._locked():
            state = self._load() or self._new_state()
            cluster = self._cluster(state)
            made = self._major(cluster)
            if made is None:
                cluster.create(state.superuser_password, sync=True)
            elif made != cluster.binaries.major:
                raise ServerError(
                    f"the embedded server's data is PostgreSQL {made}'s, its programs are {cluster.binaries.major}'s",
                    detail=f"Data: {cluster.data}. Programs: {cluster.binaries.directory}.",
                    hint=f"Set PG_BIN to a PostgreSQL {made}, or move {self.home} away.",
                )
            running = cluster.pid() is not None
            if not running:
                if not _is_free(state.port):
                    state.port = free_port()
                    self._save(state)
                cluster.start(state.port, _persistent_options())
            if not state.ready:
                _make_operator(state)
                state.ready = True
                self._save(state)
            return not running

    def stop(self) -> bool:
        """Stops the server, its data kept; returns whether it ran."""
        if not self.home.is_dir():
            return False
        with self._locked():
            state = self._load()
            return state is not None and self._cluster(state).stop()

    def pid(self) -> int | None:
        """The server's process id, or None where it does not run."""
        state = self._load()
        return None if state is None else self._cluster(state).pid()

    def dsn(self, *, superuser: bool = False) -> str:
        """How to connect: as the operator, who owns the database, or as the superuser.

        Raises:
            ServerError: The server was never started.
        """
        state = self._state()
        if superuser:
            return _dsn(state.port, SUPERUSER, state.superuser_password, DATABASE)
        return _dsn(state.port, OPERATOR, state.operator_password, DATABASE)

    def _state(self) -> State:
        state = self._load()
        if state is None:
            raise ServerError("the embedded server was never started", hint="freehold embedded start")
        return state

    def _load(self) -> State | None:
        try:
            return State(**json.loads((self.home / "server.json").read_text()))
        except FileNotFoundError:
            return None
        except (TypeError, ValueError) as error:
            raise ServerError(f"{self.home / 'server.json'} is damaged", detail=str(error)) from error

    def _save(self, state: State) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.home, prefix="server.", suffix=".json")
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(state), file, indent=2)
        Path(name).replace(self.home / "server.json")

    def _new_state(self) -> State:
        how = run_as()
        # nobody cannot pass through a home that is closed to others, and no mode is changed for it.
        base = Path(tempfile.mkdtemp(prefix="freehold-", dir="/var/tmp")) if how is RunAs.NOBODY else self.home
        hand_to_server(base, how) if how is RunAs.NOBODY else None
        state = State(free_port(), secrets.token_urlsafe(24), secrets.token_urlsafe(24), str(base / "data"), how.value)
        self._save(state)
        return state

    def _cluster(self, state: State) -> Cluster:
        data, how = Path(state.data), RunAs(state.run_as)
        binaries = self._binaries = self._binaries or find_binaries()
        if how is RunAs.NOBODY:
            binaries = reachable_binaries(binaries, data.parent)
        return Cluster(binaries, data, how, data.parent / "server.log")

    def _major(self, cluster: Cluster) -> int | None:
        try:
            return int((cluster.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Ephemeral:
    """A server for the length of a ``with`` block, in memory where the machine has /dev/shm.

    Args:
        binaries: The server's programs; looked for where none are given.
        options: Settings beside the usual ones.
    """

    def __init__(self, binaries: Binaries | None = None, options: Mapping[str, str | int] | None = None) -> None:
        self._given = binaries
        self._options = dict(options or {})
        self._password = secrets.token_urlsafe(24)
        self._directory: Path | None = None
        self.port = 0

    def __enter__(self) -> Ephemeral:
        how = run_as()
        parent = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())  # noqa: S108
        _sweep(parent, how)
        directory = self._directory = Path(tempfile.mkdtemp(prefix=f"freehold-pg-{os.getpid()}-", dir=parent))
        hand_to_server(directory, how)
        binaries = self._given or find_binaries()
        if how is RunAs.NOBODY:
            binaries = reachable_binaries(binaries, directory)
        self._cluster = Cluster(binaries, directory / "data", how, directory / "server.log")
        try:
            self._cluster.create(self._password, sync=False)
            self.port = free_port()
            self._cluster.start(self.port, _ephemeral_options() | self._options)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._cluster.stop("immediate")
        finally:
            if self._directory is not None:
                shutil.rmtree(self._directory, ignore_errors=True)

    def dsn(self, dbname: str = "postgres") -> str:
        """How to connect as the superuser."""
        return _dsn(self.port, SUPERUSER, self._password, dbname)


def free_port() -> int:
    """A TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def reachable_binaries(binaries: Binaries, beside: Path) -> Binaries:
    """Binaries that ``nobody`` can run: these, or a copy where a directory above them is closed.

    Args:
        binaries: The programs to run.
        beside: A directory that ``nobody`` can reach; a copy goes into it.
    """
    with contextlib.suppress(ServerError, OSError):
        run_program([binaries.directory / "postgres", "--version"], RunAs.NOBODY)
        return binaries
    copy = beside / "postgresql"
    if not copy.exists():
        shutil.copytree(binaries.directory.parent, copy, symlinks=True)
    return Binaries(copy / binaries.directory.name, binaries.major)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _dsn(port: int, user: str, password: str, dbname: str) -> str:
    return make_conninfo("", host=_HOST, port=port, user=user, password=password, dbname=dbname)


def _common_options() -> dict[str, str | int]:
    # Thousands of schemas are some hundred thousand files; opening each at recovery takes minutes.
    return {"max_connections": 100} | ({"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {})


def _persistent_options() -> dict[str, str | int]:
    return _common_options() | {"shared_buffers": "128MB", "logging_collector": "off"}


def _ephemeral_options() -> dict[str, str | int]:
    unsafe = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
    return _common_options() | unsafe


def _make_operator(state: State) -> None:
    """The operator: no superuser, as freehold asks for no more."""
    dsn = _dsn(state.port, SUPERUSER, state.superuser_password, "postgres")
    with psycopg.connect(dsn, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", (OPERATOR,)).fetchone()
        connection.execute(
            sql.SQL("{} role {} login createrole nosuperuser password {}").format(
                sql.SQL("alter" if known else "create"),
                sql.Identifier(OPERATOR),
                sql.Literal(state.operator_password),
            )
        )
        if connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone() is None:
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(DATABASE), sql.Identifier(OPERATOR))
            )


def _sweep(parent: Path, how: RunAs) -> None:
    """Removes what ephemeral servers left whose process was killed."""
    for directory in parent.glob("freehold-pg-*-*"):
        owner = directory.name.split("-")[2]
        with contextlib.suppress(OSError, ServerError):
            # Others may make such names here; only root runs servers as somebody else.
            if not owner.isdigit() or _alive(int(owner)) or directory.lstat().st_uid not in _own_accounts():
                continue
            Cluster(find_binaries(), directory / "data", how, directory / "server.log").stop("immediate")
            shutil.rmtree(directory, ignore_errors=True)


def _own_accounts() -> set[int]:
    own = os.geteuid()
    return {own} if own else {0, pwd.getpwnam("nobody").pw_uid}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
