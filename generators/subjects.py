"""Subjects of a discipline: a free list first, then the list as data (GLAN, section 2.2).

Asking for JSON at once gave worse lists (the paper's finding), hence the two turns.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from generators.llm import ChatModel, Message, Sampling
from generators.parsing import ReplySchema, ask, require_text
from generators.prompts import render
from generators.usage import Usage

PROMPTS = ("subjects", "subjects_extract")
SAMPLING = Sampling(temperature=1.0, top_p=0.95, max_tokens=4096)
MOST_SUBJECTS = 50

Short = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Subject(ReplySchema):
    """One subject of a list."""

    subject_name: Short
    level: Annotated[str, StringConstraints(max_length=60)]
    subtopics: Annotated[list[Short], Field(max_length=12)]


class SubjectList(ReplySchema):
    """A list of subjects."""

    subjects: Annotated[list[Subject], Field(min_length=1, max_length=MOST_SUBJECTS)]


def conversation(
    discipline: str, description: str, known: Sequence[str], most: int | None, language: str
) -> list[Message]:
    """The first turn; `known` names the subjects that are there already, `most` how many are wanted."""
    prompt = render(
        "subjects",
        discipline=discipline,
        description=description,
        known=known,
        wanted=most or "as many as you can (30 to 50)",
        language=language,
    )
    return [{"role": "user", "content": prompt}]


async def draft(
    model: ChatModel, messages: Sequence[Message], sampling: Sampling, seed: int | None
) -> tuple[str, Usage]:
    """The free list; raises GenerationError."""
    reply = await model.chat(messages, sampling, seed=seed)
    return require_text(reply, cut_is_fine=True), reply.usage


async def extract(
    model: ChatModel,
    discipline: str,
    messages: Sequence[Message],
    drafted: str,
    most: int | None,
    sampling: Sampling,
    seed: int | None,
) -> tuple[list[Subject], Usage]:
    """The list as data; raises GenerationError."""
    turns: list[Message] = [
        *messages,
        {"role": "assistant", "content": drafted},
        {"role": "user", "content": render("subjects_extract", discipline=discipline, most=most)},
    ]
    bound = min(most or MOST_SUBJECTS, MOST_SUBJECTS)
    # Two at least where two are wanted: a small model stops after the one of the example.
    bounds = (("subjects", min(2, bound), bound),)
    listed, usage = await ask(model, turns, SubjectList, sampling, bounds=bounds, seed=seed)
    return listed.subjects, usage
