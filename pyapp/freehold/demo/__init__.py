"""freehold at work on a real schema: what ``freehold demo`` and ``make demo`` run."""

from freehold.demo.place import DATABASE
from freehold.demo.screen import Timing
from freehold.demo.story import run

__all__ = ["DATABASE", "Timing", "run"]
