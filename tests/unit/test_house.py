"""The repository itself: its top-level files, its locks, its image and its compose file."""

import re
import shutil
import subprocess
import tomllib
import zipfile
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
TOP_LEVEL = {
    *("service", "generators", "graph", "cypher", "tests", "docs"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "CITATION.cff", "LICENSE"),
    *("Makefile", "pyproject.toml", ".editorconfig", ".git-blame-ignore-revs", ".github"),
    *("Dockerfile", "docker-compose.yml", "requirements.lock", "requirements-dev.lock"),
    *(".ci", ".dockerignore", ".gitignore", ".pre-commit-config.yaml"),
}
LOCKS = ("requirements.lock", "requirements-dev.lock", ".ci/build.lock")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; .+?)?((?: \\\n    --hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE)
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME: list[str] = PYPROJECT["project"]["dependencies"]
EVERYTHING: list[str] = [
    *RUNTIME,
    *chain.from_iterable(PYPROJECT["project"]["optional-dependencies"].values()),
    *chain.from_iterable(PYPROJECT["dependency-groups"].values()),
]
MACHINE_PATH = re.compile(r"(?<![\w}])/(?:root|home/(?!glan\b)\w+|Users/\w+)\b")


def tracked() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return [path for path in listed.stdout.split("\0") if (ROOT / path).is_file()]


def pins(lock: str) -> dict[str, set[str]]:
    """The pinned versions of each package; several where they differ by platform or Python version."""
    found: dict[str, set[str]] = {}
    for name, version, _ in PIN.findall((ROOT / lock).read_text()):
        found.setdefault(name, set()).add(version)
    return found


def allowed_in_image() -> list[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.removeprefix("!") for line in lines if line.startswith("!")]


def test_top_level_is_what_the_architecture_says():
    assert {path.partition("/")[0] for path in tracked()} == TOP_LEVEL


@pytest.mark.parametrize("package", ["service", "generators", "graph"])
def test_the_tree_in_the_architecture_has_the_floors_of_the_contract(package: str):
    contracts = PYPROJECT["tool"]["importlinter"]["contracts"]
    [layers] = [c["layers"] for c in contracts if c.get("containers") == [package]]
    text = (ROOT / "docs/architecture.md").read_text()
    drawn = re.search(rf"^{package}/ .*?\n\n", text, re.DOTALL | re.MULTILINE)
    assert drawn
    lines = drawn[0].splitlines()[1:]
    at: list[int] = []
    for layer in layers:
        for room in re.split(r" [|:] ", layer):
            found = [n for n, line in enumerate(lines) if re.search(rf"(^|\s\s){room}/?(\s|$)", line)]
            assert len(found) == 1, f"{package}.{room} stands {len(found)} times in docs/architecture.md"
            at += found
    assert at == sorted(at), f"the floors of {package} are drawn in another order"


def test_every_wing_says_what_it_is_for():
    for package in ("service", "generators", "graph"):
        for wing in (ROOT / package).rglob("__init__.py"):
            assert wing.read_text().startswith('"""'), wing


def test_no_file_names_a_place_of_one_machine():
    found = {
        f"{path}: {match[0]}"
        for path in tracked()
        if not path.endswith(".lock")
        for match in MACHINE_PATH.finditer((ROOT / path).read_text(errors="ignore"))
    }
    assert not found


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_pins_with_hashes_and_nothing_else(lock: str):
    text = (ROOT / lock).read_text()
    assert all(hashes for _, _, hashes in PIN.findall(text))
    assert not PIN.sub("", text).strip()


@pytest.mark.parametrize(("lock", "requirements"), [(LOCKS[0], RUNTIME), (LOCKS[1], EVERYTHING)])
def test_lock_satisfies_pyproject(lock: str, requirements: list[str]):
    pinned = pins(lock)
    for requirement in map(Requirement, requirements):
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement} is not in {lock}: make lock"
        assert all(version in requirement.specifier for version in versions), f"{requirement}: make lock"


@pytest.mark.parametrize("lock", [LOCKS[0], LOCKS[2]])
def test_development_lock_agrees(lock: str):
    development = pins("requirements-dev.lock")
    assert {name: development.get(name) for name in pins(lock)} == pins(lock)


def test_every_direct_dependency_has_its_reason():
    decision = (ROOT / "docs/decisions/0002-dependencies.md").read_text()
    explained = re.findall(r"^\| `([a-z0-9-]+)` \| \S", decision, re.MULTILINE)
    assert sorted(explained) == sorted(Requirement(requirement).name for requirement in EVERYTHING)


def test_image_is_made_by_the_makefile():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "make install-runtime VENV=" in dockerfile
    assert re.search(r"^install-runtime:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert "pip install" not in dockerfile
    assert re.search(r"^USER (?!root\b)\w+", dockerfile, re.MULTILINE)
    assert "/healthz" in dockerfile
    assert "EXPOSE 8321" in dockerfile


def test_image_context_makes_a_whole_wheel(tmp_path: Path):
    context = tmp_path / "context"
    wanted = [path for path in tracked() if path.startswith(tuple(allowed_in_image()))]
    for path in wanted:
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, context / path)
    hatchling = ROOT / ".venv/bin/hatchling"
    if not hatchling.exists():
        pytest.skip("not installed by make")
    subprocess.run(
        [hatchling, "build", "--target", "wheel", "--directory", tmp_path],
        cwd=context,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    sources = {path for path in wanted if path.startswith(("service/", "generators/", "graph/", "cypher/"))}
    # The entry point is packed next to the packages, as a top-level module.
    sources = {path.removeprefix("service/entry/") for path in sources}
    assert sources <= packed


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_compose_has_a_database_a_service_and_a_worker(compose: dict[str, Any]):
    services = compose["services"]
    assert set(services) == {"neo4j", "service", "worker"}
    assert services["neo4j"]["image"] == "neo4j:5.26-community"
    assert "RETURN 1" in services["neo4j"]["healthcheck"]["test"][1]
    assert "--no-worker" in services["service"]["command"]
    assert services["worker"]["command"] == ["glan", "worker"]
    for name in ("service", "worker"):
        assert services[name]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
        assert services[name]["environment"]["NEO4J_URI"] == "bolt://neo4j:7687"


def test_compose_publishes_on_loopback_only(compose: dict[str, Any]):
    published = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_compose_needs_no_environment_and_has_no_default_token(compose: dict[str, Any]):
    variables = dict(re.findall(r"(?<!\$)\$\{(\w+)(:-[^}]*)?\}", (ROOT / "docker-compose.yml").read_text()))
    assert all(default.startswith(":-") for default in variables.values())
    assert variables["GLAN_TOKEN"] == ":-"
    # Neo4j's image takes any NEO4J_ variable but this one for a setting, and fails if it does not know it.
    database = compose["services"]["neo4j"]["environment"]
    assert {name for name in database if name.isupper()} == {"NEO4J_AUTH"}
