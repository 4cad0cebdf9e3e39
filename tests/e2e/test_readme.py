"""Runs README.md's blocks as a person would: in one shell, block after block, with a real service running."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openai_server import OpenAIServer

from graph.database import Database
from service.settings import Settings

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"<!-- test: (\w+) -->\n```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8321"
WANTED = 12


def blocks() -> dict[str, str]:
    """The marked blocks by name, in order."""
    return dict(BLOCK.findall(README.read_text(encoding="utf-8")))


@pytest.fixture
def environment(settings: Settings, endpoint: OpenAIServer) -> dict[str, str]:
    """The environment of a user whose endpoint is the deterministic one."""
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GLAN_HOME": str(settings.home),
        "GLAN_CACHE": str(settings.cache),
        "OPENAI_BASE_URL": endpoint.base_url,
        "GLAN_MODEL": "test-model",
    }


@pytest.fixture
def address(database: Database, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a real `glan serve` on the session's Neo4j."""
    command = ["glan", "serve", "--port", "0"]
    log = tmp_path / "serve.log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=out, stderr=out) as service,
    ):
        try:
            yield _await_address(service, log)
        finally:
            service.terminate()
            service.wait(30)


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


def run(address: str, environment: dict[str, str], folder: Path) -> dict[str, str]:
    """Runs all blocks in one bash; returns what each one printed, by name."""
    named = blocks()
    marks = [f"echo; echo '=== {name}'\n{text}" for name, text in named.items()]
    script = "set -euo pipefail\n" + "\n".join(marks).replace(ADDRESS, address)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = re.split(r"^=== (\w+)\n", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def row_of(table: str, name: str) -> list[str]:
    """The cells of the row of a Rich table that begins with `name`."""
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in table.splitlines()]
    [row] = [row for row in cells if row[0] == name]
    return row


def test_readme_does_what_it_says(address: str, environment: dict[str, str], tmp_path: Path) -> None:
    printed = run(address, environment, tmp_path)
    assert list(printed) == ["rest", "grow", "coverage", "bolt", "pull"]

    loaded, inserted = printed["rest"].split("\n", 1)
    assert loaded == "135 created, 0 there already, 0 refused"
    node = json.loads(inserted)
    assert (node["kind"], node["name"]) == ("Discipline", "Beekeeping")

    _, concepts, covered, instructions, *_ = row_of(printed["coverage"], "Beekeeping")
    # Two subjects of three sessions with four concepts, one of them shared with the next session: ten each.
    assert (concepts, instructions) == ("20", str(WANTED))
    assert 0 < int(covered.split()[0]) <= 20
    assert "Beekeeping 1" in printed["coverage"]

    by_degree = re.findall(r"(\d+) concepts with (\d+) instructions", printed["bolt"])
    assert sum(int(concepts) for concepts, _ in by_degree) == 20
    assert sum(int(concepts) for concepts, degree in by_degree if degree != "0") == int(covered.split()[0])

    openai = [json.loads(line) for line in (tmp_path / "beekeeping.jsonl").read_text().splitlines()]
    alpaca = [json.loads(line) for line in (tmp_path / "agriculture.jsonl").read_text().splitlines()]
    assert len(openai) == len(alpaca) == WANTED
    assert all([m["role"] for m in line["messages"]] == ["user", "assistant"] for line in openai)
    assert all(line["instruction"] and line["output"] for line in alpaca)
    assert printed["pull"].split()[0] == str(WANTED)


def test_every_link_and_picture_is_there() -> None:
    text = README.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert (README.parent / target).exists(), target
