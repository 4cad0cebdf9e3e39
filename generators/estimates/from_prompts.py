"""Estimates what a sample of each step uses from its prompt, for graphs without similar calls.

The steps are imported inside functions: they import the models' clients, which a service that only answers
reads does not need.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from generators.method import FEWEST_SESSIONS, JudgeStep
from generators.prompts import render
from generators.spec import JobSpec
from graph.jobs.past import Branch
from graph.model import Kind
from graph.taxonomy.syllabi import Named, Session, SyllabusContext

if TYPE_CHECKING:
    from generators.steps.questions import Lesson


class Span(NamedTuple):
    """A figure that is not known yet: its least, most likely and greatest value."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> "Span":
        """The span of a known figure."""
        return cls(value, value, value)

    def plus(self, other: "Span") -> "Span":
        """The sum, value by value."""
        return Span(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, other: "Span") -> "Span":
        """The product, value by value."""
        return Span(*(a * b for a, b in zip(self, other, strict=True)))

    def whole(self) -> "Span":
        """The span rounded to whole numbers."""
        return Span(*map(round, self))

    def at_most(self, limit: float) -> "Span":
        """The span with each value cut to `limit`."""
        return Span(*(min(value, limit) for value in self))


class Sample(NamedTuple):
    """What one list of subjects, syllabus, question or answer uses, summed over all its calls."""

    calls: Span
    prompt_tokens: Span
    completion_tokens: Span


# Tokens of one item in the usual replies of current models.
SUBJECT_IN_TEXT, SUBJECT_IN_JSON = Span(20, 35, 60), Span(30, 50, 80)
NAME_IN_TEXT, NAME_IN_JSON = Span(8, 25, 45), Span(12, 32, 60)
SESSION_IN_TEXT, SESSION_IN_JSON = Span(60, 120, 220), Span(60, 100, 160)
SYLLABUS_AROUND = Span(100, 200, 400)
OPINION = Span(80, 180, 500)
# Answers to a question of which some have a short final answer: a second one there, and more if they differ.
SAMPLES = Span(1, 2, 5)
QUESTION, ANSWER = Span(60, 130, 300), Span(150, 450, 1200)
LIST_LENGTH = Span(30, 40, 50)
# Names in one list of fields, sub-fields or disciplines, if nothing bounds it.
NAMES = Span(6, 14, 30)
# Structured replies that do not parse are asked for once more: one in ten is a high rate.
TWO_TURNS, ONE_TURN = Span(2, 2, 2.2), Span(1, 1, 1.1)
A_SUBJECT = "Introduction to the subject"
KNOWN_IN_A_PROMPT = 75


def tokens(text: str, language: str) -> Span:
    """Tokens of a text: one per 3 to 4 characters in English, up to one per 1.5 in other languages."""
    fewest = 3.0 if language.casefold() in ("english", "en") else 1.5
    return Span(len(text) / 4, len(text) / 3.5, len(text) / fewest)


def subject_list(spec: JobSpec, branch: Branch) -> Sample:
    """Two turns: the free list, and the list as data, whose prompt repeats the first turn."""
    from generators.steps import subjects

    cap = spec.subjects_per_discipline
    missing = None if cap is None else max(1, cap - branch.subjects)
    # Each list's prompt names the subjects of the earlier lists: on average half of all subjects.
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


def names_of(spec: JobSpec) -> Span:
    """Names in one list of fields, sub-fields or disciplines."""
    return NAMES.at_most(spec.naming.names)


def name_list(spec: JobSpec) -> Sample:
    """Two turns, as in `subject_list`; the prompts of lower levels name what is above, too."""
    from generators.steps import taxonomy

    most = spec.naming.names
    place = taxonomy.Place(Kind.Discipline, A_SUBJECT, Kind.Subfield, A_SUBJECT * 2, (A_SUBJECT,))
    turn = taxonomy.conversation(place, most, spec.language)
    second = render("taxonomy_extract", plural="disciplines", most=most)
    length = names_of(spec)
    first = tokens(turn[0]["content"], spec.language).times(Span(0.75, 1, 1.25))
    return _two_turns(
        first,
        tokens(second, spec.language),
        length.times(NAME_IN_TEXT),
        length.times(NAME_IN_JSON),
        spec.sampling_of("taxonomy").max_tokens,
    )


def syllabus(spec: JobSpec) -> Sample:
    """Two turns, as in `subject_list`."""
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
    """The span with the cost of replies that are asked for once more."""
    return span.times(ONE_TURN)


def sessions_of(spec: JobSpec) -> Span:
    """Sessions of a syllabus that is not grown yet."""
    most = spec.sessions_per_syllabus
    fewest = min(FEWEST_SESSIONS, most)
    return Span(fewest, (fewest + most) / 2, most)


def concepts_of(spec: JobSpec) -> Span:
    """Distinct concepts of a syllabus that is not grown yet; some are in several of its sessions."""
    each = spec.concepts_per_session
    return sessions_of(spec).times(Span(max(1, each - 2) * 0.8, each * 0.9, each))


def question(spec: JobSpec, lessons: "Sequence[tuple[Lesson, int]]") -> Sample:
    """Estimated from real syllabi (each with its number of sessions), or from imagined ones."""
    shown = lessons or [(_imagined(spec, int(n)), int(n)) for n in sessions_of(spec)]
    spans = [tokens(_prompt(spec, lesson, count), spec.language) for lesson, count in shown]
    prompt = Span(
        min(span.low for span in spans),
        sum(span.expected for span in spans) / len(spans),
        max(span.high for span in spans),
    )
    most = spec.sampling_of("questions").max_tokens
    # The prompt of a crossing shows two syllabi in place of one.
    part = spec.cross_share
    prompt = prompt.times(Span(1.0 if part < 1 else 2.0, 1.0 + part, 2.0 if part else 1.0))
    return Sample(ONE_TURN, _repaired(prompt), _repaired(QUESTION.at_most(most)))


def _prompt(spec: JobSpec, lesson: "Lesson", sessions: int) -> str:
    dials = {dial.name: dial.values[0] for dial in spec.dial_space().dials}
    return lesson.conversation(range(min(2, sessions)), [A_SUBJECT] * 3, dials=dials)[0]["content"]


def _imagined(spec: JobSpec, sessions: int) -> "Lesson":
    from generators.steps.questions import Lesson

    context = SyllabusContext(A_SUBJECT, A_SUBJECT, A_SUBJECT, "", A_SUBJECT * 8, ())
    concepts = tuple(Named(str(n), A_SUBJECT) for n in range(spec.concepts_per_session))
    described = Session("", A_SUBJECT, A_SUBJECT * 3, concepts)
    return Lesson(context, [described] * max(1, sessions), spec.language)


def answer(spec: JobSpec) -> Sample:
    """One call: the question alone is the prompt, and its answer is the reply.

    Where several answers are held against each other, one to five calls.
    """
    around = tokens(render(spec.prompts_of("answers")[0], question=""), "English")
    calls = SAMPLES if spec.checks.consensus else Span.exactly(1)
    reply = ANSWER.at_most(spec.sampling_of("answers").max_tokens)
    return Sample(calls, calls.times(QUESTION.plus(around)), calls.times(reply))


def refinement(spec: JobSpec) -> Sample:
    """One call: the question, its answer and what is wrong with it are the prompt, the reply is an answer."""
    around = tokens(render("refinements", question="", answer="", problems=[""] * 3), "English")
    prompt = around.plus(QUESTION).plus(ANSWER).plus(OPINION)
    return Sample(Span.exactly(1), prompt, ANSWER.at_most(spec.sampling_of("refinements").max_tokens))


def judge_prompt(step: JudgeStep) -> Span:
    """Tokens of what a judge is told around what it reads."""
    texts = dict.fromkeys(("question", "answer", "first", "second"), "")
    return tokens(render(step, **texts, concepts=[A_SUBJECT] * 3), "English")


def opinion(spec: JobSpec, step: JudgeStep) -> Sample:
    """What a judge reads is a question, with its answer or two of them, below its own prompt."""
    around = judge_prompt(step)
    answers = {"judge_questions": 0, "judge_pairs": 2}.get(step, 1)
    prompt = around.plus(QUESTION).plus(ANSWER.times(Span.exactly(answers)))
    return Sample(ONE_TURN, _repaired(prompt), _repaired(OPINION.at_most(spec.sampling_of(step).max_tokens)))
