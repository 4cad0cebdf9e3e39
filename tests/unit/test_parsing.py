"""Parsing replies into values: what is accepted, repaired once, or refused with a reason."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from generators.errors import CallFailed, FormatRefused, TooLong, Unusable
from generators.method import CROSS_PROMPTS, DIALS_PROMPT, METHOD, Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.prompts import source
from generators.steps import answers, questions, subjects, syllabi
from generators.steps.asking import ask, draft
from generators.steps.parsing import is_refusal, json_schema, parse, require_text
from generators.steps.questions import Lesson, QuestionReply
from generators.steps.syllabi import SessionReply, SyllabusReply
from generators.usage import Usage
from graph.reasons import Reason, status_of
from graph.taxonomy.syllabi import Named, Session, SyllabusContext

WHY = "Why is the sky blue at noon?"
GOOD = json.dumps({"question": WHY})
SAMPLING = Sampling(1.0, 1.0, 100)
GERMAN = (
    "Erklären Sie, wie die Wellenlänge des Lichts den Abstand der Interferenzstreifen im Experiment "
    "bestimmt. Berechnen Sie ihn für einen grünen Laser."
)


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, Usage(1, 2, 3))


@pytest.mark.parametrize("text", [GOOD, f"```json\n{GOOD}\n```", f"  {GOOD}\n"])
def test_parsed(text: str) -> None:
    assert parse(reply(text), QuestionReply).question == WHY


@pytest.mark.parametrize(
    "text",
    [
        f"Here you are:\n```json\n{GOOD}\n```\nHope it helps!",
        "{'question': 'Why is the sky blue at noon?'}",
        '{"question": "Why is the sky blue at noon?",}',
        '{"question": "Why is the sky blue at noon?"',
        'Sure. {"question": "Why is the sky blue at noon?"}',
    ],
)
def test_what_is_nearly_json_is_mended(text: str) -> None:
    assert parse(reply(text), QuestionReply).question == WHY


def test_inner_quotation_marks_and_line_breaks_are_mended() -> None:
    text = '{"question": "What does "entropy" mean,\nand why?"}'
    assert parse(reply(text), QuestionReply).question == 'What does "entropy" mean,\nand why?'


def test_a_bare_list_is_taken_for_the_one_list_that_is_asked_for() -> None:
    text = '[{"subject_name": "Rings", "level": "", "subtopics": []}]'
    listed, _ = subjects.read(reply(text))
    assert [s.subject_name for s in listed] == ["Rings"]


@pytest.mark.parametrize(
    ("text", "finish", "reason"),
    [
        ("", "stop", "empty"),
        ("   ", "stop", "empty"),
        ("no json", "stop", "malformed"),
        ("Use {x} and [y] here", "stop", "malformed"),
        ("[1, 2]", "stop", "malformed"),
        ("null", "stop", "malformed"),
        ("<html>busy</html>", "malformed", "malformed"),
        # A reply that was cut is not mended, because the missing part would be invented.
        ('{"question": "Why is the sky blue at noon, and wh', "length", "truncated"),
        ('{"question": "cut off in the mid', "length", "truncated"),
        ('{"question": "Why?"}', "stop", "malformed"),
        ("I cannot help with that", "refusal", "refused"),
        ("I'm sorry, but I can't assist with that request.", "stop", "refused"),
        ("", "content_filter", "refused"),
    ],
)
def test_unusable_with_reason_text_and_cost(text: str, finish: str, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        parse(reply(text, finish), QuestionReply)
    assert caught.value.reason == reason
    assert status_of(caught.value.reason) == "failed"
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
    """The paths of strings and lists in a JSON schema that have no upper bound."""
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


# Refusals


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that.",
        "I’m sorry, but I can’t help with that request.",
        "Sorry, I cannot assist you with this.",
        "I cannot fulfill that request.",
        "I am unable to comply with your request.",
        "Unfortunately, I can't help with that.",
        "As an AI language model, I cannot write homework on this.",
        "I'm sorry, but as an AI, I am unable to do that.",
        "**I'm sorry, but I can't assist with that.**",
    ],
)
def test_unmistakable_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't come to the party. (Rewrite this refusal politely.)",
        "I can't believe how simple the proof is: let n be even.",
        "I cannot be divided by any number but one and myself. What am I?",
        "As an AI language model is trained, it cannot see the test set.",
        "Sorry is what Hamlet never says. Discuss.",
        "Unfortunately, the integral has no closed form.",
        "\"I'm sorry, but I can't assist with that\" is how assistants refuse; why?",
        "I can't help with tears in my eyes: an analysis of the sonnet.",
        # A long reply that begins like a refusal and then answers.
        "As an AI language model, I cannot taste food. " + "The recipe itself is simple. " * 20,
    ],
)
def test_in_doubt_it_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)
    assert require_text(reply(text)) == text.strip()


# Repeated prompts and other languages


@pytest.mark.parametrize(
    "text",
    [
        WHY,
        f"  {WHY.upper()}  ",
        f"**{WHY}**\n\n{WHY}\n{WHY}",
        f"{WHY} Why is the sky blue",
    ],
)
def test_an_answer_that_begins_with_its_question_is_rejected(text: str) -> None:
    with pytest.raises(Unusable) as caught:
        answers.read(reply(text), WHY, language="English")
    assert caught.value.reason is Reason.echo
    assert status_of(caught.value.reason) == "rejected"
    assert caught.value.raw == text
    with pytest.raises(Unusable, match="repeated_prompt"):
        answers.read(reply(text), WHY, language="English", checked=False)


@pytest.mark.parametrize(
    "text",
    [
        "Because short waves scatter more.",
        f'You ask "{WHY}": short waves scatter more.',
        "Why is the sky blue? Because short waves scatter more.",
    ],
)
def test_an_answer_may_speak_of_its_question(text: str) -> None:
    assert answers.read(reply(text), WHY, language="English") == text


@pytest.mark.parametrize(
    "question",
    [
        'Write one homework question on session 2, "Rings".',
        'You write homework for a student of "Rings" (graduate), a subject of Algebra.',
        "{{ question }} in {{ language }}, please",
        "It must combine all of these key concepts:\n- ring\n- ideal",
    ],
)
def test_a_question_that_repeats_the_prompt_is_rejected(question: str) -> None:
    with pytest.raises(Unusable) as caught:
        questions.read(reply(json.dumps({"question": question})))
    assert caught.value.reason is Reason.repeated_prompt


@pytest.mark.parametrize(
    "question",
    [
        "What does {{ user.name }} print in a template of Jinja, and what does {% raw %} change?",
        "Write one proof that combines rings with ideals.",
        "You write homework on rings; which three exercises do you choose?",
    ],
)
def test_a_question_may_look_like_a_prompt(question: str) -> None:
    assert questions.read(reply(json.dumps({"question": question}))) == question


def test_the_known_beginnings_are_those_of_the_prompt() -> None:
    prompt = " ".join(
        re.findall(
            r"\w+",
            "".join(map(source, (*METHOD["questions"].prompts, *CROSS_PROMPTS, DIALS_PROMPT))).casefold(),
        )
    )
    for beginning in questions.INSTRUCTIONS:
        assert " ".join(beginning.split()[:3]) in prompt


def test_another_language_is_rejected_and_an_unknown_one_is_not_looked_for() -> None:
    with pytest.raises(Unusable) as caught:
        answers.read(reply(GERMAN), WHY, language="English")
    assert caught.value.reason is Reason.wrong_language
    assert status_of(caught.value.reason) == "rejected"
    with pytest.raises(Unusable):
        questions.read(reply(json.dumps({"question": GERMAN})), language="English")
    assert answers.read(reply(GERMAN), WHY, language="simple German") == GERMAN
    assert answers.read(reply(GERMAN), WHY, language="the language of pirates") == GERMAN
    assert answers.read(reply(GERMAN), WHY) == GERMAN
    assert answers.read(reply(GERMAN), f"{WHY} Reply in German.", language="English") == GERMAN
    asked = json.dumps({"question": GERMAN})
    assert questions.read(reply(asked), language="English", topic="Languages, German, verbs") == GERMAN


# Asking


@dataclass
class Scripted:
    """A model that replies or raises as scripted, and lowers its format as with a real endpoint."""

    script: list[Reply | Exception]
    format: str = "schema"
    small: bool = False
    tries: int = 2
    sent: list[tuple[str, list[Message]]] = field(default_factory=list[tuple[str, list[Message]]])

    async def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        self.sent.append((self.format, list(messages)))
        said = self.script.pop(0)
        if isinstance(said, FormatRefused):
            self.format = {"schema": "json", "json": "text"}[self.format]
        if isinstance(said, Exception):
            raise said
        return said


TURN: list[Message] = [{"role": "user", "content": "Ask why."}]


def asked(model: Scripted, **options: Any) -> tuple[QuestionReply, Reply]:
    chat: Any = model
    return asyncio.run(ask(chat, TURN, QuestionReply, SAMPLING, **options))


def test_a_good_reply_takes_one_call() -> None:
    model = Scripted([reply(GOOD)])
    value, got = asked(model)
    assert (value.question, got.usage) == (WHY, Usage(1, 2, 3))
    assert model.sent == [("schema", TURN)]


def test_a_refused_format_is_asked_for_in_the_next_one_which_states_the_schema() -> None:
    model = Scripted([FormatRefused("no schema"), FormatRefused("no JSON mode"), reply(GOOD), reply(GOOD)])
    value, got = asked(model)
    assert (value.question, got.usage) == (WHY, Usage(1, 2, 3))
    assert [form for form, _ in model.sent] == ["schema", "json", "text"]
    assert model.sent[0][1] == TURN
    for _, [turn] in model.sent[1:]:
        assert turn["content"].startswith("Ask why.\n")
        assert '"maxLength":1500' in turn["content"]
        assert "JSON" in turn["content"]
    # The format is remembered: the next request begins with it.
    asked(model)
    assert model.sent[3][0] == "text"


def test_an_endpoint_that_refuses_every_format_fails_the_call() -> None:
    model = Scripted([FormatRefused("1"), FormatRefused("2"), CallFailed(Reason.bad_request, "3")])
    with pytest.raises(CallFailed, match="3"):
        asked(model)


def test_what_does_not_parse_is_asked_for_once_more_and_both_are_paid() -> None:
    model = Scripted([reply("nonsense"), reply(GOOD)])
    value, got = asked(model)
    assert (value.question, got.usage) == (WHY, Usage(2, 4, 6))
    assert [turn["role"] for turn in model.sent[1][1]] == ["user", "assistant", "user"]


def test_an_empty_reply_is_not_sent_back() -> None:
    model = Scripted([reply(""), reply(GOOD)])
    asked(model)
    assert [turn["role"] for turn in model.sent[1][1]] == ["user", "user"]


def test_twice_unusable_has_the_second_text_and_the_usage_of_both() -> None:
    model = Scripted([reply("nonsense"), reply("more of it")])
    with pytest.raises(Unusable) as caught:
        asked(model)
    assert (caught.value.raw, caught.value.usage) == ("more of it", Usage(2, 4, 6))


def test_a_refusal_is_not_asked_again() -> None:
    model = Scripted([reply("no", "refusal")])
    with pytest.raises(Unusable) as caught:
        asked(model)
    assert caught.value.reason is Reason.refused


def test_where_the_second_call_fails_the_paid_reply_is_kept() -> None:
    model = Scripted([reply("nonsense"), CallFailed(Reason.server_error, "500")])
    with pytest.raises(Unusable) as caught:
        asked(model)
    assert (caught.value.reason, caught.value.raw) == (Reason.malformed, "nonsense")
    assert caught.value.usage == Usage(1, 2, 3)


def test_what_is_too_long_is_shortened_once() -> None:
    short: list[Message] = [{"role": "user", "content": "Why?"}]
    model = Scripted([TooLong("8192 tokens"), reply(GOOD)])
    asked(model, shorter=lambda: short)
    assert [turns for _, turns in model.sent] == [TURN, short]
    for script in ([TooLong("1"), TooLong("2")], [TooLong("2")]):
        with pytest.raises(TooLong, match="2"):
            asked(Scripted([*script]), shorter=(lambda: short) if len(script) == 2 else None)


def test_a_draft_is_shortened_once_too() -> None:
    model: Any = Scripted([TooLong("too long"), reply("1. Rings", "length")])
    short: list[Message] = [{"role": "user", "content": "Why?"}]
    assert asyncio.run(draft(model, TURN, SAMPLING, None, lambda: short)) == ("1. Rings", Usage(1, 2, 3))


def test_a_question_that_cannot_be_read_alone_is_refused_with_what_is_wrong() -> None:
    bad = json.dumps({"question": "As covered in session 2, why is the sky blue?"})
    model: Any = Scripted([reply(bad), reply(GOOD)])
    with pytest.raises(Unusable, match='it says "covered in session 2"') as caught:
        asyncio.run(questions.ask_question(model, TURN, SAMPLING, None))
    assert (caught.value.reason, caught.value.usage) == (Reason.not_self_contained, Usage(1, 2, 3))


def test_a_very_small_model_is_asked_once_more_with_what_is_wrong() -> None:
    bad = json.dumps({"question": "As covered in session 2, why is the sky blue?"})
    model: Any = Scripted([reply(bad), reply(GOOD)], small=True, tries=2)
    assert asyncio.run(questions.ask_question(model, TURN, SAMPLING, None)) == (WHY, Usage(2, 4, 6))
    assert 'it says "covered in session 2"' in model.sent[1][1][-1]["content"]


def test_what_is_in_doubt_is_kept_where_asking_again_brings_nothing_better() -> None:
    doubtful = "What happens in session 2 of the talks?"
    first = reply(json.dumps({"question": doubtful}))
    for second in (first, reply("nonsense"), CallFailed(Reason.server_error, "500")):
        model: Any = Scripted([first, second])
        question, usage = asyncio.run(questions.ask_question(model, TURN, SAMPLING, None))
        assert question == doubtful
        assert usage.calls == (1 if isinstance(second, CallFailed) else 2)


def test_a_very_small_model_has_three_tries_and_the_best_is_taken() -> None:
    tries = ["The bending of light", "Why does light bend?", "Why do prisms do it at all?"]
    model: Any = Scripted([reply(json.dumps({"question": text})) for text in tries], small=True, tries=3)
    asked = questions.ask_question(model, TURN, SAMPLING, None, concepts=["Light", "Bending", "Glass"])
    assert asyncio.run(asked) == (tries[1], Usage(3, 6, 9))
    assert "Glass" in model.sent[2][1][-1]["content"]


def test_a_very_small_model_that_ends_after_a_sentence_is_asked_again() -> None:
    whole = "1. Rings\n- Ideals\n- Units\n2. Fields\n- Extensions\n- Roots"
    model: Any = Scripted([reply("Welcome!"), reply(""), reply(whole)], small=True, tries=3)
    assert asyncio.run(draft(model, TURN, SAMPLING, 1)) == (whole, Usage(3, 6, 9))
    assert asyncio.run(draft(cast(Any, Scripted([reply("Welcome!")])), TURN, SAMPLING, 1))[0] == "Welcome!"


def test_a_scripted_model_is_asked_as_a_real_one() -> None:
    assert hasattr(ChatModel, "format")


# Prompts of questions

SESSIONS = [
    # Numbered as in syllabi of earlier versions and of other tools.
    Session(f"s{n}", f"Session {n}: {name}", f"Part {n}", (Named(f"c{n}", f"Concept {n}"),))
    for n, name in ((1, "Ideals"), (2, "Fields"), (3, "Modules"))
]
CONTEXT = SyllabusContext("y", "Rings", "Algebra", "graduate", "All about rings.", ())


def test_the_prompt_of_a_question_has_the_whole_syllabus_and_what_is_drawn() -> None:
    [turn] = Lesson(CONTEXT, SESSIONS, "German").conversation([0, 2], ["Concept 1", "Concept 3"])
    assert turn["content"] == (
        'You write homework for a student of "Rings" (graduate), a subject of Algebra.\n\n'
        "The whole syllabus, in the order in which it is taught:\nAll about rings.\n"
        "Ideals. Part 1\n  Key concepts: Concept 1\n"
        "Fields. Part 2\n  Key concepts: Concept 2\n"
        "Modules. Part 3\n  Key concepts: Concept 3\n\n"
        'Write one homework question that connects "Ideals" with "Modules".\n'
        "It must combine all of these key concepts:\n- Concept 1\n- Concept 3\n\n"
        'The student has learned everything up to "Modules", and nothing after it. Whoever reads the '
        "question sees the question alone: it must name what it is about, give whatever it refers to, and "
        "not speak of the syllabus. It must not contain its answer. Write it in German.\n\n"
        'Reply with JSON alone: {"question": "..."}'
    )


def test_the_short_prompt_has_the_drawn_sessions_alone() -> None:
    [turn] = Lesson(CONTEXT, SESSIONS, "German").conversation([1], ["Concept 2"], short=True)
    assert "Fields. Part 2" in turn["content"]
    assert 'question on "Fields"' in turn["content"]
    assert "Session" not in turn["content"]
    assert "Concept 1" not in turn["content"]
    assert "Concept 3" not in turn["content"]
    assert "whole syllabus" not in turn["content"]


def test_the_short_prompt_of_subjects_knows_the_last_names() -> None:
    known = [f"Subject {n}" for n in range(200)]
    [long], [short] = (
        subjects.conversation("Algebra", "", known, 5, "English", short=s) for s in (False, True)
    )
    assert long["content"].count("\n- ") == 200
    assert short["content"].count("\n- ") == subjects.FEW_KNOWN
    assert "Subject 199" in short["content"]
