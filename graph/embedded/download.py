"""Downloads jars concurrently over pooled sessions and checks each against its SHA-256."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp

from graph.embedded.jar_lock import Jar, Progress
from graph.embedded.ports import is_loopback
from graph.errors import HashMismatch, JarsUnavailable
from graph.files import write_whole

AT_ONCE: Final = 16
TRIES: Final = 3
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=10, sock_read=30)
_CHUNK: Final = 1 << 16
_REFUSED: Final = {401, 403, 404, 410}
_OTHER_WAY: Final = (
    "Try again with a network, set GLAN_MAVEN_URL to a Maven repository you can reach, "
    "or set NEO4J_URI to a Neo4j 5.26 or newer that runs elsewhere."
)


async def download(jars: list[Jar], folder: Path, repositories: list[str], progress: Progress) -> None:
    """Downloads all jars into the folder, each whole and checked; the first failure ends all downloads.

    Raises JarsUnavailable, HashMismatch, or the OSError of a write.
    """
    try:
        await _Download(folder, repositories, sum(jar.size for jar in jars), progress).all(jars)
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several  # the others only follow from it


class _Sessions(NamedTuple):
    """Two sessions: the user's proxies are not used for a mirror on this machine."""

    by_proxy: aiohttp.ClientSession
    direct: aiohttp.ClientSession

    def of(self, url: str) -> aiohttp.ClientSession:
        return self.direct if is_loopback(url) else self.by_proxy


class _Download:
    """A download of up to AT_ONCE jars at a time, with a count of the bytes fetched."""

    def __init__(self, folder: Path, repositories: list[str], total: int, progress: Progress) -> None:
        self.folder, self.repositories = folder, [url.rstrip("/") for url in repositories]
        self.done, self.total, self.progress = 0, total, progress
        self.places = asyncio.Semaphore(AT_ONCE)

    async def all(self, jars: list[Jar]) -> None:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as by_proxy,
            aiohttp.ClientSession(timeout=_TIMEOUT) as direct,
            asyncio.TaskGroup() as group,
        ):
            sessions = _Sessions(by_proxy, direct)
            for jar in sorted(jars, key=lambda jar: -jar.size):  # the large ones first, so none comes last
                group.create_task(self.one(sessions, jar))

    async def one(self, sessions: _Sessions, jar: Jar) -> None:
        async with self.places:
            data = await self.bytes_of(sessions, jar)
            if hashlib.sha256(data).hexdigest() != jar.sha256:
                raise HashMismatch(
                    f"{jar.name} as fetched is not the file in graph/embedded/neo4j.lock; nothing of it was "
                    f"kept. Something between here and the Maven repository changes files. {_OTHER_WAY}"
                )
            await asyncio.to_thread(write_whole, self.folder / jar.name, data)

    async def bytes_of(self, sessions: _Sessions, jar: Jar) -> bytes:
        """The jar from the first repository that gives it, with TRIES at each; raises JarsUnavailable."""
        reason: Exception | None = None
        for repository in self.repositories:
            for again in range(TRIES):
                try:
                    return await self.get(sessions, f"{repository}/{jar.address}")
                except (aiohttp.ClientError, TimeoutError) as error:
                    reason = error
                    if isinstance(error, aiohttp.ClientResponseError) and error.status in _REFUSED:
                        break
                    await asyncio.sleep(0.3 * 2**again)
        raise JarsUnavailable(
            f"Neo4j's jars are not in {self.folder} and cannot be fetched "
            f"({jar.name}: {reason or 'no repository'}). {_OTHER_WAY}"
        ) from reason

    async def get(self, sessions: _Sessions, url: str) -> bytes:
        data = bytearray()
        try:
            async with sessions.of(url).get(url) as response:
                response.raise_for_status()
                async for chunk in response.content.iter_chunked(_CHUNK):
                    data += chunk
                    self.count(len(chunk))
        except BaseException:
            self.count(-len(data))
            raise
        return bytes(data)

    def count(self, size: int) -> None:
        self.done += size
        self.progress(self.done, self.total)
