"""Completes test sets: their questions become a benchmark, so that training gets nothing like them."""

from collections.abc import AsyncGenerator

from generators.running.comparing import benchmark_loading
from generators.spec import HeldOut
from graph.database import Database
from graph.evaluation import test_sets
from graph.quality import benchmarks
from graph.quality.loading import About, NewItem


async def complete(database: Database, held_out: HeldOut) -> None:
    """Loads the questions as a benchmark of the test set's name, all or none, and marks the set as complete.

    Doing it again changes nothing. Raises Conflict if another benchmark has the name.
    """
    count = 0

    async def parts() -> AsyncGenerator[list[NewItem]]:
        nonlocal count
        async for page in test_sets.stream_items(database, held_out.name):
            count += len(page)
            yield [NewItem(text=one["question"], split="test", task=one["discipline"][:200]) for one in page]

    about = About(name=held_out.name, source=benchmarks.OF_TEST)
    await benchmark_loading.load(database, about, parts(), by="glan")
    await test_sets.complete(database, held_out.name, count)


async def removed(database: Database, held_out: HeldOut) -> bool:
    """Whether the test set was taken out of use, so that no more of its questions are made."""
    return (await test_sets.get(database, held_out.name)).state == "removed"
