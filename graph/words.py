"""The words by which a node is found: the same function makes those that are stored and those of a question.

Neo4j's index cuts a text at white space alone, so that what it holds is what stands here. A text is folded as
names are, and loses its accents: Straße is strasse, Łódź is lodz. Vowel signs of Indic and South-East Asian
scripts are no accents and stay. What is written together, as ASP.NET, is found whole, without what joins it
(aspnet), and by its parts; Han and Hiragana, written without spaces, letter by letter.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from graph.text import normal_name

LONGEST = 100
"""Letters of a word; the index cuts at 255 UTF-16 units."""

# Letters that Unicode does not take apart, as they are written without their strokes.
PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
        # The stretched line of Arabic is no letter.
        "\u0640": None,
    }
)  # fmt: skip
# Punctuation inside and at the ends of names that tells them apart: C#, A*, R&D, .NET has none of it left.
TELLING = "#*%&@"
LETTER_BY_LETTER = re.compile("([\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


@dataclass(frozen=True, slots=True)
class Word:
    """What stands between two spaces."""

    spelled: str
    """Without quotes, brackets and full stops around it."""
    joined: str
    """Its letters and digits alone; empty where it has none."""
    parts: tuple[str, ...]
    """What its punctuation parts; the word itself where that parts nothing."""

    @property
    def all(self) -> tuple[str, ...]:
        """Every word under which it is found, each once."""
        return tuple(dict.fromkeys(filter(None, (self.spelled, self.joined, *self.parts))))


def words(text: str) -> list[Word]:
    """The words of a text in their order, each once."""
    return [_word(chunk) for chunk in dict.fromkeys(_folded(text).split())]


def stored(text: str) -> str:
    """What the index is given for a text."""
    if text.isascii() and text.replace(" ", "").isalnum() and len(text) <= LONGEST:
        return " ".join(dict.fromkeys(text.lower().split()))
    found: dict[str, None] = {}
    for chunk in dict.fromkeys(_folded(text).split()):
        if chunk.isascii() and chunk.isalnum():
            found[chunk[:LONGEST]] = None
        else:
            found |= dict.fromkeys(_word(chunk).all)
    return " ".join(found)


def _folded(text: str) -> str:
    text = normal_name(text)
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFD", text).translate(PLAIN)
    if not plain.isascii():
        accents = {ord(char): None for char in set(plain) if _is_accent(char)}
        plain = plain.translate(accents)
    return unicodedata.normalize("NFC", plain)


def _is_accent(char: str) -> bool:
    """Points of Hebrew and Arabic, and what stands above, below or through a letter elsewhere."""
    place = unicodedata.combining(char)
    return 10 <= place <= 35 or place >= 200


@lru_cache(10_000)
def _word(chunk: str) -> Word:
    start, end = 0, len(chunk)
    while start < end and _is_around(chunk[start]):
        start += 1
    while end > start and _is_around(chunk[end - 1]):
        end -= 1
    # A name may be nothing but punctuation.
    spelled = chunk[start:end] or chunk
    parts = "".join(char if _is_letter(char) else " " for char in spelled)
    joined = parts.replace(" ", "")
    parted = LETTER_BY_LETTER.sub(r" \1 ", parts).split()
    return Word(spelled[:LONGEST], joined[:LONGEST], tuple(part[:LONGEST] for part in parted))


def _is_around(char: str) -> bool:
    return unicodedata.category(char)[0] == "P" and char not in TELLING


def _is_letter(char: str) -> bool:
    """Or a digit, or a mark such as a vowel sign."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"
