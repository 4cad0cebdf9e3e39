"""Exports are read back by glan and by rdflib: the same concepts, the same statements, the same bytes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import rdflib
from exporting import exported, read_back, shown
from rdflib.namespace import DCTERMS, OWL, RDF, SKOS
from rdflib.term import Node
from vocabularies import PREFIXES, planned

from graph.model import Kind
from graph.taxonomy.told import imported
from service.taxonomies.checking import checked
from service.taxonomies.options import Options
from service.taxonomies.planning.items import PlannedItem

SYNTAXES = {"turtle": "turtle", "rdfxml": "xml", "jsonld": "json-ld", "ntriples": "nt"}
THESAURUS = (
    PREFIXES
    + """
:scheme a skos:ConceptScheme ; dct:title "Crafts"@en ; skos:hasTopConcept :glass, :wood .
:glass a skos:Concept ; skos:prefLabel "Glass"@en, "Glas"@de ; skos:inScheme :scheme ;
  skos:definition "Molten sand."@en ; skos:notation "1", "G"^^<http://example.org/types/letter> .
:blowing a skos:Concept ; skos:prefLabel "Glass blowing"@en ; skos:altLabel "Blowing"@en, "Glass blowing"@en ;
  skos:hiddenLabel "Glas blowing"@en ; skos:broader :glass, :top ; skos:inScheme :scheme ;
  skos:exactMatch <http://other.org/1> ; skos:relatedMatch <http://other.org/2> ;
  skos:note "A \\"quoted\\" note\\nin lines"@en-gb ; skos:related :carving, <http://other.org/3> ;
  dct:creator [ rdfs:label "Somebody" ; dct:date "2020" ] ; dct:subject :x1 .
:top a skos:Concept ; skos:prefLabel "Hot work"@en ; skos:broader :glass ; skos:inScheme :scheme .
:wood a skos:Concept ; skos:prefLabel "Wood"@en ; skos:inScheme :scheme .
:carving a skos:Concept ; skos:prefLabel "Carving"@en ; skos:broader :wood ; skos:inScheme :scheme .
:bank1 a skos:Concept ; skos:prefLabel "Bench"@en ; skos:broader :wood ; skos:inScheme :scheme .
:bank2 a skos:Concept ; skos:prefLabel "Bench"@en ; skos:broader :wood ; skos:inScheme :scheme .
:c_77 a skos:Concept ; skos:broader :wood ; skos:inScheme :scheme .
:blowing skos:broader :glass . :gold a skos:Concept ; skos:prefLabel "Or"@fr ; skos:broader :wood, :glass ;
  skos:inScheme :scheme .
"""
)


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> list[PlannedItem]:
    """A small thesaurus with most of what vocabularies do."""
    folder = tmp_path_factory.mktemp("thesaurus")
    (folder / "crafts.ttl").write_text(THESAURUS)
    with checked([str(folder / "crafts.ttl")], Options(), folder) as found:
        return list(found.plan.items())


# rdflib warns of a class that its own reader of JSON-LD uses.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


def graph(text: bytes, format_: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=text, format=SYNTAXES[format_])


@pytest.mark.parametrize("format_", [*SYNTAXES, "csv", "ndjson"])
def test_read_back_it_is_the_same_and_so_are_the_bytes(
    items: list[PlannedItem], tmp_path: Path, format_: str
):
    text = exported(items, tmp_path, format_)
    assert exported(items, tmp_path, format_, seed="z") == text
    again, report = read_back(text, tmp_path)
    expected = shown(items)
    if format_ in SYNTAXES:
        # A text that is the preferred label already is not written as an alternative one (S13).
        expected["http://example.org/blowing"][-1]["altLabel_en"].remove("Glass blowing")
    assert shown(again) == expected
    assert not {"syntax", "lost_statements", "dangling", "orphan"} & report["problems"].keys()
    assert exported(again, tmp_path, format_, seed="m") == text


@pytest.mark.parametrize("format_", SYNTAXES)
def test_every_statement_is_there_for_another_reader(items: list[PlannedItem], tmp_path: Path, format_: str):
    """All but a label that is the preferred one already (S13), and names of blank nodes."""
    before = rdflib.Graph().parse(data=THESAURUS, format="turtle")
    after = graph(exported(items, tmp_path, format_), format_)
    plain = {
        (s, p, _lowered(o))
        for s, p, o in before
        if isinstance(s, rdflib.URIRef) and not isinstance(o, rdflib.BNode)
    }
    lost = plain - {(s, p, _lowered(o)) for s, p, o in after}
    assert [(p, str(o)) for _, p, o in lost] == [(SKOS.altLabel, "Glass blowing")]
    [creator] = after.objects(None, DCTERMS.creator)
    assert {str(value) for value in after.objects(creator)} == {"Somebody", "2020"}


def _lowered(term: Node) -> Node:
    if isinstance(term, rdflib.Literal) and term.language:
        return rdflib.Literal(str(term), lang=term.language.lower())
    return term


@pytest.mark.parametrize("format_", SYNTAXES)
def test_integrity_conditions_of_skos(items: list[PlannedItem], tmp_path: Path, format_: str):
    found = graph(exported(items, tmp_path, format_), format_)
    concepts, schemes = (
        set(found.subjects(RDF.type, SKOS.Concept)),
        set(found.subjects(RDF.type, SKOS.ConceptScheme)),
    )
    assert concepts
    assert not concepts & schemes  # S9
    for concept in concepts:
        labels = [set(found.objects(concept, p)) for p in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel)]
        assert labels[0], "each concept has a preferred label"
        languages = [label.language for label in labels[0] if isinstance(label, rdflib.Literal)]
        assert len(languages) == len(set(languages))  # S14
        assert len(set.union(*labels)) == sum(map(len, labels))  # S13
        above = set(found.transitive_objects(concept, SKOS.broader)) - {concept}
        assert not above & set(found.objects(concept, SKOS.related))  # S27
        exact = set(found.objects(concept, SKOS.exactMatch))
        assert not exact & {
            *found.objects(concept, SKOS.broadMatch),
            *found.objects(concept, SKOS.relatedMatch),
        }
        assert set(found.objects(concept, SKOS.inScheme)) == schemes
        assert set(found.objects(concept, SKOS.broader)) == set(found.subjects(SKOS.narrower, concept))
        assert set(found.objects(concept, SKOS.topConceptOf)) == set(
            found.subjects(SKOS.hasTopConcept, concept)
        )
        assert above or set(found.objects(concept, SKOS.topConceptOf))
    assert set(found.subject_objects(SKOS.related)) >= {
        (b, a) for a, b in found.subject_objects(SKOS.related) if b in concepts
    }


def test_what_was_edited_since_is_written_in_place(items: list[PlannedItem], tmp_path: Path):
    edited = [PlannedItem(**vars(item)) for item in items]
    for item in edited:
        if item.name == "Glass":
            before = imported({"name": item.name, "description": item.description or None}, ())
            item.name, item.description, item.properties = (
                "Glassware",
                "Vessels.",
                item.properties | {"size": 2, "imported": before},
            )
    found = graph(exported(edited, tmp_path, "turtle"), "turtle")
    glass = rdflib.URIRef("http://example.org/glass")
    assert set(found.objects(glass, SKOS.prefLabel)) == {
        rdflib.Literal("Glassware", lang="en"), rdflib.Literal("Glas", lang="de")
    }  # fmt: skip
    assert list(found.objects(glass, SKOS.definition)) == [rdflib.Literal("Vessels.", lang="en")]
    again, _ = read_back(exported(edited, tmp_path, "turtle"), tmp_path)
    assert {item.name: item.properties.get("size") for item in again}["Glassware"] == 2


SPECIAL = (
    PREFIXES
    + """
@prefix mads: <http://www.loc.gov/mads/rdf/v1#> .
@prefix old: <http://www.w3.org/2008/05/skos#> .
:s a skos:ConceptScheme ; skos:prefLabel "Waters"@en .
:sea a skos:Concept ; skos:inScheme :s ; old:prefLabel "Seas"@en .
:lake a skos:Concept ; skos:inScheme :s ; skos:prefLabel "Lakes"@en ; iso:narrowerPartitive :reef .
:reef a skos:Concept ; skos:inScheme :s ; mads:authoritativeLabel "Reefs"@en ; iso:broaderGeneric :sea ;
  mads:definitionNote "Of coral"@en ; xl:altLabel :l1 , :l2 ; mads:hasReciprocalAuthority :sea .
:l1 xl:literalForm "Banks"@en . :l2 xl:literalForm "Bars"@en .
"""
)
SAID = {
    "name": ("authoritativeLabel", '"Reefs"'),
    "description": ("definitionNote", "Of coral"),
    "parents": ("broaderGeneric", "narrowerPartitive"),
    "labels": ("Bars", "example.org/l2"),
}


@pytest.mark.parametrize("edited", SAID)
def test_special_words_for_labels_and_places_say_what_is_so(tmp_path: Path, edited: str):
    with planned(tmp_path, SPECIAL) as found:
        items = list(found.plan.items())
    before = exported(items, tmp_path, "turtle")
    assert all(text in before.decode() for texts in SAID.values() for text in texts)
    [reef] = [item for item in items if item.name == "Reefs"]
    told = imported({"name": reef.name, "description": reef.description}, ())
    reef.properties = reef.properties | {"imported": told}
    if edited == "name":
        reef.name = "Coral reefs"
    elif edited == "description":
        reef.description = "Of rock"
    elif edited == "parents":
        [sea] = [item.ref for item in items if item.name == "Seas"]
        reef.parents = [sea]
    else:
        reef.properties["altLabel_en"] = ["Banks"]
    text = exported(items, tmp_path, "turtle")
    gone = SAID[edited][1:] if edited == "parents" else SAID[edited]
    kept = [one for texts in SAID.values() for one in texts if one not in gone]
    assert [one for one in gone if one in text.decode()] == []
    assert [one for one in kept if one not in text.decode()] == []
    again, report = read_back(text, tmp_path)
    assert not report["problems"]
    [back] = [item for item in again if item.uri == reef.uri]
    assert (back.name, back.description, back.parents, back.properties["altLabel_en"]) == (
        reef.name, reef.description, reef.parents, reef.properties["altLabel_en"]
    )  # fmt: skip


@pytest.mark.parametrize("format_", SYNTAXES)
def test_blank_nodes_and_datatypes_are_the_same_after_a_round(tmp_path: Path, format_: str):
    text = (
        PREFIXES
        + """
    :a a skos:Concept ; skos:prefLabel "A"@en ; skos:example [ :is "ex" ; dct:source [ rdfs:label "x" ] ] ;
      skos:definition "As it is" , [ :is "def" ; dct:source [ rdfs:label "y" ] ] ;
      skos:note "<p>x</p>"^^:html , "plain" ; skos:historyNote "2020-01-01"^^:date .
    """
    )
    with planned(tmp_path, text) as found:
        items = list(found.plan.items())
    first = exported(items, tmp_path, format_)
    again, report = read_back(first, tmp_path)
    assert (exported(again, tmp_path, format_), "lost_statements" in report["problems"]) == (first, False)
    written = graph(first, format_)
    notes = {(str(o), str(o.datatype or "")) for o in written.objects(None, SKOS.note)
             if isinstance(o, rdflib.Literal)}  # fmt: skip
    assert notes == {("<p>x</p>", "http://example.org/html"), ("plain", "")}
    [item] = [item for item in items if item.name == "A"]
    item.properties = item.properties | {"note": ["plain"]}
    assert b"<p>" not in exported(items, tmp_path, "turtle")


def test_what_a_node_took_over_is_said_of_it(tmp_path: Path):
    line = '<http://example.org/merged> <http://purl.org/dc/terms/creator> "Somebody" .'
    items = made_by_hand()
    items[2] = replace(items[2], uri="http://example.org/pots", properties={"rdf": [line]})
    written = graph(exported(items, tmp_path, "turtle"), "turtle")
    assert [str(s) for s in written.subjects(DCTERMS.creator)] == ["http://example.org/pots"]


def made_by_hand() -> list[PlannedItem]:
    free = {"a b": [1, 2], "tools": ["anvil", "forge"], "n": 2.5, "yes": True, "text": "a\tb", "1": "one"}
    return [
        PlannedItem("t", "", "Trades", Kind.Taxonomy),
        PlannedItem("f", "", "Crafts", Kind.Field, ["t"], description="By hand"),
        PlannedItem("d", "", "Pottery", Kind.Discipline, ["f"], fields={"weight": 2.0}, properties=free),
        PlannedItem("p", "", "Weaving", Kind.Discipline, ["f"], status="proposed", fields={"position": 0}),
    ]


@pytest.mark.parametrize("format_", [*SYNTAXES, "csv", "ndjson"])
def test_nodes_made_by_hand(tmp_path: Path, format_: str):
    text = exported(made_by_hand(), tmp_path, format_)
    again, report = read_back(text, tmp_path)
    assert report["plan"]["kinds"] == {"Taxonomy": 1, "Field": 1, "Discipline": 2}
    by_name = {item.name: item for item in again}
    [pottery] = [item for item in made_by_hand() if item.name == "Pottery"]
    kept = {name: by_name["Pottery"].properties[name] for name in pottery.properties}
    assert (kept, float(by_name["Pottery"].fields["weight"])) == (pottery.properties, 2)
    assert by_name["Weaving"].status == "proposed"
    assert by_name["Crafts"].description == "By hand"
    assert exported(again, tmp_path, format_) == text


def test_addresses_are_made_of_ids_and_a_language_can_be_said(tmp_path: Path):
    text = exported(made_by_hand(), tmp_path, "ntriples", base="http://own.org/", languages=("en",)).decode()
    assert '<http://own.org/a000002> <http://www.w3.org/2004/02/skos/core#prefLabel> "Crafts"@en .' in text
    assert "urn:glan:a00" not in text


def test_position_comes_before_the_name(tmp_path: Path):
    lines = exported(made_by_hand(), tmp_path, "ndjson").splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Trades", "Crafts", "Weaving", "Pottery"]


def test_only_some_languages(items: list[PlannedItem], tmp_path: Path):
    found = graph(exported(items, tmp_path, "turtle", languages=("de",)), "turtle")
    tags = {o.language for o in found.objects() if isinstance(o, rdflib.Literal) and o.language}
    assert tags == {"de", "en"}, "en is left in the title of the scheme alone"
    assert all(s == rdflib.URIRef("http://example.org/scheme") for s, _, o in found
               if isinstance(o, rdflib.Literal) and o.language == "en")  # fmt: skip


def test_mappings_as_sssom(items: list[PlannedItem], tmp_path: Path):
    lines = exported(items, tmp_path, "sssom").decode().splitlines()
    head = [line for line in lines if line.startswith("#")]
    assert head[0] == "#curie_map:"
    assert '#  n1: "http://example.org/"' in head
    assert lines[len(head)].split("\t")[:3] == ["subject_id", "subject_label", "predicate_id"]
    assert [line.split("\t")[1:4] for line in lines[len(head) + 1 :]] == [
        ["Glass blowing", "skos:exactMatch", "n2:1"], ["Glass blowing", "skos:relatedMatch", "n2:2"]
    ]  # fmt: skip


def test_deprecated_ones_say_so(tmp_path: Path):
    retired = [*made_by_hand(), PlannedItem("r", "", "Thatching", Kind.Discipline, ["f"], status="retired")]
    found = graph(exported(retired, tmp_path, "turtle", which="all"), "turtle")
    [old] = found.subjects(OWL.deprecated, rdflib.Literal(True))
    assert str(next(found.objects(old, SKOS.prefLabel))) == "Thatching"
