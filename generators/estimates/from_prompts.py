"""What a sample of each step is likely to use, from its own prompt: for graphs that hold no such call yet.

The steps are imported where they are used: they bring the models' clients, which a service that only answers
reads does without.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from generators.method import FEWEST_SESSIONS
from generators.prompts import render
from generators.spec import JobSpec
from graph.jobs.past import Branch
from graph.taxonomy.syllabi import Named, Session, SyllabusContext

if TYPE_CHECKING:
    from generators.steps.questions import Lesson


class Span(NamedTuple):
    """A figure that is not known yet: at least, most likely, at most."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> "Span":
        """A figure that is known."""
        return cls(value, value, value)

    def plus(self, other: "Span") -> "Span":
        """The sum, each part at its least, its likeliest or its most."""
        return Span(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, other: "Span") -> "Span":
        """The product."""
        return Span(*(a * b for a, b in zip(self, other, strict=True)))

    def whole(self) -> "Span":
        """Rounded to whole things."""
        return Span(*map(round, self))

    def at_most(self, limit: float) -> "Span":
        """None of the three beyond a limit."""
        return Span(*(min(value, limit) for value in self))


class Sample(NamedTuple):
    """What one sample uses: a list of subjects, a syllabus, a question or an answer; tokens of all calls."""

    calls: Span
    prompt_tokens: Span
    completion_tokens: Span


# Tokens of one item in the usual replies of current models.
SUBJECT_IN_TEXT, SUBJECT_IN_JSON = Span(20, 35, 60), Span(30, 50, 80)
SESSION_IN_TEXT, SESSION_IN_JSON = Span(60, 120, 220), Span(60, 100, 160)
SYLLABUS_AROUND = Span(100, 200, 400)
QUESTION, ANSWER = Span(60, 130, 300), Span(150, 450, 1200)
LIST_LENGTH = Span(30, 40, 50)
# Structured replies that do not parse are asked for once more; one in ten is many.
TWO_TURNS, ONE_TURN = Span(2, 2, 2.2), Span(1, 1, 1.1)
A_SUBJECT = "Introduction to the subject"
KNOWN_IN_A_PROMPT = 75


def tokens(text: str, language: str) -> Span:
    """Characters by four to by three; other languages than English take more tokens for them."""
    fewest = 3.0 if language.casefold() in ("english", "en") else 1.5
    return Span(len(text) / 4, len(text) / 3.5, len(text) / fewest)


def subject_list(spec: JobSpec, branch: Branch) -> Sample:
    """Two turns: the free list, and the list as data, which reads the first turn again."""
    from generators.steps import subjects

    cap = spec.subjects_per_discipline
    missing = None if cap is None else max(1, cap - branch.subjects)
    # The later a list, the more names it is told; on average half of those that come.
    known = [A_SUBJECT] * (KNOWN_IN_A_PROMPT if cap is None and spec.queries_per_discipline > 1 else 0)
    turn = subjects.conversation(branch.name, branch.description, known, missing, spec.language)
    second = render("subjects_extract", most=missing)
    length = LIST_LENGTH if missing is None else LIST_LENGTH.at_most(missing)
    return _two_turns(
        tokens(turn[0]["content"], spec.language),
        tokens(second, spec.language),
        length.times(SUBJECT_IN_TEXT),
        length.times(SUBJECT_IN_JSON),
        spec.sampling_of("subjects").max_tokens,
    )


def syllabus(spec: JobSpec) -> Sample:
    """Two turns, as of subject_list."""
    from generators.steps import syllabi

    most, concepts = spec.sessions_per_syllabus, spec.concepts_per_session
    turn = syllabi.conversation(
        A_SUBJECT, A_SUBJECT, "undergraduate", [A_SUBJECT] * 5, most, concepts, spec.language
    )
    second = render("syllabi_extract", most=most, concepts=concepts)
    length = sessions_of(spec)
    return _two_turns(
        tokens(turn[0]["content"], spec.language),
        tokens(second, spec.language),
        SYLLABUS_AROUND.plus(length.times(SESSION_IN_TEXT)),
        SYLLABUS_AROUND.plus(length.times(SESSION_IN_JSON)),
        spec.sampling_of("syllabi").max_tokens,
    )


def _two_turns(first: Span, second: Span, drafted: Span, listed: Span, most: int) -> Sample:
    drafted, listed = drafted.at_most(most), listed.at_most(most)
    prompts = first.plus(first).plus(drafted).plus(second)
    return Sample(TWO_TURNS, _repaired(prompts), _repaired(drafted.plus(listed)))


def _repaired(span: Span) -> Span:
    """As much more as a reply costs that is asked for once more."""
    return span.times(ONE_TURN)


def sessions_of(spec: JobSpec) -> Span:
    """Sessions of a syllabus that is still to come."""
    most = spec.sessions_per_syllabus
    fewest = min(FEWEST_SESSIONS, most)
    return Span(fewest, (fewest + most) / 2, most)


def concepts_of(spec: JobSpec) -> Span:
    """Concepts of a syllabus that is still to come; some stand in several of its sessions."""
    each = spec.concepts_per_session
    return sessions_of(spec).times(Span(max(1, each - 2) * 0.8, each * 0.9, each))


def question(spec: JobSpec, lessons: "Sequence[tuple[Lesson, int]]") -> Sample:
    """From real syllabi (each with its number of sessions), or from one as the job would have it written."""
    shown = lessons or [(_imagined(spec, int(n)), int(n)) for n in sessions_of(spec)]
    spans = [tokens(_prompt(lesson, count), spec.language) for lesson, count in shown]
    prompt = Span(
        min(span.low for span in spans),
        sum(span.expected for span in spans) / len(spans),
        max(span.high for span in spans),
    )
    most = spec.sampling_of("questions").max_tokens
    return Sample(ONE_TURN, _repaired(prompt), _repaired(QUESTION.at_most(most)))


def _prompt(lesson: "Lesson", sessions: int) -> str:
    return lesson.conversation(range(min(2, sessions)), [A_SUBJECT] * 3)[0]["content"]


def _imagined(spec: JobSpec, sessions: int) -> "Lesson":
    from generators.steps.questions import Lesson

    context = SyllabusContext(A_SUBJECT, A_SUBJECT, A_SUBJECT, "", A_SUBJECT * 8, ())
    concepts = tuple(Named(str(n), A_SUBJECT) for n in range(spec.concepts_per_session))
    described = Session("", A_SUBJECT, A_SUBJECT * 3, concepts)
    return Lesson(context, [described] * max(1, sessions), spec.language)


def answer(spec: JobSpec) -> Sample:
    """A question alone, and its answer."""
    return Sample(Span.exactly(1), QUESTION, ANSWER.at_most(spec.sampling_of("answers").max_tokens))
