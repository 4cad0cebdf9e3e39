"""Words that are compared letter by letter: identifiers of programs, and names within a sentence."""

import re

from generators.quality.text.slips import is_known

_CODE = re.compile(r"`([^`]+)`")
_IDENTIFIER = re.compile(r"\b\w*[a-z\d][A-Z]\w*|\b\w+_\w+")
# Behind these a word that nobody knows is what they are called: the function strcpy.
_CALLED = re.compile(r"\b(?:function|method|command|procedure|routine|library|module|package)s? (\w+)")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}")
_WORD = re.compile(r"[^\W\d_]+")


def exact_words(text: str) -> frozenset[str]:
    """The words of a text, in folded case, of which others may differ by a letter: Weber and Webber."""
    found = [*_NAME.findall(text), *_IDENTIFIER.findall(text)]
    found += [called for called in _CALLED.findall(text) if not is_known(called.casefold())]
    if "`" in text:
        found += _CODE.findall(text)
    return frozenset(word.casefold() for one in found for word in _WORD.findall(one))
