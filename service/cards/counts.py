"""Counts what a release has pinned, part by part, in memory that does not grow with the release."""

import re
from collections import Counter
from collections.abc import Iterable

from generators.quality.diversity import Sample
from generators.quality.rules import personal_data
from graph.database import Row
from graph.instructions.facts import UNKNOWN, Facts

MOST_VALUES = 2_000
"""Different values of one column that are counted apart; there may be any number of personas."""
OTHERS = "others"
TEXT_RULES = "text-rules"
"""The kind of the rules for texts, of jobs and of checks."""
PAIRING = {
    "consensus": "it ends in another short final answer than the ones that agree",
    "refinement": "a judge found it worse than the kept one, whichever of the two was shown first",
}
"""What makes an answer the rejected one of two, by the kind of check that found it."""


class Column:
    """Counts the values of a column; from a certain number on, new ones are counted together."""

    def __init__(self) -> None:
        self.counts = Counter[str]()

    def take(self, values: Iterable[str | None]) -> None:
        """Counts some values."""
        for value, count in Counter(UNKNOWN if v is None else v for v in values).items():
            full = len(self.counts) >= MOST_VALUES and value not in self.counts
            self.counts[OTHERS if full else value] += count

    def ranked(self) -> list[tuple[str, int]]:
        """Values and counts, the most frequent first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))


class Counts:
    """What is counted of a release."""

    def __init__(self) -> None:
        self.lines = 0
        self.recorded = 0
        """Lines of which more than the line was pinned."""
        self.files = Counter[tuple[str, str]]()
        """Lines by field and split."""
        self.pair_files = Counter[tuple[str, str]]()
        """Of these, those with a rejected answer."""
        self.pairs = 0
        self.pairs_by = Counter[str]()
        """By the kind of check that told the answers apart, as far as it is recorded."""
        self.columns = {
            name: Column()
            for name in (
                *("field", "discipline", "stratum", "language", "question_model", "answer_model"),
                *("question_prompt", "answer_prompt", "dials", "checked", "flags", "kind_of_check"),
            )
        }
        self.unchecked = 0
        self.personal = Counter[str]()
        self.with_personal = 0
        self.calls = self.tokens = 0
        self.usd = 0.0
        self.unpriced = 0
        self.characters = Counter[str]()
        self.first: str | None = None
        self.last: str | None = None
        self.questions = Sample()

    def take(self, rows: list[Row], facts: Facts | None) -> None:
        """Takes a part of a release into account."""
        self.lines += len(rows)
        for row in rows:
            self._take_use(row)
            self._take_texts(row)
        columns = self.columns
        columns["stratum"].take(f"{row['strategy']}:{len(row['concepts'])}" for row in rows)
        columns["language"].take(row["language"] for row in rows)
        for step in ("question", "answer"):
            columns[f"{step}_model"].take(row["models"][step] for row in rows)
        paired = [row.get("rejected_answer") is not None for row in rows]
        self.pairs += sum(paired)
        if facts:
            self._take_facts(facts)
            self._take_pairs(paired, facts)

    def _take_use(self, row: Row) -> None:
        self.calls += row["usage"]["calls"]
        for step in ("question", "answer"):
            self.tokens += sum(row["usage"][step].values())
        self.usd += row["cost_usd"] or 0.0
        self.unpriced += row["cost_usd"] is None
        self.first = min(self.first or row["created_at"], row["created_at"])
        self.last = max(self.last or row["created_at"], row["created_at"])

    def _take_texts(self, row: Row) -> None:
        self.questions.add(row["id"], row["question"] or "")
        kinds: set[str] = set()
        for part in ("question", "answer", "rejected_answer"):
            text = row.get(part) or ""
            self.characters[part] += len(text)
            kinds |= {str(finding.kind) for finding in personal_data.found(text)}
        self.personal.update(kinds)
        self.with_personal += bool(kinds)

    def _take_facts(self, facts: Facts) -> None:
        columns = self.columns
        self.recorded += len(facts["field"])
        fields = [UNKNOWN if field is None else field for field in facts["field"]]
        self.files.update(zip(fields, [split or "train" for split in facts["split"]], strict=True))
        columns["field"].take(fields)
        columns["discipline"].take(facts["discipline"])
        columns["question_prompt"].take(_prompt(*pair) for pair in facts["question_prompt"])
        columns["answer_prompt"].take(_prompt(*pair) for pair in facts["answer_prompt"])
        columns["dials"].take(label for labels in facts["dials"] for label in labels or ())
        columns["checked"].take(rule for rules in facts["checked"] for rule in set(rules or ()))
        columns["flags"].take(rule for rules in facts.get("flags", ()) for rule in set(rules or ()))
        kinds = ({kind_of(rule) for rule in rules or ()} for rules in facts["checked"])
        columns["kind_of_check"].take(kind for some in kinds for kind in some)
        self.unchecked += sum(not rules for rules in facts["checked"])

    def _take_pairs(self, paired: list[bool], facts: Facts) -> None:
        of = zip(paired, facts["field"], facts["split"], facts["checked"], strict=True)
        for field, split, rules in ((field, split, rules) for pair, field, split, rules in of if pair):
            self.pair_files[UNKNOWN if field is None else field, split or "train"] += 1
            self.pairs_by.update({kind_of(rule) for rule in rules or ()} & PAIRING.keys())


def kind_of(rule: str) -> str:
    """What a rule is about: its id up to the version; all rules for texts are of one kind."""
    kind = re.split("[@:/]", rule)[0]
    return TEXT_RULES if kind in ("question-rules", "answer-rules") else kind


def _prompt(version: str | None, hash_: str | None) -> str | None:
    """A prompt as a card names it, such as questions@2 (sha 1f2e3d)."""
    if version is None:
        return hash_
    return f"{version} ({hash_})" if hash_ else version
