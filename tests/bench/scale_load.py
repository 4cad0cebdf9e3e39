"""Loads GLAN's shape as users and workers would, compared with the raw driver in the same database.

What the raw driver writes is removed again. The progress of the load is kept in a file in the data folder, so
that a folder can be used again and an interrupted load resumes.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, LiteralString, TypeVar, cast

import aiohttp
from bench import scale_shape
from bench.bench_plan import begun, drawn
from bench.scale_shape import Item, Texts

from generators.planning.source import positions
from generators.spaces.strata import Stratum, combination_key
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph.database import Database, Row
from graph.instructions import instructions
from graph.instructions.rows import NewInstruction, Properties
from graph.jobs import leases, units
from graph.jobs.job import JobState
from graph.jobs.units import InstructionUnit
from graph.model import Kind, digest, node_key, normal_name
from graph.taxonomy import syllabi

T = TypeVar("T")

STATE = "bench-scale.json"
BATCH = 500
RAW_BATCH = 2_000
# Rounds in which the raw driver writes the same too: a discipline each, or ROUND instructions. The COLD ones,
# in which Neo4j compiles the raw driver's query, are left out.
ROUNDS, COLD = 12, 2
ROUND = 5_000

RAW_NODES: LiteralString = """
UNWIND $rows AS row
MERGE (n:TaxonomyNode {key: row.node.key})
  ON CREATE SET n += row.node, n:$(row.kind), n.version = 1,
                n.created_at = datetime(), n.updated_at = datetime()
WITH row, n
MATCH (p:TaxonomyNode {id: row.parent})
MERGE (p)-[r:CONTAINS]->(n) ON CREATE SET r.position = row.position
"""
RAW_TOP: LiteralString = """
MERGE (n:TaxonomyNode {key: 'raw'})
  ON CREATE SET n:Taxonomy, n.id = 'raw', n.name = 'raw', n.name_key = 'raw', n.status = 'accepted'
"""
RAW_INSTRUCTIONS: LiteralString = """
MATCH (j:Job {id: $job_id})
UNWIND $rows AS row
MERGE (i:Instruction {id: row.properties.id})
  ON CREATE SET i += row.properties, i.created_at = datetime(), i.updated_at = datetime()
MERGE (i)-[:PRODUCED_BY]->(j)
WITH i, row
CALL (i, row) {
  UNWIND range(0, size(row.sessions) - 1) AS n
  MATCH (s:TaxonomyNode {id: row.sessions[n]})
  MERGE (i)-[d:DRAWN_FROM]->(s) SET d.position = n
}
CALL (i, row) {
  WITH i, row WHERE i.status = 'accepted'
  UNWIND row.concepts AS id
  MATCH (k:TaxonomyNode {id: id})
  MERGE (i)-[:COVERS]->(k)
}
"""
# Ends the lease of an earlier load, which must be dead, because only one process uses this folder.
LET_GO: LiteralString = "MATCH (j:Job {id: $job_id}) SET j.lease_until = datetime()"
FORGET_NODES: LiteralString = """
MATCH (n:TaxonomyNode) WHERE n.created_by = 'raw' OR n.id = 'raw'
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS
"""
FORGET_DISCIPLINE: LiteralString = """
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..4]->(n)
WITH DISTINCT n
CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS
"""
FORGET_RECORDS: LiteralString = """
MATCH (n:Rollup|Edit) WHERE n.id IN $ids OR n:Edit AND NOT EXISTS { (n)-[:CHANGED]->() }
DETACH DELETE n
"""
FORGET_INSTRUCTIONS: LiteralString = """
MATCH (i:Instruction) WHERE i.id STARTS WITH 'raw-'
CALL (i) { DETACH DELETE i } IN TRANSACTIONS OF 5000 ROWS
"""


class State(dict[str, Any]):
    """What has been loaded, kept in the data folder."""

    def __init__(self, home: Path) -> None:
        self._file = home / STATE
        super().__init__(json.loads(self._file.read_text()) if self._file.exists() else {})

    def save(self, **facts: Any) -> None:
        """Adds facts and saves them to the file."""
        self.update(facts)
        self._file.write_text(json.dumps(self, indent=2))


@dataclass(frozen=True)
class Loader:
    """Loads one database in both ways: as glan does, and with the raw driver."""

    database: Database
    url: str
    state: State
    say: Any

    async def load(self, scale: float, number: int) -> None:
        """Loads the taxonomy and `number` instructions, from where the last load ended."""
        for fact, wanted in {"scale": scale, "number": number}.items():
            if self.state.setdefault(fact, wanted) != wanted:
                raise SystemExit(
                    f"the folder holds scale {self.state['scale']} with {self.state['number']} instructions: "
                    "give --scale and --instructions so, or another folder"
                )
        if "nodes" not in self.state:
            await self._nodes(scale_shape.disciplines(scale))
        if "instructions" not in self.state:
            await self._instructions(number)

    async def _nodes(self, number: int) -> None:
        root_id = (await self.through_rest(scale_shape.lines([{"kind": "Taxonomy", "name": "GLAN"}])))[0]
        field_ids = await self.through_rest(scale_shape.lines(scale_shape.fields(root_id)))
        total = Rate()
        for n in range(number):
            rest, _ = await self._discipline(n, field_ids)
            total.add(rest.rows, rest.seconds)
            self.say(f"discipline {n + 1} of {number}: {rest}")
        turns = await self._turns(range(number, number + ROUNDS), field_ids)
        self.state.save(root_id=root_id, nodes=turns.medians(total))

    async def _discipline(self, n: int, field_ids: list[str]) -> tuple["Rate", str]:
        """Inserts the n-th discipline; returns its rate and its id."""
        lines = scale_shape.lines(scale_shape.discipline(n, field_ids))
        start = perf_counter()
        ids = await self.through_rest(lines)
        return Rate(len(lines), perf_counter() - start), ids[0]

    async def _turns(self, numbers: Iterable[int], field_ids: list[str]) -> "Turns":
        """Inserts further disciplines in both ways, then removes them; by now the queries are compiled."""
        turns, ids = Turns(), list[str]()
        for n in numbers:
            rows = raw_rows(f"raw {n}", list(scale_shape.discipline(n, field_ids)))
            rest, id_ = await self._discipline(n, field_ids)
            start = perf_counter()
            await self.through_driver(rows)
            raw = Rate(len(rows), perf_counter() - start)
            turns.add(rest, raw)
            self.say(f"turn by turn: {rest}, the raw driver {raw}")
            ids.append(id_)
        for id_ in ids:
            await self._run(FORGET_DISCIPLINE, id=id_)
        await self._run(FORGET_RECORDS, ids=ids)
        await self._run(FORGET_NODES)
        return turns

    async def through_rest(self, lines: Sequence[bytes]) -> list[str]:
        """Inserts items through the service, sending and receiving at once; returns their ids."""
        ids = [result["id"] async for result in self._results(lines)]
        if len(ids) != len(lines):
            raise SystemExit(f"{len(ids)} results for {len(lines)} items")
        return ids

    async def streamed(self, lines: Iterable[bytes]) -> Counter[str]:
        """Inserts items through the service; returns the number of results by status, and keeps none."""
        found: Counter[str] = Counter()
        async for result in self._results(lines):
            found[result["status"]] += 1
        return found

    async def _results(self, lines: Iterable[bytes]) -> AsyncIterator[dict[str, Any]]:
        async def body() -> AsyncIterator[bytes]:
            for some in _batches(lines, 200):
                yield b"".join(some)

        timeout = aiohttp.ClientTimeout(total=None)
        headers = {"Content-Type": "application/x-ndjson"}
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(f"{self.url}/v1/nodes:bulk", data=body(), headers=headers) as response,
        ):
            if response.status != 200:
                raise SystemExit(f"bulk insertion answers {response.status}: {await response.text()}")
            async for line in response.content:
                result = json.loads(line)
                if result["status"] == "error":
                    raise SystemExit(f"bulk insertion: {result}")
                yield result

    async def through_driver(self, rows: Sequence[Row]) -> None:
        """Writes the same nodes and links with the raw driver."""
        await self._run(RAW_TOP)
        for batch in _batches(rows, RAW_BATCH):
            await self._run(RAW_NODES, rows=batch)

    async def _instructions(self, number: int) -> None:
        spec = JobSpec.model_validate(
            {"root_id": self.state["root_id"], "add": number, "steps": ["questions", "answers"]}
        )
        lease = await self._hold(spec)
        texts, stored, beside, turns = Texts(), Rate(), Rate(), Turns()
        waiting: list[NewInstruction] = []
        async for rows, ended in self._full(self._rows(lease, texts)):
            waiting.extend(rows)
            start = perf_counter()
            await self.database.writing(
                lambda tx, rows=rows, ended=ended: instructions.store(
                    tx, lease.job_id, rows, ended=ended, fence=lease.fence
                )
            )
            seconds = perf_counter() - start
            stored.add(len(rows), seconds)
            beside.add(len(rows), seconds)
            if len(waiting) >= ROUND:
                if stored.rows > ROUND and len(turns.rounds) < ROUNDS:
                    turns.add(beside, await self._raw_instructions(lease.job_id, waiting))
                waiting.clear()
                beside = Rate()
                self.say(f"instructions: {stored}")
        await self._run(FORGET_INSTRUCTIONS)
        await leases.release(self.database, lease, JobState.done)
        self.state.save(instructions=turns.medians(stored))

    async def _hold(self, spec: JobSpec) -> leases.Lease:
        """The lease of a planned job; claims the job again if a load was interrupted."""
        if "job_id" not in self.state:
            lease = await begun(self.database, spec)
            start = perf_counter()
            await drawn(self.database, lease, spec)
            self.state.save(job_id=lease.job_id, plan_s=perf_counter() - start)
            return lease
        await self._run(LET_GO, job_id=self.state["job_id"])
        claimed = await leases.claim(self.database, "bench", 24 * 3600, [self.state["job_id"]])
        if not claimed:
            raise SystemExit(f"job {self.state['job_id']} is held by another process or has ended")
        return claimed[0]

    async def _rows(
        self, lease: leases.Lease, texts: Texts
    ) -> AsyncIterator[tuple[list[NewInstruction], str]]:
        """The instructions and the id of each unit."""
        for branch_id in await units.all_branches(self.database, lease.job_id):
            async for of_syllabus in units.to_do(self.database, lease.job_id, branch_id):
                syllabus_id = of_syllabus[0]["node_id"]
                space = SyllabusSpace(syllabus_id, await syllabi.sessions(self.database, syllabus_id))
                for unit in of_syllabus:
                    yield (
                        [_instruction(space, unit, n, lease, texts) for n in positions(unit)],
                        unit["id"],
                    )

    async def _full(
        self, units_of: AsyncIterator[tuple[list[NewInstruction], str]]
    ) -> AsyncIterator[tuple[list[NewInstruction], list[str]]]:
        """Joins units until their instructions fill a batch, the largest that a worker stores."""
        rows: list[NewInstruction] = []
        ended: list[str] = []
        async for more, unit_id in units_of:
            rows += more
            ended.append(unit_id)
            if len(rows) >= BATCH:
                yield rows, ended
                rows, ended = [], []
        if ended:
            yield rows, ended

    async def _raw_instructions(self, job_id: str, rows: Sequence[NewInstruction]) -> "Rate":
        """Writes the same rows under other ids with the raw driver."""
        renamed = [
            {
                **row,
                "properties": {
                    **row["properties"],
                    "id": "raw-" + row["properties"]["id"],
                    "unit_id": "raw",
                },
            }
            for row in rows
        ]
        start = perf_counter()
        for batch in _batches(renamed, BATCH):
            await self._run(RAW_INSTRUCTIONS, job_id=job_id, rows=batch)
        return Rate(len(rows), perf_counter() - start)

    async def _run(self, text: LiteralString, **params: Any) -> list[Row]:
        return await run(self.database, text, **params)


async def run(database: Database, text: LiteralString, **params: Any) -> list[Row]:
    """Runs a query in its own transaction; it is needed only here, and so does not belong in cypher/."""
    driver: Any = database._driver  # pyright: ignore[reportPrivateUsage]
    async with driver.session() as session:
        result = await session.run(text, params)
        return [record.data() async for record in result]


@dataclass
class Rate:
    """Rows written, and the seconds it took."""

    rows: int = 0
    seconds: float = 0.0

    def add(self, rows: int, seconds: float) -> None:
        """Adds what was just written."""
        self.rows += rows
        self.seconds += seconds

    def mean(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds if self.seconds else 0.0

    def __str__(self) -> str:
        return f"{self.rows:,} at {self.mean():,.0f}/s"


class Turns:
    """Rates of two ways that take turns, so that both see the same machine: rows per second by round."""

    def __init__(self) -> None:
        self.rounds: list[tuple[float, float]] = []

    def add(self, ours: Rate, raw: Rate) -> None:
        """Records a round."""
        self.rounds.append((ours.mean(), raw.mean()))

    def medians(self, total: Rate) -> dict[str, float]:
        """The median rate of each way and their ratio, without COLD rounds; `total`'s rate without rounds.

        Ratios are taken within rounds, because rounds differ by more than the ways do.
        """
        rounds = self.rounds[COLD:] or self.rounds
        found = {"rows": total.rows, "rate": total.mean()}
        if rounds:
            found["rate"] = median(ours for ours, _ in rounds)
            found["raw"] = median(raw for _, raw in rounds)
            found["ratio"] = median(ours / raw for ours, raw in rounds)
        return found


def raw_rows(top: str, items: Sequence[Item]) -> list[Row]:
    """The same nodes as rows for the raw driver, with ids and keys made here."""
    return list(_raw_rows(top, items))


def _raw_rows(top: str, items: Sequence[Item]) -> Iterator[Row]:
    ids: dict[str, str] = {}
    for item in items:
        parent = ids[item["parent_ref"]] if "parent_ref" in item else "raw"
        kind = Kind(item["kind"])
        home = top if kind is Kind.KeyConcept else parent
        key = node_key(kind, home, item["name"] if "parent_ref" in item else top)
        ids[item.get("ref", "")] = id_ = "raw-" + key
        node = {
            "id": id_,
            "key": key,
            "name": item["name"],
            "name_key": normal_name(item["name"]),
            "description": item.get("description", ""),
            "home": home,
            "status": "accepted",
            "weight": 1.0,
            "created_by": "raw",
            **item.get("properties", {}),
        }
        yield {"kind": kind.value, "node": node, "parent": parent, "position": item.get("position")}


def _instruction(
    space: SyllabusSpace, unit: InstructionUnit, position: int, lease: leases.Lease, texts: Texts
) -> NewInstruction:
    """An instruction as a worker stores it."""
    stratum = Stratum.parse(unit["stratum"])
    combination = space.at(stratum, position)
    session_ids = [space.sessions[n].id for n in combination.sessions]
    outcome = texts.outcome()
    properties = {
        "id": space.instruction_id(stratum, position),
        "job_id": lease.job_id,
        "unit_id": unit["id"],
        "strategy": stratum.strategy,
        "stratum": str(stratum),
        "position": position,
        "combination": combination_key(session_ids, combination.concepts),
        "syllabus_id": space.syllabus_id,
        "space_version": space.version,
        "sessions": session_ids,
        "concepts": list(combination.concepts),
        "language": "English",
        "question_model": "bench",
        "answer_model": "bench",
        "question_prompt": digest("question"),
        "answer_prompt": digest("answer"),
        "question_calls": 1,
        "answer_calls": 1,
        "question_prompt_tokens": 1400,
        "question_completion_tokens": 100,
        "answer_prompt_tokens": 120,
        "answer_completion_tokens": 300,
        "calls": 2,
        "prompt_tokens": 1520,
        "completion_tokens": 400,
        "question_cost_usd": 0.0003,
        "answer_cost_usd": 0.0002,
        "cost_usd": 0.0005,
        **outcome,
    }
    return {
        "properties": cast(Properties, properties),
        "sessions": session_ids,
        "concepts": list(combination.concepts),
    }


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    turn = iter(rows)
    while batch := list(islice(turn, size)):
        yield batch
