"""Searching the graph for duplicates: what is read, what becomes a proposal, and what does not come back."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from planting import Plant, rows_of
from pydantic import ValidationError

from graph.database import Database
from graph.errors import NoNode, ServerUnreachable
from graph.model import Kind, NodePatch, Status
from graph.proposals import deciding, finding, listing, searches
from graph.proposals.listing import Wanted
from graph.proposals.proposal import Role
from graph.proposals.searches import DuplicateSearch, SearchCounts, SearchSpec
from graph.taxonomy import nodes


async def here(function: Callable[..., Any], *args: Any) -> Any:
    """Computes in this process."""
    return function(*args)


async def search(plant: Plant, node_id: str, **spec: Any) -> DuplicateSearch:
    found, fresh = await searches.begin(plant.database, node_id, SearchSpec(**spec), "ann")
    assert fresh
    await finding.run(plant.database, found, here, asyncio.Semaphore(1))
    return await searches.get(plant.database, found.id)


async def told(plant: Plant) -> list[tuple[str, str, int | None]]:
    """The open proposals: what would be merged into what, and the tier."""
    found = (await listing.list_proposals(plant.database, Wanted())).items
    names = [{one.role: one.path[0].name + "/" + one.name for one in proposal.about} for proposal in found]
    return [(two[Role.from_], two[Role.into], p.tier) for two, p in zip(names, found, strict=True)]


def counted(found: DuplicateSearch) -> dict[str, int]:
    return {name: number for name, number in found.counts.model_dump().items() if number}


async def vocabulary(plant: Plant, name: str, labels: dict[str, dict[str, Any]]) -> str:
    """The id of a taxonomy with these disciplines under one field."""
    root = await plant.node(Kind.Taxonomy, name)
    field = await plant.node(Kind.Field, f"All of {name}", root)
    for label, properties in labels.items():
        known = {key: properties.pop(key) for key in ("uri", "notation") if key in properties}
        await plant.node(Kind.Discipline, label, field, properties=properties, **known)
    return root


async def test_two_vocabularies_are_compared_by_all_that_is_stored_of_their_nodes(plant: Plant):
    owl = "<http://b/x> <http://www.w3.org/2002/07/owl#differentFrom> <http://a/cells> ."
    one = await vocabulary(
        plant,
        "A",
        {
            "Colour theory": {},
            "Heat": {"exactMatch": ["http://b/warmth"], "uri": "http://a/heat"},
            "Global warming": {"altLabel_en": "not a list", "prefLabel_de": 7},
            "Enviromental studies": {},
            "Banks": {"uri": "http://a/banks"},
            "Cells": {"uri": "http://a/cells"},
            "Retired": {},
        },
    )
    other = await vocabulary(
        plant,
        "B",
        {
            "Color Theories": {},
            "Warmth": {"uri": "http://b/warmth"},
            "Climate change": {"altLabel_en": ["Global Warming"]},
            "Environmental studies": {},
            "Bank": {"relatedMatch": ["http://a/banks"]},
            "Cell": {"rdf": [owl]},
            "Retired": {},
        },
    )
    [gone] = await rows_of(
        plant.database, "MATCH (n {name: 'Retired'})<-[:CONTAINS*2]-({id: $id}) RETURN n.id AS id", id=other
    )
    await nodes.retire(plant.database, gone["id"])
    found = await search(plant, one, across=[other], tier=4)
    assert (found.state, found.created_by, found.ended_at is not None) == ("done", "ann", True)
    assert counted(found) == {"nodes": 15, "pairs": 4, "new": 4}
    expected = [
        ("B/Warmth", "A/Heat", 1),
        ("B/Color Theories", "A/Colour theory", 2),
        ("B/Climate change", "A/Global warming", 3),
        ("B/Environmental studies", "A/Enviromental studies", 4),
    ]
    assert await told(plant) == expected
    # Again: the same four; what was rejected stays rejected, also when its surroundings change.
    heat, colour = (await listing.list_proposals(plant.database, Wanted(), limit=2)).items
    await deciding.reject(plant.database, colour.id, by="ann", comment="no")
    await deciding.accept(plant.database, heat.id, by="ann")
    [field] = await rows_of(plant.database, "MATCH (n:Field {name: 'All of B'}) RETURN n.id AS id")
    await nodes.patch(plant.database, field["id"], NodePatch(name="All of A."), None, by="ann")
    again = await search(plant, one, across=[other], tier=4)
    assert counted(again) == {"nodes": 14, "pairs": 4, "new": 1, "open": 2, "rejected": 1}
    assert await told(plant) == [("B/All of A.", "A/All of A", 2), *expected[2:]]
    # Another name is other evidence.
    [id_] = [one.id for one in colour.about if one.role is Role.from_]
    await nodes.patch(plant.database, id_, NodePatch(name="Colour theory"), None, by="ann")
    assert counted(await search(plant, one, across=[other], tier=2))["reopened"] == 1


async def test_one_vocabulary_is_compared_with_itself_but_not_by_letters(plant: Plant):
    root = await vocabulary(
        plant, "A", {"Optics": {}, "World War I": {}, "World War II": {}, "Lasers": {"notation": ["1"]}}
    )
    second = await plant.node(Kind.Field, "Physics", root)
    await plant.node(Kind.Discipline, "optic", second, status=Status.proposed)
    await plant.node(Kind.Subfield, "Lasers", second)
    below = await plant.node(Kind.Discipline, "Physics", second)
    with pytest.raises(ValidationError, match="across"):
        SearchSpec(tier=4)
    found = await search(plant, root)
    # A discipline that is called like its field is not proposed, nor a sub-field with a discipline.
    assert counted(found) == {"nodes": 9, "pairs": 1, "new": 1}
    assert await told(plant) == [("A/optic", "A/Optics", 2)]
    assert counted(await search(plant, below)) == {"nodes": 1}
    with pytest.raises(NoNode):
        await searches.begin(plant.database, "nothing", SearchSpec(), "ann")


async def test_a_search_is_begun_once_and_says_how_it_ended(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    database = plant.database
    root = await vocabulary(plant, "A", {"Optics": {}, "Light": {}})
    found, fresh = await searches.begin(database, root, SearchSpec(), "ann")
    same, again = await searches.begin(database, root, SearchSpec(), "bob")
    assert (fresh, again, same.id, found.state) == (True, False, found.id, "running")
    assert (await searches.begin(database, root, SearchSpec(tier=2), "bob"))[1]
    # A service that was killed says nothing more: its search can be begun again.
    await rows_of(database, "MATCH (s:DuplicateSearch) SET s.seen_at = datetime() - duration('PT2M')")
    stopped = await searches.get(database, found.id)
    assert (stopped.state, stopped.reason) == ("failed", "its service has stopped; search again")
    assert (await searches.begin(database, root, SearchSpec(), "ann"))[1]
    monkeypatch.setattr(finding, "MOST_NODES", 2)
    failed = await search(plant, root, tier=1)
    assert failed.state == "failed"
    assert "over 2 names" in (failed.reason or "")
    assert not await told(plant)


async def test_a_search_outlives_a_beat_that_is_missed(plant: Plant, monkeypatch: pytest.MonkeyPatch):
    root = await vocabulary(plant, "A", {"Optics": {}, "Optic": {}})
    missed, progress = asyncio.Event(), searches.progress

    async def unreachable(database: Database, id_: str, counts: SearchCounts, *ended: Any) -> None:
        if not ended:
            missed.set()
            raise ServerUnreachable("no Neo4j answers")
        await progress(database, id_, counts, *ended)

    async def slowly(function: Callable[..., Any], *args: Any) -> Any:
        await missed.wait()
        return function(*args)

    monkeypatch.setattr(searches, "progress", unreachable)
    found, _ = await searches.begin(plant.database, root, SearchSpec(), "ann")
    await finding.run(plant.database, found, slowly, asyncio.Semaphore(1))
    done = await searches.get(plant.database, found.id)
    assert (done.state, done.reason) == ("done", None)
    assert await told(plant)
