"""Sentences of one question and their counterparts in another, in whatever order they stand."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein, Opcodes

from generators.quality.text.slips import is_slip
from generators.quality.text.word_lists import first_of_each, opposites
from generators.quality.text.words import VALUES, Kind, Token

Sentence = tuple[Token, ...]

MOST_PAIRS = 4_000
"""Maximum number of pairs of sentences that are compared; longer texts are read in their own order."""
MOST_ALIGNED = 2_000
"""Maximum number of tokens that are aligned, after what two texts begin and end with alike."""
LEAST_IN_COUNTERPART = 0.5
TAKEN = 0.3
"""How much less a sentence is thought a counterpart for each sentence that has it already."""
_HEAVY = (Kind.CONTENT, Kind.NUMBER, Kind.NEGATION, Kind.NAME, Kind.LETTER)
_OPPOSITES = opposites()
_ARTICLE_OR_LETTER = "a"
_JOINING = (("and",), ("or",))
_SMALL = first_of_each("small_words")
"""From each small word that decides to the one that stands for its like."""


def in_order_of(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> list[Sentence]:
    """The sentences of the other text in the order of their counterparts here."""
    if len(sentences) * len(others) > MOST_PAIRS or len(others) < 2:
        return list(others)
    own = [frozenset(token.stem for token in sentence) for sentence in sentences]
    same = {sentence: place for place, sentence in reversed(list(enumerate(sentences)))}
    placed: list[list[Sentence]] = [[] for _ in sentences]
    for other in others:
        at = same.get(other, -1)
        if at < 0 or placed[at]:
            stems = frozenset(token.stem for token in other)
            shares = [_share(stems, mine) - len(placed[place]) * TAKEN for place, mine in enumerate(own)]
            at = max(range(len(own)), key=shares.__getitem__)
        placed[at].append(other)
    return [other for group in placed for other in group]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def without_counterpart(
    sentences: Sequence[Sentence], others: Sequence[Sentence], slips: Collection[str]
) -> Sentence | None:
    """A sentence with something to say of which no sentence of the other text says half, slips aside."""
    if len(sentences) * len(others) > MOST_PAIRS:
        return None
    contents = [_content(other) for other in others]
    for sentence in sentences:
        content = _content(sentence).difference(slips)
        if len(content) < 2:
            continue
        shared = max(
            (len(content & other) / min(len(content), len(other)) for other in contents if other), default=0
        )
        if shared < LEAST_IN_COUNTERPART:
            return sentence
    return None


def _content(sentence: Sentence) -> frozenset[str]:
    return frozenset([token.stem for token in sentence if token.kind is Kind.CONTENT])


def exchanged_words(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> str:
    """Words in place of others though both texts have both, such as "cats against dogs"; else empty.

    `others`: the sentences of the other text in the order of their counterparts. Words on both sides of "and"
    may change places; what moves without another in its place (Shakespeare's Macbeth, Macbeth by Shakespeare)
    has not been exchanged, unless the two are neighbours: chocolate milk is not milk chocolate.
    """
    later = [token for sentence in sentences for token in sentence]
    earlier = [token for sentence in others for token in sentence]
    stems, other_stems = [token.stem for token in later], [token.stem for token in earlier]
    if stems == other_stems:
        return ""
    if found := _neighbours_exchanged(later, earlier):
        return found
    start = _same_start(stems, other_stems)
    end = _same_start(stems[start:][::-1], other_stems[start:][::-1])
    later, earlier = later[start : len(later) - end], earlier[start : len(earlier) - end]
    if max(len(later), len(earlier)) > MOST_ALIGNED:
        return "the order of many words"
    steps = Levenshtein.opcodes([token.stem for token in later], [token.stem for token in earlier])
    return _small_for_another(steps, later, earlier) or _exchanged(_replacements(steps, later, earlier))


def _neighbours_exchanged(later: Sequence[Token], earlier: Sequence[Token]) -> str:
    """Two words beside each other that stand in the other order in the other text: society for company."""
    pairs, others = _neighbours(later), _neighbours(earlier)
    for (first, second), count in pairs.items():
        turned = second, first
        if first != second and count > others[first, second] and others[turned] > pairs[turned]:
            return f"{first} {second} against {second} {first}"
    return ""


def _neighbours(tokens: Sequence[Token]) -> Counter[tuple[str, str]]:
    """How often content words stand beside each other in this order, but for adverbs and what is listed."""
    found: Counter[tuple[str, str]] = Counter()
    listed = False
    after = _NOTHING
    for token in reversed(tokens):
        if token.kind is Kind.CONTENT and after.kind is Kind.CONTENT:
            if not listed and not token.text.endswith(_ADVERB) and not after.text.endswith(_ADVERB):
                found[token.stem, after.stem] += 1
        else:
            # Iron, copper and zinc: what stands before "and" may be one of several things.
            listed = token.kind is Kind.CONTENT and (after.text,) in _JOINING
        after = token
    return found


_NOTHING = Token(Kind.BREAK, "", "")
_ADVERB = "ly"


def _small_for_another(steps: Opcodes, later: Sequence[Token], earlier: Sequence[Token]) -> str:
    """A small word that decides in place of one that says otherwise: reduced by 10, reduced to 10."""
    for step in steps:
        if step.tag == "replace" and step.src_end - step.src_start == 1:
            one, other = later[step.src_start].text, earlier[step.dest_start].text
            if one in _SMALL and other in _SMALL and _SMALL[one] != _SMALL[other]:
                return f"{one} against {other}"
    return ""


def _same_start(one: Sequence[str], other: Sequence[str]) -> int:
    for place, (stem, other_stem) in enumerate(zip(one, other, strict=False)):
        if stem != other_stem:
            return place
    return min(len(one), len(other))


@dataclass(frozen=True)
class _Replacement:
    """What stands in place of what, and the words between it and the next replacement."""

    gone: dict[str, str]
    come: dict[str, str]
    followed_by: tuple[str, ...]


def _replacements(steps: Opcodes, later: Sequence[Token], earlier: Sequence[Token]) -> list[_Replacement]:
    found: list[_Replacement] = []
    gone: list[Token] = []
    come: list[Token] = []
    for step in steps:
        if step.tag != "equal":
            gone += later[step.src_start : step.src_end]
            come += earlier[step.dest_start : step.dest_end]
        elif gone or come:
            same = tuple([token.stem for token in later[step.src_start : step.src_end]])
            found.append(_Replacement(_heavy(gone), _heavy(come), same))
            gone, come = [], []
    return [*found, _Replacement(_heavy(gone), _heavy(come), ())]


def _exchanged(replacements: list[_Replacement]) -> str:
    skipped = -1
    for place, here in enumerate(replacements):
        if place == skipped:
            continue
        if here.followed_by in _JOINING and place + 1 < len(replacements):
            there = replacements[place + 1]
            if there.gone.keys() == here.come.keys() and there.come.keys() == here.gone.keys():
                skipped = place + 1
                continue
        if found := _against(here.gone, here.come):
            return found
    return ""


def _against(gone: dict[str, str], come: dict[str, str]) -> str:
    """The words of each side that the other has not, if both have some that are not slips of each other."""
    only_gone = [word for stem, word in gone.items() if stem not in come]
    only_come = [word for stem, word in come.items() if stem not in gone]
    left = [word for word in only_gone if not any(is_slip(word, other) for other in only_come)]
    come_left = [word for word in only_come if not any(is_slip(word, other) for other in only_gone)]
    return f"{' '.join(left)} against {' '.join(come_left)}" if left and come_left else ""


def _heavy(tokens: list[Token]) -> dict[str, str]:
    return {
        token.stem: token.text
        for token in tokens
        if token.kind in _HEAVY or token.text in _OPPOSITES or token.text == _ARTICLE_OR_LETTER
    }


def in_other_order(
    sentences: Sequence[Sentence], others: Sequence[Sentence], options: Collection[Sentence]
) -> str:
    """The values of a sentence that stands several times, if their order differs: take 2 steps, take 6."""
    own, their = _values_by_words(sentences, options), _values_by_words(others, options)
    for said, values in own.items():
        if len(values) > 1 and values != their.get(said, values):
            return "the order of " + ", ".join(dict.fromkeys(" ".join(value) for value in values))
    return ""


def _values_by_words(
    sentences: Sequence[Sentence], options: Collection[Sentence]
) -> dict[tuple[str, ...], list[tuple[str, ...]]]:
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for sentence in sentences:
        said = tuple([token.stem for token in sentence if token.kind not in VALUES])
        if said and sentence not in options:
            values = tuple([token.text for token in sentence if token.kind in VALUES])
            found.setdefault(said, []).append(values)
    return found
