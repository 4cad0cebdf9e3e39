"""schemathesis on the whole OpenAPI document: examples, fuzzing and stateful tests, all checks on.

By default the run is short and always the same. With FUZZ_S=600 it is random, has the coverage phase too, and
takes that many seconds: `make fuzz`, or `make fuzz SECONDS=3600`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from graph.database import Database

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = Path(__file__).with_name("schemathesis.toml")
LONG_S = int(os.environ.get("FUZZ_S", "0"))
# Coverage, thousands of requests for each rule of the document, takes longer than all the others.
PHASES = "examples,coverage,fuzzing,stateful" if LONG_S else "examples,fuzzing,stateful"


@pytest.mark.timeout(LONG_S + 600)
def test_nothing_breaks_it(grower: httpx.Client, database: Database, tmp_path: Path):
    chosen = ["--max-time", str(LONG_S)] if LONG_S else ["--generation-deterministic"]
    command = [
        *(str(SCHEMATHESIS), "--config-file", str(CONFIG), "run", f"{grower.base_url}/openapi.json"),
        *("--header", f"Authorization: {grower.headers['authorization']}"),
        *("--checks", "all", "--phases", PHASES, "--no-color", "--request-timeout", "60"),
        *("--continue-on-failure", "--warnings", "off", *chosen),
    ]
    env = os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    Path(os.environ.get("FUZZ_LOG", tmp_path / "log")).write_text(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert re.search(r"\b[1-9]\d* generated", done.stdout), done.stdout[-2000:]
    assert grower.get("/readyz").status_code == 200
