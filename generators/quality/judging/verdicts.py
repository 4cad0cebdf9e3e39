"""From a judge's findings to a verdict: the rule is ours, and the judge does not know it."""

from collections.abc import Collection
from enum import StrEnum
from typing import Literal, NamedTuple

QUESTION_RULE = "judge-questions@1"
ANSWER_RULE = "judge-answers@1"
REFINEMENT_RULE = "refinement@1"
"""Of a refined answer: critique, comparison in both orders, and the gate that both have to pass."""

Flaw = Literal[
    "wrong_fact",
    "wrong_calculation",
    "contradicts_itself",
    "off_topic",
    "breaks_off",
    "refuses",
    "repeats_itself",
    "unclear",
]
# With one of these an answer is not fit to learn from, however well it reads.
GRAVE: frozenset[Flaw] = frozenset(
    ("wrong_fact", "wrong_calculation", "contradicts_itself", "off_topic", "breaks_off", "refuses")
)
FEWEST_TO_KEEP, FEWEST_TO_ACCEPT = 3, 4
"""How well an answer has to follow its question, of 5: to be kept, and to be left as it is."""


class VerdictKind(StrEnum):
    """accept: fit as it is; revise: kept, could be better; reject: not fit; unjudged: no usable opinion."""

    accept = "accept"
    revise = "revise"
    reject = "reject"
    unjudged = "unjudged"


class Finding(NamedTuple):
    """A verdict, and what is wrong, in words that a model can use."""

    verdict: VerdictKind
    problem: str = ""


def of_question(
    *, self_contained: bool, answerable: bool, one_task: bool, on_concepts: Literal["all", "some", "none"]
) -> Finding:
    """The verdict on a question."""
    problems = [
        said
        for wrong, said in (
            (not self_contained, "it refers to what its reader does not have"),
            (not answerable, "it cannot be answered: what it presupposes is wrong or missing"),
            (not one_task, "it asks for nothing, or for things that do not belong together"),
            (on_concepts == "none", "it is about something else than what it has to combine"),
        )
        if wrong
    ]
    if problems:
        return Finding(VerdictKind.reject, "; ".join(problems))
    if on_concepts == "some":
        return Finding(VerdictKind.revise, "it leaves out some of what it has to combine")
    return Finding(VerdictKind.accept)


def of_answer(*, correct: bool, complete: bool, follows: int, flaws: Collection[Flaw]) -> Finding:
    """The verdict on an answer; `follows`: from 1 to 5."""
    problems = [
        said
        for wrong, said in (
            (not correct, "something in it is wrong"),
            (not complete, "it does not answer everything"),
            (follows < FEWEST_TO_KEEP, "it does not do what is asked"),
        )
        if wrong
    ]
    grave = sorted(GRAVE.intersection(flaws))
    if problems or grave:
        return Finding(VerdictKind.reject, "; ".join([*problems, *grave]))
    if follows < FEWEST_TO_ACCEPT or flaws:
        return Finding(VerdictKind.revise, "; ".join(sorted(flaws)) or "it does only part of what is asked")
    return Finding(VerdictKind.accept)


InOrder = Literal["won", "lost", "tie"]
Compared = Literal["won", "lost", "tied", "inconsistent"]


def of_one_order(refined: int, draft: int) -> InOrder:
    """What became of a refined answer in one order, by what a judge gave it and the one it was made from."""
    return "won" if refined > draft else "lost" if refined < draft else "tie"


def of_both_orders(one: str, other: str) -> Compared:
    """The verdict on a pair; where the orders disagree it is a tie, but one that says more of the judge."""
    if one != other:
        return "inconsistent"
    return "won" if one == "won" else "lost" if one == "lost" else "tied"
