"""Loading a file again creates nothing again, whatever was done to its nodes since; its order stays."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from planting import Plant, names, rows_of

from graph.errors import Conflict, NotFound
from graph.model import Kind, NewNode, NodePatch
from graph.taxonomy import nodes
from graph.taxonomy.streams import bulk
from graph.taxonomy.walking import traversal

Items = Sequence[dict[str, Any]]


async def load(plant: Plant, items: Items) -> list[dict[str, Any]]:
    async def source() -> AsyncIterator[tuple[int, dict[str, Any]]]:
        for line, item in enumerate(items, 1):
            yield line, dict(item)

    return [row async for rows in bulk.insert(plant.database, source(), by="file") for row in rows]


def item(ref: str, kind: str, name: str, above: str | None = None, **more: Any) -> dict[str, Any]:
    return {"ref": ref, "kind": kind, "name": name, **({"parent_ref": above} if above else {}), **more}


FILE = [
    item("t", "Taxonomy", "T"),
    item("a", "Field", "A", "t"),
    item("b", "Field", "B", "t"),
    item("d", "Discipline", "Optics", "a"),
    item("e", "Discipline", "Acoustics", "a"),
    item("s", "Subject", "Light", "d"),
    item("y", "Syllabus", "Y", "s"),
    item("c", "ClassSession", "First", "y"),
    item("k", "KeyConcept", "Lens", "c"),
    item("l", "KeyConcept", "Prism", "c"),
    item("z", "Subfield", "Waves", "b"),
    item("w", "Discipline", "Wave theory", "z"),
    {"kind": "Discipline", "name": "Sound", "parent_path": "T/B/Waves"},
]
Change = Callable[[Plant, dict[str, str]], Awaitable[object]]


async def rename(plant: Plant, id_: str, name: str) -> None:
    await nodes.patch(
        plant.database, id_, NodePatch(name=name), (await nodes.get(plant.database, id_)).version
    )


async def all_renamed(plant: Plant, ids: dict[str, str]) -> None:
    for ref, id_ in ids.items():
        await rename(plant, id_, f"new {ref}")


async def renamed_twice(plant: Plant, ids: dict[str, str]) -> None:
    for name in ("Photonics", "Light studies"):
        await rename(plant, ids["d"], name)


async def moved(plant: Plant, ids: dict[str, str]) -> None:
    await nodes.move(plant.database, ids["d"], ids["a"], ids["b"])
    await nodes.move(plant.database, ids["z"], ids["b"], ids["a"])


async def subject_moved(plant: Plant, ids: dict[str, str]) -> None:
    await nodes.move(plant.database, ids["s"], ids["d"], ids["e"])


async def merged(plant: Plant, ids: dict[str, str]) -> None:
    await nodes.merge(plant.database, ids["l"], ids["k"])
    await nodes.merge(plant.database, ids["d"], ids["e"])
    await nodes.merge(plant.database, ids["a"], ids["b"])


async def renamed_then_merged(plant: Plant, ids: dict[str, str]) -> None:
    await rename(plant, ids["d"], "Photonics")
    await nodes.merge(plant.database, ids["d"], ids["e"])
    await rename(plant, ids["e"], "Waves and rays")


async def unlinked(plant: Plant, ids: dict[str, str]) -> None:
    await nodes.link(plant.database, ids["b"], ids["d"])
    await nodes.unlink(plant.database, ids["a"], ids["d"])


@pytest.mark.parametrize(
    "change",
    [all_renamed, renamed_twice, moved, subject_moved, merged, renamed_then_merged, unlinked],
    ids=lambda change: change.__name__,
)
async def test_loading_again_makes_nothing_again(plant: Plant, change: Change):
    answers = await load(plant, FILE)
    assert {answer["status"] for answer in answers} == {"created"}
    ids = {line["ref"]: answer["id"] for line, answer in zip(FILE, answers, strict=True) if "ref" in line}
    await change(plant, ids)
    shape = (
        "MATCH (n:TaxonomyNode) OPTIONAL MATCH (n)<-[:CONTAINS]-(p)"
        " RETURN n.id, n.name, n.key, p.id ORDER BY n.id, p.id"
    )
    before = await rows_of(plant.database, shape)
    again = await load(plant, FILE)
    assert [answer for answer in again if answer["status"] != "existing"] == []
    assert await rows_of(plant.database, shape) == before


async def test_a_new_node_of_an_old_name_can_be_made_by_itself(plant: Plant):
    answers = await load(plant, FILE[:4])
    field, discipline = answers[1]["id"], answers[3]["id"]
    await rename(plant, discipline, "Photonics")
    database = plant.database
    assert await traversal.resolve(database, "T/A/Optics") == discipline
    new, created = await nodes.insert(database, NewNode(kind=Kind.Discipline, name="Optics", parent_id=field))
    assert created
    # From now on the name refers to the new node, in files and paths too.
    assert (await load(plant, FILE[:4]))[3] == {"line": 4, "status": "existing", "id": new.id}
    assert await traversal.resolve(database, "T/A/Optics") == new.id
    await nodes.purge(database, discipline)
    await nodes.purge(database, new.id)
    assert (await load(plant, FILE[:4]))[3]["status"] == "created"


async def test_a_retired_name_says_so_and_how_to_bring_it_back(plant: Plant):
    answers = await load(plant, FILE)
    retired = answers[3]["id"]
    await nodes.retire(plant.database, retired)
    with pytest.raises(Conflict, match=f"retired; bring it back with PATCH /v1/nodes/{retired}"):
        await nodes.insert(
            plant.database, NewNode(kind=Kind.Discipline, name="optics", parent_id=answers[1]["id"])
        )
    again = await load(plant, FILE)
    assert [a["line"] for a in again if a["status"] == "error"] == [4, 6, 7, 8, 9, 10]
    assert "bring it back" in again[3]["error"]
    # A node that the file itself declares retired is retired.
    gone = [FILE[0], FILE[1], item("g", "Discipline", "Gone", "a", status="retired")]
    assert [a["status"] for a in await load(plant, gone)] == ["existing", "existing", "created"]
    assert [a["status"] for a in await load(plant, gone)] == ["existing"] * 3


async def test_children_stand_in_the_order_of_the_file(plant: Plant):
    letters = [f"{n} {'abcdefghij'[n % 10]}" for n in range(300, 0, -1)]
    lines = [item("t", "Taxonomy", "T"), item("f", "Field", "F", "t"), item("g", "Field", "G", "t")]
    lines += [item(f"d{n}", "Discipline", n, "f" if int(n.split()[0]) % 2 else "g") for n in letters]
    lines += [
        {"kind": "Discipline", "name": "by path", "parent_path": "T/F"},
        item("x", "Discipline", "last", "f"),
    ]
    answers = await load(plant, lines)
    below = (await traversal.children(plant.database, answers[1]["id"], limit=1000)).items
    assert names(below) == [n for n in letters if int(n.split()[0]) % 2] + ["by path", "last"]


async def test_concepts_of_several_sessions_stand_in_the_order_of_the_file(plant: Plant):
    second = [
        item("c2", "ClassSession", "Second", "y"),
        item("m", "KeyConcept", "Mirror", "c2"),
        item("k2", "KeyConcept", "Lens", "c2"),
        item("n", "KeyConcept", "Fibre", "c2"),
    ]
    answers = await load(plant, [*FILE[:10], *second])
    for limit in (1, 10):
        found, cursor = list[str](), None
        while True:
            page = await traversal.children(plant.database, answers[10]["id"], limit=limit, cursor=cursor)
            found += names(page.items)
            cursor = page.next
            if cursor is None:
                break
        assert found == ["Mirror", "Lens", "Fibre"]


@pytest.mark.parametrize("positions", [None, "some", "all"])
async def test_a_move_puts_a_node_anywhere(plant: Plant, positions: str | None):
    top = await plant.node(Kind.Taxonomy, "T")
    ids: dict[str, str] = {}
    for n, name in enumerate("abcde"):
        position = n * 3 if positions == "all" or (positions == "some" and n < 2) else None
        ids[name] = await plant.node(Kind.Field, name, top, position=position)
    order = [*"abcde"]
    for name, place in [("e", 0), ("a", 4), ("b", 2), ("c", 99), ("d", 1), ("d", 1), ("e", 3), ("a", 0)]:
        await nodes.move(plant.database, ids[name], top, top, position=place)
        order.remove(name)
        order.insert(place, name)
        assert names((await traversal.children(plant.database, top)).items) == order
    other = await plant.node(Kind.Field, "f", top)
    order.append("f")
    await nodes.retire(plant.database, ids[order[0]])
    await nodes.move(plant.database, other, top, top, position=1)
    assert names((await traversal.children(plant.database, top)).items) == [order[1], "f", *order[2:5]]


PATHS = ["a\\b", "a\\", "a/b", "a\\/b", "a\\\\b", "b", "C:\\", "\\", "\\\\", "n\\name"]


async def test_a_path_with_backslashes_is_the_node_or_nothing(plant: Plant):
    top = await plant.node(Kind.Taxonomy, "T")
    ids = {name: await plant.node(Kind.Field, name, top) for name in PATHS}
    under = await plant.node(Kind.Discipline, "b", ids["a\\"])
    for name, id_ in ids.items():
        escaped = "".join(
            "\\" * (2 * len(run) + 1) + "/" if end == "/" else run + end
            for run, end in re.findall(r"(\\*)([^\\]?)", name)
        )
        assert await traversal.resolve(plant.database, f"T/{escaped}") == id_, name
    assert await traversal.resolve(plant.database, "T/a\\\\/b") == under
    for path in ("T/a\\\\\\b", "T/\\b", "T/a\\c", "T\\b", "T\0a\\"):
        with pytest.raises(NotFound):
            await traversal.resolve(plant.database, path)
