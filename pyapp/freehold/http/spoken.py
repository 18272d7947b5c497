"""Whom tokens speak for that were verified moments ago: to verify a signature takes as long as the rest of a call."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from freehold.errors import InvalidArgument
from freehold.http.principal import Principal


class Spoken:
    """Good tokens and whom they speak for, each for seconds. Tokens are not kept, only hashes.

    Args:
        ttl: Seconds that an answer is good for; 0 keeps none. A token counts for so much longer after it was heard
            that its issuer has withdrawn the key.
        most: Answers kept at most.
        clock: What tells the seconds.
        today: What tells the Unix time.

    Raises:
        InvalidArgument: ``ttl`` or ``most`` is out of range.
    """

    def __init__(
        self, ttl: float, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic,
        today: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        if not 0 <= ttl <= 300 or most < 1:
            raise InvalidArgument("answers about tokens are kept for 0 to 300 seconds, at least one of them")
        self._ttl, self._most, self._clock, self._today = ttl, most, clock, today
        self._known: OrderedDict[bytes, tuple[float, float, Principal]] = OrderedDict()

    def get(self, token: str) -> Principal | None:
        """Whom a token speaks for, where that was found out and is still good.

        Args:
            token: It, or the header that it came in: as it was kept.
        """
        found = self._known.get(_digest(token))
        if found is None:
            return None
        until, expires, who = found
        return who if self._clock() < until and self._today() < expires else None

    def keep(self, token: str, who: Principal, expires: float) -> None:
        """Keeps whom a token speaks for.

        Args:
            token: It was verified just now.
            who: The principal.
            expires: The Unix time from which it is no good any more.
        """
        if self._ttl == 0:
            return
        digest = _digest(token)
        self._known[digest] = (self._clock() + self._ttl, expires, who)
        self._known.move_to_end(digest)
        if len(self._known) > self._most:
            self._known.popitem(last=False)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
