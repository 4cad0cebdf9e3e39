"""The properties of an instruction that are stored, and those that are read back.

The queries in cypher/instruction name the same properties; tests/unit/test_rows.py checks that they agree.
"""

from typing import Any, NotRequired, TypedDict

from graph.instructions.drafts import NewDraft, StoredDraft
from graph.quality.evidence import Link
from graph.quality.verdicts import NewVerdict, StoredVerdict
from graph.reasons import Awaited


class Facts(TypedDict, total=False):
    """Properties of an instruction, each stored once it is known: those of the question come first."""

    job_id: str
    unit_id: str
    strategy: str
    stratum: str
    position: int
    repeat: int
    dials: list[str]
    combination: str
    held_out: bool
    """Set where it belongs to a test set."""
    syllabus_id: str
    partner_id: str
    space_version: str
    sessions: list[str]
    concepts: list[str]
    drawn_names: list[str] | None
    again: int
    text_key: str | None
    words: str | None
    checked: list[str]
    flags: list[str] | None
    """Ids of the rules that found something in its texts, which are kept all the same."""
    awaits: Awaited | None
    samples: int
    agreed: int
    language: str
    question: str
    question_model: str
    question_prompt: str
    question_prompt_version: str
    question_calls: int
    question_prompt_tokens: int
    question_completion_tokens: int
    question_cost_usd: float | None
    answer: str
    rejected_answer: str
    answer_model: str
    answer_prompt: str
    answer_prompt_version: str
    answer_calls: int
    answer_prompt_tokens: int
    answer_completion_tokens: int
    answer_cost_usd: float | None
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    reason: str | None
    detail: str | None
    raw: str | None
    finish_reason: str | None


class Properties(Facts):
    """Id and status of an instruction, and the facts known so far."""

    id: str
    status: str


class LinkedProperties(TypedDict):
    """A row of cypher/instruction/store: properties, and ids of sessions to link (none if linked already)."""

    properties: Properties
    sessions: list[str]


class NewInstruction(LinkedProperties):
    """A row that a worker stores; `concepts` are covered once the instruction is accepted.

    `links`: how it is related to other instructions; `verdicts`: what a judge has just found of it;
    `drafts`: answers to it that have just been paid for.
    """

    concepts: list[str]
    links: NotRequired[list[Link]]
    verdicts: NotRequired[list[NewVerdict]]
    drafts: NotRequired[list[NewDraft]]


class StoredInstruction(TypedDict):
    """What a worker reads back about an instruction, to do what is still missing."""

    unit_id: str
    id: str
    status: str
    question: str | None
    language: str | None
    reason: str | None
    detail: str | None
    concepts: list[str]
    calls: int
    prompt_tokens: int
    completion_tokens: int
    """Of its question, as `calls` and `prompt_tokens` are."""
    question_cost_usd: float | None
    again: int
    """How often another question was asked for before this one, in place of rejected ones."""
    kept: bool
    """Whether the question is known to be unlike the kept ones: it was compared, and that is stored."""
    answered: bool
    """Whether an answer was asked for."""
    answer: str | None
    """An answer that is paid for and awaits something."""
    awaits: Awaited | None
    """What it awaits; None while there is no answer, and of what earlier versions stored."""
    answer_use: list[Any]
    """What was used for its answers so far: calls, tokens sent, tokens received, usd (None: unknown)."""
    drafts: list[StoredDraft]
    """Answers that are paid for, while it is not settled which is the instruction's."""
    opinions: list[StoredVerdict]
    """What was found of these answers."""
    judged: bool
    """Whether a judge has found something of the question, while the answer is still missing."""
    checked: list[str]
    """The ids of the rules by which it was checked."""
    names: list[str] | None
    """The names of the concepts, until it is accepted."""
