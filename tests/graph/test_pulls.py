"""Pulls of generated DAGs, compared with the expected results, and while others write."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planting import every, rows_of

from graph.database import Database
from graph.errors import Invalid
from graph.instructions import instructions, pulls
from graph.instructions.instructions import Filter, Instruction, InstructionStatus
from graph.pages import encode

ALL = Filter(tuple(InstructionStatus))
KINDS = ("Taxonomy", "Field", "Subfield", "Discipline", "Subject", "Syllabus", "ClassSession", "KeyConcept")
SIZES = (1, 3, 3, 4, 6, 8, 14, 20)


@dataclass
class Dag:
    """Levels of nodes with random links from each level to the next, and instructions with their sessions."""

    levels: list[list[str]]
    children: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    drawn: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    covers: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def below(self, root: str) -> set[str]:
        found = {root}
        waiting = [root]
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    def expected(self, root: str) -> list[str]:
        """Ids in the order of a pull: each at the least pair of a syllabus inside and a session of it."""
        if root in self.levels[7]:
            return sorted(i for i, concepts in self.covers.items() if root in concepts)
        if root in self.levels[6]:
            return sorted(i for i, sessions in self.drawn.items() if root in sessions)
        syllabi = self.below(root) & set(self.levels[5])
        places: dict[str, tuple[str, str]] = {}
        for id_, sessions in self.drawn.items():
            pairs = [(y, s) for y in syllabi for s in sessions if s in self.children.get(y, ())]
            if pairs:
                places[id_] = min(pairs)
        return sorted(places, key=lambda id_: (*places[id_], id_))


def generated(seed: int) -> Dag:
    """A DAG in which every node has one to three parents; pairs of sessions may share a syllabus or not."""
    random = Random(seed)
    names = [
        [f"{random.randrange(16**6):06x}{level}" for _ in range(size)] for level, size in enumerate(SIZES)
    ]
    dag = Dag(names)
    for above, level in pairwise(names):
        for node in level:
            for parent in random.sample(above, min(len(above), random.choice((1, 1, 2, 3)))):
                dag.children.setdefault(parent, set()).add(node)
    # Also a discipline directly under a field, and a subfield below another subfield.
    dag.children.setdefault(names[1][0], set()).add(names[3][1])
    dag.children.setdefault(names[2][0], set()).add(names[2][1])
    for n in range(60):
        id_ = f"{random.randrange(16**4):04x}-{n}"
        dag.drawn[id_] = random.sample(names[6], random.choice((1, 2)))
        dag.covers[id_] = random.sample(names[7], random.randint(1, 3))
    return dag


async def plant(database: Database, dag: Dag) -> None:
    """Writes the DAG, with only the properties that matter here."""
    for kind, level in zip(KINDS, dag.levels, strict=True):
        await rows_of(
            database,
            f"UNWIND $ids AS id CREATE (:TaxonomyNode:{kind} {{id: id, key: id, name: id, name_key: id,"
            " status: 'accepted', weight: 1.0, version: 1, created_at: datetime(), updated_at: datetime()})",
            ids=level,
        )
    links = [[above, below] for above, children in dag.children.items() for below in sorted(children)]
    await rows_of(
        database,
        "UNWIND $links AS link MATCH (a:TaxonomyNode {id: link[0]}), (b:TaxonomyNode {id: link[1]})"
        " CREATE (a)-[:CONTAINS]->(b)",
        links=links,
    )
    await add(database, dag, dag.drawn)


async def add(database: Database, dag: Dag, ids: Iterable[str], status: str = "accepted") -> None:
    """Writes instructions as a job would store them, in any order."""
    rows = [
        {"id": id_, "sessions": dag.drawn[id_], "concepts": dag.covers[id_], "status": status} for id_ in ids
    ]
    await rows_of(
        database,
        "UNWIND $rows AS row CREATE (i:Instruction {id: row.id, status: row.status, question: row.id,"
        " answer: row.id, strategy: CASE size(row.sessions) WHEN 2 THEN 'pair' ELSE 'single' END,"
        " sessions: row.sessions, concepts: row.concepts, syllabus_id: '', created_at: datetime(),"
        " updated_at: datetime()})"
        " WITH i, row CALL (i, row) { UNWIND row.sessions AS id MATCH (s:TaxonomyNode {id: id})"
        " CREATE (i)-[:DRAWN_FROM {position: 0}]->(s) }"
        " CALL (i, row) { UNWIND row.concepts AS id MATCH (k:TaxonomyNode {id: id})"
        " CREATE (i)-[:COVERS]->(k) }",
        rows=rows,
    )


async def ids_of(database: Database, root: str, limit: int) -> list[str]:
    found = await every(lambda cursor: instructions.pull_page(database, root, ALL, limit, cursor))
    return [one.id for one in found]


@pytest.mark.parametrize("seed", range(4))
async def test_every_root_of_a_dag_gives_each_of_its_instructions_once(database: Database, seed: int):
    dag = generated(seed)
    await plant(database, dag)
    assert any(len(dag.expected(y)) > 3 for y in dag.levels[5])
    for n, root in enumerate(id_ for level in dag.levels for id_ in level):
        wanted = dag.expected(root)
        streamed = [one.id async for one in await instructions.pull(database, root, ALL)]
        assert streamed == wanted, root
        if n % 5 == 0:
            assert await ids_of(database, root, 2) == wanted
            assert await ids_of(database, root, 7) == wanted


async def test_every_place_is_one_to_go_on_from(database: Database):
    dag = generated(11)
    await plant(database, dag)
    root = dag.levels[0][0]
    wanted = dag.expected(root)
    windows = await pulls.of_node(database, root, ALL)
    keys = [key async for window in windows for key in window.keys]
    assert len(keys) == len(wanted)
    for n in range(0, len(keys), 7):
        rest = [
            one.id
            async for one in await instructions.pull(database, root, ALL, encode("instructions", keys[n]))
        ]
        assert rest == wanted[n + 1 :]
    for cursor in (
        encode("instructions", ["a", "b"]),
        encode("instructions", [1, 2, 3]),
        encode("rules", ["a", "b", "c"]),
        "%",
    ):
        with pytest.raises(Invalid):
            await pulls.of_node(database, root, ALL, cursor)


async def test_what_was_there_comes_once_while_others_write(database: Database):
    """One reader follows `next`, another streams, and two writers insert before and after their positions."""
    dag = generated(5)
    await plant(database, dag)
    root = dag.levels[0][0]
    before = dag.expected(root)
    read = asyncio.Event()
    later = {f"{Random(n).randrange(16**4):04x}-new{n}": n for n in range(200)}
    for id_, n in later.items():
        dag.drawn[id_] = Random(n).sample(dag.levels[6], 1 + n % 2)
        dag.covers[id_] = dag.levels[7][:1]

    async def write(ids: list[str]) -> int:
        count = 0
        for id_ in ids:
            await add(database, dag, [id_])
            count += 1
            if read.is_set():
                break
        return count

    async def follow() -> list[str]:
        return await ids_of(database, root, 2)

    async def stream() -> list[str]:
        windows = await pulls.of_node(database, root, ALL, first=1, largest=3)
        return [row["id"] async for window in windows for row in window.rows]

    async def reading() -> tuple[list[str], list[str]]:
        found = await asyncio.gather(follow(), stream())
        read.set()
        return found[0], found[1]

    ids = list(later)
    found, *written = await asyncio.gather(reading(), write(ids[:100]), write(ids[100:]))
    assert min(written) > 0
    for seen in found:
        assert len(seen) == len(set(seen))
        assert [id_ for id_ in seen if id_ in set(before)] == before


async def test_what_becomes_stale_on_the_way_is_not_shown_and_nothing_else_is_lost(database: Database):
    """A filter is applied when a row is reached; rows that an edit makes stale before that are missing."""
    dag = generated(6)
    await plant(database, dag)
    root = dag.levels[0][0]
    before = dag.expected(root)
    first = await instructions.pull_page(database, root, Filter(), 10)
    gone = {before[3], before[20], before[30]}
    await rows_of(
        database, "MATCH (i:Instruction) WHERE i.id IN $ids SET i.status = 'stale'", ids=sorted(gone)
    )
    rest = [one.id async for one in await instructions.pull(database, root, Filter(), first.next)]
    seen = [one.id for one in first.items] + rest
    assert seen == [id_ for id_ in before if id_ not in gone or id_ == before[3]]


async def test_filters_that_combine(database: Database):
    dag = generated(7)
    await plant(database, dag)
    root = dag.levels[0][0]
    ids = dag.expected(root)
    await rows_of(
        database,
        "CREATE (j:Job {id: 'j'}) WITH j MATCH (i:Instruction) WHERE i.id IN $ids"
        " SET i.language = 'German', i.answer_model = 'm' CREATE (i)-[:PRODUCED_BY]->(j)",
        ids=ids[::2],
    )

    async def found(**wanted: Any) -> list[str]:
        return [one.id async for one in await instructions.pull(database, root, Filter(**wanted))]

    assert await found(job_id="j") == await found(language="German") == await found(model="m") == ids[::2]
    singles = [id_ for id_ in ids[::2] if len(dag.drawn[id_]) == 1]
    assert await found(job_id="j", model="m", strategy="single") == singles
    assert await found(job_id="k") == await found(model="k") == await found(language="k") == []


async def test_rows_are_what_the_model_is(database: Database):
    """The fast path gives the same as pydantic, field by field and in the same order."""
    dag = generated(8)
    await plant(database, dag)
    root = dag.levels[0][0]
    full: dict[str, Any] = {
        **{
            f"{part}_{kind}_tokens": 7 for part in ("question", "answer") for kind in ("prompt", "completion")
        },
        **{
            "question_model": "a",
            "answer_model": "b",
            "calls": 3,
            "cost_usd": 0.1 + 0.2,
            "language": "日本語",
        },
        **{"reason": "r", "job_id": "j", "unit_id": "u", "raw": "not shown"},
    }
    await rows_of(
        database, "MATCH (i:Instruction) WITH i LIMIT 30 SET i += $full, i.answer = null", full=full
    )
    for n, at in enumerate(
        ("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.5Z", "2030-01-02T03:04:00.123456789Z")
    ):
        await rows_of(
            database,
            "MATCH (i:Instruction) WITH i ORDER BY i.id SKIP $n LIMIT 1 SET i.created_at = datetime($at)",
            n=n,
            at=at,
        )
    windows = await pulls.of_node(database, root, ALL)
    rows = [row async for window in windows for row in window.rows]
    assert len(rows) > 30
    for row in rows:
        [stored] = await rows_of(
            database,
            "MATCH (i:Instruction {id: $id}) RETURN i {.*, created_at: toString(i.created_at)} AS i",
            id=row["id"],
        )
        model = Instruction.from_row(stored["i"]).model_dump(mode="json")
        assert row == model
        assert list(row) == list(model)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(0, 999))
def test_times_are_written_as_pydantic_writes_them(at: datetime, nanoseconds: int):
    digits = f"{at.microsecond:06}{nanoseconds:03}".rstrip("0")
    text = f"{at:%Y-%m-%dT%H:%M:%S}{'.' + digits if digits else ''}Z"
    shown = Instruction.model_construct(created_at=at.replace(tzinfo=UTC)).model_dump(
        mode="json", include={"created_at"}
    )
    assert pulls.moment(text) == shown["created_at"]
