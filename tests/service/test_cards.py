"""The card of a release: its numbers are those of what was pinned, and it says what is not known."""

import asyncio
import re
from typing import Any

import httpx
import pytest
import pytest_asyncio
from huggingface_hub import DatasetCard
from planting import Plant, instruction, rows_of

from generators.quality.rules import questions, text_rules
from graph.database import Database
from graph.instructions import instructions
from graph.model import Kind
from graph.quality import evidence

FIELDS = {"Sciences": 40, "Crafts | trades": 20}
MARKDOWN = {"Accept": "text/markdown"}


@pytest_asyncio.fixture
async def root(http: httpx.Client, database: Database) -> str:
    """Two fields with a discipline each; half of the instructions are pairs, two have an e-mail address."""
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    job = await plant.job(top)
    for number, (name, count) in enumerate(FIELDS.items()):
        discipline = await plant.node(Kind.Discipline, f"D{number}", await plant.node(Kind.Field, name, top))
        syllabus = await plant.syllabus(discipline, f"y{number}", {"s1": ["a", "b"], "s2": ["c"]})
        sessions, concepts = list(syllabus.sessions.values()), list(syllabus.concepts.values())
        rows = [
            instruction(
                f"{number}-{n:03}",
                syllabus.id,
                sessions[: 1 + n % 2],
                concepts[: 1 + n % 2],
                question=f"Why is {name} number {n} so?" + " Ask anna@uni-bonn.de." * (number + n == 3),
                calls=2,
                cost_usd=0.01 if n else None,
                language="English",
                question_model="model-q",
                answer_model="model-a",
                question_prompt="0123456789abcdef",
                question_prompt_version="questions@2",
                answer_prompt="fedcba9876543210",
                answer_prompt_version="answers@1",
                question_prompt_tokens=100,
                answer_completion_tokens=50,
            )
            for n in range(count)
        ]
        await database.writing(lambda tx, rows=rows: instructions.store(tx, job, rows))
        for n in range(3):
            await plant.instruct(
                f"{number}-bad-{n}",
                syllabus,
                "s1",
                "a",
                status="failed",
                reason="malformed",
                calls=1,
                cost_usd=0.5,
            )
        await plant.instruct(f"{number}-asked", syllabus, "s1", "a", status="asked", answer=None)
    return top


def made(http: httpx.Client, root: str, **more: Any) -> dict[str, Any]:
    answer = http.post("/v1/releases", json={"name": "one-1.0", "node_id": root} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()


def card(http: httpx.Client, **params: Any) -> str:
    answer = http.get("/v1/releases/one-1.0/card", params=params, headers=MARKDOWN)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    return answer.text


def rows(text: str, title: str) -> dict[str, str]:
    """The rows of the table with this title, by their first cells."""
    [table] = re.findall(rf"^\| {re.escape(title)} \|.*\n\| ---.*\n((?:\|.*\n?)+)", text, re.MULTILINE)
    cells = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in table.strip().splitlines()]
    return {row[0]: row[1] for row in cells}


def section(text: str, title: str) -> str:
    return text.partition(f"## {title}\n\n")[2].partition("\n\n## ")[0]


def test_a_card_of_what_was_pinned(http: httpx.Client, root: str):
    release = made(http, root, description="For a *first* run", licence="cc-by-4.0")
    text = card(http)
    parsed: Any = DatasetCard(text)
    data = parsed.data.to_dict()
    assert (data["license"], data["language"], data["size_categories"]) == ("cc-by-4.0", ["en"], ["n<1K"])
    assert [config["config_name"] for config in data["configs"]] == ["default", "crafts-trades", "sciences"]
    assert data["configs"][0]["data_files"] == [
        {"split": "train", "path": ["data/crafts-trades/train.parquet", "data/sciences/train.parquet"]}
    ]
    assert "60 instructions" in text
    assert "For a *first* run" in text
    assert f"`{release['sha256']}` ({release['bytes']:,} bytes)" in text
    assert rows(text, "field") == {"Sciences": "40", "Crafts \\| trades": "20"}
    assert rows(text, "stratum (strategy:concepts)") == {"pair:2": "30", "single:1": "30"}
    assert rows(text, "language asked for") == {"English": "60"}
    assert rows(text, "model of the answers") == {"model-a": "60"}
    assert rows(text, "prompt of the questions") == {"questions@2 (0123456789abcdef)": "60"}
    assert rows(text, "status and reason") == {"failed: malformed": "6", "asked": "2"}
    assert rows(text, "kind") == {"email": "2"}
    assert "120 calls and 9,000 tokens, for 0.58 USD, without 2 whose price is not known" in text
    assert "What was left out cost 3.00 USD" in text
    assert "sample of 60 questions" in section(text, "Diversity")
    assert float(rows(text, "figure")["Vendi score"]) > 1
    assert "arxiv.org/abs/2402.13064" in text
    assert section(text, "Licence").strip() == "As given by its author: cc-by-4.0."


async def test_flags_and_languages_without_words_are_said(http: httpx.Client, root: str, database: Database):
    await evidence.record_rule(database, questions.RULE, text_rules.settings(questions.RULES))
    await rows_of(
        database,
        "MATCH (i:Instruction {status: 'accepted'}) SET i.checked = [$rule]"
        " WITH i ORDER BY i.id LIMIT 7 SET i.flags = ['question.own_answer@1'], i.language = 'Dutch'",
        rule=questions.RULE,
    )
    await asyncio.to_thread(made, http, root)
    text = card(http)
    assert rows(text, "rule that flagged") == {"question.own\\_answer@1": "7"}
    assert "go by words have none of Dutch (7 instructions)" in section(text, "Checks")
    assert "flaws that rules of words can see" not in section(text, "Checks")


def test_what_was_not_checked_is_said(http: httpx.Client, root: str):
    made(http, root)
    text = card(http)
    checks = section(text, "Checks")
    assert "Not checked: no rule is recorded for any instruction." in checks
    for what in ("near-duplicates", "benchmarks", "by a second model"):
        assert what in checks.partition("Not checked, or not all of it:")[2]
    assert "No benchmark was loaded" in checks
    assert section(text, "Licence").strip() == "None was given by its author."
    assert "license" not in DatasetCard(text).data.to_dict()  # type: ignore[attr-defined]


async def test_checks_and_dials_are_those_of_the_lines(http: httpx.Client, root: str, database: Database):
    await rows_of(
        database,
        "MATCH (i:Instruction) WHERE i.id STARTS WITH '0-'"
        " SET i.checked = ['near-duplicates@3', 'contamination@1'], i.dials = ['difficulty=apply']",
    )
    await rows_of(
        database, "MATCH (i:Instruction) WHERE i.id STARTS WITH '1-' SET i.checked = ['near-duplicates@3']"
    )
    await rows_of(
        database,
        "CREATE (:Benchmark {id: 'b', name: 'gsm8k', state: 'done', version: 'main', licence: 'MIT',"
        " sha256: 'abcdef0123456789ff', splits: ['test'], items: 1319}),"
        " (:Benchmark {id: 'c', name: 'half', state: 'loading'})",
    )
    tried = await asyncio.to_thread(http.post, "/v1/rules:calibrate", json={"questions": 0})
    found = tried.json()["calibration"]
    await asyncio.to_thread(made, http, root)
    text = card(http)
    checks = section(text, "Checks")
    told = next(line for line in checks.splitlines() if line.startswith("| `near-duplicates@3` | candidates"))
    assert "least overlap 0.7" in told
    assert f"finds {found['recall']:.1%} of known duplicates; 0 false alarms on 0 pairs" in told
    assert rows(text, "rule") == {"near-duplicates@3": "60", "contamination@1": "40"}
    assert rows(text, "dial") == {"difficulty=apply": "40"}
    missing = checks.partition("Not checked, or not all of it:")[2].partition("\n")[0]
    assert "near-duplicates" not in missing
    assert "texts of benchmarks (40 of 60 checked)" in missing
    assert "| gsm8k | main | MIT | 1,319 | `abcdef0123456789` |" in checks
    assert "half" not in checks
    # What happens to the graph later changes nothing of it.
    await rows_of(database, "MATCH (i:Instruction) SET i.checked = [], i.dials = null, i.status = 'failed'")
    await rows_of(database, "MATCH (n) WHERE n:Benchmark OR n:Field OR n:Rule DETACH DELETE n")
    assert card(http) == text


async def test_the_judges_are_those_of_the_jobs_that_made_the_lines(
    http: httpx.Client, root: str, database: Database
):
    """What one model judged by one rule is added up over jobs; another job's judge is not one of them."""
    await rows_of(
        database,
        "MATCH (j:Job) WHERE (j)<-[:PRODUCED_BY]-() WITH collect(j) AS jobs, $counts AS counts"
        " FOREACH (j IN jobs | CREATE (j)-[:HAS_JUDGE]->(:Judge {id: j.id + '-a', part: 'answer',"
        " model: 'reader', rule: 'judge-answers@1', counts: counts, created_at: datetime()}))"
        " CREATE (:Job {id: 'other'})-[:HAS_JUDGE]->(:Judge {id: 'o', part: 'answer', model: 'nobody',"
        " rule: 'judge-answers@1', counts: counts, created_at: datetime()})",
        counts=[10.0, 9.0, 10.0, 8.0, 20.0, 3.0, 2.0, 1.0, 25.0, 46.0, 4000.0, 600.0, 0.25, 0.0],
    )
    [row] = await rows_of(
        database, "MATCH (:Job)-[:HAS_JUDGE]->(g {model: 'reader'}) RETURN count(g) AS jobs"
    )
    jobs = row["jobs"]
    # What compares answers does not judge the lines, and is told apart.
    await rows_of(
        database,
        "MATCH (j:Job)-[:HAS_JUDGE]->({model: 'reader'})"
        " CREATE (j)-[:HAS_JUDGE]->(:Judge {id: j.id + '-p', part: 'pair', model: 'reader',"
        " rule: 'refinement@1', counts: $counts, created_at: datetime()})",
        counts=[*[0.0] * 9, 44.0, 900.0, 100.0, 0.5, 0.0, 12.0, 1.0, 2.0, 7.0, 33.0, 22.0],
    )
    await asyncio.to_thread(made, http, root)
    text = card(http)
    line = [
        f"{8 * jobs} of {10 * jobs}",
        f"{9 * jobs} of {10 * jobs}",
        *(str(n * jobs) for n in (20, 3, 2, 1, 25)),
    ]
    assert f"| reader, judge-answers@1 | {' | '.join(line)} |" in section(text, "Checks")
    assert "nobody" not in text
    assert f"The judges took {46 * jobs} calls and {4600 * jobs:,} tokens, for {jobs / 4:.2f} USD." in text
    assert f"{12 * jobs} were better, {jobs} worse, {2 * jobs} as good, and {7 * jobs} got another" in text
    assert "67% of its opinions were for the longer answer." in text
    assert f"Refining took {44 * jobs} calls and {1000 * jobs:,} tokens, for {jobs / 2:.2f} USD." in text


def test_files_by_field_and_split(http: httpx.Client, root: str):
    release = made(http, root, splits="train=1,test=1", split_by="instruction")
    params = {"files": "jsonl", "layout": "openai", "repository": "me/one", "licence": "mit"}
    found = http.get("/v1/releases/one-1.0/card", params=params).json()
    assert found["text"] == card(http, **params)
    by_split = {split: 0 for split in release["splits"]}
    for file in found["files"]:
        query = {"format": "ndjson", "split": file["split"], "field": file["field"]}
        lines = http.get("/v1/releases/one-1.0/instructions", params=query).content
        assert lines.count(b"\n") == file["count"]
        assert file["path"] == f"data/{file['config']}/{file['split']}.jsonl"
        by_split[file["split"]] += file["count"]
    assert by_split == release["splits"]
    assert rows(found["text"], "split") == {split: str(count) for split, count in by_split.items()}
    assert 'load_dataset("me/one")' in found["text"]
    assert DatasetCard(found["text"]).data.to_dict()["license"] == "mit"  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [0])
async def test_an_empty_release_has_a_card(http: httpx.Client, root: str, count: int):
    assert made(http, root, language="French")["count"] == count
    text = card(http)
    assert "0 instructions" in text
    assert "language French" in text


def test_what_is_refused(http: httpx.Client, root: str, refused: Any):
    refused(http.get("/v1/releases/nope/card"), 404)
    made(http, root)
    refused(http.get("/v1/releases/one-1.0/card", headers={"Accept": "image/png"}), 406)
    refused(http.get("/v1/releases/one-1.0/card", params={"files": "csv"}), 422)


def test_on_the_command_line(http: httpx.Client, root: str, glan: Any):
    made(http, root)
    assert glan("release", "card", "one-1.0").stdout == card(http)
    glan("release", "card", "one-1.0", "--licence", "mit", "-o", "README.md")
    assert (glan.folder / "README.md").read_text(encoding="utf-8") == card(http, licence="mit")
    assert "no release" in glan("release", "card", "nope", code=1).stderr
    assert "there is no folder" in glan("release", "card", "one-1.0", "-o", "no/R.md", code=2).stderr
