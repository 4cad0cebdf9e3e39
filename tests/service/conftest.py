"""The real service on a free port, and requests to it over real HTTP."""

import json
import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from forked import GLAN, Forks
from openai_server import OpenAIServer

from graph.database import Database
from graph.embedded.attach import Attachment
from service.server import beside
from service.settings import Settings

Refused = Callable[[httpx.Response, int], dict[str, Any]]
Grow = Callable[..., dict[str, Any]]


@dataclass
class Planted:
    """Ids of a small taxonomy: Root / Sciences / Optics."""

    root: str
    field: str
    discipline: str


@contextmanager
def client_of(settings: Settings, **options: Any) -> Generator[httpx.Client]:
    """A client of a service that runs until the context ends."""
    with beside(settings, **options) as (url, token):
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
            yield client


@pytest.fixture(scope="session")
def session_http(neo4j: Attachment, settings: Settings) -> Iterator[httpx.Client]:
    """A client of one service that all tests share which run no jobs."""
    with client_of(settings, takes="none") as client:
        yield client


@pytest.fixture
def http(session_http: httpx.Client, database: Database) -> httpx.Client:
    """A client of a service with an empty database."""
    return session_http


@pytest.fixture
def growing_settings(settings: Settings, endpoint: OpenAIServer) -> Settings:
    """The session's settings with the deterministic endpoint."""
    return settings.model_copy(update={"openai_base_url": endpoint.base_url, "model": "test-model"})


@pytest.fixture
def grower(database: Database, growing_settings: Settings) -> Iterator[httpx.Client]:
    """A client of a service that runs jobs against the deterministic endpoint, with an empty database."""
    with client_of(growing_settings, takes="all") as client:
        yield client


def add(http: httpx.Client, kind: str, name: str, parent_id: str | None = None, **rest: Any) -> str:
    """The id of a node inserted through the service."""
    response = http.post("/v1/nodes", json={"kind": kind, "name": name, "parent_id": parent_id, **rest})
    assert response.is_success, response.text
    return response.json()["id"]


@pytest.fixture(name="add")
def _add() -> Callable[..., str]:
    return add


def plant(http: httpx.Client) -> Planted:
    root = add(http, "Taxonomy", "Root")
    field = add(http, "Field", "Sciences", root)
    return Planted(root, field, add(http, "Discipline", "Optics", field))


@pytest.fixture
def planted(http: httpx.Client) -> Planted:
    """A small taxonomy in the service of `http`."""
    return plant(http)


@pytest.fixture
def refused() -> Refused:
    """Checks that a response is a problem document with this status, and returns the document."""

    def check(response: httpx.Response, status: int) -> dict[str, Any]:
        assert response.status_code == status, response.text
        assert response.headers["content-type"] == "application/problem+json"
        problem = response.json()
        assert problem["status"] == status
        assert problem["title"]
        assert problem["detail"]
        assert problem["instance"] == response.request.url.path
        if status == 422 and "errors" in problem:
            assert all(error["where"] and error["problem"] for error in problem["errors"])
        return problem

    return check


def end_of(client: httpx.Client, job_id: str) -> dict[str, Any]:
    """The job in the last event of its stream."""
    with client.stream("GET", f"/v1/jobs/{job_id}/events", timeout=60) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        last = response.read().decode().strip().split("\n\n")[-1].split("\n")
    fields = {name: value for name, _, value in (line.partition(": ") for line in last)}
    assert fields["event"] == "end", last
    return json.loads(fields["data"])


@pytest.fixture(name="end_of")
def _end_of() -> Callable[[httpx.Client, str], dict[str, Any]]:
    return end_of


@pytest.fixture
def grown(grower: httpx.Client) -> Grow:
    """`grown(add=4)`: plants a taxonomy, runs a job on its discipline to the end and returns the job."""

    def run(**spec: Any) -> dict[str, Any]:
        body = {"root_id": plant(grower).discipline, "queries_per_discipline": 1} | spec
        response = grower.post("/v1/jobs", json=body)
        assert response.status_code == 202, response.text
        return end_of(grower, response.json()["id"])

    return run


FORKS = Forks()


@dataclass
class Glan:
    """Runs the installed `glan` in its own folder."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *args: str, code: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end and checks its exit code."""
        done = FORKS.run([*args], self.folder, self.environment(env), timeout_s=200)
        assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def json(self, *args: str, code: int = 0, **env: str) -> Any:
        """The result that a command prints with --json; fails if anything else is on stdout."""
        return json.loads(self(*args, "--json", code=code, **env).stdout)

    @contextmanager
    def running(self, *args: str, **env: str) -> Generator[subprocess.Popen[str]]:
        """A running command in its own process group, as a terminal would start it."""
        process = subprocess.Popen(
            [GLAN, *args],
            cwd=self.folder,
            env=self.environment(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def environment(self, env: dict[str, str]) -> dict[str, str]:
        return {**os.environ, "NO_COLOR": "1", "COLUMNS": "160", **self.env, **env}


@pytest.fixture
def alone(tmp_path: Path, settings: Settings, database: Database) -> Glan:
    """`glan` with the service in its own process, on the session's Neo4j."""
    return Glan(tmp_path, {"GLAN_HOME": str(settings.home), "GLAN_CACHE": str(settings.cache)})


@pytest.fixture
def glan(alone: Glan, http: httpx.Client) -> Glan:
    """`glan` as a client of the service of `http`."""
    token = http.headers["authorization"].removeprefix("Bearer ")
    return Glan(alone.folder, alone.env | {"GLAN_URL": str(http.base_url), "GLAN_TOKEN": token})


@pytest.fixture
def model(endpoint: OpenAIServer) -> dict[str, str]:
    """Environment variables that select the deterministic endpoint."""
    return {"OPENAI_BASE_URL": endpoint.base_url, "GLAN_MODEL": "test-model"}
