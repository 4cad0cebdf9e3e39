"""Diversity of a subtree over REST and on the command line, the same in every process."""

from typing import Any

import httpx
import pytest_asyncio
from planting import Plant, instruction

from generators.quality import diversity
from graph.database import Database
from graph.instructions import instructions
from graph.model import Kind

COUNT = 1_300


def question(n: int) -> str:
    """A third of the questions are of one template."""
    if n % 3 == 0:
        return f"How far does light travel in {n} seconds?"
    made_up = "".join(chr(97 + int(digit)) for digit in str(7919 * (n + 1)))
    return f"What does the {made_up} lens do?"


@pytest_asyncio.fixture
async def root(http: httpx.Client, database: Database) -> str:
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    disciplines = [
        await plant.node(Kind.Discipline, name, await plant.node(Kind.Field, f"F {name}", top))
        for name in ("Optics", "Acoustics")
    ]
    syllabus = await plant.syllabus(disciplines[0], "lenses", {"s1": ["a"]})
    await plant.syllabus(disciplines[1], "waves", {"s2": ["b"]})
    job = await plant.job(top)
    sessions, concepts = [*syllabus.sessions.values()], [*syllabus.concepts.values()]
    rows = [
        instruction(f"{n:05}", syllabus.id, sessions, concepts, question=question(n), language="English")
        for n in range(COUNT)
    ]
    rows += [instruction("odd", syllabus.id, sessions, concepts, question=question(0), language="French")]
    await database.writing(lambda tx: instructions.store(tx, job, rows))
    await plant.instruct("failed", syllabus, "s1", "a", status="failed", reason="malformed", question="X?")
    return top


def test_figures_of_a_subtree(http: httpx.Client, root: str, refused: Any):
    answer = http.get(f"/v1/nodes/{root}/diversity", params={"language": "English"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["kind"], found["name"], found["questions"]) == ("Taxonomy", "Root", COUNT)
    alike = sum(n % 3 == 0 for n in range(COUNT))
    assert found["variants"] == {
        "per_template": COUNT / (COUNT - alike + 1),
        "repeated": alike / COUNT,
        "largest": [{"count": alike, "example": "00000"}],
        "exact": True,
    }
    # The figures are those of the sample, whichever process computes them.
    sample = diversity.Sample()
    for n in reversed(range(COUNT)):
        sample.add(f"{n:05}", question(n))
    wanted = diversity.figures(sample.texts)
    assert {name: found[name] for name in wanted} == wanted
    assert found["sample"] == 1000
    assert 2 < found["vendi"] < 700
    everything = http.get(f"/v1/nodes/{root}/diversity").json()
    assert (everything["questions"], everything["variants"]["largest"][0]["count"]) == (COUNT + 1, alike + 1)
    assert http.get(f"/v1/nodes/{root}/diversity", params={"status": "failed"}).json()["questions"] == 1
    refused(http.get("/v1/nodes/nowhere/diversity"), 404)


def test_nothing_is_there_yet(http: httpx.Client, root: str):
    node = http.get("/v1/nodes:resolve", params={"path": "Acoustics"}).json()["id"]
    found = http.get(f"/v1/nodes/{node}/diversity").json()
    assert (found["questions"], found["sample"], found["vendi"], found["openings"]) == (0, 0, 0, [])
    assert found["variants"] == {"per_template": 0, "repeated": 0, "largest": [], "exact": True}


def test_on_the_command_line(http: httpx.Client, root: str, glan: Any):
    over_rest = http.get(f"/v1/nodes/{root}/diversity").json()
    assert glan.json("diversity", "Root") == over_rest
    printed = glan("diversity", "Root").stdout
    for shown in ("1,301 questions", f"{over_rest['vendi']:.1f}", "how far does", "33.4%"):
        assert shown in printed
    assert "0 questions" in glan("diversity", "Acoustics").stdout
    assert "no node" in glan("diversity", "Nowhere", code=1).stderr
