"""What loading a vocabulary costs: made headings by `glan taxonomy load`, beside plain items without URIs.

Run: python tests/bench/bench_vocabulary_load.py [--quick]. The service and its Neo4j are of their
own. Rows: plain items by POST /v1/nodes:bulk under a taxonomy of their own; the nodes of the plan, which is
made before, by the same request as somebody would send them who has them (the limit: names, URIs, labels and
all parents, but nothing of an import); the load, which reads and plans first; the same file again; and reads
beside all of it. Seconds are elapsed ones; memory is the most that the process held.
"""

import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_scale import service_of
from bench.garden import neo4j, ran, resident
from bench.headings import statements

from service.taxonomies.checking import checked
from service.taxonomies.importing import Target, items
from service.taxonomies.options import Options

HEADINGS, FEW = 463_254, 20_000
PART = 20_000
NDJSON = {"Content-Type": "application/x-ndjson"}
TOO_LARGE = 422
OURS, OTHER = "//example.org/headings/", "//example.org/by-hand/"
READS = ("tree?depth=1", "coverage", "children?limit=100")
Row = dict[str, Any]


def plain(count: int) -> Iterator[list[bytes]]:
    """As many disciplines under fields of a hundred, as lines, in parts of one request each."""
    top = b'{"ref":"t","kind":"Taxonomy","name":"Plain"}'
    for start in range(0, count, PART):
        part = [top]
        for n in range(start, min(start + PART, count)):
            field = n - n % 100
            if n == field:
                part.append(f'{{"ref":"f{n}","kind":"Field","name":"F{n}","parent_ref":"t"}}'.encode())
            name = f"Glass painting {n}"
            part.append(f'{{"kind":"Discipline","name":"{name}","parent_ref":"f{field}"}}'.encode())
        yield part


def planned(path: Path, home: Path) -> Iterator[list[bytes]]:
    """The nodes that a file becomes, with other URIs than there, as lines, in parts of one request each."""
    uris: dict[str, str] = {}
    with checked([str(path)], Options(), home) as found:
        lines = (_line(item, uris) for item in items(found.plan, Target(name="By hand")))
        while part := [*islice(lines, PART)]:
            yield part


def _line(item: Row, uris: dict[str, str]) -> bytes:
    uri = item.get("uri", item["ref"]).replace(OURS, OTHER)
    uris[item["ref"]] = uri
    given = {name: item[name] for name in ("kind", "name", "properties", "related") if name in item}
    above = [uris[ref] for ref in item.get("parent_refs", ())]
    return json.dumps(given | {"uri": uri} | ({"parent_uris": above} if above else {})).encode()


def streamed(http: httpx.Client, parts: Iterable[list[bytes]], what: str) -> Row:
    """Lines that are there, in several requests: httpx reads no response while it sends."""
    begun, sent = perf_counter(), 0
    for part in parts:
        response = http.post("/v1/nodes:bulk", content=b"\n".join(part), headers=NDJSON)
        assert response.is_success, response.text
        assert b'"error"' not in response.content, response.text[:300]
        sent += len(part)
    seconds = perf_counter() - begun
    return {
        "what": what,
        "nodes": sent,
        "seconds": round(seconds, 1),
        "nodes/s": round(sent / seconds),
    }


def loaded(path: Path, url: str, home: Path, what: str) -> Row:
    """One `glan taxonomy load`, in a process of its own."""
    begun = perf_counter()
    done = ran(home, "taxonomy", "load", str(path), "--json", "--on-existing", "update", GLAN_URL=url)
    seconds = perf_counter() - begun
    found = json.loads(done.out)["import"]
    assert not found["errors"], found["errors"][:3]
    number = sum(found[name] for name in ("created", "updated", "unchanged"))
    return {
        "what": what, "nodes": number, "seconds": round(seconds, 1), "nodes/s": round(number / seconds),
        "MB": round(done.most_mb),
    }  # fmt: skip


def measure(quick: bool = False) -> list[Row]:
    """The rows of the table; the ratios are to the rates of the first two."""
    found = [*_rows(FEW if quick else HEADINGS)]
    plain_rate, limit = found[0]["nodes/s"], found[1]["nodes/s"]
    return [
        {
            "what": row["what"],
            "nodes": f"{row['nodes']:,}" if "nodes" in row else "",
            "seconds": row.get("seconds", ""),
            "nodes/s": f"{row['nodes/s']:,}" if "nodes/s" in row else "",
            "to the same nodes": round(row["nodes/s"] / limit, 2) if "nodes/s" in row else "",
            "to plain items": round(row["nodes/s"] / plain_rate, 2) if "nodes/s" in row else "",
            "peak MB": row.get("MB", ""),
        }
        for row in found
    ]


def _rows(headings: int) -> Iterator[Row]:
    with (
        neo4j() as (attachment, settings),
        service_of(settings) as (url, pid),
        tempfile.TemporaryDirectory() as home,
    ):
        path = Path(home) / "headings.nt"
        with path.open("w") as file:
            file.writelines(statements(headings))
        with httpx.Client(base_url=url, timeout=600) as http:
            yield streamed(http, plain(headings), "plain items")
            yield streamed(http, [*planned(path, Path(home))], "the same nodes, item by item")
            yield loaded(path, url, Path(home), "load")
            yield loaded(path, url, Path(home), "load again")
            yield {"what": "the service, after all of it", "MB": resident(pid, "VmHWM")}
            for row in http.get("/v1/nodes?kind=Taxonomy").json()["items"]:
                for read in READS:
                    begun = perf_counter()
                    answer = http.get(f"/v1/nodes/{row['id']}/{read}")
                    seconds = perf_counter() - begun
                    assert answer.is_success or answer.status_code == TOO_LARGE, answer.text
                    refused = "" if answer.is_success else " (refused: too large)"
                    yield {"what": f"{row['name']}: {read}{refused}", "seconds": round(seconds, 2)}
            for asked in ("?q=painting 4711", "?uri=http://example.org/headings/sh000004711"):
                begun = perf_counter()
                assert http.get(f"/v1/nodes{asked}").json()["items"]
                yield {"what": f"nodes{asked}", "seconds": round(perf_counter() - begun, 2)}
        assert Path(f"/proc/{attachment.pid}").exists(), "Neo4j was started again"


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("vocabularies")
