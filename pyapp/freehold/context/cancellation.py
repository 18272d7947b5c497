"""Ends what a session is at when its block has ended."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from psycopg.pq import ExecStatus, PipelineStatus, TransactionStatus

from freehold.context.pool import Waiter
from freehold.context.steps import Steps

PATIENCE = 5.0
"""Seconds for which a statement is asked to end."""
_COPYING = (ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH)


def cancel(connection: Any, waiter: Waiter, *, alone: bool) -> Steps[None]:
    """Has the server end the statement that is under way.

    A request that overtakes its statement finds the session idle, and the statement then runs on. So it is made
    until the statement is seen to have ended.

    Args:
        connection: Of the session.
        waiter: To wait on.
        alone: No other thread is inside a call, which would read the answer.
    """
    pause, until = 0.005, time.monotonic() + PATIENCE
    while True:
        yield partial(connection.cancel_safe, timeout=1)
        yield partial(waiter.wait, pause)
        if _ended(connection.pgconn, alone=alone) or time.monotonic() > until:
            return
        pause = min(2 * pause, 0.5)


def _ended(pgconn: Any, *, alone: bool) -> bool:
    """Whether nothing runs; what copies, or is one of many in a pipeline, ends with the session."""
    if alone and pgconn.pipeline_status == PipelineStatus.OFF:
        pgconn.consume_input()
        while pgconn.transaction_status == TransactionStatus.ACTIVE and not pgconn.is_busy():
            result = pgconn.get_result()
            if result is not None and result.status in _COPYING:
                return True
    return bool(pgconn.transaction_status != TransactionStatus.ACTIVE or pgconn.pipeline_status != PipelineStatus.OFF)
