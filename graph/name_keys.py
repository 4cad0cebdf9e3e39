"""Keys of names: two names that mean the same, whoever wrote them, have the same key.

A key is made of the words that search finds a name by (graph.words), so capitals, accents, invisible
characters and punctuation do not count. Nor do the order of the words, plurals, British and American
spellings, "&" for "and", and an abbreviation in brackets of the words beside it. A key is for comparing,
never to be shown: it may not be a word.
"""

import re
from functools import lru_cache

from graph.words import words

# Signs that tell names apart (C, C++ and C#).
TELLING = re.compile(r"[#+*%@]")
AND = re.compile(r"\s*&\s*")
BRACKETED = re.compile(r"\(([^()]{2,12})\)")
APOSTROPHES = re.compile(r"['’ʼ]")
SHORTEST = 4
"""Minimum letters of a word that is brought into another form."""

# Endings of plurals, in the order in which they are tried; anything else is not a plural.
PLURALS = (
    (re.compile(r"yses$"), "ysis"),
    (re.compile(r"(?<=..)ies$"), "y"),
    (re.compile(r"(?<=ss|ch|sh)es$"), ""),
    (re.compile(r"xes$"), "x"),
    (re.compile(r"(?<=[^aoe]us)es$"), ""),
    (re.compile(r"(?<![sui])s$"), ""),
)
# British endings and their American forms. They need not be right, only the same for both spellings.
SPELLINGS = (
    (re.compile(r"(?<=..)our(?=(?:al|ed|ing|ist|ism|able|ful|less|ite|hood)?$)"), "or"),
    (re.compile(r"is(?=(?:ation|ational|e|ed|er|ing)$)"), "iz"),
    (re.compile(r"yse$"), "yze"),
    (re.compile(r"(?<=[bt])re$"), "er"),
    (re.compile(r"(?<=.)[ao]e(?=.)"), "e"),
    (re.compile(r"ogue$"), "og"),
    (re.compile(r"(?<=[aeiou]l)l(?=ing$|ed$|er$)"), ""),
    (re.compile(r"(?<=def|off|ret)ence$"), "ense"),
    (re.compile(r"^programme$"), "program"),
    (re.compile(r"^licence$"), "license"),
    (re.compile(r"^practise$|^practize$"), "practice"),
    (re.compile(r"^grey$"), "gray"),
    (re.compile(r"^sulph"), "sulf"),
    (re.compile(r"^aluminium$"), "aluminum"),
    (re.compile(r"^judgement$"), "judgment"),
    (re.compile(r"^ageing$"), "aging"),
)


def name_key(name: str) -> str:
    """The key of a name; empty if it has no letter, digit or telling sign."""
    name = AND.sub(" and ", APOSTROPHES.sub("", _without_initials(name)))
    return " ".join(sorted(form for word in words(name) for form in _forms(word.spelled, word.parts)))


def _forms(spelled: str, parts: tuple[str, ...]) -> list[str]:
    if TELLING.search(spelled):
        return [spelled]
    return [_plain(part) for part in parts if part]


@lru_cache(10_000)
def _plain(word: str) -> str:
    """A word in the singular and in American spelling."""
    if len(word) < SHORTEST or not word.isascii():
        return word
    for ending, singular in PLURALS:
        if ending.search(word):
            word = ending.sub(singular, word)
            break
    for british, american in SPELLINGS:
        word = british.sub(american, word)
    return word


def _without_initials(name: str) -> str:
    """The name without an abbreviation in brackets that its own words give: "Machine Learning (ML)"."""
    for found in BRACKETED.finditer(name):
        rest = name[: found.start()] + " " + name[found.end() :]
        parts = [part for word in words(rest) for part in word.parts]
        long = [part for part in parts if part not in ("and", "of", "the", "for", "in")]
        short = "".join(words(found[1])[0].parts) if words(found[1]) else ""
        if short and short in ("".join(part[:1] for part in some) for some in (parts, long)):
            return rest
    return name
