r"""The SQL of freehold as one text.

``sql/install.sql`` is a manifest of ``\ir`` lines. psql follows them itself; everyone else
takes the same files, in the same order, from here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

_INCLUDE = re.compile(r"\\ir\s+(?:'([^']+)'|(\S+))\s*")


class ManifestError(ValueError):
    """A manifest holds something else than includes and comments, or names no file."""


@dataclass(frozen=True)
class Bundle:
    """The text of a manifest's files.

    Attributes:
        text: All files, one after the other.
        files: Offset in ``text`` (characters, from 0) at which each file begins, and the file.
    """

    text: str
    files: tuple[tuple[int, Path], ...]

    def locate(self, offset: int) -> tuple[Path, int]:
        """Where a place in the text comes from.

        Args:
            offset: Characters from the beginning of ``text``, from 0.

        Returns:
            The file and the line in it, from 1.
        """
        start, path = self.files[max(bisect_right([at for at, _ in self.files], offset) - 1, 0)]
        return path, self.text.count("\n", start, offset) + 1


@cache
def sql_root() -> Path:
    """The directory that holds ``install.sql``: in the package, or beside it in a checkout.

    Raises:
        FileNotFoundError: The package was installed without its SQL.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "sql", package.parents[1] / "sql"):
        if root.is_dir():
            return root
    raise FileNotFoundError(f"no sql directory in {package}: the package is incomplete")


def expand(manifest: Path) -> Bundle:
    r"""Expands a manifest.

    Args:
        manifest: A file of ``\ir path`` lines, ``--`` comments and blank lines; an included
            file may be a manifest itself, which its first line that is no comment decides.

    Returns:
        The files' text, each beginning on a line of its own.

    Raises:
        ManifestError: A line is something else, or a file is missing or included twice.
    """
    parts: list[str] = []
    files: list[tuple[int, Path]] = []
    length = 0
    for path in _included(manifest.resolve(), []):
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n"):
            text += "\n"
        files.append((length, path))
        parts.append(text)
        length += len(text)
    return Bundle("".join(parts), tuple(files))


def install_bundle() -> Bundle:
    """The installation: ``sql/install.sql`` expanded."""
    return expand(sql_root() / "install.sql")


def uninstall_bundle() -> Bundle:
    """The removal: ``sql/uninstall.sql``."""
    return expand(sql_root() / "uninstall.sql")


def run(connection: psycopg.Connection[object], bundle: Bundle) -> None:
    """Runs a bundle in one transaction, as ``psql -1 -f`` does.

    What the files set for the session (their role, say) ends with it: the connection is
    returned to its defaults.

    Args:
        connection: A connection that is not in a transaction.
        bundle: The text to run.

    Raises:
        psycopg.Error: The first statement that failed; nothing has changed. ``location_of``
            says where it stands.
    """
    try:
        with connection.transaction():
            connection.execute(bundle.text.encode())
    finally:
        if not connection.closed:
            _reset(connection)


def location_of(error: psycopg.Error, bundle: Bundle) -> str | None:
    """Where in a bundle's files a statement failed.

    Args:
        error: What ``run`` raised.
        bundle: What it ran.

    Returns:
        ``file:line``, or None where the server names no place in the text.
    """
    position = error.diag.statement_position
    if not position:
        return None
    path, line = bundle.locate(int(position) - 1)
    return f"{path.name}:{line}"


def _reset(connection: psycopg.Connection[object]) -> None:
    autocommit = connection.autocommit
    connection.autocommit = True
    try:
        connection.execute("reset role")
        connection.execute("reset all")
    finally:
        connection.autocommit = autocommit


def _included(path: Path, above: list[Path]) -> list[Path]:
    if path in above:
        raise ManifestError(f"{path} includes itself")
    if not path.is_file():
        raise ManifestError(f"{path} does not exist" + (f", included by {above[-1]}" if above else ""))
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("--")]
    if not lines or not lines[0].startswith("\\"):
        return [path]
    found: list[Path] = []
    for line in lines:
        match = _INCLUDE.fullmatch(line)
        if match is None:
            raise ManifestError(f"{path}: a manifest holds \\ir lines and comments only, not: {line}")
        for included in _included((path.parent / (match[1] or match[2])).resolve(), [*above, path]):
            if included in found:
                raise ManifestError(f"{path} includes {included} twice")
            found.append(included)
    return found
