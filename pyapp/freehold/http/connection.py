"""uvicorn's connection, which waits for no client for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 20.0
"""Seconds in which the headers of a request have to be there, from the connection or from their first byte."""
_LATE = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Protocol(H11Protocol):
    """A connection that is closed when nothing, or only part of the headers, comes in time.

    uvicorn closes connections that are idle after an answer, and those alone.
    """

    patience = PATIENCE
    _waiting: asyncio.TimerHandle | None = None
    _begun = False

    def connection_made(self, transport: Any) -> None:
        """Begins to wait."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Goes on waiting where that was not all of the headers."""
        super().data_received(data)
        if self._answering():
            self._heard()
        else:
            self._begun = True
            self._wait()

    def on_response_complete(self) -> None:
        """What came of the next request has had its time to come."""
        super().on_response_complete()
        self._begun = False
        if not self._answering() and self.conn.trailing_data[0]:
            self._begun = True
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits no more."""
        self._heard()
        super().connection_lost(exc)

    def _answering(self) -> bool:
        cycle = getattr(self, "cycle", None)
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        # Not again for each byte.
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.patience, self._late)

    def _heard(self) -> None:
        self._begun = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        self._waiting = None
        if not self._answering() and not self.transport.is_closing():
            if self._begun:
                self.transport.write(_LATE)
            self.transport.close()
