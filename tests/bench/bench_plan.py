"""Plans ten million instructions over a graph of GLAN's shape, without a single call, and measures it.

A discipline has 150 subjects with a syllabus of 20 sessions and 5 concepts each; every tenth concept is
taught in two sessions. --scale 1 is the size of the paper: 126 disciplines, 18,900 syllabi, 1.9 M concepts.
Then it measures the coverage of the quotas gaps and equal in one discipline, with as many instructions as
concepts.
Run: python tests/bench/bench_plan.py [--scale 1] [--instructions 10000000]
"""

import argparse
import asyncio
import resource
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, LiteralString

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import neo4j

from generators.planning import draw, plan
from generators.planning.source import positions
from generators.spaces.strata import Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.jobs import jobs, leases, units
from graph.taxonomy import syllabi
from service.database import open_database
from service.memory import collect_seldom

INSTRUCTIONS = 10_000_000
SUBJECTS = 150
BRANCHES_AT_ONCE = 4

TOP: LiteralString = """
CREATE (:TaxonomyNode:Taxonomy {id: 'glan', key: 'glan', name: 'GLAN', name_key: 'glan', status: 'accepted',
  weight: 1.0, version: 1, created_at: datetime(), updated_at: datetime()})
"""
# Creates a discipline in one transaction; node ids consist of the numbers on the path down.
DISCIPLINE: LiteralString = """
MATCH (t:TaxonomyNode {id: 'glan'})
CREATE (t)-[:CONTAINS]->(d:TaxonomyNode:Discipline {id: $d, key: $d, name: $d, name_key: $d,
  status: 'accepted', weight: 1.0, version: 1, created_at: datetime(), updated_at: datetime()})
WITH d UNWIND range(1, $subjects) AS n
WITH d, $d + '-' + n AS name
CREATE (d)-[:CONTAINS]->(u:TaxonomyNode:Subject {id: name + 'u', key: name + 'u', name: name, name_key: name,
  status: 'accepted', weight: 1.0, version: 1})
CREATE (u)-[:CONTAINS]->(y:TaxonomyNode:Syllabus {id: name + 'y', key: name + 'y', name: name, name_key: name,
  status: 'accepted', weight: 1.0, version: 1})
WITH y, name UNWIND range(1, 20) AS m
CREATE (y)-[:CONTAINS {position: m}]->(s:TaxonomyNode:ClassSession {id: name + '-' + m, key: name + '-' + m,
  name: 'Session ' + m, name_key: name + '-' + m, description: '', status: 'accepted', weight: 1.0,
  version: 1})
WITH s, name + '-' + m AS name UNWIND range(1, 5) AS c
CREATE (s)-[:CONTAINS {position: c}]->(:TaxonomyNode:KeyConcept {id: name + '-' + c, key: name + '-' + c,
  name: 'Concept ' + c, name_key: name + '-' + c, status: 'accepted', weight: 1.0, version: 1})
"""
# Links every tenth concept to the next session of its syllabus too.
SHARED: LiteralString = """
UNWIND range(1, $subjects) AS n UNWIND range(1, 19, 2) AS m
MATCH (k:TaxonomyNode {id: $d + '-' + n + '-' + m + '-1'})
MATCH (s:TaxonomyNode {id: $d + '-' + n + '-' + (m + 1)})
CREATE (s)-[:CONTAINS {position: 6}]->(k)
"""


def measure(
    scale: float = 1.0, instructions: int = INSTRUCTIONS, quick: bool = False
) -> list[dict[str, str]]:
    """One row for the whole plan, and one for the coverage of each quota."""
    if quick:
        scale, instructions = 0.008, 100_000
    return asyncio.run(_measure(max(1, round(126 * scale)), instructions))


async def _measure(disciplines: int, instructions: int) -> list[dict[str, str]]:
    async with garden() as database:
        collect_seldom()  # as a worker does
        print(f"inserting {disciplines} disciplines", file=sys.stderr, flush=True)
        start = perf_counter()
        for n in range(disciplines):
            await run(database, DISCIPLINE, d=f"d{n:03}", subjects=SUBJECTS)
            await run(database, SHARED, d=f"d{n:03}", subjects=SUBJECTS)
        print(f"{perf_counter() - start:.1f} s", file=sys.stderr, flush=True)
        plan_row = await planned(database, disciplines, instructions)
        rows = [await coverage_of(database, quota) for quota in ("equal", "gaps")]
        return [plan_row, with_replacement(), *rows]


@asynccontextmanager
async def garden() -> AsyncGenerator[Database]:
    """A temporary Neo4j that holds only GLAN's root; it is removed afterwards."""
    with neo4j() as (_, settings):
        async with open_database(settings) as database:
            await run(database, TOP)
            yield database


async def run(database: Database, text: LiteralString, **params: Any) -> None:
    """Runs a query that is needed only here, and so does not belong in cypher/."""
    driver: Any = database._driver  # pyright: ignore[reportPrivateUsage]
    await driver.execute_query(text, parameters_=params)


async def planned(database: Database, disciplines: int, instructions: int) -> dict[str, str]:
    """Plans all instructions; returns the time and memory it took."""
    before = resident()
    spec = JobSpec.model_validate({"root_id": "glan", "add": instructions, "steps": ["questions", "answers"]})
    start = perf_counter()
    lease = await begun(database, spec)
    await drawn(database, lease, spec)
    seconds = perf_counter() - start
    job = await jobs.get(database, lease.job_id)
    units = job.steps["instructions"].pending
    return {
        "what": f"plan of {instructions:,} over {disciplines * SUBJECTS:,} syllabi",
        "seconds": f"{seconds:.1f}",
        "units": f"{units:,}",
        "units/s": f"{units / seconds:,.0f}",
        "instructions/s": f"{instructions / seconds:,.0f}",
        "peak MB": f"{resident():,.0f} ({before:,.0f} before)",
        "covered": "",
    }


async def coverage_of(database: Database, quota: str) -> dict[str, str]:
    """The share of a discipline's concepts covered by as many instructions of one concept each."""
    branch = "d000"
    await run(database, "MATCH (y:Syllabus) REMOVE y.drawn, y.ahead, y.ahead_counts, y.space_version")
    concepts = (await coverage.below(database, [branch]))[branch].concepts
    spec = JobSpec.model_validate(
        {
            "root_id": branch,
            "add": concepts,
            "steps": ["questions", "answers"],
            "quota": quota,
            "strategies": {"single": 1},
            "concepts": {"1": 1},
        }
    )
    start = perf_counter()
    lease = await begun(database, spec)
    await drawn(database, lease, spec)
    seconds = perf_counter() - start
    covered = set[str]()
    number = 0
    async for drawn_of_one in units.to_do(database, lease.job_id, branch):
        syllabus_id = drawn_of_one[0]["node_id"]
        space = SyllabusSpace(syllabus_id, await syllabi.sessions(database, syllabus_id))
        for unit in drawn_of_one:
            places = positions(unit)
            number += len(places)
            for position in places:
                covered.update(space.at(Stratum.parse(unit["stratum"]), position).concepts)
    await run(database, "MATCH (y:Syllabus) REMOVE y.drawn, y.ahead, y.ahead_counts, y.space_version")
    return {
        "what": f"quota {quota}, {number:,} single concepts of {concepts:,}",
        "seconds": f"{seconds:.1f}",
        "units": "",
        "units/s": "",
        "instructions/s": f"{number / seconds:,.0f}",
        "peak MB": "",
        "covered": f"{len(covered) / concepts:.1%}",
    }


def with_replacement() -> dict[str, str]:
    """The coverage of a script that draws concepts independently, whatever was drawn before."""
    concepts = SUBJECTS * 20 * 5
    covered = len(set(Random(0).choices(range(concepts), k=concepts)))
    row = dict.fromkeys(("seconds", "units", "units/s", "instructions/s", "peak MB"), "")
    what = f"uniform with replacement, {concepts:,} single concepts of {concepts:,}"
    return {"what": what, **row, "covered": f"{covered / concepts:.1%}"}


async def begun(database: Database, spec: JobSpec) -> leases.Lease:
    """Creates a job and claims it."""
    job = await plan.create(database, spec, {})
    claimed = await leases.claim(database, "bench", 3600, [job.id])
    assert claimed
    return claimed[0]


async def drawn(database: Database, lease: leases.Lease, spec: JobSpec) -> None:
    """Makes all draws of a job, some branches side by side as when it runs."""
    await plan.settle_quota(database, lease, spec)
    seats = asyncio.Semaphore(BRANCHES_AT_ONCE)

    async def branch(branch_id: str) -> None:
        async with seats:
            for unit in await units.pending(database, lease.job_id, branch_id, "draw"):
                async for _ in draw.draw(database, lease, spec, unit):
                    pass

    await asyncio.gather(*map(branch, await units.all_branches(database, lease.job_id)))


def resident() -> float:
    """The peak memory of this process, without Neo4j's, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    """Prints the rows of `measure`."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the paper's")
    parser.add_argument("--instructions", type=int, default=INSTRUCTIONS)
    parser.add_argument("--quick", action="store_true", help="a small graph and plan")
    options = parser.parse_args()
    for row in measure(options.scale, options.instructions, options.quick):
        print(" | ".join(f"{name}: {value}" for name, value in row.items() if value))


if __name__ == "__main__":
    main()
