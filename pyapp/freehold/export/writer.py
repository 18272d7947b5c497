"""Writes an export: one transaction, one snapshot, the rows as they come."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg
import pyrage

from freehold.control import Control, Row
from freehold.export.format import Frames, Header
from freehold.export.target import Target

_CHUNK = 256 * 1024


@dataclass(frozen=True)
class Summary:
    """What was written.

    Attributes:
        path: Where.
        tenant: The tenant's id.
        rows: How many rows.
        bytes: The file's size.
        sha256: The file's digest, which the operation keeps.
        recipient: Which key encrypted it; None where none did.
        version: That key's version.
    """

    path: Path
    tenant: str
    rows: int
    bytes: int
    sha256: str
    recipient: str | None
    version: int | None


def write(control: Control, slug: str, path: Path, key: Row | None) -> Summary:
    """Writes a tenant to a new file. Killed at any point it leaves none.

    Args:
        control: Over a connection in autocommit mode.
        slug: The tenant's slug.
        path: Where it goes; nothing is overwritten.
        key: The tenant's current key, a row of ``tenant_key_list``; None: everybody can read the file.

    Returns:
        What was written.

    Raises:
        FileExistsError: Something is there.
        FreeholdError: What ``tenant_export_begin`` raises.
    """
    connection = control.connection
    with Target(path) as target:
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read")
            begun = control.tenant_export_begin(slug)
            tenant = begun["manifest"]["tenant"]["id"]
            header = Header(tenant) if key is None else Header(tenant, key["recipient"], key["version"])
            if key is not None and str(key["tenant_id"]) != tenant:
                raise ValueError("the key is another tenant's")
            rows: dict[str, int] = {}
            with _acting(connection, begun["settings"]):
                content = _content(connection, begun, header, rows)
                target.write(header.line())
                if key is None:
                    for frame in content:
                        target.write(frame)
                else:
                    _encrypt(content, target, key["recipient"])
            target.flush()
            total = sum(rows.values())
            control.tenant_export_end(slug, total, target.size, target.sha256(), header.recipient)
        target.publish()
        return Summary(path, tenant, total, target.size, target.sha256(), header.recipient, header.version)


@contextlib.contextmanager
def _acting(connection: psycopg.Connection[Any], settings: list[list[str]]) -> Iterator[None]:
    """The settings of an export, the owner's role among them. Names are looked up in the tenant's schema meanwhile."""
    before = connection.execute("select current_setting('search_path'), current_setting('role')").fetchone()
    assert before is not None
    for name, value in settings:
        connection.execute("select pg_catalog.set_config(%s, %s, true)", (name, value))
    yield
    for name, value in (("role", before[1]), ("search_path", before[0])):
        connection.execute("select pg_catalog.set_config(%s, %s, true)", (name, value))


def _content(
    connection: psycopg.Connection[Any], begun: Mapping[str, Any], header: Header, rows: dict[str, int]
) -> Iterator[bytes]:
    frames = Frames()
    yield frames.make(b"H", header.line())
    yield frames.make_json(b"M", begun["manifest"])
    for table in begun["tables"]:
        name = table["name"]
        yield frames.make_json(b"T", {"name": name})
        rows[name] = 0
        with connection.cursor() as cursor, cursor.copy(table["copy"]) as copy:
            chunk = bytearray()
            for line in copy:
                chunk += line
                rows[name] += 1
                if len(chunk) >= _CHUNK:
                    yield frames.make_rows(bytes(chunk))
                    chunk.clear()
            if chunk:
                yield frames.make_rows(bytes(chunk))
        yield frames.make_json(b"E", {"rows": rows[name]})
    # After the rows, so that no sequence is behind them.
    values = []
    for sequence in begun["sequences"]:
        found = connection.execute(sequence["query"]).fetchone()
        assert found is not None
        values.append({"name": sequence["name"], "last_value": found[0], "is_called": found[1]})
    yield frames.make_json(b"S", {"sequences": values})
    digest = frames.digest()
    yield frames.make_json(b"Z", {"rows": rows, "sha256": digest})


class _Reader(io.RawIOBase):
    """Frames as a file to be read, for what encrypts."""

    def __init__(self, content: Iterator[bytes]) -> None:
        self.error: BaseException | None = None
        self._content, self._rest = content, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            try:
                self._rest = next(self._content, b"")
            except BaseException as error:
                self.error = error
                raise
        view, self._rest = self._rest[:size], self._rest[size:]
        return view


def _encrypt(content: Iterator[bytes], target: Target, recipient: str) -> None:
    reader, key = _Reader(content), pyrage.x25519.Recipient.from_str(recipient)
    try:
        pyrage.encrypt_io(cast("io.BufferedIOBase", reader), cast("io.BufferedIOBase", target), [key])
    except pyrage.EncryptError:
        # It tells of errors in words only.
        if reader.error is not None:
            raise reader.error from None
        raise
