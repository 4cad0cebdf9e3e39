"""The lock file and fetching by it, over real HTTP from a Maven repository served from memory."""

import errno
import hashlib
import io
import re
import shutil
import threading
import zipfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from types import SimpleNamespace

import pytest

from graph.embedded import browser, download, jar_lock, jars
from graph.embedded.jar_lock import Jar
from graph.errors import DiskFull, EmbeddedError, HashMismatch, JarsUnavailable

pytestmark = pytest.mark.slow

COORDINATES = ["org.one:first:1.0", "org.one.two:second:2.0:linux-x86_64", "org.three:third:3.0"]


def make_jar(coordinates, content, group: jars.Group = "neo4j"):
    return Jar(group, coordinates, len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def maven():
    """A Maven repository: `files` by path, `asked` counts requests, `fail` lists statuses to send first."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            repository.asked[self.path] += 1
            failures = repository.fail.get(self.path, [])
            status = failures.pop() if failures else 200 if self.path in repository.files else 404
            body = repository.files.get(self.path, b"") if status == 200 else b"no"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request, client_address):
            """Ignores clients that hang up after another jar has failed."""

    with Server(("127.0.0.1", 0), Handler) as server:
        repository = SimpleNamespace(
            url=f"http://127.0.0.1:{server.server_port}/maven", files={}, asked=Counter(), fail={}
        )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield repository
        server.shutdown()
        thread.join()


@pytest.fixture
def three(maven, monkeypatch):
    """Three small jars, locked and served."""
    contents = {name: name.encode() * 5_000 for name in COORDINATES}
    locked = tuple(make_jar(name, content) for name, content in contents.items())
    maven.files.update({f"/maven/{jar.address}": contents[jar.coordinates] for jar in locked})
    monkeypatch.setattr(jars, "locked", lambda _group: locked)
    return locked


# The lock file


def lock_lines():
    text = (resources.files("graph.embedded") / "neo4j.lock").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_lock_lines_are_well_formed():
    form = re.compile(r"(neo4j|browser) [\w.-]+:[\w.-]+:[\w.-]+(:[\w.-]+)? [1-9]\d* [0-9a-f]{64}")
    assert [line for line in lock_lines() if not form.fullmatch(line)] == []


def test_lock_names_no_host():
    assert not any("/" in line or "@" in line for line in lock_lines())


def test_lock_has_no_duplicates():
    everything = [*jars.locked("neo4j"), *jars.locked("browser")]
    for what in ("coordinates", "name", "sha256"):
        counts = Counter(getattr(jar, what) for jar in everything)
        assert [value for value, count in counts.items() if count > 1] == []
    assert jar_lock.neo4j_version().startswith("5.26.")
    assert len(jars.locked("browser")) == 1


def test_natives_of_every_system_are_locked():
    names = " ".join(jar.name for jar in jars.locked("neo4j"))
    for system in ("linux-x86_64", "linux-aarch_64", "osx-x86_64", "osx-aarch_64"):
        assert system in names


def test_address_in_a_repository():
    jar = make_jar("org.one.two:second:2.0:linux-x86_64", b"")
    assert jar.address == "org/one/two/second/2.0/second-2.0-linux-x86_64.jar"


# Fetching


def test_fetch_once_and_never_again(maven, three, tmp_path):
    seen = []
    assert not jars.are_cached(tmp_path, "neo4j")
    assert jars.fetch(tmp_path, "neo4j", maven.url, lambda done, total: seen.append((done, total)))
    total = sum(jar.size for jar in three)
    assert seen[-1] == (total, total)
    assert [path.stat().st_size for path in jars.jar_files(tmp_path, "neo4j")] == [jar.size for jar in three]
    asked = maven.asked.total()
    assert not jars.fetch(tmp_path, "neo4j", "http://127.0.0.1:9/nobody")
    assert maven.asked.total() == asked == 3


def test_only_what_is_missing_is_fetched_again(maven, three, tmp_path):
    jars.fetch(tmp_path, "neo4j", maven.url)
    first, second, _ = jars.jar_files(tmp_path, "neo4j")
    first.unlink()
    second.write_bytes(b"cut off")
    assert jars.fetch(tmp_path, "neo4j", maven.url)
    assert sorted(maven.asked.values()) == [1, 2, 2]


def test_what_a_killed_fetch_left_is_swept_away(maven, three, tmp_path):
    part = tmp_path / "jars" / ".first-1.0.jar.1.1.part"
    part.parent.mkdir()
    part.write_bytes(b"half")
    jars.fetch(tmp_path, "neo4j", maven.url)
    assert not part.exists()


def test_another_lock_file_has_another_marker(maven, three, tmp_path, monkeypatch):
    jars.fetch(tmp_path, "neo4j", maven.url)
    monkeypatch.setattr(jars, "locked", lambda _group: three[:2])
    assert not jars.are_cached(tmp_path, "neo4j")


def test_wrong_hash(maven, three, tmp_path):
    path = f"/maven/{three[0].address}"
    maven.files[path] = b"x" * three[0].size
    with pytest.raises(HashMismatch, match=r"first-1\.0\.jar.*NEO4J_URI"):
        jars.fetch(tmp_path, "neo4j", maven.url)
    assert not (tmp_path / "jars" / three[0].name).exists()
    assert not jars.are_cached(tmp_path, "neo4j")


def test_offline_with_an_empty_cache(three, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "TRIES", 1)
    with pytest.raises(JarsUnavailable, match="NEO4J_URI"):
        jars.fetch(tmp_path, "neo4j", "http://127.0.0.1:9/maven")


def test_a_repository_without_the_jar(maven, three, tmp_path):
    del maven.files[f"/maven/{three[1].address}"]
    with pytest.raises(JarsUnavailable, match="404"):
        jars.fetch(tmp_path, "neo4j", maven.url)
    assert maven.asked[f"/maven/{three[1].address}"] == 1


def test_a_repository_that_hiccups(maven, three, tmp_path):
    maven.fail[f"/maven/{three[1].address}"] = [503, 502]
    assert jars.fetch(tmp_path, "neo4j", maven.url)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_a_mirror_on_this_machine_is_not_asked_by_proxy(maven, three, tmp_path, monkeypatch, variable):
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(variable, "http://127.0.0.1:1")
    assert jars.fetch(tmp_path, "neo4j", maven.url)


def test_any_other_repository_is_asked_by_proxy(maven, three, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", maven.url.removesuffix("/maven"))
    with pytest.raises(JarsUnavailable):
        jars.fetch(tmp_path, "neo4j", "http://maven.invalid/maven2")
    assert any(path.startswith("http://maven.invalid/") for path in maven.asked)


def test_the_next_repository_is_asked(maven, three, tmp_path, monkeypatch):
    monkeypatch.setattr(jars, "repositories", lambda _url: [f"{maven.url}/empty", f"{maven.url}/"])
    assert jars.fetch(tmp_path, "neo4j")


def test_many_at_once_fetch_once(maven, three, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        fetched = list(pool.map(lambda _: jars.fetch(tmp_path, "neo4j", maven.url), range(4)))
    assert sorted(fetched) == [False, False, False, True]
    assert maven.asked.total() == 3


def test_no_room_is_seen_before_the_fetch(maven, three, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(DiskFull, match="GLAN_CACHE"):
        jars.fetch(tmp_path, "neo4j", maven.url)
    assert maven.asked.total() == 0


def test_room_that_runs_out(maven, three, tmp_path, monkeypatch):
    def no_room(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "write_whole", no_room)
    with pytest.raises(DiskFull):
        jars.fetch(tmp_path, "neo4j", maven.url)


def test_a_cache_that_is_no_folder(maven, three, tmp_path):
    (tmp_path / "jars").write_text("a file")
    with pytest.raises(EmbeddedError, match="Cannot work in"):
        jars.fetch(tmp_path, "neo4j", maven.url)


def test_the_users_own_mirror_comes_first(tmp_path, monkeypatch):
    monkeypatch.setenv("JGO_CONFIG_FILE", str(tmp_path / "jgo.conf"))
    default = jars.repositories(None)
    assert len(default) == 1
    (tmp_path / "jgo.conf").write_text("[repositories]\nours = http://127.0.0.1:9/ours\n")
    assert jars.repositories(None) == ["http://127.0.0.1:9/ours", *default]
    (tmp_path / "jgo.conf").write_text("[repositories]\ncentral = http://127.0.0.1:9/ours\n")
    assert jars.repositories(None) == ["http://127.0.0.1:9/ours"]
    assert jars.repositories("http://127.0.0.1:9/given") == ["http://127.0.0.1:9/given"]


# Neo4j Browser


def test_browser_is_unpacked_once(maven, tmp_path, monkeypatch):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "")
        archive.writestr("browser/index.html", "<html>")
        archive.writestr("browser/assets/a.js", "1")
    jar = make_jar("org.neo4j.client:neo4j-browser:5.0.0", packed.getvalue(), "browser")
    maven.files[f"/maven/{jar.address}"] = packed.getvalue()
    for module in (jars, browser):
        monkeypatch.setattr(module, "locked", lambda _group: (jar,))
    folder = browser.browser_folder(tmp_path, maven.url)
    assert (folder / "index.html").read_text() == "<html>"
    assert (folder / "assets" / "a.js").exists()
    assert browser.browser_folder(tmp_path, "http://127.0.0.1:9/nobody") == folder
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jars", "neo4j-browser-5.0.0"]


def test_browser_page_names_user_and_address():
    page = "index.html?connectURL=bolt%3A%2F%2Fneo4j%40127.0.0.1%3A7687"
    assert browser.browser_page("bolt://127.0.0.1:7687", "neo4j") == page
