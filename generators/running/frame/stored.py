"""Samples as rows for the graph: facts, and what their calls used."""

from collections.abc import Sequence

from generators.usage import Usage
from graph.instructions.drafts import NewDraft
from graph.instructions.rows import Facts, NewInstruction, StoredInstruction
from graph.quality.evidence import Link
from graph.quality.verdicts import NewVerdict
from graph.reasons import CallUse


def new_row(
    id_: str,
    status: str,
    facts: Facts,
    sessions: Sequence[str] = (),
    concepts: Sequence[str] = (),
    links: Sequence[Link] = (),
    verdicts: Sequence[NewVerdict] = (),
    drafts: Sequence[NewDraft] = (),
) -> NewInstruction:
    """As graph.instructions stores it; `sessions`, `concepts`, and what follows are those to add now."""
    return {
        "properties": {"id": id_, "status": status, **facts},
        "sessions": list(sessions),
        "concepts": list(concepts),
        "links": list(links),
        "verdicts": list(verdicts),
        "drafts": list(drafts),
    }


def use_of_question(usage: Usage) -> Facts:
    """The usage of a question's calls, which are all so far."""
    return {
        "question_calls": usage.calls,
        "question_prompt_tokens": usage.prompt_tokens,
        "question_completion_tokens": usage.completion_tokens,
        "question_cost_usd": usage.usd,
        **use_of_calls(usage),
    }


def use_of_answer(before: Usage, usage: Usage) -> Facts:
    """The usage of an answer's calls; `before`: that of its question's."""
    return {
        "answer_calls": usage.calls,
        "answer_prompt_tokens": usage.prompt_tokens,
        "answer_completion_tokens": usage.completion_tokens,
        "answer_cost_usd": usage.usd,
        **use_of_calls(before + usage),
    }


def use_before(row: StoredInstruction) -> Usage:
    """The usage of a stored question's calls."""
    return Usage(row["calls"], row["prompt_tokens"], row["completion_tokens"], row["question_cost_usd"])


def use_of_answers(row: StoredInstruction) -> Usage:
    """The usage of the calls for a stored question's answers so far."""
    use = Usage(*row["answer_use"])
    # Without a call its price is not stored, and not unknown.
    return use if use.calls else Usage()


def use_of_calls(usage: Usage) -> CallUse:
    """The use of some calls together; `cost_usd` is None if unknown."""
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "cost_usd": usage.usd,
    }
