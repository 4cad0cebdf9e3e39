"""Only nodes that are reached by a path of accepted nodes are estimated, grown and covered."""

from planting import Plant, rows_of

from graph import coverage
from graph.database import Database
from graph.jobs import past
from graph.model import Kind
from graph.taxonomy import syllabi


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
