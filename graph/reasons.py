"""The closed list of reasons why something that was asked for was not made."""

from enum import StrEnum
from typing import Literal, NotRequired, Self, TypedDict


class Reason(StrEnum):
    """A reason and what it means; a sample or unit that is not accepted has exactly one."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        reason = str.__new__(cls, value)
        reason._value_ = value
        reason.meaning = meaning
        return reason

    malformed = "malformed", "the reply is not in the form that was asked for, and asking again did not help"
    truncated = "truncated", "the reply was cut at the limit of tokens, or stops in the middle"
    empty = "empty", "the reply has no text"
    refused = "refused", "the model or its content filter declined"
    wrong_language = "wrong_language", "the text is in another language than the job's"
    repeated_prompt = "repeated_prompt", "the text repeats the request instead of replying"
    not_self_contained = (
        "not_self_contained",
        "the text refers to what its reader does not see: a session, a syllabus, a table",
    )
    incomplete = "incomplete", "the question announces options, data, code or an excerpt and brings none"
    no_task = "no_task", "the question sets no task, or two that have nothing in common"
    self_reference = "self_reference", "the answer speaks of itself as a model, its maker or its training"
    echo = "echo", "the answer says the question again, or asks another one, and little else"
    loop = "loop", "the question or the answer repeats a line or a phrase without end"
    bad_request = "bad_request", "the endpoint refuses this one request"
    too_long = "too_long", "the request is longer than the model's context, even when shortened"
    timeout = "timeout", "no reply within the time limit, despite retries"
    server_error = "server_error", "the endpoint fails on this one request, despite retries"
    duplicate = (
        "duplicate",
        "the question is the same as one that is kept, or differs in nothing that matters",
    )
    no_consensus = "no_consensus", "several answers to the question were asked for, and too few of them agree"
    low_quality = "low_quality", "the judge found the question or the answer not fit to learn from"
    personal_data = "personal_data", "the text has personal data: an address, a number, a key of a service"
    contaminated = "contaminated", "the text is an item of a benchmark that is kept out, or contains one"
    held_out = "held_out", "the combination has a question of a test set; or, of such a question, of the data"


Part = Literal["question", "answer"]
"""The part of an instruction that a check or a judge is about."""
PARTS: tuple[Part, ...] = ("question", "answer")

Opinion = Literal[Part, "critique", "pair"]
"""What a verdict is about: a part; what could be better in an answer; which of two answers is better."""

Role = Literal[Opinion, "refinement"]
"""What is counted of a job beside its own calls: verdicts, and answers that were written again."""

Awaited = Literal["samples", "refinement", "judge"]
"""What an answer that is paid for waits for, in this order."""

# Reasons for well-formed replies that are not wanted; with every other reason there is no usable reply.
UNWANTED = frozenset(
    (
        *(Reason.wrong_language, Reason.repeated_prompt, Reason.not_self_contained, Reason.incomplete),
        *(Reason.no_task, Reason.self_reference, Reason.echo, Reason.loop),
        *(Reason.duplicate, Reason.contaminated, Reason.low_quality, Reason.no_consensus),
        *(Reason.personal_data, Reason.held_out),
    )
)

# Reasons for which another question is asked for.
ASKS_AGAIN = frozenset(
    (
        *(Reason.not_self_contained, Reason.incomplete, Reason.no_task),
        *(Reason.duplicate, Reason.contaminated, Reason.low_quality),
    )
)


class CallUse(TypedDict):
    """What calls used, stored with what came of them; `cost_usd`: None if a price is unknown."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class Failure(TypedDict):
    """What is kept of a call without a usable reply; `raw` is the text of the reply, if one was paid for."""

    reason: str | None
    detail: str | None
    raw: NotRequired[str | None]
    finish_reason: NotRequired[str | None]


def status_of(reason: str) -> Literal["rejected", "failed"]:
    """The status of an instruction with this reason."""
    return "rejected" if reason in UNWANTED else "failed"


def asks_again(reason: str | None, *, answered: bool) -> bool:
    """Whether another question is asked for in place of one with this reason; never once it was answered."""
    return reason in ASKS_AGAIN and not answered
