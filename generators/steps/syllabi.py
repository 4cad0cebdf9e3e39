"""The syllabus of a subject: free text first, then its sessions and key concepts (GLAN, section 2.3)."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from generators.method import FEWEST_SESSIONS, MOST_CONCEPTS, MOST_SESSIONS, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.spaces.syllabus_space import SyllabusSpace
from generators.steps.parsing import ReplySchema, ask, parse, unusable
from generators.usage import Usage
from graph.database import Transaction
from graph.reasons import Reason
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import NewSession
from graph.text import normal_name

Title = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Line = Annotated[str, StringConstraints(max_length=300)]


class SessionReply(ReplySchema):
    """One class session."""

    title: Title
    description: Line
    key_concepts: Annotated[list[Title], Field(min_length=1, max_length=MOST_CONCEPTS)]


class SyllabusReply(ReplySchema):
    """A syllabus; `sessions` is the list that a tighter bound is set on."""

    introduction: Annotated[str, StringConstraints(max_length=600)]
    objectives: Annotated[list[Line], Field(max_length=6)]
    outcomes: Annotated[list[Line], Field(max_length=6)]
    sessions: Annotated[list[SessionReply], Field(min_length=1, max_length=MOST_SESSIONS)]


def conversation(
    discipline: str,
    subject: str,
    level: str,
    subtopics: Sequence[str],
    most: int,
    concepts: int,
    language: str,
) -> list[Message]:
    """The first turn, from the subject's name, level and subtopics."""
    prompt = render(
        "syllabi",
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
    subject: str,
    subtopics: Sequence[str],
    messages: Sequence[Message],
    drafted: str,
    most: int,
    concepts: int,
    sampling: Sampling,
    seed: int | None,
) -> tuple[SyllabusReply, list[NewSession], Usage]:
    """The syllabus as data, its sessions without repetitions; raises GenerationError."""
    turns: list[Message] = [
        *messages,
        {"role": "assistant", "content": drafted},
        {"role": "user", "content": _extraction(subject, subtopics, most, concepts)},
    ]
    bounds = (
        ("sessions", min(FEWEST_SESSIONS, most), most),
        ("key_concepts", max(1, concepts - 2), min(concepts + 3, MOST_CONCEPTS)),
    )
    syllabus, reply = await ask(model, turns, SyllabusReply, sampling, bounds=bounds, seed=seed)
    return syllabus, _sessions(syllabus, reply, most), reply.usage


def read(reply: Reply, most: int = MOST_SESSIONS) -> tuple[SyllabusReply, list[NewSession]]:
    """The syllabus in a reply and its sessions without repetitions, without a call; raises Unusable."""
    syllabus = parse(reply, SyllabusReply)
    return syllabus, _sessions(syllabus, reply, most)


def _sessions(syllabus: SyllabusReply, reply: Reply, most: int) -> list[NewSession]:
    sessions = distinct(syllabus.sessions[:most])
    if not sessions:
        raise unusable(reply, Reason.malformed, "no session has a concept")
    return sessions


async def store(
    tx: Transaction,
    subject_id: str,
    name: str,
    syllabus: SyllabusReply,
    sessions: Sequence[NewSession],
    by: str,
) -> str:
    """Stores a syllabus with its sessions, concepts and the size of its combination space; returns its id."""
    properties = syllabus.model_dump(include={"introduction", "objectives", "outcomes"})
    syllabus_id = await syllabi.store(tx, subject_id, name, "", properties, sessions, by)
    space = SyllabusSpace(syllabus_id, await syllabi.sessions(tx, syllabus_id))
    await syllabi.hand_out(tx, syllabus_id, space.version, [0] * len(space.capacity), space.capacity)
    return syllabus_id


def _extraction(subject: str, subtopics: Sequence[str], most: int, concepts: int) -> str:
    """The second turn; its example speaks of the subject itself, for small models copy examples."""
    example = [*subtopics, "Basic terms", "Main methods", "Tools and materials", "Planning"][:4]
    return render("syllabi_extract", subject=subject, example=example, most=most, concepts=concepts)


def distinct(replies: Sequence[SessionReply]) -> list[NewSession]:
    """Sessions of one name become one, concepts too; what has no visible name or no concepts goes."""
    sessions: dict[str, NewSession] = {}
    for reply in replies:
        session = sessions.setdefault(normal_name(reply.title), NewSession(reply.title, reply.description))
        session.concepts += [name for name in reply.key_concepts if normal_name(name)]
    for session in sessions.values():
        session.concepts = list({normal_name(name): name for name in reversed(session.concepts)}.values())[
            ::-1
        ]
    return [session for name, session in sessions.items() if name and session.concepts]
