r"""The file: a line in the clear, then frames, encrypted in the age format or not.

The line says whose it is and which key opens it. The first frame repeats it, so that nobody can change it. The frames:

    H  the line                      once
    M  the manifest, JSON            once
    T  a table's name, JSON          \
    R  rows of it, zlib of COPY text  | for each table
    E  their number, JSON            /
    S  the sequences, JSON           once
    Z  numbers of rows by table, and the SHA-256 of all frames before, JSON; the last

A frame is a letter, four bytes that tell its length, and that many bytes. In the age format chunks of 64 kB are
numbered, each and the last one as such authenticated: none can be changed, moved, left out or put in, and the file
cannot end before its end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO
from uuid import UUID

MAGIC = b"freehold-export 1 "
_MAX_LINE = 4096
_MAX_FRAME = 0x7FFF_FFFF
# A row is at most 1 GB, and comes alone where it is larger than a chunk.
_MAX_ROWS = (1 << 30) + (1 << 20)
_HEAD = struct.Struct(">cI")


class Damaged(ValueError):
    """A file is not what was written; the message says in what way."""


@dataclass(frozen=True)
class Header:
    """The line in the clear.

    Attributes:
        tenant: The tenant's id.
        recipient: Which key encrypted it; None where none did.
        version: That key's version.
    """

    tenant: str
    recipient: str | None = None
    version: int | None = None

    def line(self) -> bytes:
        """As it is written."""
        return MAGIC + json.dumps(asdict(self), sort_keys=True).encode() + b"\n"


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """The header of a file, and its line as it stands there.

    Raises:
        Damaged: It is no export.
    """
    line = file.readline(_MAX_LINE)
    if line.startswith(MAGIC) and line.endswith(b"\n"):
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            header = Header(**json.loads(line[len(MAGIC) :]))
            UUID(header.tenant)
            if header.line() == line:
                return header, line
    raise Damaged("it is not an export of freehold's, or its first line was changed")


class Frames:
    """Makes frames, and keeps account of them."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def make(self, kind: bytes, data: bytes) -> bytes:
        """One frame."""
        frame = _HEAD.pack(kind, len(data)) + data
        self._digest.update(frame)
        return frame

    def make_json(self, kind: bytes, data: object) -> bytes:
        """One frame of JSON."""
        return self.make(kind, json.dumps(data, ensure_ascii=False).encode())

    def make_rows(self, rows: bytes) -> bytes:
        """One frame of rows."""
        return self.make(b"R", zlib.compress(rows, 1))

    def digest(self) -> str:
        """Of all frames so far."""
        return self._digest.hexdigest()


class Parser:
    """Takes bytes as they come, and gives frames as they are complete.

    Attributes:
        ended: The last frame was there.
    """

    def __init__(self) -> None:
        self.ended = False
        self._buffer = bytearray()
        self._digest = hashlib.sha256()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The frames that these bytes complete.

        Raises:
            Damaged: They are none, or are not what was written.
        """
        self._buffer += data
        while not self.ended and len(self._buffer) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._buffer)
            if kind not in (b"H", b"M", b"T", b"R", b"E", b"S", b"Z") or length > _MAX_FRAME:
                raise Damaged("its content is not that of an export")
            end = _HEAD.size + length
            if len(self._buffer) < end:
                return
            frame = bytes(self._buffer[:end])
            del self._buffer[:end]
            content = frame[_HEAD.size :]
            if kind == b"Z":
                self.ended = True
                if parse_json(content).get("sha256") != self._digest.hexdigest():
                    raise Damaged("its content was changed")
            self._digest.update(frame)
            yield kind, content
        if self.ended and self._buffer:
            raise Damaged("it goes on after its end")


def parse_json(content: bytes) -> dict[str, Any]:
    """The object of a frame.

    Raises:
        Damaged: It is none.
    """
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Damaged("a part of it cannot be read")
    return value


def parse_rows(content: bytes) -> bytes:
    """The rows of a frame, as COPY wrote them.

    Raises:
        Damaged: They are none.
    """
    unpacker = zlib.decompressobj()
    try:
        rows = unpacker.decompress(content, _MAX_ROWS)
    except zlib.error:
        raise Damaged("rows of it cannot be read") from None
    if not unpacker.eof or unpacker.unused_data or not rows.endswith(b"\n"):
        raise Damaged("rows of it cannot be read")
    return rows
