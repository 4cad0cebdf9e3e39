"""Runs work that takes seconds of CPU in a separate process, so that other requests are still answered.

networkx is pure Python: in a thread it would compete with everything else for the interpreter lock. One
process serves all requests of a service, one after the other, and is kept for some minutes after the last.
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
    """Runs a module-level function in the worker process and returns its result.

    Raises Busy (503) if it takes over LONGEST_S seconds, including the wait for the calls before it.
    """
    turns = _turns.get(None) or CapacityLimiter(1)
    _turns.set(turns)
    try:
        with fail_after(LONGEST_S):
            return await to_process.run_sync(function, *args, cancellable=True, limiter=turns)
    except TimeoutError:
        raise Busy(
            f"it took over {LONGEST_S:.0f} s; try again when there is less to do, or take a smaller node",
        ) from None
