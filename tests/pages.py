"""Runs the marked blocks of a page as a person would: in one shell, in order, with a real service."""

import re
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"<!-- test: (\w+) -->\n```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8321"


@contextmanager
def serving(environment: dict[str, str], folder: Path) -> Generator[str]:
    """The address of a `glan serve` that runs until the context ends."""
    with service(environment, folder) as (address, _):
        yield address


@contextmanager
def service(environment: dict[str, str], folder: Path) -> "Generator[tuple[str, subprocess.Popen[bytes]]]":
    """A `glan serve` that runs until the context ends, and its address; it may be killed before."""
    log = folder / "serve.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(
            ["glan", "serve", "--port", "0"], env=environment, cwd=folder, stdout=out, stderr=out
        ) as process,
    ):
        try:
            yield _await_address(process, log), process
        finally:
            process.terminate()
            process.wait(30)


def _await_address(service: "subprocess.Popen[bytes]", log: Path) -> str:
    """The address that the service prints, once it is ready; raises AssertionError if it ends."""
    while service.poll() is None:
        found = re.search(r"glan on (http://\S+)", log.read_text())
        if found and _is_ready(found[1]):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz").is_success
    except httpx.TransportError:
        return False


def run(
    page: str, address: str, environment: dict[str, str], folder: Path, begins: str = ""
) -> dict[str, str]:
    """Runs all blocks of a page in one bash, in order; returns what each one printed, by name.

    `begins`: only those whose names begin so.
    """
    named = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    named = [(name, text) for name, text in named if name.startswith(begins)]
    marks = [f"echo; echo '=== {name}'\n{text}" for name, text in named]
    script = "set -euo pipefail\n" + "\n".join(marks).replace(ADDRESS, address)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = re.split(r"^=== (\w+)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
