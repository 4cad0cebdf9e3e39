"""What changed between two vocabularies, and how it is said."""

import io
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from exporting import exported
from hypothesis import given
from hypothesis import strategies as st
from vocabularies import PREFIXES, planned

from graph.taxonomy.told import imported
from service.taxonomies.comparing import report
from service.taxonomies.comparing.diff import Compared, comparing
from service.taxonomies.comparing.operations import GROUPS, ORDER
from service.taxonomies.options import Options

HEAD = (
    PREFIXES
    + """
:s a skos:ConceptScheme ; dct:title "Crafts"@en .
:glass a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Glass"@en .
:wood a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Wood"@en .
"""
)
BEFORE = (
    HEAD
    + """
:a skos:broader :glass ; skos:prefLabel "Blowing"@en, "Souffler"@fr ; skos:altLabel "Puffing"@en, "Old"@en .
:b skos:broader :glass ; skos:prefLabel "Cutting"@en ; skos:definition "With a wheel."@en .
:c skos:broader :glass ; skos:prefLabel "Painting"@en ; skos:notation "1.1" ; skos:related :b .
:d skos:broader :wood ; skos:prefLabel "Carving"@en ; skos:notation "2.1" ; skos:exactMatch <http://o.org/1> .
:e skos:broader :wood ; skos:prefLabel "Turning"@en .
:f skos:broader :wood ; skos:prefLabel "Whittling"@en .
:g skos:broader :wood ; skos:prefLabel "Joinery"@en .
:bench1 skos:broader :wood ; skos:prefLabel "Bench"@en .
"""
)
AFTER = (
    HEAD
    + """
:a skos:broader :glass ; skos:prefLabel "Glassblowing"@en, "Soufflage"@fr ;
  skos:altLabel "Puffing"@en, "New"@en .
:b skos:broader :glass, :wood ; skos:prefLabel "Cutting"@en ; skos:definition "With a wheel or a saw."@en .
:c skos:broader :wood ; skos:prefLabel "Painting"@en ; skos:notation "1.2" .
:d2 skos:broader :wood ; skos:prefLabel "Carving wood"@en ; skos:notation "2.1" ;
  skos:closeMatch <http://o.org/1> .
:e2 skos:broader :wood ; skos:prefLabel " TURNING"@en .
:f skos:broader :wood ; skos:prefLabel "Whittling"@en ; owl:deprecated true ; dct:isReplacedBy :d2 .
:h skos:broader :glass ; skos:prefLabel "Melting"@en ; skos:related :a .
:x skos:broader :wood ; skos:prefLabel "Never there"@en ; owl:deprecated true .
:bench0 skos:broader :wood ; skos:prefLabel "Bench"@en .
:bench1 skos:broader :wood ; skos:prefLabel "Bench"@en ; dct:source "somewhere" .
"""
)
EXPECTED = {
    "added": {"Melting": "under Glass", "Bench": "under Wood"},
    "removed": {"Joinery": ""},
    "deprecated": {"Whittling": "replaced by Carving wood"},
    "renamed": {
        "Carving": 'URI: "http://example.org/d" -> "http://example.org/d2"',
        "Turning": 'URI: "http://example.org/e" -> "http://example.org/e2"',
    },
    "moved": {"Cutting": "also under Wood", "Painting": "under Wood; no longer under Glass"},
    "relabelled": {
        "Blowing": 'en: "Blowing" -> "Glassblowing"; fr: "Souffler" -> "Soufflage"',
        "Carving": 'en: "Carving" -> "Carving wood"',
        "Turning": 'en: "Turning" -> "TURNING"',
    },
    "alt_labels": {"Blowing": 'altLabel en: + "New", - "Old"'},
    "redefined": {"Cutting": 'definition en: "With a wheel." -> "With a wheel or a saw."'},
    "renotated": {"Painting": 'notation: "1.1" -> "1.2"'},
    "mapped": {"Carving": 'closeMatch: + "http://o.org/1"; exactMatch: - "http://o.org/1"'},
}


@contextmanager
def compared(folder: Path, *texts: str | bytes, names: tuple[str, str] = ("a", "b")) -> Generator[Compared]:
    with comparing(folder / "home") as found:
        for text, name in zip(texts, names, strict=True):
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
            found.read_file(str(folder / name), Options(), folder / "home")
        found.compare()
        yield found
    assert not list((folder / "home" / "staging").iterdir()), "the temporary files are removed"


def document(found: Compared) -> dict[str, Any]:
    file = io.BytesIO()
    found.write_json(file)
    return json.loads(file.getvalue())


def by_group(found: Compared) -> dict[str, dict[str, str]]:
    shown: dict[str, dict[str, str]] = {}
    for operation in document(found)["operations"]:
        for group in operation["groups"]:
            shown.setdefault(group, {})[operation["node"]["name"]] = report.details(operation, group)
    return shown


def test_each_group(tmp_path: Path):
    with compared(tmp_path, BEFORE, AFTER) as found:
        shown, whole = by_group(found), document(found)
        lines = list(found.text())
        short = list(found.text(1))
    other = shown.pop("other")
    assert shown == EXPECTED
    assert set(other) == {"Painting", "Cutting", "Blowing", "Bench"}, "relations and other statements"
    assert list(whole["counts"]) == list(GROUPS), "every group stands here once, in its order"
    assert whole["counts"] == {name: len(some) for name, some in (EXPECTED | {"other": other}).items()}
    assert whole["from"]["concepts"] == 10
    order = [op["op"] for op in whole["operations"]]
    assert order == sorted(order, key=ORDER.index)
    assert lines[0].startswith("2 added, 1 removed, 1 deprecated, 2 under a new URI, 2 moved, 3 relabelled")
    assert "  Cutting  <http://example.org/b>  also under Wood" in lines
    assert "  ... and 1 more (--all lists all)" in short
    with compared(tmp_path, AFTER, BEFORE) as found:
        back = by_group(found)
    assert set(back["added"]) == {"Joinery", "Whittling"}
    assert set(back["removed"]) == {"Melting", "Bench"}


def test_what_is_said_otherwise_is_the_same(tmp_path: Path):
    """One vocabulary in all formats of exports, in another order, and compared with itself turned round."""
    with planned(tmp_path, AFTER) as read:
        items = list(read.plan.items())
    before = exported(items, tmp_path, "turtle")
    for format_ in ("rdfxml", "jsonld", "ntriples", "csv", "ndjson"):
        text = exported(items, tmp_path, format_, seed="m")
        with compared(tmp_path, before, text) as found:
            assert document(found)["operations"] == [], format_
            assert list(found.text()) == ["no difference"]
    with compared(tmp_path, AFTER, before) as found:
        assert document(found)["operations"] == [], "deprecated concepts count as not there"
    lines = before.decode().split("\n\n")
    assert exported(items, tmp_path, "ntriples") != before
    shuffled = b"".join(sorted(exported(items, tmp_path, "ntriples").splitlines(True), reverse=True))
    with compared(tmp_path, before, shuffled) as found:
        assert found.counts == {}, lines


def test_a_name_that_was_edited_is_the_label_of_every_format(tmp_path: Path):
    """In the graph the label of the file stays beside the name; an export says the name."""
    with planned(tmp_path, BEFORE) as read:
        items = list(read.plan.items())
    for item in items:
        if item.name in ("Blowing", "Cutting"):
            before = {"name": item.name, "description": item.description or None}
            item.properties["imported"] = imported(before, ())
            item.description = "Edited." if item.name == "Cutting" else item.description
            item.name = f"{item.name} edited"
    for format_ in ("turtle", "ndjson", "csv"):
        with compared(tmp_path, BEFORE, exported(items, tmp_path, format_)) as found:
            assert found.counts == {"relabelled": 2, "redefined": 1}, format_


CSV = "field,discipline,notation,description\nGlass,Blowing,,Hot\nGlass,Cutting,1,\nWood,Carving,,\n"


def test_files_without_uris_are_compared_by_notation_and_place(tmp_path: Path):
    after = (
        "field,discipline,notation,description\nGlass,blowing ,,Hotter\nWood,Sawing,1,\nWood,Carving,,\n"
        "Wood,Turning,,\n"
    )
    with compared(tmp_path, CSV, after, names=("one.csv", "two.csv")) as found:
        assert by_group(found) == {
            "added": {"Turning": "under Wood"},
            "moved": {"Cutting": "under Wood; no longer under Glass"},
            "relabelled": {"Blowing": '"Blowing" -> "blowing"', "Cutting": '"Cutting" -> "Sawing"'},
            "redefined": {"Blowing": 'description: "Hot" -> "Hotter"'},
        }
        [cutting] = [op for op in document(found)["operations"] if op["op"] == "move"]
        assert cutting["node"]["path"] == ["one", "Glass", "Cutting"]
        assert cutting["node"]["later_path"] == ["two", "Wood", "Sawing"]


def test_the_name_of_a_file_is_not_said_of_its_taxonomy(tmp_path: Path):
    table = "code,title\n1,Glass\n1.1,Blowing\n"
    with compared(tmp_path, table, table, names=("one.csv", "two.csv")) as found:
        assert by_group(found) == {}
    with planned(tmp_path, table, "one.csv") as plan:
        items = list(plan.plan.items())
    assert (items[0].name, items[0].properties) == ("one", {})
    with compared(
        tmp_path, exported(items, tmp_path, "turtle"), table, names=("one.ttl", "two.csv")
    ) as found:
        assert by_group(found) == {}


def test_markdown_shows_names_as_they_are(tmp_path: Path):
    odd = '"A | b* [x](y) <i>\\n# `c`"@en'
    after = BEFORE.replace('"Joinery"@en', odd).replace("http://o.org/1", "http://o.org/1_2_|")
    with compared(tmp_path, BEFORE, after, names=("v|1", "v_2")) as found:
        lines = list(found.markdown())
    assert lines[0] == r"## v\|1 → v\_2"
    assert "| 1 | relabelled |" in lines
    [line] = [line for line in lines if line.startswith("- **Joinery**")]
    assert r"A \| b\* \[x\](y) \<i\> \# \`c\`" in line
    with compared(tmp_path, BEFORE, BEFORE) as found:
        assert list(found.markdown())[-1] == "No difference."


@given(st.text())
def test_no_text_breaks_out_of_its_line(text: str):
    shown = report.escaped(text)
    assert "\n" not in shown
    bare = shown.replace("\\\\", "")
    assert not any(bare[n] in "|`*_[]<>" and (n == 0 or bare[n - 1] != "\\") for n in range(len(bare))), shown


def test_faults_are_told(tmp_path: Path):
    with compared(tmp_path, BEFORE, AFTER + "\n:broken skos:broader :g ; \n:z :z") as found:
        assert [side["incomplete"] for side in found.sides] == [False, True]
    with pytest.raises(OSError, match="nothing"), comparing(tmp_path) as found:
        found.read_file(str(tmp_path / "nothing.ttl"), Options(), tmp_path)
