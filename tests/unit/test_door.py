"""The gate of the read door on texts and plans, without a database."""

import math
from typing import Any

import pytest

from graph.database import Explained
from graph.database.errors import at_its_place
from graph.errors import Invalid, Refused
from graph.read_door import gate, json_values
from graph.read_door.json_values import encode, is_small, pieces, to_json
from graph.read_door.lexer import code_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RETURN 'a' AS x", "RETURN ' AS x"),
        (r"RETURN 'it\'s' + \"b\"".replace('\\"', '"'), "RETURN ' + '"),
        (r"RETURN 'a\\' AS x", "RETURN ' AS x"),
        ("MATCH (`a``b`:X)", "MATCH (`:X)"),
        ("RETURN 1 // it's\n + 2", "RETURN 1  \n + 2"),
        ("RETURN 1 // a\r + 2", "RETURN 1  \r + 2"),
        ("RETURN /* 'a */ 1", "RETURN   1"),
        ("RETURN '/*' AS a, '*/' AS b", "RETURN ' AS a, ' AS b"),
        ('RETURN "// a" AS x', "RETURN ' AS x"),
        ("RETURN größe", "RETURN größe"),
    ],
)
def test_code_is_told_from_texts(text: str, code: str):
    assert code_of(text) == code


@pytest.mark.parametrize(
    "text",
    ["RETURN '\\u0027'", "RETURN \\U00000027", "RETURN 'a", "RETURN `a", "/* a", "RETURN\u00a01", "\x0b1"],
)
def test_what_neo4j_might_cut_in_another_way_is_refused(text: str):
    with pytest.raises(Invalid):
        code_of(text)


def plan(*operators: str, details: str = "") -> dict[str, Any]:
    """A plan of nested operators."""
    found: dict[str, Any] = {"operatorType": "ProduceResults@neo4j", "args": {}}
    for operator in reversed(operators):
        found = {"operatorType": "Apply@neo4j", "args": {}, "children": [found]} | {
            "operatorType": f"{operator}@neo4j",
            "args": {"Details": details},
        }
    return found


@pytest.mark.parametrize(
    "operator",
    [
        "VarLengthExpand(Pruning,BFS)",
        "Repeat(Trail)",
        "NodeUniqueIndexSeek",
        "NodeIndexSeekByRange",
        "DirectedUnionRelationshipTypesScan",
        "PartialTop",
        "OrderedAggregation",
        "TriadicSelection",
    ],
)
def test_what_reads_passes(operator: str):
    gate.check_plan(Explained("r", plan(operator)), "neo4j")


@pytest.mark.parametrize(
    "operator",
    [
        "LoadCSV",
        "Create",
        "ShowSettings",
        "TerminateTransactions",
        "NodeUniqueIndexSeek(Locking)",
        "OfTheFuture",
        "RunQueryAt",
        "AdministrationCommand",
        "TransactionForeach",
    ],
)
def test_other_operators_are_refused_by_name(operator: str):
    with pytest.raises(Refused) as refusal:
        gate.check_plan(Explained("r", plan("Projection", operator)), "neo4j")
    assert operator in str(refusal.value)


def test_procedures_kinds_and_databases_are_looked_at():
    gate.check_plan(Explained("r", plan("ProcedureCall", details="db.labels() :: (label)")), "neo4j")
    for explained, database, said in (
        (Explained("r", plan("ProcedureCall", details="dbms.listConfig() :: (name)")), "neo4j", "listConfig"),
        (Explained("r", plan("ProcedureCall")), "neo4j", "CALL"),
        (Explained("rw", plan("Projection")), "neo4j", "type rw"),
        (Explained(None, plan("Projection")), "neo4j", "does more than read"),
        (Explained("r", None), "neo4j", "no plan"),
        (Explained("r", plan("Projection")), "other", "the database neo4j"),
    ):
        with pytest.raises(Refused, match=said):
            gate.check_plan(explained, database)


def test_positions_are_those_of_the_text_itself():
    said = 'Variable `x` not defined (line 1, column 16 (offset: 15))\n"EXPLAIN RETURN x"\n                ^'
    assert at_its_place(said) == (
        'Variable `x` not defined (line 1, column 8 (offset: 7))\n"RETURN x"\n        ^'
    )
    assert at_its_place("no (line 3, column 2 (offset: 40))") == "no (line 3, column 2 (offset: 32))"


LARGE: dict[str, Any] = {
    "numbers": [*range(20_000)],
    "a long text": 'é"\n' * 100_000,
    "long texts": ["x" * 70_000] * 5,
    "bytes": b"\x00\xff" * 200_000,
    "a map of many": {f"k{n}": n for n in range(9_000)},
    "a map of lists": {"a": [*range(9_000)], "b": [], 'c"': {"d": [1.5, math.inf] * 9_000}},
    "lists of lists": [[[n] * 30] * 30 for n in range(30)],
    "small among large": [1, [*range(9_000)], "x", {}, [[]]],
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_value_is_encoded_in_pieces(name: str):
    value = LARGE[name]
    found = [*pieces({"x": value})]
    assert b"".join(found) == encode(to_json({"x": value}))
    assert not is_small(value)
    assert max(map(len, found)) < 2 * json_values.AT_ONCE * json_values.CHARACTERS * len("é".encode())


def test_a_small_value_is_encoded_at_once():
    small = {"n": 1, "name": "x" * 1_000, "ids": ["0199f0c2a7b1c3d4e5f60718"] * 100, "none": None}
    assert is_small(small)
    assert [*pieces(small)] == [encode(to_json(small))]
