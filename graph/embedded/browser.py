"""Neo4j Browser itself: its static files from the locked jar, and the page that opens it connected."""

import tempfile
import zipfile
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from graph.embedded.attach import Progress
from graph.embedded.jar_lock import locked
from graph.embedded.jars import fetch, jar_files
from graph.embedded.locks import disk_errors, require_space
from graph.errors import EmbeddedError

_INSIDE = "browser"
_UNPACKED = 64 * 2**20


def browser_folder(cache: Path, maven_url: str | None = None, progress: Progress | None = None) -> Path:
    """The folder of the web application; the first call fetches and unpacks it. Blocks.

    Raises JarsUnavailable, HashMismatch, DiskFull or EmbeddedError.
    """
    cache = cache.expanduser().resolve()
    jar = locked("browser")[0]
    version = jar.coordinates.split(":")[2]
    folder = cache / f"neo4j-browser-{version}"
    if folder.exists():
        return folder
    what = f"Fetching Neo4j Browser {version} (GPLv3)"
    fetch(cache, "browser", maven_url, lambda done, total: progress(what, done, total) if progress else None)
    with disk_errors(cache):
        require_space(cache, _UNPACKED, "Neo4j Browser")
        _unpack(jar_files(cache, "browser")[0], folder)
    return folder


def _unpack(jar: Path, folder: Path) -> None:
    """Unpacks all files or none: into a temporary folder next to `folder`, which is then renamed."""
    with tempfile.TemporaryDirectory(prefix=".browser-", dir=folder.parent) as temporary:
        with zipfile.ZipFile(jar) as archive:
            wanted = [name for name in archive.namelist() if name.startswith(f"{_INSIDE}/")]
            archive.extractall(temporary, wanted)
        try:
            Path(temporary, _INSIDE).rename(folder)
        except OSError:
            if not folder.exists():  # otherwise another process was quicker, with the same files
                raise
    if not (folder / "index.html").is_file():
        raise EmbeddedError(f"{jar} holds no Neo4j Browser.")


def browser_page(uri: str, username: str) -> str:
    """The page in the folder that opens with address and user filled in: index.html?connectURL=…"""
    parts = urlsplit(uri)
    server = parts.netloc.rpartition("@")[2]
    address = urlunsplit(parts._replace(netloc=f"{quote(username, safe='')}@{server}"))
    return f"index.html?connectURL={quote(address, safe='')}"
