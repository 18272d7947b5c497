"""Waiting for what another thread, or the server, is about to do."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(done: Callable[[], bool], *, seconds: float = 60.0) -> None:
    """Waits until something holds, and fails if it does not come to hold."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"it does not hold after {seconds:g} seconds"
        time.sleep(0.005)
