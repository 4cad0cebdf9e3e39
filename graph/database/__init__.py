"""The one caller of the Neo4j driver: opens a database, runs named queries, tells errors apart.

What others may import is here; `schema` brings a database up to this version.
"""

from graph.database.answers import Answer, Explained, Row
from graph.database.connection import Address
from graph.database.driver import Database, Transaction, require_version
from graph.database.sealed import Sealed, seal_of

__all__ = [
    "Address",
    "Answer",
    "Database",
    "Explained",
    "Row",
    "Sealed",
    "Transaction",
    "require_version",
    "seal_of",
]
