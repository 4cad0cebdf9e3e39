"""Deciding proposals. What is accepted is done by the edit there is, in the transaction of the decision.

If the edit is refused, the proposal stays as it was, with the reason. Deciding the same again changes
nothing, so whoever was interrupted repeats it.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, Invalid, NotFound
from graph.model import NodePatch, Status
from graph.proposals.listing import get
from graph.proposals.proposal import Proposal, ProposalKind, ProposalState, Role, patch_of
from graph.queries import load
from graph.taxonomy import nodes
from graph.taxonomy.editing.locks import hold, hold_figures, hold_shape, locked
from graph.taxonomy.told import FREE

LOCK = load("proposal.lock")
ADDED = load("proposal.added")
BELOW = load("proposal.below")
DECIDE = load("proposal.decide")
REFUSE = load("proposal.refuse")


class _Held:
    """A proposal that is locked for its decision."""

    def __init__(self, row: Row) -> None:
        stored = row["proposal"]
        self.id: str = stored["id"]
        self.kind = ProposalKind(stored["kind"])
        self.state = ProposalState(stored["state"])
        self.ids: dict[str, str] = {}
        for one in json.loads(stored["about"]):
            self.ids.setdefault(one["role"], one["id"])
        self.before: dict[str, Any] = json.loads(stored["before"])
        self.after: dict[str, Any] = json.loads(stored["after"])
        needed = {id_ for role, id_ in self.ids.items() if role != Role.parent}
        self.gone = not needed <= {*row["there"]}


async def accept(database: Database, proposal_id: str, *, by: str, comment: str | None = None) -> Proposal:
    """Does what is proposed; one that was rejected may be accepted later.

    Raises NotFound, or Conflict if the edit is refused, which leaves the proposal as it was, with the reason,
    or if a node of it is not there any more.
    """

    async def work(tx: Transaction) -> ProposalState:
        held = await _held(tx, proposal_id)
        if held.state in (ProposalState.applied, ProposalState.superseded):
            return held.state
        state = ProposalState.superseded if held.gone else ProposalState.applied
        if not held.gone:
            await APPLY[held.kind](tx, held, by)
        await tx.run(DECIDE, id=held.id, state=state, by=by, comment=comment)
        return state

    try:
        state = await database.writing(work)
    except (Conflict, Invalid) as error:
        await database.write(REFUSE, id=proposal_id, reason=str(error))
        raise Conflict(str(error)) from error
    if state is ProposalState.superseded:
        raise Conflict(f"proposal {proposal_id} is superseded: a node that it is about is not there any more")
    return await get(database, proposal_id)


async def reject(database: Database, proposal_id: str, *, by: str, comment: str | None = None) -> Proposal:
    """Rejects a proposal, which then does not come up again unless its evidence changes.

    A node that was to be added gets the status rejected. Raises NotFound, or Conflict if it was applied.
    """

    async def work(tx: Transaction) -> None:
        held = await _held(tx, proposal_id)
        if held.state is ProposalState.applied:
            raise Conflict(f"proposal {proposal_id} was accepted and applied; edit its nodes instead")
        if held.state is not ProposalState.open:
            return
        if held.kind is ProposalKind.add and not held.gone:
            await _set_status(tx, held, by, Status.rejected, (Status.proposed,))
        await tx.run(DECIDE, id=held.id, state=ProposalState.rejected, by=by, comment=comment)

    await database.writing(work)
    return await get(database, proposal_id)


async def _held(tx: Transaction, proposal_id: str) -> _Held:
    # First the shape, as in every change of it: a merge locks the proposals about its nodes later.
    await hold_shape(tx)
    for added in await tx.run(ADDED, id=proposal_id):
        # Whoever changes the status of a node locks the proposal to add it after the node.
        await hold_figures(tx, [added["id"]])
        await hold(tx, [added["id"]])
    rows = await tx.run(LOCK, id=proposal_id)
    if not rows:
        raise NotFound(f"no proposal has the id {proposal_id}; GET /v1/proposals lists them")
    return _Held(rows[0])


async def _merge(tx: Transaction, held: _Held, by: str) -> None:
    await nodes.merge_in(tx, held.ids[Role.from_], held.ids[Role.into], by=by)


async def _add(tx: Transaction, held: _Held, by: str) -> None:
    await _set_status(tx, held, by, Status.accepted, (Status.proposed, Status.rejected))


async def _remove(tx: Transaction, held: _Held, by: str) -> None:
    """Retires the subject; nothing that is in use goes with it unseen."""
    subject = held.ids[Role.subject]
    await hold_figures(tx, [subject])
    await hold(tx, [subject])
    for below in await tx.run(BELOW, id=subject):
        raise Conflict(f"{below['name']} stands under it; move or retire that first")
    await nodes.retire_in(tx, subject, by=by)


async def _move(tx: Transaction, held: _Held, by: str) -> None:
    ids = held.ids
    await nodes.move_in(tx, ids[Role.subject], ids[Role.from_], ids[Role.into], by=by)


async def _edit(tx: Transaction, held: _Held, by: str) -> None:
    """Sets the proposed values; refuses to overwrite a value that somebody changed after the proposal."""
    subject = held.ids[Role.subject]
    await hold_figures(tx, [subject])
    [row] = await locked(tx, subject)
    _require_unchanged(held, row["node"])
    await nodes.patch_in(tx, subject, patch_of(held.after), None, by=by)


def _require_unchanged(held: _Held, node: Row) -> None:
    for name in held.after.keys() & held.before.keys():
        now, proposed = node.get(name.removeprefix(FREE)), held.after[name]
        if now not in (held.before[name], proposed):
            raise Conflict(
                f"{name} was changed since: it is {now!r}, not {held.before[name]!r}; edit the node"
            )


async def _set_status(
    tx: Transaction, held: _Held, by: str, status: Status, allowed: Sequence[Status]
) -> None:
    """Sets the status of the held subject if it has an allowed one; a retired one cannot be accepted."""
    subject = held.ids[Role.subject]
    [row] = await locked(tx, subject)
    now = row["node"]["status"]
    if now in allowed:
        await nodes.patch_in(tx, subject, NodePatch(status=status), None, by=by)
    elif now == Status.retired and status is Status.accepted:
        raise Conflict(f"{row['node']['name']} is retired; bring it back first")


APPLY: dict[ProposalKind, Callable[[Transaction, _Held, str], Awaitable[None]]] = {
    ProposalKind.merge: _merge,
    ProposalKind.add: _add,
    ProposalKind.remove: _remove,
    ProposalKind.move: _move,
    ProposalKind.rename: _edit,
    ProposalKind.update: _edit,
    ProposalKind.conflict: _edit,
}
