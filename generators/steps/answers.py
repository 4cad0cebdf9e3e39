"""The answer to a question, from the question alone, often by a cheaper model (GLAN, section 2.4)."""

from dataclasses import replace
from typing import Self

from generators.errors import CallFailed, GenerationError, Unusable
from generators.method import Sampling
from generators.models.budget import BudgetSpent
from generators.models.chat import ChatModel, Message, Reply
from generators.models.stop import Stopped
from generators.prompts import render
from generators.quality.answers import findings
from generators.quality.repetition import begins_with
from generators.steps import language as languages
from generators.steps.parsing import require_language, require_text, unusable
from generators.usage import Usage
from graph.reasons import Reason


class Flawed(Unusable):
    """An answer with a flaw that another one may not have."""

    @classmethod
    def of(cls, error: Unusable) -> Self:
        """The same error, to be told apart."""
        return cls(error.reason, error.detail, error.raw, error.finish_reason, error.usage)


async def answer(
    model: ChatModel,
    question: str,
    sampling: Sampling,
    seed: int | None,
    *,
    language: str | None = None,
    topic: str = "",
    checked: bool = True,
    again: int = 1,
) -> tuple[str, Usage]:
    """The answer to a question, and the use of all calls for it. Raises GenerationError.

    `language`, as the job names it: an answer in another language is refused. `topic`: what the question is
    about. `checked`: whether the rules for answers apply (`generators.quality.answers`). An answer with a
    sure flaw is then requested `again` that many times, with the flaw in the prompt, and refused if none is
    better.
    """
    reply = await model.chat(_turn(render("answers", question=question)), sampling, seed=seed)
    for _ in range(again):
        try:
            return read(reply, question, language=language, topic=topic, checked=checked), reply.usage
        except Flawed as flawed:
            reply = await _another(model, question, sampling, seed, flawed)
    return read(reply, question, language=language, topic=topic, checked=checked), reply.usage


async def _another(
    model: ChatModel, question: str, sampling: Sampling, seed: int | None, flawed: Flawed
) -> Reply:
    """Another reply, with the use of all so far; raises the first one's flaw if the call fails."""
    prompt = render("answers_again", question=question, problem=flawed.detail)
    try:
        reply = await model.chat(_turn(prompt), sampling, seed=None if seed is None else seed + 1)
    except CallFailed as error:
        flawed.usage += error.usage
        raise flawed from error
    except (GenerationError, Stopped, BudgetSpent) as error:
        # The run ends here, and the cost of the first reply must be recorded.
        raise flawed from error
    return replace(reply, usage=flawed.usage + reply.usage)


def _turn(prompt: str) -> list[Message]:
    return [{"role": "user", "content": prompt}]


def read(
    reply: Reply, question: str, *, language: str | None = None, topic: str = "", checked: bool = True
) -> str:
    """The answer in a reply, without a call. Raises Unusable, and Flawed where another one may do."""
    text = require_text(reply)
    if checked:
        code = languages.code_of(language) if language else None
        found = findings(text, question, topic, code).worst
        if found and found.sure and found.reason:
            # A model that declines once declines again.
            as_found = unusable(reply, found.reason, found.problem)
            raise as_found if found.reason is Reason.refused else Flawed.of(as_found)
    if begins_with(text, question):
        raise unusable(reply, Reason.repeated_prompt, "the answer begins with the question")
    require_language(reply, text, language, question)
    return text
