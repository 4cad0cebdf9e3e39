"""The answer to a question, from the question alone, often by a cheaper model (GLAN, section 2.4)."""

from typing import Self

from generators.errors import Unusable
from generators.method import Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.quality.answers import findings
from generators.quality.repetition import begins_with
from generators.steps import language as languages
from generators.steps.asking import in_place_of
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
            turn = _turn(render("answers_again", question=question, problem=flawed.detail))
            another = model.chat(turn, sampling, seed=None if seed is None else seed + 1)
            reply = await in_place_of(flawed, another)
    return read(reply, question, language=language, topic=topic, checked=checked), reply.usage


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
