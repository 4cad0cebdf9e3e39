"""Every query of cypher/ on the running Neo4j: planned without notifications, and run with its example."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase
from planting import Plant, rows_of

from graph import queries
from graph.database import Address, Database, schema
from graph.embedded.attach import Attachment
from graph.errors import GraphError, Invalid, NotFound
from graph.model import Kind
from graph.queries import Query
from graph.read_door import tables

PLANNED = [query for query in map(queries.load, queries.names()) if query.access != "schema"]
DUMMIES: dict[str, Any] = {
    "string": "0190",
    "integer": 1,
    "float": 1.0,
    "list": [],
    "map": {},
    "boolean": True,
}
# A row for parameters that are lists of maps; the planner does not look into them.
ROW = {
    "id": "00",
    "n": 0,
    "kind": "Field",
    "node": {"key": "00", "id": "00"},
    "parents": [],
    "properties": {"id": "00"},
    "sessions": [],
    "concepts": [],
}


def dummies(query: Query) -> dict[str, Any]:
    """The query's example or, if it has none, values of the right types."""
    if query.example:
        return query.example
    params = {name: DUMMIES[param.type.removesuffix(" or null")] for name, param in query.params.items()}
    return params | ({"rows": [ROW]} if "rows" in params else {})


@pytest_asyncio.fixture(scope="module")
async def known(session_database: Database) -> AsyncIterator[None]:
    """Makes labels, types and optional properties known to the database by creating nodes that have them."""
    kinds = ":".join(Kind)
    await rows_of(
        session_database,
        f"CREATE (n:Known:TaxonomyNode:{kinds} {{id: 'k', key: 'k', kind: '', home: '', status: '', name: '',"
        " name_key: '', description: '', weight: 1, version: 1, created_by: '', created_at: datetime(),"
        " updated_at: datetime(), capacity: [1], drawn: [1], space_version: '', introduction: '',"
        " ahead: [1], ahead_counts: [1], respaced: false, guests: true,"
        " objectives: [''], level: '', support: 0, samples: 0, also_named: [''],"
        " uri: '', notation: [''], source_key: 'k', notation_key: '',"
        " imported: '', term_words: '', related: [''], exactMatch: [''], closeMatch: [''], broadMatch: [''],"
        " narrowMatch: [''], relatedMatch: ['']})-[:RELATED]->(:Known)"
        " CREATE (j:Known:Job {id: 'k', state: '', reason: '', wanted: '', worker: '', fence: 0,"
        " spec: '', resolved: '', timings: '', live: '', changes: [''],"
        " spec_key: '', root_id: '', requested: 0, lease_until: datetime(), created_at: datetime(),"
        " updated_at: datetime(), started_at: datetime(), ended_at: datetime()})"
        " CREATE (u:Known:WorkUnit {id: 'k', job_id: '', branch_id: '', step: '', state: '', reason: '',"
        " requested: 0, left: 0, calls: 0, prompt_tokens: 0, completion_tokens: 0, created_at: datetime(),"
        " node_id: '', model: '', cost_usd: 0.0, unpriced: 0, accepted: 0, rejected: 0, failed: 0, raw: '',"
        " finish_reason: '', detail: '', draft: '', question_calls: 0, question_tokens: 0, answer_tokens: 0,"
        " question_usd: 0.0, answer_usd: 0.0, counts: [0.0], spent: [0.0], handed_seal: 0,"
        " used_models: [''], used_steps: [''],"
        " used_samples: [0], used_calls: [0], used_prompt_tokens: [0], used_completion_tokens: [0],"
        " used_usd: [0.0], used_unpriced: [0], across: false, partner_id: '',"
        " stratum: '', updated_at: datetime(), ungrounded: 0,"
        " asked_again: 0, by_lines: 0, dials: [''], dial_counts: [0], known: 0, kind: ''})"
        " CREATE (i:Known:Instruction {id: 'k', unit_id: '', combination: '', status: '', reason: '',"
        " strategy: '', question: '', answer: '', syllabus_id: '', partner_id: '',"
        " space_version: '', concepts: [''],"
        " sessions: [''], calls: 0, prompt_tokens: 0, completion_tokens: 0, created_at: datetime(),"
        " job_id: '', raw: '', finish_reason: '', detail: '', language: '', question_model: '',"
        " answer_model: '', question_calls: 0, question_prompt_tokens: 0, question_completion_tokens: 0,"
        " question_cost_usd: 0.0, answer_prompt_tokens: 0, answer_completion_tokens: 0,"
        " answer_calls: 0, answer_cost_usd: 0.0, cost_usd: 0.0, updated_at: datetime(), question_prompt: '',"
        " answer_prompt: '', question_prompt_version: '', answer_prompt_version: '',"
        " checked: [''], flags: [''], dials: [''], repeat: 0, again: 0, text_key: 'k', words: '', samples: 0,"
        " agreed: 0,"
        " rejected_answer: ''})"
        " CREATE (n)-[:CROSSED_WITH {score: 0.0, shared: [''], together: [''], hops: 0}]->(n)"
        " CREATE (n)-[:CONTAINS {position: 0, since: ''}]->(:Known), (i)-[:DRAWN_FROM {position: 0}]->(n),"
        " (i)-[:COVERS]->(n), (i)-[:COVERED]->(n), (i)-[:PRODUCED_BY]->(j), (j)-[:GROWS]->(n),"
        " (j)-[:HAS_UNIT]->(u)"
        " CREATE (r:Known:Release {name: 'k', state: '', spec: '', count: 0, builder: '', sha256: '',"
        " bytes: 0, lease_until: datetime(), asked_at: datetime(), created_at: datetime(),"
        " ended_at: datetime(), prompts: [''], splits: [0], evidence: ''})"
        " CREATE (i)-[:NEAR_DUPLICATE_OF {waived_by: '', check_id: '', at: datetime()}]->(i),"
        " (i)-[:VARIANT_OF]->(i)"
        " SET i.waived_by = '', i.waived_at = datetime(), i.waiver = '', i.withdrawn_by = '',"
        " i.withdrawn_at = datetime(), i.before = [''], i.drawn_names = ['']"
        " CREATE (c:Known:Check {id: 'k', held: true, kind: '', state: '', spec_key: '', fence: 0,"
        " worker: '', wanted: '', reason: '', lease_until: datetime(), created_at: datetime(),"
        " started_at: datetime(), ended_at: datetime(), undone_at: datetime(), undone_to: '',"
        " looked_at: 0, found: 0, variants: 0, withdrawn: 0, restored: 0, writes: 0,"
        " node_id: ''})-[:LOOKED_UNDER]->(n)"
        " CREATE (c)-[:FOUND]->(:Known:Finding {id: 'k', instruction: '', reason: '', links: '',"
        " outcome: ''})"
        " CREATE (r)-[:HAS_PART]->(:Known:ReleasePart {id: 'k', release: '', n: 0, count: 0, data: '',"
        " facts: ''})"
        "-[:PINS]->(i)"
        " CREATE (:Known:Alias {id: 'k', source_key: 'k', notation_key: 'k'})-[:OF]->(n)"
        " CREATE (:Known:Edit {id: 'k', at: datetime(), who: '', action: '', node_id: '', kind: '', name: '',"
        " nodes: 0, stale: 0, detail: ''})-[:CHANGED]->(n)"
        " SET i.accepted_at = datetime(), i.awaits = '', i.drawn_names = [''], i.checked = ['']"
        " CREATE (:Known:Token {id: 'k', name: '', hash: 'k', scopes: [''], created_by: '',"
        " created_at: datetime(), expires_at: datetime(), revoked_at: datetime()})"
        " CREATE (rollup:Known:Rollup {id: 'k', figures: '', sums: [0], held: true})"
        " CREATE (rollup)-[:SHARES]->(:Known:Rollup {id: 'l'})<-[:CROSSES]-(rollup)"
        " CREATE (:Known:Benchmark {id: 'k', name: 'k', state: '', items: 0, splits: [''], split_items: [0],"
        " asked_at: datetime(), loaded_at: datetime()})"
        "-[:HAS_ITEM]->(item:Known:BenchmarkItem {id: 'k', split: '', task: '', text: '', tokens: 0})"
        " CREATE (i)-[:MATCHES {part: ''}]->(item)"
        " CREATE (j)-[:RUNS]->(t:Known:GlanTest {id: 'k', name: 'k', node_id: '', state: '', items: 0,"
        " created_at: datetime(), completed_at: datetime(), removed_at: datetime()})-[:HOLDS]->(n),"
        " (t)-[:DRAWN_UNDER]->(n)"
        " CREATE (:Known:TestVerdict {id: 'k', first: 0, second: 0, why: '', reason: '', detail: '',"
        " at: datetime()})-[:COMPARES {place: 1}]->(:Known:TestAnswer {id: 'k', text: '', reason: '',"
        " detail: '', at: datetime()})-[:ANSWERS]->(i)"
        " SET i.held_out = true, u.outcome = '', u.marks = [0], u.lengths = [0]"
        " CREATE (i)-[:HAS_VERDICT]->(:Known:Verdict {id: 'k', part: '', at: datetime(), fresh: true,"
        " order: '', verdict: '', why: '', flaws: [''], scores: '', model: '', calls: 0, prompt_tokens: 0,"
        " completion_tokens: 0, cost_usd: 0.0, applied: true, problem: ''})"
        " CREATE (i)-[:HAS_DRAFT]->(:Known:Draft {id: 'k', number: 0, kind: '', text: '', final: '',"
        " reason: '', model: '', calls: 0, prompt_tokens: 0, completion_tokens: 0, cost_usd: 0.0,"
        " at: datetime(), fresh: true})"
        " CREATE (round:Known:Round {id: 'k', key: 'k', root_id: '', name: '', state: '', rule: '',"
        " quorum: 1, voters: [''], all: false, count_models: false, nodes: 0, votes: 0, turn: 1, held: true,"
        " opened_at: datetime(), opened_by: '', closed_at: datetime(), closed_by: '',"
        " reopened_at: datetime(), reopened_by: '', reason: '', accepted: 0, rejected: 0,"
        " undecided: 0})-[:OVER]->(n),"
        " (round)-[:ASKS {was: '', gave: '', turn: 1, outcome: '', reason: '', above: ['']}]->(n),"
        " (round)-[:HAS]->(v:Known:Vote {id: 'k', key: 'k', round: '', node: '', who: '', kind: '',"
        " choice: '', comment: '', own: true, unverified: false, loaded_by: '', current: true,"
        " at: datetime(), undone_at: datetime()})-[:ON]->(n), (v)-[:REPLACES]->(v)"
        " CREATE (p:Known:Proposal {id: 'k', key: 'k', kind: '', state: '', tier: 1, score: 0.0,"
        " evidence: [''], evidence_key: '', about: '', before: '', after: '', source: '', source_id: '',"
        " made_by: '', text: '', place: '', at: datetime(), refusal: '', decided_by: '',"
        " decided_at: datetime(), comment: ''})-[:ABOUT {role: ''}]->(n)"
        " CREATE (j)<-[:FROM]-(p)-[:FROM]->(import:Known:Import {id: 'k', file: '', sha256: '',"
        " format: '', options: '', plan: '', problems: '', triples: 0, concepts: 0, via: '', who: '',"
        " state: '', reason: '', at: datetime(), seen_at: datetime(), ended_at: datetime(), created: 0,"
        " updated: 0, unchanged: 0, existing: 0, proposed: 0, conflicts: 0, missing: 0, errors: 0})"
        "-[:INTO]->(n), (import)-[:HAS_PROBLEMS]->(:Known:ImportProblems {id: 'k', code: '', first: 1,"
        " uris: [''], texts: ['']})"
        " CREATE (:Known:DuplicateSearch {id: 'k', key: '', node_id: '', across: [''], tier: 1, state: '',"
        " threshold: 1.0, counts: '', reason: '', created_by: '', started_at: datetime(),"
        " seen_at: datetime(), ended_at: datetime()})-[:LOOKED_UNDER]->(n)"
        " SET n.rdf = ['']"
        " CREATE (:Known:Rule {id: 'k', settings: '', calibration: '', created_at: datetime()})"
        " CREATE (j)-[:HAS_JUDGE]->(:Known:Judge {id: 'k', part: '', model: '', rule: '', counts: [0.0],"
        " created_at: datetime()})",
    )
    await rows_of(session_database, "MERGE (s:Schema {id: 'glan'}) SET s.locked_at = datetime()")
    yield
    await rows_of(session_database, "MATCH (n:Known) DETACH DELETE n")


@pytest_asyncio.fixture(scope="module")
async def noticing(neo4j: Attachment) -> AsyncIterator[AsyncDriver]:
    """A driver that reports the server's notifications; glan's own does not."""
    async with AsyncGraphDatabase.driver(
        neo4j.uri, auth=(neo4j.username, neo4j.password), notifications_min_severity="INFORMATION"
    ) as opened:
        yield opened


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("query", PLANNED, ids=lambda query: query.name)
async def test_planned_without_a_notification(noticing: AsyncDriver, query: Query):
    async with noticing.session() as session:
        result = await session.run("EXPLAIN " + query.text, dummies(query))
        summary = await result.consume()
    said = [
        f"{status.gql_status}: {status.status_description}"
        for status in summary.gql_status_objects
        if status.is_notification
    ]
    assert not said
    assert (summary.query_type == "r") == (query.access == "read")


@pytest.mark.parametrize("query", queries.offered(), ids=lambda query: query.name)
async def test_example_runs_through_the_read_door(database: Database, query: Query):
    table = await tables.run_named(database, query.name, query.example)
    assert not table.truncated


async def test_read_door_completes_and_checks_parameters(plant: Plant):
    field = await plant.node(Kind.Field, "F", await plant.node(Kind.Taxonomy, "T"))
    await plant.node(Kind.Discipline, "D", field)
    table = await tables.run_named(plant.database, "explore.disciplines", {"id": field})
    assert table.columns[:2] == ["id", "discipline"]
    assert [row["discipline"] for row in table.rows] == ["D"]
    wrong: list[tuple[str, dict[str, Any], type[GraphError]]] = [
        ("explore.nothing", {}, NotFound),
        ("node.retire", {"ids": [field]}, NotFound),
        ("explore.disciplines", {}, Invalid),
        ("explore.disciplines", {"id": 1}, Invalid),
        ("explore.disciplines", {"id": None}, Invalid),
        ("explore.disciplines", {"id": field, "limit": "1"}, Invalid),
        ("explore.disciplines", {"id": field, "limit": True}, Invalid),
        ("explore.disciplines", {"id": field, "depth": 1}, Invalid),
    ]
    for name, params, error in wrong:
        with pytest.raises(error):
            await tables.run_named(plant.database, name, params)


# The schema


async def shape(database: Database) -> list[Any]:
    indexes = await rows_of(database, "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties")
    constraints = await rows_of(database, "SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties")
    version = await rows_of(database, "MATCH (s:Schema) RETURN s.version AS version")
    return [sorted(indexes, key=str), sorted(constraints, key=str), version]


async def test_migrating_again_changes_nothing(database: Database):
    before = await shape(database)
    await schema.migrate(database)
    # Without a version, all statements run again and find everything in place.
    await rows_of(database, "MATCH (s:Schema) REMOVE s.version")
    await schema.migrate(database)
    assert await shape(database) == before
    assert all(index["state"] == "ONLINE" for index in before[0])


async def test_several_migrate_at_once(neo4j: Attachment, database: Database):
    before = await shape(database)
    await rows_of(database, "DROP INDEX name_of_Field")
    await rows_of(database, "DROP CONSTRAINT unit_id")
    await rows_of(database, "MATCH (s:Schema) DELETE s")
    async with _Opened(neo4j, 4) as others:
        await asyncio.gather(*(schema.migrate(other) for other in others))
    assert await shape(database) == before


class _Opened:
    """Several open connections to the same database."""

    def __init__(self, neo4j: Attachment, count: int) -> None:
        self._address = Address(neo4j.uri, neo4j.username, neo4j.password)
        self._count = count
        self._opened: list[Database] = []

    async def __aenter__(self) -> list[Database]:
        self._opened = [await Database.open(self._address) for _ in range(self._count)]
        return self._opened

    async def __aexit__(self, *_: object) -> None:
        for database in self._opened:
            await database.close()


async def test_every_kind_has_an_index_of_its_names(database: Database):
    indexes = (await shape(database))[0]
    by_label = {tuple(index["labelsOrTypes"]) for index in indexes if index["properties"] == ["name"]}
    # Releases, benchmarks and test sets are found by name too.
    assert by_label == {(kind.value,) for kind in Kind} | {("Release",), ("Benchmark",), ("GlanTest",)}


async def test_ids_and_keys_are_unique(database: Database):
    constraints = (await shape(database))[1]
    unique = {(*c["labelsOrTypes"], *c["properties"]) for c in constraints if c["type"] == "UNIQUENESS"}
    assert unique >= {
        ("TaxonomyNode", "id"),
        ("TaxonomyNode", "key"),
        ("Instruction", "id"),
        ("Job", "id"),
        ("WorkUnit", "id"),
        ("Schema", "id"),
    }


async def test_database_of_a_newer_version_is_refused(database: Database):
    await rows_of(database, "MATCH (s:Schema) SET s.version = $version", version=schema.VERSION + 1)
    try:
        with pytest.raises(GraphError, match="upgrade glan"):
            await schema.migrate(database)
    finally:
        await rows_of(database, "MATCH (s:Schema) SET s.version = $version", version=schema.VERSION)


# Plans


@pytest_asyncio.fixture(scope="module")
async def grown(session_database: Database) -> AsyncIterator[str]:
    """The id of a field of twenty disciplines, with two thousand concepts and as many instructions."""
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    await rows_of(
        session_database,
        """
        CREATE (t:TaxonomyNode:Taxonomy {id: 't', key: 't', name: 'T', name_key: 't', status: 'accepted'})
        CREATE (t)-[:CONTAINS]->(f:TaxonomyNode:Field
          {id: 'f', key: 'f', name: 'F', name_key: 'f', status: 'accepted'})
        CREATE (j:Job {id: 'j'})
        WITH f, j UNWIND range(1, 20) AS n
        CREATE (f)-[:CONTAINS]->(d:TaxonomyNode:Discipline
          {id: 'd' + n, key: 'd' + n, name: 'D', name_key: 'd', status: 'accepted'})
        CREATE (d)-[:CONTAINS]->(u:TaxonomyNode:Subject
          {id: 'u' + n, key: 'u' + n, name: 'U', name_key: 'u', status: 'accepted'})
        CREATE (u)-[:CONTAINS]->(y:TaxonomyNode:Syllabus
          {id: 'y' + n, key: 'y' + n, name: 'Y', name_key: 'y', status: 'accepted'})
        WITH y, n, j UNWIND range(1, 10) AS m
        CREATE (y)-[:CONTAINS {position: m}]->(s:TaxonomyNode:ClassSession
          {id: 's' + n + '-' + m, key: 's' + n + '-' + m, name: 'S', name_key: 's', status: 'accepted'})
        WITH s, j UNWIND range(1, 10) AS c
        CREATE (s)-[:CONTAINS {position: c}]->(k:TaxonomyNode:KeyConcept
          {id: 'k' + s.id + '-' + c, key: 'k' + s.id + '-' + c, name: 'K' + c, name_key: 'k' + c,
           status: 'accepted'})
        CREATE (i:Instruction {id: 'i' + k.id, status: 'accepted', strategy: 'single',
          created_at: datetime(), updated_at: datetime(), unit_id: 'u' + k.id, combination: 'c' + k.id})
        CREATE (i)-[:DRAWN_FROM {position: 0}]->(s), (i)-[:COVERS]->(k), (i)-[:PRODUCED_BY]->(j)
        CREATE (j)-[:HAS_UNIT]->(:WorkUnit {id: 'u' + k.id, job_id: 'j', branch_id: 'y', step: 'draw',
          state: 'pending'})
        """,
    )
    await rows_of(session_database, "CALL db.resampleOutdatedIndexes()")
    yield "f"
    await rows_of(session_database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")


def operators(plan: dict[str, Any]) -> list[str]:
    """The names of a plan's operators, without the @ and the database that follow each name."""
    below = [name for child in plan.get("children", []) for name in operators(child)]
    return [plan["operatorType"].split("@")[0], *below]


def hits(plan: dict[str, Any]) -> int:
    return plan.get("dbHits", 0) + sum(map(hits, plan.get("children", [])))


# These scan all nodes of a label by design: jobs, tokens, and kinds with few nodes; or until there are enough
# of a label.
WALKS = {
    *("admin.release_parts", "admin.sorts"),
    *("job.claim", "job.list", "node.list_rare", "schema.version", "syllabus.practised"),
    *("token.list", "token.live"),
}
SCANS = {
    *("AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan", "IntersectionNodeByLabelsScan"),
    *("DirectedAllRelationshipsScan", "UndirectedAllRelationshipsScan"),
    *("DirectedRelationshipTypeScan", "UndirectedRelationshipTypeScan"),
}


def multiplies(plan: dict[str, Any]) -> bool:
    """Whether a plan multiplies rows; pairing single nodes that are each found by id does not count."""
    below: list[dict[str, Any]] = plan.get("children", [])
    if plan["operatorType"].startswith("CartesianProduct"):
        sides = {name.split("(")[0] for side in below for name in operators(side)}
        return sides - {"CartesianProduct"} != {"NodeUniqueIndexSeek"}
    return any(map(multiplies, below))


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize(
    "query", [query for query in PLANNED if query.name not in WALKS], ids=lambda query: query.name
)
async def test_starts_at_an_index_and_multiplies_nothing(noticing: AsyncDriver, query: Query):
    async with noticing.session() as session:
        # Planned for this graph: what ran before may have left a plan for one that was nearly empty.
        result = await session.run("CYPHER replan=force EXPLAIN " + query.text, dummies(query))
        plan: Any = (await result.consume()).plan
    assert not SCANS & set(operators(plan)), operators(plan)
    assert not multiplies(plan), operators(plan)
    assert query.access != "read" or "Eager" not in operators(plan)


async def profiled(driver: AsyncDriver, name: str, **params: Any) -> int:
    """The number of database hits of a query."""
    query = queries.load(name)
    # Fetched whole, because Neo4j returns no profile for a result fetched in parts.
    async with driver.session(fetch_size=-1) as session:
        result = await session.run("PROFILE " + query.text, query.example | params)
        profile: Any = (await result.consume()).profile
    return hits(profile)


def pulled(*syllabi: str, session: str = "", limit: int = 20) -> dict[str, Any]:
    """Parameters of a pull from some syllabi of `grown`, starting at `session` if given."""
    place = {"syllabi": list(syllabi), "syllabus": syllabi[0] if session else "", "session": session}
    return {"from": place | {"instruction": ""}, "limit": limit}


EVERY = sorted(f"y{n}" for n in range(1, 21))


async def test_page_costs_itself_and_not_the_subtree_before_it(noticing: AsyncDriver, grown: str):
    whole = await profiled(noticing, "instruction.pull", id=grown, **pulled(*EVERY, limit=2**62))
    first = await profiled(noticing, "instruction.pull", id=grown, **pulled(*EVERY[:4]))
    last = await profiled(noticing, "instruction.pull", id=grown, **pulled(EVERY[-1], session="s9-9"))
    assert max(first, last) < whole / 4
    sections = await profiled(noticing, "instruction.sections", id=grown)
    assert sections < whole / 20


async def test_a_window_reads_only_the_sessions_it_comes_to(noticing: AsyncDriver, grown: str):
    some = await profiled(noticing, "instruction.pull", id=grown, **pulled(*EVERY, limit=5))
    whole = await profiled(noticing, "instruction.pull", id=grown, **pulled(*EVERY, limit=2**62))
    assert some < whole / 2


# These begin at the few that there are, wherever they stand.
BELOW_ANYTHING = {"explore.conflicts", "explore.imports", "explore.proposals"}


@pytest.mark.parametrize(
    "query",
    [query for query in queries.offered() if "id" in query.params and query.name not in BELOW_ANYTHING],
    ids=lambda query: query.name,
)
async def test_asking_about_one_discipline_of_twenty_costs_its_part(
    noticing: AsyncDriver, grown: str, query: Query
):
    # Without a limit that would end it early.
    most = {"limit": 2**31} if "limit" in query.params else {}
    one = await profiled(noticing, query.name, id="d1", **most)
    assert one < await profiled(noticing, query.name, id=grown, **most) / 8


def group_of(top: str) -> dict[str, Any]:
    """Parameters for one group of one node, as the queries of coverage take them."""
    return {"groups": [{"id": "all", "tops": [top]}]}


async def test_work_stays_within_the_subtree(noticing: AsyncDriver, grown: str):
    for name in ("histogram", "instructions", "present", "reached", "sessions"):
        one = await profiled(noticing, f"coverage.{name}", batch=group_of("d1"))
        assert one < await profiled(noticing, f"coverage.{name}", batch=group_of(grown)) / 10, name
    for name in ("node.descendants", "explore.disciplines", "instruction.sections"):
        one = await profiled(noticing, name, id="d1", limit=2**62)
        assert one < await profiled(noticing, name, id=grown, limit=2**62) / 10, name
    part, whole = ({"parts": [{"id": top, "degrees": None}]} for top in ("d1", grown))
    one = await profiled(noticing, "coverage.gaps", batch=part, limit=2**62)
    assert one < await profiled(noticing, "coverage.gaps", batch=whole, limit=2**62) / 10
