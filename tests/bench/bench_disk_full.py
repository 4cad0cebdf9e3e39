"""Another program fills up the disk under load: does the data folder open again, with everything stored?

In each round, on a small disk, writers write until a file takes all the room there is, past the reserve. The
database ends by itself, is killed or is stopped; the file is removed, and the database must come back with
everything that was acknowledged. Mounts file systems, so it needs root on Linux; it says so elsewhere.
Run: python tests/bench/bench_disk_full.py [rounds]
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parents[2]))

from graph.database import Database
from graph.embedded.attach import info, stop
from graph.errors import DatabaseUnavailable, GraphError
from graph.model import Kind, NewNode
from graph.taxonomy import nodes
from service.database import embedded_config, open_database
from service.settings import Settings

ROUNDS = 20
DISK_MB = 600
WRITERS = 4
ENDS = ("by itself", "killed", "stopped", "killed after there was room", "stopped after there was room")


@contextmanager
def mounted(kind: str) -> Generator[Path]:
    """A new file system of DISK_MB. Raises OSError if it may not be mounted."""
    with tempfile.TemporaryDirectory(prefix="glan-disk-", ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch, "disk")
        folder.mkdir()
        if kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(folder)]
        else:
            image = Path(scratch, "image")
            _run(["truncate", "-s", f"{DISK_MB}M", str(image)])
            _run(["mkfs.ext4", "-q", "-F", "-m", "0", str(image)])
            command = ["mount", "-o", "loop", str(image), str(folder)]
        _run(command)
        try:
            yield folder
        finally:
            # At once for others, and in fact when the last process that still ends has closed its files.
            _run(["umount", "--lazy", str(folder)])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")


def fill(file: Path) -> None:
    """Fills the disk to the last block."""
    with file.open("ab", buffering=0) as out, suppress(OSError):
        while out.write(bytes(2**20)) == 2**20:
            pass
    with file.open("ab", buffering=0) as out, suppress(OSError):
        while out.write(bytes(2**9)):
            pass


async def write(database: Database, parent: str, name: str, stored: set[str], errors: dict[str, int]) -> None:
    """Inserts nodes until cancelled; adds the ids of acknowledged ones to `stored`, and counts errors."""
    number = 0
    while True:
        number += 1
        new = NewNode(kind=Kind.Field, name=f"{name} {number}", parent_id=parent, description="x" * 4000)
        try:
            stored.add((await nodes.insert(database, new))[0].id)
        except GraphError as error:
            kind = type(error).__name__
            errors[kind] = errors.get(kind, 0) + 1
            await asyncio.sleep(0.05)


async def fill_up(settings: Settings, disk: Path, number: int, chance: random.Random) -> tuple[set[str], str]:
    """Runs a round until the disk is full; returns the ids acknowledged in it, and the writers' errors."""
    stored, errors = set[str](), dict[str, int]()
    async with open_database(settings) as database:
        root, _ = await nodes.insert(database, NewNode(kind=Kind.Taxonomy, name=f"round {number}"))
        writers = [
            asyncio.create_task(write(database, root.id, f"{number} {writer}", stored, errors))
            for writer in range(WRITERS)
        ]
        wanted = chance.randint(20, 200)
        while len(stored) < wanted:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(fill, disk / "filler")
        while len(errors) == 0:
            await asyncio.sleep(0.05)
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)
    return stored, ", ".join(f"{count} {kind}" for kind, count in sorted(errors.items()))


def end(settings: Settings, how: str) -> None:
    """Ends the database in the way of this round, if it still runs."""
    config = embedded_config(settings)
    found = info(config)
    if how.startswith("killed") and found and found.pid:
        with suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGKILL)
    elif how.startswith("stopped"):
        stop(config, force=True)


async def missing(settings: Settings, ids: set[str]) -> int:
    """Starts the database and returns how many of the nodes are missing from it."""
    async with open_database(settings) as database:
        found = [await nodes.get(database, id_) for id_ in sorted(ids)]
    return len(ids) - len(found)


def rounds(kind: str, count: int) -> int:
    """Runs `count` rounds on a disk of a kind; returns how many went wrong."""
    failures = 0
    with mounted(kind) as disk:
        # No reserve: this tests the moment when another program has taken even the room that glan reserves.
        settings = Settings(home=disk / "glan", linger_s=1, disk_reserve_mb=0, neo4j_heap="256m")
        chance, stored = random.Random(kind), set[str]()
        for number in range(1, count + 1):
            how, began = ENDS[number % len(ENDS)], monotonic()
            try:
                more, told = asyncio.run(fill_up(settings, disk, number, chance))
                stored |= more
                if "after" not in how:
                    end(settings, how)
                with suppress(DatabaseUnavailable):
                    asyncio.run(missing(settings, set()))  # a start on the full disk must do no harm
                (disk / "filler").unlink()
                if "after" in how:
                    end(settings, how)
                lost = asyncio.run(missing(settings, stored))
            except GraphError as error:
                failures += 1
                print(f"{kind} {number}: {how}: {type(error).__name__}: {error}", flush=True)
                break
            failures += lost > 0
            print(
                f"{kind} {number}: {how}: {len(more)} stored, then told {told or 'nothing'}; {lost} of "
                f"{len(stored)} lost; {monotonic() - began:.0f} s",
                flush=True,
            )
        stop(embedded_config(settings), force=True)
    return failures


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    failures = 0
    for kind in ("tmpfs", "ext4"):
        try:
            failures += rounds(kind, count)
        except OSError as error:
            print(f"{kind}: not tried, for it cannot be mounted here: {error}")
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
