"""The words by which a node is found; stored texts and searches are split into words in the same way.

Neo4j's index splits a text only at white space, so it holds exactly the words made here. A text is folded
like a name, and loses its accents: Straße is strasse, Łódź is lodz. Vowel signs of Indic and South-East Asian
scripts are not accents and stay. A word with punctuation in it, such as ASP.NET, is found whole, without the
punctuation (aspnet), and by its parts; Han and Hiragana, written without spaces, character by character.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from graph.text import normal_name

LONGEST = 100
"""Maximum number of characters of a word; the index cuts at 255 UTF-16 units."""

# Letters that Unicode does not decompose, and how they are written without strokes and ligatures.
PLAIN = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
        # Arabic tatweel only stretches a word and is not a letter.
        "\u0640": None,
    }
)  # fmt: skip
# Punctuation that stays at the ends of a word, because it tells names apart: C#, A*, but not .NET.
TELLING = "#*%&@"
LETTER_BY_LETTER = re.compile("([\u3040-\u309f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


@dataclass(frozen=True, slots=True)
class Word:
    """A word: the text between two spaces, in its different forms."""

    spelled: str
    """The word without quotes, brackets, full stops and the like around it."""
    joined: str
    """Only its letters and digits; empty if it has none."""
    parts: tuple[str, ...]
    """The parts between punctuation, or the word itself. Each Han and Hiragana character is a part."""

    @property
    def all(self) -> tuple[str, ...]:
        """All forms under which the word is found, each once."""
        return tuple(dict.fromkeys(filter(None, (self.spelled, self.joined, *self.parts))))


def words(text: str) -> list[Word]:
    """The words of a text in their order, each once."""
    return [_word(chunk) for chunk in dict.fromkeys(_folded(text).split())]


def stored(text: str) -> str:
    """The text to put into the index: all forms of all words, separated by spaces."""
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
    """Whether a character is a Hebrew or Arabic point, or a mark above, below or through another letter."""
    place = unicodedata.combining(char)
    return 10 <= place <= 35 or place >= 200


@lru_cache(10_000)
def _word(chunk: str) -> Word:
    start, end = 0, len(chunk)
    while start < end and _is_around(chunk[start]):
        start += 1
    while end > start and _is_around(chunk[end - 1]):
        end -= 1
    # A word may consist of punctuation only.
    spelled = chunk[start:end] or chunk
    parts = "".join(char if _is_letter(char) else " " for char in spelled)
    joined = parts.replace(" ", "")
    parted = LETTER_BY_LETTER.sub(r" \1 ", parts).split()
    return Word(spelled[:LONGEST], joined[:LONGEST], tuple(part[:LONGEST] for part in parted))


def _is_around(char: str) -> bool:
    return unicodedata.category(char)[0] == "P" and char not in TELLING


def _is_letter(char: str) -> bool:
    """Whether a character is a letter, a digit, or a mark such as a vowel sign."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"
