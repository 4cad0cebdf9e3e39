"""kill -9 of the process that runs a check, and of the one that undoes it; then they are done again.

What is found is what an undisturbed check finds, each once, and undoing restores every byte.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from checking import NO_MODEL
from growing import working
from planting import Plant, instruction, rows_of
from pydantic_core import to_json

from generators.quality.duplicates.near_duplicates import RULE
from generators.quality.duplicates.search_words import shipped_frequencies
from generators.running.comparing.benchmarks import rule_against
from graph import coverage
from graph.database import Database
from graph.instructions import instructions, withdrawal
from graph.instructions.instructions import Filter
from graph.model import Kind
from graph.quality import checks, loading
from graph.quality.checks import Check, CheckKind, CheckSpec, CheckState
from graph.quality.loading import About, Counted, NewItem
from service.settings import Settings

GLAN = Path(sys.executable).with_name("glan")
SYLLABI, QUESTIONS = 10, 48
WORDS = [word for word in shipped_frequencies() if len(word) > 5 and word.isalpha()]


def asked(number: int) -> str:
    """A question of its own words; the third of three is the first in another form, or another number."""
    original = number // 3 * 3 if number % 3 == 2 else number
    words = random.Random(original).sample(WORDS, 12)
    text = f"Explain how {' '.join(words)} came about, and name {original + 20} reasons for {words[3]}."
    if original == number:
        return text
    return text.replace("name ", "name 1") if number % 9 == 5 else f"**{text.upper()}**"


@pytest_asyncio.fixture
async def land(database: Database) -> str:
    """The root of some hundred instructions: a third repeat others, some are items of a benchmark."""
    plant = Plant(database)
    root = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", root)
    discipline = await plant.node(Kind.Discipline, "Geography", field)
    job = await plant.job(root)
    await rows_of(database, "MATCH (j:Job) SET j.state = 'done'")
    numbers = list(range(SYLLABI * QUESTIONS))
    random.Random(5).shuffle(numbers)
    for n in range(SYLLABI):
        syllabus = await plant.syllabus(discipline, f"part {n}", {"s": [f"concept {n}"]})
        rows = [
            instruction(
                f"{number:04}",
                syllabus.id,
                [*syllabus.sessions.values()],
                [*syllabus.concepts.values()],
                question=asked(number),
                language="English",
            )
            for number in numbers[n::SYLLABI]
        ]
        await database.writing(lambda tx, rows=rows: instructions.store(tx, job, rows))
    items = [asked(number) for number in range(0, len(numbers), 7) if number % 3 != 2]
    begun = await loading.begin(database, About(name="places"))
    await begun.add([Counted(NewItem(text=text, split="test"), len(text.split())) for text in items])
    await begun.finish(0)
    return root


async def shown(database: Database, root: str) -> tuple[bytes, str]:
    """What a pull gives, and coverage."""
    found = await instructions.pull(database, root, Filter())
    lines = b"\n".join([to_json(one) async for one in found])
    return lines, (await coverage.of(database, root, ["single:1"])).model_dump_json()


async def found_by(database: Database, check: Check) -> list[dict[str, Any]]:
    """What a check found, what came of it and what it has recorded, without its own id and times."""
    rows = await rows_of(
        database,
        "MATCH (:Check {id: $id})-[:FOUND]->(f) "
        "RETURN f.instruction AS i, f.outcome AS outcome, f.reason AS reason, f.links AS links ORDER BY i",
        id=check.id,
    )
    rows += await rows_of(
        database,
        "MATCH (i)-[r {check_id: $id}]->(o) RETURN i.id AS i, type(r) AS type, o.id AS o, "
        "r {.*, at: null, check_id: null} AS evidence ORDER BY i, type, o",
        id=check.id,
    )
    rows += await rows_of(
        database,
        "MATCH (i:Instruction) RETURN i.id AS i, i.status AS status, i.reason AS reason, i.words AS words, "
        "i.text_key AS key, i.checked AS checked ORDER BY i",
    )
    return [*rows, check.model_dump(include={"looked_at", "found", "variants", "withdrawn"})]


async def undisturbed(database: Database, land: str, kind: CheckKind) -> list[dict[str, Any]]:
    """What a check finds that nobody disturbs; afterwards the graph is as if there had been none."""
    rule = await rule_against(database, None) if kind is CheckKind.contamination else RULE
    begun = await checks.create(database, CheckSpec(kind=kind, node_id=land), rule, "tester")
    async with working(database, NO_MODEL):
        while not (check := await checks.get(database, begun.id)).ended:
            await asyncio.sleep(0.05)
    assert check.state is CheckState.done
    found = await found_by(database, check)
    await withdrawal.undo(database, check.id)
    await rows_of(database, "MATCH (i:Instruction) REMOVE i.words, i.text_key, i.checked")
    await rows_of(database, "MATCH (c:Check) OPTIONAL MATCH (c)-[:FOUND]->(f) DETACH DELETE c, f")
    return found


async def only_check(database: Database) -> Check | None:
    found = (await checks.list_checks(database)).items
    assert len(found) <= 1
    return found[0] if found else None


async def killed(args: list[str], env: dict[str, str], due: Callable[[], Awaitable[bool]]) -> bool:
    """Whether a command was killed at a moment, before it had ended by itself."""
    process = subprocess.Popen(args, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not await due():
        await asyncio.sleep(0.01)
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return alive


async def finished(args: list[str], env: dict[str, str]) -> dict[str, Any]:
    """What a command prints that nobody disturbs."""
    ran = await asyncio.to_thread(
        subprocess.run, [*args, "--json"], env=env, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


# By phases rather than by counts alone: a kill falls into each of them.
MOMENTS: dict[CheckKind, tuple[tuple[str, int], ...]] = {
    CheckKind.duplicates: (("preparing", 0), ("looking", 100), ("settling", 0)),
    CheckKind.contamination: (("looking", 0), ("looking", 200), ("settling", 0)),
}


@pytest.mark.parametrize("kind", MOMENTS)
async def test_a_check_that_is_killed_finds_what_an_undisturbed_one_finds(
    database: Database, settings: Settings, land: str, kind: CheckKind
) -> None:
    before = await shown(database, land)
    expected = await undisturbed(database, land, kind)
    assert await shown(database, land) == before
    assert expected[-1]["withdrawn"] >= SYLLABI * QUESTIONS // 10
    env = os.environ | {
        "GLAN_HOME": str(settings.home), "GLAN_CACHE": str(settings.cache), "GLAN_LEASE_S": "1",
        "GLAN_LINGER_S": "5",
    }  # fmt: skip
    args = [str(GLAN), "check", kind, land]
    kills = 0
    for phase, looked_at in MOMENTS[kind]:

        async def due(phase: str = phase, looked_at: int = looked_at) -> bool:
            check = await only_check(database)
            return check is not None and check.phase == phase and check.looked_at >= looked_at

        kills += await killed(args, env, due)
    assert kills >= 2
    half = await only_check(database)
    assert half is not None
    assert half.state in (CheckState.running, CheckState.planned)
    done = await finished(args, env)
    check = await only_check(database)
    assert check is not None
    assert (check.state, check.id) == (CheckState.done, done["id"])
    assert await found_by(database, check) == expected
    # Undoing is broken off, too, and continued.
    undo = [str(GLAN), "check", "undo", check.id]

    async def restoring() -> bool:
        now = await only_check(database)
        return now is not None and now.restored > 0

    await killed(undo, env, restoring)
    await finished(undo, env)
    check = await only_check(database)
    assert check is not None
    assert (check.state, check.restored) == (CheckState.undone, check.withdrawn)
    assert await shown(database, land) == before
    left = "MATCH (i:Instruction)-[r:NEAR_DUPLICATE_OF|VARIANT_OF|MATCHES]->() RETURN count(r) AS left"
    assert (await rows_of(database, left))[0]["left"] == 0
