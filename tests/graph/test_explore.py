"""The queries of cypher/explore on planted data: each answers what its first line says, without doubles."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from planting import Plant, Syllabus, rows_of

from graph import queries, rollups
from graph.database import Database
from graph.model import Kind, Status
from graph.proposals.proposal import About, NewProposal, ProposalKind, Role, Source
from graph.proposals.storing import Origin, propose
from graph.read_door import tables
from graph.review import rounds, votes
from graph.review.counting import Choice
from graph.review.rounds import NewRound
from graph.review.votes import NewVote, Voter
from graph.taxonomy.streams import import_log
from graph.taxonomy.streams.import_facts import ImportState, NewImport, Report

CLASH = "name: 'Acoustics' here, 'Sound' in the import, where it was 'Noise'"
EXPLORE = [query.name for query in queries.offered()]


@dataclass
class World:
    """Optics is under two fields, `lens` in two of its sessions: a query that counts paths counts double."""

    database: Database
    top: str
    optics: str
    acoustics: str
    light: Syllabus
    sound: Syllabus
    bare: str

    async def ask(self, name: str, *columns: str, **params: Any) -> list[tuple[Any, ...]]:
        """Some columns of a query's rows; of the whole taxonomy unless `id` is given."""
        query = tables.find(f"explore.{name}")
        if "id" in query.params:
            params = {"id": self.top} | params
        table = await tables.run_named(self.database, query.name, params)
        return [tuple(row[column] for column in columns) for row in table.rows]


@pytest_asyncio.fixture(scope="module")
async def world(session_database: Database) -> AsyncIterator[World]:
    """Two disciplines, three subjects, eight instructions."""
    database = session_database
    await rows_of(database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    one = await plant.node(Kind.Field, "Physics", top)
    two = await plant.node(Kind.Field, "Engineering", top)
    optics = await plant.node(Kind.Discipline, "Optics", one, two)
    acoustics = await plant.node(Kind.Discipline, "Acoustics", one)
    light = await plant.syllabus(
        optics, "Light", {"rays": ["lens", "mirror", "prism"], "tools": ["lens", "laser"], "void": []}
    )
    sound = await plant.syllabus(acoustics, "Sound", {"waves": ["wave", "Lens"], "noise": ["hum"]})
    bare = await plant.node(Kind.Subject, "Bare", optics)
    await plant.node(Kind.Subject, "Maybe", optics, status=Status.proposed)
    await plant.job(top, requested=8, id_="j1")
    models = {"question_model": "q1", "answer_model": "a1", "prompt_tokens": 10, "completion_tokens": 20}
    plain = models | {"language": "en", "cost_usd": 0.5}
    first = {"combination": "c", "dials": ["difficulty=apply", "task=a=b"]}
    again = {"combination": "c", "dials": ["difficulty=create"], "repeat": 1}
    long = {"answer": "x" * 300, "question": "Same?"}
    await plant.instruct("i1", light, "rays", "lens mirror", answer="short", **plain, **first)
    await plant.instruct("i2", light, "rays", "lens mirror", **long, **plain, **again)
    await plant.instruct(
        "i3", light, "rays tools", "lens laser", question="Same?", flags=["r@1", "s@1"], **plain
    )
    refused = plain | {"question_model": "q2"}
    await plant.instruct("i4", light, "rays", "prism", status="rejected", reason="wrong_language", **refused)
    await plant.instruct("i5", light, "tools", "laser", status="failed", reason="truncated", **refused)
    await plant.instruct("i6", light, "tools", "laser", status="stale", reason="laser renamed", **plain)
    await plant.job(acoustics, requested=2, id_="j2")
    await plant.instruct("i7", sound, "waves", "wave", **plain | {"language": "fr", "flags": ["r@1"]})
    await plant.instruct("i8", sound, "noise", "hum", status="asked", **plain)
    await rows_of(
        database,
        """
        MATCH (y:Syllabus {id: $light}), (z:Syllabus {id: $sound})
        SET y.capacity = [4.0, 6.0], y.drawn = [4, 3], z.capacity = [50.0, 50.0], z.drawn = [1, 1]
        WITH * MATCH (i:Instruction)
        SET i.created_at = datetime('2026-01-0' + CASE i.id WHEN 'i7' THEN '2' ELSE '1' END + 'T10:00:00Z')
        WITH DISTINCT 1 AS once
        MATCH (j:Job) WITH j, j.id = 'j1' AS first
        SET j.state = 'done', j.started_at = datetime('2026-01-01T10:00:00Z'),
            j.ended_at = datetime('2026-01-01T10:01:' + CASE WHEN first THEN '00' ELSE '30' END + 'Z')
        CREATE (j)-[:HAS_UNIT]->(:WorkUnit {id: 'u' + j.id, job_id: j.id, step: 'instructions',
          state: 'done', accepted: CASE WHEN first THEN 3 ELSE 1 END, calls: 9,
          created_at: datetime(), updated_at: datetime()})
        """,
        light=light.id,
        sound=sound.id,
    )
    mapped = "MATCH (d {id: $id}) SET d.exactMatch = ['e:1'], d.broadMatch = ['e:2', 'e:3']"
    await rows_of(database, mapped, id=optics)
    first, _ = await rounds.open_round(database, NewRound(root_id=top, name="First", all=True), "opener")
    for who, on in {"Ada": "krk", "Bob": "kk", "Cy": "krr"}.items():
        for id_, letter in zip((optics, acoustics, one), on, strict=False):
            choice = NewVote(choice=Choice.keep if letter == "k" else Choice.remove)
            await votes.cast(database, first.id, id_, Voter(who, unverified=who == "Cy"), choice)
    about = [About(id=light.subject, role=Role.from_), About(id=sound.subject, role=Role.into)]
    subject = [About(id=acoustics, role=Role.subject)]
    about_file = NewImport(file="waves.ttl", sha256="0" * 64, format="turtle", under=one)
    read = await import_log.begin(database, about_file, "rest", by="Ada")
    await import_log.report(
        database, read.id, Report(state=ImportState.done, created=2, conflicts=1, into=[acoustics]), "rest"
    )
    proposals = [
        NewProposal(kind=ProposalKind.merge, about=about, evidence=["same name"], tier=2),
        NewProposal(kind=ProposalKind.remove, about=subject, evidence=["not in the file any more"]),
    ]
    await propose(database, proposals, Origin(Source.person))
    clash = NewProposal(
        kind=ProposalKind.conflict, about=subject, before={"name": "Acoustics"}, after={"name": "Sound"},
        evidence=[CLASH],
    )  # fmt: skip
    await propose(database, [clash], Origin(Source.import_, read.id, "Ada"))
    supported = (
        "UNWIND [[$a, 1], [$b, 2]] AS row MATCH (d {id: row[0]}) SET d.support = row[1], d.samples = 3"
    )
    await rows_of(database, supported, a=optics, b=acoustics)
    yield World(database, top, optics, acoustics, light, sound, bare)
    await rows_of(database, "MATCH (n) WHERE NOT n:Schema DETACH DELETE n")


async def test_disciplines(world: World):
    columns = ("discipline", "subjects", "sessions", "concepts", "instructions")
    forget = "MATCH (r:Rollup) REMOVE r.figures, r.sums RETURN count(r) AS forgotten"
    await rows_of(world.database, forget)
    counted = await world.ask("disciplines", *columns)
    assert counted == [("Optics", 3, 3, 4, 3), ("Acoustics", 1, 2, 3, 1)]
    ids = [row["id"] for row in await rows_of(world.database, "MATCH (d:Discipline) RETURN d.id AS id")]
    await rollups.of(world.database, ids)
    assert await world.ask("disciplines", *columns) == counted


async def test_flags(world: World):
    columns = ("rule", "instructions", "id")
    assert await world.ask("flags", *columns) == [("r@1", 2, "i3"), ("s@1", 1, "i3")]
    assert await world.ask("flags", *columns, id=world.acoustics) == [("r@1", 1, "i7")]


async def test_dials(world: World):
    columns = ("dial", "value", "instructions", "accepted", "without_use")
    assert await world.ask("dials", *columns) == [
        ("difficulty", "apply", 1, 1, 0),
        ("difficulty", "create", 1, 1, 0),
        ("task", "a=b", 1, 1, 0),
    ]
    assert await world.ask("dials", *columns, id=world.acoustics) == []


async def test_repeats(world: World):
    [found] = await world.ask("repeats", "combination", "instructions", "concepts", "dials")
    assert found == ("c", 2, ["lens", "mirror"], [["difficulty=apply", "task=a=b"], ["difficulty=create"]])


async def test_failures(world: World):
    assert await world.ask("failures", "subject", "reason", "instructions") == [
        ("Light", "truncated", 1),
        ("Light", "wrong_language", 1),
    ]


async def test_failures_by_model(world: World):
    assert await world.ask("failures_by_model", "model", "status", "reason", "instructions") == [
        ("q2", "failed", "truncated", 1),
        ("q2", "rejected", "wrong_language", 1),
    ]


async def test_never_together(world: World):
    rows = await world.ask("never_together", "session", "concept", "other")
    pairs = {(session, frozenset((a, b))) for session, a, b in rows}
    assert pairs == {
        ("rays", frozenset(("lens", "prism"))),
        ("rays", frozenset(("mirror", "prism"))),
        ("waves", frozenset(("wave", "Lens"))),
    }
    assert len(rows) == 3


async def test_stale(world: World):
    assert await world.ask("stale", "id", "reason") == [("i6", "laser renamed")]
    assert await world.ask("stale_reasons", "reason", "instructions") == [("laser renamed", 1)]


async def test_thin_subjects(world: World):
    rows = await world.ask("thin_subjects", "subject", "concepts", "per_concept")
    assert rows == [("Sound", 3, pytest.approx(1 / 3)), ("Light", 4, pytest.approx(6 / 4))]


async def test_without_syllabus(world: World):
    assert await world.ask("without_syllabus", "id", "subject", "disciplines") == [
        (world.bare, "Bare", ["Optics"])
    ]


async def test_short_syllabi(world: World):
    rows = await world.ask("short_syllabi", "syllabus", "sessions", "subjects", sessions=3)
    assert rows == [("Sound syllabus", 2, ["Sound"])]


async def test_empty_sessions(world: World):
    assert await world.ask("empty_sessions", "session", "syllabi") == [("void", ["Light syllabus"])]


async def test_same_names(world: World):
    [(name, nodes, ids)] = await world.ask("same_names", "name", "nodes", "ids")
    assert (name, nodes) == ("lens", 2)
    assert set(ids) == {world.light.concepts["lens"], world.sound.concepts["Lens"]}
    assert await world.ask("same_names", "name", kind="Discipline") == []
    assert await world.ask("same_names", "name", id=world.optics) == []


async def test_proposals(world: World):
    assert await world.ask("proposals", "kind", "tier", "evidence", "nodes") == [
        ("merge", 2, ["same name"], ["from: Light", "into: Sound"]),
        ("remove", None, ["not in the file any more"], ["subject: Acoustics"]),
        ("conflict", None, [CLASH], ["subject: Acoustics"]),
    ]
    assert await world.ask("proposals", "kind", id=world.optics) == [("merge",)]


async def test_imports(world: World):
    columns = ("file", "state", "who", "created", "conflicts")
    assert await world.ask("imports", *columns) == [("waves.ttl", "done", "Ada", 2, 1)]
    [(into,)] = await world.ask("imports", "into")
    assert sorted(into) == ["Acoustics", "Physics"]
    assert await world.ask("imports", "into", id=world.acoustics) == [(["Acoustics"],)]
    assert await world.ask("imports", "into", id=world.optics) == []


async def test_conflicts(world: World):
    columns = ("name", "kind", "evidence", "has", "told", "file")
    assert await world.ask("conflicts", *columns) == [
        ("Acoustics", "Discipline", [CLASH], '{"name": "Acoustics"}', '{"name": "Sound"}', "waves.ttl")
    ]
    assert await world.ask("conflicts", "name", id=world.optics) == []


async def test_many_parents(world: World):
    assert await world.ask("many_parents", "kind", "name", "parents", "under") == sorted(
        [
            ("Discipline", "Optics", 2, ["Engineering", "Physics"]),
            ("KeyConcept", "lens", 2, ["rays", "tools"]),
        ],
        key=lambda row: row[0],
    )


async def test_shared_concepts(world: World):
    assert (await world.ask("shared_concepts", "concept", "sessions", "instructions", limit=1)) == [
        ("lens", 2, 3)
    ]
    assert len(await world.ask("shared_concepts", "id")) == 7


async def test_rare_concepts(world: World):
    assert {row for row in await world.ask("rare_concepts", "concept", "instructions")} == {
        ("prism", 0),
        ("Lens", 0),
        ("hum", 0),
        ("laser", 1),
        ("wave", 1),
    }
    assert len(await world.ask("rare_concepts", "concept", most=0)) == 3


async def test_only_rejected(world: World):
    assert await world.ask("only_rejected", "concept", "instructions", "reasons") == [
        ("prism", 1, ["wrong_language"])
    ]


async def test_rejections(world: World):
    assert await world.ask("rejections", "session", "instructions", "lost", "share") == [
        ("tools", 3, 1, pytest.approx(1 / 3)),
        ("rays", 4, 1, 0.25),
    ]
    assert await world.ask("rejections", "session", at_least=4) == [("rays",)]


async def test_models(world: World):
    columns = ("question_model", "instructions", "accepted", "prompt_tokens", "completion_tokens")
    assert await world.ask("models", *columns) == [("q1", 6, 4, 60, 120), ("q2", 2, 0, 20, 40)]


async def test_strata(world: World):
    assert await world.ask("strata", "strategy", "concepts", "instructions", "accepted", "prompt_tokens") == [
        ("single", 1, 5, 1, 10.0),
        ("single", 2, 2, 2, 10.0),
        ("pair", 2, 1, 1, 10.0),
    ]


async def test_languages(world: World):
    assert await world.ask("languages", "language", "instructions", "accepted") == [
        ("en", 7, 3),
        ("fr", 1, 1),
    ]


async def test_days(world: World):
    assert await world.ask("days", "day", "instructions", "accepted", "usd") == [
        ("2026-01-02", 1, 1, 0.5),
        ("2026-01-01", 7, 3, 3.5),
    ]


async def test_lengths_of_answers(world: World):
    assert await world.ask("longest_answers", "id", "length", limit=1) == [("i2", 300)]
    assert await world.ask("shortest_answers", "id", "length", "answer", limit=1) == [("i1", 5, "short")]
    assert len(await world.ask("longest_answers", "id")) == 4


async def test_repeated_questions(world: World):
    [(question, instructions, ids)] = await world.ask("repeated_questions", "question", "instructions", "ids")
    assert (question, instructions, sorted(ids)) == ("Same?", 2, ["i2", "i3"])


async def test_concept_pairs(world: World):
    rows = await world.ask("concept_pairs", "concept", "other", "instructions")
    assert [({a, b}, n) for a, b, n in rows] == [({"lens", "mirror"}, 2), ({"lens", "laser"}, 1)]


async def test_session_pairs(world: World):
    rows = await world.ask("session_pairs", "syllabus", "session", "other")
    assert {(syllabus, frozenset((a, b))) for syllabus, a, b in rows} == {
        ("Light syllabus", frozenset(("rays", "void"))),
        ("Light syllabus", frozenset(("tools", "void"))),
        ("Sound syllabus", frozenset(("waves", "noise"))),
    }


async def test_nearly_exhausted(world: World):
    columns = ("discipline", "syllabi", "combinations", "drawn", "share")
    assert await world.ask("nearly_exhausted", *columns) == [
        ("Optics", 1, 10.0, 7, 0.7),
        ("Acoustics", 1, 100.0, 2, 0.02),
    ]


async def test_undecided(world: World):
    assert await world.ask("undecided", "kind", "name") == [("Subject", "Maybe")]


async def test_recent_changes(world: World):
    rows = await world.ask("recent_changes", "name", "kind", limit=100)
    assert rows[0] == ("Maybe", "Subject")
    assert len(rows) == 23
    later = """
        MATCH (n:TaxonomyNode) WHERE n.name IN ['Bare', 'Sound']
        SET n.updated_at = datetime('2100-01-01T10:00:00.' + CASE n.name WHEN 'Bare' THEN '21Z' ELSE '2Z' END)
        RETURN n.id
        """
    await rows_of(world.database, later)
    # Compared as strings, .2Z would be later.
    assert await world.ask("recent_changes", "name", limit=2) == [("Bare",), ("Sound",)]


async def test_jobs(world: World):
    assert await world.ask("jobs", "id", "node", "state", "requested", "seconds") == [
        ("j2", "Acoustics", "done", 2, 90),
        ("j1", "Root", "done", 8, 60),
    ]


async def test_slow_jobs(world: World):
    assert await world.ask("slow_jobs", "id", "accepted", "calls", "seconds_each") == [
        ("j2", 1, 9, 90.0),
        ("j1", 3, 9, 20.0),
    ]


async def test_job_units(world: World):
    rows = await world.ask("job_units", "step", "state", "units", "calls", job_id="j1")
    assert rows == [("instructions", "done", 1, 9)]


def test_there_are_many():
    assert len(EXPLORE) >= 30


# Tested with a release, with checks or with crossings, of which this world has none.
ELSEWHERE = {
    *("explore.release_changes", "explore.crossings", "explore.evidence", "explore.variant_farms"),
    *("explore.waived", "explore.withdrawn"),
}


@pytest.mark.parametrize("name", EXPLORE)
async def test_the_limit_limits(world: World, name: str):
    query = tables.find(name)
    if "limit" in query.params and name not in ELSEWHERE:
        params = {"id": world.top, "job_id": "j1"}
        given = {key: value for key, value in params.items() if key in query.params}
        table = await tables.run_named(world.database, name, given | {"limit": 1})
        assert len(table.rows) == 1


async def test_mapped(world: World):
    assert await world.ask("mapped", "name", "mapping", "targets") == [
        ("Optics", "broadMatch", ["e:2", "e:3"]), ("Optics", "exactMatch", ["e:1"])
    ]  # fmt: skip
    assert await world.ask("mapped", "name", id=world.acoustics) == []


async def test_support(world: World):
    found = await world.ask("support", "name", "kind", "support", "samples", "under")
    assert found == [("Acoustics", "Discipline", 2, 3, "Physics"), ("Optics", "Discipline", 1, 3, "Physics")]


async def test_without_uri(world: World):
    await rows_of(world.database, "MATCH (d:Discipline {id: $id}) SET d.uri = 'e:o'", id=world.optics)
    assert await world.ask("without_uri", "kind", "name") == [
        ("Discipline", "Acoustics"), ("Field", "Engineering"), ("Field", "Physics"), ("Taxonomy", "Root")
    ]  # fmt: skip
    await rows_of(world.database, "MATCH (d:Discipline {id: $id}) REMOVE d.uri", id=world.optics)


async def test_contested(world: World):
    assert await world.ask("contested", "name", "keep", "removals", "round", "state") == [
        ("Physics", 1, 1, "First", "open"),
        ("Acoustics", 1, 2, "First", "open"),
        ("Optics", 3, 0, "First", "open"),
    ]
    assert await world.ask("contested", "name", id=world.acoustics) == [("Acoustics",)]


async def test_voters(world: World):
    assert await world.ask("voters", "who", "votes", "keep_rate", "unverified") == [
        ("Ada", 3, 0.67, 0),
        ("Cy", 3, 0.33, 3),
        ("Bob", 2, 1.0, 0),
    ]
