"""What is told of a judge without asking one: its verdicts, its sentinels, and when its verdicts decide."""

import json
from typing import Any

import pytest

from generators.errors import Unusable
from generators.models.chat import Reply
from generators.models.family import family
from generators.models.settings import ModelSettings, resolve, steps_of
from generators.quality.judging import sentinels
from generators.quality.judging.sentinels import Answered
from generators.quality.judging.verdicts import VerdictKind, of_answer, of_question
from generators.running.frame.standing import Standing, of_sentinel, of_verdict, used
from generators.spec import JobSpec
from generators.steps.judging import AnswerOpinion, Critique, PairOpinion, QuestionOpinion
from generators.steps.parsing import ReplySchema, parse
from generators.usage import Usage
from graph.jobs.judges import FEWEST_SENTINELS, Counts

OWN = Answered(
    "How fast is the train?",
    "The train takes 2.25 h for 180 km, so its speed is 180 / 2.25, which is 80 km/h.",
)
GOOD = {"reasoning": "It is right.", "correct": True, "complete": True, "follows": 5, "flaws": []}


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, VerdictKind.accept),
        ({"on_concepts": "some"}, VerdictKind.revise),
        ({"on_concepts": "none"}, VerdictKind.reject),
        ({"self_contained": False}, VerdictKind.reject),
        ({"answerable": False}, VerdictKind.reject),
        ({"one_task": False, "on_concepts": "some"}, VerdictKind.reject),
    ],
)
def test_verdicts_on_questions(changed: dict[str, Any], verdict: VerdictKind) -> None:
    found: Any = {
        "self_contained": True,
        "answerable": True,
        "one_task": True,
        "on_concepts": "all",
        **changed,
    }
    finding = of_question(**found)
    assert finding.verdict is verdict
    assert bool(finding.problem) == (verdict is not VerdictKind.accept)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, VerdictKind.accept),
        ({"follows": 3}, VerdictKind.revise),
        ({"flaws": ["unclear"]}, VerdictKind.revise),
        ({"follows": 2}, VerdictKind.reject),
        ({"correct": False}, VerdictKind.reject),
        ({"complete": False}, VerdictKind.reject),
        # A judge that calls correct what it says is wrong is not believed.
        ({"flaws": ["unclear", "wrong_fact"]}, VerdictKind.reject),
    ],
)
def test_verdicts_on_answers(changed: dict[str, Any], verdict: VerdictKind) -> None:
    found: Any = {"correct": True, "complete": True, "follows": 5, "flaws": [], **changed}
    finding = of_answer(**found)
    assert finding.verdict is verdict
    assert bool(finding.problem) == (verdict is not VerdictKind.accept)


def replied(text: str) -> Reply:
    return Reply(text, "stop", Usage(1, 1, 1))


def test_an_opinion_nearly_in_its_form_is_read() -> None:
    long = json.dumps({**GOOD, "reasoning": "word " * 900, "follows": "4"})
    found = parse(replied(f"```json\n{long}\n```"), AnswerOpinion)
    assert (len(found.reasoning) <= 2000, found.follows) == (True, 4)
    spelt = json.dumps({**GOOD, "flaws": ["Breaks off", "None"], "mood": "fine"})
    assert parse(replied(spelt), AnswerOpinion).flaws == ["breaks_off"]


@pytest.mark.parametrize(
    ("said", "flaws"),
    [
        (["wrong_fact: the date is 1776"], ["wrong_fact"]),
        (["Wrong fact (1776)", "off-topic - it is about ebb"], ["wrong_fact", "off_topic"]),
        ("wrong_fact, unclear", ["wrong_fact", "unclear"]),
        (["none"], []),
        (["No flaws found."], []),
        ("N/A", []),
        (None, []),
        (["too long"], None),
        (["wrong_fact", "too long"], None),
        (["not wrong_fact"], None),
    ],
)
def test_a_flaw_is_read_with_what_is_said_of_it_and_an_unknown_one_is_no_opinion(
    said: Any, flaws: list[str] | None
) -> None:
    reply = replied(json.dumps({**GOOD, "flaws": said}))
    if flaws is None:
        with pytest.raises(Unusable, match="malformed"):
            parse(reply, AnswerOpinion)
    else:
        assert parse(reply, AnswerOpinion).flaws == flaws


WHOLE = json.dumps({**GOOD, "reasoning": "Of the set {1, 2} it is right."})


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (AnswerOpinion, WHOLE[:-1]),
        (AnswerOpinion, WHOLE.replace("[]}", '["wro')),
        (AnswerOpinion, WHOLE.replace("[]}", '["unclear", ')),
        (AnswerOpinion, WHOLE.replace('"', "'").replace("[]}", "['wro")),
        (AnswerOpinion, WHOLE.replace("[]}", '[{"flaw": "unclear"}')),
        (AnswerOpinion, f"My verdict: {WHOLE[:-2]}"),
        (PairOpinion, '{"reasoning": "Of the set {1, 2}.", "first": 7, "second": 1'),
        (PairOpinion, '{"reasoning": "A bracket } alone.", "first": 7, "second": 1'),
        (QuestionOpinion, '{"reasoning": "It is fine.", "self_contained": true, "answerable": true, '),
        (Critique, '{"reasoning": "It is fine.", "problems": ["The unit'),
        (Critique, '{"reasoning": "It is fine."}'),
        (AnswerOpinion, WHOLE.replace(', "flaws": []', "")),
        (AnswerOpinion, WHOLE.replace("5", "true")),
    ],
)
@pytest.mark.parametrize("finish", ["stop", "length"])
def test_of_an_opinion_that_is_not_whole_nothing_is_made_up(
    schema: type[ReplySchema], text: str, finish: str
) -> None:
    with pytest.raises(Unusable):
        parse(Reply(text, finish, Usage(1, 1, 1)), schema)


@pytest.mark.parametrize("text", [WHOLE.replace('"', "'"), f"My verdict: {WHOLE}\nThat is all.", WHOLE + "}"])
def test_a_whole_opinion_may_be_mended(text: str) -> None:
    assert parse(replied(text), AnswerOpinion).follows == 5


@pytest.mark.parametrize(
    ("problems", "kept"),
    [
        (["None"], []),
        ("None", []),
        (["No problems found."], []),
        (["There are no issues with this answer."], []),
        ([" ", "n/a"], []),
        (["No unit is given."], ["No unit is given."]),
        (["Nothing is said of the sun."], ["Nothing is said of the sun."]),
        (["No errors are named, but two are asked for."], ["No errors are named, but two are asked for."]),
    ],
)
def test_a_critique_that_says_there_is_nothing_has_no_problem(problems: Any, kept: list[str]) -> None:
    text = json.dumps({"reasoning": "I looked.", "problems": problems})
    assert parse(replied(text), Critique).problems == kept


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "5",
        "[]",
        "{}",
        json.dumps({"score": 5}),
        json.dumps({**GOOD, "follows": 7}),
        json.dumps({**GOOD, "correct": "perhaps"}),
        json.dumps({"reasoning": "It is fine.", "correct": True}),
    ],
)
def test_another_form_is_no_opinion(text: str) -> None:
    for schema in (AnswerOpinion, QuestionOpinion):
        with pytest.raises(Exception, match="malformed"):
            parse(replied(text), schema)


def test_there_are_enough_sentinels_of_both_kinds_and_no_two_alike() -> None:
    for part in ("question", "answer"):
        both = [*sentinels.shipped(part, good=True), *sentinels.shipped(part, good=False)]
        assert len(both) >= FEWEST_SENTINELS + 4
        assert len({one.answer or one.question for one in both}) == len(both)
        assert all((one.answer is None) == (part == "question") for one in both)
        first = Standing(part).first()
        assert sum(one.good for one in first) == FEWEST_SENTINELS // 2 == len(first) // 2


def test_bad_copies_of_an_answer_differ_from_it_each_in_its_way() -> None:
    other = Answered("What is bread?", "Baked dough.")
    made = {one.kind: one for n in range(4) if (one := sentinels.spoilt(n, OWN, other))}
    assert made.keys() == {"cut", "of another question", "another number", "denied"}
    assert OWN.answer.startswith(made["cut"].answer or "?")
    assert made["of another question"].answer == other.answer
    assert made["another number"].answer == OWN.answer.replace("is 80 km", "is 163 km")
    assert "so its speed is not 180" in (made["denied"].answer or "")
    assert all(one.question == OWN.question and not one.good for one in made.values())


def test_what_cannot_be_spoilt_in_one_way_is_spoilt_in_another_or_not_at_all() -> None:
    assert sentinels.spoilt(0, Answered("?", "Baked dough."), None) is None
    only = [sentinels.spoilt(n, Answered("?", "It is dough."), None) for n in range(4)]
    assert {one and one.kind for one in only} == {"denied"}


@pytest.mark.parametrize(
    ("good", "kept", "bad", "caught", "applies"),
    [
        (10, 10, 10, 10, True),
        (10, 8, 10, 7, True),
        (10, 8, 10, 6, False),
        (10, 7, 10, 10, False),
        (9, 9, 10, 10, False),
        (0, 0, 0, 0, False),
    ],
)
def test_verdicts_decide_once_enough_sentinels_were_told_apart(
    good: int, kept: int, bad: int, caught: int, applies: bool
) -> None:
    standing = Standing("answer", counts=Counts(good, kept, bad, caught))
    assert standing.counts.applies is applies
    assert (standing.shut is None) is applies


@pytest.mark.parametrize("verdict", VerdictKind)
def test_a_sentinel_without_an_opinion_was_told_wrong(verdict: VerdictKind) -> None:
    [good], [bad] = sentinels.shipped("answer", good=True)[:1], sentinels.shipped("answer", good=False)[:1]
    kept = of_sentinel(good, verdict)
    assert (kept.good, kept.kept) == (1, verdict in (VerdictKind.accept, VerdictKind.revise))
    caught = of_sentinel(bad, verdict)
    assert (caught.bad, caught.caught) == (1, verdict is VerdictKind.reject)
    assert getattr(of_verdict(verdict, applied=True), verdict.value) == 1


def test_calls_without_a_known_price_are_counted_apart() -> None:
    assert (used(Usage(2, 30, 4, None)).usd, used(Usage(2, 30, 4, None)).unpriced) == (0.0, 1.0)
    assert used(Usage(2, 30, 4, 0.5)) == Counts(calls=2, prompt_tokens=30, completion_tokens=4, usd=0.5)


def test_too_many_unusable_opinions_among_the_last_calls_are_noticed() -> None:
    standing = Standing("question", model="m")
    for n in range(200):
        standing.saw(VerdictKind.unjudged if n % 5 == 0 else VerdictKind.accept)
    assert standing.useless is None
    standing.saw(VerdictKind.unjudged)
    standing.saw(VerdictKind.unjudged)
    assert "m gave no usable opinion in 11 of its last 50" in (standing.useless or "")


@pytest.mark.parametrize(
    ("accepted", "rejected", "told"),
    [(99, 1, None), (100, 0, "nearly all"), (15, 85, "hardly any"), (99, 0, None), (50, 50, None)],
)
def test_a_judge_that_lets_nearly_all_or_hardly_any_pass_is_suspicious(
    accepted: int, rejected: int, told: str | None
) -> None:
    alarm = Standing("answer", counts=Counts(accept=accepted, reject=rejected)).alarm
    assert (alarm is None) if told is None else (told in (alarm or ""))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("gpt-4.1", "o4-mini", True),
        ("gpt-4.1-mini", "openai/gpt-oss-20b", True),
        ("Qwen/Qwen3-8B", "qwen2.5-1.5b-instruct-q4_k_m.gguf", True),
        ("gemma-3-27b-it", "gemini-2.5-flash", True),
        ("meta-llama/Llama-3.1-70B", "/models/llama3.2:1b", True),
        ("gpt-4.1", "claude-sonnet-4", False),
        ("Qwen/Qwen3-8B", "mistral-large", False),
        ("some-model", "another-model", False),
    ],
)
def test_families_of_models(one: str, other: str, same: bool) -> None:
    assert (family(one) == family(other)) is same


def test_a_judge_may_have_an_endpoint_of_its_own() -> None:
    settings = ModelSettings(
        base_url="http://a/v1", api_key="ka", model="big", judge_base_url="http://j/v1", judge_model="strict"
    )
    judge = settings.endpoint("judge_answers")
    assert judge
    # The key of one endpoint is never sent to another.
    assert (judge.base_url, judge.api_key) == ("http://j/v1", "none")
    assert settings.name("judge_questions", {}) == "strict"
    assert settings.name("judge_questions", {"judge": "chosen", "default": "d"}) == "chosen"
    assert settings.name("answers", {"judge": "chosen"}) == "big"
    shared = ModelSettings(base_url="http://a/v1", api_key="ka", model="big")
    assert shared.name("judge_answers", {}) == "big"
    assert shared.endpoint("judge_answers") == shared.endpoint("questions")


def test_a_judge_is_a_step_only_of_jobs_that_want_one() -> None:
    def spec(**judge: bool) -> JobSpec:
        return JobSpec.model_validate({"root_id": "r", "add": 1, "checks": {"judge": judge}})

    plain, judged = spec(), spec(answers=True)
    assert steps_of(plain) == ["subjects", "syllabi", "questions", "answers"]
    assert steps_of(judged)[4:] == ["judge_answers"]
    assert resolve(judged, ModelSettings())["steps"]["judge_answers"]["prompt_version"] == "judge_answers@1"
    # Found again by the same command, though an earlier version knew no judge.
    assert plain.key() == JobSpec.model_validate({"root_id": "r", "add": 1}).key()
    assert judged.key() != plain.key()
