"""GLAN's shape as lines for the service's bulk insertion, and texts of instructions.

A discipline has 150 subjects with a syllabus of 20 sessions, and 15,000 concepts, five new ones per session;
every tenth is in the next session too, and every fiftieth in a session of the next subject. The first
discipline is under two fields. Scale 1 is the size of the paper: 126 disciplines, 378,000 sessions, 1.9 M
concepts, ten million instructions.
"""

import json
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

DISCIPLINES = 126
INSTRUCTIONS = 10_000_000
FIELDS = 8
SUBJECTS = 150
SESSIONS = 20
CONCEPTS = 5
WORDS = [
    "motion",
    "balance",
    "growth",
    "symmetry",
    "transport",
    "control",
    "memory",
    "noise",
    "scale",
    "energy",
    "signal",
    "market",
    "culture",
    "protein",
    "theorem",
    "harvest",
    "harbor",
    "vessel",
    "rhythm",
    "grammar",
    "contract",
    "orbit",
    "enzyme",
    "lattice",
    "voting",
    "glacier",
    "alloy",
    "fabric",
    "tariff",
    "syntax",
    "kernel",
    "pigment",
    "ritual",
    "sensor",
    "tissue",
    "weather",
    "archive",
    "canal",
    "melody",
    "pathway",
    "reactor",
    "statute",
]

Item = dict[str, Any]


def disciplines(scale: float) -> int:
    """The number of disciplines at a scale."""
    return max(1, round(DISCIPLINES * scale))


def name(kind: str, number: int) -> str:
    """A name of two words and a number, which full-text search can tell from others."""
    first, second = WORDS[number % len(WORDS)], WORDS[number // len(WORDS) % len(WORDS)]
    return f"{first.capitalize()} and {second}, {kind} {number}"


def lines(items: Iterable[Item]) -> list[bytes]:
    """The lines of items, as they are sent."""
    return [*map(line, items)]


def line(item: Item) -> bytes:
    """The line of an item, as it is sent."""
    return json.dumps(item).encode() + b"\n"


def fields(root_id: str) -> list[Item]:
    """The items of all fields."""
    return [{"kind": "Field", "name": name("field", n), "parent_id": root_id} for n in range(FIELDS)]


def discipline(number: int, field_ids: list[str]) -> Iterator[Item]:
    """The items of one discipline, level by level, each after its parents."""
    above = [field_ids[number % len(field_ids)]]
    if number == 0 and len(field_ids) > 1:
        above.append(field_ids[1])
    yield {"ref": "d", "kind": "Discipline", "name": name("discipline", number), "parent_ids": above}
    for u in range(SUBJECTS):
        yield {
            "ref": f"u{u}",
            "kind": "Subject",
            "name": name("subject", u),
            "parent_ref": "d",
            "properties": {"level": f"year {u % 4 + 1}", "subtopics": [name("part", u), name("part", u + 1)]},
        }
    for u in range(SUBJECTS):
        yield {
            "ref": f"y{u}",
            "kind": "Syllabus",
            "name": f"{name('subject', u)}: syllabus",
            "parent_ref": f"u{u}",
            "description": "From first examples to open questions, with exercises.",
        }
    for u in range(SUBJECTS):
        for s in range(SESSIONS):
            yield {
                "ref": f"s{u}.{s}",
                "kind": "ClassSession",
                "name": f"{name('step', u)}.{s}",
                "description": f"What step {s + 1} adds, why it was needed, and how it is used in practice.",
                "parent_ref": f"y{u}",
                "position": s,
            }
    yield from _concepts()


def _concepts() -> Iterator[Item]:
    for u in range(SUBJECTS):
        for s in range(SESSIONS):
            for c in range(CONCEPTS):
                number = (u * SESSIONS + s) * CONCEPTS + c
                concept = {"kind": "KeyConcept", "name": name("concept", number), "position": c}
                yield concept | {"parent_ref": f"s{u}.{s}"}
                if number % 10 == 0 and s + 1 < SESSIONS:
                    yield concept | {"parent_ref": f"s{u}.{s + 1}", "position": CONCEPTS}
                if number % 50 == 5 and u + 1 < SUBJECTS:
                    yield concept | {"parent_ref": f"s{u + 1}.{s}", "position": CONCEPTS + 1}


class Texts:
    """Questions of about 400 characters and answers of about 1,200, cut from one long text."""

    def __init__(self) -> None:
        self._random = Random(0)
        self._text = " ".join(self._random.choices(WORDS, k=20_000))

    def text(self, size: int) -> str:
        """`size` characters, cut at random."""
        start = self._random.randrange(len(self._text) - size)
        return self._text[start : start + size]

    def outcome(self) -> dict[str, Any]:
        """The outcome of an instruction: one in fifty failed, and one in fifty was rejected."""
        number = self._random.randrange(50)
        if number == 0:
            return {"status": "failed", "reason": "malformed", "raw": self.text(600)}
        if number == 1:
            return {"status": "rejected", "reason": "repeated_prompt", "question": self.text(400)}
        return {"status": "accepted", "question": self.text(400), "answer": self.text(1200)}
