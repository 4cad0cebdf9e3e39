"""Closes a round: its votes are counted, and its nodes become what was decided, batch by batch.

The state `closing` is stored first, under the lock of the round, so no vote comes in between. What is decided
follows from the votes alone, and each batch notes the turn that it belongs to. So a closing that was killed
is continued by the next request, with the same result, and closing a closed round changes nothing.
"""

from collections.abc import Sequence

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import Status, new_ids
from graph.queries import load
from graph.review import counting, results, rounds
from graph.review.counting import Decided, Item, Outcome
from graph.review.rounds import AT_ONCE, SET, Round, RoundState
from graph.taxonomy import history
from graph.taxonomy.following import follow
from graph.taxonomy.locks import LOCK
from graph.taxonomy.seals import seal_of_node

GIVEN = load("round.given")
APPLY = load("round.apply")


async def close(database: Database, round_id: str, by: str) -> Round:
    """Closes a round and returns it with its counts; raises NotFound, or Conflict if it is being opened.

    A node whose status was changed by hand after an earlier closing keeps it, and so does a retired one.
    """
    found = await database.writing(lambda tx: _begin(tx, round_id, by))
    if found.state is RoundState.closed:
        return found
    counted = await results.counted(database, round_id)
    left = [id_ for id_ in counted.decided if counted.items[id_].turn != found.turn]
    for start in range(0, len(left), AT_ONCE):
        ids = left[start : start + AT_ONCE]
        part = [(counted.items[id_], counted.decided[id_]) for id_ in ids]
        await database.writing(lambda tx, part=part: _apply(tx, found, part))
    outcomes = {outcome.value: number for outcome, number in counted.outcomes().items()}
    return await database.writing(lambda tx: _finish(tx, found, outcomes))


async def _begin(tx: Transaction, round_id: str, by: str) -> Round:
    found = await rounds.locked(tx, round_id)
    if found.state is RoundState.opening:
        raise Conflict("the round is being opened; send the request that opens it again, or wait for it")
    if found.state is not RoundState.open:
        return found
    changes = {"state": RoundState.closing.value, "closed_by": by}
    return Round.from_row((await tx.run(SET, id=round_id, changes=changes, at=""))[0]["round"])


async def _is_current(tx: Transaction, closing: Round) -> bool:
    """Locks the round; whether this closing has not been ended, by another request for it, say."""
    now = await rounds.locked(tx, closing.id)
    return now.state is RoundState.closing and now.turn == closing.turn


async def _finish(tx: Transaction, closing: Round, outcomes: Row) -> Round:
    if not await _is_current(tx, closing):
        return await rounds.locked(tx, closing.id)
    changes = {"state": RoundState.closed.value, **outcomes}
    return Round.from_row((await tx.run(SET, id=closing.id, changes=changes, at="closed_at"))[0]["round"])


async def _apply(tx: Transaction, closing: Round, part: Sequence[tuple[Item, Decided]]) -> None:
    """Stores decisions, and gives nodes the statuses that follow; skips what this closing has stored."""
    if not await _is_current(tx, closing):
        return
    ids = sorted(item.id for item, _ in part)
    await rollups.hold(tx, ids)
    nodes = {row["node"]["id"]: row["node"] for row in await tx.run(LOCK, ids=ids)}
    batch = {"round": closing.id, "ids": ids}
    given = {row["id"]: row for row in await tx.run(GIVEN, batch=batch)}
    rows: list[Row] = []
    for (item, decided), edit_id in zip(part, new_ids(len(part)), strict=True):
        if item.id in nodes and item.id in given and given[item.id]["turn"] != closing.turn:
            gave = given[item.id]["gave"]
            rows.append(_row(closing, nodes[item.id], item, decided, gave, edit_id))
    await rollups.forget(tx, [row["id"] for row in rows if row["edit"]])
    await tx.run(APPLY, batch={"round": closing.id, "rows": rows})
    changed = {row["id"]: row["status"] for row in rows if row["edit"]}
    await follow(tx, changed, closing.closed_by or "")


def _row(closing: Round, node: Row, item: Item, decided: Decided, gave: str | None, edit_id: str) -> Row:
    now: str = node["status"]
    target = _target(item, decided, gave, now)
    row: Row = {
        "id": item.id,
        "given": {
            "turn": closing.turn,
            "gave": target,
            "outcome": decided.outcome.value,
            "reason": decided.reason and decided.reason.value,
            "above": decided.above,
        },
        "edit": None,
        "status": None,
        "seal": None,
    }
    by_hand = now == Status.retired or (gave is not None and now != gave)
    if target != now and not by_hand:
        after = node | {"status": target, "version": node["version"] + 1}
        row |= {"status": target, "seal": seal_of_node(after)}
        row["edit"] = _edit(closing, node, decided, target, edit_id)
    return row


def _target(item: Item, decided: Decided, gave: str | None, now: str) -> str:
    """The status that a decision gives a node; undecided takes back what an earlier closing gave it."""
    if decided.outcome is Outcome.undecided:
        return now if gave is None else item.was.value
    return Status(decided.outcome).value


def _edit(closing: Round, node: Row, decided: Decided, target: str, edit_id: str) -> Row:
    detail = {
        "round": closing.id,
        "name": closing.name,
        "before": {"status": node["status"]},
        "after": {"status": target},
        "reason": decided.reason,
        "above": decided.above,
        "said": counting.said(decided, closing.quorum),
    }
    made = history.made("voted", closing.closed_by or "", node, detail=detail, id_=edit_id)
    return made | {"round": closing.id}
