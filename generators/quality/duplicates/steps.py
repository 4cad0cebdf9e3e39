"""Sentences that tell steps: in another order they tell something else."""

from collections.abc import Collection, Sequence

from generators.quality.text.word_lists import word_set
from generators.quality.text.words import Kind, Token, stem_of

Sentence = tuple[Token, ...]

_STEP_STEMS = frozenset(map(stem_of, word_set("step_verbs")))
_ORDERING = frozenset(("then", "next", "again", "afterwards", "finally"))
_POINTING_BACK = frozenset(("it", "them", "result"))
_ASKING = frozenset(("what", "which", "who", "whom", "whose", "how", "why", "where"))
_ASKING_VERBS = (
    "explain", "calculate", "find", "write", "give", "state", "show", "discuss", "compare", "name", "derive",
    "design", "evaluate", "solve", "list", "outline",
)  # fmt: skip
_ASKING_STEMS = frozenset(map(stem_of, _ASKING_VERBS))


def steps_in_other_order(
    sentences: Sequence[Sentence], others: Sequence[Sentence], options: Collection[Sentence]
) -> str:
    """The steps that change places between a text and its sentences in another text's order; else empty.

    Where what is asked has moved as well, sentences were shuffled and no steps exchanged.
    """
    pairs = list(zip(sentences, others, strict=True))
    moved = [one for one, other in pairs if one != other]
    if not moved or any(_asks(one) != _asks(other) for one, other in pairs):
        return ""
    steps = [one for one in moved if not _asks(one) and one not in options]
    if any(_follows(one) or _is_step(one, steps) for one in steps):
        return "the order of: " + " ".join(token.text for token in steps[0])
    return ""


def _asks(sentence: Sentence) -> bool:
    return any(token.text in _ASKING or token.stem in _ASKING_STEMS for token in sentence)


def _follows(sentence: Sentence) -> bool:
    """Whether a sentence tells what is done after another: then, or with what came of it."""
    words = {token.text for token in sentence}
    if not words.isdisjoint(_ORDERING):
        return "if" not in words
    return not words.isdisjoint(_POINTING_BACK) and _has_step(sentence)


def _is_step(sentence: Sentence, moved: Sequence[Sentence]) -> bool:
    """Whether a sentence begins with a verb of a step, or with the word with which another step does."""
    if sentence[0].stem in _STEP_STEMS:
        return True
    subject = _first_content(sentence)
    alike = [one for one in moved if _first_content(one) == subject]
    return len(alike) > 1 and all(map(_has_step, alike))


def _has_step(sentence: Sentence) -> bool:
    return any(token.stem in _STEP_STEMS for token in sentence)


def _first_content(sentence: Sentence) -> str:
    return next((token.stem for token in sentence if token.kind is Kind.CONTENT), "")
