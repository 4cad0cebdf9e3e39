"""The embedded Neo4j itself: real processes, real kills, and the data afterwards."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import neo4j
import platformdirs
import pytest

from graph.embedded import class_archive, server
from graph.embedded.attach import EmbeddedConfig, attach, info, stop
from graph.embedded.child import _failure as failure
from graph.embedded.data_folder import DataFolder
from graph.embedded.jar_lock import neo4j_version
from graph.embedded.jars import fetch
from graph.errors import DiskFull, EmbeddedError, ForeignData, PortTaken

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("GLAN_CACHE") or platformdirs.user_cache_path("glan"))
LINGER_S = 3.0

CLIENT = """
import json, sys, time
from pathlib import Path
from graph.embedded.attach import EmbeddedConfig, attach
attached = attach(EmbeddedConfig(Path(sys.argv[1]), Path(sys.argv[2]), linger_s=float(sys.argv[3])))
print(json.dumps({"pid": attached.pid, "uri": attached.uri}), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """One data folder for the module; a child may or may not be running in it when a test begins."""
    config = EmbeddedConfig(tmp_path_factory.mktemp("embedded") / "ho me é", CACHE, linger_s=LINGER_S)
    yield config
    stop(config, force=True)


@pytest.fixture
def client(config, tmp_path):
    """Starts other processes that attach and stay attached until their stdin is closed."""
    (tmp_path / "graph.py").write_text("raise RuntimeError('a file of the user, not our package')")
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", CLIENT, str(config.home), str(CACHE), str(LINGER_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process):
    return json.loads(process.stdout.readline())


def run(attached, query, **parameters):
    with (
        neo4j.GraphDatabase.driver(attached.uri, auth=(attached.username, attached.password)) as driver,
        driver.session() as session,
    ):
        return session.run(query, parameters).value()


def look(config):
    found = info(config)
    assert found is not None
    return found


def wait_until(true, seconds=15.0):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# Many processes, one child


def test_three_that_start_at_once_start_one_child(config, client):
    stop(config, force=True)
    answers = [said(process) for process in [client(), client(), client()]]
    assert len({answer["pid"] for answer in answers}) == 1
    with attach(config) as attached:
        assert attached.pid == answers[0]["pid"]
        assert attached.uri.startswith("bolt://127.0.0.1:")
        assert attached.notice is None or "GNU General Public License" in attached.notice


def test_a_killed_client_leaves_nothing_behind(config, client):
    with attach(config) as attached:
        process = client()
        said(process)
        process.kill()
        process.wait()
    wait_until(lambda: not look(config).in_use)
    assert look(config).pid == attached.pid


def test_ctrl_c_is_not_for_the_child(config, client):
    process = client()
    pid = said(process)["pid"]
    os.killpg(process.pid, signal.SIGINT)
    process.wait()
    with attach(config) as attached:
        assert attached.pid == pid
        assert os.getpgid(pid) != os.getpgid(0)


def test_info_tells_what_is(config):
    assert info(EmbeddedConfig(config.home / "nothing here", CACHE)) is None
    with attach(config) as attached:
        now = look(config)
        assert (now.running, now.in_use, now.uri, now.pid) == (True, True, attached.uri, attached.pid)
        assert now.version == neo4j_version()
        assert now.password_file.read_text() == attached.password


def test_password_is_for_the_user_alone(config):
    with attach(config) as attached:
        folder = DataFolder(config.home.resolve())
        assert stat.S_IMODE(folder.password_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.own.stat().st_mode) == 0o700
        assert run(attached, "RETURN 1") == [1]
        with (
            neo4j.GraphDatabase.driver(attached.uri, auth=("neo4j", "neo4j")) as driver,
            pytest.raises(neo4j.exceptions.AuthError),
        ):
            driver.verify_connectivity()


def test_files_of_the_machine_are_closed(config):
    with attach(config) as attached, pytest.raises(neo4j.exceptions.ClientError):
        run(attached, "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line")


# Ends


def test_killed_child_is_started_again_with_all_that_was_acknowledged(config):
    with attach(config) as first:
        run(first, "UNWIND range(1, 1000) AS i CREATE (:Kept {i: i})")
        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: not look(config).running)
        with attach(config) as second:
            assert second.pid != first.pid
            # Same address and password, so drivers that lost the first child reconnect to the second.
            assert (second.uri, second.password) == (first.uri, first.password)
            assert run(first, "MATCH (n:Kept) RETURN count(n)") == [1000]


def test_stop_and_a_container_folder_taken_over(config):
    with attach(config) as attached:
        run(attached, "CREATE (:Container)")
        with pytest.raises(EmbeddedError, match="--force"):
            stop(config)
    assert stop(config)
    assert not stop(config)

    # As a container leaves the folder: without our files, and with an unknown password.
    shutil.rmtree(config.home / "glan")
    for path in [config.home, *config.home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert {path.name for path in config.home.iterdir()} >= {"databases", "transactions"}
    with attach(config) as again:
        assert again.password != attached.password
        assert run(again, "MATCH (n:Container) RETURN count(n)") == [1]
        # Files that others could read are closed to them, and so are files added since.
        open_to_others = [p for p in [config.home, *config.home.rglob("*")] if p.stat().st_mode & 0o077]
        # Lock files are created by clients, in a folder that is itself closed.
        assert {path.suffix for path in open_to_others} <= {".lock", ".log"}
        assert stop(config, force=True)
        assert not look(config).running


def test_lingers_and_goes(config):
    attached = attach(config)
    attached.release()
    attached.release()
    began = time.monotonic()
    time.sleep(LINGER_S / 2)
    with attach(config) as again:
        assert again.pid == attached.pid
    wait_until(lambda: not look(config).running)
    assert time.monotonic() - began > 1.5 * LINGER_S - 0.5
    assert not look(config).in_use


# What can go wrong


def test_folder_of_another_version(tmp_path):
    (tmp_path / "glan").mkdir()
    (tmp_path / "glan" / "version").write_text("4.4.41\n")
    with pytest.raises(ForeignData, match=r"written by Neo4j 4\.4\.41.*NEO4J_URI"):
        attach(EmbeddedConfig(tmp_path, CACHE))


def test_port_taken(tmp_path):
    fetch(CACHE, "neo4j")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} "):
            attach(EmbeddedConfig(tmp_path, CACHE, port=port))


def test_no_room_for_the_data(tmp_path, monkeypatch):
    fetch(CACHE, "neo4j")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(DiskFull, match="GLAN_HOME"):
        attach(EmbeddedConfig(tmp_path, CACHE))


def test_a_child_that_cannot_start_says_why(tmp_path):
    fetch(CACHE, "neo4j")
    with pytest.raises(EmbeddedError, match=r"heap.*server\.log"):
        attach(EmbeddedConfig(tmp_path, CACHE, heap="1k"))
    assert not look(EmbeddedConfig(tmp_path, CACHE)).running


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        ("PortBindException: An error occurred while trying to bind to the socket", PortTaken),
        ("IOException: No space left on device", DiskFull),
        ("UnableToMigrateException: The selected target store format 'AF4.3.0' is no longer", ForeignData),
        ("UnsupportedLogVersionException: Log file contains entries with prefix 25", ForeignData),
        ("ClassNotFoundException: org.neo4j.Thing", EmbeddedError),
    ],
)
def test_causes_in_the_log_become_errors(tmp_path, cause, kind):
    folder = DataFolder(tmp_path)
    folder.prepare()
    folder.log_file.write_text(f"Traceback\nfailed: RuntimeException: it\nfailed: {cause}\n")
    error = failure(folder)
    assert type(error) is kind
    assert cause in str(error)


def test_classes_that_were_listed_once_are_mapped_by_later_starts(neo4j, tmp_path):
    """A cache of its own with the same jars, and a listing that is broken off, with a line Java refuses."""
    (tmp_path / "jars").mkdir()
    for jar in (CACHE / "jars").glob("*.jar"):
        (tmp_path / "jars" / jar.name).symlink_to(jar)
    before, listing = class_archive.flags(tmp_path)
    assert listing is not None
    assert before == [f"-XX:DumpLoadedClassList={listing}"]
    lines = ["java/lang/Object", f"@lambda-proxy {'x' * 5_000}", "org/jpype/Gone", "org/neo4j/graphdb/Node"]
    listing.write_text("\n".join([*lines, "org/neo4j/graph"]))
    # As after a stop whose data folder was removed since.
    gone = tmp_path / "gone"
    gone.mkdir()
    script = (
        "import os, sys; os.rmdir(os.getcwd())\n"
        "from pathlib import Path; from graph.embedded.class_archive import make\n"
        "sys.exit(not make(*map(Path, sys.argv[1:])))"
    )
    command = [sys.executable, "-c", script, str(tmp_path), str(listing)]
    assert subprocess.run(command, cwd=gone, env=os.environ | {"PYTHONPATH": str(ROOT)}).returncode == 0
    assert not listing.exists()
    [flag], none = class_archive.flags(tmp_path)
    assert none is None
    # It must be used or Java does not start; more may follow on the class path, as JPype has it.
    path = os.pathsep.join([*class_archive.class_path(tmp_path), str(tmp_path / "more.jar")])
    java = [str(class_archive.JAVA), "-Xshare:on", flag, "-cp", path, "-version"]
    assert subprocess.run(java, capture_output=True, check=False).returncode == 0
    # One that cannot be made is not tried at every stop.
    Path(flag.partition("=")[2]).unlink()
    again = class_archive.flags(tmp_path)[1]
    assert again is not None
    again.write_text("no class list\n@nonsense\n")
    assert not class_archive.make(tmp_path, again)
    assert class_archive.flags(tmp_path) == ([], None)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, ["-XX:+UseG1GC"]),
        ({"JAVA_TOOL_OPTIONS": "-Xss2m -XX:+UseGCOverheadLimit"}, ["-XX:+UseG1GC"]),
        ({"JAVA_TOOL_OPTIONS": "-Xss2m -XX:+UseSerialGC"}, []),
        ({"_JAVA_OPTIONS": "-XX:+UseZGC"}, []),
    ],
)
def test_java_is_given_one_collector(
    given: dict[str, str], named: list[str], monkeypatch: pytest.MonkeyPatch
):
    for name in class_archive.OPTIONS:
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert server.collector() == named
