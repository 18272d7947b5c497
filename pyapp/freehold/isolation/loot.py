"""What an attacker gets to see: rows, errors, notices, copies, notifications."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import pq

_COPIES = (pq.ExecStatus.COPY_OUT, pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_BOTH)
_FIELDS = (
    pq.DiagnosticField.MESSAGE_PRIMARY,
    pq.DiagnosticField.MESSAGE_DETAIL,
    pq.DiagnosticField.MESSAGE_HINT,
    pq.DiagnosticField.CONTEXT,
)


class Loot:
    """All text that came back over a connection.

    Args:
        connection: Whose; what it sends goes by no adapter of psycopg's.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._pgconn = connection.pgconn
        self._pgconn.notice_handler = lambda result: self._keep(_said(result))
        self.texts: list[str] = []
        self.errors: list[str] = []

    def run(self, statement: str) -> bool:
        """Runs a statement of an attacker who goes on after errors; whether it succeeded."""
        self._send(b"savepoint fh_attack")
        if self._send(statement.encode()):
            return True
        if not self._send(b"rollback to savepoint fh_attack"):
            self._send(b"rollback")
            self._send(b"begin")
        return False

    def evaluate(self, expression: str) -> bool:
        """Runs a query with an expression in it, by the protocol that takes one statement; whether it succeeded."""
        return self._take(self._pgconn.exec_params(f"select {expression}".encode(), None))

    def hear(self) -> None:
        """Takes the notifications that are there."""
        self._send(b"select 1")
        self._pgconn.consume_input()
        while (notify := self._pgconn.notifies()) is not None:
            self._keep(notify.extra.decode(errors="replace"))

    def holds(self, canary: str) -> bool:
        """Whether a text is in it, as it is or as bytes are printed."""
        forms = (canary, canary.encode().hex())
        return any(form in text for text in self.texts for form in forms)

    def _send(self, text: bytes) -> bool:
        if self._pgconn.status != pq.ConnStatus.OK:
            return False
        self._pgconn.send_query(text)
        succeeded = True
        while (result := self._pgconn.get_result()) is not None:
            succeeded = self._take(result) and succeeded
        return succeeded

    def _take(self, result: pq.abc.PGresult) -> bool:
        if result.status in _COPIES:
            self._copy(result.status)
            return True
        if result.status in (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE):
            said = _said(result)
            self._keep(said)
            self.errors.append(said)
            return False
        for row in range(result.ntuples):
            for column in range(result.nfields):
                self._keep((result.get_value(row, column) or b"").decode(errors="replace"))
        return True

    def _copy(self, status: int) -> None:
        if status == pq.ExecStatus.COPY_IN:
            self._pgconn.put_copy_end(b"an attacker has nothing to say")
            return
        while True:
            length, data = self._pgconn.get_copy_data(0)
            if length <= 0:
                return
            self._keep(bytes(data).decode(errors="replace"))

    def _keep(self, text: str) -> None:
        self.texts.append(text)


def _said(result: pq.abc.PGresult) -> str:
    return " ".join(found.decode(errors="replace") for each in _FIELDS if (found := result.error_field(each)))
