"""The page docs/benchmarks.md: its sections, and tables that are written and read back."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"

Row = dict[str, Any]


def sections(page: str) -> dict[str, str]:
    """The sections of a page: text by title."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)[1:]
    return {title: text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}


def table(rows: list[Row]) -> str:
    """Rows with the same columns as a Markdown table, with numbers aligned right."""
    columns = list(rows[0])
    right = [all(_numeric(row[column]) for row in rows) for column in columns]
    lines = [columns, ["--:" if r else "---" for r in right], *([row[c] for c in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(_cell(value) for value in line)} |" for line in lines)


def _cell(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _numeric(value: Any) -> bool:
    return isinstance(value, int | float) or re.fullmatch(r"[-+\d.,]*( ms| s|x)?", str(value)) is not None


def rows_of(text: str) -> Iterator[dict[str, str]]:
    """The rows of all tables of a section, each by the columns of its own."""
    columns: list[str] = []
    for line in text.splitlines():
        if not line.startswith("|"):
            columns = []
        elif not columns:
            columns = _cells(line)
        elif not set(line) <= set("|-: "):
            yield dict(zip(columns, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]
