"""Query parameters that a route does not take are refused, so a misspelt filter cannot go unnoticed."""

import re
from typing import Any

import httpx
import pytest

from service.app import build_app
from service.settings import Settings

PATHS: dict[str, dict[str, Any]] = build_app(Settings.model_construct()).openapi()["paths"]
OPERATIONS = [(method.upper(), path) for path, operations in PATHS.items() for method in operations]
HEADED = [("HEAD", path) for method, path in OPERATIONS if method == "GET"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_refuses_what_it_does_not_take(http: httpx.Client, refused: Any, method: str, path: str):
    """Parameters are checked first: the node need not exist, and the body need not be valid."""
    address = re.sub(r"\{\w+\}", "x", path)
    problem = refused(http.request(method, address, params={"nonsense": 1}, json={}), 422)
    assert problem["errors"][0]["where"] == "query.nonsense"
    assert "it takes" in problem["detail"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"stauts": "proposed"}, ("query.stauts", "did you mean status?")),
        (
            {"sort": ""},
            (
                "query.sort",
                "it takes cursor, effective_status, kind, limit, name, notation, q, status, under, uri",
            ),
        ),
        ({"Kind": "Field"}, ("query.Kind", "did you mean kind?")),
        ({"kind[]": "Field"}, ("query.kind[]",)),
        ({"limit": [1, 2]}, ("query.limit", "2 times")),
        ({"kind": ["Field", "Subject"]}, ("query.kind", "2 times")),
        ({"": "x"}, ("unknown parameter",)),
    ],
)
def test_it_says_which_and_what_there_is(
    http: httpx.Client, refused: Any, params: dict[str, Any], said: tuple[str, ...]
):
    detail = refused(http.get("/v1/nodes", params=params), 422)["detail"]
    assert all(part in detail for part in said), detail


def test_what_may_stand_several_times_still_may(http: httpx.Client, planted: Any):
    found = http.get("/v1/nodes", params={"status": ["accepted", "proposed"], "limit": 1})
    assert found.status_code == 200


def test_a_thousand_wrong_ones_are_not_all_told(http: httpx.Client, refused: Any):
    problem = refused(http.get("/v1/nodes", params={f"x{n}": n for n in range(1000)}), 422)
    assert len(problem["errors"]) == 20


def test_no_text_is_a_defect(http: httpx.Client):
    """Whatever stands in a parameter, the response is not that the service has a defect."""
    failed: list[tuple[str, str, str]] = []
    for path, operations in PATHS.items():
        address = re.sub(r"\{\w+\}", "x", path)
        for parameter in operations.get("get", {}).get("parameters", []):
            if parameter["in"] != "query":
                continue
            for text in ("\0", "a\x17b", "%ff", "\u2028", "{", "a" * 3_000):
                response = http.get(address, params={parameter["name"]: text})
                if response.status_code >= 500:
                    failed.append((path, parameter["name"], text[:10]))
    assert failed == []
