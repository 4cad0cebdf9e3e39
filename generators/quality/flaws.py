"""What a rule finds in a text: the flaw, where it stands, and whether the sign is sure.

Only a reader can tell for certain. A sure sign refuses a text if asking again has not helped, any other only
causes it to be asked for again, and a flag does neither.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from graph.reasons import Reason

WORD = re.compile(r"\w+")
# Scripts without spaces between words: two characters count as a word.
DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# The full stop of "Fig. 2" ends none.
SENTENCE_END = re.compile(
    r"[.?!。？！؟](?=\s|$|[^\x00-\x7f])(?<!\b[Ff]ig\.)(?<!\b[Aa]bb\.)(?<!\b[Tt]ab\.)|\n"
)
CODE_BLOCK = re.compile(r"```.*?(?:```|\Z)|`[^`\n]{1,200}`", re.DOTALL)


class Flaw(NamedTuple):
    """What is wrong with a text, for the model and for the record."""

    rule: str
    """The id of the rule, such as `question.self_contained@3`."""
    reason: Reason | None
    """Why the text would be refused; None for a flag, which never refuses."""
    problem: str
    """A sentence for the model, without its full stop."""
    span: tuple[int, int]
    """Where it stands: the first character, and the one after the last."""
    sure: bool


@dataclass(frozen=True)
class Case:
    """A text to be examined, and what is known of it."""

    text: str
    question: str = ""
    """Of an answer: what it answers."""
    topic: str = ""
    """What the text is about."""
    language: str | None = None
    """Its code (en, de, zh, ...); None if it is not known: the word lists of all languages are used."""

    @cached_property
    def plain(self) -> str:
        """The text in lower case, for looking up words before patterns are tried."""
        return self.text.lower()

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Where the sentences stand, each with the end of the one before it."""
        if len(self.plain) != len(self.text):
            return [(0, len(self.text))]
        ends = [found.end() for found in SENTENCE_END.finditer(self.text)]
        if not ends or ends[-1] < len(self.text):
            ends.append(len(self.text))
        return [(max(0, start - 2), end) for start, end in zip([0, *ends], ends, strict=False)]

    def matches(
        self, words: Sequence[str], pattern: re.Pattern[str], likely: re.Pattern[str] | None = None
    ) -> Iterator[re.Match[str]]:
        """The matches of a pattern in the sentences that have one of the words; most have none.

        `likely`: a pattern without which it does not match a sentence either, for the text in lower case.
        """
        if has_any(self.plain, words):
            for start, end in self.sentences:
                if has_any(self.plain[start:end], words) and (
                    likely is None
                    or len(self.plain) != len(self.text)
                    or likely.search(self.plain, start, end)
                ):
                    yield from pattern.finditer(self.text, start, end)

    @cached_property
    def prose(self) -> str:
        """The text with blanks in place of code, so that places in it are the text's."""
        if "`" not in self.text:
            return self.text
        return CODE_BLOCK.sub(lambda found: " " * len(found[0]), self.text)


@dataclass(frozen=True)
class Rule:
    """A pure function with an id, which changes whenever the rule finds other things."""

    id: str
    look: Callable[[Case], Flaw | None]
    known_languages: frozenset[str] | None = None
    """Codes of the languages that the rule has words for; None: it does without words."""

    def knows(self, language: str | None) -> bool:
        """Whether the rule can tell in this language; if not, that it finds nothing says nothing."""
        return self.known_languages is None or language in self.known_languages


class Findings(NamedTuple):
    """What all rules say of a text."""

    flaws: tuple[Flaw, ...]
    """Sure ones first."""
    flags: tuple[Flaw, ...]
    unknown: tuple[str, ...]
    """Ids of the rules that do not know the language."""

    @property
    def worst(self) -> Flaw | None:
        """The first sure flaw, else the first one, if any."""
        return self.flaws[0] if self.flaws else None

    @property
    def flagged(self) -> list[str]:
        """Ids of the rules that found something in a text that is kept all the same."""
        return [flaw.rule for flaw in (*self.flaws, *self.flags)]


def examine(rules: Iterable[Rule], case: Case) -> Findings:
    """What the rules find in a text."""
    found = [flaw for rule in rules if (flaw := rule.look(case))]
    flaws = sorted((flaw for flaw in found if flaw.reason), key=lambda flaw: not flaw.sure)
    flags = tuple(flaw for flaw in found if not flaw.reason)
    return Findings(tuple(flaws), flags, tuple(rule.id for rule in rules if not rule.knows(case.language)))


def any_of(*patterns: str) -> re.Pattern[str]:
    """A pattern that matches what any of these does, in upper or lower case."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def has_any(text: str, words: Iterable[str]) -> bool:
    """Whether any of the words stands in a text."""
    # A loop takes half the time of any().
    for word in words:  # noqa: SIM110
        if word in text:
            return True
    return False


def length(text: str) -> int:
    """The number of words of a text."""
    dense = len(DENSE.findall(text))
    return len(WORD.findall(DENSE.sub(" ", text))) + dense // 2 if dense else len(WORD.findall(text))


def quoted(text: str, found: re.Match[str]) -> str:
    """The words found, on one line, for a sentence about them."""
    return " ".join(text[found.start() : found.end()].split())[:80]
