"""Kept questions that the full-text index does not have yet, and how they get there.

A commit makes a segment of the index, which is merged with others, whatever number of questions it has: with
one commit for a few questions each, the index takes Neo4j more than all the rest of an instruction. So the
words of kept questions are stored some hundred at once, and until then the questions are found here.
"""

import asyncio
import logging
from collections.abc import Sequence

from generators.quality.duplicates.search_words import leading, shares
from generators.running.comparing.comparison import Asked
from graph.database import Database
from graph.errors import GraphError
from graph.quality import evidence

log = logging.getLogger("glan")

# Seconds between two commits, and the most questions that one of them has.
GATHER_S = 2.0
AT_ONCE = 500


class OnTheWay:
    """The kept questions of a run, from the moment they are kept until the index has them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, Asked] = {}
        self._having: dict[str, set[str]] = {}
        self._landed: list[str] = []
        self._flushing = asyncio.Lock()

    def add(self, asked: Asked) -> None:
        """Takes a question that is about to be stored."""
        self._kept[asked.id] = asked
        for word in asked.words:
            self._having.setdefault(word, set()).add(asked.id)

    def landed(self, id_: str) -> None:
        """Says that a question is in the graph, where it gets its words soon."""
        if id_ in self._kept:
            self._landed.append(id_)

    def dropped(self, id_: str) -> None:
        """Forgets a question, which the index has or never will."""
        if asked := self._kept.pop(id_, None):
            for word in asked.words:
                self._having[word].remove(id_)
                if not self._having[word]:
                    del self._having[word]

    def near(self, rare: Sequence[str]) -> list[Asked]:
        """The questions that share enough of these words, the rarest of another."""
        found = {id_ for word in leading(rare) for id_ in self._having.get(word, ())}
        return [one for id_ in sorted(found) if shares((one := self._kept[id_]).words, rare)]

    async def run(self) -> None:
        """Stores the words of what has landed, again and again; never ends by itself."""
        while True:
            await asyncio.sleep(GATHER_S)
            try:
                await self.flush()
            except GraphError as error:
                # They are found here until it goes well.
                log.warning("words of kept questions were not stored, and will be tried again: %s", error)

    async def flush(self) -> None:
        """Stores the words of what has landed by now. Raises GraphError."""
        async with self._flushing:
            while self._landed:
                ids = self._landed[:AT_ONCE]
                await evidence.give_words(self._database, [self._worded(id_) for id_ in ids])
                del self._landed[: len(ids)]
                for id_ in ids:
                    self.dropped(id_)

    def _worded(self, id_: str) -> evidence.Worded:
        return {"id": id_, "words": self._kept[id_].stored_words}


async def repair(database: Database, job_id: str) -> None:
    """Gives words to the kept questions of a job whose worker ended before it did."""
    while rows := await evidence.wordless(database, job_id, AT_ONCE):
        await evidence.give_words(database, await asyncio.to_thread(_worded, rows))


def _worded(rows: Sequence[tuple[str, str]]) -> list[evidence.Worded]:
    return [{"id": id_, "words": Asked.of(id_, question, ()).stored_words} for id_, question in rows]
