"""Operations that commit by batch: one step after the other, with progress, and what to do when one stops."""

from __future__ import annotations

import contextlib

import click
import psycopg

from freehold.cli import output
from freehold.control import Control, Row
from freehold.errors import Busy

ONWARD = ("erase", "template_drop", "reserve_drop")
"""Kinds that can only be gone on with."""


def run(control: Control, operation: Row) -> Row:
    """Goes on with an operation to its end.

    Args:
        control: The control plane, over a connection in autocommit mode.
        operation: The row that the first step returned.

    Returns:
        The operation's row when it is done.

    Raises:
        psycopg.Error: What a step raised; the operation's row keeps it.
    """
    number = operation["id"]
    try:
        with output.progress(f"{operation['kind']} {operation['slug']}") as report:
            while operation["state"] == "running":
                operation = control.operation_step(number)
                report(*_extent(operation))
    except Busy:
        # Somebody else is at work on it: it has not stopped.
        raise
    except psycopg.Error as error:
        with contextlib.suppress(psycopg.Error):
            control.operation_stop(number, error.sqlstate or "", error.diag.message_primary or str(error))
        _say_how_to_go_on(operation)
        raise
    except KeyboardInterrupt:
        _say_how_to_go_on(operation)
        raise
    return operation


def _extent(operation: Row) -> tuple[int, int]:
    """How much of an operation is done, and of how much: statements or batches, or tables of an erasure."""
    detail = operation["detail"]
    if "total" in detail:
        return detail["done"], detail["total"]
    return detail.get("dropped", 0), detail.get("inventory", {}).get("table", 0)


def _say_how_to_go_on(operation: Row) -> None:
    number, undo = operation["id"], ""
    if operation["kind"] not in ONWARD:
        undo = f"; to take it back: freehold operation undo {number}"
    click.echo(f"stopped on the way; to go on: freehold operation resume {number}{undo}", err=True)
