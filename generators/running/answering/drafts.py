"""Drafts as they are stored: answers that are paid for before it is settled which one is kept."""

from collections.abc import Sequence

from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.quality.consensus.final_answers import final_answer
from generators.running.frame.standing import used
from generators.running.frame.stored import use_of_calls
from generators.usage import Usage
from graph.instructions.drafts import DraftKind, NewDraft, StoredDraft
from graph.instructions.rows import StoredInstruction
from graph.model import digest
from graph.reasons import Failure

NO_FAILURE: Failure = {"reason": None, "detail": None}
NOTHING = Usage()


def new_draft(
    row: StoredInstruction,
    kind: DraftKind,
    number: int,
    model: str,
    prompt: str,
    text: str | None,
    *,
    usage: Usage = NOTHING,
    failure: Failure = NO_FAILURE,
    counter: str | None = None,
) -> NewDraft:
    """A draft of an instruction's answer. `counter`: what counts its use, if that is not the instruction."""
    return {
        "instruction": row["id"],
        "counter": counter,
        "counts": [*used(usage)] if counter else [],
        "draft": {
            "id": digest(row["id"], kind, number),
            "number": number,
            "kind": kind,
            "text": text,
            "final": text and final_answer(text),
            "reason": failure["reason"],
            "detail": failure["detail"],
            "raw": failure.get("raw"),
            "model": model,
            "prompt": prompt_hash(prompt),
            "prompt_version": version_of(prompt),
            **use_of_calls(usage),
        },
    }


def as_stored(drafts: Sequence[NewDraft]) -> list[StoredDraft]:
    """Drafts as they would be read back."""
    return [
        {
            "number": one["draft"]["number"],
            "kind": one["draft"]["kind"],
            "text": one["draft"]["text"],
            "final": one["draft"]["final"],
            "reason": one["draft"]["reason"],
        }
        for one in drafts
    ]
