"""CPU time of a command that only reads: through a running service, and with its own service.

Run: python tests/bench/bench_commands.py [--quick]
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_generation import Row
from bench.garden import Say, silent

from service.server import running
from service.settings import Settings

GLAN = Path(sys.executable).with_name("glan")
BASE = [sys.executable, "-c", "import httpx"]
READ = [str(GLAN), "node", "list"]
ROUNDS = 9


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per way; ratios are to Python importing httpx, which takes turns with the ways."""
    rounds = 3 if quick else ROUNDS
    with tempfile.TemporaryDirectory(prefix="glan-bench-") as home:
        settings = Settings(home=Path(home), url=None)
        own = {"GLAN_HOME": home, "GLAN_CACHE": str(settings.cache)}
        with running(settings, takes="none") as url:
            ways = {
                "python -c 'import httpx'": (BASE, {}),
                "glan node list --url": ([*READ, "--url", url], {}),
                "glan node list": (READ, own),
            }
            found: dict[str, list[float]] = {name: [] for name in ways}
            for n in range(rounds):
                say(f"round {n + 1} of {rounds}")
                for name, (command, env) in ways.items():
                    found[name].append(cpu_s(command, env))
    base = median(next(iter(found.values())))
    return [
        {"command": name, "CPU s": f"{median(seconds):.2f}", "ratio": f"{median(seconds) / base:.1f}"}
        for name, seconds in found.items()
    ]


def cpu_s(command: list[str], env: dict[str, str]) -> float:
    """User and system seconds of a command and of all processes it started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=os.environ | env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("commands")
