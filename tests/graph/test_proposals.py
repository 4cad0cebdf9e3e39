"""Proposals: each is stored once, and what a person decided stays decided."""

from planting import Plant, rows_of

from graph.model import Kind
from graph.proposals.proposal import About, NewProposal, ProposalKind, Role, Source
from graph.proposals.storing import Origin, Proposed, propose

BY_ME = Origin(Source.person, by="me")


def merge_of(from_id: str, into_id: str, *evidence: str, tier: int = 2, score: float = 1.0) -> NewProposal:
    about = [About(id=from_id, role=Role.from_), About(id=into_id, role=Role.into)]
    lines = [*(evidence or ("same name",))]
    return NewProposal(kind=ProposalKind.merge, about=about, evidence=lines, tier=tier, score=score)


def counted(counts: Proposed) -> dict[str, int]:
    return {name: number for name, number in vars(counts).items() if number and name != "keys"}


async def test_a_proposal_is_stored_once_whichever_way_round(plant: Plant):
    root = await plant.node(Kind.Taxonomy, "T")
    a, b, c = [await plant.node(Kind.Field, name, root) for name in "abc"]
    database = plant.database
    job = Origin(Source.job, await plant.job(root), by="job")
    found = [merge_of(a, b), merge_of(b, a), merge_of(b, c), merge_of(a, "nowhere")]
    assert counted(await propose(database, found, job)) == {"new": 2, "missing": 1}
    assert counted(await propose(database, found, job)) == {"open": 2, "missing": 1}
    [row] = await rows_of(
        database,
        "MATCH (:Job)<-[:FROM]-(p:Proposal)-[r:ABOUT]->(n) WITH p, r, n ORDER BY r.role"
        " WITH p, collect([r.role, n.name]) AS about ORDER BY about"
        " RETURN collect(about) AS about, collect(p.state) AS states",
    )
    assert row["about"] == [[["from", "a"], ["into", "b"]], [["from", "b"], ["into", "c"]]]
    assert row["states"] == ["open", "open"]
    # What was decided comes up again on other evidence only; what is open takes it over.
    await rows_of(database, "MATCH (p:Proposal) WHERE p.text STARTS WITH 'a' SET p.state = 'rejected'")
    assert counted(await propose(database, found[:3], BY_ME)) == {"rejected": 1, "open": 1}
    other = [merge_of(a, b, "same URI", tier=1), merge_of(b, c, "same URI", tier=1)]
    assert counted(await propose(database, other, BY_ME)) == {"reopened": 1, "open": 1}
    rows = await rows_of(database, "MATCH (p:Proposal) RETURN p.state AS state, p.evidence AS e, p.tier AS t")
    assert rows == 2 * [{"state": "open", "e": ["same URI"], "t": 1}]
    await rows_of(database, "MATCH (p:Proposal) SET p.state = 'applied'")
    assert counted(await propose(database, other, BY_ME)) == {"known": 2}
