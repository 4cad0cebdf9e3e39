"""Compares texts with the kept questions and with the items of benchmarks: what is found is evidence.

Nothing here waits: it runs in a thread.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from generators.quality.benchmarks.contamination import Match
from generators.quality.duplicates.near_duplicates import RULE, Relation, RelationKind, relation
from generators.quality.duplicates.prepared import Prepared, prepare
from generators.quality.duplicates.search_words import fewest, lucene, searched, shares
from generators.running.comparing.benchmarks import InForce
from graph.instructions.rows import Facts
from graph.quality.evidence import MOST_LINKS, Candidate, Candidates, Held, Link, Sought
from graph.reasons import Part, Reason

NOT_KEPT: Facts = {"text_key": None, "words": None}
"""Of a question that is not kept, and with which none is compared."""


@dataclass(frozen=True)
class Found:
    """What was found about a text: why it is not kept, if so, and how it is related to others."""

    reason: Reason | None = None
    problem: str = ""
    """In words for the model, if it is not kept."""
    links: list[Link] = field(default_factory=list[Link])


@dataclass(frozen=True)
class Asked:
    """A question that is compared with others; `concepts`: the names of its concepts."""

    id: str
    text: str
    prepared: Prepared
    words: frozenset[str]
    """Those by which the full-text index finds it."""
    concepts: Sequence[str]

    @classmethod
    def of(cls, id_: str, text: str, concepts: Sequence[str]) -> "Asked":
        """A question made ready for comparison."""
        prepared = prepare(text)
        return cls(id_, text, prepared, frozenset(searched(prepared)), concepts)

    @property
    def stored_words(self) -> str:
        """The words as they are stored once it is kept, so that later ones are compared with it."""
        return " ".join(sorted(self.words))


@dataclass(frozen=True)
class Kept:
    """What a batch of questions is compared with; None where that is not wanted."""

    near: Mapping[str, Candidates] | None
    """Candidates of the graph for each question, by its id: those worth a look."""
    rare: Mapping[str, Collection[str]]
    """The rarest words of each question, by which its candidates were found."""
    names: Mapping[str, str]
    """The names of the candidates' concepts, by id."""
    on_the_way: Mapping[str, Sequence[Asked]]
    """For each question, by its id, those worth a look that the graph does not find yet."""
    in_force: InForce | None
    """The benchmarks that are kept out."""


def compare(batch: Sequence[Asked], kept: Kept) -> tuple[list[Found], dict[str, Asked]]:
    """What is found about each question of a batch, and those that are kept, by their ids."""
    found: list[Found] = []
    fresh: dict[str, Asked] = {}
    for asked in batch:
        one = _with_questions(asked, kept, fresh) if kept.near is not None else Found()
        if one.reason is None and kept.in_force:
            one = with_items(asked.id, "question", asked.text, kept.in_force, one)
        if one.reason is None:
            fresh[asked.id] = asked
        found.append(one)
    return found, fresh


def _with_questions(asked: Asked, kept: Kept, fresh: Mapping[str, Asked]) -> Found:
    assert kept.near is not None
    same, candidates = kept.near[asked.id]
    if same:
        return same_as(asked.id, same)
    rare = kept.rare[asked.id]
    others = [*kept.on_the_way[asked.id], *(one for one in fresh.values() if shares(one.words, rare))]
    return _nearest(asked, chain(_of_graph(candidates, kept.names), others))


def with_items(id_: str, part: Part, text: str, in_force: InForce, found: Found | None = None) -> Found:
    """What is found about a question or an answer, once it is held against the items of benchmarks."""
    matches = in_force.index.match(text)[:MOST_LINKS]
    if not matches:
        return found or Found()
    links = [_match(id_, part, one, in_force.rule) for one in matches]
    problem = f'it contains "{matches[0].ngram}", which is known from a benchmark'
    return Found(Reason.contaminated, problem, links)


def _match(id_: str, part: Part, match: Match, rule: str) -> Link:
    evidence = {
        "part": part,
        "kind": match.kind,
        "ngram": match.ngram,
        "from": match.start,
        "to": match.end,
        "ratio": match.ratio,
        "rule": rule,
    }
    return {"id": id_, "other": match.item, "kind": "MATCHES", "evidence": evidence}


def _of_graph(candidates: Sequence[Candidate], names: Mapping[str, str]) -> Iterator[Asked]:
    for one in candidates:
        yield Asked.of(one.id, one.question, [names[id_] for id_ in one.concepts if id_ in names])


def sought(asked: Sequence[Asked], rare: Mapping[str, Sequence[str]]) -> list[Sought]:
    """What candidates are looked for by, for each question."""
    return [
        {
            "id": one.id,
            "key": one.prepared.key,
            "words": lucene(rare[one.id]),
            "rare": [f" {word} " for word in rare[one.id]],
            "fewest": fewest(len(rare[one.id])),
        }
        for one in asked
    ]


def _nearest(asked: Asked, others: Iterable[Asked]) -> Found:
    """The first of the others that says the same, else those that differ in a word or value that matters."""
    links: list[Link] = []
    for other, link in _links(asked, others):
        if link["kind"] == "NEAR_DUPLICATE_OF":
            return Found(Reason.duplicate, _nearly(other.text), [link])
        links.append(link)
    return Found(links=links[:MOST_LINKS])


def related(asked: Asked, candidates: Sequence[Candidate], names: Mapping[str, str]) -> list[Link]:
    """How a stored question is related to each of the candidates that say the same or vary in a value."""
    return [link for _, link in _links(asked, _of_graph(candidates, names))]


def _links(asked: Asked, others: Iterable[Asked]) -> Iterator[tuple[Asked, Link]]:
    for other in others:
        found = relation(asked.prepared, other.prepared, asked.concepts, other.concepts)
        if found.kind is not RelationKind.NONE:
            yield other, _link(asked.id, other.id, found)


def _link(id_: str, other: str, related: Relation) -> Link:
    how: dict[str, Any] = {"score": related.score, "method": "words", "rule": RULE}
    if related.kind is RelationKind.VARIANT:
        return {
            "id": id_,
            "other": other,
            "kind": "VARIANT_OF",
            "evidence": how | {"differs": related.differs},
        }
    return {"id": id_, "other": other, "kind": "NEAR_DUPLICATE_OF", "evidence": how}


def same_as(id_: str, held: Held) -> Found:
    """What is found about a question whose key a kept one has."""
    evidence = {"score": 1.0, "method": "key", "rule": RULE}
    link: Link = {"id": id_, "other": held.id, "kind": "NEAR_DUPLICATE_OF", "evidence": evidence}
    return Found(Reason.duplicate, _nearly(held.question), [link])


def _nearly(question: str) -> str:
    return f'it is the same, or nearly so, as "{question}"'


def rejected(found: Found) -> Facts:
    """What is stored of an instruction that is not kept."""
    return {"reason": found.reason, "detail": found.problem, **NOT_KEPT}
