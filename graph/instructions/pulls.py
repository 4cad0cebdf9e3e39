"""Pulling a subtree: windows of rows in an order that new instructions do not disturb.

The order is by the ids of syllabus, session and instruction. An instruction comes once, at the first session
inside the subtree that it was drawn from, and a session once, in its first syllabus inside the subtree,
however many paths lead there. A place in this order is a key of three ids; below a session or a concept the
first two are empty.

Rows come in windows, each read in its own transaction: a client that is slow, or gone, holds no resources of
the database, and at most two windows are in memory. Rows bypass pydantic for speed; a test checks that they
equal what graph.instructions.Instruction would give.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from graph.database import Database, Row
from graph.dials import alternatives, values_of
from graph.model import Kind, Text
from graph.pages import Page, decode, encode
from graph.queries import load
from graph.taxonomy import nodes

T = TypeVar("T")

SECTIONS = load("instruction.sections")
PULL = load("instruction.pull")
PULL_LEAF = load("instruction.pull_leaf")

START = ("", "", "")
# The first window is small, so that its rows come at once; later ones are large enough to be worth their
# fixed cost.
FIRST, LARGEST = 100, 1_000
# Syllabi that one query reads: few if they hold many instructions, many if they are empty.
FEWEST, MOST = 4, 128
SYLLABI_AT_ONCE = 256

Key = Sequence[str | int]


@dataclass(frozen=True)
class Filter:
    """Which instructions of a subtree are wanted; `since` is compared with the time of the last change."""

    statuses: Sequence[str] = ("accepted",)
    strategy: Literal["single", "pair", "cross"] | None = None
    since: datetime | None = None
    job_id: str | None = None
    language: str | None = None
    model: str | None = None
    dials: Sequence[str] = ()
    """Values of dials, such as difficulty=apply; of each dial that is named, one of its values is wanted."""
    pairs: bool = False
    """Whether only those are wanted that have a rejected answer beside the one they have."""

    def params(self) -> Row:
        """The filter as the queries take it."""
        # In UTC, as stored: to Neo4j the same moment in two zones differs. A time without a zone is UTC.
        utc = self.since and (self.since if self.since.tzinfo else self.since.replace(tzinfo=UTC)).astimezone(
            UTC
        )
        return {
            "statuses": [str(status) for status in self.statuses],
            "strategy": self.strategy,
            "since": utc.isoformat() if utc else None,
            "job_id": self.job_id,
            "language": self.language,
            "model": self.model,
            "dials": alternatives(self.dials),
            "pairs": self.pairs,
        }


class Chosen(BaseModel):
    """Which instructions of a subtree are meant, as a request says it."""

    model_config = ConfigDict(extra="forbid")

    node_id: Text = Field(description="The root of the subtree")
    strategy: Literal["single", "pair", "cross"] | None = Field(
        default=None, description="Only those drawn with this strategy"
    )
    since: datetime | None = Field(default=None, description="Only those changed at or after this time")
    job_id: Text | None = Field(default=None, description="Only those produced by this job")
    language: Text | None = Field(default=None, description="Only those in this language")
    model: Text | None = Field(
        default=None, description="Only those whose question or answer this model wrote"
    )

    def wanted(self, statuses: Sequence[str], dials: Sequence[str] = ()) -> Filter:
        """The filter of those with these statuses, and values of dials."""
        return Filter(
            statuses, self.strategy, self.since, self.job_id, self.language, self.model, tuple(dials)
        )


@dataclass
class Window:
    """Some rows, each an Instruction in the form of its JSON, with the keys of their places."""

    keys: list[Key] = field(default_factory=list[Key])
    rows: list[Row] = field(default_factory=list[Row])
    lines: list[bytes] | None = None
    """The rows as JSON lines in the full layout, if they were stored that way."""
    of: str = "instructions"
    """The list that the keys are of, in cursors."""

    def __len__(self) -> int:
        return len(self.rows)

    def chosen(self, numbers: Sequence[int]) -> "Window":
        """The window of the rows with these numbers."""
        lines = None if self.lines is None else [self.lines[n] for n in numbers]
        return Window([self.keys[n] for n in numbers], [self.rows[n] for n in numbers], lines, self.of)


Windows = AsyncGenerator[Window]


async def of_node(
    database: Database,
    node_id: str,
    wanted: Filter,
    cursor: str | None = None,
    *,
    first: int = FIRST,
    largest: int = LARGEST,
) -> Windows:
    """The windows of a subtree after the cursor; raises NotFound or Invalid before the first one."""
    kind = (await nodes.get(database, node_id)).kind
    after = decode("instructions", cursor, START)
    reader = _Reader(database, node_id, wanted.params(), after, first, largest)
    return reader.leaf() if kind in (Kind.ClassSession, Kind.KeyConcept) else reader.sections()


class _Reader:
    """Reads window after window and remembers the place it has reached."""

    def __init__(
        self, database: Database, node_id: str, wanted: Row, after: Sequence[Any], first: int, largest: int
    ) -> None:
        self._database = database
        self._node_id = node_id
        self._wanted = wanted
        self._after: Sequence[Any] = after
        self._size = first
        self._largest = largest
        self._width = FEWEST

    async def leaf(self) -> Windows:
        """The windows of a session or a concept."""
        while True:
            window = await self._window(PULL_LEAF, {"instruction": self._after[2]})
            full = self._pass(window)
            if window:
                yield window
            if not full:
                return

    async def sections(self) -> Windows:
        """The windows of all syllabi at or below the node."""
        begin: str | None = self._after[0]
        while begin is not None:
            # One more than are read now: the next round starts with it.
            ids = await self._syllabi(begin)
            begin = ids[SYLLABI_AT_ONCE] if len(ids) > SYLLABI_AT_ONCE else None
            async for window in self._of_syllabi(ids[:SYLLABI_AT_ONCE]):
                yield window

    async def _syllabi(self, begin: str) -> list[str]:
        rows = await self._database.read(
            SECTIONS, **{"id": self._node_id, "from": begin, "limit": SYLLABI_AT_ONCE + 1}
        )
        return [row["id"] for row in rows]

    async def _of_syllabi(self, ids: list[str]) -> Windows:
        n = 0
        while n < len(ids):
            syllabi = ids[n : n + self._width]
            syllabus, session, instruction = self._after
            place: Row = {"syllabus": syllabus, "session": session, "instruction": instruction}
            window = await self._window(PULL, place | {"syllabi": syllabi})
            if self._pass(window):
                reached = ids.index(self._after[0], n) - n
                n += reached
                self._width = self._width if reached >= self._width // 2 else max(FEWEST, self._width // 2)
            else:
                n += len(syllabi)
                self._width = min(MOST, 2 * self._width)
            if window:
                yield window

    async def _window(self, query: Any, place: Row) -> Window:
        params = {"id": self._node_id, "from": place, "wanted": self._wanted, "limit": self._size}
        [[rows]] = await self._database.values(query, **params)
        return Window([row[:3] for row in rows], [shown(*row[2:]) for row in rows])

    def _pass(self, window: Window) -> bool:
        """Moves the place to the window's end; returns whether it was full, so that more may follow here."""
        if window:
            self._after = [str(part) for part in window.keys[-1]]
        full = len(window) >= self._size
        if full:
            self._size = min(2 * self._size, self._largest)
        return full


def shown(
    id_: str,
    question: str | None,
    answer: str | None,
    rejected_answer: str | None,
    status: str,
    reason: str | None,
    strategy: str,
    sessions: list[str],
    concepts: list[str],
    syllabus_id: str,
    job_id: str | None,
    question_model: str | None,
    answer_model: str | None,
    calls: int | None,
    question_prompt_tokens: int | None,
    question_completion_tokens: int | None,
    answer_prompt_tokens: int | None,
    answer_completion_tokens: int | None,
    cost_usd: float | None,
    language: str | None,
    dials: list[str] | None,
    repeat: int,
    created_at: str,
    partner_id: str | None,
) -> Row:
    """An instruction in the form of its JSON, from its fields in the order of the queries' columns."""
    return {
        "id": id_,
        "question": question,
        "answer": answer,
        "rejected_answer": rejected_answer,
        "status": status,
        "reason": reason,
        "strategy": strategy,
        "sessions": sessions,
        "concepts": concepts,
        "syllabus_id": syllabus_id,
        "partner_id": partner_id,
        "job_id": job_id,
        "models": {"question": question_model, "answer": answer_model},
        "usage": {
            "calls": calls or 0,
            "question": {
                "prompt_tokens": question_prompt_tokens or 0,
                "completion_tokens": question_completion_tokens or 0,
            },
            "answer": {
                "prompt_tokens": answer_prompt_tokens or 0,
                "completion_tokens": answer_completion_tokens or 0,
            },
        },
        "cost_usd": cost_usd,
        "language": language,
        "dials": values_of(dials),
        "repeat": repeat,
        "created_at": moment(created_at),
    }


def moment(text: str) -> str:
    """A time from Neo4j as the API writes it: without a fraction if it is zero, otherwise with six digits.

    Raises ValueError if a time with a fraction is not in UTC.
    """
    whole, point, rest = text.partition(".")
    if not point:
        return text
    digits = rest.rstrip("Z")[:6].ljust(6, "0")
    if not rest.endswith("Z") or not digits.isdigit():
        raise ValueError(f"{text} is not a time in UTC")
    return f"{whole}Z" if digits == "000000" else f"{whole}.{digits}Z"


async def page_of(windows: Windows, limit: int) -> Page[Row]:
    """A page of the first `limit` rows; the windows must have been opened with size limit + 1 or more."""
    keys: list[Key] = []
    rows: list[Row] = []
    of = ""
    async for window in windows:
        keys += window.keys
        rows += window.rows
        of = window.of
        if len(rows) > limit:
            break
    await windows.aclose()
    more = len(rows) > limit
    return Page(items=rows[:limit], next=encode(of, keys[limit - 1]) if more else None)


async def ahead(items: AsyncIterator[T]) -> AsyncGenerator[T]:
    """The same items; while one is processed, the next is already being read."""
    coming = asyncio.ensure_future(_next(items))
    try:
        while (item := await coming) is not None:
            coming = asyncio.ensure_future(_next(items))
            yield item
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await coming


async def _next(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)
