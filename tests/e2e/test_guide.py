"""Runs the three ways to begin of docs/guide.md: with a vocabulary, by hand, with a model."""

from pathlib import Path

from naming import Namer
from openai_server import OpenAIServer
from pages import run

FIELDS = [["Physics", "Astrology"], ["Physics", "Law"], ["Physics"]]


def test_the_three_ways_to_begin(
    address: str, environment: dict[str, str], endpoint: OpenAIServer, tmp_path: Path
) -> None:
    endpoint.reply = Namer({"World": FIELDS})
    printed = run("docs/guide.md", address, environment, tmp_path, "begin")

    first = printed["begin_vocabulary"]
    assert "concepts: 3; edges: 2" in first
    assert "1 removed, 1 relabelled" in first
    assert "remove: the vocabulary does not have it any more" in first
    assert "subject: Instruments > Strings > Viols" in first
    assert "1 accepted, 0 superseded, 0 left as they were" in first
    exported = (tmp_path / "instruments-3.ttl").read_text()
    assert "Violins" in exported
    assert "Viols" not in exported

    by_hand = printed["begin_hand"]
    assert "subject: Crafts > Wood > Falconry (proposed)" in by_hand
    assert "1 rejected, 0 superseded, 0 left as they were" in by_hand
    assert "Joinery" in by_hand.partition("left as they were")[2]

    model = printed["begin_model"]
    assert "named in 3 of 3 lists" in model
    said = [line.split() for line in model.partition("closed")[2].splitlines() if "Field" in line]
    statuses = {word: line for line in said for word in ("Physics", "Law", "Astrology") if word in line}
    assert {name: [*{"accepted", "rejected", "proposed"} & {*line}] for name, line in statuses.items()} == {
        "Physics": ["accepted"],
        "Astrology": ["rejected"],
        "Law": ["proposed"],
    }
