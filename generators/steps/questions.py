"""A question for a combination of concepts, with the whole syllabus at hand (GLAN, section 2.4)."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from generators.method import Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.steps.parsing import ReplySchema, Shorter, ask, parse, require_language, same_words, unusable
from generators.usage import Usage
from graph.reasons import Reason
from graph.taxonomy.syllabi import Session, SyllabusContext

# How the sentences of the prompt begin; a question that begins so repeats it.
INSTRUCTIONS = (
    "you write homework for a student of",
    "write one homework question",
    "it must combine this key concept",
    "it must combine all of these key concepts",
    "the student has learned everything up to session",
    "the question must be complete in itself",
    "reply with json alone",
)
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# With fewer letters beside its placeholders a question is a template that nobody filled in.
FEWEST_LETTERS = 20


class QuestionReply(ReplySchema):
    """One question."""

    question: Annotated[str, StringConstraints(min_length=15, max_length=1500)]


class Drawn(NamedTuple):
    """A drawn session as the prompt names it; sessions are numbered from 1."""

    number: int
    name: str


class Lesson:
    """A syllabus as the prompts of its questions have it; what they share is rendered once."""

    def __init__(self, context: SyllabusContext, sessions: Sequence[Session], language: str) -> None:
        self._context = context
        self._sessions = sessions
        self._language = language

    def conversation(
        self, drawn: Sequence[int], concepts: Sequence[str], *, short: bool = False
    ) -> list[Message]:
        """`drawn`: places of the one or two sessions; `concepts`: names; `short`: only the drawn sessions."""
        syllabus = self._rendered(drawn, short=True) if short else self._syllabus
        task = render(
            "questions",
            drawn=[Drawn(n + 1, self._sessions[n].name) for n in drawn],
            concepts=concepts,
            language=self._language,
        )
        return [{"role": "user", "content": f"{syllabus}\n\n{task}"}]

    def topic(self, concepts: Sequence[str]) -> str:
        """What a question is about, in a line."""
        return topic(self._context.discipline, self._context.subject, concepts)

    @cached_property
    def _syllabus(self) -> str:
        return self._rendered(range(len(self._sessions)), short=False)

    def _rendered(self, places: Sequence[int], *, short: bool) -> str:
        numbered = [(n + 1, self._sessions[n]) for n in places]
        return render("questions_syllabus", context=self._context, sessions=numbered, short=short)


def topic(discipline: str, subject: str, concepts: Sequence[str]) -> str:
    """What a question is about, in a line."""
    return ", ".join((discipline, subject, *concepts))


async def ask_question(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int | None,
    *,
    language: str | None = None,
    topic: str = "",
    shorter: Shorter | None = None,
) -> tuple[str, Usage]:
    """The question; raises GenerationError.

    `language` as the job names it and `topic` as of Lesson.topic: a question in another language is refused.
    """
    value, reply = await ask(model, messages, QuestionReply, sampling, seed=seed, shorter=shorter)
    return _checked(value, reply, language, topic), reply.usage


def read(reply: Reply, *, language: str | None = None, topic: str = "") -> str:
    """The question in a reply, without a call; raises Unusable."""
    return _checked(parse(reply, QuestionReply), reply, language, topic)


def _checked(value: QuestionReply, reply: Reply, language: str | None, topic: str) -> str:
    question = value.question
    if _repeats(question):
        raise unusable(reply, Reason.repeated_prompt, "the question repeats the instructions")
    require_language(reply, question, language, topic)
    return question


def _repeats(question: str) -> bool:
    """Whether a question begins as the prompt does, or is a template that was not filled in."""
    if same_words(question[:80]).startswith(INSTRUCTIONS):
        return True
    if "{{" not in question and "{%" not in question:
        return False
    return sum(map(str.isalpha, PLACEHOLDER.sub("", question))) < FEWEST_LETTERS
