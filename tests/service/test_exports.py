"""GET /v1/nodes/{id}/taxonomy and `glan taxonomy export`, on a graph."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import rdflib
from planting import Plant, rows_of
from rdflib.namespace import SKOS
from typer.testing import CliRunner

from graph.database import Database
from graph.errors import Invalid
from graph.model import Kind, NewNode, Status
from graph.taxonomy import nodes
from graph.taxonomy.editing import merging
from graph.taxonomy.walking import outward
from service.cli import app
from service.settings import Settings
from service.taxonomies.writing import document
from service.taxonomies.writing.collecting import collected
from service.taxonomies.writing.options import ExportFormat, ExportOptions, Which


@pytest.fixture
async def crafts(database: Database) -> dict[str, str]:
    """A taxonomy with a discipline under two fields, one that is rejected, and one that was merged."""
    plant = Plant(database)
    ids = {"top": await plant.node(Kind.Taxonomy, "Trades")}
    ids["crafts"] = await plant.node(Kind.Field, "Crafts", ids["top"])
    ids["art"] = await plant.node(Kind.Field, "Art", ids["top"])
    ids["glass"] = await plant.node(Kind.Discipline, "Glass", ids["crafts"], ids["art"])
    ids["wood"] = await plant.node(Kind.Discipline, "Wood", ids["crafts"], description="Trees")
    ids["spells"] = await plant.node(Kind.Discipline, "Spells", ids["art"], status=Status.rejected)
    ids["timber"] = await plant.node(Kind.Discipline, "Timber", ids["crafts"])
    ids["course"] = await plant.node(Kind.Subject, "Course", ids["wood"])
    await merging.merge(database, ids["timber"], ids["wood"])
    await rows_of(
        database,
        "MATCH (a:Discipline {id: $glass}), (b:Discipline {id: $wood}) SET a.uri = 'http://e.org/glass',"
        " a.exactMatch = ['http://o.org/1'] CREATE (b)-[:RELATED]->(a)",
        **{"glass": ids["glass"], "wood": ids["wood"]},
    )
    return ids


async def written(
    database: Database, home: Path, node: str, format_: str = "turtle", **options: Any
) -> bytes:
    wanted = ExportOptions(**options)
    async with collected(database, node, wanted, home) as found:
        with (home / "out").open("wb") as file:
            await asyncio.to_thread(document.write, found, ExportFormat(format_), wanted, file)
    assert not list((home / "staging").iterdir()), "the temporary file is removed"
    return (home / "out").read_bytes()


async def test_what_is_accepted_and_everything(
    database: Database, crafts: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    lines = (await written(database, tmp_path, crafts["top"], "ndjson")).splitlines()
    found = [json.loads(line) for line in lines]
    assert [item["name"] for item in found] == ["Trades", "Art", "Crafts", "Glass", "Wood"]
    assert found[3]["parent_uris"] == [f"urn:glan:{crafts['art']}", f"urn:glan:{crafts['crafts']}"]
    assert found[4]["related"] == ["http://e.org/glass"]
    monkeypatch.setattr(outward, "AT_ONCE", 1)
    assert (await written(database, tmp_path, crafts["top"], "ndjson")).splitlines() == lines
    text = await written(database, tmp_path, crafts["top"], which=Which.all, to=Kind.Subject)
    whole = rdflib.Graph().parse(data=text, format="turtle")
    names = {str(label) for label in whole.objects(None, SKOS.prefLabel)}
    assert names == {"Trades", "Art", "Crafts", "Glass", "Wood", "Spells", "Course"}
    timber = rdflib.URIRef(f"urn:glan:{crafts['timber']}")
    [into] = whole.objects(timber, rdflib.DCTERMS.isReplacedBy)
    assert str(into) == f"urn:glan:{crafts['wood']}"


async def test_what_was_merged_is_known_by_its_uri(
    database: Database, crafts: dict[str, str], tmp_path: Path
):
    async def node(name: str, uri: str) -> str:
        new = NewNode(kind=Kind.Discipline, name=name, parent_id=crafts["art"], uri=uri)
        return (await nodes.insert(database, new))[0].id

    oil, paint = await node("Oil", "http://e.org/oil"), await node("Paint", "http://e.org/paint")
    await merging.merge(database, oil, paint)
    # The target has no URI of its own, and takes it over.
    await merging.merge(database, paint, crafts["wood"])
    text = await written(database, tmp_path, crafts["top"], which=Which.all)
    whole = rdflib.Graph().parse(data=text, format="turtle")
    merged = {str(s): str(o) for s, o in whole.subject_objects(rdflib.DCTERMS.isReplacedBy)}
    alias = [f"urn:glan:{paint}", f"urn:glan:{crafts['timber']}", "http://e.org/oil"]
    assert merged == dict.fromkeys(alias, "http://e.org/paint")


async def test_a_part_of_a_taxonomy_has_its_scheme(
    database: Database, crafts: dict[str, str], tmp_path: Path
):
    found = rdflib.Graph().parse(data=await written(database, tmp_path, crafts["art"]), format="turtle")
    art, scheme = (rdflib.URIRef(f"urn:glan:{crafts[name]}") for name in ("art", "top"))
    assert set(found.subject_objects(SKOS.topConceptOf)) == {(art, scheme)}
    assert set(found.subject_objects(SKOS.hasTopConcept)) == {(scheme, art)}
    wood = rdflib.URIRef(f"urn:glan:{crafts['wood']}")
    assert list(found.objects(None, SKOS.related)) == [wood], "outside of the part, by its address"
    with pytest.raises(Invalid, match="a Subject stands below what is exported"):
        await written(database, tmp_path, crafts["course"])


async def test_by_rest_and_by_the_command(
    database: Database,
    crafts: dict[str, str],
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("GLAN_HOME", str(settings.home))
    runner = CliRunner()
    direct = await written(database, tmp_path, crafts["top"])
    target = tmp_path / "trades.ttl"
    result = await asyncio.to_thread(runner.invoke, app, ["taxonomy", "export", "Trades", "-o", str(target)])
    assert result.exit_code == 0, result.output
    assert target.read_bytes() == direct
    wrong = await asyncio.to_thread(
        runner.invoke, app, ["taxonomy", "export", "Trades", "-o", str(target), "--base", "no base"]
    )
    assert wrong.exit_code == 1
    assert target.read_bytes() == direct, "what is there stays after an error"
    for format_, start in (("csv", b"taxonomy,field,"), ("sssom", b"#curie_map:"), ("rdfxml", b"<?xml")):
        result = await asyncio.to_thread(
            runner.invoke, app, ["taxonomy", "export", "Trades", "--format", format_]
        )
        assert result.stdout_bytes.startswith(start)
