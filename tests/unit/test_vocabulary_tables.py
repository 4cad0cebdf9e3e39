"""Tables of codes: what stands above a code, and the classifications that are recognised."""

import json
from pathlib import Path
from typing import Any

import pytest
from vocabularies import plan_of

from graph.errors import Invalid
from service.taxonomies.options import levels_of


def placed(
    folder: Path, text: str, name: str = "own.csv", **options: Any
) -> tuple[dict[str, str], dict[str, Any]]:
    """The first notation of each concept's parent, by its own, or names in their place; and the report."""
    items, report = plan_of(folder, text, name, **options)
    known = {item.ref: (item.notation or [item.name])[0] for item in items.values()}
    found = {known[i.ref]: known.get(i.parents[0], "") for i in items.values() if not i.is_made}
    tops = {known[item.ref] for item in items.values() if item.is_made}
    return {code: "" if above in tops else above for code, above in found.items()}, report


def rows(*cells: str) -> str:
    return "\n".join(cells) + "\n"


def test_codes_stand_under_those_that_they_begin_with(tmp_path: Path):
    text = rows("Code,Title", "0111,Science", "01,Education", "011,Education", "02,Arts")
    found, report = placed(tmp_path, text)
    assert found == {"01": "", "011": "01", "0111": "011", "02": ""}
    assert report["plan"]["key"] == "notation"
    assert report["problems"] == {}


def test_codes_that_do_not_begin_so_stand_under_the_last_higher_row(tmp_path: Path):
    text = rows("code;label", "A;Farming", "01;Crops", "01.1;Wheat", "B;Mining", "05;Coal")
    assert placed(tmp_path, text)[0] == {"A": "", "01": "A", "01.1": "01", "B": "", "05": "B"}


def test_parents_may_be_named_and_levels_chosen(tmp_path: Path):
    text = rows("code,label,parent", "x,X,", "y,Y,x", "z,Z,gone")
    found, report = placed(tmp_path, text)
    assert (found, report["problems"]) == ({"x": "", "y": "x", "z": ""}, {"dangling": 1})
    found, report = placed(tmp_path, rows("code,label", "30,A", "3001,B", "300101,C"), levels=(2, 4))
    assert (found, report["plan"]["dropped"]) == ({"30": "", "3001": "30"}, {"level": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rows("uri,notation,label", "http://x/1,1,A", "http://x/11,11,B"), {"1": "", "11": "1"}),
        (rows("uri,notation,label,parent", "http://x/2,2,B,1", "http://x/1,1,A,"), {"1": "", "2": "1"}),
        (rows("uri,notation,label,parent", "u:1,1,A,", "u:2,2,B,u:1"), {"1": "", "2": "1"}),
        (rows("uri,label,parent_uri", "urn:x:1,A,", "urn:x:2,B,urn:x:1"), {"A": "", "B": "A"}),
        (rows("code,label,parent", "1,A,", "2,B,", "3,C,2;1", "4,D,\"1, 2\""),
         {"1": "", "2": "", "3": "1", "4": "1"}),
        (rows("term,broader", "A,", "B,A"), {"A": "", "B": "A"}),
        (rows("code,label,narrower", "1,A,3|2", "2,B,", "3,C,"), {"1": "", "2": "1", "3": "1"}),
        (rows("uri,code,label,parent", "u:1,1,A,", ",2,B,1"), {"1": "", "2": "1"}),
    ],
    ids=["prefix", "code", "uri", "urn", "several", "names", "narrower", "some uris"],
)  # fmt: skip
def test_parents_are_found_by_code_uri_or_name_wherever_they_stand(
    tmp_path: Path, text: str, expected: dict[str, str]
):
    found, report = placed(tmp_path, text)
    assert (found, report["problems"]) == (expected, {})


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("1", "1.1", "1.2", "1.10", "2", "10", "10.1"), ("", "1", "1", "1", "", "", "10")),
        (("A.1", "A.1.1", "A.1.11"), ("", "A.1", "A.1")),
        (("1.", "1.1.", "1.10."), ("", "1.", "1.")),
        (("1", "10", "100"), ("", "1", "10")),
        (("A", "01", "01.1", "01.11"), ("", "A", "01", "01.1")),
        (("5", "51", "53", "53.7", "53.73"), ("", "5", "5", "53", "53.7")),
    ],
    ids=["counted", "letter", "full stop", "digits", "NACE", "UDC"],
)
def test_codes_that_are_counted_are_cut_at_their_separators_only(
    tmp_path: Path, codes: tuple[str, ...], expected: tuple[str, ...]
):
    text = rows("code,label", *(f"{code},N{code}" for code in codes))
    assert placed(tmp_path, text)[0] == dict(zip(codes, expected, strict=True))


@pytest.mark.parametrize(
    "levels",
    [("1", "2", "1"), ("Level 1", "Level 2", "level 1"), ("L1", "L2", "L1"), ("0", "1", "0"),
     ("2-digit", "4-digit", "2-digit"), ("ISCO-08 major group", "ISCO-08 sub-group", "ISCO-08 major group")],
)  # fmt: skip
def test_levels_are_numbers_or_known_words(tmp_path: Path, levels: tuple[str, ...]):
    text = rows("code,label,level", *(f"{c},N{c},{level}" for c, level in zip("XYZ", levels, strict=True)))
    found, report = placed(tmp_path, text)
    assert (found, report["problems"]) == ({"X": "", "Y": "X", "Z": ""}, {})


def test_levels_that_are_not_understood_are_told(tmp_path: Path):
    _, report = placed(tmp_path, rows("code,label,level", "X,A,high", "Y,B,low"))
    assert report["problems"] == {"column": 2}
    assert report["examples"]["column"][0]["text"] == "the level 'high' of X is not understood"


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("code,label,scopeNote,definition,inScheme,description", "1,A,,,s,Of A",
         {"definition": ["Of A"], "inScheme": "s"}),
        ("code,label,definition,description,scope note", "1,A,d,e,f",
         {"definition": ["d"], "note": ["e"], "scopeNote": ["f"]}),
        ("code,label,Examples,CrossReferences", "1,A,such,see 2",
         {"example": ["such"], "CrossReferences": "see 2"}),
        ("code,name,title,title", "1,A,B,A", {"altLabel": ["B"]}),
        ("code,prefLabel@en,prefLabel@en-GB,label_pt_BR,label (German)", "1,A,B,C,D",
         {"prefLabel_en": "A", "prefLabel_en_gb": "B", "prefLabel_pt_br": "C", "prefLabel_de": "D"}),
        ("Code,Label,Code,,kind of,Status", "1,A,x,y,,new",
         {"Code (2)": "x", "column 4": "y", "Status": "new"}),
        ("HECoS Code,Term,Definition", "1,A,d", {"definition": ["d"]}),
        ("FOR Code,FOR Title,Postcode", "1,A,p", {"Postcode": "p"}),
        ("code,label,exactMatch,closeMatch,related", "1,A,http://x/1|u:2,none,9",
         {"exactMatch": ["http://x/1", "u:2"], "csv_closeMatch": "none", "csv_related": "9"}),
        ("code,label,Children,Narrow", "1,A,2,Arts", {"Children": "2", "Narrow": "Arts"}),
        ("code,label,rdf,topics,position", "1,A,r,t,p",
         {"csv_rdf": "r", "csv_topics": "t", "csv_position": "p"}),
    ],
    ids=["esco", "notes", "cip", "names", "languages", "twice", "code", "title", "mappings", "counts", "own"],
)  # fmt: skip
def test_every_column_is_kept(tmp_path: Path, header: str, cells: str, expected: dict[str, Any]):
    items, report = plan_of(tmp_path, rows(header, cells), "own.csv")
    found = next(item for item in items.values() if item.notation == ["1"])
    properties = {"prefLabel": "A"} | expected
    if "prefLabel_en" in expected:
        del properties["prefLabel"]
    assert (found.name, found.properties) == ("A", properties)
    assert report["problems"].keys() <= {"column"}


def test_names_that_repeat_in_a_list_are_two_concepts_unless_all_is_the_same(tmp_path: Path):
    text = rows("term,definition", "Mercury,planet", "Mercury,element", "Mercury,planet", "Venus,planet")
    items, report = plan_of(tmp_path, text, "own.csv")
    assert {item.name: item.description for item in items.values() if not item.is_made} == {
        "Mercury": "planet", "Mercury (2)": "element", "Venus": "planet"
    }  # fmt: skip
    assert report["problems"] == {"homonym": 1}


def test_the_separator_that_excel_names_is_no_header(tmp_path: Path):
    found, report = placed(tmp_path, rows("sep=;", "code;label", "1;A, B", "11;C", ";D"))
    assert found == {"1": "", "11": "1"}
    assert [problem["text"] for problem in report["examples"]["syntax"]] == ["line 5: there is no code"]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([{"code": "1", "name": "A"}, {"code": "X", "name": "B", "parent": "1"}], {"1": "", "X": "1"}),
        ([{"code": "1", "name": "A", "children": [
            {"code": "X", "name": "B", "narrower": [{"code": "Y", "name": "C"}]},
            {"code": "Z", "name": "D"}]},
          {"code": "2", "name": "E"}],
         {"1": "", "X": "1", "Y": "X", "Z": "1", "2": ""}),
        ([{"name": "A", "children": [{"name": "B"}, {"name": "C"}]},
          {"name": "D", "children": [{"name": "B"}]}],
         {"A": "", "B": "A", "C": "A", "D": ""}),
        ([{"uri": "u:1", "name": "A"}, {"uri": "u:2", "name": "B", "broader": [{"uri": "u:1", "name": "A"}]}],
         {"A": "", "B": "A"}),
        ([{"code": "1", "name": "A", "children": []}, {"code": "11", "name": "B"}], {"1": "", "11": "1"}),
    ],
    ids=["columns of later ones", "nested", "nested names", "objects", "no children"],
)  # fmt: skip
def test_objects_may_differ_and_stand_within_each_other(
    tmp_path: Path, records: list[Any], expected: dict[str, str]
):
    for text in (json.dumps(records), "\n".join(map(json.dumps, records))):
        found, report = placed(tmp_path, text, "own.json")
        assert (found, report["problems"]) == (expected, {})


def test_what_no_cell_can_hold_is_told(tmp_path: Path):
    records = [{"code": "1", "name": "A", "extra": {"a": {"b": 1}}, "more": [{"x": 1}], "none": [None, ""]}]
    _, report = placed(tmp_path, json.dumps(records), "own.json")
    assert report["examples"]["lost_statements"] == [{"uri": "", "text": "record 1: not kept: extra.a, more"}]


def test_labels_in_several_languages_and_lists(tmp_path: Path):
    text = rows("code,label_en,label_de,synonyms", "1,Glass,Glas,Crystal|Pane")
    items, _ = plan_of(tmp_path, text, "own.csv", languages=("de",))
    found = next(item for item in items.values() if item.notation == ["1"])
    assert (found.name, found.properties["prefLabel_en"], found.properties["altLabel"]) == (
        "Glas", "Glass", ["Crystal", "Pane"]
    )  # fmt: skip


def test_cip(tmp_path: Path):
    text = rows(
        "CIPFamily,CIPCode,Action,CIPTitle,CIPDefinition",
        '01,="01",No substantive changes,FARMING.,All',
        '01,="01.01",New,"Farming, General.",',
        '01,="01.0101",Deleted,Old.,',
        '01,="01.0102",Moved to 01.0103,Older.,',
        '01,="01.0103",New,Newer.,',
        '21,="21",No substantive changes,Reserved.,',
    )
    found, report = placed(tmp_path, text)
    assert found == {"01": "", "01.01": "01", "01.0103": "01.01"}
    assert report["plan"]["dropped"] == {"deprecated": 2, "reserved": 1}
    assert report["sources"][0]["preset"] == "CIP"
    assert any(note.startswith("CIP: ") for note in report["notes"])


def test_isced_f_keeps_children_with_the_name_of_their_parent(tmp_path: Path):
    listed = [{"code": c, "label": "Education", "level": level} for c, level in
              (("01", "broad"), ("011", "narrow"), ("0110", "detailed"))]  # fmt: skip
    found, report = placed(tmp_path, json.dumps(listed), "own.json")
    assert found == {"01": "", "011": "01", "0110": "011"}
    assert (report["problems"], report["sources"][0]["preset"]) == ({}, "ISCED-F")


def test_msc_and_anzsrc(tmp_path: Path):
    text = rows("code\ttext", "00-XX\tGeneral", "00-01\tTextbooks", "00Axx\tTopics", "00A05\t$K$-theory")
    found, report = placed(tmp_path, text)
    assert found == {"00-XX": "", "00-01": "00-XX", "00Axx": "00-XX", "00A05": "00Axx"}
    assert report["sources"][0]["preset"] == "MSC2020"
    found, report = placed(tmp_path, rows("FoR code,Label", "30,A", "3001,B", "300101,C"))
    assert found == {"30": "", "3001": "30", "300101": "3001"}
    assert report["sources"][0]["preset"] == "ANZSRC"


def test_esco_is_two_files_with_pillars(tmp_path: Path):
    skills = "conceptType,conceptUri,preferredLabel,altLabels\n"
    skills += 'KnowledgeSkillCompetence,http://e.org/s1,weld,"join metal\nfuse"\n'
    skills += "SkillGroup,http://e.org/s0,metal work,\n"
    items, report = plan_of(tmp_path, skills, "skills.csv")
    assert [item.name for item in items.values() if item.kind == "Field"] == ["Skills"]
    assert items["s1"].properties["altLabel"] == ["join metal", "fuse"]
    assert report["sources"][0]["preset"] == "ESCO"
    from service.taxonomies.checking import checked
    from service.taxonomies.options import Options

    (tmp_path / "broader.csv").write_text("conceptUri,broaderUri\nhttp://e.org/s1,http://e.org/s0\n")
    files = [str(tmp_path / name) for name in ("skills.csv", "broader.csv")]
    with checked(files, Options(), tmp_path / "home") as both:
        found = {item.uri: item.parents for item in both.plan.items()}
    assert found["http://e.org/s1"] == ["http://e.org/s0"]


TOPIC = {"domain": "Physical", "field": "Engineering", "subfield": "Optics"}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"id": "T1", "topic": "Lasers", "desc": "Of light", **TOPIC},
                    {"id": "T2", "topic": "Lasers", "desc": "", **TOPIC}]),
        json.dumps({"meta": {"count": 2}, "results": [
            {"id": f"https://openalex.org/T{n}", "display_name": "Lasers", "description": "Of light",
             "keywords": ["beam"], **{level: {"id": f"{level}s/{level}", "display_name": name}
                                      for level, name in TOPIC.items()}} for n in (1, 2)]}),
        "topic_id,topic_name,subfield_id,subfield_name,field_id,field_name,domain_id,domain_name,keywords,summary\n"
        + "".join(f"{n},Lasers,7,Optics,6,Engineering,5,Physical,beam; ray,Of light\n" for n in (1, 2)),
    ],
    ids=["table", "api", "csv"],
)  # fmt: skip
def test_openalex_topics_of_one_name_stay_two(tmp_path: Path, text: str):
    items, report = plan_of(tmp_path, text, "own")
    assert [item.kind for item in items.values()] == [
        "Taxonomy",
        "Field",
        "Subfield",
        "Subfield",
        *["Discipline"] * 2,
    ]
    assert items["T1"].uri == "https://openalex.org/T1"
    assert items["T1"].description == "Of light"
    assert (items["T1"].name, items["T2"].name) == ("Lasers", "Lasers (2)")
    assert report["problems"] == {"homonym": 1}
    assert report["sources"][0]["preset"] == "OpenAlex"


@pytest.mark.parametrize("text", ["a", "4,2", "0,2", "2,2", "2.5"])
def test_levels_that_are_none(text: str):
    with pytest.raises(Invalid, match="2,4,6"):
        levels_of(text)


def test_rows_that_cannot_be_used_are_told(tmp_path: Path):
    _, report = plan_of(tmp_path, rows("code,label", "1,A", ",B", "2,C,D", '3,"E" x'), "own.csv")
    assert report["problems"] == {"syntax": 3}
    with pytest.raises(Invalid, match="no column looks like a name"):
        plan_of(tmp_path, rows("code,notation", "1,2"), "own.csv")
