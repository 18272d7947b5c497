"""How many calls: of one key or user, within one tenant, and of an address that proves nobody.

Counted in this process: N processes let N times as many through. The count is that of a sliding window, two numbers
a caller, and of so many callers at most: who was not heard of for longest is forgotten first.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from typing import Any, ClassVar

import limits
from limits.aio.storage import Storage
from limits.aio.storage.base import SlidingWindowCounterSupport
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from freehold.http.problem import Refusal

Headers = dict[str, str]
_PROVED = 10_000
"""What proved somebody lately, at most so many."""


class Window(Storage, SlidingWindowCounterSupport):
    """Counts of sliding windows in memory, of a bounded number of callers.

    The library's own storage walks all that it holds at each call.

    Args:
        most: Counts kept at most.
    """

    STORAGE_SCHEME: ClassVar[list[str]] = ["async+freehold"]  # type: ignore[misc]

    def __init__(self, most: int = 100_000) -> None:
        super().__init__("async+freehold://")
        self._most = most
        # Which window it is, and the counts of the one before and of this one.
        self._counts: OrderedDict[str, tuple[int, int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may be raised: nothing is."""
        return ValueError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a call, unless that were too many."""
        now = time.time()
        window, before, current = self._at(key, now, expiry)
        allowed = math.floor(before * (1 - now / expiry % 1) + current) + amount <= limit
        if allowed:
            self._counts[key] = (window, before, current + amount)
            self._counts.move_to_end(key)
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)
        return allowed

    def refund(self, key: str, expiry: int) -> None:
        """Takes a call back."""
        window, before, current = self._at(key, time.time(), expiry)
        if current:
            self._counts[key] = (window, before, current - 1)

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """The counts of the window before and of this one, and for how long each still counts."""
        now = time.time()
        _, before, current = self._at(key, now, expiry)
        left = (1 - now / expiry % 1) * expiry
        return before, left if before else 0.0, current, left + expiry

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  the library's
        """Forgets a caller."""
        self._counts.pop(key, None)

    def _at(self, key: str, now: float, expiry: int) -> tuple[int, int, int]:
        window = int(now // expiry)
        known, before, current = self._counts.get(key, (window, 0, 0))
        if known == window:
            return window, before, current
        return window, current if known == window - 1 else 0, 0

    # What other strategies would ask for.

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not of a sliding window."""
        raise NotImplementedError

    async def get(self, key: str) -> int:
        """Not of a sliding window."""
        raise NotImplementedError

    async def get_expiry(self, key: str) -> float:
        """Not of a sliding window."""
        raise NotImplementedError

    async def check(self) -> bool:
        """Whether it works."""
        return True

    async def reset(self) -> int | None:
        """Forgets all."""
        self._counts.clear()
        return None

    async def clear(self, key: str) -> None:
        """Forgets a caller."""
        self._counts.pop(key, None)


class Rate:
    """One kind of limit.

    Args:
        name: As headers call it.
        rates: ``100/second``, several with ``;`` between them; empty for none.
        most: Callers that are known at most.
    """

    def __init__(self, name: str, rates: str, most: int = 100_000) -> None:
        self.name = name
        self._items = limits.parse_many(rates) if rates else []
        self.window = Window(most * max(1, len(self._items)))
        self._limiter = SlidingWindowCounterRateLimiter(self.window)
        self.policy = ", ".join(f'"{self._label(item)}";q={item.amount};w={item.get_expiry()}' for item in self._items)

    def __bool__(self) -> bool:
        return bool(self._items)

    async def hit(self, who: str) -> Headers:
        """Counts a call; what to tell of it in headers.

        Raises:
            Refusal: It is one too many (429).
        """
        for item in self._items:
            if not await self._limiter.hit(item, who):
                raise await self._refusal(item, who)
        return await self._headers(who)

    def refund(self, who: str) -> None:
        """Takes a call back that was counted just now."""
        for item in self._items:
            self.window.refund(item.key_for(who), item.get_expiry())

    async def _refusal(self, item: limits.RateLimitItem, who: str) -> Refusal:
        stats = await self._limiter.get_window_stats(item, who)
        wait = max(1, math.ceil(stats.reset_time - time.time()))
        headers = await self._headers(who) | {"Retry-After": str(wait)}
        return Refusal(429, f"too many calls: {item.amount} in {item.get_expiry()} s {_OF[self.name]}", headers)

    async def _headers(self, who: str) -> Headers:
        if not self._items:
            return {}
        left = []
        for item in self._items:
            stats = await self._limiter.get_window_stats(item, who)
            wait = max(0, math.ceil(stats.reset_time - time.time()))
            left.append(f'"{self._label(item)}";r={stats.remaining};t={wait}')
        return {"RateLimit-Policy": self.policy, "RateLimit": ", ".join(left)}

    def _label(self, item: limits.RateLimitItem) -> str:
        return self.name if len(self._items) == 1 else f"{self.name}-{item.get_expiry()}"


_OF = {"caller": "of a key or user", "tenant": "within a tenant", "address": "that prove nobody"}


class Rates:
    """The limits of a service.

    Args:
        caller: Of one key or user.
        tenant: Within one tenant.
        failure: Of a client address, calls that prove nobody.
    """

    def __init__(self, caller: str, tenant: str, failure: str) -> None:
        self.caller, self.tenant = Rate("caller", caller), Rate("tenant", tenant)
        self.failure = Rate("address", failure)
        self._salt = secrets.token_bytes(16)
        self._proved: OrderedDict[bytes, None] = OrderedDict()

    async def admit(self, address: str, authorization: str | None) -> bool:
        """Before it is asked who calls: counts the call as one that proves nobody, until it has proved somebody.

        What has proved somebody here before is not counted, and is heard from an address that is not listened to any
        more: others behind that address lose nothing, and who guesses learns nothing.

        Returns:
            Whether it was counted.

        Raises:
            Refusal: The address has proved nobody too often.
        """
        if not self.failure:
            return False
        if authorization is not None:
            digest = self._digest(authorization)
            if digest in self._proved:
                self._proved.move_to_end(digest)
                return False
        await self.failure.hit(address)
        return True

    async def failed(self, address: str, authorization: str | None, counted: bool) -> None:
        """The call has proved nobody."""
        if self.failure and not counted:
            if authorization is not None:
                self._proved.pop(self._digest(authorization), None)
            with contextlib.suppress(Refusal):
                await self.failure.hit(address)

    def uncount(self, address: str, counted: bool) -> None:
        """Takes a call back: it has proved somebody, or nobody knows what it proves."""
        if counted:
            self.failure.refund(address)

    def proved(self, address: str, authorization: str | None, counted: bool) -> None:
        """The call has proved somebody."""
        self.uncount(address, counted)
        if counted:
            self.remember(authorization)

    def remember(self, authorization: str | None) -> None:
        """Remembers what has proved somebody, as a digest of this process."""
        if self.failure and authorization is not None:
            digest = self._digest(authorization)
            self._proved[digest] = None
            self._proved.move_to_end(digest)
            if len(self._proved) > _PROVED:
                self._proved.popitem(last=False)

    def _digest(self, authorization: str) -> bytes:
        return hashlib.blake2b(authorization.encode("utf-8", "replace"), key=self._salt, digest_size=16).digest()


def address_of(client: Any) -> str:
    """Whose address counts: an IPv6 client has as many as it likes, and is known by its network."""
    return _network(str(client[0]) if client else "")


@functools.lru_cache(1024)
def _network(host: str) -> str:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6 and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return host
