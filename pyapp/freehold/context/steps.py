"""Runs one piece of logic for both worlds.

The logic is a generator that yields calls; whoever runs it makes them, with or without an
``await``, and sends back what they return or raise.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

T = TypeVar("T")
Steps = Generator[Callable[[], Any], Any, T]


def run(steps: Steps[T]) -> T:
    """Makes the calls as they are."""
    try:
        call = next(steps)
        while True:
            try:
                value = call()
            except BaseException as error:
                call = steps.throw(error)
            else:
                call = steps.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]


async def run_async(steps: Steps[T]) -> T:
    """Makes the calls and awaits those that are to be awaited."""
    try:
        call = next(steps)
        while True:
            try:
                value = call()
                # As isinstance(value, Awaitable), which takes longer than what many of the calls do.
                if hasattr(value, "__await__"):
                    value = await value
            except BaseException as error:
                call = steps.throw(error)
            else:
                call = steps.send(value)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
