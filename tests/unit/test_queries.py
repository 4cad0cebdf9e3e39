"""The files of cypher/, and the code that refers to them."""

import ast
import re
from collections.abc import Iterator
from inspect import signature
from pathlib import Path

import pytest

from graph import queries
from graph.instructions import pulls
from graph.queries import Cost, Param, Query
from graph.read_door.tables import TYPES

ROOT = Path(__file__).parents[2]
SOURCES = [
    path for room in ("graph", "generators", "service") for path in sorted((ROOT / room).rglob("*.py"))
]
ALL = [queries.load(name) for name in queries.names()]
WRITES = re.compile(
    r"\b(CREATE|MERGE|SET|DELETE|DETACH|REMOVE|DROP|FOREACH|LOAD\s+CSV|ALTER|GRANT|REVOKE)\b", re.IGNORECASE
)
CYPHER = re.compile(
    r"\b(MATCH|MERGE|CREATE|UNWIND|DETACH DELETE|DELETE|CALL)\s*\(\s*\w*\s*(:\w+)?\s*[{)]|"
    r"\bRETURN \w+\.\w+|\bMATCH \(|-\[:?\w*\]->|\bON CREATE SET\b|\bCALL (db|apoc|dbms)\.|\bUNWIND \$"
)


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def references() -> set[str]:
    """The names of queries in calls of load("...")."""
    found: set[str] = set()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("load", "queries.load"):
                [argument] = node.args
                if isinstance(argument, ast.Constant):
                    found.add(str(argument.value))
    return found


def bare(query: Query) -> str:
    """The query's text without strings, names in backticks and comments."""
    return re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`|//[^\n]*|/\*.*?\*/", "", query.text)


def test_there_are_queries():
    assert len(ALL) > 60


def test_every_file_is_used_and_every_name_has_its_file():
    # Queries of cypher/explore/ are for people, who run them by name through the read door.
    offered = {query.name for query in ALL if query.name.startswith("explore.")}
    assert references() | offered == set(queries.names())


def test_queries_of_people_only_read():
    assert {query.access for query in ALL if query.name.startswith("explore.")} == {"read"}


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
class TestFile:
    def test_parameters_are_those_of_the_header(self, query: Query):
        assert set(re.findall(r"\$(\w+)", bare(query))) == set(query.params)

    def test_access_is_what_the_text_does(self, query: Query):
        assert bool(WRITES.search(bare(query))) == (query.access != "read") or query.name in NO_CLAUSE

    def test_reads_have_an_example_of_exactly_their_parameters(self, query: Query):
        if query.access == "read":
            assert set(query.example) == set(query.params)

    def test_example_has_the_types_of_the_header(self, query: Query):
        for name, value in query.example.items():
            type_ = query.params[name].type
            assert (value is None and type_.endswith(" or null")) or isinstance(
                value, TYPES[type_.removesuffix(" or null")]
            ), name

    def test_types_are_known(self, query: Query):
        assert {param.type.removesuffix(" or null") for param in query.params.values()} <= set(TYPES)

    def test_first_line_is_a_sentence(self, query: Query):
        assert re.fullmatch(r"[A-Z].+\.", query.meaning)

    def test_one_statement(self, query: Query):
        assert ";" not in bare(query)


# Waits for indexes: a schema query, although it has no clause that writes.
NO_CLAUSE = {"schema.await_indexes"}


def test_no_cypher_in_python():
    found = [
        f"{path}:{node.lineno}: {node.value[:60]}"
        for path, tree in trees()
        for node in _strings(tree)
        if isinstance(node.value, str) and CYPHER.search(node.value)
    ]
    assert not found


def _strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """String constants that are not docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docs:
            yield node


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) RETURN n",
        "MATCH (n:Field {id: $id})",
        "UNWIND $rows AS row",
        "CALL db.labels()",
        "a-[:X]->b",
    ],
)
def test_cypher_would_be_found(text: str):
    assert CYPHER.search(text)


# Parsing

FILE = """// What it answers.
// access: read
// $id string: the node
// $kind string or null: only this kind: any of them
// example: {"id": "0190", "kind": null}

MATCH (n {id: $id}) // not a header
RETURN n
"""


def test_parse():
    query = queries.parse("node.x", FILE)
    assert (query.name, query.meaning, query.access) == ("node.x", "What it answers.", "read")
    assert query.params == {
        "id": Param("string", "the node"),
        "kind": Param("string or null", "only this kind: any of them"),
    }
    assert query.example == {"id": "0190", "kind": None}
    assert query.text == "MATCH (n {id: $id}) // not a header\nRETURN n"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "MATCH (n) RETURN n",
        "// Only a header.\n// access: read\n",
        "// No access.\nRETURN 1",
        "// Wrong access.\n// access: admin\nRETURN 1",
        "// Half a parameter.\n// access: read\n// $id string\nRETURN $id",
        "// A comment where the header still goes on.\n// access: read\n// whatever\nRETURN 1",
        "// An option nobody knows.\n// access: read\n// sample: {}\nRETURN 1",
        "// No JSON.\n// access: read\n// example: {id}\nRETURN 1",
    ],
)
def test_file_that_lacks_a_part_is_refused(source: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the error of json is one too
        queries.parse("node.x", source)


def test_unknown_name_fails_at_once():
    with pytest.raises(FileNotFoundError):
        queries.load("node.nothing")


def test_loaded_once():
    assert queries.load("node.get") is queries.load("node.get")


def test_readable_are_those_that_read():
    assert {query.name for query in queries.readable()} == {q.name for q in ALL if q.access == "read"}


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_no_list_of_ids_goes_before_a_distinct(query: Query):
    """Neo4j 5.26 would take the ids for one node and skip the DISTINCT (docs/decisions/0017-rollups.md)."""
    if re.search(r"\bDISTINCT\b|\bUNION\b(?! ALL)", query.text):
        assert not re.search(r"MATCH \(\w+:\w+\)\s+WHERE \w+\.id IN\b", query.text)


@pytest.mark.parametrize("query", ALL, ids=lambda query: query.name)
def test_nothing_is_sorted_by_the_text_of_a_time(query: Query):
    """The text omits trailing zeros, so 10:00:00.2Z would come after 10:00:00.21Z."""
    orders = re.findall(r"\bORDER BY\b([^}]*?)(?=\bLIMIT\b|\bRETURN\b|}|\Z)", bare(query))
    for alias in re.findall(r"\btoString\((?:min\(|max\()?\w+\.\w+_at\)+ AS (\w+)", query.text):
        assert not any(re.search(rf"(?<!\.)\b{alias}\b", order) for order in orders)


@pytest.mark.parametrize("name", ["instruction.pull", "instruction.pull_leaf"])
def test_a_pull_names_its_fields_as_the_reader_does(name: str):
    """Rows of a pull are lists, for speed, so their order must be that of the parameters of `shown`."""
    text = bare(queries.load(name))
    fields = text[text.index("RETURN collect([") :].partition("[")[2].rpartition("]) AS rows")[0]
    # In an expression with commas of its own, only the first property counts.
    fields = re.sub(r"coalesce\(i\.job_id.*?\[0\]\)", "i.job_id", fields)
    found = re.findall(r"\bi\.(\w+)", fields)
    assert found == ["id", *[*signature(pulls.shown).parameters][1:]]


def test_what_a_query_costs_is_in_its_header():
    query = queries.parse(
        "test.all", "// All.\n// access: read\n// cost: 2.5 s a million concepts\nMATCH (n) RETURN n"
    )
    assert query.cost == Cost(2.5, "concepts")
    with pytest.raises(ValueError, match="a million instructions"):
        queries.parse("test.all", "// All.\n// access: read\n// cost: much\nMATCH (n) RETURN n")


# Below a node down to its disciplines or subjects there are few; what is below these is many. One query ends
# with the first that it finds.
DOWN = re.compile(r"\[:CONTAINS\*\d\.\.]->\(n:TaxonomyNode\)|above:ClassSession\)-\[:CONTAINS]->")


@pytest.mark.parametrize("query", queries.offered(), ids=lambda query: query.name)
def test_who_walks_through_everything_below_a_node_says_what_that_costs(query: Query):
    walks = DOWN.search(query.text) is not None and query.name != "explore.never_together"
    assert query.cost or not walks
