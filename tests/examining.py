"""A test set that is planted instead of made, and judges that mark as a test needs it."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from openai_server import Answer, Call, default_reply

from graph.database import Database, Transaction
from graph.model import Kind, NewNode
from graph.queries import Query
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.syllabi import NewSession

PLANT = Query(
    "test",
    """
    MERGE (f:TaxonomyNode:Field {id: $field}) SET f.name = $field, f.kind = 'Field', f.status = 'accepted',
      f.created_at = datetime(),
      f.updated_at = datetime(), f.created_by = 'test', f.version = 1, f.weight = 1.0, f.description = ''
    MERGE (d:TaxonomyNode:Discipline {id: $discipline})
      SET d.name = $discipline, d.kind = 'Discipline', d.status = 'accepted', d.created_at = datetime(),
      d.updated_at = datetime(), d.created_by = 'test', d.version = 1, d.weight = 1.0, d.description = ''
    MERGE (f)-[:CONTAINS]->(d)
    MERGE (t:GlanTest {name: 'exam'})
      ON CREATE SET t.id = 'exam-job', t.node_id = $field, t.state = 'complete', t.per_discipline = $count,
        t.hold = 'combinations', t.answers = false, t.created_by = 'test', t.created_at = datetime()
    MERGE (j:Job {id: 'exam-job'}) SET j.state = 'done', j.fence = 0, j.created_at = datetime()
    MERGE (j)-[:GROWS]->(f)
    MERGE (j)-[:HAS_UNIT]->(u:WorkUnit {id: $discipline})
      SET u.step = 'instructions', u.job_id = 'exam-job', u.branch_id = $discipline, u.state = 'done',
          u.node_id = ''
    WITH u
    UNWIND range(0, $count - 1) AS n
    MERGE (i:Instruction {id: $discipline + '-' + toString(n)})
      SET i.status = 'held', i.unit_id = u.id, i.strategy = 'single', i.held_out = true,
          i.question = 'What is the rule number ' + toString(n) + ' of ' + $discipline + '?'
    """,
    "",
    "write",
    {},
    {},
)


async def taught(database: Database, root: str, sessions: int = 4) -> None:
    """A subject with a syllabus below a discipline: sessions of four concepts each."""
    node, _ = await nodes.insert(database, NewNode(kind=Kind.Subject, name=f"Of {root}", parent_id=root))
    taught = [
        NewSession(f"Session {n} of {root}", "", [f"Concept {n}.{c} of {root}" for c in range(4)])
        for n in range(sessions)
    ]

    async def work(tx: Transaction) -> None:
        await syllabi.store(tx, node.id, "A syllabus", "", {}, taught, "test")

    await database.writing(work)


WORDS = """river stone market rocket garden winter letter window silver forest pressure signal bridge colour
engine harvest mirror planet copper village teacher motion surface island machine pattern shadow current metal
season journey weather picture station kitchen balance memory travel circle valley"""


def varied(call: Call) -> Answer:
    """Questions that have no run of words in common, where the default ones differ in a number alone."""
    if call.step != "questions":
        return default_reply(call)
    seed = hashlib.sha256(call.messages[0]["content"].encode()).digest()
    words = " ".join(WORDS.split()[byte % len(WORDS.split())] for byte in seed[:14])
    return Answer(json.dumps({"question": f"Explain why the {words}?"}))


OWN, RIVAL, JUDGE = "model-a", "model-b", "judge-c"


async def planted(database: Database, count: int = 4, **fields: str) -> None:
    """The test set `exam`, complete, with `count` questions in each discipline (name -> its field)."""
    for discipline, field in (fields or {"Algebra": "Science", "Ethics": "Humanities"}).items():
        await database.write(PLANT, discipline=discipline, field=field, count=count)


def parts(call: Call) -> dict[str, str]:
    """The question and both answers that a judge is shown."""
    text = call.messages[0]["content"]
    found = {name: re.search(f"<{name}>\n(.*?)\n</{name}>", text, re.DOTALL) for name in PARTS}
    return {name: one[1] for name, one in found.items() if one}


PARTS = ("question", "first", "second")


def replying(mark: Callable[[dict[str, str]], Any]) -> Callable[[Call], Answer]:
    """Models whose answers say who wrote them, and a judge; `mark`: its marks, or what it says instead."""

    def reply(call: Call) -> Answer:
        if call.step == "judge_pairs":
            said = mark(parts(call))
            if isinstance(said, Answer):
                return said
            return Answer(json.dumps({"reasoning": "as it is", "first": said[0], "second": said[1]}))
        if call.step == "answers":
            question = re.search(r"rule number \d+ of \w+", call.messages[0]["content"])
            assert question
            more = " It holds wherever its conditions do." if call.body["model"] == RIVAL else ""
            return Answer(f"The model {call.body['model']} says: {question[0]} is as it is.{more}")
        return default_reply(call)

    return reply


def by_author(shown: dict[str, str]) -> tuple[int, int]:
    """A judge that prefers what model-a wrote, wherever it stands."""
    return tuple(9 if OWN in shown[place] else 3 for place in ("first", "second"))  # pyright: ignore[reportReturnType]
