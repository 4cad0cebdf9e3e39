"""An endpoint that names fields, sub-fields and disciplines as a test has written them down."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from openai_server import Answer, Call, default_reply

ASKED_AT = re.compile(r'of the (?:taxonomy|field|sub-field) "([^"]+)"')


def place_of(call: Call) -> str:
    """The name of the node that a list is asked for at."""
    found = ASKED_AT.search(call.messages[0]["content"])
    assert found
    return found[1]


def asks_for_names(call: Call) -> bool:
    return "divides human knowledge" in call.messages[0]["content"]


class Namer:
    """Gives for each node its lists, one after the other and then from the start again.

    A node without lists gets two names that begin with its own. Other requests are answered as always.
    """

    def __init__(self, lists: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self.lists = lists
        self.asked = Counter[str]()

    def __call__(self, call: Call) -> Answer:
        if not asks_for_names(call):
            return default_reply(call)
        if call.step == "taxonomy":
            return Answer(json.dumps({"names": [*map(_read, _lines(call))]}))
        place = place_of(call)
        deep = 10 * len(place.split())
        lists = self.lists.get(place) or [[f"{place} {deep + 1}", f"{place} {deep + 2}"]]
        names = lists[self.asked[place] % len(lists)]
        self.asked[place] += 1
        return Answer("\n".join(f"- {name}: what {name} is about" for name in names))


def _lines(call: Call) -> list[str]:
    return [line for line in call.messages[1]["content"].splitlines() if line.startswith("- ")]


def _read(line: str) -> dict[str, str]:
    name, _, about = line.removeprefix("- ").partition(": ")
    return {"name": name, "about": about}
