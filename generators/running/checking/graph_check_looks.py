"""How the rules look at instructions that are stored: at their questions, or at questions and answers."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal

from generators.quality.duplicates.search_words import rarest, shipped_frequencies
from generators.quality.flaws import Findings, Flaw
from generators.quality.rules import answers, personal_data, questions
from generators.running.comparing.benchmarks import InForce
from generators.running.comparing.comparison import Asked, related, sought, with_items
from generators.steps.language import code_of
from graph.database import Database
from graph.quality import evidence, findings
from graph.quality.evidence import MOST_LINKS, Candidate, Keyed, Link
from graph.quality.findings import Finding, Near, Stored, Topic
from graph.reasons import Part, Reason


def keyed(rows: Sequence[Stored]) -> list[Keyed]:
    """The keys and words by which these questions are found, the earliest first."""
    found: list[Keyed] = []
    for row in sorted(rows, key=lambda row: (row.created, row.id)):
        asked = Asked.of(row.id, row.question, ())
        found.append({"id": row.id, "key": asked.prepared.key, "words": asked.stored_words})
    return found


class Deciding:
    """A look after which nothing is left to decide."""

    unsure: AbstractSet[str] = frozenset()


class Duplicates(Deciding):
    """Compares each question with the accepted ones that came before it.

    `job`: whose questions these are; they are compared with later ones of other jobs, too.
    """

    def __init__(self, database: Database, job: str | None = None) -> None:
        self._database = database
        self._job = job
        self._frequency = Counter(shipped_frequencies())

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """How these instructions are related to earlier ones, and later ones of other jobs to these."""
        own = await self._names({id_ for row in batch for id_ in row.concepts})
        asked, rare = await asyncio.to_thread(self._prepared, batch, own)
        near = await findings.near(self._database, sought(asked, rare), self._job)
        others = [
            one for some in near.values() for one in (*some.earlier, *(late.found for late in some.later))
        ]
        names = own | await self._names({id_ for one in others for id_ in one.concepts})
        return await asyncio.to_thread(_compared, batch, asked, near, names)

    async def _names(self, ids: set[str]) -> dict[str, str]:
        return await evidence.concept_names(self._database, sorted(ids)) if ids else {}

    def _prepared(
        self, batch: Sequence[Stored], names: Mapping[str, str]
    ) -> tuple[list[Asked], dict[str, list[str]]]:
        asked = [
            Asked.of(row.id, row.question, [names[id_] for id_ in row.concepts if id_ in names])
            for row in batch
        ]
        for one in asked:
            self._frequency.update(one.words)
        return asked, {one.id: rarest(one.words, self._frequency) for one in asked}


def _compared(
    batch: Sequence[Stored],
    asked: Sequence[Asked],
    near: Mapping[str, Near],
    names: Mapping[str, str],
) -> list[Finding]:
    links: dict[tuple[str, int], list[Link]] = {}
    for row, one in zip(batch, asked, strict=True):
        if one.id not in near:
            continue
        earlier, later = near[one.id]
        links.setdefault((row.id, row.created), []).extend(related(one, earlier, names))
        for late in later:
            found = _of_later(row, one, late.found, names)
            links.setdefault((late.found.id, late.created), []).extend(found)
    return [
        {"instruction": id_, "created": created, "reason": _reason(some), "links": some}
        for (id_, created), some in links.items()
        if some
    ]


def _of_later(row: Stored, one: Asked, later: Candidate, names: Mapping[str, str]) -> list[Link]:
    """How a later question is related to a stored one."""
    asked = Asked.of(later.id, later.question, [names[id_] for id_ in later.concepts if id_ in names])
    own = Candidate(row.id, row.question, " ".join(one.words), row.concepts)
    return related(asked, [own], names)


def _reason(links: Sequence[Link]) -> Reason | None:
    repeats = any(link["kind"] == "NEAR_DUPLICATE_OF" for link in links)
    return Reason.duplicate if repeats else None


class Contamination(Deciding):
    """Holds questions and answers against the items of benchmarks."""

    def __init__(self, in_force: InForce) -> None:
        self._in_force = in_force

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """Which items these instructions contain."""
        return await asyncio.to_thread(self._matched, batch)

    def _matched(self, batch: Sequence[Stored]) -> list[Finding]:
        found: list[Finding] = []
        for row in batch:
            links = [
                *with_items(row.id, "question", row.question, self._in_force).links,
                *with_items(row.id, "answer", row.answer or "", self._in_force).links,
                # It is pulled beside the other one, as a preference pair.
                *with_items(row.id, "answer", row.rejected_answer or "", self._in_force).links,
            ]
            if links:
                found.append(_finding(row, Reason.contaminated, links))
        return found


class Texts(Deciding):
    """Looks for flaws that can be seen in questions and answers; only sure ones are reasons."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """Which of these instructions have flaws, and where."""
        names = await evidence.concept_names(self._database, [id_ for row in batch for id_ in row.concepts])
        topics = await findings.topics(self._database, {id_ for row in batch for id_ in row.syllabi})
        return await asyncio.to_thread(self._examined, batch, names, topics)

    def _examined(
        self, batch: Sequence[Stored], names: Mapping[str, str], topics: Mapping[str, Topic]
    ) -> list[Finding]:
        found: list[Finding] = []
        for row in batch:
            taught = [part for id_ in row.syllabi for part in topics.get(id_, ())]
            about = ", ".join([*taught, *(names[id_] for id_ in row.concepts if id_ in names)])
            if seen := _flaws(row, about):
                sure = [flaw.reason for _, flaw in seen if flaw.sure and flaw.reason]
                links = [
                    _within(row.id, "TEXT_FLAW", part, flaw.problem, flaw.span, flaw.rule)
                    for part, flaw in seen
                ]
                found.append(_finding(row, sure[0] if sure else None, links))
        return found


def _flaws(row: Stored, about: str) -> list[tuple[Part, Flaw]]:
    """What the rules find in a question and in its answer."""
    code = code_of(row.language) if row.language else None
    found: dict[Part, Findings] = {"question": questions.findings(row.question, about, code)}
    if row.answer:
        found["answer"] = answers.findings(row.answer, row.question, about, code)
    return [(part, flaw) for part, some in found.items() for flaw in (*some.flaws, *some.flags)]


class Safety(Deciding):
    """Looks for personal data in questions and answers."""

    async def found(self, batch: Sequence[Stored]) -> list[Finding]:
        """Which of these instructions have personal data, and where."""
        return await asyncio.to_thread(self._seen, batch)

    def _seen(self, batch: Sequence[Stored]) -> list[Finding]:
        found: list[Finding] = []
        for row in batch:
            links = [*_personal(row.id, "question", row.question), *_personal(row.id, "answer", row.answer)]
            if links:
                found.append(_finding(row, Reason.personal_data, links))
        return found


def _personal(id_: str, part: Part, text: str | None) -> list[Link]:
    """The first pieces of personal data in a text."""
    return [
        _within(id_, "PERSONAL_DATA", part, str(one.kind), (one.start, one.end), personal_data.RULE)
        for one in personal_data.found(text or "")[:MOST_LINKS]
    ]


def _within(
    id_: str,
    kind: Literal["PERSONAL_DATA", "TEXT_FLAW"],
    part: Part,
    said: str,
    span: tuple[int, int],
    rule: str,
) -> Link:
    """What was found in a text itself, and where."""
    seen = {"part": part, "said": said, "from": span[0], "to": span[1], "rule": rule}
    return {"id": id_, "other": "", "kind": kind, "evidence": seen}


def _finding(row: Stored, reason: Reason | None, links: list[Link]) -> Finding:
    return {"instruction": row.id, "created": row.created, "reason": reason, "links": links}
