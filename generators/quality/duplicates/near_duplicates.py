"""Whether a question asks the same as an earlier one: values decide, not similarity.

Questions from templates are alike in almost every word and ask different things; one with its sentences
exchanged and a slip of the pen is less alike and asks the same. So what decides are numbers, symbols,
negation and words without a counterpart; overlap of words only tells what is worth a look. The first rule
that applies decides.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from generators.quality.duplicates.counterparts import meant, stand_against
from generators.quality.duplicates.prepared import Prepared, Sentence, asks
from generators.quality.duplicates.sentences import (
    exchanged_words,
    in_order_of,
    in_other_order,
    without_counterpart,
)
from generators.quality.duplicates.steps import steps_in_other_order
from generators.quality.text.slips import is_exchange
from generators.quality.text.tokens import tokens_of
from generators.quality.text.words import VALUES, Kind, Token

RULE = "near-duplicates@3"
LEAST_OVERLAP = 0.70
LEAST_BEFORE_SLIPS = 0.40
"""Minimum of the overlap before words are compared letter by letter, which may raise it."""


FEW_STEMS = 6
"""Questions with so few content words are compared letter by letter whatever they share."""


class RelationKind(StrEnum):
    """How a question is related to an earlier one."""

    SAME = "same"
    DUPLICATE = "duplicate"
    VARIANT = "variant"
    NONE = "none"


class DecidedBy(StrEnum):
    """The part of the rule that decided."""

    SAME = "same"
    OVERLAP = "overlap"
    VALUES = "values"
    POLARITY = "polarity"
    WORDS = "words"
    CONCEPTS = "concepts"
    SENTENCES = "sentences"
    NOTHING_DIFFERS = "nothing differs"


@dataclass(frozen=True)
class Relation:
    """What the rule says about two questions; `differs` names what does, such as "5 against 3"."""

    kind: RelationKind
    score: float
    """Overlap of content words, 0 to 1: max(J, (C + J) / 2); J by Jaccard, C as a part of the smaller."""
    rule: DecidedBy
    differs: str = ""


def relation(
    later: Prepared,
    earlier: Prepared,
    concepts_of_later: Collection[str] = (),
    concepts_of_earlier: Collection[str] = (),
) -> Relation:
    """How the later question is related to the earlier one; the names of the concepts they cover decide, too.

    Symmetric but for the order in `differs`.
    """
    if later.key == earlier.key:
        return Relation(RelationKind.SAME, 1.0, DecidedBy.SAME)
    score = _overlap_of(later, earlier)
    if score < LEAST_BEFORE_SLIPS and min(len(later.stems), len(earlier.stems)) > FEW_STEMS:
        return Relation(RelationKind.NONE, score, DecidedBy.OVERLAP)
    pair = _Pair.of(later, earlier)
    if score < LEAST_OVERLAP and (score := _overlap_of(pair.later, pair.earlier)) < LEAST_OVERLAP:
        return Relation(RelationKind.NONE, score, DecidedBy.OVERLAP)
    for decided_by, differs in (
        (DecidedBy.VALUES, pair.values_differ),
        (DecidedBy.POLARITY, pair.polarity_differs),
        (DecidedBy.WORDS, pair.words_differ),
        (DecidedBy.CONCEPTS, lambda: pair.concepts_differ(concepts_of_later, concepts_of_earlier)),
        (DecidedBy.SENTENCES, pair.sentences_differ),
    ):
        if found := differs():
            return Relation(RelationKind.VARIANT, score, decided_by, found)
    return Relation(RelationKind.DUPLICATE, score, DecidedBy.NOTHING_DIFFERS)


def _overlap_of(later: Prepared, earlier: Prepared) -> float:
    if later.stems and earlier.stems:
        return overlap(later.stems, earlier.stems)
    return overlap(later.all_stems, earlier.all_stems)  # A formula says little in words.


def overlap(one: frozenset[str], other: frozenset[str]) -> float:
    """The overlap of two sets of stems, from 0 to 1; 1 for two empty ones."""
    if not one or not other:
        return float(one == other)
    common = len(one & other)
    jaccard = common / (len(one) + len(other) - common)
    contained = common / min(len(one), len(other))
    return max(jaccard, (contained + jaccard) / 2)


@dataclass(frozen=True)
class _Pair:
    """Two questions with slips of the pen mended by what the other says, and what only one of them has."""

    later: Prepared
    earlier: Prepared
    written_later: list[Token]
    """The words that only the later one has, as written."""
    written_earlier: list[Token]
    beyond_later: list[Token]
    """The words that only the later one has, once slips are mended."""
    beyond_earlier: list[Token]

    @classmethod
    def of(cls, later: Prepared, earlier: Prepared) -> "_Pair":
        excess, other_excess = _excess(later, earlier), _excess(earlier, later)

        def may_slip(one: str, other: str) -> bool:
            exact = later.exact | earlier.exact
            return one not in exact or other not in exact or is_exchange(one, other)

        by_later = meant(excess, other_excess, earlier.counts, may_slip)
        mended = later.with_meant(by_later)
        by_earlier = meant(_excess(earlier, mended), _excess(mended, earlier), mended.counts, may_slip)
        other = earlier.with_meant(by_earlier)
        return cls(mended, other, excess, other_excess, _excess(mended, other), _excess(other, mended))

    @cached_property
    def ordered(self) -> list[Sentence]:
        """The sentences of the earlier one in the order of their counterparts in the later one."""
        return in_order_of(self.later.core, self.earlier.core)

    def values_differ(self) -> str:
        later, earlier = self.later.values, self.earlier.values
        if later == earlier:
            return ""
        options = self.later.options | self.earlier.options
        only_later, only_earlier = Counter(later) - Counter(earlier), Counter(earlier) - Counter(later)
        if only_later or only_earlier:
            return _against(only_later.elements(), only_earlier.elements())
        if later == tuple(token for sentence in self.ordered for token in sentence if token.kind in VALUES):
            return in_other_order(self.later.core, self.earlier.core, options)
        return "the places of " + ", ".join(dict.fromkeys(token.text for token in later))

    def polarity_differs(self) -> str:
        if found := stand_against(self.written_later, self.written_earlier):
            return f"{found[0]} against {found[1]}"
        later, earlier = _negated(self.later), _negated(self.earlier)
        only_later, only_earlier = _beyond(later, earlier), _beyond(earlier, later)
        if not only_later and not only_earlier:
            return ""
        return f"{_quoted(only_later)} against {_quoted(only_earlier)}"

    def words_differ(self) -> str:
        later = [token for token in self.beyond_later if token.kind is Kind.CONTENT]
        earlier = [token for token in self.beyond_earlier if token.kind is Kind.CONTENT]
        if later and not earlier:
            later = [token for token in later if token.stem not in self.later.ending]
        elif earlier and not later:
            earlier = [token for token in earlier if token.stem not in self.earlier.ending]
        if later or earlier:
            return _against(later, earlier)
        if self.asking_differs():
            return _against(self.beyond_later, self.beyond_earlier)
        return self.shares_differ() or exchanged_words(self.later.core, self.ordered)

    def asking_differs(self) -> bool:
        """Whether each asks in words of its own: "show" against "give"."""
        return all(
            any(token.kind is Kind.LIGHT for token in side)
            for side in (self.beyond_later, self.beyond_earlier)
        )

    def shares_differ(self) -> str:
        """Whether only one says that a number holds for each: friends paid 20, friends each paid 20."""
        later, earlier = _distributive(self.later), _distributive(self.earlier)
        if len(later) == len(earlier):
            return ""
        # "An hour" says what "per hour" says.
        if len(later) + _articles(self.later) == len(earlier) + _articles(self.earlier):
            return ""
        return _against(later, earlier)

    def concepts_differ(self, of_later: Collection[str], of_earlier: Collection[str]) -> str:
        if set(of_later) == set(of_earlier):
            return ""
        later, earlier = _stems_of(of_later), _stems_of(of_earlier)
        only_later = [token for token in self.written_later if token.stem in later - earlier]
        only_earlier = [token for token in self.written_earlier if token.stem in earlier - later]
        return _against(only_later, only_earlier) if only_later or only_earlier else ""

    def sentences_differ(self) -> str:
        aside = {token.stem for token in (*self.beyond_later, *self.beyond_earlier)}
        for one, other in ((self.later, self.earlier), (self.earlier, self.later)):
            if found := without_counterpart(one.core, other.core, aside):
                return "a sentence: " + " ".join(token.text for token in found)
        options = self.later.options | self.earlier.options
        return steps_in_other_order(self.ordered, self.earlier.core, options)


def _excess(one: Prepared, other: Prepared) -> list[Token]:
    """The words of a text whose stems the other has not."""
    others = {token.stem for token in other.counts}
    return [token for token in one.counts if token.stem not in others]


_DISTRIBUTIVE = frozenset(("each", "every", "per", "apiece"))


def _distributive(prepared: Prepared) -> list[Token]:
    """What says in a text with numbers that they hold for each of several; "each step" is none of it."""
    if not any(token.kind is Kind.NUMBER for token in prepared.values):
        return []
    return [
        token
        for sentence in prepared.core
        for place, token in enumerate(sentence)
        if token.text in _DISTRIBUTIVE
        and not any(map(_is_of_asking, sentence[max(place - 1, 0) : place + 2]))
    ]


def _is_of_asking(token: Token) -> bool:
    return token.kind is not Kind.FUNCTION and asks(token)


def _articles(prepared: Prepared) -> int:
    return sum(token.text in ("a", "an") and token.kind is Kind.FUNCTION for token in prepared.tokens)


def _negated(prepared: Prepared) -> list[tuple[str, Token]]:
    """Each negation with the word that it stands before in its sentence."""
    found: list[tuple[str, Token]] = []
    for sentence in prepared.core:
        waiting: list[str] = []
        # Why doesn't oil mix: what stands behind the verb is denied, and not what "not" stands before.
        until = _end_of_subject(sentence)
        for place, token in enumerate(sentence):
            if token.kind is Kind.NEGATION:
                waiting.append(token.stem)
            elif place >= until and waiting and _is_denied(token):
                found += [(negation, token) for negation in waiting]
                waiting = []
        found += [(negation, _NOTHING) for negation in waiting]
    return found


def _is_denied(token: Token) -> bool:
    return token.kind is Kind.NUMBER or (token.kind is Kind.CONTENT and not asks(token))


def _end_of_subject(sentence: Sentence) -> int:
    """Where the subject of a question that begins with a negated auxiliary ends; 0 for any other sentence."""
    start = 1 if sentence[0].text in _BEFORE_AUXILIARY else 0
    if len(sentence) < start + 2 or sentence[start + 1].kind is not Kind.NEGATION:
        return 0
    # "Do not" at the beginning tells the reader what to leave.
    if sentence[start].text not in _AUXILIARIES and not (start and sentence[start].text == "do"):
        return 0
    subject = next(
        (place for place in range(start + 2, len(sentence)) if sentence[place].text not in _DETERMINERS), 0
    )
    return subject + 1


_BEFORE_AUXILIARY = ("why", "how")
_AUXILIARIES = frozenset(
    (
        "is", "are", "was", "were", "does", "did", "has", "have", "had", "can", "could", "will", "would",
        "shall", "should", "may", "might", "must",
    )
)  # fmt: skip
_DETERMINERS = frozenset(("the", "a", "an", "this", "that", "these", "those", "its", "his", "her", "their"))
_NOTHING = Token(Kind.CONTENT, "", "")


def _beyond(one: list[tuple[str, Token]], other: list[tuple[str, Token]]) -> list[tuple[str, Token]]:
    left = Counter((negation, token.stem) for negation, token in other)
    found: list[tuple[str, Token]] = []
    for negation, token in one:
        left[negation, token.stem] -= 1
        if left[negation, token.stem] < 0:
            found.append((negation, token))
    return found


def _stems_of(names: Collection[str]) -> frozenset[str]:
    return frozenset(
        token.stem for name in names for token in tokens_of(name) if token.kind in (Kind.CONTENT, Kind.LIGHT)
    )


_LONGEST_LIST = 6


def _against(later: Iterator[Token] | list[Token], earlier: Iterator[Token] | list[Token]) -> str:
    return f"{_listed(later)} against {_listed(earlier)}"


def _listed(tokens: Iterator[Token] | list[Token]) -> str:
    texts = list(dict.fromkeys(token.text for token in tokens))
    return " ".join(texts[:_LONGEST_LIST]) + (" ..." if len(texts) > _LONGEST_LIST else "") or "nothing"


def _quoted(negated: list[tuple[str, Token]]) -> str:
    return ", ".join(f"{negation} {token.text}".strip() for negation, token in negated[:3]) or "nothing"
