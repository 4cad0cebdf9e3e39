"""Endpoints of the tests whose answers end in short final answers, are criticised, refined and compared."""

import json
import re
from collections import Counter
from collections.abc import Callable, Sequence

from numbering import Numbered
from openai_server import EXPLAINED, Answer, Call, default_reply


class Sampled:
    """Answers in turn with the final answers that `finals` has for a question's number; None: without one."""

    def __init__(self, finals: Callable[[int], Sequence[str | None]]) -> None:
        self.finals = finals
        self.number = Numbered()
        self.asked = Counter[int]()

    def __call__(self, call: Call) -> Answer:
        if call.step != "answers":
            return default_reply(call)
        number = self.number(call.prompt)
        turn = self.asked[number]
        self.asked[number] += 1
        finals = self.finals(number)
        final = finals[turn % len(finals)]
        told = f"\n\nAnswer: {final}" if final is not None else " So much for now."
        return Answer(f"Reply {turn} to {number}.{EXPLAINED}{told}")


class Refined:
    """Criticises, refines and compares: `problems` says what a critique finds, `rates` what a judge gives the
    first and the second of two answers."""

    def __init__(
        self,
        rates: Callable[[str, str], tuple[int, int]],
        problems: Callable[[str], Sequence[str]] = lambda _: ["a step is missing"],
    ) -> None:
        self.rates, self.problems = rates, problems

    def __call__(self, call: Call) -> Answer:
        text = call.messages[0]["content"]
        if call.step == "critiques":
            found = list(self.problems(_within("answer", text)))
            return Answer(json.dumps({"reasoning": "as it is", "problems": found}))
        if call.step == "judge_pairs":
            first, second = self.rates(_within("first", text), _within("second", text))
            return Answer(json.dumps({"reasoning": "as they are", "first": first, "second": second}))
        if call.step == "refinements":
            return Answer(f"{_within('answer', text)}\nBetter: the step that was missing stands here.")
        return default_reply(call)


def _within(name: str, text: str) -> str:
    found = re.search(f"<{name}>\n(.*)\n</{name}>", text, re.DOTALL)
    assert found
    return found[1]


def likes_refined(first: str, second: str) -> tuple[int, int]:
    """A judge to whom refined answers are better, whichever is shown first."""
    return (3, 8) if "\nBetter:" in second else (8, 3)


def likes_drafts(first: str, second: str) -> tuple[int, int]:
    """A judge to whom refined answers are worse."""
    return (8, 3) if "\nBetter:" in second else (3, 8)


def likes_the_first(first: str, second: str) -> tuple[int, int]:
    """A judge that prefers whatever is shown first."""
    return 8, 3
