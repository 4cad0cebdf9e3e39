"""Pulls a subtree over HTTP, compared with the raw driver: rows per second and memory.

The driver plants a discipline of 150 subjects, each with a syllabus of 20 sessions, and instructions of
1.6 kB, every fourth drawn from two sessions; and a second discipline with a tenth of them. The raw driver
streams the same fields of the same instructions in one query and does nothing with them. A plain client
counts the lines of the service's stream. Driver, service and client are separate processes; they share the
machine with Neo4j.
Run: python tests/bench/bench_pull.py [--instructions 100000] [--quick]
"""

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, LiteralString

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_plan import DISCIPLINE, SUBJECTS, TOP, run
from bench.garden import neo4j, resident
from bench.reader import peak_mb
from neo4j import AsyncGraphDatabase

from service.database import open_database
from service.settings import Settings

INSTRUCTIONS = 100_000
ROUNDS = 3
WHOLE, TENTH = "d000", "d001"
READER = Path(__file__).with_name("reader.py")

# Creates a syllabus's instructions in one transaction.
PLANT: LiteralString = """
MATCH (j:Job {id: 'bench'})
UNWIND range(0, $count - 1) AS n
WITH j, n, $name + '-' + (n % 20 + 1) AS one, $name + '-' + ((n + 7) % 20 + 1) AS other, n % 4 = 0 AS pair
MATCH (s:TaxonomyNode {id: one}), (t:TaxonomyNode {id: other})
CREATE (i:Instruction {id: $name + '-' + n, status: 'accepted',
  strategy: CASE WHEN pair THEN 'pair' ELSE 'single' END,
  question: $question, answer: $answer, syllabus_id: $name + 'y', job_id: 'bench', unit_id: $name,
  combination: $name + n, position: n, stratum: 'single:2', space_version: '0123456789abcdef',
  sessions: CASE WHEN pair THEN [one, other] ELSE [one] END, concepts: [one + '-1', one + '-2'],
  question_model: 'bench-model', answer_model: 'bench-model', calls: 2, question_calls: 1, answer_calls: 1,
  question_prompt_tokens: 1500, question_completion_tokens: 90, answer_prompt_tokens: 90,
  answer_completion_tokens: 300, prompt_tokens: 1590, completion_tokens: 390, cost_usd: 0.0012,
  question_cost_usd: 0.0006, answer_cost_usd: 0.0006, language: 'English',
  created_at: datetime(), updated_at: datetime()})
CREATE (i)-[:DRAWN_FROM {position: 0}]->(s), (i)-[:PRODUCED_BY]->(j)
FOREACH (_ IN CASE WHEN pair THEN [1] ELSE [] END | CREATE (i)-[:DRAWN_FROM {position: 1}]->(t))
"""
# The query that a script would use: the same fields of the same instructions, each once.
RAW: LiteralString = """
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(:Syllabus)-[:CONTAINS]->(s)<-[d:DRAWN_FROM]-(i:Instruction)
WHERE i.status = 'accepted' AND d.position = 0
RETURN i.id AS id, i.question AS question, i.answer AS answer, i.status AS status, i.reason AS reason,
  i.strategy AS strategy, i.sessions AS sessions, i.concepts AS concepts, i.syllabus_id AS syllabus_id,
  i.job_id AS job_id, i.question_model AS question_model, i.answer_model AS answer_model, i.calls AS calls,
  i.question_prompt_tokens AS question_prompt_tokens,
  i.question_completion_tokens AS question_completion_tokens,
  i.answer_prompt_tokens AS answer_prompt_tokens, i.answer_completion_tokens AS answer_completion_tokens,
  i.cost_usd AS cost_usd, i.language AS language, toString(i.created_at) AS created_at
"""

Row = dict[str, Any]
Figures = dict[str, float]


def measure(*, quick: bool = False, instructions: int = INSTRUCTIONS) -> list[Row]:
    """One row for the raw driver, and one per way of pulling."""
    count = 5_000 if quick else instructions
    with neo4j() as (attachment, settings):
        asyncio.run(_plant(settings, count))
        with _service(settings) as (url, pid):
            raw = ("raw", attachment.uri, attachment.username, attachment.password)
            ways = {
                "raw driver, one query": raw,
                **{
                    f"service, {name}": ("client", f"{url}/v1/nodes/{{root}}/instructions?{query}")
                    for name, query in (
                        ("NDJSON, full", "format=ndjson"),
                        ("NDJSON, full, with cursors", "format=ndjson&cursors=true"),
                        ("NDJSON, openai", "format=ndjson&layout=openai"),
                        ("Parquet, full", "format=parquet"),
                    )
                },
            }
            tenth = _rounds(ways, TENTH, 1, pid)
            whole = _rounds(ways, WHOLE, 1 if quick else ROUNDS, pid)
    limit = median(each["rate"] for each in whole["raw driver, one query"])
    return [_row(way, tenth[way], whole[way], limit) for way in ways]


def _rounds(ways: dict[str, tuple[str, ...]], root: str, rounds: int, pid: int) -> dict[str, list[Figures]]:
    """The figures of each way, which take turns, with the service's memory after each."""
    found: dict[str, list[Figures]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, (role, *rest) in ways.items():
            figures = _role(role, root, *(part.format(root=root) for part in rest))
            found[way].append(figures | {"service": resident(pid)})
    return found


def _row(way: str, tenth: list[Figures], whole: list[Figures], limit: float) -> Row:
    def most(figure: str) -> str:
        small, large = (max(each[figure] for each in part) for part in (tenth, whole))
        return f"{small:,.0f} / {large:,.0f}"

    rate = median(each["rate"] for each in whole)
    return {
        "way": way,
        "rows/s": f"{rate:,.0f}",
        "to the driver": f"{rate / limit:.2f}",
        "first after": f"{1e3 * median(each['first'] for each in whole):,.0f} ms",
        "its MB": most("mb"),
        "service MB": "" if way.startswith("raw") else most("service"),
    }


def _role(name: str, *args: str) -> Figures:
    """Runs a role of this file, or the reader, as another process; returns the figures it prints."""
    script = [str(READER)] if name == "client" else [__file__, "--role", name]
    command = [sys.executable, *script, *args]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


@contextmanager
def _service(settings: Settings) -> Generator[tuple[str, int]]:
    """The address and process id of a service on the same Neo4j."""
    command = [sys.executable, __file__, "--role", "service", str(settings.home)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdin
    try:
        yield process.stdout.readline().strip(), process.pid
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


async def _plant(settings: Settings, count: int) -> None:
    async with open_database(settings) as database:
        await run(database, TOP)
        await run(database, "CREATE (:Job {id: 'bench'})")
        question = "Why does light bend where glass begins? " * 10
        answer = "Because it is slower in glass than in the air around it. " * 21
        for root, number in ((WHOLE, count), (TENTH, count // 10)):
            await run(database, DISCIPLINE, d=root, subjects=SUBJECTS)
            for n in range(SUBJECTS):
                share = number // SUBJECTS + (n < number % SUBJECTS)
                texts = {"question": question, "answer": answer}
                await run(database, PLANT, name=f"{root}-{n + 1}", count=share, **texts)


# The roles of the other processes.


async def raw(root: str, uri: str, username: str, password: str) -> Figures:
    """Streams all rows with the driver."""
    drivers: Any = AsyncGraphDatabase
    async with drivers.driver(uri, auth=(username, password)) as driver, driver.session() as session:
        start, first, count = perf_counter(), 0.0, 0
        async for _ in await session.run(RAW, id=root):
            first = first or perf_counter() - start
            count += 1
    return {"rate": count / (perf_counter() - start), "first": first, "mb": peak_mb()}


def service(home: str) -> None:
    """Serves until its standard input is closed."""
    import socket
    import threading

    from service.server import make_server

    options: dict[str, Any] = {"_env_file": None, "home": Path(home), "linger_s": 10}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = make_server(Settings(**options), host="127.0.0.1", port=0, takes="none")
        server.on_ready = lambda: print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)

        def wait() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=wait, daemon=True).start()
        server.run(sockets=[listener])


def main() -> None:
    """Prints the rows of `measure`, or runs a role."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--instructions", type=int, default=INSTRUCTIONS)
    parser.add_argument("--quick", action="store_true", help="a small graph")
    parser.add_argument("--role", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    match options.role:
        case None:
            for row in measure(quick=options.quick, instructions=options.instructions):
                print(" | ".join(f"{name}: {value}" for name, value in row.items() if value))
        case ["raw", *args]:
            print(json.dumps(asyncio.run(raw(*args))))
        case ["service", home]:
            service(home)
        case other:
            parser.error(f"there is no role {other}")


if __name__ == "__main__":
    main()
