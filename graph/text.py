"""Text: what can be stored, how a name is shown, and when two names are one.

Two names are the same when their NFKC_Casefold forms are (Unicode, section 3.13, D147; the default ignorable
code points of DerivedCoreProperties.txt do not count), white space collapsed. What is shown keeps its
spelling and loses what nobody sees: names that look alike are then also written alike.
"""

import re
import unicodedata
from functools import lru_cache

# Unicode's Cc and Cs but for tab, line feed and carriage return.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
HALF = re.compile("[\ud800-\udfff]")

# Default_Ignorable_Code_Point, and the marks of interlinear annotations, which nobody sees either.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# Those that are left out of a name as it is shown. The others change how the letter before them looks:
# variants of emoji, ideographs and Mongolian letters, the letters of flags, old Hangul, Khmer.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]+"
)
# ZWNJ and ZWJ are spelling between letters (Persian, Hindi, Sinhala) and between the parts of an emoji.
JOINERS = re.compile("[\u200c\u200d]+")
VIRAMA = 9
BLANK_BRAILLE = "\u2800"

LONGEST_KEPT = 200
LONGEST_KEY = 8_000
"""Bytes of a normalised name: an index of Neo4j takes few more."""
MOST_GROWTH = 33
"""Bytes that one character becomes at most: U+FDFA is eighteen letters."""


def storable_text(text: str) -> str:
    """Refuses what the database or a reader of the data could not carry: NUL, controls, lone surrogates."""
    if found := UNSTORABLE.search(text):
        raise ValueError(f"the character U+{ord(found[0]):04X} cannot be stored; remove it")
    return text


def clean_text(text: str) -> str:
    """`text` without the characters that storable_text refuses; for what a model wrote."""
    return UNSTORABLE.sub("", text)


def is_whole(text: str) -> bool:
    """Whether a text can be encoded: it holds no half of a surrogate pair, as JSON and the shell may give."""
    return not HALF.search(text)


def visible_name(name: str) -> str:
    """A name of one line, trimmed, without invisible characters; raises ValueError where nothing is left."""
    name = storable_text(name)
    if not name.isascii():
        name = JOINERS.sub(_joiner, INVISIBLE.sub("", name))
    name = " ".join(name.split())
    if not normal_name(name):
        raise ValueError("a name needs at least one visible character")
    if len(name) * MOST_GROWTH > LONGEST_KEY and len(normal_name(name).encode()) > LONGEST_KEY:
        raise ValueError(f"the name has over {LONGEST_KEY} bytes with its ligatures written out; shorten it")
    return name


def _joiner(found: re.Match[str]) -> str:
    text, before, after = found.string, found.start() - 1, found.end()
    joins = before >= 0 and _is_written(text[before])
    if joins and after < len(text):
        joins = _is_written(text[after]) or unicodedata.combining(text[before]) == VIRAMA
    elif joins:
        joins = unicodedata.combining(text[before]) == VIRAMA
    return found[0][0] if joins else ""


def _is_written(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMNS"


def normal_name(name: str) -> str:
    """NFKC_Casefold, white space collapsed: what makes two names the same."""
    if name.isascii():
        return " ".join(name.lower().split())
    return _kept(name) if len(name) <= LONGEST_KEPT else _folded(name)


def _folded(name: str) -> str:
    """To a fixed point: what is folded may need to be composed, and what is composed to be folded."""
    folded = unicodedata.normalize("NFD", name.replace(BLANK_BRAILLE, " "))
    while True:
        once = unicodedata.normalize("NFKC", IGNORABLE.sub("", folded).casefold())
        once = " ".join(once.split())
        if once == folded:
            return folded
        folded = once


_kept = lru_cache(10_000)(_folded)
