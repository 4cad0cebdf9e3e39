"""How often Python looks for garbage in a process that moves many rows."""

import gc
from functools import cache

COLLECT_AFTER = 20_000


@cache
def collect_seldom() -> None:
    """Has Python collect reference cycles less often, and never among the objects that exist now.

    A batch of rows is tens of thousands of objects without a cycle: at Python's default thresholds, scanning
    them again and again takes a quarter of the time of a bulk insertion, and an eighth of a worker's. Takes
    effect once per process.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)
