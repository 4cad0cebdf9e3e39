"""Text: what can be stored, how a name is shown, and when two names are the same.

Two names are the same if their NFKC_Casefold forms are (Unicode, section 3.13, D147; the default ignorable
code points of DerivedCoreProperties.txt do not count), with white space collapsed. A name as shown keeps its
spelling but loses invisible characters, so that names that look alike are also written alike.
"""

import re
import unicodedata
from functools import lru_cache

# Unicode's Cc and Cs, except tab, line feed and carriage return.
UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
HALF = re.compile("[\ud800-\udfff]")

# Default_Ignorable_Code_Point, and the marks of interlinear annotations, which are invisible as well.
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
# The ignorable characters that are removed from a name as shown. The others change how the letter before them
# looks: variants of emoji, ideographs and Mongolian letters, the letters of flags, old Hangul, Khmer.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]+"
)
# ZWNJ and ZWJ belong to the spelling between letters (Persian, Hindi, Sinhala) and within an emoji.
JOINERS = re.compile("[\u200c\u200d]+")
VIRAMA = 9
BLANK_BRAILLE = "\u2800"

LONGEST_KEPT = 200
LONGEST_KEY = 8_000
"""Maximum number of bytes of a normalised name; an index of Neo4j takes only a few more."""
MOST_GROWTH = 33
"""Maximum number of bytes that one character becomes when normalised: U+FDFA becomes eighteen letters."""


def storable_text(text: str) -> str:
    """Returns `text`; raises ValueError if it has NUL, other controls, or lone surrogates.

    Neither the database nor readers of the data can handle these.
    """
    if found := UNSTORABLE.search(text):
        raise ValueError(f"the character U+{ord(found[0]):04X} cannot be stored; remove it")
    return text


def clean_text(text: str) -> str:
    """`text` without the characters that storable_text refuses; for what a model wrote."""
    return UNSTORABLE.sub("", text)


def is_whole(text: str) -> bool:
    """Whether a text can be encoded: it has no lone surrogate, as JSON or the shell may give."""
    return not HALF.search(text)


def first_line(error: BaseException) -> str:
    """The first line of an error's message without its full stop, or its kind if it has none.

    The further lines of some clients are advice about functions of their own.
    """
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__


def visible_name(name: str) -> str:
    """The name in one line, trimmed, without invisible characters.

    Raises ValueError if nothing is left, if it is too long, or if it cannot be stored.
    """
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
    """The NFKC_Casefold form with white space collapsed; names with the same form are the same."""
    if name.isascii():
        return " ".join(name.lower().split())
    return _kept(name) if len(name) <= LONGEST_KEPT else _folded(name)


def _folded(name: str) -> str:
    """Repeats folding and composing until nothing changes, because each can make the other necessary."""
    folded = unicodedata.normalize("NFD", name.replace(BLANK_BRAILLE, " "))
    while True:
        once = unicodedata.normalize("NFKC", IGNORABLE.sub("", folded).casefold())
        once = " ".join(once.split())
        if once == folded:
            return folded
        folded = once


_kept = lru_cache(10_000)(_folded)
