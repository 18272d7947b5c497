r"""The SQL of freehold as one text.

``sql/install.sql`` is a manifest of ``\ir`` lines. psql follows them itself; everyone else
takes the same files, in the same order, from here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg

_INCLUDE = re.compile(r"\\ir\s+(?:'([^']+)'|(\S+))\s*")


class ManifestError(ValueError):
    r"""A file holds another meta-command than ``\ir``, or names no file to include."""


@dataclass(frozen=True)
class Part:
    """A run of lines from one file.

    Attributes:
        offset: Where it begins in the bundle's text, in characters from 0.
        path: The file.
        line: The line of the file that it begins with, from 1.
    """

    offset: int
    path: Path
    line: int


@dataclass(frozen=True)
class Bundle:
    """The text of a manifest and of the files that it includes.

    Attributes:
        text: All of it, as psql sends it.
        parts: Where it comes from, in its order.
    """

    text: str
    parts: tuple[Part, ...]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, each once, in the order in which they begin."""
        return tuple(dict.fromkeys(part.path for part in self.parts))

    def locate(self, offset: int) -> tuple[Path, int]:
        """Where a place in the text comes from.

        Args:
            offset: Characters from the beginning of ``text``, from 0.

        Returns:
            The file and the line in it, from 1.
        """
        part = self.parts[max(bisect_right([part.offset for part in self.parts], offset) - 1, 0)]
        return part.path, part.line + self.text.count("\n", part.offset, offset)


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


def isolation_suite() -> Path:
    """The directory of the pgTAP files that any adopter can run: in the package, or in a checkout.

    Raises:
        FileNotFoundError: The package was installed without them.
    """
    package = Path(__file__).resolve().parent
    for root in (package / "pgtap" / "isolation", package.parents[1] / "tests" / "pgtap" / "isolation"):
        if root.is_dir():
            return root
    raise FileNotFoundError(f"no pgTAP files in {package}: the package is incomplete")


def expand(manifest: Path) -> Bundle:
    r"""Expands a manifest.

    Args:
        manifest: A file with lines ``\ir path``; the rest of it stays as it is. An included
            file may include others.

    Returns:
        The text, each file beginning on a line of its own.

    Raises:
        ManifestError: There is another meta-command, or a file is missing or included twice.
    """
    texts: list[str] = []
    parts: list[Part] = []
    offset = 0
    for path, first, text in _read(manifest.resolve(), {}):
        parts.append(Part(offset, path, first))
        texts.append(text)
        offset += len(text)
    return Bundle("".join(texts), tuple(parts))


def install_bundle() -> Bundle:
    """The installation: ``sql/install.sql`` expanded."""
    return expand(sql_root() / "install.sql")


def uninstall_bundle() -> Bundle:
    """The removal: ``sql/uninstall.sql``."""
    return expand(sql_root() / "uninstall.sql")


def harden_bundle(*, undo: bool = False) -> Bundle:
    """What only a superuser runs: ``sql/harden.sql``, or ``sql/unharden.sql``."""
    return expand(sql_root() / ("unharden.sql" if undo else "harden.sql"))


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


def _read(path: Path, seen: dict[Path, Path]) -> Iterator[tuple[Path, int, str]]:
    """The runs of lines of a file and of what it includes: file, first line, text."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise ManifestError(f"{path} does not exist, included by {seen.get(path)}") from None
    start = 0
    for number, line in enumerate([*lines, "\\ir"]):
        if not line.startswith("\\"):
            continue
        if number > start:
            yield path, start + 1, "".join(f"{text}\n" for text in lines[start:number])
        start = number + 1
        if number == len(lines):
            return
        match = _INCLUDE.fullmatch(line)
        if match is None:
            raise ManifestError(f"{path}:{number + 1}: only \\ir is understood, not: {line}")
        included = (path.parent / (match[1] or match[2])).resolve()
        if included in seen or included == path:
            raise ManifestError(f"{path}:{number + 1}: {included} is included twice")
        seen[included] = path
        yield from _read(included, seen)
