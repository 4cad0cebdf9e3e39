"""A subtree as a networkx graph, and as files that networkx and other graph tools read.

Nothing here talks to the database (graph/analysis/read.py does), so that it can run in another process.
"""

import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, cast

import networkx as nx
from pydantic import BaseModel, Field

from graph.model import Kind, Status

_NETWORKX: Any = nx  # its readers and writers have no types
# XML cannot hold these two characters, not even escaped.
NOT_IN_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})


@dataclass(frozen=True)
class Link:
    """`source` contains `target`, at a position among its siblings (None if it has none)."""

    source: str
    target: str
    position: int | None


@dataclass(frozen=True)
class Member:
    """A node of a subtree."""

    id: str
    kind: str
    name: str
    status: str
    weight: float
    instructions: int | None
    properties: dict[str, Any]


@dataclass(frozen=True)
class Subtree:
    """A node and what is below it, each node once."""

    id: str
    name: str
    members: list[Member]
    links: list[Link]


class GraphNode(BaseModel):
    """A node, with the attributes that networkx keeps on it."""

    id: str = Field(description="Id of the node")
    kind: Kind = Field(description="Its label in Neo4j")
    name: str = Field(description="Its name")
    status: Status = Field(description="proposed, accepted, rejected or retired")
    weight: float = Field(description="Relative share in jobs with the quota `weight`")
    instructions: int | None = Field(
        description="For a concept, the accepted instructions that cover it; else null"
    )
    properties: dict[str, Any] = Field(description="Free properties")


class GraphEdge(BaseModel):
    """A link: `source` contains `target`."""

    source: str = Field(description="Id of the node above")
    target: str = Field(description="Id of the node below")
    position: int | None = Field(description="Position among its siblings; null if it has none")


class GraphRoot(BaseModel):
    """Attributes of the graph itself."""

    id: str = Field(description="Id of the node the subtree was asked for")
    name: str = Field(description="Its name")


class NodeLink(BaseModel):
    """A subtree as networkx reads it: `nx.node_link_graph(answer, edges="edges")`."""

    directed: bool = Field(description="Always true")
    multigraph: bool = Field(description="Always false")
    graph: GraphRoot = Field(description="What the subtree is of")
    nodes: list[GraphNode] = Field(description="Each once, in the order of ids")
    edges: list[GraphEdge] = Field(description="In the order of the nodes above and of positions")


def digraph(found: Subtree) -> "nx.DiGraph[str]":
    """The subtree as a networkx graph."""
    graph: nx.DiGraph[str] = nx.DiGraph(id=found.id, name=found.name)
    for member in found.members:
        attributes = asdict(member)
        graph.add_node(attributes.pop("id"), **attributes)
    for link in found.links:
        graph.add_edge(link.source, link.target, position=link.position)
    return graph


def node_link(found: Subtree) -> bytes:
    """The subtree as the JSON of a NodeLink."""
    document = _NETWORKX.node_link_data(digraph(found), edges="edges")
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def graphml(found: Subtree) -> bytes:
    """The subtree as GraphML, which knows only strings, numbers and booleans.

    Nulls are left out; a free property becomes an attribute `properties.NAME`, and a list becomes JSON text.
    """
    graph = digraph(found)
    for _, attributes in graph.nodes(data=True):
        free = cast(dict[str, Any], attributes.pop("properties"))
        attributes |= {f"properties.{name}": value for name, value in free.items()}
    for attributes in _all_attributes(graph):
        plain = {_xml(name): _plain(value) for name, value in attributes.items() if value is not None}
        attributes.clear()
        attributes.update(plain)
    file = io.BytesIO()
    _NETWORKX.write_graphml_xml(graph, file)
    return file.getvalue()


def _all_attributes(graph: "nx.DiGraph[str]") -> Iterable[dict[str, Any]]:
    yield graph.graph
    yield from (attributes for _, attributes in graph.nodes(data=True))
    yield from (attributes for _, _, attributes in graph.edges(data=True))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        value = json.dumps(value, ensure_ascii=False)
    return _xml(value) if isinstance(value, str) else value


def _xml(text: str) -> str:
    # XML parsers turn every line ending into \n, so it is done here already.
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(NOT_IN_XML)
