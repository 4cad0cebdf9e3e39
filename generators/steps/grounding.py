"""Tells whether a name is grounded in the free text it was taken from, in any language, by parts of words.

Models shorten, inflect and reorder what they extract, so words are compared by their beginnings, long words
by runs of their letters (for compounds), and scripts without spaces by pairs of characters. A name is
grounded if nearly all of its words are.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

# Shorter words (of, the, und, la) are ignored, unless a name has no others.
SHORTEST_WORD = 4
# Words have one stem if their common beginning is this part of the shorter word, and half of the longer.
SHARED, SHARED_OF_LONGER = 0.65, 0.5
FEWEST_SHARED = 3
# A compound is grounded if runs of RUN letters that are in the text cover this part of it.
RUN, COVERED = 5, 0.6
SHORTEST_COMPOUND = 8
# One word may be missing per this number of words.
WORDS_A_MISS = 4
# A reply of which a smaller part is grounded is asked for again.
SMALL_SHARE = 0.5
SHOWN = 12

WORD = re.compile(r"\w+")
ACCENTS = re.compile("[\u0300-\u036f]")
# Han, kana, Hangul, Thai, Lao, Khmer, Burmese, Tibetan: no spaces between words, or attached endings.
DENSE = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
    "\uf900-\ufaff\U00020000-\U0003ffff]+"
)
IN_BRACKETS = re.compile(r"\s*[(（\[][^)）\]]*[)）\]]\s*")


def plain(text: str) -> str:
    """A text for comparison: in compatibility form (NFKC), lower case and without accents."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", folded)))


class Ground:
    """A text in which names are looked up."""

    def __init__(self, text: str) -> None:
        self._text = plain(text)
        self._words = set(_words(self._text))
        self._by_beginning: dict[str, list[str]] = {}
        for word in self._words:
            self._by_beginning.setdefault(word[:FEWEST_SHARED], []).append(word)
        self._runs = {word[i : i + RUN] for word in self._words for i in range(len(word) - RUN + 1)}

    def holds(self, name: str) -> bool:
        """Whether a name is grounded in the text; parts of it in brackets need not be."""
        name = plain(name).strip()
        if name and name in self._text:
            return True
        without = IN_BRACKETS.sub(" ", name).strip()
        return self._has(name) or (without not in ("", name) and self._has(without))

    def lacks(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are not grounded in the text."""
        return [name for name in names if not self.holds(name)]

    def _has(self, name: str) -> bool:
        parts: list[str] = DENSE.findall(name)
        words = _words(name)
        telling = [word for word in words if len(word) >= SHORTEST_WORD or any(map(str.isdigit, word))]
        missing = sum(not self._has_word(word) for word in telling or words)
        if missing > len(telling or words) // WORDS_A_MISS:
            return False
        dense = sum(map(len, parts))
        covered = sum(_covered(part, self._text, 2) for part in parts)
        return bool(words or parts) and covered >= COVERED * dense

    def _has_word(self, word: str) -> bool:
        if word in self._words:
            return True
        if any(_one_stem(word, other) for other in self._by_beginning.get(word[:FEWEST_SHARED], ())):
            return True
        # Without attached articles and particles (Arabic, Hebrew), or as part of a compound.
        if len(word) > SHORTEST_WORD and word in self._text:
            return True
        return len(word) >= SHORTEST_COMPOUND and _covered(word, self._runs, RUN) >= COVERED * len(word)


def _words(text: str) -> list[str]:
    """The words of a plain text that are separated by spaces, without those in dense scripts."""
    return WORD.findall(DENSE.sub(" ", text))


def _one_stem(one: str, other: str) -> bool:
    shorter, longer = sorted((len(one), len(other)))
    if shorter <= FEWEST_SHARED:
        return False
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), shorter)
    return shared >= max(FEWEST_SHARED, SHARED * shorter, SHARED_OF_LONGER * longer)


def _covered(part: str, text: str | set[str], run: int) -> int:
    """How many characters of a part lie in runs of `run` characters that are in a text."""
    if len(part) < run:
        return len(part) if part in text else 0
    there: set[int] = set()
    for i in range(len(part) - run + 1):
        if part[i : i + run] in text:
            there.update(range(i, i + run))
    return len(there)


def dropped_names(names: Sequence[str], text: str) -> str:
    """What was wrong with a reply, as a sentence for the model; `text` says what names must be taken from."""
    if not names:
        return "it names nothing"
    shown = ", ".join(f'"{name}"' for name in names[:SHOWN])
    return f"these do not stand in the {text} above: {shown}; take every name word for word from it"
