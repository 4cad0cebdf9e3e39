"""Loads GLAN's shape through the real insertion path, then measures every kind of request and named query.

The default is a tenth of the paper: 13 disciplines of 15,000 concepts, a million instructions. The graph is
in a separate Neo4j and data folder; with --keep the folder stays and is used again, so that measuring again
loads nothing. The service is a separate process. From a tenth on, tables go to docs/benchmarks.md and raw
results to docs/benchmarks-scale.json; smaller scales only print them. With --instructions, only the whole
taxonomy goes there, into a separate table.
Run: python tests/bench/bench_scale.py [--scale 0.1] [--instructions N] [--keep FOLDER]
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any, LiteralString
from urllib.parse import quote

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench import report, scale_plans, scale_shape
from bench.garden import Say, clean_environment, resident
from bench.scale_load import Loader, Rate, State, Turns, run

from graph.database import Database
from graph.embedded.attach import attach, stop
from service.database import embedded_config, open_database
from service.settings import Settings

RAW_JSON = Path(__file__).parents[2] / "docs" / "benchmarks-scale.json"
RUNS = 7
FEW_RUNS_S = 4.0
DEEP_PAGES = 10
# Pulls of a discipline; COLD of them are not counted.
PULLS = 5
WORST = 12
# Neo4j's heap and page cache from a scale on, if they are not given.
MEMORY = ((0.5, "4g", "10g"), (0.05, "1g", "2g"), (0.0, "512m", "512m"))

RAW_PULL: LiteralString = """
MATCH (:TaxonomyNode {id: $id})-[:CONTAINS]->()-[:CONTAINS]->()-[:CONTAINS]->(s)
MATCH (s)<-[:DRAWN_FROM {position: 0}]-(i:Instruction {status: 'accepted'})
RETURN i {.*} AS instruction
"""
ACCEPTED: LiteralString = "MATCH (i:Instruction {status: 'accepted'}) RETURN count(i) AS accepted"
KNOWN: LiteralString = """
MATCH (:Discipline {id: $id})-[:CONTAINS]->(u)-[:CONTAINS]->(y)-[:CONTAINS]->(s)
MATCH (s)<-[:DRAWN_FROM]-(i:Instruction {status: 'accepted'})
WITH u, y, s, i LIMIT 1
RETURN u.id AS subject, y.id AS syllabus, s.id AS session, i.concepts[0] AS concept, i.id AS instruction,
       i.unit_id AS unit, i.job_id AS job, i.combination AS combination, i.space_version AS version
"""

Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A node at which requests are measured."""

    name: str
    id: str


class Requests:
    """Timed requests to the service."""

    def __init__(self, url: str, say: Say) -> None:
        self._http = httpx.Client(base_url=url, timeout=300)
        self._say = say
        self.results: list[Row] = []

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The JSON of an answer, not timed."""
        response = self._http.get(path, params=params)
        response.raise_for_status()
        return response.json()

    def timed(self, what: str, place: str, method: str, path: str, **options: Any) -> Any:
        """Times several runs and returns the last answer. The first is left out: it may include planning."""
        times: list[float] = []
        began = monotonic()
        while True:
            start = perf_counter()
            response = self._http.request(method, path, **options)
            times.append((perf_counter() - start) * 1000)
            if len(times) > RUNS or (len(times) > 1 and monotonic() - began > FEW_RUNS_S):
                break
            if not response.is_success and response.status_code != 422:
                break
        counted = times[1:] or times
        self.results.append(
            {
                "what": what,
                "place": place,
                "status": response.status_code,
                "median_ms": round(statistics.median(counted), 2),
                "max_ms": round(max(counted), 2),
                "first_ms": round(times[0], 2),
                "runs": len(counted),
                "bytes": len(response.content),
            }
        )
        if counted and statistics.median(counted) > 1000:
            self._say(f"{what} at {place}: {statistics.median(counted):,.0f} ms")
        return response.json() if response.is_success else None

    def stream(self, path: str, **params: Any) -> tuple[int, float]:
        """Lines and seconds of an NDJSON stream."""
        start, lines = perf_counter(), 0
        headers = {"Accept": "application/x-ndjson", "Accept-Encoding": "identity"}
        with self._http.stream("GET", path, params=params, headers=headers) as response:
            response.raise_for_status()
            for chunk in response.iter_raw():
                lines += chunk.count(b"\n")
        return lines, perf_counter() - start


@contextmanager
def folder(keep: Path | None) -> Generator[Path]:
    """The data folder; removed afterwards unless it is `keep`."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    home = Path(tempfile.mkdtemp(prefix="glan-scale-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def neo4j_of(settings: Settings) -> Generator[int]:
    """The process id of a running Neo4j, which is shut down afterwards."""
    config = embedded_config(settings)
    attachment = attach(config)
    try:
        yield attachment.pid
    finally:
        attachment.release()
        stop(config, force=True)


@contextmanager
def service_of(settings: Settings) -> Generator[tuple[str, int]]:
    """`glan serve` on the same data folder: its address and process id."""
    environment = os.environ | {
        "GLAN_HOME": str(settings.home),
        "GLAN_NEO4J_HEAP": settings.neo4j_heap,
        "GLAN_NEO4J_PAGE_CACHE": settings.neo4j_page_cache,
    }
    glan = Path(sys.executable).with_name("glan")
    # A file, because a pipe is not read while requests are timed, and a full pipe stops the service.
    log = settings.home / "service.log"
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [glan, "serve", "--port", "0", "--no-worker"], env=environment, stderr=file, text=True
        )
    try:
        yield _address(process, log), process.pid
    finally:
        process.terminate()
        process.wait(60)


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    """The address of a service that was just started."""
    while process.poll() is None:
        said = re.search(r"glan on (http\S+)", log.read_text(encoding="utf-8"))
        if said:
            return said[1]
        sleep(0.1)
    raise SystemExit(f"glan serve did not start: {log.read_text(encoding='utf-8')}")


async def measure(settings: Settings, scale: float, number: int, say: Say, before: Row | None = None) -> Row:
    """Measures everything, as one document; with `before`, only the requests, and takes the rest from it."""
    with neo4j_of(settings) as neo4j_pid, service_of(settings) as (url, service_pid):
        async with open_database(settings) as database:
            state = State(settings.home)
            await Loader(database, url, state, say).load(scale, number)
            requests = Requests(url, say)
            try:
                places = await _places(requests, state)
                known = await _known(database, places)
                await asyncio.to_thread(_traversals, requests, places)
                await asyncio.to_thread(_coverage, requests, places)
                await asyncio.to_thread(_pages, requests, places)
                if before is not None:
                    return before | {"requests": requests.results}
                pulls = await _pulls(database, requests, places)
                whole = await _pull_all(database, requests, places, service_pid)
                queries = await _queries(database, requests, places, known, say)
            finally:
                requests.close()
            return {
                "scale": scale,
                "loaded": dict(state),
                "counts": await _counts(database),
                "requests": requests.results,
                "pulls": pulls,
                "pull_of_all": whole,
                "queries": queries,
                "memory_mb": {
                    "service": resident(service_pid),
                    "service_peak": resident(service_pid, "VmHWM"),
                    "neo4j": resident(neo4j_pid),
                },
                "store_gb": sum(f.stat().st_size for f in settings.home.rglob("*") if f.is_file()) / 1e9,
            }


async def _places(requests: Requests, state: State) -> list[Place]:
    """The root and, on one path down from it, a field, a discipline and a session."""
    root_id = state["root_id"]
    # With fewer disciplines than fields, not every field has a discipline.
    discipline = _first(requests, root_id, "Discipline")
    return [
        Place("root", root_id),
        Place("field", discipline["parents"][0]),
        Place("discipline", discipline["id"]),
        Place("session", _first(requests, discipline["id"], "ClassSession")["id"]),
    ]


def _first(requests: Requests, node_id: str, kind: str) -> Row:
    return requests.get(f"/v1/nodes/{node_id}/descendants", kind=kind, limit=1)["items"][0]


async def _known(database: Database, places: Sequence[Place]) -> Row:
    """Ids of one node or record of each kind, for the parameters of queries."""
    discipline = next(place for place in places if place.name == "discipline")
    return (await run(database, KNOWN, id=discipline.id))[0] | {"discipline": discipline.id}


async def _counts(database: Database) -> Row:
    rows = await run(database, "MATCH (n) UNWIND labels(n) AS label RETURN label, count(*) AS nodes")
    return {row["label"]: row["nodes"] for row in rows}


def _traversals(requests: Requests, places: Sequence[Place]) -> None:
    for place in places:
        path = f"/v1/nodes/{place.id}"
        node = requests.timed("get", place.name, "GET", path)
        for walk in ("children", "parents", "ancestors", "descendants"):
            requests.timed(walk, place.name, "GET", f"{path}/{walk}")
        _deep(requests, "descendants", place, f"{path}/descendants")
        for kind in ("Discipline", "Subject", "KeyConcept"):
            requests.timed(f"descendants?kind={kind}", place.name, "GET", f"{path}/descendants?kind={kind}")
        requests.timed("tree?depth=2", place.name, "GET", f"{path}/tree?depth=2")
        requests.timed("paths", place.name, "GET", f"{path}/paths")
        requests.timed(
            "list?under=&kind=Subject", place.name, "GET", f"/v1/nodes?under={place.id}&kind=Subject"
        )
        requests.timed("search?q=&under=", place.name, "GET", f"/v1/nodes?q=orbit+concept&under={place.id}")
        requests.timed("resolve", place.name, "GET", f"/v1/nodes:resolve?path={quote(_way(requests, node))}")
        requests.timed("graph", place.name, "GET", f"{path}/graph")
    requests.timed("list", "root", "GET", "/v1/nodes")
    requests.timed("list?kind=KeyConcept", "root", "GET", "/v1/nodes?kind=KeyConcept")
    requests.timed("search?q=", "root", "GET", "/v1/nodes?q=orbit+concept")
    requests.timed("search?q= of one typo", "root", "GET", "/v1/nodes?q=enzime+lattise")


def _way(requests: Requests, node: Row) -> str:
    """The path to a node, by names."""
    steps = requests.get(f"/v1/nodes/{node['id']}/paths")["items"][0]
    return "/".join(step["name"].replace("/", "\\/") for step in steps)


def _deep(requests: Requests, what: str, place: Place, path: str, **params: Any) -> None:
    """Times a page far from the first, if there are several pages."""
    cursor = None
    for _ in range(DEEP_PAGES):
        page = requests.get(path, limit=1000, **params, **({"cursor": cursor} if cursor else {}))
        if page["next"] is None:
            break
        cursor = page["next"]
    if cursor:
        requests.timed(
            f"{what}, far from the first page", place.name, "GET", path, params={"cursor": cursor, **params}
        )


def _coverage(requests: Requests, places: Sequence[Place]) -> None:
    for place in places:
        path = f"/v1/nodes/{place.id}/coverage"
        requests.timed("coverage", place.name, "GET", path)
        if place.name in ("root", "field"):
            requests.timed("coverage?by=Discipline", place.name, "GET", f"{path}?by=Discipline")
        if place.name == "discipline":
            requests.timed("coverage?by=Subject", place.name, "GET", f"{path}?by=Subject")
            requests.timed("analysis", place.name, "GET", f"/v1/nodes/{place.id}/analysis")
        requests.timed("coverage/gaps", place.name, "GET", f"{path}/gaps")


def _pages(requests: Requests, places: Sequence[Place]) -> None:
    for place in places:
        path = f"/v1/nodes/{place.id}/instructions"
        requests.timed("instructions", place.name, "GET", path)
        _deep(requests, "instructions", place, path)


async def _pulls(database: Database, requests: Requests, places: Sequence[Place]) -> Row:
    discipline = next(place.id for place in places if place.name == "discipline")
    turns, stream = Turns(), Rate()
    for _ in range(PULLS):
        stream = Rate(*await asyncio.to_thread(requests.stream, f"/v1/nodes/{discipline}/instructions"))
        start = perf_counter()
        rows = await _raw_pull(database, discipline)
        raw = Rate(rows, perf_counter() - start)
        if stream.rows != raw.rows:
            raise SystemExit(f"the stream has {stream.rows} rows, the raw driver {raw.rows}")
        turns.add(stream, raw)
    return turns.medians(stream)


async def _pull_all(database: Database, requests: Requests, places: Sequence[Place], service_pid: int) -> Row:
    """Pulls everything in one stream; returns the rate and the memory it costs service and reader."""
    reader = os.getpid()
    before = {"service": resident(service_pid), "reader": resident(reader)}
    path = f"/v1/nodes/{places[0].id}/instructions"
    rows, seconds = await asyncio.to_thread(requests.stream, path)
    grown = {
        name: resident(pid) - before[name] for name, pid in (("service", service_pid), ("reader", reader))
    }
    accepted = (await run(database, ACCEPTED))[0]["accepted"]
    if rows != accepted:
        raise SystemExit(f"the stream of everything has {rows} rows of {accepted}")
    return {"rows": rows, "rate": rows / seconds, "grown_mb": grown}


async def _raw_pull(database: Database, node_id: str) -> int:
    driver: Any = database._driver  # pyright: ignore[reportPrivateUsage]
    rows = 0
    async with driver.session() as session:
        result = await session.run(RAW_PULL, {"id": node_id})
        async for _ in result:
            rows += 1
    return rows


async def _queries(
    database: Database, requests: Requests, places: Sequence[Place], known: Row, say: Say
) -> list[Row]:
    """Profiles every named query at the root and at a discipline, then times it over REST."""
    found: list[Row] = []
    for query in requests.get("/v1/queries")["items"]:
        for place in places:
            if place.name not in ("root", "discipline"):
                continue
            params = filled(query, place.id, known)
            if found and found[-1]["query"] == query["name"] and found[-1]["params"] == params:
                continue
            profiled = await scale_plans.profile(database, query["text"], params)
            row = {"query": query["name"], "place": place.name, "params": params, **profiled.facts()}
            if not any("after" in flag for flag in profiled.flags):
                path = f"/v1/queries/{query['name']}"
                await asyncio.to_thread(
                    requests.timed, query["name"], place.name, "POST", path, json={"params": params}
                )
                row |= {name: requests.results[-1][name] for name in ("median_ms", "max_ms", "status")}
                del requests.results[-1]
            found.append(row)
            if slow := _slow(row):
                say(slow)
    return found


def _slow(row: Row) -> str | None:
    """A line on a query that took over a second; None for others."""
    milliseconds: float | None = row.get("median_ms")
    if milliseconds is not None and milliseconds < 1000:
        return None
    took = "cut" if milliseconds is None else f"{milliseconds:,.0f} ms"
    return f"{row['query']} at {row['place']}: {took}, {row['hits']:,} hits"


def filled(query: Row, node_id: str, known: Row) -> Row:
    """Parameters of a query: those of its example, with ids from the graph."""
    return {
        name: _filled(name, value, _subject(query, name), node_id, known)
        for name, value in query["example"].items()
    }


def _subject(query: Row, name: str) -> str:
    """The words that say what a parameter is about."""
    param = query["params"].get(name, {})
    return f"{query['name'].split('.')[0]} {name} {param.get('meaning', '')}".lower()


def _filled(name: str, value: Any, about: str, node_id: str, known: Row) -> Any:
    if isinstance(value, dict):
        return {key: _filled(key, below, about, node_id, known) for key, below in value.items()}
    if name in ("limit",):
        return min(int(value), 100) if value else 100
    if name in ("combination", "combinations"):
        return [known["combination"]] if isinstance(value, list) else known["combination"]
    # `jobs` may be a number of jobs.
    id_ = None if isinstance(value, int) else _id(name, about, node_id, known)
    if id_ is None:
        return value
    return [id_] if isinstance(value, list) else id_


def _id(name: str, about: str, node_id: str, known: Row) -> str | None:
    """The id for a parameter; None if the parameter is not an id."""
    for word in ("job", "unit", "branch"):
        if name.startswith(word):
            return known["discipline" if word == "branch" else word]
    if name in ("parent_id", "child_id"):
        return known["syllabus" if name == "parent_id" else "session"]
    if name not in ("id", "ids", "node", "under", "root", "root_id", "node_id", "syllabus_id"):
        return None
    if name == "node":
        return None
    for word, kind in (
        ("instruction's id", "instruction"),
        ("job id", "job"),
        ("reply id", "unit"),
        ("work unit", "unit"),
        ("syllab", "syllabus"),
        ("concept", "concept"),
        ("subject", "subject"),
        ("session", "session"),
    ):
        if word in about and "below" not in about:
            return known[kind]
    return node_id


# The page


def page(found: Row) -> str:
    """The results as Markdown."""
    return "\n\n".join(
        [
            _shape(found),
            "### Insertion and pulls",
            report.table(_rates(found)),
            _grown(found),
            "### Requests",
            "Milliseconds over HTTP, median / maximum of up to seven runs, the first left out; pages of 100.",
            report.table(_by_place(found["requests"])),
            "### Named queries",
            f"The {WORST} slowest of {len({q['query'] for q in found['queries']})} named read queries, over "
            "REST and with PROFILE; what is flagged in any plan of them comes after. Sorts count from "
            f"{scale_plans.MOST_SORTED:,} rows.",
            report.table(_worst(found["queries"])),
            report.table(_flagged(found["queries"])),
        ]
    )


def _grown(found: Row) -> str:
    whole = found["pull_of_all"]
    grown = whole["grown_mb"]
    return (
        f"While all of {whole['rows']:,} instructions were pulled the service grew by "
        f"{grown['service']:.0f} MB and the reader by {grown['reader']:.0f} MB."
    )


def _instructions(scale: float) -> int:
    return round(scale_shape.INSTRUCTIONS * scale)


def _shape(found: Row) -> str:
    counts = found["counts"]
    memory = found["memory_mb"]
    apart = "" if counts["Instruction"] == _instructions(found["scale"]) else ", its instructions apart"
    return (
        f"{counts['Discipline']} disciplines, {counts['Syllabus']:,} syllabi, {counts['ClassSession']:,} "
        f"sessions, {counts['KeyConcept']:,} concepts, {counts['Instruction']:,} instructions: scale "
        f"{found['scale']:g} of the paper{apart}. The store has {found['store_gb']:.1f} GB; after all "
        f"requests the service has {memory['service']:.0f} MB ({memory['service_peak']:.0f} at its peak) and "
        f"Neo4j {memory['neo4j']:,.0f} MB, of a heap of {found['heap']} and a page "
        f"cache of {found['page_cache']}."
    )


def _rates(found: Row) -> list[Row]:
    loaded, pulls, whole = found["loaded"], found["pulls"], found["pull_of_all"]
    facts = [
        ("nodes inserted through REST, streamed", loaded["nodes"]),
        ("instructions stored as workers do", loaded["instructions"]),
        ("instructions of a discipline pulled as NDJSON", pulls),
        ("all instructions pulled as NDJSON", whole),
    ]
    return [
        {
            "what": what,
            "rows": f"{fact['rows']:,}",
            "rows/s": f"{fact['rate']:,.0f}",
            "raw driver, rows/s": f"{fact['raw']:,.0f}" if "raw" in fact else "",
            "ratio": f"{fact['ratio']:.2f}" if "raw" in fact else "",
        }
        for what, fact in facts
    ]


def _by_place(results: Sequence[Row]) -> list[Row]:
    rows: dict[str, Row] = {}
    for result in results:
        row = rows.setdefault(
            result["what"],
            {"request": f"`{result['what']}`", "root": "", "field": "", "discipline": "", "session": ""},
        )
        figures = f"{result['median_ms']:,.1f} / {result['max_ms']:,.1f}"
        row[result["place"]] = figures if result["status"] == 200 else f"{figures} ({result['status']})"
    return list(rows.values())


def _worst(queries: Sequence[Row]) -> list[Row]:
    ranked = sorted(queries, key=lambda q: -q.get("median_ms", q["profile_ms"]))
    return [_query_row(query) for query in ranked[:WORST]]


def _query_row(query: Row) -> Row:
    milliseconds = query.get("median_ms")
    return {
        "query": f"`{query['query']}`",
        "node": query["place"],
        "ms": f"{milliseconds:,.1f}" if milliseconds is not None else "",
        "rows": f"{query['rows']:,}",
        "db hits": f"{query['hits']:,}",
        "db hits a row": f"{query['hits'] / max(1, query['rows']):,.0f}",
        "flags": ", ".join(query["flags"]),
        "most hits": query["heaviest"].partition(" (")[0],
    }


def _flagged(queries: Sequence[Row]) -> list[Row]:
    by_query: dict[str, set[str]] = {}
    for query in queries:
        if query["flags"]:
            by_query.setdefault(query["query"], set()).update(query["flags"])
    rows = [
        {"query": f"`{name}`", "in its plan": ", ".join(sorted(flags))} for name, flags in by_query.items()
    ]
    return rows or [{"query": "none", "in its plan": ""}]


def main() -> None:
    """Loads, measures and prints; from a tenth of the paper on, also writes."""
    options = arguments()
    section = report.WHOLE if options.instructions else report.SCALE
    started = monotonic()
    clean_environment()
    with folder(options.keep) as home:
        memory = next((heap, cache) for least, heap, cache in MEMORY if options.scale >= least)
        given: dict[str, Any] = {
            "_env_file": None,
            "home": home,
            "linger_s": 30,
            "neo4j_heap": options.heap or memory[0],
            "neo4j_page_cache": options.page_cache or memory[1],
        }
        settings = Settings(**given)
        number = options.instructions or _instructions(options.scale)
        before = json.loads(RAW_JSON.read_text(encoding="utf-8")) if options.requests else None
        found = asyncio.run(measure(settings, options.scale, number, section.say, before))
        found |= {"heap": settings.neo4j_heap, "page_cache": settings.neo4j_page_cache}
    text = page(found)
    print(f"\n## {section.title}\n\n{text}", flush=True)
    document = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if options.json:
        options.json.write_text(document, encoding="utf-8")
    smallest = 1 if section is report.WHOLE else 0.1
    if options.scale >= smallest and not options.dry:
        if section is report.SCALE:
            RAW_JSON.write_text(document, encoding="utf-8")
        # If only the requests were measured again, the rest of the page stays as it was.
        part = " --requests" if options.requests else ""
        part += f" --instructions {options.instructions}" if options.instructions else ""
        command = f'make bench-scale ARGS="--scale {options.scale:g}{part}"'
        report.write(section, report.dated(f"{section.text}\n\n{text}", started, command))


def arguments() -> argparse.Namespace:
    """The command's arguments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--scale", type=float, default=0.1, help="1 is the paper's; 0.1 where not given")
    parser.add_argument("--instructions", type=int, metavar="N", help="so many; by scale where not given")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="data folder to load once and use again")
    parser.add_argument("--heap", help="Neo4j's heap, such as 1g; by scale where not given")
    parser.add_argument("--page-cache", help="Neo4j's page cache, such as 2g; by scale where not given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the raw results there, too")
    parser.add_argument("--requests", action="store_true", help="measure them again; the rest stays as it is")
    parser.add_argument("--dry", action="store_true", help="print only: docs/ stays as it is")
    options = parser.parse_args()
    if options.requests and options.instructions:
        parser.error("--requests measures what docs/benchmarks-scale.json holds: leave --instructions out")
    return options


if __name__ == "__main__":
    main()
