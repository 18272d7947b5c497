"""The transaction that a thread or task is in.

A context variable is copied into tasks and threads that begin inside a transaction, and its
connection must not be: so each frame knows whose it is.
"""

from __future__ import annotations

import asyncio
import os
import threading
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from freehold.errors import NoTenantContext


def _here() -> tuple[int, int, int | None]:
    # Asked first, as current_task() raises where no loop runs.
    task = None if asyncio._get_running_loop() is None else asyncio.current_task()
    return os.getpid(), threading.get_ident(), None if task is None else id(task)


@dataclass
class Frame:
    """A tenant's transaction that is open.

    Attributes:
        owner: The ``Tenants`` it was opened by.
        slug: The tenant.
        tenant_id: Its id.
        actor: Who acts.
        read_only: Whether it may only read.
        connection: Its connection.
        place: The process, thread and task it belongs to.
        before: The one around it.
        over: It has ended.
    """

    owner: object
    slug: str
    tenant_id: str
    actor: str | None
    read_only: bool
    connection: Any
    place: tuple[int, int, int | None] = field(default_factory=_here)
    before: Frame | None = None
    over: bool = False


_frame: ContextVar[Frame | None] = ContextVar("freehold_tenant", default=None)


def frame(owner: object = None) -> Frame | None:
    """The innermost transaction of this thread and task, of this owner where one is given; or None."""
    found = _frame.get()
    while found is not None and (found.over or owner not in (None, found.owner)):
        found = found.before
    return found if found is not None and found.place == _here() else None


def enter(opened: Frame) -> None:
    """Makes a transaction the current one."""
    opened.before = _frame.get()
    while opened.before is not None and opened.before.over:
        opened.before = opened.before.before
    _frame.set(opened)


def leave(opened: Frame) -> None:
    """Ends it, from wherever: a block may be ended by another thread or task than its own."""
    opened.over, opened.connection = True, None
    if _frame.get() is opened:
        _frame.set(opened.before)


def current_tenant() -> str:
    """The slug of the tenant whose transaction this thread or task is in.

    Raises:
        NoTenantContext: It is in none; a task or thread that was begun inside one is in none either.
    """
    found = frame()
    if found is None:
        raise NoTenantContext("no tenant is set: with tenants.transaction('...'):")
    return found.slug
