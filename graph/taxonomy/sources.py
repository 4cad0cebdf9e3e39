"""Which node a concept of a vocabulary is: by its URI or its notation, within a taxonomy.

A node keeps digests of its taxonomy with either, by which it is found again wherever it was moved and however
it is called by then; the alias of a node that was merged keeps those of the node. `source_key` is unique: of
the URI, or of the notation where there is no URI and concepts are told apart by it.
"""

from collections.abc import Container, Iterable, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Literal

from graph.database import Row, Transaction
from graph.errors import Conflict, GraphError
from graph.model import Kind, NewNode, digest
from graph.queries import load

FIND = load("source.find")
FIND_NOTATIONS = load("source.find_notations")
FIND_UNKEYED = load("source.find_unkeyed")
BY_KEYS = load("source.by_keys")
HOMES = load("source.homes")
URIS = load("source.uris")
RELATE = load("source.relate")
UNRELATE = load("source.unrelate")

OWN = "urn:glan:"
"""What an export puts before the ids of nodes that have no URI."""


KeyBy = Literal["uri", "notation", "path"]
"""What makes two concepts the same; by default the URI, for those that have one."""


@dataclass(frozen=True, slots=True)
class Source:
    """The keys of a concept within its taxonomy."""

    by_notation: bool
    """Whether its notation is what it is known by."""
    source_key: str | None
    notation_key: str | None
    uri: str | None = None

    @property
    def stored(self) -> Row:
        """The properties of the node that is the concept."""
        found = {"source_key": self.source_key, "notation_key": self.notation_key}
        return {name: key for name, key in found.items() if key}


def source_of(node: NewNode, taxonomy_id: str, by: KeyBy | None = None) -> Source | None:
    """What a node is known by within a taxonomy beside its place, if anything; "" for a taxonomy itself."""
    uri, notation = node.uri, node.notation[0] if node.notation else None
    by_notation = by == "notation" and notation is not None
    mark = uri or (f"n:{notation}" if by_notation else None)
    if by == "path" or mark is None:
        return None
    return Source(
        by_notation,
        digest(taxonomy_id, mark),
        None if notation is None else notation_key(taxonomy_id, notation),
        uri,
    )


def uri_key(taxonomy_id: str, uri: str) -> str:
    """The source key of the concept with this URI."""
    return digest(taxonomy_id, uri)


def notation_key(taxonomy_id: str, notation: str) -> str:
    """The key of the concepts with this notation."""
    return digest(taxonomy_id, f"n:{notation}")


async def find(tx: Transaction, wanted: Sequence[Source]) -> list[Row | GraphError | None]:
    """For each concept the node that it is, if there is one; an error where there are two.

    Each is {node, merged, leaving}; `merged`: the concept's own node was merged into this one; `leaving`: an
    import proposed to remove it.
    """
    marks = [(FIND_NOTATIONS, s.notation_key) if s.by_notation else (FIND, s.source_key) for s in wanted]
    found: dict[str, Row | GraphError] = {}
    for query in (FIND, FIND_NOTATIONS):
        keys = [key for of, key in marks if of is query]
        if not keys:
            continue
        [[rows]] = await tx.values(query, batch={"keys": keys})
        for row in rows:
            known = found.setdefault(row["key"], row)
            if isinstance(known, GraphError) or known["node"]["id"] == row["node"]["id"]:
                continue
            if known["merged"] == row["merged"]:
                found[row["key"]] = _two(known, row, "notation")
            elif known["merged"]:
                found[row["key"]] = row
    for row in await _unkeyed(tx, [s for s in wanted if s.uri and not s.by_notation], found):
        key, first = row["key"], found.setdefault(row["key"], row)
        if first is not row and not isinstance(first, GraphError):
            found[key] = _two(first, row, "URI")
    return [found.get(key or "") for _, key in marks]


async def _unkeyed(tx: Transaction, wanted: Sequence[Source], found: Container[str | None]) -> list[Row]:
    """The nodes that have the URIs of concepts and no key: imports once kept URIs of which they made none."""
    keys = {s.uri: s.source_key for s in wanted if s.source_key not in found}
    if not keys:
        return []
    [[rows]] = await tx.values(FIND_UNKEYED, batch={"uris": list(keys)})
    known: dict[str, str] = {}
    if rows:
        await taxonomies(tx, [row["node"]["id"] for row in rows], known)
    for row in rows:
        node = row["node"]
        top = "" if node["kind"] == Kind.Taxonomy else known[node["id"]]
        row["key"] = uri_key(top, node["uri"])
    return [row for row in rows if row["key"] == keys[row["node"]["uri"]]]


def _two(one: Row, other: Row, what: str) -> Conflict:
    return Conflict(f"{one['node']['id']} and {other['node']['id']} both have this {what} in the taxonomy")


async def by_keys(tx: Transaction, keys: Sequence[str]) -> dict[str, Row]:
    """The nodes with these keys, by key."""
    [[rows]] = await tx.values(BY_KEYS, batch={"keys": list(keys)})
    return {row["key"]: row["node"] for row in rows}


async def taxonomies(tx: Transaction, ids: Iterable[str], known: MutableMapping[str, str]) -> None:
    """Adds to `known` the taxonomy, by way of the homes, of each of these nodes and of those above it."""
    ways: dict[str, list[str]] = {id_: [id_] for id_ in ids if id_ not in known}
    while ways:
        [[rows]] = await tx.values(HOMES, batch={"ids": sorted(ways)})
        homes = {id_: None if is_top else home for id_, home, is_top in rows}
        further: dict[str, list[str]] = {}
        for id_, below in ways.items():
            home = homes.get(id_)
            if home is None or home in below:
                known.update(dict.fromkeys(below, id_))
            elif home in known:
                known.update(dict.fromkeys(below, known[home]))
            else:
                further[home] = further.get(home, [home]) + below
        ways = further


async def named(tx: Transaction, uris: Sequence[str]) -> dict[str, str | GraphError]:
    """The ids of the nodes with these URIs; an error where there are several. Others are not in the map."""
    [[rows]] = await tx.values(URIS, batch={"uris": list(uris)})
    found: dict[str, str | GraphError] = {}
    for uri, id_ in rows:
        if found.setdefault(uri, id_) != id_:
            found[uri] = Conflict(f"several taxonomies have a node with the URI {uri}; give the parent's id")
    return found


async def relate(
    tx: Transaction, rows: Sequence[tuple[str, str, Sequence[str]]], *, end: bool = False
) -> None:
    """Relates nodes; each row has a node's id, that of its taxonomy, and the URIs of related ones.

    What no node of the taxonomy is stays in the node's list `related`. `end`: they are related no more.
    """
    batch = [
        {"id": id_, "related": [_other(taxonomy_id, uri) for uri in uris]} for id_, taxonomy_id, uris in rows
    ]
    await tx.run(UNRELATE if end else RELATE, batch={"rows": batch})


def _other(taxonomy_id: str, uri: str) -> Row:
    own = uri.removeprefix(OWN) if uri.startswith(OWN) else None
    return {"key": uri_key(taxonomy_id, uri), "id": own, "uri": uri}
