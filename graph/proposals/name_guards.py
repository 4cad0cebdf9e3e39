"""What tells names apart that are otherwise alike, letter by letter or word by word."""

import re
from collections import Counter
from itertools import zip_longest

from rapidfuzz.fuzz import ratio

from graph.name_keys import name_key
from graph.words import words

SHORTEST = 8
"""Minimum letters of words that may differ: baking and banking, region and religion are different words."""
LEAST_ALIKE = 85
BRACKETED = re.compile(r"\(([^()]+)\)")
NUMERAL = re.compile(r"\d+")
# What stands before one of these is not what stands behind it: history of philosophy, philosophy of history.
BETWEEN = frozenset(
    ["of", "in", "for", "by", "to", "from", "through", "on", "as", "with", "against", "without"]
)
OPPOSITES = [
    {*pair.split()}
    for pair in (
        "macro meso micro nano", "hyper hypo", "inter intra extra", "pre post", "over under", "super sub",
        "mono uni di bi tri poly multi", "homo hetero", "endo exo ecto", "pro anti", "ante anti post",
        "intro extro", "im ex", "in ex", "ab ad", "ana cata", "eu dys", "ortho meta para", "supra infra",
        "up down", "paleo neo", "epi hypo", "auto allo", "syn anti", "syn dia", "maxi mini", "cis trans",
        "proto deutero", "hydro hygro",
    )
]  # fmt: skip
NEGATIONS = ("non", "un", "in", "im", "ir", "il", "dis", "a", "an", "anti", "de", "mis", "re", "co")
"""What makes another word of a word when it stands before it."""


def qualified_alike(one: str, other: str) -> bool:
    """Whether two names do not have different qualifiers in brackets: Mercury (planet), Mercury (element)."""
    mine, theirs = ({*map(name_key, BRACKETED.findall(name))} for name in (one, other))
    return not mine or not theirs or mine == theirs


def ordered_alike(one: str, other: str) -> bool:
    """Whether two names of the same words say the same, although the words may be in another order."""
    mine, theirs = _before(one), _before(other)
    return mine is None or theirs is None or mine == theirs


def _before(name: str) -> frozenset[str] | None:
    """The words before a word such as `of` in the middle of a name; None without one."""
    parts = [part for word in words(name) for part in word.parts]
    places = [n for n, part in enumerate(parts) if part in BETWEEN and 0 < n < len(parts) - 1]
    return frozenset(name_key(part) for part in parts[: places[0]]) if places else None


def apart(one: str, other: str) -> bool:
    """Whether two similar keys are those of different things, as far as letters can tell."""
    if NUMERAL.findall(one) != NUMERAL.findall(other):
        return True
    mine, theirs = Counter(one.split()), Counter(other.split())
    only, others = sorted((mine - theirs).elements()), sorted((theirs - mine).elements())
    if len(only) != len(others):
        return True
    return any(_other_word(a, b) for a, b in zip_longest(only, others, fillvalue=""))


def _other_word(one: str, other: str) -> bool:
    if min(len(one), len(other)) < SHORTEST or one[0] != other[0]:
        return True
    if sorted(one) == sorted(other) or ratio(one, other) < LEAST_ALIKE:
        return True
    return _opposite(one, other)


def _opposite(one: str, other: str) -> bool:
    """Whether two words are one word behind opposite prefixes, or behind a negation and without it."""
    for pair in OPPOSITES:
        for a in pair:
            for b in pair - {a}:
                if one.startswith(a) and other.startswith(b) and one[len(a) :] == other[len(b) :]:
                    return True
    return any(f"{prefix}{a}" == b for prefix in NEGATIONS for a, b in ((one, other), (other, one)))
