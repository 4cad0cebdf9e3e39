"""The layouts in which instructions are pulled, each following the convention of the tools that read it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graph.database import Row
from graph.errors import Invalid

LayOut = Callable[[Row], dict[str, Any]]


class Layout(StrEnum):
    """full: all fields; the others: question and answer in the form of that tool's files.

    prompt-completion and preference are TRL's, as plain text and, with -messages, as turns. The preference
    layouts have only what has a rejected answer beside the one that is kept.
    """

    full = "full"
    openai = "openai"
    alpaca = "alpaca"
    sharegpt = "sharegpt"
    prompt_completion = "prompt-completion"
    prompt_completion_messages = "prompt-completion-messages"
    preference = "preference"
    preference_messages = "preference-messages"


def _full(row: Row) -> Row:
    return row


def _turn(role: str, content: str | None) -> Row:
    return {"role": role, "content": content}


def _openai(row: Row) -> Row:
    return {"messages": [_turn("user", row["question"]), _turn("assistant", row["answer"])]}


def _alpaca(row: Row) -> Row:
    return {"instruction": row["question"], "input": "", "output": row["answer"]}


def _sharegpt(row: Row) -> Row:
    return {
        "conversations": [
            {"from": "human", "value": row["question"]},
            {"from": "gpt", "value": row["answer"]},
        ]
    }


def _prompt_completion(row: Row) -> Row:
    return {"prompt": row["question"], "completion": row["answer"]}


def _prompt_completion_messages(row: Row) -> Row:
    return {"prompt": [_turn("user", row["question"])], "completion": [_turn("assistant", row["answer"])]}


def _preference(row: Row) -> Row:
    return {"prompt": row["question"], "chosen": row["answer"], "rejected": row["rejected_answer"]}


def _preference_messages(row: Row) -> Row:
    return {
        "prompt": [_turn("user", row["question"])],
        "chosen": [_turn("assistant", row["answer"])],
        "rejected": [_turn("assistant", row["rejected_answer"])],
    }


LAYOUTS: dict[Layout, LayOut] = {
    Layout.full: _full,
    Layout.openai: _openai,
    Layout.alpaca: _alpaca,
    Layout.sharegpt: _sharegpt,
    Layout.prompt_completion: _prompt_completion,
    Layout.prompt_completion_messages: _prompt_completion_messages,
    Layout.preference: _preference,
    Layout.preference_messages: _preference_messages,
}
PAIRS = frozenset((Layout.preference, Layout.preference_messages))
"""Layouts of pairs of answers, which only some instructions have."""

# The field of a layout that holds its turns, and how a system turn is written there.
SYSTEM_TURNS: dict[Layout, tuple[str, Callable[[str], Row]]] = {
    Layout.openai: ("messages", lambda text: _turn("system", text)),
    Layout.sharegpt: ("conversations", lambda text: {"from": "system", "value": text}),
    Layout.prompt_completion_messages: ("prompt", lambda text: _turn("system", text)),
    Layout.preference_messages: ("prompt", lambda text: _turn("system", text)),
}


@dataclass(frozen=True)
class Style:
    """How rows are written: a layout, and the function that writes a row in it."""

    layout: Layout
    write: LayOut

    @property
    def pairs(self) -> bool:
        """Whether only instructions with a rejected answer can be written."""
        return self.layout in PAIRS


def style(layout: Layout, system: str | None = None) -> Style:
    """The style of a layout, with a system turn before each question if its text is given.

    Raises Invalid if the layout has no turns.
    """
    if system is None:
        return Style(layout, LAYOUTS[layout])
    if layout not in SYSTEM_TURNS:
        raise Invalid(f"the layout {layout} has no system turn; choose {', '.join(SYSTEM_TURNS)}")
    field, turn_of = SYSTEM_TURNS[layout]
    plain, turn = LAYOUTS[layout], turn_of(system)

    def write(row: Row) -> dict[str, Any]:
        written = plain(row)
        return {**written, field: [turn, *written[field]]}

    return Style(layout, write)
