"""Entries of the audit in the formats that collectors take.

An entry is a row of ``audit_export()``. Plain JSON carries all of it; OCSF (1.3) maps it to classes; CEF and syslog
(RFC 5424) are for collectors that know nothing else, with the whole entry in the message of the latter. Every format
carries the entry's own id, by which a receiver knows what it has had already.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from freehold import __version__

__all__ = ["FORMATS", "cef", "ocsf", "plain", "syslog"]

Entry = Mapping[str, Any]

OCSF_VERSION = "1.3.0"
SD_ID = "freehold@32473"
"""32473 is the number that RFC 5612 sets aside for examples: freehold has none of its own."""

_ROWS = {"insert": (6, "Create"), "update": (2, "Update"), "delete": (7, "Delete"), "truncate": (7, "Delete")}
# By the beginning of an event's kind: class, activity. The first that fits.
_ACCOUNT, _ACCESS, _API = (3001, "Account Change"), (3005, "User Access Management"), (6003, "API Activity")
_EVENTS: tuple[tuple[str, tuple[int, str], tuple[int, str]], ...] = (
    ("login_enable", _ACCOUNT, (2, "Enable")),
    ("login_disable", _ACCOUNT, (5, "Disable")),
    ("reader_create", _ACCOUNT, (1, "Create")),
    ("reader_drop", _ACCOUNT, (6, "Delete")),
    ("gate_grant", _ACCESS, (1, "Assign Privileges")),
    ("gate_revoke", _ACCESS, (2, "Revoke Privileges")),
    ("member_add", _ACCESS, (1, "Assign Privileges")),
    ("member_remove", _ACCESS, (2, "Revoke Privileges")),
    ("break_glass.opened", _ACCESS, (1, "Assign Privileges")),
    ("break_glass.closed", _ACCESS, (2, "Revoke Privileges")),
    ("break_glass.expired", _ACCESS, (2, "Revoke Privileges")),
    ("tenant_provision", _API, (1, "Create")),
    ("tenant_clone", _API, (1, "Create")),
    ("tenant_erase", _API, (4, "Delete")),
    ("template_create", _API, (1, "Create")),
    ("template_copy", _API, (1, "Create")),
    ("template_adopt", _API, (1, "Create")),
    ("template_drop", _API, (4, "Delete")),
    ("reserve_make", _API, (1, "Create")),
    ("reserve_drop", _API, (4, "Delete")),
    ("rollout_create", _API, (1, "Create")),
    ("", _API, (3, "Update")),
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def plain(row: Entry) -> str:
    """All of an entry, as JSON."""
    return _json(
        {
            "home": row["home_name"],
            "chain": str(row["chain"]),
            "sequence": row["sequence"],
            "type": "event" if _is_event(row) else "row",
            **row["entry"],
        }
    )


def ocsf(row: Entry) -> str:
    """An entry as an OCSF event: 6005 for rows; 6003, and 3001 or 3005 where accounts are concerned, for events."""
    entry = row["entry"]
    user = {"name": entry["actor"], "uid": entry["login"], "type_id": 0, "type": "Unknown"}
    event: dict[str, Any] = {
        "metadata": {
            "version": OCSF_VERSION,
            "uid": str(row["entry_id"]),
            "sequence": row["sequence"],
            "correlation_uid": entry["request_id"],
            "tenant_uid": None if _is_event(row) and entry["tenant_id"] is None else str(_tenant(row)),
            "log_name": "freehold.event" if _is_event(row) else "freehold.row",
            "event_code": entry["kind"] if _is_event(row) else entry["action"],
            "product": {"name": "freehold", "vendor_name": "freehold", "version": __version__},
        },
        "time": _millis(row["at"]),
        "actor": {"user": user, "app_name": entry["application_name"]},
        "src_endpoint": {"ip": _address(row), "name": None if _address(row) else "local"},
        "severity_id": 1,
        "severity": "Informational",
        "status_id": 1,
        "status": "Success",
    }
    if _is_event(row):
        (class_uid, class_name), activity = next(
            (kind, act) for begin, kind, act in _EVENTS if entry["kind"].startswith(begin)
        )
        if entry["kind"].endswith(".failed"):
            event |= {"status_id": 2, "status": "Failure", "status_code": entry["detail"].get("error")}
        event["message"] = entry["reason"]
        event["unmapped"] = {"kind": entry["kind"], "slug": entry["slug"], "detail": entry["detail"]}
        target = entry["detail"].get("role") or entry["detail"].get("login") or entry["slug"]
        if class_uid == _API[0]:
            event["api"] = {"operation": entry["kind"], "service": {"name": "freehold"}}
            event["resources"] = [{"name": entry["slug"], "uid": entry["tenant_id"], "type": "tenant"}]
        else:
            event["user"] = {"name": target}
        if class_uid == _ACCESS[0]:
            event["privileges"] = [entry["kind"].partition(".")[0]]
    else:
        (class_uid, class_name), activity = (6005, "Datastore Activity"), _ROWS.get(entry["action"], (99, "Other"))
        event |= {
            "type_id": 3,
            "type": "Table",
            "database": {"type_id": 1, "type": "Relational", "name": row["home_name"]},
            "table": {"name": entry["table_name"]},
            "unmapped": {name: entry[name] for name in ("key", "old", "new", "action")},
        }
    event |= {
        "category_uid": class_uid // 1000,
        "category_name": {3: "Identity & Access Management", 6: "Application Activity"}[class_uid // 1000],
        "class_uid": class_uid,
        "class_name": class_name,
        "activity_id": activity[0],
        "activity_name": activity[1],
        "type_uid": class_uid * 100 + activity[0],
        "type_name": f"{class_name}: {activity[1]}",
    }
    return _json(_without_none(event))


def cef(row: Entry) -> str:
    """An entry as a line of ArcSight's Common Event Format."""
    entry = row["entry"]
    failed = _is_event(row) and entry["kind"].endswith(".failed")
    code = entry["kind"] if _is_event(row) else f"row_{entry['action']}"
    name = code if _is_event(row) else f"{entry['action']} {entry['table_name']}"
    head = ("CEF:0", "freehold", "freehold", __version__, code, name, "5" if failed else "3")
    address = _address(row)
    old, new = (None, entry["detail"]) if _is_event(row) else (entry["old"], entry["new"])
    extension: dict[str, Any] = {
        "rt": _millis(row["at"]),
        "externalId": row["entry_id"],
        "suser": entry["actor"],
        "suid": entry["login"],
        "src": address if address and ":" not in address else None,
        "c6a2": address if address and ":" in address else None,
        "outcome": "failure" if failed else "success",
        "reason": entry["reason"] if _is_event(row) else None,
        "requestContext": entry["request_id"],
        "sourceServiceName": entry["application_name"],
        "cs1": row["home_name"],
        "cs2": None if _is_event(row) else _compact(entry["key"]),
        "cs3": _compact(old),
        "cs4": _compact(new),
        "cn1": row["sequence"],
    }
    labels = {
        "c6a2": "Source IPv6 Address", "cs1": "home", "cs2": "key", "cs3": "old",
        "cs4": "detail" if _is_event(row) else "new", "cn1": "sequence",
    }  # fmt: skip
    parts = []
    for key, value in extension.items():
        if value is not None:
            parts.append(f"{key}={_cef_value(str(value))}")
            if key in labels:
                parts.append(f"{key}Label={labels[key]}")
    return "|".join([head[0], *(_cef_header(part) for part in head[1:])]) + "|" + " ".join(parts)


def syslog(row: Entry) -> str:
    """An entry as a message of RFC 5424, facility *log audit*, the whole of it as JSON in the text."""
    entry = row["entry"]
    failed = _is_event(row) and entry["kind"].endswith(".failed")
    code = entry["kind"] if _is_event(row) else f"row_{entry['action']}"
    values = {
        "id": row["entry_id"], "home": row["home_name"], "chain": row["chain"], "sequence": row["sequence"],
        "actor": entry["actor"], "login": entry["login"], "table": entry.get("table_name"),
        "application": entry["application_name"], "client": _address(row), "request": entry["request_id"],
    }  # fmt: skip
    data = " ".join(f'{key}="{_sd_value(str(value))}"' for key, value in values.items() if value is not None)
    at = row["at"].astimezone(_UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    name = re.sub(r"[^\x21-\x7e]", "_", code)[:32]
    return f"<{13 * 8 + (4 if failed else 6)}>1 {at} - freehold - {name} [{SD_ID} {data}] {plain(row)}"


FORMATS: Mapping[str, Callable[[Entry], str]] = {"jsonl": plain, "ocsf": ocsf, "cef": cef, "syslog": syslog}
"""By name; each makes one line, without its end."""

_UTC = datetime.fromisoformat("2000-01-01T00:00:00+00:00").tzinfo


def _is_event(row: Entry) -> bool:
    return "kind" in row["entry"]


def _tenant(row: Entry) -> Any:
    return row["entry"]["tenant_id"] if _is_event(row) else row["chain"]


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _address(row: Entry) -> str | None:
    given = row["entry"]["client_address"]
    return None if given is None else str(ipaddress.ip_interface(given).ip)


def _json(value: Any) -> str:
    # What other programs take for an end of line is none in here.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("\x85", "\\u0085")


def _compact(value: Any) -> str | None:
    return None if value is None else _json(value)


def _without_none(value: Any) -> Any:
    """Objects without their empty members; what an entry itself holds is left as it is."""
    return {
        key: _without_none(each) if isinstance(each, dict) and key != "unmapped" else each
        for key, each in value.items()
        if each is not None
    }


def _cef_header(text: str) -> str:
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace("|", "\\|")


def _cef_value(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("=", "\\=").replace("\r", "\\r").replace("\n", "\\n")
    return _CONTROL.sub(" ", text)


def _sd_value(text: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", _CONTROL.sub(" ", text))
