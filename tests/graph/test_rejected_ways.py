"""Only nodes that are reached by a path of accepted nodes are estimated, grown and covered."""

from planting import Plant, rows_of

from graph import coverage
from graph.database import Database
from graph.jobs import past
from graph.model import Kind, Status
from graph.taxonomy import syllabi
from graph.taxonomy.walking import effective


async def test_below_what_is_rejected_nothing_grows_unless_another_way_leads_there(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    good = await plant.node(Kind.Field, "Good", top)
    bad = await plant.node(Kind.Field, "Bad", top)
    lost = await plant.node(Kind.Discipline, "Lost", bad)
    both = await plant.node(Kind.Discipline, "Both", good, bad)
    planted = {id_: await plant.syllabus(id_, f"Subject {id_}", {"one": ["concept"]}) for id_ in (lost, both)}
    await plant.node(Kind.Subject, "Without", both)
    await rows_of(database, "MATCH (n:TaxonomyNode {id: $id}) SET n.status = 'rejected'", id=bad)
    assert [row["id"] for row in await syllabi.disciplines(database, top)] == [both]
    assert [branch.id for branch in await past.branches(database, top)] == [both]
    assert await syllabi.below(database, top) == [planted[both].id]
    assert [id_ for id_, _ in await syllabi.weighted(database, top)] == [planted[both].id]
    assert list(await coverage.degrees(database, top)) == [planted[both].id]
    assert await coverage.disciplines(database, top) == [both]
    assert (await coverage.of(database, top, [])).concepts == 1
    # Asked about itself, a rejected node still shows what is below it.
    assert await coverage.disciplines(database, bad) == sorted([lost, both])
    await rows_of(
        database, "MATCH (n:TaxonomyNode {id: $id}) SET n.status = 'rejected'", id=planted[both].subject
    )
    assert await syllabi.below(database, both) == []
    assert len(await syllabi.missing_below(database, both)) == 1


async def test_below_a_rejected_field_nothing_grows_although_only_that_part_is_asked_for(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    bad = await plant.node(Kind.Field, "Bad", top, status=Status.rejected)
    lost = await plant.node(Kind.Discipline, "Lost", bad)
    syllabus = await plant.syllabus(lost, "Subject", {"one": ["concept"]})
    await plant.node(Kind.Subject, "Without", lost)
    for id_ in (bad, lost, syllabus.subject, syllabus.id):
        assert await syllabi.disciplines(database, id_) == []
        assert await past.branches(database, id_) == []
        assert await syllabi.below(database, id_) == []
        assert await syllabi.weighted(database, id_) == []
        assert await syllabi.missing_below(database, id_) == []
    await rows_of(database, "MATCH (n:Field) SET n.status = 'accepted'")
    assert [row["id"] for row in await syllabi.disciplines(database, lost)] == [lost]
    assert await syllabi.below(database, syllabus.subject) == [syllabus.id]


async def test_the_best_way_counts_and_on_it_the_worst_status(database: Database):
    plant = Plant(database)
    top = await plant.node(Kind.Taxonomy, "Root")
    fields = {status: await plant.node(Kind.Field, status, top) for status in Status}
    expected = {top: Status.accepted} | {id_: status for status, id_ in fields.items()}
    for status, id_ in fields.items():
        expected[await plant.node(Kind.Discipline, f"below {status}", id_)] = status
    either = await plant.node(Kind.Discipline, "Either", fields[Status.rejected], fields[Status.proposed])
    refused = await plant.node(Kind.Discipline, "Refused", fields[Status.accepted], status=Status.rejected)
    expected |= {either: Status.proposed, refused: Status.rejected}
    await rows_of(database, "MATCH (n:Field) SET n.status = n.name")
    assert await effective.of(database, [*expected, "none"]) == expected
