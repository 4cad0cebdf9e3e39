"""The rules for questions and answers together, as a check of what is there goes by them."""

from collections.abc import Iterable
from typing import Any

from generators.quality.flaws import Rule
from generators.quality.rules import answers, questions
from graph.model import digest

RULES = (*questions.RULES, *answers.RULES)
RULE = f"text-rules@1:{digest(*(rule.id for rule in RULES))[:8]}"
"""The id of all of them together; it changes when one of them does."""


def settings(rules: Iterable[Rule] = RULES) -> dict[str, Any]:
    """Rules as they are stored: each with the codes of the languages that it has words for."""
    return {"rules": {rule.id: sorted(rule.known_languages or ()) for rule in rules}}
