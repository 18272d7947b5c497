"""Entries of an audit trail, and what each changed: column by column, as it was and as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from freehold.calls import Row
from freehold.http.console.view import TOO_DEEP, clipped, compact, number

_MASKED = '"***"'
_VERBS = {"insert": "Inserted", "update": "Updated", "delete": "Deleted", "truncate": "Truncated"}


@dataclass(frozen=True)
class Change:
    """A column, or a detail: its value before and after, or one that did not change."""

    name: str
    old: str | None = None
    new: str | None = None
    same: str | None = None


@dataclass(frozen=True)
class Entry:
    """One entry, of the control plane's audit or of a table's.

    Attributes:
        table: Whose row it was; None for the control plane.
        verb: What happened to the row.
        key: Which row.
    """

    id: int
    at: datetime
    actor: str
    login: str
    request_id: str | None
    kind: str = ""
    table: str | None = None
    verb: str = ""
    key: str = ""
    reason: str | None = None
    changes: list[Change] = field(default_factory=list)


def of_event(row: Row) -> Entry:
    """An event of the control plane."""
    return Entry(
        row["id"], row["at"], row["actor"], row["login"], row["request_id"], kind=row["kind"], reason=row["reason"],
        changes=_details(row["detail"]),
    )  # fmt: skip


def of_row(row: Row) -> Entry:
    """A change of a row."""
    key = row["key"] or {}
    return Entry(
        row["id"], row["at"], row["actor"], row["login"], row["request_id"], table=row["table_name"],
        verb=_VERBS.get(row["action"], str(row["action"])),
        key=clipped(", ".join(f"{name} = {compact(value)}" for name, value in key.items())),
        changes=_images(row),
    )  # fmt: skip


def _images(row: Row) -> list[Change]:
    old, new = row["old"], row["new"]
    if old is None and new is None and row["characters"]:
        return [Change("row", same=f"{number(row['characters'])} characters: freehold audit history tells them")]
    if isinstance(old, str) or isinstance(new, str):
        # Nested too deeply to be taken apart.
        return [Change("row", _clipped(old), _clipped(new))]
    return _columns(old, new)


def _columns(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Change]:
    before, after = old or {}, new or {}
    found = []
    for name in dict.fromkeys([*before, *after]):
        was = _shown(before[name]) if name in before else None
        now = _shown(after[name]) if name in after else None
        # Of two that cannot be shown nobody knows whether they differ.
        if was != now or was == TOO_DEEP:
            found.append(Change(name, _clipped(was), _clipped(now)))
        elif was == _MASKED:
            found.append(Change(name, same="changed, and masked"))
    return found


def _details(detail: Mapping[str, Any]) -> list[Change]:
    old, new = detail.get("old"), detail.get("new")
    told = sorted((name, value) for name, value in detail.items() if name not in ("old", "new"))
    rest = [Change(name, same=clipped(_shown(value))) for name, value in told]
    if isinstance(old, dict) or isinstance(new, dict):
        return _columns(old if isinstance(old, dict) else None, new if isinstance(new, dict) else None) + rest
    if old is not None or new is not None:
        rest.insert(0, Change("value", *(None if each is None else clipped(_shown(each)) for each in (old, new))))
    return rest


def _clipped(value: object) -> str | None:
    return None if value is None else clipped(value if isinstance(value, str) else _shown(value))


def _shown(value: object) -> str:
    # An empty text is seen, and null is not the text null.
    if value is None:
        return "null"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else compact(value)
