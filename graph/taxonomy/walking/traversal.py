"""Walks of the taxonomy. It is a DAG: a node comes once in a list, however many paths lead to it."""

import re
from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack

from graph.database import Database, Row, Transaction
from graph.errors import Conflict, Invalid, NoNode, NoPath
from graph.model import UPPER, Kind, Node, Status
from graph.pages import Page, decode, page
from graph.queries import Query, load
from graph.rollups import nodes_below
from graph.taxonomy.editing import aliases, seals
from graph.taxonomy.nodes import get
from graph.text import normal_name

CHILDREN = load("node.children")
PARENTS = load("node.parents")
ANCESTORS = load("node.ancestors")
DESCENDANTS = load("node.descendants")
UPPER_NODES = load("node.upper")
SECTIONS = load("node.sections")
LIST_NAMED = load("node.list_named")
LEVEL = load("node.level")
LEVEL_UP = load("node.level_up")
GET_MANY = load("node.get_many")
PATHS = load("node.paths")
LIST = load("node.list")
LIST_RARE = load("node.list_rare")
NAMED = load("node.named")
CHILD_NAMES = load("node.child_names")

PRESENT = (Status.proposed, Status.accepted, Status.rejected)
LARGEST_TREE = 5_000
MOST_NEAR = 25_000
# A discipline has 150 subjects, and thousands of sessions and concepts.
RARE = (*UPPER, Kind.Subject, Kind.Syllabus)
SEGMENT = re.compile(r"([^\\/]*)(\\*)(/?)")
Direction = Literal["down", "up"]


class Listing(TypedDict, total=False):
    """Which of the nodes found are wanted, and which page of them (100 nodes if no limit is given)."""

    kind: Kind | None
    statuses: Sequence[Status]
    limit: int
    cursor: str | None


async def children(database: Database, node_id: str, **listing: Unpack[Listing]) -> Page[Node]:
    """The nodes directly below, in order of position; raises NotFound."""
    await get(database, node_id)
    position, after = decode("children", listing.get("cursor"), (-1, ""))
    place = {"position": position, "after": after}
    rows = await seals.NODES.read(database, CHILDREN, id=node_id, **place, **filters(listing))
    found = page("children", rows, limit_of(listing), lambda row: (row["position"], row["since"]))
    return Page(items=[Node.from_row(row["node"]) for row in found.items], next=found.next)


async def child_names(reader: Database | Transaction, node_id: str, kind: Kind) -> list[str]:
    """The names of the nodes of one kind directly below."""
    rows = await reader.rows(CHILD_NAMES, id=node_id, kind=kind)
    return [row["name"] for row in rows]


async def parents(database: Database, node_id: str, **listing: Unpack[Listing]) -> Page[Node]:
    """The nodes directly above; raises NotFound."""
    return await _by_id("parents", database, PARENTS, node_id, listing)


async def ancestors(
    database: Database, node_id: str, *, depth: int | None = None, **listing: Unpack[Listing]
) -> Page[Node]:
    """All nodes above, or those at most `depth` links away; raises NotFound."""
    if depth is not None:
        return await _near("ancestors", database, "up", node_id, depth, listing)
    return await _by_id("ancestors", database, ANCESTORS, node_id, listing)


async def descendants(
    database: Database,
    node_id: str,
    *,
    depth: int | None = None,
    of: str = "descendants",
    **listing: Unpack[Listing],
) -> Page[Node]:
    """All nodes below, or those at most `depth` links away; raises NotFound. `of`: the list in its cursors.

    Without a depth, the nodes down to the disciplines come first, then discipline by discipline those below,
    so that a page costs no more than the disciplines that it touches.
    """
    if depth is not None:
        return await _near(of, database, "down", node_id, depth, listing)
    return await _below(of, database, node_id, listing)


async def _below(of: str, database: Database, node_id: str, listing: Listing) -> Page[Node]:
    top = await get(database, node_id)
    section, after = decode(of, listing.get("cursor"), ("", ""))
    wanted = filters(listing)
    kind, limit = wanted["kind"], wanted["limit"]
    found: list[tuple[str, Node]] = []
    if top.kind not in UPPER[:-1]:
        nodes = await nodes_by(database, DESCENDANTS, id=node_id, after=after, **wanted)
        found = [("", node) for node in nodes]
    elif not section and kind in (None, *UPPER):
        nodes = await nodes_by(database, UPPER_NODES, id=node_id, after=after, **wanted)
        found = [("", node) for node in nodes]
    if top.kind in UPPER[:-1] and kind not in UPPER and len(found) < limit:
        left = wanted | {"limit": limit - len(found)}
        place = {"section": section, "after": after if section else ""}
        rows = await seals.NODES.read(database, SECTIONS, id=node_id, **place, **left)
        found += [(row["section"], Node.from_row(row["node"])) for row in rows]
    found_page = page(of, found, limit_of(listing), lambda pair: (pair[0], pair[1].id))
    return Page(items=[node for _, node in found_page.items], next=found_page.next)


async def _by_id(
    of: str, database: Database, query: Query, node_id: str | None, listing: Listing, **params: Any
) -> Page[Node]:
    if node_id is not None:
        await get(database, node_id)
    [after] = decode(of, listing.get("cursor"), ("",))
    nodes = await nodes_by(database, query, id=node_id, after=after, **filters(listing), **params)
    return page(of, nodes, limit_of(listing), lambda node: (node.id,))


def limit_of(listing: Listing) -> int:
    """The maximum number of nodes on a page."""
    return listing.get("limit", 100)


def filters(listing: Listing) -> Row:
    """The listing as the queries take it; one row more than is shown tells whether there is another page."""
    return {
        "kind": listing.get("kind"),
        "statuses": list(listing.get("statuses", PRESENT)),
        "limit": limit_of(listing) + 1,
    }


async def _near(
    of: str, database: Database, direction: Direction, node_id: str, depth: int, listing: Listing
) -> Page[Node]:
    """Walks level by level, because the depth of a Cypher path cannot be a parameter."""
    await get(database, node_id)
    query = LEVEL if direction == "down" else LEVEL_UP
    seen, front, levels = set[str](), [node_id], depth
    while front and depth > 0:
        # Nodes of all statuses are walked through: statuses filter what is shown, not where the walk ends.
        limit = MOST_NEAR + 1 - len(seen)
        rows = await database.read(query, ids=front, statuses=list(Status), limit=limit)
        if len(rows) == limit:
            raise Invalid(
                f"over {MOST_NEAR:,} links lead from {node_id} to nodes at most {levels} away; ask for a "
                "smaller depth, or for all without a depth"
            )
        front = sorted({row["id"] for row in rows} - seen)
        seen.update(front)
        depth -= 1
    [after] = decode(of, listing.get("cursor"), ("",))
    ids = sorted(id_ for id_ in seen if id_ > after)
    nodes = await _get_many(
        database, ids, limit_of(listing) + 1, listing.get("kind"), listing.get("statuses", PRESENT)
    )
    return page(of, nodes, limit_of(listing), lambda node: (node.id,))


async def _get_many(
    database: Database,
    ids: list[str],
    limit: int,
    kind: Kind | None = None,
    statuses: Sequence[Status] = tuple(Status),
) -> list[Node]:
    """The first `limit` of these nodes, in the order of `ids`, that are of `kind` and in `statuses`."""
    found: list[Node] = []
    for start in range(0, len(ids), 1000):
        there = await nodes_by(database, GET_MANY, ids=ids[start : start + 1000])
        fitting = [node for node in there if kind in (None, node.kind) and node.status in statuses]
        found += sorted(fitting, key=lambda node: node.id)
        if len(found) >= limit:
            break
    return found[:limit]


async def tree(
    database: Database, node_id: str, depth: int = 2, statuses: Sequence[Status] = PRESENT
) -> dict[str, Any]:
    """The subtree, nested: {id, kind, name, status, counts: {kind: nodes below}, children: [...]}.

    A node with two parents in the subtree stands under both. Raises NoNode, or Invalid if the tree has more
    than LARGEST_TREE places.
    """
    below: dict[str, list[str]] = {}
    front, places = [node_id], {node_id: 1}
    total = 1
    for _ in range(depth):
        fresh = [id_ for id_ in front if id_ not in below]
        below |= {id_: [] for id_ in fresh}
        rows = await database.read(LEVEL, ids=fresh, statuses=list(statuses), limit=LARGEST_TREE + 1)
        for row in rows:
            below[row["parent_id"]].append(row["id"])
        places = _places_below(places, below)
        total += sum(places.values())
        if total > LARGEST_TREE:
            raise Invalid(
                f"the tree has over {LARGEST_TREE} nodes; ask for a smaller depth, or use descendants"
            )
        front = sorted(places)
    ids = sorted({node_id, *below, *(id_ for ids in below.values() for id_ in ids)})
    nodes = {node.id: node for node in await _get_many(database, ids, len(ids))}
    if node_id not in nodes:
        raise NoNode(node_id)
    found = await nodes_below.below(database, {id_: node.kind for id_, node in nodes.items()})
    return _nested(node_id, depth, below, nodes, found)


def _places_below(places: dict[str, int], below: dict[str, list[str]]) -> dict[str, int]:
    """How often each node occurs on the next level, given how often each occurs on this one."""
    found: dict[str, int] = {}
    for id_, times in places.items():
        for child in below[id_]:
            found[child] = found.get(child, 0) + times
    return found


def _nested(
    node_id: str,
    depth: int,
    below: dict[str, list[str]],
    nodes: dict[str, Node],
    below_each: dict[str, nodes_below.Counts],
) -> dict[str, Any]:
    node = nodes[node_id]
    # A node that was removed during the reading is in no place any more.
    children = [id_ for id_ in below.get(node_id, []) if id_ in nodes] if depth else []
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "status": node.status,
        "counts": below_each.get(node_id, {}),
        "children": [_nested(id_, depth - 1, below, nodes, below_each) for id_ in children],
    }


async def paths(database: Database, node_id: str, limit: int = 1000) -> list[list[Row]]:
    """Up to `limit` paths from a root down to the node, each a list of {id, kind, name}; raises NoNode."""
    found = [row["path"] for row in await database.read(PATHS, id=node_id, limit=limit)]
    if not found:
        raise NoNode(node_id)
    return found


async def list_nodes(
    database: Database, *, name: str | None = None, under: str | None = None, **listing: Unpack[Listing]
) -> Page[Node]:
    """Nodes in the order of their ids, below a node in that of `descendants`; `name` is compared normalised.

    Raises NotFound if `under` does not exist.
    """
    name_key = None if name is None else normal_name(name)
    if under is not None and name_key is None:
        return await _below("nodes", database, under, listing)
    if name_key is not None:
        return await _by_id("nodes", database, LIST_NAMED, under, listing, name_key=name_key)
    [after] = decode("nodes", listing.get("cursor"), ("",))
    query = LIST_RARE if listing.get("kind") in RARE else LIST
    nodes = await nodes_by(database, query, after=after, **filters(listing))
    return page("nodes", nodes, limit_of(listing), lambda node: (node.id,))


async def resolve(reader: Database | Transaction, name_or_id: str) -> str:
    """The id of a node given by id or by a path of names such as "Natural sciences/Physics/Optics".

    A path may start at any node, and with a slash before it at a taxonomy. A slash in a name is written \\/,
    and a backslash before a slash \\\\. If no node has a name now, the node that once had it there is meant.
    Raises NoPath, or Conflict if several nodes fit.
    """
    if rows := await reader.rows(GET_MANY, ids=[name_or_id]):
        return rows[0]["node"]["id"]
    found: list[Row] = []
    above: list[str] | None = None
    segments = _segments(name_or_id)
    at_top = len(segments) > 1 and not segments[0]
    for number, name in enumerate(segments[at_top:]):
        found = await reader.rows(NAMED, name_key=normal_name(name), parents=above)
        if at_top and above is None:
            found = [row for row in found if row["kind"] == Kind.Taxonomy]
        if not found:
            found = await aliases.named(reader, normal_name(name), above)
        if not found and above is None and (merged := await aliases.resolve(reader, [name_or_id])):
            return merged[name_or_id]
        if not found:
            raise NoPath(name_or_id, name, above or [], "/".join(segments[at_top:][:number]))
        above = [row["id"] for row in found]
    if len(found) > 1:
        which = ", ".join(f"{row['kind']} {row['id']}" for row in found[:5])
        raise Conflict(
            f"{len(found)} nodes are called {name_or_id!r} ({which}); give an id or a longer path, "
            "which at a taxonomy begins with a slash"
        )
    return found[0]["id"]


def _segments(path: str) -> list[str]:
    """The names of a path. A backslash escapes a slash, or another backslash directly before a slash."""
    names = [""]
    for start, backslashes, slash in SEGMENT.findall(path):
        escaped = len(backslashes) % 2 == 1
        names[-1] += start + (backslashes[: len(backslashes) // 2] if slash else backslashes)
        if slash and escaped:
            names[-1] += "/"
        elif slash:
            names.append("")
    return names


async def nodes_by(database: Database, query: Query, **params: Any) -> list[Node]:
    """The nodes that a query of nodes finds, each in one consistent state."""
    return [Node.from_row(row["node"]) for row in await seals.NODES.read(database, query, **params)]
