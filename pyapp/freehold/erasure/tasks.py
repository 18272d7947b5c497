"""Erasers of what tenants have outside the database, and who sets them to work."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable
from uuid import UUID

import psycopg

from freehold.control import Control

ENTRY_POINTS = "freehold.erasers"
"""The group of entry points by which a package brings erasers."""


@dataclass(frozen=True)
class Tenant:
    """A tenant that is being erased.

    Attributes:
        id: Its id, which no other tenant ever has.
        slug: Its slug. No other tenant gets it before all tasks of the erasure have ended.
        schema: Its schema's name.
    """

    id: UUID
    slug: str
    schema: str


@runtime_checkable
class Eraser(Protocol):
    """Erases what a tenant has in one place.

    Attributes:
        name: As it is registered in the database.
    """

    @property
    def name(self) -> str:
        """As it is registered in the database."""

    def erase(self, tenant: Tenant) -> Mapping[str, int]:
        """Erases all that the tenant has there; called again after a failure, and after a success that nobody heard of.

        Args:
            tenant: Whose.

        Returns:
            How much was erased, by kind: the certificate says it.

        Raises:
            Exception: Not all of it could be erased. The task stays open.
        """


@dataclass(frozen=True)
class Outcome:
    """How an attempt at a task ended.

    Attributes:
        eraser: The eraser's name.
        slug: The tenant's slug.
        state: ``done`` or ``failed``.
        detail: What was erased.
        error: Why it failed.
    """

    eraser: str
    slug: str
    state: str
    detail: Mapping[str, int]
    error: str | None = None


def load(reference: str) -> Eraser:
    """The eraser that ``module:object`` names: an eraser, or what makes one when it is called.

    Raises:
        ValueError: It names none.
    """
    module, _, attribute = reference.partition(":")
    try:
        found: object = importlib.import_module(module)
        for name in attribute.split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"{reference} names no eraser: {error}") from None
    return _eraser(found, reference)


def installed() -> list[Eraser]:
    """The erasers that installed packages bring.

    Raises:
        ValueError: One of them is none.
    """
    return [_eraser(point.load(), point.value) for point in entry_points(group=ENTRY_POINTS)]


def work(
    control: Control,
    erasers: Iterable[Eraser],
    *,
    worker: str | None = None,
    lease: timedelta | None = None,
    slug: str | None = None,
) -> Iterator[Outcome]:
    """Attempts every open task of the erasers once; tasks that others are at are left to them.

    Args:
        control: Over a connection in autocommit mode.
        erasers: Who erases.
        worker: What the claims say of who works.
        lease: For how long a task is claimed.
        slug: Only of this tenant.

    Yields:
        How each attempt ended. A failure is on the task, and does not stop the others.
    """
    for eraser in erasers:
        for open_task in control.erasure_task_list(slug=slug, eraser=eraser.name, open=True):
            task = control.erasure_task_claim(eraser.name, worker, lease, open_task["tenant_id"])
            if task is not None:
                yield _attempt(control, eraser, task["operation_id"], task["token"], Tenant(
                    task["tenant"], task["slug"], task["schema_name"]))  # fmt: skip


def _attempt(control: Control, eraser: Eraser, operation: int, token: UUID, tenant: Tenant) -> Outcome:
    try:
        detail = dict(eraser.erase(tenant))
    except Exception as error:
        message = f"{type(error).__name__}: {error}"
        control.erasure_task_fail(operation, eraser.name, message, token)
        return Outcome(eraser.name, tenant.slug, "failed", {}, message)
    try:
        control.erasure_task_done(operation, eraser.name, detail, token)
    except psycopg.DatabaseError as error:
        return Outcome(eraser.name, tenant.slug, "failed", detail, str(error.diag.message_primary or error))
    return Outcome(eraser.name, tenant.slug, "done", detail)


def _eraser(found: object, reference: str) -> Eraser:
    if isinstance(found, type) or (callable(found) and not isinstance(found, Eraser)):
        found = found()
    if not isinstance(found, Eraser):
        raise ValueError(f"{reference} is no eraser: it has no name or no erase()")  # noqa: TRY004 - a wrong reference
    return found
