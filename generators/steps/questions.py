"""A question about a combination of concepts, asked for with the whole syllabus (GLAN, section 2.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import StringConstraints

from generators.method import DIALS_PROMPT, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.quality.flaws import Findings, Flaw
from generators.quality.rules.questions import findings
from generators.quality.rules.repetition import same_words
from generators.steps import language as languages
from generators.steps.asking import Question, Shorter, Verdict, best_of
from generators.steps.grounding import Ground
from generators.steps.names import unnumbered
from generators.steps.parsing import ReplySchema, parse, require_language, unusable
from generators.usage import Usage
from graph.reasons import Reason
from graph.taxonomy.syllabi import Session, SyllabusContext

# Beginnings of the prompt's sentences; a question that begins with one repeats the prompt.
INSTRUCTIONS = (
    "you write homework for a student of",
    "you write homework for a student who has learned two subjects",
    "write one homework question",
    "it must need both subjects",
    "the student has learned of both subjects",
    "the part of its syllabus that the question is about",
    "its syllabus in the order in which",
    "the question to write has to be of this kind",
    "it must combine this key concept",
    "it must combine all of these key concepts",
    "the student has learned everything up to",
    "the part of the syllabus that the question is about",
    "the whole syllabus in the order in which",
    "whoever reads the question sees the question alone",
    "reply with json alone",
)
NO_DIALS: Mapping[str, str] = {}
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# With fewer letters besides its placeholders, a question is a template that was not filled in.
FEWEST_LETTERS = 20
# Very small models may write a title in place of a question.
FEWEST_WORDS = 5
QUESTION_MARK = re.compile("[?？؟;]")


class QuestionReply(ReplySchema):
    """One question."""

    question: Annotated[str, StringConstraints(min_length=15, max_length=1500)]


class Lesson:
    """A syllabus as the prompts of its questions show it; the shared part is rendered once.

    Sessions are shown by name, without numbers: a question that mentions session 2 is of no use to a reader.
    """

    step = "questions"
    """What its prompts are called by in generators.prompts.versions."""

    def __init__(self, context: SyllabusContext, sessions: Sequence[Session], language: str) -> None:
        self._context = context
        self._sessions = sessions
        self._language = language

    def conversation(
        self,
        drawn: Sequence[int],
        concepts: Sequence[str],
        *,
        short: bool = False,
        unlike: str | None = None,
        dials: Mapping[str, str] = NO_DIALS,
    ) -> list[Message]:
        """The messages that ask for a question.

        `drawn`: indices of the one or two sessions; `concepts`: names; `short`: show only the drawn sessions;
        `unlike`: what was wrong with an earlier question; `dials`: the values of the dials, by their names.
        """
        syllabus = self._rendered(drawn, short=True) if short else self._syllabus
        task = self._task(drawn, concepts, dials.get("language", self._language))
        again = "" if unlike is None else render("questions_again", problem=unlike)
        parts = (syllabus, _demanded(dials), task, again)
        return [{"role": "user", "content": "\n\n".join(part for part in parts if part)}]

    def topic(self, concepts: Sequence[str]) -> str:
        """What a question is about, in one line."""
        return topic(self._context.discipline, self._context.subject, concepts)

    def _task(self, drawn: Sequence[int], concepts: Sequence[str], language: str) -> str:
        return render("questions", drawn=self._names(drawn), concepts=concepts, language=language)

    def _names(self, drawn: Sequence[int]) -> list[str]:
        return [unnumbered(self._sessions[n].name) for n in drawn]

    @cached_property
    def _syllabus(self) -> str:
        return self._rendered(range(len(self._sessions)), short=False)

    def _rendered(self, places: Sequence[int], *, short: bool) -> str:
        sessions = self._shown(places)
        return render("questions_syllabus", context=self._context, sessions=sessions, short=short)

    def _shown(self, places: Sequence[int]) -> list[Session]:
        return [replace(self._sessions[n], name=unnumbered(self._sessions[n].name)) for n in places]


class CrossLesson(Lesson):
    """Two syllabi as the prompts of questions that combine them show them.

    `sessions`: those of the first, `count` of them, then those of the second.
    """

    step = "questions_cross"

    def __init__(
        self,
        contexts: tuple[SyllabusContext, SyllabusContext],
        sessions: Sequence[Session],
        count: int,
        language: str,
    ) -> None:
        super().__init__(contexts[0], sessions, language)
        self._contexts = contexts
        self._count = count

    def topic(self, concepts: Sequence[str]) -> str:
        """What a question is about, in one line."""
        first, second = self._contexts
        return topic(
            f"{first.discipline}, {first.subject}", f"{second.discipline}, {second.subject}", concepts
        )

    def _task(self, drawn: Sequence[int], concepts: Sequence[str], language: str) -> str:
        subjects = [context.subject for context in self._contexts]
        drawn_names = self._names(drawn)
        return render(
            "questions_cross", drawn=drawn_names, subjects=subjects, concepts=concepts, language=language
        )

    def _rendered(self, places: Sequence[int], *, short: bool) -> str:
        parts = [n for n in places if n < self._count], [n for n in places if n >= self._count]
        courses = [
            {"context": context, "sessions": self._shown(part)}
            for context, part in zip(self._contexts, parts, strict=True)
        ]
        return render("questions_cross_syllabi", courses=courses, short=short)


def _demanded(dials: Mapping[str, str]) -> str:
    """What the dials demand of a question, for its prompt; nothing without dials but the language."""
    said = {name: dials.get(name) for name in ("difficulty", "task", "persona")}
    said["form"] = dials.get("format")
    return render(DIALS_PROMPT, **said) if any(said.values()) else ""


def topic(discipline: str, subject: str, concepts: Sequence[str]) -> str:
    """What a question is about, in one line."""
    return ", ".join((discipline, subject, *concepts))


async def ask_question(
    model: ChatModel,
    messages: Sequence[Message],
    sampling: Sampling,
    seed: int | None,
    *,
    language: str | None = None,
    topic: str = "",
    concepts: Sequence[str] = (),
    shorter: Shorter | None = None,
    checked: bool = True,
) -> tuple[str, Usage]:
    """The question and its use. Raises GenerationError.

    `language`, as the job names it: a question in another language is refused. `topic`: see `Lesson.topic`. A
    question that seems to have a flaw is asked for again; with a very small model, so is a question that does
    not name its `concepts`. `checked`: whether the rules for questions apply
    (`generators.quality.rules.questions`). A question with a sure flaw is then refused, with the flaw's
    reason, and what is wrong as the detail.
    """
    small = model.small
    about = _About(topic, language) if checked else None
    taken = await best_of(
        Question(model, QuestionReply, (), sampling, seed),
        messages,
        judge=lambda value: _verdict(value.question, about, concepts if small else (), small=small),
        shorter=shorter,
        tries=model.tries,
    )
    question = _checked(taken.value, taken.reply, language, topic, checked=checked)
    return question, taken.reply.usage


def read(reply: Reply, *, language: str | None = None, topic: str = "", checked: bool = True) -> str:
    """The question in a reply, without a call. Raises Unusable. `checked`: see `ask_question`."""
    return _checked(parse(reply, QuestionReply), reply, language, topic, checked=checked)


def flags(question: str, *, language: str | None = None, topic: str = "") -> list[str]:
    """Ids of the rules that found something in a question that is kept; see `ask_question`."""
    return _About(topic, language).findings(question).flagged


class _About(NamedTuple):
    """What the rules need to know of a question."""

    topic: str
    language: str | None

    def findings(self, question: str) -> Findings:
        code = languages.code_of(self.language) if self.language else None
        return findings(question, self.topic, code)

    def flaw(self, question: str) -> Flaw | None:
        return self.findings(question).worst


def _verdict(question: str, about: _About | None, concepts: Sequence[str], *, small: bool) -> Verdict:
    """What is wrong with a question, and how good it is: the fewer concepts are missing, the better.

    `about`: None if the rules do not apply.
    """
    if _repeats(question):
        return Verdict("it repeats the instructions", -3)
    if about and (found := about.flaw(question)):
        # A sure flaw rejects the question, and another one is asked for. Very small models need more tries.
        if found.sure and not small:
            return Verdict(None, -2)
        return Verdict(found.problem, -2 if found.sure else -1)
    if concepts and len(question.split()) < FEWEST_WORDS and not QUESTION_MARK.search(question):
        return Verdict("it asks nothing", -1)
    missing = Ground(question).lacks(concepts) if concepts else []
    if missing:
        return Verdict("it does not speak of " + ", ".join(missing), 1 - len(missing) / len(concepts))
    return Verdict(None, 1)


def _checked(value: QuestionReply, reply: Reply, language: str | None, topic: str, *, checked: bool) -> str:
    question = value.question
    if _repeats(question):
        raise unusable(reply, Reason.repeated_prompt, "the question repeats the instructions")
    found = _About(topic, language).flaw(question) if checked else None
    if found and found.sure and found.reason:
        raise unusable(reply, found.reason, found.problem)
    require_language(reply, question, language, topic)
    return question


def _repeats(question: str) -> bool:
    """Whether a question begins like a sentence of the prompt, or is a template that was not filled in."""
    if same_words(question[:80]).startswith(INSTRUCTIONS):
        return True
    if "{{" not in question and "{%" not in question:
        return False
    return sum(map(str.isalpha, PLACEHOLDER.sub("", question))) < FEWEST_LETTERS
