"""What vocabularies become: kinds, places, names, what is left out and why."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vocabularies import PREFIXES, plan_of, planned, shown, turtle

from graph.errors import Invalid
from graph.model import Kind, Status
from service.taxonomies.options import Below, Deprecated, KeyBy, Leaf, OnCycle, Top

pytestmark = pytest.mark.slow

TREE = """
:s a skos:ConceptScheme ; dct:title "Crafts"@en ; dct:description "All of them"@en ; skos:hasTopConcept :f .
:f a skos:Concept ; skos:prefLabel "Glass"@en .
:b a skos:Concept ; skos:prefLabel "Blowing"@en ; skos:broader :f .
:c a skos:Concept ; skos:prefLabel "Cutting"@en ; skos:broader :b .
"""


def concepts(*names: str) -> str:
    return "".join(f':{name} a skos:Concept ; skos:prefLabel "{name.upper()}"@en .\n' for name in names)


def test_top_inner_and_leaf_become_field_subfield_and_discipline(tmp_path: Path):
    items, report = turtle(tmp_path, TREE)
    assert shown(items) == {
        "f": ("Field", "Glass", ["s"]), "b": ("Subfield", "Blowing", ["f"]),
        "c": ("Discipline", "Cutting", ["b"]),
    }  # fmt: skip
    taxonomy = items["s"]
    assert (taxonomy.kind, taxonomy.name, taxonomy.uri) == (Kind.Taxonomy, "Crafts", "http://example.org/s")
    assert (
        '<http://example.org/s> <http://purl.org/dc/terms/description> "All of them"@en .'
        in (taxonomy.properties["rdf"])
    )
    assert report["problems"] == {}
    assert report["plan"]["key"] == "uri"


def test_narrower_counts_as_broader_does_and_needs_no_type(tmp_path: Path):
    items, _ = turtle(
        tmp_path, ':a a skos:Concept ; skos:prefLabel "A" ; skos:narrower :b . :b skos:prefLabel "B" .'
    )
    assert shown(items)["b"] == ("Discipline", "B", ["a"])


def test_special_broaders_count_and_mappings_do_not(tmp_path: Path):
    text = (
        concepts("a", "b", "c", "d")
        + """
    :b iso:broaderPartitive :a . :mine rdfs:subPropertyOf skos:broader . :c :mine :b . :d skos:broadMatch :c .
    """
    )
    items, report = turtle(tmp_path, text)
    assert shown(items)["c"] == ("Discipline", "C", ["b"])
    assert shown(items)["d"][0] == "Discipline"
    assert items["d"].properties["broadMatch"] == ["http://example.org/c"]
    assert "broaderPartitive" in items["b"].properties["rdf"][0]
    assert report["problems"] == {"lost_statements": 1}


def test_transitive_broader_counts_where_there_is_no_other(tmp_path: Path):
    text = (
        concepts("a", "b", "c")
        + ":b skos:broaderTransitive :a . :c skos:broader :b ; skos:broaderTransitive :a ."
    )
    items, _ = turtle(tmp_path, text)
    assert (shown(items)["b"][2], shown(items)["c"][2]) == (["a"], ["b"])


def test_a_subject_leaf_makes_disciplines_above_it_and_never_a_place_that_cannot_be(tmp_path: Path):
    text = (
        concepts("f", "g", "d", "u", "v")
        + """
    :g skos:broader :f . :d skos:broader :g . :u skos:broader :d . :v skos:broader :d , :g .
    """
    )
    items, _ = turtle(tmp_path, text, leaf=Leaf.subject, keep_redundant=True)
    assert {end: kind for end, (kind, _, _) in shown(items).items()} == {
        "f": "Field", "g": "Subfield", "d": "Subfield", "u": "Discipline", "v": "Discipline"
    }  # fmt: skip
    items, report = turtle(tmp_path, text, leaf=Leaf.subject)
    assert shown(items)["v"] == ("Subject", "V", ["d"])
    assert items["v"].properties["broaderRedundant"] == ["http://example.org/g"]
    assert report["problems"] == {"redundant": 1}


def test_concepts_alone_at_the_top_get_a_field(tmp_path: Path):
    items, _ = turtle(tmp_path, concepts("a", "b"), field="Words")
    made = [item for item in items.values() if item.kind is Kind.Field]
    assert [(item.name, item.is_made) for item in made] == [("Words", True)]
    assert items["a"].parents == items["b"].parents == [made[0].ref]


def test_cycles_are_broken_where_the_walk_from_the_top_closes(tmp_path: Path):
    text = (
        concepts("t", "a", "b", "c")
        + """
    :t skos:topConceptOf :s . :a skos:broader :t , :c . :b skos:broader :a . :c skos:broader :b , :c .
    """
    )
    items, report = turtle(tmp_path, text)
    assert [shown(items)[end][2] for end in "abc"] == [["t"], ["a"], ["b"]]
    assert report["problems"] == {"cycle": 1, "self_broader": 1}
    assert "A <http://example.org/a> stands under C" in report["examples"]["cycle"][0]["text"]
    with pytest.raises(Invalid, match=r"A <http://example.org/a> stands under C"):
        turtle(tmp_path, text, on_cycle=OnCycle.refuse)


def test_an_island_is_opened_at_its_lowest_uri_or_at_its_top_concept(tmp_path: Path):
    ring = concepts("a", "b", "c") + ":a skos:broader :c . :b skos:broader :a . :c skos:broader :b ."
    items, report = turtle(tmp_path, ring)
    assert shown(items)["a"][0] == "Field"
    assert report["problems"] == {"cycle": 1, "island": 1}
    items, report = turtle(tmp_path, ring + ":b skos:topConceptOf :s .")
    assert (shown(items)["b"][0], report["problems"]) == ("Field", {"cycle": 1})


def test_three_thousand_levels(tmp_path: Path):
    text = concepts("c0") + "".join(
        f':c{n} a skos:Concept ; skos:prefLabel "{n}"@en ; skos:broader :c{n - 1} .\n' for n in range(1, 3000)
    )
    items, report = turtle(tmp_path, text)
    assert report["plan"]["depth"] == 3000
    assert shown(items)["c2999"][0] == "Discipline"


def test_depth_cuts_into_topics_subjects_or_nothing(tmp_path: Path):
    text = concepts("f", "d", "t", "u") + ":d skos:broader :f . :t skos:broader :d . :u skos:broader :t ."
    items, report = turtle(tmp_path, text, depth=2)
    assert items["d"].properties["topics"] == ["T", "U"]
    assert report["plan"]["dropped"] == {"depth": 2}
    items, report = turtle(tmp_path, text, depth=2, below=Below.subjects)
    assert [shown(items)[end] for end in "dtu"] == [
        ("Discipline", "D", ["f"]), ("Subject", "T", ["d"]), ("Subject", "U", ["d"])
    ]  # fmt: skip
    items, report = turtle(tmp_path, text, depth=2, below=Below.drop)
    assert "topics" not in items["d"].properties
    assert report["plan"]["dropped"] == {"depth": 2}


def test_names_follow_the_languages_asked_for(tmp_path: Path):
    text = ':a a skos:Concept ; skos:prefLabel "Glas"@de , "Verre"@fr , "Glass"@en-GB .'
    assert turtle(tmp_path, text)[0]["a"].name == "Glass"
    assert turtle(tmp_path, text, languages=("it", "fr"))[0]["a"].name == "Verre"
    items, report = turtle(tmp_path, text, languages=("it",))
    assert (items["a"].name, report["problems"]) == ("Glas", {"no_language": 1})
    assert items["a"].properties["prefLabel_en_gb"] == "Glass"
    assert turtle(tmp_path, ':a a skos:Concept ; skos:prefLabel "Glas"@de .')[1]["plan"]["languages"] == [
        "de"
    ]


@pytest.mark.parametrize("nothing", ["", " ", "\u200b", "\u00ad"])
def test_a_label_that_cannot_be_seen_hides_no_other(tmp_path: Path, nothing: str):
    text = f':a a skos:Concept ; skos:prefLabel "{nothing}"@en , "Hund"@de , "{nothing}" . '
    text += f':s a skos:ConceptScheme ; dct:title "{nothing}"@en , "Tiere"@de . :a skos:inScheme :s .'
    items, report = turtle(tmp_path, text)
    assert (items["a"].name, items["s"].name) == ("Hund", "Tiere")
    assert "nameMissing" not in items["a"].properties
    assert "no_label" not in report["problems"]


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (('"Dog" , "Hund"@de', '"Cat" , "Katze"@de'), ("Dog", "Cat")),
        (('"Dog" , "Canis"@la', '"Cat"'), ("Dog", "Cat")),
        (('"Dog" , "Hound"@en', '"Cat"'), ("Hound", "Cat")),
        (('"x" , "Hund"@de', '"Katze"@de'), ("Hund", "Katze")),
    ],
    ids=["as common", "commonest", "english", "rarer"],
)
def test_labels_without_a_language_count_after_english(
    tmp_path: Path, labels: tuple[str, ...], names: tuple[str, ...]
):
    said = zip("ab", labels, strict=True)
    items, _ = turtle(
        tmp_path, "".join(f":{c} a skos:Concept ; skos:prefLabel {some} .\n" for c, some in said)
    )
    assert (items["a"].name, items["b"].name) == names


def test_labels_of_skos_xl_stand_in_for_plain_ones(tmp_path: Path):
    text = ':a a skos:Concept ; xl:prefLabel :l ; xl:altLabel [ xl:literalForm "Corn"@en ] . '
    text += ':l xl:literalForm "Maize"@en .'
    items, report = turtle(tmp_path, text)
    assert (items["a"].name, items["a"].properties["altLabel_en"]) == ("Maize", ["Corn"])
    assert report["problems"] == {}
    assert sum("literalForm" in line for line in items["a"].properties["rdf"]) == 2


def test_two_preferred_labels_and_none(tmp_path: Path):
    text = ':a a skos:Concept ; skos:prefLabel "Glue"@en , "Adhesive"@en . '
    text += ':b a skos:Concept ; skos:notation "7" . :c a skos:Concept .'
    items, report = turtle(tmp_path, text)
    assert [items[end].name for end in "abc"] == ["Adhesive", "7", "c"]
    assert items["a"].properties["altLabel_en"] == ["Glue"]
    assert items["c"].properties["nameMissing"] is True
    assert report["problems"] == {"no_label": 2, "two_prefLabels": 1}


def test_names_lose_what_cannot_be_seen_and_formulas_their_dollars(tmp_path: Path):
    text = r':a a skos:Concept ; skos:prefLabel "$K$-theory\u200B\u00AD"@en . '
    text += ':b a skos:Concept ; skos:prefLabel "A$ and US$"@en .'
    items, _ = turtle(tmp_path, text)
    assert [items[end].name for end in "ab"] == ["K-theory", "A$ and US$"]
    assert items["a"].properties["prefLabel_en"].startswith("$K$")
    long = "x" * 3000
    items, report = turtle(tmp_path, f':a a skos:Concept ; skos:prefLabel "{long}"@en .')
    assert (items["a"].name, items["a"].properties["prefLabel_en"]) == (long[:1000], long)
    assert report["problems"] == {"too_long": 1}


def test_homonyms_under_one_parent_stay_two(tmp_path: Path):
    text = (
        concepts("f", "g")
        + """
    :a a skos:Concept ; skos:prefLabel "Bank"@en ; skos:notation "1" ; skos:broader :f .
    :b a skos:Concept ; skos:prefLabel "bank"@en ; skos:notation "2.1" ; skos:broader :f .
    :c a skos:Concept ; skos:prefLabel "Bank"@en ; skos:broader :f , :g .
    :d a skos:Concept ; skos:prefLabel "Bank"@en ; skos:broader :f .
    :e a skos:Concept ; skos:prefLabel "Bank"@en ; skos:broader :g .
    """
    )
    items, report = turtle(tmp_path, text)
    assert [items[end].name for end in "abcde"] == ["Bank", "bank (2.1)", "Bank (G)", "Bank (2)", "Bank (3)"]
    assert items["b"].properties["prefLabel_en"] == "bank"
    assert report["problems"] == {"homonym": 4}


def test_deprecated_concepts_are_left_out_unless_something_stands_under_them(tmp_path: Path):
    text = (
        concepts("a", "b", "c", "d")
        + """
    :a owl:deprecated true . :b skos:broader :a .
    :c owl:deprecated true ; dct:isReplacedBy :b . :d owl:deprecated true ; skos:broader :c .
    """
    )
    items, report = turtle(tmp_path, text)
    assert shown(items).keys() == {"a", "b"}
    assert items["a"].properties["deprecated"] is True
    assert (report["plan"]["dropped"], report["problems"]) == ({"deprecated": 2}, {"deprecated": 1})
    items, _ = turtle(tmp_path, text, deprecated=Deprecated.retire)
    assert items["c"].status is Status.retired
    assert items["c"].properties["replacedBy"] == ["http://example.org/b"]


SCHEMES = (
    concepts("a", "b", "c")
    + """
:s a skos:ConceptScheme ; skos:prefLabel "First"@en . :t a skos:ConceptScheme ; skos:prefLabel "Second"@en .
:a skos:inScheme :s . :b skos:inScheme :t ; skos:broader :a . :c skos:broader :b .
"""
)


def test_several_schemes_are_several_taxonomies_or_fields(tmp_path: Path):
    _, report = turtle(tmp_path, SCHEMES)
    assert [taxonomy["name"] for taxonomy in report["taxonomies"]] == ["First", "Second"]
    items, report = turtle(tmp_path, SCHEMES, top=Top.schemes)
    assert [taxonomy["name"] for taxonomy in report["taxonomies"]] == ["own"]
    assert (items["s"].kind, items["s"].name) == (Kind.Field, "First")
    assert (shown(items)["a"][2], report["plan"]["dropped"]) == (["s"], {"empty": 1})


def test_a_taxonomy_in_which_nothing_stands_is_told(tmp_path: Path):
    text = concepts("a", "b", "c") + ":a skos:inScheme :s . :b skos:inScheme :t ; skos:broader :a . :c %s ."
    in_s, in_t = "skos:inScheme :s ; skos:broader :a", "skos:inScheme :t"
    _, report = turtle(tmp_path, text % in_s)
    assert [(one["uri"][-1], one["text"][:1]) for one in report["examples"]["empty"]] == [("t", "t")]
    assert "empty" not in turtle(tmp_path, text % in_t)[1]["problems"]


def test_one_scheme_is_chosen_by_its_uri_or_label(tmp_path: Path):
    for chosen in ("second", "http://example.org/t"):
        items, report = turtle(tmp_path, SCHEMES, schemes=(chosen,))
        assert shown(items).keys() == {"b", "c"}
        assert (report["problems"], report["plan"]["dropped"]) == ({"dangling": 1}, {"other_scheme": 1})
    with pytest.raises(Invalid, match=r"it has: First <http://example.org/s>; Second"):
        turtle(tmp_path, SCHEMES, schemes=("Third",))


def test_a_scheme_within_another_is_told(tmp_path: Path):
    text = concepts("a", "b") + ":a skos:inScheme :s . :b skos:inScheme :s , :t ."
    _items, report = turtle(tmp_path, text)
    assert len(report["taxonomies"]) == 1
    assert report["plan"]["dropped"] == {"scheme": 1}


GROUPS = (
    concepts("a", "b", "c")
    + """
:k a skos:Collection ; skos:prefLabel "Kitchen"@en ; skos:member :a , :b .
:l a skos:OrderedCollection ; skos:prefLabel "List"@en ; skos:memberList ( :c :a ) . :b skos:broader :a .
"""
)


def test_collections_are_counted_or_stand_at_the_top(tmp_path: Path):
    items, report = turtle(tmp_path, GROUPS)
    assert (shown(items).keys(), report["plan"]["dropped"]) == ({"a", "b", "c"}, {"collection": 2})
    items, report = turtle(tmp_path, GROUPS, top=Top.collections)
    assert [shown(items)[end][2] for end in "abc"] == [["k", "l"], ["a"], ["l"]]
    assert items["k"].kind is Kind.Field
    assert report["plan"]["dropped"] == {}


@pytest.mark.parametrize(
    ("lists", "order"),
    [
        ((":c :a :b",), ["c", "a", "b"]),
        ((":b :a", ":c"), ["b", "a", "c"]),
        ((":c :c :b",), ["c", "b"]),
        ((":gone :b :a",), ["b", "a"]),
    ],
    ids=["one", "two", "twice", "not there"],
)
def test_members_of_ordered_collections_have_their_order(
    tmp_path: Path, lists: tuple[str, ...], order: list[str]
):
    text = concepts("a", "b", "c") + "".join(
        f':k{n} a skos:OrderedCollection ; skos:prefLabel "K{n}"@en ; skos:memberList ( {some} ) .\n'
        for n, some in enumerate(lists)
    )
    items, _ = turtle(tmp_path, text, top=Top.collections)
    members = [
        end for end, (kind, _, above) in shown(items).items() if kind == "Discipline" and above[0][0] == "k"
    ]
    assert members == order


def test_a_list_without_an_end_is_read_once(tmp_path: Path):
    text = concepts("a", "b") + ":k a skos:OrderedCollection ; skos:memberList _:x . "
    text += "_:x rdf:first :b ; rdf:rest _:y . _:y rdf:first :a ; rdf:rest _:x ."
    text = f"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . {text}"
    assert [*shown(turtle(tmp_path, text, top=Top.collections)[0])] == ["k", "b", "a"]


def test_what_is_not_described_is_told_and_its_children_are_roots(tmp_path: Path):
    items, report = turtle(tmp_path, concepts("a") + ":a skos:broader :gone ; skos:narrower :too .")
    assert shown(items).keys() == {"a"}
    assert report["problems"] == {"dangling": 2}


def test_orphans_are_told_where_a_scheme_names_its_top(tmp_path: Path):
    _, report = turtle(tmp_path, TREE + concepts("o") + ":o skos:inScheme :s .")
    assert report["problems"] == {"orphan": 1}


def test_everything_said_of_a_concept_is_kept(tmp_path: Path):
    text = """
    :a a skos:Concept ; skos:prefLabel "A"@en ; skos:altLabel "Aa" , "Aaa"@de ; skos:hiddenLabel "Ah"@en ;
       skos:notation "1" , "384"^^:iso3166 ;
       skos:definition "Erst"@de , "First"@en ; skos:scopeNote "Scope"@en ;
       skos:exactMatch <http://other.org/a> ; skos:related :b , <http://other.org/c> ;
       dct:created "2020" ; dct:creator [ rdfs:label "Somebody" ] .
    :b a skos:Concept ; skos:prefLabel "B"@en ; skos:related :a .
    """
    items, report = turtle(tmp_path, text)
    found = items["a"]
    assert (found.description, found.notation) == ("First", ["1", "384^^iso3166"])
    assert (found.related, items["b"].related) == ([], ["http://example.org/a"])
    assert found.properties == {
        "prefLabel_en": "A", "altLabel": ["Aa"], "altLabel_de": ["Aaa"], "hiddenLabel_en": ["Ah"],
        "definition_de": ["Erst"], "definition_en": ["First"], "scopeNote_en": ["Scope"],
        "exactMatch": ["http://other.org/a"], "related": ["http://other.org/c"],
        "rdf": [
            "<http://example.org/a> <http://www.w3.org/2004/02/skos/core#notation> "
            '"384"^^<http://example.org/iso3166> .',
            '<http://example.org/a> <http://purl.org/dc/terms/created> "2020" .',
            "<http://example.org/a> <http://purl.org/dc/terms/creator> _:b0 .",
            '_:b0 <http://www.w3.org/2000/01/rdf-schema#label> "Somebody" .',
        ],
    }  # fmt: skip
    assert report["problems"] == {}


def test_statements_that_are_too_many_or_too_deep_are_counted(tmp_path: Path):
    text = ':a a skos:Concept ; skos:prefLabel "A"@en ; :p [ :p [ :p [ :p [ :p 1 ] ] ] ] ; :q ' + ", ".join(
        f'"{n:0500}"' for n in range(200)
    )
    items, report = turtle(tmp_path, text + " .")
    assert report["problems"]["lost_statements"] > 50
    kept = sum(len(line) for line in items["a"].properties["rdf"])
    assert 60_000 < kept <= 64_000


def test_children_keep_the_order_of_the_file(tmp_path: Path):
    text = concepts("f") + "".join(
        f':{name} a skos:Concept ; skos:prefLabel "{name}"@en ; skos:broader :f .\n' for name in "zqabm"
    )
    items, _ = turtle(tmp_path, text)
    assert list(shown(items)) == ["f", *"zqabm"]


def test_concepts_without_uris_are_known_by_notation_or_path(tmp_path: Path):
    text = '[] a skos:Concept ; skos:prefLabel "A" ; skos:notation "1" . '
    text += '[] a skos:Concept ; skos:prefLabel "B" ; skos:notation "%s" .'
    assert turtle(tmp_path, text % "2")[1]["plan"]["key"] == "notation"
    assert turtle(tmp_path, text % "1")[1]["plan"]["key"] == "path"
    assert turtle(tmp_path, text % "2", key=KeyBy.path)[1]["plan"]["key"] == "path"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("1", "2"), {"b": "uri", "N": "notation", "M": "notation", "O": "path"}),
        (("1", "1"), {"b": "uri", "N": "path", "M": "path", "O": "path"}),
    ],
    ids=["codes of their own", "one code for two"],
)
def test_each_concept_is_known_by_the_best_that_it_has(
    tmp_path: Path, codes: tuple[str, str], expected: dict[str, str]
):
    text = concepts("a", "b") + "".join(
        f'[] a skos:Concept ; skos:broader :a ; skos:prefLabel "{name}" {code} .\n'
        for name, code in zip("NMO", [*(f'; skos:notation "{code}"' for code in codes), ""], strict=True)
    )
    items, report = turtle(tmp_path, text + ":b skos:broader :a .")
    assert {item.name.lower() if item.uri else item.name: item.key for item in items.values()
            if item.kind is Kind.Discipline} == expected  # fmt: skip
    assert report["plan"]["key"] == "uri" or report["plan"]["keys"]["path"] == 3
    assert sum(report["plan"]["keys"].values()) == 5


def test_names_that_are_skipped(tmp_path: Path):
    text = (
        ':a a skos:Concept ; skos:prefLabel "Fuzzy logic--Congresses"@en . '
        + concepts("b")
        + ":b skos:broader :a ."
    )
    items, report = turtle(tmp_path, text, skip=("--",))
    assert shown(items).keys() == {"b"}
    assert (report["plan"]["dropped"], report["problems"]) == ({"skip": 1}, {"dangling": 1})


def test_a_concept_has_at_most_the_parents_that_the_service_takes(tmp_path: Path):
    parents = [f"p{n:03}" for n in range(300)]
    text = concepts("a", *parents) + f":a skos:broader {', '.join(f':{p}' for p in parents)} ."
    items, report = turtle(tmp_path, text)
    assert len(items["a"].parents) == 100
    assert report["problems"] == {"too_large": 1}


@pytest.mark.parametrize(
    "said",
    [
        'skos:altLabel "Other {n}"@en',
        'skos:notation "N{n}"',
        "skos:exactMatch :x{n}",
        "skos:related :x{n}",
        ':likes "{n}"',
        'skos:prefLabel "Other {n}"@x-l{n}',
    ],
)
def test_of_what_is_said_of_one_concept_the_first_statements_stay(tmp_path: Path, said: str):
    many = " ; ".join(said.format(n=n) for n in range(30_000))
    items, report = turtle(tmp_path, f"{concepts('a', 'b')} :a skos:broader :b ; {many} .")
    assert items["a"].parents == [items["b"].ref]
    assert report["problems"]["too_large"] == 1
    kept = items["a"].properties
    lists = [*kept.values(), items["a"].notation]
    assert sum(len(one) if isinstance(one, list) else 1 for one in lists) <= 10_000


def test_of_those_that_are_related_to_one_concept_the_first_stay(tmp_path: Path):
    others = [f"p{n:05}" for n in range(10_001)]
    text = concepts("z", *others) + "".join(f":{other} skos:related :z . " for other in others)
    items, report = turtle(tmp_path, text)
    assert report["problems"] == {"too_large": 1}
    assert len(items["z"].related) + sum(len(items[other].related) for other in others) == 10_000


def test_the_same_graph_in_another_syntax_is_the_same_plan(tmp_path: Path):
    written = (
        PREFIXES + GROUPS + ':b skos:narrower :d . :d skos:prefLabel "D"@en , "Dé"@fr ; skos:notation "4" .'
    )
    graph = rdflib.Graph().parse(data=written, format="turtle")
    found: list[dict[str, Any]] = []
    for name in ("turtle", "xml", "json-ld", "nt"):
        items, report = plan_of(tmp_path, graph.serialize(format=name), "own.data")
        found.append({end: (one.name, one.kind, one.parents, one.notation) for end, one in items.items()})
        assert report["plan"]["kinds"]
    assert found[0] == found[1] == found[2] == found[3]
    labels = {str(text) for _, text in graph.subject_objects(rdflib.SKOS.prefLabel)}
    assert labels - {one[0] for one in found[0].values()} == {"Kitchen", "List", "Dé"}


EDGES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40)


@given(EDGES, st.sets(st.integers(0, 11), max_size=3), st.sampled_from(Leaf), st.booleans())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_is_lost_without_a_count_and_the_plan_is_always_the_same(
    tmp_path: Path, edges: list[tuple[int, int]], gone: set[int], leaf: Leaf, keep_redundant: bool
):
    text = [f':c{n:02} a skos:Concept ; skos:prefLabel "{n % 7}"@en .' for n in range(12)]
    text += [f":c{child:02} skos:broader :c{parent:02} ." for child, parent in edges]
    text += [f":c{n:02} owl:deprecated true ." for n in sorted(gone)]
    options = {"leaf": leaf, "keep_redundant": keep_redundant}
    items, report = turtle(tmp_path, "\n".join(text), **options)
    dropped = sum(report["plan"]["dropped"].values())
    assert len(shown(items)) + dropped == 12 == report["plan"]["concepts"] + dropped
    kept = sum(len(parents) for _, _, parents in shown(items).values() if all(p[0] == "c" for p in parents))
    counted = Counter(report["problems"])
    distinct = {(child, parent) for child, parent in edges}
    lost = counted["cycle"] + counted["self_broader"] + counted["redundant"]
    within = [e for e in distinct if all(f"c{n:02}" in items for n in e)]
    assert kept + lost >= len(within)
    again, report_again = turtle(tmp_path, "\n".join([text[0], *reversed(text[1:])]), **options)
    assert {end: one[:2] for end, one in shown(again).items()} == {
        end: one[:2] for end, one in shown(items).items()
    }
    assert report_again["problems"] == report["problems"]


def test_the_plan_can_be_made_twice(tmp_path: Path):
    with planned(tmp_path, PREFIXES + TREE) as found:
        assert [item.as_json() for item in found.plan.items()] == [
            item.as_json() for item in found.plan.items()
        ]
