"""What a judge finds of a question or an answer: its reasons first, then values with bounds."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from generators.method import Sampling
from generators.models.chat import ChatModel
from generators.prompts import render
from generators.quality.judging import verdicts
from generators.quality.judging.verdicts import Finding, Flaw
from generators.steps.asking import ask
from generators.steps.leniency import says_nothing
from generators.steps.parsing import ReplySchema
from generators.usage import Usage

# Room for a calculation that is done again, and an end to a model that writes without one.
Reasoning = Annotated[str, StringConstraints(max_length=2000)]


def _no_truth(value: Any) -> Any:
    # As a number, true would be 1, the worst mark; as a word it is refused.
    return str(value) if isinstance(value, bool) else value


class OpinionSchema(ReplySchema):
    """Base of what a judge is asked for."""

    whole: ClassVar[bool] = True


class QuestionOpinion(OpinionSchema):
    """What a judge finds of a question."""

    reasoning: Reasoning
    self_contained: bool
    answerable: bool
    one_task: bool
    on_concepts: Literal["all", "some", "none"]
    level: Literal["school", "undergraduate", "graduate", "expert"]


class AnswerOpinion(OpinionSchema):
    """What a judge finds of an answer."""

    reasoning: Reasoning
    correct: bool
    complete: bool
    follows: Annotated[int, Field(ge=1, le=5), BeforeValidator(_no_truth)]
    flaws: Annotated[list[Flaw], Field(max_length=8)]


class PairOpinion(OpinionSchema):
    """What a judge finds of two answers: each from 1 to 10."""

    reasoning: Reasoning
    first: Annotated[int, Field(ge=1, le=10), BeforeValidator(_no_truth)]
    second: Annotated[int, Field(ge=1, le=10), BeforeValidator(_no_truth)]


class Critique(OpinionSchema):
    """What is worth improving in an answer; nothing if it is good as it is."""

    reasoning: Reasoning
    problems: Annotated[list[Annotated[str, StringConstraints(max_length=500)]], Field(max_length=8)]

    @field_validator("problems")
    @classmethod
    def _told(cls, problems: list[str]) -> list[str]:
        return [problem for problem in problems if not says_nothing(problem)]


class Opinion(NamedTuple):
    """A verdict with what it rests on; `scores`: the judge's values without its words, as JSON."""

    finding: Finding
    why: str
    scores: str
    flaws: list[str]


async def judge_question(
    model: ChatModel, question: str, concepts: Sequence[str], sampling: Sampling, seed: int | None
) -> tuple[Opinion, Usage]:
    """What a judge finds of a question about these concepts (their names). Raises GenerationError.

    A reply that does not parse is asked for once more.
    """
    prompt = render("judge_questions", question=question, concepts=concepts)
    said, reply = await ask(
        model, [{"role": "user", "content": prompt}], QuestionOpinion, sampling, seed=seed
    )
    finding = verdicts.of_question(
        self_contained=said.self_contained,
        answerable=said.answerable,
        one_task=said.one_task,
        on_concepts=said.on_concepts,
    )
    return _opinion(finding, said, []), reply.usage


async def judge_answer(
    model: ChatModel, question: str, answer: str, sampling: Sampling, seed: int | None
) -> tuple[Opinion, Usage]:
    """What a judge finds of an answer. Raises GenerationError; asks once more as `judge_question` does."""
    prompt = render("judge_answers", question=question, answer=answer)
    said, reply = await ask(model, [{"role": "user", "content": prompt}], AnswerOpinion, sampling, seed=seed)
    flaws = sorted(set(said.flaws))
    finding = verdicts.of_answer(
        correct=said.correct, complete=said.complete, follows=said.follows, flaws=flaws
    )
    return _opinion(finding, said, flaws), reply.usage


async def judge_pair(
    model: ChatModel, question: str, first: str, second: str, sampling: Sampling, seed: int | None
) -> tuple[PairOpinion, Usage]:
    """What a judge finds of two answers, in the order in which it is shown them. Raises GenerationError.

    To be asked in both orders: judges tend to prefer a place. Asks once more as `judge_question` does.
    """
    prompt = render("judge_pairs", question=question, first=first, second=second)
    said, reply = await ask(model, [{"role": "user", "content": prompt}], PairOpinion, sampling, seed=seed)
    return said, reply.usage


async def criticise(
    model: ChatModel, question: str, answer: str, sampling: Sampling, seed: int | None
) -> tuple[Critique, Usage]:
    """What is worth improving in an answer. Raises GenerationError; asks again as `judge_question` does."""
    prompt = render("critiques", question=question, answer=answer)
    said, reply = await ask(model, [{"role": "user", "content": prompt}], Critique, sampling, seed=seed)
    return said, reply.usage


def _opinion(finding: Finding, said: QuestionOpinion | AnswerOpinion, flaws: Sequence[str]) -> Opinion:
    scores = said.model_dump(mode="json", exclude={"reasoning", "flaws"})
    return Opinion(finding, said.reasoning, json.dumps(scores), list(flaws))
