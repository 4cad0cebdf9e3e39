"""Runs what takes seconds of CPU in a process of its own, so that requests are answered meanwhile.

networkx is Python: in a thread it would take turns with everything else the service does. One process serves
all requests of a service, one after the other, and stays for some minutes after the last.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, fail_after, to_process
from anyio.lowlevel import RunVar

from service.refusals import Busy

T = TypeVar("T")

LONGEST_S = 120.0
_turns: RunVar[CapacityLimiter] = RunVar("turns")


async def compute(function: Callable[..., T], *args: Any) -> T:
    """What `function` of a module returns for `args`; 503 when it and those before it take too long."""
    turns = _turns.get(None) or CapacityLimiter(1)
    _turns.set(turns)
    try:
        with fail_after(LONGEST_S):
            return await to_process.run_sync(function, *args, cancellable=True, limiter=turns)
    except TimeoutError:
        raise Busy(
            f"it took over {LONGEST_S:.0f} s; try again when there is less to do, or take a smaller node",
        ) from None
