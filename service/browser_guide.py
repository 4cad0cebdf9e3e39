"""The named queries as a guide for Neo4j Browser, generated from the files in cypher/.

Neo4j Browser plays guides written in its own dialect of HTML: slides with clickable blocks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice
from typing import Final

import jinja2

from graph.queries import Param, Query, offered
from graph.read_door.tables import is_id

PATH: Final = "/guide"
# Neo4j Browser is served from another port of this machine and bypasses its cache, hence a preflight.
HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "600",
}
ON_A_SLIDE: Final = 3

_TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("service", "."), autoescape=True)


@dataclass(frozen=True)
class Entry:
    """A query as the guide shows it. Its settings omit ids, which the first slide sets.

    The settings are in a block of their own: Browser shows no rows when several statements run at once.
    """

    name: str
    area: str
    title: str
    meaning: str
    params: dict[str, Param]
    settings: str
    text: str


@cache
def page() -> str:
    """The guide, as HTML."""
    queries = [_entry(query) for query in offered()]
    slides = [slide for _, area in groupby(queries, lambda query: query.area) for slide in _parts(area)]
    return _TEMPLATES.get_template("browser_guide.html").render(queries=queries, slides=slides)


def play(address: str) -> str:
    """What to type into Neo4j Browser. It accepts guides from localhost, but not from 127.0.0.1."""
    return f":play {address.replace('127.0.0.1', 'localhost')}{PATH}"


def _parts(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    rest = iter(entries)
    while part := list(islice(rest, ON_A_SLIDE)):
        yield part


def _entry(query: Query) -> Entry:
    names = [name for name in query.params if not is_id(name)]
    title = query.name.removeprefix(f"{query.area}.").replace("_", " ")
    settings = query.browser_params(names)
    return Entry(query.name, query.area, title, query.meaning, query.params, settings, query.text)
