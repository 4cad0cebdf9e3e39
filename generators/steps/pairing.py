"""What a judge finds of two answers to one question: its reasons, then their marks (GLAN, section 3.5)."""

from typing import Annotated, NamedTuple

from pydantic import Field

from generators.method import Sampling
from generators.models.chat import ChatModel
from generators.prompts import render
from generators.steps.asking import ask
from generators.steps.judging import Reasoning
from generators.steps.parsing import ReplySchema
from generators.usage import Usage

Mark = Annotated[int, Field(ge=1, le=10)]


class PairOpinion(ReplySchema):
    """What a judge finds of two answers, in the order in which it read them."""

    reasoning: Reasoning
    first: Mark
    second: Mark


class Marks(NamedTuple):
    """The marks of two answers, from 1 to 10, and why."""

    first: int
    second: int
    why: str


async def judge_pair(
    model: ChatModel, question: str, first: str, second: str, sampling: Sampling, seed: int | None
) -> tuple[Marks, Usage]:
    """The marks of two answers, and the use of all calls for them. Raises GenerationError.

    A reply that does not parse is asked for once more.
    """
    prompt = render("judge_pairs", question=question, first=first, second=second)
    said, reply = await ask(model, [{"role": "user", "content": prompt}], PairOpinion, sampling, seed=seed)
    return Marks(said.first, said.second, said.reasoning), reply.usage
