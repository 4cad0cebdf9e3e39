"""Splits over REST and on the command line: nothing in two of them, nothing that belongs together apart."""

import json
from collections import defaultdict
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from planting import Plant, instruction, rows_of

from graph.database import Database
from graph.instructions import instructions
from graph.instructions.splits import Split, SplitBy, Splits
from graph.model import Kind

SHARES = "train=50,validation=25,test=25"
SYLLABI, EACH = 24, 30
FIELDS = ("Sciences", "Crafts")


class Planted:
    """Ids of what `garden` has planted."""

    root: str
    syllabi: list[str]
    discipline_of: dict[str, str]
    field_of: dict[str, str]


@pytest.fixture
def database(session_database: Database) -> Database:
    """Not wiped between these tests."""
    return session_database


@pytest_asyncio.fixture(scope="module")
async def garden(session_database: Database) -> Planted:
    """Two fields of three disciplines of four syllabi with EACH instructions each."""
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    plant, found = Plant(session_database), Planted()
    found.syllabi, found.discipline_of, found.field_of = [], {}, {}
    found.root = await plant.node(Kind.Taxonomy, "Root")
    job = await plant.job(found.root)
    fields = [await plant.node(Kind.Field, name, found.root) for name in FIELDS]
    disciplines = [await plant.node(Kind.Discipline, f"d{n}", fields[n % 2]) for n in range(6)]
    for n in range(SYLLABI):
        syllabus = await plant.syllabus(disciplines[n % 6], f"y{n}", {f"s{n}": [f"c{n}"]})
        found.syllabi.append(syllabus.id)
        found.discipline_of[syllabus.id] = disciplines[n % 6]
        found.field_of[syllabus.id] = FIELDS[n % 2]
        sessions, concepts = list(syllabus.sessions.values()), list(syllabus.concepts.values())
        rows = [instruction(f"{n:02}-{k:03}", syllabus.id, sessions, concepts) for k in range(EACH)]
        await session_database.writing(lambda tx, rows=rows: instructions.store(tx, job, rows))
    return found


async def link(database: Database, *pairs: tuple[str, str]) -> None:
    """Links near-duplicates and variants, in turn."""
    for n, (later, earlier) in enumerate(pairs):
        kind = ("NEAR_DUPLICATE_OF", "VARIANT_OF")[n % 2]
        await rows_of(
            database,
            f"MATCH (a:Instruction {{id: $a}}), (b:Instruction {{id: $b}}) CREATE (a)-[:{kind}]->(b)",
            a=later,
            b=earlier,
        )


def pulled(http: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = http.get(f"{path}/instructions", params={"format": "ndjson"} | params)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.content.splitlines()]


def of_all_splits(http: httpx.Client, path: str, **params: Any) -> dict[Split, list[dict[str, Any]]]:
    """The content of each split, which together are everything, each once and in the order of the pull."""
    everything = [item["id"] for item in pulled(http, path)]
    found = {split: pulled(http, path, split=split, **params) for split in Split}
    ids = {split: {item["id"] for item in items} for split, items in found.items()}
    assert sorted(id_ for some in ids.values() for id_ in some) == sorted(everything)
    for split, items in found.items():
        assert [item["id"] for item in items] == [id_ for id_ in everything if id_ in ids[split]]
    return found


def groups(found: dict[Split, list[dict[str, Any]]], key: Any) -> dict[str, set[Split]]:
    """The splits in which each key occurs."""
    places: dict[str, set[Split]] = defaultdict(set)
    for split, items in found.items():
        for item in items:
            places[key(item)].add(split)
    return places


@pytest.mark.parametrize("by", SplitBy)
def test_what_goes_together_is_in_one_split(http: httpx.Client, garden: Planted, by: SplitBy):
    found = of_all_splits(http, f"/v1/nodes/{garden.root}", splits=SHARES, split_by=by)
    keys = {
        SplitBy.syllabus: lambda item: item["syllabus_id"],
        SplitBy.discipline: lambda item: garden.discipline_of[item["syllabus_id"]],
        SplitBy.instruction: lambda item: item["id"],
    }
    splits = Splits.parsed(SHARES, by)
    for key, places in groups(found, keys[by]).items():
        assert places == {splits.of(key)}
    if by is SplitBy.instruction:
        assert all(
            0.15 < len(found[split]) / (SYLLABI * EACH) < 0.35 for split in (Split.validation, Split.test)
        )


def test_pages_and_parquet_of_a_split_are_its_stream(http: httpx.Client, garden: Planted, tmp_path: Any):
    path = f"/v1/nodes/{garden.root}"
    params = {"split": "test", "splits": SHARES, "split_by": "instruction"}
    wanted = pulled(http, path, **params)
    paged: list[Any] = []
    url: str | None = str(httpx.URL(f"{path}/instructions", params=params | {"limit": 7}))
    while url:
        page = http.get(url)
        paged += page.json()["items"]
        assert len(page.json()["items"]) == 7 or not page.json()["next"]
        url = page.links.get("next", {}).get("url")
    assert paged == wanted
    file = tmp_path / "split.parquet"
    file.write_bytes(http.get(f"{path}/instructions", params=params | {"format": "parquet"}).content)
    table: Any = pq.read_table(file)
    assert table.column("id").to_pylist() == [item["id"] for item in wanted]
    assert pulled(http, f"/v1/nodes/{garden.syllabi[0]}", **params) == [
        item for item in wanted if item["syllabus_id"] == garden.syllabi[0]
    ]


async def test_near_duplicates_and_variants_stay_together(
    http: httpx.Client, garden: Planted, session_database: Database
):
    """A group goes where its member with the smallest id goes, through members outside of the pull, too."""
    path = f"/v1/nodes/{garden.root}"
    before = groups(of_all_splits(http, path, splits=SHARES), lambda item: item["id"])
    splits = Splits.parsed(SHARES)
    # One syllabus of each split, so that every link of a chain crosses a border.
    first = {split: next(n for n, y in enumerate(garden.syllabi) if splits.of(y) is split) for split in Split}
    a, b, c = sorted(f"{n:02}-000" for n in first.values())
    alone = f"{int(a[:2]):02}-001"
    await link(session_database, (c, b), (b, a))
    try:
        found = groups(of_all_splits(http, path, splits=SHARES), lambda item: item["id"])
        assert found[a] == found[b] == found[c] == before[a]
        assert {id_ for id_, places in found.items() if places != before[id_]} == {b, c}
        assert found[alone] == before[alone]
        await rows_of(session_database, "MATCH (i:Instruction {id: $id}) SET i.status = 'rejected'", id=b)
        found = groups(of_all_splits(http, path, splits=SHARES), lambda item: item["id"])
        assert found[c] == found[a] == before[a]
        by_id = of_all_splits(http, path, splits=SHARES, split_by="instruction")
        assert groups(by_id, lambda item: item["id"])[c] == {splits.of(a)}
        # A pull of the part in which only the last member is gives it the same split.
        syllabus = garden.syllabi[int(c[:2])]
        [split] = before[a]
        inside = pulled(http, f"/v1/nodes/{syllabus}", split=split, splits=SHARES)
        assert c in {item["id"] for item in inside}
    finally:
        await rows_of(
            session_database,
            "MATCH (i:Instruction {id: $id}) SET i.status = 'accepted' WITH i"
            " MATCH ()-[r:NEAR_DUPLICATE_OF|VARIANT_OF]-() DELETE r",
            id=b,
        )


async def test_a_release_pins_splits_and_fields(
    http: httpx.Client, garden: Planted, session_database: Database, refused: Any
):
    wanted = {"name": "split-1", "node_id": garden.root, "splits": "train=2,validation=1,test=1"}
    made = http.post("/v1/releases", json=wanted).json()
    assert made["spec"] == {"node_id": garden.root, "splits": SHARES, "split_by": "syllabus"}
    now = of_all_splits(http, f"/v1/nodes/{garden.root}", splits=SHARES)
    pinned = of_all_splits(http, "/v1/releases/split-1")
    assert pinned == now
    assert made["splits"] == {split: len(items) for split, items in now.items() if items}
    await link(session_database, *((f"{n:02}-005", "00-005") for n in range(1, SYLLABI)))
    assert of_all_splits(http, f"/v1/nodes/{garden.root}", splits=SHARES) != now
    assert of_all_splits(http, "/v1/releases/split-1") == pinned
    await rows_of(session_database, "MATCH ()-[r:NEAR_DUPLICATE_OF|VARIANT_OF]-() DELETE r")
    for field in FIELDS:
        inside = pulled(http, "/v1/releases/split-1", field=field, split="train")
        assert inside == [i for i in pinned[Split.train] if garden.field_of[i["syllabus_id"]] == field]
        assert inside
    assert pulled(http, "/v1/releases/split-1", field="Arts") == []
    # The lines of a split are places to continue from, too.
    lines = pulled(http, "/v1/releases/split-1", split="test", cursors=True)
    assert [line["item"] for line in lines] == pinned[Split.test]
    after = pulled(http, "/v1/releases/split-1", split="test", cursor=lines[4]["cursor"])
    assert after == pinned[Split.test][5:]
    # The same shares in another proportion are the same release; others are not.
    again = http.post("/v1/releases", json=wanted | {"splits": SHARES, "split_by": "syllabus"})
    assert (again.status_code, again.json()) == (200, made)
    refused(http.post("/v1/releases", json=wanted | {"split_by": "discipline"}), 409)


def test_what_is_refused(http: httpx.Client, garden: Planted, refused: Any):
    path = f"/v1/nodes/{garden.root}/instructions"
    for shares in ({"splits": SHARES}, {"split_by": "syllabus"}):
        assert "add split" in refused(http.get(path, params=shares), 422)["detail"]
    wrong = http.get(path, params={"split": "train", "splits": "90,10"})
    assert "train=90" in refused(wrong, 422)["detail"]
    refused(http.get(path, params={"split": "dev"}), 422)
    body = {"name": "whole-1", "node_id": garden.root}
    refused(http.post("/v1/releases", json=body | {"splits": "all"}), 422)
    refused(http.get("/v1/releases/whole-1"), 404)
    assert http.post("/v1/releases", json=body).json()["splits"] == {}
    detail = refused(http.get("/v1/releases/whole-1/instructions", params={"split": "train"}), 422)["detail"]
    assert "without splits" in detail
    detail = refused(http.get(path, params={"layout": "alpaca", "system": "Be brief."}), 422)["detail"]
    assert "no system turn" in detail


def test_on_the_command_line(glan: Any, garden: Planted, http: httpx.Client):
    assert garden.root == http.get("/v1/nodes:resolve", params={"path": "Root"}).json()["id"]
    made = glan.json("release", "create", "Root", "cli-1", "--splits", SHARES, "--split-by", "discipline")
    assert sum(made["splits"].values()) == SYLLABI * EACH
    assert "train: " in glan("release", "show", "cli-1").stdout
    shares = ("--splits", SHARES, "--split-by", "discipline")
    for split in Split:
        pinned = glan("pull", "--release", "cli-1", "--split", split).stdout
        assert pinned == glan("pull", "Root", "--split", split, *shares).stdout
        assert pinned.count("\n") == made["splits"].get(split, 0)
    assert "--split-by" in glan("pull", "--release", "cli-1", *shares[2:], code=2).stderr
    assert "add --split" in glan("pull", "Root", "--splits", SHARES, code=2).stderr
    glan("pull", "--release", "cli-1", "--layout", "openai", "--system", "Be brief.", "-o", "s.jsonl")
    turns = [json.loads(line)["messages"] for line in (glan.folder / "s.jsonl").read_text().splitlines()]
    assert len(turns) == SYLLABI * EACH
    assert {tuple(turn["role"] for turn in some) for some in turns} == {("system", "user", "assistant")}
