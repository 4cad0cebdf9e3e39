"""Reading taxonomy files into the items of a bulk insertion."""

import json
from pathlib import Path
from typing import Any

import pytest

from graph.errors import Invalid
from graph.taxonomy.streams.bulk_node import BulkNode
from graph.text import normal_name
from service.taxonomies.files import read
from service.taxonomies.loading import Loading, has_failed


def csv_items(folder: Path, text: str | bytes, under: str | None = None) -> list[tuple[int, dict[str, Any]]]:
    path = folder / "Own.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read(str(path), under))


def placed(items: list[tuple[int, dict[str, Any]]]) -> list[tuple[str, str, str | None]]:
    """Kind, name and parent of each item; the parent by name, or by id if it is not in the file."""
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
    # A row is reported at the line where it begins.
    assert [line for line, _ in items] == [2, 2, 2, 4]


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


def test_long_cells_do_not_end_the_reading(tmp_path: Path):
    """Texts that are too long are left to the service; only absurdly long rows are refused here."""
    rows = ["field,description", f"a,{'x' * 200_000}", f"b,{'y' * 1_100_000}", f'c,"{"z" * 300_000}"', "d,"]
    items = csv_items(tmp_path, "\n".join(rows))
    assert [(line, item.get("name")) for line, item in items] == [
        (2, "Own"), (2, "a"), (3, None), (4, "c"), (5, "d")
    ]  # fmt: skip
    assert "1000000 bytes" in items[2][1]["error"]


@pytest.mark.parametrize(
    ("rows", "line", "before"),
    [
        (["A,Dance", 'A,"Music', "A,Opera", "A,Mime"], 3, ["Own", "A", "Dance"]),
        (['A,"Music', "A,Opera", 'A,"Mime"'], 2, []),
        (["A,Dance", 'A,"two', 'lines" more', "A,Opera"], 3, ["Own", "A", "Dance"]),
        (["A,Dance", 'A,"'], 3, ["Own", "A", "Dance"]),
    ],
)
def test_a_quote_that_is_not_closed_ends_the_reading_at_its_line(
    tmp_path: Path, rows: list[str], line: int, before: list[str]
):
    items = csv_items(tmp_path, "\n".join(["field,discipline", *rows]) + "\n")
    assert [item["name"] for _, item in items[:-1]] == before
    assert items[-1][0] == line
    assert "quote" in items[-1][1]["error"]


def test_a_quote_within_one_line_costs_that_line_alone(tmp_path: Path):
    items = csv_items(tmp_path, 'field,discipline\nA,"Dance" and more\nA,5" disks\nA,Mime\n')
    assert [(line, item.get("name")) for line, item in items] == [
        (2, None), (3, "Own"), (3, "A"), (3, '5" disks'), (4, "Mime")
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_are_recognised(tmp_path: Path, delimiter: str):
    text = "field,Sub-Field,discipline,note\nA,B,C,1\n".replace(",", delimiter)
    assert placed(csv_items(tmp_path, text))[1:] == [
        ("Field", "A", "Own"), ("Subfield", "B", "A"), ("Discipline", "C", "B")
    ]  # fmt: skip
    assert [line for line, _ in csv_items(tmp_path, f"sep={delimiter}\n{text}")] == [3, 3, 3, 3]


def test_columns_of_one_kind_keep_their_levels(tmp_path: Path):
    items = csv_items(tmp_path, "field,subfield,subfield,discipline\nA,B,C,D\nA,,E,F\n")
    assert placed(items)[1:] == [
        ("Field", "A", "Own"), ("Subfield", "B", "A"), ("Subfield", "C", "B"), ("Discipline", "D", "C"),
        ("Subfield", "E", "A"), ("Discipline", "F", "E"),
    ]  # fmt: skip


def test_a_subfield_may_be_called_as_a_discipline_is(tmp_path: Path):
    items = csv_items(tmp_path, "field,subfield,discipline\nA,,Optics\nA,Optics,Lasers\n")
    kinds = {item["ref"]: item["kind"] for _, item in items}
    assert [(i["kind"], i["name"], kinds.get(i.get("parent_ref", ""))) for _, i in items] == [
        ("Taxonomy", "Own", None), ("Field", "A", "Taxonomy"), ("Discipline", "Optics", "Field"),
        ("Subfield", "Optics", "Field"), ("Discipline", "Lasers", "Subfield"),
    ]  # fmt: skip


def warned(folder: Path, text: str) -> tuple[list[str], dict[str, Any]]:
    (folder / "Own.csv").write_text(text, encoding="utf-8")
    file = read(str(folder / "Own.csv"), None)
    last = list(file)[-1][1]
    return [f"{w['line']}: {w['warning']}" for w in file.warnings], last


@pytest.mark.parametrize(
    ("column", "meant"),
    [("disciplin", "discipline"), ("Feild", "field"), ("descripton", "description"), ("wieght", "weight"),
     ("sub feild", "subfield"), ("subjects", "subject"), ("stauts", "status")],
)  # fmt: skip
def test_a_misspelt_column_is_told(tmp_path: Path, column: str, meant: str):
    [warning], last = warned(tmp_path, f"taxonomy,{column}\nT,x\n")
    assert column in warning
    assert f"if {meant} is meant" in warning
    assert last["properties"] == {column: "x"}


def test_columns_whose_names_are_taken(tmp_path: Path):
    warnings, last = warned(
        tmp_path, "field,id,name,status,key,note,note,STANDARD\nA,7,B,Proposed,k,one,two,ISO\n"
    )
    assert last["status"] == "proposed"
    assert last["properties"] == {
        "csv_id": "7", "csv_name": "B", "csv_key": "k", "note": "one", "note 2": "two", "STANDARD": "ISO"
    }  # fmt: skip
    assert len(warnings) == 4
    BulkNode.model_validate(last)


def test_a_status_of_somebody_elses_is_kept(tmp_path: Path):
    [warning], last = warned(tmp_path, "field,status\nA,draft\nB,live\n")
    assert warning.startswith("2: values of the column 'status'")
    assert last["properties"] == {"csv_status": "live"}


def test_values_without_a_column_are_told(tmp_path: Path):
    [warning], last = warned(tmp_path, "field,,\nA,,\nB,lost,\n")
    assert warning.startswith("3: column 2")
    assert last["name"] == "B"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.csv", "a.ndjson"])
def test_other_encodings_are_said(tmp_path: Path, encoding: str, name: str):
    (tmp_path / name).write_bytes("field\nA\n".encode(encoding))
    with pytest.raises(Invalid, match=r"UTF-(16|32) text"):
        list(read(str(tmp_path / name), None))


def test_rows_of_another_encoding_are_told(tmp_path: Path):
    items = csv_items(tmp_path, "field\nA\nCafé\nB\n".encode("latin-1"))
    assert [(line, item.get("name")) for line, item in items] == [(2, "Own"), (2, "A"), (3, None), (4, "B")]
    assert "UTF-8" in items[2][1]["error"]


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
    assert "not JSON" in items[3][1]["error"]
    assert "not a JSON object" in items[4][1]["error"]


ODD_LINES = [
    b'{"kind": "Field", "weight": NaN}',
    b'{"kind": "Field", "weight": 1e400}',
    b'{"kind": "Field", "weight": -1E+999}',
    b'{"kind": "Field", "name": "\\ud800"}',
    b'{"kind": "Field", "properties": {"\\uDFFF": 1}}',
    b'{"kind": "Field", "name": "\xed\xa0\x80"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"kind": "Field", "kind": "Field"}',
    b'{"name": "caf\xe9"}',
    b'{"name": "' + b"x" * 1_000_001 + b'"}',
    b"9" * 5_000,
    b"null",
]


@pytest.mark.parametrize("line", ODD_LINES, ids=lambda line: ascii(line[:40]))
def test_odd_json_costs_its_line_alone(tmp_path: Path, line: bytes):
    good = b'{"kind": "Taxonomy", "name": "T"}'
    (tmp_path / "own.jsonl").write_bytes(b"\n".join([good, line, good]))
    items = list(read(str(tmp_path / "own.jsonl"), None))
    assert [(number, "error" in item) for number, item in items] == [(1, False), (2, True), (3, False)]


def report(folder: Path, name: str, text: str) -> dict[str, Any]:
    """The report on a file, with answers as the service gives them: a name in a place is one node."""
    (folder / name).write_text(text, encoding="utf-8")
    file = read(str(folder / name), "top")
    loading, ids = Loading(file), dict[str, str]()
    for line, item in file:
        key = f"{item.get('parent_ref')} {item['kind']} {normal_name(item['name'])}"
        status = "existing" if key in ids else "created"
        ids.setdefault(key, f"id-{len(ids)}")
        loading.answered(line, item, {"status": status, "id": ids[key]})
    return loading.report()


def test_nodes_of_one_name_are_never_one_in_silence(tmp_path: Path):
    concept = {"kind": "KeyConcept", "name": "Bank", "parent_ref": "s"}
    lines = [
        concept | {"description": "of a river"},
        concept | {"name": "BANK", "description": "for money"},
        concept | {"description": "of a river"},
        concept | {"name": "Shore", "ref": "1"},
        concept | {"name": "Shore", "ref": "2"},
    ]
    told = report(tmp_path, "own.ndjson", "\n".join(map(json.dumps, lines)))
    assert [(row["line"], row["first"], row["differs"]) for row in told["repeated"]] == [
        (2, 1, True), (3, 1, False), (5, 4, True)
    ]  # fmt: skip
    assert has_failed(told)
    told = report(tmp_path, "own.csv", "field,discipline,note\nA,B,1\nA,C,\nA,B,2\nA,C,\nA,,late\n")
    assert [(row["line"], row["first"], row["differs"]) for row in told["repeated"]] == [
        (4, 2, True), (5, 3, False), (6, 2, True)
    ]  # fmt: skip
    told = report(tmp_path, "own.csv", "field,discipline\nA,B\nA,B\nA,\nA,C\n")
    assert [row["line"] for row in told["repeated"]] == [3]
    assert not has_failed(told)


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


def test_columns_of_an_export_are_properties_when_it_is_read_by_rows(tmp_path: Path):
    items = csv_items(
        tmp_path,
        "field,uri,notation,related,parent_uris,position,properties\n"
        'Arts,http://x/1,1.0,http://x/2,http://x/,3,"{""a"": 1}"\n',
    )
    for _, item in items:
        BulkNode.model_validate(item | {"parent_ref": "t"} if item["kind"] == "Field" else item)
    assert items[-1][1]["properties"] == {
        # Names of glan's own.
        "csv_uri": "http://x/1",
        "csv_notation": "1.0",
        "related": "http://x/2",
        "parent_uris": "http://x/",
        "position": "3",
        "csv_properties": '{"a": 1}',
    }
