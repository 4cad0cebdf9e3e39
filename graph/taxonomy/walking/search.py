"""Full-text search: nodes whose name, description, labels and codes have every word that is asked for.

Matches come in classes: first nodes with exactly this name, then names with the words as spelled, then
without punctuation, then with the help of the other texts, then words that begin so, and last words with a
letter or two wrong. Pages go by class and id. Both depend only on the node, so a page stays the same while
others write; scores would change with everything in the index.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Unpack

from graph.database import Database
from graph.errors import Invalid, NoPath
from graph.model import Node
from graph.pages import Page, decode, page
from graph.queries import load
from graph.taxonomy.nodes import get
from graph.taxonomy.walking.traversal import (
    LIST_NAMED,
    PRESENT,
    Listing,
    children,
    filters,
    limit_of,
    nodes_by,
)
from graph.text import normal_name
from graph.words import Word, words

SEARCH = load("node.search")
LIST_URI = load("node.list_uri")
LIST_NOTATION = load("node.list_notation")
# How many names are read to find those like a missing one: among the children, and from the index.
MOST_BESIDE, MOST_LIKE = 1_000, 200

# Lucene takes 1,024 terms in a query, and a fuzzy word stands for up to 50 in each of three fields.
MOST_WORDS = 12
MOST_PARTS = 6
MOST_FUZZY = 5
SHORTEST_FUZZY = 4


async def search(
    database: Database,
    text: str,
    *,
    name: str | None = None,
    under: str | None = None,
    **listing: Unpack[Listing],
) -> Page[Node]:
    """A page of the matches, the best class first; raises Invalid if `text` has no visible character."""
    if under is not None:
        await get(database, under)
    called = normal_name(text)
    if not called:
        raise Invalid("the search text holds no visible character")
    first, after = decode("search", listing.get("cursor"), (0, ""))
    queries = [None, *lucene(words(text))]
    if first not in range(len(queries)):
        raise Invalid("the cursor is not one that this list gave; start again without one")
    found: list[tuple[int, Node]] = []
    wanted = filters(listing)
    only = None if name is None else normal_name(name)
    for rank in range(first, len(queries)):
        place = {"after": after if rank == first else "", "limit": wanted["limit"] - len(found)}
        if rank == 0:
            if only not in (None, called):
                continue
            nodes = await nodes_by(database, LIST_NAMED, id=under, name_key=called, **wanted | place)
        else:
            asked = {"text": queries[rank], "called": called, "name_key": only, "under": under}
            nodes = await nodes_by(database, SEARCH, **asked, **wanted | place)
        found += [(rank, node) for node in nodes]
        if len(found) == wanted["limit"]:
            break
    found_page = page("search", found, limit_of(listing), lambda pair: (pair[0], pair[1].id))
    return Page(items=[node for _, node in found_page.items], next=found_page.next)


async def identified(
    database: Database,
    *,
    uri: str | None,
    notation: str | None,
    name: str | None = None,
    under: str | None = None,
    **listing: Unpack[Listing],
) -> Page[Node]:
    """A page of the nodes that are the concept with this URI, or that have this code, or both."""
    if under is not None:
        await get(database, under)
    [after] = decode("nodes", listing.get("cursor"), ("",))
    wanted = filters(listing) | {
        "notation": notation,
        "name_key": None if name is None else normal_name(name),
        "under": under,
        "after": after,
    }
    if uri is not None:
        nodes = await nodes_by(database, LIST_URI, uri=uri, **wanted)
    else:
        asked = [word for word in words(notation or "") if word.spelled][:MOST_WORDS]
        if not asked:
            return Page(items=[], next=None)
        text = f"term_words:({_all(_escaped(word.spelled) for word in asked)})"
        nodes = await nodes_by(database, LIST_NOTATION, text=text, **wanted)
    return page("nodes", nodes, limit_of(listing), lambda node: (node.id,))


@dataclass(frozen=True, slots=True)
class _Terms:
    """A word as Lucene queries, each of which finds everything that the one before finds, and more."""

    exact: str
    prefix: str
    fuzzy: str


def lucene(asked: Sequence[Word]) -> list[str]:
    """The classes of matches after the exact name, as Lucene queries that exclude each other."""
    # Words of which folding leaves nothing, such as a lone mark, cannot be looked up.
    asked = [word for word in asked if word.spelled][:MOST_WORDS]
    if not asked:
        return []
    spelled = f"name_words:({_all(_escaped(word.spelled) for word in asked)})"
    lettered = [word for word in asked if word.joined]
    if not lettered:
        return [spelled]
    longest = sorted(lettered, key=lambda word: -len(word.joined))[:MOST_FUZZY]
    terms = [_terms(word, fuzzy=word in longest) for word in lettered]
    exact = _all(term.exact for term in terms)
    classes = [spelled, f"name_words:({exact})", exact]
    classes += [_all(term.prefix for term in terms), _all(term.fuzzy for term in terms)]
    return [classes[0], *(f"+({now}) -({before})" for before, now in pairwise(classes))]


def _terms(word: Word, *, fuzzy: bool) -> _Terms:
    spelled, joined = _escaped(word.spelled), _escaped(word.joined)
    either = dict.fromkeys([spelled, joined])
    parts = _all(map(_escaped, word.parts[:MOST_PARTS]))
    exact = " ".join([*either, *([f"({parts})"] if len(word.parts) > 1 else [])])
    prefix = " ".join([exact, *(f"{start}*" for start in either)])
    typo = f" {joined}~{min(2, len(word.joined) // 4)}"
    return _Terms(exact, prefix, prefix + (typo if fuzzy and len(word.joined) >= SHORTEST_FUZZY else ""))


def _all(queries: Iterable[str]) -> str:
    return " ".join(f"+({query})" for query in queries)


def _escaped(word: str) -> str:
    """A word with all ASCII characters escaped except letters and digits, as they may be Lucene syntax."""
    return "".join(f"\\{char}" if char.isascii() and not char.isalnum() else char for char in word)


async def nearest(database: Database, error: NoPath) -> list[str]:
    """At most three names like the missing one of a path: below a node that it reached, else anywhere.

    Reads at most MOST_BESIDE names below, and MOST_LIKE matches of the full-text index.
    """
    for id_ in error.above[:1]:
        below = await children(database, id_, limit=MOST_BESIDE)
        if found := _like(error.missing, [node.name for node in below.items]):
            return found
    parts = re.findall(r"\w+", error.missing.lower())[:MOST_WORDS]
    if not parts:
        return []
    rows = await database.read(
        SEARCH,
        text=" OR ".join(f"{part}~2" for part in parts),
        called="",
        name_key=None,
        kind=None,
        statuses=list(PRESENT),
        under=None,
        after="",
        limit=MOST_LIKE,
    )
    return _like(error.missing, [row["node"]["name"] for row in rows])


def _like(name: str, names: Iterable[str]) -> list[str]:
    by_key = {normal_name(found): found for found in names}
    return [by_key[key] for key in get_close_matches(normal_name(name), by_key, 3)]
