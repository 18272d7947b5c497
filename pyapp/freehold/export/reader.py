"""Reads an export: all of it, before anything of it stays."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyrage

from freehold.control import Control, Row
from freehold.datakeys import KeyUnavailable, Provider
from freehold.datakeys import tenant as keys
from freehold.export.format import Damaged, Header, Parser, parse_json, parse_rows, read_header

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\\\"}


def restore(
    control: Control,
    path: Path,
    slug: str,
    *,
    provider: Provider | None = None,
    display_name: str | None = None,
    external_id: str | None = None,
) -> Row:
    """Makes a tenant from a file, in one transaction: killed at any point it leaves nothing.

    Args:
        control: Over a connection in autocommit mode, to the database that has the key.
        path: The file.
        slug: The new tenant's slug.
        provider: Who unwraps the key of an encrypted file.
        display_name: The new tenant's name; by default the exported one's.
        external_id: The new tenant's external id; by default none, as the exported tenant may have its own still.

    Returns:
        The new tenant's registry row.

    Raises:
        Damaged: The file is not what was written.
        KeyUnavailable: There is no key for it.
        FreeholdError: What ``tenant_restore_begin`` and ``tenant_restore_end`` raise.
    """
    with path.open("rb") as file:
        header, line = read_header(file)
        identity = None
        if header.recipient is not None:
            if provider is None:
                raise KeyUnavailable("the export is encrypted, and no key provider is named")
            identity = keys.identity(control, provider, header.recipient)
        with control.connection.transaction():
            writing = _Restore(control, slug, line, header, display_name=display_name, external_id=external_id)
            _decrypt(file, writing, identity)
            return writing.finish()


class _Restore:
    """Takes the content of a file, and writes what it says."""

    def __init__(
        self,
        control: Control,
        slug: str,
        line: bytes,
        header: Header,
        **names: str | None,
    ) -> None:
        self._control, self._slug, self._line, self._header = control, slug, line, header
        self._names = names
        self._parser = Parser()
        self._expected = b"H"
        self._manifest: dict[str, Any] = {}
        self._columns: dict[str, int] = {}
        self._table = ""
        self._rows: dict[str, int] = {}
        self._sequences: list[Any] = []

    def write(self, data: bytes) -> int:
        """Takes more of it."""
        for kind, content in self._parser.feed(data):
            if kind not in self._expected:
                raise Damaged("its parts are not in their order")
            getattr(self, f"_take_{kind.decode().lower()}")(content)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def finish(self) -> Row:
        """Ends it, when all of the file was there."""
        if not self._parser.ended:
            raise Damaged("it ends before its end")
        return self._control.tenant_restore_end(
            self._slug, self._manifest, {"rows": self._rows, "sequences": self._sequences}
        )

    def _take_h(self, content: bytes) -> None:
        if content != self._line:
            raise Damaged("its first line is not the one that was written")
        self._expected = b"M"

    def _take_m(self, content: bytes) -> None:
        self._manifest = parse_json(content)
        try:
            if self._manifest["tenant"]["id"] != self._header.tenant:
                raise Damaged("its first line is another tenant's")
            self._columns = {table["name"]: len(table["columns"]) for table in self._manifest["tables"]}
        except (KeyError, TypeError):
            raise Damaged("its manifest cannot be read") from None
        self._control.tenant_restore_begin(self._slug, self._manifest, **self._names)
        self._expected = b"TS"

    def _take_t(self, content: bytes) -> None:
        self._table = parse_json(content).get("name", "")
        if self._table not in self._columns or self._table in self._rows:
            raise Damaged("its tables are not those of its manifest")
        self._rows[self._table] = 0
        self._expected = b"RE"

    def _take_r(self, content: bytes) -> None:
        try:
            lines = parse_rows(content).decode().split("\n")[:-1]
        except UnicodeDecodeError:
            raise Damaged("rows of it cannot be read") from None
        rows = [_literal(line) for line in lines] if self._columns[self._table] else ["()"] * len(lines)
        self._control.tenant_restore_rows(self._slug, self._table, rows)
        self._rows[self._table] += len(rows)

    def _take_e(self, content: bytes) -> None:
        if parse_json(content).get("rows") != self._rows[self._table]:
            raise Damaged("rows of it are missing")
        self._expected = b"TS"

    def _take_s(self, content: bytes) -> None:
        self._sequences = parse_json(content).get("sequences", [])
        self._expected = b"Z"

    def _take_z(self, content: bytes) -> None:
        if parse_json(content).get("rows") != self._rows or set(self._rows) != set(self._columns):
            raise Damaged("tables of it are missing")


def _literal(line: str) -> str:
    """A line of COPY as the text of a composite value."""
    if "\\" not in line:
        return '("' + line.replace('"', '""').replace("\t", '","') + '")'
    return "(" + ",".join(_field(field) for field in line.split("\t")) + ")"


def _field(field: str) -> str:
    if field == "\\N":
        return ""
    if "\\" in field:
        field = _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), field)
    return '"' + field.replace('"', '""') + '"'


def _decrypt(file: BinaryIO, writing: _Restore, identity: pyrage.x25519.Identity | None) -> None:
    if identity is None:
        while data := file.read(1 << 16):
            writing.write(data)
        return
    try:
        pyrage.decrypt_io(cast("io.BufferedIOBase", file), cast("io.BufferedIOBase", writing), [identity])
    except pyrage.DecryptError as error:
        raise Damaged(f"it cannot be decrypted: {error}") from None
    except OSError as error:
        if error.errno is not None:
            raise
        raise Damaged("it was changed, or ends before its end") from None
