"""API keys: looked up by their hash, and the answer kept for seconds."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

import psycopg

from freehold.context.refusals import KeysUnavailable, NotAuthenticated
from freehold.errors import InvalidArgument
from freehold.http.issuers import KEY_PREFIX
from freehold.http.principal import ROLES, Principal

Check: TypeAlias = Callable[[bytes], Awaitable[Mapping[str, Any] | None]]
"""Asks ``freehold.api_key_check()`` for the SHA-256 of a token; the row, or None."""
_TOKEN = re.compile(r"bearer +(fh_[0-9]{1,19}_[A-Za-z0-9_-]{43})", re.IGNORECASE | re.ASCII)
LONGEST = 60.0
"""Seconds after which an answer is asked for again at the latest, whatever was confirmed."""
SOONEST = 30.0
"""Seconds after which the first answers are: those that were asked for at once are not all asked for at once again."""


class Watch(Protocol):
    """Who hears of changes of keys: ``Directory``."""

    @property
    def era(self) -> int:
        """Changes with what was heard."""

    @property
    def confirmed(self) -> float:
        """The moment until which whatever changed was heard."""


class ApiKeys:
    """Who the holder of an API key is.

    An answer is good for ``ttl`` seconds from when it was asked for, a refusal too: a key that is revoked, or expires,
    is refused after that time at the latest. Where somebody watches the database, the answer about a key that does
    not expire is good for that time from when it was last confirmed that no key has changed, for half a minute to a
    minute: when a key was used is to be known. Tokens are not kept, only hashes.

    Args:
        check: Asks the database.
        ttl: Seconds that an answer is good for; 0 asks each time.
        most: Answers kept at most, and as many refusals apart from them, so that wrong keys push no good one out.
        clock: What tells the seconds.
        watch: Who hears of changes.

    Raises:
        InvalidArgument: ``ttl`` or ``most`` is out of range.
    """

    def __init__(
        self, check: Check, *, ttl: float = 5.0, most: int = 10_000, clock: Callable[[], float] = time.monotonic,
        watch: Watch | None = None,
    ) -> None:  # fmt: skip
        if not 0 <= ttl <= 300 or most < 1:
            raise InvalidArgument("answers about API keys are kept for 0 to 300 seconds, at least one of them")
        self._check, self._ttl, self._most, self._clock = check, ttl, most, clock
        self._watch, self._era = watch, None if watch is None else watch.era
        self._good: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()
        self._lasting: dict[bytes, float] = {}
        self._bad: OrderedDict[bytes, tuple[float, None]] = OrderedDict()
        self._asked: dict[bytes, asyncio.Task[Principal | None]] = {}

    async def principal(self, authorization: str) -> Principal:
        """Who holds the key.

        Raises:
            NotAuthenticated: There is no such key, or no more.
            KeysUnavailable: The database could not be asked.
        """
        digest = _digest(authorization)
        if digest is None:
            raise NotAuthenticated("the API key is not good")
        kept = self._kept(digest)
        who = await self._ask_once(digest) if kept is None else kept[1]
        if who is None:
            raise NotAuthenticated("the API key is not good")
        return who

    def remembered(self, authorization: str) -> Principal | None:
        """Who holds the key, where a kept answer tells; None: ask."""
        digest = _digest(authorization)
        kept = None if digest is None else self._kept(digest)
        return None if kept is None else kept[1]

    def _kept(self, digest: bytes) -> tuple[float, Principal | None] | None:
        """The answer that is still good, a refusal too."""
        watch = self._watch
        if watch is not None and self._era != watch.era:
            self._era = watch.era
            self.forget()
        kept = self._good.get(digest) or self._bad.get(digest)
        if kept is None:
            return None
        now = self._clock()
        if now < kept[0] or (
            watch is not None and now < self._lasting.get(digest, 0.0) and now < watch.confirmed + self._ttl
        ):
            return kept
        return None

    def forget(self) -> None:
        """Drops every answer, those that are under way too: the database told of a change."""
        self._lasting.clear()
        self._good.clear()
        self._bad.clear()
        self._asked.clear()

    async def _ask_once(self, digest: bytes) -> Principal | None:
        task = self._asked.get(digest)
        if task is None or task.get_loop() is not asyncio.get_running_loop():
            task = asyncio.ensure_future(self._ask(digest))
            self._asked[digest] = task
            task.add_done_callback(lambda done: self._settle(digest, done))
        # Others wait for the same answer: one who gives up does not take it from them.
        return await asyncio.shield(task)

    def _settle(self, digest: bytes, task: asyncio.Task[Principal | None]) -> None:
        if self._asked.get(digest) is task:
            del self._asked[digest]
        if not task.cancelled():
            # Said, though nobody may be waiting any more.
            task.exception()

    async def _ask(self, digest: bytes) -> Principal | None:
        mine = asyncio.current_task()
        until = self._clock() + self._ttl
        try:
            row = await self._check(digest)
        except (psycopg.Error, OSError, asyncio.TimeoutError) as error:
            raise KeysUnavailable("the API keys could not be looked up") from error
        who = None if row is None else _principal(row)
        if self._ttl > 0 and self._asked.get(digest) is mine:
            self._keep(digest, who, until)
            if row is not None and row.get("expires_at", until) is None:
                self._lasting[digest] = until - self._ttl + random.uniform(SOONEST, LONGEST)  # noqa: S311
        return who

    def _keep(self, digest: bytes, who: Principal | None, until: float) -> None:
        self._good.pop(digest, None)
        self._bad.pop(digest, None)
        self._lasting.pop(digest, None)
        if who is None:
            self._bad[digest] = (until, None)
        else:
            self._good[digest] = (until, who)
        for answers in (self._good, self._bad):
            while len(answers) > self._most:
                self._lasting.pop(answers.popitem(last=False)[0], None)


def _digest(authorization: str) -> bytes | None:
    found = _TOKEN.fullmatch(authorization)
    return None if found is None else hashlib.sha256(found[1].encode()).digest()


def _principal(row: Mapping[str, Any]) -> Principal:
    tenants = row["tenant_ids"]
    return Principal(
        actor=f"{KEY_PREFIX}{row['name']}", kind="key", roles=ROLES.intersection(row["roles"]),
        tenant_ids=None if tenants is None else frozenset(str(each) for each in tenants), key_id=str(row["id"]),
    )  # fmt: skip
