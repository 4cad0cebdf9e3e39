"""An ETag stands for one content of one node; a merged node's id is replaced only where it names a node."""

from typing import Any

import httpx
import pytest

from service.routes.nodes import Move


@pytest.fixture
def merged(http: httpx.Client, planted: Any, add: Any) -> dict[str, Any]:
    """A discipline merged into another one of the same version, with its ETag and content from before."""
    into = add(http, "Discipline", "Light", planted.field)
    old = f"/v1/nodes/{planted.discipline}"
    before = http.get(old)
    assert http.post(f"{old}:merge", json={"into_id": into}).status_code == 200
    # Both have had the same number of changes, so their versions are equal.
    return {"old": planted.discipline, "into": into, "tag": before.headers["etag"], "was": before.json()}


def test_an_old_id_is_not_answered_with_an_old_etag(http: httpx.Client, merged: dict[str, Any], refused: Any):
    old = f"/v1/nodes/{merged['old']}"
    version = http.get(old).json()["version"]
    for tag in (merged["tag"], f'"{merged["old"]}-{version}-00000000"', f'"{version}"'):
        assert http.get(old, headers={"If-None-Match": tag}).json()["id"] == merged["into"]
        for answer in (
            http.patch(old, json={"weight": 9}, headers={"If-Match": tag}),
            http.delete(old, headers={"If-Match": tag}),
        ):
            refused(answer, 412)
    # A repeated merge is not a change: it gets the same response as the first.
    again = http.post(f"{old}:merge", json={"into_id": merged["into"]}, headers={"If-Match": merged["tag"]})
    assert (again.status_code, again.json()["version"]) == (200, version)
    now = http.get(old)
    assert now.json()["weight"] == merged["was"]["weight"]
    tag = now.headers["etag"]
    assert http.get(old, headers={"If-None-Match": tag}).status_code == 304
    assert http.patch(old, json={"weight": 9}, headers={"If-Match": tag}).json()["weight"] == 9


def test_a_path_that_leads_elsewhere_is_no_304(http: httpx.Client, planted: Any, add: Any):
    where = {"path": "Root/Sciences/Optics"}
    before = http.get("/v1/nodes:resolve", params=where)
    url = f"/v1/nodes/{planted.discipline}"
    http.patch(url, json={"name": "Light"}, headers={"If-Match": before.headers["etag"]})
    other = add(http, "Discipline", "Optics", planted.field)
    after = http.get("/v1/nodes:resolve", params=where, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["id"]) == (200, other)


def test_a_child_of_a_purged_parent_is_another(http: httpx.Client, planted: Any, add: Any, refused: Any):
    more = add(http, "Field", "More", planted.root)
    http.put(f"/v1/nodes/{more}/children/{planted.discipline}")
    url = f"/v1/nodes/{planted.discipline}"
    before = http.get(url)
    assert http.delete(f"/v1/nodes/{more}", params={"mode": "purge"}).json() == {"purged": 1}
    after = http.get(url, headers={"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["parents"]) == (200, [planted.field])
    assert after.json()["version"] == before.json()["version"] + 1
    refused(http.patch(url, json={"weight": 2}, headers={"If-Match": before.headers["etag"]}), 412)
    assert http.get(f"{url}/history").json()["items"][0]["action"] == "purged"


@pytest.mark.parametrize("wanted", ["*", '"x", {tag}', '{tag},"x"', '"x",{tag} , "y"', '"2", "1"', "{tag}"])
def test_if_match_is_any_or_a_list(http: httpx.Client, planted: Any, wanted: str):
    url = f"/v1/nodes/{planted.discipline}"
    header = {"If-Match": wanted.format(tag=http.get(url).headers["etag"])}
    assert http.patch(url, json={}, headers=header).status_code == 200
    header = {"If-Match": wanted.format(tag=http.get(url).headers["etag"]).replace('"1"', '"3"')}
    move = Move(from_id=planted.field, to_id=planted.field, position=0).model_dump()
    assert http.post(f"{url}:move", json=move, headers=header).status_code == 200
    header = {"If-Match": wanted.format(tag=http.get(url).headers["etag"]).replace('"1"', '"2", "3"')}
    answer = http.delete(url, headers=header)
    assert answer.json() == {"retired": 1}, header


@pytest.mark.parametrize("wanted", ['"x"', '"x", "y"', '"9"', "**", '"*"', '""', "9" * 5000])
def test_if_match_that_names_another_state(http: httpx.Client, planted: Any, refused: Any, wanted: str):
    url, header = f"/v1/nodes/{planted.discipline}", {"If-Match": wanted}
    refused(http.patch(url, json={"weight": 2}, headers=header), 412)
    refused(http.delete(url, headers=header), 412)
    other = {"If-Match": http.get(f"/v1/nodes/{planted.field}").headers["etag"]}
    refused(http.delete(url, headers=other), 412)


def test_a_text_that_reads_like_an_old_id_stays(http: httpx.Client, merged: dict[str, Any]):
    old, into = merged["old"], merged["into"]
    body = {
        "kind": "Subject",
        "name": old,
        "description": old,
        "properties": {"note": old, "was_id": old, "all": [old]},
        "parent_ids": [old],
    }
    made = http.post("/v1/nodes", json=body)
    assert made.status_code == 201, made.text
    node = made.json()
    assert (node["name"], node["description"], node["properties"]) == (old, old, body["properties"])
    assert node["parents"] == [into]
    found = http.get("/v1/nodes", params={"under": old, "name": old}).json()["items"]
    assert [item["id"] for item in found] == [node["id"]]
