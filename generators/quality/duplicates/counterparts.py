"""Words and their counterparts: the same with a slip of the pen, or the opposite."""

from collections.abc import Callable, Iterable, Sequence

from generators.quality.text.slips import is_slip, is_typed
from generators.quality.text.word_lists import opposites
from generators.quality.text.words import SAY_LITTLE, Token

MOST_COMPARED = 60
"""Maximum number of words per side that are compared letter by letter; with more, texts differ."""

_NEGATING = (
    "un",
    "non",
    "in",
    "im",
    "ir",
    "il",
    "dis",
    "mis",
    "de",
    "anti",
    "counter",
    "under",
    "over",
    "a",
    "an",
)


Meant = dict[str, Token]
"""From words with a slip to what was meant by them."""


def meant(
    one: Sequence[Token], other: Sequence[Token], words: Iterable[Token], may_slip: Callable[[str, str], bool]
) -> Meant:
    """What was meant by those of the words that only one text has which are slips of one of the other's.

    `words`: all words of the other text. `may_slip`: asked of two words that are near to each other. What is
    a word of its own is a slip only in place of one that has little to say (cold for could), or if the other
    text has none left that it may stand for: costs and coats against costs and costs.
    """
    if not one or len(one) > MOST_COMPARED or len(other) > MOST_COMPARED:
        return {}

    def first(token: Token, near: Iterable[Token], is_one: Callable[[Token, Token], bool]) -> Token | None:
        return next((it for it in near if is_one(token, it) and may_slip(token.text, it.text)), None)

    found = {token.text: said for token in one if (said := first(token, other, _is_slip_of))}
    by_ends: dict[tuple[str, str], list[Token]] = {}
    for word in words:
        by_ends.setdefault((word.text[0], word.text[-1]), []).append(word)
    left = [token for token in one if token.text not in found]
    for is_one in (_is_slip_of,) if len(other) > len(found) else (_is_slip_of, _is_typed_for):
        for token in left:
            near = by_ends.get((token.text[0], token.text[-1]), ())
            if token.text not in found and (said := first(token, near, is_one)):
                found[token.text] = said
    return found


def _is_slip_of(one: Token, other: Token) -> bool:
    if is_slip(one.text, other.text):
        return True
    return (one.kind in SAY_LITTLE) != (other.kind in SAY_LITTLE) and is_typed(one.text, other.text)


def _is_typed_for(one: Token, other: Token) -> bool:
    return is_typed(one.text, other.text)


def stand_against(one: Sequence[Token], other: Sequence[Token]) -> tuple[str, str] | None:
    """A word of one side and its opposite on the other."""
    others = {token.text for token in other}
    known = opposites()
    for token in one:
        if against := known.get(token.text):
            for word in others & against:
                return token.text, word
    for token in one:
        for counterpart in other[:MOST_COMPARED]:
            if _is_negated(token.text, counterpart.text) or _is_negated(counterpart.text, token.text):
                return token.text, counterpart.text
    return None


def _is_negated(word: str, base: str) -> bool:
    """Whether a word is another with a negation at its front: unstable, non-linear."""
    if not word.endswith(base[-3:]) or len(word) <= len(base) or len(base) < 3:
        return False
    return word.endswith(base) and word[: -len(base)] in _NEGATING
