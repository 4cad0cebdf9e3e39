"""Very small models reply with invalid data, but their free texts have lines that name things."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.errors import Unusable
from generators.method import METHOD
from generators.models.chat import Reply
from generators.steps import subjects, syllabi
from generators.steps.outline import LONGEST, MOST_WORDS, outline
from generators.usage import Usage

SAMPLING = METHOD["syllabi"].sampling
SYLLABUS = """The two main topics of "Baking" are:

1. **Basic skills:** This is the foundation of any type of baking.
   - Mixing: in which order it is mixed
   - *Kneading* (by hand)
2. **Key Concepts**
3. Serving - the end result
"""


@dataclass
class Scripted:
    """A model that always gives the same reply."""

    text: str
    small: bool = True
    tries: int = 3
    format: str = "schema"
    calls: list[Any] = field(default_factory=list[Any])

    async def chat(self, *call: Any) -> Reply:
        self.calls.append(call)
        return Reply(self.text, "stop", Usage(calls=1, prompt_tokens=10, completion_tokens=5))


def test_items_like_the_first_are_the_upper_ones() -> None:
    assert outline(SYLLABUS) == [("Basic skills", ["Mixing", "Kneading"]), ("Serving", [])]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# Honey\n# Wax", ["Honey", "Wax"]),
        ("Honey: sweet\nWax – not", ["Honey", "Wax"]),
        ("**Honey** is sweet.\n__Wax__ is not.", ["Honey", "Wax"]),
        ("a) Honey\nb) Wax", ["Honey", "Wax"]),
        ("1. Session 1: Honey\n2. Session 2: Wax", ["Honey", "Wax"]),
        ("1. Honey\n2. honey", ["Honey"]),
        ("- Subject 1\n- Level of Study\n- The first topic\n- Honey", ["Honey"]),
        ("1. 蜂蜜：甜\n2. 蜂蜡", ["蜂蜜", "蜂蜡"]),
        ("Bees make honey. They sell it, too.", []),
        ("- Bees make honey in their hives for the whole of the winter", []),
        ("1. ---\n2. 17", []),
        ("", []),
    ],
)
def test_what_a_line_names(text: str, names: list[str]) -> None:
    assert [item.name for item in outline(text)] == names


@given(st.text(alphabet=st.sampled_from("ab1.*-#:() \n\t"), max_size=200))
def test_names_are_short_and_each_is_there_once(text: str) -> None:
    names = [name for item in outline(text) for name in (item.name, *item.below)]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(0 < len(name) <= LONGEST and len(name.split()) <= MOST_WORDS for name in names)


async def test_where_a_syllabus_as_data_is_none_the_lines_are_read_and_all_is_paid() -> None:
    model: Any = Scripted(json.dumps({"sessions": [{"title": "SESSION_A", "key_concepts": ["SESSION_B"]}]}))
    found = await syllabi.extract(model, [], SYLLABUS, 2, 3, SAMPLING, None)
    assert [(s.name, s.concepts) for s in found.sessions] == [
        ("Basic skills", ["Mixing", "Kneading"]),
        ("Serving", ["Serving"]),
    ]
    assert found.warnings == {"by_lines": 1}
    assert found.usage.calls == len(model.calls) == 3


async def test_where_a_list_as_data_is_none_the_lines_are_read() -> None:
    model: Any = Scripted(json.dumps({"subjects": [{"subject_name": "Flour", "level": "", "subtopics": []}]}))
    found = await subjects.extract(model, [], SYLLABUS, 1, SAMPLING, None)
    assert [(s.subject_name, s.subtopics) for s in found.subjects] == [
        ("Basic skills", ["Mixing", "Kneading"])
    ]
    assert found.warnings == {"by_lines": 1}


@pytest.mark.parametrize(
    ("model", "drafted"),
    [(Scripted("no JSON", small=False, tries=2), SYLLABUS), (Scripted("no JSON"), "Bees make honey.")],
)
async def test_other_models_and_texts_without_such_lines_fail_as_before(model: Any, drafted: str) -> None:
    with pytest.raises(Unusable):
        await syllabi.extract(model, [], drafted, 2, 3, SAMPLING, None)
    with pytest.raises(Unusable):
        await subjects.extract(model, [], drafted, 1, SAMPLING, None)
