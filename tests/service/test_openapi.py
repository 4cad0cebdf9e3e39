"""The OpenAPI document is valid and complete, and the service behaves as it says."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from service.app import build_app
from service.settings import Settings

DOCUMENT: dict[str, Any] = build_app(Settings.model_construct()).openapi()
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
EVERY_OPERATION = pytest.mark.parametrize("name", OPERATIONS)
PUBLIC = ("GET /healthz", "GET /readyz", "GET /guide")


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for below in part.values():
            yield from references(below)
    if isinstance(part, list):
        for below in part:
            yield from references(below)


def test_what_it_refers_to_is_there():
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        part: Any = DOCUMENT
        for name in reference.removeprefix("#/").split("/"):
            assert name in part, reference
            part = part[name]


def test_names_of_operations_are_unique():
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))


@EVERY_OPERATION
def test_every_operation_and_parameter_is_described(name: str):
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["description"].rstrip().endswith(".")
    parameters = operation.get("parameters", [])
    assert all(parameter.get("description") for parameter in parameters)
    in_path = {part[1:].split("}")[0] for part in name.split("/") if part.startswith("{")}
    assert in_path == {parameter["name"] for parameter in parameters if parameter["in"] == "path"}


@EVERY_OPERATION
def test_every_error_is_listed_as_a_problem_document(name: str):
    answers = OPERATIONS[name]["responses"]
    errors = {status: answer for status, answer in answers.items() if status >= "400"}
    for answer in errors.values():
        assert answer["content"] == {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    if name not in PUBLIC:
        assert {"401", "403", "503"} <= errors.keys()
    if "{" in name:
        assert "404" in errors
    if "requestBody" in OPERATIONS[name]:
        assert "422" in errors
    assert any(status < "300" for status in answers)


@EVERY_OPERATION
def test_every_body_has_an_example(name: str):
    for content in OPERATIONS[name].get("requestBody", {}).get("content", {}).values():
        assert content["example"]


def test_the_service_shows_it(http: httpx.Client):
    assert http.get("/openapi.json").json() == DOCUMENT
    assert "swagger" in http.get("/docs").text.lower()


def test_unknown_paths_and_methods_are_problems(http: httpx.Client, refused: Any):
    for path in ("/v1", "/v1/nodes/", "/v2/nodes", "/v1/nodes/a/b/c"):
        refused(http.get(path), 404)
    for name, operation in OPERATIONS.items():
        path = name.split()[1].replace("{", "").replace("}", "")
        assert operation
        answer = http.request("TRACE", path)
        refused(answer, 405)
        assert answer.headers["allow"]
