"""Runs docs/walk.md: from a taxonomy to a dataset that is read back from a hub."""

import io
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset_hub import TOKEN, DatasetHub
from judging import good_judge, judging
from openai_server import Answer, Call, OpenAIServer, default_reply
from pages import run

WANTED = 60
HELD = 12
TRAINED = "trades-model"
THINGS = [
    "clay",
    "reed",
    "wool",
    "loom",
    "kiln",
    "straw",
    "glaze",
    "thread",
    "roof",
    "ridge",
    "wheel",
    "shuttle",
    "ash",
    "heather",
    "bobbin",
    "slip",
]
ENDS = [
    "cracks",
    "warps",
    "fades",
    "swells",
    "splits",
    "sags",
    "frays",
    "shrinks",
    "blisters",
    "rots",
    "stains",
    "buckles",
]
CASES = (
    "Why does the {} that a beginner made last autumn {} near the {}, and what would you change?",
    "A workshop found that its {} {} once the {} had been stored in the damp. Explain how to mend it.",
    "Compare two ways of keeping {} sound when it {} beside a {}: which of them lasts, and why?",
    "Suppose an old {} {} while the {} next to it does not. Work out what the reason may be.",
    "How should an apprentice test whether {} {} before any {} is bought for the season?",
)


HELD_CASES = (
    "Whenever {} {}, {} is said to help against it. On what grounds could one doubt that?",
    "Two masters disagree: {} {} for want of {}, says one, and the other blames haste. Who is right?",
    "Of {} and {}, name the one that {} sooner. Defend your choice with a property of both.",
)


def author(held: Callable[[], bool]) -> Callable[[Call], Answer]:
    """Questions with little in common, as a real model's, and a judge that prefers the trained model.

    `held`: whether the questions are those of the test set.
    """

    def reply(call: Call) -> Answer:
        if call.step == "judge_pairs":
            marks = [9 if TRAINED in text else 4 for text in call.messages[0]["content"].split("</first>")]
            return Answer(json.dumps({"reasoning": "as it is", "first": marks[0], "second": marks[1]}))
        if call.step != "questions":
            trained = f"{TRAINED}: " if call.body["model"] == TRAINED else ""
            return Answer(f"{trained}{default_reply(call).text}")
        drawn = random.Random(call.prompt)
        if held():
            case = drawn.choice(HELD_CASES)
            text = case.format(drawn.choice(THINGS), drawn.choice(ENDS), drawn.choice(THINGS))
            return Answer(json.dumps({"question": text}))
        text = drawn.choice(CASES).format(drawn.choice(THINGS), drawn.choice(ENDS), drawn.choice(THINGS))
        text += f" Mind the {drawn.choice(THINGS)}, which {drawn.choice(ENDS)} by the {drawn.choice(THINGS)}."
        return Answer(json.dumps({"question": text}))

    return reply


@pytest.fixture
def hub() -> Iterator[DatasetHub]:
    """A stand-in for the hub that has gsm8k."""
    rows = [
        {"question": f"A farmer has {n} geese and buys 5 more. How many are there?"} for n in range(12, 32)
    ]
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    with DatasetHub("me") as hub:
        hub.publish("openai/gsm8k", {"main/test-00000-of-00001.parquet": file.getvalue()})
        yield hub


@pytest.fixture
def environment(
    environment: dict[str, str], endpoint: OpenAIServer, hub: DatasetHub, tmp_path: Path
) -> dict[str, str]:
    """That of a user with a judge and with a token for the hub."""
    endpoint.reply = judging(good_judge(lambda _: True), author(lambda: endpoint.steps["questions"] <= HELD))
    return environment | {
        "GLAN_JUDGE_MODEL": "the-judge",
        "HF_ENDPOINT": hub.address,
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    }


def test_the_walk_leads_to_a_dataset_on_a_hub(
    address: str, environment: dict[str, str], endpoint: OpenAIServer, hub: DatasetHub, tmp_path: Path
) -> None:
    printed = run("docs/walk.md", address, environment, tmp_path)

    assert printed["taxonomy"].startswith("7 created, 0 there already, 0 refused")
    assert "gsm8k: 20 items (test 20)" in printed["benchmarks"]
    assert f"trades-test is complete: {HELD} questions" in printed["test_set"]
    assert "held out of training: 3 class sessions" in printed["test_set"]
    assert "judge_answers" in printed["estimate"]
    # No answer was bought for a rejected question, and the judge read each of both.
    steps = endpoint.steps
    assert (steps["answers"], steps["judge_pairs"]) == (WANTED + 2 * HELD, 2 * HELD)
    assert steps["questions"] >= WANTED + HELD
    assert min(steps["judge_questions"], steps["judge_answers"]) >= WANTED + 20

    crossed = [int(n) for n in re.findall(r"│ +(\d+) │ +1692 │", printed["look"])]
    assert len(crossed) == 3
    assert sum(crossed) >= WANTED / 5

    pulled = [json.loads(line) for line in (tmp_path / "trades.jsonl").read_text().splitlines()]
    assert len(pulled) == WANTED
    assert {line["dials"]["difficulty"] for line in pulled} == {"apply", "analyze"}
    withdrawn = int(number(r"(\d+) contain items", printed["check"]))
    assert 1 <= withdrawn < WANTED / 2
    assert f"{withdrawn} of {withdrawn} withdrawn were restored" in printed["undo"]
    # The waived one is the exam itself, which stays.
    assert number(r"(\d+) withdrawn$", printed["undo"]) == str(withdrawn - 1)
    released = WANTED - withdrawn + 1
    alarms = number(r"false alarms: 0 of (\d+) different questions", printed["calibrate"])
    assert f"trades-1.0: {released} instructions" in printed["release"]

    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    made = ("license: cc-by-4.0", "test-model", r"questions\_cross@1")
    for said in (*made, "gsm8k", "exam", "trades-test", "the-judge", f"0 false alarms on {alarms} pairs"):
        assert said in card
    assert "by a second model" not in card.partition("Not checked")[2].partition("\n")[0]
    repository = hub.repos["me/trades"]
    pushed = repository.files["README.md"].decode()
    assert 'load_dataset("me/trades")' in pushed
    assert pushed.partition("## How it was made")[2] == card.partition("## How it was made")[2]
    assert number(r"'train': (\d+)", printed["read"]) == number(r"^  train: (\d+)", printed["release"])
    assert "'role': 'assistant'" in printed["read"]

    assert re.search(rf"^all +{HELD} +{HELD} ", printed["compare"], re.MULTILINE)
    report = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "report.svg" in report
    assert (tmp_path / "report.svg").read_text(encoding="utf-8").startswith("<svg")


def number(pattern: str, text: str) -> str:
    """What the group of a pattern finds; raises AssertionError if it is not there."""
    found = re.search(pattern, text, re.MULTILINE)
    assert found, text
    return found[1]
