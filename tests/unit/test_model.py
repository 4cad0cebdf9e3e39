"""The declaration of kinds, the keys of nodes, and what can be stored."""

import unicodedata

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from graph.errors import Invalid
from graph.model import RESERVED, Kind, NewNode, Node, digest, new_id, node_key, require_child
from graph.text import clean_text, normal_name, storable_text

CONTAINS = {
    "Taxonomy": {"Field"},
    "Field": {"Subfield", "Discipline"},
    "Subfield": {"Subfield", "Discipline"},
    "Discipline": {"Subject"},
    "Subject": {"Syllabus"},
    "Syllabus": {"ClassSession"},
    "ClassSession": {"KeyConcept"},
    "KeyConcept": set[str](),
}


def test_what_may_contain_what():
    assert {above: {below.value for below in Kind if above.may_contain(below)} for above in Kind} == CONTAINS


def test_kinds_are_declared_whole():
    shape = nx.DiGraph((above, kind.value) for kind in Kind for above in kind.parents)
    assert set(shape) == {kind.value for kind in Kind}
    roots = [kind for kind in Kind if not kind.parents]
    assert roots == [Kind.Taxonomy]
    for kind in Kind:
        assert kind.meaning
        assert nx.has_path(shape, Kind.Taxonomy.value, kind.value)
        if kind.unique_within:
            # Every path up must pass that kind, or a node of this kind would have no home.
            assert not nx.has_path(
                nx.restricted_view(shape, [kind.unique_within], []), Kind.Taxonomy.value, kind.value
            )


def test_labels_need_no_quoting():
    assert all(kind.value.isidentifier() and kind.value.isascii() and str(kind) == kind.name for kind in Kind)


def test_require_child_says_what_would_fit():
    require_child(Kind.Field, Kind.Discipline)
    with pytest.raises(Invalid, match="Field or Subfield"):
        require_child(Kind.Taxonomy, Kind.Discipline)
    with pytest.raises(Invalid, match="root"):
        require_child(Kind.Field, Kind.Taxonomy)


@given(st.text())
def test_normal_name_is_stable(name: str):
    once = normal_name(name)
    assert once == " ".join(once.split())
    assert normal_name(f" \u00a0{name}\t") == once


@pytest.mark.parametrize("name", ["Straße", "ﬁeld", "ＡＢＣ", "Σίσυφος", "naïve", "Å"])
def test_other_forms_and_cases_of_a_name_are_the_same(name: str):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normal_name(unicodedata.normalize(form, name).upper()) == normal_name(name)


def test_keys_tell_kind_home_and_name_apart():
    keys = {
        node_key(kind, home, name)
        for kind in (Kind.Field, Kind.Subfield)
        for home in (None, "a", "ab")
        for name in ("b", "bb", "")
    }
    assert len(keys) == 18
    assert node_key(Kind.Field, "a", " B ") == node_key(Kind.Field, "a", "b")
    # Keys are stored, so they must never change, or existing graphs would not find their nodes.
    assert (
        node_key(Kind.Field, "a", ' É"B ')
        == digest("a", "Field", 'é"b')
        == "8566c797f298b38b68c8e4053e574b7e"
    )


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)))), st.lists(st.text()))
def test_digest_does_not_run_parts_together(one: list[str], other: list[str]):
    assert (digest(*one) == digest(*other)) == (one == other)


def test_ids_are_unique_and_sort_by_time():
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    assert [id_[:12] for id_ in ids] == sorted(id_[:12] for id_ in ids)
    assert {len(id_) for id_ in ids} == {24}


@given(st.text(st.characters(codec=None)))
def test_clean_text_is_storable(text: str):
    cleaned = clean_text(text)
    assert storable_text(cleaned) == cleaned
    cleaned.encode()


def test_reserved_names_are_those_of_the_model_and_of_the_database():
    assert set(Node.model_fields) | {"key", "name_key", "home"} <= RESERVED


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "Field", "name": "F"},
        {"kind": "Taxonomy", "name": "T", "parent_id": "x"},
        {"kind": "Planet", "name": "P"},
        {"kind": "Field", "name": "F", "parent_id": "x", "colour": "red"},
        {"kind": "Field", "name": "F", "parent_id": "x", "weight": -1},
        {"kind": "Field", "name": "F", "parent_id": "x", "weight": float("nan")},
        {"kind": "Field", "name": "F", "parent_id": "x", "weight": float("inf")},
        {"kind": "Field", "name": "F", "parent_id": "x", "position": -1},
        {"kind": "Field", "name": "F", "parent_id": "x", "position": 2**31},
        {"kind": "Field", "name": "F", "parent_id": "x", "description": "a\0"},
        {"kind": "Field", "name": "F", "parent_ids": ["x"] * 101},
    ],
    ids=repr,
)
def test_nodes_that_are_refused(node: dict[str, object]):
    with pytest.raises(ValidationError):
        NewNode.model_validate(node)


def test_parents_stand_once_and_the_home_first():
    node = NewNode(kind=Kind.Field, name="F", parent_id="b", parent_ids=["a", "b", "c", "a"])
    assert node.above == ["b", "a", "c"]


@pytest.mark.parametrize(("given_name", "name"), [("  a \n b ", "a b"), ("\u3000x", "x"), ("🌱", "🌱")])
def test_names_are_one_trimmed_line(given_name: str, name: str):
    assert NewNode(kind=Kind.Taxonomy, name=given_name).name == name
