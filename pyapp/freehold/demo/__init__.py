"""freehold at work on a real schema: what ``freehold demo`` and ``make demo`` run."""

from freehold.demo.screen import Timing
from freehold.demo.story import run

__all__ = ["Timing", "run"]
