"""The layouts in which instructions are handed out; each the convention of the tools that read it."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from graph.instructions import Instruction


class Layout(StrEnum):
    """full: all fields; the others: question and answer as that tool's files have them."""

    full = "full"
    openai = "openai"
    alpaca = "alpaca"
    sharegpt = "sharegpt"


def _full(instruction: Instruction) -> dict[str, Any]:
    return instruction.model_dump(mode="json")


def _openai(instruction: Instruction) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "user", "content": instruction.question},
            {"role": "assistant", "content": instruction.answer},
        ]
    }


def _alpaca(instruction: Instruction) -> dict[str, Any]:
    return {"instruction": instruction.question, "input": "", "output": instruction.answer}


def _sharegpt(instruction: Instruction) -> dict[str, Any]:
    return {
        "conversations": [
            {"from": "human", "value": instruction.question},
            {"from": "gpt", "value": instruction.answer},
        ]
    }


LAYOUTS: dict[Layout, Callable[[Instruction], dict[str, Any]]] = {
    Layout.full: _full,
    Layout.openai: _openai,
    Layout.alpaca: _alpaca,
    Layout.sharegpt: _sharegpt,
}


def lay_out(instruction: Instruction, layout: Layout) -> dict[str, Any]:
    """An instruction as a JSON object of the layout."""
    return LAYOUTS[layout](instruction)
