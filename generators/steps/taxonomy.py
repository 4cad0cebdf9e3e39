"""Names of fields, sub-fields and disciplines: a free list first, then the list as data (GLAN, section 2.1).

Each list is one sample. The lists of one place are asked for independently of each other, so that a name's
support, the number of samples that have it, says something. Names are the same if their keys are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from generators.errors import Unusable
from generators.method import MOST_NAMES, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import render
from generators.steps import parsing
from generators.steps.asking import Question, Shorter, Verdict, extracted
from generators.steps.grounding import SMALL_SHARE, Ground, dropped_names
from generators.steps.names import unnumbered
from generators.steps.outline import MOST_WORDS, outline
from generators.steps.parsing import ReplySchema, unusable
from generators.usage import Usage
from graph.database import Transaction
from graph.model import Kind
from graph.name_keys import name_key
from graph.proposals.added import propose_named
from graph.reasons import Reason
from graph.taxonomy import naming
from graph.taxonomy.naming import Named

# Maximum names of known nodes in the prompt, and in its shorter version.
MANY_KNOWN, FEW_KNOWN = 300, 50
PLURALS = {Kind.Field: "fields", Kind.Subfield: "sub-fields", Kind.Discipline: "disciplines"}
WORDS = {Kind.Taxonomy: "taxonomy", Kind.Field: "field", Kind.Subfield: "sub-field"}
# What a very small model calls its items, which names nothing.
LABELS = frozenset({"field", "sub field", "subfield", "discipline", "name", "list"})


# Tokens of a name in the list of a very small model, which may write without end.
SMALL_NAME = 30


class NameReply(ReplySchema):
    """One name of a list, and what it is about."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    about: Annotated[str, StringConstraints(max_length=300)]


class NameList(ReplySchema):
    """A list of names."""

    names: Annotated[list[NameReply], Field(min_length=1, max_length=MOST_NAMES)]


class BriefName(ReplySchema):
    """A name in the form asked of a very small model."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class BriefNames(ReplySchema):
    """A list of names in the form asked of a very small model."""

    names: Annotated[list[BriefName], Field(min_length=1, max_length=MOST_NAMES)]


class Listed(NamedTuple):
    """A list as data, what it cost, and counts of what was dropped or repaired."""

    names: list[Named]
    usage: Usage
    warnings: dict[str, int]


@dataclass(frozen=True)
class Place:
    """The node below which names of one kind are asked for."""

    kind: Kind
    """The kind of what is asked for."""
    name: str
    of: Kind
    description: str = ""
    above: tuple[str, ...] = ()
    """The names of the nodes above it, the nearest first, without the taxonomy."""
    known: tuple[str, ...] = ()
    """Names that are there already, or were rejected."""


def conversation(
    place: Place, most: int, language: str, *, small: bool = False, short: bool = False
) -> list[Message]:
    """The first turn; `most`: names wanted, `small`: for a very small model.

    `short`: with fewer known names, if all of them exceed the model's context.
    """
    prompt = render(
        "taxonomy_small" if small else "taxonomy",
        kind=place.kind.value,
        plural=PLURALS[place.kind],
        place=place.name,
        what=WORDS[place.of],
        description=place.description,
        above=place.above,
        known=place.known[-(FEW_KNOWN if short else MANY_KNOWN) :],
        wanted=f"the (up to {most})" if most < MOST_NAMES else "the",
        most=most,
        language=language,
    )
    return [{"role": "user", "content": prompt}]


def sampling_for(model: ChatModel, most: int, sampling: Sampling) -> Sampling:
    """The sampling parameters for a list of at most `most` names, shorter for a very small model."""
    if not model.small:
        return sampling
    return replace(sampling, max_tokens=min(sampling.max_tokens, 100 + SMALL_NAME * most))


async def extract(
    model: ChatModel,
    messages: Sequence[Message],
    drafted: str,
    kind: Kind,
    most: int,
    sampling: Sampling,
    seed: int | None,
    shorter: Shorter | None = None,
) -> Listed:
    """The list as data, without names that are not grounded in `drafted`. Raises GenerationError.

    If too little is left, the reply is asked for again, with what was wrong. If nothing is usable and the
    model is very small, the lines of its list are read. `shorter` replaces `messages`, the first turn.
    """
    prompt = render(
        "taxonomy_extract_small" if model.small else "taxonomy_extract", plural=PLURALS[kind], most=most
    )
    # At least two if two are wanted: a small model stops after the one item shown in the form.
    bounds = (("names", min(2, most), most),)
    ground = Ground(drafted)
    schema = BriefNames if model.small else NameList
    try:
        taken = await extracted(
            Question[NameList | BriefNames](model, schema, bounds, sampling, seed),
            messages,
            drafted,
            prompt,
            judge=lambda reply: _grounded(reply, ground).verdict,
            shorter=shorter,
            tries=model.tries,
        )
        found = _grounded(taken.value, ground)
        warnings = {"ungrounded": len(found.dropped), "asked_again": taken.calls - 1}
        return Listed(_required(found, taken.reply)[:most], taken.reply.usage, warnings)
    except Unusable as error:
        if not (model.small and (listed := outlined(drafted, most))):
            raise
        return Listed(listed, error.usage, {"by_lines": 1})


def outlined(drafted: str, most: int) -> list[Named]:
    """The names in the lines of a free list, at most `most`."""
    return _distinct([Named(item.name, "") for item in outline(drafted)])[:most]


def read(reply: Reply, most: int, *, drafted: str) -> tuple[list[Named], dict[str, int]]:
    """The list in a reply and counts of dropped names, without a call. Raises Unusable."""
    found = _grounded(parsing.parse(reply, NameList), Ground(drafted))
    return _required(found, reply)[:most], {"ungrounded": len(found.dropped)}


class _Grounded(NamedTuple):
    names: list[Named]
    dropped: list[str]
    verdict: Verdict


def _grounded(reply: NameList | BriefNames, ground: Ground) -> _Grounded:
    """The grounded names, those that are not grounded, and a verdict on the list."""
    kept: list[Named] = []
    dropped: list[str] = []
    for item in reply.names:
        if ground.holds(item.name):
            kept.append(Named(item.name, item.about if isinstance(item, NameReply) else ""))
        else:
            dropped.append(item.name)
    names = _distinct(kept)
    wrong = None if len(kept) >= max(1, SMALL_SHARE * len(reply.names)) else dropped_names(dropped, "list")
    return _Grounded(names, dropped, Verdict(wrong, len(names)))


def _distinct(named: Sequence[Named]) -> list[Named]:
    """The names without numbers before them, each key once, without labels and whole sentences."""
    found: dict[str, Named] = {}
    for name, about in named:
        name = unnumbered(name.strip()).rstrip(" .:;,")
        key = name_key(name)
        if key and key not in LABELS and len(name.split()) <= MOST_WORDS:
            found.setdefault(key, Named(name, about))
    return [*found.values()]


def _required(found: _Grounded, reply: Reply) -> list[Named]:
    if not found.names:
        raise unusable(reply, Reason.malformed, found.verdict.problem or "it names nothing")
    return found.names


async def store(
    tx: Transaction, place_id: str, kind: Kind, listed: Sequence[Named], samples: int, job_id: str
) -> dict[str, int]:
    """Stores a sample: new names as proposed nodes, each with a proposal; the others as support of the job's.

    Returns counts: `proposed`, `joined`, and `known`, as naming.add does.
    """
    added = await naming.add(tx, place_id, kind, listed, samples=samples, by=f"job {job_id}")
    await propose_named(tx, place_id, added.nodes, job_id)
    return added.counts
