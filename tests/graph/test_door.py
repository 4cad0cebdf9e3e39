"""The read door on the running Neo4j: it refuses whatever does more than read, and answers what reads."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from planting import Plant, rows_of

from graph import queries
from graph.access import tokens
from graph.access.tokens import Scope
from graph.database import Address, Database
from graph.embedded.attach import Attachment
from graph.errors import Invalid, Refused, TimedOut, Unreadable, WrongPassword
from graph.model import Kind
from graph.read_door import tables
from graph.read_door.tables import Bounds


async def ask(database: Database, text: str, params: Any = None, bounds: Bounds | None = None) -> Any:
    """The resulting table of the user's own query."""
    async with tables.own(database, text, params or {}, bounds or Bounds()) as rows:
        return json.loads(await rows.table())


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on this machine that no query may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


# Each with a part of its error message. PORT is replaced by that of a local server that must not be reached.
CSV = "LOAD CSV FROM 'http://127.0.0.1:PORT/' AS line RETURN line"
FILE = "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line"
ATTEMPTS = {
    # writes
    "CREATE (n:Field {name: 'x'}) RETURN n": "Create",
    "INSERT (n:Field)": "Create",
    "MERGE (n:Field {name: 'x'}) RETURN n": "Merge",
    "MATCH (n) SET n.name = 'x'": "SetProperty",
    "MATCH (n) SET n += {name: 'x'}": "Set",
    "MATCH (n) SET n:Other": "SetLabels",
    "MATCH (n) REMOVE n.name": "Set",
    "MATCH (n) REMOVE n:Field": "RemoveLabels",
    "MATCH (n) DELETE n": "Delete",
    "MATCH (n) DETACH DELETE n": "DetachDelete",
    "MATCH (n) FOREACH (x IN [1] | SET n.name = 'x')": "Foreach",
    "UNWIND [1] AS x CALL (x) { CREATE (n:Field) } RETURN x": "Foreach",
    "UNWIND [1] AS x CALL (x) { CREATE (n:Field) } IN TRANSACTIONS RETURN x": "TransactionForeach",
    "MATCH (n) CALL (n) { DETACH DELETE n } IN 2 CONCURRENT TRANSACTIONS": "TransactionForeach",
    "CYPHER 5 CREATE (n:Field)": "CYPHER",
    "CREATE/* */(n:Field)": "Create",
    "// MATCH\nCREATE (n:Field)": "Create",
    "MATCH (n) RETURN n UNION CREATE (n:Field) RETURN n": "Create",
    "CALL db.createLabel('Other')": "db.createLabel",
    "CALL db.createProperty('other')": "db.createProperty",
    "CALL db.create.setNodeVectorProperty(null, 'v', [1.0])": "db.create.setNodeVectorProperty",
    # the schema
    "CREATE INDEX other FOR (n:Other) ON (n.x)": "CreateIndex",
    "DROP INDEX node_search": "DropIndex",
    "DROP CONSTRAINT node_id": "DropConstraint",
    "CREATE CONSTRAINT other FOR (n:Other) REQUIRE n.x IS UNIQUE": "CreateConstraint",
    "CREATE FULLTEXT INDEX other FOR (n:Other) ON EACH [n.x]": "CreateIndex",
    # files and the network
    FILE: "LOAD CSV",
    CSV: "LOAD CSV",
    f"CALL () {{ {CSV} }} RETURN line": "LOAD CSV",
    f"RETURN COLLECT {{ {CSV} }}": "LOAD CSV",
    # reads that appear in no plan
    f"RETURN [x IN [1] | COLLECT {{ {CSV} }}]": "LOAD CSV",
    f"RETURN CASE WHEN rand() < 2 THEN COUNT {{ {CSV} }} END": "LOAD CSV",
    f"RETURN reduce(a = 0, x IN [1] | a + COUNT {{ {CSV} }})": "LOAD CSV",
    f"MATCH (n) WHERE any(x IN [1] WHERE EXISTS {{ {CSV} }}) RETURN n": "LOAD CSV",
    "RETURN [x IN [1] | COLLECT { LOAD/**/CSV FROM 'http://127.0.0.1:PORT/' AS l RETURN l }]": "LOAD CSV",
    "RETURN [x IN [1] | COLLECT { lOaD //\r csv FROM 'http://127.0.0.1:PORT/' AS l RETURN l }]": "LOAD CSV",
    # an escape that Neo4j turns into a quote before it looks for strings
    "RETURN '\\u0027, [x IN [1] | COUNT { LOAD CSV FROM $url AS l RETURN l }] //'": "escapes",
    "WITH 'a\\\\' AS a, [x IN [1] | COLLECT { LOAD CSV FROM 'http://127.0.0.1:PORT/' AS l RETURN l }] AS b"
    " RETURN b": "LOAD CSV",
    "USING PERIODIC COMMIT LOAD CSV FROM 'http://127.0.0.1:PORT/' AS l CREATE (n)": "LOAD CSV",
    # transactions and connections of others
    "TERMINATE TRANSACTIONS 'neo4j-transaction-1'": "TERMINATE",
    "SHOW TRANSACTIONS": "SHOW TRANSACTIONS",
    "SHOW TRANSACTIONS YIELD transactionId AS t TERMINATE TRANSACTIONS t YIELD message": "SHOW",
    "CALL dbms.killConnection('bolt-1')": "dbms.killConnection",
    "CALL dbms.listConnections()": "dbms.listConnections",
    # settings and internals of the server
    "SHOW SETTINGS": "SHOW SETTINGS",
    "CALL dbms.listConfig() YIELD name, value RETURN name, value": "dbms.listConfig",
    "RETURN [x IN [1] | COLLECT { CALL dbms.listConfig() YIELD value RETURN value }]": "dbms.listConfig",
    "CALL dbms.queryJmx('*:*')": "dbms.queryJmx",
    "CALL `dbms`.`queryJmx`('*:*')": "backticks",
    "CALL dbms . /* */ queryJmx('*:*')": "dbms.queryJmx",
    "CALL dbms.components()": "dbms.components",
    "CALL db.clearQueryCaches()": "db.clearQueryCaches",
    "RETURN [x IN [1] | COUNT { CALL db.stats.clear('A') YIELD section RETURN 1 }]": "db.stats.clear",
    "CALL db.stats.retrieve('QUERIES')": "db.stats.retrieve",
    "CALL db.resampleOutdatedIndexes()": "db.resampleOutdatedIndexes",
    "CALL db.awaitIndexes(300)": "db.awaitIndexes",
    "CALL db.prepareForReplanning()": "db.prepareForReplanning",
    "CALL tx.setMetaData({user: 'x'})": "tx.setMetaData",
    "SHOW FUNCTIONS": "SHOW FUNCTIONS",
    "SHOW PROCEDURES": "SHOW PROCEDURES",
    "CALL apoc.load.json('http://127.0.0.1:PORT/')": "apoc.load.json",
    "RETURN apoc.cypher.runFirstColumnSingle('RETURN 1', {})": "apoc.cypher.runFirstColumnSingle",
    "RETURN `apoc`.`static`.`get`('x')": "backticks",
    # users and other databases
    "SHOW USERS": "SHOW USERS",
    "SHOW DATABASES": "SHOW DATABASES",
    "CREATE USER other SET PASSWORD 'secret-secret'": "AdministrationCommand",
    "ALTER CURRENT USER SET PASSWORD FROM 'a' TO 'secret-secret'": "AdministrationCommand",
    "DROP USER neo4j": "AdministrationCommand",
    "USE system MATCH (n) RETURN n": "system",
    "USE graph.byName('system') RETURN 1": "graph.byName",
    "CALL { USE system MATCH (n:User) RETURN n } RETURN n": "system",
    "CREATE DATABASE other": "",
    "STOP DATABASE neo4j": "",
    # other ways to run a query; several statements
    "PROFILE MATCH (n) RETURN n": "PROFILE",
    "EXPLAIN MATCH (n) RETURN n": "EXPLAIN",
    "CYPHER debug=tostring MATCH (n) RETURN n": "CYPHER",
    "CYPHER 5 debug=tostring MATCH (n) RETURN n": "CYPHER",
    "cypher/**/runtime=slotted PROFILE CREATE (n)": "CYPHER",
    "RETURN 1; CREATE (n:Field)": "statement",
    "; CREATE (n:Field)": "",
    "RETURN 1 AS x\u2028CREATE (n:Field)": "U+2028",
    # data that glan keeps to itself
    "MATCH (t:Token) RETURN t.hash": "Token",
    "MATCH (t :Field | Token) RETURN properties(t)": "Token",
}


@pytest.mark.parametrize("text", ATTEMPTS)
async def test_attempt_is_refused(database: Database, listener: socket.socket, text: str):
    await rows_of(database, "CREATE (:Field:TaxonomyNode {id: 'f', key: 'f', name: 'a'})")
    before = await everything(database)
    with pytest.raises((Refused, Invalid)) as refusal:
        await ask(database, text.replace("PORT", str(listener.getsockname()[1])))
    assert ATTEMPTS[text] in str(refusal.value)
    assert await everything(database) == before
    with pytest.raises(TimeoutError):
        listener.accept()


async def everything(database: Database) -> list[Any]:
    """Everything that an attempt could have changed."""
    return [
        await rows_of(
            database, "MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties ORDER BY n.id"
        ),
        await rows_of(database, "SHOW INDEXES YIELD name RETURN name ORDER BY name"),
        await rows_of(database, "SHOW CONSTRAINTS YIELD name RETURN name ORDER BY name"),
        await rows_of(database, "SHOW USERS YIELD user RETURN user ORDER BY user"),
        await rows_of(database, "SHOW DATABASES YIELD name, currentStatus RETURN * ORDER BY name"),
    ]


async def test_the_listener_would_be_reached_without_the_lists(listener: socket.socket):
    with socket.create_connection(listener.getsockname()):
        listener.accept()[0].close()


READS = {
    "RETURN 1 AS x": 1,
    "return 1 as x;": 1,
    "CYPHER 5 RETURN 1 AS x": 1,
    "UNWIND [1, 2, 3] AS x RETURN sum(x) AS x": 6,
    "MATCH (n:Discipline {name: $name}) RETURN count(n) AS x": 1,
    "MATCH (n:TaxonomyNode {id: $id}) RETURN count(n) AS x": 1,
    "MATCH (n) WHERE elementId(n) = 'x' RETURN count(n) AS x": 0,
    "MATCH (n:Discipline) WHERE n.name STARTS WITH 'Op' RETURN count(n) AS x": 1,
    "MATCH (n:Discipline) WHERE n.name CONTAINS 'tic' RETURN count(n) AS x": 1,
    "MATCH (n:Discipline) WHERE n.name ENDS WITH 'ics' RETURN count(n) AS x": 1,
    "MATCH (n:Discipline) WHERE n.name > 'A' RETURN count(n) AS x": 1,
    "MATCH (n:Discipline|Subject) RETURN count(n) AS x": 2,
    "MATCH (n:!KeyConcept&TaxonomyNode) RETURN count(n) AS x": 7,
    "MATCH (n) WHERE NOT n:Edit AND NOT n:Rollup RETURN count(n) AS x": 14,
    "MATCH ()-[r:CONTAINS]->() RETURN count(r) AS x": 9,
    "MATCH ()-[r]-() WHERE type(r) <> 'CHANGED' RETURN count(r) AS x": 32,
    "MATCH (:TaxonomyNode {id: $id})-[:CONTAINS*0..]->(n) RETURN count(DISTINCT n) AS x": 9,
    "MATCH (:TaxonomyNode {id: $id}) (()-[:CONTAINS]->()){1,3} (n) RETURN count(n) AS x": 3,
    "MATCH (:Field {id: $id}) ((a)-[:CONTAINS]->(b) WHERE a.name <> b.name)+ (n) RETURN count(n) AS x": 8,
    "MATCH p = shortestPath((a:Discipline)-[*]->(b:KeyConcept {name: 'lens'})) RETURN length(p) AS x": 4,
    "MATCH p = allShortestPaths((a:Discipline)-[:CONTAINS*]->(b:KeyConcept)) RETURN count(p) AS x": 3,
    "MATCH p = SHORTEST 1 (a:Discipline)-[:CONTAINS]->+(b:KeyConcept) RETURN count(p) AS x": 3,
    "MATCH (a:Field), (b:Field) WHERE a.name = b.name RETURN count(*) AS x": 1,
    "MATCH (a:KeyConcept)<-[:CONTAINS]-(s)-[:CONTAINS]->(b) WHERE a.id < b.id RETURN count(*) AS x": 1,
    "MATCH (a:KeyConcept)-[:CONTAINS]-(b)-[:CONTAINS]-(c) WHERE NOT (a)--(c) RETURN count(*) AS x": 5,
    "MATCH (n:Subject) OPTIONAL MATCH (n)-[:CONTAINS]->(m:Field) RETURN count(m) AS x": 0,
    "MATCH (n:KeyConcept) WHERE EXISTS { (n)<-[:COVERS]-() } RETURN count(n) AS x": 2,
    "MATCH (n:KeyConcept) WHERE NOT EXISTS { (n)<-[:COVERS]-() } OR n.name = 'lens' RETURN count(n) AS x": 2,
    "MATCH (n:KeyConcept) RETURN sum(COUNT { (n)<-[:COVERS]-() }) AS x": 2,
    "MATCH (n:Syllabus) RETURN size(COLLECT { MATCH (n)-[:CONTAINS]->(s) RETURN s.name }) AS x": 2,
    "MATCH (n:ClassSession) RETURN sum(size([(n)-[:CONTAINS]->(k) | k.name])) AS x": 3,
    "UNWIND [[1, 2], [3]] AS l RETURN sum(size([y IN l WHERE y > 1 | COUNT { MATCH (k:Field) }])) AS x": 2,
    "MATCH (n:KeyConcept) WITH n ORDER BY n.name SKIP 1 LIMIT 1 RETURN size(n.name) AS x": 4,
    "MATCH (n:KeyConcept) WITH DISTINCT left(n.name, 1) AS l RETURN count(*) AS x": 2,
    "CALL () { RETURN 1 AS y UNION RETURN 2 AS y } RETURN sum(y) AS x": 3,
    "MATCH (n:KeyConcept) CALL (n) { MATCH (n)<-[:COVERS]-(i) RETURN count(i) AS c } RETURN sum(c) AS x": 2,
    "CALL db.index.fulltext.queryNodes('node_search', 'optics~') YIELD node RETURN count(*) > 0 AS x": True,
    "CALL db.labels() YIELD label WHERE label = 'Field' RETURN count(label) AS x": 1,
    "CALL db.schema.nodeTypeProperties() YIELD nodeType RETURN count(*) > 0 AS x": True,
    "CALL db.relationshipTypes() YIELD relationshipType AS t WHERE t = 'CONTAINS' RETURN count(t) AS x": 1,
    "RETURN 'LOAD CSV; CALL dbms.x() // SHOW USERS' AS x": "LOAD CSV; CALL dbms.x() // SHOW USERS",
    "MATCH (n:Instruction) WHERE n.question CONTAINS 'Call of' RETURN count(n) AS x /* LOAD CSV */": 0,
    "MATCH (n:TaxonomyNode) WHERE n.`CALL x` IS NULL RETURN count(n) AS x // SHOW USERS": 10,
    "MATCH (i:Instruction)-[:DRAWN_FROM]->(s)<-[:CONTAINS]-(y) RETURN count(DISTINCT y) AS x": 1,
    "RETURN duration.inDays(date('2026-01-01'), date('2026-01-31')).days AS x": 30,
    "RETURN date.truncate('month', date('2026-05-17')).day AS x": 1,
    "RETURN point.distance(point({x: 0, y: 0}), point({x: 3, y: 4})) AS x": 5.0,
    "MATCH (n:$($label)) RETURN count(n) AS x": 1,
    "USE neo4j MATCH (n:Field) RETURN count(n) AS x": 1,
    "WITH percentileCont([1, 2][0], 0.5) AS y RETURN y AS x": 1.0,
    "MATCH (n:KeyConcept) RETURN reduce(s = 0, k IN collect(n) | s + size(k.name)) AS x": 14,
}


@pytest_asyncio.fixture(scope="module")
async def optics(session_database: Database) -> AsyncIterator[str]:
    """The id of a field with one discipline: one syllabus, three concepts and two instructions."""
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    plant = Plant(session_database)
    top = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Sciences", top)
    discipline = await plant.node(Kind.Discipline, "Optics", field)
    syllabus = await plant.syllabus(discipline, "Light", {"one": ["lens", "prism"], "two": ["laser"]})
    await plant.instruct("i1", syllabus, "one", "lens")
    await plant.instruct("i2", syllabus, "two", "laser")
    await rows_of(session_database, "MATCH (n:Schema) SET n.kept = true")
    yield field
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")


@pytest.mark.parametrize("text", READS)
async def test_reading_is_answered(session_database: Database, optics: str, text: str):
    params = {"id": optics, "name": "Optics", "label": "Field"}
    table = await ask(session_database, text, params)
    assert [row["x"] for row in table["rows"]] == [READS[text]]
    assert not table["truncated"]


# The door reveals neither tokens nor what Neo4j knows of itself.
REVEALED = [query for query in queries.readable() if query.area not in ("admin", "token")]


@pytest.mark.parametrize("query", REVEALED, ids=lambda query: query.name)
async def test_named_queries_pass_the_gate(session_database: Database, optics: str, query: queries.Query):
    await ask(session_database, query.text, query.example)


# Bounds


async def test_rows_are_bounded_and_it_is_said(database: Database):
    table = await ask(database, "UNWIND range(1, 1000000000) AS x RETURN x", bounds=Bounds(rows=3))
    assert table == {
        "columns": ["x"],
        "rows": [{"x": 1}, {"x": 2}, {"x": 3}],
        "truncated": True,
        "truncated_by": "rows",
    }
    exact = await ask(database, "UNWIND range(1, 3) AS x RETURN x", bounds=Bounds(rows=3))
    assert (len(exact["rows"]), exact["truncated"], exact["truncated_by"]) == (3, False, None)


async def test_bytes_are_bounded_and_it_is_said(database: Database):
    row = len('{"x":"aaaaaaaaaa"}')
    text = "UNWIND range(1, 9) AS n RETURN 'aaaaaaaaaa' AS x"
    table = await ask(database, text, bounds=Bounds(bytes=3 * row))
    assert (len(table["rows"]), table["truncated_by"]) == (3, "bytes")
    assert not (await ask(database, text, bounds=Bounds(bytes=9 * row)))["truncated"]


@pytest.mark.parametrize(
    "text",
    [
        "UNWIND range(1, 1000000000000) AS x RETURN count(*) AS n",
        # A single expression, which the server itself cannot interrupt.
        "UNWIND range(1, 20000) AS x WITH collect(x) AS l"
        " RETURN none(a IN l WHERE any(b IN l WHERE a + b < 0)) AS n",
    ],
)
async def test_time_is_bounded(database: Database, text: str):
    with pytest.raises(TimedOut, match=r"longer than 0\.5 s"):
        await ask(database, text, bounds=Bounds(timeout_s=0.5))
    # The first query is terminated on the server, too.
    assert "1000000000000" not in str(await rows_of(database, "SHOW TRANSACTIONS YIELD currentQuery"))


async def test_memory_is_bounded(database: Database):
    with pytest.raises(Invalid, match="more memory than one query may use"):
        await ask(database, "UNWIND range(1, 1000000000) AS x RETURN size(collect(x)) AS n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RETURN size(reduce(s = 'x', i IN range(1, 40) | s + s)) AS n", "accumulator s 2 times"),
        ("RETURN size([x IN range(1, 1000000000) | x]) AS n", "1,000,000,000 numbers"),
        ("RETURN " + "(" * 10_000 + "1" + ")" * 10_000 + " AS x", "nested more than 100 deep"),
        ("RETURN " + "NOT " * 20_000 + "true AS x", "chains more than 1,000 operators"),
        ("RETURN $s =~ '(a|b)*' AS n", "repeats what is in parentheses"),
    ],
    ids=["doubles", "range", "deep", "chain", "pattern"],
)
async def test_what_would_end_neo4j_is_not_sent(database: Database, text: str, said: str):
    with pytest.raises(Invalid, match=said):
        await ask(database, text, {"s": "ab" * 100_000})


@pytest.mark.parametrize(
    "value",
    [
        "date({year: 10000})",
        "date({year: 0})",
        "localdatetime({year: -1})",
        "datetime({year: 10000})",
        "datetime('9999-12-31T23:59:59-18:00')",
        "datetime({year: 2020, timezone: 'SystemV/EST5'})",
        "[date({year: 10000})]",
        "{a: [{b: date({year: 0})}]}",
    ],
)
async def test_a_value_that_cannot_be_shown_is_said(database: Database, value: str):
    with pytest.raises(Unreadable, match="toString"):
        await ask(database, f"RETURN {value} AS x")


async def test_dates_of_any_year_can_be_asked_for_as_text(database: Database):
    table = await ask(database, "RETURN toString(date({year: 10000})) AS x, date('9999-12-31') AS y")
    assert table["rows"] == [{"x": "+10000-01-01", "y": "9999-12-31"}]


async def test_a_query_ends_with_its_reader(database: Database):
    text = "UNWIND range(1, 1000000000) AS gone RETURN gone"
    async with tables.own(database, text, {}, Bounds(rows=10**9)) as rows:
        async for _ in rows:
            break
        assert "AS gone" in await running(database)
    while "AS gone" in await running(database):
        await asyncio.sleep(0.05)


async def running(database: Database) -> str:
    shown = await rows_of(database, "SHOW TRANSACTIONS YIELD currentQuery AS text, username AS user")
    return str([row for row in shown if not row["text"].startswith("SHOW")])


# Errors of the query


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("RETURN x", "Variable `x` not defined (line 1, column 8 (offset: 7))"),
        ("RETURN 1,\n  x", "Variable `x` not defined (line 2, column 3 (offset: 12))"),
        ("RETURN 1 AS x\nMATCH (n) RETURN n", "(line 1, column 1 (offset: 0))"),
        ("RETURN 1 / 0", "/ by zero"),
        ("RETURN $missing", "Expected parameter(s): missing"),
        ("MATCH (n:TaxonomyNode {id: $id}) RETURN datetime('no')", ""),
        ("RETURN 'a", "string that begins at offset 7 has no end"),
        ("RETURN 1 /* a", "comment that begins at offset 9 has no end"),
        ("", "is empty"),
        (" // nothing", "is empty"),
        ("(n)", "begins with a word"),
        ("RETURN 1" + " " * 100_000, "at most 100000 characters"),
        ("RETURN '\ud800' AS x", "surrogate"),
        ("RETURN 1 AS `a\x00`", "NUL"),
    ],
)
async def test_what_neo4j_does_not_take_is_said_with_its_place(database: Database, text: str, said: str):
    with pytest.raises(Invalid) as error:
        await ask(database, text)
    assert said in str(error.value)
    assert "EXPLAIN" not in str(error.value)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"x": 2**63}, "params.x: 9223372036854775808 has more than 64 bits"),
        ({"x": [1, {"y": -(2**63) - 1}]}, "params.x.1.y: "),
        ({"x": "\udc00"}, "params.x: half a surrogate pair"),
        ({"x": {"\udc00": 1}}, "half a surrogate pair"),
    ],
)
async def test_parameters_are_checked(database: Database, params: Any, said: str):
    with pytest.raises(Invalid) as error:
        await ask(database, "RETURN $x", params)
    assert said in str(error.value)


async def test_odd_names_of_parameters_are_only_names(database: Database):
    params = {"a b": 1, "": 2, "1": 3, "`": 4, "$": 5}
    table = await ask(database, "RETURN $`a b` + $`1` AS x", params)
    assert table["rows"] == [{"x": 4}]


# Values


async def test_values_are_json(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Field, "Sciences", await plant.node(Kind.Taxonomy, "Root"))
    await plant.node(Kind.Discipline, "Optics", top)
    text = """
      MATCH p = (f:Field)-[r:CONTAINS]->(d:Discipline)
      RETURN f, r, p, 9007199254740993 AS big, -9223372036854775808 AS least, NaN AS nan, -Infinity AS minus,
        [1.5, null, {a: [true]}] AS list, date('2026-02-03') AS date, time('10:00:00+02:00') AS time,
        datetime('2026-02-03T10:00:00.123Z') AS at, duration('P1M2DT3.5S') AS for,
        point({x: 1, y: 2}) AS flat, point({longitude: 1, latitude: 2, height: 3}) AS globe
    """
    row = (await ask(database, text))["rows"][0]
    field, link, path = row["f"], row["r"], row["p"]
    assert field.keys() == {"id", "labels", "properties"}
    assert field["labels"] == ["Field", "TaxonomyNode"]
    assert field["properties"]["name"] == "Sciences"
    assert link.keys() == {"id", "type", "start", "end", "properties"}
    assert (link["type"], link["start"]) == ("CONTAINS", field["id"])
    assert [node["properties"]["name"] for node in path["nodes"]] == ["Sciences", "Optics"]
    assert path["relationships"] == [link]
    assert (row["big"], row["least"]) == (2**53 + 1, -(2**63))
    assert (row["nan"], row["minus"]) == ("NaN", "-Infinity")
    assert row["list"] == [1.5, None, {"a": [True]}]
    assert (row["date"], row["time"][:8]) == ("2026-02-03", "10:00:00")
    assert row["at"].startswith("2026-02-03T10:00:00.123")
    assert row["for"] == "P1M2DT3.5S"
    assert row["flat"] == {"srid": 7203, "x": 1.0, "y": 2.0}
    assert row["globe"] == {"srid": 4979, "x": 1.0, "y": 2.0, "z": 3.0}


async def test_what_glan_keeps_for_itself_is_shown_without_its_properties(database: Database):
    await rows_of(database, "CREATE (:Token {hash: 'secret'})-[:OF]->(:Request {body: 'secret'})")
    for text in (
        "MATCH (n) RETURN n",
        "MATCH p = (n)-->() RETURN p",
        "MATCH (n) RETURN collect({a: [n]}) AS l",
    ):
        assert "secret" not in json.dumps(await ask(database, text))


async def test_a_hidden_label_named_in_other_ways_gives_nothing_that_opens_a_door(database: Database):
    _, secret = await tokens.create(database, "reader", [Scope.read])
    for text in (
        "MATCH (n) WHERE n IS Token RETURN properties(n) AS x",
        "MATCH (n:`Token`) RETURN properties(n) AS x",
        "MATCH (n:$($label)) RETURN properties(n) AS x",
        "MATCH (n) WHERE 'Token' IN labels(n) RETURN properties(n) AS x",
    ):
        table = await ask(database, text, {"label": "Token"})
        assert len(table["rows"]) == 1
        assert secret not in json.dumps(table)


# A read-only user


async def test_users_ask_as_the_user_for_reading(neo4j: Attachment, database: Database):
    await rows_of(database, "CREATE OR REPLACE USER reader SET PASSWORD 'reader-reader' CHANGE NOT REQUIRED")
    try:
        address = Address(neo4j.uri, neo4j.username, neo4j.password, None, ("reader", "reader-reader"))
        opened = await Database.open(address)
        text = "UNWIND range(1, 1000000000) AS x RETURN x"
        async with tables.own(opened, text, {}, Bounds(rows=10**9)) as rows:
            async for _ in rows:
                break
            assert "'user': 'reader'" in await running(database)
        await opened.close()
        wrong = await Database.open(
            Address(neo4j.uri, neo4j.username, neo4j.password, None, ("reader", "no"))
        )
        with pytest.raises(WrongPassword, match="NEO4J_READ_PASSWORD"):
            await ask(wrong, "RETURN 1")
        await wrong.close()
    finally:
        await rows_of(database, "DROP USER reader")
