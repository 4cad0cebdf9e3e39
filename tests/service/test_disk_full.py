"""A full disk, over HTTP: writes are refused with the reason, and reads work as ever."""

from collections.abc import Callable

import httpx

from service.server import beside
from service.settings import Settings

MORE_THAN_ANY_DISK_MB = 2**40
VOCABULARY = '<a:a> <http://www.w3.org/2004/02/skos/core#prefLabel> "A"@en .'


def test_what_would_be_written_is_refused_and_what_is_there_is_read(
    http: httpx.Client, add: Callable[..., str], settings: Settings
) -> None:
    root = add(http, "Taxonomy", "There before")
    add(http, "Discipline", "Optics", add(http, "Field", "Sciences", root))
    node = {"kind": "Taxonomy", "name": "No room"}
    key = {"Idempotency-Key": "the-same"}
    changes = {
        "disk_reserve_mb": MORE_THAN_ANY_DISK_MB,
        "openai_base_url": "http://127.0.0.1:1/v1",
        "model": "m",
    }
    with (
        beside(settings.model_copy(update=changes), takes="all") as (url, token),
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as full,
    ):
        refused = [
            full.post("/v1/nodes", json=node),
            full.post("/v1/nodes", json=node, headers=key),
            full.post("/v1/jobs", json={"root_id": root, "add": 1}),
            full.post(
                "/v1/nodes:bulk",
                content='{"kind": "Taxonomy", "name": "No room"}\n',
                headers={"Content-Type": "application/x-ndjson"},
            ),
            *(
                full.post(path, content=VOCABULARY, headers={"Content-Type": "text/turtle"})
                for path in (f"/v1/nodes/{root}:diff", "/v1/imports?check=true")
            ),
        ]
        assert full.get(f"/v1/nodes/{root}").json()["name"] == "There before"
        assert full.get("/readyz").status_code == 200
    for answer in refused:
        assert answer.status_code == 507, answer.text
        assert answer.json()["title"] == "Insufficient Storage"
        assert "GLAN_DISK_RESERVE_MB" in answer.text
        assert f"{settings.home}" in answer.text
        assert "Free some space" in answer.text
    # With room on the disk the same request, with the same key, succeeds: the refusal left nothing.
    assert http.post("/v1/nodes", json=node, headers=key).status_code == 201
