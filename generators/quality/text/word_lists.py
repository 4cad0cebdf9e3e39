"""The word lists of the rules, read once from the data of `generators.quality`."""

from functools import cache
from importlib.resources import files


def lines(name: str) -> list[str]:
    """The lines of a list, without comments."""
    text = files("generators.quality").joinpath("data", f"{name}.txt").read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@cache
def word_set(name: str) -> frozenset[str]:
    """All words of a list."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def first_of_each(name: str) -> dict[str, str]:
    """From each word of a list to the first one of its line, which stands for all."""
    return {word: line.split()[0] for line in lines(name) for word in line.split()}


@cache
def synonyms() -> dict[str, str]:
    """From each synonym, and its regular forms, to the word that stands for all."""
    found: dict[str, str] = {}
    for word, first in first_of_each("synonyms").items():
        found |= {word + ending: first for ending in ("", "s", "es", "d", "ed", "ing")}
        found |= {word[:-1] + ending: first for ending in ("ing", "ies", "ied") if word[-1] in "ey"}
    return found


@cache
def opposites() -> dict[str, frozenset[str]]:
    """From each word to the words that stand against it."""
    found: dict[str, set[str]] = {}
    for line in lines("opposites"):
        left, right = (side.split() for side in line.split("|"))
        for side, other in ((left, right), (right, left)):
            for word in side:
                found.setdefault(word, set()).update(other)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def frequencies() -> dict[str, int]:
    """In how many of some 24,000 questions a word stands; those of which glan knows that they are words."""
    return {word: int(count) for word, count in (line.split() for line in lines("word_frequencies"))}
