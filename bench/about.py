"""What a run says of itself: when, where, with which packages."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Iterable
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def now() -> str:
    """The time, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def host() -> dict[str, Any]:
    """The machine and its Python."""
    return {
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def versions(packages: Iterable[str]) -> dict[str, str | None]:
    """Of packages; None where one is not installed."""
    return {name: _version(name) for name in packages}


def settings(rows: Iterable[tuple[str, str, str | None]]) -> dict[str, str]:
    """Settings by name, with their units, of rows of name, setting and unit."""
    return {name: f"{setting} {unit}" if unit else setting for name, setting, unit in sorted(rows)}


ASKED = threading.Event()
"""Set when somebody has asked for the end: what was going on may fail otherwise than by KeyboardInterrupt."""


def interrupted(*_: object) -> None:
    """Handles SIGTERM as Ctrl-C: what was started is stopped.

    Raises:
        KeyboardInterrupt: Always.
    """
    ASKED.set()
    raise KeyboardInterrupt


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
