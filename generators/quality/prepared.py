"""A text made ready for comparison: what the rule reads of it, computed once."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from generators.quality.tokens import Kind, Token, key_of, stem_of, tokens_of
from generators.quality.word_lists import word_set

VALUES = (Kind.NUMBER, Kind.SYMBOL, Kind.LETTER, Kind.NAME)
_ASKING = frozenset((Kind.LIGHT, Kind.FUNCTION))
_WRAPPING = frozenset(stem_of(word) for word in word_set("wrapping_words"))


@dataclass(frozen=True)
class Prepared:
    """A question's words, numbers and symbols, by sentences; those put around it by habit stand apart."""

    key: str
    """As `text_key` gives it."""
    said: tuple[Token, ...]
    """All tokens in their order, without ends of sentences."""
    sentences: tuple[tuple[Token, ...], ...]

    @cached_property
    def core(self) -> tuple[tuple[Token, ...], ...]:
        """The sentences that ask something: without "Please answer the following question."."""
        kept = tuple(sentence for sentence in self.sentences if not is_wrapping(sentence))
        return kept or self.sentences

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of `core`."""
        return tuple(token for sentence in self.core for token in sentence)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the content words; of a text without any, those of all words."""
        found = frozenset([token.stem for token in self.tokens if token.kind is Kind.CONTENT])
        return found or frozenset([token.stem for token in self.tokens if token.kind not in VALUES])

    @cached_property
    def values(self) -> tuple[Token, ...]:
        """Numbers, symbols, single letters and names of functions in their order."""
        return tuple([token for token in self.tokens if token.kind in VALUES])

    @cached_property
    def counts(self) -> Counter[Token]:
        """How often each word stands in it."""
        return Counter([token for token in self.tokens if token.kind not in VALUES])

    @cached_property
    def words(self) -> frozenset[str]:
        """The words as written."""
        return frozenset([token.text for token in self.tokens if token.kind not in VALUES])


def prepare(text: str) -> Prepared:
    """Reads a text; time grows with its length alone."""
    tokens = tokens_of(text)
    return Prepared(
        key_of(tokens, text),
        tuple(token for token in tokens if token.kind is not Kind.BREAK),
        _sentences(tokens),
    )


def _sentences(tokens: list[Token]) -> tuple[tuple[Token, ...], ...]:
    found: list[tuple[Token, ...]] = []
    start = 0
    for place, token in enumerate(tokens):
        if token.kind is Kind.BREAK:
            if place > start:
                found.append(tuple(tokens[start:place]))
            start = place + 1
    if len(tokens) > start:
        found.append(tuple(tokens[start:]))
    return tuple(found)


def is_wrapping(sentence: tuple[Token, ...]) -> bool:
    """Whether a sentence is said around questions by habit and asks nothing itself."""
    return all(
        token.kind in _ASKING or (token.kind is Kind.CONTENT and token.stem in _WRAPPING)
        for token in sentence
    )
