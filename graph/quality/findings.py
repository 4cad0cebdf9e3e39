"""What a check found: one finding for each instruction that is related to others or to a benchmark's item.

Findings are stored while a check looks, settled in the order in which the instructions were made, and shown
as pairs of texts.
"""

import json
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypedDict

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.pages import Page, decode, encode
from graph.quality.evidence import MOST_LINKS, RELATED, Candidate, Link, Sought
from graph.queries import load

UNPREPARED = load("check.unprepared")
UNLOOKED = load("check.unlooked")
CANDIDATES = load("check.candidates")
SECTIONS = load("instruction.sections")
FIND = load("check.find")
FINDINGS = load("check.findings")
REFUSED = load("check.refused")
SETTLE = load("check.settle")
TEXTS = load("check.texts")
TOPICS = load("syllabus.topics")

SYLLABI_AT_ONCE = 256

MOST_CANDIDATES = 20
AMONG = 100
"""Instructions found by their words, of which only the earlier ones are candidates."""


class Outcome(StrEnum):
    """What comes of a finding."""

    withdraw = "withdraw"
    flag = "flag"
    keep = "keep"
    waived = "waived"


class Stored(NamedTuple):
    """An accepted instruction to look at; `created` in milliseconds."""

    id: str
    created: int
    question: str
    answer: str | None
    concepts: list[str]
    rejected_answer: str | None = None
    language: str | None = None
    syllabi: Sequence[str] = ()
    """Those that it was drawn from: one, or two."""


class Finding(TypedDict):
    """What was found about one instruction; `reason`: why it is not to be kept, None if nothing is sure."""

    instruction: str
    created: int
    reason: str | None
    links: list[Link]


class Settled(NamedTuple):
    """A stored finding."""

    id: str
    instruction: str
    reason: str | None
    links: list[Link]
    outcome: str | None


async def syllabi(database: Database, node_id: str, start: str = "") -> AsyncGenerator[list[str]]:
    """Ids of the syllabi at or below a node from one on, in their order, page by page."""
    following: str | None = start
    while following is not None:
        rows = await database.read(
            SECTIONS, **{"id": node_id, "from": following, "limit": SYLLABI_AT_ONCE + 1}
        )
        following = rows[SYLLABI_AT_ONCE]["id"] if len(rows) > SYLLABI_AT_ONCE else None
        yield [row["id"] for row in rows[:SYLLABI_AT_ONCE]]


async def unprepared(database: Database, syllabus: str, limit: int) -> list[Stored]:
    """Accepted instructions of a syllabus without words; once they have some, others are returned."""
    return [Stored(**row) for row in await database.read(UNPREPARED, syllabus=syllabus, limit=limit)]


class Wanted(TypedDict):
    """Which instructions below a node to look at: those that the rule has not, or all those of one job."""

    root: str
    rule: str
    since: str | None
    job: str | None


def wanted(node_id: str, rule: str, since: datetime | None, job_id: str | None) -> Wanted:
    """What a check by a rule looks at below a node."""
    return {"root": node_id, "rule": rule, "since": since.isoformat() if since else None, "job": job_id}


async def unlooked(database: Database, syllabus: str, after: str, wanted: Wanted, limit: int) -> list[Stored]:
    """Accepted instructions of a syllabus to look at, after an id."""
    rows = await database.read(UNLOOKED, syllabus=syllabus, after=after, wanted=wanted, limit=limit)
    return [Stored(**row) for row in rows]


class Topic(NamedTuple):
    """What a syllabus is about, by name."""

    subject: str
    discipline: str


async def topics(database: Database, syllabi: Iterable[str]) -> dict[str, Topic]:
    """What some syllabi are about; those that are under no subject any more are missing."""
    rows = await database.read(TOPICS, ids=sorted(syllabi))
    return {row["id"]: Topic(row["subject"], row["discipline"]) for row in rows}


class Later(NamedTuple):
    """A candidate that came later; `created` in milliseconds."""

    found: Candidate
    created: int


class Near(NamedTuple):
    """What may be the same as one question."""

    earlier: list[Candidate]
    later: list[Later]


async def near(database: Database, rows: Sequence[Sought], job: str | None = None) -> dict[str, Near]:
    """The candidates among earlier instructions and, if `rows` are of a job, among later ones of others."""
    batch = {"rows": list(rows), "among": AMONG, "limit": MOST_CANDIDATES, "job": job}
    return {id_: _near(found) for id_, found in await database.values(CANDIDATES, batch=batch)}


def _near(found: Sequence[Sequence[Any]]) -> Near:
    return Near(
        [Candidate(*facts) for *facts, created in found if created is None],
        [Later(Candidate(*facts), created) for *facts, created in found if created is not None],
    )


async def find(
    tx: Transaction, check_id: str, found: Sequence[Finding], looked: Sequence[str], rule: str | None
) -> None:
    """Stores findings, and that these instructions were looked at by `rule`, unless that is None."""
    rows = [
        {
            "id": f"{check_id}/{one['created']}/{one['instruction']}",
            "instruction": one["instruction"],
            "reason": one["reason"],
            "links": json.dumps(one["links"]),
        }
        for one in found
    ]
    await tx.run(FIND, id=check_id, rows=rows, looked=sorted(looked), rule=rule)


async def of(reader: Database | Transaction, check_id: str, after: str, limit: int) -> list[Settled]:
    """The findings of a check after one, in the order in which the instructions were made."""
    rows = await reader.rows(FINDINGS, after=after or f"{check_id}/", end=f"{check_id}0", limit=limit)
    return [Settled(**row | {"links": json.loads(row["links"])}) for row in rows]


async def refused(tx: Transaction, check_id: str, ids: Sequence[str]) -> set[str]:
    """Those among these instructions that the check has found to be duplicates itself."""
    return {row["id"] for row in await tx.run(REFUSED, id=check_id, ids=sorted(ids))}


async def settle(tx: Transaction, outcomes: Sequence[tuple[str, Outcome, list[Link]]]) -> None:
    """Stores what came of findings, with the links that are left; a finding without one is removed."""
    rows = [{"id": id_, "outcome": outcome, "links": json.dumps(links)} for id_, outcome, links in outcomes]
    await tx.run(SETTLE, rows=rows)


def most(links: Sequence[Link], kind: str) -> list[Link]:
    """The links of a kind that an instruction may have."""
    return [link for link in links if link["kind"] == kind][:MOST_LINKS]


class Side(BaseModel):
    """One of the two texts of a pair."""

    id: str = Field(description="Id of an instruction, or of a benchmark's item")
    text: str | None = Field(description="The text; null if it is not there any more")
    status: str | None = Field(default=None, description="Status of the instruction now")
    benchmark: str | None = Field(default=None, description="Name of the benchmark that has the item")
    split: str | None = Field(default=None, description="Split of the item")


class Pair(BaseModel):
    """Two texts that a check found to be related, side by side."""

    kind: str = Field(
        description="NEAR_DUPLICATE_OF, VARIANT_OF, MATCHES; PERSONAL_DATA; TEXT_FLAW: by a rule for texts; "
        "HAS_VERDICT: of a judge"
    )
    outcome: Outcome | None = Field(
        description="withdraw, flag, keep or waived; of a dry run, what would be done; null until settled"
    )
    part: str = Field(description="question or answer: the part of the instruction that is shown")
    instruction: Side
    other: Side | None = Field(
        description="The earlier instruction, or the benchmark's item; null for what is in the text itself"
    )
    differs: str | None = Field(default=None, description="What a variant differs in, such as 5 against 3")
    span: str | None = Field(
        default=None,
        description="The part of the text that matches the item, is personal data, or has the flaw",
    )
    said: str | None = Field(
        default=None, description="What the judge or the rule found, or the kind of personal data"
    )
    score: float | None = Field(default=None, description="Overlap of words, or share of the item, 0 to 1")
    method: str | None = Field(
        default=None, description="How it was found: key, words, exact, template, whole"
    )


async def pairs(database: Database, check_id: str, limit: int = 100, cursor: str | None = None) -> Page[Pair]:
    """A page of the pairs of a check, in the order in which the instructions were made."""
    # Every finding before `after` was shown, and `done` links of the first one after it.
    after, done = decode("pairs", cursor, ("", 0))
    own = await of(database, check_id, after, limit + 1)
    places = [(n, m) for n, one in enumerate(own) for m in range(len(one.links)) if n or m >= done]
    shown = [(own[n], own[n].links[m]) for n, m in places[:limit]]
    texts = await _texts(database, shown)
    following = None
    if len(places) > limit:
        n, m = places[limit]
        following = encode("pairs", (own[n - 1].id if n else after, m))
    return Page(items=[_pair(one, link, texts) for one, link in shown], next=following)


async def _texts(database: Database, shown: Sequence[tuple[Settled, Link]]) -> dict[str, Row]:
    ids = {one.instruction for one, _ in shown}
    items = {link["other"] for _, link in shown if link["kind"] == "MATCHES"}
    ids |= {link["other"] for _, link in shown if link["kind"] in RELATED}
    rows = await database.read(TEXTS, ids=sorted(ids), items=sorted(items))
    return {row["id"]: row for row in rows}


def _pair(one: Settled, link: Link, texts: dict[str, Row]) -> Pair:
    about: dict[str, Any] = link["evidence"]
    part = about.get("part", "question")
    text = texts.get(one.instruction, {}).get(part)
    matches = link["kind"] == "MATCHES"
    other = texts.get(link["other"], {})
    return Pair(
        kind=link["kind"],
        outcome=Outcome(one.outcome) if one.outcome else None,
        part=part,
        instruction=Side(id=one.instruction, text=text, status=texts.get(one.instruction, {}).get("status")),
        other=Side(
            id=link["other"],
            text=other.get("question"),
            **{name: other.get(name) for name in ("status", "benchmark", "split")},
        )
        if link["other"]
        else None,
        differs=about.get("differs"),
        span=text[about["from"] : about["to"]] if "from" in about and text else None,
        said=about.get("said"),
        score=about.get("ratio") if matches else about.get("score"),
        method=about.get("kind") if matches else about.get("method"),
    )
