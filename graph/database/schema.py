"""Brings a database to the schema of this version: constraints and indexes, derived from graph/model.py."""

from contextlib import suppress
from typing import LiteralString, cast

from graph.database.driver import Database
from graph.errors import Conflict, GraphError
from graph.model import Kind
from graph.queries import Query, load

# Counted up with every change below; a database at this version is left alone.
VERSION = 4

NODE_KINDS = load("schema.kind_name")
STATEMENTS = [
    load(f"schema.{name}")
    for name in (
        "schema_id",
        "node_id",
        "node_key",
        "node_name_key",
        "node_search",
        "instruction_id",
        "instruction_unit",
        "instruction_combination",
        "instruction_reason",
        "job_id",
        "rollup_id",
        "unit_id",
        "unit_next",
        "unit_node",
        "drop_unit_todo",
        "release_name",
        "release_part",
        "token_id",
        "token_hash",
        "token_live_name",
        "request_id",
        "request_created",
        "alias_id",
        "edit_id",
        "edit_node",
        "node_guests",
    )
]
AWAIT_INDEXES = load("schema.await_indexes")
CURRENT = load("schema.version")
SET_VERSION = load("schema.set_version")


def statements() -> list[Query]:
    """Every schema statement, the one of the kinds once for each kind."""
    return STATEMENTS + [for_kind(NODE_KINDS, kind) for kind in Kind]


def for_kind(template: Query, kind: Kind) -> Query:
    """`template` with KIND replaced; a label cannot be a parameter of a schema statement."""
    # A kind of graph/model.py is no input: the text stays one that this package wrote.
    text = cast(LiteralString, template.text.replace("KIND", kind.value))
    return Query(f"{template.name}.{kind}", text, template.meaning, template.access, {}, {})


async def migrate(database: Database) -> None:
    """Idempotent, and safe when several processes do it at once; raises GraphError for a newer database."""
    version = (await database.read(CURRENT))[0]["version"] or 0
    if version > VERSION:
        raise GraphError(f"the database has schema {version}, this glan knows {VERSION}; upgrade glan")
    if version == VERSION:
        return
    for statement in statements():
        # IF NOT EXISTS looks before it leaps: who migrates at the same moment may still come first.
        with suppress(Conflict):
            await database.write(statement)
    await database.write(AWAIT_INDEXES)
    await database.write(SET_VERSION, version=VERSION)
