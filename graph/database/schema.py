"""Brings a database to the schema of this version: the migrations, and one index per kind."""

import logging
from typing import LiteralString, cast

from graph.database.driver import Database
from graph.database.migrations import MIGRATIONS, ddl
from graph.errors import GraphError
from graph.model import Kind
from graph.queries import Query, load

log = logging.getLogger("glan")

VERSION = MIGRATIONS[-1].number

OF_KIND = load("schema.kind_name")
CURRENT = load("schema.version")
SET_VERSION = load("schema.set_version")
SET_KINDS = load("schema.set_kinds")


def for_kind(template: Query, kind: Kind) -> Query:
    """`template` with KIND replaced; a label cannot be a parameter of a schema statement."""
    # Kinds come from graph/model.py, not from input, so the text is still one that this package wrote.
    text = cast(LiteralString, template.text.replace("KIND", kind.value))
    return Query(f"{template.name}.{kind}", text, template.meaning, template.access, {}, {})


async def migrate(database: Database) -> None:
    """Runs the missing migrations; raises GraphError if the database has a newer schema.

    Idempotent, and safe if several processes do it at once. A migration that was interrupted is continued by
    the next process that opens the database.
    """
    [found] = await database.read(CURRENT)
    version: int = found["version"] or 0
    if version > VERSION:
        raise GraphError(f"the database has schema {version}, this glan knows {VERSION}; upgrade glan")
    kinds = sorted(Kind)
    if version == VERSION and found["kinds"] == kinds:
        return
    for migration in MIGRATIONS:
        if migration.number > version:
            if version:
                log.info("schema %d: %s", migration.number, migration.meaning)
            for step in migration.steps:
                await step(database)
            await database.write(SET_VERSION, version=migration.number)
    await ddl(*(for_kind(OF_KIND, kind) for kind in kinds))(database)
    await database.write(SET_KINDS, kinds=kinds)
