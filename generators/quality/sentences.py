"""Sentences of one question and their counterparts in another, in whatever order they stand."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from generators.quality.tokens import Kind, Token

Sentence = tuple[Token, ...]

MOST_PAIRS = 4_000
"""Maximum number of pairs of sentences that are compared; longer texts are read in their own order."""
MOST_ALIGNED = 2_000
"""Maximum number of tokens between what two texts begin and end with alike that are aligned."""
LEAST_IN_COUNTERPART = 0.5
_HEAVY = (Kind.CONTENT, Kind.NUMBER, Kind.NEGATION, Kind.NAME)
_JOINING = frozenset(("and", "or"))


def in_order_of(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> list[Sentence]:
    """The sentences of the other text in the order of their counterparts here."""
    if len(sentences) * len(others) > MOST_PAIRS or len(others) < 2:
        return list(others)
    left = list(enumerate(others))
    stems = [frozenset(token.stem for token in other) for other in others]
    placed: list[list[Sentence]] = [[] for _ in sentences]
    own = [frozenset(token.stem for token in sentence) for sentence in sentences]
    for place, other in left:
        shares = [_share(stems[place], mine) - len(placed[at]) * 1e-6 for at, mine in enumerate(own)]
        placed[max(range(len(own)), key=shares.__getitem__)].append(other)
    return [other for group in placed for other in group]


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / (len(one | other) or 1)


def without_counterpart(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> Sentence | None:
    """A sentence with something to say of which no sentence of the other text says half."""
    if len(sentences) * len(others) > MOST_PAIRS:
        return None
    contents = [_content(other) for other in others]
    for sentence in sentences:
        content = _content(sentence)
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


def moved_words(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> str:
    """Which words have changed places, such as "cats and dogs"; empty if none have.

    Words on both sides of "and" may; what moves without leaving its place to another (Shakespeare's Macbeth,
    Macbeth by Shakespeare) has not changed places.
    """
    later = [token for sentence in sentences for token in sentence]
    earlier = [token for sentence in in_order_of(sentences, others) for token in sentence]
    stems, other_stems = [token.stem for token in later], [token.stem for token in earlier]
    if stems == other_stems:
        return ""
    start = _same_start(stems, other_stems)
    end = _same_start(stems[start:][::-1], other_stems[start:][::-1])
    later, earlier = later[start : len(later) - end], earlier[start : len(earlier) - end]
    if max(len(later), len(earlier)) > MOST_ALIGNED:
        return ""
    return _exchanged(_replacements(later, earlier))


def _same_start(one: Sequence[str], other: Sequence[str]) -> int:
    for place, (stem, other_stem) in enumerate(zip(one, other, strict=False)):
        if stem != other_stem:
            return place
    return min(len(one), len(other))


def _replacements(later: list[Token], earlier: list[Token]) -> list[tuple[list[Token], list[Token], str]]:
    """What stands in place of what, with the word that follows."""
    stems = [token.stem for token in later]
    found: list[tuple[list[Token], list[Token], str]] = []
    continues = False
    for step in Levenshtein.opcodes(stems, [token.stem for token in earlier]):
        if step.tag == "equal":
            continues = False
            continue
        gone, come = later[step.src_start : step.src_end], earlier[step.dest_start : step.dest_end]
        if continues:
            before = found.pop()
            gone, come = before[0] + gone, before[1] + come
        found.append((gone, come, " ".join(stems[step.src_end : step.src_end + 1])))
        continues = True
    return found


def _exchanged(replacements: list[tuple[list[Token], list[Token], str]]) -> str:
    for place, (gone, come, following) in enumerate(replacements):
        gone_stems, come_stems = _heavy(gone), _heavy(come)
        for later_gone, later_come, _ in replacements[place + 1 :]:
            back, forth = gone_stems & _heavy(later_come), come_stems & _heavy(later_gone)
            if back and forth and following not in _JOINING:
                return f"the places of {' '.join(sorted(back))} and {' '.join(sorted(forth))}"
    return ""


def _heavy(tokens: list[Token]) -> frozenset[str]:
    return frozenset([token.stem for token in tokens if token.kind in _HEAVY])
