"""docs/reference/ is what the code generates, and everything in the code has a description."""

import importlib.util
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer.main

from graph import queries
from graph.model import Kind
from service.app import build_app
from service.cli import app
from service.settings import Settings, variable

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def _reference() -> Any:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE: Any = _reference()
PAGES: dict[str, str] = REFERENCE.pages()


def test_the_pages_are_what_the_code_gives():
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.FOLDER.glob("*")}
    assert on_disk.keys() == PAGES.keys()
    for name, text in PAGES.items():
        assert on_disk[name] == text, f"docs/reference/{name} is behind the code: make docs"


def test_the_pages_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch):
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), "1")
    assert REFERENCE.pages() == PAGES
    assert str(Path.home()) not in "".join(PAGES.values())


def test_all_decisions_are_listed():
    listed = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").partition("## Decisions")[2]
    for path in (ROOT / "docs/decisions").glob("*.md"):
        assert f"[{path.stem[:4]}](decisions/{path.name})" in listed


def test_a_word_stands_once_in_the_glossary():
    rows = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    words = Counter(row.split(" | ")[0] for row in rows if row.startswith("| "))
    words -= Counter({"| word": words["| word"]})
    assert [word for word, number in words.items() if number > 1] == []


def test_everything_is_on_its_page():
    for name in Settings.model_fields:
        assert f"| `{variable(name)}` |" in PAGES["settings.md"]
    for kind in Kind:
        assert f"| `{kind}` | {kind.meaning} |" in PAGES["model.md"]
    for name in queries.names():
        assert name in PAGES["queries.md"]
    for query in queries.offered():
        assert query.browser in PAGES["queries.md"]
    for path in _commands(typer.main.get_command(app), "glan"):
        assert f"\n## {path}" in PAGES["commands.md"]
    for path, operations in build_app(Settings.model_construct()).openapi()["paths"].items():
        for method in operations:
            assert f"\n## {method.upper()} {path}\n" in PAGES["endpoints.md"]


def _commands(command: Any, path: str) -> dict[str, Any]:
    found = {path: command} if path != "glan" else {}
    for name, below in getattr(command, "commands", {}).items():
        found |= _commands(below, f"{path} {name}")
    return found


def test_every_setting_is_described():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_command_argument_and_option_is_described():
    for path, command in _commands(typer.main.get_command(app), "glan").items():
        assert command.help, path
        assert [p.name for p in command.params if not p.help] == [], path


def test_every_endpoint_and_parameter_is_described():
    for path, operations in build_app(Settings.model_construct()).openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation.get("description"), (method, path)
            assert [p["name"] for p in operation.get("parameters", ()) if not p.get("description")] == []


def test_every_query_and_its_parameters_are_described():
    for query in map(queries.load, queries.names()):
        assert query.meaning.endswith("."), query.name
        assert all(param.meaning for param in query.params.values()), query.name


def test_tables_are_whole():
    """Every row has as many cells as the head of its table."""
    for name, text in PAGES.items():
        cells = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                cells = 0
                continue
            count = line.replace("\\|", "").count("|")
            assert cells in (0, count), (name, line)
            cells = count
