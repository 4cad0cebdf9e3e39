"""Instructions: stored by workers, pulled by subtree."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self, cast

from pydantic import BaseModel, Field

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.dials import DialValues, values_of
from graph.errors import LeaseLost, NotFound
from graph.instructions import drafts, pulls
from graph.instructions.drafts import Draft
from graph.instructions.pulls import Filter
from graph.instructions.rows import LinkedProperties, NewInstruction, Properties, StoredInstruction
from graph.model import Kind
from graph.pages import Page
from graph.quality import evidence, verdicts
from graph.quality.verdicts import Verdict
from graph.queries import load

STORE = load("instruction.store")
OF_UNITS = load("instruction.of_units")
TAKEN = load("instruction.taken")
LINEAGE = load("instruction.lineage")


class InstructionStatus(StrEnum):
    """State of an instruction; asked: the question is paid for, the answer or its verdict not yet.

    stale: an edit changed what it was made from; withdrawn: a check found that it should not be in the data.
    """

    asked = "asked"
    accepted = "accepted"
    rejected = "rejected"
    failed = "failed"
    stale = "stale"
    withdrawn = "withdrawn"


class CallUsage(BaseModel):
    """Tokens of one step: the question, or the answer."""

    prompt_tokens: int = Field(default=0, description="Tokens sent, by the endpoint's count")
    completion_tokens: int = Field(default=0, description="Tokens received, by the endpoint's count")


class Usage(BaseModel):
    """Usage of an instruction, including repeated calls."""

    calls: int = Field(default=0, description="Requests sent")
    question: CallUsage = Field(default_factory=CallUsage)
    answer: CallUsage = Field(default_factory=CallUsage)


class Models(BaseModel):
    """The models that wrote an instruction."""

    question: str | None = Field(default=None, description="Model that wrote the question")
    answer: str | None = Field(
        default=None, description="Model that wrote the answer; null until there is one"
    )


class Instruction(BaseModel):
    """An instruction as the service shows it."""

    id: str
    question: str | None = Field(default=None, description="Null if no usable one was received")
    answer: str | None = Field(default=None, description="Null until there is one")
    rejected_answer: str | None = Field(
        default=None,
        description="Another answer that was found worse: by other answers that agree, or by a judge in both "
        "orders; null where there is none",
    )
    status: InstructionStatus | Literal["held"] = Field(
        description="held: a question of a test set, which is neither pulled nor covered"
    )
    reason: str | None = Field(
        default=None, description="Why it failed, was rejected, is stale or was withdrawn"
    )
    strategy: Literal["single", "pair", "cross"] = Field(
        description="single: concepts of one session; pair: of two; cross: of two sessions of two syllabi"
    )
    sessions: list[str] = Field(description="Ids of the one or two sessions it was drawn from")
    concepts: list[str] = Field(description="Ids of the one to five concepts it was drawn from")
    syllabus_id: str = Field(description="Id of the syllabus it was drawn in")
    partner_id: str | None = Field(
        default=None, description="Id of the other syllabus, where it was drawn from two"
    )
    job_id: str | None = Field(default=None, description="Id of the job that made it")
    models: Models
    usage: Usage
    cost_usd: float | None = Field(default=None, description="Null if the price is unknown")
    language: str | None = Field(default=None, description="Language requested by the job")
    dials: DialValues | None = Field(default=None, description="What its dials demanded; null without dials")
    repeat: int = Field(
        default=0, description="Which repeat of its combination it is, each with other dials; the first is 0"
    )
    created_at: datetime = Field(description="UTC")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties of an instruction."""
        usage = Usage(
            calls=row.get("calls") or 0,
            **{
                part: CallUsage(
                    prompt_tokens=row.get(f"{part}_prompt_tokens") or 0,
                    completion_tokens=row.get(f"{part}_completion_tokens") or 0,
                )
                for part in ("question", "answer")
            },
        )
        models = Models(question=row.get("question_model"), answer=row.get("answer_model"))
        plain = {name: row[name] for name in cls.model_fields if name in row}
        plain["dials"] = values_of(row.get("dials"))
        return cls(**plain, models=models, usage=usage)


class Named(BaseModel):
    """A node by id and name."""

    id: str
    name: str


class PathStep(Named):
    """A node on a path from a root."""

    kind: Kind


class Lineage(Instruction):
    """An instruction with its lineage."""

    concept_names: list[Named] = Field(description="The concepts it was drawn from")
    session_names: list[Named] = Field(description="The sessions it was drawn from")
    syllabus: Named | None = Field(description="The syllabus it was drawn in; null if that was purged")
    partner: Named | None = Field(
        default=None, description="The other syllabus, where it was drawn from two; null if that was purged"
    )
    subjects: list[Named] = Field(description="The subjects that have the syllabus, or one of the two")
    paths: list[list[PathStep]] = Field(
        description="Every path from a root down to the syllabus, or to one of the two"
    )
    job: dict[str, Any] | None = Field(description="Id and state of the job that made it")
    prompts: dict[str, str | None] = Field(description="Hash of the prompt of the question and of the answer")
    prompt_versions: dict[str, str | None] = Field(
        description="Versions of these prompts, such as questions@2; null for older versions of glan"
    )
    stratum: str | None = Field(description="Strategy and number of concepts, such as pair:3")
    position: int | None = Field(description="Its index among the combinations of the stratum")
    verdicts: list[Verdict] = Field(
        default_factory=list,
        description="What judges found of it, whether that decided or not: of the question, then of the "
        "answer; of each, the oldest first",
    )
    drafts: list[Draft] = Field(
        default_factory=list, description="The answers that were paid for, if there were several"
    )
    raw: str | None = Field(default=None, description="The model's text, if it could not be used")
    finish_reason: str | None = Field(
        default=None, description="Why the model stopped, in the endpoint's words"
    )


async def store(
    tx: Transaction,
    job_id: str,
    rows: Sequence[NewInstruction],
    *,
    ended: Sequence[str] = (),
    fence: int | None = None,
) -> None:
    """Stores instructions, in the order of their ids against deadlocks; storing one twice changes nothing.

    Units in `ended` have nothing left to do and get the counts of their instructions. With a `fence`, raises
    LeaseLost if another worker holds the job. Accepted instructions whose origin was edited since their
    question was asked become stale; those already stored as accepted, stale,
    withdrawn or held stay as they are.
    """
    accepted = await rollups.accept(tx, job_id, rows)
    # In a map, because Neo4j plans a query again for each order of magnitude of a list among its parameters.
    batch = {
        "rows": [_stored(row, accepted.outdated) for row in sorted(rows, key=_id)],
        "ended": sorted(ended),
        "now": accepted.now,
        "figures": accepted.figures,
    }
    if not await tx.run(STORE, job_id=job_id, fence=fence, batch=batch):
        raise LeaseLost(job_id)
    await evidence.link(tx, [link for row in rows for link in row.get("links", ())])
    await verdicts.store(tx, [verdict for row in rows for verdict in row.get("verdicts", ())])
    await drafts.store(tx, [draft for row in rows for draft in row.get("drafts", ())])


def _id(row: NewInstruction) -> str:
    return row["properties"]["id"]


def _stored(row: NewInstruction, outdated: dict[str, str]) -> LinkedProperties:
    properties: Properties = row["properties"]
    if reason := outdated.get(properties["id"]):
        properties = {**properties, "status": InstructionStatus.stale, "reason": reason}
    if properties["status"] in (InstructionStatus.accepted, InstructionStatus.stale):
        properties = {**properties, "drawn_names": None}
    return {"properties": properties, "sessions": row["sessions"]}


async def of_units(
    reader: Database | Transaction, unit_ids: Sequence[str]
) -> dict[str, list[StoredInstruction]]:
    """The instructions that these units have stored so far, by unit id."""
    stored: dict[str, list[StoredInstruction]] = {}
    for row in cast(list[StoredInstruction], await reader.rows(OF_UNITS, unit_ids=list(unit_ids))):
        stored.setdefault(row["unit_id"], []).append(row)
    return stored


class Taken(NamedTuple):
    """What a combination has instructions of: its repeats, and the dials they were made with."""

    repeats: set[int]
    cells: set[tuple[str, ...]]
    held: bool
    """Whether one of them belongs to a test set."""
    trained: bool
    """Whether one of them belongs to the data."""


async def taken(reader: Database | Transaction, combinations: Sequence[str]) -> dict[str, Taken]:
    """What there is of those of these combinations, by their keys, that already have an instruction."""
    return {
        row["combination"]: Taken(
            set(row["repeats"]), {tuple(cell) for cell in row["cells"]}, row["held"], row["trained"]
        )
        for row in await reader.rows(TAKEN, combinations=list(combinations))
    }


async def get(database: Database, instruction_id: str) -> Lineage:
    """One instruction with its lineage; raises NotFound."""
    rows = await database.read(LINEAGE, id=instruction_id)
    if not rows:
        raise NotFound(f"no instruction has the id {instruction_id}")
    row, stored = rows[0], rows[0]["instruction"]
    return Lineage(
        **Instruction.from_row(stored).model_dump(),
        concept_names=row["concepts"],
        session_names=row["sessions"],
        syllabus=row["syllabus"],
        partner=row["partner"],
        subjects=row["subjects"],
        paths=row["paths"],
        job=row["job"],
        verdicts=[Verdict(**found | {"scores": json.loads(found["scores"])}) for found in row["verdicts"]],
        drafts=[Draft(**found) for found in row["drafts"]],
        prompts={part: stored.get(f"{part}_prompt") for part in ("question", "answer")},
        prompt_versions={part: stored.get(f"{part}_prompt_version") for part in ("question", "answer")},
        **{name: stored.get(name) for name in ("stratum", "position", "raw", "finish_reason")},
    )


async def pull_page(
    database: Database, node_id: str, wanted: Filter, limit: int = 100, cursor: str | None = None
) -> Page[Instruction]:
    """A page of a subtree's instructions; raises NotFound or Invalid."""
    size = limit + 1
    windows = await pulls.of_node(database, node_id, wanted, cursor, first=size, largest=size)
    rows = await pulls.page_of(windows, limit)
    return Page(items=[Instruction.model_validate(row) for row in rows.items], next=rows.next)


async def pull(
    database: Database, node_id: str, wanted: Filter, cursor: str | None = None
) -> AsyncIterator[Instruction]:
    """All of a subtree's instructions after the cursor, as they are read.

    Raises NotFound or Invalid before the first one.
    """
    windows = await pulls.of_node(database, node_id, wanted, cursor)
    return (Instruction.model_validate(row) async for window in windows for row in window.rows)
