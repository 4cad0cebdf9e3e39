"""Fills a Collection from the graph."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from graph.database import Database
from graph.model import Kind
from graph.taxonomy import nodes
from graph.taxonomy.walking import outward, traversal
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.options import ExportOptions

FRONT = 1_000
BATCH = 500
STAGING = "staging"


@asynccontextmanager
async def collected(
    database: Database, node_id: str, options: ExportOptions, home: Path
) -> AsyncGenerator[Collection]:
    """A node and what is exported below it, with the taxonomies that it is in.

    `home`: the folder in which it is kept until the end. Raises NotFound, or Invalid if nothing of the node
    is exported.
    """
    root = await nodes.get(database, node_id)
    kinds = options.kinds(root.kind)
    with Collection(home / STAGING, options.base) as found:
        found.begin(root.id, root.kind)
        await _walk(database, found, kinds, options)
        if root.kind is not Kind.Taxonomy:
            above = await traversal.ancestors(database, root.id, kind=Kind.Taxonomy, limit=100)
            for taxonomy in above.items:
                found.begin(taxonomy.id, taxonomy.kind)
        while ids := await asyncio.to_thread(found.unread, BATCH):
            rows = await outward.nodes(database, ids, options.statuses)
            await asyncio.to_thread(found.add, rows)
        await asyncio.to_thread(found.settle)
        yield found


async def _walk(database: Database, found: Collection, kinds: list[Kind], options: ExportOptions) -> None:
    above = sorted({parent for kind in kinds for parent in kind.parents})
    if not above:
        return
    while ids := await asyncio.to_thread(found.unwalked, above, FRONT):
        async for links in outward.links(database, ids, kinds, options.statuses):
            await asyncio.to_thread(found.link, links)
