"""freehold at work on a real schema: what ``freehold demo`` and ``make demo`` run."""

from freehold.demo.story import run
from freehold.demo.screen import Timing

__all__ = ["Timing", "run"]
