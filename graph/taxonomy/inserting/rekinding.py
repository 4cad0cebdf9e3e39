"""Nodes of another kind: a concept that got narrower ones is a discipline no more, and the other way round.

Only fields, subfields and disciplines change so, and only where everything above and below may stand so; a
discipline with subjects stays one.
"""

from collections.abc import Sequence

from graph.database import Row, Transaction
from graph.errors import Conflict
from graph.model import Kind, node_key
from graph.queries import load
from graph.taxonomy.editing import aliases, history

FACTS = load("node.rekind_facts")
REKIND = load("node.rekind")

CHANGING = (Kind.Field, Kind.Subfield, Kind.Discipline)


async def rekind(tx: Transaction, node: Row, kind: Kind, leaving: Sequence[str], *, by: str) -> None:
    """Makes a node, given with its stored properties, one of another kind; raises Conflict if it cannot be.

    `leaving`: ids of parents that it leaves later on.
    """
    was, id_ = Kind(node["kind"]), node["id"]
    said = f"{node['name']} ({id_}) is a {was} here and a {kind} in what is imported"
    if was not in CHANGING or kind not in CHANGING:
        raise Conflict(said)
    [[[facts]]] = await tx.values(FACTS, batch={"ids": [id_]})
    for parent_id, above in facts["above"]:
        if parent_id not in leaving and not Kind(above).may_contain(kind):
            raise Conflict(f"{said}; it also stands under the {above} {parent_id}, where it cannot be one")
    below = [one for one in facts["below"] if not kind.may_contain(Kind(one))]
    if below:
        raise Conflict(f"{said}, and a {below[0]} stands under it; move that first")
    # The old key stays an old key of it, so that a file that goes by names still finds it.
    await aliases.keep_key(tx, id_)
    row = {"id": id_, "was": was.value, "kind": kind.value, "key": node_key(kind, node["home"], node["name"])}
    await tx.run(REKIND, batch={"rows": [row]})
    detail = {"before": {"kind": was.value}, "after": {"kind": kind.value}}
    await history.record(tx, "patched", by, node, [id_], detail=detail)
