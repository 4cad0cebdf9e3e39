"""Taxonomy files into the items of a bulk insertion."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.errors import Invalid
from service.taxonomies.files import read


def csv_items(folder: Path, text: str | bytes, under: str | None = None) -> list[tuple[int, dict[str, Any]]]:
    path = folder / "Own.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read(str(path), under))


def placed(items: list[tuple[int, dict[str, Any]]]) -> list[tuple[str, str, str | None]]:
    """(kind, name, name of the parent)"""
    names = {item["ref"]: item["name"] for _, item in items}
    return [(i["kind"], i["name"], names.get(i.get("parent_ref", ""), i.get("parent_id"))) for _, i in items]


def test_rows_are_paths_and_share_their_upper_nodes(tmp_path: Path):
    items = csv_items(tmp_path, "field,discipline\nArts,Dance\nArts,Music\n")
    assert placed(items) == [
        ("Taxonomy", "Own", None),
        ("Field", "Arts", "Own"),
        ("Discipline", "Dance", "Arts"),
        ("Discipline", "Music", "Arts"),
    ]
    assert [line for line, _ in items] == [2, 2, 2, 3]


def test_every_kind_of_column_to_any_depth(tmp_path: Path):
    head = "Taxonomy,FIELD,subfield, Subfield 2 ,discipline,subject"
    items = csv_items(tmp_path, f"{head}\nT,F,S,S2,D,U\nT,F,,,E,\nT,F,S,,G,\n")
    assert placed(items) == [
        ("Taxonomy", "T", None),
        ("Field", "F", "T"),
        ("Subfield", "S", "F"),
        ("Subfield", "S2", "S"),
        ("Discipline", "D", "S2"),
        ("Subject", "U", "D"),
        ("Discipline", "E", "F"),
        ("Discipline", "G", "S"),
    ]


def test_other_columns_belong_to_the_last_node_of_the_row(tmp_path: Path):
    items = csv_items(
        tmp_path, "field,discipline,description,weight,Code,empty\nArts,,All arts,2,a1,\nArts,Dance,,0.5,,\n"
    )
    details = {i["name"]: {k: v for k, v in i.items() if k not in ("ref", "parent_ref")} for _, i in items}
    assert details == {
        "Own": {"kind": "Taxonomy", "name": "Own"},
        "Arts": {
            "kind": "Field",
            "name": "Arts",
            "description": "All arts",
            "weight": "2",
            "properties": {"Code": "a1"},
        },
        "Dance": {"kind": "Discipline", "name": "Dance", "weight": "0.5"},
    }


def test_under_a_node_no_taxonomy_is_made(tmp_path: Path):
    items = csv_items(tmp_path, "field,discipline\nArts,Dance\n", under="id-1")
    assert placed(items) == [("Field", "Arts", "id-1"), ("Discipline", "Dance", "Arts")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_quotes_and_line_ends(tmp_path: Path, end: str):
    rows = ["field,discipline,description", 'Arts,"Song, and ""dance""","two', 'lines"', "Arts,Opera,x"]
    items = csv_items(tmp_path, b"\xef\xbb\xbf" + end.join(rows).encode())
    assert [item["name"] for _, item in items] == ["Own", "Arts", 'Song, and "dance"', "Opera"]
    assert items[2][1]["description"] == f"two{end}lines"
    assert [line for line, _ in items] == [3, 3, 3, 4]


def test_separators_of_lines_inside_a_text_stay_there(tmp_path: Path):
    items = csv_items(tmp_path, "field,description\nArts,a\u2028b\u0085c\x0bd\n")
    assert items[1][1]["description"] == "a\u2028b\u0085c\x0bd"


def test_names_with_slashes_are_kept_apart(tmp_path: Path):
    items = csv_items(tmp_path, "field,subfield,discipline\nA/B,C,D\nA,B/C,D\nA,B,C/D\n")
    refs = [item["ref"] for _, item in items]
    assert len(refs) == len(set(refs)) == 9
    assert placed(items)[1:] == [
        ("Field", "A/B", "Own"),
        ("Subfield", "C", "A/B"),
        ("Discipline", "D", "C"),
        ("Field", "A", "Own"),
        ("Subfield", "B/C", "A"),
        ("Discipline", "D", "B/C"),
        ("Subfield", "B", "A"),
        ("Discipline", "C/D", "B"),
    ]


def test_names_that_are_the_same_are_one(tmp_path: Path):
    items = csv_items(tmp_path, "field,discipline\nArts,Dance\n aRTS ,Music\n")
    assert [item["name"] for _, item in items] == ["Own", "Arts", "Dance", "Music"]


def test_rows_that_cannot_be_used_keep_their_line(tmp_path: Path):
    items = csv_items(tmp_path, "field,discipline\nArts,Dance\n,\nArts,Music,more\nArts\n")
    assert [(line, "error" in item) for line, item in items] == [
        (2, False), (2, False), (2, False), (3, True), (4, True), (5, False)
    ]  # fmt: skip


def test_a_field_longer_than_csv_takes(tmp_path: Path):
    with pytest.raises(Invalid, match="line 2"):
        csv_items(tmp_path, "field\n" + "x" * 200_000 + "\n")


@pytest.mark.parametrize("text", ["", "\n", "colour,shape\nred,round\n"])
def test_a_csv_without_a_column_of_a_kind(tmp_path: Path, text: str):
    with pytest.raises(Invalid, match="names no kind"):
        csv_items(tmp_path, text)


def test_ndjson(tmp_path: Path):
    lines = [
        json.dumps({"kind": "Field", "name": "a\u2028b", "ref": "f"}, ensure_ascii=False),
        "",
        json.dumps({"kind": "Discipline", "name": "D", "parent_ref": "f"}),
        json.dumps({"kind": "Taxonomy", "name": "T"}),
        "{",
        "[1]",
    ]
    (tmp_path / "own.ndjson").write_text("\n".join(lines), encoding="utf-8")
    items = list(read(str(tmp_path / "own.ndjson"), "id-1"))
    assert [line for line, _ in items] == [1, 3, 4, 5, 6]
    assert items[0][1] == {"kind": "Field", "name": "a\u2028b", "ref": "f", "parent_id": "id-1"}
    assert items[1][1] == {"kind": "Discipline", "name": "D", "parent_ref": "f"}
    assert items[2][1] == {"kind": "Taxonomy", "name": "T"}
    assert "no JSON" in items[3][1]["error"]
    assert "no JSON object" in items[4][1]["error"]


def test_the_taxonomy_of_the_paper():
    items = list(read("glan", None))
    kinds = [item["kind"] for _, item in items]
    assert {kind: kinds.count(kind) for kind in kinds} == {"Taxonomy": 1, "Field": 8, "Discipline": 126}
    assert items[0][1]["name"] == "GLAN"
    assert not [item for _, item in items if "error" in item]


def test_files_of_other_kinds(tmp_path: Path):
    (tmp_path / "x.xlsx").write_text("field\n")
    with pytest.raises(Invalid, match=r"\.csv"):
        read(str(tmp_path / "x.xlsx"), None)
    with pytest.raises(FileNotFoundError):
        read(str(tmp_path / "gone.csv"), None)
