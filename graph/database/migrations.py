"""Numbered migrations from one schema to the next, each run once and in order on every graph.

A migration is a list of steps, each of which can be run again after a crash in the middle: statements with
IF NOT EXISTS, and changes of data in pages, where each page is a transaction that finds what is left to do. A
new migration goes to the end with the next number; a published one is never changed.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from graph.database.answers import Row
from graph.database.driver import Database
from graph.errors import Conflict
from graph.model import Kind, Notation, Uri, described, labelled, named, node_key
from graph.queries import Query, load

PAGE = 1_000
"""Nodes or relationships changed per transaction."""

AWAIT_INDEXES = load("schema.await_indexes")

Step = Callable[[Database], Awaitable[None]]


@dataclass(frozen=True)
class Migration:
    """One migration: its number, what it is for, and its steps."""

    number: int
    meaning: str
    steps: tuple[Step, ...]


def ddl(*statements: Query) -> Step:
    """A step that creates or drops constraints and indexes; each statement has IF [NOT] EXISTS."""

    async def run(database: Database) -> None:
        for statement in statements:
            # IF NOT EXISTS checks before it creates: another process may come in between.
            with suppress(Conflict):
                await database.write(statement)
        await database.write(AWAIT_INDEXES)

    return run


def in_pages(query: Query) -> Step:
    """A change of data by Cypher: `query` changes up to $limit of what is left and returns `changed`."""

    async def run(database: Database) -> None:
        while (await database.write(query, limit=PAGE))[0]["changed"]:
            pass

    return run


def rewritten(read: Query, change: Callable[[Sequence[Row]], Sequence[Row]], write: Query) -> Step:
    """A change of data that is computed in Python.

    `read` returns up to $limit rows with an `id`, in order, after $after; `change` returns the rows to write,
    none if nothing changes; `write` takes them as $rows.
    """

    async def run(database: Database) -> None:
        after = ""
        while rows := await database.read(read, after=after, limit=PAGE):
            if changed := change(rows):
                await database.write(write, rows=list(changed))
            after = rows[-1]["id"]

    return run


def _renamed(rows: Sequence[Row]) -> list[Row]:
    """What is derived from names and descriptions; if several nodes come to one key, the first gets it."""
    found: list[Row] = []
    keys: set[str] = set()
    for row in rows:
        new = named(row["name"]) | described(row["description"] or "")
        key = None
        if new["name_key"] != row["name_key"]:
            key = node_key(Kind(row["kind"]), row["home"], row["name"])
            key = None if key in keys else key
            keys.add(key or "")
        found.append({"id": row["id"], "key": key, **new})
    return found


# Free properties before the schema 13. The words are found again, also if an interrupted run left some.
ONCE_FREE = ("uri", "notation", "source_key", "notation_key", "imported")


def _identified(rows: Sequence[Row]) -> list[Row]:
    """The URI and codes that nodes have as free properties, as their own now, and the words of labels."""
    found: list[Row] = []
    for row in rows:
        if row["node"] is None:
            continue
        node: Row = row["node"]
        kept = _own_identifiers(node)
        free = {f"csv_{name}": node[name] for name in ONCE_FREE if name in node and name not in kept}
        after = {name: value for name, value in node.items() if name not in ONCE_FREE}
        changes = dict.fromkeys(ONCE_FREE) | kept | free | labelled(kept.get("notation") or (), after)
        # A node that an interrupted run of this migration has changed comes to what it is already.
        changes = {name: value for name, value in changes.items() if value != node.get(name)}
        if changes:
            found.append({"id": row["id"], "changes": changes})
    return found


def _own_identifiers(node: Row) -> Row:
    """The URI and the codes of a node, where they are what they are called."""
    uri, notation = node.get("uri"), node.get("notation")
    kept: Row = {}
    with suppress(ValidationError):
        if uri is not None:
            kept["uri"] = TypeAdapter(Uri).validate_python(uri, strict=True)
    codes: object = [notation] if isinstance(notation, str) else notation
    with suppress(ValidationError):
        if notation is not None:
            kept["notation"] = TypeAdapter(Notation).validate_python(codes, strict=True)
    return kept


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        4,
        "constraints and indexes of every graph up to glan 0.1",
        (
            ddl(
                load("schema.schema_id"),
                load("schema.node_id"),
                load("schema.node_key"),
                load("schema.node_name_key"),
                load("schema.node_search"),
                load("schema.instruction_id"),
                load("schema.instruction_unit"),
                load("schema.instruction_combination"),
                load("schema.instruction_reason"),
                load("schema.job_id"),
                load("schema.rollup_id"),
                load("schema.unit_id"),
                load("schema.unit_next"),
                load("schema.unit_node"),
                load("schema.drop_unit_todo"),
                load("schema.release_name"),
                load("schema.release_part"),
                load("schema.token_id"),
                load("schema.token_hash"),
                load("schema.token_live_name"),
                load("schema.request_id"),
                load("schema.request_created"),
                load("schema.alias_id"),
                load("schema.edit_id"),
                load("schema.edit_node"),
                load("schema.node_guests"),
            ),
        ),
    ),
    Migration(
        5,
        "names are compared as NFKC_Casefold has it, found by their words, and stand for what they stood for",
        (
            rewritten(load("schema.names"), _renamed, load("schema.set_names")),
            ddl(load("schema.drop_node_search"), load("schema.node_search_words")),
            ddl(load("schema.old_key"), load("schema.old_name_key"), load("schema.old_key_home")),
        ),
    ),
    Migration(
        6,
        "what is read as one is one property: figures of disciplines, counts and usage of units",
        (
            in_pages(load("schema.drop_rollups")),
            in_pages(load("schema.count_units")),
            in_pages(load("schema.spend_units")),
        ),
    ),
    Migration(
        7,
        "kept questions are unique by their text, and found by their rare words",
        (
            ddl(
                load("schema.instruction_text_key"),
                load("schema.instruction_words"),
                load("schema.rule_id"),
            ),
        ),
    ),
    Migration(
        8,
        "benchmarks are found by their names, and their items by their ids",
        (ddl(load("schema.benchmark_name"), load("schema.benchmark_item_id")),),
    ),
    Migration(
        9,
        "checks of what is there, and what they found, are found by their ids",
        (ddl(load("schema.check_id"), load("schema.finding_id")),),
    ),
    Migration(
        10,
        "judges of jobs are there once, and so are their verdicts",
        (ddl(load("schema.judge_id"), load("schema.verdict_id")),),
    ),
    Migration(
        11,
        "drafts of answers are there once",
        (ddl(load("schema.draft_id")),),
    ),
    Migration(
        12,
        "test sets are there once by their names, and so are answers to them and what judges find of those",
        (ddl(load("schema.glan_test_name"), load("schema.test_answer_id"), load("schema.test_verdict_id")),),
    ),
    Migration(
        13,
        "nodes are found by the URIs, codes and labels of the concepts that they are",
        (
            rewritten(load("schema.identifiers"), _identified, load("schema.set_identifiers")),
            ddl(load("schema.drop_node_search"), load("schema.node_search_terms")),
            ddl(
                load("schema.source_key"),
                load("schema.node_uri"),
                load("schema.node_notation"),
                load("schema.alias_source_key"),
                load("schema.alias_notation"),
            ),
        ),
    ),
    Migration(
        14,
        "rounds are there once by their names, and nobody has two votes on one node",
        (
            ddl(
                load("schema.round_id"),
                load("schema.round_key"),
                load("schema.vote_key"),
                load("schema.vote_round"),
            ),
        ),
    ),
    Migration(
        15,
        "proposals are there once by their keys, and listed best first",
        (
            ddl(
                load("schema.import_id"),
                load("schema.proposal_id"),
                load("schema.proposal_key"),
                load("schema.proposal_place"),
                load("schema.duplicate_search_id"),
            ),
        ),
    ),
    Migration(
        16,
        "what imports found wrong in their files is there once",
        (ddl(load("schema.import_problems_id")),),
    ),
)
"""All migrations, by number. The first one also brings up graphs of the schemas 0 to 3."""
