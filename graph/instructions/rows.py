"""What is stored of an instruction, and what is read back of it.

The queries of cypher/instruction name the same properties; tests/unit/test_rows.py holds them together.
"""

from typing import TypedDict


class Facts(TypedDict, total=False):
    """Properties of an instruction. Each is stored when it is known: first those of the question."""

    job_id: str
    unit_id: str
    strategy: str
    stratum: str
    position: int
    combination: str
    syllabus_id: str
    space_version: str
    sessions: list[str]
    concepts: list[str]
    drawn_names: list[str] | None
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
    """Which instruction it is, what has become of it, and what else is known."""

    id: str
    status: str


class LinkedProperties(TypedDict):
    """As cypher/instruction/store takes it: properties, and links to sessions that are not there yet."""

    properties: Properties
    sessions: list[str]


class NewInstruction(LinkedProperties):
    """What a worker stores; `concepts` are those that are covered once it is accepted."""

    concepts: list[str]


class StoredInstruction(TypedDict):
    """What a worker reads back of an instruction, to do what is missing."""

    unit_id: str
    id: str
    status: str
    question: str | None
    concepts: list[str]
    calls: int
    prompt_tokens: int
    completion_tokens: int
    question_cost_usd: float | None
