"""Checks questions before their answers are paid for, many at once.

A question is compared with the one in the graph that has its key, with those that share its rare words, with
those of this run that are on their way into the graph, and with the items of benchmarks. Two workers may keep
a question at the same moment: the graph then refuses the second one of a key, and a sweep at the end of the
job finds near-duplicates.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from generators.quality.duplicates.near_duplicates import LEAST_OVERLAP, RULE
from generators.quality.duplicates.search_words import MOST_ASKED, rarest, shipped_frequencies
from generators.quality.rules import answers, questions, text_rules
from generators.running.comparing.batches import batches
from generators.running.comparing.benchmarks import Benchmarks, InForce
from generators.running.comparing.comparison import Asked, Found, Kept, compare, sought
from generators.running.comparing.on_the_way import OnTheWay, repair
from generators.spec import ChecksSpec
from graph.database import Database
from graph.quality import evidence
from graph.quality.evidence import MOST_CANDIDATES, Candidates

MOST_AT_ONCE = 100
DUPLICATES_SETTINGS = {"least_overlap": LEAST_OVERLAP, "candidates": MOST_CANDIDATES, "words": MOST_ASKED}


class Looked(NamedTuple):
    """What was found about a question, and the ids of the rules by which it was checked."""

    found: Found
    rules: list[str]


_Waiting = tuple[Asked, "asyncio.Future[Looked]"]


class QuestionCheck:
    """`async with QuestionCheck(database, checks) as check: found = await check.look(asked)`."""

    def __init__(self, database: Database, checks: ChecksSpec, benchmarks: Benchmarks) -> None:
        self._database = database
        self._checks = checks
        self._benchmarks = benchmarks
        self._rules = [rule for rule, _ in _rules(checks)]
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()
        self._on_the_way = OnTheWay(database)
        # In how many texts each word stands: the shipped list, and what this run has kept.
        self._frequency = Counter[str]()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        # Read in a thread: it takes longer than the event loop may be held.
        self._frequency.update(await asyncio.to_thread(shipped_frequencies))
        self._tasks = [
            asyncio.create_task(self._run(), name="question check"),
            asyncio.create_task(self._on_the_way.run(), name="words of kept questions"),
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def look(self, asked: Asked) -> "asyncio.Future[Looked]":
        """What will be found about a question, or a GraphError; later ones are compared with kept ones.

        Questions are compared in the order of these calls. Whoever keeps it says afterwards that it has
        `landed`, or was `dropped`.
        """
        done: asyncio.Future[Looked] = asyncio.get_running_loop().create_future()
        done.add_done_callback(_heard)
        self._queue.put_nowait((asked, done))
        return done

    async def begin(self, job_id: str) -> None:
        """Gives words to what an earlier run of the job left without, and stores the rules in force.

        Raises GraphError.
        """
        if self._checks.duplicates:
            await repair(self._database, job_id)
        for rule, settings in _rules(self._checks):
            await evidence.record_rule(self._database, rule, settings)

    def landed(self, id_: str) -> None:
        """Says that a kept question is in the graph."""
        self._on_the_way.landed(id_)

    def dropped(self, id_: str) -> None:
        """Says that a kept question will never be in the graph."""
        self._on_the_way.dropped(id_)

    async def settle(self) -> None:
        """Makes all kept questions found by others. Raises GraphError."""
        await self._on_the_way.flush()

    async def _run(self) -> None:
        async for batch in batches(self._queue, MOST_AT_ONCE):
            await self._look_at(batch)

    async def _look_at(self, batch: list[_Waiting]) -> None:
        try:
            found = await self._compared([asked for asked, _ in batch])
        except Exception as error:  # whatever it is, every waiting caller gets it
            for _, done in batch:
                if not done.cancelled():
                    done.set_exception(error)
            return
        for (asked, done), one in zip(batch, found, strict=True):
            if done.cancelled():
                self.dropped(asked.id)
            else:
                done.set_result(one)

    async def _compared(self, batch: Sequence[Asked]) -> list[Looked]:
        rare = {one.id: rarest(one.words, self._frequency) for one in batch}
        # Before the graph is read: what leaves here after this is here, and what left before it is there.
        on_the_way = {id_: self._on_the_way.near(words) for id_, words in rare.items()}
        near = None
        if self._checks.duplicates:
            near = await evidence.candidates(self._database, sought(batch, rare))
        names = await self._names(near.values()) if near else {}
        in_force = await self.in_force()
        kept = Kept(near, rare, names, on_the_way, in_force)
        # In a thread: comparing a batch takes longer than the event loop may be held.
        found, fresh = await asyncio.to_thread(compare, batch, kept)
        if self._checks.duplicates:
            for one in fresh.values():
                self._on_the_way.add(one)
                self._frequency.update(one.words)
        rules = self._rules + ([in_force.rule] if in_force else [])
        return [Looked(one, rules) for one in found]

    async def in_force(self) -> InForce | None:
        """The benchmarks that are kept out; None if there are none, or if that is not wanted."""
        return await self._benchmarks.in_force() if self._checks.contamination else None

    async def _names(self, near: Iterable[Candidates]) -> dict[str, str]:
        ids = {id_ for candidates in near for one in candidates.found for id_ in one.concepts}
        return await evidence.concept_names(self._database, [*ids]) if ids else {}


def _heard(done: "asyncio.Future[Looked]") -> None:
    """Retrieves an error for which nobody may be waiting any more."""
    if not done.cancelled():
        done.exception()


def _rules(checks: ChecksSpec) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rules that all questions go through, each with its settings."""
    if checks.texts:
        for rule, parts in ((questions.RULE, questions.RULES), (answers.RULE, answers.RULES)):
            yield rule, text_rules.settings(parts)
    if checks.duplicates:
        yield RULE, DUPLICATES_SETTINGS
