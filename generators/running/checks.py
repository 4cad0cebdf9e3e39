"""Compares questions with the kept ones before their answers are paid for.

A question is compared with the one in the graph that has its key, with those that share its rare words, and
with those of this run that are on their way into the graph. Two workers may keep a question at the same
moment: the graph then refuses the second one of a key, and `glan check` finds near-duplicates.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from generators.quality.near_duplicates import RULE, Relation, RelationKind, relation
from generators.quality.prepared import Prepared, prepare
from generators.quality.search_words import rarest, shipped_frequencies, words_of
from graph.database import Database
from graph.instructions.rows import Facts
from graph.quality import evidence
from graph.quality.evidence import MOST_LINKS, Candidate, Candidates, Held, Link
from graph.reasons import Reason

MOST_AT_ONCE = 100
# Seconds to wait for more questions: one query for many is cheaper than many queries.
GATHER_S = 0.004

NOT_KEPT: Facts = {"text_key": None, "words": None}
"""Of a question that is not kept, and with which none is compared."""


@dataclass(frozen=True)
class Found:
    """What was found about a question: why it is not kept, if so, and how it is related to others."""

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
        return cls(id_, text, prepared, frozenset(words_of(prepared.said)), concepts)


_Waiting = tuple[Asked, "asyncio.Future[Found]"]


class DuplicateCheck:
    """`async with DuplicateCheck(database) as check: found = await check.look(asked)`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._on_the_way: dict[str, Asked] = {}
        # In how many texts each word stands: the shipped list, and what this run has kept.
        self._frequency = Counter(shipped_frequencies())
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="duplicate check")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def look(self, asked: Asked) -> Found:
        """What is found about a question; one that is kept is compared with others until `landed`.

        Raises GraphError.
        """
        done: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        await self._queue.put((asked, done))
        return await done

    def landed(self, id_: str) -> None:
        """Says that a kept question is in the graph, or will never be."""
        self._on_the_way.pop(id_, None)

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            await asyncio.sleep(GATHER_S)
            while len(batch) < MOST_AT_ONCE and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._look_at(batch)

    async def _look_at(self, batch: list[_Waiting]) -> None:
        try:
            found = await self._compared([asked for asked, _ in batch])
        except Exception as error:  # whatever it is, every waiting caller gets it
            for _, done in batch:
                if not done.cancelled():
                    done.set_exception(error)
            return
        for (asked, done), one in zip(batch, found, strict=True):
            if done.cancelled():
                self.landed(asked.id)
            else:
                done.set_result(one)

    async def _compared(self, batch: Sequence[Asked]) -> list[Found]:
        near = await evidence.candidates(
            self._database,
            [{"id": one.id, "key": one.prepared.key, "words": self._query(one)} for one in batch],
        )
        names = await self._names(near.values())
        # In a thread: comparing a batch takes longer than the event loop may be held.
        found, kept = await asyncio.to_thread(_compare, batch, near, names, dict(self._on_the_way))
        self._on_the_way |= kept
        for one in kept.values():
            self._frequency.update(one.words)
        return found

    def _query(self, asked: Asked) -> str:
        return " ".join(rarest(asked.words, self._frequency))

    async def _names(self, near: Iterable[Candidates]) -> dict[str, str]:
        ids = {id_ for candidates in near for one in candidates.found for id_ in one.concepts}
        return await evidence.concept_names(self._database, [*ids]) if ids else {}


def _compare(
    batch: Sequence[Asked],
    near: Mapping[str, Candidates],
    names: Mapping[str, str],
    on_the_way: dict[str, Asked],
) -> tuple[list[Found], dict[str, Asked]]:
    """What is found about each question of a batch, and those that are kept, by their ids."""
    found: list[Found] = []
    kept: dict[str, Asked] = {}
    for asked in batch:
        same, candidates = near[asked.id]
        others = [_of_graph(one, names) for one in candidates if _alike(asked, one.words.split())]
        others += [one for one in (on_the_way | kept).values() if _alike(asked, one.words)]
        one = same_as(asked.id, same) if same else _nearest(asked, others)
        if one.reason is None:
            kept[asked.id] = asked
        found.append(one)
    return found, kept


def _of_graph(candidate: Candidate, names: Mapping[str, str]) -> Asked:
    concepts = [names[id_] for id_ in candidate.concepts if id_ in names]
    return Asked.of(candidate.id, candidate.question, concepts)


def _alike(asked: Asked, words: Collection[str]) -> bool:
    """Whether two questions may be the same, by a cheap test of their words that rules out nearly all."""
    common = len(asked.words.intersection(words))
    return 2 * common >= min(len(asked.words), len(words))


def _nearest(asked: Asked, others: Sequence[Asked]) -> Found:
    """The first of the others that says the same, else those that differ in a word or value that matters."""
    links: list[Link] = []
    for other in others:
        related = relation(asked.prepared, other.prepared, asked.concepts, other.concepts)
        if related.kind in (RelationKind.SAME, RelationKind.DUPLICATE):
            return Found(Reason.duplicate, _nearly(other.text), [_link(asked.id, other.id, related)])
        if related.kind is RelationKind.VARIANT and len(links) < MOST_LINKS:
            links.append(_link(asked.id, other.id, related))
    return Found(links=links)


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


def kept_facts(asked: Asked) -> Facts:
    """What is stored of a question that is kept, so that later ones are compared with it."""
    return {"text_key": asked.prepared.key, "words": " ".join(sorted(asked.words)), "checked": [RULE]}


def rejected(found: Found) -> Facts:
    """What is stored of a question that is not kept."""
    return {
        "reason": found.reason,
        "detail": found.problem,
        "text_key": None,
        "words": None,
        "checked": [RULE],
    }
