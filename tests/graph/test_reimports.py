"""Concepts of vocabularies: found again by URI or notation, and followed where nobody changed them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from planting import Plant, rows_of

from graph.database import Database
from graph.errors import Conflict
from graph.model import Kind, NewNode, NodePatch, Status
from graph.taxonomy import nodes
from graph.taxonomy.editing import history, merging
from graph.taxonomy.streams import bulk
from graph.taxonomy.walking import search, traversal

Items = list[dict[str, Any]]


async def load(database: Database, items: Items) -> list[dict[str, Any]]:
    async def source() -> AsyncIterator[tuple[int, dict[str, Any]]]:
        for line, item in enumerate(items, 1):
            yield line, dict(item)

    return [row async for rows in bulk.insert(database, source(), by="file") for row in rows]


def statuses(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["status"] for answer in answers]


def vocabulary(mode: str | None = "update", **changed: dict[str, Any]) -> Items:
    """A scheme with three concepts; `changed`: what is said otherwise of each."""
    items: dict[str, dict[str, Any]] = {
        "s": {"kind": "Taxonomy", "name": "Waters"},
        "sea": {"kind": "Field", "name": "Seas", "parent_uris": ["urn:x:s"], "description": "Salt water"},
        "reef": {
            "kind": "Discipline", "name": "Reefs", "parent_uris": ["urn:x:sea"], "notation": ["1.1"],
            "properties": {"altLabel_en": ["Coral banks"], "exactMatch": ["http://o.org/1"]},
        },
        "tide": {
            "kind": "Discipline", "name": "Tides", "parent_uris": ["urn:x:sea"], "related": ["urn:x:reef"],
            "description": "Ebb and flow " * 40,
        },
    }  # fmt: skip
    told = {} if mode is None else {"on_existing": mode}
    return [{"uri": f"urn:x:{ref}", **item, **told, **changed.get(ref, {})} for ref, item in items.items()]


async def version(database: Database, id_: str) -> int:
    return (await nodes.get(database, id_)).version


async def test_the_same_again_changes_nothing(database: Database):
    first = await load(database, vocabulary())
    assert statuses(first) == ["created"] * 4
    before = await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.id AS id, n.version AS version")
    again = await load(database, vocabulary())
    assert statuses(again) == ["unchanged"] * 4
    assert [a["id"] for a in again] == [f["id"] for f in first]
    assert await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.id AS id, n.version AS version") == before
    [related] = await rows_of(database, "MATCH (:TaxonomyNode)-[r:RELATED]->() RETURN count(r) AS n")
    assert related["n"] == 1
    reef = await nodes.get(database, first[2]["id"])
    assert (reef.uri, reef.notation) == ("urn:x:reef", ["1.1"])


async def test_what_the_file_changed_is_followed_and_what_people_changed_stays(database: Database):
    sea, reef, tide = (line["id"] for line in (await load(database, vocabulary()))[1:])
    await nodes.patch(database, sea, NodePatch(description="All salt water"), None, by="ann")
    await nodes.patch(database, reef, NodePatch(name="Coral reefs"), None, by="ann")
    newer = vocabulary(
        sea={"name": "Oceans"},
        reef={"properties": {"altLabel_en": ["Coral banks", "Atolls"]}},
        tide={"description": "Ebb and flood", "notation": ["1.2"]},
    )
    assert statuses(await load(database, newer)) == ["unchanged", "updated", "updated", "updated"]
    found = [await nodes.get(database, id_) for id_ in (sea, reef, tide)]
    assert [(node.name, node.description) for node in found] == [
        ("Oceans", "All salt water"), ("Coral reefs", ""), ("Tides", "Ebb and flood"),
    ]  # fmt: skip
    assert found[1].properties == {"altLabel_en": ["Coral banks", "Atolls"]}, "a match that went is gone"
    assert found[2].notation == ["1.2"]
    assert statuses(await load(database, newer)) == ["unchanged"] * 4
    [edit] = [edit for edit in (await history.of(database, tide)).items if edit.action == "patched"]
    assert (edit.who, edit.detail["after"]["description"]) == ("file", "Ebb and flood")


async def test_what_both_changed_is_a_conflict_and_stays(database: Database):
    sea = (await load(database, vocabulary()))[1]["id"]
    await nodes.patch(database, sea, NodePatch(name="Oceans"), None, by="ann")
    newer = vocabulary(sea={"name": "The seas", "description": "Water with salt"})
    for _ in range(2):
        [_, line, *_] = await load(database, newer)
        assert (line["status"], line["conflicts"]) == (
            "conflict", [{"field": "name", "before": "Seas", "has": "Oceans", "told": "The seas"}]
        )  # fmt: skip
    kept = await nodes.get(database, sea)
    assert (kept.name, kept.description) == ("Oceans", "Salt water")
    await nodes.patch(database, sea, NodePatch(name="The seas"), None, by="ann")
    assert statuses(await load(database, newer))[1] == "updated", "the description, once the name is settled"


async def test_kept_is_what_is_there(database: Database):
    sea = (await load(database, vocabulary()))[1]["id"]
    newer = vocabulary("keep", sea={"name": "Oceans"})
    assert statuses(await load(database, newer)) == ["unchanged", "existing", "unchanged", "unchanged"]
    assert (await nodes.get(database, sea)).name == "Seas"
    assert statuses(await load(database, vocabulary(None)))[1:] == ["existing"] * 3, "as without on_existing"


async def test_parents_follow_one_by_one(database: Database):
    plant = Plant(database)
    items = vocabulary()
    lake = {
        "kind": "Field",
        "name": "Lakes",
        "uri": "urn:x:lake",
        "parent_uris": ["urn:x:s"],
        "on_existing": "update",
    }
    answers = await load(database, [*items, lake])
    top, sea, reef, tide, lakes = (line["id"] for line in answers)
    own = await plant.node(Kind.Field, "Ponds", top)
    await nodes.link(database, own, reef, by="ann")
    moved = vocabulary(
        reef={"parent_uris": ["urn:x:sea", "urn:x:lake"]}, tide={"parent_uris": ["urn:x:lake"]}
    )
    again = await load(database, [moved[0], moved[1], lake, *moved[2:]])
    assert statuses(again) == ["unchanged"] * 3 + ["updated"] * 2
    assert set((await nodes.get(database, reef)).parents) == {sea, lakes, own}, "what people linked stays"
    assert (await nodes.get(database, tide)).parents == [lakes]
    assert statuses(await load(database, [moved[0], moved[1], lake, *moved[2:]])) == ["unchanged"] * 5


async def test_renamed_moved_and_merged_nodes_are_found(database: Database):
    plant = Plant(database)
    top, sea, reef, tide = (line["id"] for line in await load(database, vocabulary()))
    other = await plant.node(Kind.Field, "Elsewhere", await plant.node(Kind.Taxonomy, "Other"))
    await nodes.move(database, tide, sea, other, by="ann")
    corals = await plant.node(Kind.Discipline, "Corals", sea)
    await merging.merge(database, reef, corals)
    merged = await nodes.get(database, corals)
    assert (merged.uri, merged.notation) == ("urn:x:reef", ["1.1"]), "a node without a URI takes it over"
    assert statuses(await load(database, vocabulary())) == ["unchanged"] * 4
    assert (await nodes.get(database, tide)).parents == [other]
    [again] = [line for line in await load(database, vocabulary()) if line["line"] == 3]
    assert again["id"] == corals
    await merging.merge(database, tide, corals)
    lines = await load(database, vocabulary(tide={"name": "Ebb"}))
    assert (lines[3]["status"], lines[3]["id"]) == ("unchanged", corals), "a merged one stays merged"
    [count] = await rows_of(database, "MATCH (n:TaxonomyNode {status: 'accepted'}) RETURN count(n) AS n")
    assert count["n"] == 5
    assert top


async def test_a_concept_that_gets_narrower_ones_is_a_discipline_no_more(database: Database):
    plant = Plant(database)
    items = vocabulary()
    sea, reef = (line["id"] for line in (await load(database, items))[1:3])
    atoll = {"kind": "Discipline", "name": "Atolls", "uri": "urn:x:atoll", "parent_uris": ["urn:x:reef"]}
    newer = [*vocabulary(reef={"kind": "Subfield"}), {**atoll, "on_existing": "update"}]
    assert statuses(await load(database, newer)) == ["unchanged"] * 2 + ["updated", "unchanged", "created"]
    assert (await nodes.get(database, reef)).kind is Kind.Subfield
    assert statuses(await load(database, newer)) == ["unchanged"] * 5
    [edit] = [edit for edit in (await history.of(database, reef)).items if edit.action == "patched"]
    assert edit.detail["after"] == {"kind": "Subfield"}
    back = await load(database, items)
    assert (back[2]["status"], "a Discipline stands under it" in back[2]["error"]) == ("conflict", True)
    atolls = (await load(database, newer))[4]["id"]
    await nodes.retire(database, atolls, by="ann")
    assert statuses(await load(database, items))[2] == "updated", "what stands under it is retired"
    with pytest.raises(Conflict, match=f"stands under the Discipline {reef}, where it cannot"):
        await nodes.patch(database, atolls, NodePatch(status=Status.accepted), None)
    tide = back[3]["id"]
    await plant.node(Kind.Subject, "Course", tide)
    grown = await load(database, vocabulary(reef={"kind": "Subfield"}, tide={"kind": "Subfield"}))
    assert "a Subject stands under it" in grown[3]["error"]
    assert (await nodes.get(database, tide)).kind is Kind.Discipline
    assert sea


async def test_two_concepts_of_one_name_do_not_become_one(database: Database):
    items = vocabulary()
    bank = {"kind": "Discipline", "parent_uris": ["urn:x:sea"], "on_existing": "update", "name": "Reefs"}
    answers = await load(database, [*items, {**bank, "uri": "urn:x:other"}, {**bank, "uri": "urn:x:other"}])
    assert statuses(answers) == ["created"] * 4 + ["error"] * 2
    assert "another concept (urn:x:reef)" in answers[4]["error"]
    twice = await load(database, [{**bank, "name": "Atolls", "uri": "urn:x:a"}] * 2)
    assert statuses(twice) == ["created", "existing"]
    assert twice[0]["id"] == twice[1]["id"]


async def test_a_node_made_by_hand_is_the_concept_of_its_name_from_then_on(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Waters")
    sea = await plant.node(Kind.Field, "Seas", top, description="By hand")
    first = await load(database, vocabulary("keep"))
    assert (first[1]["id"], first[1]["status"]) == (sea, "existing")
    assert (await nodes.get(database, sea)).uri == "urn:x:sea"
    newer = await load(database, vocabulary(sea={"name": "Oceans", "description": ""}))
    assert newer[1]["id"] == sea, "found by its URI, though its name is another one now"
    assert newer[1]["status"] == "conflict", "the names differ, and no import made the one that is there"


async def test_concepts_that_are_known_by_their_notation(database: Database):
    items: Items = [
        {"kind": "Taxonomy", "name": "Codes", "on_existing": "update", "ref": "t"},
        *(
            {"kind": "Field", "name": f"F{n}", "uri": f"urn:a:{n}", "notation": [str(n)], "parent_ref": "t",
             "on_existing": "update"}
            for n in range(3)
        ),
    ]  # fmt: skip
    first = await load(database, items)
    other = [item | ({"uri": item["uri"].replace(":a:", ":b:"), "key": "notation"} if "uri" in item else {})
             for item in items]  # fmt: skip
    other[2]["name"] = "Second"
    again = await load(database, other)
    assert [line["id"] for line in again] == [line["id"] for line in first]
    assert statuses(again) == ["unchanged", "updated", "updated", "updated"], "they have other URIs now"
    found = await nodes.get(database, first[2]["id"])
    assert (found.name, found.uri) == ("Second", "urn:b:1")
    assert statuses(await load(database, [item | {"key": None} for item in other])) == ["unchanged"] * 4
    twin = {"kind": "Field", "name": "Twin", "uri": "urn:c:1", "notation": ["1"], "parent_ref": "t"}
    assert statuses(await load(database, [items[0], twin]))[1] == "created"
    both = await load(database, [items[0], {**twin, "key": "notation"}])
    assert (both[1]["status"], "both have this notation" in both[1]["error"]) == ("error", True)


async def test_nodes_that_have_uris_but_were_known_by_their_path_are_found_by_these(database: Database):
    by_path = [item | {"key": "path"} for item in vocabulary()]
    first = [line["id"] for line in await load(database, by_path)]
    other = [item | {"name": "Other", "uri": "urn:x:o"} for item in by_path[:1]]
    other += [item | {"parent_uris": ["urn:x:o"]} for item in by_path[1:2]]
    await load(database, other)
    again = await load(database, vocabulary(sea={"name": "Oceans"}, reef={"name": "Atolls"}))
    assert [line["id"] for line in again] == first
    assert statuses(again) == ["unchanged", "updated", "updated", "unchanged"]
    assert statuses(await load(database, vocabulary(sea={"name": "Waters"})))[1] == "updated", "by their keys"
    plant = Plant(database)
    twin = await plant.node(Kind.Field, "Twin", first[0])
    await rows_of(database, f"MATCH (n:TaxonomyNode) WHERE n.id IN ['{twin}', '{first[1]}'] "
                  "SET n.uri = 'urn:x:sea', n.source_key = null RETURN n.id")  # fmt: skip
    both = await load(database, vocabulary(sea={"name": "Oceans"}))
    assert "both have this URI" in both[1]["error"]


async def test_weight_status_and_relations_are_followed_as_names_are(database: Database):
    pairs = "MATCH (a:TaxonomyNode)-[:RELATED]-(b) WHERE a.uri < b.uri RETURN a.uri AS a, b.uri AS b"
    _, sea, reef, _ = (line["id"] for line in await load(database, vocabulary(reef={"weight": 2.0})))
    told: dict[str, dict[str, Any]] = {
        "reef": {"weight": 5.0, "status": "proposed"}, "tide": {"related": ["urn:x:sea"]}
    }  # fmt: skip
    newer = vocabulary("update", **told)
    assert statuses(await load(database, newer))[1:] == [
        "unchanged",
        "updated",
        "updated",
    ]
    assert await rows_of(database, pairs) == [{"a": "urn:x:sea", "b": "urn:x:tide"}]
    assert statuses(await load(database, newer)) == ["unchanged"] * 4
    found = await nodes.get(database, reef)
    assert (found.weight, found.status) == (5, Status.proposed)
    await nodes.patch(database, reef, NodePatch(weight=9, status=Status.accepted), None, by="ann")
    assert statuses(await load(database, vocabulary("update", **told))) == ["unchanged"] * 4, (
        "people's edits stay"
    )
    lighter = vocabulary("update", **told | {"reef": {"weight": 1.0, "status": "proposed"}})
    assert (await load(database, lighter))[2]["conflicts"] == [
        {"field": "weight", "before": 5.0, "has": 9.0, "told": None}
    ]
    # Of two that are related, either may say so.
    other = vocabulary(sea={"related": ["urn:x:tide"]}, tide={"related": []}, reef=told["reef"])
    assert statuses(await load(database, other))[3] == "updated"
    assert await rows_of(database, pairs) == [{"a": "urn:x:sea", "b": "urn:x:tide"}]
    # What a load proposes is decided about here, and not by the next load.
    new = {"kind": "Field", "name": "Lakes", "uri": "urn:x:lake", "parent_uris": ["urn:x:s"]}
    items = [vocabulary()[0], {**new, "created_as": "proposed", "on_existing": "update"}]
    lake = (await load(database, items))[1]["id"]
    assert (await nodes.get(database, lake)).status is Status.proposed
    assert statuses(await load(database, [items[0], {**new, "on_existing": "update"}]))[1] == "unchanged"
    assert (await nodes.get(database, lake)).status is Status.proposed
    assert sea


async def test_what_an_import_retires_it_brings_back(database: Database):
    async def status(id_: str) -> str:
        return (await nodes.get(database, id_)).status

    _, sea, reef, tide = (line["id"] for line in await load(database, vocabulary()))
    gone = vocabulary(tide={"status": "retired", "name": "Ebb"}, sea={"status": "retired"})
    lines = await load(database, gone)
    assert statuses(lines) == ["unchanged", "conflict", "unchanged", "updated"]
    assert "something that is not stands under it" in lines[1]["error"]
    assert (await status(tide), (await nodes.get(database, tide)).name) == ("retired", "Ebb")
    assert statuses(await load(database, vocabulary("keep")))[3] == "existing"
    await nodes.retire(database, reef, by="ann")
    assert statuses(await load(database, vocabulary())) == ["unchanged", "unchanged", "existing", "updated"]
    assert (await status(reef), await status(tide)) == ("retired", "accepted")
    # As by --missing retire, of which the file says nothing.
    await nodes.retire(database, tide, by="file", import_id="an import")
    assert statuses(await load(database, vocabulary()))[3] == "updated"
    assert (await status(tide), await status(sea)) == ("accepted", "accepted")


async def test_retired_nodes_and_single_ones(database: Database):
    sea, reef = (line["id"] for line in (await load(database, vocabulary()))[1:3])
    await nodes.retire(database, reef, by="ann")
    answers = await load(database, vocabulary(reef={"name": "Atolls"}))
    assert (answers[2]["status"], answers[2]["id"]) == ("existing", reef), "people's decision stays"
    assert (await nodes.get(database, reef)).status is Status.retired
    node = NewNode(kind=Kind.Discipline, name="Otherwise", parent_id=sea, uri="urn:x:tide")
    found, created = await nodes.insert(database, node)
    assert (found.name, created) == ("Tides", False)
    with pytest.raises(Conflict, match="has this URI in the taxonomy already"):
        await nodes.patch(database, sea, NodePatch(uri="urn:x:tide"), None)
    await nodes.patch(database, sea, NodePatch(uri="", notation=["9"]), None)
    after = await nodes.get(database, sea)
    assert (after.uri, after.notation) == (None, ["9"])
    listed = await search.identified(database, uri=None, notation="9")
    assert [node.id for node in listed.items] == [sea]


async def test_search_finds_labels_and_codes_and_folds_accents(database: Database):
    named = {"reef": {"properties": {"prefLabel_de": "Größe der Riffe", "altLabel_fr": ["Récifs"]}}}
    answers = await load(database, vocabulary(None, **named))
    reef = answers[2]["id"]
    for asked in ("recifs", "Récifs", "grosse", "1.1", "reefs"):
        assert reef in [node.id for node in (await search.search(database, asked)).items], asked
    await nodes.patch(database, reef, NodePatch(properties={"altLabel_fr": None}, notation=["2.7"]), None)
    assert not (await search.search(database, "recifs")).items
    assert [n.id for n in (await search.search(database, "2.7")).items] == [reef]
    by_both = await search.identified(database, uri="urn:x:reef", notation="2.7", under=answers[0]["id"])
    assert [node.id for node in by_both.items] == [reef]
    assert not (await search.identified(database, uri="urn:x:reef", notation="1.1")).items
    assert not (await search.identified(database, uri=None, notation="-")).items


async def test_a_taxonomy_is_named_by_a_path_that_begins_with_a_slash(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Music")
    field = await plant.node(Kind.Field, "Music", await plant.node(Kind.Taxonomy, "Arts"))
    below = await plant.node(Kind.Field, "Song", top)
    with pytest.raises(Conflict, match="begins with a slash"):
        await traversal.resolve(database, "Music")
    assert await traversal.resolve(database, "/Music") == top
    assert await traversal.resolve(database, "/Music/Song") == below
    assert await traversal.resolve(database, "/Arts/Music") == field


async def test_items_may_come_before_their_parents_within_a_window(
    database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(bulk, "LOOK_AHEAD", 3)
    upside_down: Items = [
        {"kind": "Discipline", "name": "D", "parent_refs": ["f", "g"]},
        {"kind": "Field", "name": "F", "ref": "f", "parent_uris": ["urn:t"]},
        {"kind": "Field", "name": "G", "ref": "g", "parent_ref": "t"},
        {"kind": "Taxonomy", "name": "T", "ref": "t", "uri": "urn:t"},
    ]
    answers = await load(database, upside_down)
    assert statuses(answers) == ["created"] * 4
    assert set((await nodes.get(database, answers[0]["id"])).parents) == {answers[1]["id"], answers[2]["id"]}
    far: Items = [{"kind": "Field", "name": "H", "parent_ref": "u"}]
    far += [{"kind": "Field", "name": f"F{n}", "parent_path": "T"} for n in range(5)]
    far.append({"kind": "Taxonomy", "name": "U", "ref": "u"})
    answers = await load(database, far)
    assert (answers[0]["status"], statuses(answers[1:])) == ("error", ["created"] * 6)
    ring: Items = [
        {"kind": "Subfield", "name": "A", "ref": "a", "parent_ref": "b"},
        {"kind": "Subfield", "name": "B", "ref": "b", "parent_ref": "a"},
        {"kind": "Subfield", "name": "C", "parent_uris": [f"urn:glan:{answers[1]['id']}"]},
        {"kind": "Subfield", "name": "E", "parent_paths": ["T/F", "T/G"]},
        {"kind": "Discipline", "name": "M", "parent_refs": ["l"]},
        {"kind": "Subfield", "name": "L", "ref": "l", "parent_uris": ["urn:none"]},
    ]
    answers = await load(database, ring)
    assert statuses(answers) == ["error", "error", "created", "created", "error", "error"]
    assert "stands below itself" in answers[0]["error"]
    assert "the ref 'l', or it was refused" in answers[4]["error"]
    assert "urn:none" in answers[5]["error"]
