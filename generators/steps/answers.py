"""The answer to a question, from the question alone, often by a cheaper model (GLAN, section 2.4)."""

from generators.method import Sampling
from generators.models.chat import ChatModel, Reply
from generators.prompts import render
from generators.steps.parsing import begins_with, require_language, require_text, unusable
from generators.usage import Usage
from graph.reasons import Reason


async def answer(
    model: ChatModel, question: str, sampling: Sampling, seed: int | None, *, language: str | None = None
) -> tuple[str, Usage]:
    """The answer to a question. Raises GenerationError, also for a truncated or empty answer.

    `language`, as the job names it: an answer in another language is refused.
    """
    prompt = render("answers", question=question)
    reply = await model.chat([{"role": "user", "content": prompt}], sampling, seed=seed)
    return read(reply, question, language=language), reply.usage


def read(reply: Reply, question: str, *, language: str | None = None) -> str:
    """The answer in a reply, without a call. Raises Unusable."""
    text = require_text(reply)
    if begins_with(text, question):
        raise unusable(reply, Reason.repeated_prompt, "the answer begins with the question")
    require_language(reply, text, language, question)
    return text
