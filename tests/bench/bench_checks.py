"""Questions per second through the checks of the stream, beside a graph that already keeps many.

The questions are made of words drawn by the frequencies of real ones, so that the index has lists as long as
they would be. Every hundredth repeats a kept one in another form, and has to be found. Then as many questions
that no check has seen are put beside them, and `glan check duplicates` looks through those alone.
Run: python tests/bench/bench_checks.py [--quick]
"""

import asyncio
import os
import random
import sys
from collections.abc import AsyncGenerator
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import Say, cpu_s, planted, resident, silent
from checking import NO_MODEL, begin
from growing import working
from planting import Plant

from generators.quality.duplicates.search_words import shipped_frequencies
from generators.running.comparing.benchmarks import Benchmarks
from generators.running.comparing.checks import QuestionCheck
from generators.running.comparing.comparison import Asked
from generators.spec import ChecksSpec
from graph.database import Database
from graph.model import Kind
from graph.quality import checks
from graph.queries import Query
from service.database import open_database

SIZES, QUICK_SIZES = (0, 100_000, 1_000_000), (0, 5_000)
LOOKED_AT, QUICK_LOOKED_AT = 3_000, 500
# Questions that wait at once: those of a job with 64 calls in flight.
AT_ONCE = 256
EVERY = 100
PAGE = 2_000
UNSEEN, QUICK_UNSEEN = 10_000, 1_000
FILL: Any = Query(
    "bench.fill",
    "UNWIND $rows AS row CREATE (i:Instruction {id: row.id}) "
    "SET i += row, i.concepts = [], i.status = 'accepted', i.created_at = datetime()",
    "",
    "write",
    {},
    {},
)
ADD: Any = Query(
    "bench.add",
    "MATCH (s:TaxonomyNode {id: $session}) UNWIND $rows AS row "
    "CREATE (i:Instruction {id: row.id})-[:DRAWN_FROM]->(s) "
    "SET i += row, i.answer = 'So.', i.sessions = [s.id], i.concepts = [], i.status = 'accepted', "
    "i.created_at = datetime()",
    "",
    "write",
    {},
    {},
)

Row = dict[str, Any]


class Questions:
    """Questions of some 40 words, always the same ones for a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        frequencies = shipped_frequencies()
        self._words = list(frequencies)
        self._weights = list(accumulate(frequencies.values()))

    def next(self) -> str:
        """Another question."""
        said = self._rng.choices(self._words, cum_weights=self._weights, k=self._rng.randint(20, 60))
        return " ".join(said).capitalize() + "?"


def measure(*, quick: bool = False, say: Say = silent) -> list[Row]:
    """One row per number of kept questions."""
    with planted() as garden:
        return asyncio.run(_measured(garden, QUICK_SIZES if quick else SIZES, quick, say))


async def _measured(garden: Any, sizes: tuple[int, ...], quick: bool, say: Say) -> list[Row]:
    rows: list[Row] = []
    async with open_database(garden.settings()) as database:
        filled, source, samples = 0, Questions(1), list[str]()
        for size in sizes:
            say(f"fills the graph up to {size:,} questions")
            began = perf_counter()
            async for batch in _batches(source, filled, size):
                samples += [row["question"] for row in batch[:: PAGE // 4]]
                await database.write(FILL, rows=batch)
            seconds = perf_counter() - began
            fill = (size - filled) / seconds if size > filled else None
            filled = size
            await _looked(database, Questions(size + 2), samples, 200)  # warms up
            rows.append(await _row(garden, database, size, samples, fill, quick))
            say(str(rows[-1]))
    return rows


async def _batches(source: Questions, first: int, size: int) -> AsyncGenerator[list[Row]]:
    for start in range(first, size, PAGE):
        batch: list[Row] = []
        for n in range(start, min(start + PAGE, size)):
            asked = Asked.of(f"kept-{n}", source.next(), ())
            batch.append(
                {
                    "id": asked.id,
                    "question": asked.text,
                    "text_key": asked.prepared.key,
                    "words": asked.stored_words,
                }
            )
        yield batch


async def _row(
    garden: Any, database: Database, size: int, samples: list[str], fill: float | None, quick: bool
) -> Row:
    wanted = QUICK_LOOKED_AT if quick else LOOKED_AT
    cpu, theirs, began = process_time(), cpu_s(garden.neo4j_pid), perf_counter()
    found, planted_ = await _looked(database, Questions(size + 1), samples, wanted)
    seconds = perf_counter() - began
    return {
        "kept questions": f"{size:,}",
        "questions/s": round(wanted / seconds),
        "CPU of the worker, ms a question": round(1000 * (process_time() - cpu) / wanted, 2),
        "CPU of Neo4j, ms a question": round(1000 * (cpu_s(garden.neo4j_pid) - theirs) / wanted, 2),
        "repeated ones found": f"{found} of {planted_}",
        "stored before, questions/s": round(fill) if fill else "",
        **await _unseen(garden, database, size, samples, QUICK_UNSEEN if quick else UNSEEN),
    }


async def _unseen(garden: Any, database: Database, size: int, samples: list[str], wanted: int) -> Row:
    """How long a check takes for questions that it has not seen, beside those that it has."""
    plant = Plant(database)
    top = await plant.node(Kind.Field, f"Field beside {size}", await plant.node(Kind.Taxonomy, f"All {size}"))
    root = await plant.node(Kind.Discipline, f"Beside {size}", top)
    session = (await plant.syllabus(root, f"Beside {size}", {"One": ["one"]})).sessions["One"]
    source, rng = Questions(size + 3), random.Random(8)
    texts = [source.next() for _ in range(wanted)]
    repeated = range(0, wanted if samples else 0, EVERY)
    for n in repeated:
        texts[n] = f"**{rng.choice(samples)[:-1].upper()}** !"
    rows = [{"id": f"unseen-{size}-{n}", "question": text} for n, text in enumerate(texts)]
    for start in range(0, wanted, PAGE):
        await database.write(ADD, session=session, rows=rows[start : start + PAGE])
    cpu, theirs, began = process_time(), cpu_s(garden.neo4j_pid), perf_counter()
    async with working(database, NO_MODEL):
        check = await begin(database, root, kind="duplicates")
        while not (check := await checks.get(database, check.id)).ended:
            await asyncio.sleep(0.2)
    seconds = perf_counter() - began
    if (check.looked_at, check.found) != (wanted, len(repeated)):
        raise AssertionError(
            f"{check.found} of {len(repeated)} found among {check.looked_at}: {check.reason}"
        )
    return {
        f"{wanted:,} unseen by glan check, s": round(seconds, 1),
        "CPU for them, worker and Neo4j, s": (
            f"{process_time() - cpu:.1f}, {cpu_s(garden.neo4j_pid) - theirs:.1f}"
        ),
        "peak memory of the worker, MB": round(resident(os.getpid(), "VmHWM")),
    }


async def _looked(database: Database, source: Questions, samples: list[str], wanted: int) -> tuple[int, int]:
    """How many repeated questions were found, and how many there were; raises if another was refused."""
    limit = asyncio.Semaphore(AT_ONCE)
    rng = random.Random(7)
    found = planted_ = 0

    async def look(check: QuestionCheck, n: int, text: str, *, repeats: bool) -> None:
        nonlocal found
        async with limit:
            asked = Asked.of(f"asked-{n}", text, ())
            looked = await check.look(asked)
            # Nothing of these is stored.
            check.dropped(asked.id)
        found += repeats and looked.found.reason is not None
        if looked.found.reason is not None and not repeats:
            raise AssertionError(f"refused a question that repeats nothing: {text}: {looked.found}")

    async with (
        QuestionCheck(database, ChecksSpec(), Benchmarks(database)) as check,
        asyncio.TaskGroup() as group,
    ):
        for n in range(wanted):
            repeats = bool(samples) and n % EVERY == 0
            planted_ += repeats
            text = f"**{rng.choice(samples)[:-1].upper()}** !" if repeats else source.next()
            group.create_task(look(check, n, text, repeats=repeats))
            if n % AT_ONCE == 0:
                await asyncio.sleep(0)
    return found, planted_


if __name__ == "__main__":
    for row in measure(
        quick="--quick" in sys.argv, say=lambda text: print(text, file=sys.stderr, flush=True)
    ):
        print(row)
