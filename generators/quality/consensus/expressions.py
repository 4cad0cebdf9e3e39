"""Whether two expressions have the same value, by math-verify: what text alone does not show.

It reads any word as a product of letters, so that blue and lube are the same to it: it is asked only about
what looks like mathematics, and where both sides have the same words.
"""

import re
from typing import Any

from generators.quality.text.normal_text import normal_text

LONGEST_S = 5
"""Seconds for reading an expression, and for comparing two."""

_COMMAND = re.compile(r"\\[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_FUNCTIONS = frozenset(
    (
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("ln", "log", "exp", "sqrt", "pi"),
    )
)
_MATHS = re.compile(r"[\d+\-*/^=<>|√]|\\[a-zA-Z]")
# 1010_2 is another number than 1010.
_BASE = re.compile(r"\d_\{?\d")
_ROOT = re.compile(r"(?:√|(?<!\\)\bsqrt)\s*(?:\(([^()]*)\)|(?<=√)(\w+))")
# Solutions may come in any order: 3 and 5, 5 or 3.
_JOINED = re.compile(r"(?<=[\d)}])\s*,?\s+(?:and|or)\s+(?=[-+−\d(\\√])")
_UNIT = re.compile(r"[-+]?[\d.,/ ]*\d\s+([a-z])")


def comparable(one: str, other: str) -> bool:
    """Whether two final answers look like mathematics, and have the same words beside it."""
    if (_BASE.search(one) is None) != (_BASE.search(other) is None):
        return False
    return all(_MATHS.search(text) for text in (one, other)) and _beside(one) == _beside(other)


def _beside(answer: str) -> list[str]:
    """Words and units of one letter, which math-verify drops."""
    plain = normal_text(_COMMAND.sub(" ", _JOINED.sub(", ", answer)))
    words = [word for word in _WORD.findall(plain) if word not in _FUNCTIONS]
    unit = _UNIT.fullmatch(plain.strip(" .$"))
    return sorted([*words, *([unit[1]] if unit else [])])


def equal(one: str, other: str) -> bool:
    """Whether two expressions are equal, such as (x+1)^2 and x^2+2x+1. Takes up to seconds of CPU.

    To be called in the main thread of a process, where math-verify can end what takes too long.
    """
    import math_verify

    maths: Any = math_verify  # it has no usable type annotations
    left, right = (maths.parse(_as_latex(text), parsing_timeout=LONGEST_S) for text in (one, other))
    if not left or not right:
        return False
    # An equation is a value to it only on the one side.
    return any(maths.verify(*pair, timeout_seconds=LONGEST_S) for pair in ((left, right), (right, left)))


def _as_latex(answer: str) -> str:
    answer = _JOINED.sub(", ", answer.strip().strip("$"))
    return f"${_ROOT.sub(_as_root, answer)}$"


def _as_root(found: re.Match[str]) -> str:
    return rf"\sqrt{{{found[1] or found[2]}}}"
