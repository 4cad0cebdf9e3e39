"""The jars of Neo4j: which ones (neo4j.lock), where they are kept, and how they get there.

They are fetched once into `CACHE/jars`, concurrently, each checked against the SHA-256 in the lock file. A
marker named after the lock file's content says that a group is complete; later starts only check the marker
and the files' sizes, without any network access.
"""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from graph.embedded.jar_lock import Group, Jar, Progress, locked
from graph.embedded.locks import EXCLUSIVE, disk_errors, lock, require_space, unlock
from graph.errors import EmbeddedError
from graph.files import write_whole

_OTHER_FETCH_S: Final = 600.0
_MARGIN: Final = 16 * 2**20


def jar_files(cache: Path, group: Group) -> list[Path]:
    """The paths of the group's jars, whether or not they have been fetched."""
    return [cache / "jars" / jar.name for jar in locked(group)]


def are_cached(cache: Path, group: Group) -> bool:
    """Whether the group is complete. Checks the marker and the sizes, not the contents."""
    jars = locked(group)
    return _marker(cache / "jars", jars).exists() and all(
        path.is_file() and path.stat().st_size == jar.size
        for path, jar in zip(jar_files(cache, group), jars, strict=True)
    )


def fetch(cache: Path, group: Group, maven_url: str | None = None, progress: Progress | None = None) -> bool:
    """Fetches the jars of the group into the cache; returns False if they were there already.

    Blocks, and must not be called in a thread that runs an event loop. Raises JarsUnavailable,
    HashMismatch, DiskFull, or EmbeddedError if the cache folder cannot be written.
    """
    if are_cached(cache, group):
        return False
    folder = cache / "jars"
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        turn = lock(folder / ".lock", EXCLUSIVE, _OTHER_FETCH_S)
        if turn is None:
            raise EmbeddedError(f"Another process has been fetching into {folder} for too long; end it.")
        try:
            if are_cached(cache, group):
                return False
            _fetch_missing(folder, locked(group), maven_url, progress or (lambda _done, _total: None))
        finally:
            unlock(turn)
    return True


def _marker(folder: Path, jars: tuple[Jar, ...]) -> Path:
    digest = hashlib.sha256("\n".join(f"{jar.coordinates} {jar.sha256}" for jar in jars).encode())
    return folder / f"{jars[0].group}-{digest.hexdigest()[:16]}.complete"


def _fetch_missing(folder: Path, jars: tuple[Jar, ...], maven_url: str | None, progress: Progress) -> None:
    for left_over in folder.glob(".*.part"):  # from a fetch that was killed: we hold the lock
        left_over.unlink(missing_ok=True)
    missing = [jar for jar in jars if not _is_whole(folder / jar.name, jar)]
    require_space(folder, sum(jar.size for jar in missing) + _MARGIN, "the jars of Neo4j")
    from graph.embedded.download import download  # aiohttp takes 0.2 s to import; only a first start needs it

    asyncio.run(download(missing, folder, repositories(maven_url), progress))
    write_whole(_marker(folder, jars), b"")


def _is_whole(path: Path, jar: Jar) -> bool:
    if not path.is_file() or path.stat().st_size != jar.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256


def repositories(maven_url: str | None) -> list[str]:
    """Repository addresses in the order to try: the one given, or jgo's configured and default ones."""
    if maven_url:
        return [maven_url]
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext

    own = GlobalSettings.load().repositories
    default = {name: url for name, url in MavenContext().remote_repos.items() if name not in own}
    return [*own.values(), *default.values()]
