"""Limits on requests: the length of the address and of the headers, and the rate per caller."""

import math
import time
from typing import Final

from fastapi import Request
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.errors import refuse
from service.refusals import AddressTooLong, HeadersTooLong
from service.settings import rates

# In bytes. Beyond LONGEST_HEAD the server itself refuses, with a plain 400.
LONGEST_ADDRESS: Final = 64_000
LONGEST_HEADERS: Final = 32_000
LONGEST_HEAD: Final = 128_000


class Lengths:
    """Middleware: refuses addresses and headers longer than any client would mean to send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or refuses it."""
        if scope["type"] == "http":
            address = len(scope.get("raw_path") or b"") + len(scope["query_string"])
            if address > LONGEST_ADDRESS:
                detail = f"the address has {address} bytes of {LONGEST_ADDRESS}; narrow the query down"
                await refuse(Request(scope), AddressTooLong(detail))(scope, receive, send)
                return
            headers = sum(len(name) + len(value) + 4 for name, value in scope["headers"])
            if headers > LONGEST_HEADERS:
                detail = f"the headers have {headers} bytes of {LONGEST_HEADERS}; send fewer or shorter ones"
                await refuse(Request(scope), HeadersTooLong(detail))(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Rate:
    """Counts the requests of each caller in this process, over sliding windows."""

    def __init__(self, text: str) -> None:
        self._items = rates(text)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def hit(self, who: str) -> tuple[bool, dict[str, str]]:
        """Whether `who` may make one more request, and the RateLimit headers."""
        allowed, tightest = True, (math.inf, 0.0, self._items[0])
        for item in self._items:
            allowed = await self._limiter.hit(item, who) and allowed
            stats = await self._limiter.get_window_stats(item, who)
            tightest = min(tightest, (stats.remaining, stats.reset_time, item), key=lambda each: each[:2])
        remaining, reset, item = tightest
        wait_s = max(1, math.ceil(reset - time.time()))
        headers = {
            "RateLimit-Limit": str(item.amount),
            "RateLimit-Remaining": str(int(remaining)),
            "RateLimit-Reset": str(wait_s),
        }
        return allowed, headers if allowed else headers | {"Retry-After": str(wait_s)}
