"""The command `glan` when another module has the name of one of glan's packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

GLAN = Path(sys.executable).parent / "glan"


def run(path: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run([GLAN, "--version"], env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("file", ["service.py", "graph/__init__.py", "generators.py", "cypher/__init__.py"])
def test_a_module_of_the_same_name_is_named_in_one_sentence(tmp_path: Path, file: str):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("raise RuntimeError('of another project')\n")
    ended = run(tmp_path)
    assert ended.returncode == 1
    assert not ended.stdout
    [line] = ended.stderr.splitlines()
    assert str(tmp_path / file) in line
    assert "environment of its own" in line


def test_a_folder_of_the_same_name_is_not_in_the_way(tmp_path: Path):
    (tmp_path / "graph").mkdir()
    ended = run(tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("glan ")
