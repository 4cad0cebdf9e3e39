"""Rounds of votes on the real Neo4j: opened, voted in, closed, killed, reopened."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from planting import Plant, every, rows_of

from graph.database import Database
from graph.embedded.attach import Attachment
from graph.errors import Conflict, Invalid, NotFound, Refused
from graph.jobs import past
from graph.model import Kind, NewNode, NodePatch, Status
from graph.review import agreement, closing, loading, results, rounds, votes
from graph.review.counting import Choice, Outcome, VoterKind
from graph.review.loading import Loaded
from graph.review.results import NodeResult
from graph.review.rounds import NewRound, Round, RoundState
from graph.review.votes import NewVote, Voter
from graph.taxonomy import nodes, syllabi
from graph.taxonomy.editing import history

KEEP, REMOVE, ABSTAIN = (NewVote(choice=choice) for choice in Choice)
CHOICES = {"k": KEEP, "r": REMOVE, "a": ABSTAIN}
PROPOSED = {"status": Status.proposed}
REST = Voter("rest", unverified=True)


async def opened(database: Database, root: str, name: str = "First", **rule: Any) -> Round:
    return (await rounds.open_round(database, NewRound(root_id=root, name=name, **rule), "opener"))[0]


async def voted(database: Database, round_id: str, chosen: Mapping[str, str]) -> None:
    """Casts votes such as `{node: "kkr"}`: each letter one of another person."""
    for node, letters in chosen.items():
        for number, letter in enumerate(letters):
            await votes.cast(database, round_id, node, Voter(f"p{number}"), CHOICES[letter])


async def statuses(database: Database, *ids: str) -> list[str]:
    return [(await nodes.get(database, id_)).status for id_ in ids]


async def result_of(database: Database, round_id: str) -> dict[str, NodeResult]:
    pages = await every(lambda cursor: results.result(database, round_id, limit=50, cursor=cursor))
    return {one.node_id: one for one in pages}


async def test_from_the_opening_to_turning_it_round(database: Database, plant: Plant):
    top = await plant.node(Kind.Taxonomy, "Root")
    good = await plant.node(Kind.Field, "Good", top, **PROPOSED)
    bad = await plant.node(Kind.Field, "Bad", top, **PROPOSED)
    lost = await plant.node(Kind.Discipline, "Lost", bad, **PROPOSED)
    both = await plant.node(Kind.Discipline, "Both", good, bad, **PROPOSED)
    old = await plant.node(Kind.Discipline, "Old", bad)
    first = await opened(database, top, quorum=2)
    assert (first.state, first.nodes, first.votes) == ("open", 4, 0)
    assert (await opened(database, top, quorum=2)) == first
    with pytest.raises(Conflict, match="other rules"):
        await opened(database, top, quorum=3)
    late = await plant.node(Kind.Discipline, "Late", good, **PROPOSED)
    with pytest.raises(NotFound, match="does not ask"):
        await votes.cast(database, first.id, late, Voter("p0"), KEEP)
    await voted(database, first.id, {good: "kkr", bad: "kr", both: "kk", lost: "kk"})
    assert await statuses(database, good, bad, lost, both) == ["proposed"] * 4
    before = await result_of(database, first.id)
    assert before[bad].said == "1 keep, 1 remove: a tie removes"
    assert (before[lost].reason, before[lost].above) == ("above", [bad])
    closed = await closing.close(database, first.id, "closer")
    assert (closed.state, closed.accepted, closed.rejected, closed.undecided) == ("closed", 2, 2, 0)
    decided = ["accepted", "rejected", "rejected", "accepted", "accepted", "proposed"]
    assert await statuses(database, good, bad, lost, both, old, late) == decided
    # Neither what is removed nor what stands below it alone is estimated or grown.
    assert [row["id"] for row in await syllabi.disciplines(database, top)] == [both]
    assert [branch.id for branch in await past.branches(database, top)] == [both]
    [edit, *_] = (await history.of(database, lost)).items
    assert (edit.who, edit.action, edit.detail["round"], edit.detail["reason"], edit.detail["above"]) == (
        "closer", "voted", first.id, "above", [bad],
    )  # fmt: skip
    assert edit.detail["after"] == {"status": "rejected"}
    node = await nodes.get(database, lost)
    assert await closing.close(database, first.id, "another") == closed
    assert await nodes.get(database, lost) == node
    after = await result_of(database, first.id)
    assert {id_: (one.outcome, one.reason, one.said) for id_, one in after.items()} == {
        id_: (one.outcome, one.reason, one.said) for id_, one in before.items()
    }
    with pytest.raises(Conflict, match="closed"):
        await votes.cast(database, first.id, bad, Voter("p3"), KEEP)
    # By hand: an edit wins, and is shown as such.
    await nodes.patch(database, good, NodePatch(status=Status.rejected), None)
    assert [id_ for id_, one in (await result_of(database, first.id)).items() if one.overridden] == [good]
    again = await rounds.reopen(database, first.id, "Somebody was ill.", "opener")
    assert (again.state, again.turn, again.reason, again.votes) == ("open", 2, "Somebody was ill.", 9)
    with pytest.raises(Conflict, match="only a closed one"):
        await rounds.reopen(database, first.id, "Once more.", "opener")
    assert await rounds.reopen(database, first.id, "Somebody was ill.", "opener") == again
    assert await statuses(database, bad) == ["rejected"]
    # Turned round: what is below comes back by its own votes.
    await voted(database, first.id, {bad: "kk", both: "rr"})
    turned = await closing.close(database, first.id, "closer")
    assert (turned.accepted, turned.rejected) == (3, 1)
    decided = ["rejected", "accepted", "accepted", "rejected"]
    assert await statuses(database, good, bad, lost, both) == decided
    assert [e.action for e in (await history.of(database, top)).items][:1] == ["reopened"]
    # Taken back below the quorum, a node is what it was when the round opened.
    await rounds.reopen(database, first.id, "A vote was cast by mistake.", "opener")
    assert await votes.undo(database, first.id, lost, Voter("p0")) is None
    assert (await closing.close(database, first.id, "closer")).undecided == 1
    assert await statuses(database, lost) == ["proposed"]


async def test_what_a_round_asks_about(database: Database, plant: Plant):
    top = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Field", top)
    discipline = await plant.node(Kind.Discipline, "Discipline", field)
    with pytest.raises(Conflict, match="nothing is proposed"):
        await opened(database, top)
    with pytest.raises(NotFound):
        await opened(database, "none")
    subject = await plant.node(Kind.Subject, "Subject", discipline, **PROPOSED)
    refused = await plant.node(Kind.Field, "Refused", top, status=Status.rejected)
    retired = await plant.node(Kind.Field, "Retired", top)
    await nodes.retire(database, retired)
    every_one = await opened(database, top, "All", all=True)
    assert {*await result_of(database, every_one.id)} == {field, discipline, refused}
    assert {*await result_of(database, (await opened(database, discipline)).id)} == {subject}
    listed = await rounds.list_rounds(database, node_id=subject)
    assert [(one.root_id, one.nodes) for one in listed.items] == [(discipline, 1)]
    assert (await rounds.list_rounds(database, [RoundState.closed], root_id=top)).items == []
    # What was accepted and is removed takes along what is below, and brings it back.
    await voted(database, every_one.id, {field: "r"})
    await closing.close(database, every_one.id, "closer")
    assert await statuses(database, field, discipline, refused) == ["rejected"] * 3
    await rounds.reopen(database, every_one.id, "No.", "opener")
    await voted(database, every_one.id, {field: "k"})
    await closing.close(database, every_one.id, "closer")
    assert await statuses(database, field, discipline, refused) == ["accepted", "accepted", "rejected"]


async def test_a_vote_is_changed_undone_and_kept(database: Database, plant: Plant):
    top = await plant.node(Kind.Taxonomy, "Root")
    field = await plant.node(Kind.Field, "Field", top, **PROPOSED)
    uri = "http://example.org/field"
    await rows_of(database, "MATCH (n:Field) SET n.uri = $uri", uri=uri)
    first = await opened(database, top, voters=["Ada", "Bob", "Cy"])
    ada = Voter("Ada")
    with pytest.raises(Refused, match="not among the voters"):
        await votes.cast(database, first.id, field, Voter("Eve"), KEEP)
    kept = await votes.cast(database, first.id, field, ada, KEEP)
    assert await votes.cast(database, first.id, field, ada, KEEP) == kept
    commented = NewVote(choice=Choice.remove, comment="A part of another.")
    changed = await votes.cast(database, first.id, field, ada, commented)
    assert (changed.replaces, changed.comment, changed.current) == (kept.id, "A part of another.", True)
    assert (await rounds.get(database, first.id)).votes == 1
    back = await votes.undo(database, first.id, field, ada)
    assert back is not None
    assert (back.id, back.choice, back.current) == (kept.id, "keep", True)
    past_votes = (await votes.list_votes(database, first.id, history=True)).items
    assert [(one.id, one.current, one.undone_at is not None) for one in past_votes] == [
        (kept.id, True, False),
        (changed.id, False, True),
    ]
    # Nobody else changes what a person has voted.
    with pytest.raises(Conflict, match="with a token"):
        await votes.cast(database, first.id, field, Voter("Ada", unverified=True), REMOVE)
    with pytest.raises(Conflict, match="with a token"):
        await votes.undo(database, first.id, field, Voter("Ada", unverified=True))
    lines: list[loading.Line] = [
        (2, Loaded(node=field, who="Ada", choice=Choice.remove)),
        (3, Loaded(uri=uri, who="Bob", choice=Choice.keep)),
        (4, Loaded(uri=uri, who="Bob", choice=Choice.remove)),
        (5, Loaded(uri="http://example.org/none", who="Bob", choice=Choice.keep)),
        (6, Loaded(node="none", who="Cy", choice=Choice.keep)),
        (7, Loaded(node=field, uri=uri, who="Cy", choice=Choice.keep)),
        (8, Loaded(node=field, who="Eve", choice=Choice.keep)),
        (9, Invalid("choice: none")),
        (10, Loaded(node=field, who="Cy", choice=Choice.remove, kind=VoterKind.model)),
    ]
    report = await loading.load_votes(database, first.id, parts(lines), REST)
    assert (report.created, report.changed, report.existing, report.refused) == (2, 1, 0, 6)
    assert [error.line for error in report.errors] == [2, 5, 6, 7, 8, 9]
    again = await loading.load_votes(database, first.id, parts(lines[2:3]), REST)
    assert (again.existing, again.refused) == (1, 0)
    found = {one.who: one for one in (await votes.list_votes(database, first.id, node=field)).items}
    assert (found["Bob"].choice, found["Bob"].loaded_by, found["Bob"].unverified) == ("remove", "rest", True)
    # The person's own vote takes the place of the loaded one; that of the model is not counted.
    await votes.cast(database, first.id, field, Voter("Bob"), KEEP)
    [one] = (await result_of(database, first.id)).values()
    assert (one.keep, one.remove, one.outcome) == (2, 0, Outcome.accepted)
    assert await votes.undo(database, first.id, field, ada) is None
    with pytest.raises(NotFound):
        await votes.undo(database, first.id, field, ada)
    assert (await rounds.get(database, first.id)).votes == 2
    assert (await rounds.counts(database))["open"] == (1, 2)
    # A node that is purged leaves the round.
    await nodes.purge(database, field)
    assert await result_of(database, first.id) == {}
    assert (await closing.close(database, first.id, "closer")).state == "closed"


async def proposed(database: Database, number: int) -> tuple[str, list[str]]:
    """A taxonomy of as many proposed fields."""
    top = await Plant(database).node(Kind.Taxonomy, "Root")
    wanted = [
        NewNode(kind=Kind.Field, name=f"Field {n}", parent_id=top, status=Status.proposed)
        for n in range(number)
    ]
    return top, sorted(one.id for one in await nodes.insert_many(database, wanted) if one.id)


def ballots(ids: Iterable[str], who: str) -> list[loading.Line]:
    """One vote on each node, which depends on the node and on who votes."""
    chosen = [KEEP, REMOVE, ABSTAIN]
    return [
        (n, Loaded(node=id_, who=who, choice=chosen[(n * len(who) + ord(who[-1])) % 3].choice))
        for n, id_ in enumerate(ids)
    ]


async def parts(lines: Sequence[loading.Line]) -> AsyncIterator[Sequence[loading.Line]]:
    """The lines in parts, as they are read of a file."""
    for start in range(0, len(lines), 4):
        yield lines[start : start + 4]


async def test_twenty_people_at_once_have_one_current_vote_each(database: Database):
    top, ids = await proposed(database, 500)
    first = await opened(database, top)
    people = [f"person {n}" for n in range(20)]
    # Each through three clients at a time, which vote on some nodes differently.
    work = [
        loading.load_votes(database, first.id, parts(ballots(part, who)), REST)
        for who in people
        for part in (ids, ids[20::-1])
    ]
    single = [votes.cast(database, first.id, ids[0], Voter(who, unverified=True), KEEP) for who in people]
    await asyncio.gather(*work, *single)
    rows = await rows_of(
        database,
        "MATCH (v:Vote {current: true})-[:ON]->(n) RETURN n.id AS node, v.who AS who, count(*) AS votes",
    )
    assert {(row["node"], row["who"]) for row in rows} == {(id_, who) for id_ in ids for who in people}
    assert {row["votes"] for row in rows} == {1}
    assert (await rounds.get(database, first.id)).votes == 10_000


async def test_votes_that_arrive_while_it_closes_are_counted_or_refused(database: Database):
    top, ids = await proposed(database, 40)
    first = await opened(database, top)
    begun = asyncio.Event()

    async def vote(who: str) -> int:
        """The number of nodes that one votes on until the round takes no more votes."""
        for number, id_ in enumerate(ids):
            try:
                await votes.cast(database, first.id, id_, Voter(who), KEEP)
            except Conflict:
                return number
            begun.set()
        return len(ids)

    people = [asyncio.create_task(vote(f"p{n}")) for n in range(4)]
    await begun.wait()
    closed = await closing.close(database, first.id, "closer")
    taken = await asyncio.gather(*people)
    found = await result_of(database, first.id)
    assert sum(one.keep for one in found.values()) == sum(taken) == closed.votes
    assert [one.status for one in found.values() if one.keep] == ["accepted"] * max(taken)


KILLED = """
import asyncio, sys
from graph.database import Address, Database, Transaction
from graph.review import closing
closing.AT_ONCE = 10
run, applied = Transaction.run, 0

async def until_the_third(self, query, **params):
    global applied
    found = await run(self, query, **params)
    applied += query is closing.APPLY
    if applied == 3:
        print("now", flush=True)
        await asyncio.Event().wait()
    return found

Transaction.run = until_the_third

async def main():
    database = await Database.open(Address(*sys.argv[2:]))
    await closing.close(database, sys.argv[1], "killed")

asyncio.run(main())
"""


async def test_a_closing_that_is_killed_is_continued_with_the_same_result(
    database: Database, plant: Plant, neo4j: Attachment, tmp_path: Path
):
    top, ids = await proposed(database, 60)
    below = [await plant.node(Kind.Discipline, f"Below {n}", ids[n], **PROPOSED) for n in range(10)]
    first = await opened(database, top, quorum=2)
    for who in ("a", "bb", "ccc"):
        await loading.load_votes(database, first.id, parts(ballots([*ids, *below], who)), REST)
    expected = await result_of(database, first.id)
    assert {one.outcome for one in expected.values()} == {*Outcome} - {Outcome.undecided}
    script = tmp_path / "closing.py"
    script.write_text(KILLED)
    address = (neo4j.uri, neo4j.username, neo4j.password)
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, first.id, *address, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"now\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert (await rounds.get(database, first.id)).state == "closing"
    rows = await rows_of(database, "MATCH (n:TaxonomyNode) RETURN n.status AS status, count(*) AS nodes")
    left = {row["status"]: row["nodes"] for row in rows}["proposed"]
    assert left == 50, "two batches are there, and nothing of the third"
    with pytest.raises(Conflict, match="being closed"):
        await votes.cast(database, first.id, ids[0], Voter("late"), KEEP)
    # What was edited by hand in between stays.
    rows = await rows_of(database, "MATCH (n:Field {status: 'accepted'}) RETURN n.id AS id ORDER BY id")
    by_hand = rows[0]["id"]
    await nodes.patch(database, by_hand, NodePatch(status=Status.rejected), None)
    # Two at once, as after a request that seemed to be lost.
    one, other = await asyncio.gather(*(closing.close(database, first.id, "again") for _ in range(2)))
    assert one == other
    found = await result_of(database, first.id)
    assert [(id_, one.outcome, one.said) for id_, one in found.items()] == [
        (id_, one.outcome, one.said) for id_, one in expected.items()
    ]
    assert [id_ for id_, one in found.items() if one.overridden] == [by_hand]
    assert {id_ for id_, one in found.items() if one.status != one.outcome} == {by_hand}
    edits = await rows_of(database, "MATCH (e:Edit {round: $id}) RETURN count(e) AS edits", id=first.id)
    assert edits == [{"edits": 70}]


async def test_whom_to_ask_next_and_how_far_they_agree(database: Database, plant: Plant):
    top = await plant.node(Kind.Taxonomy, "Root")
    one, two, lost = [await plant.node(Kind.Field, name, top, **PROPOSED) for name in ("One", "Two", "Lost")]
    below = await plant.node(Kind.Discipline, "Below", lost, description="A part.", **PROPOSED)
    shared = await plant.node(Kind.Discipline, "Shared", one, lost, **PROPOSED)
    first = await opened(database, top)
    nobody = await agreement.of(database, first.id)
    measures = (nobody.percent, nobody.alpha, nobody.kappa, nobody.ac1)
    assert {(one.value, one.why) for one in measures} == {(None, "no node has two votes")}
    await voted(database, first.id, {one: "kk", two: "kkr", lost: "krr", shared: "ka"})
    asked = await results.next_for(database, first.id, "new", limit=3)
    # Parents before children, the closest votes first; nothing below what is lost.
    assert [n.name for n in asked.items] == ["Two", "Lost", "One"]
    assert asked.left == 4
    assert asked.items[1].children == ["Below", "Shared"]
    asked = await results.next_for(database, first.id, "p2")
    assert asked.items[0].path == ["Root", "One"]
    # Whichever of its two ways from the root.
    assert asked.items[1].path in (["Root", "One", "Shared"], ["Root", "Lost", "Shared"])
    assert len(asked.items) == 2
    assert (await results.next_for(database, first.id, "p0")).left == 0
    await voted(database, first.id, {lost: "kkk"})
    [last] = (await results.next_for(database, first.id, "p0")).items
    assert (last.node_id, last.description, last.path) == (below, "A part.", ["Root", "Lost", "Below"])
    found = await agreement.of(database, first.id, Kind.Field)
    assert (found.items, found.votes, found.voters, found.shared) == (5, 10, 3, 3)
    assert found.kappa.why == "nodes have from 1 to 3 votes, and it needs as many on each"
    # Pairs: 1 of 1, 1 of 3 and 3 of 3 agree.
    assert found.percent.value == pytest.approx(5 / 7)
    groups = {group.name: group for group in found.groups}
    assert [*groups] == ["Lost", "One", "Two"]
    assert (groups["Lost"].items, groups["One"].items, groups["Two"].items) == (3, 2, 1)
    assert (groups["One"].alpha.value, groups["One"].alpha.why) == (None, "everybody chose keep")
    assert (groups["One"].percent.value, groups["One"].ac1.value) == (1.0, 1.0)
    assert [(v.who, v.votes, v.abstained, v.keep_rate) for v in found.by_voter] == [
        ("p0", 4, 0, 1.0),
        ("p1", 4, 1, 1.0),
        ("p2", 2, 0, 0.5),
    ]
    # Of p0's nodes with a majority of others (one, lost), none disagrees; two has a tie among the others.
    assert [v.with_majority for v in found.by_voter] == [1.0, 1.0, 0.5]
    with pytest.raises(Invalid, match="one of Taxonomy"):
        await agreement.of(database, first.id, Kind.KeyConcept)
