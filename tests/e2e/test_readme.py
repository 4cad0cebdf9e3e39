"""Runs README.md's blocks."""

import json
import re
from pathlib import Path

from pages import ROOT, run

WANTED = 12


def row_of(table: str, name: str) -> list[str]:
    """The cells of the row of a Rich table that begins with `name`."""
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in table.splitlines()]
    [row] = [row for row in cells if row[0] == name]
    return row


def test_readme_does_what_it_says(address: str, environment: dict[str, str], tmp_path: Path) -> None:
    printed = run("README.md", address, environment, tmp_path)
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
    for target in re.findall(r"\]\(([^)#\s]+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        if "://" not in target:
            assert (ROOT / target).exists(), target
