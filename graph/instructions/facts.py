"""What a release pins of its instructions beside their lines: where they stood, their splits, their prompts.

The lines themselves never get more fields, as their bytes are the release. What is known of each line is kept
part by part, in columns, so that a card or a split of the release comes from what it was made of, whatever
has become of the graph since.
"""

import zlib
from collections.abc import Sequence
from typing import NotRequired, TypedDict, cast

from pydantic_core import from_json, to_json

from graph.database import Database, Row
from graph.instructions.splits import Placing, Split
from graph.queries import load

UNKNOWN = "unknown"
"""The field of what was made from a syllabus that is under none any more, because it was purged."""

FACTS = load("release.facts")
PLACES = load("syllabus.places")


class Facts(TypedDict):
    """Columns with a value for each line of a part; null where it is not known."""

    split: list[Split | None]
    field: list[str | None]
    discipline: list[str | None]
    question_prompt: list[list[str | None]]
    """Version, such as questions@2, and hash."""
    answer_prompt: list[list[str | None]]
    dials: list[list[str] | None]
    """Labels such as difficulty=apply."""
    checked: list[list[str] | None]
    """Ids of the rules that it was checked by."""
    flags: NotRequired[list[list[str] | None]]
    """Of rules that found something in it that is not sure; missing in older releases."""


async def of(database: Database, rows: Sequence[Row], placing: Placing | None) -> Facts:
    """The facts of some instructions, in their order; without splits if there is no `placing`."""
    syllabi = sorted({row["syllabus_id"] for row in rows})
    places = {row["id"]: row for row in await database.read(PLACES, ids=syllabi)}
    known = {row["id"]: row for row in await database.read(FACTS, ids=[row["id"] for row in rows])}
    splits = await placing.of(rows) if placing else [None] * len(rows)
    at = [places.get(row["syllabus_id"], {}) for row in rows]
    found = [known.get(row["id"], {}) for row in rows]
    return {
        "split": list(splits),
        "field": [place.get("field") for place in at],
        "discipline": [place.get("discipline") for place in at],
        "question_prompt": [row.get("question_prompt", [None, None]) for row in found],
        "answer_prompt": [row.get("answer_prompt", [None, None]) for row in found],
        "dials": [row.get("dials") for row in found],
        "checked": [row.get("checked") for row in found],
        "flags": [row.get("flags") for row in found],
    }


def packed(facts: Facts) -> bytes:
    """The facts as they are stored."""
    return zlib.compress(to_json(facts))


def unpacked(data: bytes) -> Facts:
    """The facts of stored bytes."""
    return cast(Facts, from_json(zlib.decompress(data)))
