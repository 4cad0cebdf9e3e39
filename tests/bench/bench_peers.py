"""Samples per second of other generators beside glan's and the bare SDK loop's, on the same endpoint.

Each of them is installed from PyPI, in the version named here, into an environment of its own below
build/peers, which stays. Run: python tests/bench/bench_peers.py [--quick]; it writes the section Peers of
docs/benchmarks.md unless --quick is given.
"""

import json
import subprocess
import sys
import venv
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import report
from bench.bench_generation import IN_FLIGHT, NAMES, one_round, rate
from bench.garden import Garden, Say, Server, endpoint, planted, silent
from bench.loops import Task

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "peers"
SAMPLES, QUICK_SAMPLES = 1_000, 50
ROUNDS, QUICK_ROUNDS = 5, 1
LOOPS = ("sdk", "glan", "unchecked")
WARMED = 3_000

Row = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """A generator: what it is called, what pip installs, and the script that runs it."""

    name: str
    script: str
    packages: tuple[str, ...]

    @property
    def python(self) -> Path:
        """The interpreter of its environment, which is made if it is not there."""
        folder = BUILD / self.script
        done = folder / "installed.txt"
        python = folder / "bin" / "python"
        wanted = "\n".join(self.packages)
        if not done.exists() or done.read_text() != wanted:
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *self.packages], check=True)
            done.write_text(wanted)
        return python


PEERS = (
    Peer("Curator 0.1.31", "run_curator", ("bespokelabs-curator==0.1.31",)),
    Peer("distilabel 1.5.3", "run_distilabel", ("distilabel[openai]==1.5.3", "requests==2.32.5")),
)


def main() -> None:
    quick = "--quick" in sys.argv
    text = report.run(report.PEERS, quick)
    if not quick:
        report.write(report.PEERS, text)


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row for each generator and loop, in turns."""
    samples, rounds = (QUICK_SAMPLES, QUICK_ROUNDS) if quick else (SAMPLES, ROUNDS)
    for peer in PEERS:
        say(f"{peer.name} runs by {peer.python}")
    found: dict[str, list[Row]] = {}
    with endpoint() as server, planted() as garden:
        one_round(server, garden, "glan", samples if quick else WARMED)
        for n in range(rounds):
            for loop in LOOPS:
                found.setdefault(NAMES[loop], []).append(one_round(server, garden, loop, samples))
            for peer in PEERS:
                found.setdefault(peer.name, []).append(ran(peer, server, garden, samples))
            said = {name: round(samples / times[-1]["seconds"]) for name, times in found.items()}
            say(f"round {n + 1}, samples a second: {said}")
    sdk = rate(samples, found[NAMES["sdk"]])
    return [_row(name, samples, times, sdk) for name, times in found.items()]


def ran(peer: Peer, server: Server, garden: Garden, samples: int) -> Row:
    """The figures of a peer's process; raises if it did not make all samples."""
    server.reset()
    task = Task(server.base_url, samples, in_flight=IN_FLIGHT, prompt=garden.prompt)
    done = subprocess.run(
        [peer.python, HERE / "peers" / f"{peer.script}.py"],
        input=json.dumps(asdict(task)),
        text=True,
        capture_output=True,
        check=False,
    )
    figures = next((line for line in reversed(done.stdout.splitlines()) if line.startswith("{")), None)
    if done.returncode or figures is None:
        raise RuntimeError(f"{peer.name} ended with {done.returncode}: {done.stderr[-2000:]}")
    found: Row = json.loads(figures)
    if found["made"] != samples:
        raise RuntimeError(f"{peer.name} made {found['made']} of {samples} samples")
    return found


def _row(name: str, samples: int, times: list[Row], sdk: float) -> Row:
    mine = rate(samples, times)
    return {
        "generator": name,
        "samples/s": f"{mine:,.0f}",
        "to the bare SDK loop": f"{mine / sdk:.2f}",
        "CPU ms a sample": f"{1e3 * median(one['cpu_s'] for one in times) / samples:.2f}",
        "peak MB": f"{max(one['peak_mb'] for one in times):.0f}",
    }


if __name__ == "__main__":
    main()
