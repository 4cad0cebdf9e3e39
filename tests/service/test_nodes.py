"""Nodes over REST: insertion, changes, links, traversal."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Add = Callable[..., str]
NODE_FIELDS = {
    *("id", "kind", "name", "description", "status", "weight", "uri", "notation", "version"),
    *("parents", "properties", "created_at", "updated_at", "created_by"),
}


def ids(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [node["id"] for node in response.json()["items"]]


def test_insertion_is_created_once_and_found_afterwards(http: httpx.Client, planted: Any):
    body = {
        "kind": "Discipline",
        "name": "Acoustics",
        "parent_id": planted.field,
        "description": "Sound",
        "weight": 2.5,
        "properties": {"code": 7, "tags": ["a", "b"]},
    }
    first, second = (http.post("/v1/nodes", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    node = first.json()
    assert node.keys() == NODE_FIELDS
    assert node == second.json()
    assert {name: node[name] for name in ("kind", "name", "description", "weight", "properties")} == {
        name: body[name] for name in ("kind", "name", "description", "weight", "properties")
    }
    assert node["parents"] == [planted.field]
    assert node["status"] == "accepted"
    assert first.headers["location"] == second.headers["location"] == f"/v1/nodes/{node['id']}"
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["etag"].startswith(f'"{node["id"]}-1-')
    read = http.get(first.headers["location"])
    assert read.json() == node
    assert read.headers["etag"] == first.headers["etag"]


def test_names_that_differ_in_case_and_space_are_one(http: httpx.Client, planted: Any, add: Add):
    assert add(http, "Discipline", "  oPTICS ", planted.field) == planted.discipline


def test_several_parents(http: httpx.Client, planted: Any, add: Add):
    other = add(http, "Field", "Arts", planted.root)
    both = add(http, "Discipline", "Colour", None, parent_ids=[planted.field, other])
    assert sorted(http.get(f"/v1/nodes/{both}").json()["parents"]) == sorted([planted.field, other])
    assert sorted(ids(http.get(f"/v1/nodes/{both}/parents"))) == sorted([planted.field, other])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "Field", "name": "x", "parent_id": "nope"}, 404),
        ({"kind": "Field", "name": "x"}, 422),
        ({"kind": "Taxonomy", "name": "x", "parent_id": "nope"}, 422),
        ({"kind": "Planet", "name": "x"}, 422),
        ({"kind": "Taxonomy", "name": " "}, 422),
        ({"kind": "Taxonomy", "name": "x", "colour": "red"}, 422),
        ({"kind": "Taxonomy", "name": "x", "weight": -1}, 422),
        ({"kind": "Taxonomy", "name": "x", "properties": {"id": "y"}}, 422),
        ({"kind": "Taxonomy", "name": "x", "properties": {"a": {"b": 1}}}, 422),
        ({"kind": "Taxonomy", "name": "x", "properties": {"a": [1, "b"]}}, 422),
        ({"kind": "Taxonomy", "name": "x", "properties": {"a": ["y" * 100_001]}}, 422),
    ],
)
def test_refused_insertions(http: httpx.Client, refused: Any, body: dict[str, Any], status: int):
    refused(http.post("/v1/nodes", json=body), status)
    assert http.get("/v1/nodes").json() == {"items": [], "next": None}


def test_wrong_kind_under_a_parent_and_a_retired_parent(
    http: httpx.Client, planted: Any, refused: Any, add: Add
):
    problem = refused(
        http.post("/v1/nodes", json={"kind": "Subject", "name": "x", "parent_id": planted.field}), 422
    )
    assert "Discipline" in problem["detail"]
    http.delete(f"/v1/nodes/{planted.field}")
    refused(http.post("/v1/nodes", json={"kind": "Discipline", "name": "x", "parent_id": planted.field}), 409)


def test_a_validation_problem_names_the_part(http: httpx.Client, refused: Any):
    problem = refused(http.post("/v1/nodes", json={"kind": "Taxonomy", "name": "x", "weight": "heavy"}), 422)
    assert [error["where"] for error in problem["errors"]] == ["body.weight"]
    assert "body.weight" in problem["detail"]


def test_changes_need_the_tag_as_it_stands(http: httpx.Client, planted: Any, refused: Any):
    url = f"/v1/nodes/{planted.discipline}"
    refused(http.patch(url, json={"weight": 3}), 428)
    refused(http.patch(url, json={"weight": 3}, headers={"If-Match": '"2"'}), 412)
    refused(http.patch(url, json={"weight": 3}, headers={"If-Match": '"one"'}), 412)
    assert http.get(url).json()["weight"] == 1
    changed = http.patch(url, json={"weight": 3}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    assert changed.json()["weight"] == 3
    assert changed.json()["version"] == 2
    assert changed.headers["etag"] == http.get(url).headers["etag"]
    refused(http.patch(url, json={"weight": 4}, headers={"If-Match": '"1"'}), 412)


def test_changes_leave_what_they_do_not_name(http: httpx.Client, planted: Any, add: Add):
    node = add(http, "Field", "Arts", planted.root, description="old", properties={"a": 1, "b": 2})
    changed = http.patch(
        f"/v1/nodes/{node}",
        json={"name": "Fine arts", "properties": {"a": None, "c": 3}},
        headers={"If-Match": '"1"'},
    ).json()
    assert (changed["name"], changed["description"]) == ("Fine arts", "old")
    assert changed["properties"] == {"b": 2, "c": 3}
    assert http.get("/v1/nodes:resolve", params={"path": "fine ARTS"}).json()["id"] == node


def test_a_name_taken_is_a_conflict(http: httpx.Client, planted: Any, refused: Any, add: Add):
    other = add(http, "Discipline", "Acoustics", planted.field)
    answer = http.patch(f"/v1/nodes/{other}", json={"name": "optics"}, headers={"If-Match": '"1"'})
    refused(answer, 409)
    assert http.get(f"/v1/nodes/{other}").json()["name"] == "Acoustics"


def test_retiring_goes_by_deletion(http: httpx.Client, planted: Any, refused: Any):
    url = f"/v1/nodes/{planted.field}"
    refused(http.patch(url, json={"status": "retired"}, headers={"If-Match": '"1"'}), 422)
    refused(http.delete(url, params={"mode": "explode"}), 422)
    refused(http.delete(url, headers={"If-Match": '"9"'}), 412)
    refused(http.delete("/v1/nodes/nope"), 404)
    assert http.delete(url, params={"mode": "retire"}, headers={"If-Match": '"1"'}).json() == {"retired": 2}
    assert ids(http.get("/v1/nodes")) == [planted.root]
    assert sorted(ids(http.get("/v1/nodes?status=retired"))) == sorted([planted.field, planted.discipline])
    assert http.get(url).json()["status"] == "retired"


def test_retiring_spares_what_has_another_parent(http: httpx.Client, planted: Any, add: Add):
    other = add(http, "Field", "Arts", planted.root)
    http.put(f"/v1/nodes/{other}/children/{planted.discipline}")
    assert http.delete(f"/v1/nodes/{planted.field}").json() == {"retired": 1}
    assert http.get(f"/v1/nodes/{planted.discipline}").json()["status"] == "accepted"


def test_link_and_unlink(http: httpx.Client, planted: Any, refused: Any, add: Add):
    other = add(http, "Field", "Arts", planted.root)
    url = f"/v1/nodes/{other}/children/{planted.discipline}"
    refused(http.delete(url), 404)
    refused(http.delete(f"/v1/nodes/{planted.field}/children/{planted.discipline}"), 409)
    linked = http.put(url, params={"position": 4})
    assert sorted(linked.json()["parents"]) == sorted([planted.field, other])
    assert http.put(url).json()["parents"] == linked.json()["parents"]
    removed = http.delete(url)
    assert (removed.status_code, removed.content) == (204, b"")
    assert http.get(f"/v1/nodes/{planted.discipline}").json()["parents"] == [planted.field]


def test_links_that_may_not_be(http: httpx.Client, planted: Any, refused: Any, add: Add):
    upper = add(http, "Subfield", "Upper", planted.field)
    lower = add(http, "Subfield", "Lower", upper)
    refused(http.put(f"/v1/nodes/{lower}/children/{upper}"), 409)
    refused(http.put(f"/v1/nodes/{upper}/children/{upper}"), 409)
    refused(http.put(f"/v1/nodes/{planted.discipline}/children/{planted.field}"), 409)
    refused(http.put(f"/v1/nodes/{planted.field}/children/nope"), 404)
    refused(http.put(f"/v1/nodes/nope/children/{upper}"), 404)
    refused(http.put(f"/v1/nodes/{upper}/children/{planted.discipline}?position=-1"), 422)
    other = add(http, "Field", "Arts", planted.root)
    add(http, "Discipline", "Optics", other)
    refused(http.put(f"/v1/nodes/{other}/children/{planted.discipline}"), 409)


def test_children_keep_their_position(http: httpx.Client, planted: Any, add: Add):
    names = [("c", 3), ("a", 1), ("b", 2)]
    made = {n: add(http, "Field", n, planted.root, position=position) for n, position in names}
    listed = [id_ for id_ in ids(http.get(f"/v1/nodes/{planted.root}/children")) if id_ in made.values()]
    assert listed == [made["a"], made["b"], made["c"]]


def test_pages_hold_everything_once(http: httpx.Client, planted: Any, add: Add):
    made = {add(http, "Discipline", f"D{n}", planted.field) for n in range(7)} | {planted.discipline}
    for url in (
        f"/v1/nodes/{planted.field}/children",
        f"/v1/nodes/{planted.root}/descendants?kind=Discipline",
        f"/v1/nodes/{planted.root}/descendants?kind=Discipline&depth=2",
        f"/v1/nodes?under={planted.root}&kind=Discipline",
        "/v1/nodes?kind=Discipline",
    ):
        found: list[str] = []
        cursor = None
        while True:
            page = http.get(url, params=httpx.URL(url).params.merge({"limit": 3} | _given(cursor))).json()
            assert 1 <= len(page["items"]) <= 3
            found += [node["id"] for node in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(found) == len(made), url
        assert set(found) == made, url


def _given(cursor: str | None) -> dict[str, str]:
    return {} if cursor is None else {"cursor": cursor}


def test_walks_of_a_dag_hold_each_node_once(http: httpx.Client, planted: Any, add: Add):
    other = add(http, "Field", "Arts", planted.root)
    http.put(f"/v1/nodes/{other}/children/{planted.discipline}")
    subject = add(http, "Subject", "Lenses", planted.discipline)
    below = ids(http.get(f"/v1/nodes/{planted.root}/descendants"))
    assert sorted(below) == sorted([planted.field, other, planted.discipline, subject])
    assert sorted(ids(http.get(f"/v1/nodes/{planted.root}/descendants?depth=1"))) == sorted(
        [planted.field, other]
    )
    above = ids(http.get(f"/v1/nodes/{subject}/ancestors"))
    assert sorted(above) == sorted([planted.root, planted.field, other, planted.discipline])
    assert ids(http.get(f"/v1/nodes/{subject}/ancestors?depth=1")) == [planted.discipline]
    assert ids(http.get(f"/v1/nodes/{subject}/ancestors?kind=Taxonomy")) == [planted.root]
    paths = http.get(f"/v1/nodes/{subject}/paths").json()["items"]
    assert sorted([step["name"] for step in path] for path in paths) == [
        ["Root", "Arts", "Optics", "Lenses"],
        ["Root", "Sciences", "Optics", "Lenses"],
    ]


def test_tree_is_nested_with_counts(http: httpx.Client, planted: Any, add: Add):
    other = add(http, "Field", "Arts", planted.root)
    http.put(f"/v1/nodes/{other}/children/{planted.discipline}")
    tree = http.get(f"/v1/nodes/{planted.root}/tree", params={"depth": 1}).json()
    assert tree["counts"] == {"Field": 2, "Discipline": 1}
    assert [child["name"] for child in tree["children"]] == ["Sciences", "Arts"]
    assert [child["counts"] for child in tree["children"]] == [{"Discipline": 1}] * 2
    assert all(child["children"] == [] for child in tree["children"])
    whole = http.get(f"/v1/nodes/{planted.root}/tree", params={"depth": 5}).json()
    assert [c["name"] for field in whole["children"] for c in field["children"]] == ["Optics", "Optics"]
    assert http.get(f"/v1/nodes/{planted.root}/tree?depth=0").json()["children"] == []


def test_search_by_words_prefixes_and_typos(http: httpx.Client, planted: Any, add: Add):
    algebra = add(http, "Discipline", "Linear algebra", planted.field, description="Vectors and matrices")
    add(http, "Discipline", "Geometry", planted.field)
    for text in ("linear", "alg", "algbera", "ALGEBRA linear", "matrices"):
        assert ids(http.get("/v1/nodes", params={"q": text})) == [algebra], text
    assert ids(http.get("/v1/nodes", params={"q": "algebra", "kind": "Field"})) == []
    assert ids(http.get("/v1/nodes", params={"q": "algebra", "under": planted.field})) == [algebra]
    assert ids(http.get("/v1/nodes", params={"q": "algebra", "under": planted.discipline})) == []
    assert ids(http.get("/v1/nodes", params={"name": "  linear ALGEBRA"})) == [algebra]


def test_search_refuses_what_cannot_be_seen(http: httpx.Client, refused: Any):
    refused(http.get("/v1/nodes", params={"q": "\u200b \u00ad"}), 422)
    assert http.get("/v1/nodes", params={"q": "+-!"}).json() == {"items": [], "next": None}


def test_resolve_takes_ids_and_paths(http: httpx.Client, planted: Any, refused: Any, add: Add):
    def resolve(path: str) -> httpx.Response:
        return http.get("/v1/nodes:resolve", params={"path": path})

    for path in (planted.discipline, "Root/Sciences/Optics", "optics", "Sciences/Optics"):
        answer = resolve(path)
        assert answer.json()["id"] == planted.discipline, path
        assert "-1-" in answer.headers["etag"]
    refused(resolve("Root/Optics"), 404)
    refused(resolve(""), 404)
    other = add(http, "Field", "Arts", planted.root)
    add(http, "Discipline", "Optics", other)
    problem = refused(resolve("Optics"), 409)
    assert planted.discipline in problem["detail"]
    slash = add(http, "Discipline", "Input/output", planted.field)
    assert resolve("Sciences/Input\\/output").json()["id"] == slash


@pytest.mark.parametrize(
    "name",
    [
        "日本語 🎓",
        "العربية",
        "👩‍🔬 lab",
        "a'b\"c\\d`e",
        "x" * 1000,
        "{}$id",
        "'; MATCH (n) DETACH DELETE n //",
    ],
)
def test_names_of_all_kinds_come_back_as_they_went_in(http: httpx.Client, add: Add, name: str):
    node = add(http, "Taxonomy", name, properties={"näme `x`": name})
    read = http.get(f"/v1/nodes/{node}").json()
    assert (read["name"], read["properties"]) == (name, {"näme `x`": name})
    assert ids(http.get("/v1/nodes", params={"name": name})) == [node]


def test_move_merge_and_the_alias_everywhere(http: httpx.Client, planted: Any, refused: Any, add: Add):
    arts = add(http, "Field", "Arts", planted.root)
    moved = http.post(
        f"/v1/nodes/{planted.discipline}:move", json={"from_id": planted.field, "to_id": arts, "position": 2}
    )
    assert moved.json()["parents"] == [arts]
    assert f"-{moved.json()['version']}-" in moved.headers["etag"]
    light = add(http, "Discipline", "Light", arts)
    subject = add(http, "Subject", "Lenses", planted.discipline)
    url = f"/v1/nodes/{planted.discipline}:merge"
    refused(http.post(url, json={"into_id": light}, headers={"If-Match": '"9"'}), 412)
    refused(http.post(url, json={"into_id": arts}), 409)
    refused(http.post(url, json={"into_id": "nope"}), 404)
    refused(http.post(url, json={}), 422)
    assert http.post(url, json={"into_id": light}).json()["id"] == light
    old = f"/v1/nodes/{planted.discipline}"
    node = http.get(old)
    assert node.json()["id"] == light
    for path in ("/children", "/descendants", "/history", "/instructions", "/coverage", "/tree", "/paths"):
        assert http.get(old + path).json() == http.get(f"/v1/nodes/{light}{path}").json(), path
    assert ids(http.get("/v1/nodes", params={"under": planted.discipline})) == [subject]
    assert http.get("/v1/nodes:resolve", params={"path": planted.discipline}).json()["id"] == light
    assert add(http, "Subject", "lenses", planted.discipline) == subject
    changed = http.patch(old, json={"weight": 2}, headers={"If-Match": node.headers["etag"]})
    assert (changed.json()["id"], changed.json()["weight"]) == (light, 2)
    put = http.put(f"/v1/nodes/{planted.field}/children/{planted.discipline}")
    assert set(put.json()["parents"]) == {arts, planted.field}
    estimate = http.post("/v1/jobs:estimate", json={"root_id": planted.discipline, "add": 2})
    assert estimate.status_code == 200, estimate.text
    # Merging it again changes nothing.
    assert http.post(url, json={"into_id": light}).json()["id"] == light


def test_purge_and_history(http: httpx.Client, planted: Any, refused: Any):
    url = f"/v1/nodes/{planted.field}"
    refused(http.delete(url, params={"mode": "purge"}, headers={"If-Match": '"9"'}), 412)
    assert http.delete(url, params={"mode": "purge"}, headers={"If-Match": '"1"'}).json() == {"purged": 2}
    refused(http.get(url), 404)
    page = http.get(f"{url}/history", params={"limit": 1}).json()
    assert [edit["action"] for edit in page["items"]] == ["purged"]
    assert page["items"][0]["detail"]["gone"][0]["name"] == "Sciences"
    rest = http.get(f"{url}/history", params={"cursor": page["next"]}).json()
    assert [(edit["action"], edit["who"]) for edit in rest["items"]] == [("inserted", "rest")]
    refused(http.get("/v1/nodes/nope/history"), 404)


def test_filters_combine(http: httpx.Client, planted: Any, add: Add):
    add(http, "Discipline", "Linear algebra", planted.field, description="vectors")
    other = add(http, "Field", "Other", planted.root)
    wanted = add(
        http, "Subject", "Linear algebra", planted.discipline, description="vectors", status="proposed"
    )
    add(http, "Discipline", "Linear algebra", other, description="vectors")
    add(http, "Subject", "Linear maps", planted.discipline, description="algebra, vectors", status="proposed")
    every: dict[str, Any] = {
        "kind": "Subject",
        "status": "proposed",
        "name": " linear ALGEBRA ",
        "q": "vect alg",
        "under": planted.field,
    }
    assert ids(http.get("/v1/nodes", params=every)) == [wanted]
    for left_out in every:
        rest = {name: value for name, value in every.items() if name != left_out}
        assert wanted in ids(http.get("/v1/nodes", params=rest)), left_out
    for name, value in (
        ("kind", "Field"),
        ("status", "rejected"),
        ("name", "x"),
        ("q", "zzzz"),
        ("under", other),
    ):
        assert ids(http.get("/v1/nodes", params=every | {name: value})) == [], name


def test_nodes_are_listed_by_the_status_that_counts(http: httpx.Client, add: Add):
    root = add(http, "Taxonomy", "Root")
    fields = [
        add(http, "Field", name, root, status=status)
        for name, status in (("A", "accepted"), ("B", "rejected"))
    ]
    kept = [add(http, "Discipline", f"kept {n}", fields[0]) for n in range(5)]
    lost = [add(http, "Discipline", f"lost {n}", fields[1]) for n in range(3)]

    def listed(**params: Any) -> list[str]:
        found, cursor = list[str](), None
        while True:
            place = {"cursor": cursor} if cursor else {}
            page = http.get("/v1/nodes", params={"limit": 2, **place, **params}).json()
            found += [node["id"] for node in page["items"]]
            if (cursor := page["next"]) is None:
                return found

    assert listed(kind="Discipline", effective_status="accepted") == kept
    assert listed(kind="Discipline", effective_status="rejected") == lost
    assert listed(kind="Discipline", effective_status=["accepted", "rejected"]) == kept + lost
    assert listed(effective_status="rejected", status="rejected") == [fields[1]]
    assert listed(effective_status="rejected", under=root) == [fields[1], *lost]
    assert sorted(listed(effective_status="accepted", q="kept")) == kept
    assert listed(effective_status="retired") == []
    assert http.get("/v1/nodes", params={"effective_status": "best"}).status_code == 422
