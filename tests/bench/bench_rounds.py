"""How fast votes are loaded and a round is closed, beside the bare driver writing as many rows.

A taxonomy of proposed fields with twenty disciplines each; five people vote on every node. The bare
driver creates as many nodes as there are votes, each linked to a node that is there, and then sets a status
and a record on as many nodes as the round decides about, in transactions of the same size. Both run in an
embedded Neo4j of their own, one after the other; what counts is the ratio.
Run: python tests/bench/bench_rounds.py [--quick]
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from planting import rows_of

from graph.database import Address, Database, schema
from graph.embedded.attach import Attachment, EmbeddedConfig, attach, stop
from graph.model import Kind, NewNode, Status, new_ids
from graph.review import agreement, closing, loading, results, rounds, votes
from graph.review.counting import Choice
from graph.review.loading import Loaded
from graph.review.rounds import AT_ONCE, NewRound
from graph.review.votes import NewVote, Voter
from graph.taxonomy import nodes
from service.settings import Settings

PER_FIELD = 20
NODES, PEOPLE, ONCE = 20_000, 5, 500
RAW_VOTES = """
UNWIND $rows AS row MATCH (n:TaxonomyNode {id: row.node})
CREATE (:Raw)-[:RAW]->(v:Raw {id: row.id})-[:RAW]->(n)
SET v += row.vote
"""
RAW_CLOSING = """
UNWIND $rows AS row MATCH (n:TaxonomyNode {id: row.node}) SET n.status = 'accepted', n.version = n.version + 1
CREATE (e:Raw {id: row.id, who: 'raw', action: 'voted', detail: row.detail})-[:RAW]->(n)
"""

Rows = dict[str, float]


@contextmanager
def server() -> Generator[Attachment]:
    """An embedded Neo4j in a folder that is removed."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        config = EmbeddedConfig(
            home=Path(folder), cache=settings.cache, maven_url=settings.maven_url, linger_s=5
        )
        attachment = attach(config)
        try:
            yield attachment
        finally:
            attachment.release()
            stop(config, force=True)


async def planted(database: Database, number: int) -> tuple[str, list[str]]:
    """A root, and as many proposed nodes below it."""
    [root] = await nodes.insert_many(database, [NewNode(kind=Kind.Taxonomy, name="Root")])
    assert root.id
    ids: list[str] = []
    while len(ids) < number:
        name = f"Field {len(ids)}"
        field = NewNode(kind=Kind.Field, name=name, parent_id=root.id, status=Status.proposed)
        [above] = await nodes.insert_many(database, [field])
        below = [
            NewNode(kind=Kind.Discipline, name=f"{name}.{n}", parent_id=above.id, status=Status.proposed)
            for n in range(min(PER_FIELD, number - len(ids) - 1))
        ]
        ids += [one.id for one in (above, *await nodes.insert_many(database, below)) if one.id]
    return root.id, ids


def chosen(ids: list[str], who: str, person: int) -> list[loading.Line]:
    """One vote on each node; most keep, as people do."""
    return [
        (n, Loaded(node=id_, who=who, choice=Choice.remove if (n + person) % 7 == 0 else Choice.keep))
        for n, id_ in enumerate(ids)
    ]


async def whole(lines: list[loading.Line]) -> AsyncIterator[list[loading.Line]]:
    """The lines in one part."""
    yield lines


async def measured(address: Address, number: int, people: int, once: int) -> Rows:
    """Seconds by what was done."""
    database = await Database.open(address)
    await schema.migrate(database)
    root, ids = await planted(database, number)
    found: Rows = {}
    began = perf_counter()

    def lap(name: str) -> None:
        nonlocal began
        found[name] = perf_counter() - began
        began = perf_counter()

    opened, _ = await rounds.open_round(database, NewRound(root_id=root, name="Bench"), "bench")
    lap("open")
    for person in range(people):
        lines = chosen(ids, f"person {person}", person)
        report = await loading.load_votes(database, opened.id, whole(lines), Voter("bench", unverified=True))
        assert report.created == number
    lap("load")
    for id_ in ids[:once]:
        await votes.cast(database, opened.id, id_, Voter("one"), NewVote(choice=Choice.keep))
    lap("single")
    await results.result(database, opened.id)
    lap("result")
    await agreement.of(database, opened.id, Kind.Field)
    lap("agreement")
    await results.next_for(database, opened.id, "one")
    lap("next")
    await closing.close(database, opened.id, "bench")
    lap("close")
    raw_s = await raw(database, ids, people)
    await database.close()
    return found | raw_s


async def raw(database: Database, ids: list[str], people: int) -> Rows:
    """Seconds that the bare driver takes for the same rows."""
    vote = {"round": "r", "who": "person", "choice": "keep", "kind": "person", "current": True}
    await rows_of(database, "CREATE CONSTRAINT raw_id IF NOT EXISTS FOR (r:Raw) REQUIRE r.id IS UNIQUE")
    await rows_of(database, "CALL db.awaitIndexes()")
    began = perf_counter()
    for _ in range(people):
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            rows = [
                {"node": id_, "id": new, "vote": vote}
                for id_, new in zip(part, new_ids(len(part)), strict=True)
            ]
            await rows_of(database, RAW_VOTES, rows=rows)
    voted = perf_counter()
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        rows = [
            {"node": id_, "id": new, "detail": "x" * 200}
            for id_, new in zip(part, new_ids(len(part)), strict=True)
        ]
        await rows_of(database, RAW_CLOSING, rows=rows)
    return {"raw_votes": voted - began, "raw_closing": perf_counter() - voted}


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The rows of the table; the ratio is to the bare driver."""
    number = NODES // 10 if quick else NODES
    with server() as running:
        address = Address(running.uri, running.username, running.password)
        found = asyncio.run(measured(address, number, PEOPLE, ONCE))

    def row(what: str, name: str, count: int, raw_name: str = "") -> dict[str, Any]:
        ratio = found[raw_name] / found[name] if raw_name else None
        return {
            "what": what,
            "rows": f"{count:,}",
            "seconds": f"{found[name]:.2f}",
            "rows/s": f"{count / found[name]:,.0f}",
            "to the bare driver": f"{ratio:.2f}" if ratio else "",
        }

    cast = number * PEOPLE
    return [
        row("opened", "open", number),
        row("votes loaded", "load", cast, "raw_votes"),
        row("votes cast one by one, by one person", "single", ONCE),
        row("result, before closing", "result", cast),
        row("agreement, by field", "agreement", cast),
        row("whom to ask next", "next", cast),
        row("closed", "close", number, "raw_closing"),
    ]


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("rounds")
