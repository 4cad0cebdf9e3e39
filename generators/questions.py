"""A question for a combination of concepts, with the whole syllabus at hand (GLAN, section 2.4)."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import StringConstraints

from generators.llm import ChatModel, Message, Sampling
from generators.parsing import ReplySchema, ask
from generators.prompts import render
from generators.usage import Usage
from graph.syllabi import Session, SyllabusContext

PROMPTS = ("questions",)
SAMPLING = Sampling(temperature=1.0, top_p=0.95, max_tokens=2048)


class QuestionReply(ReplySchema):
    """One question."""

    question: Annotated[str, StringConstraints(min_length=15, max_length=1500)]


def conversation(
    context: SyllabusContext,
    sessions: Sequence[Session],
    drawn: Sequence[int],
    concepts: Sequence[str],
    language: str,
) -> list[Message]:
    """`drawn`: places of the one or two sessions in `sessions`; `concepts`: names."""
    prompt = render(
        "questions", context=context, sessions=sessions, drawn=drawn, concepts=concepts, language=language
    )
    return [{"role": "user", "content": prompt}]


async def ask_question(
    model: ChatModel, messages: Sequence[Message], sampling: Sampling, seed: int | None
) -> tuple[str, Usage]:
    """The question; raises GenerationError."""
    reply, usage = await ask(model, messages, QuestionReply, sampling, seed=seed)
    return reply.question, usage
