"""kill -9 of the embedded Neo4j under load: how long until a client of the service gets its next answer.

The limit is a clean start of the same folder in the same run, from the command to the first answer. A kill
adds noticing that Neo4j is gone, and the recovery of its log. Another start finds no class archive
(graph/embedded/class_archive.py).
Run: python tests/bench/bench_restart.py [--quick]
"""

import os
import signal
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from bench.bench_generation import Row
from bench.garden import Say, silent

from graph.embedded import class_archive
from graph.embedded.attach import info, stop
from service.database import embedded_config
from service.server import running
from service.settings import Settings

ROUNDS, QUICK_ROUNDS = 7, 2
CLIENTS = 8
LOAD_S = 3.0
PATIENCE_S = 180.0


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row for a clean start and one for a kill under load."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    starts: list[float] = []
    bare: list[float] = []
    kills: list[tuple[float, dict[int, int]]] = []
    with tempfile.TemporaryDirectory(prefix="glan-bench-") as home:
        settings = Settings(home=Path(home), url=None, linger_s=1)
        unarchived = settings.model_copy(update={"cache": _without_archive(settings.cache, Path(home))})
        for n in range(rounds + 1):
            say(f"round {n} of {rounds}")
            began = perf_counter()
            with running(settings, takes="none") as url:
                _first_answer(url, began)
                # The first start makes the schema.
                if n:
                    starts.append(perf_counter() - began)
                    kills.append(_killed(settings, url))
            stop(embedded_config(settings), force=True)
            _await_archive(settings.cache)
            if n:
                began = perf_counter()
                with running(unarchived, takes="none") as url:
                    _first_answer(url, began)
                    bare.append(perf_counter() - began)
                stop(embedded_config(unarchived), force=True)
    base = median(starts)
    statuses = [status for _, seen in kills for status in seen]
    return [
        _row("a clean start", starts, base),
        _row("one without the class archive", bare, base),
        _row("kill -9 under load", [seconds for seconds, _ in kills], base)
        | {"statuses meanwhile": ", ".join(map(str, sorted(set(statuses) - {200, 201})))},
    ]


def _await_archive(cache: Path) -> None:
    """Waits until the archive is there, which the first stop makes, or until it cannot be made."""
    since = perf_counter()
    while class_archive.flags(cache)[1] is not None and perf_counter() - since < PATIENCE_S:
        sleep(0.5)


def _without_archive(cache: Path, home: Path) -> Path:
    """A cache with the same jars, in which no archive can be made."""
    other = home / "cache"
    other.mkdir()
    (other / "jars").symlink_to(cache / "jars")
    (other / "classes").touch()
    return other


def _row(what: str, seconds: list[float], base: float) -> Row:
    return {
        "until the first answer after": what,
        "rounds": len(seconds),
        "median s": f"{median(seconds):.1f}",
        "longest s": f"{max(seconds):.1f}",
        "to a clean start": f"{median(seconds) / base:.2f}",
        "statuses meanwhile": "",
    }


def _first_answer(url: str, since: float) -> float:
    """Seconds from `since` to the first successful read of the graph."""
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        while perf_counter() - since < PATIENCE_S:
            if client.get("/v1/nodes", params={"limit": 1}).is_success:
                return perf_counter() - since
            sleep(0.05)
    raise AssertionError(f"no answer within {PATIENCE_S:g} s")


def _killed(settings: Settings, url: str) -> tuple[float, dict[int, int]]:
    """Kills Neo4j while clients insert; seconds until the next answer, and the statuses that clients got."""
    statuses: dict[int, int] = {}
    stopped = threading.Event()
    clients = [threading.Thread(target=_insert, args=(url, n, statuses, stopped)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    sleep(LOAD_S)
    found = info(embedded_config(settings))
    assert found
    assert found.pid
    os.kill(found.pid, signal.SIGKILL)
    seconds = _first_answer(url, perf_counter())
    stopped.set()
    for client in clients:
        client.join()
    return seconds, statuses


def _insert(url: str, number: int, statuses: dict[int, int], stopped: threading.Event) -> None:
    count = 0
    with httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        while not stopped.is_set():
            count += 1
            node = {"kind": "Taxonomy", "name": f"client {number} node {count}"}
            status = client.post("/v1/nodes", json=node).status_code
            statuses[status] = statuses.get(status, 0) + 1


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("restart")
