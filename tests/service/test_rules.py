"""Rules, and how they do on pairs whose answer is known: over REST and on the command line."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from planting import Plant

from graph.database import Database
from graph.model import Kind

GOODS = ("barley", "copper", "timber", "cotton", "silk")
PLACES = ("Oslo", "Lagos", "Lima", "Pusan", "Genoa", "Tampa")


@pytest_asyncio.fixture
async def grown(grower: httpx.Client, database: Database) -> int:
    """How many accepted questions there are."""
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Trade", top)
    discipline = await plant.node(Kind.Discipline, "Shipping", field)
    syllabus = await plant.syllabus(discipline, "freight", {"s": GOODS})
    for n, place in enumerate(PLACES):
        for m, good in enumerate(GOODS):
            text = (
                f"A ferry leaves {place} at {n + 9} knots with {40 + m} tons of {good} on board. "
                f"How long does it need for {100 * n + m} miles, if Anna has to wait for the tide before?"
            )
            await plant.instruct(f"{n}{m}", syllabus, "s", good, question=text)
    return len(PLACES) * len(GOODS)


def classes(found: dict[str, Any], source: str) -> dict[str, tuple[int, int]]:
    return {
        one["kind"]: (one["pairs"], one["flagged"]) for one in found["classes"] if one["source"] == source
    }


def test_the_rule_is_tried_and_what_came_of_it_is_stored(grower: httpx.Client, grown: int):
    own = [
        {
            "label": "duplicate",
            "one": "Why do bees dance?",
            "other": "**Why do bees dance?**",
            "kind": "marks",
        },
        {"label": "different", "one": "Why do bees dance?", "other": "Why do bees dance ?"},
    ]
    answered = grower.post("/v1/rules:calibrate", json={"pairs": own, "seed": 4})
    assert answered.status_code == 200, answered.text
    rule = answered.json()
    found = rule["calibration"]
    assert (rule["id"], found["questions"], found["by"]) == ("near-duplicates@3", grown, "rest")
    assert classes(found, "own") == {"marks": (1, 1), "own": (1, 1)}
    # The wrong label is the one false alarm, and is told first.
    assert (found["false_alarms"], found["meets"]) == (1, False)
    assert found["wrong"][0]["other"] == "Why do bees dance ?"
    planted = classes(found, "planted")
    assert planted["form"] == (grown, grown)
    assert planted["one number"] == (grown, 0)
    assert classes(found, "graph")["another question"] == (4 * grown, 0)
    assert classes(found, "shipped")["typo"][0] == 15
    again = grower.post("/v1/rules:calibrate", json={"pairs": own, "seed": 4}).json()["calibration"]
    assert {**again, "at": None} == {**found, "at": None}
    [listed] = grower.get("/v1/rules").json()["items"]
    assert (listed["id"], listed["calibration"]) == (rule["id"], again)
    assert grower.get(f"/v1/rules/{rule['id']}").json() == listed
    assert grower.get("/v1/rules/none@1").status_code == 404
    assert listed["settings"] == rule["settings"] != {}
    assert grower.post("/v1/rules:calibrate", json={"questions": 0}).json()["calibration"]["questions"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {"pairs": [{"label": "same", "one": "a", "other": "b"}]},
        {"pairs": [{"label": "variant", "one": "a"}]},
        {"questions": 5001},
        {"seed": -1},
        {"sample": 5},
    ],
)
def test_what_cannot_be_tried_changes_nothing(grower: httpx.Client, body: dict[str, Any]):
    assert grower.post("/v1/rules:calibrate", json=body).status_code == 422
    assert grower.get("/v1/rules").json()["items"] == []


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.csv"
    file.write_text(
        "label,one,other,kind\n"
        'duplicate,"Name two harbours, and say why.","**Name 2 harbours, and say why.**",marks\n'
        'Variant,"Name two harbours, and say why.","Name three harbours, and say why.",numbers\n'
    )
    return file


def test_pairs_of_a_file_on_the_command_line(glan: Any, pairs: Path, tmp_path: Path):
    done = glan("check", "calibrate", "--pairs", str(pairs), "--questions", "0")
    assert "duplicates found: " in done.stdout
    assert "near-duplicates@3 gave no false alarm, on too few pairs" in done.stdout
    lines = tmp_path / "pairs.jsonl"
    lines.write_text(json.dumps({"label": "different", "one": "Why?", "other": "Why?"}) + "\n")
    found = json.loads(glan("check", "calibrate", "--pairs", str(lines), "--questions", "0", "--json").stdout)
    assert found["calibration"]["false_alarms"] == 1
    listed = glan("check", "rules")
    assert "near-duplicates@3" in listed.stdout
    assert "least overlap 0.7" in listed.stdout
    for text, said in (
        ("label,one,other\nsame,a,b\n", "row 1: 'same' is not a label"),
        ("label,one\nduplicate,a\n", "row 1: other missing"),
        ("label,one,other\n", "has no rows"),
    ):
        pairs.write_text(text)
        assert said in glan("check", "calibrate", "--pairs", str(pairs), code=1).stderr
