"""Which kept questions a new one may repeat, and how instructions are related, with the evidence.

An instruction that is kept (asked, accepted or stale) bears the key of its question, which is unique, and, a
moment later, the question's words, by which the full-text index finds it. One that is not kept, or is
withdrawn, bears neither.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypedDict, get_args

from graph.database import Database, Row, Transaction
from graph.queries import load

CANDIDATES = load("quality.candidates")
NAMES = load("quality.names")
HOLDERS = load("quality.holders")
LINK = load("quality.link")
RECORD_RULE = load("quality.record_rule")
FREE_KEYS = load("quality.free_keys")
GIVE_KEYS = load("quality.give_keys")
GIVE_WORDS = load("quality.give_words")
WORDLESS = load("quality.wordless")
EVIDENCE = load("quality.evidence")

MOST_CANDIDATES = 20
"""Kept questions that are compared with a new one at most, best match first."""
MOST_LINKS = 3
"""Relationships of one kind that an instruction gets at most."""

MOST_REPEATED = 100
"""Instructions that repeat one that are listed at most."""

Related = Literal["NEAR_DUPLICATE_OF", "VARIANT_OF"]
Kind = Related | Literal["MATCHES", "PERSONAL_DATA", "TEXT_FLAW", "HAS_VERDICT"]
"""The last three lead to nothing else: they are what was found in the text itself."""
RELATED: tuple[Related, ...] = get_args(Related)


class Sought(TypedDict):
    """A question to find candidates for: its id, its key, and a Lucene query of its rare words.

    `rare`: those words, each between blanks; `fewest`: the number of them that a candidate must have.
    """

    id: str
    key: str
    words: str
    rare: list[str]
    fewest: int


class Held(NamedTuple):
    """A kept instruction with the same question."""

    id: str
    question: str


class Candidate(NamedTuple):
    """A kept instruction that shares enough rare words; `words` as they are stored."""

    id: str
    question: str
    words: str
    concepts: list[str]


class Candidates(NamedTuple):
    """What may be the same as one question: an instruction with its key, else those that share rare words."""

    same: Held | None
    found: list[Candidate]


class Link(TypedDict):
    """How an instruction is related to an earlier one or a benchmark's item, and how that was found.

    `other` is empty for what was found in the text itself.
    """

    id: str
    other: str
    kind: Kind
    evidence: dict[str, Any]


async def candidates(database: Database, sought: Sequence[Sought]) -> dict[str, Candidates]:
    """What each of some questions may repeat, by its id."""
    batch = {"rows": list(sought), "limit": MOST_CANDIDATES}
    rows = await database.values(CANDIDATES, batch=batch)
    return {
        id_: Candidates(Held(*same) if same else None, [Candidate(*one) for one in found])
        for id_, same, found in rows
    }


async def concept_names(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """The names of some concepts, by id; those that were purged are missing."""
    [[found]] = await database.values(NAMES, batch={"ids": sorted(ids)})
    return dict(found)


async def holders(database: Database, keys: Sequence[str]) -> dict[str, Held]:
    """The kept instruction of each key that has one."""
    rows = await database.read(HOLDERS, keys=sorted(keys))
    return {row["key"]: Held(row["id"], row["question"]) for row in rows}


async def record_rule(database: Database, id_: str, settings: Mapping[str, Any]) -> None:
    """Stores a rule by which instructions are checked; once it is there it stays as it is."""
    await database.write(RECORD_RULE, id=id_, settings=json.dumps(settings, sort_keys=True))


async def link(tx: Transaction, links: Sequence[Link]) -> None:
    """Stores relationships; one that is there stays as it is."""
    if links:
        await tx.run(LINK, rows=sorted(links, key=lambda one: (one["id"], one["other"], one["kind"])))


class Worded(TypedDict):
    """A question's instruction and its words, separated by blanks."""

    id: str
    words: str


async def give_words(database: Database, rows: Sequence[Worded]) -> None:
    """Gives kept questions the words by which later ones find them."""
    batch = {"rows": sorted(rows, key=lambda one: one["id"])}
    await database.write(GIVE_WORDS, batch=batch)


async def wordless(database: Database, job_id: str, limit: int) -> list[tuple[str, str]]:
    """The ids and texts of kept questions of a job that have no words yet."""
    rows = await database.values(WORDLESS, job_id=job_id, limit=limit)
    return [(id_, question) for id_, question in rows]


class Keyed(TypedDict):
    """A question's instruction, its key (None or empty: none) and its words, separated by blanks.

    Words that are None are stored later.
    """

    id: str
    key: str | None
    words: str | None


async def give_keys(tx: Transaction, rows: Sequence[Keyed], *, by_age: bool = False) -> None:
    """Gives kept questions their words, and keys that no other holds; of two with one key the first gets it.

    `by_age`: those that hold a key and are later than one of `rows` lose it, and so do those that are not in
    the data any more. Raises Conflict if another worker keeps the same question at this moment.
    """
    if not rows:
        return
    taken: set[str] = set()
    given: list[Keyed] = []
    for row in rows:
        key = row["key"] if row["key"] and row["key"] not in taken else None
        taken.add(key or "")
        given.append({**row, "key": key})
    if by_age:
        await tx.run(FREE_KEYS, rows=[row for row in given if row["key"]])
    await tx.run(GIVE_KEYS, rows=given)


async def of_instruction(database: Database, instruction_id: str) -> Row | None:
    """What checks found about an instruction, in the columns of the query; None without one of this id."""
    rows = await database.read(EVIDENCE, id=instruction_id, limit=MOST_REPEATED)
    return rows[0] if rows else None
