"""The program ``freehold``, apart from the package, which takes a moment to load.

An interrupt meanwhile ends the program as a later one does: with one message and exit code 130.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Loads the command line and runs it."""
    handler = signal.getsignal(signal.SIGINT)
    # Where the caller has it ignored, it stays so.
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    from freehold.cli import main as command

    signal.signal(signal.SIGINT, handler)
    command(prog_name="freehold")


def _interrupted(number: int, _frame: FrameType | None) -> None:
    # Nothing is open yet; an exception would come out of whatever is being loaded, as this or as an error of its own.
    text = "error: interrupted"
    if "--json" in sys.argv:
        empty = dict.fromkeys(("code", "kind", "message", "file", "line", "detail", "hint"))
        text = json.dumps({"error": empty | {"message": "interrupted"}})
    os.write(2, f"{text}\n".encode())
    os._exit(128 + number)
