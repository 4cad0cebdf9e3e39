"""Replies into values: what is accepted, repaired once, and refused with its reason."""

import json
from typing import Any

import pytest

from generators import subjects, syllabi
from generators.errors import Unusable
from generators.llm import Reply
from generators.parsing import json_schema, parse, require_text
from generators.questions import QuestionReply
from generators.syllabi import SessionReply, SyllabusReply
from generators.usage import Usage

GOOD = json.dumps({"question": "Why is the sky blue at noon?"})


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, Usage(1, 2, 3))


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```", f"  {GOOD}\n"])
def test_parsed(text: str) -> None:
    assert parse(reply(text), QuestionReply).question == "Why is the sky blue at noon?"


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        ("", "stop", "empty"),
        ("   ", "stop", "empty"),
        ("no json", "stop", "malformed"),
        ('{"question": "cut off in the mid', "length", "truncated"),
        ('{"question": "Why?"}', "stop", "malformed"),
        ('{"question": "Why is it so, then?", "more": 1}', "stop", "malformed"),
        ("I cannot help with that", "refusal", "refused"),
        ("", "content_filter", "refused"),
    ],
)
def test_unusable_with_reason_text_and_cost(text: str, finish: str, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse(reply(text, finish), QuestionReply)
    assert caught.value.reason == reason
    assert caught.value.raw == text
    assert caught.value.usage == Usage(1, 2, 3)


def test_a_cut_answer_is_truncated_but_a_cut_draft_is_fine() -> None:
    with pytest.raises(Unusable) as caught:
        require_text(reply("half an ans", "length"))
    assert caught.value.reason == "truncated"
    assert require_text(reply("half a list", "length"), cut_is_fine=True) == "half a list"


def test_what_cannot_be_stored_is_cleaned_away() -> None:
    text = json.dumps({"question": "Why is\u0000 the sky \u0007blue at noon?"})
    assert parse(reply(text), QuestionReply).question == "Why is the sky blue at noon?"


def _unbounded(schema: Any, path: str = "") -> list[str]:
    """Strings and lists of a JSON schema that have no upper bound."""
    found: list[str] = []
    if isinstance(schema, dict):
        if schema.get("type") == "string" and "maxLength" not in schema:
            found.append(path)
        if schema.get("type") == "array" and "maxItems" not in schema:
            found.append(path)
        for name, part in schema.items():
            found += _unbounded(part, f"{path}/{name}")
    return found


@pytest.mark.parametrize("schema", [subjects.SubjectList, SyllabusReply, QuestionReply])
def test_every_string_and_list_has_a_bound(schema: Any) -> None:
    document = json_schema(schema)
    assert not _unbounded(document)
    assert document["additionalProperties"] is False
    assert set(document["required"]) == set(document["properties"])


def test_bounds_follow_the_method() -> None:
    document = json_schema(SyllabusReply, (("sessions", 10, 30), ("key_concepts", 3, 8)))
    assert document["properties"]["sessions"]["minItems"] == 10
    assert document["properties"]["sessions"]["maxItems"] == 30
    assert document["$defs"]["SessionReply"]["properties"]["key_concepts"]["maxItems"] == 8
    assert json_schema(SyllabusReply)["properties"]["sessions"]["minItems"] == 1


def test_sessions_and_concepts_of_one_name_become_one() -> None:
    replies = [
        SessionReply(title="Limits", description="a", key_concepts=["Epsilon", "epsilon ", "Delta"]),
        SessionReply(title=" limits", description="b", key_concepts=["Delta", "Bound"]),
        SessionReply(title="Series", description="c", key_concepts=["Sum"]),
    ]
    found = syllabi.distinct(replies)
    assert [(s.name, s.concepts) for s in found] == [
        ("Limits", ["Epsilon", "Delta", "Bound"]),
        ("Series", ["Sum"]),
    ]
