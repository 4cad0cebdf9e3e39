"""Single nodes of the taxonomy, and all edits of them. Each edit is one transaction, with its record.

Insertion is in insertion.py, changes of values in patching.py, links and moves in links.py, retiring and
purging in removal.py, merging in merging.py; their functions are called through this module.
"""

from graph.database import Database
from graph.model import Node
from graph.taxonomy.editing import seals
from graph.taxonomy.editing.links import link, move, move_in, unlink
from graph.taxonomy.editing.locks import GET, one
from graph.taxonomy.editing.merging import merge, merge_in
from graph.taxonomy.editing.patching import patch, patch_in
from graph.taxonomy.editing.removal import purge, retire, retire_in
from graph.taxonomy.inserting.insertion import Inserted, Insertions, insert, insert_in, insert_many

__all__ = [
    "Inserted",
    "Insertions",
    "get",
    "insert",
    "insert_in",
    "insert_many",
    "link",
    "merge",
    "merge_in",
    "move",
    "move_in",
    "patch",
    "patch_in",
    "purge",
    "retire",
    "retire_in",
    "unlink",
]


async def get(database: Database, node_id: str) -> Node:
    """One node; raises NoNode."""
    return one(await seals.NODES.read(database, GET, id=node_id), node_id)
