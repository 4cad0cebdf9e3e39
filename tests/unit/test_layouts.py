"""Each layout follows the convention of the tools that read it."""

import json
from datetime import UTC, datetime

import pytest

from graph.errors import Invalid
from graph.instructions.instructions import Instruction, InstructionStatus, Models, Usage
from service.media.layouts import LAYOUTS, SYSTEM_TURNS, Layout, style

TEXTS = [("What is a lens?", "A piece of glass."), ('"quoted"\n\u2028', "日本語 🎓\\"), ("", "")]


def instruction(question: str | None, answer: str | None) -> Instruction:
    return Instruction(
        id="1",
        question=question,
        answer=answer,
        status=InstructionStatus.accepted,
        strategy="pair",
        sessions=["s", "t"],
        concepts=["c"],
        syllabus_id="y",
        models=Models(),
        usage=Usage(),
        created_at=datetime(2030, 1, 2, tzinfo=UTC),
    )


def test_every_layout_has_its_function():
    assert LAYOUTS.keys() == set(Layout)


@pytest.mark.parametrize(("question", "answer"), TEXTS)
def test_layouts(question: str, answer: str):
    given = instruction(question, answer).model_dump(mode="json")
    assert LAYOUTS[Layout.openai](given) == {
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    }
    assert LAYOUTS[Layout.alpaca](given) == {"instruction": question, "input": "", "output": answer}
    assert LAYOUTS[Layout.sharegpt](given) == {
        "conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    }
    assert LAYOUTS[Layout.prompt_completion](given) == {"prompt": question, "completion": answer}
    assert LAYOUTS[Layout.prompt_completion_messages](given) == {
        "prompt": [{"role": "user", "content": question}],
        "completion": [{"role": "assistant", "content": answer}],
    }
    pair = given | {"rejected_answer": "Worse."}
    assert LAYOUTS[Layout.preference](pair) == {"prompt": question, "chosen": answer, "rejected": "Worse."}
    assert LAYOUTS[Layout.preference_messages](pair) == {
        "prompt": [{"role": "user", "content": question}],
        "chosen": [{"role": "assistant", "content": answer}],
        "rejected": [{"role": "assistant", "content": "Worse."}],
    }


def test_a_system_turn_comes_first_and_once():
    given = instruction("Why?", "So.").model_dump(mode="json")
    system = {"role": "system", "content": "Be brief."}
    plain = LAYOUTS[Layout.openai](given)["messages"]
    for _ in range(2):
        assert style(Layout.openai, "Be brief.").write(given) == {"messages": [system, *plain]}
    assert style(Layout.prompt_completion_messages, "Be brief.").write(given) == {
        "prompt": [system, {"role": "user", "content": "Why?"}],
        "completion": [{"role": "assistant", "content": "So."}],
    }
    turns = style(Layout.sharegpt, "Be brief.").write(given)["conversations"]
    assert turns[0] == {"from": "system", "value": "Be brief."}
    assert [turn["from"] for turn in turns] == ["system", "human", "gpt"]
    assert style(Layout.openai).write(given) == {"messages": plain}


@pytest.mark.parametrize("layout", sorted(set(Layout) - SYSTEM_TURNS.keys()))
def test_a_layout_without_turns_refuses_a_system_turn(layout: Layout):
    with pytest.raises(Invalid, match="openai, sharegpt, prompt-completion-messages, preference-messages"):
        style(layout, "Be brief.")


@pytest.mark.parametrize("texts", [*TEXTS, (None, None)])
def test_the_full_layout_loses_nothing(texts: tuple[str | None, str | None]):
    given = instruction(*texts)
    written = json.loads(json.dumps(LAYOUTS[Layout.full](given.model_dump(mode="json"))))
    assert written.keys() == Instruction.model_fields.keys()
    assert Instruction.model_validate(written) == given
