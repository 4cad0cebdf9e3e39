"""The environment of benchmarks that run jobs: a temporary Neo4j with a planted discipline, and an endpoint.

The discipline has GLAN's shape, syllabi of 20 sessions with 5 concepts each, so that a job only makes
questions and answers, and a sample is two calls.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from generators.steps import questions
from graph.database import Database
from graph.embedded.attach import Attachment, attach, stop
from graph.model import Kind, NewNode
from graph.taxonomy import nodes, syllabi
from service.database import embedded_config, open_database
from service.settings import Settings

HERE = Path(__file__).parent
SESSIONS = 20
CONCEPTS = 5
TOPICS = ("Measurement", "Balance", "Growth", "Symmetry", "Transport", "Control", "Memory", "Noise", "Scale")
# Clock ticks per second, the unit of the times in /proc.
TICKS = os.sysconf("SC_CLK_TCK")
LOOK_S = 0.05

Say = Callable[[str], None]


def silent(_: str) -> None:
    """Says nothing."""


@dataclass(frozen=True)
class Garden:
    """A planted discipline in a running Neo4j."""

    home: Path
    discipline_id: str
    prompt: str
    """The prompt by which glan asks for one question; the bare loops send prompts of the same size."""
    neo4j_pid: int

    def settings(self, **more: Any) -> Settings:
        """Settings for this database, without the user's own."""
        return _settings(self.home, **more)


def _settings(home: Path, **more: Any) -> Settings:
    options: dict[str, Any] = {"_env_file": None, "home": home, "linger_s": 10, **more}
    return Settings(**options)


def clean_environment() -> None:
    """Removes the user's endpoints and databases from the environment; keeps where jars are found."""
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "NEO4J_", "GLAN_")) and name not in ("GLAN_CACHE", "GLAN_MAVEN_URL"):
            del os.environ[name]


def resident(pid: int, field: str = "VmRSS") -> float:
    """Memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


class Ran(NamedTuple):
    """A command that ended."""

    cpu_s: float
    most_mb: float
    out: str
    error: str


def ran(home: Path, *arguments: str, **environment: str) -> Ran:
    """Runs `glan` in a process of its own. `home`: its data folder, where its output is kept, too."""
    out, error = home / "stdout", home / "stderr"
    command = [sys.executable, "-c", "from glan_entry import main; main()", *arguments]
    with out.open("wb") as stdout, error.open("wb") as stderr:
        given = os.environ | {"GLAN_HOME": str(home)} | environment
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, env=given)
        cpu_s, most = _ended(process)
    return Ran(cpu_s, most, out.read_text(), error.read_text())


def _ended(process: "subprocess.Popen[Any]") -> tuple[float, float]:
    """Waits for a process; its CPU seconds, and the most memory that it held, in MB.

    Not the memory of its resource usage: that begins with what the process that started it held.
    """
    most = 0.0
    while True:
        with suppress(OSError, StopIteration):
            most = max(most, resident(process.pid, "VmHWM"))
        reaped, status, usage = os.wait4(process.pid, os.WNOHANG)
        if reaped:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime, most
        sleep(LOOK_S)


@contextmanager
def neo4j() -> Generator[tuple[Attachment, Settings]]:
    """A temporary empty Neo4j, which is removed afterwards, and settings for it."""
    clean_environment()
    home = Path(tempfile.mkdtemp(prefix="glan-bench-"))
    settings = _settings(home)
    config = embedded_config(settings)
    attachment = attach(config)
    try:
        yield attachment, settings
    finally:
        attachment.release()
        stop(config, force=True)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def planted(number: int = 20) -> Generator[Garden]:
    """A discipline of `number` syllabi in a temporary Neo4j, which is removed afterwards."""
    with neo4j() as (attachment, settings):
        discipline_id, prompt = asyncio.run(_plant(settings, number))
        yield Garden(settings.home, discipline_id, prompt, attachment.pid)


async def _plant(settings: Settings, number: int) -> tuple[str, str]:
    async with open_database(settings) as database:
        [taxonomy] = await _insert(database, [NewNode(kind=Kind.Taxonomy, name="Bench")])
        [field] = await _insert(database, [NewNode(kind=Kind.Field, name="Science", parent_id=taxonomy)])
        [discipline] = await _insert(
            database, [NewNode(kind=Kind.Discipline, name="Systems", parent_id=field)]
        )
        for n in range(number):
            await _plant_syllabus(database, discipline, n)
        return discipline, await _prompt(database, discipline)


async def _plant_syllabus(database: Database, discipline: str, n: int) -> None:
    topic = TOPICS[n % len(TOPICS)]
    name = f"{topic} in systems, part {n + 1}"
    [subject] = await _insert(
        database,
        [
            NewNode(
                kind=Kind.Subject,
                name=name,
                parent_id=discipline,
                properties={"level": "undergraduate year 2", "subtopics": [topic, "Methods", "Models"]},
            )
        ],
    )
    [syllabus] = await _insert(
        database,
        [
            NewNode(
                kind=Kind.Syllabus,
                name=f"{name}: syllabus",
                description=f"How {topic.lower()} shapes systems, from first examples to open questions.",
                parent_id=subject,
            )
        ],
    )
    sessions = await _insert(database, [_session(syllabus, topic, s) for s in range(SESSIONS)])
    await _insert(
        database,
        [
            _concept(session, f"{topic} {n + 1}.{s + 1}.{c + 1}: local rule", c)
            for s, session in enumerate(sessions)
            for c in range(CONCEPTS)
        ],
    )


def _session(syllabus: str, topic: str, s: int) -> NewNode:
    return NewNode(
        kind=Kind.ClassSession,
        name=f"{topic}, step {s + 1}",
        description=f"What step {s + 1} adds, why it was needed, and how it is used in practice.",
        parent_id=syllabus,
        position=s,
    )


def _concept(session: str, name: str, c: int) -> NewNode:
    return NewNode(kind=Kind.KeyConcept, name=name, parent_id=session, position=c)


async def _insert(database: Database, new: list[NewNode]) -> list[str]:
    """Inserts nodes and returns their ids; raises the first error."""
    ids: list[str] = []
    for inserted in await nodes.insert_many(database, new, by="bench"):
        if inserted.error:
            raise inserted.error
        assert inserted.id
        ids.append(inserted.id)
    return ids


async def _prompt(database: Database, discipline: str) -> str:
    [syllabus_id, *_] = await syllabi.below(database, discipline)
    context = await syllabi.context(database, syllabus_id)
    sessions = await syllabi.sessions(database, syllabus_id)
    names = [concept.name for concept in sessions[3].concepts[:3]]
    return questions.Lesson(context, sessions, "English").conversation([3], names)[0]["content"]


class Server:
    """The endpoint in a separate process."""

    def __init__(self, base_url: str, process: "subprocess.Popen[str]") -> None:
        self.base_url = base_url
        self.pid = process.pid

    def reset(self, **behaviour: Any) -> None:
        """Resets its counters and sets its behaviour."""
        _fetch(f"{self._root}/reset", json.dumps(behaviour).encode())

    @property
    def counters(self) -> dict[str, Any]:
        """What the endpoint has received since the last reset."""
        return _fetch(f"{self._root}/counters")

    @property
    def _root(self) -> str:
        return self.base_url.removesuffix("/v1")


def _fetch(url: str, body: bytes | None = None) -> dict[str, Any]:
    with urlopen(Request(url, body), timeout=10) as response:
        return json.load(response)


@contextmanager
def endpoint() -> Generator[Server]:
    """A running endpoint."""
    process = subprocess.Popen([sys.executable, str(HERE / "endpoint.py")], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Server(process.stdout.readline().strip(), process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def cpu_s(pid: int) -> float:
    """User and system CPU seconds that a process has used."""
    return _seconds(Path(f"/proc/{pid}/stat").read_text())


def thread_cpu_s(pid: int) -> dict[str, float]:
    """User and system CPU seconds that the threads of a process have used, by their names."""
    spent = defaultdict[str, float](float)
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # the thread may have ended
            stat = (task / "stat").read_text()
            spent[stat[stat.index("(") + 1 : stat.rindex(")")]] += _seconds(stat)
    return spent


def _seconds(stat: str) -> float:
    figures = stat.rsplit(")", 1)[1].split()
    return (int(figures[11]) + int(figures[12])) / TICKS
