"""The label of a concept in the language that is asked for, and names that can be stored."""

import re
from collections.abc import Iterable

from graph.text import clean_text, visible_name

LONGEST_NAME = 1_000
SAFE_NAME = 240
LATEX = re.compile(r"\$(?=\S)((?:[^$\\]|\\.)+?)(?<=\S)\$(?!\d)")
"""A formula, as Pandoc tells it from an amount of money."""


def matches(lang: str, wanted: str) -> bool:
    """Whether a language tag is the wanted one or a special case of it, as en-GB is of en."""
    lang, wanted = lang.lower(), wanted.lower()
    return lang == wanted or lang.startswith(f"{wanted}-")


def best(texts: Iterable[tuple[str, str]], languages: Iterable[str]) -> tuple[str, str]:
    """The text in the first of the languages that there is, then the untagged one, then any, with its
    language.

    Within a language, an exact tag comes before its special cases, then the first text as given.
    """
    found = list(texts)
    for wanted in languages:
        exact = next((text for text in found if text[1].lower() == wanted.lower()), None)
        near = exact or next((text for text in found if text[1] and matches(text[1], wanted)), None)
        if near:
            return near
    untagged = next((text for text in found if not text[1]), None)
    return untagged or min(found, key=lambda text: text[1])


def best_name(labels: Iterable[tuple[str, str]], languages: Iterable[str]) -> tuple[str, str, str]:
    """The best of the labels of which a name can be made: the name, the label, and its language; or empty."""
    left, wanted = list(labels), list(languages)
    while left:
        label = best(left, wanted)
        if name := storable(label[0]):
            return name, *label
        left.remove(label)
    return "", "", ""


def storable(text: str) -> str:
    """A name made of a label: one line, without format characters and the $ of formulas; empty if none is
    left."""
    plain = LATEX.sub(r"\1", clean_text(text)) if "$" in text else clean_text(text)
    for most in (LONGEST_NAME, SAFE_NAME):
        try:
            return visible_name(plain[:most])
        except ValueError:
            continue
    return ""
