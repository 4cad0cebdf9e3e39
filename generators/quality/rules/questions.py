"""What can be seen of a question without a model, rule by rule."""

from functools import lru_cache

from generators.quality.flaws import Case, Findings, Flaw, Rule, examine
from generators.quality.rules import complete, repetition, self_contained, task

RULE = "question-rules@3"
"""The id of all of them together; it changes when one of them does."""
RULES: tuple[Rule, ...] = (*self_contained.RULES, *complete.RULES, *task.RULES, *repetition.QUESTION_RULES)


# Asked for twice per question: when the reply is judged, and when it is accepted.
@lru_cache(maxsize=256)
def findings(question: str, topic: str = "", language: str | None = None) -> Findings:
    """What the rules find in a question.

    `topic`: what it is about; `language`: its code, None if it is not known.
    """
    return examine(RULES, Case(question, topic=topic, language=language))


def flaw(question: str, topic: str = "", language: str | None = None) -> Flaw | None:
    """The worst flaw of a question; None if there is none."""
    return findings(question, topic, language).worst
