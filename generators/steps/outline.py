"""Reads names from the lines of a free list or syllabus, if a very small model's data is unusable.

A line names something if it is a list item or a heading, begins in bold type, or has a colon or a dash after
its first words. Items marked like the first item are upper items; the names that follow each belong to it.
"""

import re
from typing import NamedTuple

from generators.steps.names import unnumbered

# A name with more words is taken for a sentence.
MOST_WORDS = 8
LONGEST = 60

MARK = re.compile(r"^(\s*)(#{1,6}\s+|[-*+•]\s+|\(?(?:\d{1,2}|[A-Za-z])[.)]\s+)?")
BOLD = re.compile(r"^(?:\*\*|__)(.+?)(?:\*\*|__)")
END = re.compile(r"[:：]|\s[-–—]\s|\s?\(|[.!?](?:\s|$)")
COLON = re.compile(r"^[^:.!?]{2,60}?(?::\s|：|\s[-–—]\s)")
# Labels of a form's own fields, which name nothing.
FORM = re.compile(
    r"(?:the )?(?:first |second |third |\d )?(?:main |key )?"
    r"(?:subjects?|name|levels?(?: of study)?|(?:sub)?topics?|concepts?|sessions?"
    r"|introduction|summary|objectives|outcomes)"
    r"(?: \d+| [a-z])?",
    re.IGNORECASE,
)
TRIMMED = " \t*_`\"'“”:;,.-–—"


class Item(NamedTuple):
    """An upper item and the names below it, in the order of the text."""

    name: str
    below: list[str]


def outline(text: str) -> list[Item]:
    """The items of a text, each name once; empty if no line names anything."""
    found: list[Item] = []
    known: set[str] = set()
    upper = ""
    for line in text.splitlines():
        style, name = _named(line)
        if not name or name.casefold() in known:
            continue
        known.add(name.casefold())
        upper = upper or style
        if style == upper:
            found.append(Item(name, []))
        else:
            found[-1].below.append(name)
    return found


def _named(line: str) -> tuple[str, str]:
    """How a line is marked, and what it names; both empty if it names nothing."""
    mark = MARK.match(line)
    assert mark
    rest = unnumbered(line[mark.end() :].strip())
    bold = BOLD.match(rest)
    marker = (mark[2] or "").strip(" \t(")
    if not (marker or bold or COLON.match(rest)):
        return "", ""
    name = bold[1] if bold else END.split(rest, maxsplit=1)[0]
    name = unnumbered(name.strip(TRIMMED)).strip(TRIMMED)
    return (_style(marker, deep=bool(mark[1]), bold=bool(bold)), name) if _is_name(name) else ("", "")


def _is_name(text: str) -> bool:
    short = len(text) <= LONGEST and len(text.split()) <= MOST_WORDS
    return short and any(map(str.isalpha, text)) and not FORM.fullmatch(text)


def _style(marker: str, *, deep: bool, bold: bool) -> str:
    kind = "1" if marker[:1].isdigit() else "a" if marker[:1].isalpha() else marker
    return f"{'  ' if deep else ''}{kind or ('bold' if bold else 'line')}"
