"""Closes a round: its votes are counted, and its nodes become what was decided, batch by batch.

The state `closing` is stored first, under the lock of the round, so no vote comes in between. What is decided
follows from the votes alone, and each batch notes the turn that it belongs to. So a closing that was killed
is continued by the next request, with the same result, and closing a closed round changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from graph import rollups
from graph.database import Database, Row, Transaction
from graph.errors import Conflict
from graph.model import UPPER, Kind, Status, new_ids
from graph.queries import load
from graph.review import counting, results, rounds
from graph.review.counting import Decided, Item, Outcome
from graph.review.rounds import AT_ONCE, SET, Round, RoundState
from graph.taxonomy.editing import history
from graph.taxonomy.editing.following import follow
from graph.taxonomy.editing.seals import seal_of_node

HOLD = load("round.hold")
APPLY = load("round.apply")


class _Held(NamedTuple):
    """A node that is locked, with what its round has made of it so far."""

    node: Row
    gave: str | None
    turn: int | None
    grown: bool
    """Whether anything stands below it."""
    is_proposed: bool
    """Whether a proposal is about it."""


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
    items = [item for item, _ in part]
    await _hold_figures(tx, items)
    batch = {"round": closing.id, "ids": sorted(item.id for item in items)}
    [[found]] = await tx.values(HOLD, batch=batch)
    held = {node["id"]: _Held(node, *rest) for node, *rest in found}
    rows: list[Row] = []
    for (item, decided), edit_id in zip(part, new_ids(len(part)), strict=True):
        one = held.get(item.id)
        if one is not None and one.turn != closing.turn:
            rows.append(_row(closing, one.node, item, decided, one.gave, edit_id))
    changed = {row["id"]: row["status"] for row in rows if row["edit"]}
    await _forget_figures(tx, [held[id_] for id_ in changed])
    await tx.run(APPLY, batch={"round": closing.id, "rows": rows})
    proposed = {id_: status for id_, status in changed.items() if held[id_].is_proposed}
    await follow(tx, proposed, closing.closed_by or "")


async def _hold_figures(tx: Transaction, items: Sequence[Item]) -> None:
    """Locks the figures that depend on these nodes, where there are any.

    A discipline that nothing stands below has none, and most of what is voted on is such. Something may come
    to stand there until the node is locked; the figures are locked then.
    """
    found = [item.id for item in items if _has_figures(item.kind, item.grown)]
    if found:
        await rollups.hold(tx, found)


async def _forget_figures(tx: Transaction, changed: Sequence[_Held]) -> None:
    """Declares figures unknown that depend on changed nodes; nothing can come to stand below these now."""
    found = [one.node["id"] for one in changed if _has_figures(Kind(one.node["kind"]), one.grown)]
    if found:
        await rollups.forget(tx, found)


def _has_figures(kind: Kind, grown: bool) -> bool:
    return kind not in UPPER or (grown and kind is Kind.Discipline)


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
