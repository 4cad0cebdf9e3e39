"""Loads cypher/ into frozen Query objects: `NAME = load("node.children")` at the top of a module.

A file starts with a header of comment lines:

    // The children of a node in order of position.       what it answers, one sentence
    // access: read                                        read, write or schema
    // $id string: the parent's id                         one line per parameter, with its type
    // cost: 15 s a million instructions                   optional: what it takes below a large node
    // example: {"id": "0190"}                             optional: parameters to try it with
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, LiteralString, cast, get_args

PARAM = re.compile(r"^\$(\w+) (\w+(?: or null)?): (.+)$")
Reads = Literal["nodes", "sessions", "concepts", "instructions"]
COST = re.compile(rf"^([0-9.]+) s a million ({'|'.join(get_args(Reads))})$")


@dataclass(frozen=True)
class Param:
    """A parameter of a query: its type (string, integer, list, map, ...) and its meaning."""

    type: str
    meaning: str


@dataclass(frozen=True)
class Cost:
    """What a query takes that reads everything of a sort below a node, by tests/bench/bench_scale.py."""

    seconds: float
    """For a million of them, on two cores."""
    reads: Reads


@dataclass(frozen=True)
class Query:
    """A named query of cypher/."""

    name: str
    text: LiteralString
    meaning: str
    access: Literal["read", "write", "schema"]
    params: dict[str, Param] = field(hash=False)
    example: dict[str, Any] = field(hash=False)
    cost: Cost | None = None
    """None if it does not depend on how much there is below a node."""

    @property
    def area(self) -> str:
        """The subject of the query: the top folder of cypher/ that it is in."""
        return self.name.partition(".")[0]

    @property
    def browser(self) -> str:
        """Text to paste into Neo4j Browser: lines that set the parameters, then the query."""
        return "\n".join(filter(None, [self.browser_params(self.params), self.text]))

    def browser_params(self, names: Iterable[str]) -> str:
        """Lines that set these parameters in Neo4j Browser to the example's values."""
        return "\n".join(f":param {name} => {as_cypher(self.example.get(name))};" for name in names)


def as_cypher(value: Any) -> str:
    """A JSON value as a Cypher literal, in which the keys of a map have no quotes."""
    match value:
        case dict():
            pairs = cast(dict[str, Any], value).items()
            return "{" + ", ".join(f"{name}: {as_cypher(below)}" for name, below in pairs) + "}"
        case list():
            return "[" + ", ".join(map(as_cypher, cast(list[Any], value))) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


@cache
def load(name: str) -> Query:
    """The query `name`, such as "node.children"; a wrong name fails when the module using it is imported."""
    path = files("cypher").joinpath(*name.split(".")[:-1], name.split(".")[-1] + ".cypher")
    return parse(name, path.read_text(encoding="utf-8"))


def parse(name: str, source: str) -> Query:
    """Splits a query file into header and text; raises ValueError if the header is wrong or incomplete."""
    header, body = _split(source)
    if not header or not body:
        raise ValueError(f"cypher/{name}: needs a header of // lines and a query")
    parted = [line.partition(": ") for line in header[1:] if not line.startswith("$")]
    options = {option: value for option, _, value in parted}
    matches = [PARAM.match(line) for line in header[1:] if line.startswith("$")]
    access, cost = options.get("access", ""), COST.match(options.get("cost", ""))
    if (
        access not in ("read", "write", "schema")
        or None in matches
        or options.keys() - {"access", "cost", "example"}
        or ("cost" in options and not cost)
    ):
        raise ValueError(
            f"cypher/{name}: after its first line a header has '// access: read|write|schema', "
            "'// $name type: meaning', '// cost: 2 s a million instructions' and '// example: {...}'"
        )
    params = {m[1]: Param(m[2], m[3]) for m in matches if m}
    example = json.loads(options.get("example", "{}"))
    takes = Cost(float(cost[1]), cast(Reads, cost[2])) if cost else None
    # The only place where text becomes a query: it comes from a file in cypher/, never from input.
    return Query(name, cast(LiteralString, body), header[0], access, params, example, takes)


def _split(source: str) -> tuple[list[str], str]:
    lines = source.strip().splitlines()
    n = next((i for i, line in enumerate(lines) if not line.startswith("//")), len(lines))
    return [line.removeprefix("//").strip() for line in lines[:n]], "\n".join(lines[n:]).strip()


def names() -> list[str]:
    """The names of all queries, sorted."""
    return sorted(_walk(files("cypher"), ""))


def _walk(folder: Traversable, prefix: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.name.startswith("_"):
            yield from _walk(entry, f"{prefix}{entry.name}.")
        elif entry.name.endswith(".cypher"):
            yield prefix + entry.name.removesuffix(".cypher")


# The areas of cypher/ that are meant for users; the other read queries serve glan, with cursors and lists.
PUBLIC = ("explore",)


@cache
def offered() -> tuple[Query, ...]:
    """The named read queries that users can run, sorted by name."""
    return tuple(query for query in readable() if query.area in PUBLIC)


@cache
def readable() -> tuple[Query, ...]:
    """All named queries that only read, sorted by name."""
    return tuple(query for query in map(load, names()) if query.access == "read")
