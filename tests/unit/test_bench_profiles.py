"""The parts by which the benchmark of a sample tells what a stack belongs to."""

import sys
from types import FrameType

import pytest
from bench import neo4j_profile, worker_profile

from generators.quality.flaws import has_any

CYPHER = "org/neo4j/cypher/internal"


@pytest.mark.parametrize(
    ("part", "stack"),
    [
        (
            "planning",
            [f"{CYPHER}/frontend/phases/Namespacer.process", f"{CYPHER}/planning/CypherPlanner.plan"],
        ),
        (
            "full-text search",
            [
                "org/apache/lucene/search/IndexSearcher.search",
                f"{CYPHER}/planning/ExceptionTranslatingReadQueryContext.callReadOnlyProcedure",
            ],
        ),
        (
            "commit: indexes, full-text ones too",
            [
                "org/apache/lucene/index/IndexWriter.updateDocument",
                "org/neo4j/kernel/impl/api/InternalTransactionCommitProcess.commit",
            ],
        ),
        ("interpretation of statements", [f"{CYPHER}/runtime/interpreted/pipes/ApplyPipe.next"]),
        ("Bolt", ["io/netty/channel/AbstractChannel.write", "org/neo4j/bolt/fsm/StateMachine.process"]),
        ("other", ["java/lang/Thread.run"]),
    ],
)
def test_a_stack_of_neo4j_belongs_to_a_part(part: str, stack: list[str]):
    assert neo4j_profile.part("\n".join(stack)) == part


@pytest.mark.parametrize(("text", "seconds"), [("PT0.012S", 0.012), ("PT2S", 2.0), ("PT1M2.5S", 62.5)])
def test_durations_are_seconds(text: str, seconds: float):
    assert neo4j_profile.seconds_of(text) == seconds


def test_the_innermost_function_that_is_in_a_part_decides():
    seen: list[FrameType | None] = []

    class Listening(str):
        def __contains__(self, word: str) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
            seen.append(sys._getframe())
            return False

    has_any(Listening("a text"), ["word"])
    assert worker_profile.part(seen[0]) == "comparison with other questions"
    assert worker_profile.part(sys._getframe()) != "comparison with other questions"
