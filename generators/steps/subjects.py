"""Subjects of a discipline: a free list first, then the list as data (GLAN, section 2.2).

Asking for JSON at once gave worse lists (the paper's finding), hence the two turns. Names in the second turn
that are not in the list were made up, and are dropped.
"""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from generators.errors import Unusable
from generators.method import MOST_SUBJECTS, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.steps import parsing
from generators.steps.asking import Question, Shorter, Verdict, extracted
from generators.steps.grounding import SMALL_SHARE, Ground, dropped_names
from generators.steps.outline import outline
from generators.steps.parsing import ReplySchema, unusable
from generators.usage import Usage
from graph.database import Transaction
from graph.model import Kind, NewNode
from graph.reasons import Reason
from graph.taxonomy import nodes
from graph.taxonomy.walking import traversal
from graph.text import normal_name

# Maximum names of known subjects in the shorter version of the prompt.
FEW_KNOWN = 50
MOST_SUBTOPICS = 12

Short = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Subject(ReplySchema):
    """One subject of a list."""

    subject_name: Short
    level: Annotated[str, StringConstraints(max_length=60)]
    subtopics: Annotated[list[Short], Field(max_length=MOST_SUBTOPICS)]


class SubjectList(ReplySchema):
    """A list of subjects."""

    subjects: Annotated[list[Subject], Field(min_length=1, max_length=MOST_SUBJECTS)]


class Listed(NamedTuple):
    """A list of subjects as data, what it cost, and counts of what was dropped or repaired."""

    subjects: list[Subject]
    usage: Usage
    warnings: dict[str, int]


def conversation(
    discipline: str,
    description: str,
    known: Sequence[str],
    most: int | None,
    language: str,
    *,
    short: bool = False,
) -> list[Message]:
    """The first turn; `known` names the existing subjects, `most` is the number of subjects wanted.

    `short`: only the last FEW_KNOWN names, if all of them exceed the model's context.
    """
    prompt = render(
        "subjects",
        discipline=discipline,
        description=description,
        known=known[-FEW_KNOWN:] if short else known,
        wanted=most or "as many as you can (30 to 50)",
        language=language,
    )
    return [{"role": "user", "content": prompt}]


async def extract(
    model: ChatModel,
    messages: Sequence[Message],
    drafted: str,
    most: int | None,
    sampling: Sampling,
    seed: int | None,
    shorter: Shorter | None = None,
) -> Listed:
    """The list as data, without names that are not grounded in `drafted`. Raises GenerationError.

    If too little is left, the reply is asked for again, with what was wrong. If nothing is usable and the
    model is very small, the lines of its list are read. `shorter` replaces `messages`, the first turn.
    """
    prompt = render("subjects_extract", most=most)
    bound = min(most or MOST_SUBJECTS, MOST_SUBJECTS)
    # At least two if two are wanted: a small model stops after the one item shown in the form.
    bounds = (("subjects", min(2, bound), bound),)
    ground = Ground(drafted)
    try:
        taken = await extracted(
            Question(model, SubjectList, bounds, sampling, seed),
            messages,
            drafted,
            prompt,
            judge=lambda reply: _grounded(reply.subjects, ground).verdict,
            shorter=shorter,
            tries=model.tries,
        )
        found = _grounded(taken.value.subjects, ground)
        warnings = {"ungrounded": len(found.dropped), "asked_again": taken.calls - 1}
        return Listed(_required(found, taken.reply), taken.reply.usage, warnings)
    except Unusable as error:
        if not (model.small and (listed := outlined(drafted, bound))):
            raise
        return Listed(listed, error.usage, {"by_lines": 1})


def outlined(drafted: str, most: int) -> list[Subject]:
    """The subjects that the lines of a free list name, at most `most`."""
    return [
        Subject(subject_name=item.name, level="", subtopics=item.below[:MOST_SUBTOPICS])
        for item in outline(drafted)[:most]
    ]


def read(reply: Reply, *, drafted: str | None = None) -> tuple[list[Subject], dict[str, int]]:
    """The list in a reply and counts of dropped names, without a call. Raises Unusable."""
    found = _grounded(parsing.parse(reply, SubjectList).subjects, Ground(drafted or reply.text))
    return _required(found, reply), {"ungrounded": len(found.dropped)}


class _Grounded(NamedTuple):
    subjects: list[Subject]
    dropped: list[str]
    verdict: Verdict


def _grounded(listed: Sequence[Subject], ground: Ground) -> _Grounded:
    """The grounded subjects and subtopics, the names that are not grounded, and a verdict on the list."""
    kept: list[Subject] = []
    dropped: list[str] = []
    for subject in listed:
        missing = ground.lacks(subject.subtopics)
        dropped += missing
        if not ground.holds(subject.subject_name):
            dropped.append(subject.subject_name)
            continue
        subtopics = [name for name in subject.subtopics if name not in missing]
        kept.append(subject.model_copy(update={"subtopics": subtopics}))
    wrong = None if len(kept) >= max(1, SMALL_SHARE * len(listed)) else dropped_names(dropped, "list")
    return _Grounded(kept, dropped, Verdict(wrong, len(kept)))


def _required(found: _Grounded, reply: Reply) -> list[Subject]:
    if not found.subjects:
        raise unusable(reply, Reason.malformed, found.verdict.problem or "it names nothing")
    return found.subjects


async def store(
    tx: Transaction, discipline_id: str, listed: Sequence[Subject], cap: int | None, by: str
) -> None:
    """Stores only subjects with new names, in order, until the discipline has `cap` subjects in all."""
    known = {normal_name(name) for name in await traversal.child_names(tx, discipline_id, Kind.Subject)}
    # A name of invisible characters is empty once normalised, and is left out.
    fresh = {
        normal: s for s in reversed(listed) if (normal := normal_name(s.subject_name)) and normal not in known
    }
    wanted = list(fresh.values())[::-1][: None if cap is None else max(0, cap - len(known))]
    await nodes.insert_in(
        tx,
        [
            NewNode(
                kind=Kind.Subject,
                name=s.subject_name,
                parent_id=discipline_id,
                properties={"level": s.level, "subtopics": list(s.subtopics)},
            )
            for s in wanted
        ],
        by=by,
    )
