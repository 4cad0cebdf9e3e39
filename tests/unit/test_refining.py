"""Specs of jobs with several answers, the rule for pairs, and when refining continues."""

import asyncio
from typing import Any

import pytest
from pydantic import ValidationError

from generators.models.settings import ModelSettings, resolve, steps_of
from generators.prompts import prompt_hash
from generators.prompts.versions import VERSIONS
from generators.quality.judging.verdicts import of_both_orders, of_one_order
from generators.running.frame.refining import Refining
from generators.running.frame.settling import next_of
from generators.spec import JobSpec
from graph.jobs.judges import Counts
from graph.jobs.refinement import FEWEST_PAIRS, Refinement, worth_it


def spec(**checks: Any) -> JobSpec:
    return JobSpec.model_validate({"root_id": "r", "add": 1, "checks": checks})


def test_its_steps_are_those_of_jobs_that_want_them() -> None:
    refined = spec(refine={"answers": True})
    assert steps_of(spec())[4:] == steps_of(spec(consensus=True))[4:] == []
    assert steps_of(refined)[4:] == ["critiques", "judge_pairs", "refinements"]
    assert spec().key() == JobSpec.model_validate({"root_id": "r", "add": 1}).key()
    assert spec(refine={"answers": False, "compare": 0.05}).key() == spec().key()
    judged = {"judge": {"answers": True}}
    assert len({spec().key(), refined.key(), spec(consensus=True).key(), spec(**judged).key()}) == 4


def test_a_job_with_consensus_has_another_prompt_of_answers() -> None:
    plain, several = (
        resolve(one, ModelSettings())["steps"]["answers"] for one in (spec(), spec(consensus=True))
    )
    assert (plain["prompt_version"], several["prompt_version"]) == ("answers@1", "answers_final@1")
    assert plain["prompts"] != several["prompts"] == VERSIONS["answers_final"][-1]
    assert prompt_hash("answers_final") == VERSIONS["answers_final"][-1]


def test_answers_are_refined_by_their_own_model_and_judged_by_the_judges() -> None:
    settings = ModelSettings(
        base_url="http://a/v1",
        model="big",
        answer_model="own",
        judge_base_url="http://j/v1",
        judge_model="strict",
    )
    names = {step: settings.name(step, {}) for step in ("refinements", "critiques", "judge_pairs")}
    assert names == {"refinements": "own", "critiques": "strict", "judge_pairs": "strict"}
    assert settings.name("refinements", {"answers": "chosen"}) == "chosen"
    judge, own = settings.endpoint("critiques"), settings.endpoint("refinements")
    assert judge
    assert own
    assert (judge.base_url, own.base_url) == ("http://j/v1", "http://a/v1")


@pytest.mark.parametrize("bad", [{"compare": 0}, {"compare": 1.1}, {"questions": True}])
def test_what_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        spec(refine={"answers": True, **bad})


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("won", "won", "won"),
        ("lost", "lost", "lost"),
        ("tie", "tie", "tied"),
        ("won", "lost", "inconsistent"),
        ("tie", "won", "inconsistent"),
    ],
)
def test_a_pair_is_won_only_in_both_orders(one: str, other: str, both: str) -> None:
    assert of_both_orders(one, other) == of_both_orders(other, one) == both
    assert [of_one_order(8, 3), of_one_order(3, 8), of_one_order(5, 5)] == ["won", "lost", "tie"]


@pytest.mark.parametrize(
    ("counts", "on"),
    [
        (Counts(), True),
        (Counts(lost=FEWEST_PAIRS - 1), True),
        (Counts(lost=FEWEST_PAIRS), False),
        (Counts(won=10, lost=10), True),
        (Counts(won=9, tied=6, inconsistent=5), False),
        (Counts(won=9, unjudged=30), True),
    ],
)
def test_refining_continues_while_half_of_the_pairs_are_won(counts: Counts, on: bool) -> None:
    assert worth_it(counts) is on
    assert (Refining(pairs=counts).off is None) is on


def test_what_is_shown_has_the_share_of_longer_answers() -> None:
    rows = [
        {"part": "pair", "counts": [*Counts(won=2, inconsistent=1, decided=6, longer=3, calls=6)]},
        {"part": "critique", "counts": [*Counts(accept=1, revise=3, calls=4)]},
        # As an earlier version stored it.
        {"part": "answer", "counts": [0.0] * 14},
    ]
    found = Refinement.from_rows(rows)
    assert found
    assert (found.critiques, found.unchanged, found.compared, found.inconsistent) == (4, 1, 3, 1)
    assert (found.longer, found.spent.calls) == (0.5, 10)
    assert Refinement.from_rows(rows[2:]) is None


@pytest.mark.parametrize(
    ("checks", "text", "after", "agreed", "awaits"),
    [
        ({}, "Answer: 4", None, False, None),
        ({"consensus": True}, "Answer: 4", None, False, "samples"),
        ({"consensus": True}, "So it goes.\nOn and on.", None, False, None),
        ({"consensus": True, "refine": {"answers": True}}, "Answer: 4", "samples", True, None),
        ({"refine": {"answers": True}}, "Answer: 4", None, False, "refinement"),
        ({"refine": {"answers": True}, "judge": {"answers": True}}, "4", "refinement", False, "judge"),
    ],
)
def test_what_an_answer_waits_for(
    checks: dict[str, Any], text: str, after: Any, agreed: bool, awaits: str | None
) -> None:
    assert next_of(spec(**checks), text, after, agreed=agreed) == awaits


async def test_only_the_first_are_refined_until_it_is_known_whether_that_helps() -> None:
    refining = Refining()
    inside: list[bool] = []
    leave = asyncio.Event()

    async def one(won: bool) -> None:
        async with refining.place() as trial:
            inside.append(trial)
            await leave.wait()
            if trial and won:
                refining.pairs = refining.pairs.plus(Counts(won=1))

    # One of the first is not compared after all: another one takes its place.
    tasks = [asyncio.create_task(one(number > 0)) for number in range(FEWEST_PAIRS + 10)]
    for _ in range(50):
        await asyncio.sleep(0)
    assert inside == [True] * FEWEST_PAIRS
    leave.set()
    await asyncio.gather(*tasks)
    assert inside == [True] * (FEWEST_PAIRS + 1) + [False] * 9
