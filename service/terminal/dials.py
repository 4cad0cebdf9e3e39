"""Dials on the command line: shares and personas as they are given, and counts as they are shown."""

from pathlib import Path
from typing import Any

import typer

MOST_BYTES = 1_000_000
# Values of one dial in a line.
MOST_SHOWN = 8


def shares(option: str, text: str | None) -> dict[str, float] | None:
    """Shares written as "apply=2,analyze=1"; a value without a number has the share 1.

    Raises BadParameter.
    """
    if text is None:
        return None
    found: dict[str, float] = {}
    for part in text.split(","):
        value, equals, number = part.rpartition("=")
        value = (value if equals else part).strip()
        if not value:
            raise typer.BadParameter(f"{part!r} names no value; write apply=2,analyze=1", param_hint=option)
        if value in found:
            raise typer.BadParameter(f"{value!r} stands there twice", param_hint=option)
        try:
            found[value] = float(number) if equals else 1.0
        except ValueError:
            raise typer.BadParameter(
                f"{number.strip()!r} is not a share; write a number, such as {value}=2", param_hint=option
            ) from None
    return found


def personas(text: str | None) -> str | list[str] | None:
    """`graph`, or the lines of a file. Raises BadParameter."""
    if text is None or text == "graph":
        return text
    file = Path(text)
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        said = f"{text} cannot be read ({error.strerror}); give `graph`, or a file with one persona a line"
        raise typer.BadParameter(said, param_hint="--persona") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{text} is not UTF-8 text", param_hint="--persona") from None
    found = [line.strip() for line in lines if line.strip()]
    if len(data) > MOST_BYTES or not found:
        problem = "has no lines" if not found else "is too long: over 1 MB"
        raise typer.BadParameter(f"{text} {problem}", param_hint="--persona")
    return found


def lines(counts: dict[str, dict[str, int]]) -> list[str]:
    """A line per dial with the most frequent of its values."""
    told: list[str] = []
    for name, values in counts.items():
        first = sorted(values.items(), key=lambda item: (-item[1], item[0]))
        shown = [f"{value} {count:,}" for value, count in first[:MOST_SHOWN]]
        if len(first) > MOST_SHOWN:
            shown.append(f"and {len(first) - MOST_SHOWN:,} more")
        told.append(f"{name}: {', '.join(shown)}")
    return told


def rows(coverage: dict[str, Any]) -> list[list[str]]:
    """Rows of a table: dial, value, instructions, and their share of those that have the dial."""
    found: list[list[str]] = []
    for name, values in coverage["dials"].items():
        whole = sum(values.values())
        for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0])):
            found.append([name, value, f"{count:,}", f"{count / whole:.1%}"])
    return found
