"""An older graph is migrated without loss, even if the migration is interrupted at any point.

tests/graph/data/schema-N.ndjson.gz holds every node and relationship of a graph of schema N: a grown taxonomy
with a merge, a rename, a second parent, a release, a token and the response to a keyed request.
schema-N.expected.json holds what that version of glan returned for it: coverage, a pull, the release's text.
"""

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from planting import rows_of, wipe

from generators.spaces.strata import STRATA
from graph import coverage
from graph.database import Database, Row, migrations, schema
from graph.instructions import pinned, pulls
from graph.instructions.pulls import Filter, Windows
from graph.model import Kind, node_key
from graph.taxonomy import nodes
from graph.taxonomy.editing import aliases, history
from graph.taxonomy.walking import search
from graph.text import normal_name

DATA = Path(__file__).parent / "data"
OLDER = [4]


class BrokenOff(Exception):
    """Simulates the end of the migrating process."""


def value(stored: Any) -> Any:
    """A property as the driver expects it; the JSON encodes times and bytes as maps."""
    match stored:
        case {"$datetime": text}:
            return datetime.fromisoformat(text)
        case {"$bytes": text}:
            return base64.b64decode(text)
        case list():
            return [value(item) for item in cast(list[Any], stored)]
        case _:
            return stored


async def emptied(database: Database) -> None:
    """Removes both data and schema."""
    await wipe(database)
    await rows_of(database, "MATCH (n) DETACH DELETE n")
    for kind in ("CONSTRAINT", "INDEX"):
        plural = "INDEXES" if kind == "INDEX" else "CONSTRAINTS"
        listed = f"SHOW {plural} YIELD name, type WHERE type <> 'LOOKUP' RETURN name"
        for row in await rows_of(database, listed):
            await rows_of(database, f"DROP {kind} {row['name']}")


async def loaded(database: Database, version: int) -> None:
    """Loads an exported graph, with the constraints and indexes of its own schema."""
    await emptied(database)
    [own] = [m for m in migrations.MIGRATIONS if m.number == version]
    for step in own.steps:
        await step(database)
    lines = gzip.decompress((DATA / f"schema-{version}.ndjson.gz").read_bytes()).splitlines()
    entries = [json.loads(line) for line in lines]
    by_label: defaultdict[str, list[Row]] = defaultdict(list)
    by_type: defaultdict[str, list[Row]] = defaultdict(list)
    for n, entry in enumerate(entry for entry in entries if "labels" in entry):
        row = {"n": n, "properties": {k: value(v) for k, v in entry["properties"].items()}}
        by_label[":".join(entry["labels"])].append(row)
    for entry in entries:
        if "type" in entry:
            row = {k: entry[k] for k in ("from", "to")}
            by_type[entry["type"]].append(row | {"properties": entry["properties"]})
    for labels, rows in by_label.items():
        text = f"UNWIND $rows AS row CREATE (x:{labels}:Exported) SET x = row.properties, x.exported = row.n"
        await rows_of(database, text, rows=rows)
    for type_, rows in by_type.items():
        text = (
            "UNWIND $rows AS row MATCH (a:Exported {exported: row.from}), (b:Exported {exported: row.to}) "
            f"CREATE (a)-[r:{type_}]->(b) SET r = row.properties"
        )
        await rows_of(database, text, rows=rows)
    await rows_of(database, "MATCH (x:Exported) REMOVE x.exported, x:Exported")


@pytest.fixture(params=OLDER)
def version(request: pytest.FixtureRequest) -> int:
    return request.param


@pytest_asyncio.fixture
async def older(database: Database, version: int) -> AsyncIterator[Database]:
    """A database as a glan of that schema left it; restored to this version's schema afterwards."""
    await loaded(database, version)
    yield database
    await emptied(database)
    await schema.migrate(database)


async def shape(database: Database) -> list[Any]:
    indexes = await rows_of(database, "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties")
    constraints = await rows_of(database, "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties")
    versions = await rows_of(database, "MATCH (s:Schema) RETURN s.version AS version, s.kinds AS kinds")
    return [sorted(indexes, key=str), sorted(constraints, key=str), versions]


async def rows(windows: Windows) -> list[Row]:
    return [row async for window in windows for row in window.rows]


async def require_all_there(database: Database, version: int) -> None:
    """Checks that this glan returns for the graph what the older one did."""
    expected = json.loads((DATA / f"schema-{version}.expected.json").read_text())
    root = expected["coverage"]["id"]
    found = (await coverage.of(database, root, list(expected["coverage"]["capacity"]))).model_dump()
    assert [stratum.pop("repeated") for stratum in found["capacity"].values()] == [0] * len(STRATA)
    assert {name: found[name] for name in expected["coverage"]} == expected["coverage"]
    pulled = await rows(await pulls.of_node(database, root, Filter()))
    assert [{name: row[name] for name in expected["instructions"][0]} for row in pulled] == expected[
        "instructions"
    ]
    released = await rows(await pinned.pull(database, "old"))
    assert [{name: row[name] for name in expected["release"][0]} for row in released] == expected["release"]
    [renamed] = (await search.search(database, "Renamed concept")).items
    assert [edit.action for edit in (await history.of(database, renamed.id)).items] == ["patched"]
    [merged] = await rows_of(database, "MATCH (a:Alias)-[:OF]->(n:Discipline) RETURN a.id AS id, n.id AS of")
    assert await aliases.resolve(database, [merged["id"]]) == {merged["id"]: merged["of"]}
    assert (await nodes.get(database, merged["of"])).properties == {"level": 3, "tags": ["a", "b"]}


async def test_an_older_graph_is_brought_up(older: Database, version: int):
    await schema.migrate(older)
    await require_all_there(older, version)
    came_up = await shape(older)
    assert all(index["state"] == "ONLINE" for index in came_up[0])
    # The same as a graph that has always had this schema.
    await emptied(older)
    await schema.migrate(older)
    assert came_up == await shape(older)


async def test_broken_off_at_any_step_it_is_continued(
    older: Database, version: int, monkeypatch: pytest.MonkeyPatch
):
    def broken_off(step: migrations.Step) -> migrations.Step:
        async def run(database: Database) -> None:
            await step(database)
            raise BrokenOff

        return run

    whole = migrations.MIGRATIONS
    for migration in whole:
        for n in range(len(migration.steps)):
            steps = (*migration.steps[:n], broken_off(migration.steps[n]), *migration.steps[n + 1 :])
            broken = migrations.Migration(migration.number, migration.meaning, steps)
            monkeypatch.setattr(schema, "MIGRATIONS", tuple(broken if m is migration else m for m in whole))
            if migration.number > version:
                with pytest.raises(BrokenOff):
                    await schema.migrate(older)
    monkeypatch.setattr(schema, "MIGRATIONS", whole)
    await schema.migrate(older)
    await require_all_there(older, version)


async def test_names_compared_otherwise_than_before_get_their_keys(database: Database):
    """If two nodes come to have the same name in one place, both stay, and the first one gets the key."""
    node = (
        "{id: $id, key: $id, home: 'a0', name: $name, name_key: $old, description: '', status: 'accepted',"
        " weight: 1.0, version: 1, created_at: datetime(), updated_at: datetime()}"
    )
    for id_, name, old in [
        ("a1", "Μαΐου", "μαΐου"), ("a2", "ΜΑΪ́ΟΥ", "μαΐου"), ("a3", "a\u200bb", "a\u200bb"),
        ("a4", "Plain", "plain"), ("a5", "AB", "ab"),
    ]:  # fmt: skip
        await rows_of(database, f"CREATE (:TaxonomyNode:Field {node})", id=id_, name=name, old=old)
    for id_, name in [("a1", "Μαΐου"), ("a5", "AB")]:
        key = node_key(Kind.Field, "a0", name)
        await rows_of(database, "MATCH (n {id: $id}) SET n.key = $key", id=id_, key=key)
    [own] = [m for m in migrations.MIGRATIONS if m.number == 5]
    for _ in range(2):
        await own.steps[0](database)
        rows = await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.id, n.key, n.name_key ORDER BY n.id")
        assert [row["n.name_key"] for row in rows] == [normal_name("Μαΐου")] * 2 + ["ab", "plain", "ab"]
        assert [row["n.key"] for row in rows] == [
            node_key(Kind.Field, "a0", "Μαΐου"), "a2", "a3", "a4", node_key(Kind.Field, "a0", "ab")
        ]  # fmt: skip
    assert {n.id for n in (await search.search(database, "PLAIN")).items} == {"a4"}


async def test_uris_and_codes_that_were_free_properties_are_what_nodes_have_now(database: Database):
    for id_, properties in [
        ("b1", "uri: 'urn:x:1', notation: '1.1', altLabel_en: ['Coral banks']"),
        ("b2", "uri: 7, notation: [1, 2], imported: 'yesterday'"),
        ("b3", "size: 3"),
    ]:
        await rows_of(
            database,
            f"CREATE (:TaxonomyNode:Field {{id: $id, key: $id, name: $id, name_key: $id, description: '',"
            f" status: 'accepted', weight: 1.0, version: 1, created_at: datetime(), updated_at: datetime(),"
            f" {properties}}})",
            id=id_,
        )
    [own] = [m for m in migrations.MIGRATIONS if m.number == 13]
    for _ in range(2):
        for step in own.steps:
            await step(database)
        found = {id_: await nodes.get(database, id_) for id_ in ("b1", "b2", "b3")}
        assert (found["b1"].uri, found["b1"].notation) == ("urn:x:1", ["1.1"])
        assert found["b1"].properties == {"altLabel_en": ["Coral banks"]}
        assert (found["b2"].uri, found["b2"].notation) == (None, [])
        kept = {"csv_uri": 7, "csv_notation": [1, 2], "csv_imported": "yesterday"}
        assert found["b2"].properties == kept, "what is no URI and no code is kept under another name"
        assert found["b3"].properties == {"size": 3}
    assert [node.id for node in (await search.search(database, "coral")).items] == ["b1"]
    assert [node.id for node in (await search.search(database, "1.1")).items] == ["b1"]


def test_numbers_go_up_and_every_migration_says_what_it_is_for():
    numbers = [migration.number for migration in migrations.MIGRATIONS]
    assert numbers == sorted({*numbers})
    assert numbers[-1] == schema.VERSION
    assert all(migration.meaning and migration.steps for migration in migrations.MIGRATIONS)
