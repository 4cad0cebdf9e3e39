"""Questions and answers that contain items of benchmarks: not kept, and the questions never answered."""

import json
from typing import Any

import pytest
from growing import discipline, grow
from openai_server import Answer, Call, OpenAIServer, default_reply

from graph.database import Database
from graph.jobs.job import JobState
from graph.quality import loading
from graph.quality.loading import About, Counted, NewItem
from graph.queries import Query
from graph.reasons import Reason

WHALES = (
    "A toothed whale dives for 40 minutes at 2 metres a second to hunt for squid in the dark. "
    "How deep is it when it turns, if it takes as long to come up again as it took to go down?"
)
LINKS: Any = Query(
    "test",
    "MATCH (i:Instruction)-[m:MATCHES]->(item:BenchmarkItem) "
    "RETURN i.status AS status, i.reason AS reason, m.part AS part, m.kind AS kind, m.rule AS rule, "
    "item.split AS split, substring(i[m.part], m.from, m.to - m.from) AS span, i.checked AS checked",
    "",
    "read",
    {},
    {},
)
RULES: Any = Query("test", "MATCH (r:Rule) RETURN r.id AS id, r.settings AS settings", "", "read", {}, {})


async def load(database: Database) -> None:
    begun = await loading.begin(database, About(name="sea"))
    await begun.add([Counted(NewItem(text=WHALES, split="test"), len(WHALES.split()))])
    await begun.finish(0)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (WHALES, "exact"),
        (f"Marine biology.\n**{WHALES.upper()}**", "exact"),
        (WHALES.replace("40", "25").replace("2 metres", "3 metres"), "template"),
    ],
)
async def test_a_question_of_a_benchmark_is_not_answered_and_another_is_asked_for(
    database: Database, endpoint: OpenAIServer, said: str, kind: str
) -> None:
    await load(database)
    root = await discipline(database)

    def reply(call: Call) -> Answer:
        first = call.step == "questions" and "could not be used" not in call.prompt
        return Answer(json.dumps({"question": said})) if first else default_reply(call)

    endpoint.reply = reply
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=4)
    assert (job.state, job.ledger.accepted, job.ledger.again) == (JobState.done, 4, 4)
    assert job.reasons[Reason.contaminated].count == 4
    assert endpoint.steps["answers"] == 4
    rows = await database.read(LINKS)
    assert len(rows) == 4
    for row in rows:
        assert (row["status"], row["reason"], row["part"]) == ("rejected", "contaminated", "question")
        assert (row["kind"], row["split"]) == (kind, "test")
        assert "toothed whale" in row["span"].lower()
        assert row["rule"] in row["checked"]
    # What is kept says by which rule, and the rule says against which benchmarks.
    rules = {row["id"]: json.loads(row["settings"]) for row in await database.read(RULES)}
    assert rules.keys() == {*rows[0]["checked"]}
    assert [one["name"] for one in rules[rows[0]["rule"]]["benchmarks"]] == ["sea"]


async def test_an_answer_that_contains_an_item_is_not_accepted(
    database: Database, endpoint: OpenAIServer
) -> None:
    await load(database)
    root = await discipline(database)
    endpoint.reply = lambda call: (
        Answer(f"Here is an exercise. {WHALES} Think it over.")
        if call.step == "answers"
        else default_reply(call)
    )
    job = await grow(database, endpoint, root, subjects_per_discipline=1, add=3)
    assert (job.ledger.accepted, job.ledger.rejected, job.ledger.again) == (0, 3, 0)
    rows = await database.read(LINKS)
    assert {(row["reason"], row["part"], row["span"]) for row in rows} == {
        ("contaminated", "answer", WHALES[:-1])
    }


async def test_without_the_check_it_is_kept(database: Database, endpoint: OpenAIServer) -> None:
    await load(database)
    root = await discipline(database)
    endpoint.reply = lambda call: Answer(WHALES) if call.step == "answers" else default_reply(call)
    spec: dict[str, Any] = {"subjects_per_discipline": 1, "checks": {"contamination": False}}
    job = await grow(database, endpoint, root, None, add=3, **spec)
    assert job.ledger.accepted == 3
