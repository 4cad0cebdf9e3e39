"""The syllabus of a subject: free text first, then its sessions and key concepts (GLAN, section 2.3).

Names in the second turn that are not in the text were made up, and are dropped.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from generators.errors import Unusable
from generators.method import FEWEST_SESSIONS, MOST_CONCEPTS, MOST_SESSIONS, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.spaces.syllabus_space import SyllabusSpace
from generators.steps.asking import Question, Verdict, extracted
from generators.steps.grounding import SMALL_SHARE, Ground, dropped_names
from generators.steps.names import standing_alone, unnumbered
from generators.steps.outline import Item, outline
from generators.steps.parsing import ReplySchema, parse, unusable
from generators.usage import Usage
from graph.database import Transaction
from graph.reasons import Reason
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import NewSession
from graph.text import normal_name

# Maximum words of a key concept from a very small model.
LONGEST_NAME = 5

Title = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Line = Annotated[str, StringConstraints(max_length=300)]


class SessionReply(ReplySchema):
    """One class session."""

    title: Title
    description: Line
    key_concepts: Annotated[list[Title], Field(min_length=1, max_length=MOST_CONCEPTS)]


class SyllabusReply(ReplySchema):
    """A syllabus; the job sets tighter bounds on the number of its `sessions`."""

    introduction: Annotated[str, StringConstraints(max_length=600)]
    objectives: Annotated[list[Line], Field(max_length=6)]
    outcomes: Annotated[list[Line], Field(max_length=6)]
    sessions: Annotated[list[SessionReply], Field(min_length=1, max_length=MOST_SESSIONS)]


class BriefSession(ReplySchema):
    """A class session in the form asked of a very small model."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=60)]
    key_concepts: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=40)]],
        Field(min_length=1, max_length=MOST_CONCEPTS),
    ]


class BriefSyllabus(ReplySchema):
    """A syllabus in the form asked of a very small model: only what questions are drawn from."""

    sessions: Annotated[list[BriefSession], Field(min_length=1, max_length=MOST_SESSIONS)]


class Extracted(NamedTuple):
    """A syllabus as data, its distinct sessions, what it cost, and counts of what was dropped or repaired."""

    syllabus: SyllabusReply
    sessions: list[NewSession]
    usage: Usage
    warnings: dict[str, int]


def conversation(
    discipline: str,
    subject: str,
    level: str,
    subtopics: Sequence[str],
    most: int,
    concepts: int,
    language: str,
    *,
    small: bool = False,
) -> list[Message]:
    """The first turn, from the subject's name, level and subtopics; `small`: for a very small model."""
    prompt = render(
        "syllabi_small" if small else "syllabi",
        discipline=discipline,
        subject=subject,
        level=level,
        subtopics=subtopics,
        fewest=min(FEWEST_SESSIONS, most),
        most=most,
        concepts=concepts,
        language=language,
    )
    return [{"role": "user", "content": prompt}]


async def extract(
    model: ChatModel,
    messages: Sequence[Message],
    drafted: str,
    most: int,
    concepts: int,
    sampling: Sampling,
    seed: int | None,
) -> Extracted:
    """The syllabus as data, without names that are not grounded in `drafted`. Raises GenerationError.

    If too little is left, the reply is asked for again, with what was wrong. If nothing is usable and the
    model is very small, the lines of the text are read.
    """
    name = "syllabi_extract_small" if model.small else "syllabi_extract"
    prompt = render(name, most=most, concepts=concepts)
    bounds = (
        ("sessions", min(FEWEST_SESSIONS, most), most),
        ("key_concepts", max(1, concepts - 2), min(concepts + 3, MOST_CONCEPTS)),
    )
    schema = BriefSyllabus if model.small else SyllabusReply
    ground = Ground(drafted)

    def judge(reply: SyllabusReply | BriefSyllabus) -> Verdict:
        return _grounded(_whole(reply), ground, most).verdict

    question = Question(model, schema, bounds, sampling, seed)
    try:
        taken = await extracted(question, messages, drafted, prompt, judge=judge, tries=model.tries)
        syllabus = _whole(taken.value)
        found = _grounded(syllabus, ground, most)
        warnings = {"ungrounded": len(found.dropped), "asked_again": taken.calls - 1}
        return Extracted(syllabus, _required(found, taken.reply), taken.reply.usage, warnings)
    except Unusable as error:
        if not (model.small and (sessions := outlined(drafted, most))):
            raise
        return Extracted(_without_sessions(), sessions, error.usage, {"by_lines": 1})


def outlined(drafted: str, most: int) -> list[NewSession]:
    """The sessions that the lines of a free syllabus name, at most `most`.

    A session with nothing below it gets one concept, of its own name.
    """
    return [
        NewSession(item.name, "", [standing_alone(name, item.name) for name in _concepts(item)])
        for item in outline(drafted)[:most]
    ]


def _concepts(item: Item) -> list[str]:
    return (item.below or [item.name])[:MOST_CONCEPTS]


def read(
    reply: Reply, most: int = MOST_SESSIONS, *, drafted: str | None = None
) -> tuple[SyllabusReply, list[NewSession], dict[str, int]]:
    """The syllabus in a reply, its sessions and counts of dropped names, without a call. Raises Unusable."""
    syllabus = parse(reply, SyllabusReply)
    found = _grounded(syllabus, Ground(drafted or reply.text), most)
    return syllabus, _required(found, reply), {"ungrounded": len(found.dropped)}


def _whole(reply: SyllabusReply | BriefSyllabus) -> SyllabusReply:
    if isinstance(reply, SyllabusReply):
        return reply
    sessions = [
        SessionReply(title=session.title, description="", key_concepts=names)
        for session in reply.sessions
        # Very small models copy whole sentences, which the schema's bound cuts off.
        if (names := [name for name in session.key_concepts if len(name.split()) <= LONGEST_NAME])
    ]
    if not sessions:
        return _without_sessions()
    return SyllabusReply(introduction="", objectives=[], outcomes=[], sessions=sessions)


def _without_sessions() -> SyllabusReply:
    return SyllabusReply.model_construct(introduction="", objectives=[], outcomes=[], sessions=[])


class _Grounded(NamedTuple):
    sessions: list[NewSession]
    dropped: list[str]
    verdict: Verdict


def _grounded(syllabus: SyllabusReply, ground: Ground, most: int) -> _Grounded:
    """The grounded sessions and concepts, the names that are not grounded, and a verdict on the syllabus."""
    kept: list[SessionReply] = []
    dropped: list[str] = []
    for session in syllabus.sessions[:most]:
        title = unnumbered(session.title)
        missing = ground.lacks(session.key_concepts)
        dropped += missing
        if not ground.holds(title):
            dropped.append(session.title)
            continue
        concepts = [standing_alone(name, title) for name in session.key_concepts if name not in missing]
        if concepts:
            kept.append(session.model_copy(update={"title": title, "key_concepts": concepts}))
    sessions = distinct(kept)
    names = sum(1 + len(session.key_concepts) for session in syllabus.sessions[:most])
    left = sum(1 + len(session.concepts) for session in sessions)
    wrong = None if sessions and left >= SMALL_SHARE * names else dropped_names(dropped, "syllabus")
    return _Grounded(sessions, dropped, Verdict(wrong, left))


def _required(found: _Grounded, reply: Reply) -> list[NewSession]:
    if not found.sessions:
        raise unusable(reply, Reason.malformed, found.verdict.problem or "no session has a concept")
    return found.sessions


async def store(
    tx: Transaction,
    subject_id: str,
    name: str,
    syllabus: SyllabusReply,
    sessions: Sequence[NewSession],
    by: str,
) -> str:
    """Stores a syllabus with its sessions, concepts and the capacity of its spaces; returns its id."""
    properties = syllabus.model_dump(include={"introduction", "objectives", "outcomes"})
    syllabus_id = await syllabi.store(tx, subject_id, name, "", properties, sessions, by)
    space = SyllabusSpace(syllabus_id, await syllabi.sessions(tx, syllabus_id))
    await syllabi.hand_out(tx, syllabus_id, space.version, [0] * len(space.capacity), space.capacity)
    return syllabus_id


def distinct(replies: Sequence[SessionReply]) -> list[NewSession]:
    """Merges sessions of the same name, and their concepts; drops any without a visible name or concepts."""
    sessions: dict[str, NewSession] = {}
    for reply in replies:
        session = sessions.setdefault(normal_name(reply.title), NewSession(reply.title, reply.description))
        session.concepts += [name for name in reply.key_concepts if normal_name(name)]
    for session in sessions.values():
        session.concepts = list({normal_name(name): name for name in reversed(session.concepts)}.values())[
            ::-1
        ]
    return [session for name, session in sessions.items() if name and session.concepts]
