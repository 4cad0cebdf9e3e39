"""Proposals: each is stored once, and what a person decided stays decided."""

import asyncio
from typing import Any

import pytest
from planting import Plant, every, rows_of
from pydantic import ValidationError

from graph.errors import Conflict, NotFound
from graph.model import Kind, NewNode, NodePatch, Status
from graph.proposals import deciding, listing
from graph.proposals.added import propose_added
from graph.proposals.decisions import Choice, Decision, decide
from graph.proposals.listing import Wanted
from graph.proposals.proposal import About, NewProposal, ProposalKind, ProposalState, Role, Source
from graph.proposals.storing import Origin, Proposed, propose
from graph.review import closing, rounds, votes
from graph.review.counting import Choice as Voted
from graph.review.rounds import NewRound
from graph.review.votes import NewVote, Voter
from graph.taxonomy import nodes
from graph.taxonomy.editing import aliases, history

BY_ME = Origin(Source.person, by="me")


def merge_of(from_id: str, into_id: str, *evidence: str, tier: int = 2, score: float = 1.0) -> NewProposal:
    about = [About(id=from_id, role=Role.from_), About(id=into_id, role=Role.into)]
    lines = [*(evidence or ("same name",))]
    return NewProposal(kind=ProposalKind.merge, about=about, evidence=lines, tier=tier, score=score)


def counted(counts: Proposed) -> dict[str, int]:
    return {name: number for name, number in vars(counts).items() if number and name not in ("keys", "ids")}


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


async def one_of(plant: Plant, proposal: NewProposal, origin: Origin = BY_ME) -> str:
    """The id of a proposal, which is stored."""
    await propose(plant.database, [proposal], origin)
    [row] = await rows_of(
        plant.database, "MATCH (p:Proposal {key: $key}) RETURN p.id AS id", key=proposal.key
    )
    return row["id"]


def about(kind: ProposalKind, subject: str, **more: Any) -> NewProposal:
    nodes_of = [About(id=subject, role=Role.subject)]
    nodes_of += [About(id=id_, role=Role(role)) for role, id_ in more.pop("others", {}).items()]
    return NewProposal(kind=kind, about=nodes_of, evidence=["the new edition says so"], **more)


async def actions(plant: Plant, node_id: str) -> list[tuple[str, str]]:
    """What was done with a node, newest first, and by whom."""
    return [(edit.action, edit.who) for edit in (await history.of(plant.database, node_id)).items]


async def test_accepting_does_each_kind_of_change_as_an_edit_of_the_caller(plant: Plant):
    database = plant.database
    root = await plant.node(Kind.Taxonomy, "T")
    one, two, old = [await plant.node(Kind.Field, name, root) for name in ("one", "two", "old")]
    a = await plant.node(Kind.Discipline, "Colour", one, properties={"altLabel_en": ["Hue"]})
    b = await plant.node(Kind.Discipline, "Color", two)
    fresh, unwanted = [
        await plant.node(Kind.Discipline, name, one, status=Status.proposed) for name in ("New", "Odd")
    ]
    moved = await plant.node(Kind.Discipline, "Moved", one)
    parents = {"from": one, "into": two}
    values = {"before": {"name": "one", "description": ""}, "after": {"name": "First", "description": "d"}}
    labels: dict[str, Any] = {
        "after": {"properties.altLabel_en": ["Shade"], "properties.altLabel_de": ["Farbe"]}
    }
    labels["before"] = {"properties.altLabel_en": ["Hue"], "properties.altLabel_de": None}
    new = [
        about(ProposalKind.update, a, **labels),
        about(ProposalKind.add, fresh, others={"parent": one}),
        about(ProposalKind.move, moved, others=parents),
        about(ProposalKind.rename, one, **values),
        about(ProposalKind.remove, old),
        merge_of(a, b),
    ]
    for proposal in new:
        id_ = await one_of(plant, proposal)
        accepted = await deciding.accept(database, id_, by="ann", comment="yes")
        assert (accepted.state, accepted.decided_by, accepted.comment) == ("applied", "ann", "yes")
        # Again, as when a request is repeated: nothing happens.
        assert await deciding.accept(database, id_, by="bob") == accepted
    assert (await nodes.get(database, fresh)).status is Status.accepted
    assert (await nodes.get(database, moved)).parents == [two]
    first = await nodes.get(database, one)
    assert (first.name, first.description) == ("First", "d")
    assert (await nodes.get(database, old)).status is Status.retired
    assert (await nodes.get(database, b)).properties == {"altLabel_en": ["Shade"], "altLabel_de": ["Farbe"]}
    assert await aliases.resolve(database, [a]) == {a: b}
    for id_, action in ((fresh, "patched"), (moved, "moved"), (one, "patched"), (old, "retired")):
        assert (action, "ann") in await actions(plant, id_)
    assert (await actions(plant, b))[0] == ("merged", "ann")
    # A node that is not wanted is rejected with its proposal, and can be accepted after all.
    odd = await one_of(plant, about(ProposalKind.add, unwanted))
    assert (await deciding.reject(database, odd, by="ann", comment="no")).state == "rejected"
    assert (await nodes.get(database, unwanted)).status is Status.rejected
    with pytest.raises(Conflict, match="applied"):
        await deciding.reject(
            database,
            (await listing.list_proposals(database, Wanted(), [ProposalState.applied])).items[0].id,
            by="ann",
        )
    await deciding.accept(database, odd, by="ann")
    assert (await nodes.get(database, unwanted)).status is Status.accepted


async def test_what_cannot_be_done_stays_open_with_the_reason(plant: Plant):
    database = plant.database
    root = await plant.node(Kind.Taxonomy, "T")
    field, other, third = [await plant.node(Kind.Field, name, root) for name in "FGH"]
    optics, light, taken = [await plant.node(Kind.Discipline, n, field) for n in ("Optics", "Light", "Taken")]
    refused = {
        await one_of(plant, merge_of(optics, field)): "cannot be merged",
        await one_of(
            plant, about(ProposalKind.rename, optics, after={"name": "taken"})
        ): "another Discipline",
        await one_of(
            plant, about(ProposalKind.move, taken, others={"from": other, "into": third})
        ): "does not stand under",
        # Somebody has edited the value since it was proposed: it is not overwritten.
        await one_of(
            plant,
            about(ProposalKind.conflict, light, before={"name": "Licht"}, after={"name": "Lumen"}),
        ): "changed since",
    }
    before = [await nodes.get(database, id_) for id_ in (field, optics, light, taken)]
    for id_, reason in refused.items():
        with pytest.raises(Conflict, match=reason):
            await deciding.accept(database, id_, by="ann")
        left = await listing.get(database, id_)
        assert left.state == "open"
        assert reason in (left.refusal or "")
    assert before == [await nodes.get(database, id_) for id_ in (field, optics, light, taken)]
    # A node that was merged or purged takes its open proposals along; one that was decided stays decided.
    gone = [
        await one_of(plant, merge_of(optics, light)),
        await one_of(plant, about(ProposalKind.remove, light)),
    ]
    kept = await one_of(plant, merge_of(taken, optics))
    await deciding.reject(database, kept, by="ann")
    await nodes.merge(database, taken, optics)
    await nodes.purge(database, light)
    for id_ in gone:
        assert (await listing.get(database, id_)).state == "superseded"
        with pytest.raises(Conflict, match="superseded"):
            await deciding.accept(database, id_, by="ann")
    left = await listing.get(database, kept)
    assert (left.state, [(node.name, node.kind) for node in left.about]) == (
        "rejected",
        [("Taken", None), ("Optics", "Discipline")],
    )
    with pytest.raises(NotFound):
        await deciding.reject(database, "nothing", by="ann")
    for wrong in ({"name": None}, {"kind": "Field"}, {"properties.name": "x"}, {"name": "\x00"}, {}):
        with pytest.raises(ValidationError):
            about(ProposalKind.update, light, after=wrong)
    with pytest.raises(ValidationError):
        merge_of(light, light)


async def test_many_are_listed_best_first_and_decided_in_repeatable_parts(plant: Plant):
    database = plant.database
    root, far = await plant.node(Kind.Taxonomy, "T"), await plant.node(Kind.Taxonomy, "U")
    field, away = await plant.node(Kind.Field, "F", root), await plant.node(Kind.Field, "Far", far)
    pairs = [
        (await plant.node(Kind.Discipline, f"a{n}", field), await plant.node(Kind.Discipline, f"b{n}", away))
        for n in range(5)
    ]
    scores = [0.5, 0.9, 0.7, 1.0, 0.6]
    new = [merge_of(a, b, f"pair {n}", tier=2 if n else 3, score=scores[n]) for n, (a, b) in enumerate(pairs)]
    new.append(merge_of(pairs[1][0], pairs[2][0], "chain", tier=2, score=0.95))
    await propose(database, new, BY_ME)

    async def told(states: list[ProposalState] | None = None, **wanted: Any) -> list[str]:
        turn = lambda cursor: listing.list_proposals(database, Wanted(**wanted), states, 2, cursor)  # noqa: E731
        return [one.evidence[0] for one in await every(turn)]

    assert await told() == ["pair 3", "chain", "pair 1", "pair 2", "pair 4", "pair 0"]
    assert await told(tier=[3]) == ["pair 0"]
    assert await told(under=pairs[4][1]) == ["pair 4"]
    assert await told(under=far) == ["pair 3", "pair 1", "pair 2", "pair 4", "pair 0"]
    assert await told(q="A1") == ["chain", "pair 1"]
    assert await told(kind=["add"]) == []
    [shown] = (await listing.list_proposals(database, Wanted(q="pair 4"))).items
    paths = [[step.name for step in node.path] for node in shown.about]
    assert paths == [["T", "F", "a4"], ["U", "Far", "b4"]]
    # pairs[3] cannot be done: its name is taken. Accepting the chain takes a node of pair 1 away.
    await plant.node(Kind.Discipline, "b3", field)
    wanted = Decision(decision=Choice.accept, filter=Wanted(tier=[2]), limit=2)
    first = await decide(database, wanted, by="ann")
    assert (first.applied, ["another Discipline" in one.reason for one in first.refused]) == (1, [True])
    second = await decide(database, wanted.model_copy(update={"cursor": first.next}), by="ann")
    assert (second.applied, second.next) == (2, None)
    assert await told() == ["pair 3", "pair 0"]
    assert await told([ProposalState.superseded]) == ["pair 1"]
    # Again, and by ids: nothing more happens.
    again = await decide(database, wanted, by="ann")
    assert (again.applied, len(again.refused), again.next) == (0, 1, None)
    ids = [one.id for one in (await listing.list_proposals(database, Wanted(), [*ProposalState])).items]
    named = Decision(decision=Choice.reject, ids=[*ids, "nothing"])
    for _ in range(2):
        decided = await decide(database, named, by="ann")
        assert (decided.rejected, decided.superseded, len(decided.refused)) == (2, 1, 4)
    assert await listing.counts(database) == {"open": 0, "applied": 3, "rejected": 2, "superseded": 1}
    for wrong in ({}, {"ids": ids, "filter": {"tier": [1]}}, {"filter": {}}):
        with pytest.raises(ValidationError):
            Decision.model_validate({"decision": "accept", **wrong})


async def added(plant: Plant, name: str, parent: str) -> str:
    """The id of a discipline that somebody proposes."""
    node = NewNode(kind=Kind.Discipline, name=name, parent_id=parent, status=Status.proposed)
    return (await nodes.insert(plant.database, node, by="ann", also=propose_added))[0].id


async def additions_of(plant: Plant, *ids: str) -> dict[str, tuple[str, str | None]]:
    """The state of the proposal to add each of these nodes, and who decided it."""
    rows = await rows_of(
        plant.database,
        "MATCH (p:Proposal {kind: 'add'})-[:ABOUT {role: 'subject'}]->(n) WHERE n.id IN $ids "
        "RETURN n.id AS id, p.state AS state, p.decided_by AS by",
        ids=[*ids],
    )
    return {row["id"]: (row["state"], row["by"]) for row in rows}


async def additions(plant: Plant) -> dict[str, tuple[str, str | None]]:
    """The state of each proposal to add a node, and who decided it, by the name that the node had."""
    wanted = Wanted(kind=[ProposalKind.add])
    found = await listing.list_proposals(plant.database, wanted, [*ProposalState], 200)
    return {one.about[0].name: (one.state, one.decided_by) for one in found.items}


async def test_what_a_merge_brings_back_is_proposed_again(plant: Plant):
    """A retired node whose namesake comes to it by a merge takes over the status of that."""
    database = plant.database
    root = await plant.node(Kind.Taxonomy, "T")
    one, other = await plant.node(Kind.Field, "One", root), await plant.node(Kind.Field, "Other", root)
    back, kept = await added(plant, "back", other), await added(plant, "kept", other)
    for id_ in (back, kept):
        await nodes.retire(database, id_, by="bob")
    await added(plant, "back", one)
    await plant.node(Kind.Discipline, "kept", one)
    found = await additions_of(plant, back, kept)
    assert found == {back: ("superseded", "bob"), kept: ("superseded", "bob")}
    await nodes.merge(database, one, other, by="cy")
    assert await additions_of(plant, back, kept) == {back: ("open", None), kept: ("applied", "cy")}


async def test_a_proposal_to_add_a_node_says_what_the_node_is(plant: Plant):
    database = plant.database
    root = await plant.node(Kind.Taxonomy, "T")
    field = await plant.node(Kind.Field, "F", root)
    kept, lost, left, edited, retired, merged, purged = [
        await added(plant, name, field)
        for name in ("kept", "lost", "left", "edited", "retired", "merged", "purged")
    ]
    assert await added(plant, "Kept", field) == kept
    await nodes.insert(
        database,
        NewNode(kind=Kind.Taxonomy, name="U", status=Status.proposed),
        also=propose_added,
    )
    assert {*(await additions(plant)).values()} == {("open", None)}
    assert len(await additions(plant)) == 7
    [shown] = (await listing.list_proposals(database, Wanted(q="kept"))).items
    assert [(one.role, one.name) for one in shown.about] == [("subject", "kept"), ("parent", "F")]
    assert (shown.source, shown.made_by) == ("person", "ann")
    # By edits of the node.
    await nodes.patch(database, edited, NodePatch(status=Status.rejected), None, by="bob")
    await nodes.retire(database, retired, by="bob")
    await nodes.merge(database, merged, kept, by="bob")
    await nodes.purge(database, purged, by="bob")
    found = await additions(plant)
    assert [found[name] for name in ("edited", "retired")] == [("rejected", "bob"), ("superseded", "bob")]
    assert [found[name][0] for name in ("merged", "purged", "kept")] == ["superseded", "superseded", "open"]
    await nodes.patch(database, edited, NodePatch(status=Status.accepted), None, by="cy")
    assert (await additions(plant))["edited"] == ("applied", "cy")
    await nodes.patch(database, edited, NodePatch(status=Status.proposed), None, by="cy")
    assert (await additions(plant))["edited"] == ("open", None)
    # By the closing of a round; what it leaves undecided stays open, also once it is reopened.
    opened, _ = await rounds.open_round(database, NewRound(root_id=root, name="First"), "ann")
    for id_, choice in ((kept, Voted.keep), (lost, Voted.remove)):
        await votes.cast(database, opened.id, id_, Voter("ann"), NewVote(choice=choice))
    await closing.close(database, opened.id, "closer")
    found = await additions(plant)
    assert [found[name] for name in ("kept", "lost", "left", "edited")] == [
        ("applied", "closer"), ("rejected", "closer"), ("open", None), ("open", None),
    ]  # fmt: skip
    await rounds.reopen(database, opened.id, "too few votes", "ann")
    await votes.undo(database, opened.id, lost, Voter("ann"))
    await closing.close(database, opened.id, "closer")
    found = await additions(plant)
    assert [found[name][0] for name in ("kept", "lost", "left")] == ["applied", "open", "open"]
    # By the proposal, while others change the same nodes.
    ids = {one.about[0].name: one.id for one in (await listing.list_proposals(database, Wanted())).items}
    several = [
        deciding.accept(database, ids["left"], by="ann"),
        deciding.reject(database, ids["lost"], by="ann"),
    ]
    for status in (Status.rejected, Status.accepted, Status.proposed):
        several += [
            nodes.patch(database, id_, NodePatch(status=status), None, by="bob") for id_ in (lost, left)
        ]
    # Whoever comes late finds a proposal that was applied.
    done = await asyncio.gather(*several, return_exceptions=True)
    assert all(isinstance(one, Conflict) for one in done if isinstance(one, BaseException))
    said = {"accepted": "applied", "rejected": "rejected", "proposed": "open"}
    for id_, name in ((lost, "lost"), (left, "left")):
        assert (await additions(plant))[name][0] == said[(await nodes.get(database, id_)).status]


async def test_what_is_in_use_is_not_removed_with_what_stands_above_it(plant: Plant):
    database = plant.database
    root = await plant.node(Kind.Taxonomy, "T")
    field = await plant.node(Kind.Field, "F", root)
    refused = await plant.node(Kind.Discipline, "Refused", field, status=Status.rejected)
    optics = await plant.node(Kind.Discipline, "Optics", field)
    below, above = [await one_of(plant, about(ProposalKind.remove, id_)) for id_ in (optics, field)]
    with pytest.raises(Conflict, match="Optics stands under it"):
        await deciding.accept(database, above, by="ann")
    assert "Optics" in ((await listing.get(database, above)).refusal or "")
    # Retired by hand: what was proposed is done.
    await nodes.retire(database, optics, by="bob")
    settled = await listing.get(database, below)
    assert (settled.state, settled.decided_by) == ("applied", "bob")
    await deciding.accept(database, above, by="ann")
    assert [(await nodes.get(database, id_)).status for id_ in (field, refused)] == ["retired", "retired"]
