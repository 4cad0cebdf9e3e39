"""Subjects of a discipline: a free list first, then the list as data (GLAN, section 2.2).

Asking for JSON at once gave worse lists (the paper's finding), hence the two turns.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from generators.method import MOST_SUBJECTS, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.steps import parsing
from generators.steps.parsing import ReplySchema, Shorter, ask
from generators.usage import Usage
from graph.database import Transaction
from graph.model import Kind, NewNode
from graph.taxonomy import nodes, traversal
from graph.text import normal_name

# Names of known subjects in the shorter version of the prompt.
FEW_KNOWN = 50

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
    discipline: str,
    description: str,
    known: Sequence[str],
    most: int | None,
    language: str,
    *,
    short: bool = False,
) -> list[Message]:
    """The first turn; `known` names the subjects that are there already, `most` how many are wanted.

    `short`: only the last FEW_KNOWN names, for a model whose context all of them exceed.
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
    discipline: str,
    messages: Sequence[Message],
    drafted: str,
    most: int | None,
    sampling: Sampling,
    seed: int | None,
    shorter: Shorter | None = None,
) -> tuple[list[Subject], Usage]:
    """The list as data; raises GenerationError. `shorter` stands for `messages`, the first turn."""

    def turns(first: Sequence[Message]) -> list[Message]:
        prompt = render("subjects_extract", discipline=discipline, most=most)
        return [*first, {"role": "assistant", "content": drafted}, {"role": "user", "content": prompt}]

    bound = min(most or MOST_SUBJECTS, MOST_SUBJECTS)
    # Two at least where two are wanted: a small model stops after the one of the example.
    bounds = (("subjects", min(2, bound), bound),)
    listed, reply = await ask(
        model,
        turns(messages),
        SubjectList,
        sampling,
        bounds=bounds,
        seed=seed,
        shorter=None if shorter is None else lambda: turns(shorter()),
    )
    return listed.subjects, reply.usage


def read(reply: Reply) -> list[Subject]:
    """The list in a reply, without a call; raises Unusable."""
    return parsing.parse(reply, SubjectList).subjects


async def store(
    tx: Transaction, discipline_id: str, listed: Sequence[Subject], cap: int | None, by: str
) -> None:
    """Stores the new names only, in the order listed, up to `cap` subjects of the discipline in all."""
    known = {normal_name(name) for name in await traversal.child_names(tx, discipline_id, Kind.Subject)}
    # Nothing is left of a name that nobody sees.
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
