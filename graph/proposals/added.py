"""Proposals to add what is in the graph with the status proposed, so that a person decides about it.

They follow the status of their node, whoever changes it (graph/taxonomy/editing/following.py).
"""

from collections.abc import Sequence

from graph.database import Transaction
from graph.model import Kind, Node, Status
from graph.proposals.proposal import MOST_ABOUT, About, NewProposal, ProposalKind, Role, Source
from graph.proposals.storing import Origin, propose_in
from graph.taxonomy.naming import Supported


async def propose_named(tx: Transaction, place_id: str, nodes: Sequence[Supported], job_id: str) -> None:
    """Proposes to add nodes that a job has named below a place; what is open already gets their support."""
    found = [_addition(one.id, [place_id], _evidence(one), one.support / one.samples) for one in nodes]
    await propose_in(tx, found, Origin(Source.job, job_id, by=f"job {job_id}"))


async def propose_added(tx: Transaction, node: Node, by: str) -> None:
    """Proposes to add a node that somebody has inserted as proposed.

    A taxonomy gets none: it does not change one, and rounds below it count it as accepted.
    """
    if node.status is Status.proposed and node.kind is not Kind.Taxonomy:
        evidence = ["inserted with the status proposed"]
        await propose_in(tx, [_addition(node.id, node.parents, evidence)], Origin(Source.person, by=by))


def _addition(node_id: str, parents: Sequence[str], evidence: list[str], score: float = 1.0) -> NewProposal:
    about = [About(id=node_id, role=Role.subject)]
    about += [About(id=id_, role=Role.parent) for id_ in parents[: MOST_ABOUT - 1]]
    return NewProposal(kind=ProposalKind.add, about=about, evidence=evidence, score=min(score, 1.0))


def _evidence(named: Supported) -> list[str]:
    lines = [f"named in {named.support} of {named.samples} list{'' if named.samples == 1 else 's'}"]
    return lines + ([f"also named {', '.join(named.also_named)}"] if named.also_named else [])
