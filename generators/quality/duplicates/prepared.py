"""A text made ready for comparison: what the rule reads of it, computed once."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from generators.quality.duplicates.exact_words import exact_words
from generators.quality.text.tokens import OPTION_BREAK, key_of, tokens_of
from generators.quality.text.word_lists import word_set
from generators.quality.text.words import SAY_LITTLE, VALUES, Kind, Token, stem_of

Sentence = tuple[Token, ...]
_WRAPPING = frozenset(stem_of(word) for word in word_set("wrapping_words"))
_QUESTION_AND_ANSWER = ("q", "a")
_NUMBERED = ("question", "problem", "exercise", "task")


@dataclass(frozen=True)
class Prepared:
    """A question's words, numbers and symbols, by sentences; those put around it by habit stand apart."""

    text: str
    """As written."""
    key: str
    """As `text_key` gives it."""
    sentences: tuple[Sentence, ...]
    options: frozenset[Sentence]
    """The sentences that are options to choose from, which may stand in any order."""

    @cached_property
    def core(self) -> tuple[Sentence, ...]:
        """The sentences that ask something: without "Please answer the following question."."""
        unlabelled = tuple(sentence for sentence in self.sentences if not is_label(sentence))
        # A label says nothing even where the rest is made of words of habit alone.
        return tuple(one for one in unlabelled if not is_wrapping(one)) or unlabelled or self.sentences

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The tokens of `core`."""
        return tuple(token for sentence in self.core for token in sentence)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of the content words, without those at the text's end that only ask."""
        return frozenset([token.stem for token in self.tokens if token.kind is Kind.CONTENT]) - self.ending

    @cached_property
    def ending(self) -> frozenset[str]:
        """The stems of the words of asking at the end of the text, where no full stop need part them."""
        found: set[str] = set()
        for token in reversed(self.tokens):
            if not asks(token):
                break
            if token.kind is Kind.CONTENT:
                found.add(token.stem)
        return frozenset(found)

    @cached_property
    def all_stems(self) -> frozenset[str]:
        """The stems of all words, and all values."""
        return frozenset([token.stem for token in self.tokens if not asks(token)])

    @cached_property
    def telling(self) -> tuple[Token, ...]:
        """The tokens without the words that only ask or carry a sentence; all if there are no others."""
        return tuple([token for token in self.tokens if not asks(token)]) or self.tokens

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

    @cached_property
    def exact(self) -> frozenset[str]:
        """The words that are compared letter by letter."""
        return exact_words(self.text)

    def with_meant(self, meant: Mapping[str, Token]) -> "Prepared":
        """The same with other words in place of some, for comparison with one other text."""
        if not meant:
            return self

        def read(sentence: Sentence) -> Sentence:
            return tuple([meant.get(token.text, token) for token in sentence])

        sentences, options = tuple(map(read, self.sentences)), frozenset(map(read, self.options))
        return replace(self, sentences=sentences, options=options)


def prepare(text: str) -> Prepared:
    """Reads a text; time grows with its length alone."""
    tokens = tokens_of(text)
    sentences, options = _sentences(tokens)
    return Prepared(text, key_of(tokens, text), sentences, options)


def _sentences(tokens: list[Token]) -> tuple[tuple[Sentence, ...], frozenset[Sentence]]:
    """The sentences of a text, and those of them that are options."""
    found: list[Sentence] = []
    options: set[Sentence] = set()
    start = 0
    for place, token in enumerate([*tokens, OPTION_BREAK]):
        if token.kind is not Kind.BREAK:
            continue
        if place > start:
            found.append(tuple(tokens[start:place]))
            if start and tokens[start - 1] is OPTION_BREAK:
                options.add(found[-1])
        start = place + 1
    return tuple(found), frozenset(options)


def is_label(sentence: Sentence) -> bool:
    """Whether a sentence only labels what follows: Q, or Exercise 7."""
    if len(sentence) == 1:
        return sentence[0].kind is Kind.LETTER and sentence[0].text in _QUESTION_AND_ANSWER
    return len(sentence) == 2 and sentence[1].kind is Kind.NUMBER and sentence[0].text in _NUMBERED


def is_wrapping(sentence: Sentence) -> bool:
    """Whether a sentence is said around questions by habit and asks nothing itself."""
    return all(asks(token) for token in sentence)


def asks(token: Token) -> bool:
    """Whether a word only asks, or carries a sentence."""
    return token.kind in SAY_LITTLE or (token.kind is Kind.CONTENT and token.stem in _WRAPPING)
