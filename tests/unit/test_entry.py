"""The command `glan` where the process is unusual: modules of the same name, odd streams, Ctrl-C at once."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GLAN = Path(sys.executable).parent / "glan"
REPOSITORY = Path(__file__).parents[2]
RUN = "from glan_entry import main; main()"
# Nothing listens there.
NOWHERE = "http://127.0.0.1:9"


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


def glan(
    folder: Path, *args: str | bytes, redirected: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The command line of this repository in a folder, with its streams redirected by the shell."""
    path = os.pathsep.join(map(str, (folder, REPOSITORY / "service" / "entry", REPOSITORY)))
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", RUN, *args],
        env=os.environ
        | {"PYTHONPATH": path, "GLAN_HOME": str(folder / "home"), "GLAN_URL": NOWHERE, "COLUMNS": "200"}
        | environment,
        cwd=folder,
        capture_output=True,
        timeout=60,
    )


@pytest.mark.parametrize("raised", ["KeyboardInterrupt", "RuntimeError from KeyboardInterrupt()"])
def test_ctrl_c_while_modules_are_imported_is_one_word(tmp_path: Path, raised: str):
    (tmp_path / "typer.py").write_text(f"raise {raised}\n")
    ended = glan(tmp_path, "--help")
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"interrupted\n")


def test_other_errors_of_imports_are_not_hidden(tmp_path: Path):
    (tmp_path / "typer.py").write_text("raise RuntimeError('of a package')\n")
    assert b"RuntimeError: of a package" in glan(tmp_path, "--help").stderr


@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["node", "--help"], ["taxonomy", "check", "a.csv"]]
)
def test_a_full_disk_is_said_in_one_sentence(tmp_path: Path, args: list[str]):
    (tmp_path / "a.csv").write_text("Field,Discipline\nA,B\n")
    ended = glan(tmp_path, *args, redirected=">/dev/full")
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert b"No space left on device" in line


@pytest.mark.parametrize("redirected", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(tmp_path: Path, redirected: str):
    (tmp_path / "a.csv").write_text("Field,Discipline\nA,B\n")
    ended = glan(tmp_path, "taxonomy", "check", "a.csv", redirected=redirected)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_text_that_the_output_cannot_hold_is_escaped(tmp_path: Path, encoding: str):
    (tmp_path / "漢字 für.csv").write_text("Field,Discipline\nA,B\n")
    shown = glan(tmp_path, "taxonomy", "check", "漢字 für.csv", PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert "1 taxonomy: 漢字 für".encode(encoding, "backslashreplace") in shown.stdout
    as_json = glan(tmp_path, "taxonomy", "check", "漢字 für.csv", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(as_json.stdout)["taxonomies"][0]["name"] == "漢字 für"


def test_a_file_may_have_any_name(tmp_path: Path):
    name = os.fsdecode(b"bad\xff.csv")
    (tmp_path / name).write_text("Field,Discipline\nA,B\n")
    ended = glan(tmp_path, "taxonomy", "check", os.fsencode(name))
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "bad\ufffd.csv: csv" in ended.stdout.decode()


@pytest.mark.parametrize(
    "args", [["node", "show", b"a\xff"], ["node", "add", b"a\xff", "--kind", "Taxonomy"]]
)
def test_a_name_that_is_no_text_is_said_in_one_sentence(tmp_path: Path, args: list[str | bytes]):
    ended = glan(tmp_path, *args)
    assert ended.returncode == 1
    [line] = ended.stderr.decode().splitlines()
    assert line.startswith("error: 'a\\udcff' is not text in utf-8")
