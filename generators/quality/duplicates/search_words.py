"""The words by which the full-text index finds candidates: a query of a question's ten rarest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

import xxhash

from generators.quality.duplicates.prepared import Prepared
from generators.quality.text.tokens import tokens_of
from generators.quality.text.word_lists import frequencies
from generators.quality.text.words import Kind, Token

LONGEST_WORD = 64
"""Maximum number of characters of a word; longer ones are cut. Lucene takes 32,766 bytes."""
MOST_ASKED = 10
FEWEST_VALUES = 2
FEW_WORDS = 4
UNKNOWN = 0


def words(text: str) -> list[str]:
    """The distinct words and numbers of a text, normalised, in the order in which they first stand.

    Letters and digits only, so that neither a whitespace analyzer nor the syntax of queries finds anything
    in them; scripts without spaces give pairs of characters. Joined by spaces they are the property `words`.
    """
    return words_of(tokens_of(text))


def words_of(tokens: Iterable[Token]) -> list[str]:
    """As `words`, from tokens that were read before."""
    found: dict[str, None] = {}
    before = ""
    for token in tokens:
        if token.kind in (Kind.SYMBOL, Kind.BREAK):
            before = ""
            continue
        word = _searchable(token)
        if len(word) == 1 and not word.isascii():
            if before:
                found[before + word] = None
            before = word
        else:
            before = ""
            if len(word) > 1 or word.isdigit():
                found[word] = None
    return list(found)


def searched(prepared: Prepared) -> list[str]:
    """The words by which a question is found: those that only ask ("explain your answer") are left out.

    A question of few words but several values has one more, the digest of these, as questions made of the
    same few figures and signs cannot be told apart by words; those with other values are never the same.
    """
    found = words_of(prepared.telling)
    values = sorted(token.text for token in prepared.values)
    if len(found) < MOST_ASKED and len(values) >= FEWEST_VALUES:
        digest = xxhash.xxh3_64_hexdigest(" ".join(values).encode("utf-8", "surrogatepass"))
        found.append("v" + digest)
    return found


def _searchable(token: Token) -> str:
    word = token.stem if token.kind in (Kind.CONTENT, Kind.LIGHT) else token.text
    return word.replace(".", "p")[:LONGEST_WORD]


@cache
def shipped_frequencies() -> dict[str, int]:
    """In how many of some 24,000 questions each word of `words` stands, for a graph without questions."""
    found: dict[str, int] = {}
    for written, count in frequencies().items():
        for word in words(written):
            found[word] = found.get(word, 0) + count
    return found


def rarest(
    found: Iterable[str], frequency: Mapping[str, int] | None = None, most: int = MOST_ASKED
) -> list[str]:
    """The rarest words, the rarest first; of two as rare the longer one.

    `frequency` tells in how many texts each word stands, such as counts from the graph; without it, the list
    that is shipped. A word that it does not have is as rare as can be.
    """
    known = shipped_frequencies() if frequency is None else frequency
    return sorted(found, key=lambda word: (known.get(word, UNKNOWN), -len(word), word))[:most]


def shares(words: Collection[str], rare: Collection[str]) -> bool:
    """Whether a text has most of a question's rarest words: what has fewer does not say the same.

    One is enough if there are only a few, as two slips of the pen leave no more of them.
    """
    return len(set(words).intersection(rare)) >= fewest(len(rare))


def leading(rare: Sequence[str]) -> Sequence[str]:
    """The rarest of a question's rarest words, of which every text that `shares` them has at least one."""
    return rare[: len(rare) - fewest(len(rare)) + 1]


def lucene(rare: Sequence[str]) -> str:
    """A query for what may share most of these words: the best match is what shares the rarest ones.

    What must be there are the leading words, so that nobody looks through all texts that have a common one.
    """
    first = leading(rare)
    others = rare[len(first) :]
    return " ".join((f"+({' '.join(first)})", *others)) if others else " ".join(first)


def fewest(rare: int) -> int:
    """The number of words that must be shared, of this many."""
    return 1 if rare <= FEW_WORDS else rare // 2 + 1
