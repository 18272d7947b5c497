"""The erasure ledger: a file outside the database that says what was erased, for after a restore.

Needs the extra ``sign``. A signed document a line (JSON Lines), each with the digest of the line
before: a line that was changed, dropped, added or moved is found. Lines that are missing at the end
are not found by the file itself: keep it where nothing can be taken away.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from freehold import signing
from freehold.control import Control, Row
from freehold.signing import NotAuthentic

TYPE = "freehold.erasure.ledger"


@dataclass(frozen=True)
class Entry:
    """A line of the ledger.

    Attributes:
        tenant_id: Who was erased.
        erased_at: When.
        certificate: Digest of the certificate, None where there was none yet.
    """

    tenant_id: UUID
    erased_at: datetime
    certificate: str | None


@dataclass(frozen=True)
class Replayed:
    """What became of a tenant that the ledger says is erased.

    Attributes:
        tenant_id: Who.
        outcome: ``unknown`` to the database, ``gone`` already, ``erased`` again, or ``failed``.
        slug: Its slug, where the database knows it.
        error: Why it could not be erased.
    """

    tenant_id: UUID
    outcome: str
    slug: str | None = None
    error: psycopg.DatabaseError | None = None


def read(path: Path, key: Ed25519PublicKey) -> list[Entry]:
    """The ledger's entries.

    Args:
        path: The file.
        key: The public key of who wrote it.

    Raises:
        NotAuthentic: A line is not what was written, or not in its place; the message names it.
    """
    lines, rest = _lines(path.read_bytes())
    if rest:
        raise NotAuthentic(f"line {len(lines) + 1}: it is not complete")
    return list(_entries(lines, key))


def append(path: Path, key: Ed25519PrivateKey, erasures: Iterable[Entry], database: str) -> int:
    """Writes what the ledger does not have yet; the file is made where it is missing.

    Args:
        path: The file. Others that append wait.
        key: Whose word it is: that of all lines before.
        erasures: What was erased.
        database: Its name, for people.

    Returns:
        How many lines were written. They are on the disk.

    Raises:
        NotAuthentic: The ledger is not what was written with this key; nothing is added to it.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines, rest = _lines(file.read())
        known = list(_entries(lines, key.public_key()))
        # What a writer that was killed left of its line was never acknowledged.
        end = file.tell() - len(rest)
        written: list[bytes] = []
        for entry in erasures:
            if not _covered(entry, known):
                lines.append(signing.sign(_document(entry, lines, database), key))
                written.append(lines[-1] + b"\n")
                known.append(entry)
        _write(file, end, b"".join(written))
    return len(written)


def erasures(control: Control) -> Iterator[Entry]:
    """All erasures that the database knows, the oldest first."""
    for row in reversed(control.erasure_list(max_rows=2_147_483_647)):
        if row["erased_at"] is not None:
            yield entry_of(control, row)


def entry_of(control: Control, row: Row) -> Entry:
    """The entry of an erasure, a row of ``erasure_list``."""
    certificate = None
    if row["certificate"] is not None:
        # It is issued already; asked for again it is the same.
        from freehold.erasure.certificates import digest

        certificate = digest(control.erasure_certificate(row["tenant_id"]))
    return Entry(row["tenant_id"], row["erased_at"].astimezone(timezone.utc), certificate)


def replay(control: Control, entries: Iterable[Entry]) -> Iterator[Replayed]:
    """Erases again, after a restore, what the ledger says is erased.

    All of them are shut out before the first is erased. Safe to repeat, and to go on with after an
    interruption.

    Args:
        control: Over a connection in autocommit mode.
        entries: Of the ledger.

    Yields:
        What became of each. A failure does not stop the others.
    """
    latest = {entry.tenant_id: entry for entry in sorted(entries, key=lambda entry: entry.erased_at)}
    there = []
    for entry in latest.values():
        outcome, row = _step(control, entry)
        if outcome is not None:
            yield outcome
        elif row is not None:
            there.append((entry, row["slug"]))
    for entry, slug in there:
        outcome = None
        while outcome is None:
            outcome, _ = _step(control, entry)
        yield Replayed(entry.tenant_id, "erased", slug) if outcome.error is None else outcome


def _step(control: Control, entry: Entry) -> tuple[Replayed | None, Row | None]:
    """One call; no outcome while it is not over."""
    try:
        row = control.erasure_replay(entry.tenant_id, entry.erased_at, entry.certificate)
    except psycopg.DatabaseError as error:
        if error.sqlstate is None:
            raise
        return Replayed(entry.tenant_id, "failed", error=error), None
    if row is None:
        return Replayed(entry.tenant_id, "unknown"), None
    if row["state"] == "erased":
        return Replayed(entry.tenant_id, "gone", row["slug"]), row
    return None, row


def _covered(entry: Entry, known: Iterable[Entry]) -> bool:
    """Whether the ledger says as much already: a line without a certificate is followed by one with it."""
    return any(
        (other.tenant_id, other.erased_at) == (entry.tenant_id, entry.erased_at)
        and entry.certificate in (None, other.certificate)
        for other in known
    )


def _document(entry: Entry, lines: list[bytes], database: str) -> dict[str, Any]:
    return {
        "type": TYPE, "format": 1, "number": len(lines) + 1, "previous": _digest(lines[-1]) if lines else None,
        "written_at": datetime.now(timezone.utc).isoformat(), "database": database, "tenant_id": str(entry.tenant_id),
        "erased_at": entry.erased_at.isoformat(), "certificate": entry.certificate,
    }  # fmt: skip


def _entries(lines: list[bytes], key: Ed25519PublicKey) -> Iterator[Entry]:
    previous = None
    for number, line in enumerate(lines, 1):
        try:
            document = signing.verify(line, key)
        except NotAuthentic as error:
            raise NotAuthentic(f"line {number}: {error}") from None
        if document.get("type") != TYPE or document.get("format") != 1:
            raise NotAuthentic(f"line {number}: it is signed, and no line of an erasure ledger")
        if (document.get("number"), document.get("previous")) != (number, previous):
            raise NotAuthentic(f"line {number}: a line is missing before it, or it was moved")
        previous = _digest(line)
        erased_at = datetime.fromisoformat(document["erased_at"])
        yield Entry(UUID(document["tenant_id"]), erased_at, document["certificate"])


def _lines(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines, and what follows the last."""
    *lines, rest = data.split(b"\n")
    return lines, rest


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _write(file: BinaryIO, end: int, content: bytes) -> None:
    if content:
        file.seek(end)
        file.truncate()
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
