"""The answer to a question, from the question alone, often by a cheaper model (GLAN, section 2.4)."""

from collections.abc import Sequence
from typing import Self

from generators.errors import Unusable
from generators.method import Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.quality.flaws import Findings
from generators.quality.rules.answers import findings
from generators.quality.rules.repetition import begins_with
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
    prompt: str = "answers",
) -> tuple[str, Usage]:
    """The answer to a question, and the use of all calls for it. Raises GenerationError.

    `language`, as the job names it: an answer in another language is refused. `topic`: what the question is
    about. `checked`: whether the rules for answers apply (`generators.quality.rules.answers`). An answer with
    a sure flaw is then requested `again` that many times, with the flaw in the prompt, and refused if none is
    better. `prompt`: answers, or answers_final, which asks for a short final answer where there is one.
    """
    asked = render(prompt, question=question)
    reply = await model.chat(_turn(asked), sampling, seed=seed)
    for _ in range(again):
        try:
            return read(reply, question, language=language, topic=topic, checked=checked), reply.usage
        except Flawed as flawed:
            turn = _turn(render("answers_again", question=asked, problem=flawed.detail))
            another = model.chat(turn, sampling, seed=None if seed is None else seed + 1)
            reply = await in_place_of(flawed, another)
    return read(reply, question, language=language, topic=topic, checked=checked), reply.usage


async def refined(
    model: ChatModel,
    question: str,
    draft: str,
    problems: Sequence[str],
    sampling: Sampling,
    seed: int | None,
    *,
    language: str | None = None,
    topic: str = "",
    checked: bool = True,
) -> tuple[str, Usage]:
    """An answer written again, with the problems that were found in it put right. Raises GenerationError."""
    prompt = render("refinements", question=question, answer=draft, problems=problems)
    reply = await model.chat(_turn(prompt), sampling, seed=seed)
    return read(reply, question, language=language, topic=topic, checked=checked), reply.usage


def flags(text: str, question: str, *, language: str | None = None, topic: str = "") -> list[str]:
    """Ids of the rules that found something in an answer that is kept; see `answer`."""
    return _findings(text, question, language, topic).flagged


def _findings(text: str, question: str, language: str | None, topic: str) -> Findings:
    code = languages.code_of(language) if language else None
    return findings(text, question, topic, code)


def _turn(prompt: str) -> list[Message]:
    return [{"role": "user", "content": prompt}]


def read(
    reply: Reply, question: str, *, language: str | None = None, topic: str = "", checked: bool = True
) -> str:
    """The answer in a reply, without a call. Raises Unusable, and Flawed where another one may do."""
    text = require_text(reply, about=f"{question} {topic}")
    if checked:
        found = _findings(text, question, language, topic).worst
        if found and found.sure and found.reason:
            # A model that declines once declines again.
            as_found = unusable(reply, found.reason, found.problem)
            raise as_found if found.reason is Reason.refused else Flawed.of(as_found)
    if begins_with(text, question):
        raise unusable(reply, Reason.repeated_prompt, "the answer begins with the question")
    require_language(reply, text, language, question)
    return text
