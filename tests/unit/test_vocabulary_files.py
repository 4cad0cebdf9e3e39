"""Reading vocabularies of every format, as they come, and refusing what is hostile."""

import bz2
import gzip
import io
import json
import lzma
import socket
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from vocabularies import PREFIXES, plan_of, shown

from graph.errors import Invalid
from graph.model import Kind
from service.taxonomies.checking import checked, has_failed
from service.taxonomies.options import Format, Options
from service.taxonomies.reading import packing

TURTLE = (
    PREFIXES + ':a a skos:Concept ; skos:prefLabel "Économie"@en . '
    ':b a skos:Concept ; skos:prefLabel "B"@en ; skos:broader :a .'
)
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:skos="http://www.w3.org/2004/02/skos/core#">
<skos:Concept rdf:about="http://example.org/a"><skos:prefLabel>%s</skos:prefLabel></skos:Concept></rdf:RDF>"""
LINKED: dict[str, Any] = {
    "@context": {"skos": "http://www.w3.org/2004/02/skos/core#"},
    "@id": "http://example.org/a", "@type": "skos:Concept",
    "skos:prefLabel": {"@language": "en", "@value": "A"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch):
    """Reading a file never opens a connection."""

    def refuse(*_: Any, **__: Any):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def source(folder: Path, text: str | bytes, name: str = "own.data", **options: Any) -> tuple[str, str, str]:
    """Format, compression and encoding of a file."""
    _, report = plan_of(folder, text, name, **options)
    [found] = report["sources"]
    return found["format"], found["compression"], found["encoding"]


def zipped(*names: str) -> Callable[[bytes], bytes]:
    def pack(text: bytes) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in names:
                archive.writestr(name, text)
        return file.getvalue()

    return pack


@pytest.mark.parametrize(
    ("pack", "name"),
    [(gzip.compress, "gzip"), (bz2.compress, "bzip2"), (lzma.compress, "xz"),
     (zipped("a.ttl"), "zip"), (zipped("__MACOSX/._a", "a.ttl"), "zip")],
)  # fmt: skip
def test_compressed_files(tmp_path: Path, pack: Callable[[bytes], bytes], name: str):
    assert source(tmp_path, pack(TURTLE.encode())) == ("turtle", name, "utf-8")


def test_archives_of_several_files_damaged_ones_and_those_packed_twice_are_refused(tmp_path: Path):
    packed = gzip.compress(TURTLE.encode() * 50)
    for text, why in (
        (zipped("a.ttl", "b.ttl")(b"x"), r"2 files \(a\.ttl, b\.ttl\)"),
        (packed[: len(packed) // 2], "damaged or cut off"),
        (gzip.compress(packed), "compressed inside"),
        (b"", "is empty"),
        (b"<!DOCTYPE html><html></html>", "is a web page"),
        (b"colour,shape\nred,round\n", "of no format known here"),
    ):
        with pytest.raises(Invalid, match=why):
            plan_of(tmp_path, text)
    with pytest.raises(Invalid, match="is a folder"), checked([str(tmp_path)], Options(), tmp_path):
        pass


def test_standard_input_and_several_files_are_one_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "b.ttl").write_text(
        PREFIXES + ':c a skos:Concept ; skos:prefLabel "C"@en ; skos:broader :b .'
    )
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(TURTLE.encode())))
    monkeypatch.setattr(sys, "stdin", stdin)
    with checked(["-", str(tmp_path / "b.ttl")], Options(), tmp_path / "home") as found:
        assert found.report()["plan"]["depth"] == 3
        assert [one.file for one in found.sources] == ["standard input", "b.ttl"]


@pytest.mark.parametrize(
    ("text", "name", "format_"),
    [
        (TURTLE, "own.rdf", "turtle"),
        (f'<e:a> <{RDF}type> <http://www.w3.org/2004/02/skos/core#Concept> .\n', "own.ttl", "ntriples"),
        (f'<e:a> <{RDF}type> <http://www.w3.org/2004/02/skos/core#Concept> <e:g> .\n', "own.ttl", "ntriples"),
        (PREFIXES + ":g { :a a skos:Concept . }", "own.nq", "turtle"),
        (f'{{ <e:a> <{RDF}type> <http://www.w3.org/2004/02/skos/core#Concept> . }}', "own.nq", "turtle"),
        (XML % "A", "own.ttl", "rdfxml"),
        (json.dumps(LINKED), "own.txt", "jsonld"),
        (json.dumps([LINKED, LINKED]), "own.txt", "jsonld"),
        (f"{json.dumps(LINKED)}\n{json.dumps(LINKED)}\n", "own.txt", "jsonld"),
        ('{"uri": "http://e.org/a", "prefLabel": {"en": "A"}}\n', "own.txt", "jskos"),
        ('[{"notation": ["1"], "prefLabel": {"en": "A"}}]', "own.txt", "jskos"),
        ('{"kind": "Taxonomy", "name": "T"}\n{"kind": "Field", "name": "F", "uri": "e:f"}', "a", "ndjson"),
        ("field;discipline\nA;B\n", "own.txt", "csv"),
        ("code\tlabel\n1\tA\n", "own.txt", "codes"),
        ('{"meta": {}, "items": [{"code": "1", "label": "A"}]}', "own.txt", "codes"),
    ],
)  # fmt: skip
def test_formats_are_told_by_content(tmp_path: Path, text: str, name: str, format_: str):
    assert source(tmp_path, text, name)[0] == format_


SKOSMOS = {
    "@context": {"uri": "@id", "type": "@type", "graph": "@graph", "skos": LINKED["@context"]["skos"],
                 "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"}},
    "graph": [{"uri": f"http://example.org/{n}", "type": "skos:Concept", "prefLabel": {"en": f"Name {n}"}}
              for n in range(2_000)],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("before", [{}, {"comment": "a, {", "n": [1]}])
def test_keywords_of_json_ld_may_have_other_names_in_files_of_any_length(
    tmp_path: Path, indent: int | None, before: dict[str, Any]
):
    items, report = plan_of(tmp_path, json.dumps(before | SKOSMOS, indent=indent), "own.json")
    assert report["sources"][0]["format"] == "jsonld"
    assert (items["7"].uri, items["7"].name) == ("http://example.org/7", "Name 7")


def test_a_long_table_within_an_object_stays_one(tmp_path: Path):
    table = {"meta": {"@x": 1}, "items": [{"code": f"{n}", "label": f"Name {n}"} for n in range(5_000)]}
    assert source(tmp_path, json.dumps(table), "own.json")[0] == "codes"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [TURTLE, XML % "Économie", "code,label\n1,Économie\n"])
def test_encodings_that_show_in_the_bytes(tmp_path: Path, encoding: str, text: str):
    items, _ = plan_of(tmp_path, text.encode(encoding))
    assert "Économie" in {item.name for item in items.values()}


def test_declared_encodings_and_those_that_must_be_said(tmp_path: Path):
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>{XML % "Économie"}'.encode("latin-1")
    assert source(tmp_path, declared) == ("rdfxml", "", "iso8859-1")
    latin = TURTLE.encode("latin-1")
    with pytest.raises(Invalid, match=rf"0xc9 at offset {latin.index(bytes([0xC9]))} .*--encoding latin-1"):
        plan_of(tmp_path, latin)
    assert plan_of(tmp_path, latin, encoding="latin-1")[0]["a"].name == "Économie"
    with pytest.raises(Invalid, match="there is no encoding 'latin-99'"):
        plan_of(tmp_path, latin, encoding="latin-99")


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-32", "utf-16-le", "cp037", "undefined"])
def test_a_declaration_that_the_bytes_belie_is_not_believed(tmp_path: Path, encoding: str):
    text = f'<?xml version="1.0" encoding="{encoding}"?>{XML % "Économie"}'
    assert plan_of(tmp_path, text.encode())[0]["a"].name == "Économie"


@pytest.mark.parametrize("encoding", ["hex", "base64", "zlib", "rot13", "bz2", "quopri", "none\0"])
def test_what_encodes_no_texts_is_no_encoding(tmp_path: Path, encoding: str):
    with pytest.raises(Invalid, match="there is no encoding"):
        plan_of(tmp_path, TURTLE, encoding=encoding)
    if "\0" not in encoding:
        with pytest.raises(Invalid, match="there is no encoding"):
            plan_of(tmp_path, f'<?xml version="1.0" encoding="{encoding}"?>{XML % "A"}')


@pytest.mark.parametrize(
    ("written", "said"),
    [("utf-16", "utf-16"), ("utf-16-le", "utf-16"), ("utf-16-be", "UTF16"), ("utf-32", "utf-32"),
     ("utf-32-be", "utf-32"), ("utf-16-le", "utf-16-le")],
)  # fmt: skip
def test_utf_16_has_the_order_that_the_bytes_show(tmp_path: Path, written: str, said: str):
    assert plan_of(tmp_path, TURTLE.encode(written), encoding=said)[0]["a"].name == "Économie"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "undefined", "punycode", "idna", "utf-7"])
def test_a_file_that_is_not_in_its_encoding_is_refused(tmp_path: Path, encoding: str):
    with pytest.raises(Invalid, match=r"is not|does not begin as"):
        plan_of(tmp_path, "code,label\n1,Économie\n", encoding=encoding)


def test_faults_in_turtle_cost_their_statement_and_in_xml_the_file(tmp_path: Path):
    items, report = plan_of(
        tmp_path, TURTLE + '\n:c skos:prefLabel x .\n:d a skos:Concept ; skos:prefLabel "D"@en .'
    )
    assert "d" in items
    assert report["problems"] == {"syntax": 1}
    assert report["examples"]["syntax"][0]["text"].startswith("at line 10")
    assert has_failed(report)
    with pytest.raises(Invalid, match="nothing of the file is used"):
        plan_of(tmp_path, (XML % "A")[:-12])


@pytest.mark.parametrize(
    "text",
    [
        PREFIXES + ':g { :a a skos:Concept ; skos:prefLabel "A" . } :b a skos:Concept ; skos:prefLabel "B" . '
        "GRAPH :h { :b skos:broader :a . }",
        "\n".join(
            f"<http://example.org/{s}> <{p}> {o} <http://example.org/g{s}> ."
            for s, p, o in (
                ("a", RDF + "type", "<http://www.w3.org/2004/02/skos/core#Concept>"),
                ("a", "http://www.w3.org/2004/02/skos/core#prefLabel", '"A"'),
                ("b", RDF + "type", "<http://www.w3.org/2004/02/skos/core#Concept>"),
                ("b", "http://www.w3.org/2004/02/skos/core#prefLabel", '"B"'),
                ("b", "http://www.w3.org/2004/02/skos/core#broader", "<http://example.org/a>"),
            )
        ),
    ],
    ids=["TriG", "N-Quads"],
)
def test_statements_in_named_graphs_count_as_any_other(tmp_path: Path, text: str):
    items, report = plan_of(tmp_path, text)
    assert (shown(items)["a"][1], shown(items)["b"]) == ("A", ("Discipline", "B", ["a"]))
    assert report["problems"] == {}


def test_blank_nodes_of_different_documents_are_different(tmp_path: Path):
    for name in ("Cat", "Dog"):
        (tmp_path / f"{name}.ttl").write_text(PREFIXES + f'_:x a skos:Concept ; skos:prefLabel "{name}" .')
    with checked([str(tmp_path / f"{n}.ttl") for n in ("Cat", "Dog")], Options(), tmp_path / "home") as found:
        assert [item.name for item in found.plan.items() if not item.is_made] == ["Cat", "Dog"]
    lines = [
        LINKED | {"@id": f"http://e.org/{n}", "skos:note": {"@id": "_:b0", f"{RDF}value": f"of {n}"}}
        for n in (1, 2)
    ]
    items, _ = plan_of(tmp_path, "\n".join(map(json.dumps, lines)))
    for n in "12":
        assert f'_:b0 <{RDF}value> "of {n}" .' in items[n].properties["rdf"]
        assert len(items[n].properties["rdf"]) == 2


def test_bad_iris_and_language_tags_are_listed(tmp_path: Path):
    _, report = plan_of(tmp_path, TURTLE + ' <a b> a skos:Concept ; skos:prefLabel "X"@zh-classical-long .')
    assert report["problems"]["bad_iri"] == report["problems"]["bad_language"] == 1
    assert not has_failed(report)


def test_jskos(tmp_path: Path):
    lines = [
        {"uri": "http://e.org/1", "notation": ["1"], "prefLabel": {"en": "A", "-": "more"},
         "altLabel": {"de": ["Ah", "Aha"]}, "topConceptOf": [{"uri": "http://e.org/"}]},
        {"uri": "http://e.org/2", "prefLabel": {"und": "B"}, "broader": [{"uri": "http://e.org/1"}, None],
         "scopeNote": {"en": ["Of B"]}, "inScheme": [{"uri": "http://e.org/", "prefLabel": {"en": "Of E"}}]},
        {"prefLabel": {"en": "nameless"}},
        {"uri": "http://e.org/3", "prefLabel": {"en": "C"}, "deprecated": True},
    ]  # fmt: skip
    items, report = plan_of(tmp_path, "\n".join([*map(json.dumps, lines), "{"]), "own.ndjson")
    assert shown(items)["2"] == ("Discipline", "B", ["1"])
    assert (items["1"].notation, items["1"].properties["altLabel_de"]) == (["1"], ["Ah", "Aha"])
    assert items["2"].description == "Of B"
    assert report["taxonomies"][0]["name"] == "Of E"
    assert (report["problems"], report["plan"]["dropped"]) == ({"no_uri": 1, "syntax": 1}, {"deprecated": 1})


def nested(many: int) -> list[dict[str, Any]]:
    return [
        {"uri": f"http://e.org/{n}", "prefLabel": {"en": f"N{n}"}, "narrower": [
            {"uri": f"http://e.org/{n}.1", "prefLabel": {"en": f"N{n}.1"}, "narrower": []}, None]}
        for n in range(many)
    ]  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("many", [2, 1_000])
@pytest.mark.parametrize("name", ["concepts", "topConcepts"])
def test_concepts_within_records_of_jskos(tmp_path: Path, indent: int | None, many: int, name: str):
    scheme = {"uri": "http://e.org/s", "type": ["http://www.w3.org/2004/02/skos/core#ConceptScheme"],
              "prefLabel": {"en": "S"}}  # fmt: skip
    for whole in (nested(many), scheme | {name: nested(many)}):
        items, report = plan_of(tmp_path, json.dumps(whole, indent=indent), "own.json")
        assert report["sources"][0]["format"] == "jskos"
        assert (report["plan"]["concepts"], report["problems"]) == (2 * many, {})
        assert shown(items)["1.1"] == ("Discipline", "N1.1", ["1"])
        assert report["taxonomies"][0]["name"] == ("own" if isinstance(whole, list) else "S")


def test_objects_may_stand_one_after_the_other_over_several_lines(tmp_path: Path):
    records = [{"code": f"{n}", "label": f"N{n}"} for n in range(10_000, 30_000)]
    text = "\n".join(json.dumps(record, indent=1) for record in records)
    _, report = plan_of(tmp_path, text + "\n", "own.json")
    assert (report["plan"]["concepts"], report["problems"]) == (20_000, {})
    with pytest.raises(Invalid, match="entry 20001 of the list is not JSON"):
        plan_of(tmp_path, text + ' {"code": ', "own.json")


def test_a_context_is_read_from_a_file_and_never_fetched(tmp_path: Path):
    text = json.dumps(LINKED | {"@context": "http://127.0.0.1:9/context.jsonld"})
    with pytest.raises(Invalid, match="never fetched; say --context FILE"):
        plan_of(tmp_path, text)
    (tmp_path / "c.json").write_text(json.dumps({"@context": LINKED["@context"]}))
    assert shown(plan_of(tmp_path, text, context=str(tmp_path / "c.json"))[0])["a"][1] == "A"


def test_own_files_become_what_they_say(tmp_path: Path):
    items, report = plan_of(tmp_path, "field,subfield,discipline,note,weight\nA,B,C,n,2\nA,,B,,\n", "own.csv")
    assert [(item.kind, item.name) for item in items.values()] == [
        (Kind.Taxonomy, "own"), (Kind.Field, "A"), (Kind.Subfield, "B"), (Kind.Discipline, "C"),
        (Kind.Discipline, "B"),
    ]  # fmt: skip
    leaf = next(item for item in items.values() if item.name == "C")
    assert (leaf.properties["note"], leaf.fields) == ("n", {"weight": "2"})
    assert report["problems"] == {}
    lines = [{"kind": "Taxonomy", "name": "T", "ref": "t"},
             {"kind": "Discipline", "name": "D", "parent_ref": "t"},
             {"kind": "Subject", "name": "S", "parent_ref": "t"}, {"kind": "Odd", "name": "X"}]  # fmt: skip
    items, report = plan_of(tmp_path, "\n".join(map(json.dumps, lines)), "own.ndjson")
    assert report["plan"]["kinds"] == {"Taxonomy": 1, "Field": 1, "Discipline": 1}
    assert (report["problems"], report["plan"]["dropped"]) == ({"syntax": 1, "unplaced": 1}, {"unplaced": 1})


PATHED = [
    {"kind": "Taxonomy", "name": "T", "ref": "t"},
    {"kind": "Field", "name": "F/G", "uri": "u:f", "parent_ref": "t"},
    {"kind": "Field", "name": "H", "uri": "u:h", "parent_ref": "t"},
    {"kind": "Subfield", "name": "S", "uri": "u:s", "parent_uris": ["u:f"]},
    {"kind": "Subfield", "name": "S", "uri": "u:t", "parent_uris": ["u:h"]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "parents"),
    [
        ({"parent_path": "h/s"}, ["u:t"]),
        ({"parent_path": "/T/F\\/G/S"}, ["u:s"]),
        ({"parent_path": "/T/Odd"}, ["u:z"]),
        ({"parent_paths": ["F\\/G/S", "H/S"]}, ["u:s", "u:t"]),
        ({"parent_path": "H/S", "parent_id": "1"}, ["u:t"]),
    ],
    ids=["part", "whole", "placed by a path", "several", "id too"],
)
def test_paths_lead_to_items_of_the_file(tmp_path: Path, place: dict[str, Any], parents: list[str]):
    later = {"kind": "Field", "name": "Odd", "uri": "u:z", "parent_path": "/T"}
    lines = [{"kind": "Discipline", "name": "D", "uri": "u:d"} | place, *PATHED, later]
    items, report = plan_of(tmp_path, "\n".join(map(json.dumps, lines)), "own.ndjson")
    assert (items["u:d"].parents, report["problems"]) == (parents, {})


@pytest.mark.parametrize(
    "place",
    [{"parent_path": "S"}, {"parent_path": "/H/S"}, {"parent_path": "gone"}, {"parent_paths": ["gone"]},
     {"parent_id": "1"}, {"parent_ids": ["1", "2"]}],
)  # fmt: skip
def test_items_whose_parent_is_not_in_the_file_are_left_out_and_told(tmp_path: Path, place: dict[str, Any]):
    lines = [*PATHED, {"kind": "Discipline", "name": "D", "uri": "u:d"} | place]
    items, report = plan_of(tmp_path, "\n".join(map(json.dumps, lines)), "own.ndjson")
    assert "u:d" not in items
    assert (report["problems"], report["plan"]["dropped"]) == ({"unplaced": 1}, {"unplaced": 1})
    assert report["examples"]["unplaced"][0]["text"].startswith("line 6: the ")
    assert has_failed(report)


def entities(levels: int) -> str:
    made = '<!ENTITY l0 "lol">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f"<!DOCTYPE rdf:RDF [{made}]>"


@pytest.mark.parametrize(
    ("doctype", "used", "why"),
    [
        (entities(12), "&l11;", "made of other entities"),
        ('<!DOCTYPE rdf:RDF [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;", "leads out of the file"),
        ('<!DOCTYPE rdf:RDF [<!ENTITY % x PUBLIC "a" "http://127.0.0.1:9/">]>', "A", "leads out of the file"),
        (f'<!DOCTYPE rdf:RDF [<!ENTITY x "{"x" * 2000}">]>', "&x;", "longer than 1000 bytes"),
        (f'<!DOCTYPE rdf:RDF [<!-- {"x" * 70_000} -->]>', "A", "no end in the first 64 kB"),
        ("", "&eacute;", "&eacute; is not declared"),
        (f'<!DOCTYPE rdf:RDF [<!ENTITY x "{"x" * 900}">]>', "&x;" * 2_000_000, "hold no end of a statement"),
    ],
    ids=["laughs", "file", "parameter", "long", "endless", "html", "many"],
)  # fmt: skip
def test_hostile_entities_are_refused(tmp_path: Path, doctype: str, used: str, why: str):
    with pytest.raises(Invalid, match=why):
        plan_of(tmp_path, doctype + XML % used)


def test_entities_that_shorten_addresses_are_read_in_either_quotes(tmp_path: Path):
    doctype = (
        """<!DOCTYPE rdf:RDF [<!ENTITY ex 'http://example.org/'><!-- " --><!ENTITY who "me &amp; you">]>"""
    )
    text = f'<?xml version="1.0"?>{doctype}' + (XML % "&who;").replace("http://example.org/a", "&ex;z")
    assert plan_of(tmp_path, text)[0]["z"].name == "me & you"


class Endless:
    """A file that begins with a text and continues with one byte without end, up to a limit."""

    def __init__(self, start: bytes, filler: bytes, size: int) -> None:
        self._start, self._filler, self._left = start, filler, size
        self.given = 0

    def read(self, most: int) -> bytes:
        piece, self._start = (self._start or self._filler * (most // len(self._filler))), b""
        self._left -= len(piece)
        self.given += len(piece)
        return piece if self._left > 0 else b""

    def close(self) -> None:
        """As a file."""


@pytest.mark.parametrize(
    ("start", "format_"),
    [(b'<http://a> <http://b> "', Format.ntriples), (b'<http://a> <http://b> """', Format.turtle),
     ((XML % "A").partition("A<")[0].encode(), Format.rdfxml), (b'{"@id": "a:a", "b:b": "', Format.jsonld),
     (b"# ", Format.turtle), (b"<?xml version='1.0'?><!-- ", Format.rdfxml)],
    ids=["ntriples", "turtle", "rdfxml", "jsonld", "comment", "xml comment"],
)  # fmt: skip
def test_a_text_without_end_is_given_up(tmp_path: Path, start: bytes, format_: Format):
    from service.taxonomies.reading import rdf
    from service.taxonomies.reading.decoding import Decoded
    from service.taxonomies.staging import Staging

    raw = Endless(start, b"x" * 64, 1_000_000_000)
    file = packing.Unpacked("own", "", "", 1_000_000_000, raw, raw)  # type: ignore[arg-type]
    with Staging(tmp_path) as staging, pytest.raises(Invalid, match=r"hold no end|longer than|too long|Max"):
        rdf.read(Decoded(file), format_, staging)
    assert raw.given < 60_000_000


def test_a_literal_of_over_a_megabyte_is_left_out_and_counted(tmp_path: Path):
    text = TURTLE + f' :a skos:note "{"x" * 1_200_000}" .'
    items, report = plan_of(tmp_path, text)
    assert "note" not in items["a"].properties
    assert report["problems"] == {"too_large": 1}


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packing, "RATIO_COUNTS_FROM", 1_000_000)
    line = b"<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n"
    for pack in (gzip.compress, zipped("a.nt"), lzma.compress):
        with pytest.raises(Invalid, match="no vocabulary shrinks like that"):
            plan_of(tmp_path, pack(line * 60_000))


def test_deep_json_and_broken_lists_are_refused(tmp_path: Path):
    deep = '[{"code": "1", "label": "A"}, ' + '{"a":' * 50_000 + "1" + "}" * 50_000 + "]"
    for text in (deep, '[{"code": "1", "label": "A"}, 7]', '[{"code": "1", "label": "A"}, {"code": '):
        with pytest.raises(Invalid, match=r"entry 2|cut off"):
            plan_of(tmp_path, text)
