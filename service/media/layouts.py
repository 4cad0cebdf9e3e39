"""The layouts in which instructions are pulled, each following the convention of the tools that read it."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from graph.database import Row


class Layout(StrEnum):
    """full: all fields; the others: question and answer in the form of that tool's files."""

    full = "full"
    openai = "openai"
    alpaca = "alpaca"
    sharegpt = "sharegpt"


def _full(row: Row) -> Row:
    return row


def _openai(row: Row) -> Row:
    return {
        "messages": [
            {"role": "user", "content": row["question"]},
            {"role": "assistant", "content": row["answer"]},
        ]
    }


def _alpaca(row: Row) -> Row:
    return {"instruction": row["question"], "input": "", "output": row["answer"]}


def _sharegpt(row: Row) -> Row:
    return {
        "conversations": [
            {"from": "human", "value": row["question"]},
            {"from": "gpt", "value": row["answer"]},
        ]
    }


LAYOUTS: dict[Layout, Callable[[Row], dict[str, Any]]] = {
    Layout.full: _full,
    Layout.openai: _openai,
    Layout.alpaca: _alpaca,
    Layout.sharegpt: _sharegpt,
}
