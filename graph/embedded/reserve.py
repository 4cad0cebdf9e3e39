"""Space that stays free on the disk of the data folder, so that the database can always be opened again."""

import shutil
from pathlib import Path
from time import monotonic
from typing import Final

from graph.errors import DiskFull

LOOK_S: Final = 1.0


class Reserve:
    """`require` raises DiskFull while fewer than `megabytes` are free; it checks at most once per second.

    Neo4j writes more than it is given, and later: checkpoints write what is still in memory into the store.
    """

    def __init__(self, home: Path, megabytes: int) -> None:
        self._home = home
        self._megabytes = megabytes
        self._looked_s = float("-inf")
        self._full = False

    def require(self) -> None:
        """Raises DiskFull if too little is free; the message says how much must be."""
        if monotonic() - self._looked_s >= LOOK_S:
            self._full = self._is_full()
            self._looked_s = monotonic()
        if self._full:
            raise DiskFull(
                f"The disk of {self._home} is full: glan keeps {self._megabytes} MB of it free, so "
                "that the database can always be opened again (GLAN_DISK_RESERVE_MB). Nothing was "
                "written. Free some space and try again; nothing has to be restarted."
            )

    def _is_full(self) -> bool:
        try:
            return shutil.disk_usage(self._home).free < self._megabytes << 20
        except FileNotFoundError:  # Neo4j itself will report that its folder is gone
            return False
