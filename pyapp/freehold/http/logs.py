"""Structured logs: one JSON object a line, or coloured lines for people, on standard error.

Nothing is logged that a caller sent but what the service checked. What libraries say goes through one more filter, for
what looks like a secret, and a traceback shows no values of variables.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
from collections.abc import MutableMapping
from datetime import datetime, timezone
from typing import Any, Literal, TextIO

import structlog
from pydantic_core import to_json
from structlog.tracebacks import ExceptionDictTransformer

_SECRETS = re.compile(
    r"fh_[0-9]{1,19}_[A-Za-z0-9_-]{8,}"
    r"|eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*)?"
    r"|(?<=//)[^\s/@:]*:[^\s/@]+(?=@)"
    r"|(?i:(?<=bearer )|(?<=basic ))[A-Za-z0-9._~+/=-]{4,}"
    r"|(?i:(?<=password=)|(?<=secret=)|(?<=token=))(?:'(?:[^'\\]|\\.)*'|[^\s&'\",;]+)"
)
# What moves the cursor or begins a line, as a terminal or a reader of lines takes it.
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def configure(form: Literal["json", "console"]) -> None:
    """Sends all logs, those of libraries too, through one formatter.

    Args:
        form: ``json`` or ``console``.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = [
        structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False, max_frames=20)),
        _clean,
        structlog.processors.JSONRenderer(),
    ]
    if form == "console":
        last = [
            structlog.processors.ExceptionRenderer(),
            _clean,
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        # Lines of uvicorn's for each request have its path and query.
        logger.propagate = name != "uvicorn.access"
    logging.getLogger("psycopg.pool").setLevel(logging.WARNING)
    _requests.stream = handler.stream if form == "json" else None


class _Requests:
    """Where the lines of requests go as JSON; None where they go the way of all others."""

    stream: TextIO | None = None


_requests = _Requests()
_access = structlog.get_logger("freehold.access")


def request(*, request_id: str, **fields: str | int | float | None) -> None:
    """Logs the end of a request. There is one for each, so as JSON it goes the shortest way.

    Args:
        request_id: Of the request.
        fields: What else is said of it; nothing that a client can choose but texts, which are cleaned.
    """
    stream = _requests.stream
    if stream is None:
        _access.info("request", **fields)
        return
    line = {name: _line(value) if isinstance(value, str) else value for name, value in fields.items()}
    line |= {
        "request_id": request_id, "event": "request", "level": "info", "logger": "freehold.access",
        "timestamp": datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }  # fmt: skip
    # One write, so that threads do not mix their lines.
    stream.write(to_json(line).decode() + "\n")
    stream.flush()


def clean(value: Any, key: str = "") -> Any:
    """A value of a log line without what looks like a secret, or like another line.

    Args:
        value: It.
        key: What it is logged as; the lines of a traceback stay lines.
    """
    if isinstance(value, str):
        if key == "exception":
            return "\n".join(_line(each) for each in _SECRETS.sub("***", value).split("\n"))
        return _line(value)
    if isinstance(value, dict):
        return {name: clean(each, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [clean(each) for each in value]
    return value


@functools.lru_cache(1024)
def _line(text: str) -> str:
    return _CONTROL.sub(_escaped, _SECRETS.sub("***", text))


def _clean(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: clean(value, key) for key, value in event.items()}


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
