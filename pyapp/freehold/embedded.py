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
import secrets
import shutil
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
from freehold.binaries import Binaries, RunAs, ServerError, find_binaries, run_as
from freehold.cluster import HOST, SUPERUSER, Cluster, free_port, is_free, reachable_binaries

DATABASE = "freehold"
OPERATOR = "operator"


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
                if not is_free(state.port):
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

    def uri(self) -> str:
        """How to connect as the operator, to be shown: without the password."""
        return f"postgresql://{OPERATOR}@{HOST}:{self._state().port}/{DATABASE}"

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
        base = self.home
        if how is RunAs.NOBODY:
            # nobody cannot pass through a home that is closed to others, and no mode is changed for it.
            base = Path(tempfile.mkdtemp(prefix="freehold-", dir="/var/tmp"))
            base.chmod(0o711)
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
        if self.home.stat().st_uid != os.geteuid():
            raise ServerError(f"{self.home} belongs to another account", hint="Choose another FREEHOLD_HOME.")
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
        binaries = self._given or find_binaries()
        if how is RunAs.NOBODY:
            directory.chmod(0o711)
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

    def restart(self, mode: str = "fast") -> None:
        """Stops the server, and starts it again at the same port.

        Args:
            mode: ``fast``, or ``immediate`` for one that has to recover.
        """
        self._cluster.stop(mode)
        self._cluster.start(self.port, _ephemeral_options() | self._options)

    @property
    def log(self) -> Path:
        """The server's log file."""
        assert self._directory is not None
        return self._directory / "server.log"

    def dsn(self, dbname: str = "postgres") -> str:
        """How to connect as the superuser."""
        return _dsn(self.port, SUPERUSER, self._password, dbname)


def _dsn(port: int, user: str, password: str, dbname: str) -> str:
    # Said in full, as libpq's variables fill in what is left out.
    return make_conninfo(
        "", host=HOST, hostaddr=HOST, port=port, user=user, password=password, dbname=dbname, sslmode="disable"
    )


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
            # Others may make such names here.
            if not owner.isdigit() or _alive(int(owner)) or directory.lstat().st_uid != os.geteuid():
                continue
            Cluster(find_binaries(), directory / "data", how, directory / "server.log").stop("immediate")
            shutil.rmtree(directory, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
