"""Usable parts of paid replies are used, despite extras, cuts, nulls, similar names, or items for lists."""

import json
from typing import Any

import pytest

from generators.errors import Unusable
from generators.method import MOST_CONCEPTS, MOST_SUBJECTS
from generators.models.chat import Reply
from generators.steps import questions, subjects, syllabi
from generators.steps.subjects import Subject
from generators.usage import Usage

RINGS = {"subject_name": "Rings", "level": "graduate", "subtopics": ["Ideals"]}
SESSION = {"title": "Ideals", "description": "What they are", "key_concepts": ["Prime ideals", "Units"]}


def reply(value: Any, finish_reason: str = "stop") -> Reply:
    text = value if isinstance(value, str) else json.dumps(value)
    return Reply(text, finish_reason, Usage(1, 2, 3))


def listed(value: Any, finish_reason: str = "stop") -> list[Subject]:
    return subjects.read(reply(value, finish_reason))[0]


@pytest.mark.parametrize(
    "value",
    [
        {"subjects": [RINGS | {"hours": 4}], "count": 1},
        {"subjects": [{"name": "Rings", "level": "graduate", "topics": ["Ideals"]}]},
        {"subjects": [{"title": "Rings", "Level": "graduate", "Sub-Topics": "Ideals"}]},
        {"subjects": [{"subjectName": "Rings", "level": "graduate", "subtopics": [{"name": "Ideals"}]}]},
        {"subjects": RINGS},
        RINGS,
        [RINGS],
        {"result": {"subjects": [RINGS]}},
        {"subjects": {"1": RINGS}},
        {"subjects": [RINGS, {"subject_name": "", "level": "", "subtopics": []}, {"subject_name": "..."}]},
        {"Subjects": [RINGS, None]},
    ],
)
def test_a_list_that_is_nearly_right(value: Any) -> None:
    assert [one.model_dump() for one in listed(value)] == [RINGS]


@pytest.mark.parametrize(
    "value",
    [
        {"subjects": [{"subject_name": "Rings", "level": None, "subtopics": None}]},
        {"subjects": [{"subject_name": "Rings"}]},
        {"subjects": ["Rings"]},
    ],
)
def test_what_is_missing_or_null_is_empty(value: Any) -> None:
    assert [one.model_dump() for one in listed(value)] == [
        {"subject_name": "Rings", "level": "", "subtopics": []}
    ]


def test_too_many_and_too_long_are_cut_to_the_bound() -> None:
    names = [f"Subject {n}" for n in range(MOST_SUBJECTS + 5)]
    many = [{"subject_name": name, "level": "", "subtopics": [f"T{n}" for n in range(14)]} for name in names]
    found = listed({"subjects": many})
    assert [one.subject_name for one in found] == names[:MOST_SUBJECTS]
    assert {len(one.subtopics) for one in found} == {12}
    [long] = listed({"subjects": [{"subject_name": "ring " * 40}]})
    assert len(long.subject_name) <= 120
    assert long.subject_name.endswith("ring")
    concepts = [f"Concept {n}" for n in range(MOST_CONCEPTS + 1)]
    _, sessions, _ = syllabi.read(reply({"sessions": [SESSION | {"key_concepts": concepts}]}))
    assert [session.concepts for session in sessions] == [concepts[:MOST_CONCEPTS]]


@pytest.mark.parametrize(
    "value",
    [
        {"sessions": [SESSION]},
        {"sessions": [SESSION, {"title": "Empty", "description": "", "key_concepts": []}]},
        {"syllabus": {"introduction": None, "class_sessions": [SESSION | {"number": 1}]}},
        {"sessions": [{"name": "Ideals", "summary": "What they are", "concepts": "Prime ideals; Units"}]},
        [SESSION],
    ],
)
def test_a_syllabus_that_is_nearly_right(value: Any) -> None:
    _, sessions, _ = syllabi.read(reply(value))
    assert [(s.name, s.description, s.concepts) for s in sessions] == [
        ("Ideals", "What they are", ["Prime ideals", "Units"])
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"question": "Why is the sky blue?", "answer": "x"},
        {"Question": "Why is the sky blue?"},
        ["Why is the sky blue?"],
    ],
)
def test_a_question_that_is_nearly_right(value: Any) -> None:
    assert questions.read(reply(value)) == "Why is the sky blue?"


def test_of_a_list_that_was_cut_its_whole_items_are_used() -> None:
    text = json.dumps({"subjects": [RINGS, RINGS | {"subject_name": "Fields"}]})
    cut = text[: text.index("Fields") + 3]
    assert [one.subject_name for one in listed(cut, "length")] == ["Rings"]


@pytest.mark.parametrize(
    "value", [{"subjects": []}, {"subjects": None}, {"subjects": [{}]}, {}, [], 7, "Rings"]
)
def test_nothing_usable_is_malformed(value: Any) -> None:
    with pytest.raises(Unusable) as caught:
        listed(value)
    assert caught.value.reason == "malformed"
